// SPDX-License-Identifier: GPL-2.0
/*
 * The tmpfs report: each mount in each namespace, each kind of shared memory,
 * to the page; who holds what was unlinked; and together they are Shmem.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
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
#define DIR_A		"/tmp/mt_a"
#define DIR_B		"/tmp/mt_b"
#define SHM_KEY		0x6d740001
#define HUGE_POOL	"/proc/sys/vm/nr_hugepages"
#define MANY		5000
#define CHURN_S		2
#define READS		4
#define TRIES		20

#ifndef MFD_HUGETLB
#define MFD_HUGETLB	4U
#endif
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif

FIXTURE(tmpfs) {
};

FIXTURE_SETUP(tmpfs)
{
	load_modules(_metadata);
	ASSERT_EQ(0, module_reload("rows=65536"));
	mkdir(DIR_A, 0700);
	mkdir(DIR_B, 0700);
}

FIXTURE_TEARDOWN(tmpfs)
{
	umount2(DIR_A, MNT_DETACH);
	umount2(DIR_B, MNT_DETACH);
	unload_modules(_metadata);
}

static struct report *read_tmpfs(struct __test_metadata *_metadata)
{
	struct report *report = read_report(_metadata, "tmpfs");

	EXPECT_STREQ("ok", report->state) {
		TH_LOG("%s", report->reason);
	}
	return report;
}

/* A note says that this process, called NAME, has so much. */
static void expect_held(struct __test_metadata *_metadata,
			const struct report *report, int mib, pid_t pid,
			const char *what)
{
	char note[96];

	snprintf(note, sizeof(note), "held: %d kB by pid %d (" NAME ")%s",
		 mib * MIB_KB, pid, what);
	EXPECT_NE(NULL, report_comment(report, note)) {
		TH_LOG("no note '%s'", note);
	}
}

/* Makes a file of this size, or grows one, and returns its descriptor. */
static int fill(const char *path, int mib)
{
	static char block[MIB];
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
	int i;

	memset(block, 1, sizeof(block));
	for (i = 0; fd >= 0 && i < mib; i++) {
		if (write(fd, block, sizeof(block)) != sizeof(block))
			return -1;
	}
	return fd;
}

/* One cell of the only record at this place; 0 if there is none. */
static long long at(struct __test_metadata *_metadata, const char *where,
		    const char *column)
{
	struct report *report = read_tmpfs(_metadata);
	long long number = 0;
	int record;

	record = report_find(report, "where", where);
	if (record >= 0) {
		number = report_number(report, record, column);
		EXPECT_TRUE(report_is_exact(report, record, column));
	}
	report_free(report);
	return number;
}

static long long used_kb(const char *path)
{
	struct statfs fs;

	if (statfs(path, &fs))
		return -1;
	return (long long)(fs.f_blocks - fs.f_bfree) * fs.f_bsize / 1024;
}

TEST_F(tmpfs, mounts_with_and_without_a_limit)
{
	struct report *report;
	struct stat stat;
	char dev[32];
	int record;

	ASSERT_EQ(0, mount("a", DIR_A, "tmpfs", 0, "size=64m"));
	ASSERT_EQ(0, mount("b", DIR_B, "tmpfs", 0, "size=0"));
	close(fill(DIR_A "/file", 6));
	close(fill(DIR_B "/file", 5));
	mkdir(DIR_B "/directory", 0700);
	close(fill(DIR_B "/directory/file", 2));

	report = read_tmpfs(_metadata);
	record = report_find(report, "where", DIR_A);
	ASSERT_LE(0, record);
	EXPECT_EQ(6 * MIB_KB, report_number(report, record, "kB"));
	EXPECT_EQ(used_kb(DIR_A), report_number(report, record, "kB"));
	EXPECT_EQ(2, report_number(report, record, "files"));
	EXPECT_EQ(0, report_number(report, record, "unlinked_kB"));
	EXPECT_STREQ("tmpfs", report_text(report, record, "fstype"));
	ASSERT_EQ(0, lstat(DIR_A, &stat));
	snprintf(dev, sizeof(dev), "%u:%u", (unsigned int)(stat.st_dev >> 8),
		 (unsigned int)(stat.st_dev & 0xff));
	EXPECT_STREQ(dev, report_text(report, record, "dev"));

	/* Without a limit the file system itself counts nothing. */
	EXPECT_EQ(0, used_kb(DIR_B));
	record = report_find(report, "where", DIR_B);
	ASSERT_LE(0, record);
	EXPECT_EQ(7 * MIB_KB, report_number(report, record, "kB"));
	EXPECT_EQ(4, report_number(report, record, "files"));
	report_free(report);

	ASSERT_EQ(0, truncate(DIR_A "/file", 0));
	EXPECT_EQ(0, at(_metadata, DIR_A, "kB"));
}

static void hide_a_mount(void *arg)
{
	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("a", DIR_A, "tmpfs", 0, NULL) ||
	    mkdir(DIR_A "/deep", 0700) ||
	    mount("b", DIR_A "/deep", "tmpfs", 0, NULL) ||
	    fill(DIR_A "/deep/file", 7) < 0)
		_exit(EXIT_FAILURE);
}

TEST_F(tmpfs, a_mount_in_another_namespace)
{
	char path[64], where[96];
	struct child child;
	struct stat stat;

	ASSERT_EQ(0, child_start(&child, hide_a_mount, NULL));
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", child.pid);
	/* stat() follows the link to what it stands for */
	ASSERT_EQ(0, fstatat(AT_FDCWD, path, &stat, 0));
	snprintf(where, sizeof(where), DIR_A "/deep (mount namespace %lu)",
		 (unsigned long)stat.st_ino);
	EXPECT_EQ(7 * MIB_KB, at(_metadata, where, "kB")) {
		TH_LOG("nothing at %s", where);
	}
	child_end(&child);
	EXPECT_EQ(0, at(_metadata, where, "kB"));
}

TEST_F(tmpfs, an_unlinked_file_and_its_holders)
{
	struct report *report;
	int record;
	int fd;

	prctl(PR_SET_NAME, NAME);
	ASSERT_EQ(0, mount("a", DIR_A, "tmpfs", 0, NULL));
	close(fill(DIR_A "/stays", 2));
	fd = fill(DIR_A "/goes", 9);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, unlink(DIR_A "/goes"));

	report = read_tmpfs(_metadata);
	record = report_find(report, "where", DIR_A);
	ASSERT_LE(0, record);
	EXPECT_EQ(11 * MIB_KB, report_number(report, record, "kB"));
	EXPECT_EQ(9 * MIB_KB, report_number(report, record, "unlinked_kB"));
	expect_held(_metadata, report, 9, getpid(), ", opened: goes on tmpfs");
	report_free(report);

	/* Unmounted lazily it has no place any more, and is there all the same. */
	ASSERT_EQ(0, umount2(DIR_A, MNT_DETACH));
	report = read_tmpfs(_metadata);
	record = report_find(report, "where", "(unmounted, still in use)");
	EXPECT_LE(0, record);
	if (record >= 0)
		EXPECT_EQ(11 * MIB_KB, report_number(report, record, "kB"));
	report_free(report);
	close(fd);
	EXPECT_EQ(0, at(_metadata, "(unmounted, still in use)", "kB"));
}

TEST_F(tmpfs, a_memfd_by_its_name)
{
	static char block[MIB];
	struct report *report;
	int record;
	int fd;
	int i;

	prctl(PR_SET_NAME, NAME);
	memset(block, 1, sizeof(block));
	fd = syscall(SYS_memfd_create, "mt_memfd", 0);
	ASSERT_LE(0, fd);
	for (i = 0; i < 9; i++)
		ASSERT_EQ(MIB, write(fd, block, MIB));

	report = read_tmpfs(_metadata);
	record = report_find(report, "where", "memfd:mt_memfd");
	ASSERT_LE(0, record);
	EXPECT_EQ(9 * MIB_KB, report_number(report, record, "kB"));
	EXPECT_EQ(9 * MIB_KB, report_number(report, record, "unlinked_kB"));
	EXPECT_EQ(1, report_number(report, record, "files"));
	expect_held(_metadata, report, 9, getpid(), "");
	report_free(report);
	close(fd);
	EXPECT_EQ(0, at(_metadata, "memfd:mt_memfd", "kB"));
}

/* The first thread has exited: what the process has is what the others have. */
static bool first_has_exited(void)
{
	char *text, *state;
	size_t bytes;
	bool exited;

	text = report_slurp("/proc/self/stat", &bytes);
	state = text ? strrchr(text, ')') : NULL;
	exited = state && state[1] == ' ' && state[2] == 'Z';
	free(text);
	return exited;
}

static void *hold_as_last(void *arg)
{
	while (!first_has_exited())
		usleep(1000);
	child_hold();
	return NULL;
}

static void hold_without_first(void *arg)
{
	pthread_t thread;

	prctl(PR_SET_NAME, NAME);
	if (fill(DIR_A "/thread", 9) < 0 || unlink(DIR_A "/thread") ||
	    pthread_create(&thread, NULL, hold_as_last, NULL))
		_exit(EXIT_FAILURE);
	syscall(SYS_exit, 0);
}

static void *hold_by_itself(void *arg)
{
	prctl(PR_SET_NAME, "mt_thread");
	if (unshare(CLONE_FILES) || fill(DIR_A "/thread", 9) < 0 ||
	    unlink(DIR_A "/thread"))
		_exit(EXIT_FAILURE);
	child_hold();
	return NULL;
}

static void hold_in_thread(void *arg)
{
	pthread_t thread;

	prctl(PR_SET_NAME, NAME);
	if (pthread_create(&thread, NULL, hold_by_itself, NULL))
		_exit(EXIT_FAILURE);
	pthread_join(thread, NULL);
}

static void expect_holder(struct __test_metadata *_metadata,
			  void (*work)(void *arg))
{
	struct report *report;
	struct child child;

	ASSERT_EQ(0, mount("a", DIR_A, "tmpfs", 0, NULL));
	ASSERT_EQ(0, child_start(&child, work, NULL));
	report = read_tmpfs(_metadata);
	expect_held(_metadata, report, 9, child.pid,
		    ", opened: thread on tmpfs");
	report_free(report);
	child_end(&child);
	EXPECT_EQ(0, umount(DIR_A));
}

static void hold_another(void *arg)
{
	if (fill(DIR_A "/another", 7) < 0 || unlink(DIR_A "/another"))
		_exit(EXIT_FAILURE);
}

#define TWICE	3

TEST_F(tmpfs, files_that_are_open_twice)
{
	struct report *report;
	struct child child;
	int fds[TWICE][2];
	char opened[40];
	int i;

	prctl(PR_SET_NAME, NAME);
	ASSERT_EQ(0, mount("a", DIR_A, "tmpfs", 0, NULL));
	ASSERT_EQ(0, child_start(&child, hold_another, NULL));
	for (i = 0; i < TWICE; i++) {
		fds[i][0] = fill(DIR_A "/twice", 3);
		ASSERT_LE(0, fds[i][0]);
		fds[i][1] = dup(fds[i][0]);
		ASSERT_LE(0, fds[i][1]);
		ASSERT_EQ(0, unlink(DIR_A "/twice"));
	}
	report = read_tmpfs(_metadata);
	snprintf(opened, sizeof(opened), ", opened: %d files on tmpfs", TWICE);
	expect_held(_metadata, report, TWICE * 3, getpid(), opened);
	report_free(report);
	for (i = 0; i < TWICE; i++) {
		close(fds[i][0]);
		close(fds[i][1]);
	}
	child_end(&child);
	EXPECT_EQ(0, umount(DIR_A));
}

TEST_F(tmpfs, a_file_of_a_process_without_its_first_thread)
{
	expect_holder(_metadata, hold_without_first);
}

TEST_F(tmpfs, a_file_of_a_thread_with_descriptors_of_its_own)
{
	expect_holder(_metadata, hold_in_thread);
}

/* The resident kB of a segment, as /proc/sysvipc/shm has it. */
static long long sysv_rss_kb(int key)
{
	long long rss = -1;
	char *text, *line, *rest;
	size_t bytes;

	text = report_slurp("/proc/sysvipc/shm", &bytes);
	rest = text;
	while (text && (line = strsep(&rest, "\n"))) {
		long long number;
		int seen;

		if (sscanf(line, "%d %*d %*o %*u %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %lld",
			   &seen, &number) == 2 && seen == key)
			rss = number / 1024;
	}
	free(text);
	return rss;
}

TEST_F(tmpfs, sysv_shared_memory)
{
	char where[48];
	char *memory;
	int id;

	id = shmget(SHM_KEY, 5 * MIB, IPC_CREAT | 0600);
	ASSERT_LE(0, id);
	memory = shmat(id, NULL, 0);
	ASSERT_NE((void *)-1, memory);
	memset(memory, 1, 5 * MIB);
	snprintf(where, sizeof(where), "SysV shm SYSV%08x", SHM_KEY);
	EXPECT_EQ(5 * MIB_KB, at(_metadata, where, "kB"));
	EXPECT_EQ(sysv_rss_kb(SHM_KEY), at(_metadata, where, "kB"));
	/* Nobody has it mapped, and it is there all the same. */
	ASSERT_EQ(0, shmdt(memory));
	EXPECT_EQ(5 * MIB_KB, at(_metadata, where, "kB"));
	ASSERT_EQ(0, shmctl(id, IPC_RMID, NULL));
	EXPECT_EQ(0, at(_metadata, where, "kB"));
}

static void share(void *arg)
{
	char *memory = mmap(NULL, 8 * MIB, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	prctl(PR_SET_NAME, NAME);
	if (memory == MAP_FAILED)
		_exit(EXIT_FAILURE);
	memset(memory, 1, 8 * MIB);
}

#define SHARED	"(shared anonymous memory)"

TEST_F(tmpfs, shared_anonymous_memory)
{
	long long before = at(_metadata, SHARED, "kB");
	struct report *report;
	struct child child;

	ASSERT_EQ(0, child_start(&child, share, NULL));
	EXPECT_EQ(before + 8 * MIB_KB, at(_metadata, SHARED, "kB"));
	/* It has no descriptor: who maps it is found in its mappings. */
	report = read_tmpfs(_metadata);
	expect_held(_metadata, report, 8, child.pid, ", mapped: dev/zero");
	report_free(report);
	child_end(&child);
	EXPECT_EQ(before, at(_metadata, SHARED, "kB"));
}

TEST_F(tmpfs, ramfs)
{
	struct report *report;
	int record;

	ASSERT_EQ(0, mount("a", DIR_A, "ramfs", 0, NULL));
	close(fill(DIR_A "/file", 3));
	report = read_tmpfs(_metadata);
	record = report_find(report, "where", DIR_A);
	ASSERT_LE(0, record);
	EXPECT_EQ(3 * MIB_KB, report_number(report, record, "kB"));
	EXPECT_STREQ("ramfs", report_text(report, record, "fstype"));
	EXPECT_NE(NULL, report_comment(report, "of which ramfs 3072 kB"));
	report_free(report);
}

TEST_F(tmpfs, huge_page_files)
{
	char pool[24];
	char *memory;
	int fd, mfd;

	if (oracle_meminfo("Hugepagesize") != 2 * MIB_KB)
		SKIP(return, "no huge pages of 2 MiB");
	snprintf(pool, sizeof(pool), "%lld", oracle_file(HUGE_POOL));
	ASSERT_EQ(0, oracle_write(HUGE_POOL, "8"));
	ASSERT_EQ(8, oracle_file(HUGE_POOL));
	ASSERT_EQ(0, mount("a", DIR_A, "hugetlbfs", 0, NULL));
	fd = open(DIR_A "/file", O_RDWR | O_CREAT, 0600);
	ASSERT_LE(0, fd);
	memory = mmap(NULL, 6 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, memory);
	memory[0] = 1;
	memory[4 * MIB] = 1;
	EXPECT_EQ(4 * MIB_KB, at(_metadata, DIR_A, "kB"));

	mfd = syscall(SYS_memfd_create, "mt_huge", MFD_HUGETLB);
	ASSERT_LE(0, mfd);
	ASSERT_EQ(0, ftruncate(mfd, 2 * MIB));
	munmap(memory, 6 * MIB);
	memory = mmap(NULL, 2 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, mfd, 0);
	ASSERT_NE(MAP_FAILED, memory);
	memory[0] = 1;
	EXPECT_EQ(2 * MIB_KB, at(_metadata, "memfd:mt_huge", "kB"));
	munmap(memory, 2 * MIB);
	close(mfd);
	close(fd);
	EXPECT_EQ(0, umount(DIR_A));
	EXPECT_EQ(0, oracle_write(HUGE_POOL, pool));
}

TEST_F(tmpfs, what_is_in_swap)
{
	long long kb, swap_kb;
	char *memory;
	int fd;

	if (swap_on())
		SKIP(return, "no swap to be had");
	ASSERT_EQ(0, mount("a", DIR_A, "tmpfs", 0, NULL));
	fd = fill(DIR_A "/file", 16);
	memory = mmap(NULL, 16 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, memory);
	memset(memory, 2, 16 * MIB);
	EXPECT_EQ(0, madvise(memory, 16 * MIB, MADV_PAGEOUT));
	swap_kb = at(_metadata, DIR_A, "swap_kB");
	kb = at(_metadata, DIR_A, "kB");
	EXPECT_LE(8 * MIB_KB, swap_kb);
	EXPECT_EQ(16 * MIB_KB, swap_kb + kb);
	munmap(memory, 16 * MIB);
	close(fd);
	EXPECT_EQ(0, umount(DIR_A));
	swap_off();
}

TEST_F(tmpfs, many_files)
{
	char path[64];
	int i;

	ASSERT_EQ(0, mount("a", DIR_A, "tmpfs", 0, "nr_inodes=0"));
	for (i = 0; i < MANY; i++) {
		snprintf(path, sizeof(path), DIR_A "/%d", i);
		ASSERT_EQ(0, mknod(path, S_IFREG | 0600, 0));
	}
	EXPECT_EQ(MANY + 1, at(_metadata, DIR_A, "files"));
}

/* Every page of Shmem is in one of the files. */
TEST_F(tmpfs, together_they_are_shmem)
{
	long long before = 0, sum = 0, after = 0;
	bool agree = false;
	int try;

	for (try = 0; try < TRIES && !agree; try++) {
		struct report *report;
		int i;

		/* also the CPUs' shares of it, which may wait for a second */
		oracle_settle();
		before = oracle_meminfo("Shmem");
		report = read_tmpfs(_metadata);
		for (i = 0, sum = 0; i < report->nr_records; i++) {
			const char *type = report_text(report, i, "fstype");

			if (strcmp(type, "ramfs") && strcmp(type, "hugetlbfs"))
				sum += report_number(report, i, "kB");
		}
		report_free(report);
		after = oracle_meminfo("Shmem");
		agree = sum == before && sum == after;
	}
	EXPECT_TRUE(agree) {
		TH_LOG("sum %lld kB, Shmem %lld, then %lld", sum, before, after);
	}
}

static void come_and_go(void *arg)
{
	unsigned int i;

	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		_exit(EXIT_FAILURE);
	child_wait(0);
	for (i = 0;; i++) {
		char path[64];
		int fd, mfd;

		mount("a", DIR_A, "tmpfs", 0, NULL);
		mount("b", DIR_B, i % 2 ? "ramfs" : "tmpfs", 0, NULL);
		snprintf(path, sizeof(path), DIR_A "/%u", i);
		fd = fill(path, 1);
		unlink(path);
		mfd = syscall(SYS_memfd_create, "mt_churn", 0);
		if (ftruncate(mfd, MIB))
			_exit(EXIT_FAILURE);
		rename(DIR_A, DIR_A ".new");
		rename(DIR_A ".new", DIR_A);
		umount2(DIR_B, MNT_DETACH);
		umount2(DIR_A, MNT_DETACH);
		close(fd);
		close(mfd);
	}
}

TEST_F(tmpfs, mounts_come_and_go_meanwhile)
{
	struct child children[2];
	time_t until;
	int reads = 0;
	int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, child_start(&children[i], come_and_go, NULL));
		ASSERT_EQ(1, write(children[i].to, "", 1));
	}
	until = time(NULL) + CHURN_S;
	/* A slow machine takes longer for them. */
	while (time(NULL) <= until || reads < READS) {
		struct report *report = read_report(_metadata, "tmpfs");

		EXPECT_STRNE("unavailable", report->state);
		EXPECT_LE(0, report_find(report, "where", "/"));
		report_free(report);
		reads++;
	}
	for (i = 0; i < 2; i++)
		child_end(&children[i]);
}

TEST_HARNESS_MAIN
