// SPDX-License-Identifier: GPL-2.0
/*
 * ledger.c - knows the accounts, and that they sum up to MemTotal.
 *
 * Pure arithmetic. The ghost is never clamped: a negative one says that counters contradict each
 * other, and an operator who is not told would trust them.
 */
#include "ledger.h"

#include <linux/build_bug.h>
#include <linux/kernel.h>

static const char *const names[] = {
	[MT_TOTAL] = "Total",
	[MT_FREE] = "Free",
	[MT_FREE_PCP] = "FreePcp",
	[MT_LRU_ANON] = "LruAnon",
	[MT_LRU_FILE] = "LruFile",
	[MT_UNEVICTABLE] = "Unevictable",
	[MT_ISOLATED] = "Isolated",
	[MT_SLAB_RECLAIMABLE] = "SlabReclaimable",
	[MT_SLAB_UNRECLAIMABLE] = "SlabUnreclaimable",
	[MT_KERNEL_MISC] = "KernelMisc",
	[MT_VMALLOC] = "Vmalloc",
	[MT_KERNEL_STACK] = "KernelStack",
	[MT_PERCPU] = "Percpu",
	[MT_PAGE_TABLES] = "PageTables",
	[MT_SEC_PAGE_TABLES] = "SecPageTables",
	[MT_HUGETLB] = "Hugetlb",
	[MT_ZSPAGES] = "Zspages",
	[MT_WRITEBACK] = "Writeback",
	[MT_HWPOISON] = "HwPoison",
	[MT_MEMMAP] = "Memmap",
	[MT_GPU] = "Gpu",
	[MT_BALLOON] = "Balloon",
	[MT_GHOST] = "Ghost",
};

static_assert(ARRAY_SIZE(names) == MT_NR_ACCOUNTS);

/**
 * mt_ledger_set() - enter an account
 * @ledger: the books
 * @account: which one
 * @pages: its pages
 *
 * Context: any.
 */
void mt_ledger_set(struct mt_ledger *ledger, enum mt_account account, s64 pages)
{
	ledger->pages[account] = pages;
	ledger->known[account] = true;
}

/**
 * mt_ledger_balance() - what no account explains is the ghost
 * @ledger: the books, MT_TOTAL entered
 *
 * Context: any.
 */
void mt_ledger_balance(struct mt_ledger *ledger)
{
	s64 ghost = ledger->pages[MT_TOTAL];
	unsigned int account;

	for (account = MT_TOTAL + 1; account < MT_GHOST; account++) {
		if (ledger->known[account])
			ghost -= ledger->pages[account];
	}
	mt_ledger_set(ledger, MT_GHOST, ghost);
}

/**
 * mt_ledger_name() - what an account is called in the report
 * @account: which one
 *
 * Context: any.
 * Return: its name.
 */
const char *mt_ledger_name(enum mt_account account)
{
	return names[account];
}

/**
 * mt_ledger_has_large_slab() - may a slab cache be an incident?
 * @ledger: the books
 *
 * Context: any.
 * Return: false if all slab together has less than a fortieth of the memory: less than what the
 * verdicts of judge/slab.c call large.
 */
bool mt_ledger_has_large_slab(const struct mt_ledger *ledger)
{
	s64 pages = ledger->pages[MT_SLAB_RECLAIMABLE] + ledger->pages[MT_SLAB_UNRECLAIMABLE];

	return pages * 40 >= ledger->pages[MT_TOTAL];
}

/**
 * mt_article_ghost() - the classic formula, for comparison with what others print
 * @article: what it is made of
 *
 * It counts kernel stacks twice under VMAP_STACK, and takes free pages on per-CPU lists, percpu
 * memory, zspages and huge pages of other sizes for ghosts.
 *
 * Context: any.
 * Return: pages; signed.
 */
s64 mt_article_ghost(const struct mt_article *article)
{
	return article->total - article->free -
	       (article->slab + article->vmalloc + article->page_tables + article->kernel_stack +
		article->hwpoison + article->bounce) -
	       article->lru - article->hugetlb;
}
