// SPDX-License-Identifier: GPL-2.0
/*
 * collector.c - knows which reports there are, and what stands between one and its collection.
 */
#include "collector.h"

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/time64.h>

#include "introspect/running.h"
#include "knob.h"
#include "snapshot.h"

const struct mt_collector *const mt_collectors[] = {
#define COLLECTOR(_name) &mt_##_name##_collector,
#include "collectors.h"
#undef COLLECTOR
};

const unsigned int mt_nr_collectors = ARRAY_SIZE(mt_collectors);

static unsigned int rows = 512;
MT_KNOB(rows, rows, 8, 65536,
	"records that a report keeps; the rest is summed up in one record \"(other)\"");

/**
 * mt_need_state() - is what a collector needs there?
 * @need: the need
 * @missing: set to the words for what is missing, "" if nothing is
 *
 * Context: any.
 * Return: MT_RELO_READY if one of the tables is, even if another one is missing: then @missing is
 * not empty and something may be lost all the same. MT_RELO_ABSENT if this kernel has no such thing
 * and may do without. MT_RELO_MISSING otherwise.
 */
enum mt_relo_state mt_need_state(const struct mt_need *need, const char **missing)
{
	enum mt_relo_state state = MT_RELO_MISSING;
	const char *absent = "";
	unsigned int i;

	*missing = "";
	for (i = 0; i < MT_NEED_TABLES && need->any_of[i]; i++) {
		const struct mt_relo_table *table = need->any_of[i];

		if (table->state == MT_RELO_READY)
			state = MT_RELO_READY;
		if (table->state == MT_RELO_ABSENT)
			absent = table->missing;
		else if (table->missing[0] && !**missing)
			*missing = table->missing;
	}
	if (state == MT_RELO_READY || **missing)
		return state;
	if (need->may_be_absent)
		return MT_RELO_ABSENT;
	*missing = absent;
	return state;
}

/* What the needs allow; the words go into the state line. */
static enum mt_state check_needs(struct mt_snapshot *snap)
{
	const struct mt_collector *collector = snap->collector;
	unsigned int i;

	for (i = 0; i < MT_NEEDS && collector->needs[i].any_of[0]; i++) {
		const struct mt_need *need = &collector->needs[i];
		const char *missing;

		enum mt_relo_state state = mt_need_state(need, &missing);

		if (!*missing)
			continue;
		mt_snapshot_partial(snap, "%s: lost: %s", missing, need->loses);
		if (need->required && state == MT_RELO_MISSING)
			snap->state = MT_UNAVAILABLE;
	}
	return snap->state;
}

/**
 * mt_collector_take() - collect a report
 * @collector: which one
 * @budget_us: what it may take if it can sample; 0 for all of it
 * @survey: a walk over all pages that it shares with other reports, or NULL
 *
 * Context: process context, no lock held, may sleep.
 * Return: the snapshot, for the caller to free with mt_snapshot_free(); ERR_PTR(-ENOMEM) if there
 * was no memory even for an empty one.
 */
struct mt_snapshot *mt_collector_take(const struct mt_collector *collector,
				      unsigned int budget_us, struct mt_survey *survey)
{
	struct mt_snapshot *snap = mt_snapshot_new(collector, READ_ONCE(rows));
	u64 start_ns = ktime_get_ns();
	int err;

	if (!snap)
		return ERR_PTR(-ENOMEM);

	snap->budget_ns = (u64)budget_us * NSEC_PER_USEC;
	snap->survey = survey;
	if (check_needs(snap) != MT_UNAVAILABLE) {
		err = collector->collect(snap);
		if (err) {
			snap->state = MT_UNAVAILABLE;
			mt_snapshot_remark(snap, "error %d", err);
		}
		mt_snapshot_sort(snap);
	}
	snap->survey = NULL;
	snap->took_ns = ktime_get_ns() - start_ns;
	return snap;
}

static bool is_needed_by(const struct mt_collector *collector, const struct mt_relo_table *table,
			 unsigned int nr_needs)
{
	unsigned int i, j;

	for (i = 0; i < nr_needs; i++) {
		for (j = 0; j < MT_NEED_TABLES && collector->needs[i].any_of[j]; j++) {
			if (collector->needs[i].any_of[j] == table)
				return true;
		}
	}
	return false;
}

/* Was this table there before need @need of collector @nr? */
static bool is_known(const struct mt_relo_table *table, unsigned int nr, unsigned int need)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (is_needed_by(mt_collectors[i], table, MT_NEEDS))
			return true;
	}
	return is_needed_by(mt_collectors[nr], table, need);
}

/**
 * mt_collectors_visit_tables() - visit every table that a collector needs
 * @visit: called once for each
 * @arg: handed to @visit
 *
 * Context: that of @visit.
 */
void mt_collectors_visit_tables(void (*visit)(struct mt_relo_table *table, void *arg), void *arg)
{
	unsigned int i, j, k;

	for (i = 0; i < mt_nr_collectors; i++) {
		for (j = 0; j < MT_NEEDS; j++) {
			const struct mt_need *need = &mt_collectors[i]->needs[j];

			for (k = 0; k < MT_NEED_TABLES && need->any_of[k]; k++) {
				if (!is_known(need->any_of[k], i, j))
					visit(need->any_of[k], arg);
			}
		}
	}
}

static void expect(struct mt_relo_table *table, void *arg)
{
	mt_running_expect(table);
}

static void resolve(struct mt_relo_table *table, void *arg)
{
	mt_relo_resolve(table, arg);
}

/**
 * mt_collectors_resolve() - look up what all collectors need
 *
 * Context: process context, may sleep; once, at load.
 */
void mt_collectors_resolve(void)
{
	const struct mt_relo_source *source;

	mt_collectors_visit_tables(expect, NULL);
	source = mt_running_source();
	mt_collectors_visit_tables(resolve, (void *)source);
}

/**
 * mt_collectors_ready() - how many reports can be collected
 *
 * Context: any.
 * Return: the reports of which no required need is missing.
 */
unsigned int mt_collectors_ready(void)
{
	unsigned int ready = 0;
	unsigned int i, j;

	for (i = 0; i < mt_nr_collectors; i++) {
		const struct mt_need *needs = mt_collectors[i]->needs;
		const char *missing;

		for (j = 0; j < MT_NEEDS && needs[j].any_of[0]; j++) {
			if (needs[j].required &&
			    mt_need_state(&needs[j], &missing) == MT_RELO_MISSING)
				break;
		}
		ready += j == MT_NEEDS || !needs[j].any_of[0];
	}
	return ready;
}
