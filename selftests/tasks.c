// SPDX-License-Identifier: GPL-2.0
/*
 * The tasks report: what a process holds is what it took, to the page, and what
 * its page tables say; threads and sharers count once; nobody is missing.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "report.h"
#include "swap.h"

#define MIB		(1024 * 1024)
#define MIB_KB		1024
#define NAME		"mt_child"
#define ANON_MIB	24
#define SHMEM_MIB	8
#define FILE_MIB	4
#define RAMFS		"/tmp/mt_ramfs"
#define STACK_BYTES	(64 * 1024)
#define CHURN_S		2
#define READS		6
#define TRIES		20

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif

FIXTURE(tasks) {
};

FIXTURE_SETUP(tasks)
{
	load_modules(_metadata);
	ASSERT_EQ(0, module_reload("rows=65536"));
}

FIXTURE_TEARDOWN(tasks)
{
	unload_modules(_metadata);
}

static int find_pid(const struct report *report, pid_t pid)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", pid);
	return report_find(report, "pid", number);
}

static struct report *read_tasks(struct __test_metadata *_metadata)
{
	struct report *report = read_report(_metadata, "tasks");

	EXPECT_STREQ("ok", report->state) {
		TH_LOG("%s", report->reason);
	}
	return report;
}

static long long of_process(pid_t pid, const char *file, const char *key)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return oracle_value(path, key);
}

static int count_fds(pid_t pid)
{
	struct dirent *entry;
	char path[64];
	int nr = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		nr += *entry->d_name != '.';
	if (dir)
		closedir(dir);
	return nr;
}

static char *touch(char *memory, size_t bytes)
{
	size_t at;

	for (at = 0; memory != MAP_FAILED && at < bytes; at += 4096)
		memory[at] = 1;
	return memory;
}

static char *take(size_t bytes, int flags, int fd)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (memory == MAP_FAILED)
		_exit(EXIT_FAILURE);
	return touch(memory, bytes);
}

static void take_each_kind(void *arg)
{
	int fd;

	prctl(PR_SET_NAME, NAME);
	child_wait(0);
	take(ANON_MIB * MIB, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	child_wait(0);
	take(SHMEM_MIB * MIB, MAP_SHARED | MAP_ANONYMOUS, -1);
	child_wait(0);
	fd = open(RAMFS "/file", O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, FILE_MIB * MIB))
		_exit(EXIT_FAILURE);
	take(FILE_MIB * MIB, MAP_SHARED, fd);
	child_wait(0);
	while (open("/dev/null", O_RDONLY) < 700)
		;
}

struct figures {
	long long rss, anon, file, shmem, swap, pgtables, fds;
};

static struct figures figures_of(struct __test_metadata *_metadata, pid_t pid,
				 const char *name)
{
	struct report *report = read_tasks(_metadata);
	int record = find_pid(report, pid);
	struct figures figures;

	ASSERT_LE(0, record) {
		TH_LOG("no record of pid %d", pid);
	}
	EXPECT_STREQ(name, report_text(report, record, "comm"));
	EXPECT_TRUE(report_is_exact(report, record, "rss_kB"));
	figures = (struct figures) {
		.rss = report_number(report, record, "rss_kB"),
		.anon = report_number(report, record, "anon_kB"),
		.file = report_number(report, record, "file_kB"),
		.shmem = report_number(report, record, "shmem_kB"),
		.swap = report_number(report, record, "swap_kB"),
		.pgtables = report_number(report, record, "pgtables_kB"),
		.fds = report_number(report, record, "fds"),
	};
	report_free(report);

	/* The page tables themselves are the oracle: they have no drift. */
	EXPECT_EQ(of_process(pid, "smaps_rollup", "Rss"), figures.rss);
	EXPECT_EQ(of_process(pid, "smaps_rollup", "Anonymous"), figures.anon);
	EXPECT_EQ(of_process(pid, "smaps_rollup", "Swap"), figures.swap);
	EXPECT_EQ(of_process(pid, "status", "VmPTE"), figures.pgtables);
	EXPECT_EQ(count_fds(pid), figures.fds);
	EXPECT_EQ(figures.rss, figures.anon + figures.file + figures.shmem);
	return figures;
}

TEST_F(tasks, what_is_taken_is_told)
{
	struct figures before;
	struct figures after;
	struct child child;

	mkdir(RAMFS, 0700);
	ASSERT_EQ(0, mount("ramfs", RAMFS, "ramfs", 0, NULL));
	ASSERT_EQ(0, child_start(&child, take_each_kind, NULL));
	before = figures_of(_metadata, child.pid, NAME);

	ASSERT_EQ(0, child_go(&child));
	after = figures_of(_metadata, child.pid, NAME);
	EXPECT_LE(ANON_MIB * MIB_KB, after.anon - before.anon);
	/* and the pages of the code and stack that it ran on */
	EXPECT_GE(ANON_MIB * MIB_KB + 64, after.anon - before.anon);

	before = after;
	ASSERT_EQ(0, child_go(&child));
	after = figures_of(_metadata, child.pid, NAME);
	EXPECT_LE(SHMEM_MIB * MIB_KB, after.shmem - before.shmem);
	EXPECT_GE(SHMEM_MIB * MIB_KB + 64, after.shmem - before.shmem);
	EXPECT_GE(64, after.anon - before.anon);

	before = after;
	ASSERT_EQ(0, child_go(&child));
	after = figures_of(_metadata, child.pid, NAME);
	EXPECT_EQ(FILE_MIB * MIB_KB, after.file - before.file);

	ASSERT_EQ(0, child_go(&child));
	after = figures_of(_metadata, child.pid, NAME);
	EXPECT_EQ(701, after.fds);
	child_end(&child);
	EXPECT_EQ(0, umount(RAMFS));
}

static void swap_out(void *arg)
{
	char *memory = take(ANON_MIB * MIB, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	prctl(PR_SET_NAME, NAME);
	if (madvise(memory, ANON_MIB * MIB, MADV_PAGEOUT))
		_exit(EXIT_FAILURE);
}

TEST_F(tasks, swap_is_told)
{
	struct figures figures;
	struct child child;

	if (swap_on())
		SKIP(return, "no swap to be had");
	ASSERT_EQ(0, child_start(&child, swap_out, NULL));
	figures = figures_of(_metadata, child.pid, NAME);
	/* Some pages are found busy and stay. */
	EXPECT_LE(ANON_MIB * MIB_KB / 2, figures.swap);
	EXPECT_LE(ANON_MIB * MIB_KB, figures.swap + figures.anon);
	child_end(&child);
	swap_off();
}

static void *wait_for_ever(void *arg)
{
	for (;;)
		pause();
}

#define THREADS	20

/* Once all have passed the first, nobody touches a page for the first time any more. */
static pthread_barrier_t all_run;
static pthread_barrier_t never;

static void *run_and_wait(void *arg)
{
	pthread_barrier_wait(&all_run);
	pthread_barrier_wait(&never);
	return NULL;
}

static void start_threads(void *arg)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int i;

	prctl(PR_SET_NAME, NAME);
	take(ANON_MIB * MIB, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	pthread_barrier_init(&all_run, NULL, THREADS + 1);
	pthread_barrier_init(&never, NULL, THREADS + 1);
	for (i = 0; i < THREADS; i++) {
		if (pthread_create(&thread, &attributes, run_and_wait, NULL))
			_exit(EXIT_FAILURE);
	}
	pthread_barrier_wait(&all_run);
}

/* How many records have at least this much anonymous memory. */
static int count_holders(const struct report *report, long long kb)
{
	int nr = 0;
	int i;

	for (i = 0; i < report->nr_records; i++)
		nr += report_number(report, i, "anon_kB") >= kb;
	return nr;
}

TEST_F(tasks, threads_are_folded)
{
	struct report *report;
	struct child child;

	ASSERT_EQ(0, child_start(&child, start_threads, NULL));
	EXPECT_EQ(THREADS + 1, of_process(child.pid, "status", "Threads"));
	figures_of(_metadata, child.pid, NAME);
	report = read_tasks(_metadata);
	EXPECT_EQ(1, count_holders(report, ANON_MIB * MIB_KB));
	report_free(report);
	child_end(&child);
}

static void *tell_and_wait(void *arg)
{
	usleep(100000);
	child_wait(0);
	return wait_for_ever(NULL);
}

static void end_first_thread(void *arg)
{
	pthread_t thread;

	prctl(PR_SET_NAME, NAME);
	take(ANON_MIB * MIB, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	if (pthread_create(&thread, NULL, tell_and_wait, NULL))
		_exit(EXIT_FAILURE);
	syscall(SYS_exit, 0);
}

TEST_F(tasks, a_dead_first_thread_hides_nothing)
{
	struct report *report;
	struct child child;
	int record;

	ASSERT_EQ(0, child_start(&child, end_first_thread, NULL));
	report = read_tasks(_metadata);
	record = find_pid(report, child.pid);
	ASSERT_LE(0, record);
	EXPECT_LE(ANON_MIB * MIB_KB, report_number(report, record, "anon_kB"));
	EXPECT_LT(0, report_number(report, record, "fds"));
	report_free(report);
	child_end(&child);
}

static int share_and_wait(void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
	return 0;
}

#define SHARERS	2

static void start_sharers(void *arg)
{
	int i;

	prctl(PR_SET_NAME, NAME);
	take(ANON_MIB * MIB, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (i = 0; i < SHARERS; i++) {
		char *stack = malloc(STACK_BYTES);

		if (clone(share_and_wait, stack + STACK_BYTES,
			  CLONE_VM | SIGCHLD, NULL) < 0)
			_exit(EXIT_FAILURE);
	}
	/* And one that waits in vfork() for its child. */
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!vfork())
			for (;;)
				pause();
		_exit(EXIT_SUCCESS);
	}
	usleep(50000);
}

TEST_F(tasks, sharers_count_once)
{
	struct report *report;
	struct child child;
	char note[64];

	ASSERT_EQ(0, child_start(&child, start_sharers, NULL));
	report = read_tasks(_metadata);
	/* The child and its forked copy, but no sharer of either. */
	EXPECT_EQ(2, count_holders(report, ANON_MIB * MIB_KB));
	snprintf(note, sizeof(note), "shared: pid %d (" NAME "): %d more",
		 child.pid, SHARERS);
	EXPECT_NE(NULL, report_comment(report, note)) {
		TH_LOG("no note '%s'", note);
	}
	EXPECT_NE(NULL, report_comment(report, "shared: 3 processes"));
	report_free(report);
	child_end(&child);
	usleep(100000);
}

/* Freeing this much takes longer than reading the report. */
#define SLOW_MIB	192

static void take_much(void *arg)
{
	char *memory = mmap(NULL, SLOW_MIB * MIB, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	prctl(PR_SET_NAME, NAME);
	madvise(memory, SLOW_MIB * MIB, MADV_NOHUGEPAGE);
	touch(memory, SLOW_MIB * MIB);
}

TEST_F(tasks, exiting_is_said)
{
	bool seen = false;
	int try;

	for (try = 0; try < TRIES && !seen; try++) {
		struct child child;
		char note[48];
		int reads;

		ASSERT_EQ(0, child_start(&child, take_much, NULL));
		snprintf(note, sizeof(note), "exiting: pid %d", child.pid);
		kill(child.pid, SIGKILL);
		for (reads = 0; reads < TRIES && !seen; reads++) {
			struct report *report = read_tasks(_metadata);
			int record = find_pid(report, child.pid);

			if (report_comment(report, note)) {
				seen = true;
				EXPECT_LE(0, record);
				EXPECT_STREQ("-", report_text(report, record,
							      "rss_kB"));
			}
			report_free(report);
		}
		child_end(&child);
	}
	EXPECT_TRUE(seen);
}

/* More than a quarter of the guest. */
#define LARGE_PARTS	3

static void take_a_quarter(void *arg)
{
	long long kb = oracle_meminfo("MemTotal") / LARGE_PARTS;

	prctl(PR_SET_NAME, NAME);
	take(kb * 1024, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

TEST_F(tasks, the_summary_names_who_is_large)
{
	struct report *report;
	struct child child;
	char next[64], who[64];
	int i;

	ASSERT_EQ(0, module_set("summary_ms", "60000"));
	ASSERT_EQ(0, child_start(&child, take_a_quarter, NULL));
	report = read_report(_metadata, "summary");
	snprintf(who, sizeof(who), NAME " (pid %d)", child.pid);
	snprintf(next, sizeof(next), "next: kill %d (" NAME ": ~", child.pid);
	for (i = 0; i < report->nr_records; i++) {
		const char *line = report->records[i][0];

		if (!strncmp(line, "verdict: process ", 17) && strstr(line, who))
			break;
	}
	EXPECT_LT(i, report->nr_records) {
		TH_LOG("%s", report->records[0][0]);
	}
	for (; i < report->nr_records; i++) {
		if (!strncmp(report->records[i][0], next, strlen(next)))
			break;
	}
	EXPECT_LT(i, report->nr_records) {
		TH_LOG("nothing begins with '%s'", next);
	}
	report_free(report);
	child_end(&child);
}

/* What has memory of its own has a VmRSS line; what is no zombie or kernel thread. */
TEST_F(tasks, nobody_is_missing)
{
	const char *missing = "?";
	char number[16];
	int try;

	for (try = 0; try < TRIES && missing; try++) {
		struct report *report = read_tasks(_metadata);
		struct dirent *entry;
		int nr = 0;
		DIR *dir;

		missing = NULL;
		dir = opendir("/proc");
		ASSERT_NE(NULL, dir);
		while ((entry = readdir(dir))) {
			int pid = atoi(entry->d_name);

			if (pid <= 0 || of_process(pid, "status", "VmRSS") < 0)
				continue;
			nr++;
			if (find_pid(report, pid) < 0) {
				snprintf(number, sizeof(number), "%d", pid);
				missing = number;
			}
		}
		closedir(dir);
		if (nr != report->nr_records && !missing)
			missing = "their number";
		report_free(report);
	}
	EXPECT_EQ(NULL, missing) {
		TH_LOG("differs: %s", missing);
	}
}

static void fork_always(void *arg)
{
	signal(SIGCHLD, SIG_IGN);
	child_wait(0);
	for (;;) {
		pid_t pid = fork();

		if (!pid) {
			pthread_t thread;

			take(MIB, MAP_PRIVATE | MAP_ANONYMOUS, -1);
			pthread_create(&thread, NULL, wait_for_ever, NULL);
			if (!vfork())
				_exit(0);
			_exit(0);
		}
		if (pid < 0)
			usleep(1000);
	}
}

TEST_F(tasks, forks_meanwhile)
{
	time_t until;
	struct child child;
	int reads = 0;

	ASSERT_EQ(0, child_start(&child, fork_always, NULL));
	ASSERT_EQ(1, write(child.to, "", 1));
	until = time(NULL) + CHURN_S;
	/* A slow machine takes longer for them. */
	while (time(NULL) <= until || reads < READS) {
		struct report *report = read_tasks(_metadata);

		EXPECT_LE(0, find_pid(report, getpid()));
		EXPECT_LE(0, find_pid(report, 1));
		report_free(report);
		reads++;
	}
	child_end(&child);
}

TEST_HARNESS_MAIN
