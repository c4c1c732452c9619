// SPDX-License-Identifier: GPL-2.0
/*
 * slab_chain.c - knows how the free objects of a slab are chained.
 *
 * Each free object holds the address of the next one, at a place that is the cache's, encoded with
 * a key of the cache's where the kernel is hardened: as freelist_ptr_decode() in mm/slub.c.
 *
 * Locking: none; the place and the key were copied when the caches were read.
 * Consistency: a chain that changes while it is followed breaks, and is followed again by the
 * caller.
 */
#include "access/slab_chain.h"

#include <linux/mm.h>

#include "access/slab.h"
#include "access/slab_layout.h"
#include "introspect/kread.h"

/**
 * mt_slab_chain_find() - prepare to follow a freelist of a slab
 * @chain: gets where the slab is and how its links are stored
 * @cache: the slab's cache
 * @slab: address of the slab's struct, which is that of its first struct page
 * @objects: objects it has
 *
 * Context: any.
 * Return: false if there can be no slab.
 */
bool mt_slab_chain_find(struct mt_kchain *chain, const struct mt_slab_cache *cache,
			unsigned long slab, u64 objects)
{
	unsigned long from = (unsigned long)page_to_virt((struct page *)slab);

	if (!virt_addr_valid((void *)from))
		return false;
	*chain = (struct mt_kchain) {
		.from = from,
		.to = from + objects * cache->size,
		.offset = cache->link,
		.encoded = mt_cache_random.known,
		.key = cache->key,
	};
	return true;
}
