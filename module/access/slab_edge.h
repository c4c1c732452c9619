/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_EDGE_H
#define MT_SLAB_EDGE_H

#include <linux/types.h>

#include "access/slab.h"

/** MT_SLAB_EDGES - edges that are looked at closely, those with most pointers */
#define MT_SLAB_EDGES	16

/**
 * struct mt_slab_edge - objects of one cache that point to objects of another, each to its own
 * @from: index of the cache whose objects hold the pointers
 * @to: index of the cache they point into, to the start of an object
 * @offset: where in the object the pointer stands, in bytes
 * @pointers: objects that have such a pointer
 * @targets: different objects they point to
 * @one_to_one: these are nearly all of one of the two caches
 */
struct mt_slab_edge {
	unsigned int from;
	unsigned int to;
	u32 offset;
	u64 pointers;
	u64 targets;
	bool one_to_one;
};

/**
 * struct mt_slab_edges - which caches hold the parts of one thing
 * @edges: the edges
 * @nr: how many
 * @estimate: the counts are from a sample
 * @error: 0 if nothing was left out; -EINTR
 */
struct mt_slab_edges {
	struct mt_slab_edge edges[MT_SLAB_EDGES];
	unsigned int nr;
	bool estimate;
	int error;
};

int mt_slab_edge_read(struct mt_slab_edges *edges, const struct mt_slab_list *list,
		      const unsigned long *suspects, u64 budget_ns);
int mt_slab_edge_next(const struct mt_slab_edges *edges, unsigned int from);
bool mt_slab_edge_is_head(const struct mt_slab_edges *edges, unsigned int index);

#endif /* MT_SLAB_EDGE_H */
