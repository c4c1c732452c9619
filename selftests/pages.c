// SPDX-License-Identifier: GPL-2.0
/*
 * The pages report: every page of MemTotal in one class, the kernel's counters
 * beside the pages they should count, and each kind of memory, planted for
 * real, in its class to the page.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "census.h"
#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "plant.h"
#include "report.h"

#define TRIES		20
#define ROUNDS		6
#define PAGE_KB		4
#define PAGE_BYTES	4096

FIXTURE(pages) {
};

FIXTURE_SETUP(pages)
{
	load_modules(_metadata);
}

FIXTURE_TEARDOWN(pages)
{
	unload_modules(_metadata);
}

TEST_F(pages, managed_classes_sum_to_memtotal)
{
	long long managed = 0;
	long long total = 0;
	bool agree = false;
	int try;

	for (try = 0; try < TRIES && !agree; try++) {
		struct report *report = read_report(_metadata, "pages");

		managed = census_managed_kb(report);
		total = oracle_meminfo("MemTotal");
		agree = managed == total && !strcmp(report->state, "ok");
		if (try == TRIES - 1)
			TH_LOG("state %s: %s", report->state, report->reason);
		report_free(report);
	}
	EXPECT_TRUE(agree) {
		TH_LOG("managed %lld kB, MemTotal %lld kB", managed, total);
	}
}

/* On a quiet machine each of these counts what it should, to the page. */
TEST_F(pages, counters_are_their_pages)
{
	static const char * const counters[] = {
		"MemFree", "FreePcp", "Slab", "PageTables", "VmallocUsed",
		"Percpu", "Hugetlb", "Zspages", "HardwareCorrupted",
	};
	bool agrees[9] = { };
	size_t c;
	int try;

	for (try = 0; try < TRIES; try++) {
		struct report *report;

		oracle_settle();
		report = read_report(_metadata, "pages");
		for (c = 0; c < 9; c++) {
			char head[64];
			const char *line;

			snprintf(head, sizeof(head), "check %s:", counters[c]);
			line = report_comment(report, head);
			ASSERT_NE(NULL, line) {
				TH_LOG("no check of %s", counters[c]);
			}
			agrees[c] |= !!strstr(line, "difference 0 kB");
			if (try == TRIES - 1 && !agrees[c])
				TH_LOG("%s", line);
		}
		report_free(report);
		for (c = 0; c < 9 && agrees[c]; c++)
			;
		if (c == 9)
			break;
	}
	for (c = 0; c < 9; c++)
		EXPECT_TRUE(agrees[c]);
}

/*
 * By how much a class moves when @undo and @do come one after the other; the
 * machine has a life of its own, so in one of some rounds.
 */
static long long planted(struct __test_metadata *_metadata, const char *class,
			 long long expected, const char *kind, const char *add)
{
	long long moved = 0;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		long long before = count_now(_metadata, class);

		ASSERT_EQ(0, plant(kind, "%s", add));
		moved = count_now(_metadata, class) - before;
		ASSERT_EQ(0, plant(kind, "free"));
		if (moved == expected)
			break;
	}
	return moved;
}

TEST_F(pages, raw_pages_are_ghosts)
{
	EXPECT_EQ(3001, planted(_metadata, "ghost", 3001, "pages",
				"raw 0 3001"));
	EXPECT_EQ(500 << 4, planted(_metadata, "ghost", 500 << 4, "pages",
				    "raw 4 500"));
	EXPECT_EQ(7 << 9, planted(_metadata, "ghost", 7 << 9, "pages",
				  "raw 9 7"));
	EXPECT_EQ(300 << 3, planted(_metadata, "ghost", 300 << 3, "pages",
				    "compound 3 300"));
}

TEST_F(pages, large_kmalloc_is_no_ghost)
{
	EXPECT_EQ(100 << 3, planted(_metadata, "large_kmalloc", 100 << 3,
				    "large", "20000 100"));
	EXPECT_EQ(0, planted(_metadata, "ghost", 0, "large", "20000 100"));
}

TEST_F(pages, vmalloc_has_its_class)
{
	EXPECT_EQ(7 * 33, planted(_metadata, "vmalloc", 7 * 33, "vmalloc",
				  "vmalloc 7 33"));
	EXPECT_EQ(3 * 5, planted(_metadata, "vmalloc_user", 3 * 5, "vmalloc",
				 "user 3 5"));
	/* KASAN keeps a shadow of it, in pages that nobody counts. */
	if (!oracle_has_symbol("kasan_report"))
		EXPECT_EQ(0, planted(_metadata, "ghost", 0, "vmalloc",
				     "vmalloc 7 33"));
}

/* meminfo counts the first chunk, too, which never changes. */
TEST_F(pages, percpu_is_what_meminfo_says)
{
	long long before = count_now(_metadata, "percpu");
	long long first = oracle_meminfo("Percpu") / PAGE_KB - before;
	long long after = 0;
	int try;

	ASSERT_EQ(0, plant("percpu", "16384 100"));
	/* Pages are added in the background, too. */
	for (try = 0; try < TRIES; try++) {
		after = count_now(_metadata, "percpu");
		if (after == oracle_meminfo("Percpu") / PAGE_KB - first)
			break;
	}
	EXPECT_LT(try, TRIES);
	/* Four pages for each on each CPU; half of them may have been there, and free. */
	EXPECT_LE(before + 200 * oracle_cpus(), after);
	ASSERT_EQ(0, plant("percpu", "free"));
}

TEST_F(pages, hugetlb_in_use_and_free)
{
	const char *nr = "/proc/sys/vm/nr_hugepages";
	long long size = oracle_meminfo("Hugepagesize") / PAGE_KB;
	long long had = oracle_file(nr);
	long long in_use;
	long long pool;
	char text[32];
	void *huge;

	if (had < 0)
		SKIP(return, "no huge pages");
	in_use = count_now(_metadata, "hugetlb");
	pool = count_now(_metadata, "hugetlb_free");
	snprintf(text, sizeof(text), "%lld", had + 4);
	ASSERT_EQ(0, oracle_write(nr, text));
	EXPECT_EQ(pool + 4 * size, count_now(_metadata, "hugetlb_free"));
	huge = mmap(NULL, size * PAGE_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	ASSERT_NE(MAP_FAILED, huge);
	memset(huge, 1, size * PAGE_BYTES);
	EXPECT_EQ(pool + 3 * size, count_now(_metadata, "hugetlb_free"));
	EXPECT_EQ(in_use + size, count_now(_metadata, "hugetlb"));
	munmap(huge, size * PAGE_BYTES);
	snprintf(text, sizeof(text), "%lld", had);
	ASSERT_EQ(0, oracle_write(nr, text));
	EXPECT_EQ(pool, count_now(_metadata, "hugetlb_free"));
}

#define USER_PAGES	4096
#define USER_SLACK	64

TEST_F(pages, anonymous_memory_also_huge_and_locked)
{
	long long before = count_now(_metadata, "anon");
	char *memory;

	memory = mmap(NULL, USER_PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, memory);
	madvise(memory, USER_PAGES * PAGE_BYTES, MADV_HUGEPAGE);
	ASSERT_EQ(0, mlock(memory, USER_PAGES * PAGE_BYTES));
	memset(memory, 1, USER_PAGES * PAGE_BYTES);
	expect_moved(_metadata, "anon", before, USER_PAGES, 600);
	munmap(memory, USER_PAGES * PAGE_BYTES);
	expect_moved(_metadata, "anon", before, 0, USER_SLACK);
}

static void write_pages(struct __test_metadata *_metadata, int fd)
{
	static char page[PAGE_BYTES];
	int i;

	memset(page, 1, sizeof(page));
	for (i = 0; i < USER_PAGES; i++)
		ASSERT_EQ(PAGE_BYTES, write(fd, page, PAGE_BYTES));
}

TEST_F(pages, shared_memory_and_page_cache)
{
	long long shmem = count_now(_metadata, "shmem");
	long long file;
	int fd;

	fd = syscall(SYS_memfd_create, "pages", 0);
	ASSERT_LE(0, fd);
	write_pages(_metadata, fd);
	expect_moved(_metadata, "shmem", shmem, USER_PAGES, USER_SLACK);
	close(fd);
	expect_moved(_metadata, "shmem", shmem, 0, USER_SLACK);

	mkdir("/tmp", 0700);
	mkdir("/tmp/ramfs", 0700);
	if (mount("none", "/tmp/ramfs", "ramfs", 0, NULL))
		SKIP(return, "no ramfs");
	file = count_now(_metadata, "file");
	fd = open("/tmp/ramfs/file", O_CREAT | O_WRONLY, 0600);
	ASSERT_LE(0, fd);
	write_pages(_metadata, fd);
	close(fd);
	expect_moved(_metadata, "file", file, USER_PAGES, USER_SLACK);
	ASSERT_EQ(0, umount("/tmp/ramfs"));
	expect_moved(_metadata, "file", file, 0, USER_SLACK);
}

#define RING_PAGES	4096

TEST_F(pages, packet_rings_are_mapped_driver_pages)
{
	struct tpacket_req req = {
		.tp_block_size = 4 * PAGE_BYTES,
		.tp_block_nr = RING_PAGES / 4,
		.tp_frame_size = 2048,
		.tp_frame_nr = RING_PAGES * 2,
	};
	long long mapped = count_now(_metadata, "mapped_driver");
	long long all = count_now(_metadata, "ghost+");
	void *ring;
	int fd;

	fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
	if (fd < 0)
		SKIP(return, "no packet sockets");
	ASSERT_EQ(0, setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &req,
				sizeof(req)));
	expect_moved(_metadata, "ghost+", all, RING_PAGES, GHOST_NOISE);
	ring = mmap(NULL, RING_PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, ring);
	expect_moved(_metadata, "mapped_driver", mapped, RING_PAGES, CLOCK_PAGES);
	munmap(ring, RING_PAGES * PAGE_BYTES);
	close(fd);
	expect_moved(_metadata, "mapped_driver", mapped, 0, CLOCK_PAGES);
}

#define PIPE_PAGES	16
#define PIPES		256

TEST_F(pages, pipes_are_in_no_counter)
{
	long long before = count_now(_metadata, "ghost+");
	static char bytes[PIPE_PAGES * PAGE_BYTES];
	int pipes[PIPES][2];
	int i;

	for (i = 0; i < PIPES; i++) {
		ASSERT_EQ(0, pipe(pipes[i]));
		ASSERT_EQ((ssize_t)sizeof(bytes),
			  write(pipes[i][1], bytes, sizeof(bytes)));
	}
	expect_moved(_metadata, "ghost+", before, PIPES * PIPE_PAGES, GHOST_NOISE);
	for (i = 0; i < PIPES; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
	expect_moved(_metadata, "ghost+", before, 0, GHOST_NOISE);
}

/* Each reads all of the memory map, one system call for 32 MiB of it. */
#define KPF_TRIES	6

#define KPF_SLAB	7
#define KPF_ANON	12
#define KPF_HWPOISON	19
#define KPF_PGTABLE	26

/*
 * The second oracle: how many pages carry a flag in /proc/kpageflags, which says
 * of some slabs and of pages with a memory error that they are anonymous, too.
 */
static long long kpageflags(unsigned int flag)
{
	static uint64_t flags[8192];
	long long pages = 0;
	ssize_t bytes;
	int fd;
	int i;

	fd = open("/proc/kpageflags", O_RDONLY);
	if (fd < 0)
		return -1;
	while ((bytes = read(fd, flags, sizeof(flags))) > 0) {
		for (i = 0; i < bytes / 8; i++)
			pages += (flags[i] >> flag & 1) &&
				!(flags[i] >> KPF_HWPOISON & 1) &&
				(flag == KPF_SLAB || !(flags[i] >> KPF_SLAB & 1));
	}
	close(fd);
	return pages;
}

TEST_F(pages, kpageflags_agrees)
{
	static const struct {
		const char *class;
		unsigned int flag;
	} flags[] = {
		{ "slab", KPF_SLAB },
		{ "anon", KPF_ANON },
		{ "page_tables", KPF_PGTABLE },
	};
	size_t f;
	int try;

	if (kpageflags(KPF_SLAB) < 0)
		SKIP(return, "no /proc/kpageflags");
	for (f = 0; f < 3; f++) {
		long long before = count_now(_metadata, flags[f].class);
		bool agree = false;

		/* What reading takes for itself stands between two counts. */
		for (try = 0; try < KPF_TRIES && !agree; try++) {
			long long theirs = kpageflags(flags[f].flag);
			long long after = count_now(_metadata, flags[f].class);

			agree = (before <= theirs && theirs <= after) ||
				(after <= theirs && theirs <= before);
			if (!agree) {
				TH_LOG("class %s: %lld, then %lld by kpageflags, then %lld",
				       flags[f].class, before, theirs, after);
			}
			before = after;
		}
		EXPECT_TRUE(agree);
	}
}

#define DRIFT_KB	(200 * 1024)

/* A counter that is wrong is told, and is not taken for memory. */
TEST_F(pages, a_counter_that_drifts_is_a_verdict)
{
	long long ghost = count_now(_metadata, "ghost");
	struct report *report;
	const char *line;
	bool told = false;
	long long off = 0;
	int i;

	/* All of memory, however slow the machine is. */
	ASSERT_EQ(0, module_reload("summary_ms=60000"));
	ASSERT_EQ(0, plant("drift", "%d", DRIFT_KB / PAGE_KB));
	report = read_report(_metadata, "pages");
	line = report_comment(report, "check Slab:");
	ASSERT_NE(NULL, line);
	line = strstr(line, "difference ");
	ASSERT_NE(NULL, line);
	sscanf(line, "difference %lld", &off);
	report_free(report);
	/* What may be large kmalloc is taken for it, where it has no mark. */
	EXPECT_LE(DRIFT_KB - (ghost + 600) * PAGE_KB, off);
	EXPECT_GE(DRIFT_KB + 600 * PAGE_KB, off);

	report = read_report(_metadata, "summary");
	for (i = 0; i < report->nr_records; i++)
		told |= !strncmp(report->records[i][0],
				 "verdict: counter-drift ", 23);
	EXPECT_TRUE(told) {
		TH_LOG("%s", report->records[0][0]);
	}
	report_free(report);
	ASSERT_EQ(0, plant("drift", "free"));

	report = read_report(_metadata, "summary");
	for (i = 0; i < report->nr_records; i++)
		EXPECT_NE(0, strncmp(report->records[i][0],
				     "verdict: counter-drift ", 23));
	report_free(report);
}

TEST_HARNESS_MAIN
