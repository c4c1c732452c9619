// SPDX-License-Identifier: GPL-2.0
/*
 * snapshot.c - knows what a collection returns: bounded records, and how far to trust them.
 *
 * A report must not need memory in proportion to what is wrong with the machine. So a snapshot
 * keeps the largest records only, in a heap with the smallest on top, and adds what it drops to
 * one record "(other)": totals stay exact whatever the bound, also when memory for another record
 * cannot be had.
 *
 * Memory comes without retries and without warnings (__GFP_NORETRY | __GFP_NOWARN): the machine
 * may have none, and a report that gives up is better than a machine that stalls in reclaim.
 */
#include "snapshot.h"

#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "memory.h"

#define FIRST_ROOM	32U

/* Bytes for texts that are asked for at once: with what stands before them, a page. */
#define TEXTS		(PAGE_SIZE - sizeof(struct mt_texts))

/*
 * Are the records sorted, and the smallest dropped when there are too many? Not the books, and not
 * a table without a figure in front: they have as many records as there are accounts or reports.
 */
static bool sorts(const struct mt_collector *collector)
{
	return collector->form == MT_FORM_TABLE && collector->columns[0].type == MT_NUMBER;
}

static bool grow(struct mt_snapshot *snap, unsigned int room)
{
	size_t row_bytes = snap->collector->nr_columns * sizeof(*snap->cells);
	struct mt_cell *cells;
	struct mt_rank *ranks;

	if (room > snap->max_rows)
		room = snap->max_rows;
	if (room <= snap->room)
		return false;
	cells = mt_memory_alloc(room * row_bytes);
	ranks = mt_memory_alloc(room * sizeof(*ranks));
	if (!cells || !ranks) {
		mt_memory_free(cells);
		mt_memory_free(ranks);
		return false;
	}
	if (snap->nr_rows) {
		memcpy(cells, snap->cells, snap->nr_rows * row_bytes);
		memcpy(ranks, snap->ranks, snap->nr_rows * sizeof(*ranks));
	}
	mt_memory_free(snap->cells);
	mt_memory_free(snap->ranks);
	snap->cells = cells;
	snap->ranks = ranks;
	snap->bytes += (room - snap->room) * (row_bytes + sizeof(*ranks));
	snap->room = room;
	return true;
}

/**
 * mt_snapshot_new() - an empty snapshot
 * @collector: whose report it will be
 * @max_rows: records to keep at most, at least 1
 *
 * Context: process context, may sleep.
 * Return: the snapshot, or NULL without memory.
 */
struct mt_snapshot *mt_snapshot_new(const struct mt_collector *collector, unsigned int max_rows)
{
	struct mt_snapshot *snap = mt_memory_zalloc(sizeof(*snap));
	unsigned int i;

	if (!snap)
		return NULL;
	snap->collector = collector;
	snap->max_rows = sorts(collector) ? max_rows : UINT_MAX;
	snap->bytes = sizeof(*snap);
	if (!collector->nr_columns)
		return snap;

	snap->other = mt_memory_zalloc(collector->nr_columns * sizeof(*snap->other));
	if (!snap->other) {
		mt_memory_free(snap);
		return NULL;
	}
	snap->bytes += collector->nr_columns * sizeof(*snap->other);
	for (i = 0; i < collector->nr_columns; i++) {
		if (!collector->columns[i].sum)
			snap->other[i].certainty = MT_UNKNOWN;
		if (collector->columns[i].type == MT_TEXT)
			snap->text_columns |= 1U << i;
	}
	/* the books have no record that could be dropped: room for all of them, or no books */
	if (!sorts(collector) && !grow(snap, FIRST_ROOM)) {
		mt_snapshot_free(snap);
		return NULL;
	}
	return snap;
}

static struct mt_cell *row_of(const struct mt_snapshot *snap, unsigned int row)
{
	return snap->cells + (size_t)snap->ranks[row].row * snap->collector->nr_columns;
}

/* How much of the memory for texts a record takes. */
static size_t text_bytes(const struct mt_snapshot *snap, const struct mt_cell *cells)
{
	unsigned int left = snap->text_columns;
	size_t bytes = 0;

	for (; left; left &= left - 1) {
		const struct mt_cell *cell = &cells[__ffs(left)];

		if (cell->text)
			bytes += strlen(cell->text) + 1;
	}
	return bytes;
}

static void free_texts(struct mt_snapshot *snap, struct mt_texts *texts)
{
	while (texts) {
		struct mt_texts *next = texts->next;

		snap->bytes -= sizeof(*texts) + texts->size;
		mt_memory_free(texts);
		texts = next;
	}
}

/**
 * mt_snapshot_free() - give back all that a snapshot holds
 * @snap: the snapshot, or NULL
 *
 * Context: process context.
 */
void mt_snapshot_free(struct mt_snapshot *snap)
{
	if (!snap)
		return;
	free_texts(snap, snap->texts);
	mt_memory_free(snap->cells);
	mt_memory_free(snap->ranks);
	mt_memory_free(snap->other);
	mt_memory_free(snap->lines.text);
	mt_memory_free(snap);
}

/* Unknown is the smallest: it is the first to go. */
static s64 weight(const struct mt_cell *cells)
{
	return cells[0].certainty == MT_UNKNOWN ? S64_MIN : cells[0].number;
}

/* Down to where @rank belongs, from the place @at, which is free. */
static void sift_down(struct mt_rank *ranks, unsigned int at, unsigned int nr_rows,
		      struct mt_rank rank)
{
	unsigned int child;

	while ((child = 2 * at + 1) < nr_rows) {
		if (child + 1 < nr_rows && ranks[child + 1].weight < ranks[child].weight)
			child++;
		if (ranks[child].weight >= rank.weight)
			break;
		ranks[at] = ranks[child];
		at = child;
	}
	ranks[at] = rank;
}

/* The smallest record on top. Not before it is asked for: most reports keep all they have. */
static void make_heap(struct mt_snapshot *snap)
{
	unsigned int at;

	if (snap->heap)
		return;
	for (at = snap->nr_rows / 2; at-- > 0;)
		sift_down(snap->ranks, at, snap->nr_rows, snap->ranks[at]);
	snap->heap = true;
}

/* A new piece of memory for texts becomes the one that is filled. */
static bool add_texts(struct mt_snapshot *snap, size_t size)
{
	struct mt_texts *texts = mt_memory_alloc(sizeof(*texts) + size);

	if (!texts)
		return false;
	texts->next = snap->texts;
	texts->used = 0;
	texts->size = size;
	snap->texts = texts;
	snap->bytes += sizeof(*texts) + size;
	return true;
}

/* The texts of a record move to the piece that is filled, which has room for them. */
static void move_texts(struct mt_snapshot *snap, struct mt_cell *cells)
{
	unsigned int left = snap->text_columns;
	struct mt_texts *texts = snap->texts;

	for (; left; left &= left - 1) {
		struct mt_cell *cell = &cells[__ffs(left)];
		size_t bytes;

		if (!cell->text)
			continue;
		bytes = strlen(cell->text) + 1;
		memcpy(texts->text + texts->used, cell->text, bytes);
		cell->text = texts->text + texts->used;
		texts->used += bytes;
		snap->text_bytes += bytes;
	}
}

/*
 * Room for the texts of one more record. Records that were dropped leave holes: when these are more
 * than what is in use, all texts move together.
 */
static bool reserve_texts(struct mt_snapshot *snap, size_t bytes)
{
	size_t live = snap->text_bytes - snap->text_holes;
	struct mt_texts *old = snap->texts;
	unsigned int row;

	if (!bytes || (old && old->size - old->used >= bytes))
		return true;
	if (snap->text_holes <= live)
		return add_texts(snap, max_t(size_t, TEXTS, bytes));
	if (!add_texts(snap, live + max_t(size_t, TEXTS, bytes)))
		return false;
	snap->texts->next = NULL;
	snap->text_bytes = 0;
	snap->text_holes = 0;
	for (row = 0; row < snap->nr_rows; row++)
		move_texts(snap, row_of(snap, row));
	free_texts(snap, old);
	return true;
}

/* One more value into a sum of which the first @nr values are in already. */
static void add_to(struct mt_cell *sum, const struct mt_cell *cell, u64 nr)
{
	enum mt_certainty before = sum->certainty;

	if (cell->certainty != MT_UNKNOWN)
		sum->number += cell->number;
	if (!nr)
		sum->certainty = cell->certainty;
	else if (before != cell->certainty)
		/* part exact, part not; or a part unknown: then it is known from below only */
		sum->certainty = MT_ESTIMATE;
}

static void drop(struct mt_snapshot *snap, const struct mt_cell *cells)
{
	unsigned int i;

	for (i = 0; i < snap->collector->nr_columns; i++) {
		if (snap->collector->columns[i].sum)
			add_to(&snap->other[i], &cells[i], snap->dropped);
	}
	snap->dropped++;
}

/* Room for one more record; without memory for it this is all the room there will be. */
static bool make_room(struct mt_snapshot *snap)
{
	if (snap->room >= snap->max_rows)
		return false;
	if (grow(snap, max(FIRST_ROOM, 2 * snap->room)))
		return true;
	mt_snapshot_partial(snap, "no memory for more than %u records", snap->room);
	snap->max_rows = snap->room;
	return false;
}

/**
 * mt_snapshot_expect() - make room for records that are about to be added
 * @snap: the snapshot
 * @rows: how many; more or fewer may come
 *
 * Saves growing step by step. Without memory it changes nothing.
 *
 * Context: process context, may sleep.
 */
void mt_snapshot_expect(struct mt_snapshot *snap, unsigned int rows)
{
	grow(snap, rows);
}

/**
 * mt_snapshot_add() - add a record
 * @snap: the snapshot
 * @cells: one for each column; texts are copied
 *
 * Never fails: what cannot be kept is in "(other)", and the state says so if memory was the cause.
 *
 * Context: process context, may sleep.
 */
void mt_snapshot_add(struct mt_snapshot *snap, const struct mt_cell *cells)
{
	unsigned int nr_columns = snap->collector->nr_columns;
	struct mt_cell *row;
	struct mt_rank rank = { .weight = weight(cells), .row = snap->nr_rows };
	bool full = snap->nr_rows == snap->room && !make_room(snap);

	if (WARN_ON_ONCE(nr_columns > MT_COLUMNS))
		return;
	if (full && sorts(snap->collector))
		make_heap(snap);
	if (full && (!sorts(snap->collector) || !snap->nr_rows ||
		     rank.weight <= snap->ranks[0].weight)) {
		drop(snap, cells);
		return;
	}
	if (!reserve_texts(snap, text_bytes(snap, cells))) {
		mt_snapshot_partial(snap, "no memory for the text of some records");
		drop(snap, cells);
		return;
	}
	if (full) {
		drop(snap, row_of(snap, 0));
		snap->text_holes += text_bytes(snap, row_of(snap, 0));
		rank.row = snap->ranks[0].row;
		sift_down(snap->ranks, 0, snap->nr_rows, rank);
	} else {
		snap->ranks[snap->nr_rows++] = rank;
	}
	row = snap->cells + (size_t)rank.row * nr_columns;
	memcpy(row, cells, nr_columns * sizeof(*row));
	move_texts(snap, row);
}

/**
 * mt_snapshot_sort() - the collection is over: bring the records in order, largest first
 * @snap: the snapshot
 *
 * The books, and a table that does not begin with a number, stay in the order of their making.
 *
 * Context: process context.
 */
void mt_snapshot_sort(struct mt_snapshot *snap)
{
	unsigned int left;

	if (!sorts(snap->collector))
		return;
	make_heap(snap);
	/* taking the smallest to the end, again and again, leaves the largest first */
	for (left = snap->nr_rows; left > 1; left--) {
		struct mt_rank last = snap->ranks[left - 1];

		snap->ranks[left - 1] = snap->ranks[0];
		sift_down(snap->ranks, 0, left - 1, last);
	}
}

static __printf(2, 0) void append_reason(struct mt_snapshot *snap, const char *fmt, va_list args)
{
	char words[MT_SNAPSHOT_REASON];

	vsnprintf(words, sizeof(words), fmt, args);
	if (strstr(snap->reason, words))
		return;
	if (*snap->reason)
		strlcat(snap->reason, "; ", sizeof(snap->reason));
	strlcat(snap->reason, words, sizeof(snap->reason));
}

/**
 * mt_snapshot_partial() - something is missing from the report
 * @snap: the snapshot
 * @fmt: what is missing, for the state line
 *
 * Context: any but hard interrupt.
 */
void mt_snapshot_partial(struct mt_snapshot *snap, const char *fmt, ...)
{
	va_list args;

	if (snap->state == MT_OK)
		snap->state = MT_PARTIAL;
	va_start(args, fmt);
	append_reason(snap, fmt, args);
	va_end(args);
}

/**
 * mt_snapshot_remark() - something belongs into the state line, but nothing is missing
 * @snap: the snapshot
 * @fmt: the words
 *
 * Context: any but hard interrupt.
 */
void mt_snapshot_remark(struct mt_snapshot *snap, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	append_reason(snap, fmt, args);
	va_end(args);
}

/**
 * mt_snapshot_hurried() - the budget left something out that the report by itself tells
 * @snap: the snapshot
 * @fmt: what that is, for the state line
 *
 * Context: any but hard interrupt.
 */
void mt_snapshot_hurried(struct mt_snapshot *snap, const char *fmt, ...)
{
	va_list args;

	snap->hurried = true;
	va_start(args, fmt);
	append_reason(snap, fmt, args);
	va_end(args);
}

static bool reserve(struct mt_snapshot *snap, size_t bytes)
{
	struct mt_lines *lines = &snap->lines;
	size_t size = max_t(size_t, lines->size * 2, 1024);
	char *text;

	if (lines->used + bytes <= lines->size)
		return true;
	while (size < lines->used + bytes)
		size *= 2;
	text = mt_memory_alloc(size);
	if (!text) {
		mt_snapshot_partial(snap, "no memory for all lines");
		return false;
	}
	if (lines->used)
		memcpy(text, lines->text, lines->used);
	mt_memory_free(lines->text);
	snap->bytes += size - lines->size;
	lines->text = text;
	lines->size = size;
	return true;
}

/**
 * mt_snapshot_print() - add a line for people
 * @snap: the snapshot
 * @fmt: the line, without its newline
 *
 * The body of an MT_FORM_TEXT report; in any other report a note after the records, behind a "#".
 *
 * Context: process context, may sleep.
 */
void mt_snapshot_print(struct mt_snapshot *snap, const char *fmt, ...)
{
	va_list args;
	int length;

	va_start(args, fmt);
	length = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (length < 0 || !reserve(snap, length + 1))
		return;

	va_start(args, fmt);
	vsnprintf(snap->lines.text + snap->lines.used, length + 1, fmt, args);
	va_end(args);
	snap->lines.used += length + 1;
	snap->lines.nr++;
}

/**
 * mt_snapshot_row() - the cells of a record
 * @snap: the snapshot, sorted
 * @row: 0 for the largest
 *
 * Context: any.
 * Return: the cells; those of "(other)" for the row after the last kept one; NULL past the end.
 */
const struct mt_cell *mt_snapshot_row(const struct mt_snapshot *snap, unsigned int row)
{
	if (row < snap->nr_rows)
		return row_of(snap, row);
	if (row == snap->nr_rows && snap->dropped)
		return snap->other;
	return NULL;
}

/**
 * mt_snapshot_cell() - one cell by the name of its column
 * @snap: the snapshot, sorted
 * @row: 0 for the largest
 * @column: the column's name
 *
 * Context: any.
 * Return: the cell, or NULL if there is no such record or column.
 */
const struct mt_cell *mt_snapshot_cell(const struct mt_snapshot *snap, unsigned int row,
				       const char *column)
{
	const struct mt_cell *cells = mt_snapshot_row(snap, row);
	unsigned int i;

	for (i = 0; cells && i < snap->collector->nr_columns; i++) {
		if (!strcmp(snap->collector->columns[i].name, column))
			return &cells[i];
	}
	return NULL;
}

/**
 * mt_snapshot_line() - the lines, one after the other
 * @snap: the snapshot
 * @line: the line before the one that is wanted, or NULL for the first
 *
 * Context: any.
 * Return: the line, or NULL after the last.
 */
const char *mt_snapshot_line(const struct mt_snapshot *snap, const char *line)
{
	line = line ? line + strlen(line) + 1 : snap->lines.text;
	if (!line || line >= snap->lines.text + snap->lines.used)
		return NULL;
	return line;
}
