// SPDX-License-Identifier: GPL-2.0
/*
 * report.c - knows the text format, and is the only file that does.
 *
 * Printing is pure: record N of a snapshot is the same text however often it is asked for, because
 * seq_file asks again when its buffer was too small or a reader seeks.
 */
#include "report.h"

#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "snapshot.h"

/* The header's lines, then the records, then the notes. */
#define HEADER_LINES	3

static const char *const states[] = {
	[MT_OK] = "ok",
	[MT_PARTIAL] = "partial",
	[MT_UNAVAILABLE] = "unavailable",
};

/* The one character beyond ASCII that our own lines have. */
#define DASH	"\xe2\x80\x94"

/*
 * struct line - what is printed goes straight into the buffer of seq_file, which is much cheaper
 * than a call for each piece of a table
 * @start: where the line begins
 * @at: where the next character goes
 * @end: end of the buffer
 * @full: it did not fit: seq_file asks for this record once more, with a larger buffer
 */
struct line {
	char *start;
	char *at;
	char *end;
	bool full;
};

static struct line begin_line(struct seq_file *seq)
{
	struct line line = { };
	size_t room = seq_get_buf(seq, &line.start);

	line.at = line.start;
	line.end = line.start + room;
	return line;
}

static void end_line(struct seq_file *seq, const struct line *line)
{
	seq_commit(seq, line->full ? -1 : line->at - line->start);
}

static void put(struct line *line, char c)
{
	if (line->at < line->end)
		*line->at++ = c;
	else
		line->full = true;
}

static void put_string(struct line *line, const char *text)
{
	while (*text)
		put(line, *text++);
}

/*
 * Text must not break the format or the terminal: no control characters, nothing beyond ASCII but
 * our dash, no blanks where a column follows.
 */
static void put_text(struct line *line, const char *text, bool last)
{
	char *at = line->at;

	if (!*text)
		text = "-";
	for (; *text; text++) {
		char c = *text;

		if (at == line->end) {
			line->full = true;
			break;
		}
		if (c > ' ' && c <= '~') {
			*at++ = c;
		} else if (c == ' ') {
			*at++ = last ? ' ' : '_';
		} else if (last && !strncmp(text, DASH, strlen(DASH))) {
			line->at = at;
			put_string(line, DASH);
			at = line->at;
			text += strlen(DASH) - 1;
		} else {
			*at++ = '?';
		}
	}
	line->at = at;
}

static void print_text(struct seq_file *seq, const char *text)
{
	struct line line = begin_line(seq);

	put_text(&line, text, true);
	end_line(seq, &line);
}

/* Digits of the largest number, its sign and its "~"; no column of numbers is wider. */
#define NUMBER_COLUMNS	22

/* As with "%*lld", which costs most of the time that a table takes to print. */
static void put_number(struct line *line, const struct mt_cell *cell, unsigned int width)
{
	u64 rest = cell->number < 0 ? -(u64)cell->number : cell->number;
	char text[NUMBER_COLUMNS];
	unsigned int length = 0;
	char *at = line->at;
	u32 low;

	if (line->end - at < NUMBER_COLUMNS) {
		line->full = true;
		return;
	}
	if (cell->certainty == MT_UNKNOWN) {
		text[length++] = '-';
	} else {
		/* most are small, and numbers of 32 bits are divided in half the time */
		for (; rest > U32_MAX; rest = div_u64(rest, 10))
			text[length++] = '0' + (rest - div_u64(rest, 10) * 10);
		low = rest;
		do {
			text[length++] = '0' + low % 10;
			low /= 10;
		} while (low);
		if (cell->number < 0)
			text[length++] = '-';
		if (cell->certainty == MT_ESTIMATE)
			text[length++] = '~';
	}
	if (length < width) {
		memset(at, ' ', NUMBER_COLUMNS);
		at += width - length;
	}
	while (length)
		*at++ = text[--length];
	line->at = at;
}

static void put_cell(struct line *line, const struct mt_column *column,
		     const struct mt_cell *cell, bool last)
{
	if (column->type == MT_NUMBER)
		put_number(line, cell, 10);
	else if (cell->certainty == MT_UNKNOWN || !cell->text)
		put(line, '-');
	else
		put_text(line, cell->text, last);
}

static void print_table_record(struct seq_file *seq, const struct mt_snapshot *snap,
			       unsigned int row)
{
	const struct mt_collector *collector = snap->collector;
	const struct mt_cell *cells = mt_snapshot_row(snap, row);
	struct line line = begin_line(seq);
	unsigned int i;

	for (i = 0; i < collector->nr_columns; i++) {
		bool last = i + 1 == collector->nr_columns;

		if (last && row == snap->nr_rows)
			put_string(&line, "(other)");
		else
			put_cell(&line, &collector->columns[i], &cells[i], last);
		put(&line, last ? '\n' : ' ');
	}
	end_line(seq, &line);
}

static void print_book_record(struct seq_file *seq, const struct mt_snapshot *snap,
			      unsigned int row)
{
	const struct mt_cell *cells = mt_snapshot_row(snap, row);
	const char *name = row < snap->nr_rows ? cells[1].text : "(other)";
	int blanks = 18 - (int)strlen(name);
	struct line line;

	seq_printf(seq, "%s:%*s", name, max(1, blanks), "");
	line = begin_line(seq);
	put_number(&line, &cells[0], 11);
	put_string(&line, cells[0].certainty == MT_UNKNOWN ? "\n" : " kB\n");
	end_line(seq, &line);
}

static void print_columns(struct seq_file *seq, const struct mt_collector *collector)
{
	unsigned int i;

	if (collector->form == MT_FORM_BOOK) {
		seq_puts(seq, "# <account>: <kB>\n");
		return;
	}
	seq_putc(seq, '#');
	for (i = 0; i < collector->nr_columns; i++)
		seq_printf(seq, " <%s>", collector->columns[i].name);
	seq_putc(seq, '\n');
}

/* What the header counts: the lines that are records, "(other)" among them. */
static unsigned int nr_rows(const struct mt_snapshot *snap)
{
	if (snap->collector->form == MT_FORM_TEXT)
		return snap->lines.nr;
	return snap->nr_rows + !!snap->dropped;
}

static void print_header(struct seq_file *seq, const struct mt_snapshot *snap, unsigned int line)
{
	switch (line) {
	case 0:
		seq_printf(seq, "# memtriage %s version %d\n", snap->collector->name,
			   MT_REPORT_VERSION);
		break;
	case 1:
		seq_printf(seq, "# state: %s%s", states[snap->state], *snap->reason ? ": " : "");
		if (*snap->reason)
			print_text(seq, snap->reason);
		seq_printf(seq, "; rows %u; dropped %llu; took %llu us\n", nr_rows(snap),
			   snap->dropped, div_u64(snap->took_ns, 1000));
		break;
	case 2:
		if (snap->collector->form != MT_FORM_TEXT)
			print_columns(seq, snap->collector);
		break;
	}
}

/**
 * mt_report_records() - how many pieces a report prints
 * @snap: the report
 *
 * Context: any.
 * Return: header lines, records and notes together.
 */
u64 mt_report_records(const struct mt_snapshot *snap)
{
	return (u64)HEADER_LINES + snap->nr_rows + !!snap->dropped + snap->lines.nr;
}

/**
 * mt_report_print() - print one piece of a report
 * @seq: where to
 * @snap: the report
 * @record: which piece: header lines, records, notes, counted from 0
 *
 * Context: process context, may sleep. Takes no lock and changes nothing.
 */
void mt_report_print(struct seq_file *seq, const struct mt_snapshot *snap, u64 record)
{
	const char *line = NULL;

	if (record < HEADER_LINES) {
		print_header(seq, snap, record);
		return;
	}
	record -= HEADER_LINES;

	if (record < (u64)snap->nr_rows + !!snap->dropped) {
		if (snap->collector->form == MT_FORM_BOOK)
			print_book_record(seq, snap, record);
		else
			print_table_record(seq, snap, record);
		return;
	}
	record -= snap->nr_rows + !!snap->dropped;

	do {
		line = mt_snapshot_line(snap, line);
	} while (line && record--);
	if (!line)
		return;
	if (snap->collector->form != MT_FORM_TEXT)
		seq_puts(seq, "# ");
	print_text(seq, line);
	seq_putc(seq, '\n');
}
