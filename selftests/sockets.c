// SPDX-License-Identifier: GPL-2.0
/*
 * The sockets report: every kind of socket with a known queue, beside what the
 * kernel says of the same socket: SO_MEMINFO, /proc/net, its inode and its
 * namespace.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "report.h"

#ifndef SO_MEMINFO
#define SO_MEMINFO	55
#endif
#ifndef AF_XDP
#define AF_XDP		44
#endif
#ifndef SOL_XDP
#define SOL_XDP		283
#endif

#define MIB		(1024 * 1024)
#define TRIES		50
#define PAUSE_US	20000
#define NAME		"sockets"
#define RAW_PROTOCOL	253

FIXTURE(sockets) {
};

/*
 * Loaded once for all tests, because that takes a second on an old kernel under
 * emulation; the last test unloads it.
 */
FIXTURE_SETUP(sockets)
{
	if (geteuid())
		SKIP(return, "needs root");
	if (!module_is_loaded(MEMTRIAGE))
		ASSERT_EQ(0, module_load(MEMTRIAGE, ""));
	ASSERT_EQ(0, module_set("rows", "4096"));
}

FIXTURE_TEARDOWN(sockets)
{
}

/* struct memory - what the kernel itself says of a socket, in bytes */
struct memory {
	long long rx;
	long long tx;
	long long queued;
};

static struct memory memory_of(int fd)
{
	unsigned int info[SK_MEMINFO_VARS] = { 0 };
	socklen_t bytes = sizeof(info);

	getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &bytes);
	return (struct memory) {
		.rx = info[SK_MEMINFO_RMEM_ALLOC] + info[SK_MEMINFO_BACKLOG],
		.tx = info[SK_MEMINFO_WMEM_ALLOC],
		.queued = info[SK_MEMINFO_WMEM_QUEUED],
	};
}

static long long kb(long long bytes)
{
	return (bytes + 1023) / 1024;
}

static unsigned long inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_ino;
}

static unsigned long netns_now(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}

static int row_of_inode(const struct report *report, unsigned long inode)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu", inode);
	return report_find(report, "inode", text);
}

/* Room for so much, whatever the limits. */
static void enlarge(int fd, int bytes)
{
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
}

/* struct expected - what a row must say; -1 for any pid, NULL for our own name */
struct expected {
	const char *family;
	const char *type;
	long long rx_kb;
	long long tx_kb;
	long long ring_kb;
	long long kb;
	long long pid;
	const char *comm;
};

static void expect_row(struct __test_metadata *_metadata,
		       const struct report *report, int row,
		       const struct expected *expected)
{
	ASSERT_LE(0, row) {
		TH_LOG("no row:\n%s", report->text);
	}
	EXPECT_STREQ(expected->family, report_text(report, row, "family"));
	EXPECT_STREQ(expected->type, report_text(report, row, "type"));
	EXPECT_EQ(expected->rx_kb, report_number(report, row, "rx_kB"));
	EXPECT_EQ(expected->tx_kb, report_number(report, row, "tx_kB"));
	EXPECT_EQ(expected->ring_kb, report_number(report, row, "ring_kB"));
	EXPECT_EQ(expected->kb, report_number(report, row, "kB"));
	EXPECT_EQ(expected->pid, report_number(report, row, "pid"));
	EXPECT_STREQ(expected->comm ? expected->comm : NAME,
		     report_text(report, row, "comm"));
	EXPECT_EQ((long long)netns_now(), report_number(report, row, "netns"));
	EXPECT_TRUE(report_is_exact(report, row, "kB"));
}

/* One read whose row of this socket is expected to be all that it receives. */
static void expect_received(struct __test_metadata *_metadata, int fd,
			    const char *family, const char *type)
{
	struct memory memory = memory_of(fd);
	struct report *report = read_report(_metadata, NAME);
	struct expected expected = {
		.family = family,
		.type = type,
		.rx_kb = kb(memory.rx),
		.kb = kb(memory.rx),
		.pid = getpid(),
	};

	EXPECT_LT(0, memory.rx);
	expect_row(_metadata, report, row_of_inode(report, inode_of(fd)),
		   &expected);
	EXPECT_STREQ("ok", report->state) {
		TH_LOG("%s", report->reason);
	}
	report_free(report);
}

static struct sockaddr_in loopback(void)
{
	return (struct sockaddr_in) {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

/* Sockets that are connected to themselves through the loopback device. */
static int udp_to_itself(int protocol, int bytes)
{
	struct sockaddr_in address = loopback();
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM, protocol);

	if (fd < 0)
		return -1;
	enlarge(fd, bytes);
	if (bind(fd, (void *)&address, length) ||
	    getsockname(fd, (void *)&address, &length) ||
	    connect(fd, (void *)&address, length)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int raw6_to_itself(int bytes)
{
	struct sockaddr_in6 address = {
		.sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	int fd = socket(AF_INET6, SOCK_RAW, RAW_PROTOCOL);

	if (fd < 0)
		return -1;
	enlarge(fd, bytes);
	if (connect(fd, (void *)&address, sizeof(address))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int send_many(int fd, int nr, int bytes)
{
	static char data[65000];
	int sent = 0;

	while (sent < nr && send(fd, data, bytes, 0) == bytes)
		sent++;
	return sent;
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

/* Of a file with columns, the number in one where another is the inode. */
static long long column_in_proc(const char *path, int wanted, int inode_column,
				unsigned long inode)
{
	long long found = -1;
	size_t bytes;
	char *text = report_slurp(path, &bytes);
	char *rest = text;
	char *line;

	while (text && (line = strsep(&rest, "\n"))) {
		unsigned long ino = 0;
		long long number = -1;
		char *word;
		int i = 0;

		while ((word = strsep(&line, " "))) {
			if (!*word)
				continue;
			if (i == wanted)
				number = strtoll(word, NULL, 10);
			if (i == inode_column)
				ino = strtoul(word, NULL, 10);
			i++;
		}
		if (ino == inode)
			found = number;
	}
	free(text);
	return found;
}

TEST_F(sockets, udp_received_and_not_read)
{
	int fd = udp_to_itself(0, 16 * MIB);
	struct report *report;
	struct memory memory;
	char data[1000];
	int i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(1000, send_many(fd, 1000, 1000));
	memory = memory_of(fd);
	EXPECT_EQ(memory.rx, rx_in_proc("/proc/net/udp", inode_of(fd)));
	expect_received(_metadata, fd, "inet", "udp");

	/* What was read is free, though the kernel's counter may still have it. */
	for (i = 0; i < 400; i++)
		ASSERT_EQ(1000, recv(fd, data, sizeof(data), 0));
	report = read_report(_metadata, NAME);
	i = row_of_inode(report, inode_of(fd));
	ASSERT_LE(0, i);
	EXPECT_EQ(kb(memory.rx / 1000 * 600),
		  report_number(report, i, "rx_kB"));
	report_free(report);
	close(fd);

	report = read_report(_metadata, NAME);
	EXPECT_EQ(-1, row_of_inode(report, inode_of(fd)));
	report_free(report);
}

TEST_F(sockets, udplite_received_and_not_read)
{
	int fd = udp_to_itself(IPPROTO_UDPLITE, 4 * MIB);

	if (fd < 0 && errno == EPROTONOSUPPORT)
		SKIP(return, "this kernel has no UDP-Lite");
	ASSERT_LE(0, fd);
	ASSERT_EQ(100, send_many(fd, 100, 1000));
	expect_received(_metadata, fd, "inet", "udplite");
	close(fd);
}

TEST_F(sockets, raw_received_and_not_read)
{
	struct sockaddr_in address = loopback();
	int fd = socket(AF_INET, SOCK_RAW, RAW_PROTOCOL);

	ASSERT_LE(0, fd);
	enlarge(fd, 4 * MIB);
	ASSERT_EQ(0, connect(fd, (void *)&address, sizeof(address)));
	ASSERT_EQ(100, send_many(fd, 100, 1000));
	EXPECT_EQ(memory_of(fd).rx, rx_in_proc("/proc/net/raw", inode_of(fd)));
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
	int fd = raw6_to_itself(200 * MIB);
	int i;

	ASSERT_LE(0, fd);
	while (memory_of(fd).rx < 76 * MIB)
		ASSERT_EQ(1, send_many(fd, 1, 60000));
	EXPECT_EQ(memory_of(fd).rx, rx_in_proc("/proc/net/raw6", inode_of(fd)));
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
	struct sockaddr_in address = loopback();
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

	*address = loopback();
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

static void fill(int fd)
{
	static char data[65536];

	while (send(fd, data, sizeof(data), MSG_DONTWAIT) > 0)
		;
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
	struct memory before = { 0 };
	struct memory from = { 0 };
	struct memory to = { 0 };
	long long queued = -1;
	long long orphans = 0;
	bool agree = false;
	int sender, receiver, row, try, i;

	ASSERT_LE(0, listener);
	sender = tcp_connect(&address);
	ASSERT_LE(0, sender);
	receiver = accept(listener, NULL, NULL);
	ASSERT_LE(0, receiver);

	fill(sender);
	/* Until a read between two looks at standing queues. */
	for (try = 0; try < TRIES && !agree; try++) {
		usleep(PAUSE_US);
		fill(sender);
		before = memory_of(sender);
		to = memory_of(receiver);
		report_free(report);
		report = read_report(_metadata, NAME);
		from = memory_of(sender);
		agree = from.queued == before.queued &&
			to.rx == memory_of(receiver).rx;
	}
	ASSERT_TRUE(agree);
	EXPECT_LT(50000, to.rx);
	EXPECT_LT(50000, from.queued);

	row = row_of_inode(report, inode_of(receiver));
	expect_row(_metadata, report, row, &(struct expected) {
		.family = "inet", .type = "tcp", .rx_kb = kb(to.rx),
		.kb = kb(to.rx), .pid = getpid() });
	row = row_of_inode(report, inode_of(sender));
	expect_row(_metadata, report, row, &(struct expected) {
		.family = "inet", .type = "tcp", .tx_kb = kb(from.queued),
		.kb = kb(from.queued), .pid = getpid() });
	EXPECT_EQ(-1, row_of_inode(report, inode_of(listener)));
	report_free(report);

	/* Closed with data that nobody takes: nobody's, and still there. */
	close(sender);
	agree = false;
	report = NULL;
	for (try = 0; try < TRIES && !agree; try++) {
		usleep(PAUSE_US);
		queued = orphan_in_ss();
		report_free(report);
		report = read_report(_metadata, NAME);
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
		expect_row(_metadata, report, i, &(struct expected) {
			.family = "inet", .type = "tcp",
			.tx_kb = kb(queued), .kb = kb(queued),
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
	struct memory memory;
	int client, server, row;

	ASSERT_LE(0, listener);
	client = tcp_connect(&address);
	ASSERT_LE(0, client);
	ASSERT_EQ((ssize_t)sizeof(data), send(client, data, sizeof(data), 0));
	usleep(PAUSE_US);

	report = read_report(_metadata, NAME);
	row = report_find(report, "comm", "(not accepted)");
	/* Now it can be asked. */
	server = accept(listener, NULL, NULL);
	ASSERT_LE(0, server);
	memory = memory_of(server);
	EXPECT_LT(0, memory.rx);
	expect_row(_metadata, report, row, &(struct expected) {
		.family = "inet", .type = "tcp", .rx_kb = kb(memory.rx),
		.kb = kb(memory.rx), .pid = NO_NUMBER,
		.comm = "(not accepted)" });
	report_free(report);
	close(server);
	close(client);
	close(listener);
}

static int packet_on_loopback(int type, int protocol)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = if_nametoindex("lo"),
	};
	int fd = socket(AF_PACKET, type, 0);

	if (fd >= 0 && bind(fd, (void *)&address, sizeof(address))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The other published case, which netstat never shows: 10 MB in a packet socket. */
TEST_F(sockets, packet_backlog_is_in_the_summary)
{
	int packet = packet_on_loopback(SOCK_DGRAM, 0);
	int udp = udp_to_itself(0, MIB);
	struct report *report;
	bool found = false;
	char expected[64];
	int i;

	ASSERT_LE(0, packet);
	ASSERT_LE(0, udp);
	enlarge(packet, 32 * MIB);
	close(packet);
	packet = packet_on_loopback(SOCK_DGRAM, ETH_P_IP);
	ASSERT_LE(0, packet);
	enlarge(packet, 32 * MIB);
	for (i = 0; i < 10000 && memory_of(packet).rx < 10 * MIB; i++) {
		char data[8000];

		ASSERT_EQ(1, send_many(udp, 1, sizeof(data)));
		ASSERT_EQ((ssize_t)sizeof(data),
			  recv(udp, data, sizeof(data), 0));
	}
	close(udp);
	ASSERT_LE(10 * MIB, memory_of(packet).rx);
	/* sk RefCnt Type Proto Iface R Rmem User Inode */
	EXPECT_EQ(memory_of(packet).rx,
		  column_in_proc("/proc/net/packet", 6, 8, inode_of(packet)));
	expect_received(_metadata, packet, "packet", "dgram");

	snprintf(expected, sizeof(expected), "  %lld kB %s rx_kB=",
		 kb(memory_of(packet).rx), NAME);
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

TEST_F(sockets, packet_rings_to_the_page)
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

		fds[i] = packet_on_loopback(SOCK_RAW, 0);
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
	report = read_report(_metadata, NAME);
	for (i = 0; i < ARRAY_SIZE(rings); i++) {
		long long ring_kb = (long long)rings[i].block *
				    rings[i].blocks / 1024;

		expect_row(_metadata, report,
			   row_of_inode(report, inode_of(fds[i])),
			   &(struct expected) {
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

/* The same memory at both ends: in kB once, where it can be read. */
static void expect_unix(struct __test_metadata *_metadata, int type,
			const char *name)
{
	struct memory sent;
	struct report *report;
	char data[3000] = "";
	int pair[2];
	int nr = 0;

	ASSERT_EQ(0, socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, pair));
	while (nr < 200 && send(pair[0], data, sizeof(data), 0) > 0)
		nr++;
	EXPECT_LT(5, nr);
	sent = memory_of(pair[0]);
	EXPECT_LT(nr * (long long)sizeof(data), sent.tx);
	EXPECT_EQ(0, memory_of(pair[1]).rx);

	report = read_report(_metadata, NAME);
	expect_row(_metadata, report, row_of_inode(report, inode_of(pair[1])),
		   &(struct expected) {
			.family = "unix", .type = name, .rx_kb = kb(sent.tx),
			.kb = kb(sent.tx), .pid = getpid() });
	expect_row(_metadata, report, row_of_inode(report, inode_of(pair[0])),
		   &(struct expected) {
			.family = "unix", .type = name, .tx_kb = kb(sent.tx),
			.pid = getpid() });
	report_free(report);
	close(pair[0]);
	close(pair[1]);
}

TEST_F(sockets, unix_both_ends)
{
	expect_unix(_metadata, SOCK_STREAM, "stream");
	expect_unix(_metadata, SOCK_DGRAM, "dgram");
	expect_unix(_metadata, SOCK_SEQPACKET, "seqpacket");
}

/* More packets than are counted one by one: an estimate, and a good one. */
TEST_F(sockets, unix_long_queue_is_an_estimate)
{
	struct report *report;
	long long rx_kb;
	char byte = 0;
	int pair[2];
	int row, i;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	enlarge(pair[0], 64 * MIB);
	for (i = 0; i < 5000; i++)
		ASSERT_EQ(1, send(pair[0], &byte, 1, MSG_DONTWAIT));
	report = read_report(_metadata, NAME);
	row = row_of_inode(report, inode_of(pair[1]));
	ASSERT_LE(0, row);
	EXPECT_FALSE(report_is_exact(report, row, "rx_kB"));
	EXPECT_FALSE(report_is_exact(report, row, "kB"));
	rx_kb = report_number(report, row, "rx_kB");
	EXPECT_EQ(kb(memory_of(pair[0]).tx), rx_kb);
	report_free(report);
	close(pair[0]);
	close(pair[1]);
}

static int netlink_pair(int pair[2])
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	socklen_t length = sizeof(address);
	int i;

	for (i = 0; i < 2; i++) {
		address = (struct sockaddr_nl) { .nl_family = AF_NETLINK };
		pair[i] = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_USERSOCK);
		if (pair[i] < 0 || bind(pair[i], (void *)&address, length) ||
		    getsockname(pair[i], (void *)&address, &length))
			return -1;
	}
	return connect(pair[0], (void *)&address, length);
}

TEST_F(sockets, netlink_received_and_not_read)
{
	int pair[2];

	ASSERT_EQ(0, netlink_pair(pair));
	ASSERT_EQ(50, send_many(pair[0], 50, 1000));
	/* sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode */
	EXPECT_EQ(memory_of(pair[1]).rx,
		  column_in_proc("/proc/net/netlink", 4, 9, inode_of(pair[1])));
	expect_received(_metadata, pair[1], "netlink", "dgram");
	close(pair[0]);
	close(pair[1]);
}

TEST_F(sockets, xdp_user_memory)
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
	report = read_report(_metadata, NAME);
	expect_row(_metadata, report, row_of_inode(report, inode_of(fd)),
		   &(struct expected) {
			.family = "xdp", .type = "raw", .ring_kb = bytes / 1024,
			.kb = bytes / 1024, .pid = getpid() });
	EXPECT_NE(NULL, report_comment(report, "4096 kB are user memory"));
	report_free(report);
	close(fd);
	munmap(map, bytes);
}

static int send_descriptor(int through, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = "";
	char byte = 0;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(int));
	return sendmsg(through, &message, 0) == 1 ? 0 : -1;
}

/* Sockets that only a message holds are in the tables, and nobody's. */
TEST_F(sockets, in_flight_without_a_descriptor)
{
	const char * const families[] = { "inet", "netlink", "unix", "packet" };
	const char * const types[] = { "udp", "dgram", "dgram", "raw" };
	struct tpacket_req request = {
		.tp_block_size = 1 << 14,
		.tp_block_nr = 10,
		.tp_frame_size = 2048,
		.tp_frame_nr = 80,
	};
	struct expected expected[4];
	unsigned long inodes[4];
	struct report *report;
	int netlink[2];
	int through[2];
	int pair[2];
	int fds[4];
	int i;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, through));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	ASSERT_EQ(0, netlink_pair(netlink));
	fds[0] = udp_to_itself(0, MIB);
	fds[1] = netlink[1];
	fds[2] = pair[1];
	fds[3] = packet_on_loopback(SOCK_RAW, 0);
	ASSERT_LE(0, fds[0]);
	ASSERT_EQ(50, send_many(fds[0], 50, 1000));
	ASSERT_EQ(50, send_many(netlink[0], 50, 1000));
	ASSERT_EQ(5, send_many(pair[0], 5, 1000));
	ASSERT_EQ(0, setsockopt(fds[3], SOL_PACKET, PACKET_RX_RING, &request,
				sizeof(request)));
	for (i = 0; i < 4; i++) {
		long long bytes = i == 2 ? memory_of(pair[0]).tx :
					   memory_of(fds[i]).rx;

		expected[i] = (struct expected) {
			.family = families[i], .type = types[i],
			.rx_kb = kb(bytes), .kb = kb(bytes), .pid = NO_NUMBER,
			.comm = "(no descriptor)" };
		if (i == 3)
			expected[i].kb = expected[i].ring_kb = 160;
		inodes[i] = inode_of(fds[i]);
		ASSERT_EQ(0, send_descriptor(through[0], fds[i]));
		close(fds[i]);
	}
	report = read_report(_metadata, NAME);
	for (i = 0; i < 4; i++)
		expect_row(_metadata, report, row_of_inode(report, inodes[i]),
			   &expected[i]);
	report_free(report);
	close(through[0]);
	close(through[1]);
	close(netlink[0]);
	close(pair[0]);
}

/* Registered with io_uring, and closed. */
TEST_F(sockets, held_by_io_uring)
{
	struct io_uring_params parameters = { 0 };
	unsigned long inode;
	struct report *report;
	long long rx_kb;
	int ring = syscall(SYS_io_uring_setup, 4, &parameters);
	int fd = udp_to_itself(0, MIB);

	if (ring < 0)
		SKIP(return, "this kernel has no io_uring");
	ASSERT_LE(0, fd);
	ASSERT_EQ(50, send_many(fd, 50, 1000));
	rx_kb = kb(memory_of(fd).rx);
	inode = inode_of(fd);
	ASSERT_EQ(0, syscall(SYS_io_uring_register, ring,
			     IORING_REGISTER_FILES, &fd, 1));
	close(fd);
	report = read_report(_metadata, NAME);
	expect_row(_metadata, report, row_of_inode(report, inode),
		   &(struct expected) {
			.family = "inet", .type = "udp", .rx_kb = rx_kb,
			.kb = rx_kb, .pid = NO_NUMBER,
			.comm = "(no descriptor)" });
	report_free(report);
	close(ring);
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
	child.netns = netns_now();
	fds[0] = udp_to_itself(0, MIB);
	fds[1] = raw6_to_itself(MIB);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, unix_pair))
		_exit(1);
	fds[2] = unix_pair[1];
	send_many(fds[0], 50, 1000);
	send_many(fds[1], 50, 1000);
	send_many(unix_pair[0], 5, 1000);
	for (i = 0; i < 3; i++) {
		child.inodes[i] = inode_of(fds[i]);
		child.rx[i] = i == 2 ? memory_of(unix_pair[0]).tx :
				       memory_of(fds[i]).rx;
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
	ASSERT_NE(netns_now(), child.netns);

	report = read_report(_metadata, NAME);
	for (i = 0; i < 3; i++) {
		int row = row_of_inode(report, child.inodes[i]);

		ASSERT_LE(0, row) {
			TH_LOG("no %s:\n%s", families[i], report->text);
		}
		EXPECT_STREQ(families[i], report_text(report, row, "family"));
		EXPECT_EQ(kb(child.rx[i]),
			  report_number(report, row, "rx_kB"));
		EXPECT_EQ((long long)child.netns,
			  report_number(report, row, "netns"));
		EXPECT_EQ(child.pid, report_number(report, row, "pid"));
	}
	report_free(report);

	close(stop[1]);
	ASSERT_EQ(child.pid, waitpid(child.pid, &status, 0));
	EXPECT_EQ(0, status);
	report = read_report(_metadata, NAME);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(-1, row_of_inode(report, child.inodes[i]));
	report_free(report);
}

TEST_F(sockets, shared_by_two_processes)
{
	int fd = udp_to_itself(0, MIB);
	long long rx_kb;
	struct report *report;
	int status;
	pid_t pid;

	ASSERT_LE(0, fd);
	ASSERT_EQ(50, send_many(fd, 50, 1000));
	/* A second descriptor of ours is not another holder. */
	ASSERT_LE(0, dup(fd));
	rx_kb = kb(memory_of(fd).rx);
	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	report = read_report(_metadata, NAME);
	expect_row(_metadata, report, row_of_inode(report, inode_of(fd)),
		   &(struct expected) {
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
		ASSERT_LE(0, udp_to_itself(0, 65536));
	for (i = 0; i < 60; i++) {
		busy[i] = udp_to_itself(0, MIB);
		ASSERT_EQ(i + 1, send_many(busy[i], i + 1, 1000));
	}
	report = read_report(_metadata, NAME);
	EXPECT_LE(60, report->nr_records);
	EXPECT_GT(100, report->nr_records);
	EXPECT_STREQ("ok", report->state);
	EXPECT_NE(NULL, report_comment(report, "sockets hold nothing"));
	EXPECT_LE(3000, strtoll(report_comment(report, "sockets hold nothing"),
				NULL, 10));
	all_kb = report_sum(report, "kB");
	report_free(report);

	ASSERT_EQ(0, module_set("rows", "8"));
	report = read_report(_metadata, NAME);
	few_kb = report_sum(report, "kB");
	EXPECT_EQ(all_kb, few_kb);
	EXPECT_LE(52, report->nr_dropped);
	EXPECT_LE(0, report_find(report, "comm", "(other)"));
	EXPECT_EQ(0, row_of_inode(report, inode_of(busy[59])));
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
		udp = udp_to_itself(0, MIB);
		raw = raw6_to_itself(MIB);
		packet = packet_on_loopback(SOCK_RAW, ETH_P_ALL);
		listener = tcp_listener(&address);
		client = tcp_connect(&address);
		send_many(udp, 20, 1000);
		send_many(raw, 20, 1000);
		send_many(through[0], 5, 1000);
		if (client >= 0)
			fill(client);
		send_descriptor(through[0], udp);
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
		report = read_report(_metadata, NAME);
		EXPECT_STRNE("unavailable", report->state);
		report_free(report);
		reads++;
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec - begin.tv_sec < 3);
	EXPECT_LT(3, reads);
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
