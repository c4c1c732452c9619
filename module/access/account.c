// SPDX-License-Identifier: GPL-2.0
/*
 * account.c - knows the counters behind /proc/meminfo that are not exported.
 *
 * Locking: none. Consistency: each is one or two words, read as they are.
 */
#include "access/account.h"

#include <linux/cpumask.h>
#include <linux/hugetlb.h>
#include <linux/mm.h>

#include "access/account_layout.h"
#include "access/page_memmap.h"
#include "access/vmstat.h"
#include "introspect/kread.h"

static bool read_long(const struct mt_relo_table *table, unsigned long symbol, s64 *pages)
{
	unsigned long value;

	if (table->state != MT_RELO_READY || !mt_kread_ulong(symbol, &value))
		return false;
	*pages = (long)value;
	return true;
}

static bool read_int(unsigned long symbol, int *value)
{
	return mt_kread(value, symbol, sizeof(*value));
}

/**
 * mt_account_vmalloc() - pages that vmalloc allocated (VmallocUsed)
 * @vmstat: the counters, among which it is in newer kernels
 * @pages: set on success
 *
 * Context: any.
 * Return: false if this kernel does not tell.
 */
bool mt_account_vmalloc(const struct mt_vmstat *vmstat, s64 *pages)
{
#ifdef MT_HAVE_NR_VMALLOC
	*pages = vmstat->node[NR_VMALLOC];
	return true;
#else
	return read_long(&mt_vmalloc_counter_table, mt_sym_nr_vmalloc_pages, pages);
#endif
}

/**
 * mt_account_percpu_first() - where the first percpu chunk is
 * @base: set on success: address of its first unit
 * @unit_pages: set on success: pages of a unit that are in use
 *
 * Boot memory outside MemTotal: pcpu_setup_first_chunk() takes the whole of it, from
 * pcpu_base_addr to the end of pcpu_first_chunk.
 *
 * Context: any.
 * Return: false if this kernel does not tell.
 */
bool mt_account_percpu_first(unsigned long *base, unsigned long *unit_pages)
{
	unsigned long chunk;
	u64 start, nr_pages;

	if (mt_percpu_table.state != MT_RELO_READY)
		return false;
	if (!mt_kread_ulong(mt_sym_pcpu_first_chunk, &chunk) ||
	    !mt_kread_ulong(mt_sym_pcpu_base_addr, base) ||
	    !mt_kread_field(chunk, &mt_pcpu_chunk_base_addr, &start) ||
	    !mt_kread_field(chunk, &mt_pcpu_chunk_nr_pages, &nr_pages) || start < *base)
		return false;
	*unit_pages = nr_pages + ((start - *base) >> PAGE_SHIFT);
	return true;
}

/**
 * mt_account_percpu() - pages of dynamic percpu chunks
 * @pages: set on success
 *
 * The kernel's counter is in pages of one unit and includes the first chunk. Chunks are populated
 * for possible CPUs, of which there may be fewer than units, so /proc/meminfo can say more.
 *
 * Context: any.
 * Return: false if this kernel does not tell.
 */
bool mt_account_percpu(s64 *pages)
{
	unsigned long base, unit_pages;
	int populated;

	if (!mt_account_percpu_first(&base, &unit_pages) ||
	    !read_int(mt_sym_pcpu_nr_populated, &populated) || populated < 0 ||
	    unit_pages > (unsigned long)populated)
		return false;
	*pages = (populated - (s64)unit_pages) * num_possible_cpus();
	return true;
}

/**
 * mt_account_hugetlb() - pages of huge page pools, used and free
 * @pages: set on success: of all sizes
 * @default_size_pages: set on success: of the default size, for the classic formula
 *
 * Context: any.
 * Return: false if this kernel does not tell; true with 0 if it has no huge pages.
 */
bool mt_account_hugetlb(s64 *pages, s64 *default_size_pages)
{
	*pages = 0;
	*default_size_pages = 0;
#ifdef CONFIG_HUGETLB_PAGE
	if (mt_hugetlb_table.state == MT_RELO_READY) {
		const struct hstate *hstate = (const struct hstate *)mt_sym_hstates;
		int nr_sizes, default_size, i;

		if (!read_int(mt_sym_hugetlb_max_hstate, &nr_sizes) ||
		    !read_int(mt_sym_default_hstate_idx, &default_size) ||
		    nr_sizes < 0 || nr_sizes > HUGE_MAX_HSTATE)
			return false;
		for (i = 0; i < nr_sizes; i++, hstate++) {
			unsigned long nr;
			unsigned int order;
			s64 size_pages;

			if (!mt_kread_ulong((unsigned long)&hstate->nr_huge_pages, &nr) ||
			    !mt_kread(&order, (unsigned long)&hstate->order, sizeof(order)) ||
			    order >= BITS_PER_LONG)
				return false;
			size_pages = (s64)nr << order;
			*pages += size_pages;
			if (i == default_size)
				*default_size_pages = size_pages;
		}
		return true;
	}
	return false;
#else
	return true;
#endif
}

/**
 * mt_account_hwpoison() - pages with a memory error (HardwareCorrupted)
 * @pages: set on success
 *
 * Context: any.
 * Return: false if this kernel does not tell; true with 0 if it never poisons a page.
 */
bool mt_account_hwpoison(s64 *pages)
{
	*pages = 0;
	if (!IS_ENABLED(CONFIG_MEMORY_FAILURE))
		return true;
	return read_long(&mt_hwpoison_table, mt_sym_num_poisoned_pages, pages);
}

/**
 * mt_account_memmap() - struct pages that were allocated from the buddy allocator
 * @pages: set on success
 *
 * The counter has those as well that are outside MemTotal, in the plugged memory itself or on a
 * device.
 *
 * Context: process context, may sleep.
 * Return: false if this kernel does not count them.
 */
bool mt_account_memmap(s64 *pages)
{
	struct mt_page_memmap_outside outside;

	if (!read_long(&mt_memmap_table, mt_sym_nr_memmap_pages, pages))
		return false;
	if (!*pages)
		return true;
	if (!mt_page_memmap_outside(&outside))
		return false;
	*pages = max_t(s64, *pages - outside.reserved - outside.elsewhere, 0);
	return true;
}

/**
 * mt_account_swapcache() - pages that are in swap space too
 * @vmstat: the counters, among which it is since Linux kernel commit b6038942480e ("mm: memcg: add
 *          swapcache stat for memcg v2") (in v5.12)
 * @pages: set on success
 *
 * Context: any.
 * Return: false if this kernel does not tell; true with 0 if it has no swap space.
 */
bool mt_account_swapcache(const struct mt_vmstat *vmstat, s64 *pages)
{
	*pages = 0;
#ifdef CONFIG_SWAP
#ifdef MT_HAVE_NR_SWAPCACHE
	*pages = vmstat->node[NR_SWAPCACHE];
#else
	return read_long(&mt_swap_table, mt_sym_total_swap_pages, pages) && !*pages;
#endif
#endif
	return true;
}
