// SPDX-License-Identifier: GPL-2.0
/*
 * sock_layout.c - knows where each kernel keeps the sockets whose tables or members are private.
 */
#include "access/sock_layout.h"

unsigned long mt_sym_unix_socket_table;
unsigned long mt_sym_unix_table_lock;

/*
 * Linux kernel commit cf2f225e2653 ("af_unix: Put a socket into a per-netns hash table.")
 * (in v6.0): then the table is a public member of the namespace.
 */
static struct mt_relo unix_table_entries[] = {
	MT_SYMBOL(GATE, mt_sym_unix_socket_table, "unix_socket_table"),
	MT_SYMBOL(REQUIRED, mt_sym_unix_table_lock, "unix_table_lock"),
};

MT_RELO_TABLE(mt_unix_table_table, "unix_table", unix_table_entries);

unsigned long mt_sym_nl_table;
struct mt_field mt_netlink_table_size;
struct mt_field mt_netlink_table_hash;

static struct mt_relo netlink_table_entries[] = {
	MT_SYMBOL(REQUIRED, mt_sym_nl_table, "nl_table"),
	MT_SIZE(REQUIRED, mt_netlink_table_size, "struct netlink_table"),
	MT_MEMBER(REQUIRED, mt_netlink_table_hash, "netlink_table.hash"),
};

MT_RELO_TABLE(mt_netlink_table_table, "netlink_table", netlink_table_entries);

struct mt_field mt_packet_pg_vec[2];
struct mt_field mt_packet_pg_vec_len[2];
struct mt_field mt_packet_pg_vec_order[2];

static struct mt_relo packet_ring_entries[] = {
	MT_MEMBER(REQUIRED, mt_packet_pg_vec[0], "packet_sock.rx_ring.pg_vec"),
	MT_MEMBER(REQUIRED, mt_packet_pg_vec_len[0], "packet_sock.rx_ring.pg_vec_len"),
	MT_MEMBER(REQUIRED, mt_packet_pg_vec_order[0], "packet_sock.rx_ring.pg_vec_order"),
	MT_MEMBER(REQUIRED, mt_packet_pg_vec[1], "packet_sock.tx_ring.pg_vec"),
	MT_MEMBER(REQUIRED, mt_packet_pg_vec_len[1], "packet_sock.tx_ring.pg_vec_len"),
	MT_MEMBER(REQUIRED, mt_packet_pg_vec_order[1], "packet_sock.tx_ring.pg_vec_order"),
};

MT_RELO_TABLE(mt_packet_ring_table, "packet_ring", packet_ring_entries);
