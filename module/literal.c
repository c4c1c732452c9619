// SPDX-License-Identifier: GPL-2.0
/*
 * literal.c - knows how to find many strings in a module's constants at once.
 *
 * Pure. A literal ends with a NUL and does not start in the middle of a word. A letter here is an
 * ASCII one: the kernel's isalnum() takes the last byte of a pointer, 0xff, for one too, and a
 * literal behind a pointer would go unseen.
 */
#include "literal.h"

#include <linux/kernel.h>
#include <linux/string.h>

static bool is_identifier(u8 byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '_';
}

/**
 * mt_literal_start() - an empty set of strings
 * @literals: the set
 * @entries: room for them, which belongs to the caller
 * @room: how many
 *
 * Context: any.
 */
void mt_literal_start(struct mt_literals *literals, struct mt_literal *entries, u32 room)
{
	memset(literals, 0, sizeof(*literals));
	literals->entries = entries;
	literals->room = room;
}

/**
 * mt_literal_add() - search for this string too
 * @literals: the set
 * @text: the string; stays the caller's. Its index is the number of those added before it
 *
 * Context: any.
 * Return: false if there is no room. An empty string, or one that is too long, has an index and is
 * not found.
 */
bool mt_literal_add(struct mt_literals *literals, const char *text)
{
	struct mt_literal *entry = &literals->entries[literals->nr];
	u32 *first = &literals->first[(u8)*text];

	if (literals->nr == literals->room)
		return false;
	literals->nr++;
	*entry = (struct mt_literal) { .text = text, .length = strlen(text) };
	if (!entry->length || entry->length >= MT_LITERAL_BYTES)
		return true;
	entry->next = *first;
	*first = literals->nr;
	return true;
}

/**
 * mt_literal_search() - find the strings in some bytes
 * @literals: the set
 * @bytes: where; the first one is taken for the start of the memory. Of memory that comes in
 *         pieces, MT_LITERAL_BYTES + 1 bytes are to be given again in front of the next piece
 * @nr: how many bytes
 * @found: takes what is found, which may be one string several times
 * @arg: handed to @found
 *
 * Context: that of @found.
 */
void mt_literal_search(const struct mt_literals *literals, const u8 *bytes, size_t nr,
		       mt_literal_found_t found, void *arg)
{
	size_t at;
	u32 next;

	for (at = 0; at < nr; at++) {
		next = literals->first[bytes[at]];
		if (!next || (at && is_identifier(bytes[at - 1])))
			continue;
		for (; next; next = literals->entries[next - 1].next) {
			const struct mt_literal *entry = &literals->entries[next - 1];

			if (at + entry->length < nr && !bytes[at + entry->length] &&
			    !memcmp(bytes + at, entry->text, entry->length))
				found(next - 1, arg);
		}
	}
}
