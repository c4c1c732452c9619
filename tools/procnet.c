// SPDX-License-Identifier: GPL-2.0
/*
 * procnet.c - knows what /proc/net tells of the memory of sockets, on this machine or in a saved
 * tree.
 *
 * It is less than it looks like. Of TCP the queues are bytes of payload, and what holds them is
 * more, so they carry "~"; of datagram, raw, packet and netlink sockets they are what is charged,
 * with all overhead. UNIX sockets, rings of packet sockets, other families and other network
 * namespaces are not told at all. What is told of the protocols as a whole, in /proc/net/sockstat,
 * is a note.
 */
#include "procfs.h"

#include <dirent.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Records of the report, as the module's parameter rows has it; the rest is one record. */
#define ROWS	512

/*
 * struct sock - a socket that holds memory
 * @pid: of a process that has it open, or 0: not known
 */
struct sock {
	unsigned long long rx_bytes;
	unsigned long long tx_bytes;
	unsigned long long inode;
	const char *family;
	const char *type;
	bool estimate;
	long pid;
	char comm[32];
};

/*
 * struct socks - all that hold memory
 * @idle: how many do not
 * @unix_socks: and how many of a family of which nothing is told
 */
struct socks {
	struct sock *list;
	size_t nr;
	size_t room;
	unsigned long long idle;
	unsigned long long unix_socks;
};

static bool add(struct socks *socks, const struct sock *sock)
{
	if (!sock->rx_bytes && !sock->tx_bytes) {
		socks->idle++;
		return true;
	}
	if (socks->nr == socks->room) {
		size_t room = socks->room ? socks->room * 2 : 64;
		struct sock *list = realloc(socks->list, room * sizeof(*list));

		if (!list)
			return false;
		socks->list = list;
		socks->room = room;
	}
	socks->list[socks->nr++] = *sock;
	return true;
}

/* "0: 0100007F:1388 00000000:0000 0A 00000000:00000001 00:00000000 00000000 0 0 211 ..." */
static bool parse_inet(struct socks *socks, struct sock *sock, const char *line)
{
	bool is_tcp = !strcmp(sock->type, "tcp");
	unsigned int state;

	if (sscanf(line, " %*u: %*s %*s %x %llx:%llx %*s %*s %*u %*d %llu", &state,
		   &sock->tx_bytes, &sock->rx_bytes, &sock->inode) != 4)
		return true;
	/* what a listening socket has in its queue are connections, not bytes */
	if (is_tcp && state == TCP_LISTEN) {
		sock->rx_bytes = 0;
		sock->tx_bytes = 0;
	}
	sock->estimate = is_tcp;
	return add(socks, sock);
}

static const char *type_word(unsigned int type)
{
	return type == SOCK_RAW ? "raw" : type == SOCK_DGRAM ? "dgram" : "packet";
}

/* sk RefCnt Type Proto Iface R Rmem User Inode */
static bool parse_packet(struct socks *socks, struct sock *sock, const char *line)
{
	unsigned int type;

	if (sscanf(line, "%*s %*u %u %*x %*d %*d %llu %*u %llu", &type, &sock->rx_bytes,
		   &sock->inode) != 3)
		return true;
	sock->type = type_word(type);
	return add(socks, sock);
}

/* sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode */
static bool parse_netlink(struct socks *socks, struct sock *sock, const char *line)
{
	if (sscanf(line, "%*s %*d %*d %*x %llu %llu %*d %*d %*u %llu", &sock->rx_bytes,
		   &sock->tx_bytes, &sock->inode) != 3)
		return true;
	return add(socks, sock);
}

static bool parse_unix(struct socks *socks, struct sock *sock, const char *line)
{
	(void)sock;
	socks->unix_socks += !!strchr(line, ':');
	return true;
}

/* struct table - a file below /proc/net, of which each line but the first is a socket */
static const struct table {
	const char *file;
	const char *family;
	const char *type;
	bool (*parse)(struct socks *socks, struct sock *sock, const char *line);
} tables[] = {
	{ "tcp", "inet", "tcp", parse_inet },
	{ "tcp6", "inet6", "tcp", parse_inet },
	{ "udp", "inet", "udp", parse_inet },
	{ "udp6", "inet6", "udp", parse_inet },
	{ "udplite", "inet", "udplite", parse_inet },
	{ "udplite6", "inet6", "udplite", parse_inet },
	{ "raw", "inet", "raw", parse_inet },
	{ "raw6", "inet6", "raw", parse_inet },
	{ "icmp", "inet", "ping", parse_inet },
	{ "icmp6", "inet6", "ping", parse_inet },
	{ "packet", "packet", "-", parse_packet },
	{ "netlink", "netlink", "-", parse_netlink },
	{ "unix", "unix", "-", parse_unix },
};

/* Line by line: a machine that has a million sockets has no memory to spare for them all. */
static bool read_table(struct socks *socks, const char *root, const struct table *table,
		       bool *there)
{
	char path[PATH_MAX], line[512];
	bool first = true, good = true;
	FILE *file;

	snprintf(path, sizeof(path), "%s/proc/net/%s", root, table->file);
	file = fopen(path, "r");
	if (!file)
		return true;
	*there = true;
	while (good && fgets(line, sizeof(line), file)) {
		struct sock sock = { .family = table->family, .type = table->type };

		if (!first)
			good = table->parse(socks, &sock, line);
		first = false;
	}
	if (ferror(file))
		good = false;
	fclose(file);
	return good;
}

static unsigned long long kB(unsigned long long bytes)
{
	return (bytes + 1023) / 1024;
}

static int by_size(const void *a, const void *b)
{
	const struct sock *first = a, *second = b;
	unsigned long long one = kB(first->rx_bytes) + kB(first->tx_bytes);
	unsigned long long other = kB(second->rx_bytes) + kB(second->tx_bytes);

	if (one != other)
		return one < other ? 1 : -1;
	return first->inode < second->inode ? -1 : first->inode > second->inode;
}

static void hold(struct socks *socks, size_t shown, unsigned long long inode, const char *root,
		 const char *pid)
{
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < shown; i++) {
		struct sock *sock = &socks->list[i];
		FILE *file;

		if (sock->inode != inode || sock->pid)
			continue;
		sock->pid = strtol(pid, NULL, 10);
		snprintf(path, sizeof(path), "%s/proc/%s/comm", root, pid);
		file = fopen(path, "r");
		if (!file)
			continue;
		if (fgets(sock->comm, sizeof(sock->comm), file))
			sock->comm[strcspn(sock->comm, "\n")] = '\0';
		fclose(file);
	}
}

/* Who has the sockets open: the links below /proc/PID/fd, as far as they may be read. */
static void find_holders(struct socks *socks, size_t shown, const char *root)
{
	char path[PATH_MAX], target[64];
	struct dirent *process, *entry;
	DIR *processes, *files;

	snprintf(path, sizeof(path), "%s/proc", root);
	processes = shown ? opendir(path) : NULL;
	while (processes && (process = readdir(processes))) {
		if (*process->d_name < '1' || *process->d_name > '9')
			continue;
		snprintf(path, sizeof(path), "%s/proc/%s/fd", root, process->d_name);
		files = opendir(path);
		while (files && (entry = readdir(files))) {
			ssize_t length = readlinkat(dirfd(files), entry->d_name, target,
						    sizeof(target) - 1);
			unsigned long long inode;

			if (length < 0)
				continue;
			target[length] = '\0';
			if (sscanf(target, "socket:[%llu]", &inode) == 1)
				hold(socks, shown, inode, root, process->d_name);
		}
		if (files)
			closedir(files);
	}
	if (processes)
		closedir(processes);
}

/* "net:[4026531840]"; a saved tree has no such link. */
static void read_netns(char *netns, size_t size, const char *root)
{
	char path[PATH_MAX], target[64];
	unsigned long long inode;
	ssize_t length;

	snprintf(netns, size, "-");
	snprintf(path, sizeof(path), "%s/proc/self/ns/net", root);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return;
	target[length] = '\0';
	if (sscanf(target, "net:[%llu]", &inode) == 1)
		snprintf(netns, size, "%llu", inode);
}

static void print_sock(FILE *out, const struct sock *sock, const char *netns)
{
	const char *mark = sock->estimate ? "~" : "";

	fprintf(out, "%s%llu %s%llu %s%llu - %s %s %s %llu ", mark,
		kB(sock->rx_bytes) + kB(sock->tx_bytes), mark, kB(sock->rx_bytes), mark,
		kB(sock->tx_bytes), netns, sock->family, sock->type, sock->inode);
	if (sock->pid)
		fprintf(out, "%ld %s\n", sock->pid, *sock->comm ? sock->comm : "-");
	else
		fputs("- -\n", out);
}

/* Those that are not shown one by one: their sum, as the module has it. */
static void print_rest(FILE *out, const struct socks *socks, size_t shown)
{
	unsigned long long rx = 0, tx = 0;
	size_t i;

	for (i = shown; i < socks->nr; i++) {
		rx += kB(socks->list[i].rx_bytes);
		tx += kB(socks->list[i].tx_bytes);
	}
	if (shown < socks->nr)
		fprintf(out, "~%llu ~%llu ~%llu - - - - - - (other)\n", rx + tx, rx, tx);
}

/* "TCP: inuse 1 orphan 0 tw 2 alloc 1 mem 162": pages, of all namespaces, with all overhead. */
static void print_protocols(FILE *out, const char *root, long long page_kB)
{
	char path[PATH_MAX], line[256], name[16];
	FILE *file;

	snprintf(path, sizeof(path), "%s/proc/net/sockstat", root);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		const char *mem = strstr(line, " mem ");

		if (mem && sscanf(line, "%15[^:]", name) == 1)
			fprintf(out, "# %s takes %lld kB in all, by its own account\n", name,
				strtoll(mem + strlen(" mem "), NULL, 10) * page_kB);
	}
	if (file)
		fclose(file);
}

/**
 * procnet_write_sockets() - write the report of sockets
 * @out: where to
 * @root: "" for this machine, or a directory that has a saved proc/
 *
 * Return: false without memory, or without anything of /proc/net in @root.
 */
bool procnet_write_sockets(FILE *out, const char *root)
{
	long long page_kB = *root ? 4 : sysconf(_SC_PAGESIZE) / 1024;
	struct socks socks = { };
	bool there = false, good = true;
	char netns[32];
	size_t shown, i;

	for (i = 0; i < sizeof(tables) / sizeof(*tables) && good; i++)
		good = read_table(&socks, root, &tables[i], &there);
	if (good && there) {
		if (socks.nr)
			qsort(socks.list, socks.nr, sizeof(*socks.list), by_size);
		shown = socks.nr < ROWS ? socks.nr : ROWS;
		find_holders(&socks, shown, root);
		read_netns(netns, sizeof(netns), root);
		fprintf(out, "# memtriage sockets version 1\n"
			"# state: partial: without the module: of TCP the payload, not what holds it; "
			"rings of packet sockets, queues of UNIX sockets, other families and other "
			"network namespaces are not told; rows %zu; dropped %zu; took 0 us\n"
			"# <kB> <rx_kB> <tx_kB> <ring_kB> <netns> <family> <type> <inode> <pid> "
			"<comm>\n", shown + (shown < socks.nr), socks.nr - shown);
		for (i = 0; i < shown; i++)
			print_sock(out, &socks.list[i], netns);
		print_rest(out, &socks, shown);
		fprintf(out, "# %llu sockets hold nothing and are left out\n", socks.idle);
		if (socks.unix_socks)
			fprintf(out, "# of %llu UNIX sockets it is not told what they hold\n",
				socks.unix_socks);
		print_protocols(out, root, page_kB);
	}
	free(socks.list);
	return good && there;
}
