// SPDX-License-Identifier: GPL-2.0
/*
 * btf_builder.c - knows how BTF is written: types in the order of the calls, strings never shared.
 *
 * Written from Documentation/bpf/btf.rst, not from the parser it tests.
 */
#include "btf_builder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/**
 * btf_begin() - start an empty blob
 * @b: the blob
 * @base: for split BTF the blob that it continues, or NULL
 */
void btf_begin(struct btf_builder *b, const struct btf_builder *base)
{
	memset(b, 0, sizeof(*b));
	b->strs_len = 1;
	if (base) {
		b->strs_base = base->strs_base + base->strs_len;
		b->last_id = base->last_id;
	}
}

/**
 * btf_string() - add a string
 * @b: the blob
 * @string: the string; NULL or "" is at offset 0 already
 *
 * Return: its offset.
 */
u32 btf_string(struct btf_builder *b, const char *string)
{
	u32 offset = b->strs_base + b->strs_len;
	size_t size;

	if (!string || !*string)
		return 0;
	size = strlen(string) + 1;
	assert(b->strs_len + size <= sizeof(b->strs));
	memcpy(b->strs + b->strs_len, string, size);
	b->strs_len += size;
	return offset;
}

/**
 * btf_word() - add a word to the type section
 * @b: the blob
 * @word: the word
 */
void btf_word(struct btf_builder *b, u32 word)
{
	assert(b->types_len + sizeof(word) <= sizeof(b->types));
	memcpy(b->types + b->types_len, &word, sizeof(word));
	b->types_len += sizeof(word);
}

/**
 * btf_type() - begin a type; what its kind demands after the three words is up to the caller
 * @b: the blob
 * @name: its name or NULL
 * @kind: its kind
 * @kind_flag: the flag
 * @vlen: how many elements follow; btf_member() and its like count further
 * @size: the third word: bytes, or an id
 *
 * Return: its id.
 */
u32 btf_type(struct btf_builder *b, const char *name, u32 kind, bool kind_flag, u32 vlen, u32 size)
{
	u32 offset = btf_string(b, name);

	b->last = b->types_len;
	btf_word(b, offset);
	btf_word(b, (u32)kind_flag << 31 | kind << 24 | vlen);
	btf_word(b, size);
	return ++b->last_id;
}

u32 btf_int(struct btf_builder *b, const char *name, u32 size, u32 bit_offset, u32 bits)
{
	u32 id = btf_type(b, name, B_INT, false, 0, size);

	btf_word(b, bit_offset << 16 | bits);
	return id;
}

u32 btf_array(struct btf_builder *b, u32 element, u32 index, u32 elements)
{
	u32 id = btf_type(b, NULL, B_ARRAY, false, 0, 0);

	btf_word(b, element);
	btf_word(b, index);
	btf_word(b, elements);
	return id;
}

u32 btf_struct(struct btf_builder *b, const char *name, bool kind_flag, u32 size)
{
	return btf_type(b, name, B_STRUCT, kind_flag, 0, size);
}

static void count_element(struct btf_builder *b)
{
	u32 info;

	memcpy(&info, b->types + b->last + 4, sizeof(info));
	info++;
	memcpy(b->types + b->last + 4, &info, sizeof(info));
}

void btf_member(struct btf_builder *b, const char *name, u32 type, u32 offset)
{
	count_element(b);
	btf_word(b, btf_string(b, name));
	btf_word(b, type);
	btf_word(b, offset);
}

void btf_enumerator(struct btf_builder *b, const char *name, u32 value)
{
	count_element(b);
	btf_word(b, btf_string(b, name));
	btf_word(b, value);
}

void btf_enumerator64(struct btf_builder *b, const char *name, u64 value)
{
	count_element(b);
	btf_word(b, btf_string(b, name));
	btf_word(b, value);
	btf_word(b, value >> 32);
}

/**
 * btf_finish() - put header and sections together
 * @b: the blob
 * @hdr_len: 24, or more for the header of a later format
 * @len: set to the length of the blob
 *
 * Return: the blob, of exactly this size so that ASan sees a read behind it; to be freed.
 */
u8 *btf_finish(const struct btf_builder *b, u32 hdr_len, size_t *len)
{
	const u32 words[] = { 0x0001eb9f, hdr_len, 0, b->types_len, b->types_len, b->strs_len };
	u8 *blob;

	*len = hdr_len + b->types_len + b->strs_len;
	blob = malloc(*len);
	assert(blob && hdr_len >= sizeof(words));
	memset(blob, 0xa5, hdr_len);
	memcpy(blob, words, sizeof(words));
	memcpy(blob + hdr_len, b->types, b->types_len);
	memcpy(blob + hdr_len + b->types_len, b->strs, b->strs_len);
	return blob;
}

static u8 *join(u8 *first, size_t first_len, u8 *second, size_t second_len)
{
	u8 *both = malloc(first_len + second_len);

	assert(both);
	memcpy(both, first, first_len);
	memcpy(both + first_len, second, second_len);
	free(first);
	free(second);
	return both;
}

/**
 * btf_sample() - a base blob with something of every kind, and a split blob behind it
 * @len: set to the length of both
 * @split_at: set to the length of the base
 *
 * Return: the bytes, to be freed.
 */
u8 *btf_sample(size_t *len, size_t *split_at)
{
	static struct btf_builder base, split;
	u32 u32_id, long_id, ptr, array, inner, typedef_id, id;
	u8 *first, *second;
	size_t second_len;

	btf_begin(&base, NULL);
	u32_id = btf_int(&base, "unsigned int", 4, 0, 32);
	long_id = btf_int(&base, "long unsigned int", 8, 0, 64);
	ptr = btf_type(&base, NULL, B_PTR, false, 0, 0);
	array = btf_array(&base, long_id, u32_id, 3);
	btf_type(&base, "cache", B_FWD, false, 0, 0);
	btf_type(&base, "tiny", B_ENUM, true, 0, 4);
	btf_enumerator(&base, "MINUS", -1);
	btf_enumerator(&base, "ONE", 1);
	btf_type(&base, "wide", B_ENUM64, false, 0, 8);
	btf_enumerator64(&base, "WIDE", 0x123456789abcULL);
	inner = btf_struct(&base, "counters", true, 8);
	btf_member(&base, "inuse", u32_id, 16 << 24);
	btf_member(&base, "objects", u32_id, 15 << 24 | 16);
	btf_member(&base, "frozen", u32_id, 1 << 24 | 31);
	btf_member(&base, "refs", u32_id, 32);
	typedef_id = btf_type(&base, "counters_t", B_TYPEDEF, false, 0, inner);
	typedef_id = btf_type(&base, NULL, B_CONST, false, 0, typedef_id);
	typedef_id = btf_type(&base, NULL, B_VOLATILE, false, 0, typedef_id);
	typedef_id = btf_type(&base, NULL, B_RESTRICT, false, 0, typedef_id);
	typedef_id = btf_type(&base, "rcu", B_TYPE_TAG, false, 0, typedef_id);
	id = btf_type(&base, NULL, B_UNION, false, 0, 8);
	btf_member(&base, NULL, typedef_id, 0);
	btf_member(&base, "word", long_id, 0);
	id = btf_struct(&base, "cache", false, 48);
	btf_member(&base, "next", ptr, 0);
	btf_member(&base, NULL, id - 1, 64);
	btf_member(&base, "state", inner, 128);
	btf_member(&base, "table", array, 192);
	btf_type(&base, NULL, B_FUNC_PROTO, false, 1, u32_id);
	btf_word(&base, btf_string(&base, "arg"));
	btf_word(&base, ptr);
	btf_type(&base, "func", B_FUNC, false, 1, base.last_id);
	btf_type(&base, "var", B_VAR, false, 0, u32_id);
	btf_word(&base, 1);
	btf_type(&base, ".data", B_DATASEC, false, 1, 4);
	btf_word(&base, base.last_id - 1);
	btf_word(&base, 0);
	btf_word(&base, 4);
	btf_type(&base, "double", B_FLOAT, false, 0, 8);
	btf_type(&base, "tag", B_DECL_TAG, false, 0, id);
	btf_word(&base, -1);

	btf_begin(&split, &base);
	id = btf_struct(&split, "driver", false, 64);
	btf_member(&split, "cache", split.last_id - 7, 0);
	btf_member(&split, "flags", u32_id, 384);
	btf_type(&split, "driver_mode", B_ENUM, false, 0, 4);
	btf_enumerator(&split, "DRIVER_MODE", 7);

	first = btf_finish(&base, 24, split_at);
	second = btf_finish(&split, 24, &second_len);
	*len = *split_at + second_len;
	return join(first, *split_at, second, second_len);
}
