// SPDX-License-Identifier: GPL-2.0
/*
 * test_verdict.c - knows what is large, what is a leak, and which words need evidence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "machine.h"

static void idle_is_ok(void **state)
{
	struct machine *machine = machine_new();

	machine_add_cache(machine->slab, "dentry", 20000, 100000, MT_EXACT, "y");
	machine_add_cache(machine->slab, "lsm_inode_cache", 4000, 100100, MT_EXACT, "n");
	assert_int_equal(machine_judge(machine)->nr, 0);
	machine_free(machine);
}

static void each_kind(void **state)
{
	static const struct {
		enum mt_account account;
		const char *kind;
	} kinds[] = {
		{ MT_LRU_FILE, "cache" }, { MT_PAGE_TABLES, "process" }, { MT_FREE_PCP, "pcp" },
		{ MT_HUGETLB, "hugetlb" }, { MT_PERCPU, "vmalloc" }, { MT_UNEVICTABLE, "pages" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct machine *machine = machine_new();

		machine_move(machine, kinds[i].account, 2 * GIB_PAGES);
		assert_int_equal(machine_judge(machine)->nr, 1);
		assert_string_equal(machine->judgement.verdicts[0].kind, kinds[i].kind);
		assert_int_equal(machine->judgement.verdicts[0].kB, 2 * GIB_KB);
		assert_true(*machine->judgement.verdicts[0].next);
		machine_free(machine);
	}
}

static void three_largest_first(void **state)
{
	struct machine *machine = machine_new();
	const struct mt_judgement *judgement;

	machine_move(machine, MT_FREE_PCP, GIB_PAGES / 2);
	machine_move(machine, MT_HUGETLB, GIB_PAGES);
	machine_move(machine, MT_PAGE_TABLES, GIB_PAGES / 3);
	machine->evidence.shmem_pages = 3 * GIB_PAGES / 2;
	judgement = machine_judge(machine);
	assert_int_equal(judgement->nr, 3);
	assert_string_equal(judgement->verdicts[0].kind, "tmpfs");
	assert_string_equal(judgement->verdicts[1].kind, "hugetlb");
	assert_string_equal(judgement->verdicts[2].kind, "pcp");
	machine_free(machine);
}

static void ghosts_leak_only_with_growth(void **state)
{
	struct machine *machine = machine_new();

	machine_lose(machine, GIB_PAGES);
	assert_string_equal(machine_judge(machine)->verdicts[0].kind, "pages");
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "leak"));

	machine->before = machine->now;
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_null(strstr(machine->judgement.verdicts[0].text, "leak"));
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "large"));
	machine_free(machine);
}

static void what_hides_in_the_ghost_is_named(void **state)
{
	struct machine *machine = machine_new();

	machine->now.known[MT_VMALLOC] = false;
	machine_lose(machine, GIB_PAGES);
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "Vmalloc"));
	assert_null(strstr(machine->judgement.verdicts[0].text, "leak"));
	machine_free(machine);
}

/* A block that nobody marks may be either: what there is less of cannot have all of them. */
static void a_block_is_a_ghost_or_large_kmalloc(void **state)
{
	const char *carries = "9 of 9 blocks carry work [demo] at +0x0; compound";
	struct machine *machine = machine_new();
	const struct mt_verdict *slab, *pages;

	machine_lose(machine, GIB_PAGES / 2);
	machine_move(machine, MT_SLAB_UNRECLAIMABLE, GIB_PAGES);
	machine_add_cache(machine->slab, "(large kmalloc)", GIB_KB, 0, MT_UNKNOWN, "n");
	machine_add_block(machine, GIB_KB - 1024, "demo", carries);
	machine_add_block(machine, GIB_KB / 2 - 4096, NULL, "raw, zero-filled; since load");

	/* where large kmalloc has a mark, all that is among the ghosts is a ghost */
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 2);
	slab = &machine->judgement.verdicts[0];
	pages = &machine->judgement.verdicts[1];
	assert_string_equal(slab->kind, "slab");
	assert_string_equal(pages->kind, "pages");
	assert_null(strstr(slab->next, "rmmod"));
	assert_non_null(strstr(pages->next, "rmmod demo"));

	mt_snapshot_print(machine->ghost, "something: large kmalloc: 5 kB of nobody: none");
	mt_snapshot_print(machine->ghost, "large kmalloc: ~2048 kB of few: 1 of 9");
	mt_snapshot_print(machine->ghost, "large kmalloc: ~4096 kB of most: 8 of 9 carry x [most]");
	mt_snapshot_print(machine->ghost, "large kmalloc: 1024 kB of fewer: 1 of 9");
	machine_judge(machine);
	assert_non_null(strstr(slab->details[0], "~4.0 MiB of it: 8 of 9 carry x [most]"));
	assert_non_null(strstr(slab->next, "rmmod most, if it can be spared (4.0 MiB)"));

	machine->evidence.kmalloc_unmarked = true;
	machine_judge(machine);
	assert_null(strstr(pages->details[0], "demo"));
	assert_null(strstr(pages->next, "demo"));
	/* without what may be a ghost: four MiB, and what an idle machine has */
	assert_non_null(strstr(slab->details[0], "at least 1015.0 MiB of it: 9 of 9"));
	assert_non_null(strstr(slab->next, "rmmod demo, if it can be spared (1015.0 MiB)"));

	/* and more than there is of large kmalloc is a ghost */
	machine_add_block(machine, GIB_KB + 8192, "other",
			  "8 of 9 blocks carry x [other] at +0x0; compound");
	machine_add_block(machine, 4096, "third", "mapped by f [third]; single");
	machine_judge(machine);
	assert_non_null(strstr(pages->details[0], "at least 8.0 MiB of it: 8 of 9"));
	assert_non_null(strstr(pages->next, "rmmod other, if it can be spared (8.0 MiB)"));
	machine_free(machine);
}

/* Though they are compound, none of them is large kmalloc: nothing is in doubt. */
static void fragments_are_their_packets(void **state)
{
	struct machine *machine = machine_new();
	const struct mt_verdict *pages = &machine->judgement.verdicts[0];

	machine->evidence.kmalloc_unmarked = true;
	machine_lose(machine, GIB_PAGES);
	machine_add_cache(machine->slab, "(large kmalloc)", GIB_KB / 2, 0, MT_UNKNOWN, "n");
	machine_add_block(machine, GIB_KB, "packets:skbuff_head_cache",
			  "fragments of packets: 9 of skbuff_head_cache have some; compound");
	machine_judge(machine);
	assert_string_equal(pages->kind, "pages");
	assert_string_equal(pages->details[0],
			    "1.0 GiB of it: fragments of packets: 9 of skbuff_head_cache have some; compound");
	assert_non_null(strstr(pages->next, "grep skbuff_head_cache "));
	assert_non_null(strstr(pages->next, "/slab (who has the packets of 1.0 GiB)"));

	machine_add_block(machine, GIB_KB * 2, "packets:skbuff_head_cache",
			  "fragments of packets: at least 18 of skbuff_head_cache have some; compound");
	machine_judge(machine);
	assert_non_null(strstr(pages->details[0], "at least 2.0 GiB of it: fragments of packets"));
	machine_free(machine);
}

/* Anonymous pages that are neither mapped nor in a file nor in swap space. */
static void what_no_process_maps(void **state)
{
	struct machine *machine = machine_new();
	const struct mt_verdict *verdict = &machine->judgement.verdicts[0];

	mt_ledger_set(&machine->now, MT_FREE, 3 * GIB_PAGES);
	mt_ledger_set(&machine->now, MT_LRU_ANON, GIB_PAGES / 2);
	mt_ledger_balance(&machine->now);
	machine->before = machine->now;
	machine->evidence.anon_pages = GIB_PAGES / 8;
	machine->evidence.shmem_pages = GIB_PAGES / 16;
	machine->evidence.swapcache_pages = GIB_PAGES / 16;
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 2);
	verdict = &machine->judgement.verdicts[1];
	assert_string_equal(verdict->kind, "pages");
	assert_int_equal(verdict->kB, GIB_KB / 4);
	assert_non_null(strstr(verdict->text, "mapped by no process"));

	/* it may all be in swap space */
	machine->evidence.swapcache_pages = -1;
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	machine_free(machine);
}

/* What a process has locked is told with the process. */
static void locked_memory_is_told_once(void **state)
{
	struct machine *machine = machine_new();

	machine_move(machine, MT_UNEVICTABLE, GIB_PAGES);
	machine->evidence.shmem_pages = GIB_PAGES;
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_string_equal(machine->judgement.verdicts[0].kind, "tmpfs");
	machine_free(machine);
}

static void sizes_in_words(void **state)
{
	char words[32];

	mt_verdict_format_kB(words, sizeof(words), 1023);
	assert_string_equal(words, "1023 kB");
	mt_verdict_format_kB(words, sizeof(words), 1536);
	assert_string_equal(words, "1.5 MiB");
	mt_verdict_format_kB(words, sizeof(words), -GIB_KB * 5 / 2);
	assert_string_equal(words, "-2.5 GiB");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_is_ok),
		cmocka_unit_test(each_kind),
		cmocka_unit_test(three_largest_first),
		cmocka_unit_test(ghosts_leak_only_with_growth),
		cmocka_unit_test(what_hides_in_the_ghost_is_named),
		cmocka_unit_test(a_block_is_a_ghost_or_large_kmalloc),
		cmocka_unit_test(fragments_are_their_packets),
		cmocka_unit_test(what_no_process_maps),
		cmocka_unit_test(locked_memory_is_told_once),
		cmocka_unit_test(sizes_in_words),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
