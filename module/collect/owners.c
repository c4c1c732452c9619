// SPDX-License-Identifier: GPL-2.0
/*
 * owners.c - the report of the caches that somebody asked for, before they were merged.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/ktime.h>

#include "access/image.h"
#include "access/image_layout.h"
#include "access/slab.h"
#include "access/slab_alias.h"
#include "access/slab_holder.h"
#include "access/slab_layout.h"
#include "memory.h"
#include "snapshot.h"

static int collect(struct mt_snapshot *snap)
{
	struct mt_slab_aliases aliases = { };
	struct mt_slab_holders holders;
	struct mt_slab_list list;
	struct mt_image image;
	unsigned int i;
	u64 t0, t1;
	int err;

	err = mt_slab_read(&list);
	if (err)
		return err;
	mt_slab_alias_read(&aliases);
	err = mt_image_read(&image);
	t0 = ktime_get_ns();
	if (!err)
		err = mt_slab_holder_read(&holders, &image, &list, 0);
	t1 = ktime_get_ns();
	if (err)
		return err;
	mt_snapshot_print(snap, "took %llu us, %u modules, %u parts, err %d %d", (t1-t0)/1000, image.nr_modules, image.nr_parts, holders.error, holders.text_error);
	for (i = 0; i < list.nr; i++) {
		const struct mt_slab_holder *h = NULL;
		const struct mt_slab_alias *alias = NULL;
		int n = 0;
		while ((h = mt_slab_holder_next(&holders, i, h))) n += !h->copy;
		mt_snapshot_print(snap, "CACHE %s users %d holders %d rodata %d", list.caches[i].name, list.caches[i].users, n, mt_image_is_rodata(list.caches[i].name_addr));
		while ((alias = mt_slab_alias_next(&aliases, list.caches[i].kobject_id, alias)))
			mt_snapshot_print(snap, "   name %s rodata %d", alias->name, mt_image_is_rodata(alias->name_addr));
		while ((h = mt_slab_holder_next(&holders, i, h))) {
			mt_snapshot_print(snap, "   held by %s [%s] kind %d copy %d", h->symbol, image.modules[h->module].name, h->kind, h->copy);
			if (mt_slab_holder_says(h, list.caches[i].name, list.caches[i].name_addr))
				mt_snapshot_print(snap, "      says %s", list.caches[i].name);
			while ((alias = mt_slab_alias_next(&aliases, list.caches[i].kobject_id, alias)))
				if (mt_slab_holder_says(h, alias->name, alias->name_addr))
					mt_snapshot_print(snap, "      says %s", alias->name);
		}
	}
	return 0;
}

static const struct mt_column columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "objects", .type = MT_NUMBER, .sum = true },
	{ .name = "basis", .type = MT_WORD },
	{ .name = "root", .type = MT_TEXT },
	{ .name = "module", .type = MT_TEXT },
	{ .name = "holder", .type = MT_TEXT },
	{ .name = "name", .type = MT_TEXT },
};

const struct mt_collector mt_owners_collector = {
	.name = "owners",
	.form = MT_FORM_TABLE,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.needs = {
		{
			.any_of = { &mt_slab_cache_table },
			.loses = "all slab caches",
			.required = true,
		},
		{
			.any_of = { &mt_image_table },
			.loses = "who holds a cache",
		},
		{
			.any_of = { &mt_image_modules_table },
			.loses = "the modules that hold a cache",
		},
		{
			.any_of = { &mt_image_text_table },
			.loses = "caches that are held by instructions only",
		},
	},
	.collect = collect,
};
