/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_VERDICT_H
#define MT_VERDICT_H

#include <linux/types.h>

#include "ledger.h"

struct mt_snapshot;

/** MT_VERDICTS - verdicts of one summary at most, largest first */
#define MT_VERDICTS	3

/** MT_VERDICT_LINE - bytes for one line of a verdict: 100 columns and some UTF-8 */
#define MT_VERDICT_LINE	120

/** MT_VERDICT_DETAILS - lines of detail of one verdict at most */
#define MT_VERDICT_DETAILS	5

/**
 * struct mt_evidence - what a verdict is found on
 * @now: the books
 * @before: the books at load
 * @age_s: seconds since then
 * @shmem_pages: pages of tmpfs and shared memory, a part of the LRU accounts
 * @anon_pages: anonymous pages of processes, likewise
 * @slab: the slab report, or NULL
 * @slab_before: the slab report at load, or NULL
 * @vmalloc: the vmalloc report, or NULL
 * @balloon: the balloon report, or NULL
 * @page_kB: size of a page in kB
 * @path: directory of the reports
 */
struct mt_evidence {
	const struct mt_ledger *now;
	const struct mt_ledger *before;
	u64 age_s;
	s64 shmem_pages;
	s64 anon_pages;
	const struct mt_snapshot *slab;
	const struct mt_snapshot *slab_before;
	const struct mt_snapshot *vmalloc;
	const struct mt_snapshot *balloon;
	unsigned int page_kB;
	const char *path;
};

/**
 * struct mt_verdict - one suspect
 * @kind: what it is: one word of the interface
 * @kB: how much it holds
 * @text: subject, a dash, the evidence
 * @details: more lines, as far as they are not empty
 * @next: what to do, and what it should give back
 */
struct mt_verdict {
	const char *kind;
	s64 kB;
	char text[MT_VERDICT_LINE];
	char details[MT_VERDICT_DETAILS][MT_VERDICT_LINE];
	char next[MT_VERDICT_LINE];
};

/**
 * struct mt_judgement - all that is worth saying
 * @verdicts: the suspects, largest first
 * @nr: how many; 0 means that nothing is large
 */
struct mt_judgement {
	struct mt_verdict verdicts[MT_VERDICTS];
	unsigned int nr;
};

void mt_verdict_judge(struct mt_judgement *judgement, const struct mt_evidence *evidence);
int mt_verdict_format_kB(char *buf, size_t size, s64 kB);

#endif /* MT_VERDICT_H */
