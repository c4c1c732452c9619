// SPDX-License-Identifier: GPL-2.0
/*
 * test_page_check.c - knows which counters should be which pages, and when the difference is a
 * verdict.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "page_check.h"
#include "snapshot.h"
#include "verdict.h"

#define MIB_PAGES	256LL
#define GIB_PAGES	(1024 * MIB_PAGES)

static const struct mt_column pages_columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "pages", .type = MT_NUMBER, .sum = true },
	{ .name = "managed", .type = MT_WORD },
	{ .name = "class", .type = MT_WORD },
};

static const struct mt_collector pages_collector = {
	.name = "pages",
	.form = MT_FORM_TABLE,
	.columns = pages_columns,
	.nr_columns = ARRAY_SIZE(pages_columns),
};

static const struct mt_column ghost_columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "pages", .type = MT_NUMBER, .sum = true },
	{ .name = "order", .type = MT_NUMBER },
	{ .name = "node", .type = MT_NUMBER },
	{ .name = "owner", .type = MT_TEXT },
	{ .name = "evidence", .type = MT_TEXT },
};

static const struct mt_collector ghost_collector = {
	.name = "ghost",
	.form = MT_FORM_TABLE,
	.columns = ghost_columns,
	.nr_columns = ARRAY_SIZE(ghost_columns),
};

struct machine {
	struct mt_ledger now;
	struct mt_ledger before;
	struct mt_evidence evidence;
	struct mt_judgement judgement;
	struct mt_snapshot *reports[2];
	s64 counted[MT_NR_PAGE_CLASSES];
};

/* 4 GiB, most of it free, and 200 MiB of slabs. */
static struct machine *idle(void)
{
	struct machine *machine = calloc(1, sizeof(*machine));
	unsigned int account;

	assert_non_null(machine);
	for (account = 0; account < MT_NR_ACCOUNTS; account++)
		mt_ledger_set(&machine->now, account, 0);
	mt_ledger_set(&machine->now, MT_TOTAL, 4 * GIB_PAGES);
	mt_ledger_set(&machine->now, MT_FREE, 4 * GIB_PAGES - 200 * MIB_PAGES);
	mt_ledger_set(&machine->now, MT_SLAB_UNRECLAIMABLE, 200 * MIB_PAGES);
	mt_ledger_balance(&machine->now);
	machine->before = machine->now;
	machine->counted[MT_PAGE_FREE] = 4 * GIB_PAGES - 200 * MIB_PAGES;
	machine->counted[MT_PAGE_SLAB] = 200 * MIB_PAGES;
	machine->reports[0] = mt_snapshot_new(&pages_collector, 1000);
	machine->reports[1] = mt_snapshot_new(&ghost_collector, 1000);
	machine->evidence = (struct mt_evidence) {
		.now = &machine->now,
		.before = &machine->before,
		.reports = machine->reports,
		.nr_reports = 2,
		.page_kB = 4,
		.path = "/reports",
	};
	return machine;
}

static void discard(struct machine *machine)
{
	mt_snapshot_free(machine->reports[0]);
	mt_snapshot_free(machine->reports[1]);
	free(machine);
}

static void judge(struct machine *machine, enum mt_certainty certainty)
{
	unsigned int class;

	for (class = 0; class < MT_NR_PAGE_CLASSES; class++) {
		struct mt_cell cells[] = {
			mt_number(machine->counted[class] * 4, certainty),
			mt_number(machine->counted[class], certainty),
			mt_text("y"),
			mt_text(mt_page_class_name(class)),
		};

		mt_snapshot_add(machine->reports[0], cells);
	}
	mt_snapshot_sort(machine->reports[0]);
	mt_snapshot_sort(machine->reports[1]);
	mt_verdict_judge(&machine->judgement, &machine->evidence);
}

static const struct mt_verdict *find(const struct machine *machine, const char *kind)
{
	unsigned int i;

	for (i = 0; i < machine->judgement.nr; i++) {
		if (!strcmp(machine->judgement.verdicts[i].kind, kind))
			return &machine->judgement.verdicts[i];
	}
	return NULL;
}

static void every_class_has_a_name_of_its_own(void **state)
{
	unsigned int a, b;

	for (a = 0; a < MT_NR_PAGE_CLASSES; a++) {
		assert_non_null(mt_page_class_name(a));
		for (b = 0; b < a; b++)
			assert_string_not_equal(mt_page_class_name(a), mt_page_class_name(b));
	}
}

static void every_check_has_counter_and_pages(void **state)
{
	struct machine *machine = idle();
	struct mt_page_check check;
	s64 ones[MT_NR_PAGE_CLASSES];
	s64 sum = 0;
	unsigned int i;

	for (i = 0; i < MT_NR_PAGE_CLASSES; i++)
		ones[i] = 1;
	for (i = 0; i < MT_PAGE_CHECKS; i++) {
		assert_true(mt_page_check(&check, i, &machine->now, ones));
		assert_non_null(check.name);
		assert_true(check.counted > 0);
		sum += check.counted;
	}
	/* no class in two counters */
	assert_true(sum <= MT_NR_PAGE_CLASSES);
	assert_true(mt_page_check(&check, 0, &machine->now, machine->counted));
	assert_int_equal(check.counter, check.counted);
	machine->now.known[MT_FREE] = false;
	assert_false(mt_page_check(&check, 0, &machine->now, machine->counted));
	discard(machine);
}

static void what_agrees_is_no_verdict(void **state)
{
	struct machine *machine = idle();

	judge(machine, MT_EXACT);
	assert_null(find(machine, "counter-drift"));
	discard(machine);
}

static void a_counter_that_says_too_much(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	machine->now.pages[MT_SLAB_UNRECLAIMABLE] += 800 * MIB_PAGES;
	judge(machine, MT_EXACT);
	verdict = find(machine, "counter-drift");
	assert_non_null(verdict);
	assert_int_equal(verdict->kB, 800 * MIB_PAGES * 4);
	assert_non_null(strstr(verdict->text, "Slab"));
	assert_non_null(strstr(verdict->text, "1000.0 MiB"));
	assert_non_null(strstr(verdict->text, "200.0 MiB"));
	assert_non_null(strstr(verdict->details[0], "do not reboot"));
	discard(machine);
}

static void a_counter_that_misses_pages(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	machine->counted[MT_PAGE_SLAB] += 100 * MIB_PAGES;
	judge(machine, MT_EXACT);
	verdict = find(machine, "counter-drift");
	assert_non_null(verdict);
	assert_null(strstr(verdict->details[0], "reboot"));
	discard(machine);
}

/* What was scaled up may well be wrong by a quarter. */
static void a_sample_needs_more(void **state)
{
	struct machine *machine = idle();

	machine->counted[MT_PAGE_SLAB] += 60 * MIB_PAGES;
	judge(machine, MT_ESTIMATE);
	assert_null(find(machine, "counter-drift"));
	discard(machine);

	machine = idle();
	machine->counted[MT_PAGE_SLAB] += 600 * MIB_PAGES;
	judge(machine, MT_ESTIMATE);
	assert_non_null(find(machine, "counter-drift"));
	discard(machine);
}

/* One dense stretch of many, scaled up: then what is free is wrong, too. */
static void a_sample_that_nobody_vouches_for(void **state)
{
	struct machine *machine = idle();

	machine->counted[MT_PAGE_SLAB] += 600 * MIB_PAGES;
	machine->counted[MT_PAGE_FREE] -= 600 * MIB_PAGES;
	judge(machine, MT_ESTIMATE);
	assert_null(find(machine, "counter-drift"));
	discard(machine);
}

static void half_a_census_accuses_nobody(void **state)
{
	struct machine *machine = idle();

	machine->now.pages[MT_SLAB_UNRECLAIMABLE] += 800 * MIB_PAGES;
	mt_snapshot_partial(machine->reports[0], "broken off");
	judge(machine, MT_EXACT);
	assert_null(find(machine, "counter-drift"));
	discard(machine);
}

static void add_ghost(struct machine *machine, s64 pages, const char *owner, const char *evidence)
{
	struct mt_cell cells[] = {
		mt_exact(pages * 4), mt_exact(pages), mt_exact(2), mt_exact(0),
		mt_text(owner), mt_text(evidence),
	};

	mt_snapshot_add(machine->reports[1], cells);
	machine->counted[MT_PAGE_GHOST] += pages;
	machine->counted[MT_PAGE_FREE] -= pages;
	machine->now.pages[MT_FREE] -= pages;
	mt_ledger_balance(&machine->now);
}

static void the_first_owner_is_named(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	add_ghost(machine, 300 * MIB_PAGES, NULL, "raw, no kernel address");
	add_ghost(machine, 100 * MIB_PAGES, "demo", "9 of 9 blocks carry demo_ring_ops [demo]");
	judge(machine, MT_EXACT);
	verdict = find(machine, "pages");
	assert_non_null(verdict);
	assert_non_null(strstr(verdict->details[0], "100.0 MiB"));
	assert_non_null(strstr(verdict->details[0], "demo_ring_ops"));
	assert_non_null(strstr(verdict->details[1], "by the pages 400.0 MiB"));
	assert_non_null(strstr(verdict->details[1], "difference 0 kB"));
	assert_non_null(strstr(verdict->next, "rmmod demo"));
	discard(machine);
}

static void without_evidence_nobody_is_named(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	add_ghost(machine, 300 * MIB_PAGES, NULL, "raw, no kernel address");
	judge(machine, MT_EXACT);
	verdict = find(machine, "pages");
	assert_non_null(verdict);
	assert_null(strstr(verdict->next, "rmmod"));
	discard(machine);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_class_has_a_name_of_its_own),
		cmocka_unit_test(every_check_has_counter_and_pages),
		cmocka_unit_test(what_agrees_is_no_verdict),
		cmocka_unit_test(a_counter_that_says_too_much),
		cmocka_unit_test(a_counter_that_misses_pages),
		cmocka_unit_test(a_sample_needs_more),
		cmocka_unit_test(a_sample_that_nobody_vouches_for),
		cmocka_unit_test(half_a_census_accuses_nobody),
		cmocka_unit_test(the_first_owner_is_named),
		cmocka_unit_test(without_evidence_nobody_is_named),
	};

	return cmocka_run_group_tests_name("page_check", tests, NULL, NULL);
}
