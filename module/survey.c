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

#include "access/page_group.h"

static int take(struct mt_survey *survey, u64 budget_ns, bool with_groups)
{
	if (with_groups || survey->shared)
		survey->groups = mt_page_groups_new();
	if (with_groups && !survey->groups)
		return -ENOMEM;
	return mt_page_census_take(&survey->census, budget_ns,
				   survey->groups ? mt_page_groups_visit : NULL, survey->groups);
}

/**
 * mt_survey_take() - walk, unless somebody did
 * @survey: zeroed, or taken by another report
 * @budget_ns: what it may take for one report; 0 for a walk over all of memory
 * @with_groups: the groups are needed, too
 *
 * Context: process context, no lock held, may sleep.
 * Return: 0 and @survey can be read; -errno if there was no walk, or no groups.
 */
int mt_survey_take(struct mt_survey *survey, u64 budget_ns, bool with_groups)
{
	if (!survey->taken) {
		survey->err = take(survey, survey->shared ? 2 * budget_ns : budget_ns, with_groups);
		survey->taken = true;
	}
	if (survey->err)
		return survey->err;
	return with_groups && !survey->groups ? -ENOMEM : 0;
}

/**
 * mt_survey_drop() - give back what a survey holds
 * @survey: the survey, taken or not
 *
 * Context: process context, may sleep.
 */
void mt_survey_drop(struct mt_survey *survey)
{
	mt_page_groups_free(survey->groups);
	survey->groups = NULL;
	if (survey->taken && !survey->err)
		mt_page_census_drop(&survey->census);
	survey->taken = false;
}
