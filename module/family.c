// SPDX-License-Identifier: GPL-2.0
/*
 * family.c - knows which kmalloc caches are of one size, and tells of them as one.
 *
 * Pure. Which of the caches of one size an allocation comes from says how it was made, or is a
 * matter of chance: kmalloc-64, kmalloc-cg-64, kmalloc-rcl-64, dma-kmalloc-64, kmalloc-rnd-01-64.
 * A leak stands in several of them.
 */
#include "family.h"

#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "snapshot.h"

/* Bytes for the names of one family: 16 caches of chance, and some more. */
#define NAMES	1024

static bool begins(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

/* The size in the first name of a kmalloc cache, NULL for any other one. */
static const char *size_of(const char *names, size_t *length)
{
	size_t end, at;

	if (!begins(names, "kmalloc-") && !begins(names, "dma-kmalloc-"))
		return NULL;
	end = strcspn(names, ",");
	for (at = end; names[at - 1] != '-'; at--)
		;
	if (at == end || names[at] < '0' || names[at] > '9')
		return NULL;
	*length = end - at;
	return names + at;
}

/**
 * mt_family_name() - the family of a cache
 * @family: gets its name; for a cache of no family, the cache's first name
 * @names: the names of the cache, with commas between them
 *
 * Context: any.
 * Return: true if it is a kmalloc cache.
 */
bool mt_family_name(char family[MT_FAMILY_NAME], const char *names)
{
	size_t length = strcspn(names, ",");
	const char *size = size_of(names, &length);

	snprintf(family, MT_FAMILY_NAME, "%s%.*s", size ? "kmalloc-" : "",
		 (int)min_t(size_t, length, MT_FAMILY_NAME - 1), size ? size : names);
	return size;
}

/**
 * mt_family_same() - are two caches the same, or of one family?
 * @names: names of the one
 * @others: names of the other
 *
 * Context: any.
 * Return: true if they are.
 */
bool mt_family_same(const char *names, const char *others)
{
	size_t length, other_length;
	const char *size = size_of(names, &length);
	const char *other_size = size_of(others, &other_length);

	if (!size != !other_size)
		return false;
	if (!size) {
		size = names;
		length = strcspn(names, ",");
		other_size = others;
		other_length = strcspn(others, ",");
	}
	return length == other_length && !strncmp(size, other_size, length);
}

static const char *names_of(const struct mt_snapshot *report, unsigned int row)
{
	const char *names = mt_snapshot_row(report, row)[report->collector->nr_columns - 1].text;

	return names ? names : "";
}

/* Adds the cells of another row to those of a sum. */
static void add_cells(struct mt_cell *sum, const struct mt_snapshot *report, unsigned int row)
{
	const struct mt_collector *collector = report->collector;
	const struct mt_cell *cells = mt_snapshot_row(report, row);
	unsigned int i;

	for (i = 0; i + 1 < collector->nr_columns; i++) {
		const struct mt_column *column = &collector->columns[i];

		if (column->type != MT_NUMBER) {
			if (sum[i].text && cells[i].text && strcmp(sum[i].text, cells[i].text))
				sum[i] = mt_text(NULL);
		} else if (column->sum) {
			sum[i].number += cells[i].number;
			sum[i].certainty = max(sum[i].certainty, cells[i].certainty);
		} else if (sum[i].number != cells[i].number) {
			sum[i] = mt_unknown();
		}
	}
}

/* The sum of all rows of a family, under its name and then those of its other caches. */
static void fold_row(struct mt_snapshot *folded, const struct mt_snapshot *report,
		     unsigned int first, const char *family)
{
	unsigned int nr_columns = report->collector->nr_columns;
	struct mt_cell sum[MT_COLUMNS];
	char names[NAMES];
	unsigned int row;

	memcpy(sum, mt_snapshot_row(report, first), nr_columns * sizeof(*sum));
	snprintf(names, sizeof(names), "%s", family);
	for (row = first; row < report->nr_rows; row++) {
		const char *member = names_of(report, row);
		size_t used = strlen(names);

		if (!mt_family_same(family, member))
			continue;
		if (row != first)
			add_cells(sum, report, row);
		if (strcmp(member, family))
			snprintf(names + used, sizeof(names) - used, ",%s", member);
	}
	sum[nr_columns - 1] = mt_text(names);
	mt_snapshot_add(folded, sum);
}

static bool was_before(const struct mt_snapshot *report, unsigned int before, const char *family)
{
	unsigned int row;

	for (row = 0; row < before; row++) {
		if (mt_family_same(family, names_of(report, row)))
			return true;
	}
	return false;
}

/**
 * mt_family_fold() - a report of caches in which each family is one record
 * @report: the report; the last column has the names of a cache
 *
 * Context: process context, may sleep.
 * Return: another report, for mt_snapshot_free(), with the same state and notes; NULL without
 * memory.
 */
struct mt_snapshot *mt_family_fold(const struct mt_snapshot *report)
{
	struct mt_snapshot *folded = mt_snapshot_new(report->collector, report->nr_rows + 1);
	char family[MT_FAMILY_NAME];
	const char *line = NULL;
	unsigned int row;

	if (!folded)
		return NULL;
	folded->state = report->state;
	snprintf(folded->reason, sizeof(folded->reason), "%s", report->reason);
	folded->took_ns = report->took_ns;
	mt_snapshot_expect(folded, report->nr_rows);
	for (row = 0; row < report->nr_rows; row++) {
		if (!mt_family_name(family, names_of(report, row)))
			mt_snapshot_add(folded, mt_snapshot_row(report, row));
		else if (!was_before(report, row, family))
			fold_row(folded, report, row, family);
	}
	mt_snapshot_sort(folded);
	while ((line = mt_snapshot_line(report, line)))
		mt_snapshot_print(folded, "%s", line);
	if (!folded->dropped)
		return folded;
	mt_snapshot_free(folded);
	return NULL;
}
