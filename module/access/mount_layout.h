/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_MOUNT_LAYOUT_H
#define MT_MOUNT_LAYOUT_H

#include "introspect/relo.h"

/* Where a superblock's mounts begin. */
extern struct mt_field mt_mount_first;

/* How one mount leads to the next of its superblock: by a list, or by a chain. */
extern struct mt_field mt_mount_instance;
extern struct mt_relo_table mt_mount_list_table;
extern struct mt_field mt_mount_next;
extern struct mt_relo_table mt_mount_chain_table;

/* What a mount is. */
extern unsigned long mt_sym_mount_lock;
extern struct mt_field mt_mount_mountpoint;
extern struct mt_field mt_mount_parent;
extern struct mt_field mt_mount_root;
extern struct mt_field mt_mount_ns;
extern struct mt_field mt_mount_ns_inum;
extern struct mt_relo_table mt_mount_table;

#endif /* MT_MOUNT_LAYOUT_H */
