/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_PAGE_MARK_H
#define MT_PAGE_MARK_H

#include <linux/mm.h>
#include <linux/types.h>

/** MT_PAGE_MARK_NONE - nobody claimed the page */
#define MT_PAGE_MARK_NONE	0

/** MT_PAGE_MARK_MAX - the largest mark */
#define MT_PAGE_MARK_MAX	15

/** MT_PAGE_MARK_LEAF - page frames whose marks are in one leaf */
#define MT_PAGE_MARK_LEAF	(PAGE_SIZE * 2)

/** MT_PAGE_MARK_BUDGET - bytes for marks at most, whatever the size of the machine */
#define MT_PAGE_MARK_BUDGET	(16UL << 20)

/**
 * struct mt_page_marks - a mark of four bits for each page, only where there are any
 * @leaves: each holds the marks of a stretch of the page frames; NULL if none of them has one
 * @nr_leaves: stretches
 * @nr_used: leaves there
 * @max_used: leaves there may be
 * @nr_lost: pages that got no mark for want of memory or budget
 */
struct mt_page_marks {
	u8 **leaves;
	unsigned long nr_leaves;
	unsigned long nr_used;
	unsigned long max_used;
	u64 nr_lost;
};

bool mt_page_marks_init(struct mt_page_marks *marks, unsigned long end_pfn);
void mt_page_marks_destroy(struct mt_page_marks *marks);
u8 *mt_page_marks_grow(struct mt_page_marks *marks, unsigned long pfn);

/**
 * mt_page_marks_set() - mark a page
 * @marks: the marks
 * @pfn: its page frame; one beyond the end is ignored
 * @mark: the mark
 *
 * Context: process context, no lock of the kernel's held, may sleep.
 */
static inline void mt_page_marks_set(struct mt_page_marks *marks, unsigned long pfn,
				     unsigned int mark)
{
	unsigned int shift = pfn % 2 * 4;
	u8 *leaf, *at;

	if (pfn / MT_PAGE_MARK_LEAF >= marks->nr_leaves)
		return;
	leaf = marks->leaves[pfn / MT_PAGE_MARK_LEAF] ?: mt_page_marks_grow(marks, pfn);
	if (!leaf)
		return;
	at = &leaf[pfn % MT_PAGE_MARK_LEAF / 2];
	*at = (*at & ~(0xf << shift)) | mark << shift;
}

/**
 * mt_page_marks_get() - the mark of a page
 * @marks: the marks
 * @pfn: its page frame
 *
 * Context: any.
 * Return: the mark, MT_PAGE_MARK_NONE if it has none.
 */
static inline unsigned int mt_page_marks_get(const struct mt_page_marks *marks, unsigned long pfn)
{
	const u8 *leaf;

	if (pfn / MT_PAGE_MARK_LEAF >= marks->nr_leaves)
		return MT_PAGE_MARK_NONE;
	leaf = marks->leaves[pfn / MT_PAGE_MARK_LEAF];
	if (!leaf)
		return MT_PAGE_MARK_NONE;
	return leaf[pfn % MT_PAGE_MARK_LEAF / 2] >> (pfn % 2 * 4) & 0xf;
}

#endif /* MT_PAGE_MARK_H */
