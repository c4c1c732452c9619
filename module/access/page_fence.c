// SPDX-License-Identifier: GPL-2.0
/*
 * page_fence.c - knows how to look at struct pages while memory may be unplugged.
 *
 * A section is marked offline first; then those who registered are told (MEM_OFFLINE); only after
 * that can it be removed, and its struct pages with it. So a walk asks for each block of pages
 * whether it is online, and looks at it under a semaphore that the one who is told waits for: when
 * the kernel goes on to remove the section, nobody looks at it, and who looks later is told that it
 * is offline. Nothing is refused to the kernel, and it waits for a thousand pages at most.
 *
 * Locking: the fence's own semaphore. Under it the walk takes no lock of the kernel's.
 * Consistency: @moved says whether memory came or went.
 */
#include "access/page_fence.h"

#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>

static int memory_moves(struct notifier_block *notifier, unsigned long action, void *arg)
{
	struct mt_page_fence *fence = container_of(notifier, struct mt_page_fence, notifier);

	if (action != MEM_OFFLINE && action != MEM_ONLINE)
		return NOTIFY_DONE;
	WRITE_ONCE(fence->moved, true);
	if (action == MEM_OFFLINE) {
		down_write(&fence->rwsem);
		up_write(&fence->rwsem);
	}
	return NOTIFY_OK;
}

/**
 * mt_page_fence_put_up() - before a walk
 * @fence: the walk's
 *
 * Context: process context, may sleep.
 * Return: 0, or -errno and there must be no walk.
 */
int mt_page_fence_put_up(struct mt_page_fence *fence)
{
	*fence = (struct mt_page_fence) { .notifier.notifier_call = memory_moves };
	init_rwsem(&fence->rwsem);
	return register_memory_notifier(&fence->notifier);
}

/**
 * mt_page_fence_take_down() - after a walk
 * @fence: the walk's
 *
 * Context: process context, may sleep.
 */
void mt_page_fence_take_down(struct mt_page_fence *fence)
{
	unregister_memory_notifier(&fence->notifier);
}

/**
 * mt_page_fence_page() - the struct page of a page frame
 * @pfn: the page frame
 *
 * Context: under the fence's semaphore; good until it is dropped.
 * Return: the page; NULL if it is not online, or device memory.
 */
struct page *mt_page_fence_page(unsigned long pfn)
{
	return pfn_to_online_page(pfn);
}

/**
 * mt_page_fence_last_pfn() - the last page frame that has a place in the kernel's address space
 *
 * Of memory that is not online, and of devices', too: add_pages() moves it with either.
 *
 * Context: any.
 * Return: the page frame.
 */
unsigned long mt_page_fence_last_pfn(void)
{
	return PHYS_PFN(__pa(high_memory - 1));
}

/**
 * mt_page_fence_pfn() - the page frame of what should be a struct page
 * @pointer: any word at all
 *
 * Context: any; only mt_page_fence_page() knows whether there is such a page.
 * Return: the page frame; ULONG_MAX if the word does not point to a struct page.
 */
unsigned long mt_page_fence_pfn(unsigned long pointer)
{
#ifdef CONFIG_SPARSEMEM_VMEMMAP
	unsigned long offset = pointer - (unsigned long)pfn_to_page(0);

	if (pointer < (unsigned long)pfn_to_page(0) || offset % sizeof(struct page))
		return ULONG_MAX;
	return offset / sizeof(struct page);
#else
	if (!virt_addr_valid((void *)pointer))
		return ULONG_MAX;
	return page_to_pfn((struct page *)pointer);
#endif
}
