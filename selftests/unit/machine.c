// SPDX-License-Identifier: GPL-2.0
/*
 * machine.c - knows a machine whose memory went where a test says, for verdicts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "machine.h"

static const struct mt_column slab_columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "active", .type = MT_NUMBER, .sum = true },
	{ .name = "reclaim", .type = MT_WORD },
	{ .name = "names", .type = MT_TEXT },
};

static const struct mt_collector slab_collector = {
	.name = "slab",
	.form = MT_FORM_TABLE,
	.columns = slab_columns,
	.nr_columns = ARRAY_SIZE(slab_columns),
};

static const struct mt_column owner_columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "objects", .type = MT_NUMBER, .sum = true },
	{ .name = "basis", .type = MT_WORD },
	{ .name = "root", .type = MT_TEXT },
	{ .name = "module", .type = MT_TEXT },
	{ .name = "holder", .type = MT_TEXT },
	{ .name = "name", .type = MT_TEXT },
};

static const struct mt_collector owners_collector = {
	.name = "owners",
	.form = MT_FORM_TABLE,
	.columns = owner_columns,
	.nr_columns = ARRAY_SIZE(owner_columns),
};

static const struct mt_column content_columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "objects", .type = MT_NUMBER, .sum = true },
	{ .name = "cache", .type = MT_TEXT },
	{ .name = "offset", .type = MT_TEXT },
	{ .name = "what", .type = MT_TEXT },
};

static const struct mt_collector content_collector = {
	.name = "content",
	.form = MT_FORM_TABLE,
	.columns = content_columns,
	.nr_columns = ARRAY_SIZE(content_columns),
};

static const struct mt_column ghost_columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "owner", .type = MT_TEXT },
	{ .name = "evidence", .type = MT_TEXT },
};

static const struct mt_collector ghost_collector = {
	.name = "ghost",
	.form = MT_FORM_TABLE,
	.columns = ghost_columns,
	.nr_columns = ARRAY_SIZE(ghost_columns),
};

/**
 * machine_new() - 4 GiB, most of it free, with empty reports
 *
 * Return: the machine, for machine_free().
 */
struct machine *machine_new(void)
{
	struct machine *machine = calloc(1, sizeof(*machine));
	unsigned int account;

	assert_non_null(machine);
	for (account = 0; account < MT_NR_ACCOUNTS; account++)
		mt_ledger_set(&machine->now, account, 0);
	mt_ledger_set(&machine->now, MT_TOTAL, 4 * GIB_PAGES);
	mt_ledger_set(&machine->now, MT_FREE, 4 * GIB_PAGES - 1000);
	mt_ledger_balance(&machine->now);
	machine->before = machine->now;
	machine->slab = mt_snapshot_new(&slab_collector, 1000);
	machine->owners = mt_snapshot_new(&owners_collector, 1000);
	machine->content = mt_snapshot_new(&content_collector, 1000);
	machine->ghost = mt_snapshot_new(&ghost_collector, 1000);
	machine->slab_before = mt_snapshot_new(&slab_collector, 1000);
	/* what a test does not say of the caches at load is not known */
	machine->slab_before->state = MT_PARTIAL;
	machine->evidence = (struct mt_evidence) {
		.now = &machine->now,
		.before = &machine->before,
		.reports = &machine->slab,
		.nr_reports = 4,
		.reports_before = &machine->slab_before,
		.nr_reports_before = 1,
		.page_kB = 4,
		.path = "/reports",
	};
	return machine;
}

/**
 * machine_free() - give a machine back
 * @machine: from machine_new()
 */
void machine_free(struct machine *machine)
{
	mt_snapshot_free(machine->slab);
	mt_snapshot_free(machine->owners);
	mt_snapshot_free(machine->content);
	mt_snapshot_free(machine->ghost);
	mt_snapshot_free(machine->slab_before);
	free(machine);
}

/**
 * machine_add_cache() - a row of a slab report
 * @slab: the report, or that of the time at load
 * @names: the cache's, the root first
 * @kB: what it has
 * @active: allocated objects
 * @certainty: of @active
 * @reclaim: "y" or "n"
 */
void machine_add_cache(struct mt_snapshot *slab, const char *names, s64 kB, s64 active,
		       enum mt_certainty certainty, const char *reclaim)
{
	struct mt_cell cells[] = {
		mt_exact(kB), mt_number(active, certainty), mt_text(reclaim), mt_text(names),
	};

	mt_snapshot_add(slab, cells);
}

/**
 * machine_add_owner() - a row of the owners report
 * @machine: the machine
 * @root: the first name of the cache
 * @basis: how it is known
 * @objects: how many the name has, and its kB as well
 * @module: who gave the name
 * @holder: the variable that holds the cache
 * @name: the name
 */
void machine_add_owner(struct machine *machine, const char *root, const char *basis,
		       struct mt_cell objects, const char *module, const char *holder,
		       const char *name)
{
	struct mt_cell cells[] = {
		objects, objects, mt_text(basis), mt_text(root), mt_text(module), mt_text(holder),
		mt_text(name),
	};

	mt_snapshot_add(machine->owners, cells);
}

/**
 * machine_add_content() - a row of the content report
 * @machine: the machine
 * @cache: the first name of the cache
 * @objects: how many are alike, and their kB as well
 * @offset: where they have it in common
 * @what: what they have in common
 */
void machine_add_content(struct machine *machine, const char *cache, struct mt_cell objects,
			 const char *offset, const char *what)
{
	struct mt_cell cells[] = {
		objects, objects, mt_text(cache), mt_text(offset), mt_text(what),
	};

	mt_snapshot_add(machine->content, cells);
}

/**
 * machine_add_block() - a row of the ghost report
 * @machine: the machine
 * @kB: what the blocks have
 * @owner: whose they are
 * @evidence: what says so
 */
void machine_add_block(struct machine *machine, s64 kB, const char *owner, const char *evidence)
{
	struct mt_cell cells[] = { mt_exact(kB), mt_text(owner), mt_text(evidence) };

	mt_snapshot_add(machine->ghost, cells);
}

/**
 * machine_judge() - judge what there is by now
 * @machine: the machine
 *
 * Return: the verdicts, which are in @machine too.
 */
const struct mt_judgement *machine_judge(struct machine *machine)
{
	mt_snapshot_sort(machine->slab);
	mt_snapshot_sort(machine->owners);
	mt_snapshot_sort(machine->slab_before);
	mt_verdict_judge(&machine->judgement, &machine->evidence);
	return &machine->judgement;
}

/**
 * machine_move() - take free pages for an account
 * @machine: the machine
 * @account: the account
 * @pages: how many
 */
void machine_move(struct machine *machine, enum mt_account account, s64 pages)
{
	machine->now.pages[account] += pages;
	machine->now.pages[MT_FREE] -= pages;
	mt_ledger_balance(&machine->now);
}

/**
 * machine_lose() - take free pages that turn up in no account
 * @machine: the machine
 * @pages: how many
 */
void machine_lose(struct machine *machine, s64 pages)
{
	machine->now.pages[MT_FREE] -= pages;
	mt_ledger_balance(&machine->now);
}
