// SPDX-License-Identifier: GPL-2.0
/*
 * test_family.c - knows which caches are told of as one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "collector.h"
#include "family.h"
#include "shim.h"
#include "snapshot.h"

static const struct mt_column columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "objects", .type = MT_NUMBER, .sum = true },
	{ .name = "size", .type = MT_NUMBER },
	{ .name = "reclaim", .type = MT_WORD },
	{ .name = "names", .type = MT_TEXT },
};

static const struct mt_collector collector = {
	.name = "slab",
	.form = MT_FORM_TABLE,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
};

static void add(struct mt_snapshot *snap, s64 kB, struct mt_cell objects, s64 size,
		const char *reclaim, const char *names)
{
	struct mt_cell cells[] = {
		mt_exact(kB), objects, mt_exact(size), mt_text(reclaim), mt_text(names),
	};

	mt_snapshot_add(snap, cells);
}

static void families(void **state)
{
	static const char *const names[] = {
		"kmalloc-64", "kmalloc-cg-64", "kmalloc-rcl-64", "dma-kmalloc-64",
		"kmalloc-rnd-03-64", "kmalloc-part-15-64", "kmalloc-64,iommu_iova",
	};
	char family[MT_FAMILY_NAME];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		assert_true(mt_family_name(family, names[i]));
		assert_string_equal(family, "kmalloc-64");
		assert_true(mt_family_same(names[i], "kmalloc-64"));
		assert_false(mt_family_same(names[i], "kmalloc-6"));
		assert_false(mt_family_same(names[i], "kmalloc-640"));
	}
	assert_true(mt_family_name(family, "kmalloc-cg-1k"));
	assert_string_equal(family, "kmalloc-1k");
}

static void strangers(void **state)
{
	static const char *const names[] = {
		"kmalloc_buckets", "kmalloc-", "kmalloc-cg-", "my-kmalloc-64", "msg_msg-64", "",
		"kmalloc-x,kmalloc-64", "dentry,kmalloc-64",
	};
	char family[MT_FAMILY_NAME];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		assert_false(mt_family_name(family, names[i]));
		assert_false(mt_family_same(names[i], "kmalloc-64"));
		assert_true(mt_family_same(names[i], names[i]));
	}
	assert_true(mt_family_same("dentry,x", "dentry"));
	assert_false(mt_family_same("dentry", "dentry2"));
}

static void folds_into_one_row(void **state)
{
	struct mt_snapshot *snap = mt_snapshot_new(&collector, 100);
	struct mt_snapshot *folded;

	add(snap, 30, mt_exact(3), 64, "n", "kmalloc-cg-64");
	add(snap, 50, mt_exact(5), 1, "n", "dentry");
	add(snap, 20, mt_number(2, MT_ESTIMATE), 64, "n", "kmalloc-64");
	add(snap, 15, mt_exact(1), 64, "y", "kmalloc-rcl-64");
	add(snap, 10, mt_exact(1), 128, "n", "kmalloc-128");
	mt_snapshot_print(snap, "a note");
	mt_snapshot_partial(snap, "a reason");
	mt_snapshot_sort(snap);
	folded = mt_family_fold(snap);
	assert_non_null(folded);
	assert_int_equal(folded->nr_rows, 3);
	assert_int_equal(mt_snapshot_cell(folded, 0, "kB")->number, 65);
	assert_int_equal(mt_snapshot_cell(folded, 0, "objects")->number, 6);
	assert_int_equal(mt_snapshot_cell(folded, 0, "objects")->certainty, MT_ESTIMATE);
	assert_int_equal(mt_snapshot_cell(folded, 0, "size")->number, 64);
	assert_null(mt_snapshot_cell(folded, 0, "reclaim")->text);
	assert_string_equal(mt_snapshot_cell(folded, 0, "names")->text,
			    "kmalloc-64,kmalloc-cg-64,kmalloc-rcl-64");
	assert_string_equal(mt_snapshot_cell(folded, 1, "names")->text, "dentry");
	assert_string_equal(mt_snapshot_cell(folded, 2, "names")->text, "kmalloc-128");
	assert_string_equal(mt_snapshot_line(folded, NULL), "a note");
	assert_int_equal(folded->state, MT_PARTIAL);
	assert_string_equal(folded->reason, "a reason");
	mt_snapshot_free(folded);
	mt_snapshot_free(snap);
	assert_int_equal(shim_live, 0);
}

/* Half a report is worse than one that is not folded. */
static void without_memory_nothing(void **state)
{
	struct mt_snapshot *snap = mt_snapshot_new(&collector, 100);
	struct mt_snapshot *folded;
	unsigned int fail;
	char name[32];
	int i;

	for (i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "%s-%d", i % 2 ? "kmalloc" : "cache", i);
		add(snap, i, mt_exact(i), 8, "n", name);
	}
	mt_snapshot_sort(snap);
	for (fail = 1;; fail++) {
		shim_fail_at = fail;
		folded = mt_family_fold(snap);
		if (folded)
			assert_int_equal(folded->nr_rows, 60);
		mt_snapshot_free(folded);
		if (shim_fail_at)
			break;
	}
	shim_fail_at = 0;
	/* the snapshot, its sums, its records twice, its texts */
	assert_true(fail > 4);
	mt_snapshot_free(snap);
	assert_int_equal(shim_live, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families),
		cmocka_unit_test(strangers),
		cmocka_unit_test(folds_into_one_row),
		cmocka_unit_test(without_memory_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
