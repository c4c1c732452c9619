// SPDX-License-Identifier: GPL-2.0
/*
 * Packet sockets, their queues and their rings, and the user memory of XDP
 * sockets, to the page.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <net/ethernet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "report.h"
#include "sock.h"
#include "sock_fixture.h"

#ifndef AF_XDP
#define AF_XDP		44
#endif
#ifndef SOL_XDP
#define SOL_XDP		283
#endif

#define MIB		(1024 * 1024)
#define NAME		"sockets_packet"

FIXTURE(sockets_packet) {
};

FIXTURE_SETUP(sockets_packet)
{
	load_for_sockets(_metadata);
}

FIXTURE_TEARDOWN(sockets_packet)
{
}

/* The other published case, which netstat never shows: 10 MB in a packet socket. */
TEST_F(sockets_packet, packet_backlog_is_in_the_summary)
{
	int packet = sock_packet(SOCK_DGRAM, 0);
	int udp = sock_udp(0, MIB);
	struct report *report;
	bool found = false;
	char expected[64];
	int i;

	ASSERT_LE(0, packet);
	ASSERT_LE(0, udp);
	sock_enlarge(packet, 32 * MIB);
	close(packet);
	packet = sock_packet(SOCK_DGRAM, ETH_P_IP);
	ASSERT_LE(0, packet);
	sock_enlarge(packet, 32 * MIB);
	for (i = 0; i < 10000 && sock_memory(packet).rx < 10 * MIB; i++) {
		char data[8000];

		ASSERT_EQ(1, sock_send(udp, 1, sizeof(data)));
		ASSERT_EQ((ssize_t)sizeof(data),
			  recv(udp, data, sizeof(data), 0));
	}
	close(udp);
	ASSERT_LE(10 * MIB, sock_memory(packet).rx);
	/* sk RefCnt Type Proto Iface R Rmem User Inode */
	EXPECT_EQ(sock_memory(packet).rx,
		  sock_proc_column("/proc/net/packet", 6, 8, sock_inode(packet)));
	expect_received(_metadata, packet, "packet", "dgram");

	snprintf(expected, sizeof(expected), "  %lld kB %s rx_kB=",
		 sock_kb(sock_memory(packet).rx), NAME);
	report = read_report(_metadata, "summary");
	for (i = 0; i < report->nr_records; i++)
		found |= !strncmp(report->records[i][0], expected,
				  strlen(expected)) &&
			 strstr(report->records[i][0], "family=packet");
	EXPECT_TRUE(found) {
		TH_LOG("not '%s' in:\n%s", expected, report->text);
	}
	report_free(report);
	close(packet);
}

/* The note of the report that says where its rings are, in kB of Ghost. */
static long long ghost_in_note(const struct report *report)
{
	const char *note = report_comment(report, "of ring_kB");
	long long found = 0;

	if (note)
		sscanf(note, "of ring_kB, %lld kB are pages of Ghost", &found);
	return found;
}

TEST_F(sockets_packet, packet_rings_to_the_page)
{
	static const struct {
		int version;
		int option;
		unsigned int block;
		unsigned int blocks;
	} rings[] = {
		{ TPACKET_V3, PACKET_RX_RING, 1 << 16, 64 },
		{ TPACKET_V2, PACKET_RX_RING, 1 << 13, 300 },
		{ TPACKET_V2, PACKET_TX_RING, 1 << 12, 77 },
	};
	long long sum_kb = 0;
	struct report *report;
	int fds[3];
	void *maps[3];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rings); i++) {
		struct tpacket_req3 request = {
			.tp_block_size = rings[i].block,
			.tp_block_nr = rings[i].blocks,
			.tp_frame_size = 2048,
			.tp_frame_nr = rings[i].block / 2048 * rings[i].blocks,
		};
		size_t bytes = (size_t)rings[i].block * rings[i].blocks;
		bool is_v3 = rings[i].version == TPACKET_V3;

		fds[i] = sock_packet(SOCK_RAW, 0);
		ASSERT_LE(0, fds[i]);
		ASSERT_EQ(0, setsockopt(fds[i], SOL_PACKET, PACKET_VERSION,
					&rings[i].version, sizeof(int)));
		ASSERT_EQ(0, setsockopt(fds[i], SOL_PACKET, rings[i].option,
					&request, is_v3 ?
					sizeof(struct tpacket_req3) :
					sizeof(struct tpacket_req)));
		maps[i] = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
			       fds[i], 0);
		ASSERT_NE(MAP_FAILED, maps[i]);
		sum_kb += bytes / 1024;
	}
	report = read_report(_metadata, SOCKETS);
	for (i = 0; i < ARRAY_SIZE(rings); i++) {
		long long ring_kb = (long long)rings[i].block *
				    rings[i].blocks / 1024;

		expect_row(_metadata, report,
			   sock_row(report, sock_inode(fds[i])),
			   &(struct sock_expected) {
				.family = "packet", .type = "raw",
				.ring_kb = ring_kb, .kb = ring_kb,
				.pid = getpid() });
		munmap(maps[i], (size_t)rings[i].block * rings[i].blocks);
	}
	EXPECT_EQ(sum_kb, ghost_in_note(report)) {
		TH_LOG("%s", report->text);
	}
	report_free(report);
	for (i = 0; i < ARRAY_SIZE(rings); i++)
		close(fds[i]);
}

TEST_F(sockets_packet, xdp_user_memory)
{
	size_t bytes = 4 * MIB;
	struct xdp_umem_reg umem = { .len = bytes, .chunk_size = 4096 };
	struct report *report;
	void *map;
	int fd = socket(AF_XDP, SOCK_RAW, 0);

	if (fd < 0 && errno == EAFNOSUPPORT)
		SKIP(return, "this kernel has no XDP sockets");
	ASSERT_LE(0, fd);
	map = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, map);
	umem.addr = (unsigned long)map;
	ASSERT_EQ(0, setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &umem,
				sizeof(umem)));
	report = read_report(_metadata, SOCKETS);
	expect_row(_metadata, report, sock_row(report, sock_inode(fd)),
		   &(struct sock_expected) {
			.family = "xdp", .type = "raw", .ring_kb = bytes / 1024,
			.kb = bytes / 1024, .pid = getpid() });
	EXPECT_NE(NULL, report_comment(report, "4096 kB are user memory"));
	report_free(report);
	close(fd);
	munmap(map, bytes);
}

TEST_F(sockets_packet, unloads_after_all_this)
{
	EXPECT_EQ(0, module_unload(MEMTRIAGE));
}

TEST_HARNESS_MAIN
