// SPDX-License-Identifier: GPL-2.0
/*
 * The slab report: the caches are the kernel's, with every name they were asked
 * for under; active is what is allocated, to the object; the pages are those of
 * sysfs, to the page.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "plant.h"
#include "report.h"

#define SLAB_DIR	"/sys/kernel/slab"
#define LARGE		"(large kmalloc)"
#define TRIES		60
/* What others have just begun is over by then. */
#define PAUSE_US	50000
#define PAGE_KB		4
/* A size that no cache of any kernel has: the plants merge with each other. */
#define LONELY_BYTES	1608

FIXTURE(slab) {
	/* KASAN keeps freed objects in a quarantine until a shrink. */
	bool quarantine;
	/* Booted so that nothing is merged. */
	bool unmerged;
};

FIXTURE_SETUP(slab)
{
	char link[16];

	load_modules(_metadata);
	/* All of it, whatever the bound is. */
	ASSERT_EQ(0, module_reload("rows=4096"));
	self->quarantine = oracle_has_symbol("kasan_quarantine_put");
	self->unmerged = readlink(SLAB_DIR "/TSPacket", link, sizeof(link)) < 0;
	oracle_settle();
}

FIXTURE_TEARDOWN(slab)
{
	unload_modules(_metadata);
}

static void root_name(const struct report *report, int record, char *name,
		      size_t bytes)
{
	snprintf(name, bytes, "%s", report_text(report, record, "names"));
	name[strcspn(name, ",")] = '\0';
}

static bool is_cache(const struct report *report, int record)
{
	return *report_text(report, record, "names") != '(';
}

/* One cell of the record that has this cache's name. */
static long long cache_now(struct __test_metadata *_metadata, const char *name,
			   const char *column)
{
	struct report *report;
	long long number;
	int record;

	report = read_report(_metadata, "slab");
	record = report_find_name(report, name);
	ASSERT_LE(0, record) {
		TH_LOG("no cache has the name %s", name);
	}
	number = report_number(report, record, column);
	ASSERT_NE(NO_NUMBER, number) {
		TH_LOG("%s of %s is unknown", column, name);
	}
	report_free(report);
	return number;
}

static bool is_listed(struct __test_metadata *_metadata, const char *name)
{
	struct report *report;
	bool listed;

	report = read_report(_metadata, "slab");
	listed = report_find_name(report, name) >= 0;
	report_free(report);
	return listed;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char **)a, *(char **)b);
}

/* The names in /proc/slabinfo, sorted. */
static int slabinfo_names(char *names[], int max)
{
	static char *text;
	size_t bytes;
	char *line;
	char *rest;
	int nr = 0;

	free(text);
	text = report_slurp("/proc/slabinfo", &bytes);
	rest = text;
	while (text && (line = strsep(&rest, "\n"))) {
		if (!*line || *line == '#' || !strncmp(line, "slabinfo ", 9))
			continue;
		line[strcspn(line, " ")] = '\0';
		if (nr < max)
			names[nr++] = line;
	}
	qsort(names, nr, sizeof(*names), compare_names);
	return nr;
}

TEST_F(slab, caches_are_those_of_slabinfo)
{
	static char *expected[4096];
	static char *seen[4096];
	struct report *report;
	int nr_expected;
	int nr_seen = 0;
	int e = 0;
	int s = 0;
	int i;

	report = read_report(_metadata, "slab");
	EXPECT_STREQ("ok", report->state) {
		TH_LOG("%s", report->reason);
	}
	ASSERT_EQ(0, report->nr_dropped);
	for (i = 0; i < report->nr_records; i++) {
		char name[128];

		if (!is_cache(report, i))
			continue;
		root_name(report, i, name, sizeof(name));
		seen[nr_seen++] = strdup(name);
	}
	qsort(seen, nr_seen, sizeof(*seen), compare_names);
	nr_expected = slabinfo_names(expected, ARRAY_SIZE(expected));
	ASSERT_GT(nr_expected, 50);
	EXPECT_EQ(nr_expected, nr_seen);
	while (e < nr_expected || s < nr_seen) {
		int order = e == nr_expected ? 1 : s == nr_seen ? -1 :
			strcmp(expected[e], seen[s]);

		EXPECT_EQ(0, order) {
			TH_LOG("%s", order < 0 ? expected[e] : seen[s]);
		}
		e += order <= 0;
		s += order >= 0;
	}
	report_free(report);
}

/*
 * Links that dangle after a destroyed cache look like those of a later cache of
 * the same size; the names that these tests create and destroy are left out.
 */
static bool may_dangle(const char *name)
{
	return !strncmp(name, "plant_", 6) || !strcmp(name, "TSPacket");
}

TEST_F(slab, aliases_are_the_links_of_sysfs)
{
	struct report *report;
	struct dirent *entry;
	int nr_links = 0;
	int nr_names = 0;
	DIR *dir;
	int i;

	report = read_report(_metadata, "slab");

	/* Each link is a name of the cache it leads to. */
	dir = opendir(SLAB_DIR);
	ASSERT_NE(NULL, dir);
	while ((entry = readdir(dir))) {
		char target[128];
		char root[128];
		char its[128];
		int record;

		if (entry->d_type != DT_LNK || may_dangle(entry->d_name))
			continue;
		ASSERT_TRUE(oracle_slab_dir(entry->d_name, target,
					    sizeof(target)));
		nr_links++;
		record = report_find_name(report, entry->d_name);
		EXPECT_LE(0, record) {
			TH_LOG("the link %s is missing", entry->d_name);
		}
		if (record < 0)
			continue;
		root_name(report, record, root, sizeof(root));
		if (may_dangle(root))
			continue;
		ASSERT_TRUE(oracle_slab_dir(root, its, sizeof(its)));
		EXPECT_STREQ(target, its) {
			TH_LOG("%s is a name of %s", entry->d_name, root);
		}
	}
	closedir(dir);

	/* And each name is such a link, or a directory of its own. */
	for (i = 0; i < report->nr_records; i++) {
		char names[2048];
		char *rest = names;
		char *name;

		if (!is_cache(report, i))
			continue;
		snprintf(names, sizeof(names), "%s",
			 report_text(report, i, "names"));
		while ((name = strsep(&rest, ","))) {
			char path[256];
			char link[128];

			name += strspn(name, " ");
			snprintf(path, sizeof(path), SLAB_DIR "/%s", name);
			EXPECT_EQ(0, access(path, F_OK)) {
				TH_LOG("sysfs has no %s", name);
			}
			if (!may_dangle(name) &&
			    readlink(path, link, sizeof(link)) > 0)
				nr_names++;
		}
	}
	EXPECT_EQ(nr_links, nr_names);
	report_free(report);
}

static const struct {
	const char *flags;
	int bytes;
} flavours[] = {
	{ "ctor", 16 },
	{ "ctor", 72 },
	{ "ctor", 112 },
	{ "ctor", 1000 },
	{ "ctor", 4096 },
	{ "ctor", 8192 },
	{ "ctor hwalign", 200 },
	{ "ctor reclaim", 136 },
	{ "typesafe", 320 },
	{ "usercopy", 512 },
};

/* What is planted, what the report says, and that it says it exactly. */
static void expect_active(struct __test_metadata *_metadata, const char *name,
			  const char *when)
{
	struct report *report;
	char key[64];
	long long active = -1;
	bool exact = false;
	int record;

	report = read_report(_metadata, "slab");
	record = report_find_name(report, name);
	if (record >= 0) {
		active = report_number(report, record, "active");
		exact = report_is_exact(report, record, "active");
	}
	report_free(report);
	snprintf(key, sizeof(key), "%s.objects", name);
	EXPECT_EQ(plant_truth("caches", key), active) {
		TH_LOG("%s, %s", name, when);
	}
	EXPECT_TRUE(exact) {
		TH_LOG("%s, %s: not exact", name, when);
	}
}

TEST_F(slab, active_is_exact_in_a_cache_of_its_own)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flavours); i++) {
		static const struct {
			const char *command;
			const char *rest;
		} steps[] = {
			{ "alloc", "1" },
			{ "alloc", "999" },
			{ "free", "every 2" },
			{ "free", "every 7" },
			{ "alloc", "500 cpu 0" },
			{ "free", "every 3 cpu 1" },
			{ "alloc", "77 cpu 1" },
			{ "free", "every 5 cpu 0" },
			{ "shrink", "" },
			{ "alloc", "2000" },
			{ "freeall", "" },
		};
		char name[32];
		size_t step;

		snprintf(name, sizeof(name), "plant_own_%zu", i);
		ASSERT_EQ(0, plant("caches", "create %s %d %s", name,
				   flavours[i].bytes, flavours[i].flags));
		EXPECT_EQ(flavours[i].bytes,
			  cache_now(_metadata, name, "object_size"));
		EXPECT_EQ(1, cache_now(_metadata, name, "users"));
		for (step = 0; step < ARRAY_SIZE(steps); step++) {
			char when[64];

			if (oracle_cpus() < 2 &&
			    strstr(steps[step].rest, "cpu 1"))
				continue;
			snprintf(when, sizeof(when), "%s %s",
				 steps[step].command, steps[step].rest);
			ASSERT_EQ(0, plant("caches", "%s %s %s",
					   steps[step].command, name,
					   steps[step].rest));
			if (self->quarantine)
				plant("caches", "shrink %s", name);
			expect_active(_metadata, name, when);
		}
		ASSERT_EQ(0, plant("caches", "destroy %s", name));
		EXPECT_FALSE(is_listed(_metadata, name));
	}
}

/*
 * The published incident. Others use this merged cache too (on some kernels
 * vmap_area is one of its names, and those are freed lazily), which one per
 * cent allows for.
 */
TEST_F(slab, packets_show_in_their_merged_cache)
{
	const long long nr = 5000;
	long long before = cache_now(_metadata, "TSPacket", "active");
	long long moved;
	long long back;

	ASSERT_EQ(0, plant("packets", "%lld", nr));
	moved = cache_now(_metadata, "TSPacket", "active") - before;
	ASSERT_EQ(0, plant("packets", "0"));
	if (self->quarantine)
		ASSERT_EQ(0, plant("packets", "shrink"));
	back = cache_now(_metadata, "TSPacket", "active") - before;
	EXPECT_LE(llabs(moved - nr), nr / 100) {
		TH_LOG("moved by %lld", moved);
	}
	EXPECT_LE(llabs(back), nr / 100) {
		TH_LOG("moved by %lld, then by %lld", moved, back);
	}
}

TEST_F(slab, packet_data_are_in_kmalloc_2k)
{
	const long long nr = 5000;
	/* what a report took for itself may still be in quarantine */
	const long long others = self->quarantine ? nr / 20 : nr / 100;
	long long moved = 0;
	int i;

	/* A kernel may spread kmalloc over several caches of a size. */
	for (i = 0; i < 2; i++) {
		struct report *report;
		int record;

		moved = -moved;
		ASSERT_EQ(0, plant("packets", "%lld", i * nr));
		report = read_report(_metadata, "slab");
		for (record = 0; record < report->nr_records; record++) {
			const char *names = report_text(report, record, "names");

			if (strncmp(names, "kmalloc-", 8) || !strstr(names, "2k"))
				continue;
			moved += report_number(report, record, "active");
		}
		report_free(report);
	}
	/* Others take and return some buffers of this size meanwhile. */
	EXPECT_LE(llabs(moved - nr), others) {
		TH_LOG("kmalloc-2k moved by %lld for %lld packets", moved, nr);
	}
}

/* A cache that merges only with the other plants of its size. */
TEST_F(slab, names_and_users_of_a_merged_cache)
{
	struct report *report;
	char root[128];
	int record;

	if (self->unmerged)
		SKIP(return, "this kernel merges no caches");
	ASSERT_EQ(0, plant("caches", "create plant_a %d merge", LONELY_BYTES));
	ASSERT_EQ(0, plant("caches", "create plant_b %d merge", LONELY_BYTES));
	ASSERT_EQ(0, plant("caches", "create plant_c %d merge",
			   LONELY_BYTES - 2));
	ASSERT_EQ(0, plant("caches", "alloc plant_b 300"));
	ASSERT_EQ(0, plant("caches", "alloc plant_c 21"));

	report = read_report(_metadata, "slab");
	record = report_find_name(report, "plant_a");
	ASSERT_LE(0, record);
	root_name(report, record, root, sizeof(root));
	EXPECT_STREQ("plant_a", root);
	EXPECT_EQ(record, report_find_name(report, "plant_b"));
	EXPECT_EQ(record, report_find_name(report, "plant_c"));
	EXPECT_EQ(3, report_number(report, record, "users"));
	EXPECT_EQ(321, report_number(report, record, "active"));
	/* The largest of them: the allocator raises it with each alias. */
	EXPECT_EQ(LONELY_BYTES, report_number(report, record, "object_size"));
	EXPECT_EQ(NULL, report_comment(report, "plant_a"));
	report_free(report);

	/* Objects of all its users are objects of the one cache. */
	ASSERT_EQ(0, plant("caches", "alloc plant_a 1000 cpu 0"));
	EXPECT_EQ(1321, cache_now(_metadata, "plant_c", "active"));
	ASSERT_EQ(0, plant("caches", "free plant_a every 3"));
	EXPECT_EQ(988, cache_now(_metadata, "plant_b", "active"));
	ASSERT_EQ(0, plant("caches", "freeall plant_a"));
	EXPECT_EQ(321, cache_now(_metadata, "plant_a", "active"));

	/* A destroyed alias leaves its name, which is then one too many. */
	ASSERT_EQ(0, plant("caches", "freeall plant_b"));
	ASSERT_EQ(0, plant("caches", "destroy plant_b"));
	report = read_report(_metadata, "slab");
	record = report_find_name(report, "plant_a");
	ASSERT_LE(0, record);
	EXPECT_EQ(2, report_number(report, record, "users"));
	EXPECT_EQ(21, report_number(report, record, "active"));
	EXPECT_NE(NULL, report_comment(report, "plant_a")) {
		TH_LOG("3 names, 2 users, and no comment says so");
	}
	report_free(report);

	/* So does the root, whose name the cache keeps. */
	ASSERT_EQ(0, plant("caches", "destroy plant_a"));
	EXPECT_EQ(1, cache_now(_metadata, "plant_c", "users"));
	EXPECT_EQ(21, cache_now(_metadata, "plant_c", "active"));

	/* With the last user the cache goes; all three links dangle. */
	ASSERT_EQ(0, plant("caches", "freeall plant_c"));
	ASSERT_EQ(0, plant("caches", "destroy plant_c"));
	EXPECT_FALSE(is_listed(_metadata, "plant_a"));
	EXPECT_FALSE(is_listed(_metadata, "plant_b"));
	EXPECT_FALSE(is_listed(_metadata, "plant_c"));

	/* And a new cache of the same size does not inherit them. */
	ASSERT_EQ(0, plant("caches", "create plant_d %d merge", LONELY_BYTES));
	EXPECT_EQ(1, cache_now(_metadata, "plant_d", "users"));
	EXPECT_FALSE(is_listed(_metadata, "plant_a"));
	EXPECT_FALSE(is_listed(_metadata, "plant_b"));
	EXPECT_FALSE(is_listed(_metadata, "plant_c"));
	report = read_report(_metadata, "slab");
	record = report_find_name(report, "plant_d");
	ASSERT_LE(0, record);
	EXPECT_STREQ("plant_d", report_text(report, record, "names"));
	report_free(report);
	ASSERT_EQ(0, plant("caches", "destroy plant_d"));
}

/* The links of 50 destroyed caches of one size all dangle. */
TEST_F(slab, many_dangling_links)
{
	int i;

	for (i = 0; i < 50; i++) {
		ASSERT_EQ(0, plant("caches", "create plant_x%d %d merge", i,
				   LONELY_BYTES));
		ASSERT_EQ(0, plant("caches", "destroy plant_x%d", i));
	}
	for (i = 0; i < 50; i++) {
		char name[32];

		snprintf(name, sizeof(name), "plant_x%d", i);
		EXPECT_FALSE(is_listed(_metadata, name)) {
			TH_LOG("%s was destroyed", name);
		}
	}
}

static const struct {
	const char *column;
	const char *attribute;
} attributes[] = {
	{ "slabs", "slabs" },
	{ "objects", "total_objects" },
	{ "object_size", "object_size" },
	{ "size", "slab_size" },
	{ "order", "order" },
};

static bool attribute_agrees(const struct report *report, int record,
			     size_t a, const char *dir)
{
	return report_number(report, record, attributes[a].column) ==
	       oracle_slab_cache(dir, attributes[a].attribute);
}

/*
 * Pages are slabs times their order; fewer where some slabs were made smaller,
 * for want of memory of that order, and then hold fewer objects.
 */
static bool weight_agrees(const struct report *report, int record,
			  const char *dir)
{
	long long order = report_number(report, record, "order");
	long long slabs = report_number(report, record, "slabs");
	long long kb = report_number(report, record, "kB");
	long long full = (slabs << order) * PAGE_KB;

	if (report_number(report, record, "objects") ==
	    slabs * oracle_slab_cache(dir, "objs_per_slab"))
		return kb == full && report_is_exact(report, record, "kB");
	return kb < full && kb >= slabs * PAGE_KB;
}

/* sysfs counts the users beyond the first; a cache never to be merged has -1. */
static bool users_agree(long long users, long long aliases)
{
	return users < 0 ? users == -1 && !aliases : users == aliases + 1;
}

static bool cache_agrees(const struct report *report, int record,
			 const char *dir)
{
	bool agrees = weight_agrees(report, record, dir);
	size_t a;

	for (a = 0; a < ARRAY_SIZE(attributes); a++)
		agrees &= attribute_agrees(report, record, a, dir);
	return agrees & users_agree(report_number(report, record, "users"),
				    oracle_slab_cache(dir, "aliases"));
}

/*
 * Slabs come and go between the two reads, and the reads of a thousand files
 * need some themselves: a cache that does not agree is read again, alone.
 */
TEST_F(slab, sizes_are_those_of_sysfs)
{
	struct report *all = read_report(_metadata, "slab");
	int i;

	for (i = 0; i < all->nr_records; i++) {
		bool agrees = false;
		char said[128] = "";
		char root[128];
		char dir[128];
		int try;

		root_name(all, i, root, sizeof(root));
		if (!is_cache(all, i) ||
		    !oracle_slab_dir(root, dir, sizeof(dir)) ||
		    cache_agrees(all, i, dir))
			continue;
		for (try = 0; try < TRIES && !agrees; try++) {
			struct report *report = read_report(_metadata, "slab");
			int record = report_find_name(report, root);

			agrees = record >= 0 &&
				cache_agrees(report, record, dir);
			snprintf(said, sizeof(said),
				 "%s kB, %s slabs, %s objects",
				 report_text(report, record, "kB"),
				 report_text(report, record, "slabs"),
				 report_text(report, record, "objects"));
			report_free(report);
		}
		EXPECT_TRUE(agrees) {
			TH_LOG("%s is not as sysfs says: %s", root, said);
		}
	}
	report_free(all);
}

TEST_F(slab, active_is_at_most_objects)
{
	struct report *report;
	int i;

	report = read_report(_metadata, "slab");
	for (i = 0; i < report->nr_records; i++) {
		if (!is_cache(report, i))
			continue;
		EXPECT_GE(report_number(report, i, "objects"),
			  report_number(report, i, "active"));
		EXPECT_LE(0, report_number(report, i, "active"));
		EXPECT_GE(report_number(report, i, "size"),
			  report_number(report, i, "object_size"));
	}
	report_free(report);
}

static long long large_now(struct __test_metadata *_metadata)
{
	struct report *report;
	long long kb = 0;
	int record;

	oracle_settle();
	report = read_report(_metadata, "slab");
	record = report_find(report, "names", LARGE);
	if (record >= 0)
		kb = report_number(report, record, "kB");
	report_free(report);
	return kb;
}

TEST_F(slab, large_kmalloc_moves_exactly)
{
	const long long leak_kb = 32 * 1024;
	bool exact = false;
	long long moved = 0;
	long long back = 0;
	int try;

	for (try = 0; try < TRIES && !exact; try++) {
		long long before = large_now(_metadata);

		ASSERT_EQ(0, plant("large", "65536 512"));
		moved = large_now(_metadata) - before;
		ASSERT_EQ(0, plant("large", "free"));
		back = large_now(_metadata) - before;
		exact = moved == leak_kb && !back;
	}
	EXPECT_TRUE(exact) {
		TH_LOG("%s moved by %lld kB, then by %lld", LARGE, moved, back);
	}
}

TEST_F(slab, total_is_meminfo_slab)
{
	long long before = 0;
	long long after = 0;
	long long sum = 0;
	bool agree = false;
	int try;

	for (try = 0; try < TRIES && !agree; try++) {
		struct report *report;

		usleep(PAUSE_US);
		oracle_settle();
		before = oracle_meminfo("Slab");
		report = read_report(_metadata, "slab");
		sum = report_sum(report, "kB");
		report_free(report);
		oracle_settle();
		after = oracle_meminfo("Slab");
		agree = sum == before && sum == after;
	}
	EXPECT_TRUE(agree) {
		TH_LOG("sum %lld kB, meminfo %lld, then %lld", sum, before,
		       after);
	}
}

TEST_F(slab, dropped_rows_keep_the_sums)
{
	struct report *all;
	struct report *few;
	long long kb_all = 0;
	long long kb_few = 0;
	bool agree = false;
	int try;

	for (try = 0; try < TRIES && !agree; try++) {
		ASSERT_EQ(0, module_set("rows", "4096"));
		all = read_report(_metadata, "slab");
		ASSERT_EQ(0, module_set("rows", "16"));
		few = read_report(_metadata, "slab");
		EXPECT_EQ(17, few->nr_records);
		EXPECT_EQ(all->nr_records, 16 + few->nr_dropped);
		kb_all = report_sum(all, "kB");
		kb_few = report_sum(few, "kB");
		agree = kb_all == kb_few &&
			report_sum(all, "slabs") == report_sum(few, "slabs") &&
			report_sum(all, "objects") ==
			report_sum(few, "objects");
		report_free(all);
		report_free(few);
	}
	EXPECT_TRUE(agree) {
		TH_LOG("%lld kB in all rows, %lld kB in 16", kb_all, kb_few);
	}
}

TEST_HARNESS_MAIN
