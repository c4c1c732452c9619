// SPDX-License-Identifier: GPL-2.0
/*
 * sockets.c - knows when the sockets of a process are worth a word, and what ends them.
 */
#include "verdict.h"

#include <linux/kernel.h>
#include <linux/string.h>

#include "snapshot.h"

/*
 * In permille of MemTotal. A server with many connections may well hold some percent in all of its
 * sockets; but one socket is bounded by default to a few MiB, so one that reaches the floor of all
 * verdicts was set up for more, and is not read.
 */
enum {
	LARGE_SOCKET = 1,
	LARGE_SOCKETS = 20,
};

/* Of what packets hold, this part in percent at least is told with the sockets. */
#define TOLD	75

/** ROWS_JUDGED - rows that are looked at, largest first */
#define ROWS_JUDGED	256

/*
 * struct holder - the sockets of one process, or those of which no process is known
 * @row: the largest of them
 * @kB: of all of them
 * @largest_kB: of the largest
 * @sockets: how many
 */
struct holder {
	unsigned int row;
	s64 kB;
	s64 largest_kB;
	unsigned int sockets;
};

static const struct mt_cell *cell(const struct mt_snapshot *report, unsigned int row,
				  const char *column)
{
	return mt_snapshot_cell(report, row, column);
}

static s64 number(const struct mt_snapshot *report, unsigned int row, const char *column)
{
	const struct mt_cell *found = cell(report, row, column);

	return found->certainty == MT_UNKNOWN ? 0 : found->number;
}

static const char *text(const struct mt_snapshot *report, unsigned int row, const char *column)
{
	const char *found = cell(report, row, column)->text;

	return found ? found : "-";
}

/* Of one process; sockets that no process holds belong together by where they are. */
static bool same_holder(const struct mt_snapshot *report, unsigned int a, unsigned int b)
{
	const struct mt_cell *pid = cell(report, a, "pid");
	const struct mt_cell *other = cell(report, b, "pid");

	if (pid->certainty != other->certainty)
		return false;
	if (pid->certainty == MT_UNKNOWN)
		return !strcmp(text(report, a, "comm"), text(report, b, "comm"));
	return pid->number == other->number;
}

/*
 * A note of the report: "held: 1024 kB in 12 sockets by pid 7 (server)", or "by nobody: (orphan)".
 * It is about all sockets of a holder, of which not all are records.
 */
static bool read_note(const char *line, long long *kB, unsigned int *sockets, int *pid,
		      char who[24])
{
	*pid = 0;
	return sscanf(line, "held: %lld kB in %u sockets by pid %d (%15[^)])", kB, sockets, pid,
		      who) == 4 ||
	       sscanf(line, "held: %lld kB in %u sockets by nobody: %23[^\n]", kB, sockets,
		      who) == 3;
}

static void sum_all(const struct mt_snapshot *report, struct holder *holder)
{
	const struct mt_cell *pid = cell(report, holder->row, "pid");
	s64 number = pid->certainty == MT_UNKNOWN ? 0 : pid->number;
	const char *line = NULL;
	unsigned int sockets;
	char who[24];
	long long kB;
	int of;

	while ((line = mt_snapshot_line(report, line))) {
		if (!read_note(line, &kB, &sockets, &of, who) || of != number || kB < holder->kB ||
		    (!of && strcmp(who, text(report, holder->row, "comm"))))
			continue;
		holder->kB = kB;
		holder->sockets = sockets;
	}
}

/* Each process once: at its largest socket. */
static bool sum_holder(const struct mt_snapshot *report, unsigned int row, unsigned int rows,
		       struct holder *holder)
{
	unsigned int i;

	for (i = 0; i < row; i++) {
		if (same_holder(report, i, row))
			return false;
	}
	*holder = (struct holder) { .row = row, .largest_kB = number(report, row, "kB") };
	for (i = row; i < rows; i++) {
		if (!same_holder(report, i, row))
			continue;
		holder->kB += number(report, i, "kB");
		holder->sockets++;
	}
	sum_all(report, holder);
	return true;
}

/* "raw6", "tcp", "unix stream" */
static void name_kind(char *kind, size_t size, const struct mt_snapshot *report, unsigned int row)
{
	const char *family = text(report, row, "family");
	const char *type = text(report, row, "type");

	if (!strcmp(family, "inet"))
		snprintf(kind, size, "%s", type);
	else if (!strcmp(family, "inet6"))
		snprintf(kind, size, "%s6", type);
	else
		snprintf(kind, size, "%s %s", family, type);
}

static const char *why(const struct mt_snapshot *report, unsigned int row)
{
	s64 rx = number(report, row, "rx_kB");
	s64 tx = number(report, row, "tx_kB");
	s64 ring = number(report, row, "ring_kB");

	if (ring > rx && ring > tx)
		return "rings, in no account of the kernel's";
	return rx >= tx ? "received and never read" : "sent and not taken by the peer";
}

static void tell(struct mt_verdict *verdict, const struct mt_snapshot *report,
		 const struct mt_evidence *evidence, const struct holder *holder)
{
	const struct mt_cell *pid = cell(report, holder->row, "pid");
	const char *comm = text(report, holder->row, "comm");
	char words[MT_VERDICT_SIZE];
	char kind[32];

	name_kind(kind, sizeof(kind), report, holder->row);
	if (pid->certainty == MT_UNKNOWN) {
		mt_verdict_say(verdict->text, "%u sockets %.20s — %s (the largest: %s)",
			       holder->sockets, comm, why(report, holder->row), kind);
		mt_verdict_say(verdict->next, "head %s/sockets (the sockets, largest first)",
			       evidence->path);
		return;
	}
	if (holder->sockets == 1)
		mt_verdict_say(verdict->text, "%s socket of %.24s (pid %lld) — %s", kind, comm,
			       pid->number, why(report, holder->row));
	else
		mt_verdict_say(verdict->text, "%u sockets of %.24s (pid %lld) — %s",
			       holder->sockets, comm, pid->number, why(report, holder->row));
	mt_verdict_say(verdict->details[0], "the largest: %s, %s, in namespace %lld", kind,
		       mt_verdict_size(words, holder->largest_kB),
		       number(report, holder->row, "netns"));
	mt_verdict_say(verdict->next, "kill %lld (%.24s: ~%s)", pid->number, comm,
		       mt_verdict_size(words, holder->kB));
}

/**
 * mt_sockets_kB() - what sockets hold
 * @evidence: what is known
 *
 * The buffers of packets that came through a device are pages of nobody's, as are the rings of
 * packet sockets; of others, the data are objects of slab caches, or large kmalloc. XDP's memory is
 * the process's.
 *
 * Context: any.
 * Return: kB, as far as it is known.
 */
s64 mt_sockets_kB(const struct mt_evidence *evidence)
{
	const struct mt_snapshot *report = mt_evidence_report(evidence, "sockets");
	s64 sum = 0;
	unsigned int row;

	for (row = 0; report && mt_snapshot_row(report, row); row++) {
		if (strcmp(text(report, row, "family"), "xdp"))
			sum += number(report, row, "kB");
	}
	return sum;
}

/**
 * mt_sockets_rings_kB() - of what sockets hold, the rings that are pages of nobody's
 * @evidence: what is known
 *
 * Context: any.
 * Return: kB, all of which are in Ghost.
 */
s64 mt_sockets_rings_kB(const struct mt_evidence *evidence)
{
	const struct mt_snapshot *report = mt_evidence_report(evidence, "sockets");
	const char *line = NULL;
	long long kB;

	while (report && (line = mt_snapshot_line(report, line))) {
		if (sscanf(line, "of ring_kB, %lld kB are pages of Ghost", &kB) == 1)
			return kB;
	}
	return 0;
}

/**
 * mt_packets_kB() - what sockets hold without their rings
 * @evidence: what is known
 *
 * Context: any.
 * Return: kB, as far as it is known.
 */
s64 mt_packets_kB(const struct mt_evidence *evidence)
{
	return mt_sockets_kB(evidence) - mt_sockets_rings_kB(evidence);
}

/**
 * mt_packets_are_told() - have the verdicts on sockets said all of some memory?
 * @judgement: those that there are
 * @evidence: what is known
 * @kB: memory that packets may be
 *
 * Packets that wait in sockets are no cause of their own: the sockets are.
 *
 * Context: any; sleeps not.
 * Return: true if there is nothing to add.
 */
bool mt_packets_are_told(const struct mt_judgement *judgement, const struct mt_evidence *evidence,
			 s64 kB)
{
	return mt_packets_kB(evidence) >= kB / 100 * TOLD &&
	       mt_verdict_told_kB(judgement, "sockets") >= kB / 100 * TOLD;
}

/**
 * mt_packets_say_next() - where to look for who holds packets
 * @verdict: gets it, as its advice
 * @evidence: what is known
 * @kB: what they have
 *
 * Context: any; sleeps not.
 */
void mt_packets_say_next(struct mt_verdict *verdict, const struct mt_evidence *evidence, s64 kB)
{
	char words[MT_VERDICT_SIZE];

	mt_verdict_say(verdict->next, "head %s/sockets (who holds these packets: up to %s)",
		       evidence->path, mt_verdict_size(words, kB));
}

/**
 * mt_judge_sockets() - judge the holders of sockets
 * @judgement: gets the verdicts
 * @evidence: what is known
 *
 * Context: any; sleeps not.
 */
void mt_judge_sockets(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	const struct mt_snapshot *report = mt_evidence_report(evidence, "sockets");
	unsigned int rows, row;

	if (!report)
		return;
	rows = min_t(unsigned int, report->nr_rows, ROWS_JUDGED);
	for (row = 0; row < rows; row++) {
		struct mt_verdict *verdict;
		struct holder holder;

		if (!sum_holder(report, row, rows, &holder))
			continue;
		if (!mt_verdict_is_large(evidence, holder.largest_kB, LARGE_SOCKET) &&
		    !mt_verdict_is_large(evidence, holder.kB, LARGE_SOCKETS))
			continue;
		verdict = mt_verdict_open(judgement, "sockets", holder.kB);
		if (verdict)
			tell(verdict, report, evidence, &holder);
	}
}
