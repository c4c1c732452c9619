/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's sort(), by qsort(). */
#ifndef SHIM_SORT_H
#define SHIM_SORT_H

#include <stdlib.h>

#include <linux/bug.h>

static inline void sort(void *base, size_t num, size_t size,
			int (*compare)(const void *, const void *),
			void (*swap_elements)(void *, void *, int))
{
	WARN_ON(swap_elements);
	if (num)
		qsort(base, num, size, compare);
}

#endif /* SHIM_SORT_H */
