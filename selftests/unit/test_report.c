// SPDX-License-Identifier: GPL-2.0
/*
 * test_report.c - knows the text that an operator reads, to the letter.
 */
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
#include "snapshot.h"

static const struct mt_column columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "objects", .type = MT_NUMBER, .sum = true },
	{ .name = "order", .type = MT_NUMBER },
	{ .name = "module", .type = MT_TEXT },
	{ .name = "reclaim", .type = MT_WORD },
	{ .name = "name", .type = MT_TEXT },
};

static const struct mt_collector slab = {
	.name = "slab", .form = MT_FORM_TABLE, .columns = columns, .nr_columns = 6,
};

static const struct mt_column book_columns[] = {
	{ .name = "kB", .type = MT_NUMBER },
	{ .name = "account", .type = MT_WORD },
};

static const struct mt_collector ledger = {
	.name = "ledger", .form = MT_FORM_BOOK, .columns = book_columns, .nr_columns = 2,
};

static const struct mt_collector summary = { .name = "summary", .form = MT_FORM_TEXT };

static struct mt_snapshot *snap;
static struct seq_file seq;

static int teardown(void **state)
{
	mt_snapshot_free(snap);
	seq_free(&seq);
	return 0;
}

static void add(struct mt_cell kb, struct mt_cell objects, const char *module, const char *name)
{
	const struct mt_cell cells[] = {
		kb, objects, mt_exact(3), mt_text(module), mt_text("y"), mt_text(name),
	};

	mt_snapshot_add(snap, cells);
}

static const char *print(void)
{
	u64 record;

	seq_free(&seq);
	for (record = 0; record < mt_report_records(snap); record++)
		mt_report_print(&seq, snap, record);
	return seq.buf;
}

/* Columns are set apart by blanks, however many: a reader splits at them. */
static void squeeze(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == ' ' && (to[-1] == ' ' || to[-1] == '\n'))
			continue;
		*to++ = *text;
	}
	*to = '\0';
}

static void expect(const char *want)
{
	mt_snapshot_sort(snap);
	print();
	squeeze(seq.buf);
	assert_string_equal(seq.buf, want);
}

static void table(void **state)
{
	snap = mt_snapshot_new(&slab, 512);
	add(mt_exact(12), mt_exact(100), "vmlinux", "small");
	add(mt_exact(123456), mt_exact(1058636), "af_packet", "Acpi-ParseExt,pkt,third");
	snap->took_ns = 1234567;
	expect("# memtriage slab version 1\n"
	       "# state: ok; rows 2; dropped 0; took 1234 us\n"
	       "# <kB> <objects> <order> <module> <reclaim> <name>\n"
	       "123456 1058636 3 af_packet y Acpi-ParseExt,pkt,third\n"
	       "12 100 3 vmlinux y small\n");
}

static void empty_table(void **state)
{
	snap = mt_snapshot_new(&slab, 512);
	expect("# memtriage slab version 1\n"
	       "# state: ok; rows 0; dropped 0; took 0 us\n"
	       "# <kB> <objects> <order> <module> <reclaim> <name>\n");
}

/* "-" is unknown, "~" an estimate, a bare figure exact; 0 is 0. */
static void certainty(void **state)
{
	snap = mt_snapshot_new(&slab, 512);
	add(mt_exact(0), mt_number(0, MT_ESTIMATE), "", "zero");
	add(mt_number(777, MT_ESTIMATE), mt_unknown(), NULL, "guess");
	add(mt_unknown(), mt_exact(-3), "m", NULL);
	expect("# memtriage slab version 1\n"
	       "# state: ok; rows 3; dropped 0; took 0 us\n"
	       "# <kB> <objects> <order> <module> <reclaim> <name>\n"
	       "~777 - 3 - y guess\n"
	       "0 ~0 3 - y zero\n"
	       "- -3 3 m y -\n");
}

static void other_comes_last(void **state)
{
	snap = mt_snapshot_new(&slab, 2);
	add(mt_exact(1), mt_exact(10), "m", "a");
	add(mt_exact(1000), mt_exact(20), "m", "b");
	add(mt_exact(500), mt_exact(30), "m", "c");
	add(mt_exact(600), mt_number(40, MT_ESTIMATE), "m", "d");
	add(mt_exact(400), mt_exact(50), "m", "e");
	expect("# memtriage slab version 1\n"
	       "# state: ok; rows 3; dropped 3; took 0 us\n"
	       "# <kB> <objects> <order> <module> <reclaim> <name>\n"
	       "1000 20 3 m y b\n"
	       "600 ~40 3 m y d\n"
	       "901 90 - - - (other)\n");
}

static void partial(void **state)
{
	snap = mt_snapshot_new(&slab, 512);
	mt_snapshot_partial(snap, "no member kmem_cache.name in this kernel: lost: %s", "names");
	mt_snapshot_partial(snap, "slab_mutex busy");
	add(mt_exact(1), mt_exact(1), "m", "a");
	expect("# memtriage slab version 1\n"
	       "# state: partial: no member kmem_cache.name in this kernel: lost: names; "
	       "slab_mutex busy; rows 1; dropped 0; took 0 us\n"
	       "# <kB> <objects> <order> <module> <reclaim> <name>\n"
	       "1 1 3 m y a\n");
}

static void unavailable(void **state)
{
	snap = mt_snapshot_new(&slab, 512);
	mt_snapshot_partial(snap, "no symbol slab_caches in this kernel");
	snap->state = MT_UNAVAILABLE;
	expect("# memtriage slab version 1\n"
	       "# state: unavailable: no symbol slab_caches in this kernel; rows 0; dropped 0; "
	       "took 0 us\n"
	       "# <kB> <objects> <order> <module> <reclaim> <name>\n");
}

static void notes_come_after_the_records(void **state)
{
	snap = mt_snapshot_new(&slab, 1);
	mt_snapshot_print(snap, "first note");
	mt_snapshot_print(snap, "second: %d kB", 5);
	add(mt_exact(1), mt_exact(1), "m", "a");
	add(mt_exact(2), mt_exact(1), "m", "b");
	expect("# memtriage slab version 1\n"
	       "# state: ok; rows 2; dropped 1; took 0 us\n"
	       "# <kB> <objects> <order> <module> <reclaim> <name>\n"
	       "2 1 3 m y b\n"
	       "1 1 - - - (other)\n"
	       "# first note\n"
	       "# second: 5 kB\n");
}

/* A name of the kernel's must not become a line, a column or a terminal's command. */
static void foreign_text_stays_in_its_place(void **state)
{
	snap = mt_snapshot_new(&slab, 512);
	add(mt_exact(1), mt_exact(1), "two words", "line\nbreak\t\x1b[31m \x7f end");
	mt_snapshot_partial(snap, "rea\nson");
	mt_snapshot_print(snap, "no\nte");
	expect("# memtriage slab version 1\n"
	       "# state: partial: rea?son; rows 1; dropped 0; took 0 us\n"
	       "# <kB> <objects> <order> <module> <reclaim> <name>\n"
	       "1 1 3 two_words y line?break??[31m ? end\n"
	       "# no?te\n");
}

static void first_character_is_not_a_comment(void **state)
{
	snap = mt_snapshot_new(&slab, 512);
	add(mt_exact(1), mt_exact(1), "m", "# not a comment");
	print();
	assert_null(strstr(seq.buf, "\n# not"));
}

static void the_book(void **state)
{
	const struct mt_cell rows[][2] = {
		{ mt_exact(2014004), mt_text("Total") },
		{ mt_exact(0), mt_text("Free") },
		{ mt_unknown(), mt_text("KernelStack") },
		{ mt_number(5, MT_ESTIMATE), mt_text("Memmap") },
		{ mt_exact(-123), mt_text("Ghost") },
	};
	unsigned int i;

	snap = mt_snapshot_new(&ledger, 512);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		mt_snapshot_add(snap, rows[i]);
	mt_snapshot_print(snap, "GhostArticle: 7 kB");
	expect("# memtriage ledger version 1\n"
	       "# state: ok; rows 5; dropped 0; took 0 us\n"
	       "# <account>: <kB>\n"
	       "Total: 2014004 kB\n"
	       "Free: 0 kB\n"
	       "KernelStack: -\n"
	       "Memmap: ~5 kB\n"
	       "Ghost: -123 kB\n"
	       "# GhostArticle: 7 kB\n");
}

static void text(void **state)
{
	snap = mt_snapshot_new(&summary, 512);
	mt_snapshot_print(snap, "verdict: ok");
	mt_snapshot_print(snap, "next: %s", "nothing");
	expect("# memtriage summary version 1\n"
	       "# state: ok; rows 2; dropped 0; took 0 us\n"
	       "verdict: ok\n"
	       "next: nothing\n");
}

static void fill_many(void)
{
	char name[32];
	unsigned int i;

	snap = mt_snapshot_new(&slab, 100);
	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "cache-%u", i);
		add(mt_exact(i * 37 % 300), i % 7 ? mt_exact(i) : mt_unknown(), "m", name);
	}
	for (i = 0; i < 20; i++)
		mt_snapshot_print(snap, "note %u", i);
	mt_snapshot_partial(snap, "something");
	mt_snapshot_sort(snap);
}

/* seq_file prints a record again when its page was full, and any record after a seek. */
static void printing_again_prints_the_same(void **state)
{
	struct seq_file again = { 0 };
	u64 record, records;
	size_t at = 0;
	char *want;

	fill_many();
	want = strdup(print());
	records = mt_report_records(snap);
	assert_int_equal(records, 3 + 101 + 20);
	for (record = 0; record < records; record++) {
		char page[4096];
		struct seq_file small = { .buf = page, .bounded = true, .size = record % 40 };

		/* a buffer that is too small first, then one that is not */
		mt_report_print(&small, snap, record);
		again.count = 0;
		mt_report_print(&again, snap, record);
		assert_memory_equal(want + at, again.buf, again.count);
		assert_int_equal(again.buf[again.count - 1], '\n');
		assert_null(memchr(again.buf, '\n', again.count - 1));
		at += again.count;
	}
	assert_int_equal(at, strlen(want));
	/* in any order */
	while (record--) {
		again.count = 0;
		mt_report_print(&again, snap, record);
		at -= again.count;
		assert_memory_equal(want + at, again.buf, again.count);
	}
	assert_string_equal(print(), want);
	free(want);
	seq_free(&again);
}

static void nothing_after_the_end(void **state)
{
	fill_many();
	mt_report_print(&seq, snap, mt_report_records(snap));
	mt_report_print(&seq, snap, (u64)-1);
	assert_int_equal(seq.count, 0);
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(table),
		TEST(empty_table),
		TEST(certainty),
		TEST(other_comes_last),
		TEST(partial),
		TEST(unavailable),
		TEST(notes_come_after_the_records),
		TEST(foreign_text_stays_in_its_place),
		TEST(first_character_is_not_a_comment),
		TEST(the_book),
		TEST(text),
		TEST(printing_again_prints_the_same),
		TEST(nothing_after_the_end),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
