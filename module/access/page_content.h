/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_PAGE_CONTENT_H
#define MT_PAGE_CONTENT_H

#include <linux/types.h>

struct page;

/** MT_PAGE_CONTENT_BYTES - how much of a block is read at most */
#define MT_PAGE_CONTENT_BYTES	(64UL << 10)

/**
 * enum mt_page_content - what a block holds, as far as its words tell
 * @MT_CONTENT_UNREAD: it could not be read, or nobody looked
 * @MT_CONTENT_ZERO: nothing
 * @MT_CONTENT_TABLE: words that look like entries of page tables
 * @MT_CONTENT_TEXT: many addresses of code: a table of it
 * @MT_CONTENT_POINTERS: some addresses of the kernel's or a module's
 * @MT_CONTENT_DATA: none
 * @MT_NR_CONTENTS: how many there are
 */
enum mt_page_content {
	MT_CONTENT_UNREAD,
	MT_CONTENT_ZERO,
	MT_CONTENT_TABLE,
	MT_CONTENT_TEXT,
	MT_CONTENT_POINTERS,
	MT_CONTENT_DATA,
	MT_NR_CONTENTS,
};

/**
 * typedef mt_page_pointer_t - takes an address of the kernel's or a module's that a block holds
 * @offset: where in the block, in bytes
 * @address: the address; never printed as a number
 * @arg: the caller's own
 */
typedef void (*mt_page_pointer_t)(u32 offset, unsigned long address, void *arg);

enum mt_page_content mt_page_content(struct page *page, unsigned int order, u8 *buffer,
				     mt_page_pointer_t visit, void *arg);
bool mt_page_content_is_code(unsigned long address);
bool mt_page_content_is_constant(unsigned long address);

#endif /* MT_PAGE_CONTENT_H */
