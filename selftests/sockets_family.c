// SPDX-License-Identifier: GPL-2.0
/*
 * Families that few machines use: vsock, SCTP, MPTCP. Each with a descriptor, and
 * as far as their tables can be read, without.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/vm_sockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP		262
#endif
#ifndef VMADDR_CID_LOCAL
#define VMADDR_CID_LOCAL	1
#endif

#define VSOCK_PORT	4711
#define VSOCK_KB	120
#define PACKET		4096
#define PAUSE_US	20000
#define TRIES		50
#define READS		4

FIXTURE(sockets_family) {
};

FIXTURE_SETUP(sockets_family)
{
	load_for_sockets(_metadata);
}

FIXTURE_TEARDOWN(sockets_family)
{
}

static bool load(const char *module)
{
	char command[64];

	snprintf(command, sizeof(command), "modprobe -q %s", module);
	return !system(command);
}

/* A queue is at rest when two looks see the same. */
static struct sock_memory memory_at_rest(int fd)
{
	struct sock_memory last = { -1, -1, -1 };
	struct sock_memory now = sock_memory(fd);
	int tries;

	for (tries = 0; tries < TRIES && memcmp(&last, &now, sizeof(now));
	     tries++) {
		usleep(PAUSE_US);
		last = now;
		now = sock_memory(fd);
	}
	return now;
}

/* Two ends of a connection through the vsock loopback; not accepted: -1. */
struct vsock {
	int listener;
	int client;
	int server;
};

static int vsock_open(struct vsock *vsock)
{
	struct sockaddr_vm address = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_LOCAL,
		.svm_port = VSOCK_PORT,
	};

	vsock->server = -1;
	vsock->client = socket(AF_VSOCK, SOCK_STREAM, 0);
	vsock->listener = socket(AF_VSOCK, SOCK_STREAM, 0);
	if (vsock->client < 0 || vsock->listener < 0 ||
	    bind(vsock->listener, (void *)&address, sizeof(address)) ||
	    listen(vsock->listener, 4) ||
	    connect(vsock->client, (void *)&address, sizeof(address)))
		return -1;
	return 0;
}

/* Of the payload it is known how much there is; packets have a head besides. */
static void expect_vsock(struct __test_metadata *_metadata,
			 const struct report *report, int row, long long kb,
			 long long pid, const char *comm)
{
	ASSERT_LE(0, row) {
		TH_LOG("%s", report->text);
	}
	EXPECT_STREQ("vsock", report_text(report, row, "family"));
	EXPECT_STREQ("stream", report_text(report, row, "type"));
	EXPECT_LE(kb, report_number(report, row, "rx_kB"));
	EXPECT_GE(kb + kb / 3, report_number(report, row, "rx_kB"));
	EXPECT_FALSE(report_is_exact(report, row, "rx_kB"));
	EXPECT_EQ(report_number(report, row, "rx_kB") +
		  report_number(report, row, "tx_kB"),
		  report_number(report, row, "kB"));
	EXPECT_EQ(pid, report_number(report, row, "pid"));
	EXPECT_STREQ(comm, report_text(report, row, "comm"));
}

TEST_F(sockets_family, vsock_received_and_not_read)
{
	struct report *report;
	struct vsock vsock;
	int row;
	int i;

	if (!load("vsock_loopback"))
		SKIP(return, "this kernel has no vsock loopback");
	ASSERT_EQ(0, vsock_open(&vsock));
	for (i = 0; i < VSOCK_KB * 1024 / PACKET; i++)
		ASSERT_EQ(1, sock_send(vsock.client, 1, PACKET));
	usleep(PAUSE_US);

	/* Nobody has a descriptor of it. */
	report = read_report(_metadata, SOCKETS);
	row = report_find(report, "comm", "(not accepted)");
	expect_vsock(_metadata, report, row, VSOCK_KB, NO_NUMBER,
		     "(not accepted)");
	report_free(report);

	vsock.server = accept(vsock.listener, NULL, NULL);
	ASSERT_LE(0, vsock.server);
	report = read_report(_metadata, SOCKETS);
	row = sock_row(report, sock_inode(vsock.server));
	expect_vsock(_metadata, report, row, VSOCK_KB, getpid(),
		     program_invocation_short_name);
	EXPECT_EQ(-1, report_find(report, "comm", "(not accepted)"));
	EXPECT_STREQ("ok", report->state) {
		TH_LOG("%s", report->reason);
	}
	report_free(report);

	close(vsock.client);
	close(vsock.server);
	close(vsock.listener);
}

/* Connections that come and go, accepted or not. */
static void churn_vsock(void)
{
	for (;;) {
		struct vsock vsock;
		int made = vsock_open(&vsock);

		if (!made && sock_send(vsock.client, 3, PACKET) == 3)
			vsock.server = accept(vsock.listener, NULL, NULL);
		close(vsock.client);
		close(vsock.server);
		/* The port may be in use for a moment. */
		close(vsock.listener);
	}
}

TEST_F(sockets_family, vsock_churn_while_reading)
{
	time_t until = time(NULL) + 2;
	int reads = 0;
	pid_t pid;

	if (!load("vsock_loopback"))
		SKIP(return, "this kernel has no vsock loopback");
	pid = fork();
	if (!pid)
		churn_vsock();
	/* A slow machine takes longer for them. */
	for (; time(NULL) < until || reads < READS; reads++) {
		struct report *report = read_report(_metadata, SOCKETS);

		EXPECT_STRNE("unavailable", report->state);
		report_free(report);
	}
	EXPECT_EQ(0, waitpid(pid, NULL, WNOHANG));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int sctp_pair(int pair[2], int *listener)
{
	struct sockaddr_in address = sock_loopback();
	socklen_t length = sizeof(address);

	*listener = socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
	pair[0] = socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
	if (*listener < 0 || pair[0] < 0 ||
	    bind(*listener, (void *)&address, length) || listen(*listener, 4) ||
	    getsockname(*listener, (void *)&address, &length) ||
	    connect(pair[0], (void *)&address, length))
		return -1;
	pair[1] = accept(*listener, NULL, NULL);
	return pair[1] < 0 ? -1 : 0;
}

/* Until a read between two looks at standing queues. */
static void expect_stream(struct __test_metadata *_metadata, const int pair[2],
			  const char *type)
{
	struct report *report = NULL;
	struct sock_memory from, to;
	bool agree = false;
	int tries;

	sock_fill(pair[0]);
	for (tries = 0; tries < TRIES && !agree; tries++) {
		from = memory_at_rest(pair[0]);
		to = memory_at_rest(pair[1]);
		report_free(report);
		report = read_report(_metadata, SOCKETS);
		agree = sock_memory(pair[0]).queued == from.queued &&
			sock_memory(pair[1]).rx == to.rx;
	}
	ASSERT_TRUE(agree);
	EXPECT_LT(50000, to.rx);
	expect_row(_metadata, report, sock_row(report, sock_inode(pair[1])),
		   &(struct sock_expected) {
			.family = "inet", .type = type,
			.rx_kb = sock_kb(to.rx), .tx_kb = sock_kb(to.queued),
			.kb = sock_kb(to.rx + to.queued), .pid = getpid() });
	if (from.queued)
		expect_row(_metadata, report,
			   sock_row(report, sock_inode(pair[0])),
			   &(struct sock_expected) {
				.family = "inet", .type = type,
				.rx_kb = sock_kb(from.rx),
				.tx_kb = sock_kb(from.queued),
				.kb = sock_kb(from.rx + from.queued),
				.pid = getpid() });
	report_free(report);
}

TEST_F(sockets_family, sctp_queues)
{
	int listener;
	int pair[2];

	if (!load("sctp"))
		SKIP(return, "this kernel has no SCTP");
	ASSERT_EQ(0, sctp_pair(pair, &listener));
	expect_stream(_metadata, pair, "sctp");
	close(pair[0]);
	close(pair[1]);
	close(listener);
}

TEST_F(sockets_family, mptcp_queues)
{
	struct sockaddr_in address = sock_loopback();
	socklen_t length = sizeof(address);
	int listener, pair[2];

	listener = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
	if (listener < 0)
		SKIP(return, "this kernel has no MPTCP");
	pair[0] = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
	ASSERT_EQ(0, bind(listener, (void *)&address, length));
	ASSERT_EQ(0, listen(listener, 4));
	ASSERT_EQ(0, getsockname(listener, (void *)&address, &length));
	ASSERT_EQ(0, connect(pair[0], (void *)&address, length));
	pair[1] = accept(listener, NULL, NULL);
	ASSERT_LE(0, pair[1]);
	expect_stream(_metadata, pair, "mptcp");
	close(pair[0]);
	close(pair[1]);
	close(listener);
}

TEST_F(sockets_family, unloads_after_all_this)
{
	EXPECT_EQ(0, module_unload(MEMTRIAGE));
}

TEST_HARNESS_MAIN
