// SPDX-License-Identifier: GPL-2.0
/*
 * code.c - knows which functions use a variable.
 *
 * An instruction names a variable by its distance from the instruction's end or, where the kernel
 * lies in the last 2 GiB of addresses, by the low half of its address. Instructions are not
 * decoded: every byte may begin such a number. That a number which was meant otherwise gives one of
 * a few addresses exactly is unlikely (one in a million for 20 MB of instructions and a hundred
 * addresses), and no harm comes from one: two uses in one function are asked for, and that the
 * function allocates objects.
 *
 * x86-64 only. Elsewhere nothing is found, and nobody is tied to anything by it.
 *
 * Locking: none.
 * Consistency: instructions may be patched while they are read.
 */
#include "access/code.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "access/code_layout.h"
#include "access/image.h"
#include "introspect/kread.h"
#include "introspect/ksym.h"
#include "memory.h"

static void forget(struct mt_code_target *targets, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		targets[i].nr = 0;
		targets[i].common = false;
	}
}

#ifdef CONFIG_X86_64

/* A call or a jump, and the distance behind it. */
#define CALL		0xe8
#define JUMP		0xe9
#define CALL_BYTES	5

/* How much of a function is looked at. */
#define FUNCTION_BYTES	4096

/* Longest number behind the distance, in one instruction. */
#define IMMEDIATE_MAX	4

/* Numbers that stand in a word as a whole. */
#define NUMBERS_OF_WORD	(sizeof(u64) - sizeof(s32) + 1)

/*
 * struct search - a search through the instructions of one module
 * @targets: what is searched for, by address
 * @nr: how many
 * @min: the lowest of the addresses
 * @span: the highest, from @min
 */
struct search {
	struct mt_code_target **targets;
	unsigned int nr;
	unsigned long min;
	unsigned long span;
};

static int by_address(const void *left, const void *right)
{
	const struct mt_code_target *a = *(const struct mt_code_target *const *)left;
	const struct mt_code_target *b = *(const struct mt_code_target *const *)right;

	return a->addr < b->addr ? -1 : a->addr > b->addr;
}

static void add_use(struct mt_code_target *target, unsigned long addr)
{
	if (target->nr == MT_CODE_USES)
		target->common = true;
	else
		target->uses[target->nr++] = addr;
}

/* The first target at an address or above it. */
static unsigned int first_from(const struct search *search, unsigned long addr)
{
	unsigned int low = 0, high = search->nr;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (search->targets[middle]->addr < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Of one address there may be several targets, those of different caches. */
static void take_number(const struct search *search, unsigned long addr, s32 number)
{
	unsigned long end = addr + sizeof(number) + number;
	unsigned long absolute = number;
	unsigned int i;

	for (i = first_from(search, end); i < search->nr; i++) {
		unsigned long behind = search->targets[i]->addr - end;

		if (behind > IMMEDIATE_MAX)
			break;
		/* behind the distance may stand an operand of one, two or four bytes */
		if (behind != 3)
			add_use(search->targets[i], addr);
	}
	for (i = first_from(search, absolute);
	     i < search->nr && search->targets[i]->addr == absolute; i++)
		add_use(search->targets[i], addr);
}

/*
 * struct sieve - what all numbers that are searched for have in common, at the addresses of a page
 * @nearest: the least distance, in its low 32 bits
 * @distances: the largest one, from there
 * @lowest: the least address, in its low 32 bits
 * @addresses: the largest one, from there
 *
 * Nearly no number is one that is searched for, and there are as many numbers as bytes.
 */
struct sieve {
	u32 nearest;
	u32 distances;
	u32 lowest;
	u32 addresses;
};

/* Where a u32 cannot say how many there are, they are all let through. */
static u32 width(unsigned long span)
{
	return min_t(unsigned long, span, U32_MAX);
}

static struct sieve sieve_of(const struct search *search, unsigned long addr, size_t nr)
{
	return (struct sieve) {
		.nearest = search->min - IMMEDIATE_MAX - sizeof(s32) - (addr + nr),
		.distances = width(search->span + IMMEDIATE_MAX + nr),
		.lowest = search->min,
		.addresses = width(search->span),
	};
}

static bool falls_through(const struct sieve *sieve, u32 number)
{
	return (number - sieve->nearest <= sieve->distances) |
	       (number - sieve->lowest <= sieve->addresses);
}

static void visit(const struct mt_image_part *part, unsigned long addr, const u8 *bytes, size_t nr,
		  void *arg)
{
	const struct sieve sieve = sieve_of(arg, addr, nr);
	size_t at = 0;

	while (at + sizeof(s32) <= nr) {
		s32 number;
		u64 word;

		/* several at once, with one branch for all of them */
		if (at + sizeof(word) <= nr) {
			memcpy(&word, bytes + at, sizeof(word));
			if (!(falls_through(&sieve, word) | falls_through(&sieve, word >> 8) |
			      falls_through(&sieve, word >> 16) |
			      falls_through(&sieve, word >> 24) |
			      falls_through(&sieve, word >> 32))) {
				at += NUMBERS_OF_WORD;
				continue;
			}
		}
		memcpy(&number, bytes + at, sizeof(number));
		take_number(arg, addr + at, number);
		at++;
	}
}

/* The start of the function that an instruction is in. */
static unsigned long function_of(unsigned long addr)
{
	char module[MT_IMAGE_NAME];
	char symbol[128];
	unsigned long offset;
	const char *plus;

	if (!mt_ksym_format(symbol, sizeof(symbol), addr, module, sizeof(module)))
		return 0;
	plus = strrchr(symbol, '+');
	if (!plus || kstrtoul(plus + 1, 16, &offset))
		return 0;
	return addr - offset;
}

static void find_functions(struct mt_code_target *target)
{
	unsigned int i, j, nr = 0;

	if (target->common)
		target->nr = 0;
	for (i = 0; i < target->nr; i++) {
		unsigned long function = function_of(target->uses[i]);

		for (j = 0; j < nr && target->uses[j] != function; j++)
			;
		if (function && j == nr)
			target->uses[nr++] = function;
	}
	target->nr = nr;
}

/* The targets of one module, in order; only in its own instructions are they searched. */
static int find_in_module(const struct mt_image *image, struct mt_image *text,
			  struct search *search, struct mt_code_target *targets, unsigned int nr,
			  unsigned int module, u64 deadline_ns)
{
	unsigned int i;
	int err;

	search->nr = 0;
	for (i = 0; i < nr; i++) {
		if (targets[i].module == module)
			search->targets[search->nr++] = &targets[i];
	}
	if (!search->nr)
		return 0;
	text->nr_parts = 0;
	for (i = 0; i < image->nr_parts; i++) {
		if (image->parts[i].kind == MT_IMAGE_TEXT && image->parts[i].module == module)
			text->parts[text->nr_parts++] = image->parts[i];
	}
	sort(search->targets, search->nr, sizeof(*search->targets), by_address, NULL);
	search->min = search->targets[0]->addr;
	search->span = search->targets[search->nr - 1]->addr - search->min;
	err = mt_image_bytes(text, MT_IMAGE_BIT(MT_IMAGE_TEXT), sizeof(s32) - 1, deadline_ns,
			     visit, search);
	for (i = 0; i < search->nr; i++) {
		if (err)
			search->targets[i]->nr = 0;
		else
			find_functions(search->targets[i]);
	}
	return err;
}

/**
 * mt_code_find() - find the functions that use some addresses
 * @image: the kernel and its modules
 * @targets: the addresses; get their users
 * @nr: how many
 * @deadline_ns: when to stop, in ktime_get_ns(); 0 for never
 *
 * The modules first, and the kernel, which is larger than all of them, last.
 *
 * Context: process context, no lock held, may sleep. Some ten milliseconds if a target is of the
 * kernel itself, and a symbol looked up for each use.
 * Return: 0; -EOPNOTSUPP on a machine whose instructions are not known; -ENOMEM; -ETIME, -EINTR:
 * then only those targets have users whose modules were searched before.
 */
int mt_code_find(const struct mt_image *image, struct mt_code_target *targets, unsigned int nr,
		 u64 deadline_ns)
{
	struct mt_image text = *image;
	struct search search = { };
	unsigned int module;
	int err = -ENOMEM;

	forget(targets, nr);
	if (!nr)
		return 0;
	if (mt_code_table.state != MT_RELO_READY)
		return -EOPNOTSUPP;
	text.parts = mt_memory_alloc((image->nr_parts + 1) * sizeof(*text.parts));
	search.targets = mt_memory_alloc(nr * sizeof(*search.targets));
	if (!text.parts || !search.targets)
		goto out_free;
	err = 0;
	for (module = image->nr_modules; module-- && !err;)
		err = find_in_module(image, &text, &search, targets, nr, module, deadline_ns);

out_free:
	mt_memory_free(search.targets);
	mt_memory_free(text.parts);
	return err;
}

static bool is_allocator(unsigned long addr)
{
	return addr && (addr == mt_sym_kmem_cache_alloc || addr == mt_sym_kmem_cache_alloc_node ||
			addr == mt_sym_kmem_cache_alloc_lru);
}

/*
 * Does a function call a function of the allocator? The first parts of it, byte by byte: where it
 * ends is asked only of what looks like such a call.
 */
static bool allocates(unsigned long function)
{
	unsigned long addr = function, end = function + FUNCTION_BYTES;
	bool found = false;
	u8 bytes[256];

	for (; addr < end; addr += sizeof(bytes) - CALL_BYTES) {
		size_t i;

		if (!mt_kread(bytes, addr, sizeof(bytes)))
			break;
		for (i = 0; i + CALL_BYTES <= sizeof(bytes); i++) {
			unsigned long target;
			s32 distance;

			if (bytes[i] != CALL && bytes[i] != JUMP)
				continue;
			memcpy(&distance, bytes + i + 1, sizeof(distance));
			target = addr + i + CALL_BYTES + distance;
			if (!is_allocator(target) && target != mt_sym_kmem_cache_destroy)
				continue;
			if (function_of(addr + i) != function)
				return found;
			/* the end of a module uses all it has */
			if (target == mt_sym_kmem_cache_destroy)
				return false;
			found = true;
		}
	}
	return found;
}

#else

int mt_code_find(const struct mt_image *image, struct mt_code_target *targets, unsigned int nr,
		 u64 deadline_ns)
{
	forget(targets, nr);
	return -EOPNOTSUPP;
}

static bool allocates(unsigned long function)
{
	return false;
}

#endif

/**
 * mt_code_share() - is there a function that allocates objects, and uses both?
 * @left: an address, with its users
 * @right: another one
 *
 * Functions that only use both do not count: the beginning and the end of a module make and destroy
 * all its caches, and register all that it has.
 *
 * Context: process context, may sleep.
 * Return: true if there is.
 */
bool mt_code_share(const struct mt_code_target *left, const struct mt_code_target *right)
{
	unsigned int i, j;

	for (i = 0; i < left->nr; i++) {
		for (j = 0; j < right->nr; j++) {
			if (left->uses[i] == right->uses[j] && allocates(left->uses[i]))
				return true;
		}
	}
	return false;
}
