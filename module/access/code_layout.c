// SPDX-License-Identifier: GPL-2.0
/*
 * code_layout.c - knows what the functions are called by which objects are allocated.
 *
 * They are not called here, only recognised where others call them.
 */
#include "access/code_layout.h"

unsigned long mt_sym_kmem_cache_alloc;
unsigned long mt_sym_kmem_cache_alloc_node;
unsigned long mt_sym_kmem_cache_alloc_lru;
unsigned long mt_sym_kmem_cache_destroy;

/*
 * Linux kernel commit 7bd230a26648 ("mm/slab: enable slab allocation tagging for kmalloc and
 * friends") (in v6.10)
 * Linux kernel commit 88f2ef73fd66 ("mm: introduce kmem_cache_alloc_lru") (in v5.18)
 */
static struct mt_relo code_entries[] = {
	MT_SYMBOL(REQUIRED, mt_sym_kmem_cache_alloc, "kmem_cache_alloc_noprof", "kmem_cache_alloc"),
	MT_SYMBOL(ERA, mt_sym_kmem_cache_alloc_node, "kmem_cache_alloc_node_noprof",
		  "kmem_cache_alloc_node"),
	MT_SYMBOL(ERA, mt_sym_kmem_cache_alloc_lru, "kmem_cache_alloc_lru_noprof",
		  "kmem_cache_alloc_lru"),
	MT_SYMBOL(REQUIRED, mt_sym_kmem_cache_destroy, "kmem_cache_destroy"),
};

MT_RELO_TABLE(mt_code_table, "code", code_entries);
