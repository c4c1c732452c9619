// SPDX-License-Identifier: GPL-2.0
/*
 * The two front doors: debugfs, and the same files in /proc where there is no
 * debugfs; a report is a snapshot taken at open; nothing can be written.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "plant.h"
#include "report.h"

#define DEBUGFS		"/sys/kernel/debug"
#define DEBUGFS_DIR	DEBUGFS "/memtriage"
#define PROC_DIR	"/proc/memtriage"
#define PARAMETERS	"/sys/module/memtriage/parameters"
#define DEBUGFS_MAGIC	0x64626720

#define NAME(report)	#report,
static const char * const reports[] = { FOR_EACH_REPORT(NAME) };

FIXTURE(frontdoor) {
	bool has_debugfs;
};

static bool debugfs_is_mounted(void)
{
	struct statfs fs;

	return !statfs(DEBUGFS, &fs) && fs.f_type == DEBUGFS_MAGIC;
}

FIXTURE_SETUP(frontdoor)
{
	if (!debugfs_is_mounted())
		mount("debugfs", DEBUGFS, "debugfs", 0, NULL);
	self->has_debugfs = debugfs_is_mounted();
	load_modules(_metadata);
}

FIXTURE_TEARDOWN(frontdoor)
{
	unload_modules(_metadata);
	if (self->has_debugfs && !debugfs_is_mounted())
		mount("debugfs", DEBUGFS, "debugfs", 0, NULL);
}

static void expect_door(struct __test_metadata *_metadata, const char *dir)
{
	struct dirent *entry;
	struct stat st;
	int nr = 0;
	size_t i;
	DIR *d;

	ASSERT_EQ(0, stat(dir, &st)) {
		TH_LOG("no %s", dir);
	}
	EXPECT_EQ(S_IFDIR | 0700, (int)st.st_mode);
	for (i = 0; i < ARRAY_SIZE(reports); i++) {
		struct report *report;
		char path[256];
		size_t bytes;
		char *text;

		snprintf(path, sizeof(path), "%s/%s", dir, reports[i]);
		ASSERT_EQ(0, stat(path, &st)) {
			TH_LOG("no %s", path);
		}
		EXPECT_EQ(S_IFREG | 0400, (int)st.st_mode);
		text = report_slurp(path, &bytes);
		ASSERT_NE(NULL, text);
		report = report_parse(reports[i], text, bytes);
		EXPECT_EQ(NULL, report->fault) {
			TH_LOG("%s: %s", path, report->fault);
		}
		report_free(report);
	}
	d = opendir(dir);
	ASSERT_NE(NULL, d);
	while ((entry = readdir(d)))
		nr += *entry->d_name != '.';
	closedir(d);
	EXPECT_EQ((int)ARRAY_SIZE(reports), nr);
}

TEST_F(frontdoor, files_stand_in_debugfs)
{
	if (!self->has_debugfs)
		SKIP(return, "this kernel has no debugfs");
	expect_door(_metadata, DEBUGFS_DIR);
	EXPECT_NE(0, access(PROC_DIR, F_OK));
}

TEST_F(frontdoor, files_stand_in_proc_when_debugfs_is_not_mounted)
{
	if (self->has_debugfs) {
		ASSERT_EQ(0, module_unload(MEMTRIAGE));
		ASSERT_EQ(0, umount2(DEBUGFS, MNT_DETACH));
		ASSERT_EQ(0, module_load(MEMTRIAGE, ""));
		ASSERT_FALSE(debugfs_is_mounted());
	}
	expect_door(_metadata, PROC_DIR);
}

TEST_F(frontdoor, debugfs_off)
{
	if (!oracle_has_parameter("debugfs=off"))
		SKIP(return, "not booted with debugfs=off");
	EXPECT_FALSE(self->has_debugfs);
	expect_door(_metadata, PROC_DIR);
}

TEST_F(frontdoor, the_door_can_be_chosen)
{
	ASSERT_EQ(0, module_reload("front=proc"));
	expect_door(_metadata, PROC_DIR);
	EXPECT_NE(0, access(DEBUGFS_DIR, F_OK));
	if (!self->has_debugfs)
		return;
	ASSERT_EQ(0, module_reload("front=both"));
	expect_door(_metadata, PROC_DIR);
	expect_door(_metadata, DEBUGFS_DIR);
	ASSERT_EQ(0, module_reload("front=debugfs"));
	expect_door(_metadata, DEBUGFS_DIR);
	EXPECT_NE(0, access(PROC_DIR, F_OK));
}

static void expect_read_only(struct __test_metadata *_metadata, const char *dir)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reports); i++) {
		char path[256];
		char byte = '0';
		int value = 0;
		int fd;

		snprintf(path, sizeof(path), "%s/%s", dir, reports[i]);
		/* Root may open what it likes; there is nothing to write to. */
		fd = open(path, O_RDWR);
		if (fd >= 0) {
			EXPECT_EQ(-1, write(fd, &byte, 1)) {
				TH_LOG("%s took a byte", path);
			}
			close(fd);
		}
		fd = open(path, O_RDONLY);
		ASSERT_LE(0, fd);
		EXPECT_EQ(-1, ioctl(fd, 0x4d01, &value));
		EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_PRIVATE,
					   fd, 0));
		close(fd);
	}
}

TEST_F(frontdoor, nothing_can_be_written)
{
	expect_read_only(_metadata, report_dir());
	ASSERT_EQ(0, module_reload("front=proc"));
	expect_read_only(_metadata, PROC_DIR);
}

TEST_F(frontdoor, only_root_may_look)
{
	char path[256];
	pid_t pid;
	int status;

	snprintf(path, sizeof(path), "%s/ledger", report_dir());
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		int fd;

		if (setgid(65534) || setuid(65534))
			_exit(2);
		fd = open(path, O_RDONLY);
		_exit(fd >= 0 || errno != EACCES);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

/* Opened before and after 32 MiB were planted, both read afterwards. */
TEST_F(frontdoor, two_readers_have_two_snapshots)
{
	const long long planted_kb = 32 * 1024;
	long long ghost[2];
	char path[256];
	int fds[2];
	int i;

	snprintf(path, sizeof(path), "%s/ledger", report_dir());
	fds[0] = open(path, O_RDONLY);
	ASSERT_LE(0, fds[0]);
	ASSERT_EQ(0, plant("pages", "raw 0 %lld", planted_kb / 4));
	oracle_settle();
	fds[1] = open(path, O_RDONLY);
	ASSERT_LE(0, fds[1]);
	for (i = 0; i < 2; i++) {
		char *text = calloc(1, 65536);
		struct report *report;
		ssize_t used = 0;
		ssize_t n;

		while ((n = read(fds[i], text + used, 65535 - used)) > 0)
			used += n;
		report = report_parse("ledger", text, used);
		ASSERT_EQ(NULL, report->fault);
		ghost[i] = report_account(report, "Ghost");
		report_free(report);
		close(fds[i]);
	}
	/* The first was opened with unfolded counters: one per cent and those. */
	EXPECT_LE(llabs(ghost[1] - ghost[0] - planted_kb),
		  planted_kb / 100 + 125 * 4 * oracle_cpus()) {
		TH_LOG("Ghost %lld and %lld kB", ghost[0], ghost[1]);
	}
	ASSERT_EQ(0, plant("pages", "free"));
}

TEST_F(frontdoor, every_way_to_read_reads_the_same)
{
	static char whole[1 << 20];
	static char other[1 << 20];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reports); i++) {
		char path[256];
		ssize_t bytes = 0;
		ssize_t at;
		ssize_t n;
		int fd;

		snprintf(path, sizeof(path), "%s/%s", report_dir(), reports[i]);
		fd = open(path, O_RDONLY);
		ASSERT_LE(0, fd);
		while ((n = read(fd, whole + bytes, sizeof(whole) - bytes)) > 0)
			bytes += n;
		ASSERT_LT(0, bytes);

		/* Byte by byte, from the start again. */
		ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
		for (at = 0; read(fd, other + at, 1) == 1; at++)
			;
		EXPECT_EQ(bytes, at);
		EXPECT_EQ(0, memcmp(whole, other, bytes)) {
			TH_LOG("%s, byte by byte", reports[i]);
		}

		/* From the middle, backwards, across record boundaries. */
		for (at = bytes - 1; at >= 0; at -= 1 + at / 16) {
			n = pread(fd, other, 97, at);
			EXPECT_LT(0, n);
			EXPECT_EQ(0, memcmp(whole + at, other, n)) {
				TH_LOG("%s, %zd bytes at %zd", reports[i], n,
				       at);
			}
		}
		ASSERT_EQ(bytes / 2, lseek(fd, bytes / 2, SEEK_SET));
		n = read(fd, other, 200);
		EXPECT_LT(0, n);
		EXPECT_EQ(0, memcmp(whole + bytes / 2, other, n));

		/* Beyond the end there is nothing. */
		EXPECT_EQ(0, pread(fd, other, 100, bytes));
		EXPECT_EQ(0, pread(fd, other, 100, bytes + 100000));
		close(fd);
	}
}

static bool is_number_parameter(const char *text)
{
	return text && *text >= '0' && *text <= '9';
}

/* Each number among the parameters refuses what is no number or absurd. */
TEST_F(frontdoor, bad_parameters_are_refused)
{
	static const char * const bad[] = {
		"-1", "x", "", "99999999999999999999", "4294967297", "1.5",
		"12 13",
	};
	struct dirent *entry;
	int nr = 0;
	DIR *dir;

	dir = opendir(PARAMETERS);
	ASSERT_NE(NULL, dir);
	while ((entry = readdir(dir))) {
		char parameter[300];
		char path[300];
		char *before;
		char *after;
		size_t bytes;
		size_t i;

		snprintf(path, sizeof(path), PARAMETERS "/%s", entry->d_name);
		before = report_slurp(path, &bytes);
		if (*entry->d_name == '.' || !is_number_parameter(before)) {
			free(before);
			continue;
		}
		nr++;
		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			/* Nothing at all is not written. */
			if (!*bad[i])
				continue;
			EXPECT_EQ(-EINVAL, module_set(entry->d_name, bad[i])) {
				TH_LOG("%s took '%s'", entry->d_name, bad[i]);
			}
		}
		after = report_slurp(path, &bytes);
		EXPECT_STREQ(before, after);

		snprintf(parameter, sizeof(parameter), "%s=-1", entry->d_name);
		ASSERT_EQ(0, module_unload(MEMTRIAGE));
		EXPECT_EQ(-EINVAL, module_load(MEMTRIAGE, parameter)) {
			TH_LOG("loaded with %s", parameter);
		}
		ASSERT_EQ(0, module_reload(""));
		free(before);
		free(after);
	}
	closedir(dir);
	EXPECT_LT(0, nr);

	EXPECT_EQ(-EINVAL, module_reload("rows=7"));
	EXPECT_EQ(-EINVAL, module_reload("rows=65537"));
	EXPECT_EQ(-EINVAL, module_reload("front=window"));
	ASSERT_EQ(0, module_reload("rows=8"));
}

/* A knob takes effect at the next open, and not in a report that is open. */
TEST_F(frontdoor, rows_take_effect_at_the_next_open)
{
	struct report *report;

	ASSERT_EQ(0, module_set("rows", "8"));
	report = read_report(_metadata, "slab");
	EXPECT_EQ(9, report->nr_records);
	EXPECT_LT(0, report->nr_dropped);
	EXPECT_STREQ("(other)", report_text(report, 8, "names"));
	report_free(report);
	ASSERT_EQ(0, module_set("rows", "4096"));
	report = read_report(_metadata, "slab");
	EXPECT_LT(9, report->nr_records);
	EXPECT_EQ(0, report->nr_dropped);
	report_free(report);
}

/* One line at load, naming how many reports are ready; none while reading. */
TEST_F(frontdoor, the_log_is_quiet)
{
	long long before = oracle_log_lines("memtriage: ");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reports); i++) {
		struct report *report;

		report = read_report(_metadata, reports[i]);
		report_free(report);
	}
	EXPECT_EQ(before, oracle_log_lines("memtriage: "));
	ASSERT_EQ(0, module_reload(""));
	EXPECT_EQ(before + 1, oracle_log_lines("memtriage: "));
}

TEST_HARNESS_MAIN
