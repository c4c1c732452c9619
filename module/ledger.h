/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_LEDGER_H
#define MT_LEDGER_H

#include <linux/types.h>

/**
 * enum mt_account - where a page of MemTotal can be; each page is in exactly one
 * @MT_TOTAL: managed pages: the sum of all the others
 * @MT_FREE: buddy free lists (MemFree)
 * @MT_FREE_PCP: per-CPU free lists: free, but not in MemFree
 * @MT_LRU_ANON: on the anonymous LRU lists, also tmpfs and shared memory
 * @MT_LRU_FILE: on the file LRU lists
 * @MT_UNEVICTABLE: on the unevictable list: mlocked, ramfs, secretmem
 * @MT_ISOLATED: taken off an LRU list for reclaim or migration
 * @MT_SLAB_RECLAIMABLE: slab pages that shrinkers may give back
 * @MT_SLAB_UNRECLAIMABLE: the other slab pages, and large kmalloc
 * @MT_KERNEL_MISC: reclaimable kernel memory that is not slab (KReclaimable without slab)
 * @MT_VMALLOC: allocated by vmalloc; under VMAP_STACK kernel stacks too
 * @MT_KERNEL_STACK: kernel stacks without VMAP_STACK
 * @MT_PERCPU: dynamic percpu chunks; the first chunk is boot memory and not in MemTotal
 * @MT_PAGE_TABLES: page tables of the levels that the kernel counts
 * @MT_SEC_PAGE_TABLES: secondary page tables: KVM, from v6.7 on IOMMU
 * @MT_HUGETLB: huge pages of all sizes, free ones too
 * @MT_ZSPAGES: zram and zswap pools
 * @MT_WRITEBACK: FUSE's temporary copies and bounce buffers
 * @MT_HWPOISON: pages with a memory error
 * @MT_MEMMAP: struct pages that came from the buddy allocator
 * @MT_GPU: pages of GPU drivers (TTM)
 * @MT_BALLOON: inflated, but still inside MemTotal
 * @MT_GHOST: the rest: in use, and no counter says by whom
 * @MT_NR_ACCOUNTS: how many there are
 */
enum mt_account {
	MT_TOTAL,
	MT_FREE,
	MT_FREE_PCP,
	MT_LRU_ANON,
	MT_LRU_FILE,
	MT_UNEVICTABLE,
	MT_ISOLATED,
	MT_SLAB_RECLAIMABLE,
	MT_SLAB_UNRECLAIMABLE,
	MT_KERNEL_MISC,
	MT_VMALLOC,
	MT_KERNEL_STACK,
	MT_PERCPU,
	MT_PAGE_TABLES,
	MT_SEC_PAGE_TABLES,
	MT_HUGETLB,
	MT_ZSPAGES,
	MT_WRITEBACK,
	MT_HWPOISON,
	MT_MEMMAP,
	MT_GPU,
	MT_BALLOON,
	MT_GHOST,
	MT_NR_ACCOUNTS,
};

/**
 * struct mt_ledger - the books
 * @pages: pages of each account; signed, because counters that are read one after the other may
 *         contradict each other
 * @known: whether this kernel tells the account; the pages of one that it does not tell are in
 *         MT_GHOST
 */
struct mt_ledger {
	s64 pages[MT_NR_ACCOUNTS];
	bool known[MT_NR_ACCOUNTS];
};

/**
 * struct mt_article - what the classic formula for unaccounted memory is made of, in pages
 * @total: MemTotal
 * @free: MemFree
 * @slab: Slab
 * @vmalloc: VmallocUsed
 * @page_tables: PageTables
 * @kernel_stack: KernelStack
 * @hwpoison: HardwareCorrupted
 * @bounce: Bounce
 * @lru: Active + Inactive + Unevictable
 * @hugetlb: HugePages_Total * Hugepagesize
 */
struct mt_article {
	s64 total;
	s64 free;
	s64 slab;
	s64 vmalloc;
	s64 page_tables;
	s64 kernel_stack;
	s64 hwpoison;
	s64 bounce;
	s64 lru;
	s64 hugetlb;
};

void mt_ledger_set(struct mt_ledger *ledger, enum mt_account account, s64 pages);
void mt_ledger_balance(struct mt_ledger *ledger);
const char *mt_ledger_name(enum mt_account account);
bool mt_ledger_has_large_slab(const struct mt_ledger *ledger);
s64 mt_article_ghost(const struct mt_article *article);

#endif /* MT_LEDGER_H */
