// SPDX-License-Identifier: GPL-2.0
/*
 * Incidents as they happen, of amounts that nobody chose: the summary must name
 * each with its size, with who holds it, and with what to do about it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "report.h"
#include "sock.h"
#include "verdict.h"

#define MIB		(1024 * 1024)
#define NAME		"mt_culprit"
#define DIR		"/tmp/mt_verdicts"
#define OTHER_DIR	"/tmp/mt_verdicts_2"
#define NSFILE		"/tmp/mt_verdicts_ns"
#define CGROUP		"/sys/fs/cgroup/mt_verdicts"
#define CGROUP_ROOT	"/sys/fs/cgroup"

FIXTURE(verdicts) {
};

/* Loaded once: on an old kernel under emulation that takes a second. */
FIXTURE_SETUP(verdicts)
{
	if (geteuid())
		SKIP(return, "needs root");
	if (!module_is_loaded(MEMTRIAGE))
		ASSERT_EQ(0, module_load(MEMTRIAGE, ""));
	/* The question is what is said, not how fast a guest is. */
	ASSERT_EQ(0, module_set("summary_ms", "20000"));
	oracle_write("/proc/sys/vm/drop_caches", "3");
	mkdir(DIR, 0700);
	mkdir(OTHER_DIR, 0700);
}

FIXTURE_TEARDOWN(verdicts)
{
	umount2(DIR, MNT_DETACH);
	umount2(OTHER_DIR, MNT_DETACH);
}

/*
 * So many percent of the machine or a little more, in MiB. The seed is told, and
 * MT_SEED repeats a run.
 */
static int part(int percent)
{
	static bool seeded;
	long long mib = oracle_meminfo("MemTotal") / 1024 * percent / 100;

	if (!seeded) {
		const char *given = getenv("MT_SEED");
		unsigned int seed = given ? atoi(given) : time(NULL);

		seeded = true;
		printf("# MT_SEED=%u\n", seed);
		srand(seed);
	}
	return mib + rand() % (mib / 8 + 1);
}

static bool is_debug(void)
{
	return oracle_has_symbol("kasan_quarantine_put");
}

static void fail(void)
{
	_exit(EXIT_FAILURE);
}

static int fill(const char *path, int mib)
{
	static char block[MIB];
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	int i;

	memset(block, 1, sizeof(block));
	for (i = 0; fd >= 0 && i < mib; i++) {
		if (write(fd, block, sizeof(block)) != sizeof(block))
			fail();
	}
	return fd;
}

static void *take(int mib, int flags)
{
	char *memory = mmap(NULL, (size_t)mib * MIB, PROT_READ | PROT_WRITE,
			    flags | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail();
	memset(memory, 1, (size_t)mib * MIB);
	return memory;
}

static struct report *summary_now(struct __test_metadata *_metadata)
{
	return read_report(_metadata, "summary");
}

static void log_verdicts(const struct report *report)
{
	int i;

	for (i = 0; i < report->nr_records; i++) {
		if (verdict_is_line(report, i, "host: "))
			break;
		printf("# | %s\n", report->records[i][0]);
	}
}

/* struct expected - a verdict: of what size, with which words, and what to do */
struct expected {
	const char *kind;
	double mib;
	const char *words;
	const char *next;
	double next_mib;
};

static bool is_near(double seen, double expected)
{
	double off = seen - expected;

	/* page tables, headers of packets, the rest of a last page */
	return (off < 0 ? -off : off) <= expected / 25 + 0.5;
}

static int expect_verdict(struct __test_metadata *_metadata,
			  const struct report *report,
			  const struct expected *expected)
{
	int verdict = verdict_find(report, expected->kind, expected->words);
	const char *next = verdict_next(report, verdict);
	double mib = 0;
	char unit[8] = "";

	EXPECT_LE(0, verdict) {
		TH_LOG("no %s verdict of %.1f MiB that says '%s'",
		       expected->kind, expected->mib,
		       expected->words ? expected->words : "");
		log_verdicts(report);
	}
	if (verdict < 0)
		return verdict;
	if (sscanf(report->records[verdict][0], "verdict: %*s %lf %7s", &mib,
		   unit) == 2 && !strcmp(unit, "GiB"))
		mib *= 1024;
	EXPECT_TRUE(is_near(mib, expected->mib)) {
		TH_LOG("%.1f MiB, expected %.1f", mib, expected->mib);
		log_verdicts(report);
	}
	EXPECT_NE(NULL, strstr(next, expected->next)) {
		TH_LOG("'%s' does not say '%s'", next, expected->next);
		log_verdicts(report);
	}
	if (expected->next_mib)
		EXPECT_TRUE(is_near(verdict_mib(next), expected->next_mib)) {
			TH_LOG("%s: expected %.1f", next, expected->next_mib);
			log_verdicts(report);
		}
	return verdict;
}

/* One incident, its culprit a process that is to be killed. */
static void expect_killed(struct __test_metadata *_metadata, const char *kind,
			  void (*work)(void *arg), int mib, const char *words)
{
	struct report *report;
	struct child child;
	char next[64];

	ASSERT_EQ(0, child_start(&child, work, &mib));
	snprintf(next, sizeof(next), "next: kill %d (" NAME ": ~", child.pid);
	report = summary_now(_metadata);
	expect_verdict(_metadata, report, &(struct expected) {
		.kind = kind, .mib = mib, .words = words, .next = next,
		.next_mib = mib });
	report_free(report);
	child_end(&child);
}

static void take_memory(void *arg)
{
	prctl(PR_SET_NAME, NAME);
	take(*(int *)arg, MAP_PRIVATE);
}

TEST_F_TIMEOUT(verdicts, a_process, 120)
{
	expect_killed(_metadata, "process", take_memory, part(27), NAME);
}

static void hold_unlinked(void *arg)
{
	prctl(PR_SET_NAME, NAME);
	if (mount("tmpfs", DIR, "tmpfs", 0, NULL) ||
	    fill(DIR "/log", *(int *)arg) < 0 || unlink(DIR "/log"))
		fail();
}

TEST_F_TIMEOUT(verdicts, an_unlinked_file, 120)
{
	expect_killed(_metadata, "tmpfs", hold_unlinked, part(7), DIR);
}

static void hold_many_unlinked(void *arg)
{
	int i;

	prctl(PR_SET_NAME, NAME);
	if (mount("tmpfs", DIR, "tmpfs", 0, NULL))
		fail();
	for (i = 0; i < *(int *)arg; i++) {
		if (fill(DIR "/log", 1) < 0 || unlink(DIR "/log"))
			fail();
	}
}

TEST_F_TIMEOUT(verdicts, many_unlinked_files, 120)
{
	expect_killed(_metadata, "tmpfs", hold_many_unlinked, part(6), DIR);
}

static void hold_detached(void *arg)
{
	prctl(PR_SET_NAME, NAME);
	if (mount("tmpfs", DIR, "tmpfs", 0, NULL) ||
	    fill(DIR "/log", *(int *)arg) < 0 || umount2(DIR, MNT_DETACH))
		fail();
}

TEST_F_TIMEOUT(verdicts, a_file_of_a_detached_mount, 120)
{
	expect_killed(_metadata, "tmpfs", hold_detached, part(6), "unmounted");
}

static void stand_in_detached(void *arg)
{
	prctl(PR_SET_NAME, NAME);
	if (mount("tmpfs", DIR, "tmpfs", 0, NULL) ||
	    close(fill(DIR "/log", *(int *)arg)) || chdir(DIR) ||
	    umount2(DIR, MNT_DETACH))
		fail();
}

TEST_F_TIMEOUT(verdicts, a_directory_of_a_detached_mount, 120)
{
	expect_killed(_metadata, "tmpfs", stand_in_detached, part(6),
		      "unmounted");
}

static void hold_memfd(void *arg)
{
	char path[32];
	int fd = syscall(SYS_memfd_create, "mt_buffer", 0);

	prctl(PR_SET_NAME, NAME);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	close(fill(path, *(int *)arg));
}

TEST_F_TIMEOUT(verdicts, a_memfd, 120)
{
	expect_killed(_metadata, "tmpfs", hold_memfd, part(6),
		      "memfd:mt_buffer");
}

static void share_memory(void *arg)
{
	prctl(PR_SET_NAME, NAME);
	take(*(int *)arg, MAP_SHARED);
}

TEST_F_TIMEOUT(verdicts, shared_anonymous_memory, 120)
{
	expect_killed(_metadata, "tmpfs", share_memory, part(6),
		      "shared anonymous");
}

TEST_F_TIMEOUT(verdicts, a_segment_that_nobody_attaches, 120)
{
	int mib = part(6);
	int other = shmget(IPC_PRIVATE, MIB, 0600);
	int id = shmget(IPC_PRIVATE, (size_t)mib * MIB, 0600);
	struct report *report;
	char next[64];
	void *memory;

	memory = shmat(id, NULL, 0);
	ASSERT_NE((void *)-1, memory);
	memset(memory, 1, (size_t)mib * MIB);
	ASSERT_EQ(0, shmdt(memory));
	snprintf(next, sizeof(next), "ipcrm -m %d (", id);
	report = summary_now(_metadata);
	expect_verdict(_metadata, report, &(struct expected) {
		.kind = "tmpfs", .mib = mib, .words = "SysV shm",
		.next = next, .next_mib = mib });
	report_free(report);
	shmctl(id, IPC_RMID, NULL);
	shmctl(other, IPC_RMID, NULL);
}

static unsigned long mount_ns(pid_t pid)
{
	struct stat stat;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", pid);
	return fstatat(AT_FDCWD, path, &stat, 0) ? 0 : stat.st_ino;
}

static void live_in_container(void *arg)
{
	prctl(PR_SET_NAME, NAME);
	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("root", DIR, "tmpfs", 0, NULL) || mkdir(DIR "/dev", 0700) ||
	    mkdir(DIR "/dev/shm", 0700) ||
	    mount("shm", DIR "/dev/shm", "tmpfs", 0, NULL) ||
	    chdir(DIR) || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") ||
	    close(fill("/dev/shm/cache", *(int *)arg)))
		fail();
}

TEST_F_TIMEOUT(verdicts, a_tmpfs_of_a_container, 120)
{
	int mib = part(6);
	struct report *report;
	struct child child;
	char words[96], next[96];

	ASSERT_EQ(0, child_start(&child, live_in_container, &mib));
	snprintf(words, sizeof(words), "/dev/shm (mount namespace %lu)",
		 mount_ns(child.pid));
	snprintf(next, sizeof(next), "nsenter -t %d -m du -xm /dev/shm",
		 child.pid);
	report = summary_now(_metadata);
	expect_verdict(_metadata, report, &(struct expected) {
		.kind = "tmpfs", .mib = mib, .words = words, .next = next,
		.next_mib = mib });
	report_free(report);
	child_end(&child);
}

static void make_ns(void *arg)
{
	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", DIR, "tmpfs", 0, NULL) ||
	    close(fill(DIR "/cache", *(int *)arg)))
		fail();
}

TEST_F_TIMEOUT(verdicts, a_namespace_without_a_process, 120)
{
	int mib = part(6);
	struct report *report;
	struct child child;
	char path[64];
	char words[96];

	ASSERT_EQ(0, child_start(&child, make_ns, &mib));
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", child.pid);
	snprintf(words, sizeof(words), DIR " (mount namespace %lu)",
		 mount_ns(child.pid));
	close(open(NSFILE, O_CREAT, 0600));
	ASSERT_EQ(0, mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	ASSERT_EQ(0, mount(path, NSFILE, NULL, MS_BIND, NULL));
	child_end(&child);
	report = summary_now(_metadata);
	expect_verdict(_metadata, report, &(struct expected) {
		.kind = "tmpfs", .mib = mib, .words = words,
		.next = "no process", .next_mib = mib });
	report_free(report);
	ASSERT_EQ(0, umount(NSFILE));
	unlink(NSFILE);
}

static void map_ring(void *arg)
{
	struct tpacket_req request = {
		.tp_block_size = MIB,
		.tp_block_nr = *(int *)arg,
		.tp_frame_size = 2048,
		.tp_frame_nr = MIB / 2048 * *(int *)arg,
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	prctl(PR_SET_NAME, NAME);
	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &request,
				 sizeof(request)))
		fail();
}

TEST_F_TIMEOUT(verdicts, a_packet_ring, 120)
{
	expect_killed(_metadata, "sockets", map_ring, part(4), "rings");
}

static void enlarge(int fd, int mib)
{
	int bytes = mib * MIB;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
}

/* Sends until so much is charged to who is charged for it. */
static void send_until(int to, int charged, int index, int bytes, int mib)
{
	static char data[65000];
	unsigned int info[9] = { 0 };

	while (info[index] < (unsigned int)mib * MIB) {
		socklen_t length = sizeof(info);

		if (send(to, data, bytes, MSG_DONTWAIT) < 0 ||
		    getsockopt(charged, SOL_SOCKET, 55, info, &length))
			fail();
	}
}

static void queue_unix(void *arg)
{
	int pair[2];

	prctl(PR_SET_NAME, NAME);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		fail();
	enlarge(pair[0], 2 * *(int *)arg);
	send_until(pair[0], pair[0], 2, 30000, *(int *)arg);
}

TEST_F_TIMEOUT(verdicts, a_unix_queue, 120)
{
	expect_killed(_metadata, "sockets", queue_unix, part(4), "unix");
}

static void queue_udp(void *arg)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	prctl(PR_SET_NAME, NAME);
	enlarge(fd, 2 * *(int *)arg);
	if (bind(fd, (void *)&address, length) ||
	    getsockname(fd, (void *)&address, &length) ||
	    connect(fd, (void *)&address, length))
		fail();
	send_until(fd, fd, 0, 700, *(int *)arg);
}

TEST_F_TIMEOUT(verdicts, a_udp_queue_of_small_packets, 120)
{
	expect_killed(_metadata, "sockets", queue_udp, part(4), "udp");
}

#define NR_SOCKETS	1200
#define PACKETS		24

/* So many that most are no records. */
static void queue_in_many(void *arg)
{
	struct rlimit limit = { 2 * NR_SOCKETS, 2 * NR_SOCKETS };
	int i;

	prctl(PR_SET_NAME, NAME);
	setrlimit(RLIMIT_NOFILE, &limit);
	for (i = 0; i < NR_SOCKETS; i++) {
		int fd = sock_udp(0, MIB);

		if (fd < 0 || sock_send(fd, PACKETS, 700) != PACKETS)
			fail();
		*(long long *)arg += sock_memory(fd).rx;
	}
	child_wait(*(long long *)arg);
}

TEST_F_TIMEOUT(verdicts, many_sockets_of_one_process, 120)
{
	long long bytes = 0;
	struct report *report;
	struct child child;
	char next[64];

	ASSERT_EQ(0, child_start(&child, queue_in_many, &bytes));
	snprintf(next, sizeof(next), "next: kill %d (" NAME ": ~", child.pid);
	report = summary_now(_metadata);
	expect_verdict(_metadata, report, &(struct expected) {
		.kind = "sockets", .mib = child.said / (double)MIB,
		.words = "1200 sockets of " NAME, .next = next,
		.next_mib = child.said / (double)MIB });
	/* Where debugging pads each object, caches are larger than packets. */
	if (!is_debug())
		EXPECT_EQ(-1, verdict_find(report, "slab", NULL));
	report_free(report);
	child_end(&child);
}

static void queue_netlink(void *arg)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	socklen_t length = sizeof(address);
	int from = socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK);
	int to = socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK);

	prctl(PR_SET_NAME, NAME);
	enlarge(to, 2 * *(int *)arg);
	enlarge(from, 2 * *(int *)arg);
	if (bind(to, (void *)&address, length) ||
	    getsockname(to, (void *)&address, &length) ||
	    connect(from, (void *)&address, length))
		fail();
	send_until(from, to, 0, 20000, *(int *)arg);
}

TEST_F_TIMEOUT(verdicts, a_netlink_queue, 120)
{
	expect_killed(_metadata, "sockets", queue_netlink, part(4), "netlink");
}

static bool join_cgroup(void)
{
	return !oracle_write(CGROUP_ROOT "/cgroup.subtree_control", "+memory") &&
		(!mkdir(CGROUP, 0700) || !access(CGROUP, F_OK)) &&
		!oracle_write(CGROUP "/cgroup.procs", "0");
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

static bool has_cgroups(void)
{
	return !access(CGROUP_ROOT "/cgroup.controllers", R_OK) &&
		!oracle_write(CGROUP_ROOT "/cgroup.subtree_control", "+memory");
}

static void fill_in_cgroup(void *arg)
{
	if (!join_cgroup() || mount("tmpfs", DIR, "tmpfs", 0, NULL) ||
	    close(fill(DIR "/cache", *(int *)arg)) ||
	    oracle_write(CGROUP_ROOT "/cgroup.procs", "0"))
		fail();
}

static long long dying_kb(struct __test_metadata *_metadata)
{
	struct report *report = read_report(_metadata, "cgroups");
	int i = report_find(report, "state", "dying");
	long long kb = i < 0 ? 0 : report_number(report, i, "kB");

	report_free(report);
	return kb;
}

TEST_F_TIMEOUT(verdicts, a_dying_cgroup, 120)
{
	int mib = part(6);
	struct report *report;
	struct child child;
	int tries;

	if (!has_cgroups())
		SKIP(return, "no memory controller in cgroup2");
	ASSERT_EQ(0, child_start(&child, fill_in_cgroup, &mib));
	for (tries = 0; rmdir(CGROUP) && tries < 50; tries++)
		usleep(20000);
	usleep(100000);
	report = summary_now(_metadata);
	expect_verdict(_metadata, report, &(struct expected) {
		.kind = "tmpfs", .mib = mib, .words = DIR,
		.next = "du -xm " DIR, .next_mib = mib });
	/* Newer kernels hand over to the parent what was charged. */
	if (dying_kb(_metadata) > mib * 1024 / 2)
		expect_verdict(_metadata, report, &(struct expected) {
			.kind = "cgroup", .mib = mib, .words = "removed cgroups",
			.next = "/tmpfs: delete files there", .next_mib = mib });
	else
		EXPECT_EQ(-1, verdict_find(report, "cgroup", NULL));
	EXPECT_EQ(NULL, strstr(report->text, "drop_caches"));
	report_free(report);
	child_end(&child);
}

/* Two causes at a time: both are told, the larger first. */
TEST_F_TIMEOUT(verdicts, two_causes, 120)
{
	int small = part(7);
	int large = part(27);
	struct child process, file;
	struct report *report;
	char next[64];
	int first, second;

	ASSERT_EQ(0, child_start(&file, hold_unlinked, &small));
	ASSERT_EQ(0, child_start(&process, take_memory, &large));
	report = summary_now(_metadata);
	snprintf(next, sizeof(next), "next: kill %d (", process.pid);
	first = expect_verdict(_metadata, report, &(struct expected) {
		.kind = "process", .mib = large, .words = NAME, .next = next,
		.next_mib = large });
	snprintf(next, sizeof(next), "next: kill %d (", file.pid);
	second = expect_verdict(_metadata, report, &(struct expected) {
		.kind = "tmpfs", .mib = small, .words = DIR, .next = next,
		.next_mib = small });
	EXPECT_EQ(0, first);
	EXPECT_LT(first, second);
	report_free(report);
	child_end(&process);
	child_end(&file);
}

/*
 * A machine on which a report has no time for all there is, made of a small one
 * and less time. What is large comes last, and has to be told all the same.
 */
#define SHORT_MS	4
#define SHORTEST_MS	1
/* On the debug kernel, where each costs so much more. */
#define DEBUG_TIMES	4
#define MANY		1500
#define MANY_FILES	4000
#define READS		15

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

TEST_F_TIMEOUT(verdicts, the_last_of_many_processes, 120)
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

/* The newest of siblings is the last on the way. */
TEST_F_TIMEOUT(verdicts, a_cgroup_and_the_last_of_many, 120)
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

TEST_F_TIMEOUT(verdicts, a_mount_behind_one_of_many_files, 120)
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
TEST_F_TIMEOUT(verdicts, a_file_behind_many_files, 120)
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

TEST_F(verdicts, unloads_after_all_this)
{
	EXPECT_EQ(0, module_unload(MEMTRIAGE));
}

TEST_HARNESS_MAIN
