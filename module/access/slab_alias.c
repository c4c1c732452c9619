// SPDX-License-Identifier: GPL-2.0
/*
 * slab_alias.c - knows the names that merged caches had: the links in /sys/kernel/slab.
 *
 * A link outlives the cache it was made for: destroying a merged cache, or the last user of the
 * one it was merged into, never removes it, and its target's private pointer is then a freed
 * kmem_cache. So the target is never followed; a link is a live cache's if its target is the very
 * kernfs node of that cache's kobject. The link holds a reference to its target, so the address
 * cannot have been given to another node. (Caches and links are read one after the other: a cache
 * that is made in between has no names yet, and one that goes leaves names that match no cache.)
 *
 * Locking: the lock of kernfs, for reading; which one it is depends on the kernel. Consistency: one
 * moment for all links, another one than for the caches.
 */
#include "access/slab_alias.h"

#include <linux/errno.h>
#include <linux/kernfs.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "access/slab_layout.h"
#include "introspect/klock.h"
#include "introspect/kread.h"
#include "memory.h"

#define MAX_LINKS	65536

/* One of the three locks that kernfs has had; 0 if it was not to be had. */
static u64 lock_kernfs(unsigned long root)
{
	if (mt_kernfs_root_rwsem_table.state == MT_RELO_READY)
		return mt_klock_read((struct rw_semaphore *)(root + mt_kernfs_root_rwsem.offset));
	if (mt_kernfs_rwsem_table.state == MT_RELO_READY)
		return mt_klock_read((struct rw_semaphore *)mt_sym_kernfs_rwsem);
	return mt_klock_mutex((struct mutex *)mt_sym_kernfs_mutex);
}

static void unlock_kernfs(unsigned long root, u64 taken_ns)
{
	if (mt_kernfs_root_rwsem_table.state == MT_RELO_READY)
		mt_klock_read_drop(&mt_klock_kernfs,
				   (struct rw_semaphore *)(root + mt_kernfs_root_rwsem.offset),
				   taken_ns);
	else if (mt_kernfs_rwsem_table.state == MT_RELO_READY)
		mt_klock_read_drop(&mt_klock_kernfs, (struct rw_semaphore *)mt_sym_kernfs_rwsem,
				   taken_ns);
	else
		mt_klock_mutex_drop(&mt_klock_kernfs, (struct mutex *)mt_sym_kernfs_mutex,
				    taken_ns);
}

static bool can_lock_kernfs(void)
{
	return mt_kernfs_root_rwsem_table.state == MT_RELO_READY ||
	       mt_kernfs_rwsem_table.state == MT_RELO_READY ||
	       mt_kernfs_mutex_table.state == MT_RELO_READY;
}

/* The kernfs directory of /sys/kernel/slab, and the root it hangs on. */
static bool find_directory(unsigned long *directory, unsigned long *root)
{
	unsigned long kset;

	return mt_kread_ulong(mt_sym_slab_kset, &kset) && kset &&
	       mt_kread_ulong((unsigned long)&((struct kset *)kset)->kobj.sd, directory) &&
	       *directory &&
	       mt_kread_ulong((unsigned long)&((struct kernfs_node *)*directory)->dir.root, root) &&
	       *root;
}

static bool read_link(struct mt_slab_alias *alias, unsigned long node)
{
	struct kernfs_node link;

	if (!mt_kread(&link, node, sizeof(link)) ||
	    (link.flags & KERNFS_TYPE_MASK) != KERNFS_LINK)
		return false;
	alias->kobject_id = (unsigned long)link.symlink.target_kn;
	alias->name_addr = (unsigned long)link.name;
	if (!mt_kread_string(alias->name, (unsigned long)link.name, sizeof(alias->name)))
		return false;
	strreplace(alias->name, ',', '_');
	return true;
}

static bool read_all(struct mt_slab_aliases *aliases, unsigned long directory, unsigned int room)
{
	struct kernfs_node *dir = (struct kernfs_node *)directory;
	unsigned long entry = mt_krbtree_first((unsigned long)&dir->dir.children);
	unsigned int left = MAX_LINKS;

	for (aliases->nr = 0; entry && left; entry = mt_krbtree_next(entry), left--) {
		if (aliases->nr == room)
			return false;
		cond_resched();
		if (read_link(&aliases->aliases[aliases->nr],
			      entry - offsetof(struct kernfs_node, rb)))
			aliases->nr++;
	}
	return true;
}

static int by_cache(const void *a, const void *b)
{
	const struct mt_slab_alias *first = a;
	const struct mt_slab_alias *second = b;

	if (first->kobject_id != second->kobject_id)
		return first->kobject_id < second->kobject_id ? -1 : 1;
	return strcmp(first->name, second->name);
}

/**
 * mt_slab_alias_read() - read all links
 * @aliases: gets them; give it back with mt_slab_alias_free() on success
 *
 * Context: process context, no lock held, may sleep. Takes the lock of kernfs for reading.
 * Return: 0; -EOPNOTSUPP if this kernel's links are unknown; -EBUSY if the lock was not to be had;
 * -ENOENT without /sys/kernel/slab; -ENOMEM; -E2BIG.
 */
int mt_slab_alias_read(struct mt_slab_aliases *aliases)
{
	unsigned long directory, root;
	unsigned int room = 256;
	bool complete = false;
	u64 taken_ns;

	if (mt_slab_alias_table.state != MT_RELO_READY || !can_lock_kernfs())
		return -EOPNOTSUPP;
	if (!find_directory(&directory, &root))
		return -ENOENT;

	for (; !complete && room <= MAX_LINKS; room *= 2) {
		aliases->aliases = mt_memory_alloc(room * sizeof(*aliases->aliases));
		if (!aliases->aliases)
			return -ENOMEM;
		taken_ns = lock_kernfs(root);
		if (!taken_ns) {
			mt_slab_alias_free(aliases);
			return -EBUSY;
		}
		complete = read_all(aliases, directory, room);
		unlock_kernfs(root, taken_ns);
		if (!complete)
			mt_slab_alias_free(aliases);
	}
	if (!complete)
		return -E2BIG;
	sort(aliases->aliases, aliases->nr, sizeof(*aliases->aliases), by_cache, NULL);
	return 0;
}

/**
 * mt_slab_alias_free() - give back what mt_slab_alias_read() allocated
 * @aliases: the links
 *
 * Context: any.
 */
void mt_slab_alias_free(struct mt_slab_aliases *aliases)
{
	mt_memory_free(aliases->aliases);
	aliases->aliases = NULL;
	aliases->nr = 0;
}

/**
 * mt_slab_alias_next() - the links of one cache, one after the other
 * @aliases: all links
 * @kobject_id: the cache, struct mt_slab_cache.kobject_id
 * @last: the link before the one that is wanted, or NULL for the first
 *
 * Context: any.
 * Return: the link, or NULL after the last.
 */
const struct mt_slab_alias *mt_slab_alias_next(const struct mt_slab_aliases *aliases,
					       unsigned long kobject_id,
					       const struct mt_slab_alias *last)
{
	unsigned int i = last ? last - aliases->aliases + 1 : 0;
	unsigned int from = 0;
	unsigned int to = aliases->nr;

	if (!kobject_id)
		return NULL;
	if (!last) {
		while (from < to) {
			unsigned int middle = from + (to - from) / 2;

			if (aliases->aliases[middle].kobject_id < kobject_id)
				from = middle + 1;
			else
				to = middle;
		}
		i = from;
	}
	if (i >= aliases->nr || aliases->aliases[i].kobject_id != kobject_id)
		return NULL;
	return &aliases->aliases[i];
}
