// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz_btf.c - knows how to feed hostile bytes to the BTF parser; libFuzzer knows which.
 *
 * The first byte says what the rest is: a blob (0); a base and a split blob (1), cut where the
 * first one's header says that it ends, else in the middle; or two sections (2), the strings and
 * the types, for which the header is made here. The types then end where the blob ends, so that
 * ASan sees what is read past them. Names to look up are taken from the blob itself, since no
 * other would be found.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/kernel.h>

#include "introspect/btf.h"

/* Enough to reach every member of the seeds; more only slows the fuzzer down. */
#define NAMES	24

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int err, const struct mt_btf_member *member)
{
	if (err) {
		if (err != -ENOENT && err != -EINVAL)
			abort();
		return;
	}
	/* what relo and kread rely on */
	if (!member->bit_size && member->bit_offset % 8)
		abort();
	if (member->bit_size > 255)
		abort();
}

static unsigned int take_names(const struct mt_btf *btf, const char **names, unsigned int nr)
{
	u32 at;

	for (at = 0; nr < NAMES && at < btf->strs_len; at += strlen(btf->strs + at) + 1)
		names[nr++] = btf->strs + at;
	return nr;
}

static void look_up(const struct mt_btf *btf)
{
	const char *names[NAMES];
	struct mt_btf_member member;
	unsigned int nr = 0, i, j;
	char path[128];
	s64 value;
	u32 size;
	int err;

	if (btf->base)
		nr = take_names(btf->base, names, nr / 2);
	nr = take_names(btf, names, nr);

	for (i = 0; i < nr; i++) {
		err = mt_btf_find_enumerator(btf, names[i], &value);
		check(err, &(struct mt_btf_member) { 0 });
		if (mt_btf_find_size(btf, names[i], &size))
			continue;
		for (j = 0; j < nr; j++) {
			err = mt_btf_find_member(btf, names[i], names[j], &member);
			check(err, &member);
			if (err)
				continue;
			snprintf(path, sizeof(path), "%s.%s", names[j], names[(i + j) % nr]);
			check(mt_btf_find_member(btf, names[i], path, &member), &member);
		}
	}
}

/* A copy of exactly this size, so that ASan sees the first byte behind it. */
static void *copy(const uint8_t *data, size_t size)
{
	void *bytes = malloc(size);

	if (size)
		memcpy(bytes, data, size);
	return bytes;
}

static void expect_zero(const struct mt_btf *btf)
{
	static const struct mt_btf zero;

	if (memcmp(btf, &zero, sizeof(zero)))
		abort();
}

/* A byte for the length of the strings, in words; the strings; the types. */
static int look_into_sections(const uint8_t *data, size_t size)
{
	u32 words[] = { 0x0001eb9f, 24, 0, 0, 0, 0 };
	static struct mt_btf btf;
	size_t strs_len;
	u8 *blob;

	if (!size)
		return 0;
	strs_len = 4 * data[0];
	data++;
	size--;
	if (!strs_len || strs_len > size)
		return 0;

	words[2] = strs_len;
	words[3] = size - strs_len;
	words[5] = strs_len;
	blob = malloc(sizeof(words) + size);
	memcpy(blob, words, sizeof(words));
	memcpy(blob + sizeof(words), data, size);
	blob[sizeof(words)] = '\0';
	blob[sizeof(words) + strs_len - 1] = '\0';

	if (mt_btf_open(&btf, blob, sizeof(words) + size, NULL))
		expect_zero(&btf);
	look_up(&btf);
	free(blob);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mt_btf base, btf;
	void *first, *second;
	size_t cut, first_len;
	u32 words[6];

	if (!size)
		return 0;
	cut = data[0] % 4;
	data++;
	size--;
	if (cut >= 2)
		return look_into_sections(data, size);

	first_len = size;
	if (cut) {
		first_len = size / 2;
		if (size >= sizeof(words)) {
			memcpy(words, data, sizeof(words));
			cut = (size_t)words[1] + words[4] + words[5];
			if (cut < size)
				first_len = cut;
		}
	}
	first = copy(data, first_len);
	second = copy(data + first_len, size - first_len);

	if (mt_btf_open(&base, first, first_len, NULL))
		expect_zero(&base);
	look_up(&base);
	if (size > first_len) {
		if (mt_btf_open(&btf, second, size - first_len, &base))
			expect_zero(&btf);
		look_up(&btf);
	}
	free(first);
	free(second);
	return 0;
}
