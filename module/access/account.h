/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_ACCOUNT_H
#define MT_ACCOUNT_H

#include <linux/types.h>

struct mt_vmstat;

bool mt_account_vmalloc(const struct mt_vmstat *vmstat, s64 *pages);
bool mt_account_percpu(s64 *pages);
bool mt_account_percpu_first(unsigned long *base, unsigned long *unit_pages);
bool mt_account_hugetlb(s64 *pages, s64 *default_size_pages);
bool mt_account_hwpoison(s64 *pages);
bool mt_account_memmap(s64 *pages);
bool mt_account_swapcache(const struct mt_vmstat *vmstat, s64 *pages);

#endif /* MT_ACCOUNT_H */
