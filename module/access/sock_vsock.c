// SPDX-License-Identifier: GPL-2.0
/*
 * sock_vsock.c - knows the vsock sockets, also those that nobody has accepted, and what lies in
 * their queues.
 *
 * What a virtio transport received is charged to no socket: its queue hangs from a private struct
 * of the transport, whose header is public. The queue's own lock cannot be taken from outside,
 * because a socket that connects anew gives that struct back. So the bytes that it counts are read,
 * and the packets' overhead is estimated. Whether a socket has such a struct is told by a function
 * of its transport, which is compared and not called.
 *
 * vsock is a module: its tables are asked for, which also pins it, and done without.
 *
 * Locking: vsock_table_lock, which is only tried, for PART sockets at a time.
 * Consistency: a table that changes while its lock is dropped may hide a socket; none is seen
 * twice.
 */
#include "access/sock.h"

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/socket.h>
#include <linux/virtio_vsock.h>
#include <net/af_vsock.h>

#include "access/sock_set.h"
#include "introspect/klock.h"
#include "introspect/kread.h"
#include "introspect/running.h"

/* Sockets that are looked at before the lock is dropped. */
#define PART		64

/* How often the lock is tried before the rest of the tables is given up. */
#define TRIES		50

/* A longer list is taken for a broken one. */
#define MAX_SOCKETS	1000000

#if IS_ENABLED(CONFIG_VSOCKETS)

/**
 * mt_sock_vsock_queue() - what a vsock socket was sent and has not read
 * @set: the set
 * @sock: the socket; gets it
 *
 * Context: any in which the socket stays.
 */
void mt_sock_vsock_queue(struct mt_sock_set *set, struct mt_sock *sock)
{
	const struct vsock_sock *vsk = (const struct vsock_sock *)sock->key;
	const struct vsock_transport *transport;
	unsigned long has_data, trans;
	u32 rx_bytes, packets = 0;

	if (!mt_kread(&transport, (unsigned long)&vsk->transport, sizeof(transport))) {
		sock->rx_known = false;
		return;
	}
	/* datagrams are charged as everywhere */
	if (!transport || sock->type == SOCK_DGRAM)
		return;
	sock->rx_known = set->vsock_has_data &&
			 mt_kread_ulong((unsigned long)&transport->stream_has_data, &has_data) &&
			 has_data == set->vsock_has_data &&
			 mt_kread_ulong((unsigned long)&vsk->trans, &trans);
	if (!sock->rx_known || !trans)
		return;
	sock->rx_known = mt_kread(&rx_bytes, trans + offsetof(struct virtio_vsock_sock, rx_bytes),
				  sizeof(rx_bytes));
	/*
	 * Linux kernel commit 71dc9ec9ac7d ("virtio/vsock: replace virtio_vsock_pkt with sk_buff")
	 * (in v6.3): before, the overhead of a packet is small.
	 */
#ifndef MT_VSOCK_HAS_PACKETS
	sock->rx_known = sock->rx_known &&
			 mt_kread(&packets,
				  trans + offsetof(struct virtio_vsock_sock, rx_queue.qlen),
				  sizeof(packets));
#endif
	if (!sock->rx_known)
		return;
	sock->rx += rx_bytes + (u64)packets * SKB_TRUESIZE(sizeof(struct virtio_vsock_hdr));
	sock->rx_estimate = rx_bytes;
}

/*
 * struct part - some sockets of a list, that are read under the lock
 * @set: gets them
 * @head: the list
 * @link: bytes from the start of a socket to its link in that list
 * @children: only those that are in no other list
 * @skip: links that were passed before
 * @done: that was all of it
 */
struct part {
	struct mt_sock_set *set;
	unsigned long head;
	size_t link;
	bool children;
	u32 skip;
	bool done;
};

/* One that nobody has accepted was never bound. */
static bool is_bound(unsigned long sk)
{
	unsigned long link = sk + offsetof(struct vsock_sock, bound_table);
	unsigned long next;

	return mt_kread_ulong(link, &next) && next && next != link;
}

static void read_locked(void *arg)
{
	struct part *part = arg;
	u32 left = PART;
	struct mt_klist walk;
	unsigned long node;
	u32 at = 0;

	mt_klist_start(&walk, part->head, MAX_SOCKETS);
	/* a socket may be left by its file, which is freed after a grace period */
	rcu_read_lock();
	while ((node = mt_klist_next(&walk))) {
		if (at++ < part->skip)
			continue;
		if (!left-- || !mt_sock_has_room(part->set))
			break;
		part->skip++;
		if (!part->children || !is_bound(node - part->link))
			mt_sock_look(part->set, node - part->link, MT_SOCK_ANY);
	}
	rcu_read_unlock();
	part->done = !node;
	if (walk.error)
		part->set->gaps |= MT_SOCK_GAP_BROKEN;
}

static bool walk_table(struct mt_sock_set *set, const struct list_head *table, u32 buckets,
		       size_t link, spinlock_t *lock)
{
	u32 i;

	for (i = 0; i < buckets; i++) {
		struct part part = {
			.set = set,
			.head = (unsigned long)&table[i],
			.link = link,
			.children = link == offsetof(struct vsock_sock, connected_table),
		};
		unsigned int tries = 0;

		if (list_empty(&table[i]))
			continue;
		while (!part.done) {
			mt_sock_make_room(set);
			if (!mt_sock_may_go_on(set))
				return false;
			if (!mt_klock_spin(&mt_klock_vsock, lock, read_locked, &part) &&
			    ++tries == TRIES) {
				set->gaps |= MT_SOCK_GAP_LOCK;
				return false;
			}
		}
	}
	return true;
}

/**
 * mt_sock_vsock_find() - what is asked of each vsock socket
 * @set: gets it
 *
 * Context: process context, no lock held, may sleep.
 */
void mt_sock_vsock_find(struct mt_sock_set *set)
{
	void *function = __symbol_get("virtio_transport_stream_has_data");

	/* an address to compare with: it need not stay */
	set->vsock_has_data = (unsigned long)function;
	if (function)
		__symbol_put("virtio_transport_stream_has_data");
}

/**
 * mt_sock_vsock_walk() - find the vsock sockets
 * @set: gets them
 *
 * Context: process context, no lock held, may sleep.
 */
void mt_sock_vsock_walk(struct mt_sock_set *set)
{
	const struct list_head *bound, *connected;
	spinlock_t *lock; /* of both tables */

	if (mt_running_hides("vsock_bind_table")) {
		set->gaps |= MT_SOCK_GAP_VSOCK;
		return;
	}
	/* the first pins the module, so that the others are there too */
	bound = __symbol_get("vsock_bind_table");
	if (!bound)
		return;
	connected = __symbol_get("vsock_connected_table");
	lock = __symbol_get("vsock_table_lock");
	if (connected && lock &&
	    walk_table(set, bound, VSOCK_HASH_SIZE + 1, offsetof(struct vsock_sock, bound_table),
		       lock))
		walk_table(set, connected, VSOCK_HASH_SIZE,
			   offsetof(struct vsock_sock, connected_table), lock);
	if (lock)
		__symbol_put("vsock_table_lock");
	if (connected)
		__symbol_put("vsock_connected_table");
	__symbol_put("vsock_bind_table");
}

#else

void mt_sock_vsock_queue(struct mt_sock_set *set, struct mt_sock *sock)
{
}

void mt_sock_vsock_find(struct mt_sock_set *set)
{
}

void mt_sock_vsock_walk(struct mt_sock_set *set)
{
}

#endif /* CONFIG_VSOCKETS */
