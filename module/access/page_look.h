/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_PAGE_LOOK_H
#define MT_PAGE_LOOK_H

#include <linux/mm.h>
#include <linux/mmzone.h>

#include "access/page_class.h"
#include "access/page_mark.h"

/** MT_PAGE_ORDER_MAX - order of the largest block of the page allocator */
#define MT_PAGE_ORDER_MAX	ilog2(MAX_ORDER_NR_PAGES)

/**
 * enum mt_page_mark - what page_claim.c writes down about pages
 * @MT_MARK_NONE: nothing
 * @MT_MARK_VMALLOC: vmalloc's, none of those below
 * @MT_MARK_STACK: a stack
 * @MT_MARK_MODULE: a module's
 * @MT_MARK_BPF: BPF's
 * @MT_MARK_PERCPU: vmalloc memory of the percpu allocator
 * @MT_MARK_USER: vmalloc memory for a process
 * @MT_MARK_VMAP: given to vmap()
 * @MT_MARK_CHUNK: in a percpu chunk
 * @MT_MARK_PCP: was on a per-CPU free list
 * @MT_MARK_MEMMAP: holds struct pages; if it is the first of a raw block, so do the others
 * @MT_MARK_PACKET: a fragment of a packet; if it is the first of a block, all of it
 * @MT_MARK_MAPPED: mapped by vmap(), which does not own it; this and those up to @MT_MARK_LAST tell
 *                  by whom
 * @MT_MARK_LAST: the last one
 */
enum mt_page_mark {
	MT_MARK_NONE,
	MT_MARK_VMALLOC,
	MT_MARK_STACK,
	MT_MARK_MODULE,
	MT_MARK_BPF,
	MT_MARK_PERCPU,
	MT_MARK_USER,
	MT_MARK_VMAP,
	MT_MARK_CHUNK,
	MT_MARK_PCP,
	MT_MARK_MEMMAP,
	MT_MARK_PACKET,
	MT_MARK_MAPPED,
	MT_MARK_LAST = MT_PAGE_MARK_MAX,
};

/** MT_PAGE_MAPPERS - callers of vmap() that are told apart */
#define MT_PAGE_MAPPERS	(MT_MARK_LAST - MT_MARK_MAPPED)

/**
 * struct mt_page_look - what a page's struct page says
 * @class: what it is, before anybody knows better
 * @order: the block it begins has 2^@order pages
 * @is_block: the block is certain: a buddy or compound one; otherwise it is a single page, and what
 *            follows may belong to it
 * @is_zero: nobody holds it and nothing is written on it: free on a per-CPU list, or a page behind
 *           the first of a raw block
 */
struct mt_page_look {
	enum mt_page_class class;
	unsigned int order;
	bool is_block;
	bool is_zero;
};

bool mt_page_look_is_zero(struct page *page);
unsigned long mt_page_look_many(struct page *page, unsigned long pfn, unsigned long nr,
				const struct mt_page_marks *marks, u64 *counts);
unsigned long mt_page_look_reserved(const struct page *page, unsigned long nr);
void mt_page_look_at(struct mt_page_look *look, struct page *page, enum mt_page_mark mark);

#endif /* MT_PAGE_LOOK_H */
