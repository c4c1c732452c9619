// SPDX-License-Identifier: GPL-2.0
/*
 * Allocated objects, one by one: what is planted is found to the object, in
 * every kind of cache, also with the machine stopped and beside caches that
 * move; and what is found agrees with the allocator's books.
 */
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
#define TRACES_DIR	"/sys/kernel/debug/slab"
#define TRIES		20
#define PAUSE_US	50000
/* A size that no cache of any kernel has: the plants merge with each other. */
#define LONELY_BYTES	1624
/* What the churn holds at most on each CPU, and what it is about to free. */
#define CHURN_OBJECTS	(512 + 1)
#define CHURN_BYTES	104

FIXTURE(slab_object) {
	/* KASAN keeps freed objects in a quarantine until a shrink. */
	bool quarantine;
};

FIXTURE_SETUP(slab_object)
{
	load_modules(_metadata);
	ASSERT_EQ(0, module_reload("rows=4096 enumerate=1 chain_ms=60000"));
	self->quarantine = oracle_has_symbol("kasan_quarantine_put");
	oracle_settle();
}

FIXTURE_TEARDOWN(slab_object)
{
	unload_modules(_metadata);
}

/* What the report says of one cache. */
struct figure {
	long long objects;
	long long active;
	bool exact;
};

static struct figure figure_of(const struct report *report, const char *name)
{
	struct figure figure = { .objects = -1, .active = -1 };
	int record = report_find_name(report, name);

	if (record >= 0) {
		figure.objects = report_number(report, record, "objects");
		figure.active = report_number(report, record, "active");
		figure.exact = report_is_exact(report, record, "active");
	}
	return figure;
}

static struct figure read_figure(struct __test_metadata *_metadata,
				 const char *name)
{
	struct report *report = read_report(_metadata, "slab");
	struct figure figure = figure_of(report, name);

	report_free(report);
	return figure;
}

static long long planted(const char *name)
{
	char key[64];

	snprintf(key, sizeof(key), "%s.objects", name);
	return plant_truth("caches", key);
}

static void expect_found(struct __test_metadata *_metadata, const char *name,
			 const char *when)
{
	struct figure figure = read_figure(_metadata, name);
	int try;

	/* A slab that waits for RCU is on no books, and looks like one. */
	for (try = 0; try < TRIES && !figure.exact; try++) {
		EXPECT_EQ(planted(name), figure.active) {
			TH_LOG("%s, %s", name, when);
		}
		usleep(PAUSE_US);
		figure = read_figure(_metadata, name);
	}
	EXPECT_EQ(planted(name), figure.active) {
		TH_LOG("%s, %s", name, when);
	}
	EXPECT_TRUE(figure.exact) {
		TH_LOG("%s, %s: not exact", name, when);
	}
}

static unsigned int next_random(unsigned int *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16 & 0x7fff;
}

static const struct {
	const char *flags;
	int bytes;
} flavours[] = {
	{ "ctor", 16 },
	{ "ctor", 104 },
	{ "ctor", 4096 },
	{ "ctor hwalign", 200 },
	{ "ctor reclaim", 136 },
	{ "typesafe", 328 },
	{ "usercopy", 1000 },
	{ "none", LONELY_BYTES },
};

/* The same for every seed, and each seed is something else. */
static void plant_by_seed(struct __test_metadata *_metadata, const char *name,
			  unsigned int seed)
{
	int cpus = oracle_cpus();
	int step;

	for (step = 0; step < 4; step++) {
		ASSERT_EQ(0, plant("caches", "alloc %s %u cpu %u", name,
				   next_random(&seed) % 700 + 1,
				   next_random(&seed) % cpus));
		ASSERT_EQ(0, plant("caches", "free %s every %u cpu %u", name,
				   next_random(&seed) % 7 + 2,
				   next_random(&seed) % cpus));
	}
}

TEST_F(slab_object, planted_objects_are_found)
{
	unsigned int seed;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flavours); i++) {
		char name[32];

		snprintf(name, sizeof(name), "plant_found_%zu", i);
		ASSERT_EQ(0, plant("caches", "create %s %d %s", name,
				   flavours[i].bytes, flavours[i].flags));
		for (seed = 1; seed <= 3; seed++) {
			char when[32];

			plant_by_seed(_metadata, name, seed * 77 + i);
			if (self->quarantine)
				plant("caches", "shrink %s", name);
			snprintf(when, sizeof(when), "seed %u", seed);
			expect_found(_metadata, name, when);
		}
		ASSERT_EQ(0, plant("caches", "freeall %s", name));
		if (self->quarantine)
			plant("caches", "shrink %s", name);
		expect_found(_metadata, name, "freeall");
		ASSERT_EQ(0, plant("caches", "destroy %s", name));
	}
}

/* Two names of one cache: its objects are those of both. */
TEST_F(slab_object, merged_caches_are_one)
{
	struct figure figure;

	ASSERT_EQ(0, plant("caches", "create plant_first %d merge",
			   LONELY_BYTES));
	ASSERT_EQ(0, plant("caches", "create plant_second %d merge",
			   LONELY_BYTES));
	plant_by_seed(_metadata, "plant_first", 5);
	plant_by_seed(_metadata, "plant_second", 6);
	if (self->quarantine) {
		plant("caches", "shrink plant_first");
		plant("caches", "shrink plant_second");
	}
	if (access(SLAB_DIR "/plant_second/aliases", F_OK) == 0 &&
	    oracle_slab_cache("plant_second", "aliases") > 0) {
		figure = read_figure(_metadata, "plant_first");
		EXPECT_EQ(planted("plant_first") + planted("plant_second"),
			  figure.active);
	} else {
		expect_found(_metadata, "plant_first", "unmerged");
		expect_found(_metadata, "plant_second", "unmerged");
	}
}

/*
 * All caches of the machine: where the books say the same before and after, the
 * objects are as many. What reading the report takes itself is allowed for.
 */
TEST_F(slab_object, objects_agree_with_the_books)
{
	int agree = 0, stood = 0;
	int try;

	for (try = 0; try < TRIES && (!stood || agree < stood); try++) {
		struct report *before, *seen, *after;
		int i;

		agree = 0;
		stood = 0;
		usleep(PAUSE_US);
		/* Each is read twice, so that what it takes is there before. */
		ASSERT_EQ(0, module_set("enumerate", "1"));
		report_free(read_report(_metadata, "slab"));
		ASSERT_EQ(0, module_set("enumerate", "0"));
		before = read_report(_metadata, "slab");
		ASSERT_EQ(0, module_set("enumerate", "1"));
		seen = read_report(_metadata, "slab");
		ASSERT_EQ(0, module_set("enumerate", "0"));
		after = read_report(_metadata, "slab");

		ASSERT_NE(NULL, report_comment(seen, "active: by object"));
		ASSERT_EQ(NULL, report_comment(before, "active: by object"));
		for (i = 0; i < seen->nr_records; i++) {
			const char *names = report_text(seen, i, "names");
			struct figure a, b, c;
			char name[128];

			if (*names == '(')
				continue;
			snprintf(name, sizeof(name), "%s", names);
			name[strcspn(name, ",")] = '\0';
			a = figure_of(before, name);
			b = figure_of(seen, name);
			c = figure_of(after, name);
			if (a.active != c.active || !a.exact || !c.exact)
				continue;
			stood++;
			/* Its arrays, and the tasks and files of the test. */
			agree += llabs(b.active - a.active) <= 32;
			if (llabs(b.active - a.active) > 32)
				TH_LOG("%s: %lld by the books, %lld by object",
				       name, a.active, b.active);
		}
		report_free(before);
		report_free(seen);
		report_free(after);
	}
	EXPECT_LT(50, stood);
	EXPECT_EQ(stood, agree);
}

TEST_F(slab_object, the_machine_is_stopped_only_if_asked)
{
	struct report *report;

	report = read_report(_metadata, "slab");
	EXPECT_EQ(NULL, report_comment(report, "stood still"));
	report_free(report);

	EXPECT_NE(0, module_set("exact_ms", "501"));
	ASSERT_EQ(0, module_set("exact_ms", "500"));
	ASSERT_EQ(0, plant("caches", "create plant_stop 88 ctor"));
	plant_by_seed(_metadata, "plant_stop", 9);
	if (self->quarantine)
		plant("caches", "shrink plant_stop");
	expect_found(_metadata, "plant_stop", "stopped");
	report = read_report(_metadata, "slab");
	EXPECT_NE(NULL, report_comment(report, "stood still"));
	EXPECT_NE(NULL, report_comment(report, " 0 of them moving"));
	report_free(report);
	ASSERT_EQ(0, module_set("exact_ms", "0"));
}

/* The bound on the stop holds, is said, and the books stand in. */
TEST_F(slab_object, a_stop_that_is_too_short_is_said)
{
	/* kmemleak and KASAN keep a record of each. */
	const long long nr = self->quarantine ? 50000 : 500000;
	struct report *report;
	struct figure figure;

	ASSERT_EQ(0, plant("caches", "create plant_many 16 ctor"));
	ASSERT_EQ(0, plant("caches", "alloc plant_many %lld", nr));
	ASSERT_EQ(0, module_set("exact_ms", "1"));
	report = read_report(_metadata, "slab");
	EXPECT_STREQ("partial", report->state);
	EXPECT_NE(NULL, strstr(report->reason, "exact_ms"));
	figure = figure_of(report, "plant_many");
	EXPECT_EQ(nr, figure.active);
	report_free(report);
	ASSERT_EQ(0, module_set("exact_ms", "0"));
}

/* While others allocate and free at full speed, on all CPUs. */
TEST_F(slab_object, what_stands_still_is_found_beside_churn)
{
	struct figure before, churn;
	int try;

	/* The churn's cache may be merged: what is in it already? */
	ASSERT_EQ(0, plant("caches", "create plant_probe %d none",
			   CHURN_BYTES));
	before = read_figure(_metadata, "plant_probe");
	ASSERT_EQ(0, plant("caches", "create plant_calm 152 ctor"));
	plant_by_seed(_metadata, "plant_calm", 3);
	if (self->quarantine)
		plant("caches", "shrink plant_calm");
	ASSERT_EQ(0, plant("churn", "start 0 objects"));
	for (try = 0; try < 6; try++) {
		ASSERT_EQ(0, module_set("exact_ms", try % 2 ? "500" : "0"));
		expect_found(_metadata, "plant_calm", "beside churn");
	}
	/* And what does not: no more than the churn can have. */
	ASSERT_EQ(0, module_set("exact_ms", "500"));
	for (try = 0; try < 4 && !self->quarantine; try++) {
		churn = read_figure(_metadata, "plant_churn_objects");
		EXPECT_LE(0, churn.active);
		EXPECT_GE(before.active + CHURN_OBJECTS * oracle_cpus() + 32,
			  churn.active);
	}
	EXPECT_LT(1000, plant_truth("churn", "objects_rounds"));
	EXPECT_EQ(0, plant("churn", "stop"));
}

/* Objects by the traces of slub_debug=U: "    123 function+0x1/0x2 age=...". */
static long long traced_objects(const char *name)
{
	static const char * const files[] = {
		TRACES_DIR "/%s/alloc_traces", SLAB_DIR "/%s/alloc_calls",
	};
	long long sum = 0;
	char *text = NULL;
	char path[256];
	char *line;
	char *rest;
	size_t bytes;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files) && !text; i++) {
		snprintf(path, sizeof(path), files[i], name);
		text = report_slurp(path, &bytes);
	}
	if (!text)
		return -1;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		if (strstr(line, "age="))
			sum += atoll(line);
	}
	free(text);
	return sum;
}

/* A second oracle: with slub_debug=U the kernel can tell, cache by cache. */
TEST_F(slab_object, objects_agree_with_the_traces_of_slub_debug)
{
	static const char * const names[] = {
		"plant_traced", "dentry", "inode_cache", "task_struct",
	};
	size_t i;

	ASSERT_EQ(0, plant("caches", "create plant_traced 72 ctor"));
	plant_by_seed(_metadata, "plant_traced", 4);
	if (traced_objects("plant_traced") < 0 || self->quarantine)
		SKIP(return, "not booted with slub_debug=U");
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct figure figure = { };
		long long before = 0;
		long long after = 1;
		int try;

		for (try = 0; try < TRIES && (before != after ||
					      figure.active != after); try++) {
			before = traced_objects(names[i]);
			figure = read_figure(_metadata, names[i]);
			after = traced_objects(names[i]);
		}
		/* the plant's are nobody else's; to open a report takes a dentry */
		EXPECT_GE(i ? 1 : 0, llabs(after - figure.active)) {
			TH_LOG("%s: %lld before, %lld, %lld after", names[i],
			       before, figure.active, after);
		}
	}
}

/* The cache that a name belongs to, by its first name. */
static void root_of(struct __test_metadata *_metadata, const char *name,
		    char *root, size_t bytes)
{
	struct report *report = read_report(_metadata, "slab");
	int record = report_find_name(report, name);

	ASSERT_LE(0, record) {
		TH_LOG("no cache has the name %s", name);
	}
	snprintf(root, bytes, "%s", report_text(report, record, "names"));
	root[strcspn(root, ",")] = '\0';
	report_free(report);
}

/* What is freed is no chain any more. */
TEST_F(slab_object, a_chain_ends_with_its_objects)
{
	struct report *report;

	ASSERT_EQ(0, module_set("enumerate", "0"));
	ASSERT_EQ(0, plant("packets", "12000"));
	report = read_report(_metadata, "slab");
	EXPECT_NE(NULL, report_comment(report, "-> kmalloc-2k"));
	report_free(report);
	/* Nor is one looked for where none is wanted. */
	ASSERT_EQ(0, module_set("chain_ms", "0"));
	report = read_report(_metadata, "slab");
	EXPECT_EQ(NULL, report_comment(report, "chain: "));
	report_free(report);
	ASSERT_EQ(0, module_set("chain_ms", "60000"));
	ASSERT_EQ(0, plant("packets", "0"));
	/* KASAN keeps what is freed as it was, for a while. */
	if (oracle_has_symbol("kasan_quarantine_put"))
		return;
	report = read_report(_metadata, "slab");
	EXPECT_EQ(NULL, report_comment(report, "-> kmalloc-2k"));
	EXPECT_EQ(NULL, report_comment(report, "packets ["));
	report_free(report);
}

/* Each packet has an skb, and each skb its data: three caches, one cause. */
TEST_F(slab_object, the_parts_of_a_packet_are_a_chain)
{
	struct report *report;
	const char *line;
	char chain[512];
	char head[128];

	ASSERT_EQ(0, module_set("enumerate", "0"));
	report = read_report(_metadata, "slab");
	EXPECT_EQ(NULL, report_comment(report, "-> kmalloc-2k"));
	report_free(report);

	ASSERT_EQ(0, plant("packets", "20000"));
	root_of(_metadata, "TSPacket", head, sizeof(head));
	report = read_report(_metadata, "slab");
	snprintf(chain, sizeof(chain), "chain: %s+0x10 -> skbuff_head_cache+0x",
		 head);
	line = report_comment(report, chain);
	ASSERT_NE(NULL, line) {
		TH_LOG("no %s, but %s", chain,
		       report_comment(report, "chain: ") ?: "nothing");
	}
	line = strstr(line + strlen(chain), " -> kmalloc-2k: ");
	ASSERT_NE(NULL, line);
	/* What else is in the smallest of the three is little. */
	EXPECT_LE(20000, atoi(line + strlen(" -> kmalloc-2k: ")));
	EXPECT_GE(20200, atoi(line + strlen(" -> kmalloc-2k: ")));
	/* And the list that they are on is told from what else is in it. */
	snprintf(chain, sizeof(chain), "held: %s by packets [%s]", head, PLANT);
	EXPECT_NE(NULL, report_comment(report, chain)) {
		TH_LOG("no %s", chain);
	}
	report_free(report);
}

TEST_HARNESS_MAIN
