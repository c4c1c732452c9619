/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_PAGE_HOLDER_H
#define MT_PAGE_HOLDER_H

#include <linux/types.h>

#include "access/image.h"

/** MT_PAGE_HOLDER_ORDER - blocks of smaller order are not looked for: every list is full of them */
#define MT_PAGE_HOLDER_ORDER	2

/** MT_PAGE_HOLDER_SYMBOL - bytes for the name of a variable, NUL included */
#define MT_PAGE_HOLDER_SYMBOL	128

struct mt_page_holder_word;

/**
 * struct mt_page_holders - the variables that point at the first byte of a block, or at its page
 * @image: whose variables they are
 * @words: what points where, by page frame
 * @nr: how many
 * @error: 0 if these are all; else none counts, because another module might hold the same
 */
struct mt_page_holders {
	struct mt_image image;
	struct mt_page_holder_word *words;
	unsigned int nr;
	int error;
};

/**
 * struct mt_page_holder - a variable that holds a block
 * @module: whose: index into the image's modules
 * @variable: its address; never printed
 * @records: it holds records of what all others do: whom they name says nothing
 */
struct mt_page_holder {
	unsigned int module;
	unsigned long variable;
	bool records;
};

int mt_page_holders_read(struct mt_page_holders *holders, u64 deadline_ns);
void mt_page_holders_free(struct mt_page_holders *holders);
bool mt_page_holder_find(const struct mt_page_holders *holders, unsigned long pfn,
			 struct mt_page_holder *holder);
bool mt_page_holder_is_foreign(const struct mt_page_holders *holders,
			       const struct mt_page_holder *holder, unsigned long address);

#endif /* MT_PAGE_HOLDER_H */
