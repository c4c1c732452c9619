/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SOCK_SET_H
#define MT_SOCK_SET_H

#include <linux/types.h>
#include <net/sock.h>

#include "access/sock.h"

/** MT_SOCK_PART - sockets that are looked at before a lock is dropped */
#define MT_SOCK_PART	512

/** MT_SOCK_QUEUE - packets of one UNIX queue that are counted one by one */
#define MT_SOCK_QUEUE	1024

/**
 * struct mt_sock_set - the sockets found so far; for the files of access/ that find them
 * @socks: the sockets that hold memory
 * @heads: hash chains by key: one more than the number of the first, 0 for none
 * @nr: sockets there
 * @room: sockets there is room for, a power of two; @heads has as many
 * @full: there is no room, and no way to make some
 * @least: bytes below which a socket is only summed up; 0 while there is room for all
 * @unix_whole: every UNIX socket was seen in its table
 * @until_ns: when to stop, 0 for never
 * @idle: sockets of the kernel's tables that hold nothing
 * @spilled: the sums of the sockets there was no room for
 * @nr_spilled: how many
 * @gaps: bits of enum mt_sock_gap
 * @packets: packets and sockets that may still be read under the lock that is held
 * @vsock_has_data: the address by which a virtio transport of vsock is told; 0 if there is none
 * @copy: the socket that is being looked at
 */
struct mt_sock_set {
	struct mt_sock *socks;
	u32 *heads;
	u32 nr;
	u32 room;
	bool full;
	bool unix_whole;
	u64 least;
	u64 until_ns;
	u64 idle;
	struct mt_sock spilled;
	u64 nr_spilled;
	unsigned int gaps;
	unsigned int packets;
	unsigned long vsock_has_data;
	struct sock copy;
};

/**
 * enum mt_sock_kind - what a list holds
 * @MT_SOCK_ANY: sockets
 * @MT_SOCK_TCP: also the small ones of connections that begin or end
 */
enum mt_sock_kind {
	MT_SOCK_ANY,
	MT_SOCK_TCP,
};

bool mt_sock_may_go_on(struct mt_sock_set *set);
bool mt_sock_has_room(const struct mt_sock_set *set);
void mt_sock_make_room(struct mt_sock_set *set);
struct mt_sock *mt_sock_find(const struct mt_sock_set *set, unsigned long key);
bool mt_sock_look(struct mt_sock_set *set, unsigned long sk, enum mt_sock_kind kind);

void mt_sock_packet_find(void);
void mt_sock_packet_ring(struct mt_sock *sock);
void mt_sock_xdp_umem(struct mt_sock *sock);

void mt_sock_tables_walk(struct mt_sock_set *set);
void mt_sock_unix_walk(struct mt_sock_set *set, struct net *net);
void mt_sock_unix_walk_global(struct mt_sock_set *set);
void mt_sock_unix_queue(struct mt_sock_set *set, struct mt_sock *sock);
void mt_sock_vsock_find(struct mt_sock_set *set);
void mt_sock_vsock_walk(struct mt_sock_set *set);
void mt_sock_vsock_queue(struct mt_sock_set *set, struct mt_sock *sock);
void mt_sock_owners_walk(struct mt_sock_set *set);

/**
 * struct mt_sock_chain - one list of sockets, and how far it was read
 * @first: its first node
 * @node: bytes from the start of a socket to its node
 * @nulls: where a list of hlist_nulls must end; MT_SOCK_HLIST for a list that is none
 * @kind: what the list holds
 * @skip: nodes that were looked at before
 * @restarts: how often it was begun again
 */
struct mt_sock_chain {
	const void *first;
	size_t node;
	unsigned long nulls;
	enum mt_sock_kind kind;
	u32 skip;
	u32 restarts;
};

/** MT_SOCK_HLIST - the list ends with NULL */
#define MT_SOCK_HLIST	(~0UL)

bool mt_sock_chain_read(struct mt_sock_set *set, struct mt_sock_chain *chain);

#endif /* MT_SOCK_SET_H */
