// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz_command.c - libFuzzer: two snapshot files of hostile bytes, with BETWEEN between them. What
 * is accepted must print to something that is accepted again, with the same reports; and what grew
 * from one to the other is looked for.
 */
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "growth.h"
#include "snapshot.h"

#define BETWEEN	0xff

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct snapshot *parse(const uint8_t *data, size_t size)
{
	static const char header[] = "# memtriage-snapshot version 1\n";
	char *text = malloc(sizeof(header) + size);
	struct snapshot *snapshot;
	const char *fault;

	memcpy(text, header, sizeof(header) - 1);
	memcpy(text + sizeof(header) - 1, data, size);
	text[sizeof(header) - 1 + size] = '\0';
	snapshot = snapshot_parse(text, &fault);
	free(text);
	if (!snapshot)
		abort();
	return snapshot;
}

static void print_again(const struct snapshot *snapshot)
{
	struct snapshot *again;
	const char *fault;
	size_t bytes;
	char *printed;
	FILE *out;

	out = open_memstream(&printed, &bytes);
	snapshot_write(out, snapshot);
	fclose(out);
	again = snapshot_parse(printed, &fault);
	if (!again || again->nr_reports != snapshot->nr_reports)
		abort();
	free(printed);
	snapshot_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *between = memchr(data, BETWEEN, size);
	size_t first = between ? between - data : size;
	struct snapshot *before = parse(data, first);
	struct snapshot *after = between ? parse(between + 1, size - first - 1) : parse(data, size);
	struct growths growths;
	size_t members[4], i;

	print_again(before);
	print_again(after);
	if (!growth_find(&growths, before, after))
		abort();
	for (i = 0; i < growths.nr; i++) {
		const struct growth *growth = &growths.list[i];

		growth_equal(&growths, i, members, sizeof(members) / sizeof(*members));
		growth_exhaustion(after, growth->after_kB - growth->before_kB,
				  after->seconds - before->seconds);
	}
	growth_free(&growths);
	snapshot_free(before);
	snapshot_free(after);
	return 0;
}
