/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SURVEY_H
#define MT_SURVEY_H

#include <linux/types.h>

#include "access/page.h"

struct mt_page_evidence;

/**
 * struct mt_survey - one walk over all pages
 * @shared: more than one report will ask for it: it is taken for all of them, once, with the
 *          budgets of two
 * @taken: it was
 * @err: what came of it
 * @census: every page in its class
 * @evidence: what the uncounted ones have in common; NULL if nobody asked, or without memory
 */
struct mt_survey {
	bool shared;
	bool taken;
	int err;
	struct mt_page_census census;
	struct mt_page_evidence *evidence;
};

int mt_survey_take(struct mt_survey *survey, u64 budget_ns, bool with_evidence);
void mt_survey_drop(struct mt_survey *survey);

#endif /* MT_SURVEY_H */
