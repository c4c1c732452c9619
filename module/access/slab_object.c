// SPDX-License-Identifier: GPL-2.0
/*
 * slab_object.c - knows where the allocated objects of slab caches are, one by one.
 *
 * The map of all pages leads to the slabs of a cache: its full slabs are on no list. One pass, one
 * slab after the other: the memory that it takes does not grow with the machine.
 *
 * Locking: slab_mutex before the first slab (access/slab_decode.c); later only the semaphore of the
 * walk's own fence, for one block of memory at a time, visits included (access/page_fence.c).
 * Consistency: each slab by itself. An object that is parked or fetched during the walk may be
 * taken for what it was before. With the parameter exact_ms, all slabs at one moment
 * (access/slab_stopped.c).
 */
#include "access/slab_object.h"

#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/rwsem.h>
#include <linux/sched/signal.h>

#include "access/page_fence.h"
#include "access/slab_decode.h"
#include "access/slab_layout.h"
#include "access/slab_parked.h"
#include "access/slab_stopped.h"
#include "access/span.h"

/* A free block is skipped as a whole, unless its order makes no sense. */
#define MAX_BUDDY_ORDER		16

/**
 * mt_slab_object_known() - can objects be enumerated on this kernel?
 *
 * Context: any.
 * Return: true if mt_slab_object_walk() and mt_slab_object_find() work.
 */
bool mt_slab_object_known(void)
{
	return mt_slab_object_table.state == MT_RELO_READY && !mt_slab_object_table.missing[0] &&
	       mt_slab_node_table.state == MT_RELO_READY && mt_slab_parked_known();
}

static bool visit(struct mt_slab_walk *walk, const struct mt_slab_objects *slab)
{
	walk->slabs++;
	walk->inexact_slabs += !slab->exact;
	return walk->visit(slab, walk->arg);
}

/* The pages that what stands here takes, and false if a visit ended the walk. */
static bool look_at(struct mt_slab_walk *walk, struct mt_slab_decoder *decoder, struct page *page,
		    unsigned long *pages)
{
	struct mt_slab_objects slab;
	unsigned long order;

	*pages = 1;
	if (PageBuddy(page)) {
		/* unlocked: it may be taken at this moment, and then it is anything */
		order = READ_ONCE(page_private(page));
		if (order <= MAX_BUDDY_ORDER)
			*pages = 1UL << order;
		return true;
	}
	order = mt_span_order(page);
	*pages = 1UL << order;
	if (!mt_slab_decode_is_slab(page) || !mt_slab_decode(decoder, page, order, &slab))
		return true;
	return visit(walk, &slab);
}

/* False if a visit ended the walk. */
static bool look_at_block(struct mt_slab_walk *walk, struct mt_slab_decoder *decoder,
			  unsigned long pfn)
{
	unsigned long end = pfn + MT_BLOCK_PAGES;
	unsigned long pages;

	for (; pfn < end; pfn += pages) {
		if (!look_at(walk, decoder, pfn_to_page(pfn), &pages))
			return false;
	}
	return true;
}

static void walk_memory(struct mt_slab_walk *walk, struct mt_slab_decoder *decoder,
			struct mt_page_fence *fence)
{
	u64 until_ns = walk->budget_ns ? ktime_get_ns() + walk->budget_ns : U64_MAX;
	struct mt_span span;
	unsigned long pfn;
	bool more;

	mt_span_find(&span, fence, walk->budget_ns);
	walk->pages_all = span.online * MT_BLOCK_PAGES;
	while (mt_span_next(&span, &pfn)) {
		walk->pages_seen += MT_BLOCK_PAGES;
		more = look_at_block(walk, decoder, pfn);
		mt_span_leave(&span);
		if (!more) {
			walk->error = -ECANCELED;
			return;
		}
		cond_resched();
		if (fatal_signal_pending(current)) {
			walk->error = -EINTR;
			return;
		}
		if (ktime_get_ns() >= until_ns)
			return;
	}
	walk->pages_seen = walk->pages_all;
}

static int walk_stopped(struct mt_slab_walk *walk, struct mt_slab_decoder *decoder,
			struct mt_page_fence *fence)
{
	struct mt_slab_stopped stopped;
	struct mt_slab_objects slab;
	unsigned int at = 0;
	bool more;
	int err;

	err = mt_slab_stopped_read(&stopped, decoder);
	walk->stopped_ns = stopped.took_ns;
	walk->parked_exact = decoder->parked.exact;
	walk->stopped = !err && stopped.complete && !stopped.cut;
	while (!err && mt_slab_stopped_next(&stopped, &at, &slab)) {
		/* the slab itself is not looked at any more, but visits may look others up */
		down_read(&fence->rwsem);
		more = visit(walk, &slab);
		up_read(&fence->rwsem);
		if (!more) {
			walk->error = -ECANCELED;
			break;
		}
		cond_resched();
		if (fatal_signal_pending(current)) {
			walk->error = -EINTR;
			break;
		}
	}
	if (!err && !walk->error && stopped.cut)
		walk->error = -ETIME;
	walk->pages_all = stopped.nr;
	walk->pages_seen = stopped.nr - stopped.cut;
	mt_slab_stopped_free(&stopped);
	return err;
}

/**
 * mt_slab_object_walk() - visit the allocated objects of some caches, slab by slab
 * @walk: which ones, and what to do with them; gets how complete the walk was
 *
 * Stops the machine if the parameter exact_ms asks for it and the walk has no budget.
 *
 * Context: process context, no lock held, may sleep. Takes slab_mutex before the first visit.
 * Return: 0, also when the walk ended early and @walk->error says why; -EOPNOTSUPP if this kernel's
 * slabs are unknown; -EBUSY if slab_mutex was not to be had; -E2BIG; -ENOMEM.
 */
int mt_slab_object_walk(struct mt_slab_walk *walk)
{
	struct mt_slab_decoder decoder;
	struct mt_page_fence fence;
	int err;

	walk->slabs = 0;
	walk->inexact_slabs = 0;
	walk->poisoned_slabs = 0;
	walk->unread_slabs = 0;
	walk->parked_exact = false;
	walk->stopped = false;
	walk->stopped_ns = 0;
	walk->pages_seen = 0;
	walk->pages_all = 0;
	walk->error = 0;
	if (!mt_slab_object_known())
		return -EOPNOTSUPP;
	err = mt_slab_decoder_init(&decoder, walk->list, walk->wanted);
	if (err)
		return err;
	err = mt_page_fence_put_up(&fence);
	if (err)
		goto out_decoder;
	err = mt_slab_decoder_read_parked(&decoder);
	walk->parked_exact = decoder.parked.exact;
	if (!err && !walk->budget_ns && mt_slab_stopped_bound_ns())
		err = walk_stopped(walk, &decoder, &fence);
	else if (!err)
		walk_memory(walk, &decoder, &fence);
	walk->poisoned_slabs = decoder.poisoned;
	walk->unread_slabs = decoder.unread;
	mt_page_fence_take_down(&fence);
out_decoder:
	mt_slab_decoder_exit(&decoder);
	return err;
}

/* The slab that an address is in, if it is in one. */
static bool find_slab(const struct mt_slab_list *list, unsigned long addr,
		      struct mt_slab_spot *spot)
{
	unsigned long from, to;
	unsigned int order;
	struct page *page;
	int index;

	if (!virt_addr_valid((void *)addr))
		return false;
	page = mt_page_fence_page(PHYS_PFN(__pa(addr)));
	if (!page)
		return false;
	page = compound_head(page);
	if (!mt_slab_decode_is_slab(page))
		return false;
	index = mt_slab_index(list, mt_slab_decode_id(page));
	order = mt_span_order(page);
	if (index < 0 || mt_slab_decode_is_poisoned(page, order))
		return false;
	from = (unsigned long)page_to_virt(page);
	to = from + (PAGE_SIZE << order);
	if (addr < from || addr >= to)
		return false;
	spot->cache = index;
	spot->from = from;
	spot->to = to;
	return true;
}

/**
 * mt_slab_object_find() - which object does an address point into?
 * @list: the caches
 * @addr: any word at all
 * @spot: gets the object; see there
 *
 * Says nothing of whether the object is allocated; never finds one that must not be read because
 * its memory failed. Cheap for what is no address of the linear map,
 * and for addresses in the slab of the look-up before.
 *
 * Context: under the semaphore of a fence (access/page_fence.c), as the visits of
 * mt_slab_object_walk() are; only if mt_slab_object_known().
 * Return: true if it points into an object of a cache in @list.
 */
bool mt_slab_object_find(const struct mt_slab_list *list, unsigned long addr,
			 struct mt_slab_spot *spot)
{
	const struct mt_slab_cache *cache;
	u32 distance;

	if (addr < PAGE_OFFSET || addr >= (unsigned long)high_memory)
		return false;
	if ((addr < spot->from || addr >= spot->to) && !find_slab(list, addr, spot))
		return false;
	cache = &list->caches[spot->cache];
	if (addr - spot->from < cache->first)
		return false;
	distance = addr - spot->from - cache->first;
	spot->number = distance / cache->size;
	spot->offset = distance - spot->number * cache->size;
	spot->object = addr - spot->offset;
	return spot->object + cache->size - cache->first <= spot->to;
}
