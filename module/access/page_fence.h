/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_PAGE_FENCE_H
#define MT_PAGE_FENCE_H

#include <linux/kernel.h>
#include <linux/mmzone.h>
#include <linux/notifier.h>
#include <linux/rwsem.h>
#include <linux/types.h>

/** MT_PAGE_FENCE_UNIT - aligned page frames for which mt_page_fence_page() answers alike */
#ifdef CONFIG_SPARSEMEM_VMEMMAP
#define MT_PAGE_FENCE_UNIT	min(PAGES_PER_SUBSECTION, (unsigned long)MAX_ORDER_NR_PAGES)
#else
#define MT_PAGE_FENCE_UNIT	1UL
#endif

/**
 * struct mt_page_fence - keeps the struct pages that a walk looks at from going away
 * @notifier: hears of memory that goes offline
 * @rwsem: held by the walk while it looks
 * @moved: memory came or went since the fence was put up
 */
struct mt_page_fence {
	struct notifier_block notifier;
	struct rw_semaphore rwsem;
	bool moved;
};

int mt_page_fence_put_up(struct mt_page_fence *fence);
void mt_page_fence_take_down(struct mt_page_fence *fence);
struct page *mt_page_fence_page(unsigned long pfn);
unsigned long mt_page_fence_last_pfn(void);
unsigned long mt_page_fence_pfn(unsigned long pointer);

#endif /* MT_PAGE_FENCE_H */
