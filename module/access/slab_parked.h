/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_PARKED_H
#define MT_SLAB_PARKED_H

#include <linux/types.h>

struct mt_slab_cache;

/**
 * struct mt_slab_parked - free objects that their slabs take for allocated
 * @objects: their addresses; sorted by mt_slab_parked_sort()
 * @nr: how many
 * @room: how many there is room for
 * @overflow: there were more
 * @exact: nothing that was read made no sense
 */
struct mt_slab_parked {
	unsigned long *objects;
	unsigned int nr;
	unsigned int room;
	bool overflow;
	bool exact;
};

bool mt_slab_parked_known(void);
void mt_slab_parked_add(struct mt_slab_parked *parked, const struct mt_slab_cache *cache);
void mt_slab_parked_sort(struct mt_slab_parked *parked);
const unsigned long *mt_slab_parked_from(const struct mt_slab_parked *parked, unsigned long addr);

#endif /* MT_SLAB_PARKED_H */
