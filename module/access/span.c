// SPDX-License-Identifier: GPL-2.0
/*
 * span.c - knows which memory this machine has, in blocks of 2 MiB.
 *
 * Locking: none. The lock of memory hotplug is not exported; a block that is taken away during a
 * walk keeps its struct pages for as long as somebody may look at them.
 * Consistency: blocks that come during a walk may be missed.
 */
#include "access/span.h"

#include <linux/gcd.h>
#include <linux/kernel.h>
#include <linux/memory_hotplug.h>
#include <linux/minmax.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>

/* A compound page is skipped as a whole, unless its order makes no sense: 1 GiB is the largest. */
#define MAX_ORDER_SKIPPED	(30 - PAGE_SHIFT)

/**
 * mt_span_find() - stand before the first block
 * @span: gets the blocks
 * @scattered: go through them so that what was seen at any moment is a sample of all of them
 *
 * Context: any.
 */
void mt_span_find(struct mt_span *span, bool scattered)
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
	*span = (struct mt_span) { .from = from, .nr = to > from ? to - from : 0, .step = 1 };
	for (block = from; block < to; block++)
		span->online += !!pfn_to_online_page(block * MT_BLOCK_PAGES);
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
 * Context: any; steps over holes, of which there may be many.
 * Return: false after the last one.
 */
bool mt_span_next(struct mt_span *span, unsigned long *pfn)
{
	while (span->done < span->nr) {
		*pfn = (span->from + span->at) * MT_BLOCK_PAGES;
		span->at = (span->at + span->step) % span->nr;
		span->done++;
		if (pfn_to_online_page(*pfn))
			return true;
	}
	return false;
}

/**
 * mt_span_order() - how large is what begins at a page?
 * @page: the page
 *
 * Context: any; the answer is about a moment that is over.
 * Return: the order of the compound page, 0 if it is none or makes no sense.
 */
unsigned int mt_span_order(struct page *page)
{
	unsigned int order = PageHead(page) ? compound_order(page) : 0;

	return order <= MAX_ORDER_SKIPPED ? order : 0;
}
