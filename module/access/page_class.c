// SPDX-License-Identifier: GPL-2.0
/*
 * page_class.c - knows the words for the classes of pages.
 *
 * Locking: none. Consistency: pure.
 */
#include "access/page_class.h"

static const char *const names[MT_NR_PAGE_CLASSES] = {
	[MT_PAGE_FREE] = "free",
	[MT_PAGE_FREE_PCP] = "free_pcp",
	[MT_PAGE_GUARD] = "guard",
	[MT_PAGE_UNACCEPTED] = "unaccepted",
	[MT_PAGE_ANON] = "anon",
	[MT_PAGE_SHMEM] = "shmem",
	[MT_PAGE_FILE] = "file",
	[MT_PAGE_SWAPCACHE] = "swapcache",
	[MT_PAGE_HUGETLB] = "hugetlb",
	[MT_PAGE_HUGETLB_FREE] = "hugetlb_free",
	[MT_PAGE_SLAB] = "slab",
	[MT_PAGE_LARGE_KMALLOC] = "large_kmalloc",
	[MT_PAGE_TABLE] = "page_tables",
	[MT_PAGE_VMALLOC] = "vmalloc",
	[MT_PAGE_VMALLOC_STACK] = "vmalloc_stack",
	[MT_PAGE_VMALLOC_MODULE] = "vmalloc_module",
	[MT_PAGE_VMALLOC_BPF] = "vmalloc_bpf",
	[MT_PAGE_VMALLOC_PERCPU] = "vmalloc_percpu",
	[MT_PAGE_VMALLOC_USER] = "vmalloc_user",
	[MT_PAGE_VMAP] = "vmap",
	[MT_PAGE_PERCPU] = "percpu",
	[MT_PAGE_MEMMAP] = "memmap",
	[MT_PAGE_ZSMALLOC] = "zsmalloc",
	[MT_PAGE_OFFLINE] = "offline",
	[MT_PAGE_HWPOISON] = "hwpoison",
	[MT_PAGE_RESERVED] = "reserved",
	[MT_PAGE_KERNEL] = "reserved_kernel",
	[MT_PAGE_CRASH] = "reserved_crash",
	[MT_PAGE_PERCPU_FIRST] = "reserved_percpu",
	[MT_PAGE_POOL] = "page_pool",
	[MT_PAGE_CHARGED] = "memcg_charged",
	[MT_PAGE_MAPPED] = "mapped_driver",
	[MT_PAGE_CMA] = "cma_driver",
	[MT_PAGE_GHOST] = "ghost",
};

/**
 * mt_page_class_name() - the word for a class
 * @page_class: the class
 *
 * Context: any.
 * Return: the word, a constant of the text ABI.
 */
const char *mt_page_class_name(enum mt_page_class page_class)
{
	return names[page_class];
}

/**
 * mt_page_is_told() - do this kernel's struct pages tell this class?
 * @page_class: the class
 *
 * Context: any.
 * Return: false if its pages look like others'.
 */
bool mt_page_is_told(enum mt_page_class page_class)
{
	switch (page_class) {
	case MT_PAGE_POOL:
#ifdef MT_HAVE_pp_magic
		return true;
#else
		return false;
#endif
	case MT_PAGE_LARGE_KMALLOC:
#ifdef MT_HAVE_PGTY_large_kmalloc
		return true;
#else
		return false;
#endif
	default:
		return true;
	}
}
