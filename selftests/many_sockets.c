// SPDX-License-Identifier: GPL-2.0
/*
 * many_sockets NUMBER [KINDS]: opens so many sockets, each with one packet that
 * nobody reads, prints "ready" and sleeps until it is killed. For bench.sh.
 * KINDS is how many of the kinds udp, unix and raw6 are used, one after the
 * other; 3 if it is not given.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of one address, the ports for this many are surely free. */
#define PER_ADDRESS	10000

static const char data[100];

static int open_udp(int i)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + i / PER_ADDRESS),
	};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || bind(fd, (void *)&address, length) ||
	    getsockname(fd, (void *)&address, &length))
		return -1;
	return sendto(fd, data, sizeof(data), 0, (void *)&address, length);
}

static int open_unix(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		return -1;
	return send(pair[0], data, sizeof(data), 0);
}

/* Each of its own protocol, or all would receive what one sends. */
static int open_raw6(int i)
{
	struct sockaddr_in6 address = {
		.sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	int fd = socket(AF_INET6, SOCK_RAW, 140 + i % 100);

	if (fd < 0)
		return -1;
	return sendto(fd, data, sizeof(data), 0, (void *)&address,
		      sizeof(address));
}

int main(int argc, char **argv)
{
	int nr = argc > 1 ? atoi(argv[1]) : 1000;
	int kinds = argc > 2 ? atoi(argv[2]) : 3;
	/* of a pair, both ends */
	struct rlimit limit = { 2 * nr + 100, 2 * nr + 100 };
	int made = 0;

	if (setrlimit(RLIMIT_NOFILE, &limit)) {
		perror("setrlimit");
		return 1;
	}
	while (made < nr) {
		int which = made % 10;
		int done;

		if (kinds > 2 && which == 9 && made < 1000)
			done = open_raw6(made / 10);
		else if (kinds > 1 && which >= 5)
			done = open_unix();
		else
			done = open_udp(made);
		if (done < 0) {
			perror("socket");
			return 1;
		}
		made += 1 + (kinds > 1 && which >= 5 && which < 9);
	}
	printf("ready %d\n", made);
	fflush(stdout);
	pause();
	return 0;
}
