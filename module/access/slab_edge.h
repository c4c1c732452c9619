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
 * struct mt_slab_link - a cache whose objects stand in a list or a tree
 * @cache: index of the cache
 * @offset: where in the object there is a pointer into another object of the same cache, in bytes
 */
struct mt_slab_link {
	unsigned int cache;
	u32 offset;
};

/**
 * struct mt_slab_edges - which caches hold the parts of one thing
 * @edges: the edges
 * @nr: how many
 * @links: caches whose objects are linked to each other, those with most such pointers
 * @nr_links: how many
 * @estimate: the counts are from a sample
 * @error: 0 if nothing was left out; -EINTR
 */
struct mt_slab_edges {
	struct mt_slab_edge edges[MT_SLAB_EDGES];
	unsigned int nr;
	struct mt_slab_link links[MT_SLAB_EDGES];
	unsigned int nr_links;
	bool estimate;
	int error;
};

int mt_slab_edge_read(struct mt_slab_edges *edges, const struct mt_slab_list *list,
		      const unsigned long *suspects, u64 budget_ns);
int mt_slab_edge_next(const struct mt_slab_edges *edges, unsigned int from);
bool mt_slab_edge_is_head(const struct mt_slab_edges *edges, unsigned int index);
bool mt_slab_edge_has(const struct mt_slab_edges *edges, unsigned int cache);

#endif /* MT_SLAB_EDGE_H */
