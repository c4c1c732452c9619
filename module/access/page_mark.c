// SPDX-License-Identifier: GPL-2.0
/*
 * page_mark.c - knows which pages were claimed by somebody who leaves no mark in struct page.
 *
 * Four bits for each page in leaves of one page each, which are there only where something is
 * marked: a leaf covers 32 MiB (with pages of 4 KiB). The directory of a terabyte is 256 KiB, and
 * the leaves are bounded by MT_PAGE_MARK_BUDGET, which is enough for vmalloc memory all over
 * 128 GiB. What finds no room is counted, not forgotten.
 *
 * Locking: the caller's. Consistency: that of the caller's sources.
 */
#include "access/page_mark.h"

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "memory.h"

/**
 * mt_page_marks_init() - no page is marked
 * @marks: the marks
 * @end_pfn: page frames from here on are never marked
 *
 * Context: process context, may sleep.
 * Return: false without memory.
 */
bool mt_page_marks_init(struct mt_page_marks *marks, unsigned long end_pfn)
{
	*marks = (struct mt_page_marks) {
		.nr_leaves = DIV_ROUND_UP(end_pfn, MT_PAGE_MARK_LEAF),
		.max_used = MT_PAGE_MARK_BUDGET / PAGE_SIZE,
	};
	marks->leaves = mt_memory_zalloc(marks->nr_leaves * sizeof(*marks->leaves));
	return marks->leaves;
}

/**
 * mt_page_marks_destroy() - give the memory back
 * @marks: the marks
 *
 * Context: process context, may sleep.
 */
void mt_page_marks_destroy(struct mt_page_marks *marks)
{
	unsigned long i;

	for (i = 0; marks->leaves && i < marks->nr_leaves; i++)
		mt_memory_free(marks->leaves[i]);
	mt_memory_free(marks->leaves);
	marks->leaves = NULL;
}

/**
 * mt_page_marks_grow() - room for the first mark of a stretch
 * @marks: the marks
 * @pfn: the page frame that is to be marked; there is no leaf for it yet
 *
 * Context: process context, no lock of the kernel's held, may sleep.
 * Return: the leaf, or NULL: then the mark is counted as lost.
 */
u8 *mt_page_marks_grow(struct mt_page_marks *marks, unsigned long pfn)
{
	u8 *leaf = marks->nr_used < marks->max_used ? mt_memory_zalloc(PAGE_SIZE) : NULL;

	if (!leaf) {
		marks->nr_lost++;
		return NULL;
	}
	marks->leaves[pfn / MT_PAGE_MARK_LEAF] = leaf;
	marks->nr_used++;
	return leaf;
}
