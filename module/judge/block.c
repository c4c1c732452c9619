// SPDX-License-Identifier: GPL-2.0
/*
 * block.c - knows whose blocks of pages are, of which the report of ghosts says what they carry.
 *
 * Where large kmalloc leaves no mark, its blocks stand among the ghosts, and only the counters tell
 * how much of either there is. So of what carries an owner's address, a part may be on the other
 * side: what cannot be, for there is less of that, is known.
 */
#include "verdict.h"

#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "snapshot.h"

/* The report of ghosts tells the shape of blocks first, or last, behind their owner's evidence. */
static bool has_shape(const struct mt_snapshot *report, unsigned int row, const char *shape)
{
	const char *why = mt_snapshot_cell(report, row, "evidence")->text;
	size_t length = strlen(shape);
	const char *last = why ? strrchr(why, ';') : NULL;

	return (last && last[1] == ' ' && !strcmp(last + 2, shape)) ||
	       (why && !strncmp(why, shape, length) && why[length] == ',');
}

/* "packets:cache": those that are objects of the cache have it. */
static const char packets_head[] = "packets:";

static bool is_packets(const char *owner)
{
	return owner && !strncmp(owner, packets_head, strlen(packets_head));
}

/* Not all packets were looked at: others may have the rest. */
static bool is_cut(const struct mt_snapshot *report, unsigned int row)
{
	const char *why = mt_snapshot_cell(report, row, "evidence")->text;

	return is_packets(mt_snapshot_cell(report, row, "owner")->text) && why &&
	       strstr(why, ": at least ");
}

/* That of large kmalloc; packets have none of that in their fragments. */
static bool is_compound(const struct mt_snapshot *report, unsigned int row)
{
	return has_shape(report, row, "compound") &&
	       !is_packets(mt_snapshot_cell(report, row, "owner")->text);
}

static s64 large_kmalloc_kB(const struct mt_evidence *evidence)
{
	s64 kB = 0;

	mt_uncached_find(mt_evidence_report(evidence, "slab"), &kB);
	return kB;
}

/* Ghosts that may have the shape of large kmalloc. */
static s64 compound_ghosts_kB(const struct mt_evidence *evidence, const struct mt_snapshot *report)
{
	s64 kB = mt_verdict_kB(evidence, MT_GHOST);
	unsigned int row;

	for (row = 0; row < report->nr_rows; row++) {
		if (has_shape(report, row, "single") || has_shape(report, row, "raw") ||
		    is_packets(mt_snapshot_cell(report, row, "owner")->text))
			kB -= mt_snapshot_cell(report, row, "kB")->number;
	}
	return max(kB, 0LL);
}

/* Of an estimate, less than this part is nothing that could be told from chance. */
#define CHANCE_PART	4

/* What is surely of those that are asked for, of a record, where there are @others_kB of others. */
static s64 certain_kB(const struct mt_cell *kB, s64 others_kB)
{
	s64 certain = kB->number - others_kB;

	if (kB->certainty != MT_EXACT && certain < div_s64(kB->number, CHANCE_PART))
		return 0;
	return certain;
}

/* Where it has a mark: "large kmalloc: ~1234 kB of module: evidence" */
static bool find_marked(struct mt_block_owner *owner, const struct mt_snapshot *report)
{
	static const char head[] = "large kmalloc: ";
	const char *line = NULL;

	while ((line = mt_snapshot_line(report, line))) {
		const char *figure = line + strlen(head);
		const char *colon;
		int used = 0;
		s64 kB;

		if (strncmp(line, head, strlen(head)))
			continue;
		figure += *figure == '~';
		if (sscanf(figure, "%lld kB of %n", &kB, &used) != 1 || !used || kB <= owner->kB)
			continue;
		colon = strchr(figure + used, ':');
		/* "-" is what a module that is gone is called */
		if (!colon || figure[used] == '-')
			continue;
		*owner = (struct mt_block_owner) {
			.name = figure + used,
			.name_length = colon - figure - used,
			.why = colon + strlen(": "),
			.kB = kB,
			.estimate = figure[-1] == '~',
		};
	}
	return owner->name;
}

/**
 * mt_block_find_owner() - who has most of the ghosts, or of large kmalloc?
 * @owner: gets it; its texts live as long as the reports
 * @evidence: what is known
 * @kmalloc: of large kmalloc
 *
 * Context: any; sleeps not.
 * Return: false if nobody is known to have any.
 */
bool mt_block_find_owner(struct mt_block_owner *owner, const struct mt_evidence *evidence,
			 bool kmalloc)
{
	const struct mt_snapshot *report = mt_evidence_report(evidence, "ghost");
	bool mixed = evidence->kmalloc_unmarked;
	unsigned int row;
	s64 others_kB = 0;

	*owner = (struct mt_block_owner) { };
	if (!report)
		return false;
	if (kmalloc && !mixed)
		return find_marked(owner, report);
	if (mixed)
		others_kB = kmalloc ? compound_ghosts_kB(evidence, report) :
				      large_kmalloc_kB(evidence);
	for (row = 0; row < report->nr_rows; row++) {
		const struct mt_cell *kB = mt_snapshot_cell(report, row, "kB");
		const char *name = mt_snapshot_cell(report, row, "owner")->text;
		bool in_doubt = mixed && is_compound(report, row);
		s64 certain = in_doubt ? certain_kB(kB, others_kB) : kB->number;

		if (!name || !*name || !strcmp(name, "-") || (kmalloc && !in_doubt) ||
		    certain <= owner->kB)
			continue;
		*owner = (struct mt_block_owner) {
			.name = name,
			.name_length = strlen(name),
			.why = mt_snapshot_cell(report, row, "evidence")->text ?: name,
			.kB = certain,
			.lower_bound = certain < kB->number || is_cut(report, row),
			.estimate = kB->certainty != MT_EXACT,
		};
	}
	if (kmalloc)
		owner->kB = min(owner->kB, large_kmalloc_kB(evidence));
	return owner->name;
}

static bool is_kernel(const struct mt_block_owner *owner)
{
	return owner->name_length == strlen("vmlinux") &&
	       !strncmp(owner->name, "vmlinux", owner->name_length);
}

/**
 * mt_block_say_owner() - say whose blocks they are, and what to do
 * @verdict: gets it, as its first detail and its advice
 * @evidence: what is known
 * @owner: from mt_block_find_owner()
 *
 * Context: any; sleeps not.
 */
void mt_block_say_owner(struct mt_verdict *verdict, const struct mt_evidence *evidence,
			const struct mt_block_owner *owner)
{
	int length = min_t(size_t, owner->name_length, 40);
	char words[MT_VERDICT_SIZE];

	mt_verdict_say(verdict->details[0], "%s%s%s of it: %s",
		       owner->lower_bound ? "at least " : "", mt_verdict_mark(owner->estimate),
		       mt_verdict_size(words, owner->kB), owner->why);
	if (is_packets(owner->name))
		mt_verdict_say(verdict->next, "grep %.*s %s/slab (who has the packets of %s)",
			       length - (int)strlen(packets_head),
			       owner->name + strlen(packets_head), evidence->path, words);
	else if (memchr(owner->name, ':', owner->name_length) || is_kernel(owner))
		mt_verdict_say(verdict->next, "head %s/ghost (%.*s first: %s)", evidence->path,
			       length, owner->name, words);
	else
		mt_verdict_say(verdict->next, "rmmod %.*s, if it can be spared (%s)", length,
			       owner->name, words);
}
