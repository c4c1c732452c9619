// SPDX-License-Identifier: GPL-2.0
/*
 * page_check.c - knows which classes of pages each counter of the kernel should count.
 *
 * Pure: also compiled in userspace.
 */
#include "page_check.h"

#include <linux/kernel.h>
#include <linux/string.h>

#include "snapshot.h"

#define ACCOUNTS	4
#define CLASSES		6

/*
 * struct rule - what must be equal
 * @name: the counter
 * @accounts: whose sum it is; the ledger's total is no account, and ends them
 * @classes: that should sum up to it; free pages come first or not at all, and end them
 */
struct rule {
	const char *name;
	enum mt_account accounts[ACCOUNTS];
	enum mt_page_class classes[CLASSES];
};

static const struct rule rules[MT_PAGE_CHECKS] = {
	{ "MemFree", { MT_FREE }, { MT_PAGE_FREE, MT_PAGE_UNACCEPTED } },
	{ "FreePcp", { MT_FREE_PCP }, { MT_PAGE_FREE_PCP } },
	{
		"LRU",
		{ MT_LRU_ANON, MT_LRU_FILE, MT_UNEVICTABLE, MT_ISOLATED },
		{ MT_PAGE_ANON, MT_PAGE_SHMEM, MT_PAGE_FILE, MT_PAGE_SWAPCACHE },
	},
	{
		"Slab",
		{ MT_SLAB_RECLAIMABLE, MT_SLAB_UNRECLAIMABLE },
		{ MT_PAGE_SLAB, MT_PAGE_LARGE_KMALLOC },
	},
	{ "PageTables", { MT_PAGE_TABLES }, { MT_PAGE_TABLE } },
	{
		"VmallocUsed",
		{ MT_VMALLOC },
		{
			MT_PAGE_VMALLOC, MT_PAGE_VMALLOC_STACK, MT_PAGE_VMALLOC_MODULE,
			MT_PAGE_VMALLOC_BPF, MT_PAGE_VMALLOC_PERCPU, MT_PAGE_VMALLOC_USER,
		},
	},
	{ "Percpu", { MT_PERCPU }, { MT_PAGE_PERCPU } },
	{ "Hugetlb", { MT_HUGETLB }, { MT_PAGE_HUGETLB, MT_PAGE_HUGETLB_FREE } },
	{ "Zspages", { MT_ZSPAGES }, { MT_PAGE_ZSMALLOC } },
	{ "HardwareCorrupted", { MT_HWPOISON }, { MT_PAGE_HWPOISON } },
};

/**
 * mt_page_check() - hold one counter against the pages
 * @check: gets both
 * @which: 0 to MT_PAGE_CHECKS - 1
 * @ledger: the books
 * @counted: pages of each class
 *
 * Context: any.
 * Return: false if the counter is not told.
 */
bool mt_page_check(struct mt_page_check *check, unsigned int which, const struct mt_ledger *ledger,
		   const s64 *counted)
{
	const struct rule *rule = &rules[which];
	unsigned int i;

	*check = (struct mt_page_check) { .name = rule->name };
	for (i = 0; i < ACCOUNTS && rule->accounts[i] != MT_TOTAL; i++) {
		if (!ledger->known[rule->accounts[i]])
			return false;
		check->counter += ledger->pages[rule->accounts[i]];
	}
	for (i = 0; i < CLASSES && (!i || rule->classes[i] != MT_PAGE_FREE); i++)
		check->counted += counted[rule->classes[i]];
	return true;
}

/**
 * mt_page_counts() - what the report of the pages counted
 * @report: the report, sorted
 * @counted: gets the pages of each of the MT_NR_PAGE_CLASSES classes
 * @sampled: set if they were scaled up from a part of memory
 *
 * Context: any.
 * Return: false if it counted nothing.
 */
bool mt_page_counts(const struct mt_snapshot *report, s64 *counted, bool *sampled)
{
	unsigned int row, class;

	memset(counted, 0, MT_NR_PAGE_CLASSES * sizeof(*counted));
	*sampled = false;
	for (row = 0; row < report->nr_rows; row++) {
		const struct mt_cell *pages = mt_snapshot_cell(report, row, "pages");
		const struct mt_cell *name = mt_snapshot_cell(report, row, "class");

		for (class = 0; class < MT_NR_PAGE_CLASSES; class++) {
			if (strcmp(name->text, mt_page_class_name(class)))
				continue;
			counted[class] += pages->number;
			if (class == MT_PAGE_FREE)
				*sampled = pages->certainty != MT_EXACT;
		}
	}
	return row;
}

/**
 * mt_page_counts_ghost() - of the counted pages, those that are in no counter
 * @counted: pages of each class
 * @ledger: the books; old kernels do not count the struct pages of memory that was plugged in
 *
 * Context: any.
 * Return: pages.
 */
s64 mt_page_counts_ghost(const s64 *counted, const struct mt_ledger *ledger)
{
	s64 pages = counted[MT_PAGE_VMAP] + counted[MT_PAGE_GUARD];
	unsigned int class;

	if (!ledger->known[MT_MEMMAP])
		pages += counted[MT_PAGE_MEMMAP];
	for (class = 0; class < MT_NR_PAGE_CLASSES; class++) {
		if (mt_page_is_uncounted(class))
			pages += counted[class];
	}
	return pages;
}
