// SPDX-License-Identifier: GPL-2.0
/*
 * account_layout.c - knows what the counters behind /proc/meminfo that are not exported are called.
 */
#include "access/account_layout.h"

unsigned long mt_sym_nr_vmalloc_pages;
unsigned long mt_sym_pcpu_nr_populated;
unsigned long mt_sym_pcpu_first_chunk;
unsigned long mt_sym_pcpu_base_addr;
unsigned long mt_sym_hstates;
unsigned long mt_sym_hugetlb_max_hstate;
unsigned long mt_sym_default_hstate_idx;
unsigned long mt_sym_num_poisoned_pages;
unsigned long mt_sym_nr_memmap_pages;
unsigned long mt_sym_total_swap_pages;

struct mt_field mt_pcpu_chunk_base_addr;
struct mt_field mt_pcpu_chunk_nr_pages;

/* A node's counter (NR_VMALLOC) in the newest kernels, then this table is not asked for. */
static struct mt_relo vmalloc_counter_entries[] = {
	MT_SYMBOL(REQUIRED, mt_sym_nr_vmalloc_pages, "nr_vmalloc_pages"),
};

MT_RELO_TABLE(mt_vmalloc_counter_table, "vmalloc_counter", vmalloc_counter_entries);

static struct mt_relo percpu_entries[] = {
	MT_SYMBOL(REQUIRED, mt_sym_pcpu_nr_populated, "pcpu_nr_populated"),
	MT_SYMBOL(REQUIRED, mt_sym_pcpu_first_chunk, "pcpu_first_chunk"),
	MT_SYMBOL(REQUIRED, mt_sym_pcpu_base_addr, "pcpu_base_addr"),
	MT_MEMBER(REQUIRED, mt_pcpu_chunk_base_addr, "pcpu_chunk.base_addr"),
	MT_MEMBER(REQUIRED, mt_pcpu_chunk_nr_pages, "pcpu_chunk.nr_pages"),
};

MT_RELO_TABLE(mt_percpu_table, "percpu", percpu_entries);

/* With CONFIG_HUGETLB_PAGE only: a kernel without it has no huge pages to count. */
static struct mt_relo hugetlb_entries[] = {
	MT_SYMBOL(GATE, mt_sym_hstates, "hstates"),
	MT_SYMBOL(REQUIRED, mt_sym_hugetlb_max_hstate, "hugetlb_max_hstate"),
	MT_SYMBOL(REQUIRED, mt_sym_default_hstate_idx, "default_hstate_idx"),
};

MT_RELO_TABLE(mt_hugetlb_table, "hugetlb", hugetlb_entries);

/* With CONFIG_MEMORY_FAILURE only: a kernel without it poisons no page. */
static struct mt_relo hwpoison_entries[] = {
	MT_SYMBOL(GATE, mt_sym_num_poisoned_pages, "num_poisoned_pages"),
};

MT_RELO_TABLE(mt_hwpoison_table, "hwpoison", hwpoison_entries);

/*
 * Linux kernel commit 15995a352474 ("mm: report per-page metadata information") (in v6.11); an
 * older kernel does not count these pages.
 */
static struct mt_relo memmap_entries[] = {
	MT_SYMBOL(GATE, mt_sym_nr_memmap_pages, "nr_memmap_pages"),
};

MT_RELO_TABLE(mt_memmap_table, "memmap", memmap_entries);

/* Asked for only where no counter of the node's (NR_SWAPCACHE) says more. */
static struct mt_relo swap_entries[] = {
	MT_SYMBOL(GATE, mt_sym_total_swap_pages, "total_swap_pages"),
};

MT_RELO_TABLE(mt_swap_table, "swap", swap_entries);
