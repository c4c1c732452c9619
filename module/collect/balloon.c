// SPDX-License-Identifier: GPL-2.0
/*
 * balloon.c - the report of balloon drivers: memory that the hypervisor took back.
 */
#include <linux/kernel.h>
#include <linux/mm.h>

#include "access/balloon.h"
#include "snapshot.h"

static const char *const places[] = {
	[MT_BALLOON_OUTSIDE] = "n",
	[MT_BALLOON_INSIDE] = "y",
	[MT_BALLOON_UNTOLD] = NULL,
};

static int collect(struct mt_snapshot *snap)
{
	struct mt_balloon balloons[MT_BALLOONS];
	unsigned int nr = mt_balloon_read(balloons);
	unsigned int i;

	for (i = 0; i < nr; i++) {
		const struct mt_balloon *balloon = &balloons[i];
		s64 kB = balloon->pages * (s64)(PAGE_SIZE / 1024);
		struct mt_cell cells[] = {
			balloon->known ? mt_exact(kB) : mt_unknown(),
			mt_text(places[balloon->in_total]),
			mt_text(balloon->source),
			mt_text(balloon->driver),
		};

		mt_snapshot_add(snap, cells);
		if (!balloon->known)
			mt_snapshot_partial(snap, "%s: how much it inflated is not told",
					    balloon->driver);
		if (balloon->in_total == MT_BALLOON_UNTOLD)
			mt_snapshot_partial(snap, "%s: inside MemTotal or not is not told",
					    balloon->driver);
	}
	return 0;
}

static const struct mt_column columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "in_total", .type = MT_WORD },
	{ .name = "source", .type = MT_WORD },
	{ .name = "driver", .type = MT_WORD },
};

const struct mt_collector mt_balloon_collector = {
	.name = "balloon",
	.form = MT_FORM_TABLE,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.collect = collect,
};
