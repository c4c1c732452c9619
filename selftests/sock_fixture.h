/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of sockets demand of a record. For programs that use
 * kselftest_harness.h.
 */
#ifndef MEMTRIAGE_SOCK_FIXTURE_H
#define MEMTRIAGE_SOCK_FIXTURE_H

#include <errno.h>
#include <unistd.h>

#include "fixture.h"
#include "module.h"
#include "report.h"
#include "sock.h"

/* The report. */
#define SOCKETS		"sockets"

/* For all tests; the last one unloads it. */
static inline void load_for_sockets(struct __test_metadata *_metadata)
{
	if (!load_once(_metadata))
		return;
	ASSERT_EQ(0, module_set("rows", "4096"));
}

/* struct sock_expected - what a row must say; -1 for any pid, NULL for our own name */
struct sock_expected {
	const char *family;
	const char *type;
	long long rx_kb;
	long long tx_kb;
	long long ring_kb;
	long long kb;
	long long pid;
	const char *comm;
};

static inline void expect_row(struct __test_metadata *_metadata,
			      const struct report *report, int row,
			      const struct sock_expected *expected)
{
	ASSERT_LE(0, row) {
		TH_LOG("no row:\n%s", report->text);
	}
	EXPECT_STREQ(expected->family, report_text(report, row, "family"));
	EXPECT_STREQ(expected->type, report_text(report, row, "type"));
	EXPECT_EQ(expected->rx_kb, report_number(report, row, "rx_kB"));
	EXPECT_EQ(expected->tx_kb, report_number(report, row, "tx_kB"));
	EXPECT_EQ(expected->ring_kb, report_number(report, row, "ring_kB"));
	EXPECT_EQ(expected->kb, report_number(report, row, "kB"));
	EXPECT_EQ(expected->pid, report_number(report, row, "pid"));
	EXPECT_STREQ(expected->comm ? expected->comm :
		     program_invocation_short_name,
		     report_text(report, row, "comm"));
	EXPECT_EQ((long long)sock_netns(), report_number(report, row, "netns"));
	EXPECT_TRUE(report_is_exact(report, row, "kB"));
}

/* One read whose row of this socket is expected to be all that it receives. */
static inline void expect_received(struct __test_metadata *_metadata, int fd,
				   const char *family, const char *type)
{
	struct sock_memory memory = sock_memory(fd);
	struct report *report = read_report(_metadata, SOCKETS);
	struct sock_expected expected = {
		.family = family,
		.type = type,
		.rx_kb = sock_kb(memory.rx),
		.kb = sock_kb(memory.rx),
		.pid = getpid(),
	};

	EXPECT_LT(0, memory.rx);
	expect_row(_metadata, report, sock_row(report, sock_inode(fd)),
		   &expected);
	EXPECT_STREQ("ok", report->state) {
		TH_LOG("%s", report->reason);
	}
	report_free(report);
}

#endif /* MEMTRIAGE_SOCK_FIXTURE_H */
