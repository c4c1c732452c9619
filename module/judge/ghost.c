// SPDX-License-Identifier: GPL-2.0
/*
 * ghost.c - knows when pages that no counter shows are worth a word.
 */
#include "verdict.h"

#include <linux/kernel.h>
#include <linux/string.h>

#include "page_check.h"
#include "snapshot.h"

/* In permille of MemTotal: an idle machine's ghosts are below one. */
#define LARGE_PAGES	20
#define GROWN_PAGES	10

/* Large accounts that are not told are inside the ghost: then it is no ghost, or not all of it. */
static const enum mt_account hiding_accounts[] = { MT_VMALLOC, MT_PERCPU, MT_HUGETLB, MT_BALLOON };

static bool name_hiding(const struct mt_evidence *evidence, char *names, size_t size)
{
	unsigned int i;

	*names = '\0';
	for (i = 0; i < ARRAY_SIZE(hiding_accounts); i++) {
		size_t used = strlen(names);

		if (evidence->now->known[hiding_accounts[i]])
			continue;
		snprintf(names + used, size - used, "%s%s", used ? ", " : "",
			 mt_ledger_name(hiding_accounts[i]));
	}
	return *names;
}

/* The counters are one witness, the pages another. */
static void say_census(char *line, const struct mt_evidence *evidence, s64 ghost)
{
	const struct mt_snapshot *report = mt_evidence_report(evidence, "pages");
	s64 counted[MT_NR_PAGE_CLASSES];
	char by_counters[MT_VERDICT_SIZE];
	char by_pages[MT_VERDICT_SIZE];
	char off[MT_VERDICT_SIZE];
	bool sampled;
	s64 census;

	if (!report || !mt_page_counts(report, counted, &sampled))
		return;
	if (sampled) {
		mt_verdict_say(line, "by the counters; for the pages themselves: cat %s/pages",
			       evidence->path);
		return;
	}
	census = mt_page_counts_ghost(counted, evidence->now) * evidence->page_kB;
	mt_verdict_say(line, "by the counters %s, by the pages %s, difference %s",
		       mt_verdict_size(by_counters, ghost), mt_verdict_size(by_pages, census),
		       mt_verdict_size(off, ghost - census));
}

/**
 * mt_judge_ghost() - judge the ghost
 * @judgement: gets the verdicts
 * @evidence: what is known
 *
 * Context: any; sleeps not.
 */
void mt_judge_ghost(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	s64 ghost = mt_verdict_kB(evidence, MT_GHOST);
	s64 grown = mt_verdict_grown_kB(evidence, MT_GHOST);
	bool has_grown = mt_verdict_is_large(evidence, grown, GROWN_PAGES);
	s64 rings = mt_sockets_rings_kB(evidence);
	s64 in_sockets = mt_sockets_kB(evidence);
	struct mt_verdict *verdict;
	struct mt_block_owner owner;
	char words[MT_VERDICT_SIZE];
	char hiding[64];

	if (!mt_verdict_is_large(evidence, ghost, LARGE_PAGES) && !has_grown)
		return;
	/* whose the rings are is told already: is there anything else? */
	if (rings && mt_verdict_told_kB(judgement, "sockets") * 2 >= rings &&
	    !mt_verdict_is_large(evidence, ghost - rings, LARGE_PAGES) &&
	    !mt_verdict_is_large(evidence, grown - rings, GROWN_PAGES))
		return;
	verdict = mt_verdict_open(judgement, "pages", ghost);
	if (!verdict)
		return;
	if (name_hiding(evidence, hiding, sizeof(hiding))) {
		mt_verdict_say(verdict->text, "not told apart: ghost pages and %s", hiding);
		mt_verdict_say(verdict->next, "cat %s/status (what is missing)", evidence->path);
		return;
	}
	if (in_sockets * 2 >= ghost) {
		mt_verdict_say(verdict->text,
			       "ghost: no counter shows them — up to %s in sockets",
			       mt_verdict_size(words, in_sockets));
		mt_verdict_say(verdict->details[0],
			       "the pages of packets that wait in sockets, and their rings");
		mt_verdict_say(verdict->next, "head %s/sockets (who holds them: up to %s)",
			       evidence->path, mt_verdict_size(words, in_sockets));
		return;
	}
	if (has_grown)
		mt_verdict_say(verdict->text,
			       "ghost: no counter shows them — leak? %s more in %llu s",
			       mt_verdict_size(words, grown), evidence->age_s);
	else
		mt_verdict_say(verdict->text,
			       "ghost: no counter shows them — large: %u %% of MemTotal",
			       mt_verdict_percent(evidence, ghost));
	say_census(verdict->details[1], evidence, ghost);
	if (mt_block_find_owner(&owner, evidence, false)) {
		mt_block_say_owner(verdict, evidence, &owner);
		return;
	}
	mt_verdict_say(verdict->details[0],
		       "raw pages: a driver's or ftrace's buffers, RAM disks, rings, pipes, DMA, a module");
	mt_verdict_say(verdict->next, "head %s/ghost; boot with page_owner=on to see who (%s)",
		       evidence->path, mt_verdict_size(words, ghost));
}
