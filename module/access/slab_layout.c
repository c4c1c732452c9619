// SPDX-License-Identifier: GPL-2.0
/*
 * slab_layout.c - knows what the slab allocator's private structs are called in each kernel.
 */
#include "access/slab_layout.h"

unsigned long mt_sym_slab_caches;
unsigned long mt_sym_slab_mutex;
struct mt_field mt_cache_list;
struct mt_field mt_cache_name;
struct mt_field mt_cache_flags;
struct mt_field mt_cache_size;
struct mt_field mt_cache_object_size;
struct mt_field mt_cache_oo;
struct mt_field mt_cache_min;
struct mt_field mt_cache_refcount;

static struct mt_relo slab_cache_entries[] = {
	MT_SYMBOL(REQUIRED, mt_sym_slab_caches, "slab_caches"),
	MT_SYMBOL(REQUIRED, mt_sym_slab_mutex, "slab_mutex"),
	MT_MEMBER(REQUIRED, mt_cache_list, "kmem_cache.list"),
	MT_MEMBER(REQUIRED, mt_cache_name, "kmem_cache.name"),
	MT_MEMBER(REQUIRED, mt_cache_flags, "kmem_cache.flags"),
	MT_MEMBER(REQUIRED, mt_cache_size, "kmem_cache.size"),
	MT_MEMBER(REQUIRED, mt_cache_object_size, "kmem_cache.object_size"),
	MT_MEMBER(REQUIRED, mt_cache_oo, "kmem_cache.oo.x"),
	MT_MEMBER(REQUIRED, mt_cache_min, "kmem_cache.min.x"),
	MT_MEMBER(REQUIRED, mt_cache_refcount, "kmem_cache.refcount"),
};

MT_RELO_TABLE(mt_slab_cache_table, "slab_cache", slab_cache_entries);

struct mt_field mt_node_nr_slabs;
struct mt_field mt_node_total_objects;
struct mt_field mt_node_nr_partial;
struct mt_field mt_node_partial;
struct mt_field mt_node_list_lock;
struct mt_field mt_slab_list;
struct mt_field mt_slab_inuse;
struct mt_field mt_slab_objects;

static struct mt_relo slab_node_entries[] = {
	MT_MEMBER(REQUIRED, mt_node_nr_slabs, "kmem_cache_node.nr_slabs"),
	MT_MEMBER(REQUIRED, mt_node_total_objects, "kmem_cache_node.total_objects"),
	MT_MEMBER(REQUIRED, mt_node_nr_partial, "kmem_cache_node.nr_partial"),
	MT_MEMBER(REQUIRED, mt_node_partial, "kmem_cache_node.partial"),
	MT_MEMBER(REQUIRED, mt_node_list_lock, "kmem_cache_node.list_lock"),
	/*
	 * Linux kernel commit d122019bf061 ("mm: Split slab into its own type") (in v5.17) took
	 * these out of struct page.
	 */
	MT_MEMBER(REQUIRED, mt_slab_list, "slab.slab_list", "page.slab_list"),
	MT_MEMBER(REQUIRED, mt_slab_inuse, "slab.inuse", "page.inuse"),
	MT_MEMBER(REQUIRED, mt_slab_objects, "slab.objects", "page.objects"),
};

MT_RELO_TABLE(mt_slab_node_table, "slab_node", slab_node_entries);

struct mt_field mt_cache_per_node;
struct mt_field mt_per_node_node;
struct mt_field mt_per_node_size;

/* An array of pairs {barn, node}: seen in v7.3, not in v6.12. */
static struct mt_relo slab_per_node_entries[] = {
	MT_MEMBER(GATE, mt_cache_per_node, "kmem_cache.per_node"),
	MT_MEMBER(REQUIRED, mt_per_node_node, "kmem_cache_per_node_ptrs.node"),
	MT_SIZE(REQUIRED, mt_per_node_size, "struct kmem_cache_per_node_ptrs"),
};

MT_RELO_TABLE(mt_slab_per_node_table, "slab_per_node", slab_per_node_entries);

struct mt_field mt_cache_node;

/* An array of pointers to nodes, in older kernels. */
static struct mt_relo slab_node_array_entries[] = {
	MT_MEMBER(GATE, mt_cache_node, "kmem_cache.node"),
};

MT_RELO_TABLE(mt_slab_node_array_table, "slab_node_array", slab_node_array_entries);

struct mt_field mt_cache_cpu_slab;
struct mt_field mt_cache_offset;
struct mt_field mt_cache_random;
struct mt_field mt_cpu_freelist;
struct mt_field mt_cpu_tid;
struct mt_field mt_cpu_slab;
struct mt_field mt_cpu_partial;
struct mt_field mt_slab_next;

static struct mt_relo slab_cpu_entries[] = {
	/* the gate: sheaves took the place of CPU slabs in the newest kernels */
	MT_MEMBER(GATE, mt_cache_cpu_slab, "kmem_cache.cpu_slab"),
	MT_MEMBER(REQUIRED, mt_cache_offset, "kmem_cache.offset"),
	/* with CONFIG_SLAB_FREELIST_HARDENED only: then free pointers are stored encoded */
	MT_MEMBER(ERA, mt_cache_random, "kmem_cache.random"),
	MT_MEMBER(REQUIRED, mt_cpu_freelist, "kmem_cache_cpu.freelist"),
	MT_MEMBER(REQUIRED, mt_cpu_tid, "kmem_cache_cpu.tid"),
	/* Linux kernel commit bb192ed9aa71 ("mm/slub: Convert most struct page to struct slab by
	 * spatch") (in v5.17)
	 */
	MT_MEMBER(REQUIRED, mt_cpu_slab, "kmem_cache_cpu.slab", "kmem_cache_cpu.page"),
	/* with CONFIG_SLUB_CPU_PARTIAL only */
	MT_MEMBER(ERA, mt_cpu_partial, "kmem_cache_cpu.partial"),
	MT_MEMBER(ERA, mt_slab_next, "slab.next", "page.next"),
};

MT_RELO_TABLE(mt_slab_cpu_table, "slab_cpu", slab_cpu_entries);

struct mt_field mt_cache_cpu_sheaves;
struct mt_field mt_cache_sheaf_capacity;
struct mt_field mt_sheaves_main;
struct mt_field mt_sheaves_spare;
struct mt_field mt_sheaves_rcu_free;
struct mt_field mt_sheaf_size;
struct mt_field mt_per_node_barn;
struct mt_field mt_node_barn;
struct mt_field mt_barn_nr_full;

static struct mt_relo slab_sheaf_entries[] = {
	/* Linux kernel commit 2d517aa09bbc ("slab: add opt-in caching layer of percpu sheaves")
	 * (in v6.18)
	 */
	MT_MEMBER(GATE, mt_cache_cpu_sheaves, "kmem_cache.cpu_sheaves"),
	MT_MEMBER(REQUIRED, mt_cache_sheaf_capacity, "kmem_cache.sheaf_capacity"),
	MT_MEMBER(REQUIRED, mt_sheaves_main, "slub_percpu_sheaves.main"),
	MT_MEMBER(REQUIRED, mt_sheaves_spare, "slub_percpu_sheaves.spare"),
	MT_MEMBER(REQUIRED, mt_sheaves_rcu_free, "slub_percpu_sheaves.rcu_free"),
	MT_MEMBER(REQUIRED, mt_sheaf_size, "slab_sheaf.size"),
	/* beside the node in the cache, or inside the node */
	MT_MEMBER(ERA, mt_per_node_barn, "kmem_cache_per_node_ptrs.barn"),
	MT_MEMBER(ERA, mt_node_barn, "kmem_cache_node.barn"),
	MT_MEMBER(REQUIRED, mt_barn_nr_full, "node_barn.nr_full"),
};

MT_RELO_TABLE(mt_slab_sheaf_table, "slab_sheaf", slab_sheaf_entries);

struct mt_field mt_cache_red_left_pad;
struct mt_field mt_slab_slab_cache;
struct mt_field mt_slab_freelist;
struct mt_field mt_sheaf_objects;
struct mt_field mt_sheaf_barn_list;
struct mt_field mt_barn_sheaves_full;

static struct mt_relo slab_object_entries[] = {
	/* Linux kernel commit d122019bf061 ("mm: Split slab into its own type") (in v5.17) */
	MT_MEMBER(REQUIRED, mt_slab_slab_cache, "slab.slab_cache", "page.slab_cache"),
	MT_MEMBER(REQUIRED, mt_slab_freelist, "slab.freelist", "page.freelist"),
	MT_MEMBER(REQUIRED, mt_cache_offset, "kmem_cache.offset"),
	/* with CONFIG_SLAB_FREELIST_HARDENED only: then free pointers are stored encoded */
	MT_MEMBER(ERA, mt_cache_random, "kmem_cache.random"),
	/* with CONFIG_SLUB_DEBUG only */
	MT_MEMBER(ERA, mt_cache_red_left_pad, "kmem_cache.red_left_pad"),
	/* where there are sheaves */
	MT_MEMBER(ERA, mt_sheaf_objects, "slab_sheaf.objects"),
	MT_MEMBER(ERA, mt_sheaf_barn_list, "slab_sheaf.barn_list"),
	MT_MEMBER(ERA, mt_barn_sheaves_full, "node_barn.sheaves_full"),
};

MT_RELO_TABLE(mt_slab_object_table, "slab_object", slab_object_entries);

unsigned long mt_sym_slab_kset;
struct mt_field mt_cache_kobj_sd;

static struct mt_relo slab_alias_entries[] = {
	MT_SYMBOL(REQUIRED, mt_sym_slab_kset, "slab_kset"),
	MT_MEMBER(REQUIRED, mt_cache_kobj_sd, "kmem_cache.kobj.sd"),
};

MT_RELO_TABLE(mt_slab_alias_table, "slab_alias", slab_alias_entries);

struct mt_field mt_kernfs_root_rwsem;

/*
 * Linux kernel commit 393c3714081a ("kernfs: switch global kernfs_rwsem lock to per-fs lock")
 * (in v5.17)
 */
static struct mt_relo kernfs_root_rwsem_entries[] = {
	MT_MEMBER(GATE, mt_kernfs_root_rwsem, "kernfs_root.kernfs_rwsem"),
};

MT_RELO_TABLE(mt_kernfs_root_rwsem_table, "kernfs_root_rwsem", kernfs_root_rwsem_entries);

unsigned long mt_sym_kernfs_rwsem;

/*
 * Linux kernel commit 7ba0273b2f34 ("kernfs: switch kernfs to use an rwsem") (in v5.15)
 */
static struct mt_relo kernfs_rwsem_entries[] = {
	MT_SYMBOL(GATE, mt_sym_kernfs_rwsem, "kernfs_rwsem"),
};

MT_RELO_TABLE(mt_kernfs_rwsem_table, "kernfs_rwsem", kernfs_rwsem_entries);

unsigned long mt_sym_kernfs_mutex;

static struct mt_relo kernfs_mutex_entries[] = {
	MT_SYMBOL(GATE, mt_sym_kernfs_mutex, "kernfs_mutex"),
};

MT_RELO_TABLE(mt_kernfs_mutex_table, "kernfs_mutex", kernfs_mutex_entries);
