// SPDX-License-Identifier: GPL-2.0
/*
 * inode.c - knows the inodes of a file system that lives in memory, and what each holds.
 *
 * All of a superblock's inodes are on one list behind one spinlock, which every open(O_CREAT)
 * takes. It is held for some thirty of them at a time; in between a reference to the last one
 * keeps the place. That is what the kernel does for drop_caches, and it has one catch: who drops
 * the last reference to an unlinked file frees its pages, and that may be us. So a part ends where
 * possible at a small file that has a name: its directory holds it too, and if it is removed
 * meanwhile there is little to free. Where there is none, the files of the kernel's own mount, it
 * may happen that we do what the process would have done that closed it a moment before: with no
 * lock but s_umount held, and as often as one in thirty files is closed in the microseconds in
 * between.
 *
 * What a file holds is read from the mapping inside its inode, not from where i_mapping leads:
 * a block device's node in devtmpfs leads to the pages of the disk.
 *
 * Locking: s_inode_list_lock for a part; under it i_lock of an inode whose name is read, and
 * i_mmap_rwsem of one whose mapper is looked for, if it is free.
 * Consistency: an inode that exists throughout is counted once; the figures are those of the
 * moment at which its part was read.
 */
#include "access/inode.h"

#include <linux/bits.h>
#include <linux/dcache.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "access/super.h"
#include "introspect/klock.h"
#include "introspect/kread.h"
#include "memory.h"

/* Inodes after which a part ends at the next small file, and at which it ends anyway. */
#define STEPS		32
#define MAX_STEPS	64

/* Of these, that are worth a word of their own. */
#define CHUNK		32

/* Pages that whoever drops it last frees in no time. */
#define SMALL_PAGES	64

/* An unlinked file of this size is worth a word. */
#define WORTHY_KB	1024

/* Of all: a corrupted list must end. */
#define MAX_INODES	BIT(31)

/* How often the lock is tried before the superblock is given up. */
#define TRIES		50

#define PAGES_TO_KB(_pages) ((u64)(_pages) * (PAGE_SIZE / 1024))

/* Linux kernel 7.x names the list's link itself, and has this for those who go along it. */
#ifndef for_each_alias
#define for_each_alias(_dentry, _inode) \
	hlist_for_each_entry(_dentry, &(_inode)->i_dentry, d_u.d_alias)
#endif

/*
 * struct part - some inodes of a superblock
 * @super: the superblock
 * @walk: stands at the last inode that was counted
 * @over: it was the last of all
 * @place: the last inode, of which we have a reference; NULL at the end
 * @sum: of all inodes so far
 * @nr: entries in @inodes
 * @inodes: those worth a word
 */
struct part {
	const struct mt_super *super;
	struct mt_klist walk;
	bool over;
	struct inode *place;
	struct mt_inode_sum sum;
	unsigned int nr;
	struct mt_inode inodes[CHUNK];
};

static u64 swapped_pages(const struct mt_super *super, struct inode *inode)
{
	return super->kind == MT_SUPER_SHMEM ? READ_ONCE(SHMEM_I(inode)->swapped) : 0;
}

/*
 * Linux kernel commit a08c7193e4f1 ("mm/filemap: remove hugetlb special casing in filemap.c")
 * (in v6.7): nrpages of a hugetlbfs file counted huge pages before, and since then small ones.
 * Its blocks are the same on all kernels.
 */
static u64 resident_kB(const struct mt_super *super, struct inode *inode)
{
	if (super->kind == MT_SUPER_HUGETLBFS)
		return READ_ONCE(inode->i_blocks) / 2;
	return PAGES_TO_KB(READ_ONCE(inode->i_data.nrpages));
}

/* The dentry of an inode cannot go away under i_lock; its name may change, hence the safe read. */
static void read_name(struct mt_inode *copy, struct inode *inode)
{
	struct dentry *dentry;

	spin_lock(&inode->i_lock);
	for_each_alias(dentry, inode) {
		mt_kread_string(copy->name, (unsigned long)READ_ONCE(dentry->d_name.name),
				sizeof(copy->name));
		break;
	}
	spin_unlock(&inode->i_lock);
}

/*
 * One of the processes that map it. Under the lock of the mapping no vma leaves its tree, and so no
 * mm either.
 */
static void read_mapper(struct mt_inode *copy, struct address_space *mapping)
{
#ifdef CONFIG_MEMCG
	const struct task_struct *task;
	struct rb_node *node;

	if (!down_read_trylock(&mapping->i_mmap_rwsem))
		return;
	node = rb_first_cached(&mapping->i_mmap);
	if (node) {
		struct vm_area_struct *vma = rb_entry(node, struct vm_area_struct, shared.rb);

		rcu_read_lock();
		task = rcu_dereference(vma->vm_mm->owner);
		if (task) {
			copy->pid = task->tgid;
			memcpy(copy->comm, task->comm, sizeof(copy->comm) - 1);
		}
		rcu_read_unlock();
	}
	up_read(&mapping->i_mmap_rwsem);
#endif
}

static void count(struct part *part, struct inode *inode)
{
	u64 swap_kB = PAGES_TO_KB(swapped_pages(part->super, inode));
	u64 kB = resident_kB(part->super, inode);
	bool unlinked = !READ_ONCE(inode->i_nlink);
	struct mt_inode *copy;

	part->sum.nr++;
	part->sum.kB += kB;
	part->sum.swap_kB += swap_kB;
	if (unlinked)
		part->sum.unlinked_kB += kB;
	if (!part->super->internal && !(unlinked && kB + swap_kB >= WORTHY_KB))
		return;
	copy = &part->inodes[part->nr++];
	*copy = (struct mt_inode) {
		.key = (unsigned long)inode,
		.ino = inode->i_ino,
		.kB = kB,
		.swap_kB = swap_kB,
		.unlinked = unlinked,
	};
	read_name(copy, inode);
	if (unlinked && kB + swap_kB >= WORTHY_KB)
		read_mapper(copy, &inode->i_data);
}

static bool is_small(const struct part *part, struct inode *inode)
{
	return READ_ONCE(inode->i_nlink) && READ_ONCE(inode->i_data.nrpages) <= SMALL_PAGES &&
	       swapped_pages(part->super, inode) <= SMALL_PAGES;
}

/* Under s_inode_list_lock. */
static void read_part(void *arg)
{
	struct part *part = arg;
	unsigned int steps = 0;
	unsigned long node;

	part->nr = 0;
	part->place = NULL;
	while ((node = mt_klist_next(&part->walk))) {
		struct inode *inode = list_entry((struct list_head *)node, struct inode, i_sb_list);

		count(part, inode);
		if (part->nr < CHUNK && (++steps < STEPS ||
					 (steps < MAX_STEPS && !is_small(part, inode))))
			continue;
		/* not one that is being freed: the list goes on behind it, without its record */
		part->place = igrab(inode);
		if (part->place)
			return;
		if (part->nr == CHUNK)
			part->nr--;
	}
	part->over = true;
}

/**
 * mt_inode_for_each() - sum up the inodes of a superblock, and visit those that are worth a word
 * @super: the superblock, from mt_super_for_each(), that is with s_umount held
 * @sum: gets the sum of those that were counted
 * @visit: takes each inode of a mount of the kernel's own, and each large one that was unlinked
 * @arg: handed to @visit
 * @until_ns: stop then, in the time of ktime_get_ns(); 0 for never
 *
 * Context: process context, may sleep. Takes s_inode_list_lock.
 * Return: 0; -ENOMEM. Not all were counted: -EBUSY if the lock was not to be had, -EFAULT or -ELOOP
 * if the list is corrupted, -EINTR after a fatal signal, -ETIME after @until_ns.
 */
int mt_inode_for_each(const struct mt_super *super, struct mt_inode_sum *sum,
		      mt_inode_visit_t visit, void *arg, u64 until_ns)
{
	struct super_block *sb = super->sb;
	struct inode *place = NULL;
	unsigned int tries = 0;
	struct part *part;
	unsigned int i;
	int err = 0;

	*sum = (struct mt_inode_sum) { };
	part = mt_memory_zalloc(sizeof(*part));
	if (!part)
		return -ENOMEM;
	part->super = super;
	mt_klist_start(&part->walk, (unsigned long)&sb->s_inodes, MAX_INODES);
	while (!part->over) {
		if (!mt_klock_spin(&mt_klock_inodes, &sb->s_inode_list_lock, read_part, part)) {
			if (++tries == TRIES) {
				err = -EBUSY;
				break;
			}
			cond_resched();
			continue;
		}
		tries = 0;
		if (place)
			iput(place);
		place = part->place;
		for (i = 0; i < part->nr; i++)
			visit(&part->inodes[i], arg);
		cond_resched();
		if (part->over)
			err = part->walk.error;
		else if (fatal_signal_pending(current))
			err = -EINTR;
		else if (until_ns && ktime_get_ns() >= until_ns)
			err = -ETIME;
		if (err)
			break;
	}
	if (place)
		iput(place);
	*sum = part->sum;
	mt_memory_free(part);
	return err;
}
