// SPDX-License-Identifier: GPL-2.0
/*
 * test_snapshot.c - knows that a snapshot keeps the largest, loses nothing of the sums, and frees
 * all that it took, also when memory cannot be had.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/seq_file.h>

#include "report.h"
#include "shim.h"
#include "snapshot.h"

enum { KB, OBJECTS, SIZE, KIND, NAME, COLUMNS };

static const struct mt_column columns[COLUMNS] = {
	[KB] = { .name = "kB", .type = MT_NUMBER, .sum = true },
	[OBJECTS] = { .name = "objects", .type = MT_NUMBER, .sum = true },
	[SIZE] = { .name = "size", .type = MT_NUMBER },
	[KIND] = { .name = "kind", .type = MT_WORD },
	[NAME] = { .name = "name", .type = MT_TEXT },
};

static const struct mt_collector table = {
	.name = "table", .form = MT_FORM_TABLE, .columns = columns, .nr_columns = COLUMNS,
};

static const struct mt_column book_columns[] = {
	{ .name = "kB", .type = MT_NUMBER },
	{ .name = "account", .type = MT_WORD },
};

static const struct mt_collector book = {
	.name = "book", .form = MT_FORM_BOOK, .columns = book_columns, .nr_columns = 2,
};

static const struct mt_collector text = { .name = "text", .form = MT_FORM_TEXT };

static int setup(void **state)
{
	shim_fail_at = 0;
	shim_fail_on = false;
	shim_allocations = 0;
	/* what an earlier test left when it failed is not this one's */
	shim_live = 0;
	shim_bytes = 0;
	return 0;
}

static int teardown(void **state)
{
	shim_fail_at = 0;
	assert_int_equal(shim_live, 0);
	assert_int_equal(shim_bytes, 0);
	return 0;
}

static void fill(struct mt_cell *cells, s64 kb, const char *name)
{
	cells[KB] = mt_exact(kb);
	cells[OBJECTS] = mt_exact(2 * kb + 1);
	cells[SIZE] = mt_exact(64);
	cells[KIND] = mt_text("word");
	cells[NAME] = mt_text(name);
}

/* What was added, to compare with what is told. */
static struct {
	s64 weights[5000];
	unsigned int nr;
	s64 kb, objects;
	unsigned int unknown_objects;
} added;

static void add_random(struct mt_snapshot *snap, unsigned int *seed, bool odd)
{
	struct mt_cell cells[COLUMNS];
	char name[32];
	s64 kb = rand_r(seed) % 1000;

	snprintf(name, sizeof(name), "name-%lld-%u", kb, added.nr);
	fill(cells, kb, name);
	added.weights[added.nr] = kb;
	if (odd && rand_r(seed) % 10 == 0) {
		cells[KB] = mt_unknown();
		added.weights[added.nr] = S64_MIN;
		kb = 0;
	}
	if (odd && rand_r(seed) % 10 == 0)
		cells[NAME] = mt_text(NULL);
	if (odd && rand_r(seed) % 10 == 0) {
		cells[OBJECTS] = mt_unknown();
		added.unknown_objects++;
	} else {
		added.objects += cells[OBJECTS].number;
	}
	added.kb += kb;
	added.nr++;
	mt_snapshot_add(snap, cells);
	/* its own copy: the caller's text may go */
	memset(name, 'x', sizeof(name) - 1);
}

static int descending(const void *a, const void *b)
{
	s64 first = *(const s64 *)a, second = *(const s64 *)b;

	return first < second ? 1 : -(first > second);
}

static s64 weight(const struct mt_cell *cells)
{
	return cells[KB].certainty == MT_UNKNOWN ? S64_MIN : cells[KB].number;
}

/* Sums over all rows, "(other)" among them, are those of all that was added. */
static void expect_totals(const struct mt_snapshot *snap)
{
	unsigned int row, unknown = 0;
	const struct mt_cell *cells;
	s64 kb = 0, objects = 0;

	for (row = 0; (cells = mt_snapshot_row(snap, row)); row++) {
		kb += cells[KB].certainty == MT_UNKNOWN ? 0 : cells[KB].number;
		if (cells[OBJECTS].certainty == MT_UNKNOWN)
			unknown++;
		else
			objects += cells[OBJECTS].number;
	}
	assert_int_equal(row, snap->nr_rows + !!snap->dropped);
	assert_true(kb == added.kb);
	assert_true(objects == added.objects);
	assert_true(unknown <= added.unknown_objects);
	assert_int_equal(snap->nr_rows + snap->dropped, added.nr);
	if (snap->dropped && unknown < added.unknown_objects)
		assert_int_not_equal(snap->other[OBJECTS].certainty, MT_EXACT);
	assert_int_equal(snap->bytes, shim_bytes);
}

static void keeps_the_largest(void **state)
{
	static const unsigned int bounds[] = { 1, 2, 8, 31, 32, 33, 64, 100, 512 };
	static const unsigned int counts[] = { 0, 1, 8, 31, 32, 33, 65, 100, 511, 512, 513, 3000 };
	unsigned int seed = 1, i, j, row, odd;
	struct mt_snapshot *snap;

	for (i = 0; i < ARRAY_SIZE(bounds); i++) {
		for (j = 0; j < 2 * ARRAY_SIZE(counts); j++) {
			odd = j % 2;
			memset(&added, 0, sizeof(added));
			snap = mt_snapshot_new(&table, bounds[i]);
			assert_non_null(snap);
			while (added.nr < counts[j / 2])
				add_random(snap, &seed, odd);
			mt_snapshot_sort(snap);

			assert_int_equal(snap->state, MT_OK);
			assert_int_equal(snap->nr_rows, min(bounds[i], counts[j / 2]));
			qsort(added.weights, added.nr, sizeof(*added.weights), descending);
			for (row = 0; row < snap->nr_rows; row++)
				assert_true(weight(mt_snapshot_row(snap, row)) ==
					    added.weights[row]);
			expect_totals(snap);
			mt_snapshot_free(snap);
			assert_int_equal(shim_live, 0);
		}
	}
}

/* The texts stay with their numbers through all the swapping. */
static void rows_stay_whole(void **state)
{
	struct mt_snapshot *snap = mt_snapshot_new(&table, 100);
	unsigned int seed = 7, row;
	char prefix[32];

	memset(&added, 0, sizeof(added));
	while (added.nr < 1000)
		add_random(snap, &seed, false);
	mt_snapshot_sort(snap);
	for (row = 0; row < snap->nr_rows; row++) {
		const struct mt_cell *cells = mt_snapshot_row(snap, row);

		snprintf(prefix, sizeof(prefix), "name-%lld-", cells[KB].number);
		assert_memory_equal(cells[NAME].text, prefix, strlen(prefix));
		assert_true(cells[OBJECTS].number == 2 * cells[KB].number + 1);
		assert_string_equal(cells[KIND].text, "word");
	}
	mt_snapshot_free(snap);
}

static void other_tells_what_it_knows(void **state)
{
	struct mt_snapshot *snap = mt_snapshot_new(&table, 1);
	struct mt_cell cells[COLUMNS];

	fill(cells, 100, "largest");
	mt_snapshot_add(snap, cells);
	fill(cells, 10, "small");
	mt_snapshot_add(snap, cells);
	assert_int_equal(snap->other[KB].certainty, MT_EXACT);
	assert_true(snap->other[KB].number == 10);
	/* columns that make no sense as a sum */
	assert_int_equal(snap->other[SIZE].certainty, MT_UNKNOWN);
	assert_int_equal(snap->other[NAME].certainty, MT_UNKNOWN);

	fill(cells, 20, "estimate");
	cells[KB].certainty = MT_ESTIMATE;
	mt_snapshot_add(snap, cells);
	assert_int_equal(snap->other[KB].certainty, MT_ESTIMATE);
	assert_true(snap->other[KB].number == 30);
	assert_int_equal(snap->other[OBJECTS].certainty, MT_EXACT);

	fill(cells, 5, "unknown");
	cells[OBJECTS] = mt_unknown();
	mt_snapshot_add(snap, cells);
	assert_int_equal(snap->other[OBJECTS].certainty, MT_ESTIMATE);
	assert_true(snap->other[OBJECTS].number == 21 + 41);
	assert_int_equal(snap->dropped, 3);
	mt_snapshot_free(snap);
}

/* Unknown is never 0, also in a sum of nothing but unknowns. */
static void other_of_unknowns_is_unknown(void **state)
{
	struct mt_snapshot *snap = mt_snapshot_new(&table, 1);
	struct mt_cell cells[COLUMNS];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		fill(cells, 100 - i, "x");
		cells[OBJECTS] = mt_unknown();
		mt_snapshot_add(snap, cells);
	}
	assert_int_equal(snap->other[OBJECTS].certainty, MT_UNKNOWN);
	assert_int_equal(snap->other[KB].certainty, MT_EXACT);
	/* what is known afterwards is a lower bound */
	fill(cells, 1, "known");
	mt_snapshot_add(snap, cells);
	assert_int_equal(snap->other[OBJECTS].certainty, MT_ESTIMATE);
	assert_true(snap->other[OBJECTS].number == 3);
	mt_snapshot_free(snap);
}

static void negative_and_extreme_weights(void **state)
{
	struct mt_snapshot *snap = mt_snapshot_new(&table, 3);
	static const s64 weights[] = { -5, S64_MAX, 0, S64_MIN / 2, 7, -1 };
	struct mt_cell cells[COLUMNS];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(weights); i++) {
		fill(cells, 0, "x");
		cells[KB] = mt_exact(weights[i]);
		mt_snapshot_add(snap, cells);
	}
	mt_snapshot_sort(snap);
	assert_true(mt_snapshot_row(snap, 0)[KB].number == S64_MAX);
	assert_true(mt_snapshot_row(snap, 1)[KB].number == 7);
	assert_true(mt_snapshot_row(snap, 2)[KB].number == 0);
	assert_true(snap->other[KB].number == S64_MIN / 2 - 5 - 1);
	mt_snapshot_free(snap);
}

static void cells_by_name(void **state)
{
	struct mt_snapshot *snap = mt_snapshot_new(&table, 2);
	struct mt_cell cells[COLUMNS];
	unsigned int i;

	assert_null(mt_snapshot_row(snap, 0));
	assert_null(mt_snapshot_cell(snap, 0, "kB"));
	for (i = 1; i < 4; i++) {
		fill(cells, i, "x");
		mt_snapshot_add(snap, cells);
	}
	mt_snapshot_sort(snap);
	assert_true(mt_snapshot_cell(snap, 0, "objects")->number == 7);
	assert_true(mt_snapshot_cell(snap, 1, "objects")->number == 5);
	assert_true(mt_snapshot_cell(snap, 2, "objects")->number == 3);
	assert_ptr_equal(mt_snapshot_row(snap, 2), snap->other);
	assert_null(mt_snapshot_cell(snap, 0, "object"));
	assert_null(mt_snapshot_row(snap, 3));
	assert_null(mt_snapshot_row(snap, UINT_MAX));
	mt_snapshot_free(snap);
}

static void expect_lines(const struct mt_snapshot *snap, unsigned int nr)
{
	const char *line = NULL;
	char want[32];
	unsigned int i;

	for (i = 0; i < nr; i++) {
		line = mt_snapshot_line(snap, line);
		assert_non_null(line);
		snprintf(want, sizeof(want), i % 3 ? "line %u" : "", i);
		assert_string_equal(line, want);
	}
	assert_null(mt_snapshot_line(snap, line));
}

static void lines(void **state)
{
	struct mt_snapshot *snap = mt_snapshot_new(&text, 8);
	static char huge[5000];
	unsigned int i;

	assert_null(mt_snapshot_line(snap, NULL));
	for (i = 0; i < 1000; i++) {
		if (i % 3)
			mt_snapshot_print(snap, "line %u", i);
		else
			mt_snapshot_print(snap, "%s", "");
	}
	assert_int_equal(snap->state, MT_OK);
	expect_lines(snap, 1000);
	assert_int_equal(snap->bytes, shim_bytes);

	memset(huge, 'h', sizeof(huge) - 1);
	mt_snapshot_print(snap, "%s", huge);
	assert_int_equal(snap->bytes, shim_bytes);
	mt_snapshot_free(snap);
}

static void reasons(void **state)
{
	struct mt_snapshot *snap = mt_snapshot_new(&text, 8);
	unsigned int i;

	mt_snapshot_remark(snap, "nothing is missing");
	assert_int_equal(snap->state, MT_OK);
	mt_snapshot_partial(snap, "no %s", "cheese");
	assert_int_equal(snap->state, MT_PARTIAL);
	mt_snapshot_partial(snap, "no %s", "cheese");
	assert_string_equal(snap->reason, "nothing is missing; no cheese");
	snap->state = MT_UNAVAILABLE;
	mt_snapshot_partial(snap, "no wine");
	assert_int_equal(snap->state, MT_UNAVAILABLE);
	for (i = 0; i < 200; i++)
		mt_snapshot_partial(snap, "reason number %u", i);
	assert_true(strnlen(snap->reason, sizeof(snap->reason)) < sizeof(snap->reason));
	mt_snapshot_free(snap);
}

static void print_all(const struct mt_snapshot *snap)
{
	struct seq_file seq = { 0 };
	u64 record;

	for (record = 0; record < mt_report_records(snap); record++)
		mt_report_print(&seq, snap, record);
	assert_non_null(strstr(seq.buf, "# state: "));
	seq_free(&seq);
}

/* One run in which the shim fails the n-th allocation, or all from the n-th on. */
static bool collect_failing(unsigned long fail_at, bool fail_on)
{
	struct mt_snapshot *snap;
	unsigned int seed = 3, i;
	bool failed;

	memset(&added, 0, sizeof(added));
	shim_allocations = 0;
	shim_fail_at = fail_at;
	shim_fail_on = fail_on;
	snap = mt_snapshot_new(&table, 250);
	if (!snap) {
		assert_int_equal(shim_live, 0);
		return true;
	}
	for (i = 0; i < 300; i++) {
		add_random(snap, &seed, true);
		if (i % 10 == 0)
			mt_snapshot_print(snap, "a note with some length, number %u of many", i);
	}
	mt_snapshot_sort(snap);
	failed = shim_allocations >= fail_at;
	shim_fail_at = 0;

	assert_int_equal(snap->state, failed ? MT_PARTIAL : MT_OK);
	assert_int_equal(!*snap->reason, !failed);
	for (i = 1; i < snap->nr_rows; i++)
		assert_true(weight(mt_snapshot_row(snap, i - 1)) >=
			    weight(mt_snapshot_row(snap, i)));
	expect_totals(snap);
	print_all(snap);
	mt_snapshot_free(snap);
	assert_int_equal(shim_live, 0);
	assert_int_equal(shim_bytes, 0);
	return failed;
}

static void any_allocation_may_fail(void **state)
{
	unsigned long n;

	for (n = 1; collect_failing(n, false); n++)
		;
	assert_true(n > 10);
	for (n = 1; collect_failing(n, true); n++)
		;
}

/* Each record is larger than all before it, so that each but the first ones drops another. */
static void dropped_texts_give_their_memory_back(void **state)
{
	struct mt_snapshot *snap = mt_snapshot_new(&table, 16);
	size_t most = 0;
	unsigned int i;

	for (i = 0; i < 20000; i++) {
		struct mt_cell cells[COLUMNS];
		char name[32];

		snprintf(name, sizeof(name), "name-%u", i);
		fill(cells, i, name);
		mt_snapshot_add(snap, cells);
		most = max(most, snap->bytes);
	}
	assert_int_equal(snap->bytes, shim_bytes);
	assert_true(most < 5 * 4096);
	mt_snapshot_sort(snap);
	for (i = 0; i < 16; i++) {
		char name[32];

		snprintf(name, sizeof(name), "name-%u", 19999 - i);
		assert_string_equal(mt_snapshot_cell(snap, i, "name")->text, name);
	}
	mt_snapshot_free(snap);
}

/* The books have no "(other)": each account is there, in its place, whatever rows= says. */
static void books_are_never_cut(void **state)
{
	static const char *const names[] = {
		"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q",
		"r", "s", "t", "u", "v", "w",
	};
	struct mt_snapshot *snap = mt_snapshot_new(&book, 8);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct mt_cell cells[] = { mt_exact((i * 7) % 23), mt_text(names[i]) };

		mt_snapshot_add(snap, cells);
	}
	mt_snapshot_sort(snap);
	assert_int_equal(snap->nr_rows, ARRAY_SIZE(names));
	assert_int_equal(snap->dropped, 0);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		assert_string_equal(mt_snapshot_cell(snap, i, "account")->text, names[i]);
	print_all(snap);
	mt_snapshot_free(snap);
}

static void books_without_memory(void **state)
{
	unsigned long n;

	for (n = 1;; n++) {
		struct mt_snapshot *snap;
		unsigned int i;
		bool failed;

		shim_allocations = 0;
		shim_fail_at = n;
		snap = mt_snapshot_new(&book, 512);
		for (i = 0; snap && i < 23; i++) {
			struct mt_cell cells[] = { mt_exact(i), mt_text("account") };

			mt_snapshot_add(snap, cells);
		}
		failed = shim_allocations >= n;
		shim_fail_at = 0;
		if (snap) {
			mt_snapshot_sort(snap);
			assert_int_equal(snap->state, failed ? MT_PARTIAL : MT_OK);
			print_all(snap);
		}
		mt_snapshot_free(snap);
		if (!failed)
			break;
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(keeps_the_largest),
		TEST(rows_stay_whole),
		TEST(other_tells_what_it_knows),
		TEST(other_of_unknowns_is_unknown),
		TEST(negative_and_extreme_weights),
		TEST(cells_by_name),
		TEST(lines),
		TEST(reasons),
		TEST(any_allocation_may_fail),
		TEST(dropped_texts_give_their_memory_back),
		TEST(books_are_never_cut),
		TEST(books_without_memory),
	};

	mt_snapshot_free(NULL);
	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
