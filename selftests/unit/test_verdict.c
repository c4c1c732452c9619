// SPDX-License-Identifier: GPL-2.0
/*
 * test_verdict.c - knows what is large, what belongs together, and which words need evidence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "snapshot.h"
#include "verdict.h"

#define GIB_KB		(1024LL * 1024)
#define GIB_PAGES	(GIB_KB / 4)

static const struct mt_column slab_columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "active", .type = MT_NUMBER, .sum = true },
	{ .name = "reclaim", .type = MT_WORD },
	{ .name = "names", .type = MT_TEXT },
};

static const struct mt_collector slab_collector = {
	.name = "slab",
	.form = MT_FORM_TABLE,
	.columns = slab_columns,
	.nr_columns = ARRAY_SIZE(slab_columns),
};

static const struct mt_column owner_columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "objects", .type = MT_NUMBER, .sum = true },
	{ .name = "basis", .type = MT_WORD },
	{ .name = "root", .type = MT_TEXT },
	{ .name = "module", .type = MT_TEXT },
	{ .name = "holder", .type = MT_TEXT },
	{ .name = "name", .type = MT_TEXT },
};

static const struct mt_collector owners_collector = {
	.name = "owners",
	.form = MT_FORM_TABLE,
	.columns = owner_columns,
	.nr_columns = ARRAY_SIZE(owner_columns),
};

static const struct mt_column content_columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "objects", .type = MT_NUMBER, .sum = true },
	{ .name = "cache", .type = MT_TEXT },
	{ .name = "offset", .type = MT_TEXT },
	{ .name = "what", .type = MT_TEXT },
};

static const struct mt_collector content_collector = {
	.name = "content",
	.form = MT_FORM_TABLE,
	.columns = content_columns,
	.nr_columns = ARRAY_SIZE(content_columns),
};

static const struct mt_column ghost_columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
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
	/* the slab report, and those of its owners and of what they have */
	struct mt_snapshot *slab;
	struct mt_snapshot *owners;
	struct mt_snapshot *content;
	struct mt_snapshot *ghost;
	struct mt_snapshot *slab_before;
};

/* 4 GiB, most of it free. */
static struct machine *idle(void)
{
	struct machine *machine = calloc(1, sizeof(*machine));
	unsigned int account;

	assert_non_null(machine);
	for (account = 0; account < MT_NR_ACCOUNTS; account++)
		mt_ledger_set(&machine->now, account, 0);
	mt_ledger_set(&machine->now, MT_TOTAL, 4 * GIB_PAGES);
	mt_ledger_set(&machine->now, MT_FREE, 4 * GIB_PAGES - 1000);
	mt_ledger_balance(&machine->now);
	machine->before = machine->now;
	machine->slab = mt_snapshot_new(&slab_collector, 1000);
	machine->owners = mt_snapshot_new(&owners_collector, 1000);
	machine->content = mt_snapshot_new(&content_collector, 1000);
	machine->ghost = mt_snapshot_new(&ghost_collector, 1000);
	machine->slab_before = mt_snapshot_new(&slab_collector, 1000);
	/* what a test does not say of the caches at load is not known */
	machine->slab_before->state = MT_PARTIAL;
	machine->evidence = (struct mt_evidence) {
		.now = &machine->now,
		.before = &machine->before,
		.reports = &machine->slab,
		.nr_reports = 4,
		.reports_before = &machine->slab_before,
		.nr_reports_before = 1,
		.page_kB = 4,
		.path = "/reports",
	};
	return machine;
}

static void discard(struct machine *machine)
{
	mt_snapshot_free(machine->slab);
	mt_snapshot_free(machine->owners);
	mt_snapshot_free(machine->content);
	mt_snapshot_free(machine->ghost);
	mt_snapshot_free(machine->slab_before);
	free(machine);
}

static void add_cache(struct mt_snapshot *snap, const char *names, s64 kB, s64 active,
		      enum mt_certainty certainty, const char *reclaim)
{
	struct mt_cell cells[] = {
		mt_exact(kB), mt_number(active, certainty), mt_text(reclaim), mt_text(names),
	};

	mt_snapshot_add(snap, cells);
}

static void add_owner(struct machine *machine, const char *root, const char *basis,
		      struct mt_cell objects, const char *module, const char *holder,
		      const char *name)
{
	struct mt_cell cells[] = {
		objects, objects, mt_text(basis), mt_text(root), mt_text(module), mt_text(holder),
		mt_text(name),
	};

	mt_snapshot_add(machine->owners, cells);
}

static const struct mt_judgement *judge(struct machine *machine)
{
	mt_snapshot_sort(machine->slab);
	mt_snapshot_sort(machine->owners);
	mt_snapshot_sort(machine->slab_before);
	mt_verdict_judge(&machine->judgement, &machine->evidence);
	return &machine->judgement;
}

static void move_to(struct machine *machine, enum mt_account account, s64 pages)
{
	machine->now.pages[account] += pages;
	machine->now.pages[MT_FREE] -= pages;
	mt_ledger_balance(&machine->now);
}

/* Pages that leave the free lists and turn up in no account. */
static void lose(struct machine *machine, s64 pages)
{
	machine->now.pages[MT_FREE] -= pages;
	mt_ledger_balance(&machine->now);
}

static void idle_is_ok(void **state)
{
	struct machine *machine = idle();

	add_cache(machine->slab, "dentry", 20000, 100000, MT_EXACT, "y");
	add_cache(machine->slab, "lsm_inode_cache", 4000, 100100, MT_EXACT, "n");
	assert_int_equal(judge(machine)->nr, 0);
	discard(machine);
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
		struct machine *machine = idle();

		move_to(machine, kinds[i].account, 2 * GIB_PAGES);
		assert_int_equal(judge(machine)->nr, 1);
		assert_string_equal(machine->judgement.verdicts[0].kind, kinds[i].kind);
		assert_int_equal(machine->judgement.verdicts[0].kB, 2 * GIB_KB);
		assert_true(*machine->judgement.verdicts[0].next);
		discard(machine);
	}
}

static void three_largest_first(void **state)
{
	struct machine *machine = idle();
	const struct mt_judgement *judgement;

	move_to(machine, MT_FREE_PCP, GIB_PAGES / 2);
	move_to(machine, MT_HUGETLB, GIB_PAGES);
	move_to(machine, MT_PAGE_TABLES, GIB_PAGES / 3);
	machine->evidence.shmem_pages = 3 * GIB_PAGES / 2;
	judgement = judge(machine);
	assert_int_equal(judgement->nr, 3);
	assert_string_equal(judgement->verdicts[0].kind, "tmpfs");
	assert_string_equal(judgement->verdicts[1].kind, "hugetlb");
	assert_string_equal(judgement->verdicts[2].kind, "pcp");
	discard(machine);
}

static void ghosts_leak_only_with_growth(void **state)
{
	struct machine *machine = idle();

	lose(machine, GIB_PAGES);
	assert_string_equal(judge(machine)->verdicts[0].kind, "pages");
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "leak"));

	machine->before = machine->now;
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_null(strstr(machine->judgement.verdicts[0].text, "leak"));
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "large"));
	discard(machine);
}

static void what_hides_in_the_ghost_is_named(void **state)
{
	struct machine *machine = idle();

	machine->now.known[MT_VMALLOC] = false;
	lose(machine, GIB_PAGES);
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "Vmalloc"));
	assert_null(strstr(machine->judgement.verdicts[0].text, "leak"));
	discard(machine);
}

static void add_block(struct machine *machine, s64 kB, const char *owner, const char *evidence)
{
	struct mt_cell cells[] = { mt_exact(kB), mt_text(owner), mt_text(evidence) };

	mt_snapshot_add(machine->ghost, cells);
}

/* A block that nobody marks may be either: what there is less of cannot have all of them. */
static void a_block_is_a_ghost_or_large_kmalloc(void **state)
{
	const char *carries = "9 of 9 blocks carry work [demo] at +0x0; compound";
	struct machine *machine = idle();
	const struct mt_verdict *slab, *pages;

	lose(machine, GIB_PAGES / 2);
	move_to(machine, MT_SLAB_UNRECLAIMABLE, GIB_PAGES);
	add_cache(machine->slab, "(large kmalloc)", GIB_KB, 0, MT_UNKNOWN, "n");
	add_block(machine, GIB_KB - 1024, "demo", carries);
	add_block(machine, GIB_KB / 2 - 4096, NULL, "raw, zero-filled; since load");

	/* where large kmalloc has a mark, all that is among the ghosts is a ghost */
	judge(machine);
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
	judge(machine);
	assert_non_null(strstr(slab->details[0], "~4.0 MiB of it: 8 of 9 carry x [most]"));
	assert_non_null(strstr(slab->next, "rmmod most, if it can be spared (4.0 MiB)"));

	machine->evidence.kmalloc_unmarked = true;
	judge(machine);
	assert_null(strstr(pages->details[0], "demo"));
	assert_null(strstr(pages->next, "demo"));
	/* without what may be a ghost: four MiB, and what an idle machine has */
	assert_non_null(strstr(slab->details[0], "at least 1015.0 MiB of it: 9 of 9"));
	assert_non_null(strstr(slab->next, "rmmod demo, if it can be spared (1015.0 MiB)"));

	/* and more than there is of large kmalloc is a ghost */
	add_block(machine, GIB_KB + 8192, "other",
		  "8 of 9 blocks carry x [other] at +0x0; compound");
	add_block(machine, 4096, "third", "mapped by f [third]; single");
	judge(machine);
	assert_non_null(strstr(pages->details[0], "at least 8.0 MiB of it: 8 of 9"));
	assert_non_null(strstr(pages->next, "rmmod other, if it can be spared (8.0 MiB)"));
	discard(machine);
}

/* Though they are compound, none of them is large kmalloc: nothing is in doubt. */
static void fragments_are_their_packets(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *pages = &machine->judgement.verdicts[0];

	machine->evidence.kmalloc_unmarked = true;
	lose(machine, GIB_PAGES);
	add_cache(machine->slab, "(large kmalloc)", GIB_KB / 2, 0, MT_UNKNOWN, "n");
	add_block(machine, GIB_KB, "packets:skbuff_head_cache",
		  "fragments of packets: 9 of skbuff_head_cache have some; compound");
	judge(machine);
	assert_string_equal(pages->kind, "pages");
	assert_string_equal(pages->details[0],
			    "1.0 GiB of it: fragments of packets: 9 of skbuff_head_cache have some; compound");
	assert_non_null(strstr(pages->next, "grep skbuff_head_cache "));
	assert_non_null(strstr(pages->next, "/slab (who has the packets of 1.0 GiB)"));

	add_block(machine, GIB_KB * 2, "packets:skbuff_head_cache",
		  "fragments of packets: at least 18 of skbuff_head_cache have some; compound");
	judge(machine);
	assert_non_null(strstr(pages->details[0], "at least 2.0 GiB of it: fragments of packets"));
	discard(machine);
}

static void equal_counts_are_one_cause(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	/* the published case */
	add_cache(machine->slab, "Acpi-ParseExt,TSPacket", 82000, 1058636, MT_EXACT, "n");
	add_cache(machine->slab, "kmalloc-2048", 2117000, 1058194, MT_EXACT, "n");
	add_cache(machine->slab, "kmalloc-256", 265000, 1058462, MT_EXACT, "n");
	add_cache(machine->slab, "other", 1000, 900000, MT_EXACT, "n");
	assert_int_equal(judge(machine)->nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_string_equal(verdict->kind, "slab");
	assert_int_equal(verdict->kB, 82000 + 2117000 + 265000);
	assert_non_null(strstr(verdict->text, "1058194"));
	assert_null(strstr(verdict->text, "leak"));
	assert_non_null(strstr(verdict->details[0], "TSPacket"));
	assert_null(strstr(verdict->text, "other"));
	discard(machine);
}

static void what_was_equal_before_is_no_cause(void **state)
{
	struct machine *machine = idle();

	add_cache(machine->slab, "a", 100000, 500000, MT_EXACT, "n");
	add_cache(machine->slab, "b", 100000, 500100, MT_EXACT, "n");
	add_cache(machine->slab_before, "a", 100000, 499900, MT_EXACT, "n");
	add_cache(machine->slab_before, "b", 100000, 500000, MT_EXACT, "n");
	machine->evidence.age_s = 3600;
	assert_int_equal(judge(machine)->nr, 0);
	discard(machine);
}

static void equal_growth_is_a_leak(void **state)
{
	struct machine *machine = idle();

	/* totals differ by far, what was added does not */
	add_cache(machine->slab, "a", 200000, 700000, MT_EXACT, "n");
	add_cache(machine->slab, "b", 200000, 450000, MT_ESTIMATE, "n");
	add_cache(machine->slab_before, "a", 100000, 300000, MT_EXACT, "n");
	add_cache(machine->slab_before, "b", 100000, 50000, MT_EXACT, "n");
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "leak: each grew by ~400000"));
	discard(machine);
}

static void reclaimable_growth_is_none(void **state)
{
	struct machine *machine = idle();

	add_cache(machine->slab, "a", GIB_KB, 700000, MT_EXACT, "y");
	add_cache(machine->slab, "b", GIB_KB, 700000, MT_EXACT, "y");
	add_cache(machine->slab_before, "a", 100, 1000, MT_EXACT, "y");
	add_cache(machine->slab_before, "b", 100, 1000, MT_EXACT, "y");
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_null(strstr(machine->judgement.verdicts[0].text, "leak"));
	assert_non_null(strstr(machine->judgement.verdicts[0].next, "drop_caches"));
	discard(machine);
}

/* The suspects of a report with many rows: the sanitizer watches the array of those found. */
static void many_rows(void **state)
{
	struct machine *machine = idle();
	char name[32];
	int i;

	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "big%d", i);
		add_cache(machine->slab, name, 1000 - i, 10, MT_EXACT, "n");
	}
	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "small%d", i);
		add_cache(machine->slab, name, 400 - i, 10000, MT_EXACT, "n");
	}
	assert_int_equal(judge(machine)->nr, 0);
	discard(machine);
}

static void a_cache_made_since_has_grown(void **state)
{
	struct machine *machine = idle();
	const char *text = machine->judgement.verdicts[0].text;

	add_cache(machine->slab, "new", GIB_KB, 2000000, MT_EXACT, "n");
	judge(machine);
	assert_non_null(strstr(text, "large: 2000000 objects"));
	machine->slab_before->state = MT_OK;
	judge(machine);
	assert_non_null(strstr(text, "leak?: 2000000 objects, 2000000 more"));
	/* unless it may be among those that there was no room for */
	machine->slab_before->dropped = 1;
	judge(machine);
	assert_non_null(strstr(text, "large: 2000000 objects"));
	discard(machine);
}

static void pages_in_no_cache(void **state)
{
	struct machine *machine = idle();

	add_cache(machine->slab, "(large kmalloc)", GIB_KB, 0, MT_UNKNOWN, "n");
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "in no cache, large"));

	machine->slab_before->state = MT_OK;
	judge(machine);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "leak? 1.0 GiB more"));

	add_cache(machine->slab_before, "(large kmalloc)", GIB_KB - 1024, 0, MT_UNKNOWN, "n");
	judge(machine);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "in no cache, large"));
	discard(machine);

	machine = idle();
	add_cache(machine->slab, "(large kmalloc)", GIB_KB, 0, MT_UNKNOWN, "n");
	add_cache(machine->slab_before, "(large kmalloc)", GIB_KB / 4, 0, MT_UNKNOWN, "n");
	judge(machine);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "leak? 768.0 MiB more"));
	discard(machine);
}

/* Counts that differ, and pointers that say what belongs together all the same. */
static void a_chain_is_one_cause(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	add_cache(machine->slab, "kmalloc-2k", GIB_KB, 520000, MT_EXACT, "n");
	add_cache(machine->slab, "Acpi-Operand,TSPacket", 45000, 600000, MT_EXACT, "n");
	add_cache(machine->slab, "skbuff_head_cache", 128000, 500000, MT_EXACT, "n");
	mt_snapshot_print(machine->slab, "something: Acpi-Operand -> kmalloc-2k");
	mt_snapshot_print(machine->slab,
			  "chain: Acpi-Operand+0x10 -> skbuff_head_cache+0xc8 -> kmalloc-2k: 5 of each");
	mt_snapshot_print(machine->slab, "held: Acpi-Operand2 by nobody");
	mt_snapshot_print(machine->slab, "held: Acpi-Operand by packets [demo]");
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_int_equal(verdict->kB, GIB_KB + 45000 + 128000);
	assert_non_null(strstr(verdict->text,
			       "Acpi-Operand -> skbuff_head_cache -> kmalloc-2k ~[demo] "));
	assert_non_null(strstr(verdict->text, " 500000 of each"));
	assert_non_null(strstr(verdict->details[3], "points to"));
	assert_non_null(strstr(verdict->details[3], "held by packets [demo]"));
	discard(machine);
}

/* Anonymous pages that are neither mapped nor in a file nor in swap space. */
static void what_no_process_maps(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict = &machine->judgement.verdicts[0];

	mt_ledger_set(&machine->now, MT_FREE, 3 * GIB_PAGES);
	mt_ledger_set(&machine->now, MT_LRU_ANON, GIB_PAGES / 2);
	mt_ledger_balance(&machine->now);
	machine->before = machine->now;
	machine->evidence.anon_pages = GIB_PAGES / 8;
	machine->evidence.shmem_pages = GIB_PAGES / 16;
	machine->evidence.swapcache_pages = GIB_PAGES / 16;
	judge(machine);
	assert_int_equal(machine->judgement.nr, 2);
	verdict = &machine->judgement.verdicts[1];
	assert_string_equal(verdict->kind, "pages");
	assert_int_equal(verdict->kB, GIB_KB / 4);
	assert_non_null(strstr(verdict->text, "mapped by no process"));

	/* it may all be in swap space */
	machine->evidence.swapcache_pages = -1;
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	discard(machine);
}

/* The summary has one record for all kmalloc caches of one size. */
static void a_chain_into_a_family(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict = &machine->judgement.verdicts[0];

	add_cache(machine->slab, "kmalloc-4k,kmalloc-cg-4k", 80000, 20016, MT_EXACT, "n");
	add_cache(machine->slab, "msg_msg-4k", 80000, 20000, MT_EXACT, "n");
	mt_snapshot_print(machine->slab, "chain: msg_msg-4k+0x20 -> kmalloc-cg-4k: 20000 of each");
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_int_equal(verdict->kB, 160000);
	assert_non_null(strstr(verdict->text, "msg_msg-4k -> kmalloc-4k"));
	discard(machine);

	/* what else is of that size is not the chain's, and not equal by accident */
	machine = idle();
	add_cache(machine->slab, "kmalloc-4k,kmalloc-cg-4k", 800000, 200016, MT_EXACT, "n");
	add_cache(machine->slab, "msg_msg-4k", 80000, 20000, MT_EXACT, "n");
	mt_snapshot_print(machine->slab, "chain: msg_msg-4k+0x20 -> kmalloc-cg-4k: 20000 of each");
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_int_equal(machine->judgement.verdicts[0].kB, 800000);
	assert_null(strstr(machine->judgement.verdicts[0].text, " -> "));
	discard(machine);
}

/* Whose variable the chain hangs from is whose cache it is, if he asked for one only. */
static void a_chain_is_called_after_its_holder(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	add_cache(machine->slab, "kmalloc-2k", GIB_KB, 520000, MT_EXACT, "n");
	add_cache(machine->slab, "vmap_area,TSPacket", 45000, 600000, MT_EXACT, "n");
	mt_snapshot_print(machine->slab, "chain: vmap_area+0x10 -> kmalloc-2k: 500000 of each");
	mt_snapshot_print(machine->slab, "held: vmap_area by packets [demo]");
	add_owner(machine, "vmap_area", NULL, mt_exact(600000), NULL, NULL, "(unattributed)");
	add_owner(machine, "vmap_area", NULL, mt_unknown(), "demo", "packet_cache", "TSPacket");
	add_owner(machine, "vmap_area", NULL, mt_unknown(), "vmlinux", "x", "vmap_area");
	judge(machine);
	verdict = &machine->judgement.verdicts[0];
	assert_non_null(strstr(verdict->text, "~TSPacket -> kmalloc-2k [demo]"));
	assert_non_null(strstr(verdict->details[2], "held by packet_cache"));

	/* of two it may be either */
	add_owner(machine, "vmap_area", NULL, mt_unknown(), "demo", "other_cache", "other");
	judge(machine);
	assert_non_null(strstr(machine->judgement.verdicts[0].text,
			       "vmap_area,.. -> kmalloc-2k"));
	assert_null(strstr(machine->judgement.verdicts[0].text, "TSPacket"));
	discard(machine);
}

/* What each of them grew by, not what they were. */
static void a_chain_that_grew_is_a_leak(void **state)
{
	struct machine *machine = idle();

	add_cache(machine->slab_before, "filp", 3000, 7000, MT_EXACT, "n");
	add_cache(machine->slab_before, "kmalloc-2k", 2000, 10, MT_EXACT, "n");
	add_cache(machine->slab, "kmalloc-2k", GIB_KB, 500010, MT_EXACT, "n");
	add_cache(machine->slab, "filp", 128000, 507500, MT_EXACT, "n");
	mt_snapshot_print(machine->slab, "chain: filp+0xc8 -> kmalloc-2k: 500010 of each, by a sample");
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text,
			       "filp -> kmalloc-2k \xe2\x80\x94 leak: each grew by 500000"));
	discard(machine);
}

/* They grew because files were made, and go when these do: nobody lost them. */
static void inodes_of_files_are_no_leak(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict = &machine->judgement.verdicts[0];

	add_cache(machine->slab_before, "shmem_inode_cache", 3000, 1000, MT_EXACT, "n");
	add_cache(machine->slab_before, "lsm_inode_cache", 2000, 1000, MT_EXACT, "n");
	add_cache(machine->slab, "shmem_inode_cache", GIB_KB, 501000, MT_EXACT, "n");
	add_cache(machine->slab, "lsm_inode_cache", 128000, 501000, MT_EXACT, "n");
	mt_snapshot_print(machine->slab,
			  "chain: shmem_inode_cache+0xc8 -> lsm_inode_cache: 501000 of each");
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(verdict->text, "\xe2\x80\x94 each grew by 500000"));
	assert_non_null(strstr(verdict->next, "du --inodes"));
	assert_non_null(strstr(verdict->next, "1.1 GiB"));
	discard(machine);

	/* alone, too */
	machine = idle();
	verdict = &machine->judgement.verdicts[0];
	add_cache(machine->slab, "shmem_inode_cache", GIB_KB, 501000, MT_EXACT, "n");
	judge(machine);
	assert_non_null(strstr(verdict->next, "du --inodes"));
	discard(machine);
}

static unsigned int columns(const char *text)
{
	unsigned int nr = 0;

	for (; *text; text++)
		nr += (*text & 0xc0) != 0x80;
	return nr;
}

/* With long names, and with more of them than a line has room for. */
static void the_figure_is_never_cut_off(void **state)
{
	static const char *const caches[] = {
		"TSPacket", "skbuff_head_cache", "kmalloc-2k", "proc_inode_cache",
		"sighand_cache",
	};
	unsigned int nr, i;

	for (nr = 3; nr <= 5; nr++) {
		struct machine *machine = idle();
		char chain[160] = "chain: ";
		const char *text;

		for (i = 0; i < nr; i++) {
			add_cache(machine->slab_before, caches[i], 3000, 7000, MT_EXACT, "n");
			add_cache(machine->slab, caches[i], GIB_KB / nr - i, 1065636, MT_EXACT,
				  "n");
			snprintf(chain + strlen(chain), sizeof(chain) - strlen(chain), "%s%s",
				 caches[i], i + 1 < nr ? "+0x10 -> " : ": 1065636 of each");
		}
		mt_snapshot_print(machine->slab, "%s", chain);
		add_owner(machine, "TSPacket", "sole", mt_exact(1065636), "memtriage_plant",
			  "packet_cache", "TSPacket");
		judge(machine);
		assert_int_equal(machine->judgement.nr, 1);
		text = machine->judgement.verdicts[0].text;
		assert_true(columns(text) <= 75);
		assert_non_null(strstr(text, " [memtriage_plant] "));
		assert_non_null(strstr(text, "leak: 1058636 each"));
		assert_int_equal(strncmp(text, "TSPacket->", strlen("TSPacket->")), 0);
		assert_non_null(strstr(text, nr == 3 ? "->1 more [" : " more ["));
		discard(machine);
	}
}

/* A line that was cut, or names what is no row, is no evidence. */
static void a_broken_chain_is_none(void **state)
{
	static const char *const lines[] = {
		"chain: ", "chain: filp", "chain: filp+0x8 -> ", "chain: filp -> kmalloc-2k",
		"chain: filp+0x8 -> kmalloc-4k: 5 of each", "chain: filp+0x8 -> kmalloc-2k",
		"chain: kmalloc-2k: 5 of each",
	};
	unsigned int i;

	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct machine *machine = idle();

		add_cache(machine->slab, "kmalloc-2k", GIB_KB, 500010, MT_EXACT, "n");
		add_cache(machine->slab, "filp", 2000000, 300500, MT_EXACT, "n");
		mt_snapshot_print(machine->slab, "%s", lines[i]);
		judge(machine);
		assert_int_equal(machine->judgement.nr, 2);
		assert_null(strstr(machine->judgement.verdicts[0].text, " -> "));
		discard(machine);
	}
}

/* Not the cache's own name, which is that of somebody it was merged with. */
static void the_owner_is_named(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	add_cache(machine->slab, "Acpi-Operand,TSPacket,vmap_area", GIB_KB, 1059000, MT_EXACT, "n");
	add_owner(machine, "Acpi-Operand", "content", mt_exact(1058636), "demo", "demo_cache",
		  "TSPacket");
	add_owner(machine, "Acpi-Operand", NULL, mt_exact(364), NULL, NULL, "(unattributed)");
	add_owner(machine, "Acpi-Operand", NULL, mt_unknown(), "vmlinux", "~vmap_area_cachep",
		  "vmap_area");
	add_owner(machine, "Acpi-Oper", "sole", mt_exact(9000000), "x", "y", "Acpi-Oper");
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_non_null(strstr(verdict->text,
			       "TSPacket (in Acpi-Operand) [demo], held by demo_cache \xe2\x80\x94"));
	assert_non_null(strstr(verdict->details[1], "TSPacket has 1058636 of them"));
	discard(machine);
}

/* Most of the objects are nobody's: then the cache is called what the kernel calls it. */
static void add_content(struct machine *machine, const char *cache, struct mt_cell objects,
			const char *offset, const char *what)
{
	struct mt_cell cells[] = {
		objects, objects, mt_text(cache), mt_text(offset), mt_text(what),
	};

	mt_snapshot_add(machine->content, cells);
}

static void what_they_hold_is_told(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	add_cache(machine->slab, "Acpi-Operand,TSPacket", GIB_KB, 1000000, MT_EXACT, "n");
	add_content(machine, "Acpi-Operand", mt_number(980000, MT_ESTIMATE), "+0x10",
		    "-> skbuff_head_cache");
	add_content(machine, "Acpi-Operand", mt_exact(20000), "-", "(none)");
	/* counted a second time, and of another cache */
	add_content(machine, "Acpi-Operand", mt_exact(990000), "+0x18", "also -> dentry");
	add_content(machine, "Acpi", mt_exact(5000000), "+0x8", "other_ops");
	judge(machine);
	verdict = &machine->judgement.verdicts[0];
	assert_string_equal("~98 % of them hold -> skbuff_head_cache at +0x10",
			    verdict->details[1]);
	discard(machine);

	/* most of them say nothing */
	machine = idle();
	add_cache(machine->slab, "Acpi-Operand,TSPacket", GIB_KB, 1000000, MT_EXACT, "n");
	add_content(machine, "Acpi-Operand", mt_exact(600000), "-", "(none)");
	add_content(machine, "Acpi-Operand", mt_exact(400000), "+0x8", "some_ops");
	judge(machine);
	assert_string_equal("", machine->judgement.verdicts[0].details[1]);
	discard(machine);
}

static void nobody_is_not_accused(void **state)
{
	struct machine *machine = idle();

	add_cache(machine->slab, "Acpi-Operand,TSPacket", GIB_KB, 1000000, MT_EXACT, "n");
	add_owner(machine, "Acpi-Operand", NULL, mt_exact(700000), NULL, NULL, "(unattributed)");
	add_owner(machine, "Acpi-Operand", "content", mt_exact(300000), "demo", "demo_cache",
		  "TSPacket");
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "Acpi-Operand,TSPacket"));
	assert_null(strstr(machine->judgement.verdicts[0].text, "demo"));
	discard(machine);
}

/* Of what the kernel itself asked for, the objects may be a module's. */
static void a_module_in_kmalloc_is_named(void **state)
{
	static const char names[] = "kmalloc-512,kmalloc-cg-512,kmalloc-rcl-512,dma-kmalloc-512";
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	add_cache(machine->slab, names, GIB_KB, 2000000, MT_EXACT, "n");
	add_owner(machine, names, "sole", mt_exact(2000000), "vmlinux", "kmalloc_caches", names);
	add_content(machine, "kmalloc-512", mt_number(1900000, MT_ESTIMATE), "+0x20",
		    "job_run [demo]");
	add_content(machine, "kmalloc-512", mt_number(100000, MT_ESTIMATE), "-", "(none)");
	judge(machine);
	verdict = &machine->judgement.verdicts[0];
	assert_string_equal(verdict->text,
			    "kmalloc-512,kmalloc-cg-512 ~[demo] \xe2\x80\x94 large: 2000000 objects");
	assert_string_equal("~95 % of them hold job_run [demo] at +0x20", verdict->details[1]);
	discard(machine);

	/* with its growth the line has no room for all names */
	machine = idle();
	add_cache(machine->slab_before, "kmalloc-512", 1000, 1000, MT_EXACT, "n");
	add_cache(machine->slab, names, GIB_KB, 2000000, MT_EXACT, "n");
	add_content(machine, "kmalloc-512", mt_exact(2000000), "+0x20", "run [memtriage_plant]");
	judge(machine);
	verdict = &machine->judgement.verdicts[0];
	assert_string_equal(verdict->text,
			    "kmalloc-512 ~[memtriage_plant] \xe2\x80\x94 leak?: 2000000 objects, 1999000 more");
	discard(machine);

	/* a string is the module's that has it, whatever stands in it */
	machine = idle();
	add_cache(machine->slab, "kmalloc-512", GIB_KB, 2000000, MT_EXACT, "n");
	add_content(machine, "kmalloc-512", mt_exact(2000000), "+0x20", "\"state [idle]\"");
	add_cache(machine->slab, "kmalloc-256", GIB_KB - 1, 3000000, MT_EXACT, "n");
	add_content(machine, "kmalloc-256", mt_exact(3000000), "+0x20", "\"[idle]\" [demo]");
	judge(machine);
	assert_null(strstr(machine->judgement.verdicts[0].text, "~["));
	assert_non_null(strstr(machine->judgement.verdicts[1].text, "kmalloc-256 ~[demo] "));
	discard(machine);
}

static void what_they_hang_from_is_told(void **state)
{
	static const char *const roots[] = { "ip4-frags", "ip5-frags", "ip7-frags" };
	unsigned int i;
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	add_cache(machine->slab, "ip6-frags,conn_info", GIB_KB, 2000000, MT_EXACT, "n");
	add_owner(machine, "ip6-frags", NULL, mt_exact(2000000), NULL, NULL, "(unattributed)");
	add_owner(machine, "ip6-frags", NULL, mt_unknown(), "vmlinux", "ip6_frags+0x8", "ip6-frags");
	add_owner(machine, "ip6-frags", NULL, mt_unknown(), "demo", "conn_slab", "conn_info");
	mt_snapshot_print(machine->slab, "held: ip6-frags by connections [demo]");
	judge(machine);
	verdict = &machine->judgement.verdicts[0];
	assert_non_null(strstr(verdict->text,
			       "~conn_info (in ip6-frags) [demo], held by conn_slab \xe2\x80\x94"));
	assert_string_equal("a list or a tree of them hangs from connections [demo]",
			    verdict->details[1]);
	assert_string_equal("", verdict->details[2]);

	/* or from somewhere else, too */
	mt_snapshot_print(machine->slab, "held: ip4-frags by one [demo], two [demo]");
	mt_snapshot_print(machine->slab, "held: ip5-frags by one [demo], two");
	mt_snapshot_print(machine->slab, "held: ip7-frags by one, two [demo]");
	for (i = 0; i < ARRAY_SIZE(roots); i++) {
		add_cache(machine->slab, roots[i], GIB_KB + i + 1, 3000000 << i, MT_EXACT,
			  "n");
		judge(machine);
		verdict = &machine->judgement.verdicts[0];
		assert_non_null(strstr(verdict->text, roots[i]));
		assert_int_equal(!i, !!strstr(verdict->text, "~[demo]"));
	}
	discard(machine);

	/* the list may be that of the few that are known to be its */
	machine = idle();
	add_cache(machine->slab, "ip6-frags,conn_info", GIB_KB, 2000000, MT_EXACT, "n");
	add_owner(machine, "ip6-frags", NULL, mt_exact(1900000), NULL, NULL, "(unattributed)");
	add_owner(machine, "ip6-frags", "content", mt_exact(100000), "demo", "x", "conn_info");
	mt_snapshot_print(machine->slab, "held: ip6-frags by connections [demo]");
	judge(machine);
	assert_null(strstr(machine->judgement.verdicts[0].text, "~conn_info"));
	discard(machine);
}

/* If nothing at all tells whose they are: it is one of these. */
static void who_asked_is_told(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	add_cache(machine->slab, "ip4-frags,left_obj", GIB_KB, 2000000, MT_EXACT, "n");
	add_owner(machine, "ip4-frags", NULL, mt_exact(2000000), NULL, NULL, "(unattributed)");
	add_owner(machine, "ip4-frags", NULL, mt_unknown(), "demo", "left_cache",
		  "left_obj, left behind by demo (unloaded)");
	add_owner(machine, "ip4-frags", NULL, mt_unknown(), "vmlinux", "ip4_frags", "ip4-frags");
	judge(machine);
	verdict = &machine->judgement.verdicts[0];
	assert_null(strstr(verdict->text, "demo"));
	assert_non_null(strstr(verdict->details[1], "asked for by "));
	assert_non_null(strstr(verdict->details[1], "left_obj [demo, unloaded]"));
	assert_non_null(strstr(verdict->details[1], "ip4-frags [vmlinux]"));
	discard(machine);
}

static void a_module_of_a_group_is_named(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	add_cache(machine->slab, "Acpi-ParseExt,TSPacket", 82000, 1058636, MT_EXACT, "n");
	add_cache(machine->slab, "kmalloc-2048,kmalloc-cg-2048", 2117000, 1058194, MT_EXACT, "n");
	add_owner(machine, "Acpi-ParseExt", "content", mt_exact(1058600), "demo", "demo_cache",
		  "TSPacket");
	add_owner(machine, "kmalloc-2048", "sole", mt_exact(1058194), "vmlinux",
		  "kmalloc_caches+0x58", "kmalloc-2048");
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_non_null(strstr(verdict->text, "TSPacket+kmalloc-2048 [demo]"));
	assert_non_null(strstr(verdict->details[2], "held by demo_cache"));
	discard(machine);
}

/* Of a family the growth is that of all its members. */
static void a_family_grows_together(void **state)
{
	struct machine *machine = idle();

	add_cache(machine->slab, "kmalloc-64,kmalloc-cg-64", GIB_KB, 700000, MT_EXACT, "n");
	add_cache(machine->slab_before, "kmalloc-64", 100, 300000, MT_EXACT, "n");
	add_cache(machine->slab_before, "kmalloc-cg-64", 100, 100000, MT_EXACT, "n");
	add_cache(machine->slab_before, "kmalloc-640", 100, 100000, MT_EXACT, "n");
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "700000 objects, 300000 more"));
	discard(machine);
}

/* Caches with counts too different for one thing, of which none is large. */
static void add_thin_caches(struct machine *machine, unsigned int nr, const char *module,
			    const char *reclaim)
{
	static char names[40][16];
	unsigned int i;

	for (i = 0; i < nr; i++) {
		struct mt_cell objects = mt_exact(12000 + 1000 * i);

		snprintf(names[i], sizeof(names[i]), "thin_%u", i);
		add_cache(machine->slab, names[i], objects.number, objects.number, MT_EXACT,
			  reclaim);
		add_owner(machine, names[i], "sole", objects, module, "thin", names[i]);
	}
}

static void a_thin_leak_has_its_module(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	add_thin_caches(machine, 20, "demo", "n");
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_int_equal(verdict->kB, 20 * 12000 + 190 * 1000);
	assert_non_null(strstr(verdict->text, "20 caches of [demo] — large: 430000 objects"));
	assert_non_null(strstr(verdict->details[0], "thin_19, thin_18, thin_17"));
	discard(machine);
}

/* What is reclaimed, the kernel's, or too little is nobody's leak. */
static void not_each_thin_cache_is_a_leak(void **state)
{
	struct machine *machine = idle();

	add_thin_caches(machine, 20, "demo", "y");
	assert_int_equal(judge(machine)->nr, 0);
	discard(machine);

	machine = idle();
	add_thin_caches(machine, 17, "vmlinux", "n");
	assert_int_equal(judge(machine)->nr, 0);
	discard(machine);

	machine = idle();
	add_thin_caches(machine, 17, "~demo", "n");
	assert_int_equal(judge(machine)->nr, 0);
	discard(machine);
}

/* What a verdict has told of is not told again with the rest of a module's caches. */
static void a_told_cache_is_not_told_again(void **state)
{
	struct machine *machine = idle();

	add_thin_caches(machine, 10, "demo", "n");
	add_cache(machine->slab, "thick", GIB_KB, 900, MT_EXACT, "n");
	add_owner(machine, "thick", "sole", mt_exact(GIB_KB), "demo", "thick", "thick");
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "thick [demo]"));
	discard(machine);
}

static void slab_in_many_caches_is_told(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	add_thin_caches(machine, 20, "vmlinux", "n");
	add_cache(machine->slab, "net_namespace", 8000, 4000, MT_EXACT, "n");
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_int_equal(verdict->kB, 20 * 12000 + 190 * 1000 + 8000);
	assert_non_null(strstr(verdict->text, "21 caches, none large — large together: 10 %"));
	assert_non_null(strstr(verdict->details[0], "the largest: thin_19 30.2 MiB"));
	assert_non_null(strstr(verdict->details[1], "4000 network namespaces"));
	assert_non_null(strstr(verdict->next, "lsns"));
	discard(machine);

	/* some are not why */
	machine = idle();
	add_thin_caches(machine, 20, "vmlinux", "n");
	add_cache(machine->slab, "net_namespace", 8000, 100, MT_EXACT, "n");
	move_to(machine, MT_SLAB_UNRECLAIMABLE, 110000);
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_non_null(strstr(verdict->text, "leak? together 429.6 MiB more"));
	assert_null(strstr(verdict->next, "lsns"));
	discard(machine);

	/* what is told by itself may be what has grown */
	machine = idle();
	add_thin_caches(machine, 20, "vmlinux", "n");
	add_cache(machine->slab, "thick", GIB_KB, 900, MT_EXACT, "n");
	move_to(machine, MT_SLAB_UNRECLAIMABLE, 110000);
	judge(machine);
	assert_int_equal(machine->judgement.nr, 2);
	verdict = &machine->judgement.verdicts[1];
	assert_non_null(strstr(verdict->text, "20 caches, none large"));
	assert_null(strstr(verdict->text, "leak?"));
	discard(machine);
}

/* One of the names of a merged cache is not the one that has the objects. */
static void a_name_of_several_is_marked(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	add_cache(machine->slab, "pool_workqueue,sgpool-16,skbuff_fclone_cache", 50080, 100132,
		  MT_EXACT, "n");
	add_cache(machine->slab, "skbuff_small_head", 166696, 100000, MT_EXACT, "n");
	add_owner(machine, "pool_workqueue", NULL, mt_exact(100132), NULL, NULL,
		  "(unattributed)");
	add_owner(machine, "pool_workqueue", NULL, mt_unknown(), "vmlinux", "~pwq_cache",
		  "pool_workqueue");
	add_owner(machine, "skbuff_small_head", "sole", mt_exact(100000), "vmlinux", "net_hotdata",
		  "skbuff_small_head");
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_non_null(strstr(verdict->text, "pool_workqueue,..+skbuff_small_head — one cause"));
	discard(machine);
}

/* Of more than there is room for, the largest. */
static void of_many_the_largest_are_told(void **state)
{
	struct machine *machine = idle();
	static char names[9][16];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(names[i], sizeof(names[i]), "part_%u", i);
		add_cache(machine->slab, names[i], 10000 + 5000 * i, 20020 - i, MT_EXACT, "n");
	}
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "part_8+part_7"));
	assert_non_null(strstr(machine->judgement.verdicts[0].details[0], "part_8: "));
	discard(machine);
}

/* What a process has locked is told with the process. */
static void locked_memory_is_told_once(void **state)
{
	struct machine *machine = idle();

	move_to(machine, MT_UNEVICTABLE, GIB_PAGES);
	machine->evidence.shmem_pages = GIB_PAGES;
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_string_equal(machine->judgement.verdicts[0].kind, "tmpfs");
	discard(machine);
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
		cmocka_unit_test(equal_counts_are_one_cause),
		cmocka_unit_test(what_was_equal_before_is_no_cause),
		cmocka_unit_test(equal_growth_is_a_leak),
		cmocka_unit_test(reclaimable_growth_is_none),
		cmocka_unit_test(many_rows),
		cmocka_unit_test(a_cache_made_since_has_grown),
		cmocka_unit_test(pages_in_no_cache),
		cmocka_unit_test(a_chain_is_one_cause),
		cmocka_unit_test(what_no_process_maps),
		cmocka_unit_test(a_chain_into_a_family),
		cmocka_unit_test(a_chain_is_called_after_its_holder),
		cmocka_unit_test(a_chain_that_grew_is_a_leak),
		cmocka_unit_test(inodes_of_files_are_no_leak),
		cmocka_unit_test(the_figure_is_never_cut_off),
		cmocka_unit_test(a_broken_chain_is_none),
		cmocka_unit_test(the_owner_is_named),
		cmocka_unit_test(what_they_hold_is_told),
		cmocka_unit_test(nobody_is_not_accused),
		cmocka_unit_test(a_module_in_kmalloc_is_named),
		cmocka_unit_test(what_they_hang_from_is_told),
		cmocka_unit_test(who_asked_is_told),
		cmocka_unit_test(a_module_of_a_group_is_named),
		cmocka_unit_test(a_family_grows_together),
		cmocka_unit_test(a_thin_leak_has_its_module),
		cmocka_unit_test(not_each_thin_cache_is_a_leak),
		cmocka_unit_test(a_told_cache_is_not_told_again),
		cmocka_unit_test(slab_in_many_caches_is_told),
		cmocka_unit_test(a_name_of_several_is_marked),
		cmocka_unit_test(of_many_the_largest_are_told),
		cmocka_unit_test(locked_memory_is_told_once),
		cmocka_unit_test(sizes_in_words),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
