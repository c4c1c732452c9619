/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_ATTRIBUTION_H
#define MT_ATTRIBUTION_H

#include <linux/types.h>

/** MT_CLAIMS - names of one cache that objects can be attributed to; further ones get none */
#define MT_CLAIMS	64

/**
 * enum mt_attributed - what the figure of a claim is worth
 * @MT_ATTRIBUTED_UNKNOWN: none of the objects could be tied to it, and there are some that could be
 *                         anybody's
 * @MT_ATTRIBUTED_GUESS: some are tied to it by likeness or because nobody else is left
 * @MT_ATTRIBUTED_CERTAIN: what is tied to it is tied by its code, or nothing is left to be its
 */
enum mt_attributed {
	MT_ATTRIBUTED_UNKNOWN,
	MT_ATTRIBUTED_GUESS,
	MT_ATTRIBUTED_CERTAIN,
};

/**
 * struct mt_claim - one of the names of a merged cache
 * @name: as it was given to kmem_cache_create()
 * @module: index of the module that gave it, 0 the kernel's own code; MT_NO_MODULE if unknown
 * @holder: address of the variable that holds the pointer to the cache, 0 if unknown
 * @guessed: @module or @holder is a guess, and so is all that follows from it
 * @symbol: name of that variable, or NULL
 * @objects: set: objects that are attributed to it
 * @attributed: set: what @objects is worth
 */
struct mt_claim {
	const char *name;
	u16 module;
	unsigned long holder;
	bool guessed;
	const char *symbol;

	u64 objects;
	enum mt_attributed attributed;
};

/**
 * struct mt_trait - objects of a cache that are alike
 * @symbol: name of what they have in common, if it is a symbol; NULL for a string, and for a
 *          pointer to another cache
 * @pointer: it is a pointer to another cache
 * @module: index of the module whose symbol or string that is, or whose variable holds that cache;
 *          0 the kernel's; MT_NO_MODULE if it is unknown
 * @beside: index of the one module that some of them point at besides, or to whose cache all of
 *          them point; MT_NO_MODULE if there is none or more than one
 * @ties: bit of each claim whose holder is used by a function that allocates objects, and uses the
 *        symbol, the string or the other cache's holder too
 * @objects: how many they are
 * @claim: set: index of the claim they are attributed to, -1 if they are nobody's
 * @certain: set: by their code
 */
struct mt_trait {
	const char *symbol;
	bool pointer;
	u16 module;
	u16 beside;
	u64 ties;
	u64 objects;

	int claim;
	bool certain;
};

/**
 * struct mt_attribution - the objects of one merged cache, and who may have them
 * @claims: its names
 * @nr_claims: how many
 * @traits: its objects, by what they have in common
 * @nr_traits: how many
 * @stale: objects may hold what their last owner left in them, so nothing in them is certain
 * @none: objects without any pointer
 * @others: objects with pointers that are not common
 * @unattributed: set: objects that are nobody's. With those of the claims they are all.
 */
struct mt_attribution {
	struct mt_claim *claims;
	unsigned int nr_claims;
	struct mt_trait *traits;
	unsigned int nr_traits;
	bool stale;
	u64 none;
	u64 others;

	u64 unattributed;
};

unsigned int mt_attribution_likeness(const char *left, const char *right);
void mt_attribution_run(struct mt_attribution *attribution);

#endif /* MT_ATTRIBUTION_H */
