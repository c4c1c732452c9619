/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_COLLECTOR_H
#define MT_COLLECTOR_H

#include <linux/types.h>

#include "introspect/relo.h"

struct mt_snapshot;
struct mt_survey;

/** MT_NEEDS - things a collector may ask for */
#define MT_NEEDS	12

/** MT_COLUMNS - columns a report may have */
#define MT_COLUMNS	12

/** MT_NEED_TABLES - tables of which one is enough */
#define MT_NEED_TABLES	3

/**
 * enum mt_form - how a report's records are laid out
 * @MT_FORM_TABLE: one record a line, columns named in the third line
 * @MT_FORM_BOOK: like /proc/meminfo, "Name: N kB"; first column the number, second the name
 * @MT_FORM_TEXT: lines for people
 */
enum mt_form {
	MT_FORM_TABLE,
	MT_FORM_BOOK,
	MT_FORM_TEXT,
};

/**
 * enum mt_column_type - what a column's cells hold
 * @MT_NUMBER: a signed number
 * @MT_WORD: a string that lives as long as this module
 * @MT_TEXT: a string that the snapshot copies
 */
enum mt_column_type {
	MT_NUMBER,
	MT_WORD,
	MT_TEXT,
};

/**
 * struct mt_column - one column of a report
 * @name: as printed between < and >
 * @type: what its cells hold
 * @sum: the record "(other)" carries the sum of this column
 */
struct mt_column {
	const char *name;
	enum mt_column_type type;
	bool sum;
};

/**
 * struct mt_need - what a collector has to know of this kernel
 * @any_of: tables of which one suffices, because kernels differ
 * @loses: what an operator loses without it
 * @required: without it the report is unavailable; otherwise it is partial
 * @may_be_absent: nothing is lost on a kernel that does not have the thing at all
 */
struct mt_need {
	struct mt_relo_table *any_of[MT_NEED_TABLES];
	const char *loses;
	bool required;
	bool may_be_absent;
};

/**
 * struct mt_collector - one report
 * @name: the file's name
 * @form: how its records are laid out
 * @columns: its columns, the free-form one last; the first one sorts
 * @nr_columns: how many
 * @needs: what it must know of this kernel; the frame checks, and does not call @collect when a
 *         required one is missing
 * @of_large_slab: says more about slab: a summary does without it while slab is small
 * @baseline: taken at load too, so that growth since then can be told
 * @collect: fill the snapshot. Called in process context, with no lock held, by any number of
 *           readers at once; may sleep; takes and drops the kernel's locks itself. Keeps to
 *           @snap->budget_ns if that is not 0, by sampling. Returns 0 also
 *           for a partial report, which it marks with mt_snapshot_partial(), and -errno if
 *           nothing could be read, which makes the report unavailable.
 */
struct mt_collector {
	const char *name;
	enum mt_form form;
	const struct mt_column *columns;
	unsigned int nr_columns;
	struct mt_need needs[MT_NEEDS];
	bool of_large_slab;
	bool baseline;
	int (*collect)(struct mt_snapshot *snap);
};

#define COLLECTOR(_name) extern const struct mt_collector mt_##_name##_collector;
#include "collectors.h"
#undef COLLECTOR

extern const struct mt_collector *const mt_collectors[];
extern const unsigned int mt_nr_collectors;

enum mt_relo_state mt_need_state(const struct mt_need *need, const char **missing);
struct mt_snapshot *mt_collector_take(const struct mt_collector *collector,
				      unsigned int budget_us, struct mt_survey *survey);
unsigned int mt_collectors_ready(void);
void mt_collectors_resolve(void);
void mt_collectors_visit_tables(void (*visit)(struct mt_relo_table *table, void *arg), void *arg);

#endif /* MT_COLLECTOR_H */
