/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_MACHINE_H
#define MT_MACHINE_H

#include <linux/kernel.h>

#include "snapshot.h"
#include "verdict.h"

#define GIB_KB		(1024LL * 1024)
#define GIB_PAGES	(GIB_KB / 4)

/**
 * struct machine - what a verdict is found on, and the verdicts
 * @now: the books
 * @before: the books at load
 * @evidence: all of this
 * @judgement: what machine_judge() found
 * @slab: the slab report, the first of four in a row
 * @owners: that of its owners
 * @content: that of what its objects hold
 * @ghost: that of pages that nobody counts
 * @slab_before: the slab report at load
 */
struct machine {
	struct mt_ledger now;
	struct mt_ledger before;
	struct mt_evidence evidence;
	struct mt_judgement judgement;
	struct mt_snapshot *slab;
	struct mt_snapshot *owners;
	struct mt_snapshot *content;
	struct mt_snapshot *ghost;
	struct mt_snapshot *slab_before;
};

struct machine *machine_new(void);
void machine_free(struct machine *machine);
void machine_add_cache(struct mt_snapshot *slab, const char *names, s64 kB, s64 active,
		       enum mt_certainty certainty, const char *reclaim);
void machine_add_owner(struct machine *machine, const char *root, const char *basis,
		       struct mt_cell objects, const char *module, const char *holder,
		       const char *name);
void machine_add_content(struct machine *machine, const char *cache, struct mt_cell objects,
			 const char *offset, const char *what);
void machine_add_block(struct machine *machine, s64 kB, const char *owner, const char *evidence);
const struct mt_judgement *machine_judge(struct machine *machine);
void machine_move(struct machine *machine, enum mt_account account, s64 pages);
void machine_lose(struct machine *machine, s64 pages);

#endif /* MT_MACHINE_H */
