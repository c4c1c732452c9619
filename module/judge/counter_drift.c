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

/*
 * What was scaled up from a part of memory is only told when it is wrong by more, and when the
 * large counters agree with the same sample to this part: the classes share out all of memory, so
 * then none of them can be far off.
 */
#define SAMPLED_DRIFT	30
#define SAMPLED_PART	2
#define LARGE_PART	20
#define VOUCH_PART	100

static s64 distance(s64 a, s64 b)
{
	return a > b ? a - b : b - a;
}

static bool is_drift(const struct mt_evidence *evidence, const struct mt_page_check *check,
		     bool sampled)
{
	s64 off = distance(check->counter, check->counted);

	return mt_verdict_is_large(evidence, off * evidence->page_kB,
				   sampled ? SAMPLED_DRIFT : LARGE_DRIFT) &&
	       off * (sampled ? SAMPLED_PART : DRIFT_PART) >= max(check->counter, check->counted);
}

/* Does a sample show what every large counter but one says? */
static bool is_vouched_for(const struct mt_evidence *evidence, const s64 *counted,
			   unsigned int but)
{
	s64 total = evidence->now->pages[MT_TOTAL];
	struct mt_page_check check;
	bool vouched = false;
	unsigned int i;

	for (i = 0; i < MT_PAGE_CHECKS; i++) {
		if (i == but || !mt_page_check(&check, i, evidence->now, counted) ||
		    check.counter * LARGE_PART < total)
			continue;
		if (distance(check.counter, check.counted) * VOUCH_PART > check.counter)
			return false;
		vouched = true;
	}
	return vouched;
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
		    !is_drift(evidence, &check, sampled) ||
		    (sampled && !is_vouched_for(evidence, counted, i)))
			continue;
		verdict = mt_verdict_open(judgement, "counter-drift",
					  distance(check.counter, check.counted) *
					  evidence->page_kB);
		if (!verdict)
			continue;
		mt_verdict_say(verdict->text, "%s — it says %s, its pages are %s%s", check.name,
			       mt_verdict_size(says, check.counter * evidence->page_kB),
			       mt_verdict_mark(sampled),
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
