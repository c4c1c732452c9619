/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_SPLIT_H
#define MT_SLAB_SPLIT_H

#include <linux/types.h>

#include "attribution.h"

struct mt_slab_owners;

/**
 * struct mt_slab_root - a merged cache whose objects were told apart
 * @cache: index of the cache in the list
 * @claims: its names, in their order, and after them one for each user without a name: first those
 *          that have a holder, in the order of the holders
 * @nr_claims: how many
 * @objects: allocated objects; the sum of the claims' and of @unattributed
 * @unattributed: objects that are nobody's
 * @exact: all objects were looked into, and nothing moved meanwhile that could be noticed
 * @known: it was looked into at all
 * @error: if only a sample was looked into: by how many objects a figure may be off (95 %)
 */
struct mt_slab_root {
	unsigned int cache;
	struct mt_claim *claims;
	unsigned int nr_claims;

	u64 objects;
	u64 unattributed;
	bool exact;
	bool known;
	u64 error;
};

/**
 * struct mt_slab_split - all merged caches that have objects
 * @roots: the caches, in the order of the list
 * @nr: how many
 * @claims: room for the claims of all
 * @whole: all memory was looked at
 * @crowded: some of the objects were too different from each other
 */
struct mt_slab_split {
	struct mt_slab_root *roots;
	unsigned int nr;
	struct mt_claim *claims;
	bool whole;
	bool crowded;
};

int mt_slab_split_read(struct mt_slab_split *split, struct mt_slab_owners *owners, u64 budget_ns);
const struct mt_slab_root *mt_slab_split_find(const struct mt_slab_split *split,
					      unsigned int cache);
void mt_slab_split_free(struct mt_slab_split *split);

#endif /* MT_SLAB_SPLIT_H */
