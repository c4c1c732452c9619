// SPDX-License-Identifier: GPL-2.0
/*
 * The ghost report: planted blocks are found with their owner, to the page; no
 * owner is told without evidence; what is new stands apart.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "plant.h"
#include "report.h"

#define ROUNDS		6

FIXTURE(ghost) {
};

FIXTURE_SETUP(ghost)
{
	load_modules(_metadata);
	/* A machine at rest, in the baseline too. */
	oracle_settle();
	ASSERT_EQ(0, module_reload("rows=4096"));
}

FIXTURE_TEARDOWN(ghost)
{
	unload_modules(_metadata);
}

static long long pages_where(const struct report *report, const char *owner,
			     const char *evidence, long long order)
{
	long long pages = 0;
	int i;

	for (i = 0; i < report->nr_records; i++) {
		if (order >= 0 && report_number(report, i, "order") != order)
			continue;
		if (!strcmp(report_text(report, i, "owner"), owner) &&
		    strstr(report_text(report, i, "evidence"), evidence))
			pages += report_number(report, i, "pages");
	}
	return pages;
}

/* Every owner told must be true: on an idle machine nobody is known to us. */
TEST_F(ghost, an_idle_machine_has_no_owner)
{
	struct report *report = read_report(_metadata, "ghost");
	int i;

	EXPECT_STREQ("ok", report->state) {
		TH_LOG("%s", report->reason);
	}
	for (i = 0; i < report->nr_records; i++) {
		const char *owner = report_text(report, i, "owner");

		/* What is held by a device, a cgroup, a variable says so itself. */
		if (!strncmp(owner, "device:", 7) ||
		    !strncmp(owner, "cgroup:", 7) ||
		    !strncmp(report_text(report, i, "evidence"),
			     "mapped by ", 10) ||
		    (!strncmp(report_text(report, i, "evidence"),
			      "held by ", 8) && !strcmp(owner, "vmlinux")))
			continue;
		EXPECT_STREQ("-", owner) {
			TH_LOG("%s", report_text(report, i, "evidence"));
		}
	}
	report_free(report);
}

TEST_F(ghost, rings_carry_their_ops)
{
	struct report *report;

	ASSERT_EQ(0, plant("pages", "rings 2 1024"));
	ASSERT_EQ(0, plant("pages", "rings 0 300"));
	report = read_report(_metadata, "ghost");
	EXPECT_EQ(4096, pages_where(report, PLANT, "1024 of ", 2));
	EXPECT_EQ(4096, pages_where(report, PLANT,
				    "carry plant_ring_ops [" PLANT
				    "] at +0x40", 2));
	EXPECT_EQ(300, pages_where(report, PLANT,
				   "carry plant_ring_ops [" PLANT
				   "] at +0x40", 0));
	report_free(report);
	ASSERT_EQ(0, plant("pages", "free"));
	report = read_report(_metadata, "ghost");
	EXPECT_EQ(0, pages_where(report, PLANT, "", -1));
	report_free(report);
}

/* Seven blocks of many say nothing. */
TEST_F(ghost, a_few_are_no_evidence)
{
	struct report *report;

	ASSERT_EQ(0, plant("pages", "rings 3 7"));
	report = read_report(_metadata, "ghost");
	EXPECT_EQ(0, pages_where(report, PLANT, "", -1));
	report_free(report);
	ASSERT_EQ(0, plant("pages", "free"));
}

#define MAPPED	"mapped by plant_device_map [" PLANT "]"

/* Nothing is written in them, but their address was given to vmap(). */
TEST_F(ghost, mapped_pages_have_their_mapper)
{
	static const struct {
		const char *command;
		long long order;
		long long pages;
	} shapes[] = {
		{ "mapped 0 700", 0, 700 },
		{ "mapped 3 50", 3, 50 << 3 },
	};
	struct report *report;
	size_t s;

	for (s = 0; s < 2; s++) {
		long long mapped = 0;
		int round;

		ASSERT_EQ(0, plant("device", "%s", shapes[s].command));
		/* A page that leaves a free list meanwhile is its neighbour's. */
		for (round = 0; round < ROUNDS && mapped != shapes[s].pages; round++) {
			report = read_report(_metadata, "ghost");
			mapped = pages_where(report, PLANT, MAPPED,
					     shapes[s].order);
			report_free(report);
		}
		EXPECT_EQ(shapes[s].pages, mapped);
		ASSERT_EQ(0, plant("device", "free"));
		report = read_report(_metadata, "ghost");
		EXPECT_EQ(0, pages_where(report, PLANT, "mapped by", -1));
		report_free(report);
	}
}

#define HELD		"held by plant_held_bytes [" PLANT "]; raw"
#define HELD_BY_PAGE	"held by plant_held_pages [" PLANT "]; compound"

/* Nothing is written in them, but a variable has the address of each. */
TEST_F(ghost, what_names_nobody_is_its_holders)
{
	static const struct {
		const char *command;
		const char *evidence;
		long long order;
		long long pages;
	} shapes[] = {
		{ "held 3 20", HELD, 3, 20 << 3 },
		{ "held 2 3", HELD, 2, 3 << 2 },
		{ "held 6 1", HELD, 6, 1 << 6 },
		{ "paged 2 40", HELD_BY_PAGE, 2, 40 << 2 },
		{ "paged 5 1", HELD_BY_PAGE, 5, 1 << 5 },
		/* of single pages every list is full */
		{ "paged 1 20", HELD_BY_PAGE, 1, 0 },
	};
	struct report *report;
	size_t s;

	for (s = 0; s < ARRAY_SIZE(shapes); s++) {
		long long held = -1;
		int round;

		ASSERT_EQ(0, plant("pages", "%s", shapes[s].command));
		/* A page that leaves a free list meanwhile is its neighbour's. */
		for (round = 0; round < ROUNDS && held != shapes[s].pages; round++) {
			report = read_report(_metadata, "ghost");
			held = pages_where(report, PLANT, shapes[s].evidence,
					   shapes[s].order);
			EXPECT_EQ(held, pages_where(report, PLANT, "", -1));
			report_free(report);
		}
		EXPECT_EQ(shapes[s].pages, held) {
			TH_LOG("%s", shapes[s].command);
		}
		ASSERT_EQ(0, plant("pages", "free"));
		report = read_report(_metadata, "ghost");
		EXPECT_EQ(0, pages_where(report, PLANT, "", -1));
		report_free(report);
	}
}

#define DEPOT_STATS	"/sys/kernel/debug/stackdepot/stats"
#define POOL_PAGES	4

/* They are full of addresses of those who allocate, and none of these has them. */
TEST_F(ghost, the_stack_depot_has_its_pools)
{
	long long pools = oracle_value(DEPOT_STATS, "pools");
	long long held = -1;
	int round;

	if (pools <= 0)
		SKIP(return, "nothing is in the stack depot, or it does not say");
	/* a stack that it has not seen before may need another one */
	for (round = 0; round < ROUNDS && held != pools * POOL_PAGES; round++) {
		struct report *report = read_report(_metadata, "ghost");

		held = pages_where(report, "vmlinux", "held by stack_pools [vmlinux]; raw", 2);
		report_free(report);
		pools = oracle_value(DEPOT_STATS, "pools");
	}
	EXPECT_EQ(pools * POOL_PAGES, held);
}

/* Fewer than at load are all from then: only the sum is what was planted. */
TEST_F(ghost, without_evidence_there_is_no_owner)
{
	long long since = 0;
	struct report *report;
	long long moved = 0;
	int round;

	for (round = 0; round < ROUNDS && moved != 200 << 6; round++) {
		report = read_report(_metadata, "ghost");
		moved = -pages_where(report, "-", "", 6);
		report_free(report);
		ASSERT_EQ(0, plant("pages", "raw 6 200"));
		report = read_report(_metadata, "ghost");
		moved += pages_where(report, "-", "", 6);
		since = pages_where(report, "-", "since load", 6);
		report_free(report);
		ASSERT_EQ(0, plant("pages", "free"));
	}
	EXPECT_EQ(200 << 6, moved);
	EXPECT_LT(0, since);
}

/* All of memory, however slow the machine is. */
TEST_F(ghost, summary_names_the_owner)
{
	struct report *report;
	bool ghost = false;
	bool owner = false;
	int i;

	ASSERT_EQ(0, module_reload("summary_ms=60000"));
	ASSERT_EQ(0, plant("pages", "rings 2 16384"));
	report = read_report(_metadata, "summary");
	for (i = 0; i < report->nr_records; i++) {
		const char *line = report->records[i][0];

		ghost |= !strncmp(line, "verdict: pages ", 15);
		owner |= strstr(line, "plant_ring_ops") && line[0] == ' ';
	}
	EXPECT_TRUE(ghost);
	EXPECT_TRUE(owner);
	report_free(report);
	ASSERT_EQ(0, plant("pages", "free"));
}

#define CARRIED	"carry plant_large [" PLANT "] at +0x10"
#define LARGE_PAGES	(400 << 3)

/* A block of somebody else's may have been one of ours before, and not have been written since. */
#define STALE_PAGES	(16 << 3)

/* What a note says that there is of the plant's, in pages; 0 without one. */
static long long noted_pages(const struct report *report)
{
	static const char head[] = "large kmalloc: ";
	const char *note = report_comment(report, " kB of " PLANT ": ");
	long long kb;

	note = note ? strstr(note, head) : NULL;
	if (!note)
		return 0;
	note += strlen(head);
	if (sscanf(note + (*note == '~'), "%lld kB", &kb) != 1)
		return 0;
	return kb * 1024 / getpagesize();
}

/* In notes where it has a mark, and else in records like those of ghosts. */
TEST_F(ghost, large_kmalloc_is_told_by_what_it_holds)
{
	struct report *report;
	long long among_ghosts;
	long long noted;

	ASSERT_EQ(0, plant("large", "20000 400"));
	report = read_report(_metadata, "ghost");
	among_ghosts = pages_where(report, PLANT, CARRIED, 3);
	noted = noted_pages(report);
	EXPECT_TRUE(!among_ghosts != !noted);
	EXPECT_LE(LARGE_PAGES, among_ghosts + noted);
	EXPECT_GE(LARGE_PAGES + STALE_PAGES, among_ghosts + noted) {
		TH_LOG("%lld pages in records, %lld in notes", among_ghosts,
		       noted);
	}
	EXPECT_NE(!!noted, !!strstr(report->reason, "large kmalloc"));
	report_free(report);
	ASSERT_EQ(0, plant("large", "free"));
}

#define HELD_TABLE	"held by plant_large_table [" PLANT "]; compound"
#define TABLE_PAGES	32

/* A table of pointers to the heap names nobody. */
TEST_F(ghost, large_kmalloc_is_its_holders)
{
	struct report *report;
	long long among_ghosts;

	ASSERT_EQ(0, plant("large", "table %d", TABLE_PAGES * getpagesize()));
	EXPECT_EQ(TABLE_PAGES, plant_truth("large", "table_pages"));
	report = read_report(_metadata, "ghost");
	among_ghosts = pages_where(report, PLANT, HELD_TABLE, 5);
	EXPECT_EQ(TABLE_PAGES, among_ghosts + noted_pages(report));
	EXPECT_EQ(among_ghosts, pages_where(report, PLANT, "", -1));
	EXPECT_NE(!!among_ghosts, !!report_comment(report, HELD_TABLE));
	report_free(report);
	ASSERT_EQ(0, plant("large", "free"));
	report = read_report(_metadata, "ghost");
	EXPECT_EQ(0, pages_where(report, PLANT, "", -1) + noted_pages(report));
	report_free(report);
}

TEST_F(ghost, summary_names_whose_large_kmalloc_it_is)
{
	struct report *report;
	const char *verdict;

	ASSERT_EQ(0, module_reload("summary_ms=60000"));
	ASSERT_EQ(0, plant("large", "20000 4000"));
	report = read_report(_metadata, "summary");
	verdict = strstr(report->text, "(large kmalloc) \u2014 in no cache, leak?");
	ASSERT_NE(NULL, verdict);
	verdict = strchr(verdict, '\n');
	EXPECT_NE(NULL, strstr(verdict, "of it: 4000 of "));
	EXPECT_NE(NULL, strstr(verdict, CARRIED));
	EXPECT_NE(NULL, strstr(verdict, "next: rmmod " PLANT ", if it can be spared"));
	report_free(report);
	ASSERT_EQ(0, plant("large", "free"));
}

#define PACKETS		2000
#define FRAGMENTS	3
#define PACKET_OWNER	"packets:skbuff_head_cache"
#define HAVE_FRAGMENTS	"fragments of packets: 2000 of skbuff_head_cache have some"

#define STALE_PAGES	100

/*
 * A page that leaves a free list meanwhile is its neighbour's: then it is looked again. KASAN keeps
 * packets that were given back as they were: they count, and what their pages are now as well.
 */
static void expect_fragments(struct __test_metadata *_metadata, const char *evidence,
			     long long order, long long expected)
{
	const bool kasan = oracle_has_symbol("kasan_quarantine_put");
	long long pages = -1;
	int round;

	for (round = 0; round < ROUNDS && pages != expected; round++) {
		struct report *report = read_report(_metadata, "ghost");

		pages = pages_where(report, PACKET_OWNER, kasan ? "" : evidence, order);
		report_free(report);
	}
	EXPECT_LE(expected, pages) {
		TH_LOG("order %lld: %s", order, evidence);
	}
	EXPECT_GE(expected + (kasan ? STALE_PAGES : 0), pages) {
		TH_LOG("order %lld: %s", order, evidence);
	}
}

/* To the page, whatever their order; the head of each packet has a page, too. */
TEST_F(ghost, fragments_are_their_packets)
{
	const long long many = PACKETS * FRAGMENTS;

	ASSERT_EQ(0, plant("packets", "%d %d 0", PACKETS, FRAGMENTS));
	expect_fragments(_metadata, HAVE_FRAGMENTS "; single", 0, PACKETS + many);
	expect_fragments(_metadata, "", -1, PACKETS + many);
	ASSERT_EQ(0, plant("packets", "0"));
	ASSERT_EQ(0, plant("packets", "%d %d 2", PACKETS, FRAGMENTS));
	expect_fragments(_metadata, HAVE_FRAGMENTS "; single", 0, PACKETS);
	expect_fragments(_metadata, HAVE_FRAGMENTS "; compound", 2, many << 2);
	expect_fragments(_metadata, "", -1, PACKETS + (many << 2));
	ASSERT_EQ(0, plant("packets", "0"));
	expect_fragments(_metadata, "", -1, 0);
}

/* Their caches are in no list that can be read: that is not the same as few packets. */
TEST_F(ghost, packets_that_cannot_be_seen_are_said)
{
	struct report *report = read_report(_metadata, "ghost");

	EXPECT_EQ(NULL, strstr(report->reason, "packets were not seen"));
	report_free(report);
	ASSERT_EQ(0, module_reload("hide=slab_caches"));
	report = read_report(_metadata, "ghost");
	EXPECT_NE(NULL, strstr(report->reason, "packets were not seen")) {
		TH_LOG("%s: %s", report->state, report->reason);
	}
	report_free(report);
}

TEST_F(ghost, summary_names_the_packets)
{
	struct report *report;
	const char *verdict;

	ASSERT_EQ(0, module_reload("summary_ms=60000"));
	ASSERT_EQ(0, plant("packets", "%d %d 2", PACKETS, FRAGMENTS));
	report = read_report(_metadata, "summary");
	verdict = strstr(report->text, "verdict: pages ");
	ASSERT_NE(NULL, verdict);
	verdict = strstr(verdict, "  93.7 MiB of it: fragments of packets: ");
	ASSERT_NE(NULL, verdict);
	if (!oracle_has_symbol("kasan_quarantine_put"))
		EXPECT_NE(NULL, strstr(verdict, HAVE_FRAGMENTS "; compound"));
	EXPECT_NE(NULL, strstr(verdict, "next: grep skbuff_head_cache "));
	report_free(report);
	ASSERT_EQ(0, plant("packets", "0"));
}

TEST_HARNESS_MAIN
