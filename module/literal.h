/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_LITERAL_H
#define MT_LITERAL_H

#include <linux/types.h>

/** MT_LITERAL_BYTES - the longest literal that is searched for, NUL included */
#define MT_LITERAL_BYTES	64

/** MT_LITERAL_FIRST - values that the first byte of a literal may have */
#define MT_LITERAL_FIRST	256

/**
 * struct mt_literal - a string that is searched for
 * @text: the string
 * @length: its bytes, without the NUL
 * @next: the next one that starts with the same byte, counted from 1; 0 none
 */
struct mt_literal {
	const char *text;
	u32 length;
	u32 next;
};

/**
 * struct mt_literals - all strings that are searched for at once
 * @entries: the strings
 * @nr: how many
 * @room: how many there may be
 * @first: by first byte: the first string that starts with it, counted from 1; 0 none
 */
struct mt_literals {
	struct mt_literal *entries;
	u32 nr;
	u32 room;
	u32 first[MT_LITERAL_FIRST];
};

/**
 * typedef mt_literal_found_t - takes one find
 * @literal: which string: index into struct mt_literals.entries
 * @arg: the finder's own
 */
typedef void (*mt_literal_found_t)(u32 literal, void *arg);

void mt_literal_start(struct mt_literals *literals, struct mt_literal *entries, u32 room);
bool mt_literal_add(struct mt_literals *literals, const char *text);
void mt_literal_search(const struct mt_literals *literals, const u8 *bytes, size_t nr,
		       mt_literal_found_t found, void *arg);

#endif /* MT_LITERAL_H */
