/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_VMAP_LAYOUT_H
#define MT_VMAP_LAYOUT_H

#include "introspect/relo.h"

/* One tree for all areas. */
extern unsigned long mt_sym_vmap_area_root;
extern unsigned long mt_sym_vmap_area_lock;
extern struct mt_relo_table mt_vmap_tree_table;

/* A tree for each of several nodes, each with a part of the areas. */
extern unsigned long mt_sym_vmap_nodes;
extern unsigned long mt_sym_nr_vmap_nodes;
extern struct mt_field mt_vmap_node_size;
extern struct mt_field mt_vmap_node_root;
extern struct mt_field mt_vmap_node_lock;
extern struct mt_relo_table mt_vmap_node_table;

/* What BPF keeps about the areas that it packs programs into. */
extern unsigned long mt_sym_pack_list;
extern struct mt_field mt_pack_list;
extern struct mt_field mt_pack_start;
extern struct mt_relo_table mt_vmap_pack_table;

#endif /* MT_VMAP_LAYOUT_H */
