// SPDX-License-Identifier: GPL-2.0
/*
 * attribution.c - knows whose the objects of a merged cache are, from what they point at.
 *
 * Certain is only one thing: a function that allocates, and uses both the variable which holds the
 * cache and the symbol or string that the objects point at, where no other name of the cache has
 * such a function, and the symbol is of the same module as the name. That a symbol is of a module
 * with one name is not enough: the kernel's own objects point at the operations of modules all the
 * time. That, a likeness of names, and being the only one left are guesses; and so is everything
 * where objects are not cleared when they are allocated.
 *
 * Pure: names and numbers in, numbers out.
 */
#include "attribution.h"

#include <linux/kernel.h>
#include <linux/string.h>

#include "fingerprint.h"

#define NOBODY		(-1)
#define KERNEL		0

/* Words of names that say nothing. */
static const char *const empty_words[] = {
	"cache", "cachep", "kmem", "jar", "slab", "ops", "fops", "operations", "type", "ktype",
	"prot", "proto", "class", "struct", "data", "info", "func", "fn", "head", "table", "root",
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static char small(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* The next word of a name, and its length; NULL at the end. */
static const char *next_word(const char *name, size_t *length)
{
	while (*name && *name != '+' && !is_letter(*name))
		name++;
	for (*length = 0; is_letter(name[*length]); ++*length)
		;
	return *length ? name : NULL;
}

static bool is_empty_word(const char *word, size_t length)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(empty_words); i++) {
		if (strlen(empty_words[i]) == length && !memcmp(word, empty_words[i], length))
			return true;
	}
	return false;
}

/* Letters that two words begin with; none if they are too few to mean anything. */
static size_t same_letters(const char *left, size_t left_length, const char *right,
			   size_t right_length)
{
	size_t i, shorter = min(left_length, right_length);

	for (i = 0; i < shorter && small(left[i]) == small(right[i]); i++)
		;
	return i == shorter && (left_length == right_length || i >= 3) ? i : 0;
}

/**
 * mt_attribution_likeness() - how alike two names are
 * @left: a name, words with anything between them
 * @right: another one
 *
 * Context: any.
 * Return: letters of the words that they share, without words that all kinds of names have; a word
 * may be the beginning of the other's.
 */
unsigned int mt_attribution_likeness(const char *left, const char *right)
{
	unsigned int sum = 0;
	size_t left_length;
	const char *word;

	for (word = left; (word = next_word(word, &left_length)); word += left_length) {
		size_t right_length, best = 0;
		const char *other;

		if (is_empty_word(word, left_length))
			continue;
		for (other = right; (other = next_word(other, &right_length));
		     other += right_length) {
			if (!is_empty_word(other, right_length))
				best = max(best, same_letters(word, left_length, other,
							      right_length));
		}
		sum += best;
	}
	return sum;
}

static bool may_be(const struct mt_claim *claim, u16 module)
{
	return claim->module == module || claim->module == MT_NO_MODULE;
}

/* The only claim of a set that may be of this module; NOBODY if there is none or more. */
static int only_one(const struct mt_attribution *attribution, u64 set, u16 module)
{
	int found = NOBODY;
	unsigned int i;

	for (i = 0; i < attribution->nr_claims && i < MT_CLAIMS; i++) {
		if (!(set >> i & 1) || !may_be(&attribution->claims[i], module))
			continue;
		if (found != NOBODY)
			return NOBODY;
		found = i;
	}
	return found;
}

static unsigned int likeness(const struct mt_claim *claim, const char *symbol)
{
	unsigned int name = mt_attribution_likeness(symbol, claim->name);
	unsigned int holder = claim->symbol ? mt_attribution_likeness(symbol, claim->symbol) : 0;

	return max(name, holder);
}

/* The claim with the likest name, if it is likest by itself. */
static int likest(const struct mt_attribution *attribution, const struct mt_trait *trait)
{
	unsigned int i, like, best = 2;
	int found = NOBODY;

	for (i = 0; i < attribution->nr_claims && i < MT_CLAIMS; i++) {
		if (!may_be(&attribution->claims[i], trait->module))
			continue;
		like = likeness(&attribution->claims[i], trait->symbol);
		if (like < best)
			continue;
		found = like > best ? (int)i : NOBODY;
		best = like;
	}
	return found;
}

/*
 * Ties beyond the trait's module count too: a name whose module is another one makes the tie of
 * this one doubtful, not void.
 */
static void tie(const struct mt_attribution *attribution, struct mt_trait *trait)
{
	const struct mt_claim *claims = attribution->claims;

	trait->claim = only_one(attribution, trait->ties, trait->module);
	trait->certain = trait->claim != NOBODY && !trait->pointer && !attribution->stale &&
			 trait->ties == 1ULL << trait->claim &&
			 claims[trait->claim].module == trait->module &&
			 !claims[trait->claim].guessed &&
			 attribution->nr_claims <= MT_CLAIMS;
	if (trait->claim != NOBODY)
		return;
	/* the head of a list that some stand in may be a module's, or the cache they point to */
	if (!trait->symbol && trait->beside < MT_MANY_MODULES && trait->beside != KERNEL)
		trait->claim = only_one(attribution, U64_MAX, trait->beside);
	if (!trait->symbol || trait->claim != NOBODY)
		return;
	trait->claim = only_one(attribution, U64_MAX, trait->module);
	if (trait->claim == NOBODY)
		trait->claim = likest(attribution, trait);
}

/* The only claim that nothing was tied to. */
static int left_over(const struct mt_attribution *attribution, u64 tied)
{
	int found = NOBODY;
	unsigned int i;

	if (attribution->nr_claims > MT_CLAIMS)
		return NOBODY;
	for (i = 0; i < attribution->nr_claims; i++) {
		if (tied >> i & 1)
			continue;
		if (found != NOBODY)
			return NOBODY;
		found = i;
	}
	return found;
}

static void give(struct mt_attribution *attribution, int claim, u64 objects, bool certain)
{
	struct mt_claim *to;

	if (claim == NOBODY) {
		attribution->unattributed += objects;
		return;
	}
	to = &attribution->claims[claim];
	to->objects += objects;
	if (!certain && objects)
		to->attributed = MT_ATTRIBUTED_GUESS;
}

/**
 * mt_attribution_run() - attribute all objects of a cache
 * @attribution: what is known of it; gets the rest
 *
 * Context: any.
 */
void mt_attribution_run(struct mt_attribution *attribution)
{
	bool certain = !attribution->none && !attribution->others;
	u64 tied = 0;
	unsigned int i;
	int last;

	attribution->unattributed = attribution->others;
	for (i = 0; i < attribution->nr_claims; i++) {
		attribution->claims[i].objects = 0;
		attribution->claims[i].attributed = MT_ATTRIBUTED_CERTAIN;
	}
	for (i = 0; i < attribution->nr_traits; i++) {
		struct mt_trait *trait = &attribution->traits[i];

		tie(attribution, trait);
		if (trait->claim != NOBODY && trait->objects)
			tied |= 1ULL << trait->claim;
		certain &= trait->certain || !trait->objects;
	}
	/* Objects that say nothing can only be those of the name that nothing else was tied to. */
	last = left_over(attribution, tied);
	for (i = 0; i < attribution->nr_traits; i++) {
		struct mt_trait *trait = &attribution->traits[i];

		if (trait->claim == NOBODY && !trait->symbol)
			trait->claim = last;
		give(attribution, trait->claim, trait->objects, trait->certain);
	}
	give(attribution, last, attribution->none, false);
	for (i = 0; i < attribution->nr_claims; i++) {
		struct mt_claim *claim = &attribution->claims[i];

		if (claim->objects || certain)
			continue;
		claim->attributed = attribution->unattributed ? MT_ATTRIBUTED_UNKNOWN :
								MT_ATTRIBUTED_GUESS;
	}
}
