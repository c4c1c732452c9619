// SPDX-License-Identifier: GPL-2.0
/*
 * diff.c - memtriage diff: what grew from one snapshot to another, how fast, and until when.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "growth.h"
#include "snapshot.h"

/* Lines for each report. */
#define LINES	10

/* Caches that are told as one leak. */
#define MEMBERS	8

static void print_time(long long seconds)
{
	if (seconds < 0)
		return;
	if (seconds < 120)
		printf(", exhausted in ~%lld s", seconds);
	else if (seconds < 7200)
		printf(", exhausted in ~%lld min", seconds / 60);
	else if (seconds < 172800)
		printf(", exhausted in ~%lld h", seconds / 3600);
	else
		printf(", exhausted in ~%lld days", seconds / 86400);
}

static bool is_account_of_free(const struct growth *growth)
{
	return !strcmp(growth->report, "ledger") &&
	       (!strncmp(growth->subject, "Free", 4) || !strcmp(growth->subject, "Total"));
}

static void print_growth(const struct growth *growth, const struct snapshot *after,
			 long long seconds)
{
	long long kB = growth->after_kB - growth->before_kB;

	printf("  %s%+lld kB", growth->estimate ? "~" : "", kB);
	if (growth->objects)
		printf(" %+lld objects", growth->objects);
	printf(" %.60s (%lld -> %lld kB", growth->subject, growth->before_kB, growth->after_kB);
	if (seconds > 0) {
		printf("; %+.1f kB/s", (double)kB / seconds);
		if (!is_account_of_free(growth))
			print_time(growth_exhaustion(after, kB, seconds));
	}
	puts(")");
}

static bool print_one_leak(const struct growths *growths)
{
	size_t members[MEMBERS];
	size_t i, j, nr;

	for (i = 0; i < growths->nr; i++) {
		nr = growth_equal(growths, i, members, MEMBERS);
		if (!nr)
			continue;
		printf("one leak: %.*s", (int)strcspn(growths->list[i].subject, ","),
		       growths->list[i].subject);
		for (j = 0; j < nr; j++)
			printf(" + %.*s",
			       (int)strcspn(growths->list[members[j]].subject, ","),
			       growths->list[members[j]].subject);
		printf(": each grew by %lld objects\n", growths->list[i].objects);
		return true;
	}
	return false;
}

static void print_report(const struct growths *growths, const char *report,
			 const struct snapshot *after, long long seconds)
{
	size_t shown = 0, more = 0, i;

	for (i = 0; i < growths->nr; i++) {
		if (strcmp(growths->list[i].report, report))
			continue;
		if (shown == LINES) {
			more++;
			continue;
		}
		if (!shown++)
			printf("%s:\n", report);
		print_growth(&growths->list[i], after, seconds);
	}
	if (more)
		printf("  and %zu more\n", more);
}

static enum status print_json(const struct growths *growths, const struct snapshot *before,
			      const struct snapshot *after)
{
	struct json_object *json = json_object_new_object();
	struct json_object *list = json_object_new_array();
	size_t i;
	int printed;

	json_object_object_add(json, "schema", json_object_new_string("memtriage-diff-1"));
	json_object_object_add(json, "seconds",
			       json_object_new_int64(after->seconds - before->seconds));
	for (i = 0; i < growths->nr; i++) {
		const struct growth *growth = &growths->list[i];
		struct json_object *entry = json_object_new_object();

		json_object_object_add(entry, "report", json_object_new_string(growth->report));
		json_object_object_add(entry, "subject", json_object_new_string(growth->subject));
		json_object_object_add(entry, "before_kB",
				       json_object_new_int64(growth->before_kB));
		json_object_object_add(entry, "after_kB",
				       json_object_new_int64(growth->after_kB));
		json_object_object_add(entry, "objects", json_object_new_int64(growth->objects));
		json_object_object_add(entry, "estimate",
				       json_object_new_boolean(growth->estimate));
		json_object_array_add(list, entry);
	}
	json_object_object_add(json, "changes", list);
	printed = puts(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY |
						      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
	return printed < 0 ? command_error("cannot write to standard output") : STATUS_OK;
}

static enum status compare(const struct snapshot *before, const struct snapshot *after, bool json)
{
	long long seconds = after->seconds - before->seconds;
	enum status status = STATUS_OK;
	struct growths growths;
	unsigned int i;

	if (!growth_find(&growths, before, after))
		return command_error("there is no memory");
	if (json) {
		status = print_json(&growths, before, after);
		growth_free(&growths);
		return status;
	}
	printf("%s, Linux %s: %lld s\n", after->host, after->kernel, seconds);
	if (strcmp(before->host, after->host) || strcmp(before->kernel, after->kernel))
		printf("not the same machine or kernel: %s, Linux %s before\n", before->host,
		       before->kernel);
	else if (seconds < 0)
		puts("the first snapshot is the later one");
	else if (before->uptime >= 0 && after->uptime >= 0 && after->uptime < before->uptime)
		puts("booted in between: what is told is not growth");
	else if (print_one_leak(&growths))
		status = STATUS_LEAK;
	for (i = 0; i < after->nr_reports; i++)
		print_report(&growths, after->reports[i]->name, after, seconds);
	if (!growths.nr)
		puts("nothing has changed");
	growth_free(&growths);
	return status;
}

static enum status run(int argc, char **argv, const struct options *options)
{
	struct snapshot *before, *after;
	enum status status;
	const char *fault;

	if (argc != 3)
		return command_error("diff needs two files: the earlier snapshot and the later one");
	before = snapshot_read_file(argv[1], &fault);
	if (!before)
		return command_error("%s %s", argv[1], fault);
	after = snapshot_read_file(argv[2], &fault);
	if (!after)
		status = command_error("%s %s", argv[2], fault);
	else
		status = compare(before, after, options->json);
	snapshot_free(before);
	snapshot_free(after);
	return status;
}

const struct command command_diff = {
	.name = "diff",
	.arguments = "BEFORE AFTER",
	.help = "what grew between two recorded snapshots, how fast, and until when",
	.run = run,
};
