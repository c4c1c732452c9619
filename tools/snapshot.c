// SPDX-License-Identifier: GPL-2.0
/*
 * snapshot.c - knows what a snapshot is, in a directory of reports and in a file.
 *
 * The file is the reports one after the other, as the module prints them, behind four lines about
 * the machine: plain text, which people can read and compressors like. A report begins with a line
 * "# memtriage NAME version N".
 */
#include "snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#define FIRST_LINE	"# memtriage-snapshot version 1\n"

/* The order of the summary; reports that are not known here come after, in the order of names. */
static const char *const order[] = {
	"summary", "ledger", "slab", "owners", "content", "vmalloc", "pages", "ghost", "balloon",
	"sockets", "tmpfs", "tasks", "cgroups", "modules", "status",
};

/**
 * snapshot_new() - an empty snapshot of this machine, now
 *
 * Return: the snapshot, for snapshot_free(), or NULL.
 */
struct snapshot *snapshot_new(void)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	struct timespec up;
	struct utsname name;

	if (!snapshot)
		return NULL;
	if (!uname(&name)) {
		snprintf(snapshot->host, sizeof(snapshot->host), "%s", name.nodename);
		snprintf(snapshot->kernel, sizeof(snapshot->kernel), "%s", name.release);
	}
	snapshot->seconds = time(NULL);
	snapshot->uptime = clock_gettime(CLOCK_BOOTTIME, &up) ? -1 : up.tv_sec;
	return snapshot;
}

/**
 * snapshot_free() - give a snapshot back
 * @snapshot: the snapshot, or NULL
 */
void snapshot_free(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	while (snapshot->nr_reports)
		report_free(snapshot->reports[--snapshot->nr_reports]);
	free(snapshot);
}

/**
 * snapshot_fault() - something could not be read
 * @snapshot: the snapshot
 * @format: what, and why
 */
void snapshot_fault(struct snapshot *snapshot, const char *format, ...)
{
	va_list args;

	if (snapshot->nr_faults == SNAPSHOT_REPORTS)
		return;
	va_start(args, format);
	vsnprintf(snapshot->faults[snapshot->nr_faults++], sizeof(snapshot->faults[0]), format,
		  args);
	va_end(args);
}

static unsigned int rank(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(order) / sizeof(*order); i++) {
		if (!strcmp(order[i], name))
			break;
	}
	return i;
}

/**
 * snapshot_next_name() - the report that comes after another one
 * @name: name of a report
 *
 * Return: the name that stands behind it in the order of the summary; after the last, and after one
 * that is not known here, the first.
 */
const char *snapshot_next_name(const char *name)
{
	unsigned int next = rank(name) + 1;

	return order[next < sizeof(order) / sizeof(*order) ? next : 0];
}

/**
 * snapshot_add() - add a report at its place
 * @snapshot: the snapshot
 * @report: the report, which is the snapshot's from now on
 */
void snapshot_add(struct snapshot *snapshot, struct report *report)
{
	unsigned int at = snapshot->nr_reports;

	if (at == SNAPSHOT_REPORTS) {
		snapshot_fault(snapshot, "%s: more than %d reports", report->name,
			       SNAPSHOT_REPORTS);
		report_free(report);
		return;
	}
	while (at && rank(snapshot->reports[at - 1]->name) > rank(report->name)) {
		snapshot->reports[at] = snapshot->reports[at - 1];
		at--;
	}
	snapshot->reports[at] = report;
	snapshot->nr_reports++;
}

/**
 * snapshot_report() - one report by its name
 * @snapshot: the snapshot
 * @name: "slab", ...
 *
 * Return: the report, or NULL if the snapshot does not have it.
 */
const struct report *snapshot_report(const struct snapshot *snapshot, const char *name)
{
	unsigned int i;

	for (i = 0; i < snapshot->nr_reports; i++) {
		if (!strcmp(snapshot->reports[i]->name, name))
			return snapshot->reports[i];
	}
	return NULL;
}

/**
 * snapshot_slurp() - read a whole file, which may be of those that have no size
 * @path: the file; "-" is standard input
 * @bytes: gets its length
 *
 * Return: its bytes and a NUL, for free(); NULL with errno set.
 */
char *snapshot_slurp(const char *path, size_t *bytes)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "r") : stdin;
	size_t room = 65536, used = 0;
	char *text = file ? malloc(room) : NULL;

	while (text) {
		size_t got = fread(text + used, 1, room - used - 1, file);
		char *more;

		used += got;
		if (!got)
			break;
		if (room - used > 1)
			continue;
		more = realloc(text, room *= 2);
		if (!more)
			free(text);
		text = more;
	}
	if (text && ferror(file)) {
		int error = errno;

		free(text);
		text = NULL;
		errno = error;
	}
	if (file && file != stdin) {
		int error = errno;

		fclose(file);
		errno = error;
	}
	if (!text)
		return NULL;
	text[used] = '\0';
	*bytes = used;
	return text;
}

static bool is_wanted(const char *name, const char *const *wanted)
{
	if (*name == '.')
		return false;
	for (; wanted && *wanted; wanted++) {
		if (!strcmp(*wanted, name))
			return true;
	}
	return !wanted;
}

static void read_report(struct snapshot *snapshot, const char *directory, const char *name)
{
	struct report *report;
	const char *fault;
	char path[4096];
	size_t bytes;
	char *text;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	text = snapshot_slurp(path, &bytes);
	if (!text) {
		snapshot_fault(snapshot, "%s: %s", path, strerror(errno));
		return;
	}
	report = report_parse(text, bytes, &fault);
	free(text);
	if (report)
		snapshot_add(snapshot, report);
	else
		snapshot_fault(snapshot, "%s: %s", path, fault);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/**
 * snapshot_read_directory() - read the reports of the module that is loaded
 * @directory: where they stand
 * @wanted: names of reports, NULL after the last; NULL for all there are
 *
 * A report that cannot be read is a fault of the snapshot, and the others are read all the same.
 *
 * Return: the snapshot; NULL if there is no such directory, with errno set.
 */
struct snapshot *snapshot_read_directory(const char *directory, const char *const *wanted)
{
	struct dirent **entries;
	struct snapshot *snapshot;
	int nr, i;

	nr = scandir(directory, &entries, NULL, by_name);
	if (nr < 0)
		return NULL;
	snapshot = snapshot_new();
	for (i = 0; i < nr; i++) {
		if (snapshot && is_wanted(entries[i]->d_name, wanted))
			read_report(snapshot, directory, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	if (snapshot)
		snprintf(snapshot->source, sizeof(snapshot->source), "%s", directory);
	return snapshot;
}

/**
 * snapshot_write() - write a snapshot to a file
 * @out: where to
 * @snapshot: the snapshot
 *
 * Return: false if not all of it could be written.
 */
bool snapshot_write(FILE *out, const struct snapshot *snapshot)
{
	unsigned int i;

	fputs(FIRST_LINE, out);
	fprintf(out, "# host: %s\n# kernel: %s\n# seconds: %lld\n# uptime: %lld\n# source: %s\n",
		snapshot->host, snapshot->kernel, snapshot->seconds, snapshot->uptime,
		snapshot->source);
	for (i = 0; i < snapshot->nr_faults; i++)
		fprintf(out, "# fault: %s\n", snapshot->faults[i]);
	for (i = 0; i < snapshot->nr_reports; i++)
		report_print(out, snapshot->reports[i]);
	return !fflush(out) && !ferror(out);
}

/* The words after "# key: " of a line, or NULL if it is another key. */
static const char *value_of(const char *line, const char *key)
{
	size_t length = strlen(key);

	if (strncmp(line, "# ", 2) || strncmp(line + 2, key, length) ||
	    strncmp(line + 2 + length, ": ", 2))
		return NULL;
	return line + 2 + length + 2;
}

static void copy_value(char *to, size_t size, const char *value, size_t length)
{
	snprintf(to, size, "%.*s", (int)length, value);
}

/* The lines about the machine. Unknown ones are of a later version, and skipped. */
static const char *read_machine(struct snapshot *snapshot, const char *text)
{
	while (*text == '#' && strncmp(text, "# memtriage ", 12)) {
		const char *end = strchr(text, '\n');
		const char *value;

		if (!end)
			end = text + strlen(text);
		if ((value = value_of(text, "host")))
			copy_value(snapshot->host, sizeof(snapshot->host), value, end - value);
		else if ((value = value_of(text, "kernel")))
			copy_value(snapshot->kernel, sizeof(snapshot->kernel), value, end - value);
		else if ((value = value_of(text, "seconds")))
			snapshot->seconds = report_clamp(strtoll(value, NULL, 10));
		else if ((value = value_of(text, "uptime")))
			snapshot->uptime = report_clamp(strtoll(value, NULL, 10));
		else if ((value = value_of(text, "fault")))
			snapshot_fault(snapshot, "%.*s", (int)(end - value), value);
		text = *end ? end + 1 : end;
	}
	return text;
}

/* Where the report at @text ends: where the next one begins. */
static const char *end_of_report(const char *text)
{
	const char *next = strstr(text, "\n# memtriage ");

	return next ? next + 1 : text + strlen(text);
}

/**
 * snapshot_parse() - take a snapshot's text apart
 * @text: the text, NUL-terminated
 * @fault: gets the words for what is wrong with it
 *
 * A report that breaks the form is a fault of the snapshot; the others are read all the same.
 *
 * Return: the snapshot, or NULL if it is none.
 */
struct snapshot *snapshot_parse(const char *text, const char **fault)
{
	struct snapshot *snapshot;

	*fault = "is no snapshot of memtriage (does not begin with \"# memtriage-snapshot version 1\")";
	if (strncmp(text, FIRST_LINE, strlen(FIRST_LINE)))
		return NULL;
	*fault = "there is no memory to read it";
	snapshot = calloc(1, sizeof(*snapshot));
	if (!snapshot)
		return NULL;
	snapshot->uptime = -1;
	text = read_machine(snapshot, text + strlen(FIRST_LINE));
	while (*text) {
		const char *end = end_of_report(text);
		struct report *report = report_parse(text, end - text, fault);

		if (report)
			snapshot_add(snapshot, report);
		else
			snapshot_fault(snapshot, "a report %s", *fault);
		text = end;
	}
	*fault = NULL;
	return snapshot;
}

/**
 * snapshot_read_file() - read a snapshot from a file
 * @path: the file; "-" is standard input
 * @fault: gets the words for what is wrong
 *
 * Return: the snapshot, or NULL.
 */
struct snapshot *snapshot_read_file(const char *path, const char **fault)
{
	struct snapshot *snapshot;
	size_t bytes;
	char *text = snapshot_slurp(path, &bytes);

	if (!text) {
		*fault = strerror(errno);
		return NULL;
	}
	if (strlen(text) != bytes) {
		*fault = "has a NUL byte in it";
		free(text);
		return NULL;
	}
	snapshot = snapshot_parse(text, fault);
	free(text);
	if (snapshot)
		snprintf(snapshot->source, sizeof(snapshot->source), "%s", path);
	return snapshot;
}
