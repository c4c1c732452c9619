/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SOCK_LAYOUT_H
#define MT_SOCK_LAYOUT_H

#include "introspect/relo.h"

/* The UNIX sockets of all namespaces, in one table. */
extern unsigned long mt_sym_unix_socket_table;
extern unsigned long mt_sym_unix_table_lock;
extern struct mt_relo_table mt_unix_table_table;

/* The netlink sockets, by protocol. */
extern unsigned long mt_sym_nl_table;
extern struct mt_field mt_netlink_table_size;
extern struct mt_field mt_netlink_table_hash;
extern struct mt_relo_table mt_netlink_table_table;

/* The rings of a packet socket: first the receiving one, then the sending one. */
extern struct mt_field mt_packet_pg_vec[2];
extern struct mt_field mt_packet_pg_vec_len[2];
extern struct mt_field mt_packet_pg_vec_order[2];
extern struct mt_relo_table mt_packet_ring_table;

#endif /* MT_SOCK_LAYOUT_H */
