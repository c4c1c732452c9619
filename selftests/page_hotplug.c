// SPDX-License-Identifier: GPL-2.0
/*
 * The pages report while memory is plugged in and out: the books balance, the
 * memory map of the new memory is told, and a walk that memory moved under says
 * so. Needs a guest whose host obeys "## host: qmp ..." on MEMTRIAGE_HOST (a
 * serial port), with room for DIMMs (-m slots=4,maxmem=4G), or with a virtio-mem
 * device called mem0; see selftests/vm.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "census.h"
#include "child.h"
#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "report.h"

#define MEMORY		"/sys/devices/system/memory"
#define PLUGGED_KB	(512LL * 1024)
/* One struct page of 64 bytes for each. */
#define MEMMAP_PAGES	(PLUGGED_KB / 4 * 64 / 4096)
#define TRIES		8
#define WAIT_TRIES	100
#define WAIT_US		100000

FIXTURE(page_hotplug) {
	long long total_kb;
	long long memmap;
	long long ghost;
};

FIXTURE_SETUP(page_hotplug)
{
	load_modules(_metadata);
	if (access(MEMORY "/auto_online_blocks", W_OK))
		SKIP(return, "no memory hotplug");
	/* Nothing that could not go away again. */
	ASSERT_EQ(0, oracle_write(MEMORY "/auto_online_blocks",
				  "online_movable"));
	self->total_kb = oracle_meminfo("MemTotal");
	self->memmap = count_now(_metadata, "memmap");
	self->ghost = count_now(_metadata, "ghost+");
}

FIXTURE_TEARDOWN(page_hotplug)
{
	unload_modules(_metadata);
}

static void ask_host(struct __test_metadata *_metadata, const char *request)
{
	const char *host = getenv("MEMTRIAGE_HOST") ?: "/dev/ttyS1";
	char line[256];
	int length;
	int fd;

	length = snprintf(line, sizeof(line), "\n## host: qmp %s\n", request);
	fd = open(host, O_WRONLY | O_NOCTTY);
	ASSERT_LE(0, fd) {
		TH_LOG("cannot open %s", host);
	}
	ASSERT_EQ(length, write(fd, line, length));
	close(fd);
}

static bool await_total(long long kb)
{
	int try;

	for (try = 0; try < WAIT_TRIES; try++) {
		if (oracle_meminfo("MemTotal") == kb)
			return true;
		usleep(WAIT_US);
	}
	return false;
}

/* The sum is MemTotal, and the walk says that all is well. */
static void expect_balance(struct __test_metadata *_metadata)
{
	struct report *report;
	bool balances = false;
	int try;

	for (try = 0; try < TRIES && !balances; try++) {
		report = read_report(_metadata, "pages");
		balances = !strcmp(report->state, "ok") &&
			census_managed_kb(report) == oracle_meminfo("MemTotal");
		if (try == TRIES - 1)
			TH_LOG("%s: %s", report->state, report->reason);
		report_free(report);
	}
	EXPECT_TRUE(balances);
}

/* Is the memory map of a DIMM in the DIMM itself, and not in MemTotal? */
static bool memmap_is_on_memory(void)
{
	return oracle_has_parameter("memory_hotplug.memmap_on_memory=1");
}

/* What the new memory costs of the old, which was a ghost for most kernels. */
static void expect_memmap(struct __test_metadata *_metadata,
			  FIXTURE_DATA(page_hotplug) *self, long long pages)
{
	long long now = -1;
	int try;

	/* Memory that is offline goes a little later. */
	for (try = 0; try < WAIT_TRIES && now != self->memmap + pages; try++) {
		if (try)
			usleep(WAIT_US);
		now = count_now(_metadata, "memmap");
	}
	EXPECT_EQ(self->memmap + pages, now);
	/* Where the kernel counts it, and nothing else with it. */
	if (oracle_vmstat("nr_memmap_pages") >= 0 &&
	    !oracle_has_symbol("page_ext_get")) {
		EXPECT_EQ(now * 4, read_account(_metadata, "Memmap"));
		if (!memmap_is_on_memory())
			EXPECT_EQ(oracle_vmstat("nr_memmap_pages"), now);
	}
	expect_moved(_metadata, "ghost+", self->ghost, 0, GHOST_NOISE);
}

/* Blocks that can go; those of the memory that was there cannot. */
static int offline_all(void)
{
	struct dirent *entry;
	DIR *dir = opendir(MEMORY);
	int failed = 0;

	while (dir && (entry = readdir(dir))) {
		char path[512];
		char *zones;
		size_t bytes;

		if (strncmp(entry->d_name, "memory", 6))
			continue;
		snprintf(path, sizeof(path), MEMORY "/%s/valid_zones",
			 entry->d_name);
		zones = report_slurp(path, &bytes);
		snprintf(path, sizeof(path), MEMORY "/%s/state", entry->d_name);
		if (zones && !strncmp(zones, "Movable", 7))
			failed += !!oracle_write(path, "offline");
		free(zones);
	}
	if (dir)
		closedir(dir);
	return failed;
}

/* Reads the reports all the time; each is whole, or says why it is not. */
static void read_on(void *arg)
{
	static const char * const names[] = { "pages", "ghost", "summary" };
	int i;

	for (i = 0;; i++) {
		struct report *report = report_read(names[i % 3]);

		if (!report || report->fault)
			_exit(EXIT_FAILURE);
		report_free(report);
		if (i == 0)
			child_wait(0);
	}
}

#define ADD_RAM		"object-add {\"qom-type\": \"memory-backend-ram\", " \
			"\"id\": \"ram1\", \"size\": 536870912}"
#define ADD_DIMM	"device_add {\"driver\": \"pc-dimm\", " \
			"\"id\": \"dimm1\", \"memdev\": \"ram1\"}"

TEST_F(page_hotplug, a_dimm_comes_and_goes)
{
	const long long own_pages = memmap_is_on_memory() ? MEMMAP_PAGES : 0;
	struct child reader;

	if (access("/sys/firmware/acpi/hotplug/memory", F_OK) ||
	    !oracle_has_parameter("mt_dimm=1"))
		SKIP(return, "no room for DIMMs (mt_dimm=1)");
	ASSERT_EQ(0, child_start(&reader, read_on, NULL));
	write(reader.to, "", 1);
	ask_host(_metadata, ADD_RAM);
	ask_host(_metadata, ADD_DIMM);
	ASSERT_TRUE(await_total(self->total_kb + PLUGGED_KB - own_pages * 4)) {
		TH_LOG("MemTotal %lld kB", oracle_meminfo("MemTotal"));
	}
	EXPECT_EQ(0, kill(reader.pid, SIGSTOP));
	expect_balance(_metadata);
	expect_memmap(_metadata, self, MEMMAP_PAGES - own_pages);
	EXPECT_EQ(0, kill(reader.pid, SIGCONT));
	EXPECT_EQ(0, offline_all());
	EXPECT_TRUE(await_total(self->total_kb));
	ask_host(_metadata, "device_del {\"id\": \"dimm1\"}");
	usleep(20 * WAIT_US);
	/* It is still there, and reads. */
	EXPECT_EQ(0, kill(reader.pid, 0));
	child_end(&reader);
	expect_balance(_metadata);
	expect_memmap(_metadata, self, 0);
}

#define SET_SIZE	"qom-set {\"path\": \"/machine/peripheral/mem0\", " \
			"\"property\": \"requested-size\", \"value\": %lld}"

TEST_F(page_hotplug, virtio_mem)
{
	struct child reader;
	char request[256];

	if (system("modprobe -q virtio_mem 2>/dev/null") ||
	    access("/sys/bus/virtio/drivers/virtio_mem/virtio0", F_OK))
		SKIP(return, "no virtio-mem");
	ASSERT_EQ(0, child_start(&reader, read_on, NULL));
	write(reader.to, "", 1);
	snprintf(request, sizeof(request), SET_SIZE, PLUGGED_KB * 1024);
	ask_host(_metadata, request);
	EXPECT_TRUE(await_total(self->total_kb + PLUGGED_KB)) {
		TH_LOG("MemTotal %lld kB", oracle_meminfo("MemTotal"));
	}
	EXPECT_EQ(0, kill(reader.pid, SIGSTOP));
	expect_balance(_metadata);
	expect_memmap(_metadata, self, MEMMAP_PAGES);
	/* Half of a block of memory: the rest is of the device's, and offline. */
	EXPECT_EQ(0, kill(reader.pid, SIGCONT));
	snprintf(request, sizeof(request), SET_SIZE, 64LL << 20);
	ask_host(_metadata, request);
	EXPECT_TRUE(await_total(self->total_kb + (64LL << 10))) {
		TH_LOG("MemTotal %lld kB", oracle_meminfo("MemTotal"));
	}
	EXPECT_EQ(0, kill(reader.pid, SIGSTOP));
	expect_balance(_metadata);
	EXPECT_EQ(0, kill(reader.pid, SIGCONT));
	snprintf(request, sizeof(request), SET_SIZE, 0LL);
	ask_host(_metadata, request);
	EXPECT_TRUE(await_total(self->total_kb)) {
		TH_LOG("MemTotal %lld kB", oracle_meminfo("MemTotal"));
	}
	EXPECT_EQ(0, kill(reader.pid, 0));
	child_end(&reader);
	expect_balance(_metadata);
	expect_memmap(_metadata, self, 0);
}

TEST_HARNESS_MAIN
