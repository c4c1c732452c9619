/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SPAN_H
#define MT_SPAN_H

#include <linux/mm.h>
#include <linux/types.h>

struct mt_page_fence;

/** MT_BLOCK_PAGES - pages of a block: 2 MiB, the least that is hot-plugged at once */
#define MT_BLOCK_PAGES	(1UL << (21 - PAGE_SHIFT))

/**
 * struct mt_span - the blocks of memory of this machine, and a walk over them
 * @fence: the walk's
 * @from: the first one
 * @nr: how many from the first to the last, holes included
 * @online: how many, without the holes
 * @step: from one block of the walk to the next, prime to @nr
 * @at: the block that comes next, counted from @from
 * @done: blocks that the walk has passed
 */
struct mt_span {
	struct mt_page_fence *fence;
	unsigned long from;
	unsigned long nr;
	unsigned long online;
	unsigned long step;
	unsigned long at;
	unsigned long done;
};

void mt_span_find(struct mt_span *span, struct mt_page_fence *fence, bool scattered);
bool mt_span_next(struct mt_span *span, unsigned long *pfn);
void mt_span_leave(struct mt_span *span);
unsigned int mt_span_order(struct page *page);

#endif /* MT_SPAN_H */
