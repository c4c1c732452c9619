/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_CREATION_LAYOUT_H
#define MT_CREATION_LAYOUT_H

#include "introspect/relo.h"

/* Where a creation begins. */
extern unsigned long mt_sym_cache_create;
extern struct mt_relo_table mt_creation_table;

/* Where it is known which cache the name became, a new one or an older one's alias. */
extern unsigned long mt_sym_cache_new;
extern unsigned long mt_sym_cache_alias;
extern struct mt_relo_table mt_creation_root_table;

/* Where a cache is given back. */
extern unsigned long mt_sym_cache_destroy;
extern struct mt_relo_table mt_creation_end_table;

#endif /* MT_CREATION_LAYOUT_H */
