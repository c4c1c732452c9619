// SPDX-License-Identifier: GPL-2.0
/*
 * sock_unix.c - knows the UNIX sockets, and what lies in their queues.
 *
 * No counter of a UNIX socket says what it was sent: the packets are charged to who sent them. So
 * the receiver's queue is read, packet by packet, up to MT_SOCK_QUEUE; a longer one is estimated by
 * its first part.
 *
 * Locking: the lock of a bucket, or of the whole table on old kernels, for a quarter of
 * MT_SOCK_QUEUE sockets or MT_SOCK_QUEUE packets at a time, which is some ten microseconds; under
 * it that of a socket's queue, as the kernel's own unix_diag does. Both are only tried. UNIX
 * sockets are not freed through RCU, so without the lock they could not be read.
 * Consistency: a queue is seen as of one moment. A table that changes while its lock is dropped may
 * hide a socket; none is seen twice.
 */
#include "access/sock.h"

#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/socket.h>
#include <net/af_unix.h>
#include <net/net_namespace.h>

#include "access/sock_layout.h"
#include "access/sock_set.h"
#include "introspect/klock.h"
#include "introspect/kread.h"

/* How often a lock is tried before the list behind it is given up. */
#define TRIES		50

/* Tries for the lock of a queue, under which its owner does not sleep. */
#define QUEUE_SPINS	256

/* A socket takes as long to read as so many packets. */
#define SOCKET_PACKETS	4

/*
 * Buckets of the table. Newer kernels keep the number to themselves, and no BTF has it; what is
 * read beyond or left out is noticed: there are descriptors of those sockets too.
 */
#ifdef UNIX_HASH_SIZE
#define UNIX_BUCKETS	UNIX_HASH_SIZE
#else
#define UNIX_BUCKETS	512
#endif

/* Under the lock of the queue. */
static void sum_queue(struct mt_sock_set *set, struct mt_sock *sock, unsigned long queue)
{
	unsigned long skb;
	u64 bytes = 0;
	u32 nr = 0;
	u32 qlen;

	sock->rx_known = mt_kread(&qlen, queue + offsetof(struct sk_buff_head, qlen),
				  sizeof(qlen)) &&
			 mt_kread_ulong(queue + offsetof(struct sk_buff_head, next), &skb);
	while (sock->rx_known && skb != queue && nr < MT_SOCK_QUEUE) {
		unsigned int truesize;

		if (!mt_kread(&truesize, skb + offsetof(struct sk_buff, truesize),
			      sizeof(truesize)) ||
		    !mt_kread_ulong(skb + offsetof(struct sk_buff, next), &skb)) {
			sock->rx_known = false;
			break;
		}
		bytes += truesize;
		nr++;
	}
	set->packets -= min(set->packets, nr);
	if (!sock->rx_known) {
		set->gaps |= MT_SOCK_GAP_BROKEN;
		return;
	}
	sock->rx = bytes;
	if (qlen > nr && nr) {
		sock->rx = div_u64(bytes * qlen, nr);
		sock->rx_estimate = true;
	}
}

/**
 * mt_sock_unix_queue() - what a UNIX socket was sent and has not read
 * @set: the set; loses from @packets what was read
 * @sock: the socket; gets it
 *
 * Context: any in which the socket stays, and in which its queue's lock may be taken.
 */
void mt_sock_unix_queue(struct mt_sock_set *set, struct mt_sock *sock)
{
	struct sock *sk = (struct sock *)sock->key;
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	unsigned int spins = 0;
	unsigned long flags;

	sock->rx = 0;
	set->packets -= min_t(u32, set->packets, SOCKET_PACKETS);
	/* what is empty in the copy was empty a moment ago, which is as good as any */
	if (!set->copy.sk_receive_queue.qlen)
		return;
	while (!spin_trylock_irqsave(&queue->lock, flags)) {
		if (++spins == QUEUE_SPINS) {
			sock->rx_known = false;
			set->gaps |= MT_SOCK_GAP_LOCK;
			return;
		}
		cpu_relax();
	}
	sum_queue(set, sock, (unsigned long)queue);
	spin_unlock_irqrestore(&queue->lock, flags);
}

/* struct locked - a bucket that is read under its lock, and whether that was all of it */
struct locked {
	struct mt_sock_set *set;
	struct mt_sock_chain *chain;
	bool done;
};

static void read_locked(void *arg)
{
	struct locked *locked = arg;

	locked->set->packets = MT_SOCK_QUEUE;
	/* a socket may be left by its file, which is freed after a grace period */
	rcu_read_lock();
	locked->done = mt_sock_chain_read(locked->set, locked->chain);
	rcu_read_unlock();
}

static bool walk_bucket(struct mt_sock_set *set, const struct hlist_head *head, spinlock_t *lock)
{
	struct mt_sock_chain chain = {
		.first = &head->first,
		.node = offsetof(struct sock, sk_node),
		.nulls = MT_SOCK_HLIST,
	};
	struct locked locked = { .set = set, .chain = &chain };
	unsigned int tries = 0;

	while (!locked.done) {
		mt_sock_make_room(set);
		if (!mt_sock_may_go_on(set))
			return false;
		if (!mt_klock_spin(&mt_klock_unix, lock, read_locked, &locked) &&
		    ++tries == TRIES) {
			set->gaps |= MT_SOCK_GAP_LOCK;
			set->unix_whole = false;
			return true;
		}
	}
	return true;
}

/**
 * mt_sock_unix_walk() - find the UNIX sockets of a namespace
 * @set: gets them
 * @net: the namespace, with a reference
 *
 * Context: process context, no lock held, may sleep.
 */
void mt_sock_unix_walk(struct mt_sock_set *set, struct net *net)
{
	/*
	 * Linux kernel commit cf2f225e2653 ("af_unix: Put a socket into a per-netns hash table.")
	 * (in v6.0)
	 */
#if IS_ENABLED(CONFIG_UNIX) && defined(MT_NET_HAS_unix_table)
	struct unix_table *table = &net->unx.table;
	u32 i;

	if (!table->buckets || !table->locks)
		return;
	for (i = 0; i < UNIX_BUCKETS; i++) {
		if (READ_ONCE(table->buckets[i].first) &&
		    !walk_bucket(set, &table->buckets[i], &table->locks[i])) {
			set->unix_whole = false;
			return;
		}
	}
#endif
}

/**
 * mt_sock_unix_walk_global() - find the UNIX sockets where all namespaces share a table
 * @set: gets them
 *
 * Context: process context, no lock held, may sleep.
 */
void mt_sock_unix_walk_global(struct mt_sock_set *set)
{
#if IS_ENABLED(CONFIG_UNIX) && !defined(MT_NET_HAS_unix_table)
	const struct hlist_head *buckets = (const struct hlist_head *)mt_sym_unix_socket_table;
	u32 i;

	if (mt_unix_table_table.state != MT_RELO_READY) {
		set->unix_whole = false;
		return;
	}
	/* the first half for names, the second for sockets without one */
	for (i = 0; i < 2 * UNIX_BUCKETS; i++) {
		if (READ_ONCE(buckets[i].first) &&
		    !walk_bucket(set, &buckets[i], (spinlock_t *)mt_sym_unix_table_lock)) {
			set->unix_whole = false;
			return;
		}
	}
#endif
}
