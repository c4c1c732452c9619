// SPDX-License-Identifier: GPL-2.0
/*
 * page.c - knows how to walk over the memory map, so that each page is seen once.
 *
 * The map is walked in stretches as large as the page allocator's largest block: no raw block
 * crosses from one into another. Free blocks and compound pages are stepped over by their order.
 * With a budget the stretches are visited in a scattered order, and what was seen is scaled up.
 *
 * A block of more than one page that was allocated without __GFP_COMP has a reference count on its
 * first page only; the others look as if they were free on a per-CPU list. Those that are on such
 * a list are known (page_claim.c), so the longest aligned run of the others behind a page in use
 * is that page's block.
 *
 * Locking: the fence's semaphore, for one stretch at a time. Nothing of the kernel's.
 * Consistency: a page that changes hands during the walk may be seen in its old or its new place;
 * the sum of all classes is the number of online pages in any case.
 */
#include "access/page.h"

#include <linux/errno.h>
#include <linux/gcd.h>
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "access/account.h"
#include "access/image_layout.h"
#include "access/page_claim.h"
#include "access/page_fence.h"
#include "access/page_layout.h"
#include "access/page_look.h"
#include "access/page_memmap.h"
#include "access/vmstat.h"
#include "memory.h"

#define STRETCH		((unsigned long)MAX_ORDER_NR_PAGES)

/* Blocks of large kmalloc are at least as large. */
#define KMALLOC_ORDER	(ilog2(KMALLOC_MAX_CACHE_SIZE) + 1 - PAGE_SHIFT)

/* struct frames - page frames from @start to before @end */
struct frames {
	unsigned long start;
	unsigned long end;
};

#define CRASH_RANGES	4

/**
 * struct mt_page_walk - one walk
 * @census: what it fills
 * @claims: who claims what
 * @fence: see there
 * @visit: takes the blocks that no counter shows, and those of large kmalloc; or NULL
 * @arg: for @visit
 * @kernel: the kernel's image
 * @crash: memory for the crash kernel
 * @nr_crash: how many ranges
 * @first_chunk: pages of a unit of the first percpu chunk, 0 if unknown
 * @first_base: the address of its first unit
 * @first_offset: what the per-CPU offset of that unit's CPU is
 */
struct mt_page_walk {
	struct mt_page_census *census;
	struct mt_page_claims claims;
	struct mt_page_fence fence;
	mt_page_visit_t visit;
	void *arg;
	struct frames kernel;
	struct frames crash[CRASH_RANGES];
	unsigned int nr_crash;
	unsigned long first_chunk;
	unsigned long first_base;
	unsigned long first_offset;
};

/* Is it in? And if so, or if it lies before, so do those up to @end, at most. */
static bool is_in(const struct frames *range, unsigned long pfn, unsigned long *end)
{
	if (pfn < range->start) {
		*end = min(*end, range->start);
		return false;
	}
	if (pfn >= range->end)
		return false;
	*end = min(*end, range->end);
	return true;
}

static bool is_first_chunk(const struct mt_page_walk *walk, unsigned long pfn, unsigned long *end)
{
	unsigned long address;
	bool is = false;
	int cpu;

	if (!walk->first_chunk)
		return false;
	address = (unsigned long)pfn_to_kaddr(pfn);
	for_each_possible_cpu(cpu) {
		unsigned long unit = walk->first_base + per_cpu_offset(cpu) - walk->first_offset;
		struct frames frames = { .start = pfn };

		/* a chunk that is mapped elsewhere is nowhere near */
		if (unit > address)
			frames.start += DIV_ROUND_UP(unit - address, PAGE_SIZE);
		else
			frames.start -= (address - unit) / PAGE_SIZE;
		frames.end = frames.start + walk->first_chunk;
		is |= is_in(&frames, pfn, end);
	}
	return is;
}

/* What boot reserved it for, as far as it can be told; those before @end are alike. */
static enum mt_page_class class_of_reserved(const struct mt_page_walk *walk, unsigned long pfn,
					    unsigned long *end)
{
	bool is_crash = false;
	unsigned int i;

	if (is_in(&walk->kernel, pfn, end))
		return MT_PAGE_KERNEL;
	for (i = 0; i < walk->nr_crash; i++)
		is_crash |= is_in(&walk->crash[i], pfn, end);
	if (is_crash)
		return MT_PAGE_CRASH;
	return is_first_chunk(walk, pfn, end) ? MT_PAGE_PERCPU_FIRST : MT_PAGE_RESERVED;
}

/* Whose first page is in use, and whose others, if there are any, look free. */
static bool may_be_raw(enum mt_page_class class)
{
	return mt_page_is_uncounted(class) || class == MT_PAGE_TABLE || class == MT_PAGE_MEMMAP;
}

/* The order of the raw block that a page begins; all of it has the same mark, or only the page. */
static unsigned int raw_order(struct mt_page_walk *walk, struct page *page, unsigned long pfn,
			      unsigned long end, enum mt_page_mark mark)
{
	unsigned long nr = 1;
	unsigned int order = 0;

	while (order < MT_PAGE_ORDER_MAX && IS_ALIGNED(pfn, BIT(order + 1)) &&
	       pfn + BIT(order + 1) <= end) {
		for (; nr < BIT(order + 1); nr++) {
			unsigned int tail = mt_page_marks_get(&walk->claims.marks, pfn + nr);

			if (!mt_page_look_is_zero(page + nr) ||
			    (tail != MT_MARK_NONE && (tail != mark || tail <= MT_MARK_PCP)))
				return order;
		}
		order++;
	}
	return order;
}

static void count(struct mt_page_walk *walk, struct mt_page_zone *zone,
		  const struct mt_page_block *block, unsigned long nr)
{
	zone->pages[block->class] += nr;
	if (block->compound && block->order >= KMALLOC_ORDER) {
		if (block->class == MT_PAGE_GHOST)
			walk->census->kmalloc_like += nr;
		else if (block->class == MT_PAGE_CHARGED)
			walk->census->kmalloc_like_charged += nr;
	}
	if (walk->visit && (mt_page_is_uncounted(block->class) ||
			    block->class == MT_PAGE_LARGE_KMALLOC))
		walk->visit(block, walk->arg);
}

/* The pages from @pfn on that are of one kind: how many, at most up to @end. */
static unsigned long walk_block(struct mt_page_walk *walk, struct mt_page_zone *zone,
				struct page *page, unsigned long pfn, unsigned long end)
{
	enum mt_page_mark mark = mt_page_marks_get(&walk->claims.marks, pfn);
	struct mt_page_block block = { .page = page, .pfn = pfn, .nid = zone->nid };
	unsigned long alike = end;
	struct mt_page_look look;
	unsigned long nr = 1;

	if (PageTail(page)) {
		/* of a block that began in a stretch before: a huge page */
		struct page *head = compound_head(page);
		unsigned long into = pfn - page_to_pfn(head);

		mt_page_look_at(&look, head, MT_MARK_NONE);
		if (into < BIT(look.order))
			nr = BIT(look.order) - into;
	} else {
		mt_page_look_at(&look, page, mark);
		if (look.class == MT_PAGE_RESERVED)
			look.class = class_of_reserved(walk, pfn, &alike);
		if (!look.is_block && !look.is_zero && may_be_raw(look.class))
			look.order = raw_order(walk, page, pfn, end, mark);
		nr = BIT(look.order);
	}
	block.order = look.order;
	block.class = look.class;
	block.compound = look.is_block;
	block.packets = mark == MT_MARK_PACKET;
	if (mark >= MT_MARK_MAPPED)
		block.mapper = walk->claims.mappers[mark - MT_MARK_MAPPED];
	nr = min(nr, end - pfn);
	count(walk, zone, &block, nr);
	return nr;
}

/* Reserved pages from @pfn on: how many. */
static unsigned long walk_reserved(const struct mt_page_walk *walk, struct mt_page_zone *zone,
				   const struct page *page, unsigned long pfn, unsigned long end)
{
	unsigned long reserved_end = pfn + mt_page_look_reserved(page, end - pfn);
	unsigned long at = pfn;

	while (at < reserved_end) {
		unsigned long alike = reserved_end;
		enum mt_page_class class = class_of_reserved(walk, at, &alike);

		zone->pages[class] += alike - at;
		at = alike;
	}
	return at - pfn;
}

static bool is_of_zone(const struct page *page, struct zone *zone)
{
	return page_zonenum(page) == zone_idx(zone) && page_to_nid(page) == zone_to_nid(zone);
}

static void walk_stretch(struct mt_page_walk *walk, struct zone *zone, struct mt_page_zone *counts,
			 unsigned long pfn, unsigned long end)
{
	down_read(&walk->fence.rwsem);
	while (pfn < end) {
		unsigned long run_end = pfn;
		bool whole;

		/* a block is online as a whole, and holes have no struct pages */
		while (run_end < end && mt_page_fence_page(run_end))
			run_end = min(ALIGN(run_end + 1, MT_PAGE_FENCE_UNIT), end);
		whole = run_end > pfn && is_of_zone(pfn_to_page(pfn), zone) &&
			is_of_zone(pfn_to_page(run_end - 1), zone);
		while (pfn < run_end) {
			struct page *page = pfn_to_page(pfn);
			unsigned long nr = 0;

			if (whole)
				nr = mt_page_look_many(page, pfn, run_end - pfn,
						       &walk->claims.marks, counts->pages) ?:
				     walk_reserved(walk, counts, page, pfn, run_end);
			if (!nr)
				nr = whole || is_of_zone(page, zone) ?
				     walk_block(walk, counts, page, pfn, run_end) : 1;
			pfn += nr;
		}
		if (pfn < end)
			pfn = min(ALIGN(pfn + 1, MT_PAGE_FENCE_UNIT), end);
	}
	up_read(&walk->fence.rwsem);
}

/* Neighbours are alike, so a part of the stretches is taken from everywhere. */
static u64 scattered(u64 i, u64 nr)
{
	u64 step = nr * 5 / 8 | 1;

	while (gcd(step, nr) != 1)
		step += 2;
	return i * step % nr;
}

static u64 nr_stretches(struct zone *zone)
{
	unsigned long first = zone->zone_start_pfn / STRETCH;

	return DIV_ROUND_UP(zone_end_pfn(zone), STRETCH) - first;
}

static void walk_zone(struct mt_page_walk *walk, struct zone *zone, struct mt_page_zone *counts,
		      u64 until_ns)
{
	unsigned long start_pfn = zone->zone_start_pfn;
	unsigned long end_pfn = zone_end_pfn(zone);
	u64 i;

	counts->blocks = nr_stretches(zone);
	for (i = 0; i < counts->blocks; i++) {
		u64 stretch = until_ns ? scattered(i, counts->blocks) : i;
		unsigned long pfn = (start_pfn / STRETCH + stretch) * STRETCH;

		walk_stretch(walk, zone, counts, max(pfn, start_pfn), min(pfn + STRETCH, end_pfn));
		counts->seen++;
		cond_resched();
		if (fatal_signal_pending(current)) {
			walk->census->error = -EINTR;
			return;
		}
		if (until_ns && ktime_get_ns() > until_ns)
			return;
	}
}

static void scale(struct mt_page_zone *zone)
{
	unsigned int class;

	for (class = 0; zone->seen && class < MT_NR_PAGE_CLASSES; class++)
		zone->pages[class] = div64_u64(zone->pages[class] * zone->blocks, zone->seen);
}

/* Each zone gets its share of the time, by its size. */
static void walk_zones(struct mt_page_walk *walk, u64 budget_ns)
{
	struct mt_page_census *census = walk->census;
	u64 left = 0;
	unsigned int n, class;
	int nid, i;

	for_each_online_node(nid) {
		for (i = 0; i < MAX_NR_ZONES; i++) {
			if (populated_zone(&NODE_DATA(nid)->node_zones[i]))
				left += nr_stretches(&NODE_DATA(nid)->node_zones[i]);
		}
	}
	n = 0;
	for_each_online_node(nid) {
		for (i = 0; i < MAX_NR_ZONES && n < census->nr_zones; i++) {
			struct zone *zone = &NODE_DATA(nid)->node_zones[i];
			struct mt_page_zone *counts = &census->zones[n];
			u64 started_ns = ktime_get_ns();
			u64 share_ns = 0;

			if (!populated_zone(zone))
				continue;
			counts->nid = nid;
			counts->name = zone->name;
			counts->managed = zone_managed_pages(zone);
			if (budget_ns)
				share_ns = div64_u64(budget_ns * nr_stretches(zone),
						     max_t(u64, left, 1));
			if (!census->error)
				walk_zone(walk, zone, counts,
					  share_ns ? started_ns + share_ns : 0);
			left -= min(left, nr_stretches(zone));
			budget_ns -= min(budget_ns, ktime_get_ns() - started_ns);
			if (share_ns && !budget_ns)
				budget_ns = 1;
			census->managed += counts->managed;
			census->blocks += counts->blocks;
			census->seen += counts->seen;
			if (counts->seen < counts->blocks)
				scale(counts);
			for (class = 0; class < MT_NR_PAGE_CLASSES; class++)
				census->pages[class] += counts->pages[class];
			n++;
		}
	}
}

static int add_crash_range(struct resource *resource, void *arg)
{
	struct mt_page_walk *walk = arg;

	if (walk->nr_crash < CRASH_RANGES)
		walk->crash[walk->nr_crash++] = (struct frames) {
			.start = PHYS_PFN(resource->start),
			.end = PHYS_PFN(resource->end) + 1,
		};
	return 0;
}

static void find_reserved(struct mt_page_walk *walk)
{
	unsigned long first_offset = ULONG_MAX;
	int cpu;

	if (mt_kernel_image_table.state == MT_RELO_READY &&
	    mt_image_table.state == MT_RELO_READY) {
		walk->kernel.start = PHYS_PFN(__pa_symbol(mt_sym_text));
		walk->kernel.end = PHYS_PFN(__pa_symbol(mt_sym_bss_stop) + PAGE_SIZE - 1);
	}
	walk_iomem_res_desc(IORES_DESC_CRASH_KERNEL, IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY, 0,
			    -1, walk, add_crash_range);
	for_each_possible_cpu(cpu)
		first_offset = min(first_offset, (unsigned long)per_cpu_offset(cpu));
	walk->first_offset = first_offset;
	if (!mt_account_percpu_first(&walk->first_base, &walk->first_chunk))
		walk->first_chunk = 0;
}

/* Struct pages of the memory that was there at boot are in reserved memory, section by section. */
static u64 memmap_pages(struct zone *zone)
{
#if defined(CONFIG_SPARSEMEM_VMEMMAP)
	unsigned long pfn = ALIGN_DOWN(zone->zone_start_pfn, PAGES_PER_SECTION);
	u64 pages = 0;

	for (; pfn < zone_end_pfn(zone); pfn += PAGES_PER_SECTION) {
		struct mem_section *section = __pfn_to_section(pfn);
		unsigned long start = max(pfn, zone->zone_start_pfn);
		unsigned long end = min(pfn + PAGES_PER_SECTION, zone_end_pfn(zone));

		if (section && early_section(section))
			pages += (end - start) * sizeof(struct page) / PAGE_SIZE;
	}
	return pages;
#else
	return 0;
#endif
}

static int find_zones(struct mt_page_census *census)
{
	struct mt_page_memmap_outside outside;
	int nid, i;

	/* what was plugged in may begin with its own */
	if (mt_page_memmap_outside(&outside))
		census->memmap += outside.reserved;

	for_each_online_node(nid) {
		for (i = 0; i < MAX_NR_ZONES; i++) {
			struct zone *zone = &NODE_DATA(nid)->node_zones[i];

			if (!populated_zone(zone))
				continue;
			census->nr_zones++;
			census->memmap += memmap_pages(zone);
		}
	}
	census->zones = mt_memory_zalloc(census->nr_zones * sizeof(*census->zones));
	return census->zones ? 0 : -ENOMEM;
}

/**
 * mt_page_census_take() - put every online page into its class
 * @census: gets it
 * @budget_ns: what it may take; 0 for a walk over all of memory
 * @visit: takes the blocks that no counter shows, and those of large kmalloc; or NULL
 * @arg: handed to @visit
 *
 * Context: process context, no lock held, may sleep. Takes the kernel's vmap locks, one chunk of
 * areas at a time.
 * Return: 0, also for a walk that was broken off or saw a part (see @census); -errno if there was
 * none.
 */
int mt_page_census_take(struct mt_page_census *census, u64 budget_ns, mt_page_visit_t visit,
			void *arg)
{
	u64 started_ns = ktime_get_ns();
	struct mt_page_walk *walk;
	int err;

	memset(census, 0, sizeof(*census));
	walk = mt_memory_zalloc(sizeof(*walk));
	if (!walk)
		return -ENOMEM;
	walk->census = census;
	walk->visit = visit;
	walk->arg = arg;
	err = find_zones(census);
	if (err)
		goto err_free;
	err = mt_page_fence_put_up(&walk->fence);
	if (err)
		goto err_drop;
	find_reserved(walk);
	/* the walk gets the other half, and what the claims leave */
	err = mt_page_claims_init(&walk->claims, &walk->fence,
				  budget_ns ? started_ns + budget_ns / 2 : 0, visit);
	if (err)
		goto err_fence;
	if (budget_ns)
		budget_ns -= min(budget_ns - 1, ktime_get_ns() - started_ns);
	walk_zones(walk, budget_ns);
	census->pcp_count = mt_vmstat_pcp();
	census->lost_marks = walk->claims.marks.nr_lost;
	census->vmap_error = walk->claims.vmap_error;
	census->pcp_error = walk->claims.pcp_error;
	census->packets = walk->claims.packets;
	mt_page_fence_take_down(&walk->fence);
	census->moved = walk->fence.moved;
	/* memory of the walk was counted: it stays until the counters were read */
	census->walk = walk;
	return 0;

err_fence:
	mt_page_fence_take_down(&walk->fence);
err_drop:
	mt_memory_free(census->zones);
err_free:
	mt_memory_free(walk);
	return err;
}

/**
 * mt_page_census_settle() - give back what only the walk needed
 * @census: the census, which can still be read
 *
 * When the kernel's counters were read: the walk's own memory is in both.
 *
 * Context: process context, may sleep.
 */
void mt_page_census_settle(struct mt_page_census *census)
{
	if (!census->walk)
		return;
	mt_page_claims_destroy(&census->walk->claims);
	mt_memory_free(census->walk);
	census->walk = NULL;
}

/**
 * mt_page_census_drop() - give back what a census holds
 * @census: the census
 *
 * Context: process context, may sleep.
 */
void mt_page_census_drop(struct mt_page_census *census)
{
	mt_page_census_settle(census);
	mt_memory_free(census->zones);
	census->zones = NULL;
}
