// SPDX-License-Identifier: GPL-2.0
/*
 * The pages report and the ledger beside a device that is memory (ZONE_DEVICE): its pages are
 * nobody's, its struct pages are told if they are in our memory, and are not if they are on the
 * device. Needs a guest whose command line takes a piece of memory away as if it was persistent
 * (memmap=128M!512M).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "census.h"
#include "fixture.h"
#include "oracle.h"
#include "report.h"

#define DEVICE_KB	(128LL * 1024)
#define MEMMAP_PAGES	(DEVICE_KB / 4 * 64 / 4096)
#define ND		"/sys/bus/nd/"
#define WAIT_TRIES	100
#define WAIT_US		100000

FIXTURE(page_device) {
	long long total_kb;
	long long memmap;
	long long ghost;
	long long ghost_kb;
	long long online;
};

/* All pages that are in a class of their own. */
static long long online_now(struct __test_metadata *_metadata)
{
	struct report *report = read_report(_metadata, "pages");
	long long pages = census_managed_kb(report) / 4 + census_pages(report, "reserved");

	report_free(report);
	return pages;
}

FIXTURE_SETUP(page_device)
{
	if (!oracle_has_parameter("memmap=128M!512M"))
		SKIP(return, "no such device (memmap=128M!512M)");
	load_modules(_metadata);
	ASSERT_EQ(0, system("modprobe nd_e820 && modprobe nd_pmem"));
	/* by itself it takes what there is */
	oracle_write(ND "drivers/nd_pmem/unbind", "namespace0.0");
	oracle_settle();
	self->total_kb = oracle_meminfo("MemTotal");
	self->memmap = count_now(_metadata, "memmap");
	self->ghost = count_now(_metadata, "ghost+");
	self->ghost_kb = read_account(_metadata, "Ghost");
	self->online = online_now(_metadata);
}

FIXTURE_TEARDOWN(page_device)
{
	unload_modules(_metadata);
}

static bool await(const char *path)
{
	int try;

	for (try = 0; try < WAIT_TRIES && access(path, F_OK); try++)
		usleep(WAIT_US);
	return !access(path, F_OK);
}

/* @pages of struct pages are in MemTotal, and nothing else moved. */
static void expect_struct_pages(struct __test_metadata *_metadata,
				FIXTURE_DATA(page_device) *self, long long pages)
{
	long long memmap_kb = read_account(_metadata, "Memmap");
	long long ghost_kb;

	EXPECT_EQ(self->total_kb, oracle_meminfo("MemTotal"));
	expect_moved(_metadata, "memmap", self->memmap, pages, 0);
	expect_moved(_metadata, "ghost+", self->ghost, 0, GHOST_NOISE);
	EXPECT_EQ(self->online, online_now(_metadata));
	ghost_kb = read_account(_metadata, "Ghost") - self->ghost_kb;
	if (memmap_kb != NO_NUMBER) {
		EXPECT_EQ((self->memmap + pages) * 4, memmap_kb);
	} else {
		/* where the kernel does not count them, they are a ghost of the ledger's */
		ghost_kb -= pages * 4;
	}
	EXPECT_GE(GHOST_NOISE * 4, llabs(ghost_kb)) {
		TH_LOG("ghost moved by %lld kB", ghost_kb);
	}
}

TEST_F(page_device, struct_pages_in_memory)
{
	ASSERT_EQ(0, oracle_write(ND "drivers/nd_pmem/bind", "namespace0.0"));
	ASSERT_TRUE(await("/dev/pmem0"));
	expect_struct_pages(_metadata, self, MEMMAP_PAGES);
	ASSERT_EQ(0, oracle_write(ND "drivers/nd_pmem/unbind", "namespace0.0"));
	expect_struct_pages(_metadata, self, 0);
}

/* As "ndctl create-namespace -m fsdax -M dev" does it. */
TEST_F(page_device, struct_pages_on_the_device)
{
	const long long counted = oracle_vmstat("nr_memmap_pages");

	ASSERT_EQ(0, oracle_write(ND "devices/pfn0.0/uuid",
				  "6f0e1d2c-1111-4222-8333-944455556666"));
	ASSERT_EQ(0, oracle_write(ND "devices/pfn0.0/mode", "pmem"));
	ASSERT_EQ(0, oracle_write(ND "devices/pfn0.0/namespace", "namespace0.0"));
	ASSERT_EQ(0, oracle_write(ND "drivers/nd_pmem/bind", "pfn0.0"));
	ASSERT_TRUE(await("/dev/pmem0"));
	/* The kernel counts them all the same. */
	if (counted >= 0)
		EXPECT_LT(counted, oracle_vmstat("nr_memmap_pages"));
	expect_struct_pages(_metadata, self, 0);
	ASSERT_EQ(0, oracle_write(ND "drivers/nd_pmem/unbind", "pfn0.0"));
	expect_struct_pages(_metadata, self, 0);
}

TEST_HARNESS_MAIN
