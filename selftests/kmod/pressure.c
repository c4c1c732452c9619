// SPDX-License-Identifier: GPL-2.0
/*
 * Pressure: take single pages until little is free, and hold them.
 *
 *   MIB    hold pages until at most MIB MiB are left
 *   free   give all of them back
 *
 * While it holds them, reclaim works against it: the file says how much is
 * free now, and another write takes what has come back. Less than the min
 * watermarks and a little would wake the OOM killer, and is refused: lower
 * vm.min_free_kbytes first.
 */
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/string.h>
#include <linux/vmstat.h>
#include "plant.h"

#define MIB_MIN			4
#define MIB_MAX			1000000
#define PAGES_PER_MIB		((1UL << 20) >> PAGE_SHIFT)
/* The target must hold this often, PAUSE_MS apart, or reclaim undoes it. */
#define QUIET_SAMPLES		5
#define ROUNDS_MAX		250
#define PAUSE_MS		10

/* What others need while this holds the rest. */
#define MARGIN_PAGES		(2 * PAGES_PER_MIB)

#define PRESSURE_GFP		(GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY)

static LIST_HEAD(held);
static unsigned long nr_held;

static unsigned long free_pages_now(void)
{
	return global_zone_page_state(NR_FREE_PAGES);
}

static unsigned long watermark_pages(void)
{
	unsigned long pages = 0;
	int nid;
	int i;

	for_each_online_node(nid) {
		for (i = 0; i < MAX_NR_ZONES; i++) {
			struct zone *zone = &NODE_DATA(nid)->node_zones[i];

			pages += min_wmark_pages(zone);
		}
	}
	return pages;
}

static void held_release(unsigned long nr)
{
	while (nr--) {
		struct page *page = list_first_entry(&held, struct page, lru);

		list_del(&page->lru);
		__free_page(page);
		nr_held--;
		cond_resched();
	}
}

static int held_add(unsigned long free_target)
{
	unsigned long before = nr_held;
	int rounds = ROUNDS_MAX;
	int quiet = 0;
	int err;

	while (quiet < QUIET_SAMPLES) {
		unsigned long now = free_pages_now();
		struct page *page;

		err = plant_breathe();
		if (err)
			goto err_undo;
		if (now <= free_target) {
			quiet++;
			msleep(PAUSE_MS);
			continue;
		}
		quiet = 0;
		err = -EBUSY;
		if (now - free_target < PAGES_PER_MIB && !rounds--)
			goto err_undo;
		for (now -= free_target; now; now--) {
			page = alloc_page(PRESSURE_GFP);
			err = -ENOMEM;
			if (!page)
				goto err_undo;
			list_add(&page->lru, &held);
			nr_held++;
			err = plant_breathe();
			if (err)
				goto err_undo;
		}
	}
	return 0;

err_undo:
	held_release(nr_held - before);
	return err;
}

static void pressure_exit(void)
{
	held_release(nr_held);
}

static int pressure_command(int argc, char **argv)
{
	unsigned long mib;

	if (argc != 1)
		return -EINVAL;
	if (!strcmp(argv[0], "free")) {
		pressure_exit();
		return 0;
	}
	if (plant_number(argv[0], MIB_MIN, MIB_MAX, &mib))
		return -EINVAL;
	if (mib * PAGES_PER_MIB < watermark_pages() + MARGIN_PAGES)
		return -EINVAL;
	return held_add(mib * PAGES_PER_MIB);
}

static void pressure_show(struct seq_file *m)
{
	seq_printf(m, "pages: %lu\n", nr_held);
	seq_printf(m, "free_kB: %lu\n", free_pages_now() << (PAGE_SHIFT - 10));
}

const struct plant_kind plant_pressure = {
	.name		= "pressure",
	.command	= pressure_command,
	.show		= pressure_show,
	.exit		= pressure_exit,
};
