// SPDX-License-Identifier: GPL-2.0
/*
 * baseline.c - knows how things stood when the module was loaded.
 */
#include "baseline.h"

#include <linux/err.h>
#include <linux/ktime.h>

#include "access/books.h"
#include "access/vmstat.h"
#include "collector.h"
#include "snapshot.h"

/* What a report that walks may take at load: insmod is typed in an incident. */
#define BUDGET_US	50000

static struct mt_baseline baseline;

/**
 * mt_baseline_take() - remember how things stand
 *
 * Without memory for a report there is no growth to compare it with, and that is all.
 *
 * Context: process context, may sleep; once, at load.
 */
void mt_baseline_take(void)
{
	struct mt_vmstat vmstat;
	unsigned int i;

	mt_books_read(&baseline.ledger, &vmstat);
	for (i = 0; i < mt_nr_collectors && baseline.nr_reports < MT_BASELINE_REPORTS; i++) {
		struct mt_snapshot *snap;

		if (!mt_collectors[i]->baseline)
			continue;
		snap = mt_collector_take(mt_collectors[i], BUDGET_US, NULL);
		if (!IS_ERR(snap))
			baseline.reports[baseline.nr_reports++] = snap;
	}
	baseline.taken_ns = ktime_get_ns();
}

/**
 * mt_baseline_drop() - give back what mt_baseline_take() allocated
 *
 * Context: process context; no reader is left.
 */
void mt_baseline_drop(void)
{
	while (baseline.nr_reports)
		mt_snapshot_free(baseline.reports[--baseline.nr_reports]);
}

/**
 * mt_baseline_get() - how things stood
 *
 * Context: any.
 * Return: the baseline, constant from load to unload.
 */
const struct mt_baseline *mt_baseline_get(void)
{
	return &baseline;
}
