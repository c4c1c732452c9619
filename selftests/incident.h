/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Incidents of amounts that nobody chose, and the verdict that each must get. For
 * programs that use kselftest_harness.h.
 */
#ifndef MEMTRIAGE_INCIDENT_H
#define MEMTRIAGE_INCIDENT_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "report.h"
#include "verdict.h"

#define MIB		(1024 * 1024)
#define NAME		"mt_culprit"
#define DIR		"/tmp/mt_verdicts"
#define OTHER_DIR	"/tmp/mt_verdicts_2"
#define CGROUP_ROOT	"/sys/fs/cgroup"
#define CGROUP		CGROUP_ROOT "/mt_verdicts"

static inline void incident_begin(struct __test_metadata *_metadata)
{
	if (!load_once(_metadata))
		return;
	/* The question is what is said, not how fast a guest is. */
	ASSERT_EQ(0, module_set("summary_ms", "20000"));
	oracle_write("/proc/sys/vm/drop_caches", "3");
	mkdir(DIR, 0700);
	mkdir(OTHER_DIR, 0700);
}

static inline void incident_end(void)
{
	umount2(DIR, MNT_DETACH);
	umount2(OTHER_DIR, MNT_DETACH);
}

/*
 * So many percent of the machine or a little more, in MiB. The seed is told, and
 * MT_SEED repeats a run.
 */
static inline int part(int percent)
{
	static bool seeded;
	long long mib = oracle_meminfo("MemTotal") / 1024 * percent / 100;

	if (!seeded) {
		const char *given = getenv("MT_SEED");
		unsigned int seed = given ? atoi(given) : time(NULL);

		seeded = true;
		printf("# MT_SEED=%u\n", seed);
		srand(seed);
	}
	return mib + rand() % (mib / 8 + 1);
}

static inline bool is_debug(void)
{
	return oracle_has_symbol("kasan_quarantine_put");
}

static inline void fail(void)
{
	_exit(EXIT_FAILURE);
}

static inline int fill(const char *path, int mib)
{
	static char block[MIB];
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	int i;

	memset(block, 1, sizeof(block));
	for (i = 0; fd >= 0 && i < mib; i++) {
		if (write(fd, block, sizeof(block)) != sizeof(block))
			fail();
	}
	return fd;
}

static inline void *take(int mib, int flags)
{
	char *memory = mmap(NULL, (size_t)mib * MIB, PROT_READ | PROT_WRITE,
			    flags | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail();
	memset(memory, 1, (size_t)mib * MIB);
	return memory;
}

static inline struct report *summary_now(struct __test_metadata *_metadata)
{
	return read_report(_metadata, "summary");
}

static inline void log_verdicts(const struct report *report)
{
	int i;

	for (i = 0; i < report->nr_records; i++) {
		if (verdict_is_line(report, i, "host: "))
			break;
		printf("# | %s\n", report->records[i][0]);
	}
}

/* struct expected - a verdict: of what size, with which words, and what to do */
struct expected {
	const char *kind;
	double mib;
	const char *words;
	const char *next;
	double next_mib;
};

static inline bool is_near(double seen, double expected)
{
	double off = seen - expected;

	/* page tables, headers of packets, the rest of a last page */
	return (off < 0 ? -off : off) <= expected / 25 + 0.5;
}

static inline int expect_verdict(struct __test_metadata *_metadata,
				 const struct report *report,
				 const struct expected *expected)
{
	int verdict = verdict_find(report, expected->kind, expected->words);
	const char *next = verdict_next(report, verdict);
	double mib = 0;
	char unit[8] = "";

	EXPECT_LE(0, verdict) {
		TH_LOG("no %s verdict of %.1f MiB that says '%s'",
		       expected->kind, expected->mib,
		       expected->words ? expected->words : "");
		log_verdicts(report);
	}
	if (verdict < 0)
		return verdict;
	if (sscanf(report->records[verdict][0], "verdict: %*s %lf %7s", &mib,
		   unit) == 2 && !strcmp(unit, "GiB"))
		mib *= 1024;
	EXPECT_TRUE(is_near(mib, expected->mib)) {
		TH_LOG("%.1f MiB, expected %.1f", mib, expected->mib);
		log_verdicts(report);
	}
	EXPECT_NE(NULL, strstr(next, expected->next)) {
		TH_LOG("'%s' does not say '%s'", next, expected->next);
		log_verdicts(report);
	}
	if (expected->next_mib)
		EXPECT_TRUE(is_near(verdict_mib(next), expected->next_mib)) {
			TH_LOG("%s: expected %.1f", next, expected->next_mib);
			log_verdicts(report);
		}
	return verdict;
}

static inline void take_memory(void *arg)
{
	prctl(PR_SET_NAME, NAME);
	take(*(int *)arg, MAP_PRIVATE);
}

static inline bool join_cgroup(void)
{
	return !oracle_write(CGROUP_ROOT "/cgroup.subtree_control", "+memory") &&
		(!mkdir(CGROUP, 0700) || !access(CGROUP, F_OK)) &&
		!oracle_write(CGROUP "/cgroup.procs", "0");
}

static inline bool has_cgroups(void)
{
	return !access(CGROUP_ROOT "/cgroup.controllers", R_OK) &&
		!oracle_write(CGROUP_ROOT "/cgroup.subtree_control", "+memory");
}

#endif /* MEMTRIAGE_INCIDENT_H */
