// SPDX-License-Identifier: GPL-2.0
/*
 * survey.c - knows how reports that need a walk over all pages share one.
 *
 * Two reports of a summary ask for the same walk, and it is the dearest part of both. The first one
 * that asks has it taken, and is charged with the time. "pages" stands before "ghost" in
 * collectors.h, because it reads the kernel's counters right behind the walk.
 */
#include "survey.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>

#include "access/page_evidence.h"

/* Variables that hold blocks are looked for in this part of the time at most. */
#define HOLDERS_PART	4

static int take(struct mt_survey *survey, u64 budget_ns, bool with_evidence)
{
	u64 started_ns = ktime_get_ns();

	if (with_evidence || survey->shared)
		survey->evidence = mt_page_evidence_new(budget_ns ?
							started_ns + budget_ns / HOLDERS_PART : 0);
	if (with_evidence && !survey->evidence)
		return -ENOMEM;
	if (budget_ns)
		budget_ns -= min(budget_ns - 1, ktime_get_ns() - started_ns);
	return mt_page_census_take(&survey->census, budget_ns,
				   survey->evidence ? mt_page_evidence_visit : NULL,
				   survey->evidence);
}

/**
 * mt_survey_take() - walk, unless somebody did
 * @survey: zeroed, or taken by another report
 * @budget_ns: what it may take for one report; 0 for a walk over all of memory
 * @with_evidence: what the uncounted pages have in common is needed, too
 *
 * Context: process context, no lock held, may sleep.
 * Return: 0 and @survey can be read; -errno if there was no walk, or no evidence.
 */
int mt_survey_take(struct mt_survey *survey, u64 budget_ns, bool with_evidence)
{
	if (!survey->taken) {
		survey->err = take(survey, survey->shared ? 2 * budget_ns : budget_ns,
				   with_evidence);
		survey->taken = true;
	}
	if (survey->err)
		return survey->err;
	return with_evidence && !survey->evidence ? -ENOMEM : 0;
}

/**
 * mt_survey_drop() - give back what a survey holds
 * @survey: the survey, taken or not
 *
 * Context: process context, may sleep.
 */
void mt_survey_drop(struct mt_survey *survey)
{
	mt_page_evidence_free(survey->evidence);
	survey->evidence = NULL;
	if (survey->taken && !survey->err)
		mt_page_census_drop(&survey->census);
	survey->taken = false;
}
