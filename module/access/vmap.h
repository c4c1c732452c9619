/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_VMAP_H
#define MT_VMAP_H

#include <linux/types.h>

/**
 * enum mt_vmap_use - what an area was made for, as far as its flags and BPF tell
 * @MT_VMAP_ALLOC: vmalloc: has pages of its own
 * @MT_VMAP_MAP: vmap: maps pages that somebody else allocated
 * @MT_VMAP_RAM: vm_map_ram: the same, short-lived
 * @MT_VMAP_IOREMAP: device memory
 * @MT_VMAP_USER: vmalloc that may be mapped into a process
 * @MT_VMAP_BPF: vmalloc that BPF packs programs into, whoever is named as its caller
 * @MT_VMAP_OTHER: none of these
 */
enum mt_vmap_use {
	MT_VMAP_ALLOC,
	MT_VMAP_MAP,
	MT_VMAP_RAM,
	MT_VMAP_IOREMAP,
	MT_VMAP_USER,
	MT_VMAP_BPF,
	MT_VMAP_OTHER,
};

struct mt_vmap_tree;

/** MT_VMAP_PAGES - pages that mt_vmap_pages() finds at once */
#define MT_VMAP_PAGES	64

/**
 * struct mt_vmap_area - one area, in plain values
 * @caller: address in the function that asked for it, 0 unknown; never printed as a number
 * @bytes: its size without the guard page
 * @pages: pages that vmalloc allocated for it and counts in VmallocUsed
 * @use: what it was made for
 * @start: its address; never printed
 * @page_array: address of the array of pointers to the pages that it owns, 0 if it owns none; never
 *              printed
 * @nr_page_array: entries of the array
 * @is_mapped: maps pages that somebody else owns
 * @is_chunk: a percpu chunk: has pages, but no array of them
 * @tree: where it stands, for mt_vmap_pages(); good during the visit
 */
struct mt_vmap_area {
	unsigned long caller;
	unsigned long start;
	unsigned long page_array;
	unsigned long nr_page_array;
	bool is_mapped;
	bool is_chunk;
	u64 bytes;
	u64 pages;
	enum mt_vmap_use use;
	const struct mt_vmap_tree *tree;
};

/**
 * typedef mt_vmap_visit_t - takes one area
 * @area: the area
 * @arg: the visitor's own
 *
 * Called without a lock, may sleep. Returns 0; -errno ends the walk.
 */
typedef int (*mt_vmap_visit_t)(const struct mt_vmap_area *area, void *arg);

int mt_vmap_for_each(mt_vmap_visit_t visit, void *arg);
int mt_vmap_pages(const struct mt_vmap_area *area, unsigned long offset, unsigned int nr,
		  unsigned long *pfns);

#endif /* MT_VMAP_H */
