// SPDX-License-Identifier: GPL-2.0
/*
 * The modules report: what each kernel module has, from what was planted; and
 * what one leaves behind that was unloaded. The second oracles: /proc/modules,
 * and the reports of which this one is a view.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "plant.h"
#include "report.h"

#define LOSE		"/sys/module/" PLANT "/parameters/lose"
/* A size that no cache of any kernel has. */
#define LONELY_BYTES	1880

FIXTURE(modules) {
	long page_kB;
};

FIXTURE_SETUP(modules)
{
	module_unload(LEAVER);
	module_unload(PLANT2);
	load_modules(_metadata);
	/* The debug kernel takes ten times as long. */
	ASSERT_EQ(0, module_set("holder_ms", "60000"));
	self->page_kB = sysconf(_SC_PAGESIZE) / 1024;
}

FIXTURE_TEARDOWN(modules)
{
	module_unload(LEAVER);
	module_unload(PLANT2);
	unload_modules(_metadata);
}

/* The record of a module in a state, "" for any, or -1. */
static int find(const struct report *report, const char *module,
		const char *state)
{
	int i;

	for (i = 0; i < report->nr_records; i++) {
		if (!strcmp(report_text(report, i, "module"), module) &&
		    (!*state || !strcmp(report_text(report, i, "state"), state)))
			return i;
	}
	return -1;
}

/* Of another report: the sum of a column where another has this text. */
static long long sum_where(const struct report *report, const char *sum,
			   const char *column, const char *text, int *records)
{
	long long kB = 0;
	int i;

	*records = 0;
	for (i = 0; i < report->nr_records; i++) {
		const char *cell = report_text(report, i, column);

		if (strcmp(cell + (*cell == '~'), text) ||
		    !strcmp(report_text(report, i, sum), "-"))
			continue;
		kB += report_number(report, i, sum);
		++*records;
	}
	return kB;
}

/* The first column is the sum of what is known. */
static void expect_sum(struct __test_metadata *_metadata,
		       const struct report *report, int record)
{
	static const char * const parts[] = {
		"slab_kB", "vmalloc_kB", "ghost_kB", NULL,
	};
	bool exact = true;
	long long kB = 0;
	int i;

	for (i = 0; parts[i]; i++) {
		exact &= report_is_exact(report, record, parts[i]);
		if (strcmp(report_text(report, record, parts[i]), "-"))
			kB += report_number(report, record, parts[i]);
	}
	if (!strcmp(report_text(report, record, "kB"), "-"))
		return;
	EXPECT_EQ(kB, report_number(report, record, "kB"));
	EXPECT_EQ(exact, report_is_exact(report, record, "kB"));
}

/* Each module is there, with its own text and data, and what it asked for. */
static void expect_modules(struct __test_metadata *_metadata,
			   const struct report *modules)
{
	struct report *vmalloc = read_report(_metadata, "vmalloc");
	size_t bytes;
	int records;
	char *text;
	char *rest;
	char *line;
	int nr = 0;

	text = report_slurp("/proc/modules", &bytes);
	ASSERT_NE(NULL, text);
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		long long kB;
		char name[64];
		long size;
		int record;

		if (sscanf(line, "%63s %ld", name, &size) != 2)
			continue;
		nr++;
		record = find(modules, name, "loaded");
		ASSERT_LE(0, record) {
			TH_LOG("no record of %s", name);
		}
		EXPECT_STREQ("loaded", report_text(modules, record, "state"));
		expect_sum(_metadata, modules, record);
		/* Its own memory comes and goes while it is read. */
		if (!strcmp(name, MEMTRIAGE))
			continue;
		kB = sum_where(vmalloc, "pages_kB", "module", name, &records);
		EXPECT_EQ(size / 1024 + kB,
			  report_number(modules, record, "vmalloc_kB")) {
			TH_LOG("%s: %ld bytes, and %lld kB of areas", name,
			       size, kB);
		}
		EXPECT_TRUE(report_is_exact(modules, record, "vmalloc_kB"));
	}
	EXPECT_EQ(nr, modules->nr_records);
	EXPECT_LE(2, nr);
	free(text);
	report_free(vmalloc);
}

/* Init code is gone when it has run: whose its areas are cannot be told. */
static long long gone_kB(struct __test_metadata *_metadata,
			 const struct report *report)
{
	const char *comment;
	long long kB = 0;

	comment = report_comment(report, "asked for by code that is gone");
	if (comment)
		EXPECT_EQ(1, sscanf(strrchr(comment, ':'), ": %lld", &kB));
	return kB;
}

/*
 * Too little room (-E2BIG) or time, as where each object has another that describes it:
 * then neither owners of caches nor of blocks are all found.
 */
static bool is_crowded(const struct report *report)
{
	return strstr(report->reason, "error -7)") ||
		strstr(report->reason, "no time");
}

/* By how much a figure of the plant is larger than it was. */
static long long grown(struct __test_metadata *_metadata,
		       const struct report *before, const struct report *after,
		       const char *column)
{
	int from = find(before, PLANT, "loaded");
	int to = find(after, PLANT, "loaded");

	ASSERT_LE(0, from);
	ASSERT_LE(0, to);
	return report_number(after, to, column) -
	       report_number(before, from, column);
}

static struct report *read_modules(struct __test_metadata *_metadata)
{
	struct report *report = read_report(_metadata, "modules");

	EXPECT_TRUE(!strcmp(report->state, "ok") || is_crowded(report)) {
		TH_LOG("%s", report->reason);
	}
	return report;
}

static long size_of(struct __test_metadata *_metadata, const char *cache)
{
	struct report *slab = read_report(_metadata, "slab");
	int record = report_find_name(slab, cache);
	long size;

	ASSERT_LE(0, record);
	size = report_number(slab, record, "size");
	report_free(slab);
	return size;
}

/* Known amounts in, the same amounts seen, each in its column and no other. */
TEST_F(modules, what_is_planted_is_seen)
{
	struct report *before;
	struct report *after;
	struct report *other;
	int records;
	int record;
	long size;

	ASSERT_EQ(0, plant("caches", "create tp_modules %d ctor",
			   LONELY_BYTES));
	ASSERT_EQ(0, plant("caches", "alloc tp_modules 100"));
	before = read_modules(_metadata);
	expect_modules(_metadata, before);

	ASSERT_EQ(0, plant("caches", "alloc tp_modules 500"));
	ASSERT_EQ(0, plant("vmalloc", "vmalloc 10 64"));
	ASSERT_EQ(0, plant("vmalloc", "user 2 3"));
	/* Of pages that no counter shows: they are the ghosts of who mapped them. */
	ASSERT_EQ(0, plant("vmalloc", "vmap 2 7"));
	ASSERT_EQ(0, plant("pages", "rings 2 1024"));
	ASSERT_EQ(0, plant("pages", "rings 0 300"));
	/* These carry no address. */
	ASSERT_EQ(0, plant("pages", "raw 3 100"));
	/* In a cache of another module's; its init code takes 16 kB for them. */
	ASSERT_EQ(0, module_load(PLANT2, "objects=2000"));
	after = read_modules(_metadata);
	expect_modules(_metadata, after);
	EXPECT_EQ((10 * 64 + 2 * 3) * self->page_kB,
		  grown(_metadata, before, after, "vmalloc_kB"));
	EXPECT_EQ(gone_kB(_metadata, before) + 4 * self->page_kB,
		  gone_kB(_metadata, after));
	if (is_crowded(before) || is_crowded(after))
		goto free;
	size = size_of(_metadata, "tp_modules");
	EXPECT_LE(500 * size / 1024,
		  grown(_metadata, before, after, "slab_kB"));
	EXPECT_GE(500 * size / 1024 + 1,
		  grown(_metadata, before, after, "slab_kB"));
	EXPECT_EQ((1024 * 4 + 300 + 2 * 7) * self->page_kB,
		  grown(_metadata, before, after, "ghost_kB"));
	record = find(after, PLANT2, "loaded");
	ASSERT_LE(0, record);
	EXPECT_LE(2000 * 888 / 1024,
		  report_number(after, record, "slab_kB"));
	EXPECT_GE(2000 * 1024 / 1024,
		  report_number(after, record, "slab_kB"));

	/* And as the reports have it of which this is a view. */
	record = find(after, PLANT, "loaded");
	other = read_report(_metadata, "owners");
	EXPECT_LE(sum_where(other, "kB", "module", PLANT, &records),
		  report_number(after, record, "slab_kB"));
	EXPECT_GE(sum_where(other, "kB", "module", PLANT, &records) + records,
		  report_number(after, record, "slab_kB"));
	report_free(other);
	other = read_report(_metadata, "ghost");
	EXPECT_EQ(sum_where(other, "kB", "owner", PLANT, &records),
		  report_number(after, record, "ghost_kB"));
	report_free(other);
free:
	report_free(after);

	ASSERT_EQ(0, module_unload(PLANT2));
	ASSERT_EQ(0, plant("pages", "free"));
	ASSERT_EQ(0, plant("vmalloc", "free"));
	after = read_modules(_metadata);
	EXPECT_EQ(0, grown(_metadata, before, after, "vmalloc_kB"));
	if (!is_crowded(before) && !is_crowded(after))
		EXPECT_EQ(0, grown(_metadata, before, after, "ghost_kB"));
	EXPECT_EQ(gone_kB(_metadata, before), gone_kB(_metadata, after));
	report_free(after);
	report_free(before);
}

/* A section of the summary, which looks neither into pages nor into caches. */
TEST_F(modules, summary_names_the_largest)
{
	struct report *report;
	bool section = false;
	bool named = false;
	int i;

	ASSERT_EQ(0, plant("vmalloc", "vmalloc 16 256"));
	report = read_report(_metadata, "summary");
	for (i = 0; i < report->nr_records; i++) {
		const char *line = report->records[i][0];

		section |= !strncmp(line, "modules: ", 9);
		named |= section && strstr(line, " kB " PLANT " ");
	}
	EXPECT_TRUE(section);
	EXPECT_TRUE(named) {
		TH_LOG("%s", report->text);
	}
	report_free(report);
	ASSERT_EQ(0, plant("vmalloc", "free"));
}

/* One that went in good order has nothing; its caches, if any, were not seen. */
TEST_F(modules, unloaded_in_good_order)
{
	struct report *report;
	int record;

	/* Noted when it was read of, as it was not there at load. */
	ASSERT_EQ(0, module_load(LEAVER, "objects=100"));
	report = read_modules(_metadata);
	EXPECT_LE(0, find(report, LEAVER, "loaded"));
	report_free(report);
	ASSERT_EQ(0, module_unload(LEAVER));
	report = read_modules(_metadata);
	record = find(report, LEAVER, "");
	ASSERT_LE(0, record);
	EXPECT_STREQ("unloaded", report_text(report, record, "state"));
	EXPECT_STREQ("-", report_text(report, record, "kB"));
	EXPECT_STREQ("-", report_text(report, record, "slab_kB"));
	EXPECT_STREQ("0", report_text(report, record, "vmalloc_kB"));
	EXPECT_EQ(0, report_number(report, record, "ghost_kB"));
	report_free(report);

	/* Here again: of what was there before, nothing is left to tell. */
	ASSERT_EQ(0, module_load(LEAVER, ""));
	report = read_modules(_metadata);
	EXPECT_EQ(-1, find(report, LEAVER, "unloaded"));
	EXPECT_LE(0, find(report, LEAVER, "loaded"));
	report_free(report);
}

/* Its cache was seen when it was made: so it is known whose it was. */
TEST_F(modules, unloaded_with_a_cache_left_behind)
{
	struct report *report;
	int record;

	ASSERT_EQ(0, module_reload("creations=32"));
	ASSERT_EQ(0, module_load(LEAVER,
				 "name=tp_left size=2008 objects=300 leave=1"));
	ASSERT_EQ(0, module_unload(LEAVER));
	report = read_modules(_metadata);
	EXPECT_EQ(-1, find(report, LEAVER, "loaded"));
	record = find(report, LEAVER, "unloaded");
	ASSERT_LE(0, record);
	EXPECT_EQ(300 * size_of(_metadata, "tp_left") / 1024,
		  report_number(report, record, "slab_kB"));
	EXPECT_STREQ("-", report_text(report, record, "vmalloc_kB"));
	EXPECT_STREQ("-", report_text(report, record, "ghost_kB"));
	expect_sum(_metadata, report, record);
	report_free(report);
}

/* The addresses that it left are those of where it was. Its memory is lost. */
TEST_F(modules, unloaded_with_areas_and_blocks_left_behind)
{
	struct report *report;
	long long gone;
	int record;

	ASSERT_EQ(0, plant("vmalloc", "vmalloc 10 16"));
	ASSERT_EQ(0, plant("pages", "rings 2 64"));
	ASSERT_EQ(0, oracle_write(LOSE, "1"));
	ASSERT_EQ(0, module_unload(PLANT));
	report = read_modules(_metadata);
	gone = gone_kB(_metadata, report);
	record = find(report, PLANT, "");
	ASSERT_LE(0, record);
	EXPECT_STREQ("unloaded", report_text(report, record, "state"));
	EXPECT_STREQ("-", report_text(report, record, "slab_kB"));
	EXPECT_EQ(160 * self->page_kB,
		  report_number(report, record, "vmalloc_kB"));
	if (!is_crowded(report))
		EXPECT_EQ(256 * self->page_kB,
			  report_number(report, record, "ghost_kB"));
	/* Another module may have been in that place. */
	EXPECT_FALSE(report_is_exact(report, record, "vmalloc_kB"));
	EXPECT_FALSE(report_is_exact(report, record, "ghost_kB"));
	expect_sum(_metadata, report, record);
	report_free(report);

	/* Who did not see it there tells it of nobody, whoever is in its place. */
	ASSERT_EQ(0, module_reload(""));
	report = read_modules(_metadata);
	EXPECT_EQ(gone + 160 * self->page_kB, gone_kB(_metadata, report));
	EXPECT_EQ(-1, find(report, PLANT, ""));
	report_free(report);
	ASSERT_EQ(0, module_load(PLANT, ""));
}

TEST_HARNESS_MAIN
