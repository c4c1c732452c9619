/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_H
#define MT_SLAB_H

#include <linux/types.h>

/** MT_SLAB_NAME - bytes for a cache's name, NUL included; a longer one is cut */
#define MT_SLAB_NAME	64

/**
 * struct mt_slab_cache - one kmem_cache as the allocator sees it, in plain values
 * @id: tells caches apart while the walk lasts; never printed and never dereferenced
 * @kobject_id: tells which names in /sys/kernel/slab are this cache's; 0 if it has none
 * @name: of its first creator, who may be gone
 * @name_addr: where the kernel keeps it; never printed
 * @object_size: bytes an object has for its user, the largest user's if merged
 * @size: bytes an object takes
 * @order: of its slabs, unless memory was short
 * @first: bytes from the start of a slab to its first object
 * @link: bytes from the start of a free object to its pointer to the next
 * @sheaf_capacity: objects that its sheaves have room for; 0 if it has none
 * @key: what these pointers are encoded with, see access/slab_chain.c; never printed
 * @reclaimable: its pages count as SReclaimable
 * @stores_user: it remembers who allocated each object (slub_debug=U)
 * @users: cache pointers that were handed out; negative if it never merges
 * @slabs: slabs it has
 * @pages: pages of these slabs
 * @objects: objects that fit into these slabs
 * @active: objects that are really allocated
 * @pages_exact: @pages is exact
 * @active_exact: @active is exact
 * @active_known: @active means something at all
 */
struct mt_slab_cache {
	unsigned long id;
	unsigned long kobject_id;
	char name[MT_SLAB_NAME];
	unsigned long name_addr;
	u32 object_size;
	u32 size;
	u32 first;
	u32 link;
	u32 sheaf_capacity;
	unsigned long key;
	u8 order;
	bool reclaimable;
	bool stores_user;
	int users;
	s64 slabs;
	s64 pages;
	s64 objects;
	s64 active;
	bool pages_exact;
	bool active_exact;
	bool active_known;
};

/**
 * struct mt_slab_list - all caches at one moment
 * @caches: the caches, in the kernel's order: newest first
 * @nr: how many
 * @slots: a table by which mt_slab_index() finds a cache by its id
 * @nr_slots: its size, a power of two
 * @pages_before: what the kernel counts as slab, in pages, just before the walk
 * @pages_after: the same just after it
 * @error: 0 if these are all; -EINTR, -ELOOP, -EFAULT if the walk ended early
 */
struct mt_slab_list {
	struct mt_slab_cache *caches;
	unsigned int nr;
	u32 *slots;
	unsigned int nr_slots;
	s64 pages_before;
	s64 pages_after;
	int error;
};

int mt_slab_read(struct mt_slab_list *list);
s64 mt_slab_capacity(unsigned long id);
int mt_slab_index(const struct mt_slab_list *list, unsigned long id);
bool mt_slab_is_description(const struct mt_slab_cache *cache);
bool mt_slab_is_suspect(const struct mt_slab_cache *cache);
bool mt_slab_is_large(const struct mt_slab_cache *cache);
void mt_slab_free(struct mt_slab_list *list);

#endif /* MT_SLAB_H */
