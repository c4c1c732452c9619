/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_NODE_H
#define MT_SLAB_NODE_H

#include <linux/nodemask.h>
#include <linux/types.h>

/**
 * mt_slab_node_next() - the next node that a cache may have slabs on
 * @nid: a node, or nr_node_ids
 *
 * next_online_node() goes through as many bits as the kernel could have nodes, for each cache.
 *
 * Context: any.
 * Return: the first such node from @nid on; nr_node_ids if there is none.
 */
static inline int mt_slab_node_next(int nid)
{
	while (nid < nr_node_ids && !node_online(nid))
		nid++;
	return nid;
}

/**
 * mt_slab_node_for_each() - the nodes that a cache may have slabs on
 * @_nid: gets one after the other
 */
#define mt_slab_node_for_each(_nid) \
	for ((_nid) = mt_slab_node_next(0); (_nid) < nr_node_ids; \
	     (_nid) = mt_slab_node_next((_nid) + 1))

bool mt_slab_node_known(void);
bool mt_slab_node_find(unsigned long cache, int nid, unsigned long *node, unsigned long *barn);

#endif /* MT_SLAB_NODE_H */
