// SPDX-License-Identifier: GPL-2.0
/*
 * verdict.c - knows what a verdict is made of, and which three are told: the largest.
 *
 * Who the suspects are is for the judges to say, one file in judge/ for each kind of evidence.
 * Pure, all of it: they see the books and the reports, and nothing of the kernel. "Leak" is a word
 * for evidence, which is growth since load or lost references; what is only large is called large.
 */
#include "verdict.h"

#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>

#include "snapshot.h"

/* Less than this is never worth a verdict. */
#define FLOOR_KB	(32 * 1024)

/**
 * mt_verdict_format_kB() - a size for people
 * @buf: gets the text
 * @size: bytes in @buf
 * @kB: the size
 *
 * Context: any.
 * Return: the length of the text, as of snprintf().
 */
int mt_verdict_format_kB(char *buf, size_t size, s64 kB)
{
	const char *sign = kB < 0 ? "-" : "";
	u64 tenths;

	if (kB < 0)
		kB = -kB;
	if (kB < 1024)
		return snprintf(buf, size, "%s%lld kB", sign, kB);
	if (kB < 1024 * 1024) {
		tenths = div_u64((u64)kB * 10, 1024);
		return snprintf(buf, size, "%s%llu.%llu MiB", sign, div_u64(tenths, 10),
				tenths - div_u64(tenths, 10) * 10);
	}
	tenths = div_u64((u64)kB * 10, 1024 * 1024);
	return snprintf(buf, size, "%s%llu.%llu GiB", sign, div_u64(tenths, 10),
			tenths - div_u64(tenths, 10) * 10);
}

/**
 * mt_verdict_size() - a size for people, inside another text
 * @words: gets the text
 * @kB: the size
 *
 * Context: any.
 * Return: @words.
 */
const char *mt_verdict_size(char words[MT_VERDICT_SIZE], s64 kB)
{
	mt_verdict_format_kB(words, MT_VERDICT_SIZE, kB);
	return words;
}

static const struct mt_snapshot *find_report(struct mt_snapshot *const *reports, unsigned int nr,
					     const char *name)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (reports[i] && !strcmp(reports[i]->collector->name, name))
			return reports[i]->state == MT_UNAVAILABLE ? NULL : reports[i];
	}
	return NULL;
}

/**
 * mt_evidence_report() - a report as it stands now
 * @evidence: what is known
 * @name: the report's name
 *
 * Context: any.
 * Return: the report, sorted, or NULL if there is none.
 */
const struct mt_snapshot *mt_evidence_report(const struct mt_evidence *evidence, const char *name)
{
	return find_report(evidence->reports, evidence->nr_reports, name);
}

/**
 * mt_evidence_report_before() - a report as it stood at load
 * @evidence: what is known
 * @name: the report's name
 *
 * Context: any.
 * Return: the report, sorted, or NULL if there was none or nobody asked for it at load.
 */
const struct mt_snapshot *mt_evidence_report_before(const struct mt_evidence *evidence,
						    const char *name)
{
	return find_report(evidence->reports_before, evidence->nr_reports_before, name);
}

/**
 * mt_evidence_is_whole() - is what a report has not, not there?
 * @report: the report, or NULL
 *
 * Context: any.
 * Return: false if there may have been more than it has records of.
 */
bool mt_evidence_is_whole(const struct mt_snapshot *report)
{
	return report && report->state == MT_OK && !report->dropped;
}

static s64 total_kB(const struct mt_evidence *evidence)
{
	return evidence->now->pages[MT_TOTAL] * evidence->page_kB;
}

/**
 * mt_verdict_kB() - what an account holds
 * @evidence: what is known
 * @account: which one
 *
 * Context: any.
 * Return: kB; 0 if the account is not told.
 */
s64 mt_verdict_kB(const struct mt_evidence *evidence, enum mt_account account)
{
	return evidence->now->known[account] ?
	       evidence->now->pages[account] * evidence->page_kB : 0;
}

/**
 * mt_verdict_grown_kB() - what an account gained since load
 * @evidence: what is known
 * @account: which one
 *
 * Context: any.
 * Return: kB, negative if it shrank; 0 if the account is not told.
 */
s64 mt_verdict_grown_kB(const struct mt_evidence *evidence, enum mt_account account)
{
	if (!evidence->now->known[account] || !evidence->before->known[account])
		return 0;
	return (evidence->now->pages[account] - evidence->before->pages[account]) *
	       evidence->page_kB;
}

/**
 * mt_verdict_is_large() - is this worth a word on this machine?
 * @evidence: what is known
 * @kB: the size
 * @permille: of MemTotal, from which on it is
 *
 * Context: any.
 * Return: true if it is, which a few MiB never are.
 */
bool mt_verdict_is_large(const struct mt_evidence *evidence, s64 kB, unsigned int permille)
{
	return kB >= FLOOR_KB && kB >= div_s64(total_kB(evidence) * permille, 1000);
}

/**
 * mt_verdict_percent() - how much of the machine is this?
 * @evidence: what is known
 * @kB: the size
 *
 * Context: any.
 * Return: percent of MemTotal, cut.
 */
unsigned int mt_verdict_percent(const struct mt_evidence *evidence, s64 kB)
{
	s64 total = total_kB(evidence);

	return total > 0 ? div64_s64(kB * 100, total) : 0;
}

/**
 * mt_verdict_open() - a place for a verdict
 * @judgement: where
 * @kind: one word of the interface
 * @kB: the size by which verdicts are told or left out
 *
 * Valid until the next call: what is smaller moves.
 *
 * Context: any.
 * Return: an empty verdict for the caller to fill, or NULL if three are larger.
 */
struct mt_verdict *mt_verdict_open(struct mt_judgement *judgement, const char *kind, s64 kB)
{
	struct mt_verdict *verdict;
	unsigned int at = 0;
	unsigned int last;

	while (at < judgement->nr && judgement->verdicts[at].kB >= kB)
		at++;
	if (at == MT_VERDICTS)
		return NULL;
	if (judgement->nr < MT_VERDICTS)
		judgement->nr++;
	for (last = judgement->nr - 1; last > at; last--)
		judgement->verdicts[last] = judgement->verdicts[last - 1];
	verdict = &judgement->verdicts[at];
	memset(verdict, 0, sizeof(*verdict));
	verdict->kind = kind;
	verdict->kB = kB;
	return verdict;
}

/**
 * mt_verdict_told_kB() - what the verdicts of one kind tell of so far
 * @judgement: where
 * @kind: one word of the interface
 *
 * Context: any.
 * Return: kB, 0 if there is none.
 */
s64 mt_verdict_told_kB(const struct mt_judgement *judgement, const char *kind)
{
	unsigned int i;
	s64 kB = 0;

	for (i = 0; i < judgement->nr; i++) {
		if (!strcmp(judgement->verdicts[i].kind, kind))
			kB += judgement->verdicts[i].kB;
	}
	return kB;
}

/**
 * mt_verdict_judge() - find what is worth saying
 * @judgement: gets the verdicts
 * @evidence: what is known
 *
 * Context: any; sleeps not.
 */
void mt_verdict_judge(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	judgement->nr = 0;
#define JUDGE(_name) mt_judge_##_name(judgement, evidence);
#include "judge/judges.h"
#undef JUDGE
}
