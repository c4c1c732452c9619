// SPDX-License-Identifier: GPL-2.0
/*
 * page_look.c - knows what a struct page says about its page.
 *
 * The order of the tests matters. Reserved before slab: the pages of KFENCE are reserved and carry
 * the slab mark, and are not in Slab. Types before the reference count: newer kernels keep slab,
 * huge and large kmalloc pages "frozen", with a count of zero. The LRU's marks before marks of
 * ours, which are a moment old. Who shares a word of struct page with another use is asked last.
 *
 * Locking: none. Consistency: words of struct page are read one after the other while the page may
 * change hands; an order is believed only if the page still is what it was, and if the block fits
 * its alignment.
 */
#include "access/page_look.h"

#include <linux/bits.h>
#include <linux/hugetlb.h>
#include <linux/log2.h>
#include <linux/page-flags.h>
#include <linux/pageblock-flags.h>
#if IS_ENABLED(CONFIG_MEMCG)
#include <linux/memcontrol.h>
#endif
#ifndef MT_HAVE_page_pool_page_is_pp
#include <linux/poison.h>
#endif

/* The two low bits of page->mapping, by whatever name. */
#define MAPPING_BITS	3UL
#define MAPPING_ANON	1UL
#define MAPPING_MOVABLE	2UL

static unsigned long flags_of(const struct page *page)
{
	/* a struct of one word since v6.18 */
	return READ_ONCE(*(const unsigned long *)&page->flags);
}

static bool has(unsigned long flags, unsigned int bit)
{
	return flags & BIT(bit);
}

static bool is_zsmalloc(const struct page *page)
{
#ifdef MT_HAVE_PGTY_zsmalloc
	/*
	 * Linux kernel commit 43d746dc49bb ("mm/zsmalloc: use a proper page type") (in v6.11)
	 */
	return PageZsmalloc(page);
#else
	/* the only user of movable pages beside balloons, whose pages are offline, and z3fold */
	return ((unsigned long)READ_ONCE(page->mapping) & MAPPING_BITS) == MAPPING_MOVABLE;
#endif
}

static bool is_page_pool(struct page *page)
{
#ifdef MT_HAVE_page_pool_page_is_pp
	return page_pool_page_is_pp(page);
#elif defined(MT_HAVE_pp_magic)
	return (READ_ONCE(page->pp_magic) & ~3UL) == PP_SIGNATURE;
#else
	return false;
#endif
}

/* Charged to a memory cgroup, and not by way of a process's page tables. */
static bool is_charged(struct page *page)
{
#if !IS_ENABLED(CONFIG_MEMCG)
	return false;
#elif defined(MT_HAVE_Kmemcg)
	return PageKmemcg(page);
#else
	return READ_ONCE(page->memcg_data) & MEMCG_DATA_KMEM;
#endif
}

/* In somebody's page tables; a type of the page reads as a negative number. */
static bool is_mapped(const struct page *page, unsigned int order)
{
	if (atomic_read(&page->_mapcount) >= 0)
		return true;
	return order && atomic_read(&page[BIT(order) - 1]._mapcount) >= 0;
}

static bool is_in_cma(const struct page *page)
{
#if defined(CONFIG_CMA) && defined(CONFIG_SPARSEMEM)
	unsigned long pfn = page_to_pfn(page);
	const struct mem_section *section = __pfn_to_section(pfn);
	unsigned long bit = ((pfn & ~PAGE_SECTION_MASK) >> pageblock_order) * NR_PAGEBLOCK_BITS;
	const unsigned long *words;

	if (!section || !section->usage)
		return false;
	/* declared as an array of no words */
	words = section->usage->pageblock_flags;
	return (READ_ONCE(words[bit / BITS_PER_LONG]) >> bit % BITS_PER_LONG & 7) == MIGRATE_CMA;
#else
	return false;
#endif
}

#ifdef CONFIG_MEMORY_FAILURE
#define HWPOISON_BIT	BIT(PG_hwpoison)
#else
#define HWPOISON_BIT	0UL
#endif

/* Of these, a single page of a process's or of the page cache's has PG_lru only. */
#define NOT_SINGLE_USER	(BIT(PG_lru) | BIT(PG_head) | BIT(PG_reserved) | HWPOISON_BIT)

static enum mt_page_class class_of_user(unsigned long flags, unsigned long mapping)
{
	if (has(flags, PG_swapbacked) && has(flags, PG_swapcache))
		return MT_PAGE_SWAPCACHE;
	if (mapping & MAPPING_ANON)
		return MT_PAGE_ANON;
	return has(flags, PG_swapbacked) ? MT_PAGE_SHMEM : MT_PAGE_FILE;
}

/*
 * A process's page that is on no LRU list at the moment: just made, or isolated. Some drivers set
 * the mapping of pages that they map into processes, too; those are never brought up to date.
 */
static bool is_user(unsigned long flags, unsigned long mapping)
{
	if (has(flags, PG_lru))
		return true;
	if (mapping < PAGE_OFFSET)
		return false;
	if (mapping & MAPPING_ANON)
		return true;
	return !(mapping & MAPPING_BITS) &&
	       (has(flags, PG_uptodate) || has(flags, PG_locked) || has(flags, PG_swapbacked));
}

static const enum mt_page_class class_of_mark[] = {
	[MT_MARK_VMALLOC] = MT_PAGE_VMALLOC,
	[MT_MARK_STACK] = MT_PAGE_VMALLOC_STACK,
	[MT_MARK_MODULE] = MT_PAGE_VMALLOC_MODULE,
	[MT_MARK_BPF] = MT_PAGE_VMALLOC_BPF,
	[MT_MARK_PERCPU] = MT_PAGE_VMALLOC_PERCPU,
	[MT_MARK_USER] = MT_PAGE_VMALLOC_USER,
	[MT_MARK_VMAP] = MT_PAGE_VMAP,
	[MT_MARK_CHUNK] = MT_PAGE_PERCPU,
};

/* Does it say by itself what a page in use is, of which struct page says nothing? */
static bool is_class(unsigned int mark)
{
	return mark != MT_MARK_NONE && mark < MT_MARK_PCP;
}

/*
 * Of struct pages. Memory can be plugged in so that it holds its own, which are not managed, and
 * say so since v6.1.
 */
static enum mt_page_class class_of_memmap(const struct page *page)
{
#ifdef MT_HAVE_PG_vmemmap_self_hosted
	if (has(flags_of(page), PG_vmemmap_self_hosted))
		return MT_PAGE_RESERVED;
#endif
	return MT_PAGE_MEMMAP;
}

static enum mt_page_class class_of_rest(struct page *page, unsigned int order,
					enum mt_page_mark mark)
{
	if (is_class(mark))
		return class_of_mark[mark];
	if (mark == MT_MARK_MEMMAP)
		return class_of_memmap(page);
	if (is_page_pool(page))
		return MT_PAGE_POOL;
	if (is_charged(page))
		return MT_PAGE_CHARGED;
	if (is_mapped(page, order))
		return MT_PAGE_MAPPED;
	if (is_in_cma(page))
		return MT_PAGE_CMA;
	return MT_PAGE_GHOST;
}

/* A block of the allocator is aligned to its size, and no larger than the largest. */
static bool is_plausible(const struct page *page, unsigned int order)
{
	return order <= MT_PAGE_ORDER_MAX && IS_ALIGNED(page_to_pfn(page), BIT(order));
}

/* By a type of its own, the most frequent ones first. False if it has none. */
static bool look_at_type(struct mt_page_look *look, struct page *page)
{
	if (PageBuddy(page)) {
		unsigned int order = page_private(page);

		look->class = MT_PAGE_FREE;
		look->is_block = true;
		if (is_plausible(page, order) && PageBuddy(page))
			look->order = order;
		return true;
	}
	if (PageSlab(page)) {
		look->class = MT_PAGE_SLAB;
		return true;
	}
	if (PageOffline(page)) {
		look->class = MT_PAGE_OFFLINE;
		return true;
	}
	if (PageTable(page)) {
		look->class = MT_PAGE_TABLE;
		return true;
	}
	if (PageGuard(page)) {
		unsigned int order = page_private(page);

		look->class = MT_PAGE_GUARD;
		look->is_block = true;
		if (is_plausible(page, order) && PageGuard(page))
			look->order = order;
		return true;
	}
#ifdef MT_HAVE_PGTY_unaccepted
	if (PageUnaccepted(page)) {
		look->class = MT_PAGE_UNACCEPTED;
		look->is_block = true;
		look->order = is_plausible(page, MT_PAGE_ORDER_MAX) ? MT_PAGE_ORDER_MAX : 0;
		return true;
	}
#endif
#ifdef MT_HAVE_PGTY_large_kmalloc
	/* seen in v7.3, not in v6.12 */
	if (PageLargeKmalloc(page)) {
		look->class = MT_PAGE_LARGE_KMALLOC;
		return true;
	}
#endif
	if (is_zsmalloc(page)) {
		look->class = MT_PAGE_ZSMALLOC;
		return true;
	}
	return false;
}

static void look_at_compound(struct mt_page_look *look, struct page *page)
{
	unsigned int order = compound_order(page);

	look->is_block = true;
	if (PageHuge(page)) {
		/* gigantic ones are larger than the page allocator's largest block */
		if (order < ilog2(PAGES_PER_SECTION) + 16 &&
		    IS_ALIGNED(page_to_pfn(page), BIT(order)))
			look->order = order;
		look->class = page_ref_count(page) ? MT_PAGE_HUGETLB : MT_PAGE_HUGETLB_FREE;
	} else if (is_plausible(page, order) && PageHead(page)) {
		look->order = order;
	}
}

/**
 * mt_page_look_at() - what a page is
 * @look: gets it
 * @page: a page of an online section; not a tail of a compound page
 * @mark: what page_claim.c knows of it
 *
 * Context: any; the section must stay online.
 */
void mt_page_look_at(struct mt_page_look *look, struct page *page, enum mt_page_mark mark)
{
	unsigned long flags = flags_of(page);
	unsigned long mapping;

	*look = (struct mt_page_look) { .class = MT_NR_PAGE_CLASSES };
	/* all bits set: never initialised; the kernel's own tests would make a BUG of it */
	if (has(flags, PG_reserved) || flags == ~0UL) {
		look->class = MT_PAGE_RESERVED;
		return;
	}
	if (has(flags, PG_head))
		look_at_compound(look, page);
#ifdef CONFIG_MEMORY_FAILURE
	/* a block is still its user's, who counts all of it; and only one page of it is bad */
	if (has(flags, PG_hwpoison) && !look->is_block) {
		look->class = MT_PAGE_HWPOISON;
		return;
	}
#endif
	if (look->class != MT_NR_PAGE_CLASSES || look_at_type(look, page))
		return;
	mapping = (unsigned long)READ_ONCE(page->mapping);
	if (is_user(flags, mapping)) {
		look->class = class_of_user(flags, mapping);
		return;
	}
	look->is_zero = !look->is_block && !page_ref_count(page);
	look->class = look->is_zero ? MT_PAGE_FREE_PCP : class_of_rest(page, look->order, mark);
}

/* What a look at one word tells to be no page of the most frequent kinds. */
#define TOLD_BY_FLAGS	(NOT_SINGLE_USER & ~BIT(PG_lru))

/* The words that decide about a single page of a user's. */
#define USER_FLAGS	(NOT_SINGLE_USER | BIT(PG_swapbacked) | BIT(PG_swapcache))

/*
 * Pages on LRU lists stand in long runs of one class: the first one is classed, those behind it are
 * only compared with it. A tail of a compound page has no mark of the LRU's, and what has a type
 * reads as a negative map count.
 */
static const struct page *pass_users(const struct page *page, const struct page *end, u64 *counts)
{
	unsigned long flags = flags_of(page) & USER_FLAGS;
	unsigned long mapping = (unsigned long)READ_ONCE(page->mapping) & MAPPING_ANON;
	const struct page *first = page;

	for (; page < end; page++) {
		if ((flags_of(page) & USER_FLAGS) != flags ||
		    ((unsigned long)READ_ONCE(page->mapping) & MAPPING_ANON) != mapping ||
		    atomic_read(&page->_mapcount) < -1)
			break;
	}
	counts[class_of_user(flags, mapping)] += page - first;
	return page;
}

/*
 * Of a page that is no tail, and of which no flag tells: neither mapped nor in a mapping, and
 * without a type. Then only its reference count says more.
 */
static bool is_blank(struct page *page)
{
	return !READ_ONCE(page->mapping) && atomic_read(&page->_mapcount) == -1 && !PageSlab(page);
}

/**
 * mt_page_look_is_zero() - does nobody hold a page, and is nothing written on it?
 * @page: a page of an online section
 *
 * Context: any; the section must stay online.
 * Return: what mt_page_look_at() says in is_zero; false for a tail of a compound page.
 */
bool mt_page_look_is_zero(struct page *page)
{
	struct mt_page_look look;

	if (PageTail(page))
		return false;
	if (!(flags_of(page) & NOT_SINGLE_USER) && is_blank(page))
		return !page_ref_count(page);
	mt_page_look_at(&look, page, MT_MARK_NONE);
	return look.is_zero;
}

/**
 * mt_page_look_many() - count pages that a glance tells, of which most memory consists
 * @page: the first page, of an online section
 * @pfn: its page frame
 * @nr: pages to look at, at most
 * @marks: what page_claim.c knows
 * @counts: their classes are counted here
 *
 * Pages on LRU lists, free blocks, single slabs, pages on per-CPU free lists, marked pages: what
 * mt_page_look_at() says of them, in a fraction of the time. Not what may begin a block of more
 * than one page without being marked as one.
 *
 * Context: any; the section must stay online.
 * Return: pages before the first one that is something else.
 */
unsigned long mt_page_look_many(struct page *page, unsigned long pfn, unsigned long nr,
				const struct mt_page_marks *marks, u64 *counts)
{
	struct page *first = page;
	struct page *end = page + nr;

	while (page < end) {
		unsigned long flags = flags_of(page);
		unsigned int mark;

		if (flags & TOLD_BY_FLAGS)
			break;
		if (has(flags, PG_lru)) {
			struct page *next = (struct page *)pass_users(page, end, counts);

			if (next == page)
				break;
			page = next;
			continue;
		}
		if (PageTail(page))
			break;
		if (PageBuddy(page)) {
			unsigned int order = page_private(page);

			if (!is_plausible(page, order) || !PageBuddy(page))
				break;
			nr = min_t(unsigned long, BIT(order), end - page);
			counts[MT_PAGE_FREE] += nr;
			page += nr;
			continue;
		}
		if (!is_blank(page)) {
			if (!PageSlab(page))
				break;
			counts[MT_PAGE_SLAB]++;
		} else if (!page_ref_count(page)) {
			counts[MT_PAGE_FREE_PCP]++;
		} else {
			mark = mt_page_marks_get(marks, pfn + (page - first));
			if (!is_class(mark))
				break;
			counts[class_of_mark[mark]]++;
		}
		page++;
	}
	return page - first;
}

/**
 * mt_page_look_reserved() - count pages that are reserved
 * @page: the first page, of an online section
 * @nr: pages to look at, at most
 *
 * Context: any; the section must stay online.
 * Return: pages before the first one that is not reserved.
 */
unsigned long mt_page_look_reserved(const struct page *page, unsigned long nr)
{
	unsigned long i;

	/* all bits set: never initialised */
	for (i = 0; i < nr && has(flags_of(page + i), PG_reserved); i++)
		;
	return i;
}
