// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the verdicts of a summary, what they say, and what they say to do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verdict.h"

/**
 * verdict_is_line - does a line of the summary begin so?
 * @report: the summary
 * @i: number of the line
 * @head: how
 *
 * Return: false also if there is no such line.
 */
bool verdict_is_line(const struct report *report, int i, const char *head)
{
	return i >= 0 && i < report->nr_records &&
		!strncmp(report->records[i][0], head, strlen(head));
}

/**
 * verdict_find - find a verdict
 * @report: the summary
 * @kind: of which kind
 * @words: that its lines must have; NULL for any
 *
 * Return: the number of its first line, or -1.
 */
int verdict_find(const struct report *report, const char *kind,
		 const char *words)
{
	char head[64];
	int i;

	snprintf(head, sizeof(head), VERDICT "%s ", kind);
	for (i = 0; i < report->nr_records; i++) {
		if (verdict_is_line(report, i, head) &&
		    (!words || verdict_says(report, i, words)))
			return i;
	}
	return -1;
}

/**
 * verdict_says - does a verdict, from its line to its next:, say something?
 * @report: the summary
 * @verdict: from verdict_find()
 * @words: what
 *
 * Return: whether it does.
 */
bool verdict_says(const struct report *report, int verdict, const char *words)
{
	int i;

	for (i = verdict; i >= 0 && i < report->nr_records; i++) {
		if (strstr(report->records[i][0], words))
			return true;
		if (verdict_is_line(report, i, NEXT))
			break;
	}
	return false;
}

/**
 * verdict_next - what does a verdict say to do?
 * @report: the summary
 * @verdict: from verdict_find()
 *
 * Return: its line next:, or "".
 */
const char *verdict_next(const struct report *report, int verdict)
{
	int i;

	for (i = verdict; i >= 0 && i < report->nr_records; i++) {
		if (verdict_is_line(report, i, NEXT))
			return report->records[i][0];
	}
	return "";
}

/**
 * verdict_mib - the last size in a line
 * @line: the line
 *
 * Return: in MiB; 0 if there is none.
 */
double verdict_mib(const char *line)
{
	double found = 0;

	for (; *line; line++) {
		double size;
		char *end;

		if (*line < '0' || *line > '9')
			continue;
		size = strtod(line, &end);
		if (!strncmp(end, " kB", 3))
			found = size / 1024;
		else if (!strncmp(end, " MiB", 4))
			found = size;
		else if (!strncmp(end, " GiB", 4))
			found = size * 1024;
		line = end - 1;
	}
	return found;
}
