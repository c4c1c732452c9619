/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_PAGE_MEMMAP_H
#define MT_PAGE_MEMMAP_H

#include <linux/types.h>

/**
 * typedef mt_page_memmap_visit_t - takes pages in which there are struct pages
 * @pfn: the first page frame
 * @nr: how many in a row
 * @arg: the visitor's own
 */
typedef void (*mt_page_memmap_visit_t)(unsigned long pfn, unsigned long nr, void *arg);

/**
 * struct mt_page_memmap_outside - pages of struct pages that are not in MemTotal
 * @reserved: in the plugged memory itself, online and reserved
 * @elsewhere: in memory that is not online, or on a device
 */
struct mt_page_memmap_outside {
	u64 reserved;
	u64 elsewhere;
};

unsigned long mt_page_memmap_next(unsigned long pfn, unsigned long end_pfn);
void mt_page_memmap_visit(unsigned long pfn, mt_page_memmap_visit_t visit, void *arg);
bool mt_page_memmap_outside(struct mt_page_memmap_outside *outside);

#endif /* MT_PAGE_MEMMAP_H */
