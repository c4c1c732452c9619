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

static bool is_plain(char c, bool last)
{
	return c > ' ' && c <= '~' ? true : c == ' ' && last;
}

/*
 * Text must not break the format or the terminal: no control characters, nothing beyond ASCII but
 * our dash, no blanks where a column follows.
 */
static void print_text(struct seq_file *seq, const char *text, bool last)
{
	if (!*text)
		seq_putc(seq, '-');
	while (*text) {
		size_t plain = 0;

		while (is_plain(text[plain], last))
			plain++;
		seq_write(seq, text, plain);
		text += plain;
		if (!*text)
			break;
		if (last && !strncmp(text, DASH, strlen(DASH))) {
			seq_puts(seq, DASH);
			text += strlen(DASH);
			continue;
		}
		seq_putc(seq, *text == ' ' ? '_' : '?');
		text++;
	}
}

/* Digits of the largest number, its sign and its "~". */
#define NUMBER_COLUMNS	22

/* As with "%*lld", which costs most of the time that a table takes to print. */
static void print_number(struct seq_file *seq, const struct mt_cell *cell, unsigned int width)
{
	u64 rest = cell->number < 0 ? -(u64)cell->number : cell->number;
	char text[NUMBER_COLUMNS];
	unsigned int at = NUMBER_COLUMNS;

	if (cell->certainty == MT_UNKNOWN) {
		text[--at] = '-';
	} else {
		do {
			u64 tens = div_u64(rest, 10);

			text[--at] = '0' + (rest - tens * 10);
			rest = tens;
		} while (rest);
		if (cell->number < 0)
			text[--at] = '-';
		if (cell->certainty == MT_ESTIMATE)
			text[--at] = '~';
	}
	while (at && NUMBER_COLUMNS - at < width)
		text[--at] = ' ';
	seq_write(seq, text + at, NUMBER_COLUMNS - at);
}

static void print_cell(struct seq_file *seq, const struct mt_column *column,
		       const struct mt_cell *cell, bool last)
{
	if (column->type == MT_NUMBER)
		print_number(seq, cell, 10);
	else if (cell->certainty == MT_UNKNOWN || !cell->text)
		seq_putc(seq, '-');
	else
		print_text(seq, cell->text, last);
}

static void print_table_record(struct seq_file *seq, const struct mt_snapshot *snap,
			       unsigned int row)
{
	const struct mt_collector *collector = snap->collector;
	const struct mt_cell *cells = mt_snapshot_row(snap, row);
	unsigned int i;

	for (i = 0; i < collector->nr_columns; i++) {
		bool last = i + 1 == collector->nr_columns;

		if (last && row == snap->nr_rows)
			seq_puts(seq, "(other)");
		else
			print_cell(seq, &collector->columns[i], &cells[i], last);
		seq_putc(seq, last ? '\n' : ' ');
	}
}

static void print_book_record(struct seq_file *seq, const struct mt_snapshot *snap,
			      unsigned int row)
{
	const struct mt_cell *cells = mt_snapshot_row(snap, row);
	const char *name = row < snap->nr_rows ? cells[1].text : "(other)";
	int blanks = 18 - (int)strlen(name);

	seq_printf(seq, "%s:%*s", name, max(1, blanks), "");
	print_number(seq, &cells[0], 11);
	seq_puts(seq, cells[0].certainty == MT_UNKNOWN ? "\n" : " kB\n");
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
			print_text(seq, snap->reason, true);
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
	print_text(seq, line, true);
	seq_putc(seq, '\n');
}
