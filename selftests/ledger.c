// SPDX-License-Identifier: GPL-2.0
/*
 * The ledger: every page of MemTotal is in exactly one account, in every read;
 * each account is what the kernel's own files say; and memory that no account
 * of the kernel's has is Ghost, to within one per cent.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "plant.h"
#include "report.h"

#define MIB_KB			1024LL
#define LEAK_KB			(128 * MIB_KB)
/* The demand: one per cent of what was leaked. */
#define LEAK_SLACK_KB		(LEAK_KB / 100)
#define LOADED_READS		200
#define TRIES			20
#define THREADS			7000
#define THREADS_STEP		500
#define THREAD_STACK_BYTES	(64 * 1024)

FIXTURE(ledger) {
	/* KASAN keeps freed objects in a quarantine, and shadows vmalloc. */
	bool kasan;
};

FIXTURE_SETUP(ledger)
{
	load_modules(_metadata);
	self->kasan = oracle_has_symbol("kasan_populate_vmalloc");
	oracle_settle();
}

FIXTURE_TEARDOWN(ledger)
{
	unload_modules(_metadata);
}

static long long sum_of_accounts(const struct report *report)
{
	long long sum = 0;
	int i;

	for (i = 0; i < report->nr_records; i++) {
		const char *account = report->records[i][0];
		long long kb = report_account(report, account);

		if (strcmp(account, "Total") && kb != NO_NUMBER)
			sum += kb;
	}
	return sum;
}

/* One account now, quiet counters; fails the test if the report is bad. */
static long long account_now(struct __test_metadata *_metadata,
			     const char *account)
{
	struct report *report;
	long long kb;

	oracle_settle();
	report = read_report(_metadata, "ledger");
	kb = report_account(report, account);
	ASSERT_NE(NO_NUMBER, kb) {
		TH_LOG("no account %s: %s", account, report->reason);
	}
	report_free(report);
	return kb;
}

static void churn_processes(void)
{
	for (;;) {
		pid_t pid = fork();

		if (!pid) {
			execl("/proc/self/exe", "ledger", "--nothing", NULL);
			_exit(1);
		}
		waitpid(pid, NULL, 0);
	}
}

static void churn_files(void)
{
	static char block[1 << 20];
	int round;

	for (round = 0;; round++) {
		int fd = open("/tmp/memtriage_ledger",
			      O_CREAT | O_TRUNC | O_WRONLY, 0600);

		for (int i = 0; i < 16; i++) {
			if (write(fd, block, sizeof(block)) < 0)
				break;
		}
		close(fd);
		unlink("/tmp/memtriage_ledger");
	}
}

TEST_F_TIMEOUT(ledger, total_is_the_sum_under_load, 300)
{
	void (*const loads[])(void) = { churn_processes, churn_files };
	pid_t pids[2];
	int i;

	for (i = 0; i < 2; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			loads[i]();
		}
	}
	ASSERT_EQ(0, plant("churn", "start 0"));
	for (i = 0; i < LOADED_READS; i++) {
		struct report *report;

		report = read_report(_metadata, "ledger");
		EXPECT_EQ(report_account(report, "Total"),
			  sum_of_accounts(report)) {
			TH_LOG("read %d", i);
		}
		report_free(report);
	}
	EXPECT_EQ(0, plant("churn", "stop"));
	for (i = 0; i < 2; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	unlink("/tmp/memtriage_ledger");
}

TEST_F(ledger, accounts_are_those_of_the_interface)
{
	static const char * const accounts[] = {
		"Total", "Free", "FreePcp", "LruAnon", "LruFile", "Unevictable",
		"Isolated", "SlabReclaimable", "SlabUnreclaimable",
		"KernelMisc", "Vmalloc", "KernelStack", "Percpu", "PageTables",
		"SecPageTables", "Hugetlb", "Zspages", "Writeback", "HwPoison",
		"Memmap", "Gpu", "Balloon", "Ghost",
	};
	struct report *report;
	size_t i;

	report = read_report(_metadata, "ledger");
	for (i = 0; i < ARRAY_SIZE(accounts); i++) {
		EXPECT_TRUE(report_has_account(report, accounts[i])) {
			TH_LOG("no line %s", accounts[i]);
		}
	}
	EXPECT_EQ((int)ARRAY_SIZE(accounts), report->nr_records);
	EXPECT_NE(NULL, report_comment(report, "GhostArticle:"));
	/*
	 * An account that is missing here is named, because it is in Ghost; but
	 * for kernel stacks, which are missing where they are vmalloc memory.
	 */
	for (i = 0; i < ARRAY_SIZE(accounts); i++) {
		if (report_account(report, accounts[i]) != NO_NUMBER ||
		    !strcmp(accounts[i], "KernelStack"))
			continue;
		EXPECT_NE(NULL, strstr(report->reason, accounts[i])) {
			TH_LOG("%s is '-', and the state says: %s %s",
			       accounts[i], report->state, report->reason);
		}
	}
	report_free(report);
}

/* What the kernel's own files say of an account, in kB; -1 if nothing. */
static long long meminfo_memtotal(void) { return oracle_meminfo("MemTotal"); }
static long long meminfo_free(void) { return oracle_meminfo("MemFree"); }
static long long meminfo_hugetlb(void) { return oracle_meminfo("Hugetlb"); }
static long long meminfo_tables(void) { return oracle_meminfo("PageTables"); }
static long long meminfo_vmalloc(void) { return oracle_meminfo("VmallocUsed"); }
static long long meminfo_recl(void) { return oracle_meminfo("SReclaimable"); }
static long long meminfo_unrecl(void) { return oracle_meminfo("SUnreclaim"); }

static long long meminfo_unevictable(void)
{
	return oracle_meminfo("Unevictable");
}

static long long meminfo_lru_anon(void)
{
	return oracle_meminfo("Active(anon)") +
	       oracle_meminfo("Inactive(anon)");
}

static long long meminfo_lru_file(void)
{
	return oracle_meminfo("Active(file)") +
	       oracle_meminfo("Inactive(file)");
}

static long long meminfo_percpu(void)
{
	long long first_chunk_kb = oracle_first_chunk_kb();

	return first_chunk_kb < 0 ? -1 :
		oracle_meminfo("Percpu") - first_chunk_kb;
}

/*
 * Slack: both files read the same counters, so on a quiet machine they agree to
 * the page; the ledger may add the per-CPU differences that meminfo leaves out,
 * and what the reading itself does lies between the two reads. With the
 * counters folded and the same value before and after, what is left is: for
 * Free and FreePcp one batch of 63 pages moving between the buddy lists and a
 * CPU's lists (mm/page_alloc.c, zone_batchsize()), for slab one slab of order 3
 * for the snapshot itself. Everything else is exact.
 */
#define BATCH_KB	(63 * 4)
#define ONE_SLAB_KB	32

static const struct {
	const char *account;
	long long (*kernel_says)(void);
	long long slack_kb;
} oracles[] = {
	{ "Total", meminfo_memtotal, 0 },
	{ "Free", meminfo_free, BATCH_KB },
	{ "FreePcp", oracle_pcp_kb, BATCH_KB },
	{ "LruAnon", meminfo_lru_anon, 0 },
	{ "LruFile", meminfo_lru_file, 0 },
	{ "Unevictable", meminfo_unevictable, 0 },
	{ "SlabReclaimable", meminfo_recl, ONE_SLAB_KB },
	{ "SlabUnreclaimable", meminfo_unrecl, ONE_SLAB_KB },
	{ "PageTables", meminfo_tables, 0 },
	{ "Hugetlb", meminfo_hugetlb, 0 },
	{ "Vmalloc", meminfo_vmalloc, 0 },
	{ "Percpu", meminfo_percpu, 0 },
};

TEST_F(ledger, accounts_are_what_the_kernel_says)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(oracles); i++) {
		long long slack = oracles[i].slack_kb;
		long long before = 0;
		long long after = 0;
		long long kb = 0;
		bool agree = false;
		int try;

		for (try = 0; try < TRIES && !agree; try++) {
			struct report *report;

			oracle_settle();
			before = oracles[i].kernel_says();
			report = read_report(_metadata, "ledger");
			kb = report_account(report, oracles[i].account);
			report_free(report);
			after = oracles[i].kernel_says();
			agree = before >= 0 && llabs(after - before) <= slack &&
				llabs(kb - before) <= slack;
		}
		EXPECT_TRUE(agree) {
			TH_LOG("%s: %lld kB, the kernel says %lld, then %lld",
			       oracles[i].account, kb, before, after);
		}
	}
}

TEST_F(ledger, raw_page_leaks_are_ghost)
{
	static const struct {
		const char *shape;
		int order;
	} leaks[] = {
		{ "raw", 0 }, { "raw", 4 }, { "compound", 4 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(leaks); i++) {
		const char *shape = leaks[i].shape;
		int order = leaks[i].order;
		long long before = account_now(_metadata, "Ghost");
		long long planted;
		long long after;

		ASSERT_EQ(0, plant("pages", "%s %d %lld", shape, order,
				   LEAK_KB / 4 >> order));
		planted = account_now(_metadata, "Ghost");
		ASSERT_EQ(0, plant("pages", "free"));
		after = account_now(_metadata, "Ghost");

		EXPECT_LE(llabs(planted - before - LEAK_KB), LEAK_SLACK_KB) {
			TH_LOG("%s order %d: Ghost %lld -> %lld kB", shape,
			       order, before, planted);
		}
		EXPECT_LE(llabs(after - before), LEAK_SLACK_KB) {
			TH_LOG("%s order %d: Ghost %lld -> %lld -> %lld kB",
			       shape, order, before, planted, after);
		}
	}
}

/*
 * Kernel stacks are vmalloc memory too and come and go with tasks, so the exact
 * figure is demanded of some attempt, not of the first.
 */
TEST_F(ledger, vmalloc_leak_is_vmalloc_and_not_ghost)
{
	const long long leak_kb = 64 * MIB_KB;
	bool exact = false;
	long long ghost;
	long long moved = 0;
	int try;

	ghost = account_now(_metadata, "Ghost");
	for (try = 0; try < TRIES && !exact; try++) {
		long long before = account_now(_metadata, "Vmalloc");
		long long planted;

		ASSERT_EQ(0, plant("vmalloc", "vmalloc 64 256"));
		planted = account_now(_metadata, "Vmalloc");
		if (!try) {
			/*
			 * Its kernel page tables, 1/512 of it, are in no
			 * account before v7.0.
			 */
			ghost = account_now(_metadata, "Ghost") - ghost;
			EXPECT_LE(-leak_kb / 100, ghost);
			EXPECT_GE(leak_kb / 100 +
				  (self->kasan ? leak_kb / 8 : 0), ghost);
		}
		ASSERT_EQ(0, plant("vmalloc", "free"));
		moved = planted - before;
		exact = moved == leak_kb &&
			account_now(_metadata, "Vmalloc") == before;
	}
	EXPECT_TRUE(exact) {
		TH_LOG("Vmalloc moved by %lld kB", moved);
	}
}

/* vmap() maps pages that somebody else has: these have no account. */
TEST_F(ledger, vmapped_pages_are_ghost_and_not_vmalloc)
{
	long long vmalloc = account_now(_metadata, "Vmalloc");
	long long ghost = account_now(_metadata, "Ghost");

	ASSERT_EQ(0, plant("vmalloc", "vmap 128 256"));
	ghost = account_now(_metadata, "Ghost") - ghost;
	vmalloc = account_now(_metadata, "Vmalloc") - vmalloc;
	ASSERT_EQ(0, plant("vmalloc", "free"));
	/* KASAN's shadow of the range, an eighth, is in no account either. */
	EXPECT_LE(LEAK_KB - LEAK_SLACK_KB, ghost);
	EXPECT_GE(LEAK_KB + LEAK_SLACK_KB + (self->kasan ? LEAK_KB / 8 : 0),
		  ghost);
	/* At most a few stacks of tasks. */
	EXPECT_LE(llabs(vmalloc), 128) {
		TH_LOG("Vmalloc moved by %lld kB", vmalloc);
	}
}

TEST_F(ledger, large_kmalloc_is_unreclaimable_slab)
{
	const long long leak_kb = 32 * MIB_KB;
	long long ghost = account_now(_metadata, "Ghost");
	long long before = account_now(_metadata, "SlabUnreclaimable");
	long long moved;

	ASSERT_EQ(0, plant("large", "65536 512"));
	moved = account_now(_metadata, "SlabUnreclaimable") - before;
	ghost = account_now(_metadata, "Ghost") - ghost;
	ASSERT_EQ(0, plant("large", "free"));
	/*
	 * Other slabs breathe by a few pages meanwhile; by more where what they
	 * free waits in KASAN's quarantine.
	 */
	EXPECT_LE(llabs(moved - leak_kb), leak_kb / (self->kasan ? 20 : 100)) {
		TH_LOG("SlabUnreclaimable moved by %lld kB", moved);
	}
	EXPECT_LE(llabs(ghost), leak_kb / 100) {
		TH_LOG("Ghost moved by %lld kB", ghost);
	}
}

TEST_F(ledger, huge_pages_are_hugetlb)
{
	static const char knob[] = "/proc/sys/vm/nr_hugepages";
	long long had = oracle_file(knob);
	long long before;
	long long moved;
	long long ghost;
	char text[32];
	long long got;

	if (had < 0)
		SKIP(return, "no huge pages in this kernel");
	before = account_now(_metadata, "Hugetlb");
	ghost = account_now(_metadata, "Ghost");
	snprintf(text, sizeof(text), "%lld", had + 16);
	ASSERT_EQ(0, oracle_write(knob, text));
	got = oracle_file(knob) - had;
	moved = account_now(_metadata, "Hugetlb") - before;
	ghost = account_now(_metadata, "Ghost") - ghost;
	snprintf(text, sizeof(text), "%lld", had);
	ASSERT_EQ(0, oracle_write(knob, text));

	ASSERT_GT(got, 0);
	EXPECT_EQ(got * oracle_meminfo("Hugepagesize"), moved);
	/* Compaction for them shuffles pages, and what it isolated returns. */
	EXPECT_LE(llabs(ghost), moved / 100) {
		TH_LOG("Ghost moved by %lld kB", ghost);
	}
	EXPECT_EQ(before, account_now(_metadata, "Hugetlb"));
}

static long long article_from_meminfo(void)
{
	return oracle_meminfo("MemTotal") - oracle_meminfo("MemFree") -
	       (oracle_meminfo("Slab") + oracle_meminfo("VmallocUsed") +
		oracle_meminfo("PageTables") + oracle_meminfo("KernelStack") +
		oracle_meminfo("HardwareCorrupted") + oracle_meminfo("Bounce")) -
	       (oracle_meminfo("Active") + oracle_meminfo("Inactive") +
		oracle_meminfo("Unevictable")) -
	       oracle_meminfo("HugePages_Total") *
	       oracle_meminfo("Hugepagesize");
}

static long long article_now(struct __test_metadata *_metadata)
{
	struct report *report;
	const char *comment;
	long long kb;
	char *unit;

	report = read_report(_metadata, "ledger");
	comment = report_comment(report, "GhostArticle:");
	ASSERT_NE(NULL, comment);
	ASSERT_EQ(comment, strstr(comment, "GhostArticle: "));
	kb = strtoll(comment + strlen("GhostArticle: "), &unit, 10);
	ASSERT_STREQ(" kB", unit);
	report_free(report);
	return kb;
}

/* meminfo is opened once per term, so a batch of free pages may move between. */
TEST_F(ledger, article_is_the_classic_formula)
{
	long long before = 0;
	long long after = 0;
	long long kb = 0;
	bool agree = false;
	int try;

	for (try = 0; try < TRIES && !agree; try++) {
		oracle_settle();
		before = article_from_meminfo();
		kb = article_now(_metadata);
		after = article_from_meminfo();
		agree = llabs(after - before) <= BATCH_KB &&
			llabs(kb - before) <= BATCH_KB;
	}
	EXPECT_TRUE(agree) {
		TH_LOG("GhostArticle %lld kB, meminfo says %lld, then %lld",
		       kb, before, after);
	}
}

static pthread_mutex_t hold = PTHREAD_MUTEX_INITIALIZER;

static void *wait_for_hold(void *nothing)
{
	pthread_mutex_lock(&hold);
	pthread_mutex_unlock(&hold);
	return NULL;
}

/*
 * The classic formula subtracts kernel stacks twice where they are vmalloc
 * memory. Enough threads make it negative, and negative it is printed.
 */
TEST_F(ledger, figures_are_signed)
{
	static pthread_t threads[THREADS];
	pthread_attr_t attributes;
	long long before;
	long long after;
	int nr;

	before = article_now(_metadata);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, THREAD_STACK_BYTES);
	pthread_mutex_lock(&hold);
	after = before;
	for (nr = 0; nr < THREADS && after >= 0; nr++) {
		if (pthread_create(&threads[nr], &attributes, wait_for_hold,
				   NULL))
			break;
		if (nr % THREADS_STEP == 0) {
			oracle_settle();
			after = article_from_meminfo();
		}
	}
	if (after < 0) {
		after = article_now(_metadata);
		EXPECT_LT(after, 0);
	}
	pthread_mutex_unlock(&hold);
	while (nr--)
		pthread_join(threads[nr], NULL);
	if (after >= 0)
		SKIP(return, "cannot make it negative here: %lld -> %lld kB",
		     before, after);
}

int main(int argc, char **argv)
{
	/* What churn_processes() executes: as little as possible. */
	if (argc == 2 && !strcmp(argv[1], "--nothing"))
		return 0;
	return test_harness_run(argc, argv);
}
