/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets that are filled, and what the kernel itself says of them.
 */
#ifndef MEMTRIAGE_SOCK_H
#define MEMTRIAGE_SOCK_H

#include <netinet/in.h>

#include "report.h"

/**
 * struct sock_memory - what the kernel itself says of a socket, in bytes
 * @rx: received and not read
 * @tx: sent and not taken
 * @queued: to be sent, of a stream
 */
struct sock_memory {
	long long rx;
	long long tx;
	long long queued;
};

struct sock_memory sock_memory(int fd);
long long sock_kb(long long bytes);
unsigned long sock_inode(int fd);
unsigned long sock_netns(void);
int sock_row(const struct report *report, unsigned long inode);
void sock_enlarge(int fd, int bytes);
struct sockaddr_in sock_loopback(void);
int sock_send(int fd, int nr, int bytes);
void sock_fill(int fd);
int sock_udp(int protocol, int bytes);
int sock_raw6(int bytes);
int sock_packet(int type, int protocol);
int sock_netlink_pair(int pair[2]);
int sock_send_descriptor(int through, int fd);
long long sock_proc_column(const char *path, int wanted, int inode_column,
			   unsigned long inode);

#endif /* MEMTRIAGE_SOCK_H */
