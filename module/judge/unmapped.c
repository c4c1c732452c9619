// SPDX-License-Identifier: GPL-2.0
/*
 * unmapped.c - knows when anonymous memory that no process maps any more is worth a word.
 *
 * It is on the LRU lists and in no figure of any process: what I/O has pinned, what was given to a
 * pipe, what a file had when it was cut, and what of a huge page was unmapped in part.
 */
#include "verdict.h"

#include <linux/kernel.h>
#include <linux/minmax.h>

/* In permille of MemTotal, as of one tmpfs. */
#define LARGE_UNMAPPED	50

/*
 * What is left of the LRU lists of anonymous memory without what is mapped, in files in memory, or
 * perhaps in swap space only. It is so much at least: what is mapped may be on another list.
 */
static s64 unmapped_kB(const struct mt_evidence *evidence)
{
	if (evidence->swapcache_pages < 0)
		return 0;
	return mt_verdict_kB(evidence, MT_LRU_ANON) -
	       (evidence->anon_pages + evidence->shmem_pages + evidence->swapcache_pages) *
	       evidence->page_kB;
}

/*
 * What sockets hold is slabs or pages of nobody's, or else pages of processes and files that wait
 * to be sent (MSG_ZEROCOPY, sendfile): of those, so much at least is told already.
 */
static s64 told_kB(const struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	return mt_verdict_told_kB(judgement, "sockets") -
	       max(mt_verdict_kB(evidence, MT_GHOST), (s64)0) -
	       mt_verdict_kB(evidence, MT_SLAB_UNRECLAIMABLE);
}

/**
 * mt_judge_unmapped() - judge anonymous memory that no process maps
 * @judgement: gets the verdicts
 * @evidence: what is known
 *
 * Context: any; sleeps not.
 */
void mt_judge_unmapped(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	s64 kB = unmapped_kB(evidence);
	char words[MT_VERDICT_SIZE];
	struct mt_verdict *verdict;

	if (!mt_verdict_is_large(evidence, kB, LARGE_UNMAPPED) ||
	    told_kB(judgement, evidence) * 2 >= kB)
		return;
	verdict = mt_verdict_open(judgement, "pages", kB);
	if (!verdict)
		return;
	mt_verdict_say(verdict->text,
		       "anonymous, mapped by no process — large: %u %% of MemTotal",
		       mt_verdict_percent(evidence, kB));
	mt_verdict_say(verdict->details[0],
		       "pinned (io_uring, zerocopy, RDMA), in pipes, or the rest of huge pages");
	mt_verdict_say(verdict->next,
		       "ls -l /proc/[0-9]*/fd | grep -e :$ -e uring -e pipe (up to %s)",
		       mt_verdict_size(words, kB));
}
