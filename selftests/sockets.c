// SPDX-License-Identifier: GPL-2.0
/*
 * The sockets report: every kind of socket with a known queue, beside what the
 * kernel says of the same socket: SO_MEMINFO, /proc/net, its inode and its
 * namespace.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "report.h"
#include "sock.h"
#include "sock_fixture.h"

#define MIB		(1024 * 1024)
#define TRIES		50
#define READS		4
#define PAUSE_US	20000
#define NAME		"sockets"
#define RAW_PROTOCOL	253

FIXTURE(sockets) {
};

FIXTURE_SETUP(sockets)
{
	load_for_sockets(_metadata);
}

FIXTURE_TEARDOWN(sockets)
{
}

/* The hexadecimal rx_queue of a socket in a file like /proc/net/udp. */
static long long rx_in_proc(const char *path, unsigned long inode)
{
	long long found = -1;
	size_t bytes;
	char *text = report_slurp(path, &bytes);
	char *rest = text;
	char *line;

	while (text && (line = strsep(&rest, "\n"))) {
		unsigned int rx;
		unsigned long ino;

		if (sscanf(line, " %*d: %*s %*s %*x %*x:%x %*s %*s %*d %*d %lu",
			   &rx, &ino) == 2 && ino == inode)
			found = rx;
	}
	free(text);
	return found;
}

TEST_F(sockets, udp_received_and_not_read)
{
	int fd = sock_udp(0, 16 * MIB);
	struct report *report;
	struct sock_memory memory;
	char data[1000];
	int i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(1000, sock_send(fd, 1000, 1000));
	memory = sock_memory(fd);
	EXPECT_EQ(memory.rx, rx_in_proc("/proc/net/udp", sock_inode(fd)));
	expect_received(_metadata, fd, "inet", "udp");

	/* What was read is free, though the kernel's counter may still have it. */
	for (i = 0; i < 400; i++)
		ASSERT_EQ(1000, recv(fd, data, sizeof(data), 0));
	report = read_report(_metadata, SOCKETS);
	i = sock_row(report, sock_inode(fd));
	ASSERT_LE(0, i);
	EXPECT_EQ(sock_kb(memory.rx / 1000 * 600),
		  report_number(report, i, "rx_kB"));
	report_free(report);
	close(fd);

	report = read_report(_metadata, SOCKETS);
	EXPECT_EQ(-1, sock_row(report, sock_inode(fd)));
	report_free(report);
}

TEST_F(sockets, udplite_received_and_not_read)
{
	int fd = sock_udp(IPPROTO_UDPLITE, 4 * MIB);

	if (fd < 0 && errno == EPROTONOSUPPORT)
		SKIP(return, "this kernel has no UDP-Lite");
	ASSERT_LE(0, fd);
	ASSERT_EQ(100, sock_send(fd, 100, 1000));
	expect_received(_metadata, fd, "inet", "udplite");
	close(fd);
}

TEST_F(sockets, raw_received_and_not_read)
{
	struct sockaddr_in address = sock_loopback();
	int fd = socket(AF_INET, SOCK_RAW, RAW_PROTOCOL);

	ASSERT_LE(0, fd);
	sock_enlarge(fd, 4 * MIB);
	ASSERT_EQ(0, connect(fd, (void *)&address, sizeof(address)));
	ASSERT_EQ(100, sock_send(fd, 100, 1000));
	EXPECT_EQ(sock_memory(fd).rx, rx_in_proc("/proc/net/raw", sock_inode(fd)));
	expect_received(_metadata, fd, "inet", "raw");
	close(fd);
}

/* The published case: a routing daemon that never reads what it asked for. */
TEST_F(sockets, raw6_is_the_verdict)
{
	const char *verdict = NULL;
	const char *next = NULL;
	struct report *report;
	char expected[100];
	int fd = sock_raw6(200 * MIB);
	int i;

	ASSERT_LE(0, fd);
	while (sock_memory(fd).rx < 76 * MIB)
		ASSERT_EQ(1, sock_send(fd, 1, 60000));
	EXPECT_EQ(sock_memory(fd).rx, rx_in_proc("/proc/net/raw6", sock_inode(fd)));
	expect_received(_metadata, fd, "inet6", "raw");

	report = read_report(_metadata, "summary");
	for (i = 0; i + 2 < report->nr_records; i++) {
		if (strncmp(report->records[i][0], "verdict: sockets ", 17))
			continue;
		verdict = report->records[i][0];
		next = report->records[i + 2][0];
	}
	ASSERT_NE(NULL, verdict) {
		TH_LOG("%s", report->text);
	}
	snprintf(expected, sizeof(expected),
		 "MiB raw6 socket of %s (pid %d) — received and never read",
		 NAME, getpid());
	EXPECT_NE(NULL, strstr(verdict, " 76.")) {
		TH_LOG("%s", verdict);
	}
	EXPECT_NE(NULL, strstr(verdict, expected)) {
		TH_LOG("%s", verdict);
	}
	snprintf(expected, sizeof(expected), "next: kill %d (%s: ~76.",
		 getpid(), NAME);
	EXPECT_EQ(0, strncmp(expected, next, strlen(expected))) {
		TH_LOG("%s", next);
	}
	EXPECT_EQ(NULL, strstr(report->text, "leak?")) {
		TH_LOG("%s", report->text);
	}
	report_free(report);
	close(fd);
}

TEST_F(sockets, ping_is_found_by_its_descriptor)
{
	struct sockaddr_in address = sock_loopback();
	char echo[64] = { 8 };
	int i;
	int fd;

	ASSERT_EQ(0, oracle_write("/proc/sys/net/ipv4/ping_group_range", "0 0"));
	fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	ASSERT_LE(0, fd);
	for (i = 0; i < 20; i++)
		ASSERT_EQ((ssize_t)sizeof(echo),
			  sendto(fd, echo, sizeof(echo), 0, (void *)&address,
				 sizeof(address)));
	expect_received(_metadata, fd, "inet", "ping");
	close(fd);
}

static int tcp_listener(struct sockaddr_in *address)
{
	socklen_t length = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*address = sock_loopback();
	if (fd < 0 || bind(fd, (void *)address, length) || listen(fd, 16) ||
	    getsockname(fd, (void *)address, &length))
		return -1;
	return fd;
}

static int tcp_connect(const struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd >= 0 && connect(fd, (const void *)address, sizeof(*address))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What ss says is queued in the one orphan; -1 if it cannot say. */
static long long orphan_in_ss(void)
{
	FILE *ss = popen("ss -tamnO state fin-wait-1", "r");
	long long queued = -1;
	char line[512];

	while (ss && fgets(line, sizeof(line), ss)) {
		const char *memory = strstr(line, "skmem:(");
		const char *at = memory ? strstr(memory, ",w") : NULL;

		if (at)
			queued = strtoll(at + 2, NULL, 10);
	}
	if (ss)
		pclose(ss);
	return queued;
}

TEST_F(sockets, tcp_queues_and_the_orphan)
{
	struct sockaddr_in address;
	int listener = tcp_listener(&address);
	struct report *report = NULL;
	struct sock_memory before = { 0 };
	struct sock_memory from = { 0 };
	struct sock_memory to = { 0 };
	long long queued = -1;
	long long orphans = 0;
	bool agree = false;
	int sender, receiver, row, try, i;

	ASSERT_LE(0, listener);
	sender = tcp_connect(&address);
	ASSERT_LE(0, sender);
	receiver = accept(listener, NULL, NULL);
	ASSERT_LE(0, receiver);

	sock_fill(sender);
	/* Until a read between two looks at standing queues. */
	for (try = 0; try < TRIES && !agree; try++) {
		usleep(PAUSE_US);
		sock_fill(sender);
		before = sock_memory(sender);
		to = sock_memory(receiver);
		report_free(report);
		report = read_report(_metadata, SOCKETS);
		from = sock_memory(sender);
		agree = from.queued == before.queued &&
			to.rx == sock_memory(receiver).rx;
	}
	ASSERT_TRUE(agree);
	EXPECT_LT(50000, to.rx);
	EXPECT_LT(50000, from.queued);

	row = sock_row(report, sock_inode(receiver));
	expect_row(_metadata, report, row, &(struct sock_expected) {
		.family = "inet", .type = "tcp", .rx_kb = sock_kb(to.rx),
		.kb = sock_kb(to.rx), .pid = getpid() });
	row = sock_row(report, sock_inode(sender));
	expect_row(_metadata, report, row, &(struct sock_expected) {
		.family = "inet", .type = "tcp", .tx_kb = sock_kb(from.queued),
		.kb = sock_kb(from.queued), .pid = getpid() });
	EXPECT_EQ(-1, sock_row(report, sock_inode(listener)));
	report_free(report);

	/* Closed with data that nobody takes: nobody's, and still there. */
	close(sender);
	agree = false;
	report = NULL;
	for (try = 0; try < TRIES && !agree; try++) {
		usleep(PAUSE_US);
		queued = orphan_in_ss();
		report_free(report);
		report = read_report(_metadata, SOCKETS);
		agree = queued == orphan_in_ss();
	}
	ASSERT_TRUE(agree);
	for (i = 0; i < report->nr_records; i++) {
		if (strcmp(report_text(report, i, "comm"), "(orphan)"))
			continue;
		orphans++;
		EXPECT_STREQ("-", report_text(report, i, "inode"));
		if (queued < 0) {
			TH_LOG("ss knows no memory of sockets here");
			EXPECT_LT(50, report_number(report, i, "tx_kB"));
			continue;
		}
		expect_row(_metadata, report, i, &(struct sock_expected) {
			.family = "inet", .type = "tcp",
			.tx_kb = sock_kb(queued), .kb = sock_kb(queued),
			.pid = NO_NUMBER, .comm = "(orphan)" });
	}
	EXPECT_EQ(1, orphans);
	report_free(report);
	close(receiver);
	close(listener);
}

TEST_F(sockets, tcp_not_accepted)
{
	struct sockaddr_in address;
	int listener = tcp_listener(&address);
	struct report *report;
	char data[10000] = "";
	struct sock_memory memory;
	int client, server, row;

	ASSERT_LE(0, listener);
	client = tcp_connect(&address);
	ASSERT_LE(0, client);
	ASSERT_EQ((ssize_t)sizeof(data), send(client, data, sizeof(data), 0));
	usleep(PAUSE_US);

	report = read_report(_metadata, SOCKETS);
	row = report_find(report, "comm", "(not accepted)");
	/* Now it can be asked. */
	server = accept(listener, NULL, NULL);
	ASSERT_LE(0, server);
	memory = sock_memory(server);
	EXPECT_LT(0, memory.rx);
	expect_row(_metadata, report, row, &(struct sock_expected) {
		.family = "inet", .type = "tcp", .rx_kb = sock_kb(memory.rx),
		.kb = sock_kb(memory.rx), .pid = NO_NUMBER,
		.comm = "(not accepted)" });
	report_free(report);
	close(server);
	close(client);
	close(listener);
}

static void lo_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ioctl(fd, SIOCSIFFLAGS, &request);
	close(fd);
}

/* struct child - what another process has made, and how it is ended */
struct child {
	pid_t pid;
	int stop;
	unsigned long netns;
	unsigned long inodes[3];
	long long rx[3];
};

/* Three queues of a process that lives in a namespace of its own. */
static void live_elsewhere(int report_to, int stop)
{
	struct child child = { .pid = getpid() };
	int unix_pair[2];
	int fds[3];
	char end;
	int i;

	if (unshare(CLONE_NEWNET))
		_exit(1);
	lo_up();
	child.netns = sock_netns();
	fds[0] = sock_udp(0, MIB);
	fds[1] = sock_raw6(MIB);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, unix_pair))
		_exit(1);
	fds[2] = unix_pair[1];
	sock_send(fds[0], 50, 1000);
	sock_send(fds[1], 50, 1000);
	sock_send(unix_pair[0], 5, 1000);
	for (i = 0; i < 3; i++) {
		child.inodes[i] = sock_inode(fds[i]);
		child.rx[i] = i == 2 ? sock_memory(unix_pair[0]).tx :
				       sock_memory(fds[i]).rx;
	}
	if (write(report_to, &child, sizeof(child)) != sizeof(child))
		_exit(1);
	_exit(read(stop, &end, 1) < 0);
}

TEST_F(sockets, another_namespace)
{
	static const char * const families[] = { "inet", "inet6", "unix" };
	struct child child = { 0 };
	struct report *report;
	int told[2];
	int stop[2];
	int status;
	int i;

	ASSERT_EQ(0, pipe(told));
	ASSERT_EQ(0, pipe(stop));
	if (!fork()) {
		close(stop[1]);
		live_elsewhere(told[1], stop[0]);
	}
	ASSERT_EQ((ssize_t)sizeof(child), read(told[0], &child, sizeof(child)));
	ASSERT_NE(sock_netns(), child.netns);

	report = read_report(_metadata, SOCKETS);
	for (i = 0; i < 3; i++) {
		int row = sock_row(report, child.inodes[i]);

		ASSERT_LE(0, row) {
			TH_LOG("no %s:\n%s", families[i], report->text);
		}
		EXPECT_STREQ(families[i], report_text(report, row, "family"));
		EXPECT_EQ(sock_kb(child.rx[i]),
			  report_number(report, row, "rx_kB"));
		EXPECT_EQ((long long)child.netns,
			  report_number(report, row, "netns"));
		EXPECT_EQ(child.pid, report_number(report, row, "pid"));
	}
	report_free(report);

	close(stop[1]);
	ASSERT_EQ(child.pid, waitpid(child.pid, &status, 0));
	EXPECT_EQ(0, status);
	report = read_report(_metadata, SOCKETS);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(-1, sock_row(report, child.inodes[i]));
	report_free(report);
}

TEST_F(sockets, shared_by_two_processes)
{
	int fd = sock_udp(0, MIB);
	long long rx_kb;
	struct report *report;
	int status;
	pid_t pid;

	ASSERT_LE(0, fd);
	ASSERT_EQ(50, sock_send(fd, 50, 1000));
	/* A second descriptor of ours is not another holder. */
	ASSERT_LE(0, dup(fd));
	rx_kb = sock_kb(sock_memory(fd).rx);
	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	report = read_report(_metadata, SOCKETS);
	expect_row(_metadata, report, sock_row(report, sock_inode(fd)),
		   &(struct sock_expected) {
			.family = "inet", .type = "udp", .rx_kb = rx_kb,
			.kb = rx_kb, .pid = getpid(), .comm = NAME " (+1)" });
	report_free(report);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

/* Idle sockets are no records; what is dropped is in the sums. */
TEST_F(sockets, many_sockets_and_few_rows)
{
	struct rlimit limit = { 8192, 8192 };
	long long all_kb, few_kb;
	struct report *report;
	int busy[60];
	int i;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	for (i = 0; i < 3000; i++)
		ASSERT_LE(0, sock_udp(0, 65536));
	for (i = 0; i < 60; i++) {
		busy[i] = sock_udp(0, MIB);
		ASSERT_EQ(i + 1, sock_send(busy[i], i + 1, 1000));
	}
	report = read_report(_metadata, SOCKETS);
	EXPECT_LE(60, report->nr_records);
	EXPECT_GT(100, report->nr_records);
	EXPECT_STREQ("ok", report->state);
	EXPECT_NE(NULL, report_comment(report, "sockets hold nothing"));
	EXPECT_LE(3000, strtoll(report_comment(report, "sockets hold nothing"),
				NULL, 10));
	all_kb = report_sum(report, "kB");
	report_free(report);

	ASSERT_EQ(0, module_set("rows", "8"));
	report = read_report(_metadata, SOCKETS);
	few_kb = report_sum(report, "kB");
	EXPECT_EQ(all_kb, few_kb);
	EXPECT_LE(52, report->nr_dropped);
	EXPECT_LE(0, report_find(report, "comm", "(other)"));
	EXPECT_EQ(0, sock_row(report, sock_inode(busy[59])));
	report_free(report);
}

/* Sockets and namespaces come and go, without an end. */
static void churn(void)
{
	char data[2000] = "";
	int through[2];

	for (;;) {
		struct sockaddr_in address;
		int listener, client, udp, raw, packet;

		if (unshare(CLONE_NEWNET))
			_exit(1);
		lo_up();
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, through))
			_exit(1);
		udp = sock_udp(0, MIB);
		raw = sock_raw6(MIB);
		packet = sock_packet(SOCK_RAW, ETH_P_ALL);
		listener = tcp_listener(&address);
		client = tcp_connect(&address);
		sock_send(udp, 20, 1000);
		sock_send(raw, 20, 1000);
		sock_send(through[0], 5, 1000);
		if (client >= 0)
			sock_fill(client);
		sock_send_descriptor(through[0], udp);
		close(udp);
		recv(through[1], data, sizeof(data), MSG_DONTWAIT);
		close(raw);
		close(packet);
		close(client);
		close(listener);
		close(through[0]);
		close(through[1]);
	}
}

TEST_F(sockets, churn_while_reading)
{
	struct timespec begin, now;
	struct report *report;
	pid_t pids[3];
	int reads = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = fork();
		if (!pids[i])
			churn();
	}
	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		report = read_report(_metadata, SOCKETS);
		EXPECT_STRNE("unavailable", report->state);
		report_free(report);
		reads++;
		clock_gettime(CLOCK_MONOTONIC, &now);
		/* A slow machine takes longer for them. */
	} while (now.tv_sec - begin.tv_sec < 3 || reads < READS);
	for (i = 0; i < ARRAY_SIZE(pids); i++) {
		EXPECT_EQ(0, waitpid(pids[i], NULL, WNOHANG));
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

TEST_F(sockets, unloads_after_all_this)
{
	EXPECT_EQ(0, module_unload(MEMTRIAGE));
}

TEST_HARNESS_MAIN
