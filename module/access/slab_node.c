// SPDX-License-Identifier: GPL-2.0
/*
 * slab_node.c - knows where a slab cache keeps what it has on each memory node.
 *
 * Locking: none; the caller holds slab_mutex, so that the cache is there.
 * Consistency: a cache's nodes come and go with memory hotplug only.
 */
#include "access/slab_node.h"

#include "access/slab_layout.h"
#include "introspect/kread.h"

/**
 * mt_slab_node_known() - are the nodes of a cache known on this kernel?
 *
 * Context: any.
 * Return: true if mt_slab_node_find() may be called.
 */
bool mt_slab_node_known(void)
{
	return mt_slab_node_table.state == MT_RELO_READY &&
	       (mt_slab_per_node_table.state == MT_RELO_READY ||
		mt_slab_node_array_table.state == MT_RELO_READY);
}

/**
 * mt_slab_node_find() - find what a cache has on a node
 * @cache: address of the struct kmem_cache
 * @nid: the node
 * @node: gets the address of its struct kmem_cache_node; 0 if it has none
 * @barn: gets the address of its struct node_barn; 0 if it has none
 *
 * Context: any; the caller sees to it that the cache is there.
 * Return: false if it could not be read.
 */
bool mt_slab_node_find(unsigned long cache, int nid, unsigned long *node, unsigned long *barn)
{
	unsigned long pair;

	*barn = 0;
	if (mt_slab_per_node_table.state != MT_RELO_READY) {
		if (!mt_kread_ulong(cache + mt_cache_node.offset + nid * sizeof(long), node))
			return false;
		if (*node && mt_node_barn.known)
			return mt_kread_ulong(*node + mt_node_barn.offset, barn);
		return true;
	}
	pair = cache + mt_cache_per_node.offset + nid * mt_per_node_size.size;
	if (mt_per_node_barn.known && !mt_kread_ulong(pair + mt_per_node_barn.offset, barn))
		return false;
	return mt_kread_ulong(pair + mt_per_node_node.offset, node);
}
