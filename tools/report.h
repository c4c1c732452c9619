/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A report of memtriage.ko, taken apart: the mirror of module/report.c.
 */
#ifndef MEMTRIAGE_REPORT_H
#define MEMTRIAGE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** REPORT_COLUMNS - columns a report may have; one with more is refused */
#define REPORT_COLUMNS	32

/**
 * enum report_state - how much of a report is there, as its second line says
 * @REPORT_OK: all of it
 * @REPORT_PARTIAL: something is missing, and the reason says what
 * @REPORT_UNAVAILABLE: nothing
 */
enum report_state {
	REPORT_OK,
	REPORT_PARTIAL,
	REPORT_UNAVAILABLE,
};

/*
 * No machine has more kB or objects, and readers of JSON are exact to here (RFC 8259, section 6).
 * As bytes it still is a long long, and so is the difference of two.
 */
#define REPORT_LARGEST	((1LL << 53) - 1)

/**
 * struct cell - one value of one record
 * @text: as printed, without a leading "~"
 * @number: its value, if @is_number: at most REPORT_LARGEST, with either sign; else 0
 * @is_number: the text is a decimal number that a machine can have
 * @estimate: it had a leading "~"
 * @unknown: it is "-"
 */
struct cell {
	const char *text;
	long long number;
	bool is_number;
	bool estimate;
	bool unknown;
};

/**
 * struct report - one report
 * @name: "slab", ...
 * @version: of its text; a meaning never changes under one number
 * @state: how much of it is there
 * @reason: the words for that, or ""
 * @nr_rows: records as its header says
 * @nr_dropped: records that are summed up in "(other)"
 * @took_us: what its collection took
 * @nr_columns: columns of a table; 2 for a book ("kB", "account"); 0 for text
 * @columns: their names
 * @is_book: "Name: N kB" lines, as the ledger has
 * @cells: @nr_records times @nr_columns
 * @nr_records: lines that are records
 * @lines: text for people (the summary); else the notes behind "# "
 * @nr_lines: how many
 * @text: what the strings above point into
 */
struct report {
	const char *name;
	unsigned int version;
	enum report_state state;
	const char *reason;
	long long nr_rows;
	long long nr_dropped;
	long long took_us;
	unsigned int nr_columns;
	const char *columns[REPORT_COLUMNS];
	bool is_book;
	struct cell *cells;
	size_t nr_records;
	const char **lines;
	size_t nr_lines;
	char *text;
};

struct report *report_parse(const char *text, size_t bytes, const char **fault);
void report_free(struct report *report);
void report_print(FILE *out, const struct report *report);

const char *report_state_word(enum report_state state);
int report_column(const struct report *report, const char *column);
const struct cell *report_cell(const struct report *report, size_t record, const char *column);
const struct cell *report_row(const struct report *report, size_t record);
long long report_clamp(long long number);
long long report_sum(long long first, long long second);
const char *report_subject(const struct report *report, size_t record);

#endif /* MEMTRIAGE_REPORT_H */
