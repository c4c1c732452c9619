/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many pages are in a class of the pages report. For programs that use
 * kselftest_harness.h.
 */
#ifndef MEMTRIAGE_CENSUS_H
#define MEMTRIAGE_CENSUS_H

#include <string.h>

#include "fixture.h"
#include "oracle.h"

/*
 * Pages that newer kernels make for the clock and map into who looks at it: they
 * are in mapped_driver while a process has.
 */
#define CLOCK_PAGES	4

/*
 * Ghosts that come and go on a machine at rest: a full pipe of whoever reads our output is 16 of
 * them. What is planted is so much that this is less than 2 %.
 */
#define GHOST_NOISE	64

/* The classes that are in no counter. */
static inline bool is_uncounted(const char *class)
{
	return !strcmp(class, "page_pool") || !strcmp(class, "memcg_charged") ||
		!strcmp(class, "mapped_driver") ||
		!strcmp(class, "cma_driver") || !strcmp(class, "ghost");
}

/* Pages in a class; "ghost+" for all uncounted ones. */
static inline long long census_pages(const struct report *report,
				     const char *class)
{
	bool uncounted = !strcmp(class, "ghost+");
	long long pages = 0;
	int i;

	for (i = 0; i < report->nr_records; i++) {
		const char *name = report_text(report, i, "class");
		long long number = report_number(report, i, "pages");

		if (number != NO_NUMBER &&
		    (uncounted ? is_uncounted(name) : !strcmp(name, class)))
			pages += number;
	}
	return pages;
}

/* What the classes of MemTotal sum up to. */
static inline long long census_managed_kb(const struct report *report)
{
	long long kb = 0;
	int i;

	for (i = 0; i < report->nr_records; i++) {
		long long number = report_number(report, i, "kB");

		if (!strcmp(report_text(report, i, "managed"), "y") &&
		    number != NO_NUMBER)
			kb += number;
	}
	return kb;
}

/* On a machine at rest. */
static inline long long count_now(struct __test_metadata *_metadata,
				  const char *class)
{
	struct report *report;
	long long pages;

	oracle_settle();
	report = read_report(_metadata, "pages");
	pages = census_pages(report, class);
	report_free(report);
	return pages;
}

/* Within what else the machine does with such memory: @slack pages. */
static inline void expect_moved(struct __test_metadata *_metadata,
				const char *class, long long before,
				long long pages, long long slack)
{
	long long moved = count_now(_metadata, class) - before;

	EXPECT_LE(pages, moved + slack);
	EXPECT_GE(pages + slack, moved) {
		TH_LOG("%s moved by %lld, not by %lld", class, moved, pages);
	}
}

#endif /* MEMTRIAGE_CENSUS_H */
