// SPDX-License-Identifier: GPL-2.0
/*
 * vmap_layout.c - knows where each kernel keeps its vmalloc areas.
 */
#include "access/vmap_layout.h"

unsigned long mt_sym_vmap_area_root;
unsigned long mt_sym_vmap_area_lock;

static struct mt_relo vmap_tree_entries[] = {
	MT_SYMBOL(GATE, mt_sym_vmap_area_root, "vmap_area_root"),
	MT_SYMBOL(REQUIRED, mt_sym_vmap_area_lock, "vmap_area_lock"),
};

MT_RELO_TABLE(mt_vmap_tree_table, "vmap_tree", vmap_tree_entries);

unsigned long mt_sym_vmap_nodes;
unsigned long mt_sym_nr_vmap_nodes;
struct mt_field mt_vmap_node_size;
struct mt_field mt_vmap_node_root;
struct mt_field mt_vmap_node_lock;

/*
 * Linux kernel commit d093602919ad ("mm: vmalloc: remove global vmap_area_root rb-tree")
 * (in v6.9)
 */
static struct mt_relo vmap_node_entries[] = {
	MT_SYMBOL(GATE, mt_sym_vmap_nodes, "vmap_nodes"),
	MT_SYMBOL(REQUIRED, mt_sym_nr_vmap_nodes, "nr_vmap_nodes"),
	MT_SIZE(REQUIRED, mt_vmap_node_size, "struct vmap_node"),
	MT_MEMBER(REQUIRED, mt_vmap_node_root, "vmap_node.busy.root"),
	MT_MEMBER(REQUIRED, mt_vmap_node_lock, "vmap_node.busy.lock"),
};

MT_RELO_TABLE(mt_vmap_node_table, "vmap_node", vmap_node_entries);

unsigned long mt_sym_pack_list;
struct mt_field mt_pack_list;
struct mt_field mt_pack_start;

/* seen in v6.1, not in v5.10 */
static struct mt_relo vmap_pack_entries[] = {
	MT_SYMBOL(REQUIRED, mt_sym_pack_list, "pack_list"),
	MT_MEMBER(GATE, mt_pack_list, "bpf_prog_pack.list"),
	MT_MEMBER(REQUIRED, mt_pack_start, "bpf_prog_pack.ptr"),
};

MT_RELO_TABLE(mt_vmap_pack_table, "vmap_pack", vmap_pack_entries);
