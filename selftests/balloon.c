// SPDX-License-Identifier: GPL-2.0
/*
 * The balloon report, with a real virtio balloon that the host inflates: the
 * size to the page, whether it is still inside MemTotal, and its place in the
 * books. Needs a guest whose host obeys "## host: qmp balloon BYTES" on
 * MEMTRIAGE_HOST (a serial port); see selftests/vm.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "report.h"

#define VIRTIO_DIR		"/sys/bus/virtio/devices"
#define DRIVER_DIR		"/sys/bus/virtio/drivers/virtio_balloon"
#define VIRTIO_ID_BALLOON	5
#define F_DEFLATE_ON_OOM	2
#define INFLATE_KB		(256LL * 1024)
#define RAM_GRAIN		(128LL << 20)
#define WAIT_TRIES		300
#define WAIT_US			200000
#define REBIND_TRIES		50
/* What the machine does meanwhile; the ghosts are one per cent of it. */
#define GHOST_SLACK_KB		(INFLATE_KB / 100)

FIXTURE(balloon) {
	char device[64];
	bool deflate_on_oom;
	long long ram_bytes;
};

/* Its name on the bus; false if there is no such device. */
static bool find_device(char *name, size_t size, bool *deflate_on_oom)
{
	struct dirent *entry;
	bool found = false;
	char path[512];
	size_t bytes;
	DIR *dir;

	dir = opendir(VIRTIO_DIR);
	while (dir && !found && (entry = readdir(dir))) {
		char *features;

		snprintf(path, sizeof(path), VIRTIO_DIR "/%s/device",
			 entry->d_name);
		if (*entry->d_name == '.' ||
		    oracle_file(path) != VIRTIO_ID_BALLOON)
			continue;
		snprintf(path, sizeof(path), VIRTIO_DIR "/%s/driver",
			 entry->d_name);
		if (access(path, F_OK))
			continue;
		snprintf(path, sizeof(path), VIRTIO_DIR "/%s/features",
			 entry->d_name);
		features = report_slurp(path, &bytes);
		if (!features)
			continue;
		found = true;
		snprintf(name, size, "%s", entry->d_name);
		*deflate_on_oom = features[F_DEFLATE_ON_OOM] == '1';
		free(features);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* What the host gave; firmware keeps a little of it, hence rounded up. */
static long long ram_bytes(void)
{
	long long sum = 0;
	size_t bytes;
	char *text;
	char *line;
	char *rest;

	text = report_slurp("/proc/iomem", &bytes);
	rest = text;
	while (text && (line = strsep(&rest, "\n"))) {
		unsigned long long from;
		unsigned long long to;

		if (sscanf(line, "%llx-%llx : System RAM", &from, &to) == 2 &&
		    strstr(line, " : System RAM"))
			sum += to - from + 1;
	}
	free(text);
	return (sum + RAM_GRAIN - 1) / RAM_GRAIN * RAM_GRAIN;
}

static void ask_host(struct __test_metadata *_metadata, long long bytes)
{
	const char *host = getenv("MEMTRIAGE_HOST") ?: "/dev/ttyS1";
	char line[80];
	int length;
	int fd;

	length = snprintf(line, sizeof(line), "\n## host: qmp balloon %lld\n",
			  bytes);
	fd = open(host, O_WRONLY | O_NOCTTY);
	ASSERT_LE(0, fd) {
		TH_LOG("cannot open %s", host);
	}
	ASSERT_EQ(length, write(fd, line, length));
	close(fd);
}

/*
 * The device has a level-triggered interrupt, no MSI. One that is raised again
 * while the guest serves the last can be lost for good, on a slow machine: then
 * no request gets through any more. Binding the driver anew asks the device.
 */
static void rebind(struct __test_metadata *_metadata, const char *device)
{
	static const char *const steps[] = { "unbind", "bind" };
	char path[128];
	size_t i;
	int fd;

	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		snprintf(path, sizeof(path), DRIVER_DIR "/%s", steps[i]);
		fd = open(path, O_WRONLY);
		ASSERT_LE(0, fd) {
			TH_LOG("cannot open %s", path);
		}
		EXPECT_EQ((ssize_t)strlen(device),
			  write(fd, device, strlen(device)));
		close(fd);
	}
}

static long long inflated_kb(void)
{
	return (oracle_vmstat("balloon_inflate") -
		oracle_vmstat("balloon_deflate")) * 4;
}

/* Until the guest has obeyed, as the kernel's own counters say. */
static void balloon_set(struct __test_metadata *_metadata, const char *device,
			long long ram, long long kb)
{
	long long last = inflated_kb();
	int try;

	ask_host(_metadata, ram - kb * 1024);
	for (try = 1; try <= WAIT_TRIES && inflated_kb() != kb; try++) {
		usleep(WAIT_US);
		if (try % REBIND_TRIES)
			continue;
		if (inflated_kb() == last) {
			TH_LOG("the guest stays at %lld kB: binding the driver anew",
			       last);
			rebind(_metadata, device);
		}
		last = inflated_kb();
	}
	ASSERT_EQ(kb, inflated_kb()) {
		TH_LOG("the guest did not inflate to %lld kB", kb);
	}
	/* The driver corrects MemTotal and tells the host after the event. */
	usleep(WAIT_US);
	oracle_settle();
}

FIXTURE_SETUP(balloon)
{
	self->ram_bytes = ram_bytes();
	if (geteuid())
		SKIP(return, "needs root");
	if (!find_device(self->device, sizeof(self->device),
			 &self->deflate_on_oom))
		SKIP(return, "no virtio balloon");
	module_unload(MEMTRIAGE);
	ASSERT_EQ(0, module_load(MEMTRIAGE, ""));
	if (inflated_kb())
		balloon_set(_metadata, self->device, self->ram_bytes, 0);
}

FIXTURE_TEARDOWN(balloon)
{
	balloon_set(_metadata, self->device, self->ram_bytes, 0);
	EXPECT_EQ(0, module_unload(MEMTRIAGE));
}

/* The one record of the driver; its kB, or 0 if there is no record. */
static long long balloon_now(struct __test_metadata *_metadata, bool *in_total,
			     const char *exact)
{
	struct report *report;
	long long kb = 0;
	int record = -1;
	int i;

	report = read_report(_metadata, "balloon");
	EXPECT_STREQ("ok", report->state) {
		TH_LOG("%s", report->reason);
	}
	for (i = 0; i < report->nr_records; i++) {
		if (strstr(report_text(report, i, "driver"), "virtio"))
			record = i;
	}
	if (record >= 0) {
		kb = report_number(report, record, "kB");
		*in_total = !strcmp(report_text(report, record, "in_total"),
				    "y");
		EXPECT_TRUE(report_is_exact(report, record, "kB"));
		EXPECT_STRNE("", report_text(report, record, "source"));
		EXPECT_STRNE("-", report_text(report, record, "source"));
	}
	report_free(report);
	return kb;
}

static struct report *ledger_now(struct __test_metadata *_metadata)
{
	struct report *report;

	oracle_settle();
	report = read_report(_metadata, "ledger");
	return report;
}

/* The census sees the pages themselves, inside MemTotal or not. */
static long long offline_now(struct __test_metadata *_metadata,
			     const char *managed)
{
	struct report *report = read_report(_metadata, "pages");
	long long kb = 0;
	int i;

	for (i = 0; i < report->nr_records; i++) {
		if (!strcmp(report_text(report, i, "class"), "offline") &&
		    !strcmp(report_text(report, i, "managed"), managed))
			kb += report_number(report, i, "kB");
	}
	report_free(report);
	return kb;
}

TEST_F_TIMEOUT(balloon, inflated_pages_are_told_exactly, 300)
{
	bool in_total = !self->deflate_on_oom;
	long long balloon_kb;
	long long moved_total;
	struct report *before;
	struct report *after;
	long long moved;

	EXPECT_EQ(0, balloon_now(_metadata, &in_total, "before"));
	before = ledger_now(_metadata);
	balloon_set(_metadata, self->device, self->ram_bytes, INFLATE_KB);

	EXPECT_EQ(INFLATE_KB, balloon_now(_metadata, &in_total, "inflated"));
	EXPECT_EQ(self->deflate_on_oom, in_total);
	EXPECT_EQ(in_total ? INFLATE_KB : 0, offline_now(_metadata, "y"));
	EXPECT_EQ(in_total ? 0 : INFLATE_KB, offline_now(_metadata, "n"));

	after = ledger_now(_metadata);
	moved_total = report_account(after, "Total") -
		report_account(before, "Total");
	balloon_kb = report_account(after, "Balloon");
	/* Inside MemTotal it is an account; outside, MemTotal is smaller. */
	EXPECT_EQ(in_total ? 0 : -INFLATE_KB, moved_total);
	EXPECT_EQ(in_total ? INFLATE_KB : 0, balloon_kb);
	EXPECT_EQ(oracle_meminfo("MemTotal"), report_account(after, "Total"));
	/* Either way it is no ghost, and was taken from what was free. */
	moved = report_account(after, "Ghost") -
		report_account(before, "Ghost");
	EXPECT_LE(llabs(moved), GHOST_SLACK_KB) {
		TH_LOG("Ghost moved by %lld kB", moved);
	}
	report_free(after);

	/* Part of it comes back, and then the rest. */
	balloon_set(_metadata, self->device, self->ram_bytes, INFLATE_KB / 4);
	EXPECT_EQ(INFLATE_KB / 4, balloon_now(_metadata, &in_total, "partly"));
	balloon_set(_metadata, self->device, self->ram_bytes, 0);
	EXPECT_EQ(0, balloon_now(_metadata, &in_total, "deflated"));

	after = ledger_now(_metadata);
	EXPECT_EQ(report_account(before, "Total"),
		  report_account(after, "Total"));
	EXPECT_EQ(0, report_account(after, "Balloon"));
	moved = report_account(after, "Ghost") -
		report_account(before, "Ghost");
	EXPECT_LE(llabs(moved), GHOST_SLACK_KB) {
		TH_LOG("Ghost moved by %lld kB", moved);
	}
	report_free(after);
	report_free(before);
}

TEST_F_TIMEOUT(balloon, summary_names_the_balloon, 300)
{
	struct report *report;
	bool found = false;
	int i;

	balloon_set(_metadata, self->device, self->ram_bytes, INFLATE_KB);
	report = read_report(_metadata, "summary");
	for (i = 0; i < report->nr_records; i++)
		found |= !strncmp(report->records[i][0], "verdict: balloon ",
				  strlen("verdict: balloon "));
	EXPECT_TRUE(found) {
		TH_LOG("%s", report->nr_records ? report->records[0][0] : "");
	}
	report_free(report);
}

/* A rmmod of the driver may come at any time; the reports outlive it. */
TEST_F_TIMEOUT(balloon, a_driver_that_goes_away, 300)
{
	bool in_total = false;

	balloon_set(_metadata, self->device, self->ram_bytes, INFLATE_KB / 8);
	EXPECT_EQ(INFLATE_KB / 8, balloon_now(_metadata, &in_total, "there"));
	if (module_unload("virtio_balloon"))
		SKIP(return, "the driver is built in");
	EXPECT_EQ(0, balloon_now(_metadata, &in_total, "gone"));
	ASSERT_EQ(0, system("modprobe virtio_balloon"));
	/* It comes up empty and inflates to what the host still asks for. */
	usleep(WAIT_US);
}

TEST_HARNESS_MAIN
