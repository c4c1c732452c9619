// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz_command.c - libFuzzer: a snapshot file of hostile bytes. What is accepted must print to
 * something that is accepted again, with the same reports.
 */
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "growth.h"
#include "snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char header[] = "# memtriage-snapshot version 1\n";
	struct snapshot *snapshot, *again;
	struct growths growths;
	const char *fault;
	size_t bytes;
	char *text, *printed;
	FILE *out;

	text = malloc(sizeof(header) + size);
	memcpy(text, header, sizeof(header) - 1);
	memcpy(text + sizeof(header) - 1, data, size);
	text[sizeof(header) - 1 + size] = '\0';
	snapshot = snapshot_parse(text, &fault);
	free(text);
	if (!snapshot)
		abort();
	out = open_memstream(&printed, &bytes);
	snapshot_write(out, snapshot);
	fclose(out);
	again = snapshot_parse(printed, &fault);
	if (!again || again->nr_reports != snapshot->nr_reports)
		abort();
	free(printed);
	if (!growth_find(&growths, snapshot, again))
		abort();
	growth_free(&growths);
	snapshot_free(snapshot);
	snapshot_free(again);
	return 0;
}
