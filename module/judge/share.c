// SPDX-License-Identifier: GPL-2.0
/*
 * share.c - knows which single figures of the books are large by themselves.
 */
#include "verdict.h"

#include <linux/kernel.h>

#include "snapshot.h"

/*
 * How large is large, in permille of MemTotal. An idle machine stays below each of them: its page
 * cache is what it read at boot.
 */
enum {
	LARGE_CACHE = 250,
	LARGE_PROCESS = 500,
	LARGE_PAGE_TABLES = 50,
	LARGE_TMPFS = 100,
	LARGE_PERCPU = 50,
	LARGE_PCP = 100,
	LARGE_HUGETLB = 100,
};

/*
 * struct share - a verdict that follows from one figure
 * @kind: of the verdict
 * @permille: of MemTotal, from which on it is large
 * @subject: what the memory is
 * @evidence: what else is to be said of it
 * @command: what to do
 * @gives: what that gives back of it, before the size
 */
struct share {
	const char *kind;
	unsigned int permille;
	const char *subject;
	const char *evidence;
	const char *command;
	const char *gives;
};

static const struct share anon_share = {
	.kind = "process",
	.permille = LARGE_PROCESS,
	.subject = "anonymous memory of processes",
	.evidence = "large",
	.command = "ps -eo rss,pid,comm --sort=-rss | head",
	.gives = "who holds",
};

static const struct share tables_share = {
	.kind = "process",
	.permille = LARGE_PAGE_TABLES,
	.subject = "page tables of processes",
	.evidence = "large",
	.command = "grep VmPTE /proc/[0-9]*/status | sort -k2n | tail",
	.gives = "who holds",
};

static const struct share shmem_share = {
	.kind = "tmpfs",
	.permille = LARGE_TMPFS,
	.subject = "tmpfs and shared memory",
	.evidence = "not a cache",
	.command = "df -t tmpfs; ipcs -m; delete files there",
	.gives = "up to",
};

static const struct share file_share = {
	.kind = "cache",
	.permille = LARGE_CACHE,
	.subject = "page cache",
	.evidence = "not a leak, reclaimed on demand",
	.command = "none needed; echo 1 > /proc/sys/vm/drop_caches",
	.gives = "up to",
};

static const struct share pcp_share = {
	.kind = "pcp",
	.permille = LARGE_PCP,
	.subject = "per-CPU free lists",
	.evidence = "free, but not in MemFree",
	.command = "sysctl vm.percpu_pagelist_high_fraction=64",
	.gives = "most of",
};

static const struct share hugetlb_share = {
	.kind = "hugetlb",
	.permille = LARGE_HUGETLB,
	.subject = "huge page pools",
	.evidence = "reserved by configuration",
	.command = "grep Huge /proc/meminfo; sysctl vm.nr_hugepages=0",
	.gives = "the free ones of",
};

static const struct share percpu_share = {
	.kind = "vmalloc",
	.permille = LARGE_PERCPU,
	.subject = "percpu memory",
	.evidence = "large",
	.command = "grep dying /sys/fs/cgroup/cgroup.stat; bpftool map | grep percpu",
	.gives = "part of",
};

static struct mt_verdict *judge_share(struct mt_judgement *judgement,
				      const struct mt_evidence *evidence,
				      const struct share *share, s64 kB)
{
	char words[MT_VERDICT_SIZE];
	struct mt_verdict *verdict;

	if (!mt_verdict_is_large(evidence, kB, share->permille))
		return NULL;
	verdict = mt_verdict_open(judgement, share->kind, kB);
	if (!verdict)
		return NULL;
	mt_verdict_say(verdict->text, "%s — %s: %u %% of MemTotal", share->subject,
		       share->evidence, mt_verdict_percent(evidence, kB));
	mt_verdict_say(verdict->next, "%s (%s %s)", share->command, share->gives,
		       mt_verdict_size(words, kB));
	return verdict;
}

/* "Hugetlb: 102400 kB in files": what no pool that is made smaller frees. */
static s64 huge_files_kB(const struct mt_evidence *evidence)
{
	const struct mt_snapshot *report = mt_evidence_report(evidence, "tmpfs");
	const char *line = NULL;
	s64 kB;

	while (report && (line = mt_snapshot_line(report, line))) {
		if (sscanf(line, "Hugetlb: %lld kB in files", &kB) == 1)
			return kB;
	}
	return 0;
}

static void judge_hugetlb(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	struct mt_verdict *verdict = judge_share(judgement, evidence, &hugetlb_share,
						 mt_verdict_kB(evidence, MT_HUGETLB));
	char words[MT_VERDICT_SIZE];
	s64 kB;

	if (!verdict)
		return;
	kB = huge_files_kB(evidence);
	if (kB)
		mt_verdict_say(verdict->details[0],
			       "%s of it in files; who has them: grep -e huge -e held: %s/tmpfs",
			       mt_verdict_size(words, kB), evidence->path);
}

/* A report that names the holders has a judge of its own. */
static bool has_records(const struct mt_evidence *evidence, const char *name)
{
	const struct mt_snapshot *report = mt_evidence_report(evidence, name);

	return report && report->nr_rows;
}

/**
 * mt_judge_share() - judge the figures that need no report
 * @judgement: gets the verdicts
 * @evidence: what is known
 *
 * Context: any; sleeps not.
 */
void mt_judge_share(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	if (!has_records(evidence, "tasks")) {
		judge_share(judgement, evidence, &anon_share,
			    evidence->anon_pages * evidence->page_kB);
		judge_share(judgement, evidence, &tables_share,
			    mt_verdict_kB(evidence, MT_PAGE_TABLES));
	}
	if (!has_records(evidence, "tmpfs"))
		judge_share(judgement, evidence, &shmem_share,
			    evidence->shmem_pages * evidence->page_kB);
	judge_share(judgement, evidence, &file_share, mt_verdict_kB(evidence, MT_LRU_FILE));
	judge_share(judgement, evidence, &pcp_share, mt_verdict_kB(evidence, MT_FREE_PCP));
	judge_hugetlb(judgement, evidence);
	judge_share(judgement, evidence, &percpu_share, mt_verdict_kB(evidence, MT_PERCPU));
}
