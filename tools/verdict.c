// SPDX-License-Identifier: GPL-2.0
/*
 * verdict.c - knows what the module's verdicts mean for an exit status. It judges nothing itself.
 */
#include <string.h>

#include "command.h"
#include "snapshot.h"

/**
 * verdict_status() - the exit status that the summary's verdicts ask for
 * @snapshot: the snapshot
 *
 * Return: STATUS_LEAK if a verdict has the word leak, which the module keeps for evidence;
 * STATUS_LARGE for any other than ok; STATUS_OK for ok, and without a summary.
 */
enum status verdict_status(const struct snapshot *snapshot)
{
	const struct report *summary = snapshot_report(snapshot, "summary");
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; summary && i < summary->nr_lines; i++) {
		const char *line = summary->lines[i];

		if (strncmp(line, "verdict: ", 9) || !strncmp(line, "verdict: ok ", 12))
			continue;
		if (strstr(line, "leak") && !strstr(line, "not a leak"))
			return STATUS_LEAK;
		status = STATUS_LARGE;
	}
	return status;
}
