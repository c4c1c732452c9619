// SPDX-License-Identifier: GPL-2.0
/*
 * vmalloc.c - the report of vmalloc areas, by the function that asked for them.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "access/vmap.h"
#include "access/vmap_kind.h"
#include "access/vmap_layout.h"
#include "introspect/ksym.h"
#include "memory.h"
#include "snapshot.h"

#define GROUP_BITS	10
#define GROUPS		BIT(GROUP_BITS)
#define MODULE_NAME	64
#define SYMBOL_NAME	128

/* struct group - the areas of one caller and use */
struct group {
	unsigned long caller;
	enum mt_vmap_use use;
	u64 areas;
	u64 bytes;
	u64 pages;
};

/*
 * struct census - all groups
 * @groups: a hash table with open addressing
 * @spilled: the areas of callers for which the table had no room
 */
struct census {
	struct group *groups;
	struct group spilled;
};

static int count(const struct mt_vmap_area *area, void *arg)
{
	struct census *census = arg;
	unsigned int at = hash_long(area->caller ^ area->use, GROUP_BITS);
	struct group *group = &census->spilled;
	unsigned int i;

	for (i = 0; i < GROUPS; i++, at = (at + 1) % GROUPS) {
		struct group *candidate = &census->groups[at];

		if (candidate->areas &&
		    (candidate->caller != area->caller || candidate->use != area->use))
			continue;
		candidate->caller = area->caller;
		candidate->use = area->use;
		group = candidate;
		break;
	}
	group->areas++;
	group->bytes += area->bytes;
	group->pages += area->pages;
	return 0;
}

static void add_group(struct mt_snapshot *snap, const struct group *group, const char *module,
		      const char *caller)
{
	struct mt_cell cells[] = {
		mt_exact(group->bytes / 1024),
		mt_exact(group->pages * (PAGE_SIZE / 1024)),
		mt_exact(group->areas),
		mt_text(mt_vmap_kind_name(mt_vmap_kind(group->use, caller))),
		mt_text(module),
		mt_text(caller),
	};

	mt_snapshot_add(snap, cells);
}

static void name_group(struct mt_snapshot *snap, const struct group *group)
{
	char module[MODULE_NAME] = "-";
	char caller[SYMBOL_NAME];

	if (group->use == MT_VMAP_RAM)
		strscpy(caller, "(vm_map_ram)", sizeof(caller));
	else if (!group->caller)
		strscpy(caller, "(unknown)", sizeof(caller));
	else
		mt_ksym_format(caller, sizeof(caller), group->caller, module, sizeof(module));
	add_group(snap, group, module, caller);
}

static int collect(struct mt_snapshot *snap)
{
	struct census census = { };
	unsigned int i;
	int err;

	census.groups = mt_memory_zalloc(GROUPS * sizeof(*census.groups));
	if (!census.groups)
		return -ENOMEM;

	err = mt_vmap_for_each(count, &census);
	if (err == -ENOMEM || err == -EOPNOTSUPP) {
		mt_memory_free(census.groups);
		return err;
	}
	if (err)
		mt_snapshot_partial(snap, "not all areas could be read (error %d)", err);

	for (i = 0; i < GROUPS; i++) {
		if (census.groups[i].areas)
			name_group(snap, &census.groups[i]);
	}
	if (census.spilled.areas)
		add_group(snap, &census.spilled, NULL, "(more callers)");
	mt_memory_free(census.groups);
	return 0;
}

static const struct mt_column columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "pages_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "areas", .type = MT_NUMBER, .sum = true },
	{ .name = "kind", .type = MT_WORD },
	{ .name = "module", .type = MT_TEXT },
	{ .name = "caller", .type = MT_TEXT },
};

const struct mt_collector mt_vmalloc_collector = {
	.name = "vmalloc",
	.form = MT_FORM_TABLE,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.needs = {
		{
			.any_of = { &mt_vmap_node_table, &mt_vmap_tree_table },
			.loses = "vmalloc areas and their callers",
			.required = true,
		},
		{
			.any_of = { &mt_vmap_pack_table },
			.loses = "which areas of code are BPF's: they look like modules'",
			.may_be_absent = true,
		},
	},
	.collect = collect,
};
