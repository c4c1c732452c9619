// SPDX-License-Identifier: GPL-2.0
/*
 * test_command.c - the userspace half: reports are parsed as they were printed, what breaks the
 * form is refused in words, and growth is found between two snapshots.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "command.h"
#include "growth.h"
#include "report.h"
#include "snapshot.h"

#define SLAB \
	"# memtriage slab version 1\n" \
	"# state: partial: no aliases; of all; rows 3; dropped 7; took 12 us\n" \
	"# <kB> <objects> <active> <names>\n" \
	"     1234       100        ~90 a name,with blanks\n" \
	"      -12         -         5 other\n" \
	"        7         1         1 (other)\n" \
	"# a note\n"

static struct report *parse(const char *text)
{
	const char *fault = "no fault";
	struct report *report = report_parse(text, strlen(text), &fault);

	if (!report)
		print_message("# %s\n", fault);
	assert_non_null(report);
	assert_null(fault);
	return report;
}

static void refused(const char *text, const char *why)
{
	const char *fault = NULL;

	assert_null(report_parse(text, strlen(text), &fault));
	assert_non_null(strstr(fault, why));
}

static void table_is_taken_apart(void **state)
{
	struct report *report = parse(SLAB);

	assert_string_equal("slab", report->name);
	assert_int_equal(1, report->version);
	assert_int_equal(REPORT_PARTIAL, report->state);
	assert_string_equal("no aliases; of all", report->reason);
	assert_int_equal(3, report->nr_rows);
	assert_int_equal(7, report->nr_dropped);
	assert_int_equal(12, report->took_us);
	assert_int_equal(4, report->nr_columns);
	assert_int_equal(3, report->nr_records);
	assert_int_equal(1234, report_cell(report, 0, "kB")->number);
	assert_true(report_cell(report, 0, "active")->estimate);
	assert_int_equal(90, report_cell(report, 0, "active")->number);
	assert_string_equal("a name,with blanks", report_subject(report, 0));
	assert_int_equal(-12, report_cell(report, 1, "kB")->number);
	assert_true(report_cell(report, 1, "objects")->unknown);
	assert_false(report_cell(report, 1, "objects")->is_number);
	assert_null(report_cell(report, 1, "no such"));
	assert_null(report_cell(report, 3, "kB"));
	assert_int_equal(1, report->nr_lines);
	assert_string_equal("a note", report->lines[0]);
	report_free(report);
}

static void book_and_text_are_told_apart(void **state)
{
	struct report *book = parse("# memtriage ledger version 1\n"
				    "# state: ok; rows 3; dropped 0; took 1 us\n"
				    "# <account>: <kB>\n"
				    "Total:       100 kB\nGhost:    -3 kB\nGpu:     -\n"
				    "# GhostArticle: 5 kB\n");
	struct report *text = parse("# memtriage summary version 1\n"
				    "# state: ok; rows 2; dropped 0; took 1 us\n"
				    "verdict: ok\n  two\n");

	assert_true(book->is_book);
	assert_int_equal(3, book->nr_records);
	assert_int_equal(-3, report_cell(book, 1, "kB")->number);
	assert_string_equal("Gpu", report_subject(book, 2));
	assert_true(report_cell(book, 2, "kB")->unknown);
	assert_int_equal(0, text->nr_columns);
	assert_int_equal(2, text->nr_lines);
	assert_string_equal("  two", text->lines[1]);
	report_free(book);
	report_free(text);
}

static void newer_versions_and_columns_are_read(void **state)
{
	struct report *report = parse("# memtriage slab version 7\n"
				      "# state: ok; rows 1; dropped 0; took 1 us\n"
				      "# <kB> <new> <names>\n1 2 x\n");

	assert_int_equal(7, report->version);
	assert_int_equal(2, report_cell(report, 0, "new")->number);
	report_free(report);
}

static void what_breaks_the_form_is_refused(void **state)
{
	const char *fault;

	refused("", "does not begin");
	refused("hello\n", "does not begin");
	refused("# memtriage slab\n", "version");
	refused("# memtriage slab version x\n", "version");
	refused("# memtriage ../x version 1\n", "name");
	refused("# memtriage slab version 1\n", "state line");
	refused("# memtriage slab version 1\n# state: ok\n", "counts");
	refused("# memtriage slab version 1\n# state: fine; rows 1; dropped 0; took 1 us\n",
		"unknown state");
	refused("# memtriage slab version 1\n# state: ok; rows 1; dropped 0; took 1 us\n"
		"# <kB> <na\n1 x\n", "columns");
	refused("# memtriage slab version 1\n# state: ok; rows 1; dropped 0; took 1 us\n"
		"# <kB> <names>\n1\n", "too few");
	refused("# memtriage ledger version 1\n# state: ok; rows 1; dropped 0; took 1 us\n"
		"# <account>: <kB>\nTotal: much kB\n", "figure");
	assert_null(report_parse("# memtriage\0slab", 16, &fault));
	assert_non_null(strstr(fault, "NUL"));
}

static void print_and_parse(const char *text, const char *has)
{
	struct report *report = parse(text);
	struct report *again;
	char *first, *second;
	size_t bytes;
	FILE *out;

	out = open_memstream(&first, &bytes);
	report_print(out, report);
	fclose(out);
	again = parse(first);
	out = open_memstream(&second, &bytes);
	report_print(out, again);
	fclose(out);
	assert_string_equal(first, second);
	assert_int_equal(report->nr_records, again->nr_records);
	assert_int_equal(report->nr_lines, again->nr_lines);
	assert_non_null(strstr(first, has));
	report_free(report);
	report_free(again);
	free(first);
	free(second);
}

static void printed_is_parsed_again(void **state)
{
	print_and_parse(SLAB, "~90");
	/* a record that is not to become a note */
	print_and_parse("# memtriage slab version 1\n"
			"# state: ok; rows 1; dropped 0; took 1 us\n# <names>\n # x\n", " # x");
}

#define LEDGER(_free, _ghost) \
	"# memtriage ledger version 1\n# state: ok; rows 3; dropped 0; took 1 us\n" \
	"# <account>: <kB>\nTotal: 1000000 kB\nFree: " #_free " kB\nGhost: " #_ghost " kB\n"

#define SLABS(_a, _b, _c) \
	"# memtriage slab version 1\n# state: ok; rows 3; dropped 0; took 1 us\n" \
	"# <kB> <active> <names>\n" \
	#_a "0 " #_a " one,alias\n" #_b "1 " #_b " two\n" #_c "2 " #_c " three\n"

static struct snapshot *snapshot_of(const char *text)
{
	struct snapshot *snapshot;
	const char *fault;

	snapshot = snapshot_parse(text, &fault);
	assert_non_null(snapshot);
	return snapshot;
}

static void snapshot_is_reports_behind_the_machine(void **state)
{
	struct snapshot *snapshot;
	const char *fault;

	snapshot = snapshot_of("# memtriage-snapshot version 1\n# host: h\n# kernel: k\n"
			       "# seconds: 9\n# later: x\n" SLABS(1, 2, 3) LEDGER(5, 6)
			       "# memtriage broken version 1\n");
	assert_string_equal("h", snapshot->host);
	assert_int_equal(9, snapshot->seconds);
	assert_int_equal(-1, snapshot->uptime);
	assert_int_equal(2, snapshot->nr_reports);
	/* in the order of the summary, not of the file */
	assert_string_equal("ledger", snapshot->reports[0]->name);
	assert_int_equal(1, snapshot->nr_faults);
	assert_non_null(snapshot_report(snapshot, "slab"));
	assert_null(snapshot_report(snapshot, "broken"));
	snapshot_free(snapshot);
	assert_null(snapshot_parse("# memtriage-snapshot version 2\n", &fault));
	assert_non_null(strstr(fault, "no snapshot"));
}

static void growth_is_found_and_ranked(void **state)
{
	struct snapshot *before = snapshot_of("# memtriage-snapshot version 1\n# seconds: 10\n"
					      LEDGER(500000, 100) SLABS(100, 200, 300));
	struct snapshot *after = snapshot_of("# memtriage-snapshot version 1\n# seconds: 20\n"
					     LEDGER(400000, 90100)
					     SLABS(20100, 20190, 300));
	struct growths growths;
	size_t members[4];

	assert_true(growth_find(&growths, before, after));
	assert_int_equal(4, growths.nr);
	assert_string_equal("one,alias", growths.list[0].subject);
	assert_int_equal(200000, growths.list[0].after_kB - growths.list[0].before_kB);
	assert_int_equal(20000, growths.list[0].objects);
	assert_string_equal("Free", growths.list[3].subject);
	assert_int_equal(1, growth_equal(&growths, 0, members, 4));
	assert_string_equal("two", growths.list[members[0]].subject);
	/* 100 % more than is left, in ten seconds */
	assert_int_equal(20, growth_exhaustion(after, 200000, 10));
	assert_int_equal(-1, growth_exhaustion(after, -1, 10));
	growth_free(&growths);

	assert_true(growth_find(&growths, after, after));
	assert_int_equal(0, growths.nr);
	growth_free(&growths);
	snapshot_free(before);
	snapshot_free(after);
}

/* A file that lies has figures that no sum has room for. */
static void figures_no_machine_has_stay_numbers(void **state)
{
	static const char lies[] = "# memtriage-snapshot version 1\n# seconds: %s\n"
		"# memtriage slab version 1\n# state: ok; rows 3; dropped 0; took 1 us\n"
		"# <kB> <active> <names>\n%s %s one\n%s %s one\n%s 1 two\n";
	static const char large[] = "9007199254740991", more[] = "9223372036854775807";
	struct snapshot *before, *after;
	struct growths growths;
	char text[512];

	snprintf(text, sizeof(text), lies, "-9223372036854775808", "-9007199254740991",
		 "-9007199254740991", "-9007199254740991", "-9007199254740991", more);
	before = snapshot_of(text);
	snprintf(text, sizeof(text), lies, more, large, large, large, large, "1");
	after = snapshot_of(text);
	assert_int_equal(REPORT_LARGEST, after->seconds);
	assert_false(report_cell(snapshot_report(before, "slab"), 2, "kB")->is_number);
	assert_int_equal(0, report_cell(snapshot_report(before, "slab"), 2, "kB")->number);
	assert_true(growth_find(&growths, before, after));
	assert_int_equal(1, growths.nr);
	assert_int_equal(-REPORT_LARGEST, growths.list[0].before_kB);
	assert_int_equal(REPORT_LARGEST, growths.list[0].after_kB);
	assert_int_equal(2 * REPORT_LARGEST, growths.list[0].objects);
	growth_free(&growths);
	snapshot_free(before);
	snapshot_free(after);
}

static void counts_that_differ_are_no_one_leak(void **state)
{
	struct snapshot *before = snapshot_of("# memtriage-snapshot version 1\n"
					      SLABS(100, 200, 300));
	struct snapshot *after = snapshot_of("# memtriage-snapshot version 1\n"
					     SLABS(20100, 20500, 9300));
	struct growths growths;
	size_t members[4];

	assert_true(growth_find(&growths, before, after));
	assert_int_equal(3, growths.nr);
	assert_int_equal(0, growth_equal(&growths, 0, members, 4));
	growth_free(&growths);
	snapshot_free(before);
	snapshot_free(after);
}

static void records_of_one_name_are_one(void **state)
{
	static const char twice[] = "# memtriage-snapshot version 1\n"
		"# memtriage vmalloc version 1\n# state: ok; rows 2; dropped 0; took 1 us\n"
		"# <kB> <areas> <kind> <caller>\n%s 1 vmalloc f\n%s 1 vmalloc f\n";
	struct snapshot *before, *after;
	struct growths growths;
	char text[512];

	snprintf(text, sizeof(text), twice, "5", "3");
	before = snapshot_of(text);
	assert_true(growth_find(&growths, before, before));
	assert_int_equal(0, growths.nr);
	growth_free(&growths);
	snprintf(text, sizeof(text), twice, "3", "9");
	after = snapshot_of(text);
	assert_true(growth_find(&growths, before, after));
	assert_int_equal(1, growths.nr);
	assert_int_equal(8, growths.list[0].before_kB);
	assert_int_equal(12, growths.list[0].after_kB);
	growth_free(&growths);
	snapshot_free(before);
	snapshot_free(after);
}

static enum status status_of(const char *verdict)
{
	struct snapshot *snapshot;
	enum status status;
	char text[512];

	snprintf(text, sizeof(text), "# memtriage-snapshot version 1\n"
		 "# memtriage summary version 1\n"
		 "# state: ok; rows 1; dropped 0; took 1 us\n%s\n", verdict);
	snapshot = snapshot_of(text);
	status = verdict_status(snapshot);
	snapshot_free(snapshot);
	return status;
}

static void the_verdict_is_the_exit_status(void **state)
{
	assert_int_equal(STATUS_OK, status_of("verdict: ok 1.0 GiB available — nothing is large"));
	assert_int_equal(STATUS_LARGE, status_of("verdict: slab 1.0 GiB x — large: 7 objects"));
	assert_int_equal(STATUS_LEAK, status_of("verdict: slab 1.0 GiB x — leak: each grew"));
	assert_int_equal(STATUS_LARGE, status_of("verdict: cache 1.0 GiB x — not a leak"));
	assert_int_equal(STATUS_OK, status_of("no verdict at all"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_taken_apart),
		cmocka_unit_test(book_and_text_are_told_apart),
		cmocka_unit_test(newer_versions_and_columns_are_read),
		cmocka_unit_test(what_breaks_the_form_is_refused),
		cmocka_unit_test(printed_is_parsed_again),
		cmocka_unit_test(snapshot_is_reports_behind_the_machine),
		cmocka_unit_test(growth_is_found_and_ranked),
		cmocka_unit_test(figures_no_machine_has_stay_numbers),
		cmocka_unit_test(counts_that_differ_are_no_one_leak),
		cmocka_unit_test(records_of_one_name_are_one),
		cmocka_unit_test(the_verdict_is_the_exit_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
