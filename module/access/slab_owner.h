/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_OWNER_H
#define MT_SLAB_OWNER_H

#include <linux/types.h>

#include "access/image.h"
#include "access/slab.h"
#include "access/slab_alias.h"
#include "access/slab_holder.h"
#include "owner.h"

/** MT_SLAB_OWNER_NAMES - names of one cache; the largest merges have a dozen */
#define MT_SLAB_OWNER_NAMES	64

/** MT_SLAB_OWNER_HOLDERS - holders of one cache that are told apart */
#define MT_SLAB_OWNER_HOLDERS	128

/**
 * struct mt_slab_owners - all caches, under every name, and who holds them
 * @list: the caches
 * @aliases: their other names
 * @image: the kernel and its modules
 * @holders: who holds the caches
 * @roots: by cache: its names and holders, linked
 * @names: room for the names of all
 * @held: room for the holders of all, in the order of @holders
 * @aliases_error: 0, or why there are no names of merged caches
 * @image_error: 0, or why there are no holders
 * @names_error: 0, or why not all names were searched for in modules
 */
struct mt_slab_owners {
	struct mt_slab_list list;
	struct mt_slab_aliases aliases;
	struct mt_image image;
	struct mt_slab_holders holders;
	struct mt_owner_root *roots;
	struct mt_owner_name *names;
	struct mt_owner_holder *held;
	int aliases_error;
	int image_error;
	int names_error;
};

int mt_slab_owner_read(struct mt_slab_owners *owners, u64 deadline_ns);
void mt_slab_owner_free(struct mt_slab_owners *owners);

#endif /* MT_SLAB_OWNER_H */
