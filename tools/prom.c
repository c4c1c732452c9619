// SPDX-License-Identifier: GPL-2.0
/*
 * prom.c - memtriage prom: the figures as OpenMetrics text, for node_exporter's textfile collector.
 *
 * Cardinality is bounded: of a report with as many records as a machine has caches or processes,
 * the largest SERIES become series, and the rest one with the subject "(other)".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "snapshot.h"

#define SERIES	20

/* struct metric - a report of which records become series */
struct metric {
	const char *report;
	const char *label;
};

static const struct metric metrics[] = {
	{ "slab", "cache" },	{ "vmalloc", "caller" },  { "owners", "name" },
	{ "pages", "class" },	{ "ghost", "owner" },	  { "balloon", "driver" },
	{ "tmpfs", "where" },	{ "cgroups", "path" },	  { "modules", "module" },
};

/*
 * Bytes of the well-formed UTF-8 character at @text, or 0. A path may have any bytes in it, and one
 * label that is not UTF-8 makes node_exporter refuse the whole file.
 */
static size_t utf8_bytes(const char *text, size_t room)
{
	const unsigned char *byte = (const unsigned char *)text;
	size_t length = byte[0] < 0x80 ? 1 : byte[0] < 0xc2 ? 0 : byte[0] < 0xe0 ? 2 :
			byte[0] < 0xf0 ? 3 : byte[0] < 0xf5 ? 4 : 0;
	size_t i;

	if (length > room)
		return 0;
	for (i = 1; i < length; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
	}
	/* overlong forms, surrogates, and what is beyond U+10FFFF */
	if ((byte[0] == 0xe0 && byte[1] < 0xa0) || (byte[0] == 0xed && byte[1] > 0x9f) ||
	    (byte[0] == 0xf0 && byte[1] < 0x90) || (byte[0] == 0xf4 && byte[1] > 0x8f))
		return 0;
	return length;
}

/* A label's value: quotes and backslashes are escaped, what is not UTF-8 becomes a "?". */
static void print_label(const char *name, const char *value, size_t length)
{
	size_t i = 0;

	printf("%s=\"", name);
	while (i < length) {
		size_t bytes = utf8_bytes(value + i, length - i);

		if (value[i] == '"' || value[i] == '\\')
			putchar('\\');
		if (bytes)
			fwrite(value + i, 1, bytes, stdout);
		else
			putchar('?');
		i += bytes + !bytes;
	}
	putchar('"');
}

static void print_family(const char *name, const char *unit, const char *help)
{
	printf("# TYPE %s gauge\n", name);
	if (unit)
		printf("# UNIT %s %s\n", name, unit);
	printf("# HELP %s %s\n", name, help);
}

static void print_ledger(const struct report *ledger)
{
	size_t i;

	print_family("memtriage_ledger_bytes", "bytes",
		     "Every page of MemTotal in one account; account Ghost is shown by no other counter.");
	for (i = 0; i < ledger->nr_records; i++) {
		const struct cell *cells = report_row(ledger, i);

		if (cells[0].unknown)
			continue;
		printf("memtriage_ledger_bytes{");
		print_label("account", cells[1].text, strlen(cells[1].text));
		printf("} %lld\n", cells[0].number * 1024);
	}
}

/* The size that memory is: the first column, but for vmalloc, where that is address space. */
static int size_column(const struct report *report)
{
	int column = report_column(report, "pages_kB");

	return column < 0 ? 0 : column;
}

/*
 * Several records may have one subject (a function that asks for areas of two kinds): they are one
 * series, or it would be there twice, which a scraper refuses.
 */
static void print_records(const struct report *report, const char *label)
{
	int column = size_column(report);
	long long other = 0;
	size_t shown = 0, i, j;

	for (i = 0; i < report->nr_records; i++) {
		const char *subject = report_subject(report, i);
		size_t length = strcspn(subject, ",");
		long long kB = 0;
		bool seen = false;

		for (j = 0; j < report->nr_records && !seen; j++) {
			const char *twin = report_subject(report, j);

			if (strcspn(twin, ",") != length || strncmp(twin, subject, length))
				continue;
			seen = j < i;
			kB = report_sum(kB, report_row(report, j)[column].number);
		}
		if (seen)
			continue;
		if (shown >= SERIES || !strcmp(subject, "(other)")) {
			other = report_sum(other, kB);
			continue;
		}
		shown++;
		printf("memtriage_%s_bytes{", report->name);
		print_label(label, subject, length);
		printf("} %lld\n", kB * 1024);
	}
	printf("memtriage_%s_bytes{%s=\"(other)\"} %lld\n", report->name, label, other * 1024);
}

static void print_verdicts(const struct snapshot *snapshot, const struct report *summary)
{
	bool seen[16] = { };
	static const char *const kinds[] = {
		"cache", "process", "tmpfs", "slab", "vmalloc", "pages", "sockets", "balloon",
		"hugetlb", "pcp", "cgroup", "counter-drift",
	};
	size_t i, k;

	for (i = 0; i < summary->nr_lines; i++) {
		const char *line = summary->lines[i];

		if (strncmp(line, "verdict: ", 9))
			continue;
		for (k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
			size_t length = strlen(kinds[k]);

			seen[k] |= !strncmp(line + 9, kinds[k], length) && line[9 + length] == ' ';
		}
	}
	print_family("memtriage_verdict", NULL, "1 if the summary names a suspect of this kind.");
	for (k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		printf("memtriage_verdict{kind=\"%s\"} %d\n", kinds[k], seen[k]);
	print_family("memtriage_status", NULL,
		     "The verdict: 0 ok, 1 something is large, 2 evidence of a leak.");
	printf("memtriage_status %d\n", verdict_status(snapshot));
}

static enum status run(int argc, char **argv, const struct options *options)
{
	struct snapshot *snapshot;
	const struct report *report;
	char name[64];
	unsigned int i;

	(void)argv;
	if (argc > 1)
		return command_error("prom takes no arguments: it prints to standard output");
	snapshot = origin_read(options, NULL);
	if (!snapshot)
		return STATUS_ERROR;
	report = snapshot_report(snapshot, "ledger");
	if (report && report->nr_columns)
		print_ledger(report);
	for (i = 0; i < sizeof(metrics) / sizeof(*metrics); i++) {
		report = snapshot_report(snapshot, metrics[i].report);
		if (!report || !report->nr_columns || report->state == REPORT_UNAVAILABLE)
			continue;
		snprintf(name, sizeof(name), "memtriage_%s_bytes", report->name);
		print_family(name, "bytes", "The largest records of the report, and the rest.");
		print_records(report, metrics[i].label);
	}
	report = snapshot_report(snapshot, "summary");
	if (report)
		print_verdicts(snapshot, report);
	print_family("memtriage_report_state", NULL, "0 ok, 1 partial, 2 unavailable.");
	for (i = 0; i < snapshot->nr_reports; i++)
		printf("memtriage_report_state{report=\"%s\"} %d\n", snapshot->reports[i]->name,
		       snapshot->reports[i]->state);
	puts("# EOF");
	snapshot_free(snapshot);
	return fflush(stdout) || ferror(stdout) ?
	       command_error("cannot write to standard output") : STATUS_OK;
}

const struct command command_prom = {
	.name = "prom",
	.arguments = "",
	.help = "OpenMetrics text for node_exporter's textfile collector",
	.run = run,
};
