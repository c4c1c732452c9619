// SPDX-License-Identifier: GPL-2.0
/*
 * record.c - memtriage record: all reports into one file, for later and for elsewhere.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "snapshot.h"

/* The whole file or none: a snapshot that breaks off would look like one of a healthier machine. */
static enum status write_file(const char *path, const struct snapshot *snapshot)
{
	size_t size = strlen(path) + sizeof(".new");
	char *temporary = malloc(size);
	enum status status = STATUS_OK;
	FILE *out;

	if (!temporary)
		return command_error("there is no memory");
	snprintf(temporary, size, "%s.new", path);
	out = fopen(temporary, "w");
	if (!out) {
		status = command_error("%s: %s", temporary, strerror(errno));
	} else {
		bool written = snapshot_write(out, snapshot) && !fsync(fileno(out));

		if (fclose(out))
			written = false;
		if (!written || rename(temporary, path)) {
			status = command_error("%s: %s", path, strerror(errno));
			unlink(temporary);
		}
	}
	free(temporary);
	return status;
}

static enum status run(int argc, char **argv, const struct options *options)
{
	struct snapshot *snapshot;
	enum status status;
	unsigned int i;

	if (argc != 2)
		return command_error("record needs one file, or - for standard output");
	snapshot = origin_read(options, NULL);
	if (!snapshot)
		return STATUS_ERROR;
	if (strcmp(argv[1], "-"))
		status = write_file(argv[1], snapshot);
	else
		status = snapshot_write(stdout, snapshot) ? STATUS_OK :
			 command_error("cannot write to standard output");
	for (i = 0; i < snapshot->nr_faults; i++)
		fprintf(stderr, "memtriage: %s\n", snapshot->faults[i]);
	if (status == STATUS_OK)
		status = verdict_status(snapshot);
	snapshot_free(snapshot);
	return status;
}

const struct command command_record = {
	.name = "record",
	.arguments = "FILE",
	.help = "all reports into one file, for --from and diff",
	.run = run,
};
