// SPDX-License-Identifier: GPL-2.0
/*
 * sockets.c - the report of sockets: explains parts of SlabUnreclaimable and Ghost.
 *
 * A record is a socket that holds memory; what is idle is only counted. kB is memory that is this
 * socket's alone: rx_kB, tx_kB and ring_kB together, but without the tx_kB of a UNIX socket, which
 * is the same memory as the rx_kB of those it sent to.
 */
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/socket.h>

#include "access/sock.h"
#include "access/sock_layout.h"
#include "memory.h"
#include "snapshot.h"

#define OWNER	40

static const char *const families[] = {
	[AF_UNIX] = "unix",
	[AF_INET] = "inet",
	[AF_AX25] = "ax25",
	[AF_INET6] = "inet6",
	[AF_KEY] = "key",
	[AF_NETLINK] = "netlink",
	[AF_PACKET] = "packet",
	[AF_RDS] = "rds",
	[AF_PPPOX] = "pppox",
	[AF_LLC] = "llc",
	[AF_CAN] = "can",
	[AF_TIPC] = "tipc",
	[AF_BLUETOOTH] = "bluetooth",
	[AF_RXRPC] = "rxrpc",
	[AF_PHONET] = "phonet",
	[AF_IEEE802154] = "ieee802154",
	[AF_ALG] = "alg",
	[AF_NFC] = "nfc",
	[AF_VSOCK] = "vsock",
	[AF_KCM] = "kcm",
	[AF_QIPCRTR] = "qrtr",
	[AF_SMC] = "smc",
	[AF_XDP] = "xdp",
#ifdef AF_MCTP
	[AF_MCTP] = "mctp",
#endif
};

static const char *const types[] = {
	[SOCK_STREAM] = "stream",
	[SOCK_DGRAM] = "dgram",
	[SOCK_RAW] = "raw",
	[SOCK_RDM] = "rdm",
	[SOCK_SEQPACKET] = "seqpacket",
	[SOCK_DCCP] = "dccp",
	[SOCK_PACKET] = "packet",
};

/* struct protocol - what a socket of the internet is called by its protocol */
struct protocol {
	u16 number;
	const char *name;
};

static const struct protocol protocols[] = {
	{ IPPROTO_TCP, "tcp" },
	{ IPPROTO_UDP, "udp" },
	{ IPPROTO_UDPLITE, "udplite" },
	{ IPPROTO_ICMP, "ping" },
	{ IPPROTO_ICMPV6, "ping" },
	{ IPPROTO_SCTP, "sctp" },
	{ IPPROTO_DCCP, "dccp" },
#ifdef IPPROTO_L2TP
	{ IPPROTO_L2TP, "l2tp" },
#endif
#ifdef IPPROTO_MPTCP
	{ IPPROTO_MPTCP, "mptcp" },
#endif
};

static const char *family_of(const struct mt_sock *sock)
{
	if (sock->family >= ARRAY_SIZE(families) || !families[sock->family])
		return "other";
	return families[sock->family];
}

static const char *type_of(const struct mt_sock *sock)
{
	bool inet = sock->family == AF_INET || sock->family == AF_INET6;
	unsigned int i;

	for (i = 0; inet && sock->type != SOCK_RAW && i < ARRAY_SIZE(protocols); i++) {
		if (protocols[i].number == sock->protocol)
			return protocols[i].name;
	}
	if (sock->type >= ARRAY_SIZE(types) || !types[sock->type])
		return "other";
	return types[sock->type];
}

static const char *name_owner(char owner[OWNER], const struct mt_sock *sock, unsigned int gaps)
{
	static const char *const places[] = {
		[MT_SOCK_OPEN] = "(no descriptor)",
		[MT_SOCK_KERNEL] = "(kernel)",
		[MT_SOCK_ORPHAN] = "(orphan)",
		[MT_SOCK_UNACCEPTED] = "(not accepted)",
	};

	if (!sock->holders)
		return sock->place == MT_SOCK_OPEN && (gaps & MT_SOCK_GAP_OWNERS) ?
		       "-" : places[sock->place];
	if (sock->holders == 1)
		return sock->comm;
	snprintf(owner, OWNER, "%s (+%u)", sock->comm, sock->holders - 1);
	return owner;
}

static s64 kB(u64 bytes)
{
	return DIV_ROUND_UP(bytes, 1024);
}

static void add(struct mt_snapshot *snap, const struct mt_sock *sock, unsigned int gaps)
{
	enum mt_certainty certainty = sock->rx_estimate ? MT_ESTIMATE : MT_EXACT;
	bool whole = sock->rx_known && sock->ring_known && !sock->rx_estimate;
	char owner[OWNER];
	struct mt_cell cells[] = {
		mt_number(kB(mt_sock_bytes(sock)), whole ? MT_EXACT : MT_ESTIMATE),
		sock->rx_known ? mt_number(kB(sock->rx), certainty) : mt_unknown(),
		mt_exact(kB(sock->tx)),
		sock->ring_known ? mt_exact(kB(sock->ring)) : mt_unknown(),
		mt_exact(sock->netns),
		mt_text(family_of(sock)),
		mt_text(type_of(sock)),
		sock->inode ? mt_exact(sock->inode) : mt_unknown(),
		sock->holders ? mt_exact(sock->pid) : mt_unknown(),
		mt_text(name_owner(owner, sock, gaps)),
	};

	mt_snapshot_add(snap, cells);
}

static void add_spilled(struct mt_snapshot *snap, const struct mt_sock *sock)
{
	struct mt_cell cells[] = {
		mt_number(kB(sock->rx + sock->tx + sock->ring), MT_ESTIMATE),
		mt_number(kB(sock->rx), MT_ESTIMATE),
		mt_number(kB(sock->tx), MT_ESTIMATE),
		mt_number(kB(sock->ring), MT_ESTIMATE),
		mt_unknown(),
		mt_text(NULL),
		mt_text(NULL),
		mt_unknown(),
		mt_unknown(),
		mt_text("(more sockets)"),
	};

	mt_snapshot_add(snap, cells);
}

/* struct gap_words - what a gap means for the reader */
struct gap_words {
	enum mt_sock_gap gap;
	const char *words;
};

static const struct gap_words gap_words[] = {
	{ MT_SOCK_GAP_TIME, "not all sockets: the time was over" },
	{ MT_SOCK_GAP_SIGNAL, "not all sockets: interrupted" },
	{ MT_SOCK_GAP_MEMORY, "no memory to tell all sockets or holders" },
	{ MT_SOCK_GAP_LOCK, "some sockets or queues were locked all the time" },
	{ MT_SOCK_GAP_MOVED, "a list of sockets changed faster than it could be read" },
	{ MT_SOCK_GAP_BROKEN, "some sockets could not be read" },
	{ MT_SOCK_GAP_RAW6, "symbol raw_v6_hashinfo hidden: lost: raw6 sockets of nobody" },
	{ MT_SOCK_GAP_VSOCK, "symbol vsock_bind_table hidden: lost: vsock sockets of nobody" },
	{ MT_SOCK_GAP_OWNERS, "not all descriptors were looked at: some pids are unknown" },
};

static void say_gaps(struct mt_snapshot *snap, unsigned int gaps)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(gap_words); i++) {
		if (gaps & gap_words[i].gap)
			mt_snapshot_partial(snap, "%s", gap_words[i].words);
	}
}

/* struct sums - what the notes tell */
struct sums {
	u64 bytes;
	u64 sockets;
	u64 ring_pages;
	u64 ring_vmalloc;
	u64 umem;
	bool unix_tx;
};

static void sum(struct sums *sums, const struct mt_sock *sock)
{
	sums->bytes += mt_sock_bytes(sock);
	sums->sockets++;
	if (sock->family == AF_XDP)
		sums->umem += sock->ring;
	else
		sums->ring_pages += sock->ring - sock->ring_vmalloc;
	sums->ring_vmalloc += sock->ring_vmalloc;
	sums->unix_tx |= sock->family == AF_UNIX && sock->tx;
}

static void print_notes(struct mt_snapshot *snap, const struct sums *sums, u64 idle)
{
	mt_snapshot_print(snap, "together %lld kB in %llu sockets; each figure is rounded up",
			  kB(sums->bytes), sums->sockets);
	mt_snapshot_print(snap, "%llu sockets hold nothing and are left out", idle);
	if (sums->ring_pages || sums->ring_vmalloc)
		mt_snapshot_print(snap,
				  "of ring_kB, %lld kB are pages of Ghost, %lld kB of Vmalloc",
				  kB(sums->ring_pages), kB(sums->ring_vmalloc));
	if (sums->umem)
		mt_snapshot_print(snap,
				  "of ring_kB, %lld kB are user memory (XDP umem), in a process's RSS too",
				  kB(sums->umem));
	if (sums->unix_tx)
		mt_snapshot_print(snap,
				  "tx_kB of unix is the rx_kB of its receivers, and no part of kB");
}

/* Processes whose sockets are summed up, and how many of them are told. */
#define HOLDERS		1024
#define TOLD		8

/*
 * struct holder - the sockets of one process, or those of nobody in one place
 * @sock: the first of them; NULL for an unused entry
 * @bytes: of all of them
 * @sockets: how many
 */
struct holder {
	const struct mt_sock *sock;
	u64 bytes;
	u64 sockets;
};

static bool same_holder(const struct mt_sock *a, const struct mt_sock *b)
{
	if (!a->holders || !b->holders)
		return !a->holders && !b->holders && a->place == b->place;
	return a->pid == b->pid;
}

/* A hash table with open addressing. What comes when it is nearly full is left out. */
static void add_to_holder(struct holder *holders, unsigned int *used, const struct mt_sock *sock)
{
	unsigned int at = (sock->holders ? sock->pid : sock->place) % HOLDERS;

	while (holders[at].sock && !same_holder(holders[at].sock, sock))
		at = (at + 1) % HOLDERS;
	if (!holders[at].sock) {
		if (*used >= HOLDERS / 4 * 3)
			return;
		++*used;
		holders[at].sock = sock;
	}
	holders[at].bytes += mt_sock_bytes(sock);
	holders[at].sockets++;
}

/* Not every socket is a record, so who has many small ones is told by their sum. */
static void print_holders(struct mt_snapshot *snap, const struct mt_sock_set *set, bool all)
{
	struct holder *holders = mt_memory_zalloc(HOLDERS * sizeof(*holders));
	unsigned int used = 0;
	char owner[OWNER];
	unsigned int told;
	u32 i;

	if (!holders)
		return;
	for (i = 0; i < mt_sock_set_nr(set); i++)
		add_to_holder(holders, &used, mt_sock_set_get(set, i));
	for (told = 0; told < TOLD; told++) {
		struct holder *most = NULL;

		for (i = 0; i < HOLDERS; i++) {
			if (holders[i].sockets > 1 && (!most || holders[i].bytes > most->bytes))
				most = &holders[i];
		}
		if (!most)
			break;
		if (most->sock->holders)
			mt_snapshot_print(snap, "held: %lld kB in %llu sockets by pid %d (%s)%s",
					  kB(most->bytes), most->sockets, most->sock->pid,
					  most->sock->comm,
					  all ? "" : ", and of those in the sum");
		else
			mt_snapshot_print(snap, "held: %lld kB in %llu sockets by nobody: %s",
					  kB(most->bytes), most->sockets,
					  name_owner(owner, most->sock, mt_sock_set_gaps(set)));
		most->sockets = 0;
	}
	mt_memory_free(holders);
}

static int collect(struct mt_snapshot *snap)
{
	struct mt_sock_set *set = mt_sock_set_new(snap->budget_ns);
	const struct mt_sock *spilled;
	struct sums sums = { };
	u64 nr_spilled;
	u32 i;

	if (!set)
		return -ENOMEM;
	mt_sock_walk(set);
	for (i = 0; i < mt_sock_set_nr(set); i++) {
		add(snap, mt_sock_set_get(set, i), mt_sock_set_gaps(set));
		sum(&sums, mt_sock_set_get(set, i));
	}
	spilled = mt_sock_set_spilled(set, &nr_spilled);
	if (nr_spilled) {
		add_spilled(snap, spilled);
		sums.bytes += spilled->rx + spilled->tx + spilled->ring;
		sums.sockets += nr_spilled;
		sums.ring_pages += spilled->ring - spilled->ring_vmalloc;
		sums.ring_vmalloc += spilled->ring_vmalloc;
		mt_snapshot_partial(snap, "%llu sockets are told only as a sum", nr_spilled);
	}
	say_gaps(snap, mt_sock_set_gaps(set));
	print_notes(snap, &sums, mt_sock_set_idle(set));
	print_holders(snap, set, !nr_spilled);
	mt_sock_set_free(set);
	return 0;
}

static const struct mt_column columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "rx_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "tx_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "ring_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "netns", .type = MT_NUMBER },
	{ .name = "family", .type = MT_WORD },
	{ .name = "type", .type = MT_WORD },
	{ .name = "inode", .type = MT_NUMBER },
	{ .name = "pid", .type = MT_NUMBER },
	{ .name = "comm", .type = MT_TEXT },
};

const struct mt_collector mt_sockets_collector = {
	.name = "sockets",
	.form = MT_FORM_TABLE,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.needs = {
		{
			.any_of = { &mt_packet_ring_table },
			.loses = "rings of packet sockets",
		},
		{
			.any_of = { &mt_netlink_table_table },
			.loses = "netlink sockets without a descriptor",
		},
		{
			.any_of = { &mt_unix_table_table },
			.loses = "UNIX sockets without a descriptor",
			.may_be_absent = true,
		},
	},
	.collect = collect,
};
