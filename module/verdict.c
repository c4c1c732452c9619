// SPDX-License-Identifier: GPL-2.0
/*
 * verdict.c - knows what is large, what belongs together, and what to do about it.
 *
 * Pure: it sees the books and the reports, and nothing of the kernel. "Leak" is a word for
 * evidence, which is growth since load; what is only large is called large.
 */
#include "verdict.h"

#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>

#include "snapshot.h"

/* Less than this is never worth a verdict. */
#define FLOOR_KB	(32 * 1024)

/* Counts that differ by less than one in this many are equal: 0.5 %. */
#define EQUAL_PART	200

/* Fewer objects than these are equal by accident. */
#define EQUAL_OBJECTS	10000

/* After this many seconds without growth, what is equal was equal before. */
#define SETTLED_S	60

/*
 * How large is large, in permille of MemTotal. An idle machine stays below each of them: its page
 * cache is what it read at boot, its largest slab cache below one percent, its ghosts below one.
 */
enum {
	LARGE_CACHE = 250,
	LARGE_PROCESS = 500,
	LARGE_PAGE_TABLES = 50,
	LARGE_TMPFS = 100,
	LARGE_SLAB_CACHE = 50,
	LARGE_SLAB_RECLAIMABLE = 150,
	LARGE_SLAB_GROUP = 30,
	LARGE_VMALLOC = 30,
	LARGE_PERCPU = 50,
	LARGE_PAGES = 20,
	LARGE_BALLOON = 20,
	LARGE_PCP = 100,
	LARGE_HUGETLB = 100,
	GROWN_PAGES = 10,
};

/**
 * mt_verdict_format_kB() - a size for people
 * @buf: gets the text
 * @size: bytes in @buf
 * @kB: the size
 *
 * Context: any.
 * Return: the length of the text, as of snprintf().
 */
int mt_verdict_format_kB(char *buf, size_t size, s64 kB)
{
	const char *sign = kB < 0 ? "-" : "";
	u64 tenths;

	if (kB < 0)
		kB = -kB;
	if (kB < 1024)
		return snprintf(buf, size, "%s%lld kB", sign, kB);
	if (kB < 1024 * 1024) {
		tenths = div_u64((u64)kB * 10, 1024);
		return snprintf(buf, size, "%s%llu.%llu MiB", sign, div_u64(tenths, 10),
				tenths - div_u64(tenths, 10) * 10);
	}
	tenths = div_u64((u64)kB * 10, 1024 * 1024);
	return snprintf(buf, size, "%s%llu.%llu GiB", sign, div_u64(tenths, 10),
			tenths - div_u64(tenths, 10) * 10);
}

/** SIZE_WORDS - bytes for a size in words */
#define SIZE_WORDS	32

static const char *size_in(char words[SIZE_WORDS], s64 kB)
{
	mt_verdict_format_kB(words, SIZE_WORDS, kB);
	return words;
}

static s64 total_kB(const struct mt_evidence *evidence)
{
	return evidence->now->pages[MT_TOTAL] * evidence->page_kB;
}

static s64 kB_of(const struct mt_evidence *evidence, enum mt_account account)
{
	return evidence->now->known[account] ?
	       evidence->now->pages[account] * evidence->page_kB : 0;
}

static s64 grown_kB(const struct mt_evidence *evidence, enum mt_account account)
{
	if (!evidence->now->known[account] || !evidence->before->known[account])
		return 0;
	return (evidence->now->pages[account] - evidence->before->pages[account]) *
	       evidence->page_kB;
}

static bool is_large(const struct mt_evidence *evidence, s64 kB, unsigned int permille)
{
	return kB >= FLOOR_KB && kB >= div_s64(total_kB(evidence) * permille, 1000);
}

static unsigned int percent_of(const struct mt_evidence *evidence, s64 kB)
{
	s64 total = total_kB(evidence);

	return total > 0 ? div64_s64(kB * 100, total) : 0;
}

/* A place for a verdict of this size, cleared; NULL if three are larger. */
static struct mt_verdict *open_verdict(struct mt_judgement *judgement, const char *kind, s64 kB)
{
	struct mt_verdict *verdict;
	unsigned int at = 0;
	unsigned int last;

	while (at < judgement->nr && judgement->verdicts[at].kB >= kB)
		at++;
	if (at == MT_VERDICTS)
		return NULL;
	if (judgement->nr < MT_VERDICTS)
		judgement->nr++;
	for (last = judgement->nr - 1; last > at; last--)
		judgement->verdicts[last] = judgement->verdicts[last - 1];
	verdict = &judgement->verdicts[at];
	memset(verdict, 0, sizeof(*verdict));
	verdict->kind = kind;
	verdict->kB = kB;
	return verdict;
}

#define say(_line, ...) snprintf((_line), MT_VERDICT_LINE, __VA_ARGS__)

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
	.command = "cat /sys/fs/cgroup/cgroup.stat; dying cgroups hold percpu memory",
	.gives = "part of",
};

static void judge_share(struct mt_judgement *judgement, const struct mt_evidence *evidence,
			const struct share *share, s64 kB)
{
	char words[SIZE_WORDS];
	struct mt_verdict *verdict;

	if (!is_large(evidence, kB, share->permille))
		return;
	verdict = open_verdict(judgement, share->kind, kB);
	if (!verdict)
		return;
	say(verdict->text, "%s — %s: %u %% of MemTotal", share->subject, share->evidence,
	    percent_of(evidence, kB));
	say(verdict->next, "%s (%s %s)", share->command, share->gives, size_in(words, kB));
}

static void judge_shares(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	judge_share(judgement, evidence, &anon_share, evidence->anon_pages * evidence->page_kB);
	judge_share(judgement, evidence, &shmem_share, evidence->shmem_pages * evidence->page_kB);
	judge_share(judgement, evidence, &tables_share, kB_of(evidence, MT_PAGE_TABLES));
	judge_share(judgement, evidence, &file_share, kB_of(evidence, MT_LRU_FILE));
	judge_share(judgement, evidence, &pcp_share, kB_of(evidence, MT_FREE_PCP));
	judge_share(judgement, evidence, &hugetlb_share, kB_of(evidence, MT_HUGETLB));
	judge_share(judgement, evidence, &percpu_share, kB_of(evidence, MT_PERCPU));
}

/* Large accounts that are not told are inside the ghost: then it is no ghost, or not all of it. */
static const enum mt_account hiding_accounts[] = { MT_VMALLOC, MT_PERCPU, MT_HUGETLB, MT_BALLOON };

static bool name_hiding(const struct mt_evidence *evidence, char *names, size_t size)
{
	unsigned int i;

	*names = '\0';
	for (i = 0; i < ARRAY_SIZE(hiding_accounts); i++) {
		size_t used = strlen(names);

		if (evidence->now->known[hiding_accounts[i]])
			continue;
		snprintf(names + used, size - used, "%s%s", used ? ", " : "",
			 mt_ledger_name(hiding_accounts[i]));
	}
	return *names;
}

static void judge_ghost(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	s64 ghost = kB_of(evidence, MT_GHOST);
	s64 grown = grown_kB(evidence, MT_GHOST);
	bool has_grown = is_large(evidence, grown, GROWN_PAGES);
	struct mt_verdict *verdict;
	char words[SIZE_WORDS];
	char hiding[64];

	if (!is_large(evidence, ghost, LARGE_PAGES) && !has_grown)
		return;
	verdict = open_verdict(judgement, "pages", ghost);
	if (!verdict)
		return;
	if (name_hiding(evidence, hiding, sizeof(hiding))) {
		say(verdict->text, "not told apart: ghost pages and %s", hiding);
		say(verdict->next, "cat %s/status (what is missing)", evidence->path);
		return;
	}
	if (has_grown)
		say(verdict->text, "ghost: no counter shows them — leak? %s more in %llu s",
		    size_in(words, grown), evidence->age_s);
	else
		say(verdict->text, "ghost: no counter shows them — large: %u %% of MemTotal",
		    percent_of(evidence, ghost));
	say(verdict->details[0],
	    "raw page allocations: a driver's buffers, packet rings, pipes, DMA, a module");
	say(verdict->next, "ss -f link -m; boot with page_owner=on to see who allocated (%s)",
	    size_in(words, ghost));
}

static void judge_balloon(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	char words[SIZE_WORDS];
	unsigned int row;

	for (row = 0; evidence->balloon && row < evidence->balloon->nr_rows; row++) {
		const struct mt_cell *kB = mt_snapshot_cell(evidence->balloon, row, "kB");
		const struct mt_cell *place = mt_snapshot_cell(evidence->balloon, row, "in_total");
		const struct mt_cell *driver = mt_snapshot_cell(evidence->balloon, row, "driver");
		struct mt_verdict *verdict;

		if (kB->certainty == MT_UNKNOWN || !is_large(evidence, kB->number, LARGE_BALLOON))
			continue;
		verdict = open_verdict(judgement, "balloon", kB->number);
		if (!verdict)
			continue;
		say(verdict->text, "%s — the hypervisor took it; %s MemTotal", driver->text,
		    !place->text ? "perhaps still inside" :
		    *place->text == 'y' ? "still inside" : "no longer inside");
		say(verdict->next, "deflate the balloon from the host (%s)",
		    size_in(words, kB->number));
	}
}

static bool is_kind(const struct mt_cell *kind, const char *name)
{
	return kind->text && !strcmp(kind->text, name);
}

static void judge_vmalloc(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	char words[SIZE_WORDS];
	unsigned int row;

	for (row = 0; evidence->vmalloc && row < evidence->vmalloc->nr_rows; row++) {
		const struct mt_cell *kB = mt_snapshot_cell(evidence->vmalloc, row, "pages_kB");
		const struct mt_cell *areas = mt_snapshot_cell(evidence->vmalloc, row, "areas");
		const struct mt_cell *kind = mt_snapshot_cell(evidence->vmalloc, row, "kind");
		const struct mt_cell *module = mt_snapshot_cell(evidence->vmalloc, row, "module");
		const struct mt_cell *caller = mt_snapshot_cell(evidence->vmalloc, row, "caller");
		bool foreign = module->text && strcmp(module->text, "vmlinux") &&
			       strcmp(module->text, "-");
		struct mt_verdict *verdict;

		if (!is_large(evidence, kB->number, LARGE_VMALLOC))
			continue;
		verdict = open_verdict(judgement, "vmalloc", kB->number);
		if (!verdict)
			continue;
		say(verdict->text, "%.28s [%.20s] — large: %lld areas", caller->text,
		    module->text ? module->text : "-", areas->number);
		say(verdict->details[0], "kind %s, asked for by %.64s", kind->text, caller->text);
		if (foreign)
			say(verdict->next, "rmmod %.40s, if it can be spared (%s)", module->text,
			    size_in(words, kB->number));
		else if (is_kind(kind, "stack"))
			say(verdict->next, "ps -eLf | wc -l (stacks go with their threads: %s)",
			    size_in(words, kB->number));
		else
			say(verdict->next, "head %s/vmalloc (the callers, largest first)",
			    evidence->path);
	}
}

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

static const char *mark(bool estimate)
{
	return estimate ? "~" : "";
}

static const char *names_of(const struct mt_evidence *evidence, unsigned int row)
{
	const struct mt_cell *names = mt_snapshot_cell(evidence->slab, row, "names");

	return names->text ? names->text : "-";
}

static size_t root_length(const char *names)
{
	return strcspn(names, ",");
}

static bool is_reclaimable(const struct mt_evidence *evidence, unsigned int row)
{
	const struct mt_cell *reclaim = mt_snapshot_cell(evidence->slab, row, "reclaim");

	return reclaim->text && *reclaim->text == 'y';
}

/* What a cache had at load; -1 if it was not there. Caches are told apart by their first name. */
static s64 active_before(const struct mt_evidence *evidence, const char *names)
{
	size_t length = root_length(names);
	unsigned int row;

	for (row = 0; evidence->slab_before && row < evidence->slab_before->nr_rows; row++) {
		const struct mt_cell *cell = mt_snapshot_cell(evidence->slab_before, row, "names");

		if (!cell->text || root_length(cell->text) != length ||
		    strncmp(cell->text, names, length))
			continue;
		cell = mt_snapshot_cell(evidence->slab_before, row, "active");
		return cell->certainty == MT_UNKNOWN ? -1 : cell->number;
	}
	return -1;
}

/*
 * How many objects of a cache may belong to a leak: what it grew by if it grew, else all of them,
 * unless they have long been there.
 */
static bool suspect_row(const struct mt_evidence *evidence, unsigned int row,
			struct suspect *suspect)
{
	const struct mt_cell *active = mt_snapshot_cell(evidence->slab, row, "active");
	s64 before;

	if (active->certainty == MT_UNKNOWN)
		return false;
	before = active_before(evidence, names_of(evidence, row));
	suspect->row = row;
	suspect->kB = mt_snapshot_cell(evidence->slab, row, "kB")->number;
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

/* By count, largest first. */
static unsigned int find_suspects(const struct mt_evidence *evidence, struct suspect *suspects)
{
	unsigned int nr = 0;
	unsigned int row;

	for (row = 0; row < evidence->slab->nr_rows && row < ROWS_JUDGED && nr < SUSPECTS; row++) {
		struct suspect suspect;
		unsigned int at;

		if (!suspect_row(evidence, row, &suspect))
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
	char words[SIZE_WORDS];

	say(line, "%.*s: %s, %s%lld objects%s%.40s%s", min(length, 28), names,
	    size_in(words, suspect->kB), mark(suspect->estimate), suspect->count,
	    *also ? ", also " : "", also, strlen(also) > 40 ? "..." : "");
}

static void judge_group(struct mt_judgement *judgement, const struct mt_evidence *evidence,
			const struct suspect *group, unsigned int nr)
{
	char words[SIZE_WORDS];
	char roots[64] = "";
	bool reclaimable = true;
	struct mt_verdict *verdict;
	bool estimate = false;
	bool grown = true;
	unsigned int i;
	s64 kB = 0;

	for (i = 0; i < nr; i++) {
		const char *names = names_of(evidence, group[i].row);
		size_t used = strlen(roots);

		kB += group[i].kB;
		estimate |= group[i].estimate;
		grown &= group[i].grown;
		reclaimable &= is_reclaimable(evidence, group[i].row);
		snprintf(roots + used, sizeof(roots) - used, "%s%.*s", i ? "+" : "",
			 (int)min_t(size_t, root_length(names), 17), names);
	}
	if (!is_large(evidence, kB, reclaimable ? LARGE_SLAB_RECLAIMABLE : LARGE_SLAB_GROUP))
		return;
	verdict = open_verdict(judgement, "slab", kB);
	if (!verdict)
		return;
	if (grown)
		say(verdict->text, "%.48s — %s grew by %s%lld", roots,
		    reclaimable ? "each" : "leak: each", mark(estimate), group[nr - 1].count);
	else
		say(verdict->text, "%.48s — one cause: %s%lld of each", roots, mark(estimate),
		    group[nr - 1].count);
	for (i = 0; i < nr && i < MT_VERDICT_DETAILS; i++)
		describe_cache(verdict->details[i], evidence, &group[i]);
	if (reclaimable)
		say(verdict->next, "echo 2 > /proc/sys/vm/drop_caches (up to %s)",
		    size_in(words, kB));
	else
		say(verdict->next, "restart or unload what uses these caches (up to %s)",
		    size_in(words, kB));
}

/* Caches with near-equal counts hold the parts of one thing. Marks those that belong to a group. */
static void judge_groups(struct mt_judgement *judgement, const struct mt_evidence *evidence,
			 bool *grouped)
{
	struct suspect suspects[SUSPECTS];
	unsigned int nr = find_suspects(evidence, suspects);
	unsigned int from, to, i;

	for (from = 0; from < nr; from = to) {
		s64 most = suspects[from].count;

		for (to = from + 1; to < nr; to++) {
			if (most - suspects[to].count > div_s64(most, EQUAL_PART) ||
			    suspects[to].grown != suspects[from].grown)
				break;
		}
		if (to - from < 2)
			continue;
		judge_group(judgement, evidence, suspects + from, to - from);
		for (i = from; i < to; i++)
			grouped[suspects[i].row] = true;
	}
}

/* What is said of one cache by itself. */
static void describe_alone(struct mt_verdict *verdict, const struct mt_evidence *evidence,
			   const struct suspect *suspect, bool reclaimable)
{
	const char *names = names_of(evidence, suspect->row);
	s64 before = active_before(evidence, names);

	if (before >= 0 && suspect->count - before >= EQUAL_OBJECTS)
		say(verdict->text, "%.32s — %s: %s%lld objects, %lld more since load", names,
		    reclaimable ? "growing" : "leak?", mark(suspect->estimate), suspect->count,
		    suspect->count - before);
	else
		say(verdict->text, "%.40s — large: %s%lld objects", names,
		    mark(suspect->estimate), suspect->count);
	describe_cache(verdict->details[0], evidence, suspect);
}

static void judge_cache(struct mt_judgement *judgement, const struct mt_evidence *evidence,
			unsigned int row)
{
	const struct mt_cell *kB = mt_snapshot_cell(evidence->slab, row, "kB");
	const struct mt_cell *active = mt_snapshot_cell(evidence->slab, row, "active");
	bool reclaimable = is_reclaimable(evidence, row);
	struct suspect suspect = {
		.row = row,
		.kB = kB->number,
		.count = active->number,
		.estimate = active->certainty == MT_ESTIMATE,
	};
	const char *names = names_of(evidence, row);
	char words[SIZE_WORDS];
	struct mt_verdict *verdict;

	if (kB->certainty == MT_UNKNOWN ||
	    !is_large(evidence, kB->number,
		      reclaimable ? LARGE_SLAB_RECLAIMABLE : LARGE_SLAB_CACHE))
		return;
	verdict = open_verdict(judgement, "slab", kB->number);
	if (!verdict)
		return;
	if (*names == '(') {
		say(verdict->text, "%.40s — in no cache, large", names);
		say(verdict->details[0],
		    "large kmalloc, or a cache destroyed with objects left in it");
		say(verdict->next, "dmesg | grep -A9 kmem_cache_destroy (whose cache; %s)",
		    size_in(words, kB->number));
		return;
	}
	if (active->certainty == MT_UNKNOWN)
		say(verdict->text, "%.40s — large: %u %% of MemTotal", names,
		    percent_of(evidence, kB->number));
	else
		describe_alone(verdict, evidence, &suspect, reclaimable);
	if (reclaimable)
		say(verdict->next, "echo 2 > /proc/sys/vm/drop_caches (up to %s)",
		    size_in(words, kB->number));
	else
		say(verdict->next, "restart or unload what uses this cache (up to %s)",
		    size_in(words, kB->number));
}

static void judge_slab(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	bool grouped[ROWS_JUDGED] = { };
	unsigned int row;

	if (!evidence->slab)
		return;
	judge_groups(judgement, evidence, grouped);
	for (row = 0; row < evidence->slab->nr_rows && row < ROWS_JUDGED; row++) {
		if (!grouped[row])
			judge_cache(judgement, evidence, row);
	}
}

/**
 * mt_verdict_judge() - find what is worth saying
 * @judgement: gets the verdicts
 * @evidence: what is known
 *
 * Context: any; sleeps not.
 */
void mt_verdict_judge(struct mt_judgement *judgement, const struct mt_evidence *evidence)
{
	judgement->nr = 0;
	judge_shares(judgement, evidence);
	judge_ghost(judgement, evidence);
	judge_balloon(judgement, evidence);
	judge_vmalloc(judgement, evidence);
	judge_slab(judgement, evidence);
}
