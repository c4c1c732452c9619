// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets that are filled, and what the kernel itself says of them.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sock.h"

/* One of those for experiments. */
#define RAW_PROTOCOL	253

#ifndef SO_MEMINFO
#define SO_MEMINFO	55
#endif

/**
 * sock_memory - what a socket holds
 * @fd: the socket
 *
 * Return: what the kernel says, nothing if it says nothing.
 */
struct sock_memory sock_memory(int fd)
{
	unsigned int info[SK_MEMINFO_VARS] = { 0 };
	socklen_t bytes = sizeof(info);

	getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &bytes);
	return (struct sock_memory) {
		.rx = info[SK_MEMINFO_RMEM_ALLOC] + info[SK_MEMINFO_BACKLOG],
		.tx = info[SK_MEMINFO_WMEM_ALLOC],
		.queued = info[SK_MEMINFO_WMEM_QUEUED],
	};
}

/**
 * sock_kb - bytes as the report has them
 * @bytes: how many
 *
 * Return: kB, rounded up.
 */
long long sock_kb(long long bytes)
{
	return (bytes + 1023) / 1024;
}

/**
 * sock_inode - the number by which a socket is found
 * @fd: the socket
 *
 * Return: its inode.
 */
unsigned long sock_inode(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_ino;
}

/**
 * sock_netns - the network namespace of the caller
 *
 * Return: its inode.
 */
unsigned long sock_netns(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}

/**
 * sock_row - find a socket in a report
 * @report: the report
 * @inode: from sock_inode()
 *
 * Return: the record, or -1.
 */
int sock_row(const struct report *report, unsigned long inode)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu", inode);
	return report_find(report, "inode", text);
}

/**
 * sock_enlarge - give a socket room, whatever the limits
 * @fd: the socket
 * @bytes: of each of its queues
 */
void sock_enlarge(int fd, int bytes)
{
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
}

/**
 * sock_loopback - the address of the loopback device
 *
 * Return: it, without a port.
 */
struct sockaddr_in sock_loopback(void)
{
	return (struct sockaddr_in) {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

/**
 * sock_send - send the same again and again
 * @fd: a connected socket
 * @nr: how often
 * @bytes: how much
 *
 * Return: how often it was taken.
 */
int sock_send(int fd, int nr, int bytes)
{
	static char data[65000];
	int sent = 0;

	while (sent < nr && send(fd, data, bytes, 0) == bytes)
		sent++;
	return sent;
}

/**
 * sock_fill - send until nothing more is taken
 * @fd: a connected socket
 */
void sock_fill(int fd)
{
	static char data[65536];

	while (send(fd, data, sizeof(data), MSG_DONTWAIT) > 0)
		;
}

/**
 * sock_udp - a socket that is connected to itself
 * @protocol: 0, or IPPROTO_UDPLITE
 * @bytes: of its queues
 *
 * Return: the socket, or -1.
 */
int sock_udp(int protocol, int bytes)
{
	struct sockaddr_in address = sock_loopback();
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM, protocol);

	if (fd < 0)
		return -1;
	sock_enlarge(fd, bytes);
	if (bind(fd, (void *)&address, length) ||
	    getsockname(fd, (void *)&address, &length) ||
	    connect(fd, (void *)&address, length)) {
		close(fd);
		return -1;
	}
	return fd;
}

/**
 * sock_raw6 - a raw socket that receives what it sends
 * @bytes: of its queues
 *
 * Return: the socket, or -1.
 */
int sock_raw6(int bytes)
{
	struct sockaddr_in6 address = {
		.sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	int fd = socket(AF_INET6, SOCK_RAW, RAW_PROTOCOL);

	if (fd < 0)
		return -1;
	sock_enlarge(fd, bytes);
	if (connect(fd, (void *)&address, sizeof(address))) {
		close(fd);
		return -1;
	}
	return fd;
}

/**
 * sock_packet - a packet socket on the loopback device
 * @type: SOCK_*
 * @protocol: ETH_P_*
 *
 * Return: the socket, or -1.
 */
int sock_packet(int type, int protocol)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = if_nametoindex("lo"),
	};
	int fd = socket(AF_PACKET, type, 0);

	if (fd >= 0 && bind(fd, (void *)&address, sizeof(address))) {
		close(fd);
		return -1;
	}
	return fd;
}

/**
 * sock_netlink_pair - two netlink sockets, the first connected to the second
 * @pair: gets them
 *
 * Return: 0, or -1.
 */
int sock_netlink_pair(int pair[2])
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	socklen_t length = sizeof(address);
	int i;

	for (i = 0; i < 2; i++) {
		address = (struct sockaddr_nl) { .nl_family = AF_NETLINK };
		pair[i] = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_USERSOCK);
		if (pair[i] < 0 || bind(pair[i], (void *)&address, length) ||
		    getsockname(pair[i], (void *)&address, &length))
			return -1;
	}
	return connect(pair[0], (void *)&address, length);
}

/**
 * sock_send_descriptor - put a descriptor into a message
 * @through: a connected UNIX socket
 * @fd: the descriptor
 *
 * Return: 0, or -1.
 */
int sock_send_descriptor(int through, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = "";
	char byte = 0;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(int));
	return sendmsg(through, &message, 0) == 1 ? 0 : -1;
}

/**
 * sock_proc_column - a number of a file of columns in /proc/net
 * @path: the file
 * @wanted: its column, from 0 on
 * @inode_column: the one with the inode
 * @inode: from sock_inode()
 *
 * Return: the number, or -1 if there is no such line.
 */
long long sock_proc_column(const char *path, int wanted, int inode_column,
			   unsigned long inode)
{
	long long found = -1;
	size_t bytes;
	char *text = report_slurp(path, &bytes);
	char *rest = text;
	char *line;

	while (text && (line = strsep(&rest, "\n"))) {
		unsigned long ino = 0;
		long long number = -1;
		char *word;
		int i = 0;

		while ((word = strsep(&line, " "))) {
			if (!*word)
				continue;
			if (i == wanted)
				number = strtoll(word, NULL, 10);
			if (i == inode_column)
				ino = strtoul(word, NULL, 10);
			i++;
		}
		if (ino == inode)
			found = number;
	}
	free(text);
	return found;
}
