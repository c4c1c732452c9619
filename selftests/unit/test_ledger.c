// SPDX-License-Identifier: GPL-2.0
/*
 * test_ledger.c - knows that the books balance, whatever is entered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "ledger.h"

static void total_is_the_sum(void **state)
{
	unsigned int seed = 1, round, account;
	struct mt_ledger ledger;
	s64 sum, pages;

	for (round = 0; round < 100000; round++) {
		memset(&ledger, 0, sizeof(ledger));
		/* counters race: any of them can be negative, and their sum more than there is */
		mt_ledger_set(&ledger, MT_TOTAL, rand_r(&seed));
		for (account = MT_TOTAL + 1; account < MT_GHOST; account++) {
			pages = (s64)rand_r(&seed) << (rand_r(&seed) % 20);
			if (rand_r(&seed) % 8 == 0)
				pages = -pages;
			if (rand_r(&seed) % 4)
				mt_ledger_set(&ledger, account, pages);
			else
				ledger.pages[account] = pages;	/* unknown, and not to be used */
		}
		mt_ledger_balance(&ledger);

		for (sum = 0, account = MT_TOTAL + 1; account < MT_NR_ACCOUNTS; account++)
			sum += ledger.known[account] ? ledger.pages[account] : 0;
		assert_true(ledger.known[MT_GHOST]);
		assert_true(sum == ledger.pages[MT_TOTAL]);
	}
}

static void ghost_is_signed(void **state)
{
	struct mt_ledger ledger = { 0 };

	mt_ledger_set(&ledger, MT_TOTAL, 100);
	mt_ledger_set(&ledger, MT_FREE, 60);
	mt_ledger_set(&ledger, MT_LRU_FILE, 70);
	mt_ledger_balance(&ledger);
	assert_true(ledger.pages[MT_GHOST] == -30);
}

static void unknown_goes_to_the_ghost(void **state)
{
	struct mt_ledger ledger = { 0 };

	mt_ledger_set(&ledger, MT_TOTAL, 100);
	mt_ledger_set(&ledger, MT_FREE, 60);
	ledger.pages[MT_VMALLOC] = 10;
	mt_ledger_balance(&ledger);
	assert_true(ledger.pages[MT_GHOST] == 40);
	assert_false(ledger.known[MT_VMALLOC]);

	mt_ledger_set(&ledger, MT_VMALLOC, 10);
	mt_ledger_balance(&ledger);
	assert_true(ledger.pages[MT_GHOST] == 30);
	assert_true(ledger.known[MT_VMALLOC]);
}

static void balancing_again_changes_nothing(void **state)
{
	struct mt_ledger ledger = { 0 }, again;

	mt_ledger_set(&ledger, MT_TOTAL, 1000);
	mt_ledger_set(&ledger, MT_HUGETLB, 512);
	mt_ledger_balance(&ledger);
	again = ledger;
	mt_ledger_balance(&again);
	assert_memory_equal(&ledger, &again, sizeof(ledger));
}

/* The names and their order are the text ABI: this list is copied from interface.md. */
static void names_are_the_interface(void **state)
{
	static const char *const names[] = {
		"Total", "Free", "FreePcp", "LruAnon", "LruFile", "Unevictable", "Isolated",
		"SlabReclaimable", "SlabUnreclaimable", "KernelMisc", "Vmalloc", "KernelStack",
		"Percpu", "PageTables", "SecPageTables", "Hugetlb", "Zspages", "Writeback",
		"HwPoison", "Memmap", "Gpu", "Balloon", "Ghost",
	};
	unsigned int account;

	assert_int_equal(ARRAY_SIZE(names), MT_NR_ACCOUNTS);
	for (account = 0; account < MT_NR_ACCOUNTS; account++)
		assert_string_equal(mt_ledger_name(account), names[account]);
}

/*
 * MemTotal - MemFree - (Slab + VmallocUsed + PageTables + KernelStack + HardwareCorrupted + Bounce)
 * - (Active + Inactive + Unevictable) - HugePages_Total * Hugepagesize
 */
static void article_formula(void **state)
{
	struct mt_article article = {
		.total = 1000000, .free = 1, .slab = 20, .vmalloc = 300, .page_tables = 4000,
		.kernel_stack = 50000, .hwpoison = 3, .bounce = 50, .lru = 600, .hugetlb = 7000,
	};

	assert_true(mt_article_ghost(&article) == 1000000 - 61974);
	article.total = 0;
	assert_true(mt_article_ghost(&article) == -61974);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(total_is_the_sum),
		cmocka_unit_test(ghost_is_signed),
		cmocka_unit_test(unknown_goes_to_the_ghost),
		cmocka_unit_test(balancing_again_changes_nothing),
		cmocka_unit_test(names_are_the_interface),
		cmocka_unit_test(article_formula),
	};

	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
