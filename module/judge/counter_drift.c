// SPDX-License-Identifier: GPL-2.0
/*
 * counter_drift.c - knows when a counter of the kernel's does not count what it should.
 */
#include "verdict.h"

#include <linux/kernel.h>
#include <linux/string.h>

#include "page_check.h"
#include "snapshot.h"

/* In permille of MemTotal; and a part of the larger one of counter and count. */
#define LARGE_DRIFT	10
#define DRIFT_PART	8

/* What was scaled up from a part of memory is only told when it is as wrong as this. */
#define SAMPLED_PART	2

static s64 distance(s64 a, s64 b)
{
	return a > b ? a - b : b - a;
}

static bool is_drift(const struct mt_evidence *evidence, const struct mt_page_check *check,
		     bool sampled)
{
	s64 off = distance(check->counter, check->counted);

	return mt_verdict_is_large(evidence, off * evidence->page_kB, LARGE_DRIFT) &&
	       off * (sampled ? SAMPLED_PART : DRIFT_PART) >= max(check->counter, check->counted);
}

/**
 * mt_judge_counter_drift() - judge the kernel's counters by the pages
 * @judgement: gets the verdicts
 * @evidence: what is known
 *
 * A counter that says too much looks like a leak, and is none: nothing is to be had from a reboot.
 *
 * Context: any; sleeps not.
 */
void mt_judge_counter_drift(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	const struct mt_snapshot *report = mt_evidence_report(evidence, "pages");
	s64 counted[MT_NR_PAGE_CLASSES];
	char says[MT_VERDICT_SIZE];
	char are[MT_VERDICT_SIZE];
	unsigned int i;
	bool sampled;

	if (!report || report->state != MT_OK || !mt_page_counts(report, counted, &sampled))
		return;
	for (i = 0; i < MT_PAGE_CHECKS; i++) {
		struct mt_page_check check;
		struct mt_verdict *verdict;

		if (!mt_page_check(&check, i, evidence->now, counted) ||
		    !is_drift(evidence, &check, sampled))
			continue;
		verdict = mt_verdict_open(judgement, "counter-drift",
					  distance(check.counter, check.counted) *
					  evidence->page_kB);
		if (!verdict)
			continue;
		mt_verdict_say(verdict->text, "%s — it says %s, its pages are %s%s", check.name,
			       mt_verdict_size(says, check.counter * evidence->page_kB),
			       sampled ? "~" : "",
			       mt_verdict_size(are, check.counted * evidence->page_kB));
		mt_verdict_say(verdict->details[0],
			       check.counter > check.counted ?
			       "the counter is wrong, not the memory: no leak, do not reboot" :
			       "the counter misses pages that are there");
		mt_verdict_say(verdict->next,
			       "grep '^# check' %s/pages (every counter beside its pages)",
			       evidence->path);
	}
}
