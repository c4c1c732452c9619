/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_HOLDER_H
#define MT_HOLDER_H

#include <linux/sched.h>
#include <linux/types.h>

/** MT_HOLDERS - inodes that can be looked for at once */
#define MT_HOLDERS	64

/**
 * struct mt_holder - who has an inode open
 * @key: the inode, from struct mt_inode
 * @pid: the first process that has it open, 0 if none was found
 * @comm: its name
 * @others: how many more processes have it open
 */
struct mt_holder {
	unsigned long key;
	pid_t pid;
	char comm[TASK_COMM_LEN];
	unsigned int others;
};

int mt_holder_find(struct mt_holder *holders, unsigned int nr, u64 until_ns);

#endif /* MT_HOLDER_H */
