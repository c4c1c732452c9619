/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_PART_H
#define MT_SLAB_PART_H

#include <linux/types.h>

#include "owner.h"

struct mt_creation;
struct mt_creations;
struct mt_slab_cache;
struct mt_slab_owners;
struct mt_slab_root;
struct mt_slab_split;

/**
 * struct mt_slab_part - what one of those who asked for a cache has of its objects
 * @cache: the cache
 * @root: its names and holders
 * @name: who has this part; of a user without a name, its holder and "(unnamed)" or what the holder
 *        says; NULL for what is nobody's
 * @creation: how that name came about, if it was seen for certain; or NULL
 * @module: the module that asked for the cache, "vmlinux" for the kernel itself; NULL if unknown
 * @module_guessed: it may be another one
 * @objects: how many of the cache's objects
 * @known: @objects means something at all
 * @exact: @objects is exact
 * @sole: the cache has no other user
 * @told: the objects were told from those of the others by what they hold
 */
struct mt_slab_part {
	const struct mt_slab_cache *cache;
	const struct mt_owner_root *root;
	const struct mt_owner_name *name;
	const struct mt_creation *creation;
	const char *module;
	bool module_guessed;
	s64 objects;
	bool known;
	bool exact;
	bool sole;
	bool told;
};

/**
 * typedef mt_slab_part_visit_t - takes one part
 * @part: the part
 * @arg: the visitor's own
 */
typedef void (*mt_slab_part_visit_t)(const struct mt_slab_part *part, void *arg);

bool mt_slab_part_is_sole(const struct mt_owner_root *root);
void mt_slab_part_for_each(const struct mt_slab_owners *owners, const struct mt_slab_split *split,
			   const struct mt_creations *seen, unsigned int cache,
			   mt_slab_part_visit_t visit, void *arg);

#endif /* MT_SLAB_PART_H */
