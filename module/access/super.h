/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SUPER_H
#define MT_SUPER_H

#include <linux/types.h>

struct super_block;

/** MT_SUPER_TYPE - bytes for the name of a file system type */
#define MT_SUPER_TYPE	16

/**
 * enum mt_super_kind - how a file system keeps files in memory
 * @MT_SUPER_SHMEM: tmpfs, devtmpfs, and the kernel's own mount of it: counted as Shmem, swappable
 * @MT_SUPER_RAMFS: ramfs and a rootfs of that kind: counted by nobody, never reclaimed
 * @MT_SUPER_HUGETLBFS: files of huge pages
 */
enum mt_super_kind {
	MT_SUPER_SHMEM,
	MT_SUPER_RAMFS,
	MT_SUPER_HUGETLBFS,
};

/**
 * struct mt_super - a superblock of a file system that lives in memory
 * @sb: the kernel's; its s_umount is held for reading while it is visited
 * @kind: how it keeps files
 * @type: name of its type, as of mount(8)
 * @major: of its device number
 * @minor: of its device number
 * @internal: mounted by the kernel for itself: files that have no name anywhere
 */
struct mt_super {
	struct super_block *sb;
	enum mt_super_kind kind;
	char type[MT_SUPER_TYPE];
	unsigned int major;
	unsigned int minor;
	bool internal;
};

/**
 * typedef mt_super_visit_t - takes one superblock
 * @super: the superblock
 * @arg: the visitor's own
 *
 * Called with s_umount held for reading and no other lock; may sleep.
 *
 * Return: false to end the walk.
 */
typedef bool (*mt_super_visit_t)(const struct mt_super *super, void *arg);

bool mt_super_used_kB(const struct mt_super *super, u64 *kB);
int mt_super_for_each(mt_super_visit_t visit, void *arg, unsigned int *nr_busy);

#endif /* MT_SUPER_H */
