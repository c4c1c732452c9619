// SPDX-License-Identifier: GPL-2.0
/*
 * page_claim.c - knows who owns pages without a mark in struct page: vmalloc, percpu, the per-CPU
 * free lists.
 *
 * Locking: the kernel's vmap locks, one chunk of areas at a time; the per-CPU lists are walked
 * without the lock that guards them, which is the page allocator's own.
 * Consistency: a moment before the walk over the memory map, which believes a mark only of a page
 * that struct page does not tell apart. A list that moves under us leads elsewhere; it is left as
 * soon as a page on it is not free.
 */
#include "access/page_claim.h"

#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/percpu.h>
#include <linux/pageblock-flags.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/vmalloc.h>

#include "access/page_fence.h"
#include "access/page_look.h"
#include "access/vmap.h"
#include "access/vmap_kind.h"
#include "introspect/kread.h"
#include "introspect/ksym.h"
#include "memory.h"

/* Pointers to pages that are read at once. */
#define BATCH		64

/* Callers of vmalloc whose kind is remembered. */
#define KIND_BITS	8

/* Blocks on per-CPU lists that are followed: 12 % of a terabyte would take seconds. */
#define PCP_MAX		BIT(18)

/* struct caller_mark - the mark for the areas of one caller */
struct caller_mark {
	unsigned long caller;
	enum mt_page_mark mark;
};

/**
 * struct mt_page_claim - the work
 * @claims: what it fills
 * @pages: pointers, as read
 * @callers: a hash table, one entry each
 */
struct mt_page_claim {
	struct mt_page_claims *claims;
	unsigned long pages[BATCH];
	struct caller_mark callers[BIT(KIND_BITS)];
};

/* A word that should point to a struct page: its page frame, or ULONG_MAX. */
static unsigned long pfn_of(const struct mt_page_claims *claims, unsigned long pointer)
{
	unsigned long pfn;

#ifdef CONFIG_SPARSEMEM_VMEMMAP
	unsigned long offset = pointer - (unsigned long)pfn_to_page(0);

	if (pointer < (unsigned long)pfn_to_page(0) || offset % sizeof(struct page))
		return ULONG_MAX;
	pfn = offset / sizeof(struct page);
#else
	if (!virt_addr_valid((void *)pointer))
		return ULONG_MAX;
	pfn = page_to_pfn((struct page *)pointer);
#endif
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

static void claim_array(struct mt_page_claim *claim, const struct mt_vmap_area *area,
			enum mt_page_mark mark)
{
	unsigned long left = area->nr_page_array;
	unsigned long at = area->page_array;
	unsigned int i;

	while (left) {
		unsigned int nr = min_t(unsigned long, left, BATCH);

		/* freed meanwhile: then its pages are, too */
		if (!mt_kread(claim->pages, at, nr * sizeof(*claim->pages)))
			return;
		for (i = 0; i < nr; i++) {
			unsigned long pfn = pfn_of(claim->claims, claim->pages[i]);

			if (pfn != ULONG_MAX)
				mt_page_marks_set(&claim->claims->marks, pfn, mark);
		}
		left -= nr;
		at += nr * sizeof(*claim->pages);
		cond_resched();
		if (fatal_signal_pending(current))
			return;
	}
}

/*
 * The kernel's page tables are never freed, so a chunk that goes away reads as empty. A chunk has
 * no guard page, although its flags do not say so.
 */
static void claim_chunk(struct mt_page_claim *claim, const struct mt_vmap_area *area)
{
	unsigned long offset;

	for (offset = 0; offset < area->bytes + PAGE_SIZE; offset += PAGE_SIZE) {
		const void *at = (const void *)(area->start + offset);
		struct page *page = is_vmalloc_addr(at) ? vmalloc_to_page(at) : NULL;

		if (page)
			mt_page_marks_set(&claim->claims->marks, page_to_pfn(page), MT_MARK_CHUNK);
		if (offset / PAGE_SIZE % 1024 == 0)
			cond_resched();
	}
}

static void claim_area(const struct mt_vmap_area *area, void *arg)
{
	struct mt_page_claim *claim = arg;

	if (area->page_array)
		claim_array(claim, area, mark_of(claim, area));
	else if (area->is_chunk && mark_of(claim, area) == MT_MARK_PERCPU)
		claim_chunk(claim, area);
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

/* Is what a list leads to still free, and in no block of the buddy allocator? */
static bool is_listed(unsigned long pfn)
{
	struct page *page;

	page = mt_page_fence_page(pfn);
	return page && !page_ref_count(page) && !PageBuddy(page);
}

static int claim_list(struct mt_page_claims *claims, struct mt_page_fence *fence,
		      const struct list_head *list, unsigned int order)
{
	struct mt_klist walk;
	unsigned long node;
	unsigned long i;
	int err = 0;

	mt_klist_start(&walk, (unsigned long)list, PCP_MAX);
	down_read(&fence->rwsem);
	while (!err && (node = mt_klist_next(&walk))) {
		unsigned long pfn = pfn_of(claims, node - offsetof(struct page, lru));

		if (pfn == ULONG_MAX || !is_listed(pfn)) {
			err = -EAGAIN;
			break;
		}
		for (i = 0; i < BIT(order); i++)
			mt_page_marks_set(&claims->marks, pfn + i, MT_MARK_PCP);
		claims->pcp_pages += BIT(order);
		if (claims->pcp_pages >= PCP_MAX)
			err = -E2BIG;
		if (walk.left % 256 == 0) {
			up_read(&fence->rwsem);
			cond_resched();
			down_read(&fence->rwsem);
			if (fatal_signal_pending(current))
				err = -EINTR;
		}
	}
	up_read(&fence->rwsem);
	return err ?: walk.error;
}

static void claim_zone(struct mt_page_claims *claims, struct mt_page_fence *fence,
		       struct zone *zone)
{
	unsigned int list;
	int cpu, err;

	for_each_online_cpu(cpu) {
		const struct per_cpu_pages *pcp = lists_of(zone, cpu);

		for (list = 0; list < ARRAY_SIZE(pcp->lists); list++) {
			err = claim_list(claims, fence, &pcp->lists[list], order_of_list(list));
			if (err && !claims->pcp_error)
				claims->pcp_error = err;
			if (err == -EINTR || err == -E2BIG)
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

/**
 * mt_page_claims_init() - write down who claims what
 * @claims: gets it
 * @fence: the walk's
 *
 * What could not be seen is in @claims, and its pages will look like ghosts.
 *
 * Context: process context, no lock held, may sleep. Takes the kernel's vmap locks.
 * Return: 0, or -ENOMEM.
 */
int mt_page_claims_init(struct mt_page_claims *claims, struct mt_page_fence *fence)
{
	struct mt_page_claim *claim;
	int nid, i;

	*claims = (struct mt_page_claims) { .end_pfn = end_of_zones() };
	claim = mt_memory_zalloc(sizeof(*claim));
	if (!claim)
		return -ENOMEM;
	if (!mt_page_marks_init(&claims->marks, claims->end_pfn)) {
		mt_memory_free(claim);
		return -ENOMEM;
	}
	claim->claims = claims;
	claims->claim = claim;
	/* the lists first: what vmalloc takes from them meanwhile is vmalloc's */
	for_each_online_node(nid) {
		for (i = 0; i < MAX_NR_ZONES; i++) {
			if (populated_zone(&NODE_DATA(nid)->node_zones[i]))
				claim_zone(claims, fence, &NODE_DATA(nid)->node_zones[i]);
		}
	}
	claims->vmap_error = mt_vmap_for_each(claim_area, claim);
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
	mt_memory_free(claims->claim);
}
