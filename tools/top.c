// SPDX-License-Identifier: GPL-2.0
/*
 * top.c - memtriage top: a report as it changes, sorted, with what has changed since the start.
 */
#include <curses.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "growth.h"
#include "snapshot.h"

/*
 * struct view - what is on the screen
 * @first: the snapshot that changes are counted from
 * @now: the latest snapshot
 * @name: of the report that is shown
 * @column: that it is sorted by; -1 for the change since the start
 * @top: record in the first line
 */
struct view {
	struct snapshot *first;
	struct snapshot *now;
	char name[64];
	int column;
	size_t top;
};

/*
 * struct row - one record on the screen
 * @record: which one
 * @key: what it is sorted by
 * @change: of its first column since the start
 */
struct row {
	size_t record;
	long long key;
	long long change;
};

static int by_key(const void *a, const void *b)
{
	const struct row *first = a, *second = b;

	if (first->key != second->key)
		return first->key < second->key ? 1 : -1;
	return first->record < second->record ? -1 : first->record > second->record;
}

static long long change_of(const struct growths *growths, const struct report *report,
			   size_t record)
{
	const char *subject = report_subject(report, record);
	long long kB = report_row(report, record)->number;
	size_t i;

	for (i = 0; i < growths->nr; i++) {
		const struct growth *growth = &growths->list[i];

		if (growth->subject == subject && growth->after_kB == kB)
			return growth->after_kB - growth->before_kB;
	}
	return 0;
}

static struct row *sort_rows(const struct view *view, const struct report *report)
{
	struct row *rows = calloc(report->nr_records + 1, sizeof(*rows));
	struct growths growths;
	size_t i;

	if (!rows || !growth_find(&growths, view->first, view->now)) {
		free(rows);
		return NULL;
	}
	for (i = 0; i < report->nr_records; i++) {
		const struct cell *cells = report_row(report, i);

		rows[i].record = i;
		rows[i].change = change_of(&growths, report, i);
		rows[i].key = view->column < 0 ? rows[i].change : cells[view->column].number;
	}
	growth_free(&growths);
	qsort(rows, report->nr_records, sizeof(*rows), by_key);
	return rows;
}

static void draw_header(const struct view *view, const struct report *report)
{
	unsigned int i;

	attron(A_BOLD);
	mvprintw(0, 0, "memtriage top: %s on %s, Linux %s; %zu records; %lld s", view->name,
		 view->now->host, view->now->kernel, report->nr_records,
		 view->now->seconds - view->first->seconds);
	attroff(A_BOLD);
	mvaddstr(1, 0, "q quit  r next report  < > sort column  + sort by change  up/down scroll");
	attron(A_REVERSE);
	mvhline(2, 0, ' ', COLS);
	mvprintw(2, 0, "%12s%s", "change", view->column < 0 ? "*" : " ");
	for (i = 0; i < report->nr_columns; i++) {
		bool last = i + 1 == report->nr_columns;

		printw(last ? " %s%s" : "%12.12s%s", report->columns[i],
		       view->column == (int)i ? "*" : " ");
	}
	attroff(A_REVERSE);
}

static void draw_row(int y, const struct report *report, const struct row *row)
{
	const struct cell *cells = report_row(report, row->record);
	unsigned int i;
	char text[64];

	move(y, 0);
	if (row->change > 0)
		attron(A_BOLD);
	printw("%+12lld ", row->change);
	for (i = 0; i + 1 < report->nr_columns; i++) {
		snprintf(text, sizeof(text), "%s%s", cells[i].estimate ? "~" : "", cells[i].text);
		printw("%12.12s ", text);
	}
	if (getcurx(stdscr) < COLS - 1)
		printw(" %.*s", COLS - getcurx(stdscr) - 1, cells[i].text);
	attroff(A_BOLD);
}

static void draw(const struct view *view)
{
	const struct report *report = snapshot_report(view->now, view->name);
	struct row *rows;
	int y;

	erase();
	if (!report || !report->nr_columns) {
		mvprintw(0, 0, "%s is not there any more", view->name);
		refresh();
		return;
	}
	rows = sort_rows(view, report);
	draw_header(view, report);
	for (y = 3; rows && y < LINES && view->top + y - 3 < report->nr_records; y++)
		draw_row(y, report, &rows[view->top + y - 3]);
	if (report->state != REPORT_OK)
		mvprintw(LINES - 1, 0, "%s: %.*s", report_state_word(report->state), COLS - 20,
			 report->reason);
	free(rows);
	refresh();
}

static void next_report(struct view *view)
{
	unsigned int i, at = 0;

	for (i = 0; i < view->now->nr_reports; i++) {
		if (!strcmp(view->now->reports[i]->name, view->name))
			at = i;
	}
	do {
		at = (at + 1) % view->now->nr_reports;
	} while (!view->now->reports[at]->nr_columns ||
		 !strcmp(view->now->reports[at]->name, "status"));
	snprintf(view->name, sizeof(view->name), "%s", view->now->reports[at]->name);
	view->column = 0;
	view->top = 0;
}

/* The next column that has numbers, in one direction; where there is none, the same again. */
static void next_column(struct view *view, int step)
{
	const struct report *report = snapshot_report(view->now, view->name);
	int column = view->column;

	while (report && report->nr_records) {
		column += step;
		if (column < 0 || column >= (int)report->nr_columns)
			return;
		if (report_row(report, 0)[column].is_number) {
			view->column = column;
			return;
		}
	}
}

/* Returns false to quit. */
static bool obey(struct view *view, int key)
{
	const struct report *report = snapshot_report(view->now, view->name);

	switch (key) {
	case 'q':
		return false;
	case 'r':
		next_report(view);
		break;
	case '<':
		next_column(view, -1);
		break;
	case '>':
		next_column(view, 1);
		break;
	case '+':
		view->column = -1;
		break;
	case KEY_DOWN:
		if (report && view->top + 1 < report->nr_records)
			view->top++;
		break;
	case KEY_UP:
		view->top -= !!view->top;
		break;
	}
	return true;
}

static enum status watch(struct view *view, const struct options *options)
{
	bool still = options->from || options->root;
	enum status status = STATUS_OK;
	bool going = true;

	while (going) {
		int key;

		draw(view);
		timeout(still ? -1 : 2000);
		key = getch();
		going = obey(view, key);
		if (key != ERR || still)
			continue;
		if (view->now != view->first)
			snapshot_free(view->now);
		view->now = origin_read(options, NULL);
		if (!view->now) {
			view->now = view->first;
			status = STATUS_ERROR;
			break;
		}
	}
	return status;
}

static enum status run(int argc, char **argv, const struct options *options)
{
	struct view view = { };
	enum status status;

	if (argc > 2)
		return command_error("top takes one report: slab, vmalloc, ...");
	if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO))
		return command_error("top needs a terminal");
	view.first = view.now = origin_read(options, NULL);
	if (!view.first)
		return STATUS_ERROR;
	snprintf(view.name, sizeof(view.name), "%s", argc == 2 ? argv[1] : "slab");
	if (!snapshot_report(view.now, view.name) ||
	    !snapshot_report(view.now, view.name)->nr_columns) {
		status = command_error("there is no report %s with records", view.name);
		snapshot_free(view.first);
		return status;
	}
	setlocale(LC_ALL, "");
	initscr();
	cbreak();
	noecho();
	curs_set(0);
	keypad(stdscr, TRUE);
	status = watch(&view, options);
	endwin();
	if (view.now != view.first)
		snapshot_free(view.now);
	snapshot_free(view.first);
	return status;
}

const struct command command_top = {
	.name = "top",
	.arguments = "[REPORT]",
	.help = "a report live, sorted, with what changed since the start",
	.run = run,
};
