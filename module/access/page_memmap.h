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

unsigned long mt_page_memmap_next(unsigned long pfn, unsigned long end_pfn);
void mt_page_memmap_visit(unsigned long pfn, mt_page_memmap_visit_t visit, void *arg);

#endif /* MT_PAGE_MEMMAP_H */
