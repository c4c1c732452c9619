/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_HOLDER_H
#define MT_HOLDER_H

#include <linux/sched.h>
#include <linux/types.h>

/** MT_HOLDERS - things that can be looked for at once */
#define MT_HOLDERS	96

/**
 * enum mt_holder_kind - what is looked for
 * @MT_HOLDER_INODE: who has an inode open
 * @MT_HOLDER_UNLINKED: who has most in the unlinked files of a superblock
 * @MT_HOLDER_SUPER: who has any file or directory of a superblock open, or stands in it
 * @MT_HOLDER_NS: who lives in a mount namespace
 */
enum mt_holder_kind {
	MT_HOLDER_INODE,
	MT_HOLDER_UNLINKED,
	MT_HOLDER_SUPER,
	MT_HOLDER_NS,
};

/**
 * struct mt_holder - who holds a thing
 * @kind: what it is
 * @key: the inode, superblock or namespace, from struct mt_inode, mt_super or mt_mount
 * @pid: the first process that has it, 0 if none was found; of unlinked files the one with most
 * @comm: its name
 * @others: how many more processes have it
 * @files: with MT_HOLDER_UNLINKED: how many such files @pid has open
 * @kB: with MT_HOLDER_UNLINKED: what these hold
 * @twice: with MT_HOLDER_UNLINKED: files that have several descriptors may be in there more than
 *         once, because there are so many
 */
struct mt_holder {
	enum mt_holder_kind kind;
	unsigned long key;
	pid_t pid;
	char comm[TASK_COMM_LEN];
	unsigned int others;
	unsigned int files;
	u64 kB;
	bool twice;
};

int mt_holder_find(struct mt_holder *holders, unsigned int nr, u64 until_ns);

#endif /* MT_HOLDER_H */
