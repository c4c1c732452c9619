// SPDX-License-Identifier: GPL-2.0
/*
 * tmpfs.c - knows when files in memory are worth a word, where they are, and who holds them.
 */
#include "verdict.h"

#include <linux/kernel.h>
#include <linux/string.h>

#include "snapshot.h"

/* In permille of MemTotal. */
enum {
	LARGE_ALL = 100,
	LARGE_ONE = 50,
};

/* What a note of the report begins with that tells who keeps an unlinked file. */
#define HELD	"held: "

static s64 number(const struct mt_snapshot *report, unsigned int row, const char *column)
{
	const struct mt_cell *cell = mt_snapshot_cell(report, row, column);

	return cell->certainty == MT_UNKNOWN ? 0 : cell->number;
}

static const char *text(const struct mt_snapshot *report, unsigned int row, const char *column)
{
	const struct mt_cell *cell = mt_snapshot_cell(report, row, column);

	return cell->text ? cell->text : "-";
}

static bool is_tmpfs(const struct mt_snapshot *report, unsigned int row)
{
	return strcmp(text(report, row, "fstype"), "hugetlbfs");
}

/* The note of the largest unlinked file; the notes are in that order. */
static const char *find_held(const struct mt_snapshot *report)
{
	const char *line = NULL;

	while ((line = mt_snapshot_line(report, line))) {
		if (!strncmp(line, HELD, strlen(HELD)))
			return line;
	}
	return NULL;
}

/* A path with blanks and brackets behind it is no path: it is a name that we gave. */
static bool is_path(const char *where)
{
	return *where == '/' && !strstr(where, " (");
}

static void say_next(struct mt_verdict *verdict, const char *where, s64 kB, s64 unlinked_kB,
		     const char *held)
{
	char words[MT_VERDICT_SIZE];
	long long held_kB;
	char comm[16];
	int pid;

	/* deleting gives nothing back where most is deleted already */
	if (unlinked_kB > kB / 2 && held &&
	    sscanf(held, HELD "%lld kB by pid %d (%15[^)])", &held_kB, &pid, comm) == 3)
		mt_verdict_say(verdict->next, "kill %d (%s: ~%s)", pid, comm,
			       mt_verdict_size(words, held_kB));
	else if (!strncmp(where, "SysV shm ", 9))
		mt_verdict_say(verdict->next, "ipcs -mp; ipcrm -m ID (up to %s)",
			       mt_verdict_size(words, kB));
	else if (is_path(where))
		mt_verdict_say(verdict->next, "du -xm %.50s | sort -n | tail; rm (up to %s)", where,
			       mt_verdict_size(words, kB - unlinked_kB));
	else
		mt_verdict_say(verdict->next, "delete files there, or end who uses it (up to %s)",
			       mt_verdict_size(words, kB));
}

/**
 * mt_judge_tmpfs() - judge the files that live in memory
 * @judgement: gets the verdicts
 * @evidence: what is known
 *
 * Without the report, mt_judge_share() judges them as a whole.
 *
 * Context: any; sleeps not.
 */
void mt_judge_tmpfs(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	const struct mt_snapshot *report = mt_evidence_report(evidence, "tmpfs");
	s64 all_kB = evidence->shmem_pages * evidence->page_kB;
	struct mt_verdict *verdict;
	char words[MT_VERDICT_SIZE];
	const char *held, *where;
	s64 kB, unlinked_kB;
	unsigned int row = 0;
	bool alone;

	while (report && row < report->nr_rows && !is_tmpfs(report, row))
		row++;
	if (!report || row == report->nr_rows)
		return;
	kB = number(report, row, "kB");
	unlinked_kB = number(report, row, "unlinked_kB");
	where = text(report, row, "where");
	alone = mt_verdict_is_large(evidence, kB, LARGE_ONE);
	if (!alone && !mt_verdict_is_large(evidence, all_kB, LARGE_ALL))
		return;
	verdict = mt_verdict_open(judgement, "tmpfs", alone ? kB : all_kB);
	if (!verdict)
		return;
	if (alone)
		mt_verdict_say(verdict->text, "%s %.50s — large: %u %% of MemTotal, not a cache",
			       text(report, row, "fstype"), where,
			       mt_verdict_percent(evidence, kB));
	else
		mt_verdict_say(verdict->text,
			       "tmpfs and shared memory — not a cache; most: %.36s %s",
			       where, mt_verdict_size(words, kB));
	if (unlinked_kB)
		mt_verdict_say(verdict->details[0], "%lld files, of it unlinked and still held: %s",
			       number(report, row, "files"), mt_verdict_size(words, unlinked_kB));
	else
		mt_verdict_say(verdict->details[0], "%lld files", number(report, row, "files"));
	held = find_held(report);
	if (held)
		mt_verdict_say(verdict->details[1], "%s", held);
	say_next(verdict, where, kB, unlinked_kB, held);
}
