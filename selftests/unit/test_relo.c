// SPDX-License-Identifier: GPL-2.0
/*
 * test_relo.c - knows what becomes of a declared need, and in which words its absence is told.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "btf_builder.h"
#include "introspect/btf.h"
#include "introspect/relo.h"

static struct mt_btf btf;
static u8 *blob;

/* cache { void *next @0; union { counters; word } @8; counters state @16; long table[3] @24 } 48 */
static int setup(void **state)
{
	size_t len, split_at;

	blob = btf_sample(&len, &split_at);
	return mt_btf_open(&btf, blob, split_at, NULL);
}

static int teardown(void **state)
{
	free(blob);
	return 0;
}

static unsigned long symbol(const char *name)
{
	if (!strcmp(name, "slab_caches"))
		return 0x1000;
	if (!strcmp(name, "slab_mutex"))
		return 0x2000;
	return 0;
}

static struct mt_relo_source source(const char *hide)
{
	return (struct mt_relo_source) {
		.btf = &btf, .symbol = symbol, .hide = hide,
		.no_btf = "this kernel has no BTF", .no_symbols = "no kallsyms",
	};
}

static struct mt_field next, word, size, other;
static unsigned long caches, mutex;

static void everything_found(void **state)
{
	struct mt_relo entries[] = {
		MT_SYMBOL(REQUIRED, caches, "slab_caches"),
		MT_SYMBOL(REQUIRED, mutex, "slab_mutex"),
		MT_MEMBER(REQUIRED, next, "cache.next"),
		MT_MEMBER(REQUIRED, word, "cache.word"),
		MT_MEMBER(REQUIRED, other, "cache.state.refs"),
		MT_SIZE(REQUIRED, size, "struct cache"),
	};
	MT_RELO_TABLE(table, "test", entries);
	struct mt_relo_source from = source(NULL);
	unsigned int i;

	mt_relo_resolve(&table, &from);
	assert_int_equal(table.state, MT_RELO_READY);
	assert_string_equal(table.missing, "");
	for (i = 0; i < ARRAY_SIZE(entries); i++) {
		assert_true(entries[i].found);
		assert_false(entries[i].hidden);
	}
	assert_int_equal(caches, 0x1000);
	assert_int_equal(mutex, 0x2000);
	assert_true(next.known && next.offset == 0 && next.size == 8 && !next.bit_size);
	assert_true(word.known && word.offset == 8 && word.size == 8 && !word.bit_size);
	assert_true(other.known && other.offset == 20 && other.size == 4 && !other.bit_size);
	assert_true(size.known && size.size == 48);
}

static void alternatives_in_order(void **state)
{
	struct mt_relo entries[] = {
		MT_MEMBER(REQUIRED, next, "cache.word", "cache.next"),
		MT_MEMBER(REQUIRED, word, "cache.gone", "none.gone", "cache.word"),
		MT_SYMBOL(REQUIRED, caches, "slab_lists", "slab_mutex", "slab_caches"),
		MT_SIZE(REQUIRED, size, "struct none", "struct counters"),
	};
	MT_RELO_TABLE(table, "test", entries);
	struct mt_relo_source from = source(NULL);

	mt_relo_resolve(&table, &from);
	assert_int_equal(table.state, MT_RELO_READY);
	assert_int_equal(next.offset, 8);
	assert_int_equal(word.offset, 8);
	assert_int_equal(caches, 0x2000);
	assert_int_equal(size.size, 8);
}

static void expect_missing(struct mt_relo *relo, const struct mt_relo_source *from,
			   enum mt_relo_state want, const char *words)
{
	struct mt_relo_table table = { .name = "test", .entries = relo, .nr_entries = 1 };

	mt_relo_resolve(&table, from);
	assert_int_equal(table.state, want);
	assert_string_equal(table.missing, words);
	assert_false(relo->found);
	if (relo->kind == MT_RELO_SYMBOL)
		assert_int_equal(*relo->symbol, 0);
	else
		assert_false(relo->field->known || relo->field->offset || relo->field->size);
}

static void missing_in_words(void **state)
{
	struct mt_relo member = MT_MEMBER(REQUIRED, next, "cache.gone", "cache.long_gone");
	struct mt_relo type = MT_SIZE(REQUIRED, size, "struct gone");
	struct mt_relo variable = MT_SYMBOL(REQUIRED, caches, "slab_gone");
	struct mt_relo_source from = source(NULL);

	expect_missing(&member, &from, MT_RELO_MISSING, "no member cache.gone in this kernel");
	expect_missing(&type, &from, MT_RELO_MISSING, "no struct gone in this kernel");
	expect_missing(&variable, &from, MT_RELO_MISSING, "no symbol slab_gone in this kernel");
	from.btf = NULL;
	from.symbol = NULL;
	expect_missing(&member, &from, MT_RELO_MISSING,
		       "member cache.gone: this kernel has no BTF");
	expect_missing(&type, &from, MT_RELO_MISSING, "struct gone: this kernel has no BTF");
	expect_missing(&variable, &from, MT_RELO_MISSING, "symbol slab_gone: no kallsyms");
}

/* A kernel that lists its functions only may well have what it does not list. */
static void what_is_not_listed_may_be_there(void **state)
{
	struct mt_relo variable = MT_SYMBOL(REQUIRED, caches, "slab_gone");
	struct mt_relo gate = MT_SYMBOL(GATE, caches, "slab_gone");
	struct mt_relo listed[] = { MT_SYMBOL(GATE, mutex, "slab_mutex") };
	MT_RELO_TABLE(table, "test", listed);
	struct mt_relo_source from = source(NULL);

	expect_missing(&gate, &from, MT_RELO_ABSENT, "no symbol slab_gone in this kernel");
	from.few_symbols = "functions only";
	expect_missing(&variable, &from, MT_RELO_MISSING, "symbol slab_gone: functions only");
	expect_missing(&gate, &from, MT_RELO_MISSING, "symbol slab_gone: functions only");
	mt_relo_resolve(&table, &from);
	assert_int_equal(table.state, MT_RELO_READY);
	assert_int_equal(mutex, 0x2000);
}

static void hidden_in_words(void **state)
{
	struct mt_relo member = MT_MEMBER(REQUIRED, next, "cache.next");
	struct mt_relo type = MT_SIZE(REQUIRED, size, "struct cache");
	struct mt_relo variable = MT_SYMBOL(REQUIRED, caches, "slab_caches");
	struct mt_relo_source from = source("slab_caches,cache");

	expect_missing(&member, &from, MT_RELO_MISSING,
		       "member cache.next hidden by the hide parameter");
	assert_true(member.hidden);
	expect_missing(&type, &from, MT_RELO_MISSING,
		       "struct cache hidden by the hide parameter");
	expect_missing(&variable, &from, MT_RELO_MISSING,
		       "symbol slab_caches hidden by the hide parameter");
	assert_true(variable.hidden);
}

/* What this kernel has, and what the operator wrote, is what the words must name. */
static void the_hidden_alternative_is_named(void **state)
{
	struct mt_relo member = MT_MEMBER(REQUIRED, next, "cache.newest", "cache.next");
	struct mt_relo_source from = source("cache.next");

	expect_missing(&member, &from, MT_RELO_MISSING,
		       "member cache.next hidden by the hide parameter");
}

/* Hiding one name leaves the others, as on a kernel that has only them. */
static void hiding_one_alternative(void **state)
{
	struct mt_relo entries[] = { MT_MEMBER(REQUIRED, next, "cache.word", "cache.next") };
	MT_RELO_TABLE(table, "test", entries);
	struct mt_relo_source from = source("cache.word");

	mt_relo_resolve(&table, &from);
	assert_int_equal(table.state, MT_RELO_READY);
	assert_true(next.known);
	assert_int_equal(next.offset, 0);
}

static void hide_list(void **state)
{
	assert_false(mt_relo_hides(NULL, "a"));
	assert_false(mt_relo_hides("", "a"));
	assert_false(mt_relo_hides("\n ,,", "a"));
	assert_true(mt_relo_hides("a", "a"));
	assert_true(mt_relo_hides("x,a", "a"));
	assert_true(mt_relo_hides("\n x , a\n", "a"));
	assert_true(mt_relo_hides("a,x", "a"));
	/* not by a part of a name */
	assert_false(mt_relo_hides("ab", "a"));
	assert_false(mt_relo_hides("a", "ab"));
	assert_false(mt_relo_hides("b", "ab"));
	/* a type hides its members and its size; a member does not hide its type */
	assert_true(mt_relo_hides("cache", "cache.next"));
	assert_true(mt_relo_hides("cache", "struct cache"));
	assert_false(mt_relo_hides("cac", "cache.next"));
	assert_false(mt_relo_hides("cache.next", "struct cache"));
	assert_false(mt_relo_hides("cache.next", "cache.nex"));
	assert_false(mt_relo_hides("next", "cache.next"));
	assert_false(mt_relo_hides("struct", "struct cache"));
}

static void gates_and_eras(void **state)
{
	struct mt_relo gate = MT_MEMBER(GATE, next, "gone.next");
	struct mt_relo era = MT_MEMBER(ERA, next, "cache.gone");
	struct mt_relo there = MT_MEMBER(GATE, word, "cache.word");
	struct mt_relo hidden_era = MT_MEMBER(ERA, word, "cache.word");
	struct mt_relo_source from = source(NULL);

	expect_missing(&gate, &from, MT_RELO_ABSENT, "no member gone.next in this kernel");
	/* nothing is lost, so nothing is said */
	expect_missing(&era, &from, MT_RELO_READY, "");

	/* hidden, or not to be asked for: something is lost */
	from = source("cache.word");
	expect_missing(&there, &from, MT_RELO_MISSING,
		       "member cache.word hidden by the hide parameter");
	expect_missing(&hidden_era, &from, MT_RELO_READY,
		       "member cache.word hidden by the hide parameter");
	from = source(NULL);
	from.btf = NULL;
	expect_missing(&gate, &from, MT_RELO_MISSING, "member gone.next: this kernel has no BTF");
	expect_missing(&era, &from, MT_RELO_READY, "member cache.gone: this kernel has no BTF");
}

/* The gate decides also when something required is missing before it. */
static void an_absent_gate_wins(void **state)
{
	struct mt_relo entries[] = {
		MT_SYMBOL(REQUIRED, caches, "slab_gone"),
		MT_MEMBER(GATE, next, "gone.next"),
	};
	MT_RELO_TABLE(table, "test", entries);
	struct mt_relo_source from = source(NULL);

	mt_relo_resolve(&table, &from);
	assert_int_equal(table.state, MT_RELO_ABSENT);
}

/* The words name the first thing that is required, not one that only some kernels have. */
static void required_is_named_before_era(void **state)
{
	struct mt_relo entries[] = {
		MT_MEMBER(ERA, next, "cache.next"),
		MT_SYMBOL(REQUIRED, caches, "slab_gone"),
		MT_SYMBOL(REQUIRED, mutex, "slab_gone_too"),
	};
	MT_RELO_TABLE(table, "test", entries);
	struct mt_relo_source from = source("cache.next");

	mt_relo_resolve(&table, &from);
	assert_int_equal(table.state, MT_RELO_MISSING);
	assert_string_equal(table.missing, "no symbol slab_gone in this kernel");
}

static void resolving_again_forgets(void **state)
{
	struct mt_relo entries[] = {
		MT_MEMBER(REQUIRED, next, "cache.next"),
		MT_SYMBOL(REQUIRED, caches, "slab_caches"),
	};
	MT_RELO_TABLE(table, "test", entries);
	struct mt_relo_source from = source(NULL);

	mt_relo_resolve(&table, &from);
	assert_int_equal(table.state, MT_RELO_READY);
	from.btf = NULL;
	from.symbol = NULL;
	mt_relo_resolve(&table, &from);
	assert_int_equal(table.state, MT_RELO_MISSING);
	assert_false(next.known || entries[0].found);
	assert_int_equal(caches, 0);
	from = source(NULL);
	mt_relo_resolve(&table, &from);
	assert_int_equal(table.state, MT_RELO_READY);
	assert_string_equal(table.missing, "");
}

static void odd_names(void **state)
{
	static const char *const names[] = {
		"", ".", "cache", "cache.", ".next", "cache..next", "struct", "struct ", " cache",
		"a_type_with_a_name_that_is_much_longer_than_any_type_of_the_kernel_has.next",
	};
	struct mt_relo_source from = source(NULL);
	char words[MT_RELO_WORDS];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct mt_relo member = MT_MEMBER(REQUIRED, next, names[i]);
		struct mt_relo type = MT_SIZE(REQUIRED, size, names[i]);

		snprintf(words, sizeof(words), "no member %s in this kernel", names[i]);
		expect_missing(&member, &from, MT_RELO_MISSING, words);
		if (strchr(names[i], ' ') && strcmp(names[i], "struct "))
			continue;
		snprintf(words, sizeof(words), "no %s in this kernel", names[i]);
		expect_missing(&type, &from, MT_RELO_MISSING, words);
	}
}

static void words_are_bounded(void **state)
{
	static char name[1000];
	struct mt_relo variable = MT_SYMBOL(REQUIRED, caches, name);
	struct mt_relo_table table = { .name = "test", .entries = &variable, .nr_entries = 1 };
	struct mt_relo_source from = source(NULL);

	memset(name, 'n', sizeof(name) - 1);
	mt_relo_resolve(&table, &from);
	assert_int_equal(table.state, MT_RELO_MISSING);
	assert_true(strnlen(table.missing, MT_RELO_WORDS) < MT_RELO_WORDS);
}

/* Every bitfield of every place: a reader gets out what the compiler put there. */
static void bitfields(void **state)
{
	static struct btf_builder b;
	struct mt_relo entry = MT_MEMBER(REQUIRED, other, "s.x");
	struct mt_relo_table table = { .name = "test", .entries = &entry, .nr_entries = 1 };
	struct mt_relo_source from = source(NULL);
	u32 at, bits, id, i, found = 0;
	static struct mt_btf one;
	u8 object[64];
	size_t len;
	u8 *bytes;

	for (i = 0; i < sizeof(object); i++)
		object[i] = i * 37 + 11;
	for (at = 0; at < 256; at++) {
		for (bits = 1; bits <= 64; bits++) {
			u64 got = 0, want = 0;

			btf_begin(&b, NULL);
			id = btf_int(&b, "long", 8, 0, 64);
			btf_struct(&b, "s", true, sizeof(object));
			btf_member(&b, "x", id, bits << 24 | at);
			bytes = btf_finish(&b, 24, &len);
			assert_int_equal(mt_btf_open(&one, bytes, len, NULL), 0);
			from.btf = &one;
			mt_relo_resolve(&table, &from);
			free(bytes);

			if (!entry.found) {
				/* no compiler lets a bitfield of 64 bits straddle one */
				assert_true(at / 64 != (at + bits - 1) / 64);
				continue;
			}
			found++;
			assert_int_equal(other.bit_size, bits);
			assert_int_equal(other.offset % other.size, 0);
			assert_true(other.bit_shift + bits <= 8 * other.size);
			memcpy(&got, object + other.offset, other.size);
			got >>= other.bit_shift;
			if (bits < 64)
				got &= (1ULL << bits) - 1;
			for (i = 0; i < bits; i++)
				want |= (u64)(object[(at + i) / 8] >> (at + i) % 8 & 1) << i;
			assert_true(got == want);
		}
	}
	assert_int_equal(found, 4 * 64 * 65 / 2);
}

static void names_of_a_table(void **state)
{
	struct mt_relo entries[] = {
		MT_SYMBOL(REQUIRED, caches, "slab_caches", "slabs"),
		MT_MEMBER(ERA, next, "cache.next", "page.next"),
		MT_SIZE(ERA, size, "struct node"),
	};
	MT_RELO_TABLE(table, "test", entries);

	assert_true(mt_relo_names(&table, "slab_caches"));
	assert_true(mt_relo_names(&table, "slabs"));
	assert_true(mt_relo_names(&table, "cache.next"));
	assert_true(mt_relo_names(&table, "page"));
	assert_true(mt_relo_names(&table, "node"));
	assert_false(mt_relo_names(&table, "next"));
	assert_false(mt_relo_names(&table, "slab"));
}

static void symbols_of_a_table(void **state)
{
	unsigned long caches;
	struct mt_field next;
	struct mt_relo entries[] = {
		MT_MEMBER(ERA, next, "cache.next"),
		MT_SYMBOL(REQUIRED, caches, "slab_caches", "slabs"),
		MT_SYMBOL(ERA, caches, "slab_kset"),
	};
	MT_RELO_TABLE(table, "test", entries);
	const char *names[4] = { "first" };

	/* members are not symbols, each alternative is one, what is there stays */
	assert_int_equal(4, mt_relo_symbols(&table, names, 1, 4));
	assert_string_equal("first", names[0]);
	assert_string_equal("slab_caches", names[1]);
	assert_string_equal("slabs", names[2]);
	assert_string_equal("slab_kset", names[3]);
	/* no more than there is room for */
	names[2] = NULL;
	assert_int_equal(2, mt_relo_symbols(&table, names, 1, 2));
	assert_null(names[2]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(everything_found),
		TEST(alternatives_in_order),
		TEST(missing_in_words),
		TEST(what_is_not_listed_may_be_there),
		TEST(hidden_in_words),
		TEST(the_hidden_alternative_is_named),
		TEST(hiding_one_alternative),
		TEST(hide_list),
		TEST(gates_and_eras),
		TEST(an_absent_gate_wins),
		TEST(required_is_named_before_era),
		TEST(resolving_again_forgets),
		TEST(odd_names),
		TEST(words_are_bounded),
		TEST(bitfields),
		TEST(names_of_a_table),
		TEST(symbols_of_a_table),
	};

	return cmocka_run_group_tests_name("relo", tests, NULL, NULL);
}
