/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_BASELINE_H
#define MT_BASELINE_H

#include <linux/types.h>

#include "ledger.h"

/**
 * struct mt_baseline - how things stood when the module was loaded
 * @taken_ns: when, on the monotonic clock
 * @ledger: the books
 * @slab: the report of slab caches, or NULL if there was none
 *
 * Growth since then is the only evidence of a leak that a single report can have.
 */
struct mt_baseline {
	u64 taken_ns;
	struct mt_ledger ledger;
	struct mt_snapshot *slab;
};

void mt_baseline_take(void);
void mt_baseline_drop(void);
const struct mt_baseline *mt_baseline_get(void);

#endif /* MT_BASELINE_H */
