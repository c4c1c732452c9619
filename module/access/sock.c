// SPDX-License-Identifier: GPL-2.0
/*
 * sock.c - knows which of a socket's counters are memory, and keeps the sockets that hold some.
 *
 * What a socket holds is the truesize of its packets: data, the unused rest of their buffers and
 * the headers, which may be fifty times what netstat shows. Where it is counted depends on the
 * family:
 *   TCP, MPTCP, SCTP  sk_rmem_alloc with the backlog; sk_wmem_queued. Not sk_wmem_alloc: what is on
 *                     its way in a driver is a clone of what is queued, and charged again.
 *   UNIX              the packets in the receiver's queue, charged to the sender's sk_wmem_alloc.
 *                     They are memory once: in the row of the receiver, who can free them by
 *                     reading. The sender's tx says who sent them, and is no part of its sum.
 *   vsock             what its transport counts, which is charged to no socket.
 *   all others        sk_rmem_alloc with the backlog; sk_wmem_alloc. Of UDP's, a part was already
 *                     read and is not yet given back: forward_deficit.
 * A packet that several sockets got (multicast of netlink, taps of packet sockets) is charged to
 * each of them, by the kernel and therefore here.
 *
 * Locking: what the finders hold. Consistency: each socket is read in one copy, without its lock:
 * its counters are of about the same moment. A socket's memory may be another's by the time it is
 * read (SLAB_TYPESAFE_BY_RCU): then that other one is told, once.
 */
#include "access/sock.h"

#include <linux/hash.h>
#include <linux/in.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/sched/signal.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/udp.h>
#include <net/net_namespace.h>

#include "access/sock_set.h"
#include "introspect/kread.h"
#include "memory.h"

#define FIRST_ROOM	512

/* A list that is not where it began is begun again as often as this. */
#define RESTARTS	4

/* A longer list is taken for a broken one. */
#define LONGEST_CHAIN	1000000

/**
 * mt_sock_set_new() - an empty set of sockets
 * @budget_ns: what finding them may take, 0 for all it takes
 *
 * Context: process context, may sleep.
 * Return: the set, for mt_sock_set_free(), or NULL.
 */
struct mt_sock_set *mt_sock_set_new(u64 budget_ns)
{
	struct mt_sock_set *set = mt_memory_zalloc(sizeof(*set));

	if (!set)
		return NULL;
	set->until_ns = budget_ns ? ktime_get_ns() + budget_ns : 0;
	set->packets = MT_SOCK_QUEUE;
	mt_sock_make_room(set);
	return set;
}

/**
 * mt_sock_set_free() - forget the sockets
 * @set: the set, or NULL
 *
 * Context: process context, may sleep.
 */
void mt_sock_set_free(struct mt_sock_set *set)
{
	if (!set)
		return;
	mt_memory_free(set->socks);
	mt_memory_free(set->heads);
	mt_memory_free(set);
}

/**
 * mt_sock_walk() - find the sockets of all namespaces, and who holds them
 * @set: gets them
 *
 * Context: process context, no lock held, may sleep.
 */
void mt_sock_walk(struct mt_sock_set *set)
{
	const u64 until_ns = set->until_ns;
	const u64 now_ns = ktime_get_ns();

	mt_sock_packet_find();
	mt_sock_vsock_find(set);
	/* of what time there is, half is for the owners */
	if (until_ns > now_ns)
		set->until_ns -= (until_ns - now_ns) / 2;
	mt_sock_tables_walk(set);
	set->until_ns = until_ns;
	mt_sock_owners_walk(set);
}

/**
 * mt_sock_set_nr() - how many sockets are told one by one?
 * @set: the set
 *
 * Context: any.
 * Return: the number of them.
 */
u32 mt_sock_set_nr(const struct mt_sock_set *set)
{
	return set->nr;
}

/**
 * mt_sock_set_get() - one of the sockets
 * @set: the set
 * @nr: below mt_sock_set_nr()
 *
 * Context: any.
 * Return: the socket.
 */
const struct mt_sock *mt_sock_set_get(const struct mt_sock_set *set, u32 nr)
{
	return &set->socks[nr];
}

/**
 * mt_sock_set_spilled() - the sums of the sockets that are not told one by one
 * @set: the set
 * @nr: gets how many there are
 *
 * Context: any.
 * Return: a socket of which only @rx, @tx, @ring and @ring_vmalloc say something.
 */
const struct mt_sock *mt_sock_set_spilled(const struct mt_sock_set *set, u64 *nr)
{
	*nr = set->nr_spilled;
	return &set->spilled;
}

/**
 * mt_sock_set_idle() - sockets of the kernel's tables that hold nothing
 * @set: the set
 *
 * Context: any.
 * Return: how many.
 */
u64 mt_sock_set_idle(const struct mt_sock_set *set)
{
	return set->idle;
}

/**
 * mt_sock_set_gaps() - what was not seen, and why
 * @set: the set
 *
 * Context: any.
 * Return: bits of enum mt_sock_gap, 0 if all was seen.
 */
unsigned int mt_sock_set_gaps(const struct mt_sock_set *set)
{
	return set->gaps;
}

/**
 * mt_sock_bytes() - the memory that is this socket's alone
 * @sock: the socket
 *
 * Context: any.
 * Return: bytes; what is unknown is not in it.
 */
u64 mt_sock_bytes(const struct mt_sock *sock)
{
	return sock->rx + sock->ring + (sock->family == AF_UNIX ? 0 : sock->tx);
}

/**
 * mt_sock_may_go_on() - is there time for more?
 * @set: the set; its gaps say why not
 *
 * Context: process context, no lock held, may sleep.
 * Return: false if the time is over or the reader was killed.
 */
bool mt_sock_may_go_on(struct mt_sock_set *set)
{
	cond_resched();
	if (fatal_signal_pending(current))
		set->gaps |= MT_SOCK_GAP_SIGNAL;
	else if (set->until_ns && ktime_get_ns() > set->until_ns)
		set->gaps |= MT_SOCK_GAP_TIME;
	else
		return true;
	return false;
}

/**
 * mt_sock_has_room() - can another socket be kept without asking for memory?
 * @set: the set
 *
 * Context: any.
 * Return: true also if there will never be more room: then only sums are kept.
 */
bool mt_sock_has_room(const struct mt_sock_set *set)
{
	return set->nr < set->room || set->full;
}

/* UNIX senders too: what they sent is their size, though not their memory. */
static u64 size_of(const struct mt_sock *sock)
{
	return sock->rx + sock->tx + sock->ring;
}

static void spill(struct mt_sock_set *set, const struct mt_sock *sock)
{
	set->spilled.rx += sock->rx;
	set->spilled.tx += sock->family == AF_UNIX ? 0 : sock->tx;
	set->spilled.ring += sock->ring;
	set->spilled.ring_vmalloc += sock->ring_vmalloc;
	set->nr_spilled++;
}

static void link(struct mt_sock_set *set, u32 nr)
{
	u32 *head = &set->heads[hash_long(set->socks[nr].key, ilog2(set->room))];

	set->socks[nr].next = *head;
	*head = nr + 1;
}

/*
 * There is no more room: sum up the small ones until half of it is free. Where many are of one
 * size, some of these may stay.
 */
static void sum_up(struct mt_sock_set *set)
{
	u64 before = set->least;
	u32 nr = set->nr;
	u32 spare;
	u32 i;

	while (nr > set->room / 2) {
		set->least = set->least ? 2 * set->least : 1024;
		for (i = 0, nr = 0; i < set->nr; i++)
			nr += size_of(&set->socks[i]) >= set->least;
		cond_resched();
	}
	spare = set->room / 2 - nr;
	memset(set->heads, 0, (size_t)set->room * sizeof(*set->heads));
	for (i = 0, nr = 0; i < set->nr; i++) {
		u64 size = size_of(&set->socks[i]);

		if (size < set->least && size >= before && spare) {
			spare--;
		} else if (size < set->least) {
			spill(set, &set->socks[i]);
			continue;
		}
		set->socks[nr] = set->socks[i];
		link(set, nr++);
	}
	set->nr = nr;
}

static bool grow(struct mt_sock_set *set, u32 room)
{
	struct mt_sock *socks;
	u32 *heads;
	u32 i;

	if (room > MT_SOCKS_MAX)
		return false;
	socks = mt_memory_alloc((size_t)room * sizeof(*socks));
	heads = mt_memory_zalloc((size_t)room * sizeof(*heads));
	if (!socks || !heads) {
		mt_memory_free(socks);
		mt_memory_free(heads);
		set->gaps |= MT_SOCK_GAP_MEMORY;
		return false;
	}
	if (set->nr)
		memcpy(socks, set->socks, set->nr * sizeof(*socks));
	mt_memory_free(set->socks);
	mt_memory_free(set->heads);
	set->socks = socks;
	set->heads = heads;
	set->room = room;
	for (i = 0; i < set->nr; i++)
		link(set, i);
	return true;
}

/**
 * mt_sock_make_room() - make room for more sockets
 * @set: the set; if it cannot grow, its smallest sockets are summed up
 *
 * Context: process context, no lock held, may sleep.
 */
void mt_sock_make_room(struct mt_sock_set *set)
{
	if (set->full || set->nr < set->room || grow(set, max_t(u32, FIRST_ROOM, 2 * set->room)))
		return;
	if (set->room)
		sum_up(set);
	else
		set->full = true;
}

/**
 * mt_sock_find() - a socket that is already there
 * @set: the set
 * @key: its key
 *
 * Context: any.
 * Return: the socket, or NULL.
 */
struct mt_sock *mt_sock_find(const struct mt_sock_set *set, unsigned long key)
{
	u32 at;

	if (!set->room)
		return NULL;
	for (at = set->heads[hash_long(key, ilog2(set->room))]; at; at = set->socks[at - 1].next) {
		if (set->socks[at - 1].key == key)
			return &set->socks[at - 1];
	}
	return NULL;
}

static void keep(struct mt_sock_set *set, const struct mt_sock *sock)
{
	if (set->nr == set->room || size_of(sock) < set->least) {
		spill(set, sock);
		return;
	}
	set->socks[set->nr] = *sock;
	link(set, set->nr++);
}

static bool is_inet(const struct mt_sock *sock)
{
	return sock->family == AF_INET || sock->family == AF_INET6;
}

/* Memory that was read from a UDP socket, and which its counter still has. */
static u64 udp_deficit(const struct mt_sock *sock)
{
	int deficit;

	if (!is_inet(sock) || sock->type != SOCK_DGRAM ||
	    (sock->protocol != IPPROTO_UDP && sock->protocol != IPPROTO_UDPLITE))
		return 0;
	if (!mt_kread(&deficit, sock->key + offsetof(struct udp_sock, forward_deficit),
		      sizeof(deficit)) || deficit < 0)
		return 0;
	return deficit;
}

static bool counts_queued(const struct mt_sock *sock)
{
	return is_inet(sock) && (sock->protocol == IPPROTO_TCP ||
#ifdef IPPROTO_MPTCP
				 sock->protocol == IPPROTO_MPTCP ||
#endif
				 sock->protocol == IPPROTO_SCTP);
}

static void measure(struct mt_sock_set *set, struct mt_sock *sock)
{
	const struct sock *copy = &set->copy;
	s64 rx = (s64)atomic_read(&copy->sk_rmem_alloc) + copy->sk_backlog.len - udp_deficit(sock);
	s64 tx = counts_queued(sock) ? copy->sk_wmem_queued :
				       (s64)refcount_read(&copy->sk_wmem_alloc) - 1;

	/* counters of one moment, almost: a difference may be below nothing */
	sock->rx = max_t(s64, rx, 0);
	sock->tx = max_t(s64, tx, 0);
	sock->rx_known = true;
	sock->ring_known = true;
	switch (sock->family) {
	case AF_UNIX:
		mt_sock_unix_queue(set, sock);
		break;
	case AF_PACKET:
		mt_sock_packet_ring(sock);
		break;
	case AF_VSOCK:
		mt_sock_vsock_queue(set, sock);
		break;
	case AF_XDP:
		mt_sock_xdp_umem(sock);
		break;
	}
}

/* Who has it if no process does. Under RCU, or the lock of the list: its file stays in memory. */
static void place(const struct sock *copy, struct mt_sock *sock)
{
	unsigned long inode;

	if (!copy->sk_socket) {
		sock->place = sock_flag(copy, SOCK_DEAD) ? MT_SOCK_ORPHAN : MT_SOCK_UNACCEPTED;
		return;
	}
	sock->place = copy->sk_kern_sock ? MT_SOCK_KERNEL : MT_SOCK_OPEN;
	if (mt_kread(&inode, (unsigned long)&SOCK_INODE(copy->sk_socket)->i_ino, sizeof(inode)))
		sock->inode = inode;
}

/* The small ones are shorter than a socket: nothing behind their state may be read. */
static bool is_small(const struct sock *copy, enum mt_sock_kind kind)
{
	return kind == MT_SOCK_TCP && !sk_fullsock(copy);
}

/**
 * mt_sock_look() - look at a socket, and keep it if it holds memory
 * @set: where to; must have room
 * @sk: the socket
 * @kind: what it may be instead
 *
 * Context: any in which the socket's memory stays, under RCU or a lock.
 * Return: false if the socket holds nothing, is going away or could not be read.
 */
bool mt_sock_look(struct mt_sock_set *set, unsigned long sk, enum mt_sock_kind kind)
{
	const size_t common = sizeof(struct sock_common);
	struct sock *copy = &set->copy;
	struct mt_sock sock = { .key = sk };

	if (mt_sock_find(set, sk))
		return true;
	if (!mt_kread(copy, sk, common)) {
		set->gaps |= MT_SOCK_GAP_BROKEN;
		return false;
	}
	if (is_small(copy, kind))
		return false;
	if (!mt_kread((void *)copy + common, sk + common, sizeof(*copy) - common)) {
		set->gaps |= MT_SOCK_GAP_BROKEN;
		return false;
	}
	if (!refcount_read(&copy->sk_refcnt))
		return false;
	sock.family = copy->sk_family;
	sock.type = copy->sk_type;
	sock.protocol = copy->sk_protocol;
	measure(set, &sock);
	if (!sock.rx && !sock.tx && !sock.ring && sock.rx_known && sock.ring_known) {
		set->idle++;
		return false;
	}
#ifdef CONFIG_NET_NS
	if (!mt_kread(&sock.netns, (unsigned long)&copy->sk_net.net->ns.inum, sizeof(sock.netns)))
		set->gaps |= MT_SOCK_GAP_BROKEN;
#else
	sock.netns = init_net.ns.inum;
#endif
	place(copy, &sock);
	keep(set, &sock);
	return true;
}

/**
 * mt_sock_chain_read() - look at the next sockets of a list
 * @set: where to
 * @chain: the list; remembers how far it was read
 *
 * A list of hlist_nulls that ends elsewhere was left for another one, with a socket that moved: it
 * is begun again, and what was seen before is not seen twice.
 *
 * Context: under RCU or the lock of the list.
 * Return: true at the end of the list. False if there is more: then the caller drops what it holds,
 * makes room, and calls again.
 */
bool mt_sock_chain_read(struct mt_sock_set *set, struct mt_sock_chain *chain)
{
	unsigned long node = (unsigned long)READ_ONCE(*(void **)chain->first);
	u32 left = MT_SOCK_PART;
	u32 at = 0;

	while (node && !(node & 1)) {
		if (at >= chain->skip) {
			if (!left-- || !set->packets || !mt_sock_has_room(set))
				return false;
			mt_sock_look(set, node - chain->node, chain->kind);
			chain->skip++;
		}
		/* both kinds of nodes begin with their link */
		if (++at == LONGEST_CHAIN || !mt_kread_ulong(node, &node)) {
			set->gaps |= MT_SOCK_GAP_BROKEN;
			return true;
		}
	}
	if (chain->nulls == MT_SOCK_HLIST || node >> 1 == chain->nulls)
		return true;
	if (++chain->restarts == RESTARTS) {
		set->gaps |= MT_SOCK_GAP_MOVED;
		return true;
	}
	chain->skip = 0;
	return false;
}
