// SPDX-License-Identifier: GPL-2.0
/*
 * sock_table.c - knows the kernel's tables of sockets, in all network namespaces.
 *
 * Here stand also the sockets that no process holds: orphans, connections that wait to be accepted,
 * the kernel's own, those in flight over SCM_RIGHTS or registered with io_uring. Ping, SCTP, MPTCP
 * and other families keep their tables to themselves; they are found by their descriptors
 * (sock_owner.c), unbound sockets too.
 *
 * Nothing here makes this module depend on another one. INET cannot be a module, and what is used
 * of it by name is the kernel's own. Packet, XDP and UNIX sockets are reached through members of
 * the namespace, which are there whether the family is loaded or not. raw_v6_hashinfo belongs to
 * ipv6, which may be a module: it is asked for, which also pins it, and done without.
 *
 * Locking: RCU, left after each few sockets, and where a kernel has no RCU in a list, the lock of
 * the list, tried boundedly. The list of namespaces under net_rwsem, while references are taken.
 * Consistency: a socket that exists throughout, and is not rehashed, is seen once. One that comes,
 * goes or is rehashed meanwhile is seen once or not at all.
 */
#include "access/sock.h"

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable.h>
#include <linux/rwsem.h>
#include <net/inet_hashtables.h>
#include <net/net_namespace.h>
#include <net/raw.h>
#include <net/udp.h>
#ifdef MT_HAVE_udplite_table
#include <net/udplite.h>
#endif

#include "access/sock_layout.h"
#include "access/sock_set.h"
#include "introspect/klock.h"
#include "introspect/kread.h"
#include "introspect/running.h"
#include "memory.h"

/* Empty buckets that are passed before RCU is left. */
#define BUCKETS		1024

#define MAX_NETS	65536

/* How often a lock is tried before the list behind it is given up. */
#define TRIES		50

/*
 * struct buckets - a hash table of sockets
 * @first: its first bucket
 * @stride: bytes from one bucket to the next
 * @nr: buckets
 * @node: bytes from the start of a socket to its node
 * @nulls: the lists end with the number of their bucket
 * @kind: what they hold
 */
struct buckets {
	const void *first;
	size_t stride;
	u32 nr;
	size_t node;
	bool nulls;
	enum mt_sock_kind kind;
};

static void walk_bucket(struct mt_sock_set *set, struct mt_sock_chain *chain)
	__must_hold(RCU)
{
	while (!mt_sock_chain_read(set, chain)) {
		rcu_read_unlock();
		mt_sock_make_room(set);
		if (!mt_sock_may_go_on(set)) {
			rcu_read_lock();
			return;
		}
		rcu_read_lock();
	}
}

static void walk_buckets(struct mt_sock_set *set, const struct buckets *buckets)
{
	unsigned int passed = 0;
	u32 i;

	if (!mt_sock_may_go_on(set))
		return;
	rcu_read_lock();
	for (i = 0; i < buckets->nr; i++) {
		struct mt_sock_chain chain = {
			.first = buckets->first + i * buckets->stride,
			.node = buckets->node,
			.nulls = buckets->nulls ? i : MT_SOCK_HLIST,
			.kind = buckets->kind,
		};
		unsigned long node = (unsigned long)READ_ONCE(*(void **)chain.first);

		if (node && !(node & 1)) {
			walk_bucket(set, &chain);
			passed += chain.skip;
		}
		if (++passed >= BUCKETS) {
			passed = 0;
			rcu_read_unlock();
			if (!mt_sock_may_go_on(set))
				return;
			rcu_read_lock();
		}
	}
	rcu_read_unlock();
}

static void walk_list(struct mt_sock_set *set, const struct hlist_head *head)
{
	const struct buckets list = {
		.first = &head->first,
		.nr = 1,
		.node = offsetof(struct sock, sk_node),
	};

	walk_buckets(set, &list);
}

static struct inet_hashinfo *tcp_tables(struct net *net)
{
#ifdef MT_DEATH_ROW_IS_POINTER
	return net->ipv4.tcp_death_row->hashinfo;
#else
	return net->ipv4.tcp_death_row.hashinfo;
#endif
}

static void walk_tcp(struct mt_sock_set *set, struct net *net)
{
	const struct inet_hashinfo *tables = tcp_tables(net);
	const struct inet_hashinfo *shared = tcp_tables(&init_net);
	const struct buckets connections = {
		.first = &tables->ehash[0].chain.first,
		.stride = sizeof(tables->ehash[0]),
		.nr = tables->ehash_mask + 1,
		.node = offsetof(struct sock, sk_nulls_node),
		.nulls = true,
		.kind = MT_SOCK_TCP,
	};
	/*
	 * Linux kernel commit cae3873c5b3a ("net: inet: Retire port only listening_hash")
	 * (in v5.19)
	 */
#ifdef MT_HAVE_listening_hash
	const struct buckets listeners = {
		.first = &tables->listening_hash[0].nulls_head.first,
		.stride = sizeof(tables->listening_hash[0]),
		.nr = INET_LHTABLE_SIZE,
		.node = offsetof(struct sock, sk_nulls_node),
	};
	const bool has_listeners = net_eq(net, &init_net) || tables != shared;
#else
	const struct buckets listeners = {
		.first = &tables->lhash2[0].nulls_head.first,
		.stride = sizeof(tables->lhash2[0]),
		.nr = tables->lhash2_mask + 1,
		.node = offsetof(struct sock, sk_nulls_node),
	};
	/* a namespace with connections of its own still shares the listeners' table */
	const bool has_listeners = net_eq(net, &init_net) || tables->lhash2 != shared->lhash2;
#endif

	if (net_eq(net, &init_net) || tables->ehash != shared->ehash)
		walk_buckets(set, &connections);
	if (has_listeners)
		walk_buckets(set, &listeners);
}

static void walk_udp_table(struct mt_sock_set *set, const struct udp_table *table)
{
	const struct buckets buckets = {
		.first = &table->hash[0].head.first,
		.stride = sizeof(table->hash[0]),
		.nr = table->mask + 1,
		.node = offsetof(struct sock, sk_node),
	};

	walk_buckets(set, &buckets);
}

static void walk_udp(struct mt_sock_set *set, struct net *net)
{
	const bool initial = net_eq(net, &init_net);

	/*
	 * Linux kernel commit 9804985bf27f ("udp: Introduce optional per-netns hash table.")
	 * (in v6.2)
	 */
#ifdef MT_NET_HAS_udp_table
	if (initial || net->ipv4.udp_table != init_net.ipv4.udp_table)
		walk_udp_table(set, net->ipv4.udp_table);
#else
	if (initial)
		walk_udp_table(set, &udp_table);
#endif
	/* UDP-Lite is gone from the newest kernels */
#ifdef MT_HAVE_udplite_table
	if (initial)
		walk_udp_table(set, &udplite_table);
#endif
}

#ifdef MT_RAW_HAS_RWLOCK

/* struct locked - a list that is read under a lock, and whether that was all of it */
struct locked {
	struct mt_sock_set *set;
	struct mt_sock_chain *chain;
	bool done;
};

static void read_locked(void *arg)
{
	struct locked *locked = arg;

	/* the socket may be left by its file, which is freed after a grace period */
	rcu_read_lock();
	locked->done = mt_sock_chain_read(locked->set, locked->chain);
	rcu_read_unlock();
}

static void walk_raw(struct mt_sock_set *set, struct raw_hashinfo *table)
{
	u32 i;

	for (i = 0; i < RAW_HTABLE_SIZE; i++) {
		struct mt_sock_chain chain = {
			.first = &table->ht[i].first,
			.node = offsetof(struct sock, sk_node),
			.nulls = MT_SOCK_HLIST,
		};
		struct locked locked = { .set = set, .chain = &chain };
		unsigned int tries = 0;

		if (hlist_empty(&table->ht[i]))
			continue;
		while (!locked.done) {
			mt_sock_make_room(set);
			if (!mt_sock_may_go_on(set))
				return;
			if (!mt_klock_rwlock(&mt_klock_raw, &table->lock, read_locked, &locked) &&
			    ++tries == TRIES) {
				set->gaps |= MT_SOCK_GAP_LOCK;
				break;
			}
		}
	}
}

#else

/* Linux kernel commit 0daf07e52709 ("raw: convert raw sockets to RCU") (in v6.0) */
static void walk_raw(struct mt_sock_set *set, struct raw_hashinfo *table)
{
	const struct buckets buckets = {
		.first = &table->ht[0].first,
		.stride = sizeof(table->ht[0]),
		.nr = RAW_HTABLE_SIZE,
		.node = offsetof(struct sock, sk_node),
	};

	walk_buckets(set, &buckets);
}

#endif

static void walk_raw6(struct mt_sock_set *set)
{
	struct raw_hashinfo *table;

	if (mt_running_hides("raw_v6_hashinfo")) {
		set->gaps |= MT_SOCK_GAP_RAW6;
		return;
	}
	/* pins ipv6.ko where there is one */
	table = __symbol_get("raw_v6_hashinfo");
	if (!table)
		return;
	walk_raw(set, table);
	__symbol_put("raw_v6_hashinfo");
}

/*
 * The protocols' tables of netlink sockets resize themselves: a socket that is moved between two
 * stays of ours in the table may be missed. Their lists are short.
 */
static void walk_netlink_table(struct mt_sock_set *set, struct rhashtable *hash)
{
	const struct bucket_table *table;
	unsigned int passed = 0;
	struct rhash_head *node;
	u32 i = 0;

	rcu_read_lock();
	for (;;) {
		u32 in_bucket = 0;
		bool more = false;

		table = rht_dereference_rcu(hash->tbl, hash);
		if (!table || i >= table->size)
			break;
		rht_for_each_rcu(node, table, i) {
			more = !mt_sock_has_room(set);
			if (more || ++in_bucket > MT_SOCK_PART)
				break;
			/* the socket is the first member of the object */
			mt_sock_look(set, (unsigned long)rht_obj(hash, node), MT_SOCK_ANY);
		}
		passed += in_bucket + 1;
		i += !more;
		if (passed < BUCKETS && !more)
			continue;
		passed = 0;
		rcu_read_unlock();
		mt_sock_make_room(set);
		if (!mt_sock_may_go_on(set))
			return;
		rcu_read_lock();
	}
	rcu_read_unlock();
}

static void walk_netlink(struct mt_sock_set *set)
{
	unsigned long tables;
	unsigned int i;

	if (mt_netlink_table_table.state != MT_RELO_READY ||
	    mt_netlink_table_hash.size != sizeof(struct rhashtable) ||
	    !mt_kread_ulong(mt_sym_nl_table, &tables) || !tables)
		return;
	for (i = 0; i < MAX_LINKS; i++)
		walk_netlink_table(set, (struct rhashtable *)(tables +
							      i * mt_netlink_table_size.size +
							      mt_netlink_table_hash.offset));
}

/* struct nets - namespaces, each with a reference */
struct nets {
	struct net **nets;
	u32 nr;
	u32 room;
	bool more;
};

/* A namespace that is being taken down has no references left; its sockets are gone or going. */
static bool take_nets(struct nets *nets)
{
	u64 taken_ns = mt_klock_read(&net_rwsem);
	struct net *net;

	if (!taken_ns)
		return false;
	nets->nr = 0;
	nets->more = false;
	for_each_net(net) {
		if (nets->nr == nets->room) {
			nets->more = true;
			break;
		}
		if (maybe_get_net(net))
			nets->nets[nets->nr++] = net;
	}
	mt_klock_read_drop(&mt_klock_net, &net_rwsem, taken_ns);
	return true;
}

static void put_nets(struct nets *nets)
{
	u32 i;

	for (i = 0; i < nets->nr; i++)
		put_net(nets->nets[i]);
	nets->nr = 0;
}

static void get_nets(struct mt_sock_set *set, struct nets *nets)
{
	for (nets->room = 64;; nets->room *= 2) {
		nets->nets = mt_memory_alloc(nets->room * sizeof(*nets->nets));
		if (!nets->nets) {
			set->gaps |= MT_SOCK_GAP_MEMORY;
			return;
		}
		if (!take_nets(nets)) {
			set->gaps |= MT_SOCK_GAP_LOCK;
			return;
		}
		if (!nets->more)
			return;
		if (nets->room >= MAX_NETS) {
			set->gaps |= MT_SOCK_GAP_MEMORY;
			return;
		}
		put_nets(nets);
		mt_memory_free(nets->nets);
	}
}

static void walk_net(struct mt_sock_set *set, struct net *net)
{
	walk_list(set, &net->packet.sklist);
#ifdef CONFIG_XDP_SOCKETS
	walk_list(set, &net->xdp.list);
#endif
	mt_sock_unix_walk(set, net);
	walk_udp(set, net);
	walk_tcp(set, net);
}

/**
 * mt_sock_tables_walk() - find the sockets that stand in the kernel's tables
 * @set: gets them
 *
 * The short tables first, which is where the surprises are.
 *
 * Context: process context, no lock held, may sleep.
 */
void mt_sock_tables_walk(struct mt_sock_set *set)
{
	struct nets nets = { };
	u32 i;

	get_nets(set, &nets);
	set->unix_whole = true;
	walk_raw6(set);
	walk_raw(set, &raw_v4_hashinfo);
	walk_netlink(set);
	mt_sock_unix_walk_global(set);
	mt_sock_vsock_walk(set);
	for (i = 0; i < nets.nr && mt_sock_may_go_on(set); i++)
		walk_net(set, nets.nets[i]);
	if (i < nets.nr)
		set->unix_whole = false;
	put_nets(&nets);
	mt_memory_free(nets.nets);
}
