// SPDX-License-Identifier: GPL-2.0
/*
 * memory.c - knows how to ask for memory on a machine that has none.
 *
 * No retries, no warning, and never more than single pages: a report that gives up is better than
 * a machine that stalls in reclaim or compaction for it. More than a page comes from vmalloc, in
 * whose report it stands under our name while a report is open. (The few page tables that vmalloc
 * may need are allocated as the kernel always does.)
 */
#include "memory.h"

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#define GFP_INCIDENT	(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)

static void *allocate(size_t bytes, gfp_t gfp)
{
	return bytes > PAGE_SIZE ? __vmalloc(bytes, gfp) : kmalloc(bytes, gfp);
}

/**
 * mt_memory_alloc() - memory, with whatever was in it
 * @bytes: how much
 *
 * Context: process context, no lock of the kernel's held, may sleep.
 * Return: the memory, for mt_memory_free(), or NULL.
 */
void *mt_memory_alloc(size_t bytes)
{
	return allocate(bytes, GFP_INCIDENT);
}

/**
 * mt_memory_zalloc() - memory, zeroed
 * @bytes: how much
 *
 * Context: as mt_memory_alloc().
 * Return: the memory, for mt_memory_free(), or NULL.
 */
void *mt_memory_zalloc(size_t bytes)
{
	/* not twice where the kernel clears all it gives away (CONFIG_INIT_ON_ALLOC_DEFAULT_ON) */
	return allocate(bytes, GFP_INCIDENT | __GFP_ZERO);
}

/**
 * mt_memory_free() - give memory back
 * @memory: from one of the functions above, or NULL
 *
 * Context: process context, may sleep.
 */
void mt_memory_free(const void *memory)
{
	kvfree(memory);
}
