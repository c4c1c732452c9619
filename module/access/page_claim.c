// SPDX-License-Identifier: GPL-2.0
/*
 * page_claim.c - knows who owns pages without a mark in struct page: vmalloc, percpu, the memory
 * map, the per-CPU free lists, packets; and who mapped those that nobody owns.
 *
 * Locking: the kernel's vmap locks, one chunk of areas at a time; the per-CPU lists are walked
 * without the lock that guards them, which is the page allocator's own.
 * Consistency: a moment before the walk over the memory map, which believes a mark only of a page
 * that struct page does not tell apart. A list that moves under us leads elsewhere; it is left as
 * soon as a page on it is not free.
 */
#include "access/page_claim.h"

#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/percpu.h>
#include <linux/pageblock-flags.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/time64.h>
#include <linux/vmalloc.h>

#include "access/page_fence.h"
#include "access/page_look.h"
#include "access/page_memmap.h"
#include "access/page_packet.h"
#include "access/vmap.h"
#include "access/vmap_kind.h"
#include "introspect/kread.h"
#include "introspect/ksym.h"
#include "memory.h"

/* Pointers to pages that are read at once. */
#define BATCH		MT_VMAP_PAGES

/* Areas between two looks at the clock. */
#define CLOCK_AREAS	16

/* Of a list, pages that may be on another one as well: moved meanwhile. More is a circle. */
#define PCP_AGAIN	256

/* How often a list that moves is walked from its head. */
#define PCP_TRIES	4

/* Pages of lists that are looked at under the fence at once. */
#define HOLD		1024

/* Callers of vmalloc whose kind is remembered. */
#define KIND_BITS	8

/* Blocks on per-CPU lists that are followed: 12 % of a terabyte would take seconds. */
#define PCP_MAX		BIT(18)

/* What a search for packets may take that has all the time of its reader. */
#define PACKET_NS	(10ULL * NSEC_PER_SEC)

/* Callers of vmap() that are weighed. */
#define MAPPERS		32

/* struct mapper - pages that one caller mapped by vmap() */
struct mapper {
	unsigned long caller;
	u64 pages;
};

/* struct caller_mark - the mark for the areas of one caller */
struct caller_mark {
	unsigned long caller;
	enum mt_page_mark mark;
};

/**
 * struct mt_page_claim - the work
 * @claims: what it fills
 * @until_ns: when to break off, 0 never
 * @fence: the walk's
 * @online: stretches of MT_PAGE_FENCE_UNIT pages that were found to be online, a bit each
 * @nr_stretches: bits
 * @nr_areas: areas seen
 * @pages: pointers, as read, or page frames
 * @callers: a hash table, one entry each
 * @mappers: callers of vmap()
 * @nr_mappers: how many
 */
struct mt_page_claim {
	struct mt_page_claims *claims;
	u64 until_ns;
	struct mt_page_fence *fence;
	unsigned long *online;
	unsigned long nr_stretches;
	unsigned long nr_areas;
	unsigned long pages[BATCH];
	struct caller_mark callers[BIT(KIND_BITS)];
	struct mapper mappers[MAPPERS];
	unsigned int nr_mappers;
};

/* A word that should point to a struct page: its page frame, or ULONG_MAX. */
static unsigned long pfn_of(const struct mt_page_claims *claims, unsigned long pointer)
{
	unsigned long pfn = mt_page_fence_pfn(pointer);

	return pfn < claims->end_pfn ? pfn : ULONG_MAX;
}

static const enum mt_page_mark mark_of_kind[] = {
	[MT_KIND_VMALLOC] = MT_MARK_VMALLOC,
	[MT_KIND_VMAP] = MT_MARK_VMAP,
	[MT_KIND_IOREMAP] = MT_MARK_NONE,
	[MT_KIND_STACK] = MT_MARK_STACK,
	[MT_KIND_MODULE] = MT_MARK_MODULE,
	[MT_KIND_BPF] = MT_MARK_BPF,
	[MT_KIND_PERCPU] = MT_MARK_PERCPU,
	[MT_KIND_USER] = MT_MARK_USER,
	[MT_KIND_OTHER] = MT_MARK_VMALLOC,
};

/* Names are dear on old kernels, and callers are few. */
static enum mt_page_mark mark_of(struct mt_page_claim *claim, const struct mt_vmap_area *area)
{
	struct caller_mark *caller = &claim->callers[hash_long(area->caller, KIND_BITS)];
	char name[128], module[64];

	if (area->use != MT_VMAP_ALLOC || !area->caller)
		return mark_of_kind[mt_vmap_kind(area->use, "")];
	if (caller->caller != area->caller) {
		mt_ksym_format(name, sizeof(name), area->caller, module, sizeof(module));
		caller->caller = area->caller;
		caller->mark = mark_of_kind[mt_vmap_kind(area->use, name)];
	}
	return caller->mark;
}

/* Time to stop? Between two batches of work. */
static int pause(const struct mt_page_claim *claim)
{
	cond_resched();
	if (fatal_signal_pending(current))
		return -EINTR;
	return claim->until_ns && ktime_get_ns() > claim->until_ns ? -ETIME : 0;
}

static int claim_array(struct mt_page_claim *claim, const struct mt_vmap_area *area,
		       enum mt_page_mark mark)
{
	unsigned long left = area->nr_page_array;
	unsigned long at = area->page_array;
	unsigned int i;
	int err = 0;

	while (left && !err) {
		unsigned int nr = min_t(unsigned long, left, BATCH);

		/* freed meanwhile: then its pages are, too */
		if (!mt_kread(claim->pages, at, nr * sizeof(*claim->pages)))
			return 0;
		for (i = 0; i < nr; i++) {
			unsigned long pfn = pfn_of(claim->claims, claim->pages[i]);

			if (pfn != ULONG_MAX)
				mt_page_marks_set(&claim->claims->marks, pfn, mark);
		}
		left -= nr;
		at += nr * sizeof(*claim->pages);
		if (left)
			err = pause(claim);
	}
	return err;
}

/* Those that are found in the page tables, behind no array. */
static int claim_mapped(struct mt_page_claim *claim, const struct mt_vmap_area *area,
			unsigned long nr_pages, enum mt_page_mark mark)
{
	unsigned long at;
	unsigned int i;
	int err = 0;

	for (at = 0; at < nr_pages && !err; at += BATCH) {
		unsigned int nr = min_t(unsigned long, nr_pages - at, BATCH);

		err = mt_vmap_pages(area, at * PAGE_SIZE, nr, claim->pages);
		/* freed meanwhile: then its pages are, too */
		if (err)
			return err == -ENOENT ? 0 : err;
		for (i = 0; i < nr; i++) {
			if (claim->pages[i] != ULONG_MAX)
				mt_page_marks_set(&claim->claims->marks, claim->pages[i], mark);
		}
		err = pause(claim);
	}
	return err;
}

static void weigh_mapper(struct mt_page_claim *claim, const struct mt_vmap_area *area)
{
	unsigned int i;

	for (i = 0; i < claim->nr_mappers && claim->mappers[i].caller != area->caller; i++)
		;
	if (i == MAPPERS)
		return;
	if (i == claim->nr_mappers)
		claim->mappers[claim->nr_mappers++] = (struct mapper) { .caller = area->caller };
	claim->mappers[i].pages += area->bytes / PAGE_SIZE;
}

static void choose_mappers(struct mt_page_claim *claim)
{
	unsigned int i, m;

	for (m = 0; m < MT_PAGE_MAPPERS; m++) {
		struct mapper *largest = &claim->mappers[0];

		for (i = 1; i < claim->nr_mappers; i++) {
			if (claim->mappers[i].pages > largest->pages)
				largest = &claim->mappers[i];
		}
		if (!largest->pages)
			return;
		claim->claims->mappers[m] = largest->caller;
		largest->pages = 0;
	}
}

static int claim_for_mapper(const struct mt_vmap_area *area, void *arg)
{
	struct mt_page_claim *claim = arg;
	unsigned int m = 0;

	if (!area->is_mapped)
		return 0;
	while (m < MT_PAGE_MAPPERS && claim->claims->mappers[m] != area->caller)
		m++;
	return claim_mapped(claim, area, area->bytes / PAGE_SIZE, MT_MARK_MAPPED + m);
}

static int claim_area(const struct mt_vmap_area *area, void *arg)
{
	struct mt_page_claim *claim = arg;
	int err = 0;

	if (claim->nr_areas++ % CLOCK_AREAS == 0)
		err = pause(claim);
	if (err)
		return err;
	if (area->page_array)
		return claim_array(claim, area, mark_of(claim, area));
	if (area->is_mapped)
		weigh_mapper(claim, area);
	/* a chunk has no guard page, although its flags do not say so */
	if (area->is_chunk && mark_of(claim, area) == MT_MARK_PERCPU)
		return claim_mapped(claim, area, area->bytes / PAGE_SIZE + 1, MT_MARK_CHUNK);
	return 0;
}

/*
 * Linux kernel commit 44042b449872 ("mm/page_alloc: allow high-order pages to be stored on the
 * per-cpu lists") (in v5.14)
 */
static unsigned int order_of_list(unsigned int list)
{
#ifdef MT_HAVE_NR_PCP_LISTS
	return list < NR_LOWORDER_PCP_LISTS ? list / MIGRATE_PCPTYPES : pageblock_order;
#else
	return 0;
#endif
}

static const struct per_cpu_pages *lists_of(struct zone *zone, int cpu)
{
#ifdef MT_HAVE_per_cpu_zonestats
	return per_cpu_ptr(zone->per_cpu_pageset, cpu);
#else
	return &per_cpu_ptr(zone->pageset, cpu)->pcp;
#endif
}

/*
 * What is found online keeps its struct pages until the fence says that memory moved: that is said
 * before the fence is waited for.
 */
static void enter(struct mt_page_claim *claim)
{
	down_read(&claim->fence->rwsem);
	if (READ_ONCE(claim->fence->moved))
		bitmap_zero(claim->online, claim->nr_stretches);
}

/* What a list leads to, if it is still free and in no block of the buddy allocator. */
static struct page *listed_page(struct mt_page_claim *claim, unsigned long pfn)
{
	unsigned long stretch = pfn / MT_PAGE_FENCE_UNIT;
	struct page *page;

	if (!test_bit(stretch, claim->online)) {
		if (!mt_page_fence_page(pfn))
			return NULL;
		__set_bit(stretch, claim->online);
	}
	page = pfn_to_page(pfn);
	return page_ref_count(page) || PageBuddy(page) ? NULL : page;
}

/*
 * The links are members of struct pages, which the fence keeps: they are read like any other word
 * of a page, when the page was found to be one. The head is the zone's.
 */
static int claim_list(struct mt_page_claim *claim, const struct list_head *list,
		      unsigned int order, bool first)
{
	struct mt_page_claims *claims = claim->claims;
	unsigned int steps = 0, again = 0;
	unsigned long i, link;
	int err = 0;

	if (!mt_kread_ulong((unsigned long)&list->next, &link))
		return -EFAULT;
	enter(claim);
	while (!err && link != (unsigned long)list) {
		unsigned long pfn = pfn_of(claims, link - offsetof(struct page, lru));
		struct page *page = pfn == ULONG_MAX ? NULL : listed_page(claim, pfn);

		if (!page) {
			err = -EAGAIN;
			break;
		}
		link = (unsigned long)READ_ONCE(page->lru.next);
		if (first && mt_page_marks_get(&claims->marks, pfn) == MT_MARK_PCP &&
		    ++again > PCP_AGAIN)
			err = -ELOOP;
		for (i = 0; i < BIT(order); i++)
			mt_page_marks_set(&claims->marks, pfn + i, MT_MARK_PCP);
		claims->pcp_pages += BIT(order);
		if (claims->pcp_pages >= PCP_MAX)
			err = -E2BIG;
		if (++steps % HOLD == 0 && !err) {
			up_read(&claim->fence->rwsem);
			err = pause(claim);
			enter(claim);
		}
	}
	up_read(&claim->fence->rwsem);
	return err;
}

static void claim_zone(struct mt_page_claim *claim, struct zone *zone)
{
	struct mt_page_claims *claims = claim->claims;
	unsigned int list, try;
	int cpu, err;

	for_each_online_cpu(cpu) {
		const struct per_cpu_pages *pcp = lists_of(zone, cpu);

		for (list = 0; list < ARRAY_SIZE(pcp->lists); list++) {
			/* what has no mark is taken for the rest of the raw block before it */
			err = -EAGAIN;
			for (try = 0; err == -EAGAIN && try < PCP_TRIES; try++)
				err = claim_list(claim, &pcp->lists[list], order_of_list(list),
						 !try);
			if (err && !claims->pcp_error)
				claims->pcp_error = err;
			if (err == -EINTR || err == -E2BIG || err == -ETIME)
				return;
		}
	}
}

static unsigned long end_of_zones(void)
{
	unsigned long end_pfn = 0;
	int nid, i;

	for_each_online_node(nid) {
		for (i = 0; i < MAX_NR_ZONES; i++)
			end_pfn = max(end_pfn, zone_end_pfn(&NODE_DATA(nid)->node_zones[i]));
	}
	return end_pfn;
}

static void claim_frames(unsigned long pfn, unsigned long nr, void *arg)
{
	struct mt_page_claim *claim = arg;

	for (; nr; nr--)
		mt_page_marks_set(&claim->claims->marks, pfn++, MT_MARK_MEMMAP);
}

static int claim_memmap(struct mt_page_claim *claim)
{
	unsigned long end_pfn = claim->claims->end_pfn;
	unsigned long pfn = mt_page_memmap_next(0, end_pfn);
	int err = 0;

	while (pfn < end_pfn && !err) {
		mt_page_memmap_visit(pfn, claim_frames, claim);
		pfn = mt_page_memmap_next(pfn + 1, end_pfn);
		err = pause(claim);
	}
	return err;
}

/* Of what time there is, half is left for those whose pages would look like ghosts. */
static u64 packet_ns(u64 until_ns)
{
	u64 now_ns = ktime_get_ns();

	if (!until_ns)
		return PACKET_NS;
	return until_ns > now_ns + 1 ? (until_ns - now_ns) / 2 : 1;
}

/**
 * mt_page_claims_init() - write down who claims what
 * @claims: gets it
 * @fence: the walk's
 * @until_ns: when to break off, 0 never
 * @with_owners: also, who mapped pages that vmalloc does not own, and which are packets'
 *
 * What could not be seen is in @claims, and its pages will look like ghosts.
 *
 * Context: process context, no lock held, may sleep. Takes the kernel's vmap locks; with
 * @with_owners slab_mutex before, and in it list_lock.
 * Return: 0, or -ENOMEM.
 */
int mt_page_claims_init(struct mt_page_claims *claims, struct mt_page_fence *fence,
			u64 until_ns, bool with_owners)
{
	struct mt_page_claim *claim;
	int nid, i;

	*claims = (struct mt_page_claims) { .end_pfn = end_of_zones() };
	claim = mt_memory_zalloc(sizeof(*claim));
	if (!claim)
		return -ENOMEM;
	claim->nr_stretches = claims->end_pfn / MT_PAGE_FENCE_UNIT + 1;
	claim->online = mt_memory_zalloc(BITS_TO_LONGS(claim->nr_stretches) * sizeof(long));
	if (!claim->online || !mt_page_marks_init(&claims->marks, claims->end_pfn)) {
		mt_memory_free(claim->online);
		mt_memory_free(claim);
		return -ENOMEM;
	}
	claim->fence = fence;
	claim->claims = claims;
	claim->until_ns = until_ns;
	claims->claim = claim;
	/* what packets give back meanwhile is free */
	if (with_owners)
		mt_page_packet_mark(&claims->packets, &claims->marks, packet_ns(until_ns));
	/* the lists before vmalloc: what it takes from them meanwhile is its own */
	for_each_online_node(nid) {
		for (i = 0; i < MAX_NR_ZONES; i++) {
			if (populated_zone(&NODE_DATA(nid)->node_zones[i]))
				claim_zone(claim, &NODE_DATA(nid)->node_zones[i]);
		}
	}
	claims->vmap_error = claim_memmap(claim) ?: mt_vmap_for_each(claim_area, claim);
	if (!with_owners || claims->vmap_error || !claim->nr_mappers)
		return 0;
	/* who is not found here is not named, which is no error */
	choose_mappers(claim);
	mt_vmap_for_each(claim_for_mapper, claim);
	return 0;
}

/**
 * mt_page_claims_destroy() - give the memory back
 * @claims: from mt_page_claims_init()
 *
 * Context: process context, may sleep.
 */
void mt_page_claims_destroy(struct mt_page_claims *claims)
{
	mt_page_marks_destroy(&claims->marks);
	mt_memory_free(claims->claim->online);
	mt_memory_free(claims->claim);
}
