// SPDX-License-Identifier: GPL-2.0
/*
 * slab_part.c - knows how the objects of a cache are shared out among those who asked for it.
 *
 * The parts of a cache and what is nobody's are together what the cache has allocated.
 *
 * Locking: none. Consistency: a cache is counted at one moment and its objects are looked into at
 * another; what moved between the two is nobody's.
 */
#include "access/slab_part.h"

#include <linux/kernel.h>

#include "access/creation.h"
#include "access/image.h"
#include "access/slab_owner.h"
#include "access/slab_split.h"

/*
 * struct sharing - a cache that is being shared out
 * @owners: all caches
 * @seen: creations that were seen
 * @cache: the cache
 * @root: its names and holders
 * @split: its objects, told apart; or NULL
 * @visit: takes the parts
 * @arg: handed to @visit
 */
struct sharing {
	const struct mt_slab_owners *owners;
	const struct mt_creations *seen;
	const struct mt_slab_cache *cache;
	const struct mt_owner_root *root;
	const struct mt_slab_root *split;
	mt_slab_part_visit_t visit;
	void *arg;
};

/* Seen when it was made: then there is nothing to guess. */
static const struct mt_creation *creation_of(const struct sharing *sharing, const char *name)
{
	const struct mt_creation *creation = mt_creation_find(sharing->seen, sharing->cache->id,
							      name);

	return creation && !creation->doubts && mt_creation_owner(creation)[0] ? creation : NULL;
}

/* Hand on @part of that name, with who asked for it. */
static void visit(const struct sharing *sharing, struct mt_slab_part part,
		  const struct mt_owner_name *name)
{
	part.cache = sharing->cache;
	part.root = sharing->root;
	part.name = name;
	if (name) {
		part.creation = creation_of(sharing, name->text);
		if (part.creation) {
			part.module = mt_creation_owner(part.creation);
		} else if (name->module != MT_OWNER_NONE) {
			part.module = mt_image_module_name(&sharing->owners->image, name->module);
			part.module_guessed = name->module_guessed;
		}
	}
	sharing->visit(&part, sharing->arg);
}

/* All that the cache has allocated. */
static struct mt_slab_part whole_of(const struct mt_slab_cache *cache)
{
	return (struct mt_slab_part) {
		.objects = cache->active_known ? cache->active : 0,
		.known = cache->active_known,
		.exact = cache->active_known && cache->active_exact,
	};
}

/* What one of the users of a merged cache has, if its objects could be told apart. */
static struct mt_slab_part claim_of(const struct sharing *sharing, unsigned int user)
{
	const struct mt_slab_root *split = sharing->split;
	const struct mt_claim *claim;

	if (!split || user >= split->nr_claims)
		return (struct mt_slab_part) { };
	claim = &split->claims[user];
	if (claim->attributed == MT_ATTRIBUTED_UNKNOWN)
		return (struct mt_slab_part) { };
	return (struct mt_slab_part) {
		.objects = claim->objects,
		.known = true,
		.exact = split->exact && claim->attributed == MT_ATTRIBUTED_CERTAIN,
		.told = true,
	};
}

/*
 * What belongs to nobody: with it the parts sum to what the cache has allocated, also if that was
 * counted at another moment than its objects were looked into.
 */
static struct mt_slab_part nobodys_of(const struct sharing *sharing)
{
	const struct mt_slab_root *split = sharing->split;
	struct mt_slab_part part = whole_of(sharing->cache);
	s64 moved;

	if (!split)
		return part;
	if (!part.known)
		return (struct mt_slab_part) {
			.objects = split->unattributed,
			.known = true,
			.exact = split->exact,
		};
	moved = part.objects - (s64)split->objects;
	part.objects = max((s64)split->unattributed + moved, 0LL);
	part.exact &= !moved && split->exact;
	return part;
}

/* A user whose name is lost: another cache was asked for by the same name. */
static void visit_nameless(const struct sharing *sharing)
{
	const struct mt_owner_root *root = sharing->root;
	const struct mt_owner_name nameless = {
		.text = "(unnamed)",
		.holder = MT_OWNER_NONE,
		.module = MT_OWNER_NONE,
	};
	int left = root->users - root->nr_names;
	unsigned int user = root->nr_names;
	int i;

	for (i = 0; i < root->nr_holders && left > 0; i++) {
		const struct mt_owner_holder *holder = &root->holders[i];
		struct mt_owner_name held = nameless;

		if (holder->spare || holder->name != MT_OWNER_NONE)
			continue;
		if (holder->says != MT_OWNER_NONE)
			held.text = root->names[holder->says].text;
		held.holder = i;
		held.module = holder->module;
		visit(sharing, claim_of(sharing, user++), &held);
		left--;
	}
	while (left-- > 0)
		visit(sharing, claim_of(sharing, user++), &nameless);
}

/**
 * mt_slab_part_is_sole() - has a cache one user, under one name?
 * @root: its names and users
 *
 * Context: any.
 * Return: true if so: then all its objects are that one's.
 */
bool mt_slab_part_is_sole(const struct mt_owner_root *root)
{
	return root->users == 1 && root->nr_names == 1;
}

/**
 * mt_slab_part_for_each() - visit the parts of a cache
 * @owners: all caches, and who asked for them
 * @split: the objects of merged ones, told apart as far as they could be
 * @seen: creations that were seen
 * @cache: index of the cache in @owners
 * @visit_part: takes one part; first what is nobody's, if there is any or may be
 * @arg: handed to @visit_part
 *
 * Context: that of @visit_part.
 */
void mt_slab_part_for_each(const struct mt_slab_owners *owners, const struct mt_slab_split *split,
			   const struct mt_creations *seen, unsigned int cache,
			   mt_slab_part_visit_t visit_part, void *arg)
{
	const struct sharing sharing = {
		.owners = owners,
		.seen = seen,
		.cache = &owners->list.caches[cache],
		.root = &owners->roots[cache],
		.split = mt_slab_split_find(split, cache),
		.visit = visit_part,
		.arg = arg,
	};
	struct mt_slab_part whole = whole_of(sharing.cache);
	struct mt_slab_part nobodys = nobodys_of(&sharing);
	int i;

	if (mt_slab_part_is_sole(sharing.root)) {
		whole.sole = true;
		visit(&sharing, whole, &sharing.root->names[0]);
		return;
	}
	/* of no objects, nobody has any */
	if (!nobodys.exact || nobodys.objects)
		visit(&sharing, nobodys, NULL);
	for (i = 0; i < sharing.root->nr_names; i++) {
		struct mt_slab_part own = claim_of(&sharing, i);

		if (!sharing.split && whole.exact && !whole.objects)
			own = whole;
		visit(&sharing, own, &sharing.root->names[i]);
	}
	visit_nameless(&sharing);
}
