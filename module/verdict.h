/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_VERDICT_H
#define MT_VERDICT_H

#include <linux/types.h>

#include "ledger.h"

struct mt_snapshot;

/** MT_VERDICTS - verdicts of one summary at most, largest first */
#define MT_VERDICTS	3

/** MT_VERDICT_LINE - bytes for one line of a verdict: 100 columns and some UTF-8 */
#define MT_VERDICT_LINE	120

/** MT_VERDICT_DETAILS - lines of detail of one verdict at most */
#define MT_VERDICT_DETAILS	5

/** MT_VERDICT_SIZE - bytes for a size in words */
#define MT_VERDICT_SIZE	32

/**
 * struct mt_evidence - what a verdict is found on
 * @now: the books
 * @before: the books at load
 * @age_s: seconds since then
 * @shmem_pages: pages of tmpfs and shared memory, a part of the LRU accounts
 * @anon_pages: anonymous pages of processes, likewise
 * @swapcache_pages: pages that are in swap space too, likewise; negative if that is not known
 * @reports: the reports that could be collected; NULL for one that could not
 * @nr_reports: how many
 * @reports_before: those of the reports that were collected at load
 * @nr_reports_before: how many
 * @kmalloc_unmarked: blocks of large kmalloc look like ghosts, and are in the report of those
 * @page_kB: size of a page in kB
 * @path: directory of the reports
 */
struct mt_evidence {
	const struct mt_ledger *now;
	const struct mt_ledger *before;
	u64 age_s;
	s64 shmem_pages;
	s64 anon_pages;
	s64 swapcache_pages;
	struct mt_snapshot *const *reports;
	unsigned int nr_reports;
	struct mt_snapshot *const *reports_before;
	unsigned int nr_reports_before;
	bool kmalloc_unmarked;
	unsigned int page_kB;
	const char *path;
};

/**
 * struct mt_verdict - one suspect
 * @kind: what it is: one word of the interface
 * @kB: how much it holds
 * @text: subject, a dash, the evidence
 * @details: more lines, as far as they are not empty
 * @next: what to do, and what it should give back
 */
struct mt_verdict {
	const char *kind;
	s64 kB;
	char text[MT_VERDICT_LINE];
	char details[MT_VERDICT_DETAILS][MT_VERDICT_LINE];
	char next[MT_VERDICT_LINE];
};

/**
 * struct mt_judgement - all that is worth saying
 * @verdicts: the suspects, largest first
 * @nr: how many; 0 means that nothing is large
 */
struct mt_judgement {
	struct mt_verdict verdicts[MT_VERDICTS];
	unsigned int nr;
};

/** MT_SUSPECT_WORDS - bytes for a suspect in words: what a line has for it */
#define MT_SUSPECT_WORDS	64

/**
 * struct mt_suspect - who is behind the objects of a slab cache
 * @name: the cache that somebody asked for; NULL if nobody has most of the objects
 * @module: who that is, NULL if it is the kernel itself or not known
 * @holder: the variable that holds it, NULL if it is not known
 * @hint: without @module: the module that most objects point at or hang from, or NULL; the text
 *        goes on behind it
 * @hint_length: bytes of @hint
 * @objects: how many objects it has
 * @estimate: @objects is one
 * @guessed: that it is this name's objects is a guess
 * @merged: the cache has other users
 */
struct mt_suspect {
	const char *name;
	const char *module;
	const char *holder;
	const char *hint;
	size_t hint_length;
	s64 objects;
	bool estimate;
	bool guessed;
	bool merged;
};

/**
 * struct mt_block_owner - who has blocks of pages
 * @name: the module, "vmlinux", or "device:" or "cgroup:" and which; NULL if nobody is known
 * @name_length: bytes of @name: the text goes on behind it
 * @why: the evidence
 * @kB: how much there is of them
 * @lower_bound: there may be more
 * @estimate: @kB is one
 */
struct mt_block_owner {
	const char *name;
	size_t name_length;
	const char *why;
	s64 kB;
	bool lower_bound;
	bool estimate;
};

/** mt_verdict_say() - print into one of a verdict's lines, cut to its length */
#define mt_verdict_say(_line, ...)	snprintf((_line), MT_VERDICT_LINE, __VA_ARGS__)

/**
 * mt_verdict_mark() - what stands before a figure
 * @estimate: it is not exact
 *
 * Context: any.
 * Return: the mark, or "".
 */
static inline const char *mt_verdict_mark(bool estimate)
{
	return estimate ? "~" : "";
}

void mt_verdict_judge(struct mt_judgement *judgement, const struct mt_evidence *evidence);
struct mt_verdict *mt_verdict_open(struct mt_judgement *judgement, const char *kind, s64 kB);
s64 mt_verdict_told_kB(const struct mt_judgement *judgement, const char *kind);

const struct mt_snapshot *mt_evidence_report(const struct mt_evidence *evidence, const char *name);
const struct mt_snapshot *mt_evidence_report_before(const struct mt_evidence *evidence,
						    const char *name);

bool mt_evidence_is_whole(const struct mt_snapshot *report);

s64 mt_verdict_kB(const struct mt_evidence *evidence, enum mt_account account);
s64 mt_verdict_grown_kB(const struct mt_evidence *evidence, enum mt_account account);
bool mt_verdict_is_large(const struct mt_evidence *evidence, s64 kB, unsigned int permille);
unsigned int mt_verdict_percent(const struct mt_evidence *evidence, s64 kB);
s64 mt_sockets_kB(const struct mt_evidence *evidence);
s64 mt_sockets_rings_kB(const struct mt_evidence *evidence);
s64 mt_packets_kB(const struct mt_evidence *evidence);
bool mt_packets_are_told(const struct mt_judgement *judgement, const struct mt_evidence *evidence,
			 s64 kB);
void mt_packets_say_next(struct mt_verdict *verdict, const struct mt_evidence *evidence, s64 kB);
void mt_spread_judge(struct mt_judgement *judgement, const struct mt_evidence *evidence,
		     const bool *told, unsigned int nr_told);
bool mt_uncached_find(const struct mt_snapshot *slab, s64 *kB);
bool mt_suspect_is_root(const char *root, const char *names);
s64 mt_suspect_active_before(const struct mt_evidence *evidence, const char *names);
void mt_suspect_find(struct mt_suspect *suspect, const struct mt_evidence *evidence,
		     const char *names);
void mt_suspect_find_module(struct mt_suspect *suspect, const struct mt_evidence *evidence,
			    const char *names, const char *module, size_t length);
const char *mt_suspect_words(char *words, size_t size, const struct mt_suspect *suspect,
			     const char *names);
const char *mt_hint_held(const struct mt_evidence *evidence, const char *names);
bool mt_hint_say_content(char *line, const struct mt_evidence *evidence, const char *names);
void mt_hint_find(struct mt_suspect *owner, const struct mt_evidence *evidence, const char *names);
bool mt_block_find_owner(struct mt_block_owner *owner, const struct mt_evidence *evidence,
			 bool kmalloc);
void mt_block_say_owner(struct mt_verdict *verdict, const struct mt_evidence *evidence,
			const struct mt_block_owner *owner);
int mt_verdict_format_kB(char *buf, size_t size, s64 kB);
const char *mt_verdict_size(char words[MT_VERDICT_SIZE], s64 kB);

#define JUDGE(_name) \
	void mt_judge_##_name(struct mt_judgement *judgement, const struct mt_evidence *evidence);
#include "judge/judges.h"
#undef JUDGE

#endif /* MT_VERDICT_H */
