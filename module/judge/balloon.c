// SPDX-License-Identifier: GPL-2.0
/*
 * balloon.c - knows when a balloon is worth a word.
 */
#include "verdict.h"

#include <linux/kernel.h>

#include "snapshot.h"

/* In permille of MemTotal. */
#define LARGE_BALLOON	20

/**
 * mt_judge_balloon() - judge the balloon drivers
 * @judgement: gets the verdicts
 * @evidence: what is known
 *
 * Context: any; sleeps not.
 */
void mt_judge_balloon(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	const struct mt_snapshot *report = mt_evidence_report(evidence, "balloon");
	char words[MT_VERDICT_SIZE];
	unsigned int row;

	for (row = 0; report && row < report->nr_rows; row++) {
		const struct mt_cell *kB = mt_snapshot_cell(report, row, "kB");
		const struct mt_cell *place = mt_snapshot_cell(report, row, "in_total");
		const struct mt_cell *driver = mt_snapshot_cell(report, row, "driver");
		struct mt_verdict *verdict;

		if (kB->certainty == MT_UNKNOWN ||
		    !mt_verdict_is_large(evidence, kB->number, LARGE_BALLOON))
			continue;
		verdict = mt_verdict_open(judgement, "balloon", kB->number);
		if (!verdict)
			continue;
		mt_verdict_say(verdict->text, "%s — the hypervisor took it; %s MemTotal",
			       driver->text,
			       !place->text	   ? "perhaps still inside" :
			       *place->text == 'y' ? "still inside" :
						     "no longer inside");
		mt_verdict_say(verdict->next, "deflate the balloon from the host (%s)",
			       mt_verdict_size(words, kB->number));
	}
}
