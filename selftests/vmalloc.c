// SPDX-License-Identifier: GPL-2.0
/*
 * The vmalloc report: its pages are VmallocUsed, to the page; each area is under
 * the function that asked for it; the kinds are told apart.
 */
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "plant.h"
#include "report.h"

#define TRIES		20
#define PAGE_KB		4
#define CALLERS_MAX	4096

FIXTURE(vmalloc) {
};

FIXTURE_SETUP(vmalloc)
{
	load_modules(_metadata);
	/* All of it, whatever the bound is. */
	ASSERT_EQ(0, module_reload("rows=4096"));
}

FIXTURE_TEARDOWN(vmalloc)
{
	unload_modules(_metadata);
}

/*
 * The report shows the areas it was itself made in, which are gone when the
 * kernel's files are read afterwards: what is memtriage's own is left out of
 * both sides.
 */
#define OWN	"[" MEMTRIAGE "]"

static bool is_own(const struct report *report, int record)
{
	return !strcmp(report_text(report, record, "module"), MEMTRIAGE);
}

/* VmallocUsed without what vmallocinfo says is ours. */
static long long vmalloc_used(void)
{
	long long kb = oracle_meminfo("VmallocUsed");
	size_t bytes;
	char *text;
	char *line;
	char *rest;

	text = report_slurp("/proc/vmallocinfo", &bytes);
	rest = text;
	while (text && (line = strsep(&rest, "\n"))) {
		char *pages = strstr(line, " pages=");

		if (pages && strstr(line, OWN))
			kb -= atoll(pages + 7) * PAGE_KB;
	}
	free(text);
	return kb;
}

TEST_F(vmalloc, pages_are_vmalloc_used)
{
	long long before = 0;
	long long after = 0;
	long long sum = 0;
	bool agree = false;
	int try;

	for (try = 0; try < TRIES && !agree; try++) {
		struct report *report;
		int i;

		oracle_settle();
		before = vmalloc_used();
		report = read_report(_metadata, "vmalloc");
		ASSERT_EQ(0, report->nr_dropped);
		sum = report_sum(report, "pages_kB");
		for (i = 0; i < report->nr_records; i++) {
			if (is_own(report, i))
				sum -= report_number(report, i, "pages_kB");
		}
		report_free(report);
		oracle_settle();
		after = vmalloc_used();
		agree = sum == before && sum == after;
	}
	EXPECT_TRUE(agree) {
		TH_LOG("sum %lld kB, meminfo %lld, then %lld", sum, before,
		       after);
	}
}

/* The one record of a function of memtriage_plant, or -1. */
static int find_plant(const struct report *report, const char *function)
{
	size_t bytes = strlen(function);
	int i;

	for (i = 0; i < report->nr_records; i++) {
		const char *caller = report_text(report, i, "caller");

		if (!strncmp(caller, function, bytes) &&
		    strchr("+ ", caller[bytes]))
			return i;
	}
	return -1;
}

TEST_F(vmalloc, planted_areas_are_under_their_function)
{
	static const struct {
		const char *command;
		const char *function;
		const char *kind;
		int areas;
		int pages;
		bool owns_pages;
	} plants[] = {
		{ "vmalloc", "plant_vmalloc_area", "vmalloc", 7, 33, true },
		{ "user", "plant_vmalloc_user_area", "user", 3, 5, true },
		{ "vmap", "plant_vmap_area", "vmap", 4, 9, false },
	};
	struct report *report;
	size_t i;

	report = read_report(_metadata, "vmalloc");
	for (i = 0; i < ARRAY_SIZE(plants); i++)
		EXPECT_EQ(-1, find_plant(report, plants[i].function));
	report_free(report);

	for (i = 0; i < ARRAY_SIZE(plants); i++)
		ASSERT_EQ(0, plant("vmalloc", "%s %d %d", plants[i].command,
				   plants[i].areas, plants[i].pages));
	report = read_report(_metadata, "vmalloc");
	for (i = 0; i < ARRAY_SIZE(plants); i++) {
		int record = find_plant(report, plants[i].function);
		int pages = plants[i].areas * plants[i].pages;

		ASSERT_LE(0, record) {
			TH_LOG("no record of %s", plants[i].function);
		}
		EXPECT_EQ(plants[i].areas,
			  report_number(report, record, "areas"));
		/* vmap() maps pages that its caller has. */
		EXPECT_EQ(plants[i].owns_pages ? pages * PAGE_KB : 0,
			  report_number(report, record, "pages_kB"));
		/* Without the guard page behind each. */
		EXPECT_EQ(pages * PAGE_KB, report_number(report, record, "kB"));
		EXPECT_STREQ(plants[i].kind,
			     report_text(report, record, "kind"));
		EXPECT_STREQ(PLANT, report_text(report, record, "module"));
	}
	report_free(report);

	ASSERT_EQ(0, plant("vmalloc", "free"));
	report = read_report(_metadata, "vmalloc");
	for (i = 0; i < ARRAY_SIZE(plants); i++)
		EXPECT_EQ(-1, find_plant(report, plants[i].function));
	report_free(report);
}

TEST_F(vmalloc, kinds_are_told_apart)
{
	static const char * const known[] = {
		"vmalloc", "vmap", "ioremap", "stack", "module", "bpf",
		"percpu", "user", "other",
	};
	static const char * const present[] = { "vmalloc", "stack", "ioremap" };
	struct report *report;
	int nr_modules = 0;
	size_t k;
	int i;

	report = read_report(_metadata, "vmalloc");
	for (i = 0; i < report->nr_records; i++) {
		const char *kind = report_text(report, i, "kind");

		for (k = 0; k < ARRAY_SIZE(known); k++) {
			if (!strcmp(kind, known[k]))
				break;
		}
		EXPECT_LT(k, ARRAY_SIZE(known)) {
			TH_LOG("no such kind: %s", kind);
		}
		nr_modules += !strcmp(kind, "module");
	}
	for (k = 0; k < ARRAY_SIZE(present); k++) {
		EXPECT_LE(0, report_find(report, "kind", present[k])) {
			TH_LOG("no area is %s", present[k]);
		}
	}
	/* Two modules are loaded: memtriage and the plant. */
	EXPECT_LT(0, nr_modules);
	report_free(report);
}

static long long pages_of_kind(struct __test_metadata *_metadata,
			       const char *kind)
{
	struct report *report = read_report(_metadata, "vmalloc");
	long long kb = 0;
	int i;

	for (i = 0; i < report->nr_records; i++) {
		if (!strcmp(report_text(report, i, "kind"), kind))
			kb += report_number(report, i, "pages_kB");
	}
	report_free(report);
	return kb;
}

#define FILTERS		400
#define FILTER_INSNS	2000
/* An addition of four bytes has five bytes of code. */
#define FILTER_CODE	(5 * FILTER_INSNS)
/* Of two nodes, the most that a guest has here: bpf_prog_pack is a huge page for each. */
#define PACK_KB		(2 * 2048)
#define MODULE_SLACK_KB	256

/*
 * In some kernels the function that asks for the memory of BPF's code is the one
 * that does so for modules.
 */
TEST_F(vmalloc, code_of_bpf_is_no_module)
{
	static struct sock_filter insns[FILTER_INSNS];
	struct sock_fprog program = { FILTER_INSNS, insns };
	long long module, bpf, all_kb;
	int fds[FILTERS];
	int i;

	if (oracle_file("/proc/sys/net/core/bpf_jit_enable") != 1)
		SKIP(return, "BPF is not compiled here");
	for (i = 0; i < FILTER_INSNS; i++)
		insns[i] = (struct sock_filter)
			BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 0x12345678);
	insns[FILTER_INSNS - 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	module = pages_of_kind(_metadata, "module");
	bpf = pages_of_kind(_metadata, "bpf");
	for (i = 0; i < FILTERS; i++) {
		fds[i] = socket(AF_UNIX, SOCK_DGRAM, 0);
		ASSERT_LE(0, fds[i]);
		ASSERT_EQ(0, setsockopt(fds[i], SOL_SOCKET, SO_ATTACH_FILTER,
					&program, sizeof(program)));
	}
	/* The code, but for room in what is there, and the programs themselves. */
	all_kb = FILTERS * (FILTER_CODE + FILTER_INSNS * 8) / 1024 - PACK_KB;
	EXPECT_LE(bpf + all_kb, pages_of_kind(_metadata, "bpf"));
	EXPECT_GE(module + MODULE_SLACK_KB,
		  pages_of_kind(_metadata, "module"));
	for (i = 0; i < FILTERS; i++)
		close(fds[i]);
}

/* Every task has one, from the function that forks. */
TEST_F(vmalloc, stacks_are_as_large_as_kernel_stacks)
{
	long long stacks = 0;
	long long counted = 0;
	struct report *report;
	int i;

	if (!oracle_has_symbol("free_vmap_stack") &&
	    !oracle_has_symbol("vm_stack_cache") &&
	    !oracle_has_symbol("cached_stacks"))
		SKIP(return, "kernel stacks are not vmalloc memory here");
	oracle_settle();
	report = read_report(_metadata, "vmalloc");
	counted = oracle_meminfo("KernelStack");
	for (i = 0; i < report->nr_records; i++) {
		if (!strcmp(report_text(report, i, "kind"), "stack"))
			stacks += report_number(report, i, "pages_kB");
	}
	report_free(report);
	/*
	 * Two freed stacks a CPU are kept for the next fork (kernel/fork.c,
	 * NR_CACHED_STACKS); the first task's is not vmalloc memory; others
	 * wait for RCU to be freed.
	 */
	EXPECT_LE(counted - 16, stacks);
	EXPECT_GE(counted + 16 * (2 * oracle_cpus() + 16), stacks) {
		TH_LOG("stacks %lld kB, KernelStack %lld kB", stacks, counted);
	}
}

struct caller {
	char name[128];
	long long pages_kb;
};

/* Adds to the entry of a function, whose name ends at '+' or a blank. */
static int add_caller(struct caller *callers, int nr, const char *name,
		      long long kb)
{
	size_t bytes = strcspn(name, "+ ");
	int i;

	for (i = 0; i < nr; i++) {
		if (strlen(callers[i].name) == bytes &&
		    !strncmp(callers[i].name, name, bytes))
			break;
	}
	if (i == nr) {
		snprintf(callers[i].name, sizeof(callers[i].name), "%.*s",
			 (int)bytes, name);
		callers[i].pages_kb = 0;
		nr++;
	}
	callers[i].pages_kb += kb;
	return nr;
}

static int vmallocinfo_callers(struct caller *callers)
{
	size_t bytes;
	char *text;
	char *line;
	char *rest;
	int nr = 0;

	text = report_slurp("/proc/vmallocinfo", &bytes);
	rest = text;
	while (text && (line = strsep(&rest, "\n"))) {
		char *pages = strstr(line, " pages=");
		char name[128];

		if (pages && nr < CALLERS_MAX && !strstr(line, OWN) &&
		    sscanf(line, "%*s %*s %127s", name) == 1)
			nr = add_caller(callers, nr, name,
					atoll(pages + 7) * PAGE_KB);
	}
	free(text);
	return nr;
}

/* Tasks come and go: the two must agree in one attempt of several. */
TEST_F(vmalloc, callers_are_those_of_vmallocinfo)
{
	static struct caller expected[CALLERS_MAX];
	static struct caller seen[CALLERS_MAX];
	const char *differs = "";
	int nr_expected;
	int nr_seen;
	int try;

	for (try = 0; try < TRIES && differs; try++) {
		struct report *report;
		int e;
		int s;
		int i;

		report = read_report(_metadata, "vmalloc");
		nr_expected = vmallocinfo_callers(expected);
		ASSERT_LT(0, nr_expected);
		nr_seen = 0;
		for (i = 0; i < report->nr_records; i++) {
			long long kb = report_number(report, i, "pages_kB");
			const char *name = report_text(report, i, "caller");

			if (kb && !is_own(report, i))
				nr_seen = add_caller(seen, nr_seen, name, kb);
		}
		report_free(report);
		differs = nr_expected == nr_seen ? NULL : "their number";
		for (e = 0; e < nr_expected && !differs; e++) {
			for (s = 0; s < nr_seen; s++) {
				if (!strcmp(expected[e].name, seen[s].name))
					break;
			}
			if (s == nr_seen ||
			    seen[s].pages_kb != expected[e].pages_kb)
				differs = expected[e].name;
		}
	}
	EXPECT_EQ(NULL, differs) {
		TH_LOG("callers differ in %s (%d expected, %d seen)", differs,
		       nr_expected, nr_seen);
	}
}

TEST_HARNESS_MAIN
