// SPDX-License-Identifier: GPL-2.0
/*
 * tasks.c - knows when processes are worth a word, and which one.
 */
#include "verdict.h"

#include <linux/kernel.h>

#include "snapshot.h"

/*
 * In permille of MemTotal. That one process holds a quarter of a machine may be what the machine is
 * for, and is all the same the first thing to know in an incident.
 */
enum {
	LARGE_PROCESS = 250,
	LARGE_ALL_PROCESSES = 500,
	LARGE_PAGE_TABLES = 50,
};

/* Who has less than this part of all is not to blame alone. */
#define SPREAD	10

/* One that everybody needs. */
#define INIT_PID	1

static s64 number(const struct mt_snapshot *report, unsigned int row, const char *column)
{
	const struct mt_cell *cell = mt_snapshot_cell(report, row, column);

	return cell->certainty == MT_UNKNOWN ? 0 : cell->number;
}

/* What comes back when it is killed: not its files, which are cache, nor what is in a tmpfs. */
static s64 own_kB(const struct mt_snapshot *report, unsigned int row)
{
	return number(report, row, "anon_kB") + number(report, row, "pgtables_kB");
}

/*
 * Pages that were merged (KSM) are counted for each place where they are mapped, and are there
 * once: if that makes one process have clearly more than there is, it has no more than there is.
 */
static s64 real_kB(const struct mt_evidence *evidence, const struct mt_snapshot *report,
		   unsigned int row)
{
	s64 all_kB = evidence->anon_pages * evidence->page_kB;
	s64 anon_kB = number(report, row, "anon_kB");

	/* a little more is of another moment */
	if (all_kB <= 0 || anon_kB <= all_kB + all_kB / 8)
		return own_kB(report, row);
	return all_kB + number(report, row, "pgtables_kB");
}

/*
 * May most of a process's anonymous memory be that of others too? Pages that were there when it
 * forked are counted for each process that still maps them, but are there once.
 */
static bool is_shared(const struct mt_evidence *evidence, const struct mt_snapshot *report,
		      unsigned int row)
{
	s64 more_kB = -evidence->anon_pages * evidence->page_kB;
	unsigned int i;

	/* not known, or not of the same moment */
	if (-more_kB < number(report, row, "anon_kB"))
		return false;
	for (i = 0; mt_snapshot_row(report, i); i++)
		more_kB += number(report, i, "anon_kB");
	return more_kB * 2 >= number(report, row, "anon_kB");
}

static const char *comm(const struct mt_snapshot *report, unsigned int row)
{
	const struct mt_cell *cell = mt_snapshot_cell(report, row, "comm");

	return cell->text ? cell->text : "-";
}

static s64 tables_kB(const struct mt_snapshot *report, unsigned int row)
{
	return number(report, row, "pgtables_kB");
}

/* The record other than @but with most of something; nr_rows if there is none. */
static unsigned int largest(const struct mt_snapshot *report, unsigned int but,
			    s64 (*size)(const struct mt_snapshot *report, unsigned int row))
{
	unsigned int best = report->nr_rows;
	unsigned int row;

	for (row = 0; row < report->nr_rows; row++) {
		if (row != but && size(report, row) > 0 &&
		    (best == report->nr_rows || size(report, row) > size(report, best)))
			best = row;
	}
	return best;
}

static void say_next(struct mt_verdict *verdict, const struct mt_evidence *evidence,
		     const struct mt_snapshot *report, unsigned int row)
{
	char words[MT_VERDICT_SIZE];
	s64 pid = number(report, row, "pid");
	s64 kB = real_kB(evidence, report, row);

	if (pid == INIT_PID)
		mt_verdict_say(verdict->next, "head %s/tasks (the largest is init: %s)",
			       evidence->path, mt_verdict_size(words, kB));
	else if (is_shared(evidence, report, row))
		mt_verdict_say(verdict->next,
			       "kill %lld (%s: up to %s), and who was forked from the same", pid,
			       comm(report, row), mt_verdict_size(words, kB));
	else
		mt_verdict_say(verdict->next, "kill %lld (%s: ~%s)", pid, comm(report, row),
			       mt_verdict_size(words, kB));
}

static void say_details(struct mt_verdict *verdict, const struct mt_snapshot *report,
			unsigned int row)
{
	unsigned int second = largest(report, row, own_kB);
	char a[MT_VERDICT_SIZE], b[MT_VERDICT_SIZE], c[MT_VERDICT_SIZE];
	char fds[40] = "";

	if (mt_snapshot_cell(report, row, "fds")->certainty != MT_UNKNOWN)
		snprintf(fds, sizeof(fds), "; %lld descriptors", number(report, row, "fds"));
	mt_verdict_say(verdict->details[0], "shared memory %s, swap %s, page tables %s%s",
		       mt_verdict_size(a, number(report, row, "shmem_kB")),
		       mt_verdict_size(b, number(report, row, "swap_kB")),
		       mt_verdict_size(c, tables_kB(report, row)), fds);
	if (second < report->nr_rows)
		mt_verdict_say(verdict->details[1], "the next is %s (pid %lld) with %s",
			       comm(report, second), number(report, second, "pid"),
			       mt_verdict_size(a, own_kB(report, second)));
}

/* One that is large by itself, or all of them. */
static void judge_memory(struct mt_judgement *judgement, const struct mt_evidence *evidence,
			 const struct mt_snapshot *report)
{
	unsigned int row = largest(report, report->nr_rows, own_kB);
	s64 all_kB = evidence->anon_pages * evidence->page_kB;
	struct mt_verdict *verdict;
	char words[MT_VERDICT_SIZE];
	bool alone;
	s64 kB;

	if (row == report->nr_rows)
		return;
	kB = real_kB(evidence, report, row);
	alone = mt_verdict_is_large(evidence, kB, LARGE_PROCESS);
	if (!alone && !mt_verdict_is_large(evidence, all_kB, LARGE_ALL_PROCESSES))
		return;
	verdict = mt_verdict_open(judgement, "process", alone ? kB : all_kB);
	if (!verdict)
		return;
	if (alone)
		mt_verdict_say(verdict->text,
			       "%s (pid %lld) — large: %u %% of MemTotal, %s",
			       comm(report, row), number(report, row, "pid"),
			       mt_verdict_percent(evidence, kB),
			       is_shared(evidence, report, row) ? "others may have the same" :
								  "its own memory");
	else
		mt_verdict_say(verdict->text,
			       "anonymous memory of processes — large; most: %s (pid %lld) %s",
			       comm(report, row), number(report, row, "pid"),
			       mt_verdict_size(words, kB));
	say_details(verdict, report, row);
	say_next(verdict, evidence, report, row);
}

static void judge_page_tables(struct mt_judgement *judgement, const struct mt_evidence *evidence,
			      const struct mt_snapshot *report)
{
	unsigned int row = largest(report, report->nr_rows, tables_kB);
	s64 all_kB = mt_verdict_kB(evidence, MT_PAGE_TABLES);
	struct mt_verdict *verdict;
	char words[MT_VERDICT_SIZE];

	if (row == report->nr_rows || !mt_verdict_is_large(evidence, all_kB, LARGE_PAGE_TABLES))
		return;
	verdict = mt_verdict_open(judgement, "process", all_kB);
	if (!verdict)
		return;
	if (tables_kB(report, row) < all_kB / SPREAD) {
		mt_verdict_say(verdict->text,
			       "page tables of %s%llu processes — large; none has more than %s",
			       report->state == MT_PARTIAL ? "more than " : "",
			       report->nr_rows + report->dropped,
			       mt_verdict_size(words, tables_kB(report, row)));
		mt_verdict_say(verdict->next,
			       "ps -eo comm | sort | uniq -c | sort -n | tail (who is many: %s)",
			       mt_verdict_size(words, all_kB));
		return;
	}
	mt_verdict_say(verdict->text, "page tables of processes — large; most: %s (pid %lld) %s",
		       comm(report, row), number(report, row, "pid"),
		       mt_verdict_size(words, tables_kB(report, row)));
	say_next(verdict, evidence, report, row);
}

/**
 * mt_judge_tasks() - judge the processes
 * @judgement: gets the verdicts
 * @evidence: what is known
 *
 * Without the report of processes, mt_judge_share() judges their memory as a whole.
 *
 * Context: any; sleeps not.
 */
void mt_judge_tasks(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	const struct mt_snapshot *report = mt_evidence_report(evidence, "tasks");

	if (!report || !report->nr_rows)
		return;
	judge_memory(judgement, evidence, report);
	judge_page_tables(judgement, evidence, report);
}
