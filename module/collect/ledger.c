// SPDX-License-Identifier: GPL-2.0
/*
 * ledger.c - the report of the books: every page of MemTotal in exactly one account.
 *
 * From counters alone, so it costs microseconds and never walks anything.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "access/account.h"
#include "access/account_layout.h"
#include "access/books.h"
#include "access/vmstat.h"
#include "ledger.h"
#include "snapshot.h"

#define PAGES_TO_KB(_pages) ((_pages) * (s64)(PAGE_SIZE / 1024))

/* The classic formula; false if a term is unknown. */
static bool read_article(const struct mt_ledger *ledger, const struct mt_vmstat *vmstat, s64 *ghost)
{
	struct mt_article article = {
		.total = ledger->pages[MT_TOTAL],
		.free = ledger->pages[MT_FREE],
		.slab = mt_vmstat_slab(vmstat),
		.vmalloc = ledger->pages[MT_VMALLOC],
		.page_tables = ledger->pages[MT_PAGE_TABLES],
		.kernel_stack = vmstat->node[NR_KERNEL_STACK_KB] / (s64)(PAGE_SIZE / 1024),
		.hwpoison = ledger->pages[MT_HWPOISON],
#ifdef MT_HAVE_NR_BOUNCE
		.bounce = vmstat->zone[NR_BOUNCE],
#endif
		.lru = ledger->pages[MT_LRU_ANON] + ledger->pages[MT_LRU_FILE] +
		       ledger->pages[MT_UNEVICTABLE],
	};
	s64 all_sizes;

	if (!mt_account_hugetlb(&all_sizes, &article.hugetlb))
		return false;
	*ghost = mt_article_ghost(&article);
	return ledger->known[MT_VMALLOC] && ledger->known[MT_HWPOISON];
}

/* What every kernel tells, so that its absence is a loss; the others came with some version. */
static bool is_told_by_all(enum mt_account account)
{
	return account == MT_VMALLOC || account == MT_PERCPU || account == MT_HUGETLB ||
	       account == MT_HWPOISON || account == MT_BALLOON;
}

/* An account that is not told is named in the state line: its pages are inside Ghost. */
static void name_unknown(struct mt_snapshot *snap, const struct mt_ledger *ledger)
{
	char words[128] = "";
	unsigned int account;

	for (account = 0; account < MT_NR_ACCOUNTS; account++) {
		if (ledger->known[account])
			continue;
		/* not an account of its own under VMAP_STACK: inside Vmalloc */
		if (IS_ENABLED(CONFIG_VMAP_STACK) && account == MT_KERNEL_STACK)
			continue;
		if (is_told_by_all(account))
			mt_snapshot_partial(snap, "%s could not be read", mt_ledger_name(account));
		strlcat(words, " ", sizeof(words));
		strlcat(words, mt_ledger_name(account), sizeof(words));
	}
	if (*words)
		mt_snapshot_remark(snap, "not told by this kernel, so inside Ghost:%s", words);
}

static int collect(struct mt_snapshot *snap)
{
	struct mt_vmstat vmstat;
	struct mt_ledger ledger;
	unsigned int account;
	s64 ghost;

	mt_books_read(&ledger, &vmstat);
	for (account = 0; account < MT_NR_ACCOUNTS; account++) {
		struct mt_cell cells[] = {
			ledger.known[account] ? mt_exact(PAGES_TO_KB(ledger.pages[account])) :
						mt_unknown(),
			mt_text(mt_ledger_name(account)),
		};

		mt_snapshot_add(snap, cells);
	}
	name_unknown(snap, &ledger);

	if (read_article(&ledger, &vmstat, &ghost))
		mt_snapshot_print(snap, "GhostArticle: %lld kB", PAGES_TO_KB(ghost));
	else
		mt_snapshot_print(snap, "GhostArticle: -");
	return 0;
}

static const struct mt_column columns[] = {
	{ .name = "kB", .type = MT_NUMBER },
	{ .name = "account", .type = MT_WORD },
};

const struct mt_collector mt_ledger_collector = {
	.name = "ledger",
	.form = MT_FORM_BOOK,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.needs = {
#ifndef MT_HAVE_NR_VMALLOC
		{
			.any_of = { &mt_vmalloc_counter_table },
			.loses = "Vmalloc",
		},
#endif
		{
			.any_of = { &mt_percpu_table },
			.loses = "Percpu",
		},
		{
			.any_of = { &mt_hugetlb_table },
			.loses = "Hugetlb",
			.may_be_absent = !IS_ENABLED(CONFIG_HUGETLB_PAGE),
		},
		{
			.any_of = { &mt_hwpoison_table },
			.loses = "HwPoison",
			.may_be_absent = !IS_ENABLED(CONFIG_MEMORY_FAILURE),
		},
		{
			.any_of = { &mt_memmap_table },
			.loses = "Memmap",
			.may_be_absent = true,
		},
	},
	.collect = collect,
};
