/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SNAPSHOT_H
#define MT_SNAPSHOT_H

#include <linux/compiler.h>
#include <linux/types.h>

#include "collector.h"

struct mt_survey;

/** MT_SNAPSHOT_REASON - bytes for the words of the state line */
#define MT_SNAPSHOT_REASON	384

/**
 * enum mt_state - how much of a report is there
 * @MT_OK: all of it
 * @MT_PARTIAL: something is missing, and the reason says what
 * @MT_UNAVAILABLE: nothing, and the reason says why
 */
enum mt_state {
	MT_OK,
	MT_PARTIAL,
	MT_UNAVAILABLE,
};

/**
 * enum mt_certainty - what a cell's value is worth
 * @MT_EXACT: printed as it is
 * @MT_ESTIMATE: printed with a leading "~"
 * @MT_UNKNOWN: printed as "-"
 */
enum mt_certainty {
	MT_EXACT,
	MT_ESTIMATE,
	MT_UNKNOWN,
};

/**
 * struct mt_cell - one value of one record
 * @number: for MT_NUMBER columns
 * @text: for MT_WORD and MT_TEXT columns
 * @certainty: what it is worth
 */
struct mt_cell {
	union {
		s64 number;
		const char *text;
	};
	enum mt_certainty certainty;
};

static inline struct mt_cell mt_number(s64 number, enum mt_certainty certainty)
{
	return (struct mt_cell) { .number = number, .certainty = certainty };
}

static inline struct mt_cell mt_exact(s64 number)
{
	return mt_number(number, MT_EXACT);
}

static inline struct mt_cell mt_unknown(void)
{
	return mt_number(0, MT_UNKNOWN);
}

static inline struct mt_cell mt_text(const char *text)
{
	return (struct mt_cell) { .text = text, .certainty = text ? MT_EXACT : MT_UNKNOWN };
}

/**
 * struct mt_lines - text for people, line by line
 * @text: NUL-terminated lines, one after the other
 * @nr: lines
 * @used: bytes in use
 * @size: bytes there
 */
struct mt_lines {
	char *text;
	unsigned int nr;
	size_t used;
	size_t size;
};

/**
 * struct mt_texts - a piece of memory for the texts of many records
 * @next: the piece before it
 * @used: bytes in use
 * @size: bytes there
 * @text: NUL-terminated texts, one after the other
 */
struct mt_texts {
	struct mt_texts *next;
	size_t used;
	size_t size;
	char text[];
};

/**
 * struct mt_rank - the place of a record among the others
 * @weight: its first column, the smallest number if that is unknown
 * @row: where its cells are
 */
struct mt_rank {
	s64 weight;
	unsigned int row;
};

/**
 * struct mt_snapshot - what one collection returned
 * @collector: whose report
 * @state: how much of it is there
 * @reason: what is missing, in words; also with MT_OK, for what this kernel cannot tell by nature
 * @budget_ns: what the collection may take, if it can sample; 0 for all of it
 * @hurried: something was left out to stay within @budget_ns: see @reason
 * @survey: a walk over all pages that this report shares with others, or NULL
 * @took_ns: what the collection took
 * @bytes: memory that the snapshot holds now
 * @cells: the kept records, @collector->nr_columns cells each, in the order of their making
 * @ranks: their order: a heap with the smallest on top if @heap, largest first when the collection
 *         is over
 * @heap: @ranks is a heap: it is one from when the first record is dropped
 * @nr_rows: records kept
 * @max_rows: records that may be kept: the rows parameter, at the time of the open
 * @room: records there is room for
 * @other: the sums of the records that were dropped
 * @dropped: how many
 * @text_columns: a bit for each column of texts
 * @texts: the copies of the records' texts
 * @text_bytes: bytes of them
 * @text_holes: of these, what dropped records have left
 * @lines: for MT_FORM_TEXT the report; otherwise the notes printed after the records
 */
struct mt_snapshot {
	const struct mt_collector *collector;
	enum mt_state state;
	char reason[MT_SNAPSHOT_REASON];
	u64 budget_ns;
	bool hurried;
	struct mt_survey *survey;
	u64 took_ns;
	size_t bytes;

	struct mt_cell *cells;
	struct mt_rank *ranks;
	bool heap;
	unsigned int nr_rows;
	unsigned int max_rows;
	unsigned int room;
	struct mt_cell *other;
	u64 dropped;

	unsigned int text_columns;
	struct mt_texts *texts;
	size_t text_bytes;
	size_t text_holes;

	struct mt_lines lines;
};

struct mt_snapshot *mt_snapshot_new(const struct mt_collector *collector, unsigned int max_rows);
void mt_snapshot_free(struct mt_snapshot *snap);
void mt_snapshot_expect(struct mt_snapshot *snap, unsigned int rows);
void mt_snapshot_add(struct mt_snapshot *snap, const struct mt_cell *cells);
void mt_snapshot_sort(struct mt_snapshot *snap);

__printf(2, 3) void mt_snapshot_partial(struct mt_snapshot *snap, const char *fmt, ...);
__printf(2, 3) void mt_snapshot_remark(struct mt_snapshot *snap, const char *fmt, ...);
__printf(2, 3) void mt_snapshot_hurried(struct mt_snapshot *snap, const char *fmt, ...);
__printf(2, 3) void mt_snapshot_print(struct mt_snapshot *snap, const char *fmt, ...);

const struct mt_cell *mt_snapshot_row(const struct mt_snapshot *snap, unsigned int row);
const struct mt_cell *mt_snapshot_cell(const struct mt_snapshot *snap, unsigned int row,
				       const char *column);
const char *mt_snapshot_line(const struct mt_snapshot *snap, const char *line);

#endif /* MT_SNAPSHOT_H */
