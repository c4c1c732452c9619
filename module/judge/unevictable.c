// SPDX-License-Identifier: GPL-2.0
/*
 * unevictable.c - knows when memory that may not be swapped out or dropped is worth a word.
 *
 * A process may have locked it (mlock), or asked for it as secret (memfd_secret): that is in no
 * file system that anybody sees.
 */
#include "verdict.h"

#include <linux/kernel.h>

/* In permille of MemTotal, as of all files in memory. */
#define LARGE_UNEVICTABLE	100

/**
 * mt_judge_unevictable() - judge what cannot be reclaimed
 * @judgement: gets the verdicts
 * @evidence: what is known
 *
 * Locked memory of processes and files that are told is no cause of its own.
 *
 * Context: any; sleeps not.
 */
void mt_judge_unevictable(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	s64 kB = mt_verdict_kB(evidence, MT_UNEVICTABLE);
	char words[MT_VERDICT_SIZE];
	struct mt_verdict *verdict;

	if (!mt_verdict_is_large(evidence, kB, LARGE_UNEVICTABLE) ||
	    (mt_verdict_told_kB(judgement, "process") + mt_verdict_told_kB(judgement, "tmpfs")) *
	    2 >= kB)
		return;
	verdict = mt_verdict_open(judgement, "pages", kB);
	if (!verdict)
		return;
	mt_verdict_say(verdict->text, "unevictable — large: %u %% of MemTotal",
		       mt_verdict_percent(evidence, kB));
	/* secret memory counts as nobody's locked memory */
	mt_verdict_say(verdict->details[0],
		       "mlock, files of ramfs, or secret: grep -l secretmem /proc/[0-9]*/maps");
	mt_verdict_say(verdict->next,
		       "grep VmLck /proc/[0-9]*/status | sort -k2n | tail (who has locked: up to %s)",
		       mt_verdict_size(words, kB));
}
