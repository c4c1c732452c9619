// SPDX-License-Identifier: GPL-2.0
/*
 * procfs.c - knows what /proc and /sys tell without the module, on this machine or in a saved tree.
 *
 * The reports have the module's form, so that every command works on them, and are partial: their
 * state line says what only the module can see. Figures that /proc tells wrong by nature carry "~":
 * /proc/slabinfo calls objects active that lie free on a CPU, Percpu includes the first chunk.
 */
#include "procfs.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** CALLERS - callers of vmalloc that are told apart; the areas of more are one record */
#define CALLERS	2048

static char *slurp(const char *root, const char *path)
{
	char whole[PATH_MAX];
	size_t bytes;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	return snapshot_slurp(whole, &bytes);
}

/* The number after "key" at the beginning of a line, or -1. */
static long long value_of(const char *text, const char *key)
{
	size_t length = strlen(key);

	while (text && *text) {
		if (!strncmp(text, key, length) && (text[length] == ':' || text[length] == ' '))
			return strtoll(text + length + 1, NULL, 10);
		text = strchr(text, '\n');
		text += !!text;
	}
	return -1;
}

/* Pages on the per-CPU free lists: the "count:" lines of /proc/zoneinfo. */
static long long pcp_pages(const char *zoneinfo)
{
	long long pages = 0;
	const char *at = zoneinfo;

	if (!zoneinfo)
		return -1;
	while ((at = strstr(at, "count:"))) {
		at += strlen("count:");
		pages += strtoll(at, NULL, 10);
	}
	return pages;
}

/*
 * struct books - the ledger while it is written
 * @out: its text
 * @rest: what is not yet in an account, in kB
 */
struct books {
	FILE *out;
	long long rest;
};

static void enter(struct books *books, const char *name, long long kB, bool estimate)
{
	if (kB < 0) {
		fprintf(books->out, "%s: -\n", name);
		return;
	}
	fprintf(books->out, "%s: %s%lld kB\n", name, estimate ? "~" : "", kB);
	books->rest -= kB;
}

/* A sum of figures of which the first must be there. */
static long long sum(long long first, long long second)
{
	return first < 0 ? -1 : first + (second > 0 ? second : 0);
}

static long long scaled(long long pages, long long page_kB)
{
	return pages < 0 ? -1 : pages * page_kB;
}

static bool write_ledger(FILE *out, const char *root)
{
	char *meminfo = slurp(root, "/proc/meminfo");
	char *vmstat = slurp(root, "/proc/vmstat");
	char *zoneinfo = slurp(root, "/proc/zoneinfo");
	long long page_kB = *root ? 4 : sysconf(_SC_PAGESIZE) / 1024;
	long long total = value_of(meminfo, "MemTotal");
	struct books books = { .out = out, .rest = total };
	long long reclaimable = value_of(meminfo, "SReclaimable");

	if (total >= 0) {
		fprintf(out, "# memtriage ledger version 1\n"
			"# state: partial: without the module: Balloon and Gpu are not told, so "
			"inside Ghost; Percpu includes the first chunk; rows 21; dropped 0; "
			"took 0 us\n"
			"# <account>: <kB>\n"
			"Total: %lld kB\n", total);
		enter(&books, "Free", value_of(meminfo, "MemFree"), false);
		enter(&books, "FreePcp", scaled(pcp_pages(zoneinfo), page_kB), false);
		enter(&books, "LruAnon", sum(value_of(meminfo, "Active(anon)"),
					     value_of(meminfo, "Inactive(anon)")), false);
		enter(&books, "LruFile", sum(value_of(meminfo, "Active(file)"),
					     value_of(meminfo, "Inactive(file)")), false);
		enter(&books, "Unevictable", value_of(meminfo, "Unevictable"), false);
		enter(&books, "Isolated", scaled(sum(value_of(vmstat, "nr_isolated_anon"),
						     value_of(vmstat, "nr_isolated_file")),
						 page_kB), false);
		enter(&books, "SlabReclaimable", reclaimable, false);
		enter(&books, "SlabUnreclaimable", value_of(meminfo, "SUnreclaim"), false);
		enter(&books, "KernelMisc",
		      scaled(value_of(vmstat, "nr_kernel_misc_reclaimable"), page_kB), false);
		enter(&books, "Vmalloc", value_of(meminfo, "VmallocUsed"), false);
		enter(&books, "KernelStack", -1, false);
		enter(&books, "Percpu", value_of(meminfo, "Percpu"), true);
		enter(&books, "PageTables", value_of(meminfo, "PageTables"), false);
		enter(&books, "SecPageTables", value_of(meminfo, "SecPageTables"), false);
		enter(&books, "Hugetlb", value_of(meminfo, "Hugetlb"), false);
		enter(&books, "Zspages", scaled(value_of(vmstat, "nr_zspages"), page_kB), false);
		enter(&books, "Writeback", sum(value_of(meminfo, "WritebackTmp"),
					       value_of(meminfo, "Bounce")), false);
		enter(&books, "HwPoison", value_of(meminfo, "HardwareCorrupted"), false);
		enter(&books, "Memmap", scaled(value_of(vmstat, "nr_memmap_pages"), page_kB),
		      false);
		enter(&books, "Balloon", -1, false);
		enter(&books, "Gpu", -1, false);
		fprintf(out, "Ghost: ~%lld kB\n", books.rest);
	}
	free(meminfo);
	free(vmstat);
	free(zoneinfo);
	return total >= 0;
}

/*
 * struct link - an alias: a link in /sys/kernel/slab
 * @name: the name that a kmem_cache_create() asked for
 * @target: the directory of the cache
 */
struct link {
	char name[64];
	char target[64];
};

struct links {
	struct link *links;
	size_t nr;
};

static void read_links(struct links *links, const char *root)
{
	char path[PATH_MAX];
	struct dirent *entry;
	size_t room = 0;
	DIR *directory;

	snprintf(path, sizeof(path), "%s/sys/kernel/slab", root);
	directory = opendir(path);
	while (directory && (entry = readdir(directory))) {
		char target[PATH_MAX];
		struct link *link;
		ssize_t length = readlinkat(dirfd(directory), entry->d_name, target,
					    sizeof(target) - 1);

		if (length < 0)
			continue;
		target[length] = '\0';
		if (links->nr == room) {
			size_t more = room ? room * 2 : 256;
			struct link *grown = realloc(links->links, more * sizeof(*grown));

			if (!grown)
				break;
			links->links = grown;
			room = more;
		}
		link = &links->links[links->nr++];
		snprintf(link->name, sizeof(link->name), "%.63s", entry->d_name);
		snprintf(link->target, sizeof(link->target), "%.63s",
			 strrchr(target, '/') ? strrchr(target, '/') + 1 : target);
	}
	if (directory)
		closedir(directory);
}

/* The directory that a cache of this name has: the target of its own link, else its name. */
static const char *directory_of(const struct links *links, const char *name)
{
	size_t i;

	for (i = 0; i < links->nr; i++) {
		if (!strcmp(links->links[i].name, name))
			return links->links[i].target;
	}
	return name;
}

static bool write_slab(FILE *out, const char *root)
{
	char *slabinfo = slurp(root, "/proc/slabinfo");
	long long page_kB = *root ? 4 : sysconf(_SC_PAGESIZE) / 1024;
	struct links links = { };
	char *rest = slabinfo;
	char *line;

	if (!slabinfo || strncmp(slabinfo, "slabinfo - version: 2", 21)) {
		free(slabinfo);
		return false;
	}
	read_links(&links, root);
	fprintf(out, "# memtriage slab version 1\n"
		"# state: partial: without the module: /proc/slabinfo calls free objects active, "
		"and who uses a cache is not told; rows 0; dropped 0; took 0 us\n"
		"# <kB> <objects> <active> <object_size> <size> <slabs> <order> <reclaim> <users> "
		"<names>\n");
	while ((line = strsep(&rest, "\n"))) {
		unsigned long long active, objects, size, per_slab, pages, slabs;
		const char *directory;
		char name[64];
		size_t i;

		if (sscanf(line, "%63s %llu %llu %llu %llu %llu : tunables %*u %*u %*u : "
			   "slabdata %*u %llu", name, &active, &objects, &size, &per_slab, &pages,
			   &slabs) != 7)
			continue;
		fprintf(out, "%llu %llu ~%llu - %llu %llu - - - %s",
			slabs * pages * page_kB, objects, active, size, slabs, name);
		directory = directory_of(&links, name);
		for (i = 0; i < links.nr; i++) {
			if (!strcmp(links.links[i].target, directory) &&
			    strcmp(links.links[i].name, name))
				fprintf(out, ",%s", links.links[i].name);
		}
		fputs("\n", out);
	}
	free(links.links);
	free(slabinfo);
	return true;
}

/*
 * struct caller - the areas of one caller of vmalloc
 * @name: the function
 * @kind: "vmalloc", "ioremap", ...
 */
struct caller {
	char name[96];
	const char *kind;
	unsigned long long bytes;
	unsigned long long pages;
	unsigned long long areas;
};

static const char *const area_kinds[] = { "vmalloc", "ioremap", "vmap", "user" };

static struct caller *caller_of(struct caller *callers, size_t *nr, const char *name,
				const char *kind)
{
	size_t i;

	for (i = 0; i < *nr; i++) {
		if (callers[i].kind == kind && !strcmp(callers[i].name, name))
			return &callers[i];
	}
	if (*nr == CALLERS) {
		snprintf(callers[CALLERS - 1].name, sizeof(callers[0].name), "(more callers)");
		return &callers[CALLERS - 1];
	}
	snprintf(callers[*nr].name, sizeof(callers[0].name), "%s", name);
	callers[*nr].kind = kind;
	return &callers[(*nr)++];
}

static bool write_vmalloc(FILE *out, const char *root)
{
	char *vmallocinfo = slurp(root, "/proc/vmallocinfo");
	long long page_kB = *root ? 4 : sysconf(_SC_PAGESIZE) / 1024;
	struct caller *callers = calloc(CALLERS, sizeof(*callers));
	char *rest = vmallocinfo;
	size_t nr = 0, i;
	char *line;

	if (!vmallocinfo || !callers) {
		free(vmallocinfo);
		free(callers);
		return false;
	}
	while ((line = strsep(&rest, "\n"))) {
		const char *kind = "other", *pages = strstr(line, " pages=");
		unsigned long long bytes;
		struct caller *caller;
		char name[96];

		if (sscanf(line, "%*s %llu %95s", &bytes, name) != 2)
			continue;
		name[strcspn(name, "/")] = '\0';
		for (i = 0; i < sizeof(area_kinds) / sizeof(*area_kinds); i++) {
			const char *flag = strstr(line, area_kinds[i]);

			if (flag && flag[-1] == ' ')
				kind = area_kinds[i];
		}
		caller = caller_of(callers, &nr, name, kind);
		caller->bytes += bytes;
		caller->pages += pages ? strtoull(pages + strlen(" pages="), NULL, 10) : 0;
		caller->areas++;
	}
	fprintf(out, "# memtriage vmalloc version 1\n"
		"# state: partial: without the module: stacks, modules and percpu areas are not "
		"told apart; rows %zu; dropped 0; took 0 us\n"
		"# <kB> <pages_kB> <areas> <kind> <module> <caller>\n", nr);
	for (i = 0; i < nr; i++)
		fprintf(out, "%llu %llu %llu %s - %s\n", callers[i].bytes / 1024,
			callers[i].pages * page_kB, callers[i].areas, callers[i].kind,
			callers[i].name);
	free(callers);
	free(vmallocinfo);
	return true;
}

static void add(struct snapshot *snapshot, const char *root, const char *source,
		bool (*write)(FILE *out, const char *root))
{
	const char *fault = "cannot be read (as root?)";
	struct report *report = NULL;
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	bool written = out && write(out, root);

	if (out && fclose(out))
		written = false;
	if (written)
		report = report_parse(text, bytes, &fault);
	free(text);
	if (report)
		snapshot_add(snapshot, report);
	else
		snapshot_fault(snapshot, "%s%s %s", root, source, fault);
}

static void read_word(char *word, size_t size, const char *root, const char *path)
{
	char *text = slurp(root, path);

	if (text) {
		text[strcspn(text, "\n")] = '\0';
		snprintf(word, size, "%.*s", (int)size - 1, text);
	}
	free(text);
}

/**
 * procfs_read() - read what userspace can see
 * @root: "" for this machine, or a directory that has a saved proc/ and perhaps sys/ in it
 *
 * Return: the snapshot, for snapshot_free(); NULL without memory or without proc/meminfo in @root.
 */
struct snapshot *procfs_read(const char *root)
{
	struct snapshot *snapshot = snapshot_new();

	if (!snapshot)
		return NULL;
	snprintf(snapshot->source, sizeof(snapshot->source), "%.200s/proc, without the module",
		 root);
	if (*root) {
		*snapshot->kernel = '\0';
		*snapshot->host = '\0';
		snapshot->uptime = -1;
		read_word(snapshot->kernel, sizeof(snapshot->kernel), root,
			  "/proc/sys/kernel/osrelease");
		read_word(snapshot->host, sizeof(snapshot->host), root,
			  "/proc/sys/kernel/hostname");
	}
	add(snapshot, root, "/proc/meminfo", write_ledger);
	if (!snapshot->nr_reports) {
		snapshot_free(snapshot);
		return NULL;
	}
	add(snapshot, root, "/proc/slabinfo", write_slab);
	add(snapshot, root, "/proc/vmallocinfo", write_vmalloc);
	add(snapshot, root, "/proc/net", procnet_write_sockets);
	return snapshot;
}
