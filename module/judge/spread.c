// SPDX-License-Identifier: GPL-2.0
/*
 * spread.c - knows when slab memory is large that no cache has by itself.
 *
 * A module may have many caches, and a thing of the kernel's, as a network namespace, may have
 * objects in dozens of them.
 */
#include "verdict.h"

#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "snapshot.h"

/* In permille of MemTotal: a module's as of one cache; of all, an idle machine has some ten. */
enum {
	LARGE_MODULE = 50,
	LARGE_REST = 100,
};

/** MODULES - modules whose caches are added up; those with the largest come first */
#define MODULES		16

/* Names of caches that are told. */
#define NAMES		3

/* What a network namespace has at least; measured were some 200 on kernels 5.10 to 7.3. */
#define NAMESPACE_KB	128

/*
 * struct sum - caches of one module
 * @module: its name
 * @kB: what the objects have that are known to be its
 * @objects: how many they are
 * @caches: of how many names
 * @estimate: not all of it is exact
 * @names: the largest of these names
 */
struct sum {
	const char *module;
	s64 kB;
	s64 objects;
	unsigned int caches;
	bool estimate;
	const char *names[NAMES];
};

static const struct mt_snapshot *slab(const struct mt_evidence *evidence)
{
	return mt_evidence_report(evidence, "slab");
}

/* Nobody has told of it, nothing takes it back, and it is a cache. */
static bool is_open(const struct mt_evidence *evidence, unsigned int row, const bool *told,
		    unsigned int nr_told)
{
	const char *names = mt_snapshot_cell(slab(evidence), row, "names")->text;
	const char *reclaim = mt_snapshot_cell(slab(evidence), row, "reclaim")->text;

	return (row >= nr_told || !told[row]) && names && *names != '(' &&
	       !(reclaim && *reclaim == 'y');
}

static bool is_open_root(const struct mt_evidence *evidence, const char *root, const bool *told,
			 unsigned int nr_told)
{
	unsigned int row;

	for (row = 0; row < slab(evidence)->nr_rows; row++) {
		const char *names = mt_snapshot_cell(slab(evidence), row, "names")->text;

		if (names && mt_suspect_is_root(root, names))
			return is_open(evidence, row, told, nr_told);
	}
	return false;
}

/* The place of a module; NULL if there are too many. */
static struct sum *find_sum(struct sum *sums, const char *module)
{
	unsigned int i;

	for (i = 0; i < MODULES && sums[i].module; i++) {
		if (!strcmp(sums[i].module, module))
			return &sums[i];
	}
	if (i == MODULES)
		return NULL;
	sums[i].module = module;
	return &sums[i];
}

/* What is a guess of anything but the number is not added up. */
static void add_up(struct sum *sums, const struct mt_evidence *evidence, const bool *told,
		   unsigned int nr_told)
{
	const struct mt_snapshot *owners = mt_evidence_report(evidence, "owners");
	unsigned int row;

	for (row = 0; owners && row < owners->nr_rows; row++) {
		const char *module = mt_snapshot_cell(owners, row, "module")->text;
		const char *root = mt_snapshot_cell(owners, row, "root")->text;
		const struct mt_cell *objects = mt_snapshot_cell(owners, row, "objects");
		struct sum *sum;

		if (!module || *module == '~' || !strcmp(module, "vmlinux") ||
		    !mt_snapshot_cell(owners, row, "basis")->text || !root ||
		    objects->certainty == MT_UNKNOWN || !objects->number ||
		    !is_open_root(evidence, root, told, nr_told))
			continue;
		sum = find_sum(sums, module);
		if (!sum)
			continue;
		if (sum->caches < NAMES)
			sum->names[sum->caches] = mt_snapshot_cell(owners, row, "name")->text;
		sum->caches++;
		sum->kB += mt_snapshot_cell(owners, row, "kB")->number;
		sum->objects += objects->number;
		sum->estimate |= objects->certainty == MT_ESTIMATE;
	}
}

/* Returns what it told of. */
static s64 judge_module(struct mt_judgement *judgement, const struct mt_evidence *evidence,
			const bool *told, unsigned int nr_told)
{
	struct sum sums[MODULES] = { };
	struct mt_verdict *verdict;
	char words[MT_VERDICT_SIZE];
	struct sum *most = sums;
	unsigned int i;

	add_up(sums, evidence, told, nr_told);
	for (i = 1; i < MODULES && sums[i].module; i++) {
		if (sums[i].kB > most->kB)
			most = &sums[i];
	}
	if (most->caches < 2 || !mt_verdict_is_large(evidence, most->kB, LARGE_MODULE))
		return 0;
	verdict = mt_verdict_open(judgement, "slab", most->kB);
	if (!verdict)
		return most->kB;
	mt_verdict_say(verdict->text, "%u caches of [%.24s] — large: %s%lld objects",
		       most->caches, most->module, mt_verdict_mark(most->estimate),
		       most->objects);
	mt_verdict_say(verdict->details[0], "the largest: %.24s, %.24s%s%.24s",
		       most->names[0] ?: "-", most->names[1] ?: "-", most->names[2] ? ", " : "",
		       most->names[2] ?: "");
	mt_verdict_say(verdict->next, "restart or unload what uses these caches (up to %s)",
		       mt_verdict_size(words, most->kB));
	return most->kB;
}

/* "the largest: kmalloc-4k 39.1 MiB, kmalloc-2k 31.5 MiB, kmalloc-1k 9.1 MiB" */
static void say_largest(char *line, const struct mt_evidence *evidence, const bool *told,
			unsigned int nr_told)
{
	char words[MT_VERDICT_SIZE];
	unsigned int row, nr = 0;
	size_t used = 0;

	for (row = 0; row < slab(evidence)->nr_rows && nr < NAMES; row++) {
		const char *names = mt_snapshot_cell(slab(evidence), row, "names")->text;

		if (!is_open(evidence, row, told, nr_told))
			continue;
		mt_verdict_size(words, mt_snapshot_cell(slab(evidence), row, "kB")->number);
		used += scnprintf(line + used, MT_VERDICT_LINE - used, "%s%.*s %s",
				  nr++ ? ", " : "the largest: ",
				  min_t(int, strcspn(names, ","), 18), names, words);
	}
}

/* How many there are, if that is why. */
static s64 count_namespaces(const struct mt_evidence *evidence, s64 kB)
{
	unsigned int row;

	for (row = 0; row < slab(evidence)->nr_rows; row++) {
		const char *names = mt_snapshot_cell(slab(evidence), row, "names")->text;
		const struct mt_cell *active = mt_snapshot_cell(slab(evidence), row, "active");

		if (!names || strcmp(names, "net_namespace") || active->certainty == MT_UNKNOWN)
			continue;
		return active->number * NAMESPACE_KB * 2 >= kB ? active->number : 0;
	}
	return 0;
}

static void judge_rest(struct mt_judgement *judgement, const struct mt_evidence *evidence,
		       const bool *told, unsigned int nr_told, s64 told_kB)
{
	/* what others have told may have grown by all that it has */
	s64 grown = mt_verdict_grown_kB(evidence, MT_SLAB_UNRECLAIMABLE) - told_kB;
	struct mt_verdict *verdict;
	char words[MT_VERDICT_SIZE];
	s64 namespaces, kB = -told_kB;
	unsigned int row, nr = 0;

	for (row = 0; row < slab(evidence)->nr_rows; row++) {
		const struct mt_cell *size = mt_snapshot_cell(slab(evidence), row, "kB");

		if (size->certainty == MT_UNKNOWN)
			continue;
		if (row < nr_told && told[row])
			grown -= size->number;
		if (!is_open(evidence, row, told, nr_told))
			continue;
		kB += size->number;
		nr++;
	}
	if (!mt_verdict_is_large(evidence, kB, LARGE_REST) ||
	    mt_packets_are_told(judgement, evidence, kB))
		return;
	verdict = mt_verdict_open(judgement, "slab", kB);
	if (!verdict)
		return;
	if (mt_verdict_is_large(evidence, grown, LARGE_REST))
		mt_verdict_say(verdict->text, "%u caches, none large — leak? together %s more",
			       nr, mt_verdict_size(words, grown));
	else
		mt_verdict_say(verdict->text,
			       "%u caches, none large — large together: %u %% of MemTotal", nr,
			       mt_verdict_percent(evidence, kB));
	say_largest(verdict->details[0], evidence, told, nr_told);
	namespaces = count_namespaces(evidence, kB);
	if (namespaces) {
		mt_verdict_say(verdict->details[1],
			       "%lld network namespaces, which have objects in many caches each",
			       namespaces);
		mt_verdict_say(verdict->next,
			       "lsns -t net; ip netns; end who keeps them (up to %s)",
			       mt_verdict_size(words, kB));
	} else {
		mt_verdict_say(verdict->next, "watch -d head -30 %s/slab (which of them grow: %s)",
			       evidence->path, mt_verdict_size(words, kB));
	}
}

/**
 * mt_spread_judge() - judge the slab caches together of which none is told by itself
 * @judgement: gets the verdicts
 * @evidence: what is known, with a slab report
 * @told: of the first rows of that report, which are told
 * @nr_told: how many rows those are
 *
 * Context: any; sleeps not.
 */
void mt_spread_judge(struct mt_judgement *judgement, const struct mt_evidence *evidence,
		     const bool *told, unsigned int nr_told)
{
	judge_rest(judgement, evidence, told, nr_told,
		   judge_module(judgement, evidence, told, nr_told));
}
