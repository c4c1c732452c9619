// SPDX-License-Identifier: GPL-2.0
/*
 * watch.c - memtriage watch: one line each interval for each account that grows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "growth.h"
#include "snapshot.h"

/* Less than this between two looks is breathing. */
#define WORTH_KB	1024

static bool grows(const struct growth *growth)
{
	return strcmp(growth->report, "ledger") == 0 && strncmp(growth->subject, "Free", 4) &&
	       growth->after_kB - growth->before_kB >= WORTH_KB;
}

static enum status show(const struct snapshot *first, const struct snapshot *before,
			const struct snapshot *now)
{
	long long seconds = now->seconds - before->seconds;
	struct growths growths, since_start;
	char when[32];
	struct tm tm;
	time_t time = now->seconds;
	size_t i, j;

	if (!growth_find(&growths, before, now))
		return command_error("there is no memory");
	if (!growth_find(&since_start, first, now)) {
		growth_free(&growths);
		return command_error("there is no memory");
	}
	localtime_r(&time, &tm);
	strftime(when, sizeof(when), "%H:%M:%S", &tm);
	for (i = 0; i < growths.nr; i++) {
		const struct growth *growth = &growths.list[i];
		long long kB = growth->after_kB - growth->before_kB;

		if (!grows(growth))
			continue;
		printf("%s %-18s %+10lld kB", when, growth->subject, kB);
		if (seconds > 0)
			printf(" %+9.1f kB/s", (double)kB / seconds);
		for (j = 0; j < since_start.nr; j++) {
			const struct growth *all = &since_start.list[j];

			if (!strcmp(all->report, "ledger") &&
			    !strcmp(all->subject, growth->subject))
				printf(", %+lld kB since start", all->after_kB - all->before_kB);
		}
		puts("");
	}
	growth_free(&growths);
	growth_free(&since_start);
	return fflush(stdout) ? command_error("cannot write to standard output") : STATUS_OK;
}

static bool parse(const char *text, long min, long max, long *number)
{
	char *end;

	*number = strtol(text, &end, 10);
	return *text && !*end && *number >= min && *number <= max;
}

static enum status run(int argc, char **argv, const struct options *options)
{
	static const char *const wanted[] = { "ledger", NULL };
	struct snapshot *first, *before;
	enum status status = STATUS_OK;
	long seconds = 5, times = 0;

	if (argc > 3 || (argc > 1 && !parse(argv[1], 1, 86400, &seconds)) ||
	    (argc > 2 && !parse(argv[2], 1, 1000000000, &times)))
		return command_error("watch takes an interval in seconds, and how many of them");
	if (options->from || options->root)
		return command_error("a snapshot stands still: watch looks at this machine");
	before = first = origin_read(options, wanted);
	if (!first)
		return STATUS_ERROR;
	while (status == STATUS_OK) {
		struct snapshot *now;

		sleep(seconds);
		now = origin_read(options, wanted);
		status = now ? show(first, before, now) : STATUS_ERROR;
		if (before != first)
			snapshot_free(before);
		before = now;
		if (times && !--times)
			break;
	}
	if (before != first)
		snapshot_free(before);
	snapshot_free(first);
	return status;
}

const struct command command_watch = {
	.name = "watch",
	.arguments = "[SECONDS [TIMES]]",
	.help = "one line each interval for each account of the books that grows",
	.run = run,
};
