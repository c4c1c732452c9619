/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_BASELINE_H
#define MT_BASELINE_H

#include <linux/types.h>

#include "ledger.h"

struct mt_snapshot;

/** MT_BASELINE_REPORTS - reports that can be taken at load */
#define MT_BASELINE_REPORTS	8

/**
 * struct mt_baseline - how things stood when the module was loaded
 * @taken_ns: when, on the monotonic clock
 * @ledger: the books
 * @reports: those reports that are taken at load (struct mt_collector.baseline) and could be
 * @nr_reports: how many
 *
 * Growth since then is the only evidence of a leak that a single report can have.
 */
struct mt_baseline {
	u64 taken_ns;
	struct mt_ledger ledger;
	struct mt_snapshot *reports[MT_BASELINE_REPORTS];
	unsigned int nr_reports;
};

void mt_baseline_take(void);
void mt_baseline_drop(void);
const struct mt_baseline *mt_baseline_get(void);

#endif /* MT_BASELINE_H */
