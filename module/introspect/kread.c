// SPDX-License-Identifier: GPL-2.0
/*
 * kread.c - knows how to read kernel memory that may not be there.
 *
 * Every pointer this module takes from a private kernel object is followed through
 * copy_from_kernel_nofault(), also where a lock should make it safe: a machine in trouble may hold
 * corrupted objects, and a wrong offset must cost a report, not the machine. Walks over lists and
 * trees are bounded and notice cycles for the same reason.
 */
#include "introspect/kread.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/uaccess.h>

#include "introspect/relo.h"

/* A tree deeper than this is corrupted: a red-black tree of 2^64 nodes has 128 levels. */
#define MAX_TREE_DEPTH	128

/* Strings are read in parts of this many bytes, each of which lies in one page. */
#define STRING_PART	16

/**
 * mt_kread() - copy from kernel memory, tolerating faults
 * @dst: where to
 * @addr: where from
 * @size: bytes
 *
 * Context: any.
 * Return: true if all of it could be read.
 */
bool mt_kread(void *dst, unsigned long addr, size_t size)
{
	return !copy_from_kernel_nofault(dst, (const void *)addr, size);
}

/**
 * mt_kread_ulong() - read one word
 * @addr: where from
 * @value: the word; untouched on failure
 *
 * Context: any.
 * Return: true if it could be read.
 */
bool mt_kread_ulong(unsigned long addr, unsigned long *value)
{
	unsigned long word;

	if (!mt_kread(&word, addr, sizeof(word)))
		return false;
	*value = word;
	return true;
}

/**
 * mt_kread_field() - read an integer or pointer member, also a bitfield
 * @base: address of the object
 * @field: where the member is, from a resolved relocation table
 * @value: the member, zero-extended; untouched on failure
 *
 * Context: any.
 * Return: true if it could be read; false also for members that are not 1, 2, 4 or 8 bytes.
 */
bool mt_kread_field(unsigned long base, const struct mt_field *field, u64 *value)
{
	unsigned long addr = base + field->offset;
	union {
		u8 b1;
		u16 b2;
		u32 b4;
		u64 b8;
	} word;

	if (!field->known)
		return false;
	switch (field->size) {
	case 1:
		if (!mt_kread(&word.b1, addr, 1))
			return false;
		*value = word.b1;
		break;
	case 2:
		if (!mt_kread(&word.b2, addr, 2))
			return false;
		*value = word.b2;
		break;
	case 4:
		if (!mt_kread(&word.b4, addr, 4))
			return false;
		*value = word.b4;
		break;
	case 8:
		if (!mt_kread(&word.b8, addr, 8))
			return false;
		*value = word.b8;
		break;
	default:
		return false;
	}
	if (field->bit_size)
		*value = (*value >> field->bit_shift) & (((u64)1 << field->bit_size) - 1);
	return true;
}

/**
 * mt_kread_string() - copy a NUL-terminated string
 * @dst: where to; always NUL-terminated
 * @addr: where from
 * @size: bytes in @dst; a longer string is cut
 *
 * In aligned parts, so that a string which ends before an unmapped page is read whole. What is not
 * printable ASCII becomes a question mark: it may be a name that was freed and used again.
 *
 * Context: any.
 * Return: true if the string could be read to its end or to the limit.
 */
bool mt_kread_string(char *dst, unsigned long addr, size_t size)
{
	size_t used = 0;

	while (used + 1 < size) {
		size_t i, part = min_t(size_t, STRING_PART - addr % STRING_PART, size - 1 - used);

		if (!mt_kread(dst + used, addr, part)) {
			dst[used] = '\0';
			return false;
		}
		for (i = 0; i < part; i++, used++) {
			if (!dst[used])
				return true;
			if (dst[used] < ' ' || dst[used] > '~')
				dst[used] = '?';
		}
		addr += part;
	}
	dst[used] = '\0';
	return true;
}

/**
 * mt_klist_start() - stand before the first node of a list
 * @walk: the walk
 * @head: address of the struct list_head that is the list's head
 * @limit: nodes to visit at most
 */
void mt_klist_start(struct mt_klist *walk, unsigned long head, unsigned long limit)
{
	*walk = (struct mt_klist) {
		.head = head,
		.at = head,
		.left = limit,
		.mark = head,
		.power = 1,
	};
}

/**
 * mt_klist_next() - go to the next node
 * @walk: the walk
 *
 * Context: any; the caller's lock, if any, stays as it is.
 * Return: address of the node's list_head, or 0 at the end; @walk->error then says which end.
 */
unsigned long mt_klist_next(struct mt_klist *walk)
{
	unsigned long next;

	if (!mt_kread_ulong(walk->at + offsetof(struct list_head, next), &next)) {
		walk->error = -EFAULT;
		return 0;
	}
	if (next == walk->head)
		return 0;
	if (!next) {
		walk->error = -EFAULT;
		return 0;
	}
	if (next == walk->mark) {
		walk->error = -ELOOP;
		return 0;
	}
	if (!walk->left) {
		walk->error = -E2BIG;
		return 0;
	}
	walk->left--;
	walk->at = next;
	if (++walk->steps == walk->power) {
		walk->mark = next;
		walk->steps = 0;
		walk->power *= 2;
	}
	return next;
}

static unsigned long child(unsigned long node, size_t offset)
{
	unsigned long next;

	return mt_kread_ulong(node + offset, &next) ? next : 0;
}

static unsigned long left_of(unsigned long node)
{
	return child(node, offsetof(struct rb_node, rb_left));
}

static unsigned long right_of(unsigned long node)
{
	return child(node, offsetof(struct rb_node, rb_right));
}

static unsigned long parent_of(unsigned long node)
{
	return child(node, offsetof(struct rb_node, __rb_parent_color)) & ~3UL;
}

static unsigned long leftmost(unsigned long node)
{
	unsigned long next;
	int depth = 0;

	while ((next = left_of(node)) && depth++ < MAX_TREE_DEPTH)
		node = next;
	return node;
}

/**
 * mt_krbtree_first() - the first node of a red-black tree
 * @root: address of the struct rb_root
 *
 * Context: the caller holds the tree's lock.
 * Return: address of the struct rb_node, or 0 for an empty or unreadable tree.
 */
unsigned long mt_krbtree_first(unsigned long root)
{
	unsigned long node = child(root, offsetof(struct rb_root, rb_node));

	return node ? leftmost(node) : 0;
}

/**
 * mt_krbtree_next() - the next node in order
 * @node: address of a struct rb_node
 *
 * A corrupted tree may come round in a circle: the caller bounds the number of steps.
 *
 * Context: the caller holds the tree's lock.
 * Return: address of the struct rb_node, or 0 at the end.
 */
unsigned long mt_krbtree_next(unsigned long node)
{
	unsigned long next = right_of(node);
	int depth;

	if (next)
		return leftmost(next);
	for (depth = 0; depth < MAX_TREE_DEPTH; depth++) {
		next = parent_of(node);
		if (!next || right_of(next) != node)
			return next;
		node = next;
	}
	return 0;
}

/**
 * mt_krbtree_lower_bound() - the first node whose key is not below a value
 * @root: address of the struct rb_root
 * @key_offset: bytes from the struct rb_node to its key, an unsigned long; may be negative
 * @key: the value
 *
 * Context: the caller holds the tree's lock.
 * Return: address of the struct rb_node, or 0 if there is none.
 */
unsigned long mt_krbtree_lower_bound(unsigned long root, long key_offset, unsigned long key)
{
	unsigned long node = child(root, offsetof(struct rb_root, rb_node));
	unsigned long best = 0;
	unsigned long here;
	int depth;

	for (depth = 0; node && depth < MAX_TREE_DEPTH; depth++) {
		if (!mt_kread_ulong(node + key_offset, &here))
			return 0;
		if (here >= key) {
			best = node;
			node = left_of(node);
		} else {
			node = right_of(node);
		}
	}
	return best;
}
