// SPDX-License-Identifier: GPL-2.0
/*
 * uncached.c - knows what is to be said of slab pages that are in no cache.
 *
 * They are large kmalloc, or what is left of a cache that was destroyed with objects in it.
 */
#include "verdict.h"

#include <linux/kernel.h>
#include <linux/string.h>

#include "page_check.h"
#include "snapshot.h"

/* What the slab report calls them. */
#define UNCACHED	"(large kmalloc)"

/* In permille of MemTotal, as of one cache. */
#define LARGE_UNCACHED	50

/* In percent, the part that says what most of it is. */
#define MOSTLY	75

/**
 * mt_uncached_find() - how much is there in no cache?
 * @slab: the slab report, of now or of load; or NULL
 * @kB: set on success
 *
 * Context: any; sleeps not.
 * Return: false if the report does not tell.
 */
bool mt_uncached_find(const struct mt_snapshot *slab, s64 *kB)
{
	unsigned int row;

	for (row = 0; slab && row < slab->nr_rows; row++) {
		const struct mt_cell *names = mt_snapshot_cell(slab, row, "names");
		const struct mt_cell *size = mt_snapshot_cell(slab, row, "kB");

		if (!names->text || strcmp(names->text, UNCACHED))
			continue;
		*kB = size->number;
		return size->certainty != MT_UNKNOWN;
	}
	return false;
}

/* What there is more of than at load; 0 if that is not known. */
static s64 grown_kB(const struct mt_evidence *evidence, s64 kB)
{
	const struct mt_snapshot *report = mt_evidence_report_before(evidence, "slab");
	s64 before_kB = 0;

	if (!mt_uncached_find(report, &before_kB) && !mt_evidence_is_whole(report))
		return 0;
	return kB - before_kB;
}

/* Most of it has the mark of large kmalloc, so it was in no cache ever. */
static bool is_marked(const struct mt_evidence *evidence, s64 kB)
{
	const struct mt_snapshot *report = mt_evidence_report(evidence, "pages");
	s64 counted[MT_NR_PAGE_CLASSES];
	bool sampled;

	return !evidence->kmalloc_unmarked && report &&
	       mt_page_counts(report, counted, &sampled) &&
	       counted[MT_PAGE_LARGE_KMALLOC] * evidence->page_kB * 100 >= kB * MOSTLY;
}

/**
 * mt_judge_uncached() - judge slab pages that are in no cache
 * @judgement: gets the verdicts
 * @evidence: what is known
 *
 * Context: any; sleeps not.
 */
void mt_judge_uncached(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	struct mt_block_owner owner;
	struct mt_verdict *verdict;
	char words[MT_VERDICT_SIZE];
	s64 grown, kB;

	if (!mt_uncached_find(mt_evidence_report(evidence, "slab"), &kB) ||
	    !mt_verdict_is_large(evidence, kB, LARGE_UNCACHED) ||
	    mt_packets_are_told(judgement, evidence, kB))
		return;
	verdict = mt_verdict_open(judgement, "slab", kB);
	if (!verdict)
		return;
	grown = grown_kB(evidence, kB);
	if (mt_verdict_is_large(evidence, grown, LARGE_UNCACHED))
		mt_verdict_say(verdict->text, UNCACHED " — in no cache, leak? %s more",
			       mt_verdict_size(words, grown));
	else
		mt_verdict_say(verdict->text, UNCACHED " — in no cache, large");
	if (mt_packets_kB(evidence) * 2 >= kB) {
		mt_verdict_say(verdict->details[0],
			       "the data of large packets that wait in sockets");
		mt_packets_say_next(verdict, evidence, kB);
	} else if (mt_block_find_owner(&owner, evidence, true)) {
		mt_block_say_owner(verdict, evidence, &owner);
	} else if (is_marked(evidence, kB)) {
		mt_verdict_say(verdict->details[0], "kmalloc of more than two pages at a time");
		mt_verdict_say(verdict->next, "boot with page_owner=on to see who (%s)",
			       mt_verdict_size(words, kB));
	} else {
		mt_verdict_say(verdict->details[0],
			       "large kmalloc, or a cache destroyed with objects left in it");
		mt_verdict_say(verdict->next,
			       "dmesg | grep -A9 kmem_cache_destroy (whose cache; %s)",
			       mt_verdict_size(words, kB));
	}
}
