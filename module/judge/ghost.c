// SPDX-License-Identifier: GPL-2.0
/*
 * ghost.c - knows when pages that no counter shows are worth a word.
 */
#include "verdict.h"

#include <linux/kernel.h>
#include <linux/string.h>

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

/*
 * The buffers of packets that came through a device are pages of nobody's, as are the rings of
 * packet sockets: as much of the ghost as this may be in sockets. XDP's memory is the process's.
 */
static s64 sockets_kB(const struct mt_evidence *evidence)
{
	const struct mt_snapshot *report = mt_evidence_report(evidence, "sockets");
	s64 sum = 0;
	unsigned int row;

	for (row = 0; report && mt_snapshot_row(report, row); row++) {
		const struct mt_cell *family = mt_snapshot_cell(report, row, "family");

		if (!family->text || strcmp(family->text, "xdp"))
			sum += mt_snapshot_cell(report, row, "kB")->number;
	}
	return sum;
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
	s64 in_sockets = sockets_kB(evidence);
	struct mt_verdict *verdict;
	char words[MT_VERDICT_SIZE];
	char hiding[64];

	if (!mt_verdict_is_large(evidence, ghost, LARGE_PAGES) && !has_grown)
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
	mt_verdict_say(verdict->details[0],
		       "raw page allocations: a driver's buffers, pipes, DMA, a module");
	mt_verdict_say(verdict->next,
		       "ss -f link -m; boot with page_owner=on to see who allocated (%s)",
		       mt_verdict_size(words, ghost));
}
