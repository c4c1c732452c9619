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

static struct mt_baseline baseline;

/**
 * mt_baseline_take() - remember how things stand
 *
 * Without memory for the slab caches there is no growth to compare them with, and that is all.
 *
 * Context: process context, may sleep; once, at load.
 */
void mt_baseline_take(void)
{
	struct mt_vmstat vmstat;

	mt_books_read(&baseline.ledger, &vmstat);
	baseline.slab = mt_collector_take(&mt_slab_collector);
	if (IS_ERR(baseline.slab))
		baseline.slab = NULL;
	baseline.taken_ns = ktime_get_ns();
}

/**
 * mt_baseline_drop() - give back what mt_baseline_take() allocated
 *
 * Context: process context; no reader is left.
 */
void mt_baseline_drop(void)
{
	mt_snapshot_free(baseline.slab);
	baseline.slab = NULL;
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
