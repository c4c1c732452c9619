/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SOCK_H
#define MT_SOCK_H

#include <linux/sched.h>
#include <linux/types.h>

/** MT_SOCKS_MAX - sockets with memory that are told one by one; of more, the sums */
#define MT_SOCKS_MAX	65536

/**
 * enum mt_sock_gap - why a walk did not see all there is
 * @MT_SOCK_GAP_TIME: its time was over
 * @MT_SOCK_GAP_SIGNAL: the reader was killed
 * @MT_SOCK_GAP_MEMORY: no memory to remember more sockets, holders or namespaces
 * @MT_SOCK_GAP_LOCK: a lock was not to be had
 * @MT_SOCK_GAP_MOVED: a list changed faster than it could be read
 * @MT_SOCK_GAP_BROKEN: a list or a socket could not be read
 * @MT_SOCK_GAP_RAW6: raw_v6_hashinfo is hidden by the hide parameter
 * @MT_SOCK_GAP_VSOCK: vsock_bind_table is hidden by the hide parameter
 * @MT_SOCK_GAP_OWNERS: not all descriptors were looked at, so some owners are unknown
 */
enum mt_sock_gap {
	MT_SOCK_GAP_TIME = 1 << 0,
	MT_SOCK_GAP_SIGNAL = 1 << 1,
	MT_SOCK_GAP_MEMORY = 1 << 2,
	MT_SOCK_GAP_LOCK = 1 << 3,
	MT_SOCK_GAP_MOVED = 1 << 4,
	MT_SOCK_GAP_BROKEN = 1 << 5,
	MT_SOCK_GAP_RAW6 = 1 << 6,
	MT_SOCK_GAP_OWNERS = 1 << 7,
	MT_SOCK_GAP_VSOCK = 1 << 8,
};

/**
 * enum mt_sock_place - where a socket is when no process holds a descriptor of it
 * @MT_SOCK_OPEN: it has a file: in flight over SCM_RIGHTS, registered with io_uring, or held by a
 *	task that was not looked at
 * @MT_SOCK_KERNEL: the kernel's own
 * @MT_SOCK_ORPHAN: closed, and still busy
 * @MT_SOCK_UNACCEPTED: a connection that nobody has accepted yet
 */
enum mt_sock_place {
	MT_SOCK_OPEN,
	MT_SOCK_KERNEL,
	MT_SOCK_ORPHAN,
	MT_SOCK_UNACCEPTED,
};

/**
 * struct mt_sock - one socket that holds memory, in plain values
 * @key: tells it from others; never printed
 * @umem_key: tells the user memory of an XDP socket from that of others; never printed
 * @inode: of its file, 0 none
 * @rx: bytes received and not read: packets with all their overhead
 * @tx: bytes sent and not taken yet, likewise
 * @ring: bytes of the rings that a packet socket shares with its process, or of the user memory
 *	of an XDP socket
 * @ring_vmalloc: of @ring, what came from vmalloc
 * @netns: inode number of its network namespace
 * @next: where to go on in its hash chain
 * @family: AF_*
 * @type: SOCK_*
 * @protocol: of the family
 * @place: where it is if @holders is 0
 * @rx_known: @rx is known
 * @rx_estimate: @rx was computed from a part of a long queue, or from what a transport counts
 * @ring_known: @ring is known
 * @holders: processes that have a descriptor of it
 * @pid: of the first of them, in the initial namespace
 * @last_pid: of the last one that was counted
 * @comm: of the first of them
 */
struct mt_sock {
	unsigned long key;
	unsigned long umem_key;
	u64 inode;
	u64 rx;
	u64 tx;
	u64 ring;
	u64 ring_vmalloc;
	u32 netns;
	u32 next;
	u16 family;
	u16 type;
	u16 protocol;
	u8 place;
	bool rx_known : 1;
	bool rx_estimate : 1;
	bool ring_known : 1;
	u32 holders;
	pid_t pid;
	pid_t last_pid;
	char comm[TASK_COMM_LEN];
};

struct mt_sock_set;

struct mt_sock_set *mt_sock_set_new(u64 budget_ns);
void mt_sock_set_free(struct mt_sock_set *set);
void mt_sock_walk(struct mt_sock_set *set);

u32 mt_sock_set_nr(const struct mt_sock_set *set);
const struct mt_sock *mt_sock_set_get(const struct mt_sock_set *set, u32 nr);
const struct mt_sock *mt_sock_set_spilled(const struct mt_sock_set *set, u64 *nr);
u64 mt_sock_set_idle(const struct mt_sock_set *set);
unsigned int mt_sock_set_gaps(const struct mt_sock_set *set);
u64 mt_sock_bytes(const struct mt_sock *sock);

#endif /* MT_SOCK_H */
