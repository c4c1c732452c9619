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

/* A module that allocated so many since load, in so many caches, may lose them. */
#define GROWN_OBJECTS	10000

/* Names of caches that are told. */
#define NAMES		3

/* What a network namespace has at least; measured were some 200 on kernels 5.10 to 7.3. */
#define NAMESPACE_KB	128

/*
 * struct sum - caches of one module
 * @module: its name
 * @kB: what the objects have that are known to be its
 * @objects: how many they are
 * @more: what those of unmerged caches grew by since load, as far as that is known
 * @caches: of how many names
 * @estimate: not all of it is exact
 * @names: the largest of these names
 */
struct sum {
	const char *module;
	s64 kB;
	s64 objects;
	s64 more;
	unsigned int caches;
	bool estimate;
	const char *names[NAMES];
};

/*
 * struct rest - the caches that nobody has told of
 * @evidence: what is known
 * @slab: the report of all caches
 * @told: of its first rows, which are told
 * @nr_told: how many rows those are
 */
struct rest {
	const struct mt_evidence *evidence;
	const struct mt_snapshot *slab;
	const bool *told;
	unsigned int nr_told;
};

static const char *names_of(const struct rest *rest, unsigned int row)
{
	return mt_snapshot_cell(rest->slab, row, "names")->text;
}

static bool is_told(const struct rest *rest, unsigned int row)
{
	return row < rest->nr_told && rest->told[row];
}

/* Nobody has told of it, nothing takes it back, and it is a cache. */
static bool is_open(const struct rest *rest, unsigned int row)
{
	const char *reclaim = mt_snapshot_cell(rest->slab, row, "reclaim")->text;
	const char *names = names_of(rest, row);

	return !is_told(rest, row) && names && *names != '(' && !(reclaim && *reclaim == 'y');
}

static bool is_open_root(const struct rest *rest, const char *root)
{
	unsigned int row;

	for (row = 0; row < rest->slab->nr_rows; row++) {
		const char *names = names_of(rest, row);

		if (names && mt_suspect_is_root(root, names))
			return is_open(rest, row);
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

/* Of a merged cache it is not known whose objects are new. */
static s64 grown_by(const struct mt_evidence *evidence, const char *basis, const char *root,
		    s64 objects)
{
	s64 before = strcmp(basis, "sole") ? -1 : mt_suspect_active_before(evidence, root);

	return before < 0 ? 0 : max(objects - before, 0LL);
}

/* What is a guess of anything but the number is not added up. */
static void add_up(struct sum *sums, const struct rest *rest)
{
	const struct mt_snapshot *owners = mt_evidence_report(rest->evidence, "owners");
	unsigned int row;

	for (row = 0; owners && row < owners->nr_rows; row++) {
		const char *module = mt_snapshot_cell(owners, row, "module")->text;
		const char *basis = mt_snapshot_cell(owners, row, "basis")->text;
		const char *root = mt_snapshot_cell(owners, row, "root")->text;
		const struct mt_cell *objects = mt_snapshot_cell(owners, row, "objects");
		struct sum *sum;

		if (!module || *module == '~' || !strcmp(module, "vmlinux") ||
		    !basis || !root ||
		    objects->certainty == MT_UNKNOWN || !objects->number ||
		    !is_open_root(rest, root))
			continue;
		sum = find_sum(sums, module);
		if (!sum)
			continue;
		if (sum->caches < NAMES)
			sum->names[sum->caches] = mt_snapshot_cell(owners, row, "name")->text;
		sum->caches++;
		sum->kB += mt_snapshot_cell(owners, row, "kB")->number;
		sum->objects += objects->number;
		sum->more += grown_by(rest->evidence, basis, root, objects->number);
		sum->estimate |= objects->certainty == MT_ESTIMATE;
	}
}

/* Returns what it told of. */
static s64 judge_module(struct mt_judgement *judgement, const struct rest *rest)
{
	struct sum sums[MODULES] = { };
	struct mt_verdict *verdict;
	char words[MT_VERDICT_SIZE];
	struct sum *most = sums;
	unsigned int i;

	add_up(sums, rest);
	for (i = 1; i < MODULES && sums[i].module; i++) {
		if (sums[i].kB > most->kB)
			most = &sums[i];
	}
	if (most->caches < 2 || !mt_verdict_is_large(rest->evidence, most->kB, LARGE_MODULE))
		return 0;
	verdict = mt_verdict_open(judgement, "slab", most->kB);
	if (!verdict)
		return most->kB;
	if (most->more >= GROWN_OBJECTS)
		mt_verdict_say(verdict->text,
			       "%u caches of [%.24s] — leak?: %s%lld objects, %lld more",
			       most->caches, most->module, mt_verdict_mark(most->estimate),
			       most->objects, most->more);
	else
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
static void say_largest(char *line, const struct rest *rest)
{
	char words[MT_VERDICT_SIZE];
	unsigned int row, nr = 0;
	size_t used = 0;

	for (row = 0; row < rest->slab->nr_rows && nr < NAMES; row++) {
		const char *names = names_of(rest, row);

		if (!is_open(rest, row))
			continue;
		mt_verdict_size(words, mt_snapshot_cell(rest->slab, row, "kB")->number);
		used += scnprintf(line + used, MT_VERDICT_LINE - used, "%s%.*s %s",
				  nr++ ? ", " : "the largest: ",
				  min_t(int, strcspn(names, ","), 18), names, words);
	}
}

/* How many there are, if that is why. */
static s64 count_namespaces(const struct rest *rest, s64 kB)
{
	unsigned int row;

	for (row = 0; row < rest->slab->nr_rows; row++) {
		const struct mt_cell *active = mt_snapshot_cell(rest->slab, row, "active");
		const char *names = names_of(rest, row);

		if (!names || strcmp(names, "net_namespace") || active->certainty == MT_UNKNOWN)
			continue;
		return active->number * NAMESPACE_KB * 2 >= kB ? active->number : 0;
	}
	return 0;
}

static void judge_rest(struct mt_judgement *judgement, const struct rest *rest, s64 told_kB)
{
	const struct mt_evidence *evidence = rest->evidence;
	/* what others have told may have grown by all that it has */
	s64 grown = mt_verdict_grown_kB(evidence, MT_SLAB_UNRECLAIMABLE) - told_kB;
	struct mt_verdict *verdict;
	char words[MT_VERDICT_SIZE];
	s64 namespaces, kB = -told_kB;
	unsigned int row, nr = 0;

	for (row = 0; row < rest->slab->nr_rows; row++) {
		const struct mt_cell *size = mt_snapshot_cell(rest->slab, row, "kB");

		if (size->certainty == MT_UNKNOWN)
			continue;
		if (is_told(rest, row))
			grown -= size->number;
		if (!is_open(rest, row))
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
	say_largest(verdict->details[0], rest);
	namespaces = count_namespaces(rest, kB);
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
	const struct rest rest = {
		.evidence = evidence,
		.slab = mt_evidence_report(evidence, "slab"),
		.told = told,
		.nr_told = nr_told,
	};

	judge_rest(judgement, &rest, judge_module(judgement, &rest));
}
