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
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "fixture.h"
#include "incident.h"
#include "module.h"
#include "oracle.h"
#include "report.h"
#include "sock.h"
#include "verdict.h"

#define NSFILE		"/tmp/mt_verdicts_ns"

FIXTURE(verdicts) {
};

FIXTURE_SETUP(verdicts)
{
	incident_begin(_metadata);
}

FIXTURE_TEARDOWN(verdicts)
{
	incident_end();
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

TEST_F(verdicts, a_process)
{
	expect_killed(_metadata, "process", take_memory, part(27), NAME);
}

/* Half a kB of slab each, in several caches. */
#define DESCRIPTORS	250000

static void open_many(void *arg)
{
	struct rlimit limit = { DESCRIPTORS + 100, DESCRIPTORS + 100 };
	int i;

	prctl(PR_SET_NAME, NAME);
	if (setrlimit(RLIMIT_NOFILE, &limit))
		fail();
	for (i = 0; i < DESCRIPTORS; i++) {
		if (open("/dev/null", O_RDONLY) < 0)
			fail();
	}
}

TEST_F(verdicts, many_descriptors)
{
	struct report *report;
	struct child child;
	char next[64];
	int verdict;

	ASSERT_EQ(0, child_start(&child, open_many, NULL));
	snprintf(next, sizeof(next), "next: ls -l /proc/%d/fd", child.pid);
	report = summary_now(_metadata);
	verdict = verdict_find(report, "slab", "filp");
	EXPECT_LE(0, verdict);
	EXPECT_NE(NULL, strstr(verdict_next(report, verdict), next)) {
		log_verdicts(report);
	}
	report_free(report);
	child_end(&child);
}

static void share_by_fork(void *arg)
{
	int i;

	take_memory(arg);
	for (i = 0; i < 3; i++) {
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
		}
	}
}

TEST_F(verdicts, memory_of_several_forks)
{
	struct report *report;
	struct child child;
	int mib = part(27);
	int verdict;

	ASSERT_EQ(0, child_start(&child, share_by_fork, &mib));
	report = summary_now(_metadata);
	verdict = expect_verdict(_metadata, report, &(struct expected) {
		.kind = "process", .mib = mib, .words = NAME,
		.next = "up to", .next_mib = mib });
	EXPECT_FALSE(verdict >= 0 && verdict_says(report, verdict, "its own"));
	report_free(report);
	child_end(&child);
}

static void hold_unlinked(void *arg)
{
	prctl(PR_SET_NAME, NAME);
	if (mount("tmpfs", DIR, "tmpfs", 0, NULL) ||
	    fill(DIR "/log", *(int *)arg) < 0 || unlink(DIR "/log"))
		fail();
}

TEST_F(verdicts, an_unlinked_file)
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

TEST_F(verdicts, many_unlinked_files)
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

TEST_F(verdicts, a_file_of_a_detached_mount)
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

TEST_F(verdicts, a_directory_of_a_detached_mount)
{
	expect_killed(_metadata, "tmpfs", stand_in_detached, part(6),
		      "unmounted");
}

/* Its pages are in the pipe only: no process maps them, no file has them. */
static void give_to_pipe(void *arg)
{
	size_t bytes = (size_t)*(int *)arg * MIB;
	char *memory = take(*(int *)arg, MAP_PRIVATE);
	struct iovec pages = { .iov_base = memory, .iov_len = bytes };
	int pipes[2];

	prctl(PR_SET_NAME, NAME);
	if (pipe(pipes) || fcntl(pipes[1], F_SETPIPE_SZ, bytes) < 0 ||
	    vmsplice(pipes[1], &pages, 1, SPLICE_F_NONBLOCK) != bytes ||
	    munmap(memory, bytes))
		fail();
}

TEST_F(verdicts, memory_in_a_pipe)
{
	struct report *report;
	struct child child;
	int mib = part(6);

	ASSERT_EQ(0, child_start(&child, give_to_pipe, &mib));
	report = summary_now(_metadata);
	expect_verdict(_metadata, report, &(struct expected) {
		.kind = "pages", .mib = mib, .words = "mapped by no process",
		.next = "/fd", .next_mib = mib });
	report_free(report);
	child_end(&child);
}

static void hold_memfd(void *arg)
{
	char path[32];
	int fd = syscall(SYS_memfd_create, "mt_buffer", 0);

	prctl(PR_SET_NAME, NAME);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	close(fill(path, *(int *)arg));
}

TEST_F(verdicts, a_memfd)
{
	expect_killed(_metadata, "tmpfs", hold_memfd, part(6),
		      "memfd:mt_buffer");
}

static void share_memory(void *arg)
{
	prctl(PR_SET_NAME, NAME);
	take(*(int *)arg, MAP_SHARED);
}

TEST_F(verdicts, shared_anonymous_memory)
{
	expect_killed(_metadata, "tmpfs", share_memory, part(6),
		      "shared anonymous");
}

TEST_F(verdicts, a_segment_that_nobody_attaches)
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

TEST_F(verdicts, a_tmpfs_of_a_container)
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

TEST_F(verdicts, a_namespace_without_a_process)
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

TEST_F(verdicts, a_packet_ring)
{
	expect_killed(_metadata, "sockets", map_ring, part(5), "rings");
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

TEST_F(verdicts, a_unix_queue)
{
	expect_killed(_metadata, "sockets", queue_unix, part(5), "unix");
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

TEST_F(verdicts, a_udp_queue_of_small_packets)
{
	expect_killed(_metadata, "sockets", queue_udp, part(5), "udp");
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

TEST_F(verdicts, many_sockets_of_one_process)
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

TEST_F(verdicts, a_netlink_queue)
{
	expect_killed(_metadata, "sockets", queue_netlink, part(5), "netlink");
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

TEST_F(verdicts, a_dying_cgroup)
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
TEST_F(verdicts, two_causes)
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

TEST_F(verdicts, unloads_after_all_this)
{
	EXPECT_EQ(0, module_unload(MEMTRIAGE));
}

TEST_HARNESS_MAIN
