// SPDX-License-Identifier: GPL-2.0
/*
 * test_verdict_sockets.c - knows when sockets are worth a word, whose they are, and what they
 * explain of the ghost.
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
#define MIB_KB		1024LL
#define NO_PID		-1

static const struct mt_column columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "rx_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "tx_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "ring_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "netns", .type = MT_NUMBER },
	{ .name = "family", .type = MT_WORD },
	{ .name = "type", .type = MT_WORD },
	{ .name = "inode", .type = MT_NUMBER },
	{ .name = "pid", .type = MT_NUMBER },
	{ .name = "comm", .type = MT_TEXT },
};

static const struct mt_collector sockets_collector = {
	.name = "sockets",
	.form = MT_FORM_TABLE,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
};

struct machine {
	struct mt_ledger now;
	struct mt_ledger before;
	struct mt_evidence evidence;
	struct mt_judgement judgement;
	struct mt_snapshot *sockets;
};

static struct machine *idle(s64 gib)
{
	struct machine *machine = calloc(1, sizeof(*machine));
	unsigned int account;

	assert_non_null(machine);
	for (account = 0; account < MT_NR_ACCOUNTS; account++)
		mt_ledger_set(&machine->now, account, 0);
	mt_ledger_set(&machine->now, MT_TOTAL, gib * GIB_PAGES);
	mt_ledger_set(&machine->now, MT_FREE, gib * GIB_PAGES - 1000);
	mt_ledger_balance(&machine->now);
	machine->before = machine->now;
	machine->sockets = mt_snapshot_new(&sockets_collector, 1000);
	machine->evidence = (struct mt_evidence) {
		.now = &machine->now,
		.before = &machine->before,
		.reports = &machine->sockets,
		.nr_reports = 1,
		.page_kB = 4,
		.path = "/reports",
	};
	return machine;
}

static void discard(struct machine *machine)
{
	mt_snapshot_free(machine->sockets);
	free(machine);
}

static void add(struct machine *machine, s64 rx, s64 tx, s64 ring, const char *family,
		const char *type, s64 pid, const char *comm)
{
	struct mt_cell cells[] = {
		mt_exact(rx + tx + ring), mt_exact(rx), mt_exact(tx), mt_exact(ring),
		mt_exact(4026531840), mt_text(family), mt_text(type), mt_exact(1),
		pid == NO_PID ? mt_unknown() : mt_exact(pid), mt_text(comm),
	};

	mt_snapshot_add(machine->sockets, cells);
}

static const struct mt_judgement *judge(struct machine *machine)
{
	mt_snapshot_sort(machine->sockets);
	mt_verdict_judge(&machine->judgement, &machine->evidence);
	return &machine->judgement;
}

/* Pages that leave the free lists and turn up in no account. */
static void lose(struct machine *machine, s64 pages)
{
	machine->now.pages[MT_FREE] -= pages;
	mt_ledger_balance(&machine->now);
}

static void a_busy_server_is_ok(void **state)
{
	struct machine *machine = idle(16);
	unsigned int i;

	for (i = 0; i < 200; i++)
		add(machine, 200, 500, 0, "inet", "tcp", 100, "nginx");
	assert_int_equal(judge(machine)->nr, 0);
	discard(machine);
}

static void ten_mib_are_no_verdict(void **state)
{
	struct machine *machine = idle(4);

	add(machine, 10 * MIB_KB, 0, 0, "packet", "raw", 17865, "pppd");
	assert_int_equal(judge(machine)->nr, 0);
	discard(machine);
}

static void the_routing_daemon(void **state)
{
	struct machine *machine = idle(16);
	const struct mt_judgement *judgement;

	add(machine, 76 * MIB_KB, 0, 0, "inet6", "raw", 1234, "zebra");
	add(machine, 10, 0, 0, "inet", "udp", 1, "init");
	judgement = judge(machine);
	assert_int_equal(judgement->nr, 1);
	assert_string_equal(judgement->verdicts[0].kind, "sockets");
	assert_int_equal(judgement->verdicts[0].kB, 76 * MIB_KB);
	assert_string_equal(judgement->verdicts[0].text,
			    "raw6 socket of zebra (pid 1234) — received and never read");
	assert_string_equal(judgement->verdicts[0].next, "kill 1234 (zebra: ~76.0 MiB)");
	discard(machine);
}

static void many_sockets_of_one_process(void **state)
{
	struct machine *machine = idle(4);
	const struct mt_judgement *judgement;
	unsigned int i;

	for (i = 0; i < 100; i++) {
		add(machine, 0, 2 * MIB_KB, 0, "inet", "tcp", 7, "server");
		add(machine, 100, 0, 0, "unix", "stream", 8, "other");
	}
	judgement = judge(machine);
	assert_int_equal(judgement->nr, 1);
	assert_int_equal(judgement->verdicts[0].kB, 200 * MIB_KB);
	assert_string_equal(judgement->verdicts[0].text,
			    "100 sockets of server (pid 7) — sent and not taken by the peer");
	assert_string_equal(judgement->verdicts[0].next, "kill 7 (server: ~200.0 MiB)");
	discard(machine);
}

/* More sockets than records. */
static void many_small_sockets_of_one_process(void **state)
{
	struct machine *machine = idle(4);
	const struct mt_judgement *judgement;
	unsigned int i;

	for (i = 0; i < 512; i++)
		add(machine, 100, 0, 0, "inet", "tcp", 7, "server");
	mt_snapshot_print(machine->sockets, "held: %d kB in 10000 sockets by pid 7 (server)",
			  1000000);
	mt_snapshot_print(machine->sockets, "held: %d kB in 10000 sockets by nobody: (orphan)",
			  2000000);
	judgement = judge(machine);
	assert_int_equal(judgement->nr, 1);
	assert_int_equal(judgement->verdicts[0].kB, 1000000);
	assert_non_null(strstr(judgement->verdicts[0].text, "10000 sockets of server (pid 7)"));
	assert_string_equal(judgement->verdicts[0].next, "kill 7 (server: ~976.5 MiB)");
	discard(machine);
}

static void orphans_are_nobodys(void **state)
{
	struct machine *machine = idle(4);
	const struct mt_judgement *judgement;
	unsigned int i;

	for (i = 0; i < 60; i++) {
		add(machine, 0, 4 * MIB_KB, 0, "inet", "tcp", NO_PID, "(orphan)");
		add(machine, 100, 0, 0, "inet", "tcp", NO_PID, "(not accepted)");
	}
	judgement = judge(machine);
	assert_int_equal(judgement->nr, 1);
	assert_int_equal(judgement->verdicts[0].kB, 240 * MIB_KB);
	assert_non_null(strstr(judgement->verdicts[0].text, "60 sockets (orphan)"));
	assert_null(strstr(judgement->verdicts[0].next, "kill"));
	discard(machine);
}

static void a_ring_is_called_one(void **state)
{
	struct machine *machine = idle(4);
	const struct mt_judgement *judgement;

	add(machine, 0, 0, 64 * MIB_KB, "packet", "raw", 9, "suricata");
	judgement = judge(machine);
	assert_int_equal(judgement->nr, 1);
	assert_non_null(strstr(judgement->verdicts[0].text, "packet raw socket of suricata"));
	assert_non_null(strstr(judgement->verdicts[0].text, "rings"));
	discard(machine);
}

/* What sockets explain is no leak; what they do not explain still may be one. */
static void the_ghost_in_sockets(void **state)
{
	struct machine *machine = idle(4);
	const struct mt_judgement *judgement;

	lose(machine, 300 * MIB_KB / 4);
	add(machine, 290 * MIB_KB, 0, 0, "inet6", "raw", 1234, "zebra");
	judgement = judge(machine);
	assert_int_equal(judgement->nr, 2);
	assert_string_equal(judgement->verdicts[0].kind, "pages");
	assert_null(strstr(judgement->verdicts[0].text, "leak"));
	assert_non_null(strstr(judgement->verdicts[0].text, "up to 290.0 MiB in sockets"));
	assert_string_equal(judgement->verdicts[1].kind, "sockets");
	discard(machine);

	machine = idle(4);
	lose(machine, 300 * MIB_KB / 4);
	add(machine, 40 * MIB_KB, 0, 0, "inet6", "raw", 1234, "zebra");
	add(machine, 0, 0, 290 * MIB_KB, "xdp", "raw", 3, "xdp");
	judgement = judge(machine);
	assert_string_equal(judgement->verdicts[0].kind, "pages");
	assert_non_null(strstr(judgement->verdicts[0].text, "leak"));
	discard(machine);
}

/* Whose the rings are is said once; a ghost beside them is one all the same. */
static void rings_are_no_second_verdict(void **state)
{
	struct machine *machine = idle(4);
	const struct mt_judgement *judgement;

	lose(machine, 300 * MIB_KB / 4);
	add(machine, 0, 0, 290 * MIB_KB, "packet", "raw", 9, "suricata");
	mt_snapshot_print(machine->sockets, "of ring_kB, %d kB are pages of Ghost, 0 kB of Vmalloc",
			  290 * 1024);
	judgement = judge(machine);
	assert_int_equal(judgement->nr, 1);
	assert_string_equal(judgement->verdicts[0].kind, "sockets");
	discard(machine);

	machine = idle(4);
	lose(machine, 600 * MIB_KB / 4);
	add(machine, 0, 0, 290 * MIB_KB, "packet", "raw", 9, "suricata");
	mt_snapshot_print(machine->sockets, "of ring_kB, %d kB are pages of Ghost, 0 kB of Vmalloc",
			  290 * 1024);
	judgement = judge(machine);
	assert_int_equal(judgement->nr, 2);
	assert_string_equal(judgement->verdicts[0].kind, "pages");
	discard(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_busy_server_is_ok),
		cmocka_unit_test(ten_mib_are_no_verdict),
		cmocka_unit_test(the_routing_daemon),
		cmocka_unit_test(many_sockets_of_one_process),
		cmocka_unit_test(many_small_sockets_of_one_process),
		cmocka_unit_test(orphans_are_nobodys),
		cmocka_unit_test(a_ring_is_called_one),
		cmocka_unit_test(the_ghost_in_sockets),
		cmocka_unit_test(rings_are_no_second_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
