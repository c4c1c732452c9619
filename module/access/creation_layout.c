// SPDX-License-Identifier: GPL-2.0
/*
 * creation_layout.c - knows through which functions of each kernel a cache comes and goes.
 */
#include "access/creation_layout.h"

unsigned long mt_sym_cache_create;

/* Both are called with (name, object size, ..., flags). */
static struct mt_relo creation_entries[] = {
	/* Linux kernel commit 879fb3c274c1 ("slab: add struct kmem_cache_args") (in v6.12) */
	MT_SYMBOL(REQUIRED, mt_sym_cache_create, "__kmem_cache_create_args",
		  "kmem_cache_create_usercopy"),
};

MT_RELO_TABLE(mt_creation_table, "creation", creation_entries);

unsigned long mt_sym_cache_new;
unsigned long mt_sym_cache_alias;

/* Each is called with the cache first. */
static struct mt_relo creation_root_entries[] = {
	/*
	 * Linux kernel commit 53d3d210864e ("slab: s/__kmem_cache_create/do_kmem_cache_create/g")
	 * (in v6.12)
	 */
	MT_SYMBOL(REQUIRED, mt_sym_cache_new, "do_kmem_cache_create", "__kmem_cache_create"),
	MT_SYMBOL(REQUIRED, mt_sym_cache_alias, "sysfs_slab_alias"),
};

MT_RELO_TABLE(mt_creation_root_table, "creation_root", creation_root_entries);

unsigned long mt_sym_cache_destroy;

static struct mt_relo creation_end_entries[] = {
	MT_SYMBOL(REQUIRED, mt_sym_cache_destroy, "kmem_cache_destroy"),
};

MT_RELO_TABLE(mt_creation_end_table, "creation_end", creation_end_entries);
