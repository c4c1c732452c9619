/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_HOLDER_H
#define MT_SLAB_HOLDER_H

#include <linux/types.h>

struct mt_image;
struct mt_slab_list;

/** MT_SLAB_HOLDER_SYMBOL - bytes for the name of a variable, its offset and NUL included */
#define MT_SLAB_HOLDER_SYMBOL	72

/**
 * enum mt_slab_holder_kind - where a pointer to a cache stands
 * @MT_SLAB_HELD_BY_VARIABLE: in a variable of the kernel or of a module
 * @MT_SLAB_HELD_BY_TEXT: in an instruction, as its operand
 */
enum mt_slab_holder_kind {
	MT_SLAB_HELD_BY_VARIABLE,
	MT_SLAB_HELD_BY_TEXT,
};

/**
 * enum mt_slab_holder_worth - whose pointer it is
 * @MT_SLAB_HOLDER_OWN: as far as is known, the one that a creator of the cache was given
 * @MT_SLAB_HOLDER_SECOND: likely a copy, but of some caches the only pointer: mempools, templates
 * @MT_SLAB_HOLDER_COPY: a copy of another variable
 */
enum mt_slab_holder_worth {
	MT_SLAB_HOLDER_OWN,
	MT_SLAB_HOLDER_SECOND,
	MT_SLAB_HOLDER_COPY,
};

/**
 * struct mt_slab_holder - one word that holds the address of a cache
 * @cache: which one: index into the list of caches
 * @module: whose variable: index into struct mt_image.modules
 * @kind: where it stands
 * @worth: whose pointer it is
 * @addr: where; never printed
 * @offset: bytes from the start of the variable
 * @symbol: the variable's name, with the offset behind it if that is not 0; the function's
 */
struct mt_slab_holder {
	unsigned int cache;
	unsigned int module;
	enum mt_slab_holder_kind kind;
	enum mt_slab_holder_worth worth;
	unsigned long addr;
	unsigned long offset;
	char symbol[MT_SLAB_HOLDER_SYMBOL];
};

/**
 * struct mt_slab_holders - all of them, those of one cache together
 * @holders: the words, by cache and address
 * @nr: how many
 * @error: 0 if these are all; -ETIME, -EINTR if the search broke off; -E2BIG if there are more
 * @text_error: likewise, of the search through instructions
 */
struct mt_slab_holders {
	struct mt_slab_holder *holders;
	unsigned int nr;
	int error;
	int text_error;
};

int mt_slab_holder_read(struct mt_slab_holders *holders, struct mt_image *image,
			const struct mt_slab_list *list, u64 deadline_ns);
void mt_slab_holder_free(struct mt_slab_holders *holders);
const struct mt_slab_holder *mt_slab_holder_next(const struct mt_slab_holders *holders,
						 unsigned int cache,
						 const struct mt_slab_holder *last);
bool mt_slab_holder_says(const struct mt_slab_holder *holder, const char *name,
			 unsigned long name_addr);

#endif /* MT_SLAB_HOLDER_H */
