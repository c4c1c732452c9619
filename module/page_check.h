/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_PAGE_CHECK_H
#define MT_PAGE_CHECK_H

#include "access/page_class.h"
#include "ledger.h"

struct mt_snapshot;

/** MT_PAGE_CHECKS - counters that can be held against counted pages */
#define MT_PAGE_CHECKS	10

/**
 * struct mt_page_check - a counter of the kernel's beside the pages that it should count
 * @name: the counter, as /proc/meminfo calls it if it does
 * @counter: what it says, in pages
 * @counted: what was counted, in pages
 */
struct mt_page_check {
	const char *name;
	s64 counter;
	s64 counted;
};

bool mt_page_check(struct mt_page_check *check, unsigned int which, const struct mt_ledger *ledger,
		   const s64 *counted);
bool mt_page_counts(const struct mt_snapshot *report, s64 *counted, bool *sampled);
s64 mt_page_counts_ghost(const s64 *counted, const struct mt_ledger *ledger);

#endif /* MT_PAGE_CHECK_H */
