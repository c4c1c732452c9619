/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_PAGE_OWNER_H
#define MT_PAGE_OWNER_H

#include <linux/types.h>

#include "access/page_class.h"

struct page;

unsigned long mt_page_owner(const struct page *page, enum mt_page_class page_class);
bool mt_page_owner_name(char *name, size_t size, unsigned long owner,
			enum mt_page_class page_class);
bool mt_page_owner_is_traced(void);
bool mt_page_owner_is_profiled(void);

#endif /* MT_PAGE_OWNER_H */
