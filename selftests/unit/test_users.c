// SPDX-License-Identifier: GPL-2.0
/*
 * test_users.c - knows which process, file system or cgroup a verdict has to name.
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

#define MIB_KB		1024LL
#define GIB_KB		(1024LL * 1024)
#define GIB_PAGES	(GIB_KB / 4)

static const struct mt_column task_columns[] = {
	{ .name = "rss_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "anon_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "file_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "shmem_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "swap_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "pgtables_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "fds", .type = MT_NUMBER, .sum = true },
	{ .name = "pid", .type = MT_NUMBER },
	{ .name = "comm", .type = MT_TEXT },
};

static const struct mt_column tmpfs_columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "swap_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "files", .type = MT_NUMBER, .sum = true },
	{ .name = "unlinked_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "fstype", .type = MT_TEXT },
	{ .name = "dev", .type = MT_TEXT },
	{ .name = "where", .type = MT_TEXT },
};

static const struct mt_column cgroup_columns[] = {
	{ .name = "kB", .type = MT_NUMBER },
	{ .name = "slab_kB", .type = MT_NUMBER },
	{ .name = "kernel_kB", .type = MT_NUMBER },
	{ .name = "state", .type = MT_WORD },
	{ .name = "path", .type = MT_TEXT },
};

enum { TASKS, TMPFS, CGROUPS, REPORTS };

static const struct mt_collector collectors[REPORTS] = {
	[TASKS] = { .name = "tasks", .form = MT_FORM_TABLE, .columns = task_columns,
		    .nr_columns = ARRAY_SIZE(task_columns) },
	[TMPFS] = { .name = "tmpfs", .form = MT_FORM_TABLE, .columns = tmpfs_columns,
		    .nr_columns = ARRAY_SIZE(tmpfs_columns) },
	[CGROUPS] = { .name = "cgroups", .form = MT_FORM_TABLE, .columns = cgroup_columns,
		      .nr_columns = ARRAY_SIZE(cgroup_columns) },
};

struct machine {
	struct mt_ledger now;
	struct mt_ledger before;
	struct mt_evidence evidence;
	struct mt_judgement judgement;
	struct mt_snapshot *reports[REPORTS];
};

/* 4 GiB, nothing in it. */
static struct machine *idle(void)
{
	struct machine *machine = calloc(1, sizeof(*machine));
	unsigned int i;

	assert_non_null(machine);
	for (i = 0; i < MT_NR_ACCOUNTS; i++)
		mt_ledger_set(&machine->now, i, 0);
	mt_ledger_set(&machine->now, MT_TOTAL, 4 * GIB_PAGES);
	mt_ledger_set(&machine->now, MT_FREE, 4 * GIB_PAGES);
	mt_ledger_balance(&machine->now);
	machine->before = machine->now;
	for (i = 0; i < REPORTS; i++)
		machine->reports[i] = mt_snapshot_new(&collectors[i], 1000);
	machine->evidence = (struct mt_evidence) {
		.now = &machine->now,
		.before = &machine->before,
		.reports = machine->reports,
		.nr_reports = REPORTS,
		.page_kB = 4,
		.path = "/reports",
	};
	return machine;
}

static void discard(struct machine *machine)
{
	unsigned int i;

	for (i = 0; i < REPORTS; i++)
		mt_snapshot_free(machine->reports[i]);
	free(machine);
}

static void add_task(struct machine *machine, s64 anon_kB, s64 shmem_kB, s64 tables_kB, s64 pid,
		     const char *comm)
{
	struct mt_cell cells[] = {
		mt_exact(anon_kB + shmem_kB), mt_exact(anon_kB), mt_exact(0), mt_exact(shmem_kB),
		mt_exact(0), mt_exact(tables_kB), mt_exact(7), mt_exact(pid), mt_text(comm),
	};

	mt_snapshot_add(machine->reports[TASKS], cells);
	machine->evidence.anon_pages += anon_kB / 4;
}

static void add_exiting(struct machine *machine, s64 pid)
{
	struct mt_cell cells[] = {
		mt_unknown(), mt_unknown(), mt_unknown(), mt_unknown(), mt_unknown(), mt_unknown(),
		mt_unknown(), mt_exact(pid), mt_text("gone"),
	};

	mt_snapshot_add(machine->reports[TASKS], cells);
}

static void add_mount(struct machine *machine, s64 kB, s64 unlinked_kB, const char *type,
		      const char *where)
{
	struct mt_cell cells[] = {
		mt_exact(kB), mt_exact(0), mt_exact(3), mt_exact(unlinked_kB), mt_text(type),
		mt_text("0:25"), mt_text(where),
	};

	mt_snapshot_add(machine->reports[TMPFS], cells);
	machine->evidence.shmem_pages += kB / 4;
}

static void add_cgroup(struct machine *machine, s64 kB, const char *state, const char *path)
{
	struct mt_cell cells[] = {
		mt_exact(kB), mt_unknown(), mt_unknown(), mt_text(state), mt_text(path),
	};

	mt_snapshot_add(machine->reports[CGROUPS], cells);
}

static const struct mt_judgement *judge(struct machine *machine)
{
	unsigned int i;

	for (i = 0; i < REPORTS; i++)
		mt_snapshot_sort(machine->reports[i]);
	mt_verdict_judge(&machine->judgement, &machine->evidence);
	return &machine->judgement;
}

static void small_is_ok(void **state)
{
	struct machine *machine = idle();

	add_task(machine, 600 * MIB_KB, 100, 100, 1, "init");
	add_mount(machine, 100 * MIB_KB, 50 * MIB_KB, "tmpfs", "/run");
	add_cgroup(machine, GIB_KB, "online", "/");
	add_cgroup(machine, GIB_KB, "online", "/a");
	mt_snapshot_print(machine->reports[CGROUPS],
			  "dying: 20 of 40 cgroups, 300 kB on their lists: page cache 300");
	assert_int_equal(judge(machine)->nr, 0);
	discard(machine);
}

static void the_largest_process_is_named(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	/* Shared memory does not come back with a kill: the first record is not the one. */
	add_task(machine, 100 * MIB_KB, 3 * GIB_KB, 500, 17, "postgres");
	add_task(machine, 1200 * MIB_KB, 0, 2048, 1234, "mysqld");
	add_task(machine, 300 * MIB_KB, 0, 500, 55, "sshd");
	add_exiting(machine, 99);
	assert_int_equal(judge(machine)->nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_string_equal(verdict->kind, "process");
	assert_int_equal(verdict->kB, 1202 * MIB_KB);
	assert_non_null(strstr(verdict->text, "mysqld (pid 1234)"));
	assert_non_null(strstr(verdict->details[1], "sshd (pid 55)"));
	assert_string_equal(verdict->next, "kill 1234 (mysqld: ~1.1 GiB)");
	discard(machine);
}

/* Pages from before a fork are there once, and are not given back by one of those who map them. */
static void what_was_forked_is_there_once(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict = &machine->judgement.verdicts[0];
	unsigned int i;

	for (i = 0; i < 4; i++)
		add_task(machine, 1200 * MIB_KB, 0, 0, 100 + i, "server");
	machine->evidence.anon_pages = 1200 * MIB_KB / 4;
	assert_int_equal(judge(machine)->nr, 1);
	assert_null(strstr(verdict->text, "its own"));
	assert_non_null(strstr(verdict->next, "(server: up to 1.1 GiB)"));
	discard(machine);

	/* each has its own */
	machine = idle();
	verdict = &machine->judgement.verdicts[0];
	for (i = 0; i < 2; i++)
		add_task(machine, 1200 * MIB_KB, 0, 0, 100 + i, "server");
	machine->evidence.anon_pages = 2400 * MIB_KB / 4;
	assert_int_equal(judge(machine)->nr, 1);
	assert_non_null(strstr(verdict->text, "its own memory"));
	assert_non_null(strstr(verdict->next, "(server: ~1.1 GiB)"));
	discard(machine);
}

/* Merged pages are counted wherever they are mapped. */
static void what_was_merged_is_there_once(void **state)
{
	struct machine *machine = idle();

	add_task(machine, 2 * GIB_KB, 0, 500, 17, "qemu");
	machine->evidence.anon_pages = 10 * MIB_KB / 4;
	assert_int_equal(judge(machine)->nr, 0);

	machine->evidence.anon_pages = 3 * GIB_KB / 2 / 4;
	judge(machine);
	assert_int_equal(machine->judgement.nr, 1);
	assert_int_equal(machine->judgement.verdicts[0].kB, 3 * GIB_KB / 2 + 500);
	assert_non_null(strstr(machine->judgement.verdicts[0].next, "~1.5 GiB"));
	discard(machine);
}

static void many_small_processes_are_one_verdict(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;
	int i;

	for (i = 0; i < 30; i++)
		add_task(machine, (80 + i) * MIB_KB, 0, 500, 100 + i, "worker");
	assert_int_equal(judge(machine)->nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_string_equal(verdict->kind, "process");
	assert_int_equal(verdict->kB, machine->evidence.anon_pages * 4);
	assert_non_null(strstr(verdict->text, "worker (pid 129)"));
	discard(machine);
}

static void nobody_kills_init(void **state)
{
	struct machine *machine = idle();

	add_task(machine, 3 * GIB_KB, 0, 500, 1, "systemd");
	assert_int_equal(judge(machine)->nr, 1);
	assert_null(strstr(machine->judgement.verdicts[0].next, "kill"));
	discard(machine);
}

static void page_tables_have_an_owner(void **state)
{
	struct machine *machine = idle();

	machine->now.pages[MT_PAGE_TABLES] = GIB_PAGES / 2;
	machine->now.pages[MT_FREE] -= GIB_PAGES / 2;
	mt_ledger_balance(&machine->now);
	add_task(machine, 10 * MIB_KB, 0, 400 * MIB_KB, 8, "oracle");
	add_task(machine, 500 * MIB_KB, 0, 500, 9, "java");
	assert_int_equal(judge(machine)->nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "page tables"));
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "oracle (pid 8)"));
	discard(machine);
}

static void page_tables_of_many_have_no_owner(void **state)
{
	struct machine *machine = idle();
	int i;

	machine->now.pages[MT_PAGE_TABLES] = GIB_PAGES / 2;
	machine->now.pages[MT_FREE] -= GIB_PAGES / 2;
	mt_ledger_balance(&machine->now);
	for (i = 0; i < 100; i++)
		add_task(machine, 100, 0, 40, 100 + i, "worker");
	assert_int_equal(judge(machine)->nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].text, "of 100 processes"));
	assert_null(strstr(machine->judgement.verdicts[0].next, "kill"));
	discard(machine);
}

static void without_the_report_there_is_still_a_verdict(void **state)
{
	struct machine *machine = idle();

	machine->evidence.anon_pages = 3 * GIB_PAGES;
	machine->evidence.shmem_pages = GIB_PAGES;
	assert_int_equal(judge(machine)->nr, 2);
	assert_string_equal(machine->judgement.verdicts[0].kind, "process");
	assert_string_equal(machine->judgement.verdicts[1].kind, "tmpfs");
	discard(machine);
}

static void huge_pages_in_files_are_told(void **state)
{
	static const struct {
		s64 kB;
		const char *words;
	} files[] = { { 0, "" }, { GIB_KB / 2, "512.0 MiB of it in files; who has them: " } };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		struct machine *machine = idle();
		const struct mt_verdict *verdict = &machine->judgement.verdicts[0];

		mt_ledger_set(&machine->now, MT_HUGETLB, GIB_PAGES);
		mt_ledger_set(&machine->now, MT_FREE, 3 * GIB_PAGES);
		mt_ledger_balance(&machine->now);
		mt_snapshot_print(machine->reports[TMPFS], "Hugetlb: %lld kB in files",
				  files[i].kB);
		judge(machine);
		assert_string_equal(verdict->kind, "hugetlb");
		assert_true(!*verdict->details[0] == !*files[i].words);
		assert_non_null(strstr(verdict->details[0], files[i].words));
		discard(machine);
	}
}

static void a_mount_is_named(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	add_mount(machine, GIB_KB, 0, "tmpfs", "/dev/shm");
	add_mount(machine, 3 * GIB_KB, 0, "hugetlbfs", "/dev/hugepages");
	machine->evidence.shmem_pages = GIB_PAGES;
	assert_int_equal(judge(machine)->nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_string_equal(verdict->kind, "tmpfs");
	assert_int_equal(verdict->kB, GIB_KB);
	assert_non_null(strstr(verdict->text, "/dev/shm"));
	assert_non_null(strstr(verdict->next, "du -xm /dev/shm"));
	discard(machine);
}

/* Out of time: what was not counted to the end is no number of files. */
static void what_was_counted_in_part_is_marked(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict = &machine->judgement.verdicts[0];
	struct mt_cell cells[] = {
		mt_number(GIB_KB, MT_ESTIMATE), mt_number(0, MT_ESTIMATE),
		mt_number(118853, MT_ESTIMATE), mt_number(472, MT_ESTIMATE), mt_text("tmpfs"),
		mt_text("0:25"), mt_text("/tmp"),
	};

	mt_snapshot_add(machine->reports[TMPFS], cells);
	judge(machine);
	assert_non_null(strstr(verdict->details[0], "~118853 files"));
	assert_non_null(strstr(verdict->details[0], "held: ~472 kB"));
	discard(machine);
}

static void who_holds_an_unlinked_file_is_named(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	add_mount(machine, GIB_KB, 900 * MIB_KB, "tmpfs", "/tmp");
	mt_snapshot_print(machine->reports[TMPFS],
			  "held: %d kB by pid %d (%s), opened: log on tmpfs 0:25", 921600, 17865,
			  "pppd");
	assert_int_equal(judge(machine)->nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_non_null(strstr(verdict->details[0], "900.0 MiB"));
	assert_non_null(strstr(verdict->details[1], "pid 17865 (pppd)"));
	assert_string_equal(verdict->next, "kill 17865 (pppd: ~900.0 MiB)");
	discard(machine);
}

static const char *next_of(struct machine *machine)
{
	assert_int_equal(judge(machine)->nr, 1);
	return machine->judgement.verdicts[0].next;
}

static void the_holder_of_another_mount_is_not_blamed(void **state)
{
	struct machine *machine = idle();

	add_mount(machine, GIB_KB, 900 * MIB_KB, "tmpfs", "/tmp");
	mt_snapshot_print(machine->reports[TMPFS],
			  "held: 999999 kB by pid 2 (innocent), opened: log on tmpfs 0:99");
	mt_snapshot_print(machine->reports[TMPFS],
			  "held: 1024 kB by pid 3 (culprit), opened: log on tmpfs 0:25");
	mt_snapshot_print(machine->reports[TMPFS],
			  "held: 921600 kB by pid 3 (culprit), opened: 900 files on tmpfs 0:25");
	assert_string_equal(next_of(machine), "kill 3 (culprit: ~900.0 MiB)");
	discard(machine);
}

static void what_was_unmounted_has_a_holder(void **state)
{
	struct machine *machine = idle();

	add_mount(machine, GIB_KB, 0, "tmpfs", "(unmounted, still in use)");
	mt_snapshot_print(machine->reports[TMPFS],
			  "held: %lld kB by pid 3 (culprit), opened: what was unmounted on tmpfs 0:25",
			  (long long)GIB_KB);
	assert_string_equal(next_of(machine), "kill 3 (culprit: ~1.0 GiB)");
	discard(machine);
}

static void what_has_no_descriptor_is_not_to_be_deleted(void **state)
{
	struct machine *machine = idle();

	add_mount(machine, GIB_KB, GIB_KB, "tmpfs", "/tmp");
	mt_snapshot_print(machine->reports[TMPFS],
			  "held: %lld kB by nobody that was found: disk.img on tmpfs 0:25",
			  (long long)GIB_KB);
	assert_non_null(strstr(next_of(machine), "losetup -a; "));
	assert_non_null(strstr(machine->judgement.verdicts[0].next, "(up to 1.0 GiB)"));
	discard(machine);
}

static void who_is_in_the_namespace_is_named(void **state)
{
	static const char where[] = "/dev/shm (mount namespace 4026532114)";
	struct machine *machine = idle();

	add_mount(machine, GIB_KB, 0, "tmpfs", where);
	mt_snapshot_print(machine->reports[TMPFS],
			  "mount namespace 4026532113: pid 8 (other) is in it");
	mt_snapshot_print(machine->reports[TMPFS],
			  "mount namespace 4026532114: pid 9 (sh) is in it");
	assert_string_equal(next_of(machine),
			    "nsenter -t 9 -m du -xm /dev/shm; rm (up to 1.0 GiB)");
	discard(machine);

	machine = idle();
	add_mount(machine, GIB_KB, 0, "tmpfs", where);
	mt_snapshot_print(machine->reports[TMPFS],
			  "mount namespace 4026532114: no process is in it: a bind mount keeps it");
	assert_non_null(strstr(next_of(machine), "no process there"));
	discard(machine);
}

static void a_segment_is_removed_by_its_id(void **state)
{
	struct machine *machine = idle();

	add_mount(machine, GIB_KB, GIB_KB, "tmpfs", "SysV shm SYSV00001234");
	mt_snapshot_print(machine->reports[TMPFS],
			  "held: 999999 kB by nobody that was found: SYSV00000000 (shmid 5) on tmpfs 0:25");
	mt_snapshot_print(machine->reports[TMPFS],
			  "held: 921600 kB by nobody that was found: SYSV00001234 (shmid 7) on tmpfs 0:25");
	assert_string_equal(next_of(machine),
			    "ipcrm -m 7 (in its IPC namespace; nobody maps it: ~900.0 MiB)");
	discard(machine);

	/* It outlives who maps it. */
	machine = idle();
	add_mount(machine, GIB_KB, GIB_KB, "tmpfs", "SysV shm SYSV00001234");
	mt_snapshot_print(machine->reports[TMPFS],
			  "held: 921600 kB by pid 4 (db), mapped: SYSV00001234 (shmid 7) on tmpfs 0:25");
	assert_string_equal(next_of(machine), "kill 4 (db), who maps it; ipcrm -m 7 (~900.0 MiB)");
	discard(machine);
}

static void dropping_caches_is_no_cure_for_tmpfs(void **state)
{
	struct machine *machine = idle();

	mt_snapshot_print(machine->reports[CGROUPS],
			  "dying: 1 of 2 cgroups, 819200 kB on their lists: page cache 819200");
	assert_non_null(strstr(next_of(machine), "drop_caches"));
	discard(machine);

	machine = idle();
	mt_snapshot_print(machine->reports[CGROUPS],
			  "dying: 1 of 2 cgroups, 819200 kB on their lists: page cache 0");
	assert_null(strstr(next_of(machine), "drop_caches"));
	assert_non_null(strstr(machine->judgement.verdicts[0].next, "/tmpfs"));
	discard(machine);
}

static void a_segment_is_not_deleted_with_rm(void **state)
{
	struct machine *machine = idle();

	add_mount(machine, GIB_KB, GIB_KB, "tmpfs", "SysV shm SYSV00001234");
	assert_int_equal(judge(machine)->nr, 1);
	assert_non_null(strstr(machine->judgement.verdicts[0].next, "ipcrm"));
	discard(machine);
}

static void the_deepest_cgroup_is_named(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	add_cgroup(machine, 3900 * MIB_KB, "online", "/");
	add_cgroup(machine, 3800 * MIB_KB, "online", "/kubepods");
	add_cgroup(machine, 3500 * MIB_KB, "online", "/kubepods/pod1");
	add_cgroup(machine, 2000 * MIB_KB, "online", "/kubepods/pod1/a");
	add_cgroup(machine, 1500 * MIB_KB, "online", "/kubepods/pod1/b");
	assert_int_equal(judge(machine)->nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_string_equal(verdict->kind, "cgroup");
	assert_non_null(strstr(verdict->text, "/kubepods/pod1 "));
	assert_int_equal(verdict->kB, 3500 * MIB_KB);
	discard(machine);
}

static void many_dying_cgroups_are_told(void **state)
{
	struct machine *machine = idle();
	const struct mt_verdict *verdict;

	mt_snapshot_print(machine->reports[CGROUPS],
			  "dying: 5000 of 5100 cgroups, 204800 kB on their lists: page cache 1");
	assert_int_equal(judge(machine)->nr, 1);
	verdict = &machine->judgement.verdicts[0];
	assert_string_equal(verdict->kind, "cgroup");
	assert_non_null(strstr(verdict->text, "5000 removed cgroups"));
	assert_int_equal(verdict->kB, 204800 + 5000 * 16);
	discard(machine);

	/* what is kept by files in memory is not given back by a dropped cache, if it is small */
	machine = idle();
	verdict = &machine->judgement.verdicts[0];
	mt_snapshot_print(machine->reports[CGROUPS],
			  "dying: 2500 of 2502 cgroups, 20000 kB on their lists: page cache 0");
	assert_int_equal(judge(machine)->nr, 1);
	assert_non_null(strstr(verdict->details[1], "~39.0 MiB are reckoned"));
	assert_null(strstr(verdict->next, "drop_caches"));
	assert_non_null(strstr(verdict->next, "delete files there (up to 58.5 MiB)"));
	discard(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_is_ok),
		cmocka_unit_test(the_largest_process_is_named),
		cmocka_unit_test(what_was_forked_is_there_once),
		cmocka_unit_test(what_was_merged_is_there_once),
		cmocka_unit_test(many_small_processes_are_one_verdict),
		cmocka_unit_test(nobody_kills_init),
		cmocka_unit_test(page_tables_have_an_owner),
		cmocka_unit_test(page_tables_of_many_have_no_owner),
		cmocka_unit_test(without_the_report_there_is_still_a_verdict),
		cmocka_unit_test(huge_pages_in_files_are_told),
		cmocka_unit_test(a_mount_is_named),
		cmocka_unit_test(what_was_counted_in_part_is_marked),
		cmocka_unit_test(who_holds_an_unlinked_file_is_named),
		cmocka_unit_test(the_holder_of_another_mount_is_not_blamed),
		cmocka_unit_test(what_was_unmounted_has_a_holder),
		cmocka_unit_test(what_has_no_descriptor_is_not_to_be_deleted),
		cmocka_unit_test(who_is_in_the_namespace_is_named),
		cmocka_unit_test(a_segment_is_not_deleted_with_rm),
		cmocka_unit_test(a_segment_is_removed_by_its_id),
		cmocka_unit_test(dropping_caches_is_no_cure_for_tmpfs),
		cmocka_unit_test(the_deepest_cgroup_is_named),
		cmocka_unit_test(many_dying_cgroups_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
