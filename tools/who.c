// SPDX-License-Identifier: GPL-2.0
/*
 * who.c - memtriage who: everything known of one suspect, gathered from all reports.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "snapshot.h"

static bool is_part_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

/* Does the text have the subject as a word of its own: "TSPacket" in "Acpi-Operand,TSPacket"? */
static bool mentions(const char *text, const char *subject)
{
	size_t length = strlen(subject);
	const char *at = text;

	while ((at = strstr(at, subject))) {
		bool begins = at == text || !is_part_of_name(at[-1]) || !is_part_of_name(*subject);

		if (begins && !is_part_of_name(at[length]))
			return true;
		at++;
	}
	return false;
}

/* A number is a pid or an inode, and no size. */
static bool is_named_by(const struct report *report, const struct cell *cells, unsigned int column,
			const char *subject)
{
	const char *name = report->columns[column];

	if (!cells[column].is_number)
		return mentions(cells[column].text, subject);
	return (!strcmp(name, "pid") || !strcmp(name, "inode") || !strcmp(name, "netns") ||
		column + 1 == report->nr_columns) && !strcmp(cells[column].text, subject);
}

static bool matches(const struct report *report, size_t record, const char *subject)
{
	const struct cell *cells = report_row(report, record);
	unsigned int i;

	for (i = 0; i < report->nr_columns; i++) {
		if (is_named_by(report, cells, i, subject))
			return true;
	}
	return false;
}

static void print_record(const struct report *report, size_t record)
{
	const struct cell *cells = report_row(report, record);
	unsigned int i;

	printf("  %s\n   ", report_subject(report, record));
	for (i = 0; i + 1 < report->nr_columns; i++) {
		if (!cells[i].unknown)
			printf(" %s=%s%s", report->columns[i], cells[i].estimate ? "~" : "",
			       cells[i].text);
	}
	puts("");
}

/* All records of a report that is the subject itself, such as "ghost". */
static size_t print_report(const struct report *report, const char *subject)
{
	bool whole = !strcmp(report->name, subject) && report->nr_columns;
	size_t found = 0, i;

	for (i = 0; i < report->nr_records; i++) {
		if (!whole && !matches(report, i, subject))
			continue;
		if (!found++)
			printf("%s:\n", report->name);
		print_record(report, i);
	}
	for (i = 0; i < report->nr_lines; i++) {
		if (!mentions(report->lines[i], subject))
			continue;
		if (!found++)
			printf("%s:\n", report->name);
		printf("  %s\n", report->lines[i] + strspn(report->lines[i], " "));
	}
	return found;
}

static void drop_others(struct snapshot *snapshot, const char *subject)
{
	unsigned int i;

	for (i = 0; i < snapshot->nr_reports; i++) {
		struct report *report = snapshot->reports[i];
		size_t kept = 0, record;

		if (!strcmp(report->name, subject))
			continue;
		for (record = 0; record < report->nr_records; record++) {
			if (!matches(report, record, subject))
				continue;
			memmove(report->cells + kept++ * report->nr_columns,
				report->cells + record * report->nr_columns,
				report->nr_columns * sizeof(*report->cells));
		}
		report->nr_records = kept;
		for (kept = 0, record = 0; record < report->nr_lines; record++) {
			if (mentions(report->lines[record], subject))
				report->lines[kept++] = report->lines[record];
		}
		report->nr_lines = kept;
	}
}

static enum status run(int argc, char **argv, const struct options *options)
{
	struct snapshot *snapshot;
	enum status status;
	size_t found = 0;
	unsigned int i;

	if (argc != 2 || !*argv[1])
		return command_error("who needs one subject: a cache, a module, a function, a pid, ghost");
	snapshot = origin_read(options, NULL);
	if (!snapshot)
		return STATUS_ERROR;
	status = verdict_status(snapshot);
	if (options->json) {
		drop_others(snapshot, argv[1]);
		for (i = 0; i < snapshot->nr_reports; i++)
			found += snapshot->reports[i]->nr_records + snapshot->reports[i]->nr_lines;
		if (!json_print_snapshot(snapshot))
			status = command_error("cannot write to standard output");
	} else {
		for (i = 0; i < snapshot->nr_reports; i++)
			found += print_report(snapshot->reports[i], argv[1]);
	}
	if (!found)
		status = command_error("no report names %s", argv[1]);
	snapshot_free(snapshot);
	return status;
}

const struct command command_who = {
	.name = "who",
	.arguments = "SUBJECT",
	.help = "all that is known of a cache, alias, module, function, pid, or ghost",
	.run = run,
};
