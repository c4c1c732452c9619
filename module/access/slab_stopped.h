/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_STOPPED_H
#define MT_SLAB_STOPPED_H

#include <linux/types.h>

struct mt_slab_decoder;
struct mt_slab_list;
struct mt_slab_objects;

/**
 * struct mt_slab_stopped - the slabs of some caches at one moment
 * @list: all caches
 * @slabs: the slabs
 * @nr: how many
 * @bitmaps: the bitmaps of all of them, one after the other
 * @took_ns: how long the machine stood still
 * @cut: how many slabs were left when the bound on that ended it
 * @complete: these were all slabs that the caches had at that moment
 */
struct mt_slab_stopped {
	const struct mt_slab_list *list;
	struct mt_slab_still *slabs;
	unsigned int nr;
	unsigned long *bitmaps;
	u64 took_ns;
	unsigned int cut;
	bool complete;
};

u64 mt_slab_stopped_bound_ns(void);
int mt_slab_stopped_read(struct mt_slab_stopped *stopped, struct mt_slab_decoder *decoder);
bool mt_slab_stopped_next(const struct mt_slab_stopped *stopped, unsigned int *at,
			  struct mt_slab_objects *slab);
void mt_slab_stopped_free(struct mt_slab_stopped *stopped);

#endif /* MT_SLAB_STOPPED_H */
