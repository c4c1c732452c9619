// SPDX-License-Identifier: GPL-2.0
/*
 * report.c - knows the text of a report, and is the only file that does: the mirror of
 * module/report.c.
 *
 * A report comes from a machine in trouble, or from a file that somebody sent: nothing of it is
 * trusted. What breaks the form is a fault in words, never a guess. A version that is newer than
 * what is known here is read as far as the form allows, because columns are only ever added.
 */
#include "report.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC		"# memtriage "
#define STATE		"# state: "
#define BOOK		"# <account>: <kB>"

static const char *const states[] = {
	[REPORT_OK] = "ok",
	[REPORT_PARTIAL] = "partial",
	[REPORT_UNAVAILABLE] = "unavailable",
};

/**
 * report_state_word() - the word for a state
 * @state: the state
 *
 * Return: as the state line has it.
 */
const char *report_state_word(enum report_state state)
{
	return states[state];
}

/* The next line of *rest, which moves on; NULL at the end. Lines end with '\n', which becomes NUL. */
static char *next_line(char **rest)
{
	char *line = *rest;
	char *end;

	if (!line || !*line)
		return NULL;
	end = strchr(line, '\n');
	if (end) {
		*end = '\0';
		*rest = end + 1;
	} else {
		*rest = line + strlen(line);
	}
	return line;
}

/* What is no number leaves @number alone. */
static bool parse_number(const char *text, long long *number)
{
	long long value;
	char *end;

	if (!*text || (*text != '-' && (*text < '0' || *text > '9')))
		return false;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno || *end || end == text || value != report_clamp(value))
		return false;
	*number = value;
	return true;
}

static void set_cell(struct cell *cell, char *text)
{
	*cell = (struct cell) { .text = text };
	if (!strcmp(text, "-")) {
		cell->unknown = true;
		return;
	}
	if (*text == '~' && parse_number(text + 1, &cell->number)) {
		cell->estimate = true;
		cell->is_number = true;
		cell->text = text + 1;
		return;
	}
	cell->is_number = parse_number(text, &cell->number);
}

/* "# memtriage slab version 1" */
static const char *parse_magic(struct report *report, char *line)
{
	long long version;
	char *word;

	if (!line || strncmp(line, MAGIC, strlen(MAGIC)))
		return "does not begin with \"# memtriage NAME version N\"";
	line += strlen(MAGIC);
	word = strstr(line, " version ");
	if (!word || word == line)
		return "names no version";
	*word = '\0';
	if (strpbrk(line, " /"))
		return "has no proper name";
	report->name = line;
	if (!parse_number(word + strlen(" version "), &version) || version < 1 ||
	    version > UINT_MAX)
		return "has no proper version";
	report->version = version;
	return NULL;
}

/* The number after a word of the state line. */
static bool parse_count(char *line, const char *word, long long *number)
{
	char *at = strstr(line, word);
	char *end;

	if (!at)
		return false;
	at += strlen(word);
	errno = 0;
	*number = strtoll(at, &end, 10);
	return !errno && end != at && *number >= 0 && *number <= REPORT_LARGEST;
}

/* "# state: ok; rows 3; dropped 0; took 12 us"; a reason may have semicolons of its own. */
static const char *parse_state(struct report *report, char *line)
{
	char *counts = NULL;
	char *at;
	unsigned int i;

	if (!line || strncmp(line, STATE, strlen(STATE)))
		return "has no state line";
	line += strlen(STATE);
	for (at = line; (at = strstr(at, "; rows ")); at++)
		counts = at;
	if (!counts || !parse_count(counts, "; rows ", &report->nr_rows) ||
	    !parse_count(counts, "; dropped ", &report->nr_dropped) ||
	    !parse_count(counts, "; took ", &report->took_us))
		return "has no counts in its state line";
	*counts = '\0';
	report->reason = "";
	at = strstr(line, ": ");
	if (at) {
		*at = '\0';
		report->reason = at + 2;
	}
	for (i = 0; i < sizeof(states) / sizeof(*states); i++) {
		if (!strcmp(line, states[i])) {
			report->state = i;
			return NULL;
		}
	}
	return "is in an unknown state";
}

/* "# <kB> <objects> <name>" */
static const char *parse_columns(struct report *report, char *line)
{
	char *rest = line + 2;

	while (*rest) {
		char *end = strchr(rest, '>');

		if (*rest != '<' || !end || end == rest + 1)
			return "has no proper line of columns";
		if (report->nr_columns == REPORT_COLUMNS)
			return "has too many columns";
		*end = '\0';
		report->columns[report->nr_columns++] = rest + 1;
		rest = end + 1;
		if (*rest == ' ')
			rest++;
		else if (*rest)
			return "has no proper line of columns";
	}
	return NULL;
}

static struct cell *add_record(struct report *report, size_t *room)
{
	if (report->nr_records == *room) {
		size_t more = *room ? *room * 2 : 64;
		struct cell *cells;

		if (more > SIZE_MAX / sizeof(*cells) / REPORT_COLUMNS)
			return NULL;
		cells = realloc(report->cells, more * report->nr_columns * sizeof(*cells));
		if (!cells)
			return NULL;
		report->cells = cells;
		*room = more;
	}
	return report->cells + report->nr_records++ * report->nr_columns;
}

/* Columns are separated by blanks; the last one has the rest of the line, blanks included. */
static const char *parse_record(struct report *report, char *line, size_t *room)
{
	struct cell *cells = add_record(report, room);
	unsigned int i;

	if (!cells)
		return "is too large for the memory there is";
	for (i = 0; i < report->nr_columns; i++) {
		char *end;

		line += strspn(line, " ");
		if (!*line)
			return "has a record with too few columns";
		if (i + 1 == report->nr_columns) {
			set_cell(&cells[i], line);
			break;
		}
		end = line + strcspn(line, " ");
		if (*end)
			*end++ = '\0';
		set_cell(&cells[i], line);
		line = end;
	}
	return NULL;
}

/* "Total:   2014004 kB" or "Gpu: -" */
static const char *parse_account(struct report *report, char *line, size_t *room)
{
	char *number = strchr(line, ':');
	struct cell *cells;
	char *unit;

	if (!number)
		return "has a line that is no account";
	*number++ = '\0';
	number += strspn(number, " ");
	unit = strstr(number, " kB");
	if (unit)
		*unit = '\0';
	cells = add_record(report, room);
	if (!cells)
		return "is too large for the memory there is";
	set_cell(&cells[0], number);
	set_cell(&cells[1], line);
	if (!cells[0].is_number && !cells[0].unknown)
		return "has an account without a figure";
	return NULL;
}

static bool add_line(struct report *report, const char *line, size_t *room)
{
	if (report->nr_lines == *room) {
		size_t more = *room ? *room * 2 : 64;
		const char **lines = realloc(report->lines, more * sizeof(*lines));

		if (!lines)
			return false;
		report->lines = lines;
		*room = more;
	}
	report->lines[report->nr_lines++] = line;
	return true;
}

/* What comes after the header: a table, a book, or text for people. */
static const char *parse_body(struct report *report, char *rest)
{
	size_t record_room = 0, line_room = 0;
	const char *fault;
	char *line;

	if (!strncmp(rest, BOOK, strlen(BOOK))) {
		next_line(&rest);
		report->is_book = true;
		report->nr_columns = 2;
		report->columns[0] = "kB";
		report->columns[1] = "account";
	} else if (!strncmp(rest, "# <", 3)) {
		fault = parse_columns(report, next_line(&rest));
		if (fault)
			return fault;
	}
	while ((line = next_line(&rest))) {
		if (report->nr_columns && !strncmp(line, "# ", 2)) {
			line += 2;
		} else if (report->nr_columns) {
			fault = report->is_book ? parse_account(report, line, &record_room) :
						  parse_record(report, line, &record_room);
			if (fault)
				return fault;
			continue;
		}
		if (!add_line(report, line, &line_room))
			return "is too large for the memory there is";
	}
	return NULL;
}

/**
 * report_parse() - take a report apart
 * @text: the report; need not end with NUL
 * @bytes: bytes of @text
 * @fault: gets the words for what is wrong with it
 *
 * Return: the report, for report_free(); NULL if it is none, and @fault says why.
 */
struct report *report_parse(const char *text, size_t bytes, const char **fault)
{
	struct report *report = calloc(1, sizeof(*report));
	char *rest;

	*fault = "there is no memory to read it";
	if (!report)
		return NULL;
	if (memchr(text, '\0', bytes)) {
		*fault = "has a NUL byte in it";
		free(report);
		return NULL;
	}
	report->text = malloc(bytes + 1);
	if (!report->text) {
		free(report);
		return NULL;
	}
	memcpy(report->text, text, bytes);
	report->text[bytes] = '\0';
	rest = report->text;
	*fault = parse_magic(report, next_line(&rest));
	if (!*fault)
		*fault = parse_state(report, next_line(&rest));
	if (!*fault)
		*fault = parse_body(report, rest);
	if (*fault) {
		report_free(report);
		return NULL;
	}
	return report;
}

/**
 * report_free() - give a report back
 * @report: the report, or NULL
 */
void report_free(struct report *report)
{
	if (!report)
		return;
	free(report->cells);
	free(report->lines);
	free(report->text);
	free(report);
}

/**
 * report_print() - print a report as the module would
 * @out: where to
 * @report: the report
 *
 * What is printed parses to the same report again.
 */
void report_print(FILE *out, const struct report *report)
{
	bool is_text = !report->nr_columns;
	unsigned int column;
	size_t i;

	fprintf(out, MAGIC "%s version %u\n", report->name, report->version);
	fprintf(out, STATE "%s%s%s; rows %lld; dropped %lld; took %lld us\n",
		states[report->state], *report->reason ? ": " : "", report->reason,
		report->nr_rows, report->nr_dropped, report->took_us);
	if (report->is_book) {
		fputs(BOOK "\n", out);
	} else if (!is_text) {
		fputs("#", out);
		for (column = 0; column < report->nr_columns; column++)
			fprintf(out, " <%s>", report->columns[column]);
		fputs("\n", out);
	}
	for (i = 0; i < report->nr_records; i++) {
		const struct cell *cells = report_row(report, i);

		if (report->is_book) {
			fprintf(out, "%s: %s%s\n", cells[1].text, cells[0].text,
				cells[0].unknown ? "" : " kB");
			continue;
		}
		/* a blank, as the parser allows: a "#" would make it a note */
		if (*cells[0].text == '#')
			fputs(" ", out);
		for (column = 0; column < report->nr_columns; column++)
			fprintf(out, "%s%s%s", column ? " " : "",
				cells[column].estimate ? "~" : "", cells[column].text);
		fputs("\n", out);
	}
	for (i = 0; i < report->nr_lines; i++)
		fprintf(out, "%s%s\n", is_text ? "" : "# ", report->lines[i]);
}

/**
 * report_column() - which column has this name
 * @report: the report
 * @column: the name
 *
 * Return: its index, or -1.
 */
int report_column(const struct report *report, const char *column)
{
	unsigned int i;

	for (i = 0; i < report->nr_columns; i++) {
		if (!strcmp(report->columns[i], column))
			return i;
	}
	return -1;
}

/**
 * report_row() - the cells of a record
 * @report: the report
 * @record: which one, below its number of records
 *
 * Return: as many cells as it has columns.
 */
const struct cell *report_row(const struct report *report, size_t record)
{
	return report->cells + record * report->nr_columns;
}

/**
 * report_cell() - one cell by the name of its column
 * @report: the report
 * @record: which record
 * @column: the column's name
 *
 * Return: the cell, or NULL if there is no such column or record.
 */
const struct cell *report_cell(const struct report *report, size_t record, const char *column)
{
	int i = report_column(report, column);

	if (i < 0 || record >= report->nr_records)
		return NULL;
	return report_row(report, record) + i;
}

/**
 * report_clamp() - bring a number to where sums and differences of two are numbers
 * @number: the number
 *
 * Only a file that lies has a larger one.
 *
 * Return: the number; REPORT_LARGEST, with its sign, if it is larger.
 */
long long report_clamp(long long number)
{
	if (number > REPORT_LARGEST)
		return REPORT_LARGEST;
	return number < -REPORT_LARGEST ? -REPORT_LARGEST : number;
}

/**
 * report_sum() - add two figures of reports
 * @first: a figure, or such a sum
 * @second: another
 *
 * Return: the sum, clamped.
 */
long long report_sum(long long first, long long second)
{
	return report_clamp(first + second);
}

/**
 * report_subject() - what a record is about
 * @report: the report
 * @record: which record
 *
 * Return: the text of its last column.
 */
const char *report_subject(const struct report *report, size_t record)
{
	return report_row(report, record)[report->nr_columns - 1].text;
}
