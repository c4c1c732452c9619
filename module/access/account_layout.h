/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_ACCOUNT_LAYOUT_H
#define MT_ACCOUNT_LAYOUT_H

#include "introspect/relo.h"

extern unsigned long mt_sym_nr_vmalloc_pages;
extern unsigned long mt_sym_pcpu_nr_populated;
extern unsigned long mt_sym_pcpu_first_chunk;
extern unsigned long mt_sym_pcpu_base_addr;
extern unsigned long mt_sym_hstates;
extern unsigned long mt_sym_hugetlb_max_hstate;
extern unsigned long mt_sym_default_hstate_idx;
extern unsigned long mt_sym_num_poisoned_pages;
extern unsigned long mt_sym_nr_memmap_pages;
extern unsigned long mt_sym_total_swap_pages;

extern struct mt_field mt_pcpu_chunk_base_addr;
extern struct mt_field mt_pcpu_chunk_nr_pages;

extern struct mt_relo_table mt_vmalloc_counter_table;
extern struct mt_relo_table mt_percpu_table;
extern struct mt_relo_table mt_hugetlb_table;
extern struct mt_relo_table mt_hwpoison_table;
extern struct mt_relo_table mt_memmap_table;
extern struct mt_relo_table mt_swap_table;

#endif /* MT_ACCOUNT_LAYOUT_H */
