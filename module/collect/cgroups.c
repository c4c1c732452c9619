// SPDX-License-Identifier: GPL-2.0
/*
 * cgroups.c - the report of memory cgroups, also of those that were removed and are still charged.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "access/memcg.h"
#include "access/memcg_layout.h"
#include "memory.h"
#include "snapshot.h"

/* Dying cgroups that are worth a note each. */
#define NOTED	5

/*
 * struct census - what is added up over all cgroups
 * @snap: gets the records
 * @nr: cgroups seen
 * @charged_kB: charged to the root by those below it
 * @nr_dying: removed ones that are still there
 * @anon_kB: on their lists
 * @file_kB: on their lists
 * @unevictable_kB: on their lists
 * @noted: those of them with most on their lists, largest first
 */
struct census {
	struct mt_snapshot *snap;
	u64 nr;
	u64 charged_kB;
	u64 nr_dying;
	u64 anon_kB;
	u64 file_kB;
	u64 unevictable_kB;
	struct mt_memcg noted[NOTED];
};

static u64 listed_kB(const struct mt_memcg *memcg)
{
	return memcg->anon_kB + memcg->file_kB + memcg->unevictable_kB;
}

static void note_dying(struct census *census, const struct mt_memcg *memcg)
{
	unsigned int i = NOTED;

	census->nr_dying++;
	census->anon_kB += memcg->anon_kB;
	census->file_kB += memcg->file_kB;
	census->unevictable_kB += memcg->unevictable_kB;
	while (i && listed_kB(memcg) > listed_kB(&census->noted[i - 1])) {
		if (i < NOTED)
			census->noted[i] = census->noted[i - 1];
		i--;
	}
	if (i < NOTED)
		census->noted[i] = *memcg;
}

static struct mt_cell cell(enum mt_memcg_trust trust, u64 kB)
{
	return mt_number(kB, trust == MT_MEMCG_EXACT  ? MT_EXACT :
			     trust == MT_MEMCG_RECENT ? MT_ESTIMATE :
							MT_UNKNOWN);
}

static void add_cgroup(const struct mt_memcg *memcg, void *arg)
{
	struct census *census = arg;
	struct mt_cell cells[] = {
		mt_number(memcg->kB, memcg->online ? MT_EXACT : MT_ESTIMATE),
		cell(memcg->slab_trust, memcg->slab_kB),
		cell(memcg->kernel_trust, memcg->kernel_kB),
		mt_text(memcg->online ? "online" : "dying"),
		mt_text(memcg->path),
	};

	/* the root comes first */
	if (!census->nr++)
		census->charged_kB = memcg->kB;
	if (!memcg->online)
		note_dying(census, memcg);
	mt_snapshot_add(census->snap, cells);
}

static void print_notes(struct mt_snapshot *snap, const struct census *census)
{
	u64 dying_kB = census->anon_kB + census->file_kB + census->unevictable_kB;
	unsigned int i;

	mt_snapshot_print(snap,
			  "LruAnon, LruFile, Unevictable, kernel memory: %llu kB are charged to cgroups; a record contains those of the cgroups below it",
			  census->charged_kB);
	if (!census->nr_dying)
		return;
	mt_snapshot_print(snap,
			  "dying: %llu of %llu cgroups, %llu kB on their lists: page cache %llu, anonymous and shared %llu, unevictable %llu; those with nothing there are kept by kernel memory or by references",
			  census->nr_dying, census->nr, dying_kB, census->file_kB, census->anon_kB,
			  census->unevictable_kB);
	for (i = 0; i < NOTED && listed_kB(&census->noted[i]); i++)
		mt_snapshot_print(snap,
				  "kept: page cache %llu kB, anonymous and shared %llu kB, unevictable %llu kB: %s",
				  census->noted[i].file_kB, census->noted[i].anon_kB,
				  census->noted[i].unevictable_kB, census->noted[i].path);
}

static int collect(struct mt_snapshot *snap)
{
	u64 until_ns = snap->budget_ns ? ktime_get_ns() + snap->budget_ns : 0;
	struct mt_memcg_passed passed;
	struct census *census;
	int err;

	if (mt_memcg_disabled()) {
		mt_snapshot_remark(snap,
				   "this kernel has no memory cgroups, or was booted without them (cgroup_disable=memory)");
		return -EOPNOTSUPP;
	}
	census = mt_memory_zalloc(sizeof(*census));
	if (!census)
		return -ENOMEM;
	census->snap = snap;
	if (!mt_memcg_charges_kernel())
		mt_snapshot_remark(snap,
				   "kernel memory is charged to no cgroup (cgroup.memory=nokmem)");
	err = mt_memcg_for_each(add_cgroup, census, until_ns, &passed);
	census->nr += passed.nr;
	census->nr_dying += passed.dying;
	if (passed.nr)
		mt_snapshot_partial(snap,
				    "out of time: %llu cgroups are missing, none of them large",
				    passed.nr);
	if (err == -EINTR || err == -ETIME) {
		mt_snapshot_partial(snap, "%s after %llu cgroups",
				    err == -ETIME ? "out of time" : "interrupted", census->nr);
		err = 0;
	}
	if (!err)
		print_notes(snap, census);
	mt_memory_free(census);
	return err;
}

/* No sums: a record contains others. */
static const struct mt_column columns[] = {
	{ .name = "kB", .type = MT_NUMBER },
	{ .name = "slab_kB", .type = MT_NUMBER },
	{ .name = "kernel_kB", .type = MT_NUMBER },
	{ .name = "state", .type = MT_WORD },
	{ .name = "path", .type = MT_TEXT },
};

const struct mt_collector mt_cgroups_collector = {
	.name = "cgroups",
	.form = MT_FORM_TABLE,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.needs = {
#ifndef MT_MEMCG_VMSTATS_PUBLIC
		{
			.any_of = { &mt_memcg_vmstats_table },
			.loses = "slab and kernel memory of each cgroup",
			.may_be_absent = !IS_ENABLED(CONFIG_MEMCG),
		},
#endif
		{
			.any_of = { &mt_memcg_nokmem_table },
			.loses = "whether kernel memory is charged at all",
			.may_be_absent = !IS_ENABLED(CONFIG_MEMCG),
		},
	},
	.collect = collect,
};
