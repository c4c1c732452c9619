/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_ALIAS_H
#define MT_SLAB_ALIAS_H

#include <linux/types.h>

#include "access/slab.h"

/**
 * struct mt_slab_alias - one link in /sys/kernel/slab
 * @kobject_id: the cache it points to: struct mt_slab_cache.kobject_id
 * @nth: of the links sorted by cache and name, which is the one in this one's place
 * @next: the next link of the same cache, by name; its own place if it is the last
 * @name: the name that a kmem_cache_create() asked for
 * @name_addr: where the kernel keeps it; never printed
 */
struct mt_slab_alias {
	unsigned long kobject_id;
	unsigned int nth;
	unsigned int next;
	char name[MT_SLAB_NAME];
	unsigned long name_addr;
};

/**
 * struct mt_slab_aliases - all links at one moment
 * @aliases: the links, as the kernel has them
 * @nr: how many
 */
struct mt_slab_aliases {
	struct mt_slab_alias *aliases;
	unsigned int nr;
};

int mt_slab_alias_read(struct mt_slab_aliases *aliases);
void mt_slab_alias_free(struct mt_slab_aliases *aliases);
const struct mt_slab_alias *mt_slab_alias_next(const struct mt_slab_aliases *aliases,
					       unsigned long kobject_id,
					       const struct mt_slab_alias *last);

#endif /* MT_SLAB_ALIAS_H */
