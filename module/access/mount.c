// SPDX-License-Identifier: GPL-2.0
/*
 * mount.c - knows where a superblock is mounted, in whatever namespace.
 *
 * /proc/PID/mountinfo shows one namespace, and that of a container only to who finds a process in
 * it. Here the mounts of the superblock are gone along, and for one of them the path is made, from
 * its mountpoint up to the root of its namespace, name by name.
 *
 * Locking: RCU, under which neither a mount nor a dentry is freed. mount_lock and rename_lock are
 * seqlocks: whether something was mounted or renamed meanwhile is known afterwards.
 * Consistency: the path is one that the mount had at one moment.
 */
#include "access/mount.h"

#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>
#include <linux/seqlock.h>
#include <linux/string.h>

#include "access/mount_layout.h"
#include "access/super.h"
#include "introspect/kread.h"

/* A walk that was disturbed is made again, this often. */
#define TRIES		5

/* Mounts of a superblock that are looked at for one that the first process sees. */
#define MAX_MOUNTS	64

/* Names in a path, and mounts it leads through. */
#define MAX_NAMES	64
#define MAX_LEVELS	32

#define NAME_BYTES	64

static bool read_pointer(unsigned long base, const struct mt_field *field, unsigned long *value)
{
	u64 word;

	if (!mt_kread_field(base, field, &word))
		return false;
	*value = word;
	return true;
}

/* The mount before which @at stands; 0 at the end. The first word of s_mounts is the link. */
static unsigned long next_mount(unsigned long head, unsigned long at)
{
	unsigned long node;

	if (mt_mount_chain_table.state == MT_RELO_READY)
		return mt_kread_ulong(at ? at + mt_mount_next.offset : head, &node) ? node : 0;
	if (!mt_kread_ulong(at ? at + mt_mount_instance.offset : head, &node) || node == head)
		return 0;
	return node - mt_mount_instance.offset;
}

/* Put "/name" before what is there; false if there is no room. */
static bool prepend(char *buffer, size_t *at, const char *name)
{
	size_t bytes = strlen(name);

	if (bytes + 1 > *at)
		return false;
	*at -= bytes;
	memcpy(buffer + *at, name, bytes);
	buffer[--*at] = '/';
	return true;
}

static bool read_dentry(unsigned long dentry, unsigned long *parent, char *name)
{
	unsigned long text;

	return mt_kread_ulong(dentry + offsetof(struct dentry, d_parent), parent) &&
	       mt_kread_ulong(dentry + offsetof(struct dentry, d_name.name), &text) &&
	       mt_kread_string(name, text, NAME_BYTES);
}

/* Under RCU: the path of a mount, from the root of its namespace. */
static bool make_path(unsigned long mount, char *path)
{
	char buffer[MT_MOUNT_PATH];
	size_t at = sizeof(buffer) - 1;
	unsigned int names = MAX_NAMES;
	unsigned int levels;

	buffer[at] = '\0';
	for (levels = 0; levels < MAX_LEVELS; levels++) {
		unsigned long dentry, parent, root;

		if (!read_pointer(mount, &mt_mount_parent, &parent) ||
		    !read_pointer(mount, &mt_mount_mountpoint, &dentry))
			return false;
		if (parent == mount) {
			strscpy(path, buffer[at] ? buffer + at : "/", MT_MOUNT_PATH);
			return true;
		}
		if (!read_pointer(parent, &mt_mount_root, &root))
			return false;
		while (dentry != root) {
			char name[NAME_BYTES];
			unsigned long up;

			if (!names-- || !read_dentry(dentry, &up, name) || up == dentry)
				return false;
			if (!prepend(buffer, &at, name)) {
				/* no room: "..." and the end of it */
				memcpy(buffer + at, "...", min_t(size_t, 3, strlen(buffer + at)));
				strscpy(path, buffer + at, MT_MOUNT_PATH);
				return true;
			}
			dentry = up;
		}
		mount = parent;
	}
	return false;
}

/* Under RCU: the mount namespace of the first process; a name for it, never followed. */
static unsigned long first_ns(void)
{
	struct task_struct *task = pid_task(find_pid_ns(1, &init_pid_ns), PIDTYPE_PID);
	unsigned long ns = 0;

	if (!task)
		return 0;
	task_lock(task);
	if (task->nsproxy)
		ns = (unsigned long)task->nsproxy->mnt_ns;
	task_unlock(task);
	return ns;
}

/* Under RCU; false if something could not be read, because it moved. */
static bool find(const struct mt_super *super, struct mt_mount *result)
{
	unsigned long head = (unsigned long)super->sb + mt_mount_first.offset;
	unsigned long here = first_ns();
	unsigned long best = 0;
	unsigned long best_ns = 0;
	unsigned long mount = 0;
	unsigned int left = MAX_MOUNTS;

	result->state = MT_MOUNT_NOWHERE;
	while (left-- && (mount = next_mount(head, mount))) {
		unsigned long ns, root;

		if (!read_pointer(mount, &mt_mount_ns, &ns) ||
		    !read_pointer(mount, &mt_mount_root, &root))
			return false;
		/* the kernel's own mounts are in a namespace that is an error */
		if (IS_ERR_VALUE(ns))
			continue;
		/* a bind mount may show a part of it only: any other is better */
		if (!best || (ns && !best_ns) ||
		    (ns == here && (best_ns != here || root == (unsigned long)super->sb->s_root))) {
			best = mount;
			best_ns = ns;
		}
	}
	if (!best)
		return true;
	if (!best_ns) {
		result->state = MT_MOUNT_DETACHED;
		return true;
	}
	if (best_ns != here) {
		u64 inum;

		if (!mt_kread_field(best_ns, &mt_mount_ns_inum, &inum))
			return false;
		result->ns = inum;
		result->ns_key = best_ns;
	}
	result->state = best_ns == here ? MT_MOUNT_HERE : MT_MOUNT_ELSEWHERE;
	return make_path(best, result->path);
}

/**
 * mt_mount_find() - where is a superblock mounted?
 * @super: the superblock, from mt_super_for_each()
 * @mount: gets the answer; of several mounts one that the first process sees, if there is one
 *
 * Context: process context, may sleep.
 */
void mt_mount_find(const struct mt_super *super, struct mt_mount *mount)
{
	unsigned int tries;

	for (tries = 0; tries < TRIES; tries++) {
		unsigned int mounts, renames;
		seqlock_t *mount_lock = (seqlock_t *)mt_sym_mount_lock;
		bool ok;

		*mount = (struct mt_mount) { .state = MT_MOUNT_UNTOLD };
		if (mt_mount_table.state != MT_RELO_READY ||
		    (mt_mount_list_table.state != MT_RELO_READY &&
		     mt_mount_chain_table.state != MT_RELO_READY))
			return;
		rcu_read_lock();
		mounts = read_seqbegin(mount_lock);
		renames = read_seqbegin(&rename_lock);
		ok = find(super, mount);
		ok = ok && !read_seqretry(&rename_lock, renames) &&
		     !read_seqretry(mount_lock, mounts);
		rcu_read_unlock();
		if (ok)
			return;
		cond_resched();
	}
	*mount = (struct mt_mount) { .state = MT_MOUNT_UNTOLD };
}
