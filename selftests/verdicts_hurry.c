// SPDX-License-Identifier: GPL-2.0
/*
 * A machine on which a report has no time for all there is, made of a small one
 * and less time. What is large comes last, and has to be told all the same.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "fixture.h"
#include "incident.h"
#include "module.h"
#include "oracle.h"
#include "report.h"
#include "verdict.h"

#define SHORT_MS	4
#define SHORTEST_MS	1
/* On the debug kernel, where each costs so much more. */
#define DEBUG_TIMES	4
#define MANY		1500
#define MANY_FILES	4000
#define READS		15

FIXTURE(verdicts_hurry) {
};

FIXTURE_SETUP(verdicts_hurry)
{
	incident_begin(_metadata);
}

FIXTURE_TEARDOWN(verdicts_hurry)
{
	incident_end();
}

static bool is_partial(const struct report *report, const char *name)
{
	char head[32];
	int i;

	snprintf(head, sizeof(head), "partial: %s: ", name);
	for (i = 0; i < report->nr_records; i++) {
		if (verdict_is_line(report, i, head))
			return true;
	}
	return false;
}

/* Until a read that had no time for all: with less, if there was enough. */
static void expect_in_a_hurry(struct __test_metadata *_metadata,
			      const char *name, int ms,
			      const struct expected *expected)
{
	struct report *report = NULL;
	char text[16];
	int reads;

	if (is_debug())
		ms *= DEBUG_TIMES;
	for (reads = 0; reads < READS; reads++) {
		snprintf(text, sizeof(text), "%d", ms);
		ASSERT_EQ(0, module_set("summary_ms", text));
		report_free(report);
		report = summary_now(_metadata);
		if (!is_partial(report, name) && ms > 1)
			ms--;
		if (is_partial(report, name) &&
		    verdict_find(report, expected->kind, expected->words) >= 0)
			break;
	}
	EXPECT_TRUE(is_partial(report, name)) {
		TH_LOG("%s had time for all", name);
	}
	expect_verdict(_metadata, report, expected);
	report_free(report);
}

static void fork_many(void *arg)
{
	int many = is_debug() ? MANY / DEBUG_TIMES : MANY;
	int i;

	for (i = 0; i < many; i++) {
		pid_t pid = fork();

		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
		}
		if (pid < 0)
			fail();
	}
}

TEST_F(verdicts_hurry, the_last_of_many_processes)
{
	struct child many, large;
	int mib = part(27);
	char next[64];

	ASSERT_EQ(0, child_start(&many, fork_many, NULL));
	ASSERT_EQ(0, child_start(&large, take_memory, &mib));
	snprintf(next, sizeof(next), "next: kill %d (", large.pid);
	expect_in_a_hurry(_metadata, "tasks", SHORT_MS, &(struct expected) {
		.kind = "process", .mib = mib, .words = NAME, .next = next,
		.next_mib = mib });
	child_end(&large);
	child_end(&many);
}

#define MANY_CGROUPS	400

static void name_cgroup(char path[64], int i)
{
	snprintf(path, 64, CGROUP_ROOT "/mt_many_%d", i);
}

static void take_in_cgroup(void *arg)
{
	prctl(PR_SET_NAME, NAME);
	if (!join_cgroup())
		fail();
	take(*(int *)arg / 4, MAP_PRIVATE);
	if (mount("tmpfs", DIR, "tmpfs", 0, NULL) ||
	    close(fill(DIR "/cache", *(int *)arg - *(int *)arg / 4)))
		fail();
}

/* The newest of siblings is the last on the way. */
TEST_F(verdicts_hurry, a_cgroup_and_the_last_of_many)
{
	struct expected expected = {
		.kind = "cgroup", .words = "/mt_verdicts",
		.next = "/mt_verdicts",
	};
	int mib = part(51);
	struct report *report;
	struct child child;
	char path[64];
	int i;

	if (!has_cgroups())
		SKIP(return, "no memory controller in cgroup2");
	for (i = 0; i < MANY_CGROUPS; i++) {
		name_cgroup(path, i);
		ASSERT_EQ(0, mkdir(path, 0700));
	}
	ASSERT_EQ(0, child_start(&child, take_in_cgroup, &mib));
	expected.mib = oracle_file(CGROUP "/memory.current") / (double)MIB;
	expected.next_mib = expected.mib;
	report = summary_now(_metadata);
	expect_verdict(_metadata, report, &expected);
	report_free(report);
	expect_in_a_hurry(_metadata, "cgroups", SHORTEST_MS, &expected);
	child_end(&child);
	umount(DIR);
	rmdir(CGROUP);
	for (i = 0; i < MANY_CGROUPS; i++) {
		name_cgroup(path, i);
		rmdir(path);
	}
}

static void make_many_files(const char *dir)
{
	char path[64];
	int i;

	for (i = 0; i < MANY_FILES; i++) {
		snprintf(path, sizeof(path), "%s/%d", dir, i);
		if (mknod(path, S_IFREG | 0600, 0))
			fail();
	}
}

TEST_F(verdicts_hurry, a_mount_behind_one_of_many_files)
{
	int mib = part(6);

	ASSERT_EQ(0, mount("many", OTHER_DIR, "tmpfs", 0, "nr_inodes=0"));
	make_many_files(OTHER_DIR);
	ASSERT_EQ(0, mount("last", DIR, "tmpfs", 0, NULL));
	close(fill(DIR "/file", mib));
	expect_in_a_hurry(_metadata, "tmpfs", SHORT_MS, &(struct expected) {
		.kind = "tmpfs", .mib = mib, .words = DIR,
		.next = "du -xm " DIR, .next_mib = mib });
}

/* The list of files begins with the newest; with a limit a mount counts itself. */
TEST_F(verdicts_hurry, a_file_behind_many_files)
{
	static const char * const options[] = { "nr_inodes=0",
						"nr_inodes=0,size=0" };
	int mib = part(6);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		ASSERT_EQ(0, mount("many", DIR, "tmpfs", 0, options[i]));
		close(fill(DIR "/file", mib));
		make_many_files(DIR);
		expect_in_a_hurry(_metadata, "tmpfs", SHORT_MS, &(struct expected) {
			.kind = "tmpfs", .mib = mib, .words = DIR,
			.next = "du -xm " DIR, .next_mib = mib });
		ASSERT_EQ(0, umount(DIR));
	}
}

TEST_F(verdicts_hurry, unloads_after_all_this)
{
	EXPECT_EQ(0, module_unload(MEMTRIAGE));
}

TEST_HARNESS_MAIN
