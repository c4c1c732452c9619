/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All reports of one machine at one time: read from the module, from /proc where there is no
 * module, or from a file.
 */
#ifndef MEMTRIAGE_SNAPSHOT_H
#define MEMTRIAGE_SNAPSHOT_H

#include <stdbool.h>
#include <stdio.h>

#include "report.h"

/** SNAPSHOT_REPORTS - reports that a snapshot can have */
#define SNAPSHOT_REPORTS	32

/**
 * struct snapshot - all reports of one machine at one time
 * @host: its name
 * @kernel: release of its kernel
 * @seconds: when, in seconds since 1970
 * @uptime: seconds since the machine was booted; -1 unknown
 * @source: where the reports come from, in words
 * @reports: the reports, in the order in which the summary shows them
 * @nr_reports: how many
 * @faults: what could not be read, and why, one line each
 * @nr_faults: how many
 */
struct snapshot {
	char host[65];
	char kernel[65];
	long long seconds;
	long long uptime;
	char source[256];
	struct report *reports[SNAPSHOT_REPORTS];
	unsigned int nr_reports;
	char faults[SNAPSHOT_REPORTS][256];
	unsigned int nr_faults;
};

/* What a command needs of the reports: NULL for all. */
struct snapshot *snapshot_read_directory(const char *directory, const char *const *wanted);
struct snapshot *snapshot_read_file(const char *path, const char **fault);
struct snapshot *snapshot_parse(const char *text, const char **fault);
struct snapshot *snapshot_new(void);
void snapshot_add(struct snapshot *snapshot, struct report *report);
__attribute__((format(printf, 2, 3)))
void snapshot_fault(struct snapshot *snapshot, const char *format, ...);
void snapshot_free(struct snapshot *snapshot);
bool snapshot_write(FILE *out, const struct snapshot *snapshot);

const struct report *snapshot_report(const struct snapshot *snapshot, const char *name);
const char *snapshot_next_name(const char *name);
char *snapshot_slurp(const char *path, size_t *bytes);

#endif /* MEMTRIAGE_SNAPSHOT_H */
