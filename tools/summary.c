// SPDX-License-Identifier: GPL-2.0
/*
 * summary.c - memtriage summary: the module's own words, with colour and bars on a terminal; without
 * the module the books and the largest of what /proc tells.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "snapshot.h"

#define BOLD	"\033[1m"
#define RED	"\033[1;31m"
#define GREEN	"\033[1;32m"
#define YELLOW	"\033[1;33m"
#define DIM	"\033[2m"
#define NORMAL	"\033[0m"

/* Characters of a bar that stands for all of MemTotal. */
#define BAR	30

/* The largest records of a report that are shown. */
#define TOP	5

static bool begins(const char *line, const char *with)
{
	return !strncmp(line, with, strlen(with));
}

static const char *color_of(const char *line)
{
	if (begins(line, "verdict: ok "))
		return GREEN;
	if (begins(line, "verdict: "))
		return strstr(line, "leak") && !strstr(line, "not a leak") ? RED : YELLOW;
	if (begins(line, "next: "))
		return BOLD;
	if (begins(line, "partial: ") || begins(line, "unavailable: "))
		return YELLOW;
	return *line == ' ' ? NULL : BOLD;
}

/* "  Free   1234 kB   51.7 % ...": the percentage of a line of the ledger, or a negative number. */
static double percent_of(const char *line)
{
	const char *kB = strstr(line, " kB ");
	char *end;
	double percent;

	if (*line != ' ' || !kB)
		return -1;
	percent = strtod(kB + 4, &end);
	return begins(end, " %") ? percent : -1;
}

static void print_bar(double percent)
{
	int full = (int)(percent * BAR / 100 + 0.5);
	int i;

	for (i = 0; i < full && i < BAR; i++)
		fputs("\u2588", stdout);
}

static void print_line(const char *line, bool color)
{
	const char *sequence = color ? color_of(line) : NULL;
	double percent = color ? percent_of(line) : -1;

	printf("%s%s%s", sequence ? sequence : "", line, sequence ? NORMAL : "");
	if (percent > 0) {
		printf("%*s " DIM, strlen(line) < 66 ? (int)(66 - strlen(line)) : 0, "");
		print_bar(percent);
		fputs(NORMAL, stdout);
	}
	fputs("\n", stdout);
}

static void print_books(const struct report *ledger, bool color)
{
	const struct cell *total = report_row(ledger, 0);
	size_t i;

	puts("ledger: every page of MemTotal in one account");
	for (i = 0; i < ledger->nr_records; i++) {
		const struct cell *cells = report_row(ledger, i);
		double percent;
		char line[128];

		if (cells[0].unknown) {
			printf("  %-18s %12s\n", cells[1].text, "-");
			continue;
		}
		if (!cells[0].number)
			continue;
		percent = total->number > 0 ? cells[0].number * 100.0 / total->number : 0;
		snprintf(line, sizeof(line), "  %-18s %s%*lld kB %6.1f %%", cells[1].text,
			 cells[0].estimate ? "~" : " ", 11, cells[0].number, percent);
		print_line(line, color);
	}
}

static void print_top(const struct report *report)
{
	size_t order[TOP];
	size_t nr = 0, i, at;

	/* /proc has no order; the module's reports are sorted already */
	for (i = 0; i < report->nr_records; i++) {
		long long number = report_row(report, i)->number;

		for (at = nr; at && report_row(report, order[at - 1])->number < number; at--) {
			if (at < TOP)
				order[at] = order[at - 1];
		}
		if (at < TOP) {
			order[at] = i;
			nr += nr < TOP;
		}
	}
	printf("%s: %zu records\n", report->name, report->nr_records);
	for (i = 0; i < nr; i++) {
		const struct cell *cells = report_row(report, order[i]);

		printf("  %s%s %s %.60s\n", cells->estimate ? "~" : "", cells->text,
		       report->columns[0], report_subject(report, order[i]));
	}
}

static void print_without_module(const struct snapshot *snapshot, bool color)
{
	unsigned int i;

	printf("host: %s, Linux %s\n", *snapshot->host ? snapshot->host : "-",
	       *snapshot->kernel ? snapshot->kernel : "-");
	puts("no verdict: that is the module's, and so are who owns a merged cache, ghost pages,\n"
	     "all that sockets hold, and balloons");
	for (i = 0; i < snapshot->nr_reports; i++) {
		const struct report *report = snapshot->reports[i];

		if (report->is_book && report->nr_records)
			print_books(report, color);
		else if (report->nr_columns)
			print_top(report);
		if (report->state != REPORT_OK)
			printf("%s: %s: %s\n", report_state_word(report->state), report->name,
			       report->reason);
	}
}

static enum status run(int argc, char **argv, const struct options *options)
{
	static const char *const wanted[] = { "summary", NULL };
	const struct report *summary;
	struct snapshot *snapshot;
	enum status status;
	size_t i;

	(void)argv;
	if (argc > 1)
		return command_error("summary takes no arguments");
	snapshot = origin_read(options, options->json ? NULL : wanted);
	if (!snapshot)
		return STATUS_ERROR;
	summary = snapshot_report(snapshot, "summary");
	status = verdict_status(snapshot);
	if (options->json) {
		if (!json_print_snapshot(snapshot))
			status = command_error("cannot write to standard output");
	} else if (summary) {
		for (i = 0; i < summary->nr_lines; i++)
			print_line(summary->lines[i], options->color);
	} else {
		print_without_module(snapshot, options->color);
	}
	for (i = 0; i < snapshot->nr_faults; i++)
		fprintf(stderr, "memtriage: %s\n", snapshot->faults[i]);
	snapshot_free(snapshot);
	return status;
}

const struct command command_summary = {
	.name = "summary",
	.arguments = "",
	.help = "the verdict, the books, the largest of each report (the default)",
	.run = run,
};
