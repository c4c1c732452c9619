// SPDX-License-Identifier: GPL-2.0
/*
 * sock_ring.c - knows the memory that a socket shares with its process: rings of packet sockets,
 * user memory of XDP sockets.
 *
 * The blocks of a packet ring come from the page allocator, and from vmalloc where that has none.
 * Nobody accounts for the former: no counter of the kernel, no memory cgroup, no queue of the
 * socket. The umem of an XDP socket is the process's own memory, pinned; it is in its RSS too.
 *
 * Locking: none; RCU or the lock of the list keeps the socket. Consistency: a ring that is set up
 * or torn down meanwhile may be seen or not; its blocks are only looked at for where they lie,
 * never followed.
 */
#include "access/sock.h"

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/socket.h>
#include <net/xdp_sock.h>

#include "access/sock_layout.h"
#include "access/sock_set.h"
#include "introspect/kread.h"
#include "introspect/module_btf.h"

/* More than this is no ring: the kernel bounds its blocks by the bytes of their array, an int. */
#define MAX_BLOCKS	16777216
#define MAX_ORDER_READ	20

/* Blocks whose place is looked up; of a ring with more, the first ones speak for all. */
#define BLOCKS_READ	256
#define BLOCKS_AT_ONCE	16

/**
 * mt_sock_packet_find() - find the layout of packet sockets where they are a module
 *
 * Where they are built in, the relocation table has it. A module may come after us, and its BTF
 * is its own.
 *
 * Context: process context, no lock held, may sleep.
 */
void mt_sock_packet_find(void)
{
#if IS_MODULE(CONFIG_PACKET)
	static const char *const names[] = { "pg_vec", "pg_vec_len", "pg_vec_order" };
	struct mt_field *const fields[] = {
		mt_packet_pg_vec, mt_packet_pg_vec_len, mt_packet_pg_vec_order,
	};
	unsigned int i, ring;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		for (ring = 0; ring < 2; ring++) {
			struct mt_field found = { };
			char name[48];

			if (READ_ONCE(fields[i][ring].known))
				continue;
			snprintf(name, sizeof(name), "packet_sock.%s.%s",
				 ring ? "tx_ring" : "rx_ring", names[i]);
			if (!mt_module_btf_field("af_packet", name, &found))
				return;
			found.known = false;
			fields[i][ring] = found;
			/* readers look at @known first */
			smp_store_release(&fields[i][ring].known, true);
		}
	}
#endif
}

/* How many of the first blocks came from vmalloc; @read gets how many were looked at. */
static u32 count_vmalloc(unsigned long blocks, u32 nr, u32 *read)
{
	unsigned long part[BLOCKS_AT_ONCE];
	u32 found = 0;
	u32 at, i;

	nr = min_t(u32, nr, BLOCKS_READ);
	*read = 0;
	for (at = 0; at < nr; at += BLOCKS_AT_ONCE) {
		u32 now = min_t(u32, nr - at, BLOCKS_AT_ONCE);

		/* an array of struct pgv, which is one pointer */
		if (!mt_kread(part, blocks + at * sizeof(*part), now * sizeof(*part)))
			break;
		for (i = 0; i < now; i++)
			found += is_vmalloc_addr((void *)part[i]);
		*read += now;
	}
	return found;
}

static bool read_ring(struct mt_sock *sock, unsigned int ring)
{
	u64 blocks, nr, order, bytes;
	u32 read, found;

	/* pairs with the release where a layout is found after load; this one is found last */
	if (!smp_load_acquire(&mt_packet_pg_vec_order[ring].known) ||
	    !mt_kread_field(sock->key, &mt_packet_pg_vec[ring], &blocks) ||
	    !mt_kread_field(sock->key, &mt_packet_pg_vec_len[ring], &nr) ||
	    !mt_kread_field(sock->key, &mt_packet_pg_vec_order[ring], &order))
		return false;
	if (!blocks)
		return true;
	if (nr > MAX_BLOCKS || order > MAX_ORDER_READ)
		return false;
	bytes = nr * (PAGE_SIZE << order);
	sock->ring += bytes;
	found = count_vmalloc(blocks, nr, &read);
	if (found)
		sock->ring_vmalloc += found == read ? bytes : found * (PAGE_SIZE << order);
	return true;
}

/**
 * mt_sock_packet_ring() - the rings of a packet socket
 * @sock: the socket; gets them
 *
 * Context: any in which the socket stays.
 */
void mt_sock_packet_ring(struct mt_sock *sock)
{
	sock->ring_known = read_ring(sock, 0) && read_ring(sock, 1);
}

/**
 * mt_sock_xdp_umem() - the user memory of an XDP socket
 * @sock: the socket; gets it
 *
 * Context: any in which the socket stays.
 */
void mt_sock_xdp_umem(struct mt_sock *sock)
{
#ifdef CONFIG_XDP_SOCKETS
	unsigned long umem;
	u32 npgs;

	if (!mt_kread_ulong(sock->key + offsetof(struct xdp_sock, umem), &umem)) {
		sock->ring_known = false;
		return;
	}
	if (!umem)
		return;
	if (!mt_kread(&npgs, umem + offsetof(struct xdp_umem, npgs), sizeof(npgs))) {
		sock->ring_known = false;
		return;
	}
	sock->umem_key = umem;
	sock->ring = (u64)npgs << PAGE_SHIFT;
#else
	sock->ring_known = false;
#endif
}
