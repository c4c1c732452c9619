// SPDX-License-Identifier: GPL-2.0
/*
 * page_content.c - knows what the words of an unclaimed block say about its owner.
 *
 * Only pages of the kernel's own are read, never a process's, and nothing of them is kept but
 * addresses inside the kernel's image and its modules, which are constants of the program.
 *
 * Locking: the caller keeps the memory from being removed. Consistency: the owner may write
 * meanwhile; what counts is what many blocks have in common.
 */
#include "access/page_content.h"

#include <linux/mm.h>

#include "access/image.h"
#include "access/image_layout.h"
#include "access/page_layout.h"
#include "introspect/kread.h"

/* So many addresses of code in one block are a table of them. */
#define TEXT_TABLE	16

/* What was code and data of init is gone since boot: an address in it is an old one. */
static bool is_in_image(unsigned long word)
{
	if (word >= mt_sym_init_begin && word < mt_sym_init_end)
		return false;
	return mt_kernel_image_table.state == MT_RELO_READY &&
	       mt_image_table.state == MT_RELO_READY && word >= mt_sym_text &&
	       word < mt_sym_bss_stop;
}

/**
 * mt_page_content_is_code() - is an address in the kernel's code?
 * @address: the address
 *
 * Context: any.
 * Return: false for data, for a module, and if this kernel does not tell.
 */
bool mt_page_content_is_code(unsigned long address)
{
	return mt_kernel_image_table.state == MT_RELO_READY && address >= mt_sym_text &&
	       address < mt_sym_etext;
}

/**
 * mt_page_content_is_constant() - is an address in the kernel's read-only data?
 * @address: the address
 *
 * Context: any.
 * Return: false for all else, and if this kernel does not tell.
 */
bool mt_page_content_is_constant(unsigned long address)
{
	return mt_image_table.state == MT_RELO_READY && address >= mt_sym_start_rodata &&
	       address < mt_sym_end_rodata;
}

/* Present, accessed, and nothing in the bits that are no address. */
static bool is_table_entry(unsigned long word)
{
#ifdef CONFIG_X86_64
	return (word & 0x21) == 0x21 && !(word >> 52 & 0x7ff);
#else
	return false;
#endif
}

/**
 * mt_page_content() - look at a block's words
 * @page: its first page, of the kernel's own
 * @order: it has 2^@order pages
 * @buffer: room for a page
 * @visit: takes each address of the kernel's or a module's
 * @arg: handed to @visit
 *
 * Context: process context, no spinlock held; reads through the linear map, tolerating faults.
 * Return: what it looks like.
 */
enum mt_page_content mt_page_content(struct page *page, unsigned int order, u8 *buffer,
				     mt_page_pointer_t visit, void *arg)
{
	const unsigned long *words = (const unsigned long *)buffer;
	unsigned long bytes = min(PAGE_SIZE << order, MT_PAGE_CONTENT_BYTES);
	unsigned long address = (unsigned long)page_address(page);
	unsigned int nr_text = 0, nr_pointers = 0;
	bool zero = true, table = true;
	unsigned long at, i;

	for (at = 0; at < bytes; at += PAGE_SIZE) {
		if (!mt_kread(buffer, address + at, PAGE_SIZE))
			return MT_CONTENT_UNREAD;
		for (i = 0; i < PAGE_SIZE / sizeof(*words); i++) {
			unsigned long word = words[i];

			if (!word)
				continue;
			zero = false;
			table = table && is_table_entry(word);
			if (!is_in_image(word) && !mt_image_is_for_modules(word))
				continue;
			nr_pointers++;
			nr_text += mt_page_content_is_code(word);
			visit(at + i * sizeof(*words), word, arg);
		}
	}
	if (zero)
		return MT_CONTENT_ZERO;
	if (table)
		return MT_CONTENT_TABLE;
	if (nr_text >= TEXT_TABLE)
		return MT_CONTENT_TEXT;
	return nr_pointers ? MT_CONTENT_POINTERS : MT_CONTENT_DATA;
}
