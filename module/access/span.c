// SPDX-License-Identifier: GPL-2.0
/*
 * span.c - knows which memory this machine has, in blocks of 2 MiB.
 *
 * Locking: the fence's semaphore for each block (access/page_fence.c); the lock of memory hotplug
 * is not exported.
 * Consistency: blocks that come during a walk may be missed.
 */
#include "access/span.h"

#include <linux/gcd.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/rwsem.h>
#include <linux/sched.h>

#include "access/page_fence.h"

/* A compound page is skipped as a whole, unless its order makes no sense: 1 GiB is the largest. */
#define MAX_ORDER_SKIPPED	(30 - PAGE_SHIFT)

/* So many blocks are passed before somebody else may run; holes are quickly passed. */
#define BLOCKS_AT_ONCE		1024

/* Blocks from this one on, to the end of its section, that are a hole for certain. */
static unsigned long hole_from(unsigned long block)
{
#ifdef CONFIG_SPARSEMEM
	unsigned long pfn = block * MT_BLOCK_PAGES;
	unsigned long nr = pfn_to_section_nr(pfn);

	if (nr < NR_MEM_SECTIONS && !online_section_nr(nr))
		return (section_nr_to_pfn(nr + 1) - pfn) / MT_BLOCK_PAGES;
#endif
	return 0;
}

/**
 * mt_span_find() - stand before the first block
 * @span: gets the blocks
 * @fence: the walk's, put up
 * @scattered: go through them so that what was seen at any moment is a sample of all of them
 *
 * Context: process context, may sleep.
 */
void mt_span_find(struct mt_span *span, struct mt_page_fence *fence, bool scattered)
{
	unsigned long from = ULONG_MAX, to = 0;
	unsigned long block;
	int nid;

	for_each_online_node(nid) {
		const struct pglist_data *node = NODE_DATA(nid);
		unsigned long end = node->node_start_pfn + node->node_spanned_pages;

		if (!node->node_spanned_pages)
			continue;
		from = min(from, node->node_start_pfn / MT_BLOCK_PAGES);
		to = max(to, DIV_ROUND_UP(end, MT_BLOCK_PAGES));
	}
	*span = (struct mt_span) {
		.fence = fence, .from = from, .nr = to > from ? to - from : 0, .step = 1,
	};
	for (block = from; block < to; block++) {
		unsigned long hole = hole_from(block);

		cond_resched();
		if (hole) {
			block += hole - 1;
			continue;
		}
		down_read(&fence->rwsem);
		span->online += !!mt_page_fence_page(block * MT_BLOCK_PAGES);
		up_read(&fence->rwsem);
	}
	if (!scattered)
		return;
	/* far from what was seen before, and by and by everywhere: the golden section */
	span->step = max(span->nr * 618 / 1000, 1UL);
	while (gcd(span->step, span->nr) > 1)
		span->step++;
}

/**
 * mt_span_next() - go to the next block of the walk
 * @span: the blocks
 * @pfn: gets the number of its first page
 *
 * Context: process context, may sleep; steps over holes, of which there may be many.
 * Return: true, and the fence's semaphore is held until mt_span_leave(); false after the last one.
 */
bool mt_span_next(struct mt_span *span, unsigned long *pfn)
{
	while (span->done < span->nr) {
		if (span->done % BLOCKS_AT_ONCE == 0)
			cond_resched();
		*pfn = (span->from + span->at) * MT_BLOCK_PAGES;
		span->at = (span->at + span->step) % span->nr;
		span->done++;
		if (hole_from(*pfn / MT_BLOCK_PAGES))
			continue;
		down_read(&span->fence->rwsem);
		if (mt_page_fence_page(*pfn))
			return true;
		up_read(&span->fence->rwsem);
	}
	return false;
}

/**
 * mt_span_leave() - look no longer at the block that mt_span_next() went to
 * @span: the blocks
 *
 * Context: process context.
 */
void mt_span_leave(struct mt_span *span)
{
	up_read(&span->fence->rwsem);
}

/**
 * mt_span_order() - how large is what begins at a page?
 * @page: the page
 *
 * Context: the page must not go away; the answer is about a moment that is over.
 * Return: the order of the compound page, 0 if it is none or makes no sense.
 */
unsigned int mt_span_order(struct page *page)
{
	unsigned int order = PageHead(page) ? compound_order(page) : 0;

	return order <= MAX_ORDER_SKIPPED ? order : 0;
}
