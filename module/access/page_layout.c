// SPDX-License-Identifier: GPL-2.0
/*
 * page_layout.c - knows where the kernel's image begins, and the way from a page to its owner's
 * name, or from an owner to its pages.
 */
#include "access/page_layout.h"

unsigned long mt_sym_text;
unsigned long mt_sym_init_begin;
unsigned long mt_sym_init_end;

/*
 * Where the image begins, and what of it is freed at the end of boot; where its parts end is in
 * image_layout.c.
 */
static struct mt_relo kernel_image_entries[] = {
	MT_SYMBOL(REQUIRED, mt_sym_text, "_text"),
	MT_SYMBOL(ERA, mt_sym_init_begin, "__init_begin"),
	MT_SYMBOL(ERA, mt_sym_init_end, "__init_end"),
};

MT_RELO_TABLE(mt_kernel_image_table, "kernel_image", kernel_image_entries);

struct mt_field mt_page_pool_dev;

/* A kernel without CONFIG_PAGE_POOL has none. */
static struct mt_relo page_pool_entries[] = {
	MT_MEMBER(GATE, mt_page_pool_dev, "page_pool.p.dev"),
};

MT_RELO_TABLE(mt_page_pool_table, "page_pool", page_pool_entries);

struct mt_field mt_objcg_memcg;
struct mt_field mt_memcg_cgroup;
struct mt_field mt_cgroup_kn;
struct mt_field mt_kernfs_name;
struct mt_field mt_kernfs_parent;

static struct mt_relo memcg_entries[] = {
	/* with CONFIG_MEMCG only */
	MT_MEMBER(GATE, mt_objcg_memcg, "obj_cgroup.memcg"),
	MT_MEMBER(REQUIRED, mt_memcg_cgroup, "mem_cgroup.css.cgroup"),
	MT_MEMBER(REQUIRED, mt_cgroup_kn, "cgroup.kn"),
	MT_MEMBER(REQUIRED, mt_kernfs_name, "kernfs_node.name"),
	/*
	 * Linux kernel commit 633488947ef6 ("kernfs: Use RCU to access kernfs_node::parent.")
	 * (in v6.15)
	 */
	MT_MEMBER(REQUIRED, mt_kernfs_parent, "kernfs_node.__parent", "kernfs_node.parent"),
};

MT_RELO_TABLE(mt_memcg_table, "memcg", memcg_entries);

unsigned long mt_sym_net_hotdata;
struct mt_field mt_net_hotdata_packet;
struct mt_field mt_net_hotdata_fclone;

/* Seen in v6.12, not in v6.1. */
static struct mt_relo packet_hotdata_entries[] = {
	MT_SYMBOL(GATE, mt_sym_net_hotdata, "net_hotdata"),
	MT_MEMBER(REQUIRED, mt_net_hotdata_packet, "net_hotdata.skbuff_cache"),
	MT_MEMBER(REQUIRED, mt_net_hotdata_fclone, "net_hotdata.skbuff_fclone_cache"),
};

MT_RELO_TABLE(mt_packet_hotdata_table, "packet_hotdata", packet_hotdata_entries);

unsigned long mt_sym_packet_cache;
unsigned long mt_sym_fclone_cache;

static struct mt_relo packet_cache_entries[] = {
	/* the cache keeps its name; the variable's new one was not in v6.1 */
	MT_SYMBOL(GATE, mt_sym_packet_cache, "skbuff_cache", "skbuff_head_cache"),
	MT_SYMBOL(REQUIRED, mt_sym_fclone_cache, "skbuff_fclone_cache"),
};

MT_RELO_TABLE(mt_packet_cache_table, "packet_cache", packet_cache_entries);

unsigned long mt_sym_page_owner_inited;
unsigned long mt_sym_mem_alloc_profiling_key;

/* With CONFIG_PAGE_OWNER and CONFIG_MEM_ALLOC_PROFILING only. */
static struct mt_relo page_trace_entries[] = {
	MT_SYMBOL(ERA, mt_sym_page_owner_inited, "page_owner_inited"),
	MT_SYMBOL(ERA, mt_sym_mem_alloc_profiling_key, "mem_alloc_profiling_key"),
};

MT_RELO_TABLE(mt_page_trace_table, "page_trace", page_trace_entries);

unsigned long mt_sym_stack_pools;
unsigned long mt_sym_stack_max_pools;

/* The table is an array, as long as there is no variable for its length. */
static struct mt_relo page_depot_entries[] = {
	MT_SYMBOL(GATE, mt_sym_stack_max_pools, "stack_max_pools"),
	MT_SYMBOL(GATE, mt_sym_stack_pools, "stack_pools"),
};

MT_RELO_TABLE(mt_page_depot_table, "page_depot", page_depot_entries);
