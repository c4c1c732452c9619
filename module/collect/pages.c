// SPDX-License-Identifier: GPL-2.0
/*
 * pages.c - the report of the census: every online page in exactly one class.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "access/account_layout.h"
#include "access/books.h"
#include "access/image_layout.h"
#include "access/page.h"
#include "access/page_layout.h"
#include "access/vmap_layout.h"
#include "access/vmstat.h"
#include "ledger.h"
#include "memory.h"
#include "page_check.h"
#include "snapshot.h"
#include "survey.h"

#define PAGES_TO_KB(_pages) ((_pages) * (s64)(PAGE_SIZE / 1024))

/*
 * struct result - a census beside the books
 * @own: the walk, unless others share it
 * @census: of the walk
 * @ledger: the books, as they stood after it
 * @pages: by class
 * @offline_out: of MT_PAGE_OFFLINE, those that have left MemTotal
 * @memmap: of MT_PAGE_RESERVED, the memory map itself, by its size
 * @residual: managed pages that were in no class; negative if there were more
 * @seen: how certain a count is
 */
struct result {
	struct mt_survey own;
	const struct mt_page_census *census;
	struct mt_ledger ledger;
	struct mt_vmstat vmstat;
	s64 pages[MT_NR_PAGE_CLASSES];
	s64 offline_out;
	s64 memmap;
	s64 residual;
	enum mt_certainty seen;
};

/* Pages that may be large kmalloc, of all of memory. */
static s64 alike(const struct result *result, u64 seen)
{
	return div64_u64(seen * result->census->blocks, max_t(u64, result->census->seen, 1));
}

/*
 * Where large kmalloc leaves no mark, it is what Slab counts beyond the slabs: unmarked compound
 * blocks, of which there must be as many. Those that are charged to a cgroup may as well be an
 * io_uring's, so they come last.
 */
static void find_large_kmalloc(struct result *result)
{
	s64 pages = result->ledger.pages[MT_SLAB_RECLAIMABLE] +
		    result->ledger.pages[MT_SLAB_UNRECLAIMABLE] - result->pages[MT_PAGE_SLAB];
	s64 *ghost = &result->pages[MT_PAGE_GHOST];
	s64 *charged = &result->pages[MT_PAGE_CHARGED];
	s64 of_ghost = clamp_t(s64, pages, 0,
			       min(alike(result, result->census->kmalloc_like), *ghost));
	s64 of_charged = clamp_t(s64, pages - of_ghost, 0,
				 min(alike(result, result->census->kmalloc_like_charged),
				     *charged));

	*ghost -= of_ghost;
	*charged -= of_charged;
	result->pages[MT_PAGE_LARGE_KMALLOC] = of_ghost + of_charged;
}

static bool is_unheard(const struct mt_page_census *census)
{
	return census->vmap_error || census->lost_marks;
}

/* What a counter says beyond @counted is among the ghosts, and in @class from now on. */
static void take_from_ghost(struct result *result, enum mt_account account, s64 counted,
			    enum mt_page_class class)
{
	s64 pages = clamp_t(s64, result->ledger.pages[account] - counted, 0,
			    result->pages[MT_PAGE_GHOST]);

	if (!result->ledger.known[account])
		return;
	result->pages[MT_PAGE_GHOST] -= pages;
	result->pages[class] += pages;
}

/* Without all who claim pages the counters are the only witness. */
static void find_unheard(struct result *result)
{
	s64 vmalloc = 0;
	unsigned int class;

	if (!is_unheard(result->census))
		return;
	for (class = MT_PAGE_VMALLOC; class <= MT_PAGE_VMALLOC_USER; class++)
		vmalloc += result->pages[class];
	take_from_ghost(result, MT_VMALLOC, vmalloc, MT_PAGE_VMALLOC);
	take_from_ghost(result, MT_PERCPU, result->pages[MT_PAGE_PERCPU], MT_PAGE_PERCPU);
}

/* Pages that are not reserved are managed, but for those that a balloon took out of MemTotal. */
static void find_residual(struct result *result)
{
	s64 pages = 0;
	unsigned int class;

	for (class = 0; class < MT_NR_PAGE_CLASSES; class++) {
		if (!mt_page_is_reserved(class))
			pages += result->pages[class];
	}
	result->offline_out = clamp_t(s64, pages - (s64)result->census->managed, 0,
				      result->pages[MT_PAGE_OFFLINE]);
	result->residual = result->census->managed - (pages - result->offline_out);
}

static void add_class(struct mt_snapshot *snap, s64 pages, enum mt_certainty certainty,
		      const char *managed, const char *name)
{
	struct mt_cell cells[] = {
		mt_number(PAGES_TO_KB(pages), certainty),
		mt_number(pages, certainty),
		mt_text(managed),
		mt_text(name),
	};

	mt_snapshot_add(snap, cells);
}

/* Not all who claim pages were heard: vmalloc and percpu have more, and nobody has less. */
static bool may_be_claimed(const struct result *result, enum mt_page_class class)
{
	return is_unheard(result->census) &&
	       (mt_page_is_uncounted(class) ||
		(class >= MT_PAGE_VMALLOC && class <= MT_PAGE_MEMMAP));
}

static enum mt_certainty certainty_of(const struct result *result, enum mt_page_class class)
{
	if (may_be_claimed(result, class) && mt_page_is_told(class))
		return MT_ESTIMATE;
	if (class == MT_PAGE_CHARGED && result->census->kmalloc_like_charged &&
	    !mt_page_is_told(MT_PAGE_LARGE_KMALLOC))
		return MT_ESTIMATE;
	if (mt_page_is_told(class) && class != MT_PAGE_GHOST)
		return result->seen;
	if (class == MT_PAGE_LARGE_KMALLOC)
		return MT_ESTIMATE;
	if (class != MT_PAGE_GHOST)
		return MT_UNKNOWN;
	return mt_page_is_told(MT_PAGE_LARGE_KMALLOC) ? result->seen : MT_ESTIMATE;
}

static void add_classes(struct mt_snapshot *snap, const struct result *result)
{
	unsigned int class;

	for (class = 0; class < MT_NR_PAGE_CLASSES; class++) {
		bool reserved = mt_page_is_reserved(class);
		s64 pages = result->pages[class];

		if (class == MT_PAGE_OFFLINE) {
			add_class(snap, result->offline_out, result->seen, "n",
				  mt_page_class_name(class));
			pages -= result->offline_out;
		}
		if (class == MT_PAGE_RESERVED) {
			add_class(snap, result->memmap, MT_ESTIMATE, "n", "reserved_memmap");
			add_class(snap, pages - result->memmap,
				  result->memmap ? MT_ESTIMATE : result->seen, "n",
				  mt_page_class_name(class));
			continue;
		}
		add_class(snap, pages, certainty_of(result, class), reserved ? "n" : "y",
			  mt_page_class_name(class));
	}
}

static void print_zones(struct mt_snapshot *snap, const struct result *result)
{
	const char *about = result->seen == MT_ESTIMATE ? "~" : "";
	unsigned int i, class;

	for (i = 0; i < result->census->nr_zones; i++) {
		const struct mt_page_zone *zone = &result->census->zones[i];
		char line[512];
		int used = 0;

		for (class = 0; class < MT_NR_PAGE_CLASSES; class++) {
			if (zone->pages[class] && used < (int)sizeof(line))
				used += snprintf(line + used, sizeof(line) - used, " %s %s%lld",
						 mt_page_class_name(class), about,
						 PAGES_TO_KB((s64)zone->pages[class]));
		}
		mt_snapshot_print(snap, "node %d zone %s: managed %lld kB:%s", zone->nid,
				  zone->name, PAGES_TO_KB((s64)zone->managed), used ? line : "");
	}
}

static void print_checks(struct mt_snapshot *snap, const struct result *result)
{
	const char *about = result->seen == MT_ESTIMATE || is_unheard(result->census) ? "~" : "";
	struct mt_page_check check;
	unsigned int i;

	for (i = 0; i < MT_PAGE_CHECKS; i++) {
		if (mt_page_check(&check, i, &result->ledger, result->pages))
			mt_snapshot_print(snap,
					  "check %s: counter %lld kB, counted %s%lld kB, difference %s%lld kB",
					  check.name, PAGES_TO_KB(check.counter), about,
					  PAGES_TO_KB(check.counted), about,
					  PAGES_TO_KB(check.counter - check.counted));
	}
}

static void tell_state(struct mt_snapshot *snap, const struct result *result)
{
	const struct mt_page_census *census = result->census;

	if (census->seen < census->blocks)
		mt_snapshot_remark(snap, "saw %llu %% of memory, scaled up",
				   div64_u64(census->seen * 100, census->blocks));
	else if (result->residual)
		mt_snapshot_partial(snap,
				    "residual %lld pages: MemTotal moved, or a driver reserved pages",
				    result->residual);
	if (census->error)
		mt_snapshot_partial(snap, "the walk was broken off (error %d)", census->error);
	if (census->moved)
		mt_snapshot_partial(snap, "memory was plugged or unplugged meanwhile");
	if (census->vmap_error == -ETIME)
		mt_snapshot_partial(snap, "no time to read all vmalloc areas");
	else if (census->vmap_error)
		mt_snapshot_partial(snap, "not all vmalloc areas were read (error %d)",
				    census->vmap_error);
	if (census->lost_marks)
		mt_snapshot_partial(snap, "no room to mark %llu pages of vmalloc",
				    census->lost_marks);
	if (is_unheard(census))
		mt_snapshot_remark(snap,
				   "vmalloc and percpu have of the ghosts what their counters lack");
	if (census->pcp_error)
		mt_snapshot_remark(snap,
				   "per-CPU lists %s: free_pcp is told from reference counts",
				   census->pcp_error == -ETIME ? "took too long" : "moved");
}

static int take(struct result *result, struct mt_survey *survey, u64 budget_ns)
{
	const struct mt_page_census *census = &survey->census;
	unsigned int class;
	int err;

	err = mt_survey_take(survey, budget_ns, false);
	if (err)
		return err;
	mt_books_read(&result->ledger, &result->vmstat);
	mt_page_census_settle(&survey->census);
	result->census = census;
	result->seen = census->seen < census->blocks ? MT_ESTIMATE : MT_EXACT;
	for (class = 0; class < MT_NR_PAGE_CLASSES; class++)
		result->pages[class] = census->pages[class];
	result->memmap = min_t(s64, census->memmap, result->pages[MT_PAGE_RESERVED]);
	if (!mt_page_is_told(MT_PAGE_LARGE_KMALLOC))
		find_large_kmalloc(result);
	find_unheard(result);
	find_residual(result);
	return 0;
}

static int collect(struct mt_snapshot *snap)
{
	struct result *result = mt_memory_zalloc(sizeof(*result));
	int err;

	if (!result)
		return -ENOMEM;
	err = take(result, snap->survey ?: &result->own, snap->budget_ns);
	if (!err) {
		add_classes(snap, result);
		tell_state(snap, result);
		print_checks(snap, result);
		print_zones(snap, result);
	}
	mt_survey_drop(&result->own);
	mt_memory_free(result);
	return err;
}

static const struct mt_column columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "pages", .type = MT_NUMBER, .sum = true },
	{ .name = "managed", .type = MT_WORD },
	{ .name = "class", .type = MT_WORD },
};

const struct mt_collector mt_pages_collector = {
	.name = "pages",
	.form = MT_FORM_TABLE,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.needs = {
		{
			.any_of = { &mt_vmap_node_table, &mt_vmap_tree_table },
			.loses = "which pages are vmalloc's and percpu's: they look like ghosts",
		},
		{
			.any_of = { &mt_percpu_table },
			.loses = "the pages of the first percpu chunk: they are in reserved",
		},
		{
			.any_of = { &mt_kernel_image_table },
			.loses = "the pages of the kernel's image: they are in reserved",
		},
		{
			.any_of = { &mt_image_table },
			.loses = "the pages of the kernel's image: they are in reserved",
		},
		{
			.any_of = { &mt_vmap_pack_table },
			.loses = "which pages of code are BPF's: they look like modules'",
			.may_be_absent = true,
		},
	},
	.collect = collect,
};
