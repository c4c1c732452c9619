// SPDX-License-Identifier: GPL-2.0
/*
 * The pages and ghost reports: pages that are held by zram, the swap cache,
 * pipes, io_uring, perf, page pools, drivers, and memory errors are in their
 * class to the page, and have their owner.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "census.h"
#include "child.h"
#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "plant.h"
#include "report.h"
#include "swap.h"

#define TRIES		8
#define PAGE_KB		4
#define PAGE_BYTES	4096

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif
#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE	101
#endif

FIXTURE(page_holders) {
};

FIXTURE_SETUP(page_holders)
{
	load_modules(_metadata);
	ASSERT_EQ(0, module_set("rows", "4096"));
}

FIXTURE_TEARDOWN(page_holders)
{
	unload_modules(_metadata);
}

/* Pages of the ghost report whose owner is this, and whose evidence has that. */
static long long owned_now(struct __test_metadata *_metadata, const char *owner,
			   const char *evidence)
{
	struct report *report = read_report(_metadata, "ghost");
	long long pages = 0;
	int i;

	for (i = 0; i < report->nr_records; i++) {
		if (!strcmp(report_text(report, i, "owner"), owner) &&
		    strstr(report_text(report, i, "evidence"), evidence))
			pages += report_number(report, i, "pages");
	}
	report_free(report);
	return pages;
}

/* What was given back may take a moment: grace periods, work queues. */
static void await_count(struct __test_metadata *_metadata, const char *class,
			long long pages)
{
	long long now = -1;
	int try;

	for (try = 0; try < TRIES && now != pages; try++) {
		if (try)
			usleep(100000);
		now = count_now(_metadata, class);
	}
	EXPECT_EQ(pages, now) {
		TH_LOG("class %s", class);
	}
}

/* Memory that does not compress, does a little, and does well. */
static char *mixed_memory(struct __test_metadata *_metadata, size_t pages)
{
	char *memory = mmap(NULL, pages * PAGE_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t state = 1;
	size_t page;
	size_t word;

	ASSERT_NE(MAP_FAILED, memory);
	for (page = 0; page < pages; page++) {
		uint64_t *words = (uint64_t *)(memory + page * PAGE_BYTES);

		memset(words, (int)page | 1, PAGE_BYTES);
		for (word = 0; word < 512 / (1 + page % 4); word++) {
			state = state * 6364136223846793005ULL + 1;
			words[word] = state ^ state >> 29;
		}
	}
	return memory;
}

#define ZRAM		"/dev/zram0"
#define ZRAM_SYS	"/sys/block/zram0/"
#define ZRAM_PAGES	4096

/* The third word of mm_stat: what the device holds, in whole pages. */
static long long zram_pages(void)
{
	unsigned long long used = 0;
	size_t bytes;
	char *text;

	text = report_slurp(ZRAM_SYS "mm_stat", &bytes);
	if (!text || sscanf(text, "%*u %*u %llu", &used) != 1)
		used = 0;
	free(text);
	return used / PAGE_BYTES;
}

TEST_F(page_holders, zram_is_zsmalloc)
{
	long long before;
	long long held = 0;
	long long ours = -1;
	char *memory;
	int try;
	int fd;

	if (system("modprobe -q zram 2>/dev/null") ||
	    oracle_write(ZRAM_SYS "disksize", "67108864"))
		SKIP(return, "no zram");
	before = count_now(_metadata, "zsmalloc");
	memory = mixed_memory(_metadata, ZRAM_PAGES);
	fd = open(ZRAM, O_WRONLY | O_DIRECT);
	ASSERT_LE(0, fd);
	ASSERT_EQ(ZRAM_PAGES * PAGE_BYTES,
		  write(fd, memory, ZRAM_PAGES * PAGE_BYTES));
	close(fd);
	for (try = 0; try < TRIES && held != ours; try++) {
		held = zram_pages();
		ours = count_now(_metadata, "zsmalloc") - before;
	}
	EXPECT_LE(ZRAM_PAGES / 3, held);
	EXPECT_EQ(held, ours);
	EXPECT_EQ(oracle_vmstat("nr_zspages"), ours + before);
	munmap(memory, ZRAM_PAGES * PAGE_BYTES);
	ASSERT_EQ(0, oracle_write(ZRAM_SYS "reset", "1"));
	await_count(_metadata, "zsmalloc", before);
}

#define SWAPPED_PAGES	2048

/* Memory that was asked to go to swap; a page that was busy then may still be here. */
static char *swapped_memory(struct __test_metadata *_metadata)
{
	char *memory = mixed_memory(_metadata, SWAPPED_PAGES);
	int try;

	for (try = 0; try < TRIES; try++)
		madvise(memory, SWAPPED_PAGES * PAGE_BYTES, MADV_PAGEOUT);
	return memory;
}

static void wait_only(void *arg)
{
}

/*
 * What is in swap for two is read back for one: it stays in both, memory and
 * swap.
 */
TEST_F(page_holders, swap_cache)
{
	volatile char *memory;
	struct child child;
	long long theirs = 0;
	long long ours = -1;
	long long sum = 0;
	int try;
	int i;

	if (swap_on())
		SKIP(return, "no swap to be had");
	memory = swapped_memory(_metadata);
	ASSERT_EQ(0, child_start(&child, wait_only, NULL));
	for (i = 0; i < SWAPPED_PAGES; i++)
		sum += memory[i * PAGE_BYTES];
	EXPECT_NE(0, sum);
	for (try = 0; try < TRIES && theirs != ours; try++) {
		ours = count_now(_metadata, "swapcache");
		theirs = oracle_meminfo("SwapCached") / PAGE_KB;
	}
	EXPECT_LE(SWAPPED_PAGES / 2, theirs);
	EXPECT_EQ(theirs, ours);
	child_end(&child);
	munmap((void *)memory, SWAPPED_PAGES * PAGE_BYTES);
	swap_off();
}

#define ZSWAP_ENABLED	"/sys/module/zswap/parameters/enabled"

/* It keeps what is swapped out in memory, compressed, before the device that is swapped to. */
TEST_F(page_holders, zswap_is_zsmalloc)
{
	long long before;
	long long device;
	long long theirs = 0;
	long long ours = -1;
	char *memory;
	int try;

	if (oracle_write(ZSWAP_ENABLED, "1"))
		SKIP(return, "this kernel has no zswap");
	ASSERT_EQ(0, swap_on());
	before = count_now(_metadata, "zsmalloc");
	device = zram_pages();
	memory = swapped_memory(_metadata);
	for (try = 0; try < TRIES && theirs != ours; try++) {
		ours = count_now(_metadata, "zsmalloc") - before;
		theirs = oracle_meminfo("Zswap") / PAGE_KB +
			 zram_pages() - device;
	}
	EXPECT_LE(SWAPPED_PAGES / 4, oracle_meminfo("Zswap") / PAGE_KB);
	EXPECT_EQ(theirs, ours);
	EXPECT_EQ(oracle_vmstat("nr_zspages"), ours + before);
	EXPECT_EQ(0, oracle_write(ZSWAP_ENABLED, "0"));
	munmap(memory, SWAPPED_PAGES * PAGE_BYTES);
	swap_off();
}

#define CGROUPS		"/sys/fs/cgroup"
#define CGROUP		"/mt_holder"
#define OWNER		"cgroup:" CGROUP

static bool has_cgroups(void)
{
	return !access(CGROUPS "/cgroup.controllers", R_OK) &&
		!oracle_write(CGROUPS "/cgroup.subtree_control", "+memory") &&
		!oracle_has_parameter("cgroup.memory=nokmem");
}

static long long charged_kb(void)
{
	return oracle_file(CGROUPS CGROUP "/memory.current") / 1024;
}

/* A process of the cgroup, before and after it took what it takes. */
static void expect_charged(struct __test_metadata *_metadata,
			   void (*work)(void *arg), long long pages,
			   long long or_pages)
{
	long long at_first = count_now(_metadata, "memcg_charged");
	struct child child;
	long long before;
	long long moved;

	mkdir(CGROUPS CGROUP, 0700);
	ASSERT_EQ(0, child_start(&child, work, CGROUPS CGROUP "/cgroup.procs"));
	before = count_now(_metadata, "memcg_charged");
	ASSERT_EQ(0, child_go(&child));
	moved = count_now(_metadata, "memcg_charged") - before;
	if (moved != or_pages)
		EXPECT_EQ(pages, moved);
	/* Large kmalloc, where it is not told from the others, is there, too. */
	EXPECT_LE(moved, owned_now(_metadata, OWNER, "charged to the cgroup"));
	EXPECT_LE(moved * PAGE_KB, charged_kb());
	child_end(&child);
	await_count(_metadata, "memcg_charged", at_first);
	rmdir(CGROUPS CGROUP);
}

static void join_and_wait(const char *procs)
{
	if (oracle_write(procs, "0"))
		_exit(EXIT_FAILURE);
	child_wait(0);
}

#define PIPE_PAGES	256
#define PIPES		8

static void fill_pipes(void *procs)
{
	static char bytes[PIPE_PAGES * PAGE_BYTES];
	int i;

	memset(bytes, 1, sizeof(bytes));
	join_and_wait(procs);
	for (i = 0; i < PIPES; i++) {
		int fds[2];

		if (pipe(fds) || fcntl(fds[1], F_SETPIPE_SZ,
				       sizeof(bytes)) != sizeof(bytes) ||
		    write(fds[1], bytes, sizeof(bytes)) != sizeof(bytes))
			_exit(EXIT_FAILURE);
	}
}

TEST_F(page_holders, pipes_are_their_cgroups)
{
	if (!has_cgroups())
		SKIP(return, "no memory cgroups");
	expect_charged(_metadata, fill_pipes, PIPES * PIPE_PAGES,
		       PIPES * PIPE_PAGES);
}

#define URING_ENTRIES	4096

static void make_rings(void *procs)
{
	struct io_uring_params params = { };

	join_and_wait(procs);
	if (syscall(SYS_io_uring_setup, URING_ENTRIES, &params) < 0)
		_exit(EXIT_FAILURE);
}

/*
 * The entries are a power of two of pages; the rings are in blocks that are
 * one, too, or page by page if there is no such block.
 */
TEST_F(page_holders, io_uring_is_its_cgroups)
{
	const long long entries = URING_ENTRIES * 64 / PAGE_BYTES;
	struct io_uring_params params = { };
	size_t bytes;
	long long rings;
	long long blocks;
	int fd;

	if (!has_cgroups())
		SKIP(return, "no memory cgroups");
	fd = syscall(SYS_io_uring_setup, URING_ENTRIES, &params);
	if (fd < 0)
		SKIP(return, "no io_uring");
	close(fd);
	bytes = params.sq_off.array + params.sq_entries * sizeof(uint32_t);
	if (bytes < params.cq_off.cqes + params.cq_entries * 16)
		bytes = params.cq_off.cqes + params.cq_entries * 16;
	rings = (bytes + PAGE_BYTES - 1) / PAGE_BYTES;
	for (blocks = 1; blocks < rings; blocks *= 2)
		;
	expect_charged(_metadata, make_rings, entries + blocks,
		       entries + rings);
}

#define PERF_PAGES	128

/* Documentation/admin-guide/mm/pagemap.rst */
#define PAGEMAP_FILE	(1ULL << 61)

/* Of @pages of ours, those that are mapped as pages; pagemap tells nothing of mere frames. */
static int mapped_pages(struct __test_metadata *_metadata,
			const volatile char *memory, int pages)
{
	off_t first = (uintptr_t)memory / PAGE_BYTES;
	int map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry;
	int mapped = 0;
	int i;

	for (i = 0; i < pages; i++) {
		ASSERT_EQ(sizeof(entry), pread(map, &entry, sizeof(entry),
					       (first + i) * sizeof(entry)));
		mapped += !!(entry & PAGEMAP_FILE);
	}
	close(map);
	return mapped;
}

/* Newer kernels map them so that nothing is written on them: the oracle is asked which do. */
TEST_F(page_holders, perf_buffers)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.disabled = 1,
	};
	long long mapped_before = count_now(_metadata, "mapped_driver");
	long long ghost_before = count_now(_metadata, "ghost");
	long long slab = count_now(_metadata, "large_kmalloc");
	volatile char *memory;
	int mapped;
	int fd;
	int i;

	/* Of a CPU: one of a process has the kernel patch its scheduler. */
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0);
	if (fd < 0)
		SKIP(return, "no perf events");
	memory = mmap(NULL, (1 + PERF_PAGES) * PAGE_BYTES,
		      PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, memory);
	for (i = 0; i <= PERF_PAGES; i++)
		(void)memory[i * PAGE_BYTES];
	mapped = mapped_pages(_metadata, memory, 1 + PERF_PAGES);
	TH_LOG("%d of %d are mapped", mapped, 1 + PERF_PAGES);
	expect_moved(_metadata, "mapped_driver", mapped_before, mapped,
		     CLOCK_PAGES);
	expect_moved(_metadata, "ghost", ghost_before, 1 + PERF_PAGES - mapped, 32);
	munmap((void *)memory, (1 + PERF_PAGES) * PAGE_BYTES);
	close(fd);
	usleep(100000);
	expect_moved(_metadata, "mapped_driver", mapped_before, 0, CLOCK_PAGES);
	expect_moved(_metadata, "ghost", ghost_before, 0, 32);
	EXPECT_EQ(slab, count_now(_metadata, "large_kmalloc"));
}

#define POOL_PAGES	512
#define POOL_OWNER	"device:mt_plant_device"

TEST_F(page_holders, a_page_pool_has_its_device)
{
	bool told = plant_truth("device", "pool_is_marked") == 1;
	const char *class = told ? "page_pool" : "ghost";
	long long before = count_now(_metadata, class);
	long long pages;

	ASSERT_EQ(0, plant("device", "pool %d", POOL_PAGES));
	/* It may keep some more for the next ones. */
	pages = plant_truth("device", "pool_pages");
	EXPECT_LE(POOL_PAGES, pages);
	expect_moved(_metadata, class, before, pages, told ? 0 : 2);
	if (told)
		EXPECT_EQ(pages, owned_now(_metadata, POOL_OWNER, "page_pool"));
	ASSERT_EQ(0, plant("device", "free"));
	expect_moved(_metadata, class, before, 0, told ? 0 : 2);
}

/* Two instructions: let every packet pass. */
static int load_pass(void)
{
	static const struct bpf_insn pass[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insn_cnt = 2,
		.insns = (uintptr_t)pass,
		.license = (uintptr_t)"GPL",
	};

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* In the driver, not in front of it; ends with the file descriptor. */
static int attach_pass(unsigned int ifindex)
{
	union bpf_attr attr = {
		.link_create = {
			.prog_fd = load_pass(),
			.target_ifindex = ifindex,
			.attach_type = BPF_XDP,
			.flags = XDP_FLAGS_DRV_MODE,
		},
	};

	return syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
}

static int packet_socket(const char *device, int receive_bytes)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = receive_bytes ? htons(ETH_P_ALL) : 0,
		.sll_ifindex = if_nametoindex(device),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0)
		return -1;
	if (receive_bytes)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_bytes,
			   sizeof(receive_bytes));
	return bind(fd, (struct sockaddr *)&address, sizeof(address)) ? -1 : fd;
}

#define PACKETS		400
#define PACKET_BYTES	1400
/* Not a shell's own, which cannot name the other end. */
#define IP		"ip=/sbin/ip; [ -x $ip ] || ip=/bin/ip; "

/*
 * Packets that a program of XDP has let pass, and that nobody reads: each has
 * at least half a page of the receiving end's pool.
 */
TEST_F(page_holders, packets_of_xdp_are_their_devices)
{
	static char packet[PACKET_BYTES];
	long long before;
	long long owned;
	int receiver;
	int sender;
	int link;
	int i;

	/* Before that the pages of a veth were its own. */
	if (!oracle_has_symbol("skb_pp_cow_data"))
		SKIP(return, "the veth of this kernel has no page pool");
	system("modprobe -q veth 2>/dev/null");
	if (system(IP "$ip link add mtpool0 type veth peer name mtpool1"))
		SKIP(return, "no veth");
	/* Else the stack's own packets come by. */
	oracle_write("/proc/sys/net/ipv6/conf/mtpool0/disable_ipv6", "1");
	oracle_write("/proc/sys/net/ipv6/conf/mtpool1/disable_ipv6", "1");
	link = attach_pass(if_nametoindex("mtpool1"));
	ASSERT_LE(0, link) {
		TH_LOG("XDP cannot be attached: %s", strerror(errno));
	}
	ASSERT_EQ(0, system(IP "$ip link set mtpool0 up; "
			    "$ip link set mtpool1 up"));
	before = count_now(_metadata, "page_pool");
	receiver = packet_socket("mtpool1", 16 << 20);
	sender = packet_socket("mtpool0", 0);
	ASSERT_LE(0, receiver);
	ASSERT_LE(0, sender);
	memset(packet, 0xff, sizeof(packet));
	for (i = 0; i < PACKETS; i++)
		ASSERT_EQ(PACKET_BYTES, write(sender, packet, PACKET_BYTES));
	usleep(200000);
	owned = owned_now(_metadata, "device:mtpool1", "page_pool");
	EXPECT_LE(PACKETS / 2, owned);
	EXPECT_GE(PACKETS * 2, owned);
	EXPECT_EQ(before + owned, count_now(_metadata, "page_pool"));
	close(receiver);
	close(sender);
	close(link);
	ASSERT_EQ(0, system(IP "$ip link del mtpool0"));
	await_count(_metadata, "page_pool", before);
}

#define BUFFERS		6
#define BUFFER_ORDER	8

/* From a contiguous area where there is one, else from anywhere. */
TEST_F(page_holders, dma_buffers)
{
	bool has_area = oracle_meminfo("CmaTotal") > 0;
	const char *class = has_area ? "cma_driver" : "ghost";
	long long before = count_now(_metadata, class);
	long long free = oracle_meminfo("CmaFree");

	ASSERT_EQ(0, plant("device", "coherent %d %d", BUFFER_ORDER, BUFFERS));
	expect_moved(_metadata, class, before, BUFFERS << BUFFER_ORDER,
		     has_area ? 0 : 4);
	/* Only memory of processes may be there beside. */
	if (has_area)
		EXPECT_LE((BUFFERS << BUFFER_ORDER) * PAGE_KB,
			  free - oracle_meminfo("CmaFree"));
	ASSERT_EQ(0, plant("device", "free"));
	expect_moved(_metadata, class, before, 0, has_area ? 0 : 4);
	if (!has_area)
		SKIP(return, "no contiguous memory area (cma=)");
}

#define MANY_AREAS	8000

static bool has_line(const struct report *report, const char *start,
		     const char *part)
{
	int i;

	for (i = 0; i < report->nr_records; i++) {
		if (!strncmp(report->records[i][0], start, strlen(start)) &&
		    strstr(report->records[i][0], part))
			return true;
	}
	return false;
}

/* Half of a millisecond is no time for so many areas: it is said, and no ghost. */
TEST_F(page_holders, no_time_for_all_claims)
{
	long long before = count_now(_metadata, "vmalloc");
	struct report *report;

	ASSERT_EQ(0, plant("vmalloc", "vmalloc %d 1", MANY_AREAS));
	ASSERT_EQ(0, module_set("summary_ms", "1"));
	report = read_report(_metadata, "summary");
	EXPECT_STREQ("partial", report->state);
	EXPECT_TRUE(has_line(report, "partial: pages: ",
			     "no time to read all vmalloc areas"));
	/* There may still be time for all pages, if most are free. */
	if (has_line(report, "partial: pages: saw", ""))
		EXPECT_TRUE(has_line(report, "census: ",
				     "no time to tell the pages"));
	EXPECT_FALSE(has_line(report, "verdict: pages", ""));
	EXPECT_FALSE(has_line(report, "verdict: counter-drift", ""));
	report_free(report);
	/* By itself it has all the time there is. */
	expect_moved(_metadata, "vmalloc", before, MANY_AREAS, 0);
	report = read_report(_metadata, "pages");
	EXPECT_STREQ("ok", report->state);
	report_free(report);
	ASSERT_EQ(0, plant("vmalloc", "free"));
}

/* Last: the pages are lost for this boot, if the kernel cannot take it back. */
#define POISONED	4

static void poison(void *arg)
{
	char *memory = mmap(NULL, POISONED * PAGE_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int i;

	if (memory == MAP_FAILED)
		_exit(EXIT_FAILURE);
	madvise(memory, POISONED * PAGE_BYTES, MADV_NOHUGEPAGE);
	memset(memory, 1, POISONED * PAGE_BYTES);
	for (i = 1; i < POISONED; i++) {
		if (madvise(memory + i * PAGE_BYTES, PAGE_BYTES,
			    MADV_SOFT_OFFLINE))
			_exit(EXIT_FAILURE);
	}
	child_wait(0);
	/* Does not come back: it is told by a signal. */
	madvise(memory, PAGE_BYTES, MADV_HWPOISON);
	_exit(EXIT_FAILURE);
}

TEST_F(page_holders, z_memory_errors)
{
	long long theirs = oracle_meminfo("HardwareCorrupted");
	long long before = count_now(_metadata, "hwpoison");
	struct report *report;
	struct child child;

	if (theirs < 0)
		SKIP(return, "no CONFIG_MEMORY_FAILURE");
	if (child_start(&child, poison, NULL)) {
		child_end(&child);
		SKIP(return, "pages cannot be taken offline");
	}
	EXPECT_EQ(before + POISONED - 1, count_now(_metadata, "hwpoison"));
	EXPECT_NE(0, child_go(&child));
	child_end(&child);
	oracle_settle();
	report = read_report(_metadata, "pages");
	EXPECT_STREQ("ok", report->state) {
		TH_LOG("%s", report->reason);
	}
	EXPECT_EQ(before + POISONED, census_pages(report, "hwpoison"));
	EXPECT_EQ(oracle_meminfo("MemTotal"), census_managed_kb(report));
	EXPECT_EQ(theirs + POISONED * PAGE_KB,
		  oracle_meminfo("HardwareCorrupted"));
	EXPECT_NE(NULL, strstr(report_comment(report,
					      "check HardwareCorrupted:"),
			       "difference 0 kB"));
	report_free(report);
}

TEST_HARNESS_MAIN
