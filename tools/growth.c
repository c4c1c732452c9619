// SPDX-License-Identifier: GPL-2.0
/*
 * growth.c - knows which record of one snapshot is which of another, and what grew.
 *
 * Records are matched by what names them: their texts, and the numbers that are names (a pid, an
 * inode). The first column is their size.
 */
#include "growth.h"

#include <stdlib.h>
#include <string.h>

/* Counts that differ by less than one in this many are equal: 0.5 %, as in module/judge/slab.c. */
#define EQUAL_PART	200

/* Fewer objects than these are equal by accident. */
#define EQUAL_OBJECTS	10000

static const char *const number_names[] = {
	"pid", "inode", "netns", "order", "node", "dev", "managed", "object_size",
};

static bool is_name(const struct report *report, unsigned int column)
{
	unsigned int i;

	if (!column)
		return false;
	if (column + 1 == report->nr_columns)
		return true;
	for (i = 0; i < sizeof(number_names) / sizeof(*number_names); i++) {
		if (!strcmp(report->columns[column], number_names[i]))
			return true;
	}
	return false;
}

/* Texts name a record where they are texts in both snapshots. */
static int compare(const struct report *a, const struct cell *first, const struct report *b,
		   const struct cell *second)
{
	unsigned int i;

	for (i = 1; i < a->nr_columns && i < b->nr_columns; i++) {
		bool last = i + 1 == a->nr_columns;
		unsigned int other = last ? b->nr_columns - 1 : i;
		int order;

		if (!is_name(a, i) && (first[i].is_number || first[i].unknown ||
				       second[other].is_number || second[other].unknown))
			continue;
		/* the root of a cache names it: aliases come and go */
		if (last && !strcmp(a->columns[i], "names")) {
			size_t length = strcspn(first[i].text, ",");

			order = strncmp(first[i].text, second[other].text, length);
			if (!order && second[other].text[length] != ',' &&
			    second[other].text[length])
				order = -1;
		} else {
			order = strcmp(first[i].text, second[other].text);
		}
		if (order)
			return order;
	}
	return 0;
}

static long long count_of(const struct report *report, const struct cell *cells)
{
	int column = report_column(report, "active");

	if (column < 0)
		column = report_column(report, "objects");
	return column < 0 || cells[column].unknown ? 0 : cells[column].number;
}

/*
 * struct held - what the records of one name have together
 * @nr: how many there are
 * @first: the first of them
 * @kB: in their first columns
 * @objects: how many objects they count
 * @estimate: a figure among them is one
 * @unknown: a figure among them is not known
 */
struct held {
	size_t nr;
	size_t first;
	long long kB;
	long long objects;
	bool estimate;
	bool unknown;
};

/* Some reports have several records of one name, such as a function that asks for two kinds. */
static struct held find(const struct report *in, const struct report *report,
			const struct cell *cells)
{
	struct held held = { };
	size_t i;

	for (i = 0; in && i < in->nr_records; i++) {
		const struct cell *row = report_row(in, i);

		if (compare(report, cells, in, row))
			continue;
		if (!held.nr++)
			held.first = i;
		held.kB = report_sum(held.kB, row->number);
		held.objects = report_sum(held.objects, count_of(in, row));
		held.estimate |= row->estimate;
		held.unknown |= row->unknown || !row->is_number;
	}
	return held;
}

static bool add(struct growths *growths, size_t *room, const struct growth *growth)
{
	if (growths->nr == *room) {
		size_t more = *room ? *room * 2 : 256;
		struct growth *list = realloc(growths->list, more * sizeof(*list));

		if (!list)
			return false;
		growths->list = list;
		*room = more;
	}
	growths->list[growths->nr++] = *growth;
	return true;
}

static bool compare_reports(struct growths *growths, size_t *room, const struct report *before,
			    const struct report *after)
{
	size_t i;

	for (i = 0; i < after->nr_records; i++) {
		struct held now = find(after, after, report_row(after, i));
		struct held then = find(before, after, report_row(after, i));
		struct growth growth = {
			.report = after->name,
			.subject = report_subject(after, i),
			.before_kB = then.kB,
			.after_kB = now.kB,
			.objects = now.objects - then.objects,
			.estimate = now.estimate || then.estimate,
		};

		if (now.first != i || now.unknown || then.unknown)
			continue;
		if ((growth.before_kB != growth.after_kB || growth.objects) &&
		    !add(growths, room, &growth))
			return false;
	}
	for (i = 0; i < before->nr_records; i++) {
		struct held then = find(before, before, report_row(before, i));
		struct growth growth = {
			.report = before->name,
			.subject = report_subject(before, i),
			.before_kB = then.kB,
			.objects = -then.objects,
			.estimate = then.estimate,
		};

		if (then.first != i || then.unknown ||
		    find(after, before, report_row(before, i)).nr)
			continue;
		if ((growth.before_kB || growth.objects) && !add(growths, room, &growth))
			return false;
	}
	return true;
}

static int by_growth(const void *a, const void *b)
{
	const struct growth *first = a, *second = b;
	long long one = first->after_kB - first->before_kB;
	long long two = second->after_kB - second->before_kB;

	if (one != two)
		return one < two ? 1 : -1;
	return strcmp(first->subject, second->subject);
}

/**
 * growth_find() - what has changed from one snapshot to another
 * @growths: gets the changes, for growth_free(); what grew most first
 * @before: the earlier snapshot
 * @after: the later snapshot
 *
 * The changes point into the snapshots. A report that only one of them has is left out: that it
 * is missing says nothing about memory.
 *
 * Return: false without memory.
 */
bool growth_find(struct growths *growths, const struct snapshot *before,
		 const struct snapshot *after)
{
	size_t room = 0;
	unsigned int i;

	*growths = (struct growths) { };
	for (i = 0; i < after->nr_reports; i++) {
		const struct report *now = after->reports[i];
		const struct report *then = snapshot_report(before, now->name);

		if (!now->nr_columns || !then || now->state == REPORT_UNAVAILABLE ||
		    then->state == REPORT_UNAVAILABLE || !then->nr_columns)
			continue;
		if (!compare_reports(growths, &room, then, now)) {
			growth_free(growths);
			return false;
		}
	}
	if (growths->nr)
		qsort(growths->list, growths->nr, sizeof(*growths->list), by_growth);
	return true;
}

/**
 * growth_free() - give the changes back
 * @growths: the changes
 */
void growth_free(struct growths *growths)
{
	free(growths->list);
	*growths = (struct growths) { };
}

/**
 * growth_equal() - the caches that grew by as many objects as one does: one leak
 * @growths: the changes
 * @first: one of them
 * @members: gets the indices of the others
 * @room: how many there is room for
 *
 * Return: how many; 0 if it is no cache that grew much.
 */
size_t growth_equal(const struct growths *growths, size_t first, size_t *members, size_t room)
{
	long long count = growths->list[first].objects;
	size_t nr = 0, i;

	if (strcmp(growths->list[first].report, "slab") || count < EQUAL_OBJECTS)
		return 0;
	for (i = 0; i < growths->nr && nr < room; i++) {
		long long other = growths->list[i].objects;
		long long most = other > count ? other : count;

		if (i != first && !strcmp(growths->list[i].report, "slab") &&
		    other >= EQUAL_OBJECTS &&
		    (other > count ? other - count : count - other) <= most / EQUAL_PART)
			members[nr++] = i;
	}
	return nr;
}

/**
 * growth_exhaustion() - when would this growth have eaten what is free?
 * @after: the later snapshot
 * @kB: what grew
 * @seconds: in what time
 *
 * What is free and what is page cache can be eaten; the rest of the machine is taken to stay as
 * it is, so this is an estimate by nature.
 *
 * Return: seconds from the later snapshot on; -1 if never, or if it cannot be told.
 */
long long growth_exhaustion(const struct snapshot *after, long long kB, long long seconds)
{
	static const char *const edible[] = { "Free", "FreePcp", "LruFile", "SlabReclaimable" };
	const struct report *ledger = snapshot_report(after, "ledger");
	long long left = 0;
	double when;
	size_t i, j;

	if (!ledger || kB <= 0 || seconds <= 0)
		return -1;
	for (i = 0; i < ledger->nr_records; i++) {
		const struct cell *cells = report_row(ledger, i);

		for (j = 0; j < sizeof(edible) / sizeof(*edible); j++) {
			if (!strcmp(cells[1].text, edible[j]) && cells[0].number > 0)
				left = report_sum(left, cells[0].number);
		}
	}
	when = (double)left * seconds / kB;
	return when <= REPORT_LARGEST ? (long long)when : -1;
}
