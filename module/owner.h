/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_OWNER_H
#define MT_OWNER_H

#include <linux/types.h>

/** MT_OWNER_MODULES - modules that are remembered to have a name among their constants */
#define MT_OWNER_MODULES	4

/** MT_OWNER_NONE - no name, no holder, no module */
#define MT_OWNER_NONE		(-1)

/** MT_OWNER_VMLINUX - the kernel itself among the modules */
#define MT_OWNER_VMLINUX	0

/**
 * enum mt_owner_rank - what a holder is worth
 * @MT_OWNER_OWN: somebody's own pointer
 * @MT_OWNER_SECOND: likely a copy, but the only pointer of some caches: mempools, templates
 * @MT_OWNER_THIRD: the same, and less likely the only one: mempools that were allocated
 * @MT_OWNER_COPY: a copy of somebody else's pointer
 */
enum mt_owner_rank {
	MT_OWNER_OWN,
	MT_OWNER_SECOND,
	MT_OWNER_THIRD,
	MT_OWNER_COPY,
};

/**
 * struct mt_owner_name - a name that a cache was asked for by
 * @text: the name
 * @built_in: it stands among the constants of the kernel, so built-in code gave it
 * @modules: those whose constants have it, as far as there is room
 * @nr_modules: how many have it, also if there was no room
 * @holder: set by mt_owner_link(): who holds the cache, or MT_OWNER_NONE
 * @holder_guessed: it may be another one
 * @holder_part_unknown: it is some member of that variable
 * @module: set by mt_owner_link(): who asked for the cache, or MT_OWNER_NONE
 * @module_guessed: it may be another one
 * @gone: set by mt_owner_link(): its cache was perhaps destroyed
 */
struct mt_owner_name {
	const char *text;
	bool built_in;
	int modules[MT_OWNER_MODULES];
	unsigned int nr_modules;
	int holder;
	bool holder_guessed;
	bool holder_part_unknown;
	int module;
	bool module_guessed;
	bool gone;
};

/**
 * struct mt_owner_holder - a variable that holds a cache
 * @symbol: its name, with the offset if that is not 0
 * @variable: tells variables apart, also those of one name
 * @addr: where in it the pointer stands; the caller's own, never printed
 * @module: whose it is
 * @rank: what it is worth
 * @table: other caches stand in the same variable, so this one may do so twice
 * @says: the name that stands beside the pointer, or MT_OWNER_NONE
 * @spare: set by mt_owner_link(): somebody's second pointer
 * @name: set by mt_owner_link(): the cache it holds, or MT_OWNER_NONE
 */
struct mt_owner_holder {
	const char *symbol;
	unsigned long variable;
	unsigned long addr;
	int module;
	enum mt_owner_rank rank;
	bool table;
	int says;
	bool spare;
	int name;
};

/**
 * struct mt_owner_root - a cache, and all who may have asked for it
 * @names: what it was called
 * @nr_names: how many
 * @holders: who holds it
 * @nr_holders: how many
 * @scores: room for @nr_names times @nr_holders figures, which belongs to the caller
 * @users: how often it was asked for; a cache that never merges counts as once
 * @explained: set by mt_owner_link(): of these, how many have a holder
 */
struct mt_owner_root {
	struct mt_owner_name *names;
	int nr_names;
	struct mt_owner_holder *holders;
	int nr_holders;
	u16 *scores;
	int users;
	int explained;
};

void mt_owner_link(struct mt_owner_root *root);

#endif /* MT_OWNER_H */
