/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_VMAP_PACK_H
#define MT_VMAP_PACK_H

#include <linux/types.h>

/** MT_VMAP_PACKS - packs that are known at once: of half a GiB, where they are huge pages */
#define MT_VMAP_PACKS	256

/**
 * struct mt_vmap_packs - areas that BPF packs its programs into
 * @nr: how many
 * @start: their addresses; never printed
 */
struct mt_vmap_packs {
	unsigned int nr;
	unsigned long start[MT_VMAP_PACKS];
};

void mt_vmap_packs_read(struct mt_vmap_packs *packs);
bool mt_vmap_packs_have(const struct mt_vmap_packs *packs, unsigned long start);

#endif /* MT_VMAP_PACK_H */
