// SPDX-License-Identifier: GPL-2.0
/*
 * top.c - memtriage top: a report as it changes, sorted, with what has changed since the start.
 */
#include <curses.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "command.h"
#include "growth.h"
#include "snapshot.h"

/* How often figures are read anew, in ms; of what takes long, a tenth of the time is reading. */
#define PERIOD_MS	2000
#define SHARE		10

/* Lines above the records: the title, the keys, the names of the columns. */
#define HEADER		3

/* Columns of the screen for the name of a record, where a narrow one has them. */
#define NAME		24

/*
 * struct page - a report that was looked at
 * @name: of the report
 * @first: the snapshot that changes are counted from
 * @now: the latest snapshot; may be @first
 * @column: that it is sorted by; -1 for the change since the start
 * @top: record in the first line
 */
struct page {
	char name[64];
	struct snapshot *first;
	struct snapshot *now;
	int column;
	size_t top;
};

/*
 * struct view - what is on the screen
 * @options: where reports come from
 * @pages: the reports that were looked at; only these are read, for some take long to collect
 * @nr_pages: how many
 * @page: the one that is shown
 * @took_ms: what its last reading took
 * @failed: and whether it failed, so that older figures are shown
 */
struct view {
	const struct options *options;
	struct page pages[SNAPSHOT_REPORTS];
	unsigned int nr_pages;
	struct page *page;
	long long took_ms;
	bool failed;
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

static volatile sig_atomic_t last_signal;

static void note_signal(int signal)
{
	last_signal = signal;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

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

static struct row *sort_rows(const struct page *page, const struct report *report)
{
	struct row *rows = calloc(report->nr_records + 1, sizeof(*rows));
	struct growths growths;
	size_t i;

	if (!rows || !growth_find(&growths, page->first, page->now)) {
		free(rows);
		return NULL;
	}
	for (i = 0; i < report->nr_records; i++) {
		const struct cell *cells = report_row(report, i);

		rows[i].record = i;
		rows[i].change = change_of(&growths, report, i);
		rows[i].key = page->column < 0 ? rows[i].change : cells[page->column].number;
	}
	growth_free(&growths);
	qsort(rows, report->nr_records, sizeof(*rows), by_key);
	return rows;
}

/*
 * Text at the cursor, cut where the line ends: curses would go on in the next one. What a terminal
 * could take for a command is none, since a snapshot may be from anybody.
 */
__attribute__((format(printf, 1, 2)))
static void put(const char *format, ...)
{
	int room = COLS - getcurx(stdscr);
	mbstate_t state = { };
	char text[1024];
	const char *at = text;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	while (*at && room > 0) {
		size_t left = strlen(at);
		wchar_t wide;
		size_t bytes = mbrtowc(&wide, at, left, &state);
		int width = bytes <= left ? wcwidth(wide) : -1;

		if (width > room)
			return;
		if (width < 0) {
			addch('?');
			bytes = 1;
			width = 1;
			state = (mbstate_t){ };
		} else {
			addnstr(at, bytes);
		}
		room -= width;
		at += bytes;
	}
}

/* What a column needs, of all records, so that it does not move while one scrolls. */
static int width_of(const struct report *report, unsigned int column)
{
	size_t width = strlen(report->columns[column]) + 1;
	size_t i;

	for (i = 0; i < report->nr_records; i++) {
		const struct cell *cell = report_row(report, i) + column;
		size_t length = strlen(cell->text) + cell->estimate;

		if (length > width)
			width = length;
	}
	return width < 32 ? width : 32;
}

/* The columns that there is room for beside the name: what it is sorted by, then from the left. */
static void choose_columns(const struct page *page, const struct report *report, int change,
			   int *widths)
{
	int room = COLS - change - 1 - (COLS / 2 < NAME ? COLS / 2 : NAME);
	unsigned int last = report->nr_columns - 1;
	unsigned int i;

	for (i = 0; i < last; i++)
		widths[i] = 0;
	if (page->column >= 0 && page->column < (int)last) {
		widths[page->column] = width_of(report, page->column);
		room -= widths[page->column] + 1;
	}
	for (i = 0; i < last; i++) {
		int width = width_of(report, i);

		if (widths[i])
			continue;
		if (width + 1 > room)
			break;
		widths[i] = width;
		room -= width + 1;
	}
}

static void draw_header(const struct view *view, const struct report *report, int change,
			const int *widths)
{
	const struct page *page = view->page;
	unsigned int last = report->nr_columns - 1;
	unsigned int i;

	attron(A_BOLD);
	move(0, 0);
	put("memtriage top: %s%s on %s, Linux %s; %zu records; %lld s", page->name,
	    view->failed ? " (cannot be read any more)" : "", page->now->host, page->now->kernel,
	    report->nr_records, page->now->seconds - page->first->seconds);
	attroff(A_BOLD);
	move(1, 0);
	put("q quit  r next report  < > sort column  + sort by change  arrows scroll");
	attron(A_REVERSE);
	mvhline(2, 0, ' ', COLS);
	move(2, 0);
	put("%*s%s", change - 1, "change", page->column < 0 ? "*" : " ");
	for (i = 0; i < last; i++) {
		if (widths[i])
			put(" %*s%s", widths[i] - 1, report->columns[i],
			    page->column == (int)i ? "*" : " ");
	}
	put(" %s", report->columns[last]);
	attroff(A_REVERSE);
}

static void draw_row(const struct report *report, const struct row *row, int change,
		     const int *widths)
{
	const struct cell *cells = report_row(report, row->record);
	unsigned int last = report->nr_columns - 1;
	unsigned int i;
	char text[64];

	if (row->change > 0)
		attron(A_BOLD);
	put("%+*lld", change, row->change);
	for (i = 0; i < last; i++) {
		if (!widths[i])
			continue;
		snprintf(text, sizeof(text), "%s%s", cells[i].estimate ? "~" : "", cells[i].text);
		put(" %*.*s", widths[i], widths[i], text);
	}
	put(" %s", cells[last].text);
	attroff(A_BOLD);
}

static void draw(struct view *view)
{
	struct page *page = view->page;
	const struct report *report = snapshot_report(page->now, page->name);
	int change = sizeof("change");
	int widths[REPORT_COLUMNS];
	struct row *rows;
	size_t i;
	int y;

	erase();
	/* curses itself is not up to one column */
	if (COLS < 2) {
		untouchwin(stdscr);
		return;
	}
	if (!report || !report->nr_columns) {
		move(0, 0);
		put("%s is not there any more", page->name);
		refresh();
		return;
	}
	if (page->top >= report->nr_records)
		page->top = report->nr_records ? report->nr_records - 1 : 0;
	if (page->column >= (int)report->nr_columns)
		page->column = 0;
	rows = sort_rows(page, report);
	for (i = 0; rows && i < report->nr_records; i++) {
		int width = snprintf(NULL, 0, "%+lld", rows[i].change);

		if (width > change)
			change = width;
	}
	choose_columns(page, report, change, widths);
	draw_header(view, report, change, widths);
	for (y = HEADER; rows && y < LINES && page->top + y - HEADER < report->nr_records; y++) {
		move(y, 0);
		draw_row(report, &rows[page->top + y - HEADER], change, widths);
	}
	if (report->state != REPORT_OK && LINES > 2 * HEADER) {
		move(LINES - 1, 0);
		clrtoeol();
		put("%s: %s", report_state_word(report->state), report->reason);
	}
	free(rows);
	refresh();
}

/*
 * One report anew, or, where reports come from a file, all that are in it. What is said meanwhile
 * on standard error is for a terminal that is not full of figures.
 */
static struct snapshot *read_quietly(struct view *view, const char *name)
{
	const char *const wanted[] = { name, NULL };
	long long begin = now_ms();
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int terminal = nowhere < 0 ? -1 : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	struct snapshot *snapshot;

	if (terminal >= 0)
		dup2(nowhere, STDERR_FILENO);
	snapshot = origin_read(view->options, wanted);
	if (terminal >= 0) {
		dup2(terminal, STDERR_FILENO);
		close(terminal);
	}
	if (nowhere >= 0)
		close(nowhere);
	view->took_ms = now_ms() - begin;
	return snapshot;
}

static bool has_records(const struct snapshot *snapshot, const char *name)
{
	const struct report *report = snapshot ? snapshot_report(snapshot, name) : NULL;

	return report && report->nr_columns;
}

static void read_anew(struct view *view)
{
	struct page *page = view->page;
	struct snapshot *snapshot = read_quietly(view, page->name);

	view->failed = !has_records(snapshot, page->name);
	if (view->failed) {
		snapshot_free(snapshot);
		return;
	}
	if (page->now != page->first)
		snapshot_free(page->now);
	page->now = snapshot;
}

/* Show a report, which was looked at before or is read now. */
static bool open_page(struct view *view, const char *name, struct snapshot *snapshot)
{
	struct page *page;
	unsigned int i;

	for (i = 0; i < view->nr_pages; i++) {
		if (strcmp(view->pages[i].name, name))
			continue;
		view->page = &view->pages[i];
		read_anew(view);
		return true;
	}
	if (view->nr_pages == SNAPSHOT_REPORTS)
		return false;
	if (!snapshot)
		snapshot = read_quietly(view, name);
	if (!has_records(snapshot, name)) {
		snapshot_free(snapshot);
		return false;
	}
	page = &view->pages[view->nr_pages++];
	snprintf(page->name, sizeof(page->name), "%s", name);
	page->first = page->now = snapshot;
	view->page = page;
	view->failed = false;
	return true;
}

static void next_report(struct view *view)
{
	const char *name = view->page->name;
	unsigned int i;

	for (i = 0; i < SNAPSHOT_REPORTS; i++) {
		name = snapshot_next_name(name);
		if (strcmp(name, "summary") && strcmp(name, "status") &&
		    open_page(view, name, NULL))
			return;
	}
}

/* The next column that has numbers, in one direction; where there is none, the same again. */
static void next_column(struct page *page, int step)
{
	const struct report *report = snapshot_report(page->now, page->name);
	int column = page->column;

	while (report && report->nr_records) {
		column += step;
		if (column < 0 || column + 1 >= (int)report->nr_columns)
			return;
		if (report_row(report, 0)[column].is_number) {
			page->column = column;
			return;
		}
	}
}

/* Where there are fewer, draw() goes back to the last. */
static void scroll_by(struct page *page, long long records)
{
	if (records < 0 && page->top < (size_t)-records)
		page->top = 0;
	else
		page->top += records;
}

/* Returns false to quit. */
static bool obey(struct view *view, int key)
{
	struct page *page = view->page;

	switch (key) {
	case 'q':
		return false;
	case 'r':
		next_report(view);
		break;
	case '<':
		next_column(page, -1);
		break;
	case '>':
		next_column(page, 1);
		break;
	case '+':
		page->column = -1;
		break;
	case KEY_DOWN:
		scroll_by(page, 1);
		break;
	case KEY_UP:
		scroll_by(page, -1);
		break;
	case KEY_NPAGE:
		scroll_by(page, LINES > HEADER ? LINES - HEADER : 1);
		break;
	case KEY_PPAGE:
		scroll_by(page, LINES > HEADER ? HEADER - LINES : -1);
		break;
	case KEY_HOME:
		page->top = 0;
		break;
	case KEY_RESIZE:
		/* the terminal may have moved what it shows in ways of its own */
		clearok(curscr, TRUE);
		break;
	}
	return true;
}

/* A key, or ERR when it is time to read, or a signal wants to be heard. */
static int wait_for_key(long long until, const sigset_t *heard)
{
	struct pollfd keyboard = { .fd = STDIN_FILENO, .events = POLLIN };
	long long left = until - now_ms();
	struct timespec timeout;
	int key = getch();

	if (key != ERR || left <= 0)
		return key;
	timeout.tv_sec = left / 1000;
	timeout.tv_nsec = left % 1000 * 1000000;
	if (ppoll(&keyboard, 1, &timeout, heard) > 0 && (keyboard.revents & ~POLLIN)) {
		/* the terminal is gone: the signal that says so is not heard while there is input */
		last_signal = SIGHUP;
		return ERR;
	}
	return getch();
}

static void watch(struct view *view, const sigset_t *heard)
{
	long long last = now_ms();
	bool going = true;

	while (going && !last_signal) {
		long long period = view->took_ms * SHARE;
		long long until = last + (period > PERIOD_MS ? period : PERIOD_MS);
		int key;

		draw(view);
		key = wait_for_key(until, heard);
		if (key != ERR)
			going = obey(view, key);
		if (going && !last_signal && now_ms() >= until) {
			read_anew(view);
			last = now_ms();
		}
	}
}

/* Signals that end it are heard only while it waits, so that the terminal is left as it was. */
static void hear_signals(sigset_t *before, sigset_t *heard)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	struct sigaction action = { .sa_handler = note_signal };
	sigset_t held;
	unsigned int i;

	sigemptyset(&held);
	for (i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		sigaddset(&held, signals[i]);
		sigaction(signals[i], &action, NULL);
	}
	/* of a new size curses has to hear, and then read the keyboard */
	sigaddset(&held, SIGWINCH);
	sigprocmask(SIG_BLOCK, &held, before);
	*heard = *before;
	sigdelset(heard, SIGWINCH);
	for (i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigdelset(heard, signals[i]);
}

static enum status run_screen(struct view *view)
{
	sigset_t before, heard;
	SCREEN *screen;

	setlocale(LC_ALL, "");
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return command_error("this terminal (TERM=%s) is not known here",
				     getenv("TERM") ? getenv("TERM") : "");
	cbreak();
	noecho();
	curs_set(0);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	hear_signals(&before, &heard);
	watch(view, &heard);
	endwin();
	delscreen(screen);
	if (last_signal) {
		signal(last_signal, SIG_DFL);
		raise(last_signal);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return STATUS_OK;
}

static enum status run(int argc, char **argv, const struct options *options)
{
	const char *name = argc == 2 ? argv[1] : "slab";
	const char *const wanted[] = { name, NULL };
	struct view view = { .options = options };
	struct snapshot *snapshot;
	enum status status;

	if (argc > 2)
		return command_error("top takes one report: slab, vmalloc, ...");
	if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO))
		return command_error("top needs a terminal");
	snapshot = origin_read(options, wanted);
	if (!snapshot)
		return STATUS_ERROR;
	if (!open_page(&view, name, snapshot))
		return command_error("there is no report %s with records", name);
	status = run_screen(&view);
	while (view.nr_pages--) {
		struct page *page = &view.pages[view.nr_pages];

		if (page->now != page->first)
			snapshot_free(page->now);
		snapshot_free(page->first);
	}
	return status;
}

const struct command command_top = {
	.name = "top",
	.arguments = "[REPORT]",
	.help = "a report live, sorted, with what changed since the start",
	.run = run,
};
