/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_PAGE_LAYOUT_H
#define MT_PAGE_LAYOUT_H

#include "introspect/relo.h"

/* The kernel's image: from its code to behind its data. */
extern unsigned long mt_sym_text;
extern unsigned long mt_sym_init_begin;
extern unsigned long mt_sym_init_end;
extern struct mt_relo_table mt_kernel_image_table;

/* A page pool's device. */
extern struct mt_field mt_page_pool_dev;
extern struct mt_relo_table mt_page_pool_table;

/* From the charge of a page to the name of its cgroup. */
extern struct mt_field mt_objcg_memcg;
extern struct mt_field mt_memcg_cgroup;
extern struct mt_field mt_cgroup_kn;
extern struct mt_field mt_kernfs_name;
extern struct mt_field mt_kernfs_parent;
extern struct mt_relo_table mt_memcg_table;

/* The variables that hold the caches of packets: members of one struct, or by themselves. */
extern unsigned long mt_sym_net_hotdata;
extern struct mt_field mt_net_hotdata_packet;
extern struct mt_field mt_net_hotdata_fclone;
extern struct mt_relo_table mt_packet_hotdata_table;
extern unsigned long mt_sym_packet_cache;
extern unsigned long mt_sym_fclone_cache;
extern struct mt_relo_table mt_packet_cache_table;

/* Whether the kernel itself remembers who allocated: the first word of a static key. */
extern unsigned long mt_sym_page_owner_inited;
extern unsigned long mt_sym_mem_alloc_profiling_key;
extern struct mt_relo_table mt_page_trace_table;

/* Where the table of the stack depot's pools is, if it is no array, and how many it may have. */
extern unsigned long mt_sym_stack_pools;
extern unsigned long mt_sym_stack_max_pools;
extern struct mt_relo_table mt_page_depot_table;

#endif /* MT_PAGE_LAYOUT_H */
