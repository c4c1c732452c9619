/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_MEMORY_H
#define MT_MEMORY_H

#include <linux/types.h>

void *mt_memory_alloc(size_t bytes);
void *mt_memory_zalloc(size_t bytes);
void mt_memory_free(const void *memory);

#endif /* MT_MEMORY_H */
