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
#include <linux/swab.h>
#include <linux/uaccess.h>

#include "introspect/relo.h"

/* A tree deeper than this is corrupted: a red-black tree of 2^64 nodes has 128 levels. */
#define MAX_TREE_DEPTH	128

/*
 * Kernel objects lie in here; between these bounds an address is canonical for the page tables in
 * use, and none is in the page of x86 whose reading is emulated.
 */
#ifdef CONFIG_X86_64
#define OBJECTS_END	MODULES_END
#else
#define OBJECTS_END	(ULONG_MAX - PAGE_SIZE)
#endif

/* No member is further from the start of its object than this. */
#define MAX_OFFSET	0x10000

static __always_inline bool is_object(unsigned long addr)
{
	return addr >= PAGE_OFFSET && addr < OBJECTS_END - MAX_OFFSET;
}

/*
 * Up to one word, without the calls that make mt_kread() ten times as expensive. For an address of
 * which is_object() is true, with page faults off.
 */
#ifdef __get_kernel_nofault
static __always_inline bool get(unsigned long addr, unsigned int size, u64 *value)
{
	u64 word;
	u32 half;
	u16 quarter;
	u8 byte;

	switch (size) {
	case 8:
		__get_kernel_nofault(&word, (u64 *)addr, u64, fault);
		*value = word;
		return true;
	case 4:
		__get_kernel_nofault(&half, (u32 *)addr, u32, fault);
		*value = half;
		return true;
	case 2:
		__get_kernel_nofault(&quarter, (u16 *)addr, u16, fault);
		*value = quarter;
		return true;
	case 1:
		__get_kernel_nofault(&byte, (u8 *)addr, u8, fault);
		*value = byte;
		return true;
	}
fault:
	return false;
}
#else
static bool get(unsigned long addr, unsigned int size, u64 *value)
{
	u64 word = 0;

	if (size > sizeof(word) || copy_from_kernel_nofault(&word, (const void *)addr, size))
		return false;
	/* little endian, as the tables of bitfields are */
	*value = word;
	return true;
}
#endif

/**
 * mt_kread() - copy from kernel memory, tolerating faults
 * @dst: where to
 * @addr: where from
 * @size: bytes
 *
 * What lies below the kernel's linear map is refused: no kernel object does, and the kernel's own
 * test lets an address pass that is canonical for the CPU but not for the page tables in use (a
 * CPU with five levels, a kernel with four), and warns about the fault.
 *
 * Context: any.
 * Return: true if all of it could be read.
 */
bool mt_kread(void *dst, unsigned long addr, size_t size)
{
	unsigned long end = addr + size;

	if (addr < PAGE_OFFSET || end < addr)
		return false;
	if (!is_object(addr) || size > MAX_OFFSET)
		return !copy_from_kernel_nofault(dst, (const void *)addr, size);
	pagefault_disable();
	for (; end - addr >= sizeof(u64); addr += sizeof(u64), dst += sizeof(u64)) {
		u64 word;

		if (!get(addr, sizeof(word), &word))
			goto out;
		memcpy(dst, &word, sizeof(word));
	}
	while (addr < end) {
		size_t part = rounddown_pow_of_two(end - addr);
		u64 word;

		if (!get(addr, part, &word))
			break;
		memcpy(dst, &word, part);
		addr += part;
		dst += part;
	}
out:
	pagefault_enable();
	return addr == end;
}

static __always_inline u64 bits_of(u64 raw, const struct mt_field *field)
{
	if (!field->bit_size)
		return raw;
	return (raw >> field->bit_shift) & (((u64)1 << field->bit_size) - 1);
}

/* The value of a member out of the aligned word that holds it; false for a size of no integer. */
static bool field_value(const void *word, const struct mt_field *field, u64 *value)
{
	u64 raw;

	switch (field->size) {
	case 1:
		raw = *(const u8 *)word;
		break;
	case 2:
		raw = *(const u16 *)word;
		break;
	case 4:
		raw = *(const u32 *)word;
		break;
	case 8:
		raw = *(const u64 *)word;
		break;
	default:
		return false;
	}
	*value = bits_of(raw, field);
	return true;
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
	bool read;
	u64 word;

	if (!is_object(addr))
		return false;
	pagefault_disable();
	read = get(addr, sizeof(*value), &word);
	pagefault_enable();
	if (read)
		*value = word;
	return read;
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
	const struct mt_field *const fields[] = { field, NULL };
	u64 word;

	if (!field->known || !mt_kread_fields(base, fields, &word))
		return false;
	*value = word;
	return true;
}

/**
 * mt_kread_fields() - read some integer and pointer members of an object
 * @base: address of the object
 * @fields: the members, NULL after the last
 * @values: gets one for each, zero-extended; 0 for a member that this kernel does not have
 *
 * Much cheaper than one call for each, and than mt_kread_object() if they are far apart. Not one
 * moment: a member may change while the next one is read.
 *
 * Context: any.
 * Return: true if all those that this kernel has could be read.
 */
bool mt_kread_fields(unsigned long base, const struct mt_field *const *fields, u64 *values)
{
	bool read = is_object(base);

	if (!read)
		return false;
	pagefault_disable();
	for (; *fields; fields++, values++) {
		const struct mt_field *field = *fields;
		u64 raw;

		*values = 0;
		if (!field->known)
			continue;
		read = field->offset < MAX_OFFSET && get(base + field->offset, field->size, &raw);
		if (!read)
			break;
		*values = bits_of(raw, field);
	}
	pagefault_enable();
	return read;
}

/**
 * mt_kread_object() - read the part of an object that has some members
 * @object: gets the part
 * @base: address of the object
 * @fields: the members, NULL after the last
 *
 * One read instead of one for each member.
 *
 * Context: any.
 * Return: true if it could be read; false also if the members are beyond MT_KOBJECT_BYTES.
 */
bool mt_kread_object(struct mt_kobject *object, unsigned long base,
		     const struct mt_field *const *fields)
{
	object->bytes = 0;
	for (; *fields; fields++) {
		if ((*fields)->known)
			object->bytes = max(object->bytes, (*fields)->offset + (*fields)->size);
	}
	return object->bytes <= MT_KOBJECT_BYTES && mt_kread(object->data, base, object->bytes);
}

/**
 * mt_kobject_field() - a member of an object that was read
 * @object: the object
 * @field: where the member is
 * @value: the member, zero-extended; untouched on failure
 *
 * Context: any.
 * Return: false if the member is unknown or was not read.
 */
bool mt_kobject_field(const struct mt_kobject *object, const struct mt_field *field, u64 *value)
{
	if (!field->known || field->offset + field->size > object->bytes)
		return false;
	return field_value(object->data + field->offset, field, value);
}

#define ONES	0x0101010101010101ULL

/* Eight characters from a blank to a tilde: no end of a string among them. */
static __always_inline bool is_plain(u64 word)
{
	return !(((word - ONES * ' ') | (word + ONES) | word) & (ONES << 7));
}

/* Is @c one of eight characters? Of plain ones only: what is beyond ASCII would be taken for it. */
static __always_inline bool has(u64 word, char c)
{
	word ^= ONES * (u8)c;
	return (word - ONES) & (ONES << 7);
}

static __always_inline bool read_string(char *dst, unsigned long addr, size_t size, char unwanted)
{
	bool read = is_object(addr);
	char part[sizeof(u64)];
	size_t used = 0;
	u64 word;

	pagefault_disable();
	while (read && used + 1 < size) {
		unsigned int i = addr % sizeof(part);

		read = get(addr - i, sizeof(word), &word);
		if (!read)
			break;
		addr += sizeof(part) - i;
		if (!i && used + sizeof(word) < size && is_plain(word) &&
		    (!unwanted || !has(word, unwanted))) {
			memcpy(dst + used, &word, sizeof(word));
			used += sizeof(word);
			continue;
		}
		memcpy(part, &word, sizeof(part));
		for (; i < sizeof(part) && used + 1 < size; i++) {
			char c = part[i];

			if (!c)
				goto end;
			if (c < ' ' || c > '~')
				c = '?';
			else if (c == unwanted)
				c = '_';
			dst[used++] = c;
		}
	}
end:
	pagefault_enable();
	dst[used] = '\0';
	return read;
}

/**
 * mt_kread_string() - copy a NUL-terminated string
 * @dst: where to; always NUL-terminated
 * @addr: where from
 * @size: bytes in @dst; a longer string is cut
 *
 * In aligned words, so that a string which ends before an unmapped page is read whole. What is not
 * printable ASCII becomes a question mark: it may be a name that was freed and used again.
 *
 * Context: any.
 * Return: true if the string could be read to its end or to the limit.
 */
bool mt_kread_string(char *dst, unsigned long addr, size_t size)
{
	return read_string(dst, addr, size, '\0');
}

/**
 * mt_kread_name() - copy a NUL-terminated string that will stand in a list of names
 * @dst: where to; always NUL-terminated
 * @addr: where from
 * @size: bytes in @dst; a longer string is cut
 * @separator: what the list has between its names; becomes an underscore in this one
 *
 * Otherwise as mt_kread_string().
 *
 * Context: any.
 * Return: true if the string could be read to its end or to the limit.
 */
bool mt_kread_name(char *dst, unsigned long addr, size_t size, char separator)
{
	return read_string(dst, addr, size, separator);
}

/**
 * mt_kchain_read() - follow a chain to its end
 * @chain: where it is and how its links are stored; gets what was found
 * @element: address of the first element, 0 for an empty chain
 * @max: elements that the block has room for, and @chain->elements too if it is not NULL
 *
 * Context: any.
 * Return: 0; -EFAULT if a link leads out of the block or cannot be read, -ELOOP if there are more
 * than @max: the chain changed meanwhile, or it is corrupted.
 */
int mt_kchain_read(struct mt_kchain *chain, unsigned long element, unsigned long max)
{
	unsigned long from = chain->from + chain->offset;
	unsigned long last = chain->to - sizeof(element) - from;
	unsigned long *elements = chain->elements;
	unsigned long length = 0;
	int err = 0;

	chain->length = 0;
	if (!element)
		return 0;
	if (!is_object(chain->from) || !is_object(chain->to) || from > chain->to - sizeof(element))
		return -EFAULT;
	pagefault_disable();
	do {
		unsigned long at = element + chain->offset;
		u64 link;

		/* one comparison for both ends: what lies below is very large */
		if (at - from > last) {
			err = -EFAULT;
			break;
		}
		if (length == max) {
			err = -ELOOP;
			break;
		}
		if (elements)
			elements[length] = element;
		if (!get(at, sizeof(element), &link)) {
			err = -EFAULT;
			break;
		}
		length++;
		element = chain->encoded ? link ^ chain->key ^ swab(at) : link;
	} while (element);
	pagefault_enable();
	chain->length = length;
	return err;
}

/**
 * mt_klist_start() - stand before the first node of a list
 * @walk: the walk
 * @head: address of the struct list_head that is the list's head
 * @limit: nodes to visit at most
 *
 * Context: any.
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
	size_t link = walk->backward ? offsetof(struct list_head, prev) :
				       offsetof(struct list_head, next);
	unsigned long next;

	if (!mt_kread_ulong(walk->at + link, &next)) {
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

/* With page faults off. */
static __always_inline unsigned long child(unsigned long node, size_t offset)
{
	u64 next;

	return is_object(node) && get(node + offset, sizeof(long), &next) ? next : 0;
}

static __always_inline unsigned long left_of(unsigned long node)
{
	return child(node, offsetof(struct rb_node, rb_left));
}

static __always_inline unsigned long right_of(unsigned long node)
{
	return child(node, offsetof(struct rb_node, rb_right));
}

static __always_inline unsigned long parent_of(unsigned long node)
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
	unsigned long node;

	pagefault_disable();
	node = child(root, offsetof(struct rb_root, rb_node));
	if (node)
		node = leftmost(node);
	pagefault_enable();
	return node;
}

static unsigned long next_of(unsigned long node)
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
	unsigned long next;

	pagefault_disable();
	next = next_of(node);
	pagefault_enable();
	return next;
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
	unsigned long best = 0;
	unsigned long node;
	int depth;
	u64 here;

	pagefault_disable();
	node = child(root, offsetof(struct rb_root, rb_node));
	for (depth = 0; node && depth < MAX_TREE_DEPTH; depth++) {
		if (!is_object(node + key_offset) || !get(node + key_offset, sizeof(key), &here)) {
			best = 0;
			break;
		}
		if (here >= key) {
			best = node;
			node = left_of(node);
		} else {
			node = right_of(node);
		}
	}
	pagefault_enable();
	return best;
}
