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
#include <linux/string.h>

#include "access/slab_layout.h"
#include "introspect/klock.h"
#include "introspect/kread.h"
#include "memory.h"

#define MAX_LINKS	65536

/* Room is made for as many links as there were last time, and so many more. */
#define SPARE		16
static unsigned int last_nr = 256 - SPARE;

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

/* Nothing but the flags of what is no link: every cache has a directory there. */
static bool read_link(struct mt_slab_alias *alias, struct kernfs_node *node)
{
	unsigned short flags;
	unsigned long name;

	if (!mt_kread(&flags, (unsigned long)&node->flags, sizeof(flags)) ||
	    (flags & KERNFS_TYPE_MASK) != KERNFS_LINK)
		return false;
	if (!mt_kread_ulong((unsigned long)&node->symlink.target_kn, &alias->kobject_id) ||
	    !mt_kread_ulong((unsigned long)&node->name, &name) ||
	    !mt_kread_name(alias->name, name, sizeof(alias->name), ','))
		return false;
	alias->name_addr = name;
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
			      rb_entry((struct rb_node *)entry, struct kernfs_node, rb)))
			aliases->nr++;
	}
	return true;
}

static bool is_before(const struct mt_slab_alias *a, const struct mt_slab_alias *b)
{
	if (a->kobject_id != b->kobject_id)
		return a->kobject_id < b->kobject_id;
	return strcmp(a->name, b->name) < 0;
}

/* Down the heap of @nr to where @link belongs, from the place @at, which is free. */
static void sift_down(struct mt_slab_alias *links, unsigned int at, unsigned int nr,
		      unsigned int link)
{
	unsigned int child;

	while ((child = 2 * at + 1) < nr) {
		if (child + 1 < nr &&
		    is_before(&links[links[child].nth], &links[links[child + 1].nth]))
			child++;
		if (!is_before(&links[link], &links[links[child].nth]))
			break;
		links[at].nth = links[child].nth;
		at = child;
	}
	links[at].nth = link;
}

/* A heap sort of the places: sort() would move the names, and call for each comparison. */
static void sort_links(struct mt_slab_alias *links, unsigned int nr)
{
	unsigned int i, link;

	for (i = 0; i < nr; i++)
		links[i].nth = i;
	for (i = nr / 2; i-- > 0;)
		sift_down(links, i, nr, links[i].nth);
	for (i = nr; i-- > 1;) {
		link = links[i].nth;
		links[i].nth = links[0].nth;
		sift_down(links, 0, i, link);
		cond_resched();
	}
	for (i = 0; i < nr; i++) {
		link = links[i].nth;
		links[link].next = link;
		if (i + 1 < nr && links[links[i + 1].nth].kobject_id == links[link].kobject_id)
			links[link].next = links[i + 1].nth;
	}
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
	unsigned int room = READ_ONCE(last_nr) + SPARE;
	bool complete = false;
	u64 taken_ns;

	if (mt_slab_alias_table.state != MT_RELO_READY || !can_lock_kernfs())
		return -EOPNOTSUPP;
	if (!find_directory(&directory, &root))
		return -ENOENT;

	for (; !complete && room < 2 * MAX_LINKS; room *= 2) {
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
	WRITE_ONCE(last_nr, aliases->nr);
	sort_links(aliases->aliases, aliases->nr);
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
	const struct mt_slab_alias *links = aliases->aliases;
	unsigned int to = aliases->nr;
	unsigned int from = 0;

	if (last)
		return &links[last->next] == last ? NULL : &links[last->next];
	if (!kobject_id)
		return NULL;
	while (from < to) {
		unsigned int middle = from + (to - from) / 2;

		if (links[links[middle].nth].kobject_id < kobject_id)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == aliases->nr || links[links[from].nth].kobject_id != kobject_id)
		return NULL;
	return &links[links[from].nth];
}
