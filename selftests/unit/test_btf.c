// SPDX-License-Identifier: GPL-2.0
/*
 * test_btf.c - knows what the BTF parser owes for blobs that are right, strange, and hostile.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "btf_builder.h"
#include "introspect/btf.h"

static struct btf_builder b, base_b;
static struct mt_btf btf, base_btf;
static struct mt_btf_member found;
static u8 *blobs[8];
static unsigned int nr_blobs;

static int teardown(void **state)
{
	(void)state;
	while (nr_blobs)
		free(blobs[--nr_blobs]);
	return 0;
}

static u8 *keep(u8 *blob)
{
	assert_true(nr_blobs < ARRAY_SIZE(blobs));
	blobs[nr_blobs++] = blob;
	return blob;
}

static void set_word(u8 *blob, u32 offset, u32 word)
{
	memcpy(blob + offset, &word, sizeof(word));
}

/* Open what the builder holds, in a blob of exactly its size. */
static int open_built(void)
{
	size_t len;
	u8 *blob = keep(btf_finish(&b, 24, &len));

	return mt_btf_open(&btf, blob, len, NULL);
}

static int find(const char *type, const char *path)
{
	memset(&found, 0xee, sizeof(found));
	return mt_btf_find_member(&btf, type, path, &found);
}

#define expect_member(type, path, offset, bits, bytes) do {		\
	assert_int_equal(find(type, path), 0);				\
	assert_int_equal(found.bit_offset, offset);			\
	assert_int_equal(found.bit_size, bits);				\
	assert_int_equal(found.size, bytes);				\
} while (0)

static void expect_unusable(void)
{
	static const struct mt_btf zero;
	s64 value;
	u32 size;

	assert_memory_equal(&btf, &zero, sizeof(btf));
	assert_int_equal(find("cache", "next"), -ENOENT);
	assert_int_equal(mt_btf_find_size(&btf, "cache", &size), -ENOENT);
	assert_int_equal(mt_btf_find_enumerator(&btf, "ONE", &value), -ENOENT);
}

/* Well-formed blobs */

static void every_kind(void **state)
{
	size_t len, split_at;
	u8 *blob = keep(btf_sample(&len, &split_at));
	u32 size = 0;
	s64 value;

	(void)state;
	assert_int_equal(mt_btf_open(&btf, blob, split_at, NULL), 0);
	assert_int_equal(btf.nr_types, 21);
	assert_int_equal(btf.first_id, 1);

	/* "cache" is a forward declaration first */
	assert_int_equal(mt_btf_find_size(&btf, "cache", &size), 0);
	assert_int_equal(size, 48);
	expect_member("cache", "next", 0, 0, sizeof(void *));
	expect_member("cache", "table", 192, 0, 24);
	expect_member("cache", "state", 128, 0, 8);
	expect_member("cache", "state.refs", 160, 0, 4);
	expect_member("cache", "state.frozen", 159, 1, 4);
	/* nameless union, in it a nameless member behind five modifiers */
	expect_member("cache", "word", 64, 0, 8);
	expect_member("cache", "inuse", 64, 16, 4);
	expect_member("cache", "objects", 80, 15, 4);
	expect_member("cache", "frozen", 95, 1, 4);
	expect_member("cache", "refs", 96, 0, 4);

	assert_int_equal(find("cache", "arg"), -ENOENT);
	assert_int_equal(find("counters_t", "refs"), -ENOENT);
	assert_int_equal(find("unsigned int", "refs"), -ENOENT);
	assert_int_equal(find("cache", "next.next"), -ENOENT);
	assert_int_equal(find("cache", "table.next"), -ENOENT);
	assert_int_equal(mt_btf_find_size(&btf, "tiny", &size), -ENOENT);

	assert_int_equal(mt_btf_find_enumerator(&btf, "MINUS", &value), 0);
	assert_int_equal(value, -1);
	assert_int_equal(mt_btf_find_enumerator(&btf, "ONE", &value), 0);
	assert_int_equal(value, 1);
	assert_int_equal(mt_btf_find_enumerator(&btf, "WIDE", &value), 0);
	assert_int_equal(value, 0x123456789abcLL);
	assert_int_equal(mt_btf_find_enumerator(&btf, "tiny", &value), -ENOENT);
}

static void failure_leaves_results_alone(void **state)
{
	struct mt_btf_member untouched;
	size_t len, split_at;
	u8 *blob = keep(btf_sample(&len, &split_at));
	u32 size = 77;
	s64 value = 78;

	(void)state;
	assert_int_equal(mt_btf_open(&btf, blob, split_at, NULL), 0);
	memset(&untouched, 0xee, sizeof(untouched));
	assert_int_equal(find("cache", "nothing"), -ENOENT);
	assert_memory_equal(&found, &untouched, sizeof(found));
	assert_int_equal(mt_btf_find_size(&btf, "nothing", &size), -ENOENT);
	assert_int_equal(size, 77);
	assert_int_equal(mt_btf_find_enumerator(&btf, "nothing", &value), -ENOENT);
	assert_int_equal(value, 78);
}

static void names_are_whole(void **state)
{
	u32 id;

	(void)state;
	btf_begin(&b, NULL);
	id = btf_int(&b, "int", 4, 0, 32);
	btf_struct(&b, NULL, false, 4);
	btf_member(&b, "hidden", id, 0);
	btf_struct(&b, "list", false, 12);
	btf_member(&b, "nextmost", id, 0);
	btf_member(&b, "nex", id, 32);
	btf_member(&b, "next", id, 64);
	assert_int_equal(open_built(), 0);
	expect_member("list", "next", 64, 0, 4);
	expect_member("list", "nex", 32, 0, 4);
	expect_member("list", "nextmost", 0, 0, 4);
	assert_int_equal(find("list", "ne"), -ENOENT);
	assert_int_equal(find("list", ""), -ENOENT);
	assert_int_equal(find("list", "."), -ENOENT);
	assert_int_equal(find("list", "next."), -ENOENT);
	assert_int_equal(find("", "hidden"), -ENOENT);
	assert_int_equal(find("lis", "next"), -ENOENT);
	assert_int_equal(find("listing", "next"), -ENOENT);
}

static void legacy_bitfields(void **state)
{
	u32 int_id, three, shifted, typedef_id;

	(void)state;
	btf_begin(&b, NULL);
	int_id = btf_int(&b, "int", 4, 0, 32);
	three = btf_int(&b, "int", 4, 0, 3);
	shifted = btf_int(&b, "int", 4, 5, 2);
	typedef_id = btf_type(&b, "three_t", B_TYPEDEF, false, 0, three);
	btf_struct(&b, "old", false, 8);
	btf_member(&b, "plain", int_id, 0);
	btf_member(&b, "three", typedef_id, 37);
	btf_member(&b, "shifted", shifted, 40);
	assert_int_equal(open_built(), 0);
	expect_member("old", "plain", 0, 0, 4);
	expect_member("old", "three", 37, 3, 4);
	expect_member("old", "shifted", 45, 2, 4);
}

static void bitfield_at_odd_offset_is_one(void **state)
{
	u32 id;

	(void)state;
	btf_begin(&b, NULL);
	id = btf_int(&b, "int", 4, 0, 32);
	btf_struct(&b, "odd", false, 8);
	btf_member(&b, "plain", id, 3);
	assert_int_equal(open_built(), 0);
	assert_int_equal(find("odd", "plain"), -EINVAL);
}

/* Padding is the compiler's; with the type of a struct either is an unlucky encoder's. */
static void bitfields_are_not_entered(void **state)
{
	u32 id, inner;

	(void)state;
	btf_begin(&b, NULL);
	id = btf_int(&b, "int", 4, 0, 32);
	inner = btf_struct(&b, "inner", false, 4);
	btf_member(&b, "x", id, 0);
	btf_struct(&b, "padded", true, 8);
	btf_member(&b, NULL, id, 3 << 24);
	btf_member(&b, NULL, inner, 3 << 24 | 8);
	btf_member(&b, "y", id, 32);
	btf_struct(&b, "outer", true, 8);
	btf_member(&b, "bits", inner, 3 << 24 | 5);
	btf_member(&b, "bytes", inner, 32);
	assert_int_equal(open_built(), 0);
	assert_int_equal(find("padded", "x"), -ENOENT);
	expect_member("padded", "y", 32, 0, 4);
	expect_member("outer", "bits", 5, 3, 4);
	assert_int_equal(find("outer", "bits.x"), -EINVAL);
	expect_member("outer", "bytes.x", 32, 0, 4);
}

static void same_name_several_times(void **state)
{
	u32 id, size;

	(void)state;
	btf_begin(&b, NULL);
	id = btf_int(&b, "int", 4, 0, 32);
	btf_type(&b, "twin", B_FWD, true, 0, 0);
	btf_type(&b, "twin", B_TYPEDEF, false, 0, id);
	btf_struct(&b, "twin", false, 4);
	btf_member(&b, "first", id, 0);
	btf_type(&b, "twin", B_UNION, false, 0, 8);
	btf_member(&b, "first", id, 32);
	btf_member(&b, "second", id, 0);
	assert_int_equal(open_built(), 0);
	expect_member("twin", "first", 0, 0, 4);
	expect_member("twin", "second", 0, 0, 4);
	assert_int_equal(mt_btf_find_size(&btf, "twin", &size), 0);
	assert_int_equal(size, 4);
}

static void sizes_of_all_sorts(void **state)
{
	u32 int_id, inner, array, id;

	(void)state;
	btf_begin(&b, NULL);
	int_id = btf_int(&b, "int", 4, 0, 32);
	inner = btf_array(&b, int_id, int_id, 5);
	inner = btf_type(&b, NULL, B_CONST, false, 0, inner);
	array = btf_array(&b, inner, int_id, 3);
	id = btf_array(&b, int_id, int_id, 0);
	btf_type(&b, "later", B_FWD, false, 0, 0);
	btf_type(&b, "e", B_ENUM, false, 0, 1);
	btf_type(&b, "f", B_FLOAT, false, 0, 16);
	btf_type(&b, "e64", B_ENUM64, false, 0, 8);
	btf_type(&b, NULL, B_PTR, false, 0, 6);
	btf_type(&b, "f_proto", B_FUNC_PROTO, false, 0, 0);
	btf_struct(&b, "all", false, 200);
	btf_member(&b, "array", array, 0);
	btf_member(&b, "enum", 7, 480);
	btf_member(&b, "float", 8, 512);
	btf_member(&b, "enum64", 9, 640);
	btf_member(&b, "pointer", 10, 704);
	btf_member(&b, "forward", 6, 768);
	btf_member(&b, "nothing", 0, 768);
	btf_member(&b, "function", 11, 768);
	btf_member(&b, "flexible", id, 1600);
	assert_int_equal(open_built(), 0);
	expect_member("all", "array", 0, 0, 60);
	expect_member("all", "enum", 480, 0, 1);
	expect_member("all", "float", 512, 0, 16);
	expect_member("all", "enum64", 640, 0, 8);
	expect_member("all", "pointer", 704, 0, 8);
	expect_member("all", "forward", 768, 0, 0);
	expect_member("all", "nothing", 768, 0, 0);
	expect_member("all", "function", 768, 0, 0);
	expect_member("all", "flexible", 1600, 0, 0);
}

static void enumerators_of_old_and_new(void **state)
{
	s64 value;

	(void)state;
	btf_begin(&b, NULL);
	btf_type(&b, "unsigned_or_old", B_ENUM, false, 0, 4);
	btf_enumerator(&b, NULL, 1);
	btf_enumerator(&b, "MANY", 0xffffffff);
	btf_enumerator(&b, "NONE", 0);
	btf_type(&b, NULL, B_ENUM, true, 0, 4);
	btf_enumerator(&b, "NAMELESS", -5);
	btf_type(&b, "wide", B_ENUM64, true, 0, 8);
	btf_enumerator64(&b, "LEAST", 1ULL << 63);
	btf_enumerator64(&b, "MOST", ~0ULL);
	btf_type(&b, "later", B_ENUM, true, 0, 4);
	btf_enumerator(&b, "NAMELESS", 3);
	assert_int_equal(open_built(), 0);
	assert_int_equal(mt_btf_find_enumerator(&btf, "MANY", &value), 0);
	assert_true(value == 0xffffffffLL);
	assert_int_equal(mt_btf_find_enumerator(&btf, "NONE", &value), 0);
	assert_true(value == 0);
	assert_int_equal(mt_btf_find_enumerator(&btf, "NAMELESS", &value), 0);
	assert_true(value == -5);
	assert_int_equal(mt_btf_find_enumerator(&btf, "LEAST", &value), 0);
	assert_true(value == S64_MIN);
	assert_int_equal(mt_btf_find_enumerator(&btf, "MOST", &value), 0);
	assert_true(value == -1);
	assert_int_equal(mt_btf_find_enumerator(&btf, "", &value), -ENOENT);
	assert_int_equal(mt_btf_find_enumerator(&btf, "MAN", &value), -ENOENT);
}

static void split(void **state)
{
	size_t len, split_at;
	u8 *blob = keep(btf_sample(&len, &split_at));
	static struct mt_btf third;
	s64 value;
	u32 size;

	(void)state;
	assert_int_equal(mt_btf_open(&base_btf, blob, split_at, NULL), 0);
	assert_int_equal(mt_btf_open(&btf, blob + split_at, len - split_at, &base_btf), 0);
	assert_int_equal(btf.first_id, 22);
	assert_int_equal(btf.nr_types, 2);

	expect_member("driver", "flags", 384, 0, 4);
	expect_member("driver", "cache.word", 64, 0, 8);
	expect_member("driver", "cache.state.objects", 144, 15, 4);
	assert_int_equal(mt_btf_find_size(&btf, "driver", &size), 0);
	assert_int_equal(size, 64);
	assert_int_equal(mt_btf_find_enumerator(&btf, "DRIVER_MODE", &value), 0);
	assert_int_equal(value, 7);
	/* what only the base has */
	expect_member("cache", "inuse", 64, 16, 4);
	assert_int_equal(mt_btf_find_size(&btf, "counters", &size), 0);
	assert_int_equal(mt_btf_find_enumerator(&btf, "ONE", &value), 0);
	/* the base does not see the driver */
	assert_int_equal(mt_btf_find_size(&base_btf, "driver", &size), -ENOENT);

	/* a split of a split, and a base that is not open */
	assert_int_equal(mt_btf_open(&third, blob + split_at, len - split_at, &btf), -EINVAL);
	memset(&base_btf, 0, sizeof(base_btf));
	assert_int_equal(mt_btf_open(&btf, blob + split_at, len - split_at, &base_btf), -EINVAL);
	expect_unusable();
	/* its ids and names are out of range without a base */
	assert_int_equal(mt_btf_open(&btf, blob + split_at, len - split_at, NULL), -EINVAL);
}

static void split_without_strings(void **state)
{
	size_t len, base_len;
	u8 *base_blob, *blob;
	u32 id;

	(void)state;
	btf_begin(&base_b, NULL);
	id = btf_int(&base_b, "int", 4, 0, 32);
	base_blob = keep(btf_finish(&base_b, 24, &base_len));
	assert_int_equal(mt_btf_open(&base_btf, base_blob, base_len, NULL), 0);

	btf_begin(&b, &base_b);
	btf_type(&b, NULL, B_STRUCT, false, 1, 4);
	btf_word(&b, 1);	/* "int" of the base */
	btf_word(&b, id);
	btf_word(&b, 0);
	btf_word(&b, 1);
	btf_word(&b, (u32)B_STRUCT << 24 | 1);
	btf_word(&b, 8);
	btf_word(&b, 1);
	btf_word(&b, id + 1);	/* the nameless struct of this blob */
	btf_word(&b, 0);
	b.strs_len = 0;
	blob = keep(btf_finish(&b, 24, &len));
	assert_int_equal(mt_btf_open(&btf, blob, len, &base_btf), 0);
	expect_member("int", "int", 0, 0, 4);
	expect_member("int", "int.int", 0, 0, 4);
	/* but no other blob may be without */
	assert_int_equal(mt_btf_open(&btf, blob, len, NULL), -EINVAL);
}

/* The first byte of a split blob's strings belongs to a name as any other. */
static void split_string_at_the_boundary(void **state)
{
	size_t len, base_len;
	u8 *base_blob, *blob;
	u32 size;

	(void)state;
	btf_begin(&base_b, NULL);
	btf_int(&base_b, "int", 4, 0, 32);
	base_blob = keep(btf_finish(&base_b, 24, &base_len));
	assert_int_equal(mt_btf_open(&base_btf, base_blob, base_len, NULL), 0);

	btf_begin(&b, &base_b);
	b.strs_len = 0;
	btf_struct(&b, "first", false, 4);
	btf_member(&b, "x", 1, 0);
	blob = keep(btf_finish(&b, 24, &len));
	assert_int_equal(mt_btf_open(&btf, blob, len, &base_btf), 0);
	assert_int_equal(mt_btf_find_size(&btf, "first", &size), 0);
	expect_member("first", "x", 0, 0, 4);

	/* and the first byte behind them to none */
	set_word(blob, 24, base_b.strs_len + b.strs_len - 1);
	assert_int_equal(mt_btf_open(&btf, blob, len, &base_btf), 0);
	set_word(blob, 24, base_b.strs_len + b.strs_len);
	assert_int_equal(mt_btf_open(&btf, blob, len, &base_btf), -EINVAL);
}

/* A blob so simple that it would fit any base. */
static void bases_refused(void **state)
{
	static struct mt_btf split_btf;
	size_t len, base_len;
	u8 *base_blob, *blob;

	(void)state;
	btf_begin(&base_b, NULL);
	btf_type(&base_b, NULL, B_PTR, false, 0, 0);
	base_blob = keep(btf_finish(&base_b, 24, &base_len));
	assert_int_equal(mt_btf_open(&base_btf, base_blob, base_len, NULL), 0);
	btf_begin(&b, &base_b);
	btf_type(&b, NULL, B_PTR, false, 0, 0);
	blob = keep(btf_finish(&b, 24, &len));
	assert_int_equal(mt_btf_open(&split_btf, blob, len, &base_btf), 0);

	assert_int_equal(mt_btf_open(&btf, blob, len, &split_btf), -EINVAL);
	expect_unusable();
	memset(&base_btf, 0, sizeof(base_btf));
	assert_int_equal(mt_btf_open(&btf, blob, len, &base_btf), -EINVAL);
	expect_unusable();
}

/* Ids resolve by the checkpoints, whatever the number of types. */
static void checkpoints(void **state)
{
	static const u32 counts[] = { 1, 2, 1022, 1023, 1024, 1025, 2047, 2048, 2049, 5000, 9000 };
	unsigned int n, i;
	char name[16];

	(void)state;
	for (n = 0; n < ARRAY_SIZE(counts); n++) {
		btf_begin(&b, NULL);
		/* each id is told by its size; the records differ in length */
		btf_int(&b, "char", 1, 0, 8);
		for (i = 2; i <= counts[n]; i++) {
			if (i % 3)
				btf_array(&b, 1, 1, i);
			else
				btf_type(&b, NULL, B_FLOAT, false, 0, i);
		}
		btf_type(&b, "all", B_STRUCT, false, 0, counts[n]);
		for (i = 1; i <= counts[n]; i++) {
			if (i > 40 && i % 16 > 2 && i + 5 < counts[n])
				continue;
			snprintf(name, sizeof(name), "m%u", i);
			btf_member(&b, name, i, 0);
		}
		assert_int_equal(open_built(), 0);
		assert_int_equal(btf.nr_types, counts[n] + 1);
		for (i = 1; i <= counts[n]; i++) {
			if (i > 40 && i % 16 > 2 && i + 5 < counts[n])
				continue;
			snprintf(name, sizeof(name), "m%u", i);
			expect_member("all", name, 0, 0, i);
		}
		teardown(NULL);
	}
}

/* vlen has 24 bits since 7.3 */
static void many_members(void **state)
{
	const u32 nr = 70000;
	u32 i, name, last;

	(void)state;
	btf_begin(&b, NULL);
	btf_int(&b, "char", 1, 0, 8);
	name = btf_string(&b, "same");
	last = btf_string(&b, "last");
	btf_type(&b, "big", B_STRUCT, false, nr, nr);
	for (i = 0; i < nr; i++) {
		btf_word(&b, i + 1 < nr ? name : last);
		btf_word(&b, 1);
		btf_word(&b, 8 * i);
	}
	btf_struct(&b, "after", false, 1);
	btf_member(&b, "x", 1, 0);
	assert_int_equal(open_built(), 0);
	expect_member("big", "same", 0, 0, 1);
	expect_member("big", "last", 8 * (nr - 1), 0, 1);
	expect_member("after", "x", 0, 0, 1);
}

static void unaligned(void **state)
{
	size_t len, split_at;
	u8 *blob = keep(btf_sample(&len, &split_at));
	u8 *shifted = keep(malloc(split_at + 1));

	(void)state;
	memcpy(shifted + 1, blob, split_at);
	assert_int_equal(mt_btf_open(&btf, shifted + 1, split_at, NULL), 0);
	expect_member("cache", "objects", 80, 15, 4);
}

/* Headers */

static void header_may_grow(void **state)
{
	static const u32 lengths[] = { 24, 28, 32, 64, 1000 };
	unsigned int i;
	size_t len;
	u8 *blob;

	(void)state;
	btf_begin(&b, NULL);
	btf_int(&b, "char", 1, 0, 8);
	btf_struct(&b, "s", false, 1);
	btf_member(&b, "x", 1, 0);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		blob = keep(btf_finish(&b, lengths[i], &len));
		assert_int_equal(mt_btf_open(&btf, blob, len, NULL), 0);
		expect_member("s", "x", 0, 0, 1);
	}
}

/* One bad word in the header of an otherwise good blob. */
static void header_refused(void **state)
{
	static const struct {
		u32 offset, word;
		int err;
	} bad[] = {
		{ 0, 0x0001eb9e, -EINVAL },		/* magic */
		{ 0, 0x00019feb, -EOPNOTSUPP },		/* the other byte order */
		{ 0, 0x00009feb, -EOPNOTSUPP },
		{ 0, 0x0002eb9f, -EOPNOTSUPP },		/* version */
		{ 0, 0x0000eb9f, -EOPNOTSUPP },
		{ 0, 0x0101eb9f, -EOPNOTSUPP },		/* flags */
		{ 4, 23, -EINVAL },			/* hdr_len */
		{ 4, 0, -EINVAL },
		{ 4, 1 << 20, -EINVAL },
		{ 4, 0xffffffff, -EINVAL },
		{ 8, 2, -EINVAL },			/* type_off */
		{ 8, 4, -EINVAL },			/* overlaps the strings */
		{ 8, 0xfffffffc, -EINVAL },
		{ 12, 1 << 20, -EINVAL },		/* type_len */
		{ 12, 0xffffffff, -EINVAL },
		{ 16, 0, -EINVAL },			/* str_off overlaps the types */
		{ 16, 1 << 20, -EINVAL },
		{ 16, 0xffffffff, -EINVAL },
		{ 20, 0, -EINVAL },			/* str_len */
		{ 20, 1 << 20, -EINVAL },
		{ 20, 0xffffffff, -EINVAL },
		{ 20, 2, -EINVAL },			/* cuts a string */
	};
	size_t len, split_at;
	unsigned int i;
	u8 *blob;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		blob = keep(btf_sample(&len, &split_at));
		assert_int_equal(mt_btf_open(&btf, blob, split_at, NULL), 0);
		set_word(blob, bad[i].offset, bad[i].word);
		if (mt_btf_open(&btf, blob, split_at, NULL) != bad[i].err)
			fail_msg("word %x at %u", bad[i].word, bad[i].offset);
		expect_unusable();
		teardown(NULL);
	}
}

/* Blobs that could be read, if one wanted to, but that no kernel would have. */
static void header_that_lies(void **state)
{
	size_t len;
	u8 *blob, *moved;

	(void)state;
	btf_begin(&b, NULL);
	btf_struct(&b, "s", false, 0);
	blob = keep(btf_finish(&b, 24, &len));
	assert_int_equal(mt_btf_open(&btf, blob, len, NULL), 0);

	/* a header of no length */
	set_word(blob, 4, 0);
	set_word(blob, 8, 24);
	set_word(blob, 16, 24 + 12);
	assert_int_equal(mt_btf_open(&btf, blob, len, NULL), -EINVAL);
	expect_unusable();

	/* strings that begin in the last word of the types */
	set_word(blob, 4, 24);
	set_word(blob, 8, 0);
	set_word(blob, 16, 12 - 4);
	set_word(blob, 20, b.strs_len + 4);
	assert_int_equal(mt_btf_open(&btf, blob, len, NULL), -EINVAL);
	expect_unusable();

	/* types out of alignment */
	moved = keep(malloc(len + 2));
	memcpy(moved, blob, 24);
	memcpy(moved + 26, blob + 24, len - 24);
	set_word(moved, 8, 2);
	set_word(moved, 16, 12 + 2);
	set_word(moved, 20, b.strs_len);
	assert_int_equal(mt_btf_open(&btf, moved, len + 2, NULL), -EINVAL);
	expect_unusable();
}

static void strings_must_be_terminated(void **state)
{
	size_t len, split_at;
	u8 *blob = keep(btf_sample(&len, &split_at));
	u32 str_off;

	(void)state;
	memcpy(&str_off, blob + 16, sizeof(str_off));
	blob[split_at - 1] = 'x';
	assert_int_equal(mt_btf_open(&btf, blob, split_at, NULL), -EINVAL);
	expect_unusable();
	blob[split_at - 1] = '\0';
	assert_int_equal(mt_btf_open(&btf, blob, split_at, NULL), 0);
	/* the first string is "" */
	blob[24 + str_off] = 'x';
	assert_int_equal(mt_btf_open(&btf, blob, split_at, NULL), -EINVAL);
	expect_unusable();
}

static void empty(void **state)
{
	size_t len;
	u8 *blob;
	u32 size;

	(void)state;
	btf_begin(&b, NULL);
	blob = keep(btf_finish(&b, 24, &len));
	assert_int_equal(mt_btf_open(&btf, blob, len, NULL), 0);
	assert_int_equal(btf.nr_types, 0);
	assert_int_equal(mt_btf_find_size(&btf, "s", &size), -ENOENT);
	assert_int_equal(mt_btf_open(&btf, blob, 0, NULL), -EINVAL);
	expect_unusable();
}

/* Types */

static void unknown_kinds(void **state)
{
	u32 kind;

	(void)state;
	for (kind = 20; kind < 128; kind++) {
		btf_begin(&b, NULL);
		btf_int(&b, "char", 1, 0, 8);
		btf_type(&b, "new", kind, false, 0, 0);
		btf_struct(&b, "cache", false, 1);
		btf_member(&b, "next", 1, 0);
		assert_int_equal(open_built(), -EOPNOTSUPP);
		expect_unusable();
		teardown(NULL);
	}
	btf_begin(&b, NULL);
	btf_type(&b, NULL, 0, false, 0, 0);
	assert_int_equal(open_built(), -EINVAL);
	expect_unusable();
}

static void trailers_must_fit(void **state)
{
	u32 kind, cut;

	(void)state;
	/* a last type with as many elements as its kind can have */
	for (kind = B_INT; kind <= B_ENUM64; kind++) {
		bool elements = kind == B_STRUCT || kind == B_UNION || kind == B_ENUM ||
				kind == B_FUNC_PROTO || kind == B_DATASEC || kind == B_ENUM64;
		bool fixed = kind == B_INT || kind == B_ARRAY || kind == B_VAR ||
			     kind == B_DECL_TAG;

		btf_begin(&b, NULL);
		btf_type(&b, "x", kind, false, 0xffffff, 1);
		assert_int_equal(open_built(), elements || fixed ? -EINVAL : 0);
		teardown(NULL);
	}
	/* the section may end after any of its words, but only between two types */
	for (cut = 0; cut < 12; cut++) {
		btf_begin(&b, NULL);
		btf_struct(&b, "s", false, 4);
		btf_member(&b, "x", 1, 0);
		b.types_len -= 12 - cut;
		assert_int_equal(open_built(), -EINVAL);
		teardown(NULL);
	}
}

static void type_name_out_of_range(void **state)
{
	(void)state;
	btf_begin(&b, NULL);
	btf_struct(&b, "s", false, 4);
	btf_word(&b, b.strs_len);
	btf_word(&b, (u32)B_STRUCT << 24);
	btf_word(&b, 4);
	assert_int_equal(open_built(), -EINVAL);
	expect_unusable();
}

static void member_name_out_of_range(void **state)
{
	s64 value;
	u32 id;

	(void)state;
	btf_begin(&b, NULL);
	id = btf_int(&b, "int", 4, 0, 32);
	btf_type(&b, "s", B_STRUCT, false, 2, 8);
	btf_word(&b, 0x7fffffff);
	btf_word(&b, id);
	btf_word(&b, 0);
	btf_word(&b, btf_string(&b, "x"));
	btf_word(&b, id);
	btf_word(&b, 32);
	btf_type(&b, "e", B_ENUM, false, 1, 4);
	btf_word(&b, 0xffffffff);
	btf_word(&b, 1);
	assert_int_equal(open_built(), 0);
	assert_int_equal(find("s", "x"), -EINVAL);
	assert_int_equal(mt_btf_find_enumerator(&btf, "E", &value), -EINVAL);
}

static void id_out_of_range(void **state)
{
	static const u32 ids[] = { 6, 7, 0x7fffffff, 0x80000000, 0xffffffff };
	unsigned int i;
	u32 array;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		btf_begin(&b, NULL);
		btf_int(&b, "int", 4, 0, 32);
		btf_type(&b, "t", B_TYPEDEF, false, 0, ids[i]);
		array = btf_array(&b, ids[i], 1, 2);
		btf_struct(&b, "s", false, 8);
		btf_member(&b, "direct", ids[i], 0);
		btf_member(&b, "behind", 2, 0);
		btf_member(&b, "element", array, 0);
		btf_struct(&b, "nameless", false, 8);
		btf_member(&b, NULL, ids[i], 0);
		btf_member(&b, "x", ids[i], 0);
		assert_int_equal(open_built(), 0);
		assert_int_equal(find("s", "direct"), -EINVAL);
		assert_int_equal(find("s", "behind"), -EINVAL);
		assert_int_equal(find("s", "element"), -EINVAL);
		assert_int_equal(find("s", "nothing"), -ENOENT);
		assert_int_equal(find("nameless", "x"), -EINVAL);
		teardown(NULL);
	}
}

static void members_outside_their_struct(void **state)
{
	u32 id, inner;

	(void)state;
	btf_begin(&b, NULL);
	id = btf_int(&b, "int", 4, 0, 32);
	inner = btf_struct(&b, "inner", false, 16);
	btf_member(&b, "y", id, 0);
	btf_struct(&b, "s", false, 8);
	btf_member(&b, "fits", id, 32);
	btf_member(&b, "ends", id, 40);
	btf_member(&b, "begins", id, 64);
	btf_member(&b, "far", id, 0xfffffff8);
	btf_member(&b, "big", inner, 0);
	btf_struct(&b, "bits", true, 2);
	btf_member(&b, "fits", id, 4 << 24 | 12);
	btf_member(&b, "ends", id, 5 << 24 | 12);
	btf_struct(&b, "nameless", false, 8);
	btf_member(&b, NULL, inner, 0);
	assert_int_equal(open_built(), 0);
	expect_member("s", "fits", 32, 0, 4);
	assert_int_equal(find("s", "ends"), -EINVAL);
	assert_int_equal(find("s", "begins"), -EINVAL);
	assert_int_equal(find("s", "far"), -EINVAL);
	assert_int_equal(find("s", "big"), -EINVAL);
	assert_int_equal(find("s", "big.y"), -EINVAL);
	expect_member("bits", "fits", 12, 4, 4);
	assert_int_equal(find("bits", "ends"), -EINVAL);
	assert_int_equal(find("nameless", "y"), -EINVAL);
}

/* Cycles and blow-ups */

static void cycles(void **state)
{
	u32 i, self;

	(void)state;
	btf_begin(&b, NULL);
	btf_type(&b, "a", B_TYPEDEF, false, 0, 2);
	btf_type(&b, NULL, B_CONST, false, 0, 3);
	btf_type(&b, NULL, B_VOLATILE, false, 0, 1);
	btf_type(&b, "self", B_TYPEDEF, false, 0, 4);
	btf_array(&b, 5, 5, 1);
	self = btf_struct(&b, "s", false, 64);
	btf_member(&b, "ring", 1, 0);
	btf_member(&b, "self", 4, 0);
	btf_member(&b, "array", 5, 0);
	btf_member(&b, "inner", self, 0);
	btf_struct(&b, "nameless", false, 64);
	btf_member(&b, NULL, self + 1, 0);
	/* a chain of the longest kind that is allowed, and one longer */
	btf_int(&b, "int", 4, 0, 32);
	for (i = 0; i < 31; i++)
		btf_type(&b, "chain", B_TYPEDEF, false, 0, b.last_id);
	btf_type(&b, "chain", B_TYPEDEF, false, 0, b.last_id);
	btf_struct(&b, "chains", false, 4);
	btf_member(&b, "longest", b.last_id - 2, 0);
	btf_member(&b, "longer", b.last_id - 1, 0);
	assert_int_equal(open_built(), 0);
	assert_int_equal(find("s", "ring"), -EINVAL);
	assert_int_equal(find("s", "self"), -EINVAL);
	assert_int_equal(find("s", "array"), -EINVAL);
	expect_member("s", "inner.inner.inner", 0, 0, 64);
	assert_int_equal(find("nameless", "x"), -EINVAL);
	expect_member("chains", "longest", 0, 0, 4);
	assert_int_equal(find("chains", "longer"), -EINVAL);
}

/* The path of an operator cannot be long, but the sum of its offsets may not wrap either. */
static void offsets_do_not_wrap(void **state)
{
	char path[1000] = "in";
	unsigned int i;
	u32 id;

	(void)state;
	btf_begin(&b, NULL);
	id = btf_struct(&b, "s", false, 0xffffffff);
	btf_member(&b, "in", id, 0);
	/* the member does not fit unless it is at 0: use a zero-sized view of the same thing */
	btf_type(&b, "hollow", B_STRUCT, false, 1, 0xffffffff);
	btf_word(&b, btf_string(&b, "in"));
	btf_word(&b, id + 2);
	btf_word(&b, 0xf0000000);
	btf_type(&b, "end", B_STRUCT, false, 1, 0x10000000);
	btf_word(&b, btf_string(&b, "in"));
	btf_word(&b, id + 3);
	btf_word(&b, 0x70000000);
	btf_type(&b, "point", B_STRUCT, false, 0, 0);
	assert_int_equal(open_built(), 0);
	expect_member("hollow", "in", 0xf0000000, 0, 0x10000000);
	assert_int_equal(find("hollow", "in.in"), -EINVAL);
	for (i = 0; i < 300; i++)
		strcat(path, ".in");
	expect_member("s", path, 0, 0, 0xffffffff);
}

static void array_sizes_do_not_wrap(void **state)
{
	u32 id, i;

	(void)state;
	btf_begin(&b, NULL);
	id = btf_int(&b, "int", 4, 0, 32);
	btf_array(&b, id, id, 0x40000000);
	for (i = 0; i < 10; i++)
		btf_array(&b, b.last_id, id, 0xffffffff);
	btf_struct(&b, "s", false, 0xffffffff);
	btf_member(&b, "one", 2, 0);
	btf_member(&b, "all", b.last_id - 1, 0);
	assert_int_equal(open_built(), 0);
	assert_int_equal(find("s", "one"), -EINVAL);
	assert_int_equal(find("s", "all"), -EINVAL);
}

/* Each level has many nameless members of the next: without a bound, 1000^6 visits. */
static void time_is_bounded(void **state)
{
	struct timespec start, end;
	u32 level, i;

	(void)state;
	btf_begin(&b, NULL);
	for (i = 0; i < 500; i++)
		btf_int(&b, "int", 4, 0, 32);
	for (level = 0; level < 7; level++) {
		u32 next = b.last_id + 2;

		btf_type(&b, "s", B_STRUCT, false, 1000, 4);
		for (i = 0; i < 1000; i++) {
			btf_word(&b, 0);
			btf_word(&b, level < 6 ? next : 500);
			btf_word(&b, 0);
		}
	}
	assert_int_equal(open_built(), 0);
	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_int_equal(find("s", "x"), -EINVAL);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - start.tv_sec < 5);
}

static void nesting_is_bounded(void **state)
{
	u32 depth, level;

	(void)state;
	for (depth = 1; depth < 40; depth++) {
		btf_begin(&b, NULL);
		btf_int(&b, "int", 4, 0, 32);
		btf_struct(&b, "leaf", false, 4);
		btf_member(&b, "x", 1, 0);
		for (level = 1; level < depth; level++) {
			btf_struct(&b, level + 1 < depth ? NULL : "top", false, 4);
			btf_member(&b, NULL, b.last_id - 1, 0);
		}
		assert_int_equal(open_built(), 0);
		if (depth > 1)
			assert_int_equal(find("top", "x"), depth <= 8 ? 0 : -EINVAL);
		teardown(NULL);
	}
}

/* Damage: never a crash (ASan watches), never another answer than the true one or none. */

static const struct question {
	const char *type, *path;
	struct mt_btf_member answer;
} questions[] = {
	{ "cache", "next", { 0, 0, 8 } },
	{ "cache", "word", { 64, 0, 8 } },
	{ "cache", "objects", { 80, 15, 4 } },
	{ "cache", "table", { 192, 0, 24 } },
	{ "cache", "state.frozen", { 159, 1, 4 } },
	{ "counters", "refs", { 32, 0, 4 } },
};

static void ask_all(bool truthful)
{
	unsigned int i;
	s64 value;
	u32 size;
	int err;

	for (i = 0; i < ARRAY_SIZE(questions); i++) {
		const struct question *question = &questions[i];

		err = find(question->type, question->path);
		assert_true(!err || err == -ENOENT || err == -EINVAL);
		if (!err && truthful)
			assert_memory_equal(&found, &question->answer, sizeof(found));
	}
	err = mt_btf_find_size(&btf, "cache", &size);
	assert_true(err || !truthful || size == 48);
	err = mt_btf_find_enumerator(&btf, "WIDE", &value);
	assert_true(err || !truthful || value == 0x123456789abcLL);
}

static void truncated_anywhere(void **state)
{
	size_t len, split_at, cut;
	u8 *blob = keep(btf_sample(&len, &split_at));
	u8 *copy;

	(void)state;
	for (cut = 0; cut < split_at; cut++) {
		copy = malloc(cut);
		memcpy(copy, blob, cut);
		assert_int_equal(mt_btf_open(&btf, copy, cut, NULL), -EINVAL);
		expect_unusable();
		free(copy);
	}
}

/* The header says what is left, as after a truncation by someone who means it. */
static void sections_shortened(void **state)
{
	size_t len, split_at;
	u8 *blob = keep(btf_sample(&len, &split_at));
	u32 type_len, str_len, cut, opened = 0;
	u8 *copy;
	int err;

	(void)state;
	memcpy(&type_len, blob + 12, 4);
	memcpy(&str_len, blob + 20, 4);
	for (cut = 0; cut < type_len; cut++) {
		copy = malloc(24 + cut + str_len);
		memcpy(copy, blob, 24 + cut);
		memcpy(copy + 24 + cut, blob + 24 + type_len, str_len);
		set_word(copy, 12, cut);
		set_word(copy, 16, cut);
		err = mt_btf_open(&btf, copy, 24 + cut + str_len, NULL);
		assert_true(!err || err == -EINVAL);
		opened += !err;
		ask_all(true);
		free(copy);
	}
	/* it can end before each of the types */
	assert_int_equal(opened, 21);

	for (cut = 0; cut < str_len; cut++) {
		copy = malloc(24 + type_len + cut);
		memcpy(copy, blob, 24 + type_len + cut);
		set_word(copy, 20, cut);
		err = mt_btf_open(&btf, copy, 24 + type_len + cut, NULL);
		assert_true(!err || err == -EINVAL);
		ask_all(true);
		free(copy);
	}
}

static void any_byte_any_value(void **state)
{
	size_t len, split_at, i;
	u8 *blob = keep(btf_sample(&len, &split_at));
	unsigned int value;
	u8 *split_blob, old;
	int err;

	(void)state;
	for (i = 0; i < split_at; i++) {
		old = blob[i];
		for (value = 0; value < 256; value++) {
			blob[i] = value;
			err = mt_btf_open(&btf, blob, split_at, NULL);
			assert_true(!err || err == -EINVAL || err == -EOPNOTSUPP);
			ask_all(value == old);
		}
		blob[i] = old;
	}

	assert_int_equal(mt_btf_open(&base_btf, blob, split_at, NULL), 0);
	split_blob = keep(malloc(len - split_at));
	memcpy(split_blob, blob + split_at, len - split_at);
	for (i = 0; i < len - split_at; i++) {
		old = split_blob[i];
		for (value = 0; value < 256; value++) {
			split_blob[i] = value;
			err = mt_btf_open(&btf, split_blob, len - split_at, &base_btf);
			assert_true(!err || err == -EINVAL || err == -EOPNOTSUPP);
			ask_all(false);
			err = find("driver", "cache.state.objects");
			assert_true(!err || err == -ENOENT || err == -EINVAL);
		}
		split_blob[i] = old;
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(every_kind),
		TEST(failure_leaves_results_alone),
		TEST(names_are_whole),
		TEST(legacy_bitfields),
		TEST(bitfield_at_odd_offset_is_one),
		TEST(bitfields_are_not_entered),
		TEST(same_name_several_times),
		TEST(sizes_of_all_sorts),
		TEST(enumerators_of_old_and_new),
		TEST(split),
		TEST(split_without_strings),
		TEST(split_string_at_the_boundary),
		TEST(bases_refused),
		TEST(checkpoints),
		TEST(many_members),
		TEST(unaligned),
		TEST(header_may_grow),
		TEST(header_refused),
		TEST(header_that_lies),
		TEST(strings_must_be_terminated),
		TEST(empty),
		TEST(unknown_kinds),
		TEST(trailers_must_fit),
		TEST(type_name_out_of_range),
		TEST(member_name_out_of_range),
		TEST(id_out_of_range),
		TEST(members_outside_their_struct),
		TEST(cycles),
		TEST(offsets_do_not_wrap),
		TEST(array_sizes_do_not_wrap),
		TEST(time_is_bounded),
		TEST(nesting_is_bounded),
		TEST(truncated_anywhere),
		TEST(sections_shortened),
		TEST(any_byte_any_value),
	};

	return cmocka_run_group_tests_name("btf", tests, NULL, NULL);
}
