/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_INODE_H
#define MT_INODE_H

#include <linux/sched.h>
#include <linux/types.h>

struct mt_super;

/** MT_INODE_NAME - bytes for the name of a file, without its directory */
#define MT_INODE_NAME	64

/**
 * struct mt_inode - a file in memory that is worth a word of its own, in plain values
 * @key: a name for it, to be found again by mt_holder_find(); never printed
 * @ino: its number; of a segment of SysV shared memory that is its id
 * @kB: what it has in memory
 * @swap_kB: what it has in swap
 * @unlinked: it has no name in any directory: it lives as long as somebody has it open or mapped
 * @name: the name it has or had; "" unknown
 * @pid: a process that maps it, 0 if none is known
 * @comm: the name of that process
 */
struct mt_inode {
	unsigned long key;
	u64 ino;
	u64 kB;
	u64 swap_kB;
	bool unlinked;
	char name[MT_INODE_NAME];
	pid_t pid;
	char comm[TASK_COMM_LEN];
};

/**
 * struct mt_inode_sum - all inodes of a superblock together
 * @nr: how many
 * @kB: what they have in memory
 * @swap_kB: what they have in swap
 * @unlinked_kB: of @kB, that of inodes that have no name in any directory
 */
struct mt_inode_sum {
	u64 nr;
	u64 kB;
	u64 swap_kB;
	u64 unlinked_kB;
};

/**
 * typedef mt_inode_visit_t - takes one inode
 * @inode: the inode
 * @arg: the visitor's own
 *
 * Called without a spinlock; may sleep.
 */
typedef void (*mt_inode_visit_t)(const struct mt_inode *inode, void *arg);

int mt_inode_for_each(const struct mt_super *super, struct mt_inode_sum *sum,
		      mt_inode_visit_t visit, void *arg, u64 until_ns);

#endif /* MT_INODE_H */
