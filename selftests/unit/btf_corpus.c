// SPDX-License-Identifier: GPL-2.0
/*
 * btf_corpus.c - knows what the fuzzer starts from: small blobs that are right.
 *
 * usage: btf_corpus DIRECTORY
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "btf_builder.h"

static void save(const char *directory, const char *name, u8 cut, const u8 *data, size_t len)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "wb");
	if (!file || fputc(cut, file) == EOF || fwrite(data, 1, len, file) != len || fclose(file)) {
		perror(path);
		exit(1);
	}
}

/* For the fuzzer's third form: strings first, their length in words before them. */
static void save_sections(const char *directory, const char *name, struct btf_builder *b)
{
	static u8 data[sizeof(b->strs) + sizeof(b->types)];

	while (b->strs_len % 4)
		b->strs[b->strs_len++] = '\0';
	data[0] = b->strs_len / 4;
	memcpy(data + 1, b->strs, b->strs_len);
	memcpy(data + 1 + b->strs_len, b->types, b->types_len);
	save(directory, name, 2, data, 1 + b->strs_len + b->types_len);
}

/* As a blob, and in sections. */
static void save_both(const char *directory, const char *name, struct btf_builder *b)
{
	char sections[64];
	size_t len;
	u8 *blob = btf_finish(b, 24, &len);

	save(directory, name, 0, blob, len);
	free(blob);
	snprintf(sections, sizeof(sections), "%s_sections", name);
	save_sections(directory, sections, b);
}

int main(int argc, char **argv)
{
	static struct btf_builder b;
	size_t len, split_at;
	u8 *blob;
	u32 id, inner;

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	blob = btf_sample(&len, &split_at);
	save(argv[1], "every_kind", 0, blob, split_at);
	save(argv[1], "split", 1, blob, len);
	free(blob);

	/* small ones, in which a mutation hits something that matters */
	btf_begin(&b, NULL);
	id = btf_int(&b, "i", 4, 0, 32);
	id = btf_array(&b, id, id, 2);
	id = btf_type(&b, "t", B_TYPEDEF, false, 0, id);
	btf_struct(&b, "s", false, 16);
	btf_member(&b, "a", id, 0);
	btf_member(&b, NULL, id + 2, 64);
	btf_type(&b, NULL, B_UNION, true, 0, 8);
	btf_member(&b, "b", 1, 3 << 24 | 5);
	btf_member(&b, "c", id, 0);
	blob = btf_finish(&b, 32, &len);
	save(argv[1], "long_header", 0, blob, len);
	free(blob);
	save_both(argv[1], "small", &b);

	/* what lies in a bitfield, which no compiler writes */
	btf_begin(&b, NULL);
	id = btf_int(&b, "i", 4, 0, 32);
	inner = btf_struct(&b, "in", false, 4);
	btf_member(&b, "x", id, 0);
	btf_struct(&b, "s", true, 8);
	btf_member(&b, "b", inner, 3 << 24 | 5);
	btf_member(&b, "c", inner, 32);
	save_both(argv[1], "struct_bitfield", &b);

	btf_begin(&b, NULL);
	btf_type(&b, "e", B_ENUM, true, 0, 4);
	btf_enumerator(&b, "A", -1);
	btf_type(&b, "w", B_ENUM64, false, 0, 8);
	btf_enumerator64(&b, "B", ~0ULL);
	save_both(argv[1], "enums", &b);
	return 0;
}
