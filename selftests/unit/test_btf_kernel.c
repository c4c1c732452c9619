// SPDX-License-Identifier: GPL-2.0
/*
 * test_btf_kernel.c - knows whether the parser reads real kernels as libbpf does.
 *
 * usage: test_btf_kernel BLOB EXPECTED [BLOB EXPECTED]...
 *
 * EXPECTED is what btf_oracle says of BLOB. A blob of which nothing is expected is a failure.
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

#include "introspect/btf.h"

static u8 *read_blob(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	size_t size = 32 << 20;
	u8 *data = malloc(size);

	if (!file || !data)
		fail_msg("%s: %s", path, strerror(errno));
	*len = fread(data, 1, size, file);
	fclose(file);
	return realloc(data, *len);
}

static void expect_line(const struct mt_btf *btf, const char *line)
{
	char type[256], path[512];
	struct mt_btf_member member;
	u32 offset, bits, size, found;
	s64 value;
	long long want;

	if (sscanf(line, "member %255s %511s %u %u %u", type, path, &offset, &bits, &size) == 5) {
		if (mt_btf_find_member(btf, type, path, &member))
			fail_msg("not found: %s", line);
		if (member.bit_offset != offset || member.bit_size != bits || member.size != size)
			fail_msg("found %u %u %u: %s", member.bit_offset, member.bit_size,
				 member.size, line);
	} else if (sscanf(line, "size %255s %u", type, &size) == 2) {
		if (mt_btf_find_size(btf, type, &found) || found != size)
			fail_msg("not so: %s", line);
	} else if (sscanf(line, "enumerator %255s %lld", type, &want) == 2) {
		if (mt_btf_find_enumerator(btf, type, &value) || value != want)
			fail_msg("not so: %s", line);
	} else {
		fail_msg("malformed: %s", line);
	}
}

static void agrees(void **state)
{
	char **paths = *state;
	static struct mt_btf btf;
	unsigned int lines = 0;
	size_t len, room = 0;
	char *line = NULL;
	clock_t start;
	u8 *data;
	FILE *file;
	double open_ms;

	data = read_blob(paths[0], &len);
	start = clock();
	assert_int_equal(mt_btf_open(&btf, data, len, NULL), 0);
	open_ms = (clock() - start) * 1e3 / CLOCKS_PER_SEC;

	file = fopen(paths[1], "r");
	if (!file)
		fail_msg("%s: %s", paths[1], strerror(errno));
	start = clock();
	for (; getline(&line, &room, file) > 0; lines++)
		expect_line(&btf, line);
	free(line);
	fclose(file);

	printf("# %s: %zu bytes, %u types, opened in %.1f ms, %u lookups, %.2f ms each\n", paths[0],
	       len, btf.nr_types, open_ms, lines,
	       (clock() - start) * 1e3 / CLOCKS_PER_SEC / (lines ?: 1));
	assert_true(lines >= 30);
	free(data);
}

/* No kernel has these, and a prefix or a suffix of a name is not the name. */
static void finds_nothing_else(void **state)
{
	char **paths = *state;
	struct mt_btf_member member;
	static struct mt_btf btf;
	size_t len;
	s64 value;
	u32 size;
	u8 *data;

	data = read_blob(paths[0], &len);
	assert_int_equal(mt_btf_open(&btf, data, len, NULL), 0);
	assert_int_equal(mt_btf_find_size(&btf, "task_struc", &size), -ENOENT);
	assert_int_equal(mt_btf_find_size(&btf, "task_structs", &size), -ENOENT);
	assert_int_equal(mt_btf_find_size(&btf, "", &size), -ENOENT);
	assert_int_equal(mt_btf_find_member(&btf, "task_struct", "com", &member), -ENOENT);
	assert_int_equal(mt_btf_find_member(&btf, "task_struct", "comms", &member), -ENOENT);
	assert_int_equal(mt_btf_find_member(&btf, "task_struct", "", &member), -ENOENT);
	assert_int_equal(mt_btf_find_member(&btf, "task_struct", "comm.x", &member), -ENOENT);
	assert_int_equal(mt_btf_find_member(&btf, "task_struct", "tasks.", &member), -ENOENT);
	assert_int_equal(mt_btf_find_member(&btf, "task_struct", ".tasks", &member), -ENOENT);
	assert_int_equal(mt_btf_find_enumerator(&btf, "", &value), -ENOENT);
	assert_int_equal(mt_btf_find_enumerator(&btf, "NR_FREE_PAGE", &value), -ENOENT);
	free(data);
}

int main(int argc, char **argv)
{
	struct CMUnitTest *tests;
	unsigned int nr = 0;
	int i, failed;

	if (argc < 3 || argc % 2 == 0) {
		fprintf(stderr, "usage: %s BLOB EXPECTED [BLOB EXPECTED]...\n", argv[0]);
		return 2;
	}
	tests = calloc(argc - 1, sizeof(*tests));
	for (i = 1; i < argc; i += 2) {
		tests[nr++] = (struct CMUnitTest) {
			.name = argv[i], .test_func = agrees, .initial_state = argv + i,
		};
		tests[nr++] = (struct CMUnitTest) {
			.name = "finds_nothing_else", .test_func = finds_nothing_else,
			.initial_state = argv + i,
		};
	}
	failed = _cmocka_run_group_tests("btf_kernel", tests, nr, NULL, NULL);
	free(tests);
	return failed;
}
