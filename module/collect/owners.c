// SPDX-License-Identifier: GPL-2.0
/*
 * owners.c - the report of the caches that somebody asked for, before they were merged.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "access/code_layout.h"
#include "access/creation.h"
#include "access/image_layout.h"
#include "access/slab_content.h"
#include "access/slab_layout.h"
#include "access/slab_owner.h"
#include "access/slab_part.h"
#include "access/slab_split.h"
#include "snapshot.h"

/* Bytes of a cell: a name or symbol, and what is said of it. */
#define CELL		(MT_SLAB_HOLDER_SYMBOL + 16)

/*
 * struct totals - the sums of all caches
 * @kB: in the records
 * @merged: caches with more than one user
 * @users: of these
 * @explained: of these, how many have a holder
 * @certain: names that are linked to a variable for certain
 * @guessed: names for which the variable is a guess
 */
struct totals {
	s64 kB;
	unsigned int merged;
	unsigned int users;
	unsigned int explained;
	unsigned int certain;
	unsigned int guessed;
};

/* A cell that may be a guess; with @whole the variable, whichever its member. */
static struct mt_cell guess(char *cell, const char *text, bool guessed, bool whole)
{
	if (!text)
		return mt_text(NULL);
	snprintf(cell, CELL, "%s%s", guessed ? "~" : "", text);
	if (whole)
		cell[strcspn(cell, "+")] = '\0';
	return mt_text(cell);
}

/* The offset of a variable that begins there says nothing. */
static struct mt_cell variable(char *cell, const char *symbol)
{
	char *offset;

	strscpy(cell, symbol, CELL);
	offset = strchr(cell, '+');
	if (offset && !strcmp(offset, "+0x0"))
		*offset = '\0';
	return mt_text(cell);
}

static const char *basis_of(const struct mt_slab_part *part)
{
	if (part->sole)
		return "sole";
	return part->told ? "content" : NULL;
}

/* What belongs to nobody is under a name of its own. */
static void say_name(char *cell, size_t size, const struct mt_slab_part *part)
{
	if (!part->name)
		snprintf(cell, size, "(unattributed)");
	else if (part->creation && mt_creation_left_behind(part->creation))
		snprintf(cell, size, "%s, left behind by %s (unloaded)", part->name->text,
			 part->module);
	else
		snprintf(cell, size, "%s%s", part->name->text,
			 part->name->gone && !part->creation ? " (destroyed?)" : "");
}

static struct mt_cell holder_of(char *cell, const struct mt_slab_part *part)
{
	const struct mt_owner_name *name = part->name;

	if (part->creation && part->creation->holder[0])
		return variable(cell, part->creation->holder);
	if (!name || name->holder == MT_OWNER_NONE)
		return mt_text(NULL);
	return guess(cell, part->root->holders[name->holder].symbol, name->holder_guessed,
		     name->holder_part_unknown);
}

/*
 * struct records - the records in the making
 * @snap: the snapshot
 * @totals: what they sum to
 */
struct records {
	struct mt_snapshot *snap;
	struct totals *totals;
};

static void add_record(const struct mt_slab_part *part, void *arg)
{
	struct records *records = arg;
	char module_cell[CELL], holder_cell[CELL], name_cell[2 * CELL];
	enum mt_certainty known = part->exact ? MT_EXACT : MT_ESTIMATE;
	enum mt_certainty certainty = part->known ? known : MT_UNKNOWN;
	s64 kB = div_s64(part->objects * part->cache->size, 1024);
	struct mt_cell cells[] = {
		mt_number(kB, certainty),
		mt_number(part->objects, certainty),
		mt_text(basis_of(part)),
		mt_text(part->cache->name),
		guess(module_cell, part->module, part->module_guessed, false),
		holder_of(holder_cell, part),
		mt_text(name_cell),
	};

	say_name(name_cell, sizeof(name_cell), part);
	records->totals->kB += kB;
	mt_snapshot_add(records->snap, cells);
}

static void count_links(struct totals *totals, const struct mt_owner_root *root)
{
	int i;

	for (i = 0; i < root->nr_names; i++) {
		if (root->names[i].holder == MT_OWNER_NONE)
			continue;
		if (root->names[i].holder_guessed)
			totals->guessed++;
		else
			totals->certain++;
	}
	if (root->users < 2)
		return;
	totals->merged++;
	totals->users += root->users;
	totals->explained += root->explained;
}

static void add_cache(struct records *records, const struct mt_slab_owners *owners,
		      const struct mt_slab_split *split, const struct mt_creations *seen,
		      unsigned int cache)
{
	const struct mt_owner_root *root = &owners->roots[cache];
	const struct mt_slab_root *told = mt_slab_split_find(split, cache);
	const char *name = owners->list.caches[cache].name;

	count_links(records->totals, root);
	mt_slab_part_for_each(owners, split, seen, cache, add_record, records);
	if (mt_slab_part_is_sole(root))
		return;
	if (told && told->error)
		mt_snapshot_print(records->snap,
				  "%s: from a sample: a figure may be off by %llu objects", name,
				  told->error);
	if (root->nr_names > root->users)
		mt_snapshot_print(records->snap,
				  "%s: %d names, %d users: names of destroyed caches stay", name,
				  root->nr_names, root->users);
}

/* What the slabs have beside allocated objects: with it, the sum is that of the caches. */
static void say_what_is_free(struct mt_snapshot *snap, const struct mt_slab_owners *owners,
			     const struct totals *totals)
{
	s64 kB = 0;
	unsigned int i;

	for (i = 0; i < owners->list.nr; i++)
		kB += owners->list.caches[i].pages * (s64)(PAGE_SIZE / 1024);
	mt_snapshot_print(snap, "in no object: %lld kB of %lld kB in slabs", kB - totals->kB, kB);
}

static void say_how_many(struct mt_snapshot *snap, const struct totals *totals)
{
	unsigned int permille = totals->users ? totals->explained * 1000 / totals->users : 1000;

	mt_snapshot_print(snap,
			  "merged caches: %u, with %u users; %u of these (%u.%u %%) have a holder",
			  totals->merged, totals->users, totals->explained, permille / 10,
			  permille % 10);
	mt_snapshot_print(snap, "names: %u with a certain holder, %u with a likely one (~)",
			  totals->certain, totals->guessed);
}

/* Where the kernel itself knows more than can be found out. */
static void say_who_knows(struct mt_snapshot *snap, const struct mt_slab_owners *owners,
			  const struct totals *totals)
{
	unsigned int i;

	if (!totals->merged)
		mt_snapshot_print(snap, "this kernel merges no caches: each has one owner");
	if (IS_ENABLED(CONFIG_MEM_ALLOC_PROFILING))
		mt_snapshot_print(snap,
				  "/proc/allocinfo: who allocated, if memory profiling is on");
	for (i = 0; i < owners->list.nr; i++) {
		if (!owners->list.caches[i].stores_user)
			continue;
		mt_snapshot_print(snap,
				  "alloc_traces in /sys/kernel/debug/slab/CACHE: who allocated");
		mt_snapshot_print(snap,
				  "alloc_calls in /sys/kernel/slab/CACHE: the same in old kernels");
		break;
	}
}

static void say_what_is_missing(struct mt_snapshot *snap, const struct mt_slab_owners *owners)
{
	const struct mt_slab_holders *holders = &owners->holders;

	if (owners->list.error)
		mt_snapshot_partial(snap, "the list of caches broke off (error %d)",
				    owners->list.error);
	if (owners->aliases_error && owners->aliases_error != -EOPNOTSUPP)
		mt_snapshot_partial(snap, "no aliases (error %d)", owners->aliases_error);
	if (owners->image_error && owners->image_error != -EOPNOTSUPP)
		mt_snapshot_partial(snap, "no holders (error %d)", owners->image_error);
	if (owners->image.error && owners->image.error != -EOPNOTSUPP)
		mt_snapshot_partial(snap, "the list of modules broke off (error %d)",
				    owners->image.error);
	if (owners->names_error == -ETIME)
		mt_snapshot_hurried(snap, "no time to search all modules for names");
	else if (owners->names_error)
		mt_snapshot_partial(snap, "not all modules were searched for names (error %d)",
				    owners->names_error);
	if (holders->error)
		mt_snapshot_partial(snap, "not all variables were searched for holders (error %d)",
				    holders->error);
	if (holders->object_error == -ETIME)
		mt_snapshot_hurried(snap, "not all objects were searched for holders (holder_ms)");
	else if (holders->object_error && holders->object_error != -EOPNOTSUPP)
		mt_snapshot_partial(snap, "not all objects were searched for holders (error %d)",
				    holders->object_error);
	if (holders->text_error)
		mt_snapshot_partial(snap,
				    "not all instructions were searched for holders (error %d)",
				    holders->text_error);
}

static int collect(struct mt_snapshot *snap)
{
	/* half of it is for who asked for the caches, half for what is in them */
	u64 half_ns = snap->budget_ns / 2;
	u64 deadline_ns = half_ns ? ktime_get_ns() + half_ns : 0;
	struct mt_slab_owners owners;
	struct mt_slab_split split;
	struct mt_creations seen = { };
	struct totals totals = { };
	struct records records = { .snap = snap, .totals = &totals };
	unsigned int i;
	int err;

	err = mt_slab_owner_read(&owners, deadline_ns);
	if (err) {
		mt_snapshot_remark(snap, err == -EBUSY ? "slab_mutex is held by somebody else" :
						 "the list of caches could not be read");
		return err;
	}
	say_what_is_missing(snap, &owners);
	err = mt_slab_split_read(&split, &owners, half_ns);
	if (err && err != -EOPNOTSUPP)
		mt_snapshot_partial(snap, "objects of merged caches were not told apart (error %d)",
				    err);
	if (split.crowded)
		mt_snapshot_remark(snap, "objects of merged caches differ too much for all");
	if (split.nr && mt_slab_content_may_be_stale())
		mt_snapshot_print(snap, "without init_on_alloc, what objects hold may be stale");
	if (mt_creation_read(&seen))
		mt_snapshot_partial(snap, "no memory for the creations that were seen");
	/* a record for each name, and one for what belongs to none */
	mt_snapshot_expect(snap, 2 * owners.list.nr + owners.aliases.nr);
	for (i = 0; i < owners.list.nr; i++)
		add_cache(&records, &owners, &split, &seen, i);
	mt_creation_free(&seen);
	say_what_is_free(snap, &owners, &totals);
	say_how_many(snap, &totals);
	say_who_knows(snap, &owners, &totals);
	mt_slab_split_free(&split);
	mt_slab_owner_free(&owners);
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
			.any_of = { &mt_slab_node_table },
			.loses = "how many objects a cache has",
			.required = true,
		},
		{
			.any_of = { &mt_slab_per_node_table, &mt_slab_node_array_table },
			.loses = "how many objects a cache has",
			.required = true,
		},
		{
			.any_of = { &mt_slab_sheaf_table, &mt_slab_cpu_table },
			.loses = "how many objects are really allocated",
		},
		{
			.any_of = { &mt_slab_alias_table },
			.loses = "the names of merged caches",
		},
		{
			.any_of = { &mt_kernfs_root_rwsem_table, &mt_kernfs_rwsem_table,
				    &mt_kernfs_mutex_table },
			.loses = "the names of merged caches",
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
		{
			.any_of = { &mt_slab_object_table },
			.loses = "caches that are held by allocated objects",
		},
		{
			.any_of = { &mt_code_table },
			.loses = "which names of a merged cache have its objects for certain",
		},
	},
	.of_large_slab = true,
	.collect = collect,
};
