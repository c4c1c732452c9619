// SPDX-License-Identifier: GPL-2.0
/*
 * slab.c - knows which slab caches are large or grow, and which of them are one leak.
 */
#include "verdict.h"

#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "family.h"
#include "snapshot.h"

/* Counts that differ by less than one in this many are equal: 0.5 %. */
#define EQUAL_PART	200

/* Fewer objects than these are equal by accident. */
#define EQUAL_OBJECTS	10000

/* After this many seconds without growth, what is equal was equal before. */
#define SETTLED_S	60

/*
 * How large is large, in permille of MemTotal: an idle machine's largest cache is below one
 * percent.
 */
enum {
	LARGE_SLAB_CACHE = 50,
	LARGE_SLAB_RECLAIMABLE = 150,
	LARGE_SLAB_GROUP = 30,
};

/* What stands between the caches of a chain, see collect/slab.c. */
#define CHAIN_ARROW	" -> "

/** ROWS_JUDGED - rows of the slab report that are looked at one by one, largest first */
#define ROWS_JUDGED	64

/*
 * struct suspect - a row of the slab report
 * @row: which one, below ROWS_JUDGED
 * @kB: its size
 * @count: objects that may belong to a leak
 * @estimate: @count is one
 * @grown: @count is what it grew by since load
 */
struct suspect {
	unsigned int row;
	s64 kB;
	s64 count;
	bool estimate;
	bool grown;
};

static const struct mt_snapshot *slab(const struct mt_evidence *evidence)
{
	return mt_evidence_report(evidence, "slab");
}

static const char *names_of(const struct mt_evidence *evidence, unsigned int row)
{
	const struct mt_cell *names = mt_snapshot_cell(slab(evidence), row, "names");

	return names->text ? names->text : "-";
}

static size_t root_length(const char *names)
{
	return strcspn(names, ",");
}

static bool is_reclaimable(const struct mt_evidence *evidence, unsigned int row)
{
	const struct mt_cell *reclaim = mt_snapshot_cell(slab(evidence), row, "reclaim");

	return reclaim->text && *reclaim->text == 'y';
}

/*
 * How many objects of a cache may belong to a leak: what it grew by if it grew, else all of them,
 * unless they have long been there.
 */
static bool suspect_row(const struct mt_evidence *evidence, unsigned int row,
			struct suspect *suspect)
{
	const struct mt_cell *active = mt_snapshot_cell(slab(evidence), row, "active");
	s64 before;

	if (active->certainty == MT_UNKNOWN)
		return false;
	before = mt_suspect_active_before(evidence, names_of(evidence, row));
	suspect->row = row;
	suspect->kB = mt_snapshot_cell(slab(evidence), row, "kB")->number;
	suspect->count = active->number;
	suspect->estimate = active->certainty == MT_ESTIMATE;
	suspect->grown = before >= 0 && active->number - before >= EQUAL_OBJECTS;
	if (suspect->grown)
		suspect->count -= before;
	else if (before >= 0 && evidence->age_s >= SETTLED_S)
		return false;
	return suspect->count >= EQUAL_OBJECTS;
}

/** SUSPECTS - caches that may belong to one leak; the largest come first in the report */
#define SUSPECTS	24

/* By count, largest first; not those of which @grouped says that more is known. */
static unsigned int find_suspects(const struct mt_evidence *evidence, const bool *grouped,
				  struct suspect *suspects)
{
	unsigned int nr = 0;
	unsigned int row;

	for (row = 0; row < slab(evidence)->nr_rows && row < ROWS_JUDGED && nr < SUSPECTS; row++) {
		struct suspect suspect;
		unsigned int at;

		if (grouped[row] || !suspect_row(evidence, row, &suspect))
			continue;
		for (at = nr++; at && suspects[at - 1].count < suspect.count; at--)
			suspects[at] = suspects[at - 1];
		suspects[at] = suspect;
	}
	return nr;
}

static void describe_cache(char *line, const struct mt_evidence *evidence,
			   const struct suspect *suspect)
{
	const char *names = names_of(evidence, suspect->row);
	int length = root_length(names);
	const char *also = names[length] ? names + length + 1 : "";
	char words[MT_VERDICT_SIZE];

	mt_verdict_say(line, "%.*s: %s, %s%lld objects%s%.40s%s", min(length, 28), names,
		       mt_verdict_size(words, suspect->kB), mt_verdict_mark(suspect->estimate),
		       suspect->count, *also ? ", also " : "", also,
		       strlen(also) > 40 ? "..." : "");
}

static void describe_chain(char *line, const struct mt_evidence *evidence, const char *names)
{
	const char *held = mt_hint_held(evidence, names);

	mt_verdict_say(line, "each object points to its own in the next cache%s%.36s",
		       held ? "; held by " : "", held ? held : "");
}

/** LINE_COLUMNS - of a line of 100, a verdict's size and its text, without its kind */
#define LINE_COLUMNS	85

/** TEXT_COLUMNS - a verdict's text beside its kind and size, on a line of 100 columns */
#define TEXT_COLUMNS	75

/** DASH_COLUMNS - what stands between the subject and the evidence */
#define DASH_COLUMNS	3

/*
 * struct subject - what a group is called
 * @names: of its caches, or of those who have most of their objects
 * @guessed: by cache: the name is a guess
 * @doubtful: by cache: it has other names, and they may be any of these
 * @nr: how many
 * @chain: each points to the next
 * @module: whose they are, NULL if that is not known
 * @hint: the module that they point at or hang from, NULL if there is none or @module is known
 * @hint_length: bytes of @hint
 * @each: objects of each
 * @grown: @each is what they grew by
 * @estimate: @each is one
 * @reclaimable: all of them are
 * @files: they are the inodes of files in memory, which are no leak while the files are there
 */
struct subject {
	const char *names[SUSPECTS];
	bool guessed[SUSPECTS];
	bool doubtful[SUSPECTS];
	unsigned int nr;
	bool chain;
	const char *module;
	const char *hint;
	size_t hint_length;
	s64 each;
	bool grown;
	bool estimate;
	bool reclaimable;
	bool files;
};

/* "A -> B,.. -> C [module]", or with fewer of the names "A -> 2 more [module]". */
static void name_group(char words[MT_VERDICT_LINE], const struct subject *subject,
		       const char *between, unsigned int most)
{
	size_t used = 0;
	unsigned int i;

	*words = '\0';
	for (i = 0; i < subject->nr && i < most; i++)
		used += scnprintf(words + used, MT_VERDICT_LINE - used, "%s%s%.*s%s",
				  i ? between : "", mt_verdict_mark(subject->guessed[i]),
				  (int)min_t(size_t, root_length(subject->names[i]), 17),
				  subject->names[i], subject->doubtful[i] ? ",.." : "");
	if (i < subject->nr)
		used += scnprintf(words + used, MT_VERDICT_LINE - used, "%s%u more", between,
				  subject->nr - i);
	if (subject->module)
		scnprintf(words + used, MT_VERDICT_LINE - used, " [%.24s]", subject->module);
	else if (subject->hint)
		scnprintf(words + used, MT_VERDICT_LINE - used, " ~[%.*s]",
			  (int)min_t(size_t, subject->hint_length, 24), subject->hint);
}

/* What is said of each cache of a group; without much room, in brief. */
static void say_each(char *words, size_t size, const struct subject *subject, bool brief)
{
	const char *about = mt_verdict_mark(subject->estimate);

	if (!subject->grown)
		snprintf(words, size, "%s%s%lld of each", brief ? "" : "one cause: ", about,
			 subject->each);
	else
		snprintf(words, size, "%s%s%s%lld%s",
			 subject->reclaimable || subject->files ? "" : "leak: ",
			 brief ? "" : "each grew by ", about, subject->each, brief ? " each" : "");
}

/* The figure is never cut off: rather there are fewer words and fewer names. */
static void say_group(struct mt_verdict *verdict, const struct subject *subject)
{
	unsigned int most = subject->nr;
	char words[MT_VERDICT_LINE];
	char each[48];

	name_group(words, subject, subject->chain ? CHAIN_ARROW : "+", most);
	say_each(each, sizeof(each), subject, false);
	if (strlen(words) + strlen(each) + DASH_COLUMNS > TEXT_COLUMNS)
		say_each(each, sizeof(each), subject, true);
	while (strlen(words) + strlen(each) + DASH_COLUMNS > TEXT_COLUMNS && most)
		name_group(words, subject, subject->chain ? "->" : "+", most--);
	mt_verdict_say(verdict->text, "%.64s — %s", words, each);
}

/* Packets are objects of these caches, and their data of others. */
static bool is_of_packets(const struct mt_evidence *evidence, const struct suspect *group,
			  unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		const char *names = names_of(evidence, group[i].row);

		if (!strncmp(names, "skbuff_", strlen("skbuff_")) || strstr(names, ",skbuff_"))
			return true;
	}
	return false;
}

/* What has an inode of this cache is a file in a tmpfs, or one that only its holder sees. */
static bool is_of_files(const struct mt_evidence *evidence, unsigned int row)
{
	const char *names = names_of(evidence, row);

	return mt_suspect_is_root("shmem_inode_cache", names);
}

/*
 * An open file is a descriptor of somebody's, as are pipes, event and timer files: if one process
 * has so many that most of the objects may be behind them, it is to be asked. False if there is
 * none.
 */
static bool say_descriptors(struct mt_verdict *verdict, const struct mt_evidence *evidence,
			    s64 files, s64 kB)
{
	const struct mt_snapshot *tasks = mt_evidence_report(evidence, "tasks");
	char words[MT_VERDICT_SIZE];
	unsigned int row, best = 0;
	s64 most = 0;

	for (row = 0; tasks && row < tasks->nr_rows; row++) {
		const struct mt_cell *fds = mt_snapshot_cell(tasks, row, "fds");

		if (fds->certainty == MT_UNKNOWN || fds->number <= most)
			continue;
		most = fds->number;
		best = row;
	}
	if (!most || most * 2 < files)
		return false;
	mt_verdict_say(verdict->next, "ls -l /proc/%lld/fd | tail; end it (%.16s: %lld; ~%s)",
		       mt_snapshot_cell(tasks, best, "pid")->number,
		       mt_snapshot_cell(tasks, best, "comm")->text ?: "-", most,
		       mt_verdict_size(words, kB));
	return true;
}

/* @users: who may be asked for it, if nothing else is known. */
static void say_next(struct mt_verdict *verdict, bool reclaimable, bool files, const char *users,
		     s64 kB)
{
	char words[MT_VERDICT_SIZE];

	mt_verdict_size(words, kB);
	if (reclaimable)
		mt_verdict_say(verdict->next, "echo 2 > /proc/sys/vm/drop_caches (up to %s)",
			       words);
	else if (files)
		mt_verdict_say(verdict->next,
			       "df -i -t tmpfs; du --inodes -x DIR | sort -n | tail; rm (up to %s)",
			       words);
	else
		mt_verdict_say(verdict->next, "restart or unload what uses %s (up to %s)", users,
			       words);
}

/*
 * The objects of a group point to each other if @chain, in its order. Returns false if it is not
 * large.
 */
static bool judge_group(struct mt_judgement *judgement, const struct mt_evidence *evidence,
			const struct suspect *group, unsigned int nr, bool chain)
{
	struct subject subject = {
		.nr = nr,
		.chain = chain,
		.each = group[0].count,
		.grown = true,
		.reclaimable = true,
	};
	bool packets = is_of_packets(evidence, group, nr);
	struct mt_verdict *verdict;
	const char *holder = NULL;
	unsigned int i;
	s64 files = 0;
	s64 kB = 0;

	for (i = 0; i < nr; i++) {
		const char *names = names_of(evidence, group[i].row);
		struct mt_suspect owner;

		kB += group[i].kB;
		subject.estimate |= group[i].estimate;
		subject.grown &= group[i].grown;
		subject.each = min(subject.each, group[i].count);
		subject.reclaimable &= is_reclaimable(evidence, group[i].row);
		subject.files |= is_of_files(evidence, group[i].row);
		if (mt_suspect_is_root("filp", names))
			files = group[i].count;
		mt_suspect_find(&owner, evidence, names);
		mt_hint_find(&owner, evidence, names);
		if (owner.hint && !subject.hint) {
			subject.hint = owner.hint;
			subject.hint_length = owner.hint_length;
		}
		if (owner.module && !subject.module)
			subject.module = owner.module;
		if (owner.holder && owner.module && !holder)
			holder = owner.holder;
		subject.names[i] = owner.name ? owner.name : names;
		subject.guessed[i] = owner.name && owner.estimate;
		subject.doubtful[i] = !owner.name && owner.merged;
	}
	if (!mt_verdict_is_large(evidence, kB, subject.reclaimable ? LARGE_SLAB_RECLAIMABLE :
								     LARGE_SLAB_GROUP))
		return false;
	if (packets && mt_packets_are_told(judgement, evidence, kB))
		return true;
	verdict = mt_verdict_open(judgement, "slab", kB);
	if (!verdict)
		return true;
	say_group(verdict, &subject);
	for (i = 0; i < nr && i < MT_VERDICT_DETAILS; i++)
		describe_cache(verdict->details[i], evidence, &group[i]);
	if (holder && i < MT_VERDICT_DETAILS)
		mt_verdict_say(verdict->details[i++], "the cache of [%.24s] is held by %.40s",
			       subject.module, holder);
	if (chain && i < MT_VERDICT_DETAILS)
		describe_chain(verdict->details[i], evidence, names_of(evidence, group[0].row));
	if (packets && mt_packets_kB(evidence) * 2 >= kB)
		mt_packets_say_next(verdict, evidence, kB);
	else if (!files || !say_descriptors(verdict, evidence, files, kB))
		say_next(verdict, subject.reclaimable, subject.files, "these caches", kB);
	return true;
}

/* The row of a cache or of its family, by its first name; ROWS_JUDGED if there is none. */
static unsigned int find_row(const struct mt_evidence *evidence, const char *name, size_t length)
{
	char first[MT_VERDICT_LINE];
	unsigned int row;

	snprintf(first, sizeof(first), "%.*s", (int)length, name);
	for (row = 0; row < slab(evidence)->nr_rows && row < ROWS_JUDGED; row++) {
		if (mt_family_same(names_of(evidence, row), first))
			return row;
	}
	return ROWS_JUDGED;
}

/** CHAIN_CACHES - caches of one chain at most */
#define CHAIN_CACHES	6

/*
 * Of a family, a chain may go through one cache only, whose size is not known here. Unless most of
 * the family's objects are the chain's, its size is not the chain's.
 */
static bool is_most(const struct mt_evidence *evidence, const struct suspect *group,
		    unsigned int nr)
{
	s64 least = S64_MAX, most = 0;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		s64 active = mt_snapshot_cell(slab(evidence), group[i].row, "active")->number;

		least = min(least, active);
		most = max(most, active);
	}
	return most <= 2 * least;
}

/* "A+0x10 -> B+0xc8 -> C: 20000 of each" */
static void judge_chain(struct mt_judgement *judgement, const struct mt_evidence *evidence,
			const char *chain, bool *grouped, bool *told)
{
	struct suspect group[CHAIN_CACHES];
	unsigned int i, nr = 0;
	bool grown = true;

	while (chain && nr < CHAIN_CACHES) {
		const char *arrow = strstr(chain, CHAIN_ARROW);
		const char *end = strstr(chain, arrow ? "+0x" : ": ");
		unsigned int row = end ? find_row(evidence, chain, end - chain) : ROWS_JUDGED;

		if (row == ROWS_JUDGED || grouped[row] ||
		    mt_snapshot_cell(slab(evidence), row, "active")->certainty == MT_UNKNOWN)
			return;
		grown &= suspect_row(evidence, row, &group[nr]) && group[nr].grown;
		nr++;
		chain = arrow ? arrow + strlen(CHAIN_ARROW) : NULL;
	}
	if (nr < 2 || !is_most(evidence, group, nr))
		return;
	for (i = 0; i < nr; i++) {
		/* all of them, unless each grew */
		if (!grown)
			group[i].count = mt_snapshot_cell(slab(evidence), group[i].row,
							  "active")->number;
		group[i].grown = grown;
		grouped[group[i].row] = true;
	}
	if (!judge_group(judgement, evidence, group, nr, true))
		return;
	for (i = 0; i < nr; i++)
		told[group[i].row] = true;
}

/* Caches whose objects point to each other, one to one. */
static void judge_chains(struct mt_judgement *judgement, const struct mt_evidence *evidence,
			 bool *grouped, bool *told)
{
	static const char head[] = "chain: ";
	const char *line = NULL;

	while ((line = mt_snapshot_line(slab(evidence), line))) {
		if (!strncmp(line, head, strlen(head)))
			judge_chain(judgement, evidence, line + strlen(head), grouped, told);
	}
}

/* Of more than there are lines for, the largest are told. */
static void sort_by_size(struct suspect *group, unsigned int nr)
{
	unsigned int i, at;

	for (i = 1; i < nr; i++) {
		struct suspect suspect = group[i];

		for (at = i; at && group[at - 1].kB < suspect.kB; at--)
			group[at] = group[at - 1];
		group[at] = suspect;
	}
}

/* Caches with near-equal counts hold the parts of one thing. Marks those that belong to a group. */
static void judge_groups(struct mt_judgement *judgement, const struct mt_evidence *evidence,
			 bool *grouped, bool *told)
{
	struct suspect suspects[SUSPECTS];
	unsigned int nr = find_suspects(evidence, grouped, suspects);
	unsigned int from, to, i;
	bool large;

	for (from = 0; from < nr; from = to) {
		s64 most = suspects[from].count;

		for (to = from + 1; to < nr; to++) {
			if (most - suspects[to].count > div_s64(most, EQUAL_PART) ||
			    suspects[to].grown != suspects[from].grown)
				break;
		}
		if (to - from < 2)
			continue;
		if (to - from > MT_VERDICT_DETAILS)
			sort_by_size(suspects + from, to - from);
		large = judge_group(judgement, evidence, suspects + from, to - from, false);
		for (i = from; i < to; i++) {
			grouped[suspects[i].row] = true;
			told[suspects[i].row] = large;
		}
	}
}

/* What the objects of a cache hang from, if that is known. */
static bool describe_held(char *line, const struct mt_evidence *evidence, const char *names)
{
	const char *held = mt_hint_held(evidence, names);

	if (!held)
		return false;
	mt_verdict_say(line, "a list or a tree of them hangs from %.60s", held);
	return true;
}

/* Who asked for a merged cache whose objects could not be told apart: it is one of these. */
static void describe_askers(char *line, const struct mt_evidence *evidence, const char *names)
{
	static const char left[] = ", left behind";
	const struct mt_snapshot *owners = mt_evidence_report(evidence, "owners");
	size_t used = 0;
	unsigned int row, nr = 0;

	for (row = 0; owners && row < owners->nr_rows; row++) {
		const struct mt_cell *root = mt_snapshot_cell(owners, row, "root");
		const struct mt_cell *module = mt_snapshot_cell(owners, row, "module");
		const char *name = mt_snapshot_cell(owners, row, "name")->text;
		const char *gone;

		if (!mt_suspect_is_root(root->text, names) || !name || *name == '(')
			continue;
		gone = strstr(name, left);
		used += scnprintf(line + used, MT_VERDICT_LINE - used, "%s%.*s%s%s%s%s",
				  nr++ ? ", " : "asked for by ",
				  (int)(gone ? gone - name : strlen(name)), name,
				  module->text ? " [" : "", module->text ?: "",
				  gone ? ", unloaded" : "", module->text ? "]" : "");
	}
	/* the only one, or none, is said already */
	if (nr < 2)
		*line = '\0';
}

/* What is said of one cache by itself. */
static void describe_alone(struct mt_verdict *verdict, const struct mt_evidence *evidence,
			   const struct suspect *suspect, bool reclaimable)
{
	const char *names = names_of(evidence, suspect->row);
	s64 before = mt_suspect_active_before(evidence, names);
	char words[MT_SUSPECT_WORDS];
	char size[MT_VERDICT_SIZE];
	char figure[64];
	size_t columns;
	struct mt_suspect owner;
	unsigned int nr = 1;

	mt_suspect_find(&owner, evidence, names);
	mt_hint_find(&owner, evidence, names);
	if (before >= 0 && suspect->count - before >= EQUAL_OBJECTS)
		snprintf(figure, sizeof(figure), "%s: %s%lld objects, %lld more",
			 reclaimable ? "growing" : "leak?", mt_verdict_mark(suspect->estimate),
			 suspect->count, suspect->count - before);
	else
		snprintf(figure, sizeof(figure), "large: %s%lld objects",
			 mt_verdict_mark(suspect->estimate),
			 suspect->count);
	/* the figure is never cut off */
	columns = LINE_COLUMNS - strlen(mt_verdict_size(size, suspect->kB)) - DASH_COLUMNS -
		  strlen(figure);
	mt_suspect_words(words, min(sizeof(words), columns + 1), &owner, names);
	mt_verdict_say(verdict->text, "%.63s — %.50s", words, figure);
	describe_cache(verdict->details[0], evidence, suspect);
	if (owner.name && owner.merged && !owner.guessed)
		mt_verdict_say(verdict->details[nr++],
			       "%.32s has %s%lld of them, and is held by %.32s",
			       owner.name, mt_verdict_mark(owner.estimate), owner.objects,
			       owner.holder ? owner.holder : "nobody known");
	nr += mt_hint_say_content(verdict->details[nr], evidence, names);
	nr += describe_held(verdict->details[nr], evidence, names);
	if (!owner.name)
		describe_askers(verdict->details[nr], evidence, names);
}

/* Returns false if it is not large. */
static bool judge_cache(struct mt_judgement *judgement, const struct mt_evidence *evidence,
			unsigned int row)
{
	const struct mt_cell *kB = mt_snapshot_cell(slab(evidence), row, "kB");
	const struct mt_cell *active = mt_snapshot_cell(slab(evidence), row, "active");
	bool reclaimable = is_reclaimable(evidence, row);
	struct suspect suspect = {
		.row = row,
		.kB = kB->number,
		.count = active->number,
		.estimate = active->certainty == MT_ESTIMATE,
	};
	const char *names = names_of(evidence, row);
	struct mt_verdict *verdict;

	/* what is in no cache has a judge of its own */
	if (*names == '(' || kB->certainty == MT_UNKNOWN ||
	    !mt_verdict_is_large(evidence, kB->number,
				 reclaimable ? LARGE_SLAB_RECLAIMABLE : LARGE_SLAB_CACHE))
		return false;
	verdict = mt_verdict_open(judgement, "slab", kB->number);
	if (!verdict)
		return true;
	if (active->certainty == MT_UNKNOWN)
		mt_verdict_say(verdict->text, "%.40s — large: %u %% of MemTotal", names,
			       mt_verdict_percent(evidence, kB->number));
	else
		describe_alone(verdict, evidence, &suspect, reclaimable);
	if (!mt_suspect_is_root("filp", names) || active->certainty == MT_UNKNOWN ||
	    !say_descriptors(verdict, evidence, active->number, kB->number))
		say_next(verdict, reclaimable, is_of_files(evidence, row), "this cache",
			 kB->number);
	return true;
}

/**
 * mt_judge_slab() - judge the slab caches
 * @judgement: gets the verdicts
 * @evidence: what is known
 *
 * Context: any; sleeps not.
 */
void mt_judge_slab(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	bool grouped[ROWS_JUDGED] = { };
	bool told[ROWS_JUDGED] = { };
	unsigned int row;

	if (!slab(evidence))
		return;
	judge_chains(judgement, evidence, grouped, told);
	judge_groups(judgement, evidence, grouped, told);
	for (row = 0; row < slab(evidence)->nr_rows && row < ROWS_JUDGED; row++) {
		if (!grouped[row])
			told[row] = judge_cache(judgement, evidence, row);
	}
	mt_spread_judge(judgement, evidence, told, ROWS_JUDGED);
}
