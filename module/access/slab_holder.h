/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_HOLDER_H
#define MT_SLAB_HOLDER_H

#include <linux/types.h>

struct mt_image;
struct mt_slab_list;

/** MT_SLAB_HOLDER_SYMBOL - bytes for the name of a variable, its offset and NUL included */
#define MT_SLAB_HOLDER_SYMBOL	72

/** MT_SLAB_HOLDER_STRAY - the module of an object that hangs from no variable */
#define MT_SLAB_HOLDER_STRAY	(~0U)

/** MT_SLAB_HOLDER_SAYS - the largest distance between a pointer and what says its name, and one */
#define MT_SLAB_HOLDER_SAYS	4

/**
 * enum mt_slab_holder_kind - where a pointer to a cache stands
 * @MT_SLAB_HELD_BY_VARIABLE: in a variable of the kernel or of a module
 * @MT_SLAB_HELD_BY_OBJECT: in an allocated object
 * @MT_SLAB_HELD_BY_TEXT: in an instruction, as its operand
 */
enum mt_slab_holder_kind {
	MT_SLAB_HELD_BY_VARIABLE,
	MT_SLAB_HELD_BY_OBJECT,
	MT_SLAB_HELD_BY_TEXT,
};

/**
 * enum mt_slab_holder_worth - whose pointer it is
 * @MT_SLAB_HOLDER_OWN: as far as is known, the one that a creator of the cache was given
 * @MT_SLAB_HOLDER_SECOND: likely a copy, but of some caches the only pointer: mempools, templates
 * @MT_SLAB_HOLDER_THIRD: the same, and less likely the only one: mempools that were allocated
 * @MT_SLAB_HOLDER_COPY: a copy of another variable
 */
enum mt_slab_holder_worth {
	MT_SLAB_HOLDER_OWN,
	MT_SLAB_HOLDER_SECOND,
	MT_SLAB_HOLDER_THIRD,
	MT_SLAB_HOLDER_COPY,
};

/**
 * struct mt_slab_holder - one word that holds the address of a cache
 * @cache: which one: index into the list of caches
 * @module: whose variable, or whose variable the object hangs from: index into struct
 *          mt_image.modules; MT_SLAB_HOLDER_STRAY if it hangs from none
 * @kind: where it stands
 * @worth: whose pointer it is
 * @table: other caches stand in the same variable or object
 * @addr: where; never printed
 * @offset: bytes from the start of the variable or object
 * @object_bytes: of the object
 * @symbol: the variable's name, with the offset behind it if that is not 0; the function's; for an
 *          object the variable that it hangs from, its cache and the offset
 */
struct mt_slab_holder {
	unsigned int cache;
	unsigned int module;
	enum mt_slab_holder_kind kind;
	enum mt_slab_holder_worth worth;
	bool table;
	unsigned long addr;
	unsigned long offset;
	u32 object_bytes;
	char symbol[MT_SLAB_HOLDER_SYMBOL];
};

/**
 * struct mt_slab_holders - all of them, those of one cache together
 * @holders: the words, by cache and address
 * @nr: how many
 * @error: 0 if these are all; -EINTR, -ENOMEM if the search broke off; -E2BIG if there are more
 * @object_error: likewise, of the search through objects; -EOPNOTSUPP if they are not known, -ETIME
 *                if there were too many
 * @text_error: likewise, of the search through instructions
 */
struct mt_slab_holders {
	struct mt_slab_holder *holders;
	unsigned int nr;
	int error;
	int object_error;
	int text_error;
};

int mt_slab_holder_read(struct mt_slab_holders *holders, struct mt_image *image,
			const struct mt_slab_list *list, bool quick);
void mt_slab_holder_free(struct mt_slab_holders *holders);
const struct mt_slab_holder *mt_slab_holder_next(const struct mt_slab_holders *holders,
						 unsigned int cache,
						 const struct mt_slab_holder *last);
struct mt_slab_holder *mt_slab_holder_add(struct mt_slab_holders *holders, unsigned int cache,
					  unsigned long addr);
void mt_slab_holder_range(const struct mt_slab_list *list, unsigned long *min, unsigned long *max);
bool mt_slab_holder_is_mempool(unsigned long addr);
unsigned int mt_slab_holder_says(const struct mt_slab_holder *holder, const char *name,
				 unsigned long name_addr);

#endif /* MT_SLAB_HOLDER_H */
