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

/* Unlinked files whose holders are looked for, and how many of these are told. */
#define UNLINKED	64
#define NOTED		16

/* Superblocks and namespaces of which is told who keeps them. */
#define KEPT		(MT_HOLDERS - UNLINKED)

/* Less is not worth it. */
#define WORTHY_KB	1024

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
 * struct kept - a superblock or a mount namespace that somebody keeps
 * @kind: which of them, and how it is kept
 * @key: its key for mt_holder_find()
 * @kB: what hangs on it
 * @type: of the superblock's file system
 * @major: of its device
 * @minor: of its device
 * @ns: inode number of the namespace
 */
struct kept {
	enum mt_holder_kind kind;
	unsigned long key;
	u64 kB;
	char type[MT_SUPER_TYPE];
	unsigned int major;
	unsigned int minor;
	u32 ns;
};

/*
 * struct rest - a mount that was not counted to its end, and counts nothing of itself
 * @nr: how many there are; the others members tell of the first
 * @super: the superblock, which may be gone: its figures only
 * @sum: what was counted
 * @where: the mount
 */
struct rest {
	unsigned int nr;
	struct mt_super super;
	struct mt_inode_sum sum;
	char where[WHERE_BYTES];
};

/*
 * struct census - what is collected over all superblocks
 * @snap: gets the records
 * @count_until_ns: until when files are counted, 0 for all of them
 * @until_ns: when to stop, 0 for never
 * @err: the first thing that went wrong
 * @super: the superblock that is being counted
 * @groups: the files of a mount of the kernel's own by name: a hash table with open addressing
 * @spilled: those for which it had no room
 * @kB: found, by enum mt_super_kind
 * @unlinked: the largest files that were unlinked
 * @nr_unlinked: entries in use
 * @nr_estimated: mounts that were not counted to their end, and count themselves
 * @rest: what is not known of one of them
 * @kept: superblocks and namespaces on which most hangs
 * @nr_kept: entries in use
 * @holders: room for the search for their holders
 */
struct census {
	struct mt_snapshot *snap;
	u64 count_until_ns;
	u64 until_ns;
	int err;
	const struct mt_super *super;
	struct group groups[GROUPS];
	struct mt_inode_sum spilled;
	u64 kB[MT_SUPER_HUGETLBFS + 1];
	struct unlinked unlinked[UNLINKED];
	unsigned int nr_unlinked;
	unsigned int nr_estimated;
	struct rest rest;
	struct kept kept[KEPT];
	unsigned int nr_kept;
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

	if (census->nr_unlinked < UNLINKED) {
		unlinked += census->nr_unlinked++;
	} else {
		for (i = 1; i < UNLINKED; i++) {
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

/* Keep those with most. */
static void keep(struct census *census, enum mt_holder_kind kind, unsigned long key, u64 kB, u32 ns)
{
	struct kept *kept = census->kept;
	unsigned int i;

	if (kB < WORTHY_KB)
		return;
	for (i = 0; i < census->nr_kept; i++) {
		/* a namespace with several mounts */
		if (census->kept[i].key == key) {
			census->kept[i].kB += kB;
			return;
		}
		if (census->kept[i].kB < kept->kB)
			kept = &census->kept[i];
	}
	if (census->nr_kept < KEPT)
		kept = &census->kept[census->nr_kept++];
	else if (kept->kB >= kB)
		return;
	*kept = (struct kept) {
		.kind = kind,
		.key = key,
		.kB = kB,
		.major = census->super->major,
		.minor = census->super->minor,
		.ns = ns,
	};
	strscpy(kept->type, census->super->type, sizeof(kept->type));
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

/* A segment of SysV shared memory. */
static bool is_sysv(const char *name)
{
	return !strncmp(name, "SYSV", 4);
}

/* What the kernel calls a file that it made for somebody. */
static void name_group(const char *name, char *where, size_t bytes)
{
	if (is_sysv(name))
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

/*
 * Not all was counted: what does the file system count of itself? How much of this is in swap is
 * known for what was counted only. False if it counts nothing.
 */
static bool estimate(const struct mt_super *super, struct mt_inode_sum *sum)
{
	u64 used_kB;

	if (!mt_super_used_kB(super, &used_kB))
		return false;
	if (used_kB > sum->kB + sum->swap_kB)
		sum->kB = used_kB - sum->swap_kB;
	return true;
}

static void add_place(struct census *census, const struct mt_inode_sum *sum, const char *where,
		      bool whole)
{
	struct rest *rest = &census->rest;

	if (whole || census->super->kind != MT_SUPER_SHMEM || !where ||
	    mt_super_used_kB(census->super, &(u64){ 0 }) || rest->nr++) {
		add_record(census, sum, where, whole);
		return;
	}
	rest->super = *census->super;
	rest->sum = *sum;
	strscpy(rest->where, where, sizeof(rest->where));
}

/*
 * If it is one mount that was not counted to its end, what is not found elsewhere is there. Of
 * several it is not known where.
 */
static void add_rest(struct census *census)
{
	struct rest *rest = &census->rest;
	struct mt_vmstat *vmstat;

	if (!rest->nr)
		return;
	vmstat = rest->nr == 1 ? mt_memory_alloc(sizeof(*vmstat)) : NULL;
	if (vmstat) {
		s64 left_kB;

		mt_vmstat_read(vmstat);
		left_kB = PAGES_TO_KB(vmstat->node[NR_SHMEM]) - (s64)census->kB[MT_SUPER_SHMEM];
		rest->sum.kB += max_t(s64, left_kB, 0);
		mt_memory_free(vmstat);
	}
	census->super = &rest->super;
	add_record(census, &rest->sum, rest->where, false);
}

static void add_mount(struct census *census, const struct mt_inode_sum *sum, bool whole)
{
	unsigned long super = (unsigned long)census->super->sb;
	enum mt_holder_kind kind = MT_HOLDER_UNLINKED;
	char where[WHERE_BYTES];
	struct mt_mount mount;

	mt_mount_find(census->super, &mount);
	if (mount.state == MT_MOUNT_NOWHERE || mount.state == MT_MOUNT_DETACHED)
		kind = MT_HOLDER_SUPER;
	keep(census, kind, super, kind == MT_HOLDER_SUPER ? sum->kB : sum->unlinked_kB, 0);
	if (mount.state == MT_MOUNT_ELSEWHERE)
		keep(census, MT_HOLDER_NS, mount.ns_key, sum->kB, mount.ns);
	switch (mount.state) {
	case MT_MOUNT_UNTOLD:
		add_place(census, sum, NULL, whole);
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
	add_place(census, sum, where, whole);
}

/* Half of the time that is left is for this one: so a large one hides none behind it. */
static u64 share_until_ns(const struct census *census)
{
	u64 now_ns = ktime_get_ns();

	if (census->count_until_ns <= now_ns)
		return census->count_until_ns;
	return now_ns + (census->count_until_ns - now_ns) / 2;
}

static bool take_super(const struct mt_super *super, void *arg)
{
	struct census *census = arg;
	struct mt_inode_sum sum;
	int err;

	census->super = super;
	err = mt_inode_for_each(super, &sum, take_inode, census, share_until_ns(census));
	if (err == -ETIME && estimate(super, &sum))
		census->nr_estimated++;
	if (err && !census->err)
		census->err = err;
	census->kB[super->kind] += sum.kB;
	if (super->internal) {
		keep(census, MT_HOLDER_UNLINKED, (unsigned long)super->sb, sum.unlinked_kB, 0);
		add_groups(census, !err);
	} else {
		add_mount(census, &sum, !err);
	}
	/* what is short of memory or of patience ends the walk; the rest only its own */
	return err != -EINTR && err != -ENOMEM &&
	       !(census->until_ns && ktime_get_ns() >= census->until_ns);
}

static void print_unlinked(struct mt_snapshot *snap, const struct unlinked *unlinked,
			   const struct mt_holder *holder)
{
	const struct mt_inode *inode = &unlinked->inode;
	const char *how = holder->pid ? "opened" : "mapped";
	pid_t pid = holder->pid ? holder->pid : inode->pid;
	const char *comm = holder->pid ? holder->comm : inode->comm;
	const char *others = holder->others ? ", also by others" : "";
	char name[MT_INODE_NAME + 32];
	char swap[40] = "";

	if (is_sysv(inode->name))
		snprintf(name, sizeof(name), "%s (shmid %llu)", inode->name, inode->ino);
	else
		strscpy(name, *inode->name ? inode->name : "(no name)", sizeof(name));

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

/* One file has a note of its own. */
#define SEVERAL		2

static void print_kept(struct mt_snapshot *snap, const struct kept *kept,
		       const struct mt_holder *holder)
{
	const char *others = holder->others ? ", also by others" : "";

	switch (kept->kind) {
	case MT_HOLDER_NS:
		if (holder->pid)
			mt_snapshot_print(snap, "mount namespace %u: pid %d (%s) is in it",
					  kept->ns, holder->pid, holder->comm);
		else
			mt_snapshot_print(snap,
					  "mount namespace %u: no process is in it: a bind mount or a descriptor keeps it",
					  kept->ns);
		break;
	case MT_HOLDER_UNLINKED:
		if (holder->files >= SEVERAL)
			mt_snapshot_print(snap,
					  "held: %s%llu kB by pid %d (%s), opened: %s%u files on %s %u:%u",
					  holder->twice ? "~" : "", min(holder->kB, kept->kB),
					  holder->pid, holder->comm, holder->twice ? "~" : "",
					  holder->files, kept->type, kept->major, kept->minor);
		break;
	case MT_HOLDER_SUPER:
		if (holder->pid)
			mt_snapshot_print(snap,
					  "held: %llu kB by pid %d (%s), opened%s: what was unmounted on %s %u:%u",
					  kept->kB, holder->pid, holder->comm, others, kept->type,
					  kept->major, kept->minor);
		break;
	case MT_HOLDER_INODE:
		break;
	}
}

/* Who keeps the files that have no name any more, and what is mounted nowhere or elsewhere. */
static void tell_holders(struct census *census)
{
	struct mt_holder *holders = census->holders;
	unsigned int i, noted;

	if (!census->nr_unlinked && !census->nr_kept)
		return;
	for (i = 0; i < census->nr_kept; i++) {
		holders[i].kind = census->kept[i].kind;
		holders[i].key = census->kept[i].key;
	}
	holders += census->nr_kept;
	for (i = 0; i < census->nr_unlinked; i++)
		holders[i].key = census->unlinked[i].inode.key;
	if (mt_holder_find(census->holders, census->nr_kept + census->nr_unlinked,
			   census->until_ns))
		mt_snapshot_partial(census->snap,
				    "not all descriptors were looked at for who holds unlinked files");
	for (i = 0; i < census->nr_kept; i++)
		print_kept(census->snap, &census->kept[i], &census->holders[i]);
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
			       &holders[largest - census->unlinked]);
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
	if (snap->budget_ns) {
		/* what is left is for who holds what */
		census->count_until_ns = ktime_get_ns() + snap->budget_ns / 2;
		census->until_ns = ktime_get_ns() + snap->budget_ns;
	}
	err = mt_super_for_each(take_super, census, &nr_busy);
	if (!err)
		err = census->err;
	if (nr_busy)
		mt_snapshot_partial(snap,
				    "%u file systems left out: being mounted, unmounted or remounted all the time",
				    nr_busy);
	add_rest(census);
	if (err == -ETIME)
		mt_snapshot_partial(snap,
				    "out of time: not all files were counted; with ~, %u mounts say themselves what they hold",
				    census->nr_estimated);
	else if (err == -EINTR)
		mt_snapshot_partial(snap, "interrupted: not all files were counted");
	else if (err)
		mt_snapshot_partial(snap, "not all files could be counted (error %d)", err);
	tell_holders(census);
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
