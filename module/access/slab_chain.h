/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_CHAIN_H
#define MT_SLAB_CHAIN_H

#include <linux/types.h>

struct mt_kchain;
struct mt_slab_cache;

bool mt_slab_chain_find(struct mt_kchain *chain, const struct mt_slab_cache *cache,
			unsigned long slab, u64 objects);

#endif /* MT_SLAB_CHAIN_H */
