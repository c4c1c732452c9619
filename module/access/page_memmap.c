// SPDX-License-Identifier: GPL-2.0
/*
 * page_memmap.c - knows which pages hold the struct pages of memory that was plugged in later.
 *
 * The memory map of what was there at boot is reserved. That of a section plugged in later, online
 * or not, a device's or not, comes from the page allocator like a driver's buffer, 2 MiB for a
 * section of 128 MiB, and nothing is written on it. But it is mapped where its struct pages are
 * read, so the page tables tell. Huge pages that shared their struct pages
 * (hugetlb_free_vmemmap=on) get pages for them in the same way when they are given back.
 *
 * Struct pages may also be in what they describe: at the begin of the memory that was plugged in
 * (memory_hotplug.memmap_on_memory, Linux kernel commit a08a2ae34613, v5.13), or on the device.
 * These are in no MemTotal, but the kernel's counter has them (section_nr_vmemmap_pages()).
 *
 * Locking: none.
 * Consistency: a section may be unplugged meanwhile, and its page tables with it: so every entry
 * is read tolerating faults, and one that was overwritten leads to pages that it should not. These
 * are believed only of pages that say nothing about themselves.
 */
#include "access/page_memmap.h"

#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sched.h>

#include "access/page_fence.h"
#include "introspect/kread.h"

/* Whose page tables are known here. */
#if defined(CONFIG_X86_64) && defined(CONFIG_SPARSEMEM_VMEMMAP)
#define MEMMAP_IS_MAPPED	1
#endif

#ifdef MEMMAP_IS_MAPPED

#define TABLE_BITS	9

/*
 * The entry that maps an address, 0 if none does; @shift gets the size of what it maps, or of the
 * hole.
 */
static unsigned long entry_of(unsigned long address, unsigned int *shift)
{
	unsigned long table = (unsigned long)current->active_mm->pgd;
	unsigned long entry;

	*shift = pgtable_l5_enabled() ? P4D_SHIFT + TABLE_BITS : P4D_SHIFT;
	for (;;) {
		unsigned long i = address >> *shift & (BIT(TABLE_BITS) - 1);

		if (!mt_kread_ulong(table + i * sizeof(entry), &entry) || !(entry & _PAGE_PRESENT))
			return 0;
		if (*shift == PAGE_SHIFT || (*shift <= PUD_SHIFT && entry & _PAGE_PSE))
			return entry;
		table = (unsigned long)__va(entry & PTE_PFN_MASK);
		*shift -= TABLE_BITS;
	}
}

#endif

/**
 * mt_page_memmap_next() - the next section that there is
 * @pfn: a page frame
 * @end_pfn: where to end
 *
 * Context: any.
 * Return: the first page frame of a section from @pfn on, or @end_pfn.
 */
unsigned long mt_page_memmap_next(unsigned long pfn, unsigned long end_pfn)
{
#ifdef MEMMAP_IS_MAPPED
	for (pfn = ALIGN(pfn, PAGES_PER_SECTION); pfn < end_pfn; pfn += PAGES_PER_SECTION) {
		struct mem_section *section = __pfn_to_section(pfn);

		if (section && valid_section(section))
			return pfn;
	}
#endif
	return end_pfn;
}

/**
 * mt_page_memmap_visit() - visit the pages that hold a section's struct pages
 * @pfn: the section's first page frame
 * @visit: takes pages
 * @arg: handed to @visit
 *
 * What boot mapped by huge pages is left out: it is reserved.
 *
 * Context: process context; sleeps if @visit does.
 */
void mt_page_memmap_visit(unsigned long pfn, mt_page_memmap_visit_t visit, void *arg)
{
#ifdef MEMMAP_IS_MAPPED
	unsigned long address = (unsigned long)pfn_to_page(pfn);
	unsigned long end = address + PAGES_PER_SECTION * sizeof(struct page);
	bool is_early = early_section(__pfn_to_section(pfn));

	while (address < end) {
		unsigned int shift;
		unsigned long entry = entry_of(address, &shift);

		if (entry && shift <= PMD_SHIFT && (shift == PAGE_SHIFT || !is_early))
			visit((entry & PTE_PFN_MASK & -BIT(shift)) >> PAGE_SHIFT,
			      BIT(shift - PAGE_SHIFT), arg);
		address = ALIGN(address + 1, BIT(shift));
	}
#endif
}

#ifdef MEMMAP_IS_MAPPED

#ifdef MT_HAVE_PG_vmemmap_self_hosted
#define OUTSIDE_FLAGS	(BIT(PG_reserved) | BIT(PG_vmemmap_self_hosted))
#else
#define OUTSIDE_FLAGS	BIT(PG_reserved)
#endif

static void add_outside(unsigned long pfn, unsigned long nr, void *arg)
{
	struct mt_page_memmap_outside *outside = arg;
	struct mem_section *section = __pfn_to_section(pfn);
	unsigned long flags;

	/* flags are a page's first word; what was unplugged meanwhile cannot be read */
	if (!section || !online_section(section) ||
	    !mt_kread_ulong((unsigned long)pfn_to_page(pfn), &flags))
		outside->elsewhere += nr;
	else if (flags & OUTSIDE_FLAGS)
		outside->reserved += nr;
}

#endif

/**
 * mt_page_memmap_outside() - count the pages of struct pages that are not in MemTotal
 * @outside: set on success
 *
 * Only what was plugged in after boot: of what was there, the kernel keeps another counter.
 *
 * Context: process context, may sleep.
 * Return: false if that is not known on this architecture.
 */
bool mt_page_memmap_outside(struct mt_page_memmap_outside *outside)
{
#ifdef MEMMAP_IS_MAPPED
	/* memory that is not online is in no zone */
	unsigned long end_pfn = mt_page_fence_last_pfn() + 1;
	unsigned long pfn = mt_page_memmap_next(0, end_pfn);

	*outside = (struct mt_page_memmap_outside) { };
	for (; pfn < end_pfn; pfn = mt_page_memmap_next(pfn + 1, end_pfn)) {
		if (!early_section(__pfn_to_section(pfn)))
			mt_page_memmap_visit(pfn, add_outside, outside);
		cond_resched();
	}
	return true;
#else
	return false;
#endif
}
