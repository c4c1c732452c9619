// SPDX-License-Identifier: GPL-2.0
/*
 * cgroups.c - knows when a memory cgroup is worth a word: one that holds most, or many dead ones.
 */
#include "verdict.h"

#include <linux/kernel.h>
#include <linux/string.h>

#include "snapshot.h"

/* In permille of MemTotal. */
enum {
	LARGE_ONE = 500,
	LARGE_DYING = 50,
};

/* So many dead ones cost percpu memory and time, whatever they hold. */
#define MANY_DYING	2000

/* What the kernel keeps for each cgroup at least, on a machine with few CPUs. */
#define CGROUP_KB	16

/* One below it that has so much of it, in percent, is who is meant. */
#define MOST_OF		80

static const char *path_of(const struct mt_snapshot *report, unsigned int row)
{
	const struct mt_cell *cell = mt_snapshot_cell(report, row, "path");

	return cell->text ? cell->text : "-";
}

static s64 kB_of(const struct mt_snapshot *report, unsigned int row)
{
	const struct mt_cell *cell = mt_snapshot_cell(report, row, "kB");

	return cell->certainty == MT_UNKNOWN ? 0 : cell->number;
}

static bool is_below(const char *path, const char *parent)
{
	size_t bytes = strlen(parent);

	return !strncmp(path, parent, bytes) && path[bytes] == '/';
}

/* The records are sorted: what is below comes later. */
static void judge_largest(struct mt_judgement *judgement, const struct mt_evidence *evidence,
			  const struct mt_snapshot *report)
{
	unsigned int best = report->nr_rows;
	struct mt_verdict *verdict;
	char words[MT_VERDICT_SIZE];
	unsigned int row;

	for (row = 0; row < report->nr_rows; row++) {
		if (!strcmp(path_of(report, row), "/"))
			continue;
		if (best == report->nr_rows ||
		    (is_below(path_of(report, row), path_of(report, best)) &&
		     kB_of(report, row) >= kB_of(report, best) / 100 * MOST_OF))
			best = row;
	}
	if (best == report->nr_rows ||
	    !mt_verdict_is_large(evidence, kB_of(report, best), LARGE_ONE))
		return;
	verdict = mt_verdict_open(judgement, "cgroup", kB_of(report, best));
	if (!verdict)
		return;
	mt_verdict_say(verdict->text, "%.50s — large: %u %% of MemTotal charged",
		       path_of(report, best),
		       mt_verdict_percent(evidence, kB_of(report, best)));
	mt_verdict_say(verdict->details[0], "its processes and page cache, and its tmpfs files");
	mt_verdict_say(verdict->next, "systemd-cgls %.50s; set its memory.max (%s)",
		       path_of(report, best), mt_verdict_size(words, kB_of(report, best)));
}

static void judge_dying(struct mt_judgement *judgement, const struct mt_evidence *evidence,
			const struct mt_snapshot *report)
{
	unsigned long long nr = 0, all = 0, listed_kB = 0, file_kB = 0;
	char more[MT_VERDICT_SIZE];
	struct mt_verdict *verdict;
	char words[MT_VERDICT_SIZE];
	const char *line = NULL;
	s64 kB;

	do {
		line = mt_snapshot_line(report, line);
	} while (line && sscanf(line,
				"dying: %llu of %llu cgroups, %llu kB on their lists: page cache %llu",
				&nr, &all, &listed_kB, &file_kB) != 4);
	if (!line)
		return;
	kB = listed_kB + nr * CGROUP_KB;
	if (nr < MANY_DYING && !mt_verdict_is_large(evidence, kB, LARGE_DYING))
		return;
	verdict = mt_verdict_open(judgement, "cgroup", kB);
	if (!verdict)
		return;
	mt_verdict_say(verdict->text, "%llu removed cgroups — still charged, of %llu in all", nr,
		       all);
	mt_verdict_say(verdict->details[0],
		       "kept by what was charged to them: page cache %s, tmpfs and anonymous %s",
		       mt_verdict_size(words, file_kB), mt_verdict_size(more, listed_kB - file_kB));
	mt_verdict_say(verdict->details[1],
		       "of the figure, ~%s are reckoned for the cgroups themselves, %u kB each",
		       mt_verdict_size(words, nr * CGROUP_KB), CGROUP_KB);
	/* caches that are dropped leave tmpfs as it is, and what that keeps */
	if (listed_kB - file_kB > listed_kB / 2)
		mt_verdict_say(verdict->next, "head %s/tmpfs: delete files there (up to %s)",
			       evidence->path, mt_verdict_size(words, kB - file_kB));
	else
		mt_verdict_say(verdict->next, "sync; echo 3 > /proc/sys/vm/drop_caches (up to %s)",
			       mt_verdict_size(words, kB - (listed_kB - file_kB)));
}

/**
 * mt_judge_cgroups() - judge the memory cgroups
 * @judgement: gets the verdicts
 * @evidence: what is known
 *
 * Context: any; sleeps not.
 */
void mt_judge_cgroups(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	const struct mt_snapshot *report = mt_evidence_report(evidence, "cgroups");

	if (!report)
		return;
	judge_largest(judgement, evidence, report);
	judge_dying(judgement, evidence, report);
}
