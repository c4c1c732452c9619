// SPDX-License-Identifier: GPL-2.0
/*
 * vmalloc.c - knows when a caller of vmalloc is worth a word, and what to do about it.
 */
#include "verdict.h"

#include <linux/kernel.h>
#include <linux/string.h>

#include "snapshot.h"

/* In permille of MemTotal. */
#define LARGE_VMALLOC	30

static bool is_kind(const struct mt_cell *kind, const char *name)
{
	return kind->text && !strcmp(kind->text, name);
}

/**
 * mt_judge_vmalloc() - judge the callers of vmalloc
 * @judgement: gets the verdicts
 * @evidence: what is known
 *
 * Context: any; sleeps not.
 */
void mt_judge_vmalloc(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	const struct mt_snapshot *report = mt_evidence_report(evidence, "vmalloc");
	char words[MT_VERDICT_SIZE];
	unsigned int row;

	for (row = 0; report && row < report->nr_rows; row++) {
		const struct mt_cell *kB = mt_snapshot_cell(report, row, "pages_kB");
		const struct mt_cell *areas = mt_snapshot_cell(report, row, "areas");
		const struct mt_cell *kind = mt_snapshot_cell(report, row, "kind");
		const struct mt_cell *module = mt_snapshot_cell(report, row, "module");
		const struct mt_cell *caller = mt_snapshot_cell(report, row, "caller");
		bool foreign = module->text && strcmp(module->text, "vmlinux") &&
			       strcmp(module->text, "-");
		struct mt_verdict *verdict;

		if (!mt_verdict_is_large(evidence, kB->number, LARGE_VMALLOC))
			continue;
		verdict = mt_verdict_open(judgement, "vmalloc", kB->number);
		if (!verdict)
			continue;
		mt_verdict_say(verdict->text, "%.28s [%.20s] — large: %lld areas", caller->text,
			       module->text ? module->text : "-", areas->number);
		mt_verdict_say(verdict->details[0], "kind %s, asked for by %.64s", kind->text,
			       caller->text);
		if (foreign)
			mt_verdict_say(verdict->next, "rmmod %.40s, if it can be spared (%s)",
				       module->text, mt_verdict_size(words, kB->number));
		else if (is_kind(kind, "stack"))
			mt_verdict_say(verdict->next,
				       "ps -eo nlwp,pid,comm --sort=-nlwp | head (who has the threads: %s)",
				       mt_verdict_size(words, kB->number));
		else
			mt_verdict_say(verdict->next,
				       "head %s/vmalloc (the callers, largest first)",
				       evidence->path);
	}
}
