// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets between processes: both ends of UNIX sockets, netlink, and sockets of
 * which nobody has a descriptor.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "report.h"
#include "sock.h"
#include "sock_fixture.h"

#define MIB		(1024 * 1024)

FIXTURE(sockets_local) {
};

FIXTURE_SETUP(sockets_local)
{
	load_for_sockets(_metadata);
}

FIXTURE_TEARDOWN(sockets_local)
{
}

/* The same memory at both ends: in kB once, where it can be read. */
static void expect_unix(struct __test_metadata *_metadata, int type,
			const char *name)
{
	struct sock_memory sent;
	struct report *report;
	char data[3000] = "";
	int pair[2];
	int nr = 0;

	ASSERT_EQ(0, socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, pair));
	while (nr < 200 && send(pair[0], data, sizeof(data), 0) > 0)
		nr++;
	EXPECT_LT(5, nr);
	sent = sock_memory(pair[0]);
	EXPECT_LT(nr * (long long)sizeof(data), sent.tx);
	EXPECT_EQ(0, sock_memory(pair[1]).rx);

	report = read_report(_metadata, SOCKETS);
	expect_row(_metadata, report, sock_row(report, sock_inode(pair[1])),
		   &(struct sock_expected) {
			.family = "unix", .type = name, .rx_kb = sock_kb(sent.tx),
			.kb = sock_kb(sent.tx), .pid = getpid() });
	expect_row(_metadata, report, sock_row(report, sock_inode(pair[0])),
		   &(struct sock_expected) {
			.family = "unix", .type = name, .tx_kb = sock_kb(sent.tx),
			.pid = getpid() });
	report_free(report);
	close(pair[0]);
	close(pair[1]);
}

TEST_F(sockets_local, unix_both_ends)
{
	expect_unix(_metadata, SOCK_STREAM, "stream");
	expect_unix(_metadata, SOCK_DGRAM, "dgram");
	expect_unix(_metadata, SOCK_SEQPACKET, "seqpacket");
}

/* More packets than are counted one by one: an estimate, and a good one. */
TEST_F(sockets_local, unix_long_queue_is_an_estimate)
{
	struct report *report;
	long long rx_kb;
	char byte = 0;
	int pair[2];
	int row, i;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	sock_enlarge(pair[0], 64 * MIB);
	for (i = 0; i < 5000; i++)
		ASSERT_EQ(1, send(pair[0], &byte, 1, MSG_DONTWAIT));
	report = read_report(_metadata, SOCKETS);
	row = sock_row(report, sock_inode(pair[1]));
	ASSERT_LE(0, row);
	EXPECT_FALSE(report_is_exact(report, row, "rx_kB"));
	EXPECT_FALSE(report_is_exact(report, row, "kB"));
	rx_kb = report_number(report, row, "rx_kB");
	EXPECT_EQ(sock_kb(sock_memory(pair[0]).tx), rx_kb);
	report_free(report);
	close(pair[0]);
	close(pair[1]);
}

TEST_F(sockets_local, netlink_received_and_not_read)
{
	int pair[2];

	ASSERT_EQ(0, sock_netlink_pair(pair));
	ASSERT_EQ(50, sock_send(pair[0], 50, 1000));
	/* sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode */
	EXPECT_EQ(sock_memory(pair[1]).rx,
		  sock_proc_column("/proc/net/netlink", 4, 9, sock_inode(pair[1])));
	expect_received(_metadata, pair[1], "netlink", "dgram");
	close(pair[0]);
	close(pair[1]);
}

/* Sockets that only a message holds are in the tables, and nobody's. */
TEST_F(sockets_local, in_flight_without_a_descriptor)
{
	const char * const families[] = { "inet", "netlink", "unix", "packet" };
	const char * const types[] = { "udp", "dgram", "dgram", "raw" };
	struct tpacket_req request = {
		.tp_block_size = 1 << 14,
		.tp_block_nr = 10,
		.tp_frame_size = 2048,
		.tp_frame_nr = 80,
	};
	struct sock_expected expected[4];
	unsigned long inodes[4];
	struct report *report;
	int netlink[2];
	int through[2];
	int pair[2];
	int fds[4];
	int i;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, through));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	ASSERT_EQ(0, sock_netlink_pair(netlink));
	fds[0] = sock_udp(0, MIB);
	fds[1] = netlink[1];
	fds[2] = pair[1];
	fds[3] = sock_packet(SOCK_RAW, 0);
	ASSERT_LE(0, fds[0]);
	ASSERT_EQ(50, sock_send(fds[0], 50, 1000));
	ASSERT_EQ(50, sock_send(netlink[0], 50, 1000));
	ASSERT_EQ(5, sock_send(pair[0], 5, 1000));
	ASSERT_EQ(0, setsockopt(fds[3], SOL_PACKET, PACKET_RX_RING, &request,
				sizeof(request)));
	for (i = 0; i < 4; i++) {
		long long bytes = i == 2 ? sock_memory(pair[0]).tx :
					   sock_memory(fds[i]).rx;

		expected[i] = (struct sock_expected) {
			.family = families[i], .type = types[i],
			.rx_kb = sock_kb(bytes), .kb = sock_kb(bytes), .pid = NO_NUMBER,
			.comm = "(no descriptor)" };
		if (i == 3) {
			expected[i].ring_kb = 160;
			expected[i].kb = 160;
		}
		inodes[i] = sock_inode(fds[i]);
		ASSERT_EQ(0, sock_send_descriptor(through[0], fds[i]));
		close(fds[i]);
	}
	report = read_report(_metadata, SOCKETS);
	for (i = 0; i < 4; i++)
		expect_row(_metadata, report, sock_row(report, inodes[i]),
			   &expected[i]);
	report_free(report);
	close(through[0]);
	close(through[1]);
	close(netlink[0]);
	close(pair[0]);
}

/* Registered with io_uring, and closed. */
TEST_F(sockets_local, held_by_io_uring)
{
	struct io_uring_params parameters = { 0 };
	unsigned long inode;
	struct report *report;
	long long rx_kb;
	int ring = syscall(SYS_io_uring_setup, 4, &parameters);
	int fd = sock_udp(0, MIB);

	if (ring < 0)
		SKIP(return, "this kernel has no io_uring");
	ASSERT_LE(0, fd);
	ASSERT_EQ(50, sock_send(fd, 50, 1000));
	rx_kb = sock_kb(sock_memory(fd).rx);
	inode = sock_inode(fd);
	ASSERT_EQ(0, syscall(SYS_io_uring_register, ring,
			     IORING_REGISTER_FILES, &fd, 1));
	close(fd);
	report = read_report(_metadata, SOCKETS);
	expect_row(_metadata, report, sock_row(report, inode),
		   &(struct sock_expected) {
			.family = "inet", .type = "udp", .rx_kb = rx_kb,
			.kb = rx_kb, .pid = NO_NUMBER,
			.comm = "(no descriptor)" });
	report_free(report);
	close(ring);
}

TEST_F(sockets_local, unloads_after_all_this)
{
	EXPECT_EQ(0, module_unload(MEMTRIAGE));
}

TEST_HARNESS_MAIN
