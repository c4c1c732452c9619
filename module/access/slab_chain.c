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

#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/stddef.h>

#include "access/slab.h"
#include "access/slab_layout.h"
#include "introspect/kread.h"

/*
 * Has a page of the slab failed? To read it again may stop the machine, which no nofault read
 * avoids. The slab itself may be anything, so its pages' flags are read that way.
 */
static bool is_poisoned(unsigned long slab, unsigned long nr_pages)
{
#ifdef CONFIG_MEMORY_FAILURE
	unsigned long i, flags;

	for (i = 0; i < nr_pages; i++) {
		if (!mt_kread_ulong(slab + i * sizeof(struct page) + offsetof(struct page, flags),
				    &flags) ||
		    test_bit(PG_hwpoison, &flags))
			return true;
	}
#endif
	return false;
}

/**
 * mt_slab_chain_find() - prepare to follow a freelist of a slab
 * @chain: gets where the slab is and how its links are stored
 * @cache: the slab's cache
 * @slab: address of the slab's struct, which is that of its first struct page
 * @objects: objects it has
 *
 * Context: any.
 * Return: false if there can be no slab, or it must not be read because its memory failed.
 */
bool mt_slab_chain_find(struct mt_kchain *chain, const struct mt_slab_cache *cache,
			unsigned long slab, u64 objects)
{
	unsigned long from = (unsigned long)page_to_virt((struct page *)slab);

	if (!virt_addr_valid((void *)from) ||
	    is_poisoned(slab, DIV_ROUND_UP(objects * cache->size, PAGE_SIZE)))
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
