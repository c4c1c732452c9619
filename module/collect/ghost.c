// SPDX-License-Identifier: GPL-2.0
/*
 * ghost.c - the report of the pages that no counter shows, by what they have in common.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "access/image_layout.h"
#include "access/page.h"
#include "access/page_evidence.h"
#include "access/page_layout.h"
#include "access/page_owner.h"
#include "access/page_packet.h"
#include "access/slab_layout.h"
#include "access/vmap_layout.h"
#include "baseline.h"
#include "memory.h"
#include "snapshot.h"
#include "survey.h"

#define PAGES_TO_KB(_pages) ((_pages) * (s64)(PAGE_SIZE / 1024))

#define OWNER_NAME	160
#define EVIDENCE	256

/*
 * struct report - a report in the making
 * @snap: the snapshot
 * @before: the report at load, or NULL
 * @before_sampled: it saw a part of memory
 * @blocks: stretches of the memory map
 * @seen: of these, seen
 * @packets: the packets that have fragments
 */
struct report {
	struct mt_snapshot *snap;
	const struct mt_snapshot *before;
	bool before_sampled;
	u64 blocks;
	u64 seen;
	const struct mt_page_packets *packets;
};

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

static void say_proof(char evidence[EVIDENCE], const struct mt_page_group *group,
		      const struct mt_page_proof *proof)
{
	if (proof->mapped)
		snprintf(evidence, EVIDENCE, "mapped by %s [%s]; %s", proof->symbol,
			 proof->module, shape_of(group));
	else if (proof->held)
		snprintf(evidence, EVIDENCE, "held by %s [%s]; %s", proof->symbol, proof->module,
			 shape_of(group));
	else
		snprintf(evidence, EVIDENCE, "%u of %llu blocks carry %s [%s] at +0x%x; %s",
			 proof->carriers, group->read, proof->symbol, proof->module, proof->offset,
			 shape_of(group));
}

/* The blocks that it explains. */
static u64 add_owner(const struct report *report, const struct mt_page_group *group,
		     const struct mt_page_proof *proof)
{
	char evidence[EVIDENCE];

	say_proof(evidence, group, proof);
	add_row(report, group, proof->blocks << group->order, proof->exact, proof->module,
		evidence);
	return proof->blocks;
}

static void add_ghosts(const struct report *report, struct mt_page_evidence *all, u32 which)
{
	const struct mt_page_group *group = &all->groups[which];
	bool exact = group->read == group->blocks;
	u64 left = group->blocks;
	const struct mt_page_proof *proof;
	char words[EVIDENCE];
	unsigned int i;

	while ((proof = mt_page_evidence_next(all, which)))
		left -= min(left, add_owner(report, group, proof));
	for (i = 0; i < MT_NR_CONTENTS && left; i++) {
		u64 blocks = min(left, mt_page_evidence_share(group, group->contents[i]));

		snprintf(words, sizeof(words), "%s, %s", shape_of(group), content_words[i]);
		add_unowned(report, group, blocks << group->order, exact, words);
		left -= blocks;
	}
	snprintf(words, sizeof(words), "%s, not read", shape_of(group));
	add_unowned(report, group, left << group->order, exact, words);
}

static void add_packets(const struct report *report, const struct mt_page_group *group)
{
	const struct mt_page_packets *packets = report->packets;
	enum mt_packet_kind most = packets->nr[MT_PACKET_FCLONE] > packets->nr[MT_PACKET_HEAD] ?
				   MT_PACKET_FCLONE : MT_PACKET_HEAD;
	bool whole = !packets->cut && !packets->error;
	char owner[OWNER_NAME], evidence[EVIDENCE], others[EVIDENCE / 2] = "";
	u64 more = packets->nr[!most];

	if (more)
		snprintf(others, sizeof(others), ", %llu of %s", more,
			 mt_page_packet_cache(!most));
	snprintf(owner, sizeof(owner), "packets:%s", mt_page_packet_cache(most));
	snprintf(evidence, sizeof(evidence), "fragments of packets: %s%llu of %s%s have some; %s",
		 whole ? "" : "at least ", packets->nr[most], mt_page_packet_cache(most), others,
		 shape_of(group));
	add_row(report, group, group->blocks << group->order, whole, owner, evidence);
}

/* Slab counts it, and no cache shows it: whose it is belongs here, though it is no ghost. */
static void say_large_kmalloc(const struct report *report, struct mt_page_evidence *all, u32 which)
{
	const struct mt_page_group *group = &all->groups[which];
	const struct mt_page_proof *proof;
	char evidence[EVIDENCE];

	while ((proof = mt_page_evidence_next(all, which))) {
		bool exact = proof->exact && report->seen == report->blocks;

		say_proof(evidence, group, proof);
		mt_snapshot_print(report->snap, "large kmalloc: %s%lld kB of %s: %s",
				  exact ? "" : "~",
				  PAGES_TO_KB((s64)proof->blocks << group->order), proof->module,
				  evidence);
	}
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
	if (census->pcp_error)
		mt_snapshot_remark(snap, "per-CPU free lists moved: raw blocks may be smaller");
	if (census->packets.cut)
		mt_snapshot_remark(snap, "no time for all packets: ghosts may be theirs");
	else if (census->packets.error)
		mt_snapshot_remark(snap, "packets were not seen (error %d): ghosts may be theirs",
				   census->packets.error);
	if (mt_page_owner_is_traced())
		mt_snapshot_print(snap,
				  "page_owner is on: /sys/kernel/debug/page_owner has the stacks");
	if (mt_page_owner_is_profiled())
		mt_snapshot_print(snap,
				  "allocation profiling is on: /proc/allocinfo has the lines");
	if (!report->before && mt_baseline_get()->taken_ns)
		mt_snapshot_remark(snap, "no baseline of the load");
}

static void report_all(struct mt_snapshot *snap, struct mt_page_evidence *all,
		       const struct mt_page_census *pages)
{
	struct report report = {
		.snap = snap,
		.before = find_before(),
		.blocks = pages->blocks,
		.seen = pages->seen,
		.packets = &pages->packets,
	};
	unsigned int i;

	for (i = 0; report.before && i < report.before->nr_rows; i++)
		report.before_sampled |= mt_snapshot_row(report.before, i)->certainty != MT_EXACT;
	mt_page_evidence_scale(all, pages->seen, pages->blocks);
	for (i = 0; i < all->nr_groups; i++) {
		if (all->groups[i].packets)
			add_packets(&report, &all->groups[i]);
		else if (all->groups[i].class == MT_PAGE_GHOST)
			add_ghosts(&report, all, i);
		else if (all->groups[i].class == MT_PAGE_LARGE_KMALLOC)
			say_large_kmalloc(&report, all, i);
		else
			add_known(&report, &all->groups[i]);
	}
	add_row(&report, NULL, all->other, true, NULL, "(more kinds of blocks)");
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
		report_all(snap, survey->evidence, &survey->census);
		mt_page_evidence_free(survey->evidence);
		survey->evidence = NULL;
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
			.loses = "owners in the kernel itself, or whose variable holds a block",
		},
		{
			.any_of = { &mt_image_modules_table },
			.loses = "owners whose variable holds a block",
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
			.any_of = { &mt_packet_hotdata_table, &mt_packet_cache_table },
			.loses = "which pages are fragments of packets",
			.may_be_absent = true,
		},
		{
			.any_of = { &mt_slab_object_table },
			.loses = "which pages are fragments of packets",
		},
		{
			.any_of = { &mt_page_trace_table },
			.loses = "whether page_owner or allocation profiling is on",
			.may_be_absent = true,
		},
		{
			.any_of = { &mt_page_depot_table },
			.loses = "pools of the stack depot, where their table is no array",
			.may_be_absent = true,
		},
	},
	.collect = collect,
};
