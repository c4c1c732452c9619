// SPDX-License-Identifier: GPL-2.0
/*
 * super.c - knows the superblocks of file systems that live in memory.
 *
 * The exported walk, iterate_supers_type(), waits for s_umount of each superblock without a bound,
 * that is for an unmount that hangs, and does not find devtmpfs and rootfs, whose types are not
 * registered under their name. So the list of all superblocks is gone along instead: under sb_lock
 * the next s_umount is tried for, and while that of one superblock is held it cannot leave the
 * list, so that it marks the place. Where the list is not to be found, the exported walk is better
 * than none.
 *
 * Locking: sb_lock for a few hundred superblocks at a time; s_umount for reading during a visit.
 * Consistency: a superblock that exists throughout is visited once, unless its s_umount was not to
 * be had within lock_wait_ms: these are counted.
 */
#include "access/super.h"

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/kdev_t.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <linux/percpu_counter.h>
#include <linux/rwsem.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include <linux/string.h>

#include "access/super_layout.h"
#include "introspect/klock.h"
#include "introspect/kread.h"

/* Superblocks that are gone along under one hold of sb_lock. */
#define STEPS		256

/* Of all; a machine full of containers has some ten thousand. */
#define MAX_SUPERS	1000000

/* How often sb_lock is tried. */
#define TRIES		50

static bool kind_of(const struct super_block *sb, enum mt_super_kind *kind)
{
	switch (sb->s_magic) {
	case TMPFS_MAGIC:
		*kind = MT_SUPER_SHMEM;
		return true;
	case RAMFS_MAGIC:
		*kind = MT_SUPER_RAMFS;
		return true;
	case HUGETLBFS_MAGIC:
		*kind = MT_SUPER_HUGETLBFS;
		return true;
	default:
		return false;
	}
}

/*
 * struct step - from one superblock to the next
 * @from: stand behind this list node
 * @patient: end at one whose s_umount is not to be had, instead of passing it by
 * @sb: the one that was reached, its s_umount held; NULL at the end of the list
 * @busy: ended because of @patient
 * @nr_busy: passed by
 * @error: the list is corrupted
 */
struct step {
	unsigned long from;
	bool patient;
	struct super_block *sb;
	bool busy;
	unsigned int nr_busy;
	int error;
};

/* Under sb_lock. One that is not ours is stopped at too, after many steps, to mark the place. */
static void take_next(void *arg)
{
	struct step *step = arg;
	enum mt_super_kind kind;
	unsigned int steps = 0;
	struct mt_klist walk;
	unsigned long node;

	step->sb = NULL;
	step->busy = false;
	step->nr_busy = 0;
	mt_klist_start(&walk, mt_sym_super_blocks, MAX_SUPERS);
	walk.at = step->from;
	while ((node = mt_klist_next(&walk))) {
		struct super_block *sb = list_entry((struct list_head *)node, struct super_block,
						    s_list);
		bool wanted = kind_of(sb, &kind);

		if (!wanted && ++steps < STEPS)
			continue;
		if (!down_read_trylock(&sb->s_umount)) {
			if (wanted && step->patient) {
				step->busy = true;
				return;
			}
			step->nr_busy += wanted;
			continue;
		}
		/* as the kernel's own walks do: it is born, and not yet dying */
		if (sb->s_root && (sb->s_flags & SB_BORN)) {
			step->sb = sb;
			return;
		}
		up_read(&sb->s_umount);
	}
	step->error = walk.error;
}

static bool visit_one(struct super_block *sb, mt_super_visit_t visit, void *arg)
{
	struct mt_super super = {
		.sb = sb,
		.major = MAJOR(sb->s_dev),
		.minor = MINOR(sb->s_dev),
		.internal = sb->s_flags & SB_KERNMOUNT,
	};

	if (!kind_of(sb, &super.kind))
		return true;
	/* the kernel mounts devtmpfs for itself, and then everybody sees that one */
	if (!strcmp(sb->s_type->name, "devtmpfs"))
		super.internal = false;
	strscpy(super.type, sb->s_type->name, sizeof(super.type));
	return visit(&super, arg);
}

static int go_along(mt_super_visit_t visit, void *arg, unsigned int *nr_busy)
{
	struct step step = { .from = mt_sym_super_blocks, .patient = true };
	struct super_block *held = NULL;
	unsigned int tries = 0;
	u64 until_ns = 0;
	int err = 0;

	for (;;) {
		if (fatal_signal_pending(current)) {
			err = -EINTR;
			break;
		}
		cond_resched();
		if (!mt_klock_spin(&mt_klock_sb, (spinlock_t *)mt_sym_sb_lock, take_next, &step)) {
			if (++tries < TRIES)
				continue;
			err = -EBUSY;
			break;
		}
		tries = 0;
		if (step.busy) {
			step.patient = mt_klock_nap(&until_ns);
			continue;
		}
		*nr_busy += step.nr_busy;
		err = step.error;
		if (held)
			up_read(&held->s_umount);
		held = step.sb;
		if (err || !held || !visit_one(held, visit, arg))
			break;
		step.from = (unsigned long)&held->s_list;
		step.patient = true;
		until_ns = 0;
	}
	if (held)
		up_read(&held->s_umount);
	return err;
}

/*
 * struct exported - a visitor for iterate_supers_type()
 * @visit: ours
 * @arg: its own
 * @over: it had enough
 */
struct exported {
	mt_super_visit_t visit;
	void *arg;
	bool over;
};

static void visit_exported(struct super_block *sb, void *arg)
{
	struct exported *exported = arg;

	if (!exported->over)
		exported->over = !visit_one(sb, exported->visit, exported->arg);
}

static int go_along_types(mt_super_visit_t visit, void *arg)
{
	struct exported exported = { .visit = visit, .arg = arg };
	const char *const types[] = {
		IS_ENABLED(CONFIG_TMPFS) ? "tmpfs" : NULL,
		"ramfs",
		/* one that is not registered would be loaded as a module */
		IS_ENABLED(CONFIG_HUGETLBFS) && hugepages_supported() ? "hugetlbfs" : NULL,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types) && !exported.over; i++) {
		struct file_system_type *type = types[i] ? get_fs_type(types[i]) : NULL;

		if (!type)
			continue;
		iterate_supers_type(type, visit_exported, &exported);
		module_put(type->owner);
	}
	return 0;
}

/**
 * mt_super_used_kB() - what a file system counts of itself
 * @super: the superblock, from mt_super_for_each()
 * @kB: gets what its files have in memory and in swap, together
 *
 * Context: any.
 * Return: false if it counts nothing, as a tmpfs does that has no limit.
 */
bool mt_super_used_kB(const struct mt_super *super, u64 *kB)
{
	struct shmem_sb_info *info = super->sb->s_fs_info;

	if (super->kind != MT_SUPER_SHMEM || !info || !READ_ONCE(info->max_blocks))
		return false;
	*kB = (u64)percpu_counter_sum_positive(&info->used_blocks) * (PAGE_SIZE / 1024);
	return true;
}

/**
 * mt_super_for_each() - visit the superblocks of file systems that live in memory
 * @visit: takes one superblock
 * @arg: handed to @visit
 * @nr_busy: set to the number of those that were being mounted, unmounted or remounted all the time
 *
 * Context: process context, no lock held, may sleep. Takes sb_lock and s_umount.
 * Return: 0; -EBUSY if sb_lock was not to be had, -EFAULT or -ELOOP if the list is corrupted,
 * -EINTR after a fatal signal: then some were visited, but not all.
 */
int mt_super_for_each(mt_super_visit_t visit, void *arg, unsigned int *nr_busy)
{
	*nr_busy = 0;
	if (mt_super_table.state == MT_RELO_READY)
		return go_along(visit, arg, nr_busy);
	return go_along_types(visit, arg);
}
