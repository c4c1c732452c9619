/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_PAGE_CLASS_H
#define MT_PAGE_CLASS_H

#include <linux/types.h>

/**
 * enum mt_page_class - what a page is; each online page is in exactly one
 * @MT_PAGE_FREE: on the buddy allocator's free lists
 * @MT_PAGE_FREE_PCP: on a per-CPU free list
 * @MT_PAGE_GUARD: kept free by debug_guardpage
 * @MT_PAGE_UNACCEPTED: free, and not yet accepted from the hypervisor
 * @MT_PAGE_ANON: anonymous memory of processes
 * @MT_PAGE_SHMEM: tmpfs and shared memory
 * @MT_PAGE_FILE: page cache
 * @MT_PAGE_SWAPCACHE: in the swap cache
 * @MT_PAGE_HUGETLB: huge pages in use
 * @MT_PAGE_HUGETLB_FREE: huge pages in the pool
 * @MT_PAGE_SLAB: slabs
 * @MT_PAGE_LARGE_KMALLOC: large kmalloc, where the kernel marks it
 * @MT_PAGE_TABLE: page tables, of the levels that the kernel marks
 * @MT_PAGE_VMALLOC: vmalloc, none of the kinds below
 * @MT_PAGE_VMALLOC_STACK: kernel stacks
 * @MT_PAGE_VMALLOC_MODULE: modules
 * @MT_PAGE_VMALLOC_BPF: BPF
 * @MT_PAGE_VMALLOC_PERCPU: what the percpu allocator keeps about its chunks
 * @MT_PAGE_VMALLOC_USER: vmalloc that may be mapped into a process
 * @MT_PAGE_VMAP: given to vmap(), which will free them
 * @MT_PAGE_PERCPU: dynamic percpu chunks
 * @MT_PAGE_MEMMAP: struct pages of memory that was plugged in later
 * @MT_PAGE_ZSMALLOC: zram and zswap
 * @MT_PAGE_OFFLINE: a balloon's or an offlined part of memory, still in MemTotal or not
 * @MT_PAGE_HWPOISON: with a memory error
 * @MT_PAGE_RESERVED: reserved at boot or by a driver, none of those below
 * @MT_PAGE_KERNEL: the kernel's image
 * @MT_PAGE_CRASH: for the crash kernel
 * @MT_PAGE_PERCPU_FIRST: the first percpu chunk
 * @MT_PAGE_POOL: a page pool's: receive buffers of a network device
 * @MT_PAGE_CHARGED: a kernel user's, charged to a memory cgroup: pipes, io_uring
 * @MT_PAGE_MAPPED: in a process's page tables, and on no LRU list: packet rings, perf, V4L2
 * @MT_PAGE_CMA: in use, in a contiguous memory area, and not movable: a driver's
 * @MT_PAGE_GHOST: in use, and nothing says by whom
 * @MT_NR_PAGE_CLASSES: how many there are
 *
 * From MT_PAGE_POOL on no counter of the kernel shows the pages.
 */
enum mt_page_class {
	MT_PAGE_FREE,
	MT_PAGE_FREE_PCP,
	MT_PAGE_GUARD,
	MT_PAGE_UNACCEPTED,
	MT_PAGE_ANON,
	MT_PAGE_SHMEM,
	MT_PAGE_FILE,
	MT_PAGE_SWAPCACHE,
	MT_PAGE_HUGETLB,
	MT_PAGE_HUGETLB_FREE,
	MT_PAGE_SLAB,
	MT_PAGE_LARGE_KMALLOC,
	MT_PAGE_TABLE,
	MT_PAGE_VMALLOC,
	MT_PAGE_VMALLOC_STACK,
	MT_PAGE_VMALLOC_MODULE,
	MT_PAGE_VMALLOC_BPF,
	MT_PAGE_VMALLOC_PERCPU,
	MT_PAGE_VMALLOC_USER,
	MT_PAGE_VMAP,
	MT_PAGE_PERCPU,
	MT_PAGE_MEMMAP,
	MT_PAGE_ZSMALLOC,
	MT_PAGE_OFFLINE,
	MT_PAGE_HWPOISON,
	MT_PAGE_RESERVED,
	MT_PAGE_KERNEL,
	MT_PAGE_CRASH,
	MT_PAGE_PERCPU_FIRST,
	MT_PAGE_POOL,
	MT_PAGE_CHARGED,
	MT_PAGE_MAPPED,
	MT_PAGE_CMA,
	MT_PAGE_GHOST,
	MT_NR_PAGE_CLASSES,
};

const char *mt_page_class_name(enum mt_page_class page_class);
bool mt_page_is_told(enum mt_page_class page_class);

/**
 * mt_page_is_uncounted() - is a page of this class in no counter of the kernel?
 * @page_class: the class
 *
 * Context: any.
 * Return: true if it is in none.
 */
static inline bool mt_page_is_uncounted(enum mt_page_class page_class)
{
	return page_class >= MT_PAGE_POOL;
}

/**
 * mt_page_is_reserved() - is a page of this class reserved?
 * @page_class: the class
 *
 * Context: any.
 * Return: true if it is, and so outside MemTotal unless a driver reserved it.
 */
static inline bool mt_page_is_reserved(enum mt_page_class page_class)
{
	return page_class >= MT_PAGE_RESERVED && page_class <= MT_PAGE_PERCPU_FIRST;
}

#endif /* MT_PAGE_CLASS_H */
