// SPDX-License-Identifier: GPL-2.0
/*
 * books.c - knows from which counters each account of the ledger is read.
 *
 * Locking: none of the kernel's but a bus's list lock, see mt_balloon_read(). Consistency: the
 * counters are read one after the other; what moves between accounts meanwhile is in the ghost.
 */
#include "access/books.h"

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "access/account.h"
#include "access/balloon.h"
#include "access/vmstat.h"
#include "ledger.h"

static void enter_counters(struct mt_ledger *ledger, const struct mt_vmstat *vmstat)
{
	const s64 *node = vmstat->node;
	s64 writeback = 0;

	mt_ledger_set(ledger, MT_FREE, vmstat->zone[NR_FREE_PAGES]);
	mt_ledger_set(ledger, MT_FREE_PCP, vmstat->pcp_pages);
	mt_ledger_set(ledger, MT_LRU_ANON, node[NR_INACTIVE_ANON] + node[NR_ACTIVE_ANON]);
	mt_ledger_set(ledger, MT_LRU_FILE, node[NR_INACTIVE_FILE] + node[NR_ACTIVE_FILE]);
	mt_ledger_set(ledger, MT_UNEVICTABLE, node[NR_UNEVICTABLE]);
	mt_ledger_set(ledger, MT_ISOLATED, node[NR_ISOLATED_ANON] + node[NR_ISOLATED_FILE]);
	mt_ledger_set(ledger, MT_SLAB_RECLAIMABLE, node[NR_SLAB_RECLAIMABLE_B]);
	mt_ledger_set(ledger, MT_SLAB_UNRECLAIMABLE, node[NR_SLAB_UNRECLAIMABLE_B]);
	mt_ledger_set(ledger, MT_KERNEL_MISC, node[NR_KERNEL_MISC_RECLAIMABLE]);
	mt_ledger_set(ledger, MT_PAGE_TABLES, mt_vmstat_page_tables(vmstat));
#ifdef MT_HAVE_NR_SECONDARY_PAGETABLE
	mt_ledger_set(ledger, MT_SEC_PAGE_TABLES, node[NR_SECONDARY_PAGETABLE]);
#endif
#if IS_ENABLED(CONFIG_ZSMALLOC)
	mt_ledger_set(ledger, MT_ZSPAGES, vmstat->zone[NR_ZSPAGES]);
#else
	mt_ledger_set(ledger, MT_ZSPAGES, 0);
#endif
#ifdef MT_HAVE_NR_WRITEBACK_TEMP
	writeback += node[NR_WRITEBACK_TEMP];
#endif
#ifdef MT_HAVE_NR_BOUNCE
	writeback += vmstat->zone[NR_BOUNCE];
#endif
	mt_ledger_set(ledger, MT_WRITEBACK, writeback);
#ifdef MT_HAVE_NR_GPU_ACTIVE
	mt_ledger_set(ledger, MT_GPU, node[NR_GPU_ACTIVE] + node[NR_GPU_RECLAIM]);
#endif
#ifndef CONFIG_VMAP_STACK
	mt_ledger_set(ledger, MT_KERNEL_STACK,
		      node[NR_KERNEL_STACK_KB] / (s64)(PAGE_SIZE / 1024));
#endif
}

/**
 * mt_books_read() - read the books
 * @ledger: gets them, balanced
 * @vmstat: gets the counters they were made of
 *
 * Context: process context, may sleep. Microseconds, but on VMware and Hyper-V, where a module's
 * BTF is read.
 */
void mt_books_read(struct mt_ledger *ledger, struct mt_vmstat *vmstat)
{
	struct mt_balloon balloons[MT_BALLOONS];
	unsigned int nr_balloons, i;
	s64 hugetlb_default;
	s64 inside = 0;
	bool told = true;
	s64 pages;

	memset(ledger, 0, sizeof(*ledger));
	mt_vmstat_read(vmstat);
	mt_ledger_set(ledger, MT_TOTAL, totalram_pages());
	enter_counters(ledger, vmstat);
	if (mt_account_vmalloc(vmstat, &pages))
		mt_ledger_set(ledger, MT_VMALLOC, pages);
	if (mt_account_percpu(&pages))
		mt_ledger_set(ledger, MT_PERCPU, pages);
	if (mt_account_hugetlb(&pages, &hugetlb_default))
		mt_ledger_set(ledger, MT_HUGETLB, pages);
	if (mt_account_hwpoison(&pages))
		mt_ledger_set(ledger, MT_HWPOISON, pages);
	if (mt_account_memmap(&pages))
		mt_ledger_set(ledger, MT_MEMMAP, pages);

	nr_balloons = mt_balloon_read(balloons);
	for (i = 0; i < nr_balloons; i++) {
		if (balloons[i].in_total == MT_BALLOON_OUTSIDE)
			continue;
		if (balloons[i].known && balloons[i].in_total == MT_BALLOON_INSIDE)
			inside += balloons[i].pages;
		else
			told = false;
	}
	if (told)
		mt_ledger_set(ledger, MT_BALLOON, inside);
	mt_ledger_balance(ledger);
}
