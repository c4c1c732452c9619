/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verdicts of a summary, as a reader of its text ABI sees them.
 */
#ifndef MEMTRIAGE_VERDICT_H
#define MEMTRIAGE_VERDICT_H

#include <stdbool.h>

#include "report.h"

#define VERDICT		"verdict: "
#define NEXT		"next: "

bool verdict_is_line(const struct report *report, int i, const char *head);
int verdict_find(const struct report *report, const char *kind,
		 const char *words);
bool verdict_says(const struct report *report, int verdict, const char *words);
const char *verdict_next(const struct report *report, int verdict);
double verdict_mib(const char *line);

#endif /* MEMTRIAGE_VERDICT_H */
