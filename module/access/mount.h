/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_MOUNT_H
#define MT_MOUNT_H

#include <linux/types.h>

struct mt_super;

/** MT_MOUNT_PATH - bytes for a path; of a longer one the end is kept */
#define MT_MOUNT_PATH	128

/**
 * enum mt_mount_state - where a superblock is mounted
 * @MT_MOUNT_UNTOLD: this kernel does not tell, or it changed again and again
 * @MT_MOUNT_NOWHERE: nowhere: the kernel's own, or held by an open file after its unmount
 * @MT_MOUNT_DETACHED: unmounted lazily: no namespace sees it, and it is still in use
 * @MT_MOUNT_HERE: in the mount namespace of the first process
 * @MT_MOUNT_ELSEWHERE: in another one
 */
enum mt_mount_state {
	MT_MOUNT_UNTOLD,
	MT_MOUNT_NOWHERE,
	MT_MOUNT_DETACHED,
	MT_MOUNT_HERE,
	MT_MOUNT_ELSEWHERE,
};

/**
 * struct mt_mount - where a superblock is mounted, in plain values
 * @state: where
 * @path: from the root of that namespace
 * @ns: inode number of the namespace, as in /proc/PID/ns/mnt
 * @ns_key: a name for it, to be found again by mt_holder_find(); never printed
 */
struct mt_mount {
	enum mt_mount_state state;
	char path[MT_MOUNT_PATH];
	u32 ns;
	unsigned long ns_key;
};

void mt_mount_find(const struct mt_super *super, struct mt_mount *mount);

#endif /* MT_MOUNT_H */
