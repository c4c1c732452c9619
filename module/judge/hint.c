// SPDX-License-Identifier: GPL-2.0
/*
 * hint.c - knows what reports say of the objects of a slab cache that may tell whose they are: what
 * they point at, and what they hang from.
 */
#include "verdict.h"

#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>

#include "snapshot.h"

/**
 * mt_hint_held() - the variables that the objects of a cache hang from
 * @evidence: what is known
 * @names: the cache's names, its own first; of a chain, those of its first cache
 *
 * Context: any; sleeps not.
 * Return: "variable [module], variable", as the slab report has it; NULL if none is known.
 */
const char *mt_hint_held(const struct mt_evidence *evidence, const char *names)
{
	static const char head[] = "held: ", by[] = " by ";
	const struct mt_snapshot *slab = mt_evidence_report(evidence, "slab");
	size_t length = strcspn(names, ",");
	const char *line = NULL;

	while ((line = mt_snapshot_line(slab, line))) {
		const char *name = line + strlen(head);

		if (!strncmp(line, head, strlen(head)) && !strncmp(name, names, length) &&
		    !strncmp(name + length, by, strlen(by)))
			return name + length + strlen(by);
	}
	return NULL;
}

/* Is this record of content one of this cache, and not one that counts its objects again? */
static bool is_content(const struct mt_snapshot *content, unsigned int row, const char *names)
{
	const struct mt_cell *cache = mt_snapshot_cell(content, row, "cache");
	const struct mt_cell *what = mt_snapshot_cell(content, row, "what");

	return mt_suspect_is_root(cache->text, names) && what->text &&
	       strncmp(what->text, "also ", 5);
}

/* The record of what most of its objects point at, and how many percent; 0 if none says much. */
static unsigned int find_content(const struct mt_evidence *evidence, const char *names,
				 unsigned int *record)
{
	const struct mt_snapshot *content = mt_evidence_report(evidence, "content");
	const struct mt_cell *objects;
	unsigned int row, best = 0;
	s64 most = 0, all = 0;

	for (row = 0; content && row < content->nr_rows; row++) {
		if (!is_content(content, row, names))
			continue;
		objects = mt_snapshot_cell(content, row, "objects");
		all += objects->number;
		if (objects->number > most) {
			most = objects->number;
			best = row;
		}
	}
	if (!most || most * 2 < all || *mt_snapshot_cell(content, best, "what")->text == '(')
		return 0;
	*record = best;
	return div_s64(most * 100, all);
}

/**
 * mt_hint_say_content() - say what most objects of a cache point at
 * @line: gets it, of MT_VERDICT_LINE bytes
 * @evidence: what is known
 * @names: the cache's names, its own first
 *
 * Context: any; sleeps not.
 * Return: false if most of them say nothing: then @line is as it was.
 */
bool mt_hint_say_content(char *line, const struct mt_evidence *evidence, const char *names)
{
	const struct mt_snapshot *content = mt_evidence_report(evidence, "content");
	unsigned int row, percent = find_content(evidence, names, &row);
	bool estimate;

	if (!percent)
		return false;
	estimate = mt_snapshot_cell(content, row, "objects")->certainty == MT_ESTIMATE;
	mt_verdict_say(line, "%s%u %% of them hold %.60s at %.8s", mt_verdict_mark(estimate),
		       percent, mt_snapshot_cell(content, row, "what")->text,
		       mt_snapshot_cell(content, row, "offset")->text ?: "-");
	return true;
}

/* The module in "symbol [module]" or "variable [module]", or NULL. */
static const char *module_in(const char *text, size_t *length)
{
	const char *module = text ? strchr(text, '[') : NULL;

	if (!module)
		return NULL;
	*length = strcspn(++module, "]");
	return module[*length] ? module : NULL;
}

/* The one module in "variable [module], variable [module]"; NULL if one is the kernel's. */
static const char *module_of_all(const char *held, size_t *length)
{
	const char *module = NULL;

	while (held) {
		size_t other_length;
		const char *other = module_in(held, &other_length);
		const char *comma = strchr(held, ',');

		if (!other || (comma && comma < other) ||
		    (module && (*length != other_length || strncmp(module, other, *length))))
			return NULL;
		module = other;
		*length = other_length;
		held = comma ? comma + 1 : NULL;
	}
	return module;
}

/**
 * mt_hint_find() - whose may the objects of a cache be?
 * @owner: from mt_suspect_find(); gets the hint, or a better guess
 * @evidence: what is known
 * @names: the cache's names, its own first
 *
 * If nobody is known to have most objects, or the kernel itself asked for the cache: what they
 * point at, or what they hang from, may be a module's. If that asked for one of the cache's names,
 * they are likely of that.
 *
 * Context: any; sleeps not.
 */
void mt_hint_find(struct mt_suspect *owner, const struct mt_evidence *evidence, const char *names)
{
	const struct mt_snapshot *content = mt_evidence_report(evidence, "content");
	const char *module = NULL;
	struct mt_suspect asked;
	unsigned int row;
	size_t length;

	if (owner->name && (owner->module || owner->merged))
		return;
	if (find_content(evidence, names, &row)) {
		const char *what = mt_snapshot_cell(content, row, "what")->text;
		const char *quote = strrchr(what, '"');

		/* a literal may have brackets, too */
		module = module_in(quote ?: what, &length);
	}
	if (!module)
		module = module_of_all(mt_hint_held(evidence, names), &length);
	if (!module)
		return;
	mt_suspect_find_module(&asked, evidence, names, module, length);
	if (asked.name) {
		*owner = asked;
		return;
	}
	owner->hint = module;
	owner->hint_length = length;
}
