// SPDX-License-Identifier: GPL-2.0
/*
 * The cgroups report: what is charged is what memory.current says; removed
 * cgroups are there as long as the kernel counts them; nobody is missing.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "report.h"

#define MIB		(1024 * 1024)
#define MIB_KB		1024
#define ROOT		"/sys/fs/cgroup"
#define OUTER		"/mt_outer"
#define INNER		OUTER "/mt_inner"
#define V1_ROOT		"/tmp/mt_v1"
#define FILES		"/tmp/mt_files"
#define NR_FILES	6000
#define NR_CGROUPS	150
#define FLUSH_US	2600000
#define CHURN_S		2
#define READS		4
#define TRIES		40

/* What the scenario table boots the first version's test with: the kernel ignores it. */
#define V1_BOOT		"mt_v1=1"

/* Booted with the controller, and with it in the second version's hierarchy. */
static bool has_controller(void)
{
	return !oracle_has_parameter(V1_BOOT) &&
		!access(ROOT "/cgroup.controllers", R_OK) &&
		!oracle_write(ROOT "/cgroup.subtree_control", "+memory");
}

FIXTURE(cgroups) {
};

FIXTURE_SETUP(cgroups)
{
	load_modules(_metadata);
	ASSERT_EQ(0, module_reload("rows=65536"));
}

FIXTURE_TEARDOWN(cgroups)
{
	rmdir(ROOT INNER);
	rmdir(ROOT OUTER);
	unload_modules(_metadata);
}

static struct report *read_cgroups(struct __test_metadata *_metadata)
{
	struct report *report = read_report(_metadata, "cgroups");

	EXPECT_STREQ("ok", report->state) {
		TH_LOG("%s", report->reason);
	}
	return report;
}

static int find_state(const struct report *report, const char *path,
		      const char *state)
{
	int i;

	for (i = 0; i < report->nr_records; i++) {
		if (!strcmp(report_text(report, i, "path"), path) &&
		    !strcmp(report_text(report, i, "state"), state))
			return i;
	}
	return -1;
}

static int count_state(const struct report *report, const char *state)
{
	int nr = 0;
	int i;

	for (i = 0; i < report->nr_records; i++)
		nr += !strcmp(report_text(report, i, "state"), state);
	return nr;
}

static long long current_kb(const char *path)
{
	char file[128];

	snprintf(file, sizeof(file), ROOT "%s/memory.current", path);
	return oracle_file(file) / 1024;
}

static bool join(const char *dir)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	return !oracle_write(path, "0");
}

static void take_memory(void *arg)
{
	char *memory;

	if (!join(arg))
		_exit(EXIT_FAILURE);
	child_wait(0);
	memory = mmap(NULL, 24 * MIB, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		_exit(EXIT_FAILURE);
	memset(memory, 1, 24 * MIB);
}

TEST_F(cgroups, disabled_is_said)
{
	struct report *report;

	if (!oracle_has_parameter("cgroup_disable=memory"))
		SKIP(return, "not booted with cgroup_disable=memory");
	report = read_report(_metadata, "cgroups");
	EXPECT_STREQ("unavailable", report->state);
	EXPECT_NE(NULL, strstr(report->reason, "cgroup_disable=memory"));
	EXPECT_EQ(0, report->nr_records);
	report_free(report);
}

TEST_F(cgroups, uncharged_kernel_memory_is_said)
{
	struct report *report;
	int i;

	if (!oracle_has_parameter("cgroup.memory=nokmem"))
		SKIP(return, "not booted with cgroup.memory=nokmem");
	report = read_cgroups(_metadata);
	EXPECT_NE(NULL, strstr(report->reason, "nokmem"));
	for (i = 0; i < report->nr_records; i++) {
		EXPECT_STREQ("-", report_text(report, i, "slab_kB"));
		EXPECT_STREQ("-", report_text(report, i, "kernel_kB"));
	}
	report_free(report);
}

TEST_F(cgroups, charged_is_memory_current)
{
	static const char * const paths[] = { OUTER, INNER };
	long long before, after;
	struct report *report;
	struct child child;
	size_t i;

	if (!has_controller())
		SKIP(return, "no memory controller");
	ASSERT_EQ(0, mkdir(ROOT OUTER, 0700));
	ASSERT_EQ(0, oracle_write(ROOT OUTER "/cgroup.subtree_control", "+memory"));
	ASSERT_EQ(0, mkdir(ROOT INNER, 0700));
	ASSERT_EQ(0, child_start(&child, take_memory, ROOT INNER));
	before = current_kb(INNER);
	ASSERT_EQ(0, child_go(&child));
	after = current_kb(INNER);
	EXPECT_LE(24 * MIB_KB, after - before);

	report = read_cgroups(_metadata);
	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		int record = find_state(report, paths[i], "online");

		ASSERT_LE(0, record);
		EXPECT_EQ(current_kb(paths[i]),
			  report_number(report, record, "kB"));
		EXPECT_TRUE(report_is_exact(report, record, "kB"));
	}
	EXPECT_LE(0, find_state(report, "/", "online"));
	report_free(report);
	child_end(&child);
}

static void make_files(void *arg)
{
	char path[64];
	int i;

	if (!join(arg))
		_exit(EXIT_FAILURE);
	for (i = 0; i < NR_FILES; i++) {
		snprintf(path, sizeof(path), FILES "/%d", i);
		if (mknod(path, S_IFREG | 0600, 0))
			_exit(EXIT_FAILURE);
	}
}

/* The kernel adds up by itself every two seconds, and whenever memory.stat is read. */
TEST_F(cgroups, slab_and_kernel_memory)
{
	long long stat, seen;
	struct report *report;
	struct child child;
	int record;

	if (!has_controller() || oracle_has_parameter("cgroup.memory=nokmem"))
		SKIP(return, "no memory controller, or no kernel memory in it");
	ASSERT_EQ(0, mkdir(ROOT OUTER, 0700));
	mkdir(FILES, 0700);
	ASSERT_EQ(0, mount("files", FILES, "tmpfs", 0, "nr_inodes=0"));
	ASSERT_EQ(0, child_start(&child, make_files, ROOT OUTER));
	usleep(FLUSH_US);

	stat = oracle_value(ROOT OUTER "/memory.stat", "slab") / 1024;
	/* An inode of tmpfs is larger than half a kB. */
	EXPECT_LE(NR_FILES / 2, stat);
	report = read_cgroups(_metadata);
	record = find_state(report, OUTER, "online");
	ASSERT_LE(0, record);
	seen = report_number(report, record, "slab_kB");
	EXPECT_FALSE(report_is_exact(report, record, "slab_kB"));
	EXPECT_LE(stat - stat / 10, seen);
	EXPECT_GE(stat + stat / 10, seen);

	stat = oracle_value(ROOT OUTER "/memory.stat", "kernel");
	seen = report_number(report, record, "kernel_kB");
	if (stat < 0) {
		/* This kernel does not know, and so neither do we. */
		EXPECT_EQ(NO_NUMBER, seen);
	} else {
		stat /= 1024;
		EXPECT_LE(stat - stat / 10, seen);
		EXPECT_GE(stat + stat / 10, seen);
	}
	report_free(report);
	child_end(&child);
	umount(FILES);
}

static void make_a_file(void *arg)
{
	static char block[MIB];
	int fd, i;

	if (!join(arg))
		_exit(EXIT_FAILURE);
	fd = open(FILES "/file", O_WRONLY | O_CREAT, 0600);
	memset(block, 1, sizeof(block));
	for (i = 0; i < 8; i++) {
		if (write(fd, block, MIB) != MIB)
			_exit(EXIT_FAILURE);
	}
}

/* How many removed ones the kernel says there are. */
static long long nr_dying(void)
{
	return oracle_value(ROOT "/cgroup.stat", "nr_dying_descendants");
}

/* A removed cgroup goes as soon as nothing is left, which takes a moment. */
static bool dying_agree(struct __test_metadata *_metadata)
{
	int try;

	for (try = 0; try < TRIES; try++) {
		struct report *report = read_cgroups(_metadata);
		int seen = count_state(report, "dying");

		report_free(report);
		if (seen == nr_dying())
			return true;
		usleep(50000);
	}
	return false;
}

TEST_F(cgroups, a_dying_one_is_told)
{
	struct report *report;
	struct child child;
	long long shared_kb;
	const char *kept;
	int record, try;

	if (!has_controller())
		SKIP(return, "no memory controller");
	ASSERT_EQ(0, mkdir(ROOT "/mt_dying", 0700));
	mkdir(FILES, 0700);
	ASSERT_EQ(0, mount("files", FILES, "tmpfs", 0, NULL));
	ASSERT_EQ(0, child_start(&child, make_a_file, ROOT "/mt_dying"));
	child_end(&child);
	for (try = 0; try < TRIES && rmdir(ROOT "/mt_dying"); try++)
		usleep(50000);
	ASSERT_NE(0, access(ROOT "/mt_dying", F_OK));

	EXPECT_TRUE(dying_agree(_metadata));
	report = read_cgroups(_metadata);
	EXPECT_EQ(-1, find_state(report, "/mt_dying", "online"));
	record = find_state(report, "/mt_dying", "dying");
	if (nr_dying() > 0) {
		ASSERT_LE(0, record);
		EXPECT_LE(8 * MIB_KB, report_number(report, record, "kB"));
		EXPECT_FALSE(report_is_exact(report, record, "kB"));
		kept = report_comment(report, " kB: /mt_dying");
		ASSERT_NE(NULL, kept);
		ASSERT_EQ(1, sscanf(kept, "kept: page cache %*d kB, anonymous and shared %lld kB",
				    &shared_kb));
		/* A CPU's last few pages are not on the lists yet. */
		EXPECT_GE(8 * MIB_KB, shared_kb);
		EXPECT_LE(7 * MIB_KB, shared_kb);
	} else {
		/* Its pages were handed to its parent: Linux 7.x. */
		EXPECT_EQ(-1, record);
	}
	report_free(report);

	/*
	 * What kept it is deleted: it goes, in the report when it does for the kernel.
	 * Another CPU's last few pages hold it until they are on the lists, which is at
	 * once if memory is compacted.
	 */
	EXPECT_EQ(0, umount(FILES));
	for (try = 0; try < TRIES && nr_dying() > 0; try++) {
		oracle_write("/proc/sys/vm/compact_memory", "1");
		usleep(50000);
	}
	EXPECT_TRUE(dying_agree(_metadata));
}

TEST_F(cgroups, nobody_is_missing)
{
	struct report *report;
	char path[64];
	int i;

	if (!has_controller())
		SKIP(return, "no memory controller");
	ASSERT_EQ(0, mkdir(ROOT OUTER, 0700));
	ASSERT_EQ(0, oracle_write(ROOT OUTER "/cgroup.subtree_control", "+memory"));
	for (i = 0; i < NR_CGROUPS; i++) {
		snprintf(path, sizeof(path), ROOT OUTER "/%d", i);
		ASSERT_EQ(0, mkdir(path, 0700));
	}
	report = read_cgroups(_metadata);
	for (i = 0; i < NR_CGROUPS; i++) {
		snprintf(path, sizeof(path), OUTER "/%d", i);
		EXPECT_LE(0, find_state(report, path, "online"));
	}
	/* The root, the outer one, and these. */
	EXPECT_EQ(NR_CGROUPS + 2, count_state(report, "online"));
	report_free(report);
	for (i = 0; i < NR_CGROUPS; i++) {
		snprintf(path, sizeof(path), ROOT OUTER "/%d", i);
		EXPECT_EQ(0, rmdir(path));
	}
}

static void come_and_go(void *arg)
{
	unsigned int i;

	signal(SIGCHLD, SIG_IGN);
	child_wait(0);
	for (i = 0;; i++) {
		char path[64];

		snprintf(path, sizeof(path), ROOT OUTER "/%u", i);
		mkdir(path, 0700);
		if (!fork()) {
			join(path);
			close(open(FILES "/churn", O_WRONLY | O_CREAT | O_TRUNC, 0600));
			_exit(0);
		}
		while (rmdir(path) && errno == EBUSY)
			usleep(1000);
	}
}

TEST_F(cgroups, cgroups_come_and_go_meanwhile)
{
	struct child child;
	time_t until;
	int reads = 0;

	if (!has_controller())
		SKIP(return, "no memory controller");
	ASSERT_EQ(0, mkdir(ROOT OUTER, 0700));
	ASSERT_EQ(0, oracle_write(ROOT OUTER "/cgroup.subtree_control", "+memory"));
	ASSERT_EQ(0, child_start(&child, come_and_go, NULL));
	ASSERT_EQ(1, write(child.to, "", 1));
	until = time(NULL) + CHURN_S;
	/* A slow machine takes longer for them. */
	while (time(NULL) <= until || reads < READS) {
		struct report *report = read_cgroups(_metadata);

		EXPECT_LE(0, find_state(report, OUTER, "online"));
		report_free(report);
		reads++;
	}
	child_end(&child);
	usleep(100000);
	system("for c in " ROOT OUTER "/[0-9]*; do rmdir $c 2>/dev/null; done");
}

/*
 * The first version's hierarchy, in a boot of its own: a controller that moves
 * while something is charged makes 5.10 itself warn of its counters.
 */
TEST_F(cgroups, first_version)
{
	struct report *report;
	struct child child;
	int record, try;

	if (!oracle_has_parameter(V1_BOOT))
		SKIP(return, "not booted with " V1_BOOT);
	mkdir(V1_ROOT, 0700);
	if (mount("none", V1_ROOT, "cgroup", 0, "memory"))
		SKIP(return, "no first version here");
	ASSERT_EQ(0, mkdir(V1_ROOT "/mt_one", 0700));
	oracle_write(V1_ROOT "/mt_one/memory.use_hierarchy", "1");
	ASSERT_EQ(0, child_start(&child, take_memory, V1_ROOT "/mt_one"));
	ASSERT_EQ(0, child_go(&child));
	report = read_cgroups(_metadata);
	record = find_state(report, "/mt_one", "online");
	ASSERT_LE(0, record);
	EXPECT_LE(24 * MIB_KB, report_number(report, record, "kB"));
	EXPECT_EQ(oracle_file(V1_ROOT "/mt_one/memory.usage_in_bytes") / 1024,
		  report_number(report, record, "kB"));
	EXPECT_EQ(oracle_file(V1_ROOT "/mt_one/memory.kmem.usage_in_bytes") / 1024,
		  report_number(report, record, "kernel_kB"));
	report_free(report);
	child_end(&child);
	for (try = 0; try < TRIES && rmdir(V1_ROOT "/mt_one"); try++)
		usleep(50000);
	oracle_write("/proc/sys/vm/drop_caches", "3");
	EXPECT_EQ(0, umount(V1_ROOT));
}

TEST_HARNESS_MAIN
