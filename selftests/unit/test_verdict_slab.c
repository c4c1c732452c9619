// SPDX-License-Identifier: GPL-2.0
/*
 * test_verdict_slab.c - knows which slab caches are large, which belong together, and whose they
 * are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "machine.h"

static void equal_counts_are_one_cause(void **state)
{
	struct machine *machine = machine_new();
	const struct mt_verdict *verdict;

	/* the published case */
	machine_add_cache(machine->slab, "Acpi-ParseExt,TSPacket", 82000, 1058636, MT_EXACT, "n");
	machine_add_cache(machine->slab, "kmalloc-2048", 2117000, 1058194, MT_EXACT, "n");
	machine_add_cache(machine->slab, "kmalloc-256", 265000, 1058462, MT_EXACT, "n");
	machine_add_cache(machine->slab, "other", 1000, 900000, MT_EXACT, "n");
	assert_int_equal(machine_judge(machine)->nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_string_equal(verdict->kind, "slab");
	assert_int_equal(verdict->kB, 82000 + 2117000 + 265000);
	assert_non_null(strstr(verdict->text, "1058194"));
	assert_null(strstr(verdict->text, "leak"));
	assert_non_null(strstr(verdict->details[0], "TSPacket"));
	assert_null(strstr(verdict->text, "other"));
	machine_free(machine);
}

static void what_was_equal_before_is_no_cause(void **state)
{
	struct machine *machine = machine_new();

	machine_add_cache(machine->slab, "a", 100000, 500000, MT_EXACT, "n");
	machine_add_cache(machine->slab, "b", 100000, 500100, MT_EXACT, "n");
	machine_add_cache(machine->slab_before, "a", 100000, 499900, MT_EXACT, "n");
	machine_add_cache(machine->slab_before, "b", 100000, 500000, MT_EXACT, "n");
	machine->evidence.age_s = 3600;
	assert_int_equal(machine_judge(machine)->nr, 0);
	machine_free(machine);
}

static void equal_growth_is_a_leak(void **state)
{
	struct machine *machine = machine_new();

	/* totals differ by far, what was added does not */
	machine_add_cache(machine->slab, "a", 200000, 700000, MT_EXACT, "n");
	machine_add_cache(machine->slab, "b", 200000, 450000, MT_ESTIMATE, "n");
	machine_add_cache(machine->slab_before, "a", 100000, 300000, MT_EXACT, "n");
	machine_add_cache(machine->slab_before, "b", 100000, 50000, MT_EXACT, "n");
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "leak: each grew by ~400000"));
	machine_free(machine);
}

static void reclaimable_growth_is_none(void **state)
{
	struct machine *machine = machine_new();

	machine_add_cache(machine->slab, "a", GIB_KB, 700000, MT_EXACT, "y");
	machine_add_cache(machine->slab, "b", GIB_KB, 700000, MT_EXACT, "y");
	machine_add_cache(machine->slab_before, "a", 100, 1000, MT_EXACT, "y");
	machine_add_cache(machine->slab_before, "b", 100, 1000, MT_EXACT, "y");
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_null(strstr(machine->judgement.verdicts[0].text, "leak"));
	assert_non_null(strstr(machine->judgement.verdicts[0].next, "drop_caches"));
	machine_free(machine);
}

/* The suspects of a report with many rows: the sanitizer watches the array of those found. */
static void many_rows(void **state)
{
	struct machine *machine = machine_new();
	char name[32];
	int i;

	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "big%d", i);
		machine_add_cache(machine->slab, name, 1000 - i, 10, MT_EXACT, "n");
	}
	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "small%d", i);
		machine_add_cache(machine->slab, name, 400 - i, 10000, MT_EXACT, "n");
	}
	assert_int_equal(machine_judge(machine)->nr, 0);
	machine_free(machine);
}

static void a_cache_made_since_has_grown(void **state)
{
	struct machine *machine = machine_new();
	const char *text = machine->judgement.verdicts[0].text;

	machine_add_cache(machine->slab, "new", GIB_KB, 2000000, MT_EXACT, "n");
	machine_judge(machine);
	assert_non_null(strstr(text, "large: 2000000 objects"));
	machine->slab_before->state = MT_OK;
	machine_judge(machine);
	assert_non_null(strstr(text, "leak?: 2000000 objects, 2000000 more"));
	/* unless it may be among those that there was no room for */
	machine->slab_before->dropped = 1;
	machine_judge(machine);
	assert_non_null(strstr(text, "large: 2000000 objects"));
	machine_free(machine);
}

static void pages_in_no_cache(void **state)
{
	struct machine *machine = machine_new();

	machine_add_cache(machine->slab, "(large kmalloc)", GIB_KB, 0, MT_UNKNOWN, "n");
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "in no cache, large"));

	machine->slab_before->state = MT_OK;
	machine_judge(machine);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "leak? 1.0 GiB more"));

	machine_add_cache(machine->slab_before, "(large kmalloc)", GIB_KB - 1024, 0, MT_UNKNOWN,
			  "n");
	machine_judge(machine);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "in no cache, large"));
	machine_free(machine);

	machine = machine_new();
	machine_add_cache(machine->slab, "(large kmalloc)", GIB_KB, 0, MT_UNKNOWN, "n");
	machine_add_cache(machine->slab_before, "(large kmalloc)", GIB_KB / 4, 0, MT_UNKNOWN, "n");
	machine_judge(machine);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "leak? 768.0 MiB more"));
	machine_free(machine);
}

/* Counts that differ, and pointers that say what belongs together all the same. */
static void a_chain_is_one_cause(void **state)
{
	struct machine *machine = machine_new();
	const struct mt_verdict *verdict;

	machine_add_cache(machine->slab, "kmalloc-2k", GIB_KB, 520000, MT_EXACT, "n");
	machine_add_cache(machine->slab, "Acpi-Operand,TSPacket", 45000, 600000, MT_EXACT, "n");
	machine_add_cache(machine->slab, "skbuff_head_cache", 128000, 500000, MT_EXACT, "n");
	mt_snapshot_print(machine->slab, "something: Acpi-Operand -> kmalloc-2k");
	mt_snapshot_print(machine->slab,
			  "chain: Acpi-Operand+0x10 -> skbuff_head_cache+0xc8 -> kmalloc-2k: 5 of each");
	mt_snapshot_print(machine->slab, "held: Acpi-Operand2 by nobody");
	mt_snapshot_print(machine->slab, "held: Acpi-Operand by packets [demo]");
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_int_equal(verdict->kB, GIB_KB + 45000 + 128000);
	assert_non_null(strstr(verdict->text,
			       "Acpi-Operand -> skbuff_head_cache -> kmalloc-2k ~[demo] "));
	assert_non_null(strstr(verdict->text, " 500000 of each"));
	assert_non_null(strstr(verdict->details[3], "points to"));
	assert_non_null(strstr(verdict->details[3], "held by packets [demo]"));
	machine_free(machine);
}

/* The summary has one record for all kmalloc caches of one size. */
static void a_chain_into_a_family(void **state)
{
	struct machine *machine = machine_new();
	const struct mt_verdict *verdict = &machine->judgement.verdicts[0];

	machine_add_cache(machine->slab, "kmalloc-4k,kmalloc-cg-4k", 80000, 20016, MT_EXACT, "n");
	machine_add_cache(machine->slab, "msg_msg-4k", 80000, 20000, MT_EXACT, "n");
	mt_snapshot_print(machine->slab, "chain: msg_msg-4k+0x20 -> kmalloc-cg-4k: 20000 of each");
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_int_equal(verdict->kB, 160000);
	assert_non_null(strstr(verdict->text, "msg_msg-4k -> kmalloc-4k"));
	machine_free(machine);

	/* what else is of that size is not the chain's, and not equal by accident */
	machine = machine_new();
	machine_add_cache(machine->slab, "kmalloc-4k,kmalloc-cg-4k", 800000, 200016, MT_EXACT, "n");
	machine_add_cache(machine->slab, "msg_msg-4k", 80000, 20000, MT_EXACT, "n");
	mt_snapshot_print(machine->slab, "chain: msg_msg-4k+0x20 -> kmalloc-cg-4k: 20000 of each");
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_int_equal(machine->judgement.verdicts[0].kB, 800000);
	assert_null(strstr(machine->judgement.verdicts[0].text, " -> "));
	machine_free(machine);
}

/* Whose variable the chain hangs from is whose cache it is, if he asked for one only. */
static void a_chain_is_called_after_its_holder(void **state)
{
	struct machine *machine = machine_new();
	const struct mt_verdict *verdict;

	machine_add_cache(machine->slab, "kmalloc-2k", GIB_KB, 520000, MT_EXACT, "n");
	machine_add_cache(machine->slab, "vmap_area,TSPacket", 45000, 600000, MT_EXACT, "n");
	mt_snapshot_print(machine->slab, "chain: vmap_area+0x10 -> kmalloc-2k: 500000 of each");
	mt_snapshot_print(machine->slab, "held: vmap_area by packets [demo]");
	machine_add_owner(machine, "vmap_area", NULL, mt_exact(600000), NULL, NULL,
			  "(unattributed)");
	machine_add_owner(machine, "vmap_area", NULL, mt_unknown(), "demo", "packet_cache",
			  "TSPacket");
	machine_add_owner(machine, "vmap_area", NULL, mt_unknown(), "vmlinux", "x", "vmap_area");
	machine_judge(machine);
	verdict = &machine->judgement.verdicts[0];
	assert_non_null(strstr(verdict->text, "~TSPacket -> kmalloc-2k [demo]"));
	assert_non_null(strstr(verdict->details[2], "held by packet_cache"));

	/* of two it may be either */
	machine_add_owner(machine, "vmap_area", NULL, mt_unknown(), "demo", "other_cache", "other");
	machine_judge(machine);
	assert_non_null(strstr(machine->judgement.verdicts[0].text,
			       "vmap_area,.. -> kmalloc-2k"));
	assert_null(strstr(machine->judgement.verdicts[0].text, "TSPacket"));
	machine_free(machine);
}

/* What each of them grew by, not what they were. */
static void a_chain_that_grew_is_a_leak(void **state)
{
	struct machine *machine = machine_new();

	machine_add_cache(machine->slab_before, "filp", 3000, 7000, MT_EXACT, "n");
	machine_add_cache(machine->slab_before, "kmalloc-2k", 2000, 10, MT_EXACT, "n");
	machine_add_cache(machine->slab, "kmalloc-2k", GIB_KB, 500010, MT_EXACT, "n");
	machine_add_cache(machine->slab, "filp", 128000, 507500, MT_EXACT, "n");
	mt_snapshot_print(machine->slab, "chain: filp+0xc8 -> kmalloc-2k: 500010 of each, by a sample");
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text,
			       "filp -> kmalloc-2k \xe2\x80\x94 leak: each grew by 500000"));
	machine_free(machine);
}

/* They grew because files were made, and go when these do: nobody lost them. */
static void inodes_of_files_are_no_leak(void **state)
{
	struct machine *machine = machine_new();
	const struct mt_verdict *verdict = &machine->judgement.verdicts[0];

	machine_add_cache(machine->slab_before, "shmem_inode_cache", 3000, 1000, MT_EXACT, "n");
	machine_add_cache(machine->slab_before, "lsm_inode_cache", 2000, 1000, MT_EXACT, "n");
	machine_add_cache(machine->slab, "shmem_inode_cache", GIB_KB, 501000, MT_EXACT, "n");
	machine_add_cache(machine->slab, "lsm_inode_cache", 128000, 501000, MT_EXACT, "n");
	mt_snapshot_print(machine->slab,
			  "chain: shmem_inode_cache+0xc8 -> lsm_inode_cache: 501000 of each");
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(verdict->text, "\xe2\x80\x94 each grew by 500000"));
	assert_non_null(strstr(verdict->next, "du --inodes"));
	assert_non_null(strstr(verdict->next, "1.1 GiB"));
	machine_free(machine);

	/* alone, too */
	machine = machine_new();
	verdict = &machine->judgement.verdicts[0];
	machine_add_cache(machine->slab, "shmem_inode_cache", GIB_KB, 501000, MT_EXACT, "n");
	machine_judge(machine);
	assert_non_null(strstr(verdict->next, "du --inodes"));
	machine_free(machine);
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
		struct machine *machine = machine_new();
		char chain[160] = "chain: ";
		const char *text;

		for (i = 0; i < nr; i++) {
			machine_add_cache(machine->slab_before, caches[i], 3000, 7000, MT_EXACT,
					  "n");
			machine_add_cache(machine->slab, caches[i], GIB_KB / nr - i, 1065636,
					  MT_EXACT, "n");
			snprintf(chain + strlen(chain), sizeof(chain) - strlen(chain), "%s%s",
				 caches[i], i + 1 < nr ? "+0x10 -> " : ": 1065636 of each");
		}
		mt_snapshot_print(machine->slab, "%s", chain);
		machine_add_owner(machine, "TSPacket", "sole", mt_exact(1065636), "memtriage_plant",
				  "packet_cache", "TSPacket");
		machine_judge(machine);
		assert_int_equal(machine->judgement.nr, 1);
		text = machine->judgement.verdicts[0].text;
		assert_true(columns(text) <= 75);
		assert_non_null(strstr(text, " [memtriage_plant] "));
		assert_non_null(strstr(text, "leak: 1058636 each"));
		assert_int_equal(strncmp(text, "TSPacket->", strlen("TSPacket->")), 0);
		assert_non_null(strstr(text, nr == 3 ? "->1 more [" : " more ["));
		machine_free(machine);
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
		struct machine *machine = machine_new();

		machine_add_cache(machine->slab, "kmalloc-2k", GIB_KB, 500010, MT_EXACT, "n");
		machine_add_cache(machine->slab, "filp", 2000000, 300500, MT_EXACT, "n");
		mt_snapshot_print(machine->slab, "%s", lines[i]);
		machine_judge(machine);
		assert_int_equal(machine->judgement.nr, 2);
		assert_null(strstr(machine->judgement.verdicts[0].text, " -> "));
		machine_free(machine);
	}
}

/* Not the cache's own name, which is that of somebody it was merged with. */
static void the_owner_is_named(void **state)
{
	struct machine *machine = machine_new();
	const struct mt_verdict *verdict;

	machine_add_cache(machine->slab, "Acpi-Operand,TSPacket,vmap_area", GIB_KB, 1059000,
			  MT_EXACT, "n");
	machine_add_owner(machine, "Acpi-Operand", "content", mt_exact(1058636), "demo",
			  "demo_cache", "TSPacket");
	machine_add_owner(machine, "Acpi-Operand", NULL, mt_exact(364), NULL, NULL,
			  "(unattributed)");
	machine_add_owner(machine, "Acpi-Operand", NULL, mt_unknown(), "vmlinux",
			  "~vmap_area_cachep", "vmap_area");
	machine_add_owner(machine, "Acpi-Oper", "sole", mt_exact(9000000), "x", "y", "Acpi-Oper");
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_non_null(strstr(verdict->text,
			       "TSPacket (in Acpi-Operand) [demo], held by demo_cache \xe2\x80\x94"));
	assert_non_null(strstr(verdict->details[1], "TSPacket has 1058636 of them"));
	machine_free(machine);
}

static void what_they_hold_is_told(void **state)
{
	struct machine *machine = machine_new();
	const struct mt_verdict *verdict;

	machine_add_cache(machine->slab, "Acpi-Operand,TSPacket", GIB_KB, 1000000, MT_EXACT, "n");
	machine_add_content(machine, "Acpi-Operand", mt_number(980000, MT_ESTIMATE), "+0x10",
			    "-> skbuff_head_cache");
	machine_add_content(machine, "Acpi-Operand", mt_exact(20000), "-", "(none)");
	/* counted a second time, and of another cache */
	machine_add_content(machine, "Acpi-Operand", mt_exact(990000), "+0x18", "also -> dentry");
	machine_add_content(machine, "Acpi", mt_exact(5000000), "+0x8", "other_ops");
	machine_judge(machine);
	verdict = &machine->judgement.verdicts[0];
	assert_string_equal("~98 % of them hold -> skbuff_head_cache at +0x10",
			    verdict->details[1]);
	machine_free(machine);

	/* most of them say nothing */
	machine = machine_new();
	machine_add_cache(machine->slab, "Acpi-Operand,TSPacket", GIB_KB, 1000000, MT_EXACT, "n");
	machine_add_content(machine, "Acpi-Operand", mt_exact(600000), "-", "(none)");
	machine_add_content(machine, "Acpi-Operand", mt_exact(400000), "+0x8", "some_ops");
	machine_judge(machine);
	assert_string_equal("", machine->judgement.verdicts[0].details[1]);
	machine_free(machine);
}

/* Most of the objects are nobody's: then the cache is called what the kernel calls it. */
static void nobody_is_not_accused(void **state)
{
	struct machine *machine = machine_new();

	machine_add_cache(machine->slab, "Acpi-Operand,TSPacket", GIB_KB, 1000000, MT_EXACT, "n");
	machine_add_owner(machine, "Acpi-Operand", NULL, mt_exact(700000), NULL, NULL,
			  "(unattributed)");
	machine_add_owner(machine, "Acpi-Operand", "content", mt_exact(300000), "demo",
			  "demo_cache", "TSPacket");
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "Acpi-Operand,TSPacket"));
	assert_null(strstr(machine->judgement.verdicts[0].text, "demo"));
	machine_free(machine);
}

/* Of what the kernel itself asked for, the objects may be a module's. */
static void a_module_in_kmalloc_is_named(void **state)
{
	static const char names[] = "kmalloc-512,kmalloc-cg-512,kmalloc-rcl-512,dma-kmalloc-512";
	struct machine *machine = machine_new();
	const struct mt_verdict *verdict;

	machine_add_cache(machine->slab, names, GIB_KB, 2000000, MT_EXACT, "n");
	machine_add_owner(machine, names, "sole", mt_exact(2000000), "vmlinux", "kmalloc_caches",
			  names);
	machine_add_content(machine, "kmalloc-512", mt_number(1900000, MT_ESTIMATE), "+0x20",
			    "job_run [demo]");
	machine_add_content(machine, "kmalloc-512", mt_number(100000, MT_ESTIMATE), "-", "(none)");
	machine_judge(machine);
	verdict = &machine->judgement.verdicts[0];
	assert_string_equal(verdict->text,
			    "kmalloc-512,kmalloc-cg-512 ~[demo] \xe2\x80\x94 large: 2000000 objects");
	assert_string_equal("~95 % of them hold job_run [demo] at +0x20", verdict->details[1]);
	machine_free(machine);

	/* with its growth the line has no room for all names */
	machine = machine_new();
	machine_add_cache(machine->slab_before, "kmalloc-512", 1000, 1000, MT_EXACT, "n");
	machine_add_cache(machine->slab, names, GIB_KB, 2000000, MT_EXACT, "n");
	machine_add_content(machine, "kmalloc-512", mt_exact(2000000), "+0x20",
			    "run [memtriage_plant]");
	machine_judge(machine);
	verdict = &machine->judgement.verdicts[0];
	assert_string_equal(verdict->text,
			    "kmalloc-512 ~[memtriage_plant] \xe2\x80\x94 leak?: 2000000 objects, 1999000 more");
	machine_free(machine);

	/* a string is the module's that has it, whatever stands in it */
	machine = machine_new();
	machine_add_cache(machine->slab, "kmalloc-512", GIB_KB, 2000000, MT_EXACT, "n");
	machine_add_content(machine, "kmalloc-512", mt_exact(2000000), "+0x20", "\"state [idle]\"");
	machine_add_cache(machine->slab, "kmalloc-256", GIB_KB - 1, 3000000, MT_EXACT, "n");
	machine_add_content(machine, "kmalloc-256", mt_exact(3000000), "+0x20",
			    "\"[idle]\" [demo]");
	machine_judge(machine);
	assert_null(strstr(machine->judgement.verdicts[0].text, "~["));
	assert_non_null(strstr(machine->judgement.verdicts[1].text, "kmalloc-256 ~[demo] "));
	machine_free(machine);
}

static void what_they_hang_from_is_told(void **state)
{
	static const char *const roots[] = { "ip4-frags", "ip5-frags", "ip7-frags" };
	unsigned int i;
	struct machine *machine = machine_new();
	const struct mt_verdict *verdict;

	machine_add_cache(machine->slab, "ip6-frags,conn_info", GIB_KB, 2000000, MT_EXACT, "n");
	machine_add_owner(machine, "ip6-frags", NULL, mt_exact(2000000), NULL, NULL,
			  "(unattributed)");
	machine_add_owner(machine, "ip6-frags", NULL, mt_unknown(), "vmlinux", "ip6_frags+0x8",
			  "ip6-frags");
	machine_add_owner(machine, "ip6-frags", NULL, mt_unknown(), "demo", "conn_slab",
			  "conn_info");
	mt_snapshot_print(machine->slab, "held: ip6-frags by connections [demo]");
	machine_judge(machine);
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
		machine_add_cache(machine->slab, roots[i], GIB_KB + i + 1, 3000000 << i, MT_EXACT,
				  "n");
		machine_judge(machine);
		verdict = &machine->judgement.verdicts[0];
		assert_non_null(strstr(verdict->text, roots[i]));
		assert_int_equal(!i, !!strstr(verdict->text, "~[demo]"));
	}
	machine_free(machine);

	/* the list may be that of the few that are known to be its */
	machine = machine_new();
	machine_add_cache(machine->slab, "ip6-frags,conn_info", GIB_KB, 2000000, MT_EXACT, "n");
	machine_add_owner(machine, "ip6-frags", NULL, mt_exact(1900000), NULL, NULL,
			  "(unattributed)");
	machine_add_owner(machine, "ip6-frags", "content", mt_exact(100000), "demo", "x",
			  "conn_info");
	mt_snapshot_print(machine->slab, "held: ip6-frags by connections [demo]");
	machine_judge(machine);
	assert_null(strstr(machine->judgement.verdicts[0].text, "~conn_info"));
	machine_free(machine);
}

/* If nothing at all tells whose they are: it is one of these. */
static void who_asked_is_told(void **state)
{
	struct machine *machine = machine_new();
	const struct mt_verdict *verdict;

	machine_add_cache(machine->slab, "ip4-frags,left_obj", GIB_KB, 2000000, MT_EXACT, "n");
	machine_add_owner(machine, "ip4-frags", NULL, mt_exact(2000000), NULL, NULL,
			  "(unattributed)");
	machine_add_owner(machine, "ip4-frags", NULL, mt_unknown(), "demo", "left_cache",
			  "left_obj, left behind by demo (unloaded)");
	machine_add_owner(machine, "ip4-frags", NULL, mt_unknown(), "vmlinux", "ip4_frags",
			  "ip4-frags");
	machine_judge(machine);
	verdict = &machine->judgement.verdicts[0];
	assert_null(strstr(verdict->text, "demo"));
	assert_non_null(strstr(verdict->details[1], "asked for by "));
	assert_non_null(strstr(verdict->details[1], "left_obj [demo, unloaded]"));
	assert_non_null(strstr(verdict->details[1], "ip4-frags [vmlinux]"));
	machine_free(machine);
}

static void a_module_of_a_group_is_named(void **state)
{
	struct machine *machine = machine_new();
	const struct mt_verdict *verdict;

	machine_add_cache(machine->slab, "Acpi-ParseExt,TSPacket", 82000, 1058636, MT_EXACT, "n");
	machine_add_cache(machine->slab, "kmalloc-2048,kmalloc-cg-2048", 2117000, 1058194, MT_EXACT,
			  "n");
	machine_add_owner(machine, "Acpi-ParseExt", "content", mt_exact(1058600), "demo",
			  "demo_cache", "TSPacket");
	machine_add_owner(machine, "kmalloc-2048", "sole", mt_exact(1058194), "vmlinux",
			  "kmalloc_caches+0x58", "kmalloc-2048");
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_non_null(strstr(verdict->text, "TSPacket+kmalloc-2048 [demo]"));
	assert_non_null(strstr(verdict->details[2], "held by demo_cache"));
	machine_free(machine);
}

/* Of a family the growth is that of all its members. */
static void a_family_grows_together(void **state)
{
	struct machine *machine = machine_new();

	machine_add_cache(machine->slab, "kmalloc-64,kmalloc-cg-64", GIB_KB, 700000, MT_EXACT, "n");
	machine_add_cache(machine->slab_before, "kmalloc-64", 100, 300000, MT_EXACT, "n");
	machine_add_cache(machine->slab_before, "kmalloc-cg-64", 100, 100000, MT_EXACT, "n");
	machine_add_cache(machine->slab_before, "kmalloc-640", 100, 100000, MT_EXACT, "n");
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "700000 objects, 300000 more"));
	machine_free(machine);
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
		machine_add_cache(machine->slab, names[i], objects.number, objects.number, MT_EXACT,
				  reclaim);
		machine_add_owner(machine, names[i], "sole", objects, module, "thin", names[i]);
	}
}

static void a_thin_leak_has_its_module(void **state)
{
	struct machine *machine = machine_new();
	const struct mt_verdict *verdict;

	add_thin_caches(machine, 20, "demo", "n");
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_int_equal(verdict->kB, 20 * 12000 + 190 * 1000);
	assert_non_null(strstr(verdict->text, "20 caches of [demo] — large: 430000 objects"));
	assert_non_null(strstr(verdict->details[0], "thin_19, thin_18, thin_17"));
	machine_free(machine);
}

/* Of merged caches it is not known whose objects are new. */
static void a_thin_leak_grows(void **state)
{
	struct machine *machine = machine_new();
	const struct mt_verdict *verdict;

	machine->slab_before->state = MT_OK;
	machine_add_cache(machine->slab_before, "thin_19", 100, 31000 - 9000, MT_EXACT, "n");
	machine_add_cache(machine->slab_before, "thin_18", 100, 30000 + 5000, MT_EXACT, "n");
	add_thin_caches(machine, 20, "demo", "n");
	machine_add_cache(machine->slab, "shared,thin_x", 80000, 80000, MT_EXACT, "n");
	machine_add_owner(machine, "shared", "content", mt_exact(60000), "demo", "x", "thin_x");
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_non_null(strstr(verdict->text, "21 caches of [demo] — leak?: 490000 objects, "));
	/* 430000 without what two of them had */
	assert_non_null(strstr(verdict->text, ", 378000 more"));
	machine_free(machine);
}

/* What is reclaimed, the kernel's, or too little is nobody's leak. */
static void not_each_thin_cache_is_a_leak(void **state)
{
	struct machine *machine = machine_new();

	add_thin_caches(machine, 20, "demo", "y");
	assert_int_equal(machine_judge(machine)->nr, 0);
	machine_free(machine);

	machine = machine_new();
	add_thin_caches(machine, 17, "vmlinux", "n");
	assert_int_equal(machine_judge(machine)->nr, 0);
	machine_free(machine);

	machine = machine_new();
	add_thin_caches(machine, 17, "~demo", "n");
	assert_int_equal(machine_judge(machine)->nr, 0);
	machine_free(machine);
}

/* What a verdict has told of is not told again with the rest of a module's caches. */
static void a_told_cache_is_not_told_again(void **state)
{
	struct machine *machine = machine_new();

	add_thin_caches(machine, 10, "demo", "n");
	machine_add_cache(machine->slab, "thick", GIB_KB, 900, MT_EXACT, "n");
	machine_add_owner(machine, "thick", "sole", mt_exact(GIB_KB), "demo", "thick", "thick");
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "thick [demo]"));
	machine_free(machine);
}

static void slab_in_many_caches_is_told(void **state)
{
	struct machine *machine = machine_new();
	const struct mt_verdict *verdict;

	add_thin_caches(machine, 20, "vmlinux", "n");
	machine_add_cache(machine->slab, "net_namespace", 8000, 4000, MT_EXACT, "n");
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_int_equal(verdict->kB, 20 * 12000 + 190 * 1000 + 8000);
	assert_non_null(strstr(verdict->text, "21 caches, none large — large together: 10 %"));
	assert_non_null(strstr(verdict->details[0], "the largest: thin_19 30.2 MiB"));
	assert_non_null(strstr(verdict->details[1], "4000 network namespaces"));
	assert_non_null(strstr(verdict->next, "lsns"));
	machine_free(machine);

	/* some are not why */
	machine = machine_new();
	add_thin_caches(machine, 20, "vmlinux", "n");
	machine_add_cache(machine->slab, "net_namespace", 8000, 100, MT_EXACT, "n");
	machine_move(machine, MT_SLAB_UNRECLAIMABLE, 110000);
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_non_null(strstr(verdict->text, "leak? together 429.6 MiB more"));
	assert_null(strstr(verdict->next, "lsns"));
	machine_free(machine);

	/* what is told by itself may be what has grown */
	machine = machine_new();
	add_thin_caches(machine, 20, "vmlinux", "n");
	machine_add_cache(machine->slab, "thick", GIB_KB, 900, MT_EXACT, "n");
	machine_move(machine, MT_SLAB_UNRECLAIMABLE, 110000);
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 2);
	verdict = &machine->judgement.verdicts[1];
	assert_non_null(strstr(verdict->text, "20 caches, none large"));
	assert_null(strstr(verdict->text, "leak?"));
	machine_free(machine);
}

/* One of the names of a merged cache is not the one that has the objects. */
static void a_name_of_several_is_marked(void **state)
{
	struct machine *machine = machine_new();
	const struct mt_verdict *verdict;

	machine_add_cache(machine->slab, "pool_workqueue,sgpool-16,skbuff_fclone_cache", 50080,
			  100132, MT_EXACT, "n");
	machine_add_cache(machine->slab, "skbuff_small_head", 166696, 100000, MT_EXACT, "n");
	machine_add_owner(machine, "pool_workqueue", NULL, mt_exact(100132), NULL, NULL,
			  "(unattributed)");
	machine_add_owner(machine, "pool_workqueue", NULL, mt_unknown(), "vmlinux", "~pwq_cache",
			  "pool_workqueue");
	machine_add_owner(machine, "skbuff_small_head", "sole", mt_exact(100000), "vmlinux",
			  "net_hotdata", "skbuff_small_head");
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_non_null(strstr(verdict->text, "pool_workqueue,..+skbuff_small_head — one cause"));
	machine_free(machine);
}

/* Of more than there is room for, the largest. */
static void of_many_the_largest_are_told(void **state)
{
	struct machine *machine = machine_new();
	static char names[9][16];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(names[i], sizeof(names[i]), "part_%u", i);
		machine_add_cache(machine->slab, names[i], 10000 + 5000 * i, 20020 - i, MT_EXACT,
				  "n");
	}
	machine_judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "part_8+part_7"));
	assert_non_null(strstr(machine->judgement.verdicts[0].details[0], "part_8: "));
	machine_free(machine);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_counts_are_one_cause),
		cmocka_unit_test(what_was_equal_before_is_no_cause),
		cmocka_unit_test(equal_growth_is_a_leak),
		cmocka_unit_test(reclaimable_growth_is_none),
		cmocka_unit_test(many_rows),
		cmocka_unit_test(a_cache_made_since_has_grown),
		cmocka_unit_test(pages_in_no_cache),
		cmocka_unit_test(a_chain_is_one_cause),
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
		cmocka_unit_test(a_thin_leak_grows),
		cmocka_unit_test(not_each_thin_cache_is_a_leak),
		cmocka_unit_test(a_told_cache_is_not_told_again),
		cmocka_unit_test(slab_in_many_caches_is_told),
		cmocka_unit_test(a_name_of_several_is_marked),
		cmocka_unit_test(of_many_the_largest_are_told),
	};

	return cmocka_run_group_tests_name("verdict_slab", tests, NULL, NULL);
}
