/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every test does with memtriage: load it, read it, unload it. For
 * programs that use kselftest_harness.h.
 */
#ifndef MEMTRIAGE_FIXTURE_H
#define MEMTRIAGE_FIXTURE_H

#include <stdbool.h>
#include <unistd.h>

#include "kselftest_harness.h"

/* In a guest without KVM, on a machine with others, 30 s are soon over. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 240

#include "module.h"
#include "report.h"

/* Both modules, freshly loaded; the test is skipped if that needs root. */
static inline void load_modules(struct __test_metadata *_metadata)
{
	if (geteuid())
		SKIP(return, "needs root");
	module_unload(MEMTRIAGE);
	module_unload(PLANT);
	ASSERT_EQ(0, module_load(PLANT, ""));
	ASSERT_EQ(0, module_load(MEMTRIAGE, ""));
}

/*
 * memtriage for several tests, because that takes a second on an old kernel under
 * emulation; returns false if the test is skipped.
 */
static inline bool load_once(struct __test_metadata *_metadata)
{
	if (geteuid())
		SKIP(return false, "needs root");
	if (!module_is_loaded(MEMTRIAGE))
		ASSERT_EQ(0, module_load(MEMTRIAGE, ""));
	return true;
}

static inline void unload_modules(struct __test_metadata *_metadata)
{
	EXPECT_EQ(0, module_unload(MEMTRIAGE));
	EXPECT_EQ(0, module_unload(PLANT));
}

/* Reads a report, and fails on one whose form is broken. */
static inline struct report *read_report(struct __test_metadata *_metadata,
					 const char *name)
{
	struct report *report = report_read(name);

	ASSERT_NE(NULL, report) {
		TH_LOG("cannot read report %s", name);
	}
	ASSERT_EQ(NULL, report->fault) {
		TH_LOG("report %s: %s", name, report->fault);
	}
	return report;
}

/* An account of the ledger in kB, or NO_NUMBER for "-". */
static inline long long read_account(struct __test_metadata *_metadata, const char *account)
{
	struct report *report = read_report(_metadata, "ledger");
	long long kb = report_account(report, account);

	report_free(report);
	return kb;
}

#endif /* MEMTRIAGE_FIXTURE_H */
