// SPDX-License-Identifier: GPL-2.0
/*
 * tmpfs.c - the report of files that live in memory: tmpfs, shared memory, ramfs, huge page files.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "access/holder.h"
#include "access/inode.h"
#include "access/mount.h"
#include "access/mount_layout.h"
#include "access/super.h"
#include "access/super_layout.h"
#include "access/vmstat.h"
#include "memory.h"
#include "snapshot.h"

#define PAGES_TO_KB(_pages) ((s64)(_pages) * (s64)(PAGE_SIZE / 1024))

#define GROUP_BITS	9
#define GROUPS		BIT(GROUP_BITS)
#define WHERE_BYTES	(MT_MOUNT_PATH + 48)

/* Unlinked files whose holders are told; they are looked for MT_HOLDERS at a time. */
#define NOTED		16

/*
 * struct group - files of the kernel's own mount that have the same name
 * @name: the name, "" for an unused entry
 * @sum: what they hold
 */
struct group {
	char name[MT_INODE_NAME];
	struct mt_inode_sum sum;
};

/*
 * struct unlinked - a file that only its holders keep
 * @inode: the file
 * @type: of its file system
 * @major: of its device
 * @minor: of its device
 */
struct unlinked {
	struct mt_inode inode;
	char type[MT_SUPER_TYPE];
	unsigned int major;
	unsigned int minor;
};

/*
 * struct census - what is collected over all superblocks
 * @snap: gets the records
 * @until_ns: when to stop, 0 for never
 * @err: the first thing that went wrong
 * @super: the superblock that is being counted
 * @groups: the files of a mount of the kernel's own by name: a hash table with open addressing
 * @spilled: those for which it had no room
 * @kB: found, by enum mt_super_kind
 * @unlinked: the largest files that were unlinked
 * @nr_unlinked: entries in use
 * @holders: room for the search for their holders
 */
struct census {
	struct mt_snapshot *snap;
	u64 until_ns;
	int err;
	const struct mt_super *super;
	struct group groups[GROUPS];
	struct mt_inode_sum spilled;
	u64 kB[MT_SUPER_HUGETLBFS + 1];
	struct unlinked unlinked[MT_HOLDERS];
	unsigned int nr_unlinked;
	struct mt_holder holders[MT_HOLDERS];
};

static u64 size_of(const struct unlinked *unlinked)
{
	return unlinked->inode.kB + unlinked->inode.swap_kB;
}

/* Keep the largest. */
static void remember(struct census *census, const struct mt_inode *inode)
{
	struct unlinked *unlinked = census->unlinked;
	unsigned int i;

	if (census->nr_unlinked < MT_HOLDERS) {
		unlinked += census->nr_unlinked++;
	} else {
		for (i = 1; i < MT_HOLDERS; i++) {
			if (size_of(&census->unlinked[i]) < size_of(unlinked))
				unlinked = &census->unlinked[i];
		}
		if (size_of(unlinked) >= inode->kB + inode->swap_kB)
			return;
	}
	unlinked->inode = *inode;
	strscpy(unlinked->type, census->super->type, sizeof(unlinked->type));
	unlinked->major = census->super->major;
	unlinked->minor = census->super->minor;
}

static void add_to_group(struct census *census, const struct mt_inode *inode)
{
	const char *name = *inode->name ? inode->name : "(no name)";
	unsigned int at = jhash(name, strlen(name), 0) % GROUPS;
	struct mt_inode_sum *sum = &census->spilled;
	unsigned int i;

	for (i = 0; i < GROUPS; i++, at = (at + 1) % GROUPS) {
		struct group *group = &census->groups[at];

		if (*group->name && strcmp(group->name, name))
			continue;
		strscpy(group->name, name, sizeof(group->name));
		sum = &group->sum;
		break;
	}
	sum->nr++;
	sum->kB += inode->kB;
	sum->swap_kB += inode->swap_kB;
	sum->unlinked_kB += inode->unlinked ? inode->kB : 0;
}

static void take_inode(const struct mt_inode *inode, void *arg)
{
	struct census *census = arg;

	/* the root directory of a mount of the kernel's own is nobody's */
	if (census->super->internal && !inode->unlinked && !inode->kB)
		return;
	if (census->super->internal)
		add_to_group(census, inode);
	if (inode->unlinked && (inode->kB || inode->swap_kB))
		remember(census, inode);
}

static void add_record(struct census *census, const struct mt_inode_sum *sum, const char *where,
		       bool whole)
{
	enum mt_certainty certainty = whole ? MT_EXACT : MT_ESTIMATE;
	const struct mt_super *super = census->super;
	char dev[24];
	struct mt_cell cells[] = {
		mt_number(sum->kB, certainty),
		mt_number(sum->swap_kB, certainty),
		mt_number(sum->nr, certainty),
		mt_number(sum->unlinked_kB, certainty),
		mt_text(super->type),
		mt_text(dev),
		mt_text(where),
	};

	snprintf(dev, sizeof(dev), "%u:%u", super->major, super->minor);
	mt_snapshot_add(census->snap, cells);
}

/* What the kernel calls a file that it made for somebody. */
static void name_group(const char *name, char *where, size_t bytes)
{
	if (!strncmp(name, "SYSV", 4))
		snprintf(where, bytes, "SysV shm %s", name);
	else if (!strcmp(name, "dev/zero"))
		strscpy(where, "(shared anonymous memory)", bytes);
	else if (!strcmp(name, "drm mm object") || !strcmp(name, "i915") ||
		 !strcmp(name, "ttm swap"))
		snprintf(where, bytes, "(GPU objects) %s", name);
	else
		strscpy(where, name, bytes);
}

static void add_groups(struct census *census, bool whole)
{
	char where[MT_INODE_NAME + 32];
	unsigned int i;

	for (i = 0; i < GROUPS; i++) {
		struct group *group = &census->groups[i];

		if (!*group->name)
			continue;
		name_group(group->name, where, sizeof(where));
		add_record(census, &group->sum, where, whole);
	}
	if (census->spilled.nr)
		add_record(census, &census->spilled, "(more names)", whole);
	memset(census->groups, 0, sizeof(census->groups));
	census->spilled = (struct mt_inode_sum) { };
}

static void add_mount(struct census *census, const struct mt_inode_sum *sum, bool whole)
{
	char where[WHERE_BYTES];
	struct mt_mount mount;

	mt_mount_find(census->super, &mount);
	switch (mount.state) {
	case MT_MOUNT_UNTOLD:
		add_record(census, sum, NULL, whole);
		return;
	case MT_MOUNT_NOWHERE:
		strscpy(where, "(not mounted)", sizeof(where));
		break;
	case MT_MOUNT_DETACHED:
		strscpy(where, "(unmounted, still in use)", sizeof(where));
		break;
	case MT_MOUNT_HERE:
		strscpy(where, mount.path, sizeof(where));
		break;
	case MT_MOUNT_ELSEWHERE:
		snprintf(where, sizeof(where), "%s (mount namespace %u)", mount.path, mount.ns);
		break;
	}
	add_record(census, sum, where, whole);
}

static bool take_super(const struct mt_super *super, void *arg)
{
	struct census *census = arg;
	struct mt_inode_sum sum;
	int err;

	census->super = super;
	err = mt_inode_for_each(super, &sum, take_inode, census, census->until_ns);
	if (err && !census->err)
		census->err = err;
	census->kB[super->kind] += sum.kB;
	if (super->internal)
		add_groups(census, !err);
	else
		add_mount(census, &sum, !err);
	/* what is short of time or of patience ends the walk; a corrupted list only its own */
	return err != -ETIME && err != -EINTR && err != -ENOMEM;
}

static void print_unlinked(struct mt_snapshot *snap, const struct unlinked *unlinked,
			   const struct mt_holder *holder)
{
	const struct mt_inode *inode = &unlinked->inode;
	const char *how = holder->pid ? "opened" : "mapped";
	pid_t pid = holder->pid ? holder->pid : inode->pid;
	const char *comm = holder->pid ? holder->comm : inode->comm;
	const char *name = *inode->name ? inode->name : "(no name)";
	const char *others = holder->others ? ", also by others" : "";
	char swap[40] = "";

	if (inode->swap_kB)
		snprintf(swap, sizeof(swap), " and %llu kB in swap", inode->swap_kB);
	if (pid)
		mt_snapshot_print(snap, "held: %llu kB by pid %d (%s), %s%s%s: %s on %s %u:%u",
				  inode->kB, pid, comm, how, others, swap, name, unlinked->type,
				  unlinked->major, unlinked->minor);
	else
		mt_snapshot_print(snap, "held: %llu kB by nobody that was found%s: %s on %s %u:%u",
				  inode->kB, swap, name, unlinked->type, unlinked->major,
				  unlinked->minor);
}

/* Who keeps the files that have no name any more. */
static void tell_unlinked(struct census *census)
{
	unsigned int i, noted;

	if (!census->nr_unlinked)
		return;
	for (i = 0; i < census->nr_unlinked; i++)
		census->holders[i].key = census->unlinked[i].inode.key;
	if (mt_holder_find(census->holders, census->nr_unlinked, census->until_ns))
		mt_snapshot_partial(census->snap,
				    "not all descriptors were looked at for who holds unlinked files");
	for (noted = 0; noted < NOTED; noted++) {
		struct unlinked *largest = NULL;

		for (i = 0; i < census->nr_unlinked; i++) {
			if (size_of(&census->unlinked[i]) &&
			    (!largest || size_of(&census->unlinked[i]) > size_of(largest)))
				largest = &census->unlinked[i];
		}
		if (!largest)
			break;
		print_unlinked(census->snap, largest,
			       &census->holders[largest - census->unlinked]);
		largest->inode.kB = 0;
		largest->inode.swap_kB = 0;
	}
}

/* Which part of which account this explains, and what is left of it. */
static void print_accounts(const struct census *census)
{
	s64 found_kB = census->kB[MT_SUPER_SHMEM];
	struct mt_vmstat *vmstat;
	s64 shmem_kB, unevictable_kB;

	vmstat = mt_memory_alloc(sizeof(*vmstat));
	if (!vmstat)
		return;
	mt_vmstat_read(vmstat);
	shmem_kB = PAGES_TO_KB(vmstat->node[NR_SHMEM]);
	unevictable_kB = PAGES_TO_KB(vmstat->node[NR_UNEVICTABLE]);
	mt_memory_free(vmstat);

	mt_snapshot_print(census->snap,
			  "LruAnon, Unevictable: tmpfs and shared memory %lld kB; Shmem %lld kB; the difference, %lld kB, was not found, or came or went meanwhile",
			  found_kB, shmem_kB, found_kB - shmem_kB);
	mt_snapshot_print(census->snap, "Unevictable: %lld kB, of which ramfs %llu kB",
			  unevictable_kB, census->kB[MT_SUPER_RAMFS]);
	mt_snapshot_print(census->snap, "Hugetlb: %llu kB in files",
			  census->kB[MT_SUPER_HUGETLBFS]);
}

static int collect(struct mt_snapshot *snap)
{
	struct census *census;
	unsigned int nr_busy;
	int err;

	census = mt_memory_zalloc(sizeof(*census));
	if (!census)
		return -ENOMEM;
	census->snap = snap;
	census->until_ns = snap->budget_ns ? ktime_get_ns() + snap->budget_ns : 0;
	err = mt_super_for_each(take_super, census, &nr_busy);
	if (!err)
		err = census->err;
	if (nr_busy)
		mt_snapshot_partial(snap,
				    "%u file systems left out: being mounted, unmounted or remounted all the time",
				    nr_busy);
	if (err == -ETIME)
		mt_snapshot_partial(snap, "out of time: not all files were counted");
	else if (err == -EINTR)
		mt_snapshot_partial(snap, "interrupted: not all files were counted");
	else if (err)
		mt_snapshot_partial(snap, "not all files could be counted (error %d)", err);
	tell_unlinked(census);
	if (!err && !nr_busy && mt_super_table.state == MT_RELO_READY)
		print_accounts(census);
	mt_memory_free(census);
	return 0;
}

static const struct mt_column columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "swap_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "files", .type = MT_NUMBER, .sum = true },
	{ .name = "unlinked_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "fstype", .type = MT_TEXT },
	{ .name = "dev", .type = MT_TEXT },
	{ .name = "where", .type = MT_TEXT },
};

const struct mt_collector mt_tmpfs_collector = {
	.name = "tmpfs",
	.form = MT_FORM_TABLE,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.needs = {
		{
			.any_of = { &mt_super_table },
			.loses = "devtmpfs and rootfs; and an unmount that hangs stops the report",
		},
		{
			.any_of = { &mt_mount_chain_table, &mt_mount_list_table },
			.loses = "where each is mounted",
		},
		{
			.any_of = { &mt_mount_table },
			.loses = "where each is mounted",
		},
	},
	.collect = collect,
};
