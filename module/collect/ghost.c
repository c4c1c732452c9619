// SPDX-License-Identifier: GPL-2.0
/*
 * ghost.c - the report of the pages that no counter shows, by what they have in common.
 *
 * Nothing says who allocated them, so the blocks are asked for evidence: what struct page names (a
 * page pool, a cgroup), or an address of the kernel's or a module's at the same offset of many
 * blocks. One block may hold any word by chance; a share of all blocks does not.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "access/image_layout.h"
#include "access/page.h"
#include "access/page_content.h"
#include "access/page_group.h"
#include "access/page_layout.h"
#include "access/page_owner.h"
#include "access/vmap_layout.h"
#include "baseline.h"
#include "introspect/ksym.h"
#include "memory.h"
#include "snapshot.h"
#include "survey.h"

#define PAGES_TO_KB(_pages) ((_pages) * (s64)(PAGE_SIZE / 1024))

/* Evidence is an address in so many distinct blocks, and in one of a hundred. */
#define MIN_BLOCKS	8
#define MIN_PERCENT	1

/* Addresses that are asked for an owner, for one group. */
#define OWNERS		8

#define SYMBOL_NAME	128
#define OWNER_NAME	160
#define EVIDENCE	256

/*
 * struct report - a report in the making
 * @snap: the snapshot
 * @before: the report at load, or NULL
 * @before_sampled: it saw a part of memory
 * @blocks: stretches of the memory map
 * @seen: of these, seen
 */
struct report {
	struct mt_snapshot *snap;
	const struct mt_snapshot *before;
	bool before_sampled;
	u64 blocks;
	u64 seen;
};

/* Blocks of a group that a number of read ones stands for. */
static u64 scale(const struct report *report, const struct mt_page_group *group, u64 blocks)
{
	if (!group->read)
		return 0;
	return div64_u64(blocks * group->blocks, group->read);
}

static void add_row(const struct report *report, const struct mt_page_group *group, s64 pages,
		    bool exact, const char *owner, const char *evidence)
{
	enum mt_certainty certainty = exact && report->seen == report->blocks ? MT_EXACT :
									    MT_ESTIMATE;
	struct mt_cell cells[] = {
		mt_number(PAGES_TO_KB(pages), certainty),
		mt_number(pages, certainty),
		group ? mt_exact(group->order) : mt_unknown(),
		group ? mt_exact(group->nid) : mt_unknown(),
		mt_text(owner),
		mt_text(evidence),
	};

	if (pages)
		mt_snapshot_add(report->snap, cells);
}

static const char *const content_words[] = {
	[MT_CONTENT_UNREAD] = "not readable",
	[MT_CONTENT_ZERO] = "zero-filled",
	[MT_CONTENT_TABLE] = "looks like page tables",
	[MT_CONTENT_TEXT] = "a table of code addresses",
	[MT_CONTENT_POINTERS] = "some kernel addresses, no pattern",
	[MT_CONTENT_DATA] = "no kernel address",
};

/* Pages of a kind that were there at load already. */
static s64 pages_before(const struct report *report, const struct mt_page_group *group,
			const char *evidence)
{
	s64 pages = 0;
	unsigned int row;

	for (row = 0; report->before && row < report->before->nr_rows; row++) {
		const struct mt_cell *cells = mt_snapshot_row(report->before, row);

		if (cells[2].certainty == MT_EXACT && cells[2].number == group->order &&
		    cells[3].number == group->nid && cells[5].text &&
		    !strcmp(cells[5].text, evidence))
			pages += cells[1].number;
	}
	return pages;
}

/* What nobody owns: what boot left behind, and what has come since. */
static void add_unowned(const struct report *report, const struct mt_page_group *group, s64 pages,
			bool exact, const char *words)
{
	s64 before = min(pages_before(report, group, words), pages);
	char evidence[EVIDENCE];

	if (!report->before) {
		add_row(report, group, pages, exact, NULL, words);
		return;
	}
	exact = exact && !report->before_sampled;
	snprintf(evidence, sizeof(evidence), "%s; there at load", words);
	add_row(report, group, before, exact, NULL, evidence);
	snprintf(evidence, sizeof(evidence), "%s; since load", words);
	add_row(report, group, pages - before, exact, NULL, evidence);
}

static const char *shape_of(const struct mt_page_group *group)
{
	if (group->compound)
		return "compound";
	return group->order ? "raw" : "single";
}

static bool is_evidence(const struct mt_page_group *group, const struct mt_page_sight *sight)
{
	return sight->blocks >= MIN_BLOCKS &&
	       (u64)sight->blocks * 100 >= group->read * MIN_PERCENT &&
	       sight->best * 2 >= sight->blocks;
}

static struct mt_page_sight *next_owner(struct mt_page_groups *groups, u32 which)
{
	const struct mt_page_group *group = &groups->groups[which];
	struct mt_page_sight *largest = NULL;
	unsigned int i;

	for (i = 0; i < MT_PAGE_SIGHTS; i++) {
		struct mt_page_sight *sight = &groups->sights[i];

		if (sight->best && sight->group == which && is_evidence(group, sight) &&
		    (!largest || sight->best > largest->best))
			largest = sight;
	}
	return largest;
}

/*
 * Old stacks and old locks are left in pages of all owners: an address inside a function is a place
 * to return to, and lockdep's keys are in every lock.
 */
static bool names_an_owner(const struct mt_page_sight *sight, const char *symbol)
{
	if (!strncmp(symbol, "__key", strlen("__key")))
		return false;
	return !mt_page_content_is_code(sight->address) || !strchr(symbol, '+');
}

/* The blocks that it explains; 0 if it is no evidence. */
static u64 add_owner(const struct report *report, struct mt_page_group *group,
		     struct mt_page_sight *sight)
{
	u64 blocks = scale(report, group, sight->best);
	char symbol[SYMBOL_NAME], module[64];
	char owner[OWNER_NAME], evidence[EVIDENCE];
	unsigned int content;
	char *offset;

	mt_ksym_format(symbol, sizeof(symbol), sight->address, module, sizeof(module));
	offset = strstr(symbol, "+0x0");
	if (offset && !offset[4])
		*offset = '\0';
	if (!names_an_owner(sight, symbol))
		return 0;
	snprintf(owner, sizeof(owner), "%s", module);
	snprintf(evidence, sizeof(evidence), "%u of %llu blocks carry %s [%s] at +0x%x; %s",
		 sight->blocks, group->read, symbol, module, sight->offset, shape_of(group));
	add_row(report, group, blocks << group->order, group->read == group->blocks, owner,
		evidence);
	for (content = 0; content < MT_NR_CONTENTS; content++)
		group->contents[content] -= min_t(u64, group->contents[content],
						  sight->contents[content]);
	return blocks;
}

static void add_ghosts(const struct report *report, struct mt_page_groups *groups, u32 which)
{
	struct mt_page_group *group = &groups->groups[which];
	bool exact = group->read == group->blocks;
	u64 left = group->blocks;
	char words[EVIDENCE];
	unsigned int i;

	for (i = 0; i < OWNERS; i++) {
		struct mt_page_sight *sight = next_owner(groups, which);

		if (!sight)
			break;
		left -= min(left, add_owner(report, group, sight));
		sight->best = 0;
	}
	for (i = 0; i < MT_NR_CONTENTS && left; i++) {
		u64 blocks = min(left, scale(report, group, group->contents[i]));

		snprintf(words, sizeof(words), "%s, %s", shape_of(group), content_words[i]);
		add_unowned(report, group, blocks << group->order, exact, words);
		left -= blocks;
	}
	snprintf(words, sizeof(words), "%s, not read", shape_of(group));
	add_unowned(report, group, left << group->order, exact, words);
}

static void add_known(const struct report *report, const struct mt_page_group *group)
{
	char name[OWNER_NAME - 16], owner[OWNER_NAME];
	const char *evidence = "";

	switch (group->class) {
	case MT_PAGE_POOL:
		evidence = "page_pool: receive buffers of a network device";
		break;
	case MT_PAGE_CHARGED:
		evidence = "charged to the cgroup: pipes, io_uring and the like";
		break;
	case MT_PAGE_MAPPED:
		evidence = "mapped into processes, on no LRU: packet rings, perf, V4L2";
		break;
	case MT_PAGE_CMA:
		evidence = "in use in a contiguous memory area: a driver's";
		break;
	default:
		break;
	}
	if (mt_page_owner_name(name, sizeof(name), group->owner, group->class))
		snprintf(owner, sizeof(owner), "%s:%s",
			 group->class == MT_PAGE_POOL ? "device" : "cgroup", name);
	else
		*owner = '\0';
	add_row(report, group, group->blocks << group->order, true, *owner ? owner : NULL,
		evidence);
}

static const struct mt_snapshot *find_before(void)
{
	const struct mt_baseline *baseline = mt_baseline_get();
	unsigned int i;

	for (i = 0; i < baseline->nr_reports; i++) {
		if (!strcmp(baseline->reports[i]->collector->name, "ghost") &&
		    baseline->reports[i]->state != MT_UNAVAILABLE)
			return baseline->reports[i];
	}
	return NULL;
}

static void tell_state(struct mt_snapshot *snap, const struct mt_page_census *census,
		       const struct report *report)
{
	if (census->seen < census->blocks)
		mt_snapshot_remark(snap, "saw %llu %% of memory, scaled up",
				   div64_u64(census->seen * 100, census->blocks));
	if (!mt_page_is_told(MT_PAGE_LARGE_KMALLOC))
		mt_snapshot_remark(snap,
				   "large kmalloc, counted in Slab, is among the compound blocks");
	if (census->error)
		mt_snapshot_partial(snap, "the walk was broken off (error %d)", census->error);
	if (census->moved)
		mt_snapshot_partial(snap, "memory was plugged or unplugged meanwhile");
	if (census->vmap_error == -ETIME)
		mt_snapshot_partial(snap, "no time to read all vmalloc areas: ghosts?");
	else if (census->vmap_error)
		mt_snapshot_partial(snap, "not all vmalloc areas were read (error %d): ghosts?",
				    census->vmap_error);
	if (census->lost_marks)
		mt_snapshot_partial(snap, "no room to mark %llu pages of vmalloc: ghosts?",
				    census->lost_marks);
	if (mt_page_owner_is_traced())
		mt_snapshot_print(snap,
				  "page_owner is on: /sys/kernel/debug/page_owner has the stacks");
	if (mt_page_owner_is_profiled())
		mt_snapshot_print(snap,
				  "allocation profiling is on: /proc/allocinfo has the lines");
	if (!report->before && mt_baseline_get()->taken_ns)
		mt_snapshot_remark(snap, "no baseline of the load");
}

static void report_all(struct mt_snapshot *snap, struct mt_page_groups *groups,
		       const struct mt_page_census *pages)
{
	struct report report = {
		.snap = snap,
		.before = find_before(),
		.blocks = pages->blocks,
		.seen = pages->seen,
	};
	unsigned int i;

	for (i = 0; report.before && i < report.before->nr_rows; i++)
		report.before_sampled |= mt_snapshot_row(report.before, i)->certainty != MT_EXACT;
	for (i = 0; i < groups->nr_groups; i++) {
		struct mt_page_group *group = &groups->groups[i];

		/* a share of memory was seen, so there are as many more */
		if (pages->seen && pages->seen < pages->blocks)
			group->blocks = div64_u64(group->blocks * pages->blocks, pages->seen);
		if (group->class == MT_PAGE_GHOST)
			add_ghosts(&report, groups, i);
		else
			add_known(&report, group);
	}
	add_row(&report, NULL, groups->other, true, NULL, "(more kinds of blocks)");
	tell_state(snap, pages, &report);
}

static int collect(struct mt_snapshot *snap)
{
	struct mt_survey *own = mt_memory_zalloc(sizeof(*own));
	struct mt_survey *survey = snap->survey ?: own;
	int err;

	if (!own)
		return -ENOMEM;
	err = mt_survey_take(survey, snap->budget_ns, true);
	if (!err) {
		report_all(snap, survey->groups, &survey->census);
		mt_page_groups_free(survey->groups);
		survey->groups = NULL;
	}
	mt_survey_drop(own);
	mt_memory_free(own);
	return err;
}

static const struct mt_column columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "pages", .type = MT_NUMBER, .sum = true },
	{ .name = "order", .type = MT_NUMBER },
	{ .name = "node", .type = MT_NUMBER },
	{ .name = "owner", .type = MT_TEXT },
	{ .name = "evidence", .type = MT_TEXT },
};

const struct mt_collector mt_ghost_collector = {
	.name = "ghost",
	.form = MT_FORM_TABLE,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.baseline = true,
	.needs = {
		{
			.any_of = { &mt_vmap_node_table, &mt_vmap_tree_table },
			.loses = "which pages are vmalloc's and percpu's: they look like ghosts",
		},
		{
			.any_of = { &mt_kernel_image_table },
			.loses = "owners in the kernel itself; a module's are still found",
		},
		{
			.any_of = { &mt_image_table },
			.loses = "owners in the kernel itself; a module's are still found",
		},
		{
			.any_of = { &mt_image_text_table },
			.loses = "which blocks are tables of the kernel's functions",
		},
		{
			.any_of = { &mt_page_pool_table },
			.loses = "devices of page pools",
			.may_be_absent = true,
		},
		{
			.any_of = { &mt_memcg_table },
			.loses = "cgroups that pages are charged to",
			.may_be_absent = true,
		},
		{
			.any_of = { &mt_page_trace_table },
			.loses = "whether page_owner or allocation profiling is on",
			.may_be_absent = true,
		},
	},
	.collect = collect,
};
