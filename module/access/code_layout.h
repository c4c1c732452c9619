/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_CODE_LAYOUT_H
#define MT_CODE_LAYOUT_H

#include "introspect/relo.h"

/* Where the functions are that allocate an object, and the one that destroys a cache. */
extern unsigned long mt_sym_kmem_cache_alloc;
extern unsigned long mt_sym_kmem_cache_alloc_node;
extern unsigned long mt_sym_kmem_cache_alloc_lru;
extern unsigned long mt_sym_kmem_cache_destroy;
extern struct mt_relo_table mt_code_table;

#endif /* MT_CODE_LAYOUT_H */
