/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_KREAD_H
#define MT_KREAD_H

#include <linux/types.h>

struct mt_field;

/** MT_KOBJECT_BYTES - how much of an object can be read at once */
#define MT_KOBJECT_BYTES	256

/**
 * struct mt_kobject - a copy of the first part of a kernel object
 * @bytes: how much was read
 * @data: the copy
 */
struct mt_kobject {
	u32 bytes;
	u8 data[MT_KOBJECT_BYTES] __aligned(8);
};

bool mt_kread(void *dst, unsigned long addr, size_t size);
bool mt_kread_ulong(unsigned long addr, unsigned long *value);
bool mt_kread_field(unsigned long base, const struct mt_field *field, u64 *value);
bool mt_kread_fields(unsigned long base, const struct mt_field *const *fields, u64 *values);
bool mt_kread_object(struct mt_kobject *object, unsigned long base,
		     const struct mt_field *const *fields);
bool mt_kobject_field(const struct mt_kobject *object, const struct mt_field *field, u64 *value);
bool mt_kread_string(char *dst, unsigned long addr, size_t size);
bool mt_kread_name(char *dst, unsigned long addr, size_t size, char separator);

/**
 * struct mt_klist - a walk over a circular list_head list, through fault-tolerant reads
 * @head: address of the list's head
 * @at: address of the node the walk stands on
 * @left: nodes the walk may still visit
 * @mark: the node that a cycle would come back to (Brent's method)
 * @steps: nodes since @mark was set
 * @power: nodes after which @mark moves on
 * @backward: along the prev pointers
 * @error: 0 at a proper end, -EFAULT unreadable, -ELOOP a cycle beside the head, -E2BIG the limit
 *
 * The caller holds whatever the kernel guards the list with, or accepts that the list moves; in
 * both cases the walk ends.
 */
struct mt_klist {
	unsigned long head;
	unsigned long at;
	unsigned long left;
	unsigned long mark;
	unsigned long steps;
	unsigned long power;
	bool backward;
	int error;
};

/**
 * struct mt_kchain - a singly linked list inside one block of memory, links encoded
 * @from: start of the block
 * @to: end of the block
 * @offset: bytes from the start of an element to its link
 * @encoded: links are stored as link ^ @key ^ byte-swapped address of the link
 * @key: see @encoded
 * @elements: gets the address of each element, or NULL
 * @length: set by mt_kchain_read(): elements that were found, also if the chain broke off
 */
struct mt_kchain {
	unsigned long from;
	unsigned long to;
	unsigned long offset;
	bool encoded;
	unsigned long key;
	unsigned long *elements;
	unsigned long length;
};

int mt_kchain_read(struct mt_kchain *chain, unsigned long element, unsigned long max);

void mt_klist_start(struct mt_klist *walk, unsigned long head, unsigned long limit);
unsigned long mt_klist_next(struct mt_klist *walk);

unsigned long mt_krbtree_first(unsigned long root);
unsigned long mt_krbtree_next(unsigned long node);
unsigned long mt_krbtree_lower_bound(unsigned long root, long key_offset, unsigned long key);

#endif /* MT_KREAD_H */
