// SPDX-License-Identifier: GPL-2.0
/*
 * mount_layout.c - knows where each kernel keeps the mounts of a superblock.
 */
#include "access/mount_layout.h"

struct mt_field mt_mount_instance;

static struct mt_relo mount_list_entries[] = {
	MT_MEMBER(GATE, mt_mount_instance, "mount.mnt_instance"),
};

MT_RELO_TABLE(mt_mount_list_table, "mount_list", mount_list_entries);

struct mt_field mt_mount_next;

/*
 * Linux kernel commit 09a1b33c080f ("preparations to taking MNT_WRITE_HOLD out of ->mnt_flags")
 * (in v6.18)
 */
static struct mt_relo mount_chain_entries[] = {
	MT_MEMBER(GATE, mt_mount_next, "mount.mnt_next_for_sb"),
};

MT_RELO_TABLE(mt_mount_chain_table, "mount_chain", mount_chain_entries);

unsigned long mt_sym_mount_lock;
struct mt_field mt_mount_first;
struct mt_field mt_mount_mountpoint;
struct mt_field mt_mount_parent;
struct mt_field mt_mount_root;
struct mt_field mt_mount_ns;
struct mt_field mt_mount_ns_inum;

static struct mt_relo mount_entries[] = {
	MT_SYMBOL(REQUIRED, mt_sym_mount_lock, "mount_lock"),
	MT_MEMBER(REQUIRED, mt_mount_first, "super_block.s_mounts"),
	MT_MEMBER(REQUIRED, mt_mount_mountpoint, "mount.mnt_mountpoint"),
	MT_MEMBER(REQUIRED, mt_mount_parent, "mount.mnt_parent"),
	MT_MEMBER(REQUIRED, mt_mount_root, "mount.mnt.mnt_root"),
	MT_MEMBER(REQUIRED, mt_mount_ns, "mount.mnt_ns"),
	MT_MEMBER(REQUIRED, mt_mount_ns_inum, "mnt_namespace.ns.inum"),
};

MT_RELO_TABLE(mt_mount_table, "mount", mount_entries);
