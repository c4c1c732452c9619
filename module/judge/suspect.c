// SPDX-License-Identifier: GPL-2.0
/*
 * suspect.c - knows what to call a slab cache that is too large: by who asked for it.
 */
#include "verdict.h"

#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "family.h"
#include "snapshot.h"

/* One in so many objects of a cache that are known to be somebody's are not a few by accident. */
#define TOLD_PART	100

static const char *text_of(const struct mt_snapshot *owners, unsigned int row, const char *column)
{
	const struct mt_cell *cell = mt_snapshot_cell(owners, row, column);

	return cell->certainty == MT_UNKNOWN ? NULL : cell->text;
}

/**
 * mt_suspect_is_root() - is this what a cache itself is called?
 * @root: a name, or NULL
 * @names: the cache's names, its own first
 *
 * Context: any; sleeps not.
 * Return: true if it is.
 */
bool mt_suspect_is_root(const char *root, const char *names)
{
	size_t length = strcspn(names, ",");

	return root && strlen(root) == length && !strncmp(root, names, length);
}

static bool is_root(const struct mt_snapshot *owners, unsigned int row, const char *names)
{
	return mt_suspect_is_root(text_of(owners, row, "root"), names);
}

/**
 * mt_suspect_find() - who has most of the objects of a cache?
 * @suspect: gets it; its texts live as long as the reports
 * @evidence: what is known
 * @names: the cache's names, its own first
 *
 * Context: any; sleeps not.
 */
void mt_suspect_find(struct mt_suspect *suspect, const struct mt_evidence *evidence,
		     const char *names)
{
	const struct mt_snapshot *owners = mt_evidence_report(evidence, "owners");
	unsigned int row, best = 0;
	unsigned int rows = 0;
	bool known = false;
	s64 all = 0;

	*suspect = (struct mt_suspect) { };
	for (row = 0; owners && row < owners->nr_rows; row++) {
		const struct mt_cell *objects = mt_snapshot_cell(owners, row, "objects");

		if (!is_root(owners, row, names))
			continue;
		rows++;
		if (objects->certainty == MT_UNKNOWN)
			continue;
		all += objects->number;
		/* what belongs to nobody has no basis */
		if (!text_of(owners, row, "basis") || objects->number <= suspect->objects)
			continue;
		suspect->objects = objects->number;
		suspect->estimate = objects->certainty == MT_ESTIMATE;
		best = row;
		known = true;
	}
	suspect->merged = rows > 1;
	if (!known || suspect->objects * 2 < all)
		return;
	suspect->name = text_of(owners, best, "name");
	suspect->holder = text_of(owners, best, "holder");
	suspect->module = text_of(owners, best, "module");
	if (suspect->module && !strcmp(suspect->module, "vmlinux"))
		suspect->module = NULL;
}

/**
 * mt_suspect_find_module() - which cache did a module ask for, of those that became one?
 * @suspect: gets it; its texts live as long as the reports
 * @evidence: what is known
 * @names: the cache's names, its own first
 * @module: the module
 * @length: bytes of @module
 *
 * For objects that are likely the module's: if it asked for one cache only, they are of that,
 * unless it is known how many that has.
 *
 * Context: any; sleeps not.
 */
void mt_suspect_find_module(struct mt_suspect *suspect, const struct mt_evidence *evidence,
			    const char *names, const char *module, size_t length)
{
	const struct mt_snapshot *owners = mt_evidence_report(evidence, "owners");
	unsigned int row, nr = 0, rows = 0;
	s64 told = 0, all = 0;

	*suspect = (struct mt_suspect) { };
	for (row = 0; owners && row < owners->nr_rows; row++) {
		const char *asked_by = text_of(owners, row, "module");

		if (!is_root(owners, row, names))
			continue;
		rows++;
		all += max(mt_snapshot_cell(owners, row, "objects")->number, 0LL);
		if (!asked_by || strlen(asked_by) != length || strncmp(asked_by, module, length))
			continue;
		nr++;
		/* how many are its is known, and not by the odd one: the others are not */
		if (text_of(owners, row, "basis"))
			told = mt_snapshot_cell(owners, row, "objects")->number;
		suspect->name = text_of(owners, row, "name");
		suspect->holder = text_of(owners, row, "holder");
		suspect->module = asked_by;
	}
	if (nr != 1 || told * TOLD_PART > all)
		*suspect = (struct mt_suspect) { };
	suspect->estimate = true;
	suspect->guessed = true;
	suspect->merged = rows > 1;
}

/* Adds words if they fit into the columns that a verdict has for its subject. */
static void add_words(char *words, size_t size, const char *before, const char *text, int length,
		      const char *behind)
{
	size_t used = strlen(words);

	if (used + strlen(before) + length + strlen(behind) < size)
		snprintf(words + used, size - used, "%s%.*s%s", before, length, text, behind);
}

/* Of names with commas between them, so many bytes that none is cut, unless it is the first. */
static int whole_names(const char *names, int most)
{
	int length = strlen(names);

	if (length <= most)
		return length;
	for (length = most; length && names[length] != ','; length--)
		;
	return length ?: most;
}

/**
 * mt_suspect_words() - the suspect in words
 * @words: gets them: "name (in cache) [module], held by variable", as far as they fit; or "names
 *         ~[module]"
 * @size: bytes in @words, some dozens
 * @suspect: the suspect
 * @names: the cache's names, its own first, for when nobody is suspected
 *
 * Context: any.
 * Return: @words.
 */
const char *mt_suspect_words(char *words, size_t size, const struct mt_suspect *suspect,
			     const char *names)
{
	/* the module rather than the root, and than further names */
	size_t module_length = suspect->module ? strlen(" []") + strlen(suspect->module) :
			       suspect->hint ? strlen(" ~[]") + suspect->hint_length : 0;
	size_t room = size - min(size - 1, module_length);

	if (!suspect->name || suspect->hint) {
		snprintf(words, size, "%.*s",
			 whole_names(names, clamp_t(int, room - 1, 16, 40)), names);
		if (suspect->hint)
			add_words(words, size, " ~[", suspect->hint, suspect->hint_length, "]");
		return words;
	}
	snprintf(words, size, "%s%.32s", mt_verdict_mark(suspect->guessed), suspect->name);
	if (suspect->merged)
		add_words(words, room, " (in ", names, strcspn(names, ","), ")");
	if (suspect->module)
		add_words(words, size, " [", suspect->module, strlen(suspect->module), "]");
	if (suspect->holder && (suspect->module || suspect->merged))
		add_words(words, size, ", held by ", suspect->holder, strlen(suspect->holder), "");
	return words;
}

/**
 * mt_suspect_active_before() - what a cache had at load
 * @evidence: what is known
 * @names: the cache's names, as the slab report has them
 *
 * Caches are told apart by their first name, and those of a family are not.
 *
 * Context: any.
 * Return: allocated objects; -1 if that is not known.
 */
s64 mt_suspect_active_before(const struct mt_evidence *evidence, const char *names)
{
	const struct mt_snapshot *report = mt_evidence_report_before(evidence, "slab");
	/* what the report from then has not was not there, if that has all caches */
	s64 active = mt_evidence_is_whole(report) ? 0 : -1;
	unsigned int row;

	for (row = 0; report && row < report->nr_rows; row++) {
		const struct mt_cell *cell = mt_snapshot_cell(report, row, "names");

		if (!cell->text || !mt_family_same(cell->text, names))
			continue;
		cell = mt_snapshot_cell(report, row, "active");
		if (cell->certainty == MT_UNKNOWN)
			return -1;
		active = max(active, 0LL) + cell->number;
	}
	return active;
}
