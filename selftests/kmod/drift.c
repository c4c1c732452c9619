// SPDX-License-Identifier: GPL-2.0
/*
 * Drift: a counter of the kernel's that is wrong, as a bug of the kernel's would
 * leave it: SUnreclaim says so many pages too many.
 *
 *   PAGES   from now on
 *   free    right again
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/string.h>
#include <linux/vmstat.h>
#include "plant.h"

#define DRIFT_MAX	(1UL << 24)

static unsigned long drift_pages;

/* The item is in bytes, whatever it is kept in. */
static void drift_by(long pages)
{
	mod_node_page_state(NODE_DATA(first_online_node),
			    NR_SLAB_UNRECLAIMABLE_B, pages * (long)PAGE_SIZE);
}

static void drift_free(void)
{
	drift_by(-(long)drift_pages);
	drift_pages = 0;
}

static int drift_command(int argc, char **argv)
{
	unsigned long pages;

	if (argc != 1)
		return -EINVAL;
	if (!strcmp(argv[0], "free")) {
		drift_free();
		return 0;
	}
	if (plant_number(argv[0], 1, DRIFT_MAX, &pages))
		return -EINVAL;
	drift_by(pages);
	drift_pages += pages;
	return 0;
}

static void drift_show(struct seq_file *m)
{
	seq_printf(m, "pages: %lu\n", drift_pages);
}

const struct plant_kind plant_drift = {
	.name		= "drift",
	.command	= drift_command,
	.show		= drift_show,
	.exit		= drift_free,
};
