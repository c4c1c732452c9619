/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_DECODE_H
#define MT_SLAB_DECODE_H

#include <linux/types.h>

#include "access/slab_object.h"
#include "access/slab_parked.h"

struct page;

/**
 * struct mt_slab_decoder - what is needed to tell the allocated objects of a slab from free ones
 * @list: the caches
 * @wanted: bitmap of those to look at, NULL for all
 * @alive: of these, the ones that were there when the parked objects were found
 * @parked: the parked objects of these
 * @free: room for the addresses of the free objects of one slab
 * @allocated: room for the bitmap of one slab
 * @max_objects: objects that these have room for
 * @poisoned: slabs that were not read because memory of theirs failed
 * @unread: slabs that made no sense, however often they were looked at
 */
struct mt_slab_decoder {
	const struct mt_slab_list *list;
	const unsigned long *wanted;
	unsigned long *alive;
	struct mt_slab_parked parked;
	unsigned long *free;
	unsigned long *allocated;
	unsigned int max_objects;
	u64 poisoned;
	u64 unread;
};

int mt_slab_decoder_init(struct mt_slab_decoder *decoder, const struct mt_slab_list *list,
			 const unsigned long *wanted);
void mt_slab_decoder_exit(struct mt_slab_decoder *decoder);
bool mt_slab_decoder_find_parked(struct mt_slab_decoder *decoder, u64 until_ns);
int mt_slab_decoder_read_parked(struct mt_slab_decoder *decoder);

bool mt_slab_decode_is_slab(struct page *page);
bool mt_slab_decode_is_poisoned(struct page *page, unsigned int order);
unsigned long mt_slab_decode_id(const struct page *page);
int mt_slab_decode_cache(const struct mt_slab_decoder *decoder, struct page *page);
unsigned int mt_slab_decode_room(const struct mt_slab_decoder *decoder, unsigned int cache,
				 unsigned int order);
bool mt_slab_decode_own(struct mt_slab_decoder *decoder, struct page *page, unsigned int order,
			struct mt_slab_objects *slab);
void mt_slab_decode_parked(const struct mt_slab_decoder *decoder, struct mt_slab_objects *slab,
			   unsigned long *allocated);
bool mt_slab_decode(struct mt_slab_decoder *decoder, struct page *page, unsigned int order,
		    struct mt_slab_objects *slab);

#endif /* MT_SLAB_DECODE_H */
