/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_LAYOUT_H
#define MT_SLAB_LAYOUT_H

#include "introspect/relo.h"

/* The list of caches, and what is known of each without looking into a slab. */
extern unsigned long mt_sym_slab_caches;
extern unsigned long mt_sym_slab_mutex;
extern struct mt_field mt_cache_list;
extern struct mt_field mt_cache_name;
extern struct mt_field mt_cache_flags;
extern struct mt_field mt_cache_size;
extern struct mt_field mt_cache_object_size;
extern struct mt_field mt_cache_oo;
extern struct mt_field mt_cache_min;
extern struct mt_field mt_cache_refcount;
extern struct mt_relo_table mt_slab_cache_table;

/* The nodes of a cache, and their partial slabs. */
extern struct mt_field mt_node_nr_slabs;
extern struct mt_field mt_node_total_objects;
extern struct mt_field mt_node_nr_partial;
extern struct mt_field mt_node_partial;
extern struct mt_field mt_node_list_lock;
extern struct mt_field mt_slab_list;
extern struct mt_field mt_slab_inuse;
extern struct mt_field mt_slab_objects;
extern struct mt_relo_table mt_slab_node_table;

/* Where a cache keeps its nodes: one of these, by the age of the kernel. */
extern struct mt_field mt_cache_per_node;
extern struct mt_field mt_per_node_node;
extern struct mt_field mt_per_node_size;
extern struct mt_relo_table mt_slab_per_node_table;
extern struct mt_field mt_cache_node;
extern struct mt_relo_table mt_slab_node_array_table;

/* Free objects that a CPU keeps on a slab of its own. */
extern struct mt_field mt_cache_cpu_slab;
extern struct mt_field mt_cache_offset;
extern struct mt_field mt_cache_random;
extern struct mt_field mt_cpu_freelist;
extern struct mt_field mt_cpu_tid;
extern struct mt_field mt_cpu_slab;
extern struct mt_field mt_cpu_partial;
extern struct mt_field mt_slab_next;
extern struct mt_relo_table mt_slab_cpu_table;

/* Free objects that a CPU or a node keeps in arrays of pointers. */
extern struct mt_field mt_cache_cpu_sheaves;
extern struct mt_field mt_cache_sheaf_capacity;
extern struct mt_field mt_sheaves_main;
extern struct mt_field mt_sheaves_spare;
extern struct mt_field mt_sheaves_rcu_free;
extern struct mt_field mt_sheaf_size;
extern struct mt_field mt_per_node_barn;
extern struct mt_field mt_node_barn;
extern struct mt_field mt_barn_nr_full;
extern struct mt_relo_table mt_slab_sheaf_table;

/* Which objects of a slab are allocated, beside what is above. */
extern struct mt_field mt_cache_red_left_pad;
extern struct mt_field mt_slab_slab_cache;
extern struct mt_field mt_slab_freelist;
extern struct mt_field mt_sheaf_objects;
extern struct mt_field mt_sheaf_barn_list;
extern struct mt_field mt_barn_sheaves_full;
extern struct mt_relo_table mt_slab_object_table;

/* The names that merged caches had: links in /sys/kernel/slab. */
extern unsigned long mt_sym_slab_kset;
extern struct mt_field mt_cache_kobj_sd;
extern struct mt_relo_table mt_slab_alias_table;

/* What guards that directory: one of these, by the age of the kernel. */
extern struct mt_field mt_kernfs_root_rwsem;
extern struct mt_relo_table mt_kernfs_root_rwsem_table;
extern unsigned long mt_sym_kernfs_rwsem;
extern struct mt_relo_table mt_kernfs_rwsem_table;
extern unsigned long mt_sym_kernfs_mutex;
extern struct mt_relo_table mt_kernfs_mutex_table;

#endif /* MT_SLAB_LAYOUT_H */
