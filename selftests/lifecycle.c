// SPDX-License-Identifier: GPL-2.0
/*
 * Coming, going, and being read while everything changes: no splat, no lost
 * report, nothing left behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "plant.h"
#include "report.h"

#define READERS		8
#define READ_S		2
#define KILLS		60
#define CYCLES		12
#define CYCLES_KASAN	6
#define UNLOADS		10
#define PRESSURE_MIB	20
/* Where the kernel's locks are fought for, who waits long enough gets them. */
#define PATIENCE_MS	"10000"
#define PROC_DIR	"/proc/memtriage"
#define MIN_FREE	"/proc/sys/vm/min_free_kbytes"

#define NAME(report)	#report,
static const char * const reports[] = { FOR_EACH_REPORT(NAME) };

static const char * const splats[] = {
	"BUG:", "WARNING:", "Oops", "general protection", "soft lockup",
	"blocked for more than", "scheduling while atomic", "rcu: INFO",
};

FIXTURE(lifecycle) {
	int nr_splats;
};

static int count_splats(void)
{
	int nr = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(splats); i++)
		nr += oracle_log_lines(splats[i]);
	return nr;
}

FIXTURE_SETUP(lifecycle)
{
	self->nr_splats = count_splats();
	load_modules(_metadata);
}

FIXTURE_TEARDOWN(lifecycle)
{
	unload_modules(_metadata);
	EXPECT_EQ(self->nr_splats, count_splats());
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Reads every report until the time is over; exits with what went wrong. */
static void read_all(double until, int first)
{
	int i = first;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (seconds() < until) {
		const char *name = reports[i++ % ARRAY_SIZE(reports)];
		struct report *report = report_read(name);

		if (!report) {
			fprintf(stderr, "# %s: %s\n", name, strerror(errno));
			_exit(1);
		}
		if (report->fault) {
			fprintf(stderr, "# %s: %s\n", name, report->fault);
			_exit(1);
		}
		if (!strcmp(report->state, "unavailable")) {
			fprintf(stderr, "# %s: %s\n", name, report->reason);
			_exit(1);
		}
		report_free(report);
	}
	_exit(0);
}

static void start_readers(pid_t pids[READERS])
{
	double until = seconds() + READ_S;
	int i;

	for (i = 0; i < READERS; i++) {
		pids[i] = fork();
		if (!pids[i])
			read_all(until, i);
	}
}

static void join_readers(struct __test_metadata *_metadata, pid_t pids[READERS])
{
	int i;

	for (i = 0; i < READERS; i++) {
		int status = -1;

		EXPECT_EQ(pids[i], waitpid(pids[i], &status, 0));
		EXPECT_EQ(0, status) {
			TH_LOG("reader %d failed", i);
		}
	}
}

TEST_F(lifecycle, eight_readers_of_everything)
{
	pid_t pids[READERS];

	start_readers(pids);
	join_readers(_metadata, pids);
}

TEST_F(lifecycle, readers_during_cache_and_vmalloc_churn)
{
	pid_t pids[READERS];

	ASSERT_EQ(0, module_set("lock_wait_ms", PATIENCE_MS));
	ASSERT_EQ(0, plant("churn", "start 0"));
	start_readers(pids);
	join_readers(_metadata, pids);
	EXPECT_LT(0, plant_truth("churn", "caches_rounds"));
	EXPECT_LT(0, plant_truth("churn", "objects_rounds"));
	EXPECT_LT(0, plant_truth("churn", "vmalloc_rounds"));
	EXPECT_EQ(0, plant("churn", "stop"));
}

/* Each load creates a cache and a merged one, and module memory. */
TEST_F(lifecycle, readers_during_module_churn)
{
	pid_t pids[READERS];
	double until = seconds() + READ_S;

	ASSERT_EQ(0, module_set("lock_wait_ms", PATIENCE_MS));
	start_readers(pids);
	do {
		ASSERT_EQ(0, module_unload(PLANT));
		ASSERT_EQ(0, module_load(PLANT, ""));
		EXPECT_EQ(0, plant("packets", "100"));
		EXPECT_EQ(0, plant("vmalloc", "vmalloc 10 3"));
	} while (seconds() < until);
	join_readers(_metadata, pids);
}

/* SIGKILL anywhere between open and the last read. */
TEST_F(lifecycle, readers_killed_anywhere)
{
	int i;

	ASSERT_EQ(0, plant("churn", "start 0"));
	for (i = 0; i < KILLS; i++) {
		pid_t pid = fork();
		int status = 0;

		ASSERT_LE(0, pid);
		if (!pid)
			read_all(seconds() + 60, i);
		/* From at once to a few reads later. */
		usleep(i * 1237 % 20000);
		kill(pid, SIGKILL);
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status));
	}
	EXPECT_EQ(0, plant("churn", "stop"));
	/* Nobody holds the module, and nothing is lost. */
	ASSERT_EQ(0, module_unload(MEMTRIAGE));
	ASSERT_EQ(0, module_load(MEMTRIAGE, ""));
	for (i = 0; i < (int)ARRAY_SIZE(reports); i++) {
		struct report *report;

		report = read_report(_metadata, reports[i]);
		EXPECT_STREQ("ok", report->state) {
			TH_LOG("%s: %s", reports[i], report->reason);
		}
		report_free(report);
	}
}

/* Either the module stays, or the open file is dead and harmless. */
static void unload_while_open(struct __test_metadata *_metadata,
			      const char *dir)
{
	char byte[16];
	int fds[ARRAY_SIZE(reports)];
	char path[256];
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(reports); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, reports[i]);
		fds[i] = open(path, O_RDONLY);
		ASSERT_LE(0, fds[i]);
		/* Some are read half, some not at all. */
		if (i % 2)
			ASSERT_EQ(16, read(fds[i], byte, 16));
	}
	err = module_unload_now(MEMTRIAGE);
	if (err) {
		/* It is held, and said so. */
		EXPECT_EQ(-EWOULDBLOCK, err);
		for (i = 0; i < ARRAY_SIZE(reports); i++)
			EXPECT_LT(0, read(fds[i], byte, 16));
	} else {
		for (i = 0; i < ARRAY_SIZE(reports); i++)
			EXPECT_EQ(-1, read(fds[i], byte, 16));
	}
	for (i = 0; i < ARRAY_SIZE(reports); i++)
		EXPECT_EQ(0, close(fds[i]));
	if (err)
		ASSERT_EQ(0, module_unload(MEMTRIAGE));
	EXPECT_FALSE(module_is_loaded(MEMTRIAGE));
	EXPECT_NE(0, access(dir, F_OK));
	ASSERT_EQ(0, module_load(MEMTRIAGE, ""));
}

TEST_F_TIMEOUT(lifecycle, rmmod_while_files_are_open, 240)
{
	unload_while_open(_metadata, report_dir());
	ASSERT_EQ(0, module_reload("front=proc"));
	unload_while_open(_metadata, PROC_DIR);
}

TEST_F(lifecycle, rmmod_while_readers_run)
{
	pid_t pids[2];
	int nr_unloaded = 0;
	double until;
	int i;

	/*
	 * So few, and each idle for as long as it has read, that the module is idle at times
	 * on the slowest machine; they shrug when it is gone.
	 */
	for (i = 0; i < 2; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;; i++) {
			double begin = seconds();

			report_free(report_read(reports[i %
						ARRAY_SIZE(reports)]));
			usleep((seconds() - begin) * 1e6);
		}
	}
	/* Until it was unloaded once, however long that takes. */
	until = seconds() + READ_S * 8;
	for (i = 0; (!nr_unloaded || seconds() < until) &&
	     seconds() < until + READ_S * 50 && nr_unloaded < UNLOADS; i++) {
		/* A module that is in use stays; try again. */
		if (!module_unload_now(MEMTRIAGE))
			nr_unloaded++;
		if (!module_is_loaded(MEMTRIAGE))
			ASSERT_EQ(0, module_load(MEMTRIAGE,
						 i % 2 ? "front=proc" : ""));
		usleep(1000);
	}
	for (i = 0; i < 2; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	EXPECT_LT(0, nr_unloaded);
}

static int vmallocinfo_lines(const char *part)
{
	size_t bytes;
	char *text;
	char *rest;
	char *line;
	int nr = 0;

	text = report_slurp("/proc/vmallocinfo", &bytes);
	rest = text;
	while (text && (line = strsep(&rest, "\n")))
		nr += !!strstr(line, part);
	free(text);
	return nr;
}

/*
 * What stays behind of one cycle would be that many times as much: three slab pages or
 * three areas each are 12 kB a cycle. Other slabs breathe by less than that on a machine at
 * rest; vmalloc memory is freed lazily, in chunks that a read makes it purge.
 */
TEST_F_TIMEOUT(lifecycle, cycles_leave_nothing, 400)
{
	/* KASAN keeps freed objects in a quarantine; there kmemleak looks, too. */
	const bool kasan = oracle_has_symbol("kasan_quarantine_put");
	const int cycles = kasan ? CYCLES_KASAN : CYCLES;
	const long long slack_kb = cycles * (kasan ? 80 : 10);
	long long vmalloc = 0;
	long long slab = 0;
	int i;

	for (i = 0; i < cycles; i++) {
		size_t r;

		ASSERT_EQ(0, module_reload(""));
		for (r = 0; r < ARRAY_SIZE(reports); r++) {
			struct report *report;

			report = read_report(_metadata, reports[r]);
			report_free(report);
		}
		if (i)
			continue;
		/* The first cycle may fill what is kept for good. */
		oracle_settle();
		slab = oracle_meminfo("SUnreclaim");
		vmalloc = oracle_meminfo("VmallocUsed");
	}
	oracle_settle();
	slab = oracle_meminfo("SUnreclaim") - slab;
	vmalloc = oracle_meminfo("VmallocUsed") - vmalloc;
	EXPECT_GE(slack_kb, slab) {
		TH_LOG("SUnreclaim grew by %lld kB", slab);
	}
	EXPECT_GE(slack_kb, vmalloc) {
		TH_LOG("VmallocUsed grew by %lld kB", vmalloc);
	}
	ASSERT_EQ(0, module_unload(MEMTRIAGE));
	EXPECT_EQ(0, vmallocinfo_lines("[memtriage]"));
	EXPECT_NE(0, access("/sys/kernel/debug/memtriage", F_OK));
	EXPECT_NE(0, access(PROC_DIR, F_OK));
	EXPECT_EQ(0, oracle_value("/proc/slabinfo", "memtriage") > 0);
	ASSERT_EQ(0, module_load(MEMTRIAGE, ""));
}

/* The scene the product is for: almost nothing is free. */
TEST_F(lifecycle, reading_with_20_mb_free)
{
	long long min_free = oracle_file(MIN_FREE);
	char text[32];
	size_t i;
	int err;

	/* The min watermark would be above what is left. */
	ASSERT_EQ(0, oracle_write(MIN_FREE, "1024"));
	oracle_write("/proc/sys/vm/drop_caches", "3");
	err = plant("pressure", "%d", PRESSURE_MIB);
	EXPECT_EQ(0, err);
	if (!err) {
		EXPECT_GE((PRESSURE_MIB + 8) * 1024,
			  plant_truth("pressure", "free_kB"));
		for (i = 0; i < ARRAY_SIZE(reports) * 2; i++) {
			const char *name = reports[i % ARRAY_SIZE(reports)];
			struct report *report;

			report = read_report(_metadata, name);
			EXPECT_STRNE("unavailable", report->state) {
				TH_LOG("%s: %s", name, report->reason);
			}
			report_free(report);
		}
		/* It even loads there. */
		ASSERT_EQ(0, module_reload(""));
		EXPECT_EQ(0, plant("pressure", "free"));
	}
	snprintf(text, sizeof(text), "%lld", min_free);
	EXPECT_EQ(0, oracle_write(MIN_FREE, text));
}

TEST_HARNESS_MAIN
