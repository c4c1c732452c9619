// SPDX-License-Identifier: GPL-2.0
/*
 * test_literal.c - knows which bytes are a literal and which only look like one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "literal.h"

#define ROOM	8

static unsigned int finds[ROOM];

static void count(u32 literal, void *arg)
{
	assert_true(literal < ROOM);
	assert_ptr_equal(arg, finds);
	finds[literal]++;
}

static void search(const char *const *texts, unsigned int nr, const void *bytes, size_t size)
{
	struct mt_literal entries[ROOM];
	struct mt_literals literals;
	/* to the byte, so that ASan sees a read beyond */
	u8 *copy = malloc(size);
	unsigned int i;

	memcpy(copy, bytes, size);
	memset(finds, 0, sizeof(finds));
	mt_literal_start(&literals, entries, ROOM);
	for (i = 0; i < nr; i++)
		assert_true(mt_literal_add(&literals, texts[i]));
	mt_literal_search(&literals, copy, size, count, finds);
	free(copy);
}

static void finds_all_of_a_set(void **state)
{
	static const char *const texts[] = { "TSPacket", "sc_alpha", "TS", "sc_beta" };
	static const char bytes[] = "x\0TSPacket\0..sc_beta\0TS\0sc_beta";

	search(texts, 4, bytes, sizeof(bytes));
	assert_int_equal(finds[0], 1);
	assert_int_equal(finds[1], 0);
	assert_int_equal(finds[2], 1);
	assert_int_equal(finds[3], 2);
}

static void needs_a_boundary_and_an_end(void **state)
{
	static const char *const texts[] = { "cache" };

	search(texts, 1, "my_cache\0", 9);
	assert_int_equal(finds[0], 0);
	search(texts, 1, "9cache\0", 7);
	assert_int_equal(finds[0], 0);
	search(texts, 1, " caches\0", 8);
	assert_int_equal(finds[0], 0);
	/* the end is not in sight */
	search(texts, 1, " cache", 6);
	assert_int_equal(finds[0], 0);
	search(texts, 1, "cache\0", 6);
	assert_int_equal(finds[0], 1);
	search(texts, 1, "-cache\0", 7);
	assert_int_equal(finds[0], 1);
}

/* The last byte of a kernel pointer is a letter in Latin-1, and none in ASCII. */
static void a_pointer_is_no_word(void **state)
{
	static const char *const texts[] = { "sc_alpha" };

	search(texts, 1, "\xff\xff\xff\xffsc_alpha\0", 13);
	assert_int_equal(finds[0], 1);
}

static void takes_what_is_no_literal(void **state)
{
	static const char *const texts[] = { "", "a" };
	struct mt_literal entries[2];
	struct mt_literals literals;
	char longest[MT_LITERAL_BYTES + 1];

	search(texts, 2, "\0\0a\0\0", 5);
	assert_int_equal(finds[0], 0);
	assert_int_equal(finds[1], 1);

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	mt_literal_start(&literals, entries, 2);
	assert_true(mt_literal_add(&literals, longest));
	assert_true(mt_literal_add(&literals, "y"));
	assert_false(mt_literal_add(&literals, "z"));
	memset(finds, 0, sizeof(finds));
	mt_literal_search(&literals, (const u8 *)longest, sizeof(longest), count, finds);
	assert_int_equal(finds[0], 0);
}

/* Memory in pieces, with what was before each of them again: nothing is missed, wherever it is. */
static void pieces_hide_nothing(void **state)
{
	enum { SIZE = 4096, PIECE = 512, OVERLAP = MT_LITERAL_BYTES + 1 };
	static const char text[] = "request_sock_subflow_v6";
	static u8 bytes[SIZE];
	struct mt_literal entries[ROOM];
	struct mt_literals literals;
	size_t at, from;

	mt_literal_start(&literals, entries, ROOM);
	assert_true(mt_literal_add(&literals, text));
	for (at = 1; at + sizeof(text) <= SIZE; at++) {
		memset(bytes, 0xff, sizeof(bytes));
		memcpy(bytes + at, text, sizeof(text));
		memset(finds, 0, sizeof(finds));
		for (from = 0; from < SIZE; from += PIECE) {
			size_t before = from < OVERLAP ? from : OVERLAP;

			mt_literal_search(&literals, bytes + from - before, before + PIECE, count,
					  finds);
		}
		assert_true(finds[0] >= 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_all_of_a_set),
		cmocka_unit_test(needs_a_boundary_and_an_end),
		cmocka_unit_test(a_pointer_is_no_word),
		cmocka_unit_test(takes_what_is_no_literal),
		cmocka_unit_test(pieces_hide_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
