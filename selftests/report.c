// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a report, takes it apart, and judges its form: the header, the state,
 * the columns, one record a line, sorted, bounded, and no kernel address.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest.h"

#include "report.h"

#define DEBUGFS_DIR	"/sys/kernel/debug/memtriage"
#define PROC_DIR	"/proc/memtriage"
#define READ_BYTES	65536
#define OTHER		"(other)"

/* The columns that hold words; every other column holds a number. */
static const char * const word_columns[] = {
	"reclaim", "names", "kind", "module", "caller", "in_total", "source",
	"driver", "state", "collector", "basis", "root", "holder", "name",
	"cache", "offset", "what", "managed", "class", "owner", "evidence",
	"family", "type", "comm", "fstype", "dev", "where", "path", "missing",
};

/**
 * report_dir - where the reports are now
 *
 * Return: the directory in debugfs, or the one in proc where debugfs has none.
 */
const char *report_dir(void)
{
	return access(DEBUGFS_DIR, F_OK) ? PROC_DIR : DEBUGFS_DIR;
}

/**
 * report_slurp - read a file to its end
 * @path: the file
 * @bytes: gets its size
 *
 * Return: its bytes and a NUL, to be freed, or NULL with errno set.
 */
char *report_slurp(const char *path, size_t *bytes)
{
	size_t room = READ_BYTES;
	size_t used = 0;
	char *text;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY);
	if (fd < 0)
		return NULL;
	text = malloc(room + 1);
	while ((n = read(fd, text + used, room - used)) > 0) {
		used += n;
		if (used == room) {
			room *= 2;
			text = realloc(text, room + 1);
		}
	}
	if (n < 0) {
		int err = errno;

		free(text);
		close(fd);
		errno = err;
		return NULL;
	}
	close(fd);
	text[used] = '\0';
	*bytes = used;
	return text;
}

static __printf(2, 3) void fault(struct report *report, const char *fmt, ...)
{
	va_list args;

	if (report->fault)
		return;
	va_start(args, fmt);
	if (vasprintf(&report->fault, fmt, args) < 0)
		report->fault = strdup("out of memory");
	va_end(args);
}

static bool is_word_column(const char *column)
{
	size_t i;

	for (i = 0; i < sizeof(word_columns) / sizeof(*word_columns); i++) {
		if (!strcmp(column, word_columns[i]))
			return true;
	}
	return false;
}

/* "-", or digits with an optional sign, after an optional "~". */
static bool is_number(const char *cell)
{
	if (!strcmp(cell, "-"))
		return true;
	if (*cell == '~')
		cell++;
	if (*cell == '-')
		cell++;
	if (!isdigit(*cell))
		return false;
	return cell[strspn(cell, "0123456789")] == '\0';
}

static long long cell_number(const char *cell)
{
	if (!strcmp(cell, "-"))
		return NO_NUMBER;
	return strtoll(cell + (*cell == '~'), NULL, 10);
}

/*
 * A word of nine or more hexadecimal digits with a letter among them, or with
 * 0x before it, is an address: sizes and counts are decimal, and no offset in a
 * function is that large.
 */
static bool has_address(const char *line)
{
	const char *at = line;

	while (*at) {
		size_t digits = strspn(at, "0123456789abcdefABCDEF");
		bool starts = at == line || !(isalnum(at[-1]) || at[-1] == '_');
		bool ends = !(isalnum(at[digits]) || at[digits] == '_');
		bool letters = strcspn(at, "abcdefABCDEF") < digits;

		if (at - line >= 2 && at[-1] == 'x' && at[-2] == '0') {
			letters = true;
			starts = true;
		}
		if (digits > 8 && starts && ends && letters)
			return true;
		at += digits ? digits : 1;
	}
	return false;
}

static void parse_state(struct report *report, char *line)
{
	static const char head[] = "# state: ";
	char *colon;
	char *rest;
	int end = 0;

	if (strncmp(line, head, strlen(head))) {
		fault(report, "no state line: %s", line);
		return;
	}
	/* The reason may itself contain a semicolon: the counts are last. */
	rest = line;
	for (char *at = line; (at = strstr(at, "; rows ")); at++)
		rest = at;
	if (sscanf(rest, "; rows %ld; dropped %ld; took %ld us%n",
		   &report->nr_rows, &report->nr_dropped, &report->took_us,
		   &end) != 3 || !end || rest[end]) {
		fault(report, "state line without counts: %s", line);
		return;
	}
	*rest = '\0';
	report->state = line + strlen(head);
	colon = strstr(report->state, ": ");
	report->reason = "";
	if (colon) {
		*colon = '\0';
		report->reason = colon + 2;
	}
	if (strcmp(report->state, "ok") && strcmp(report->state, "partial") &&
	    strcmp(report->state, "unavailable"))
		fault(report, "no such state: %s", report->state);
	if (strcmp(report->state, "ok") && !*report->reason)
		fault(report, "%s, and not said why", report->state);
}

/* False if this is no line that names columns: a text has none. */
static bool parse_columns(struct report *report, char *line, bool is_book)
{
	char *save;
	char *word;

	if (is_book)
		return !strcmp(line, "# <account>: <kB>");
	if (strncmp(line, "# <", 3))
		return false;
	for (word = strtok_r(line + 2, " ", &save); word;
	     word = strtok_r(NULL, " ", &save)) {
		size_t bytes = strlen(word);

		if (word[0] != '<' || word[bytes - 1] != '>' ||
		    report->nr_columns == REPORT_COLUMNS_MAX) {
			fault(report, "bad column %s", word);
			return true;
		}
		word[bytes - 1] = '\0';
		report->columns[report->nr_columns++] = word + 1;
	}
	return true;
}

static void add_comment(struct report *report, char *words)
{
	size_t bytes = (report->nr_comments + 1) * sizeof(*report->comments);

	report->comments = realloc(report->comments, bytes);
	report->comments[report->nr_comments++] = words;
}

static void add_record(struct report *report, char **cells)
{
	size_t bytes = (report->nr_records + 1) * sizeof(*report->records);

	report->records = realloc(report->records, bytes);
	report->records[report->nr_records++] = cells;
}

static void parse_record(struct report *report, char *line)
{
	char **cells = calloc(report->nr_columns, sizeof(*cells));
	char *at = line;
	int i;

	for (i = 0; i < report->nr_columns; i++) {
		at += strspn(at, " ");
		cells[i] = at;
		/* The last column is free text, to the end of the line. */
		if (i + 1 < report->nr_columns) {
			at += strcspn(at, " ");
			if (*at)
				*at++ = '\0';
		}
		if (!*cells[i])
			fault(report, "record %d has no <%s>",
			      report->nr_records, report->columns[i]);
		else if (!is_word_column(report->columns[i]) &&
			 !is_number(cells[i]))
			fault(report, "record %d: <%s> is not a number: %s",
			      report->nr_records, report->columns[i], cells[i]);
	}
	add_record(report, cells);
}

static void parse_account(struct report *report, char *line)
{
	char **cells = calloc(2, sizeof(*cells));
	char *number;
	char *unit;

	number = strchr(line, ':');
	if (!number || number == line) {
		fault(report, "not an account: %s", line);
		free(cells);
		return;
	}
	*number++ = '\0';
	number += strspn(number, " ");
	unit = number + strcspn(number, " ");
	if (strcmp(number, "-") && strcmp(unit, " kB"))
		fault(report, "account %s has no unit", line);
	*unit = '\0';
	if (!is_number(number))
		fault(report, "account %s: not a number: %s", line, number);
	cells[0] = line;
	cells[1] = number;
	add_record(report, cells);
}

static void parse_text(struct report *report, char *line)
{
	char **cells = calloc(1, sizeof(*cells));

	cells[0] = line;
	add_record(report, cells);
}

static void check_rows(struct report *report, bool is_text)
{
	int nr_records = report->nr_records;
	long long previous = 0;
	int i;

	/* A text's rows are its lines. */
	if (is_text)
		nr_records += report->nr_comments;
	/* "(other)" is a record like the others, but for its place. */
	if (nr_records != report->nr_rows)
		fault(report, "%ld rows said, %d printed", report->nr_rows,
		      nr_records);
	if (!report->nr_columns)
		return;
	if (report->nr_dropped) {
		const char *last = nr_records-- ?
			report->records[nr_records][report->nr_columns - 1] :
			"nothing";

		if (strcmp(last, OTHER))
			fault(report, "rows were dropped, and last is %s", last);
	}
	if (is_word_column(report->columns[0]))
		return;
	for (i = 0; i < nr_records; i++) {
		long long number = cell_number(report->records[i][0]);

		/* What is unknown has no place in the order. */
		if (number == NO_NUMBER)
			continue;
		if (i && number > previous)
			fault(report, "record %d is larger than the one above",
			      i);
		previous = number;
	}
}

/**
 * report_parse - take a report apart and judge its form
 * @name: which report it should be
 * @text: its bytes, owned by the report from now on
 * @bytes: how many
 *
 * Return: the report; see its @fault.
 */
struct report *report_parse(const char *name, char *text, size_t bytes)
{
	struct report *report = calloc(1, sizeof(*report));
	bool is_book = !strcmp(name, "ledger");
	bool is_text = !strcmp(name, "summary");
	char *rest;
	int nr_lines = 0;
	char head[80];
	char *line;
	size_t i;

	/* @text stays as read; the cells point into a copy, cut in pieces. */
	report->copy = malloc(bytes + 1);
	memcpy(report->copy, text, bytes + 1);
	rest = report->copy;
	report->text = text;
	report->bytes = bytes;
	if (!bytes || text[bytes - 1] != '\n')
		fault(report, "does not end in a newline (%zu bytes)", bytes);
	for (i = 0; i < bytes; i++) {
		/* UTF-8 has its place in the summary's dashes. */
		if (text[i] != '\n' && !isprint(text[i]) && !(text[i] & 0x80))
			fault(report, "byte %d at %zu", text[i], i);
	}

	snprintf(head, sizeof(head), "# memtriage %s version 1", name);
	while ((line = strsep(&rest, "\n"))) {
		if (!rest && !*line)
			break;
		if (has_address(line))
			fault(report, "kernel address: %s", line);
		nr_lines++;
		if (nr_lines == 1) {
			if (strcmp(line, head))
				fault(report, "first line: %s", line);
		} else if (nr_lines == 2) {
			parse_state(report, line);
		} else if (nr_lines == 3 && parse_columns(report, line, is_book)) {
			continue;
		} else if (*line == '#') {
			add_comment(report, line + 1 + strspn(line + 1, " "));
		} else if (is_text) {
			parse_text(report, line);
		} else if (is_book) {
			parse_account(report, line);
		} else if (!report->nr_columns) {
			fault(report, "a record, and no columns: %s", line);
		} else {
			parse_record(report, line);
		}
	}
	if (nr_lines < 2)
		fault(report, "no header");
	if (!is_book && !is_text && !report->nr_columns)
		fault(report, "no columns");
	if (report->state && !strcmp(report->state, "unavailable")) {
		if (report->nr_records)
			fault(report, "unavailable, and has records");
	} else {
		check_rows(report, is_text);
	}
	return report;
}

/**
 * report_read - read a report where it stands now
 * @name: the file's name
 *
 * Return: the report, or NULL with errno set when it cannot be read.
 */
struct report *report_read(const char *name)
{
	char path[256];
	size_t bytes;
	char *text;

	snprintf(path, sizeof(path), "%s/%s", report_dir(), name);
	text = report_slurp(path, &bytes);
	if (!text)
		return NULL;
	return report_parse(name, text, bytes);
}

/**
 * report_free - forget a report
 * @report: it, or NULL
 */
void report_free(struct report *report)
{
	int i;

	if (!report)
		return;
	for (i = 0; i < report->nr_records; i++)
		free(report->records[i]);
	free(report->records);
	free(report->comments);
	free(report->fault);
	free(report->copy);
	free(report->text);
	free(report);
}

/**
 * report_column - the place of a column
 * @report: the report
 * @column: its name
 *
 * Return: its index, or -1.
 */
int report_column(const struct report *report, const char *column)
{
	int i;

	for (i = 0; i < report->nr_columns; i++) {
		if (!strcmp(report->columns[i], column))
			return i;
	}
	return -1;
}

/**
 * report_text - a cell as printed
 * @report: the report
 * @record: which record
 * @column: which column
 *
 * Return: the cell, or "" if there is no such record or column.
 */
const char *report_text(const struct report *report, int record,
			const char *column)
{
	int i = report_column(report, column);

	if (i < 0 || record < 0 || record >= report->nr_records)
		return "";
	return report->records[record][i];
}

/**
 * report_number - a cell as a number
 * @report: the report
 * @record: which record
 * @column: which column
 *
 * Return: the number, or NO_NUMBER for "-" and for what is not there.
 */
long long report_number(const struct report *report, int record,
			const char *column)
{
	const char *cell = report_text(report, record, column);

	return *cell ? cell_number(cell) : NO_NUMBER;
}

/**
 * report_is_exact - whether a cell is a number without "~"
 * @report: the report
 * @record: which record
 * @column: which column
 *
 * Return: true if it is.
 */
bool report_is_exact(const struct report *report, int record,
		     const char *column)
{
	const char *cell = report_text(report, record, column);

	return *cell && strcmp(cell, "-") && *cell != '~';
}

/**
 * report_find - the first record with this text in a column
 * @report: the report
 * @column: which column
 * @text: the whole cell
 *
 * Return: the record, or -1.
 */
int report_find(const struct report *report, const char *column,
		const char *text)
{
	int i;

	for (i = 0; i < report->nr_records; i++) {
		if (!strcmp(report_text(report, i, column), text))
			return i;
	}
	return -1;
}

/**
 * report_find_name - the record that has a name among its <names>
 * @report: the slab report
 * @name: the name
 *
 * Return: the record, or -1.
 */
int report_find_name(const struct report *report, const char *name)
{
	size_t bytes = strlen(name);
	int i;

	for (i = 0; i < report->nr_records; i++) {
		const char *at = report_text(report, i, "names");

		while (*at) {
			size_t length = strcspn(at, ",");

			if (length == bytes && !strncmp(at, name, bytes))
				return i;
			at += length;
			at += strspn(at, ", ");
		}
	}
	return -1;
}

/**
 * report_sum - the sum of a column over all records
 * @report: the report
 * @column: which column; "-" counts as nothing
 *
 * Return: the sum.
 */
long long report_sum(const struct report *report, const char *column)
{
	long long sum = 0;
	int i;

	for (i = 0; i < report->nr_records; i++) {
		long long number = report_number(report, i, column);

		if (number != NO_NUMBER)
			sum += number;
	}
	return sum;
}

/**
 * report_comment - the first comment that contains a text
 * @report: the report
 * @part: the text
 *
 * Return: the comment, or NULL.
 */
const char *report_comment(const struct report *report, const char *part)
{
	int i;

	for (i = 0; i < report->nr_comments; i++) {
		if (strstr(report->comments[i], part))
			return report->comments[i];
	}
	return NULL;
}

/**
 * report_has_account - whether the ledger has a line for an account
 * @report: the ledger
 * @account: its name
 *
 * Return: true, also if its value is "-".
 */
bool report_has_account(const struct report *report, const char *account)
{
	int i;

	for (i = 0; i < report->nr_records; i++) {
		if (!strcmp(report->records[i][0], account))
			return true;
	}
	return false;
}

/**
 * report_account - an account of the ledger
 * @report: the ledger
 * @account: its name
 *
 * Return: kB, or NO_NUMBER for "-" and for what is not there.
 */
long long report_account(const struct report *report, const char *account)
{
	int i;

	for (i = 0; i < report->nr_records; i++) {
		if (!strcmp(report->records[i][0], account))
			return cell_number(report->records[i][1]);
	}
	return NO_NUMBER;
}
