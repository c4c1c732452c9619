// SPDX-License-Identifier: GPL-2.0
/*
 * page_holder.c - knows which variable points at a block of pages.
 *
 * A block that holds pointers to the heap, or data, names nobody. But who works with it has its
 * address, often in a static variable: that of its first byte, or of its first struct page. Only
 * places where a block of some size may begin count, so there are few such words.
 *
 * A variable may still have the address of what was given back, and the block be another's by now;
 * or somebody else's thing was registered with it. So where variables of two modules point at a
 * block, nobody holds it; and whoever finds another module's address in it does not believe it.
 *
 * Locking: none; see image.c. Consistency: none between words, or with the blocks.
 */
#include "access/page_holder.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "access/page_fence.h"
#include "access/page_layout.h"
#include "introspect/kread.h"
#include "introspect/ksym.h"
#include "memory.h"

/* An idle kernel has some hundreds, and the stack depot's table alone may have half of these. */
#define MAX_WORDS	16384U

/*
 * struct mt_page_holder_word - a word that points at where a block may begin
 * @pfn: the page frame
 * @addr: where the word stands
 * @module: whose it is
 */
struct mt_page_holder_word {
	unsigned long pfn;
	unsigned long addr;
	unsigned int module;
};

/*
 * The stack depot keeps what KASAN, slub_debug and page_owner know of all allocations: its pools
 * are full of the addresses of those who allocate. They were called slabs at first.
 */
static const char *const records[] = { "stack_slabs", "stack_pools" };

/* Where struct pages are, beside the memory itself: what to look for. */
static unsigned long pages_from(void)
{
#ifdef CONFIG_SPARSEMEM_VMEMMAP
	return (unsigned long)pfn_to_page(0);
#else
	return PAGE_OFFSET;
#endif
}

static unsigned long pages_to(void)
{
#ifdef CONFIG_SPARSEMEM_VMEMMAP
	return (unsigned long)pfn_to_page(mt_page_fence_last_pfn() + 1);
#else
	return PAGE_OFFSET;
#endif
}

/* The page frame that a word points at: at its first byte, or at its struct page. */
static bool points_at(unsigned long word, unsigned long *pfn)
{
	if (word >= PAGE_OFFSET && word < (unsigned long)high_memory) {
		*pfn = PHYS_PFN(__pa(word));
		return !offset_in_page(word);
	}
	*pfn = mt_page_fence_pfn(word);
	return *pfn <= mt_page_fence_last_pfn();
}

static void add_word(struct mt_page_holders *holders, unsigned int module, unsigned long addr,
		     unsigned long value)
{
	unsigned long pfn;

	if (!points_at(value, &pfn) || !pfn || !IS_ALIGNED(pfn, BIT(MT_PAGE_HOLDER_ORDER)))
		return;
	if (holders->nr == MAX_WORDS) {
		holders->error = -E2BIG;
		return;
	}
	holders->words[holders->nr++] = (struct mt_page_holder_word) {
		.pfn = pfn,
		.addr = addr,
		.module = module,
	};
}

static void take_word(const struct mt_image_part *part, unsigned long addr, unsigned long value,
		      void *arg)
{
	add_word(arg, part->module, addr, value);
}

/* Where the stack depot's table is not in the variable itself. */
static void read_depot(struct mt_page_holders *holders)
{
	unsigned long table, pool;
	unsigned int nr, i;

	if (mt_page_depot_table.state != MT_RELO_READY ||
	    !mt_kread_ulong(mt_sym_stack_pools, &table) ||
	    !mt_kread(&nr, mt_sym_stack_max_pools, sizeof(nr)))
		return;
	/* it is filled from the start on */
	for (i = 0; i < min(nr, MAX_WORDS); i++) {
		if (!mt_kread_ulong(table + i * sizeof(pool), &pool) || !pool)
			return;
		add_word(holders, MT_IMAGE_VMLINUX, mt_sym_stack_pools, pool);
	}
}

static int by_pfn(const void *a, const void *b)
{
	const struct mt_page_holder_word *first = a;
	const struct mt_page_holder_word *second = b;

	if (first->pfn != second->pfn)
		return first->pfn < second->pfn ? -1 : 1;
	return first->addr < second->addr ? -1 : first->addr > second->addr;
}

/**
 * mt_page_holders_read() - find the variables that point at where blocks may begin
 * @holders: gets them; give it back with mt_page_holders_free(), whatever comes of it
 * @deadline_ns: when to stop, in ktime_get_ns(); 0 for never
 *
 * Context: process context, no lock held, may sleep. A few milliseconds for each 10 MB of
 * variables.
 * Return: 0, or why there are none: -EOPNOTSUPP if this kernel's variables or its modules are
 * unknown; -ETIME at the deadline; -EINTR; -ENOMEM; -E2BIG; -EFAULT, -ELOOP from the list of
 * modules.
 */
int mt_page_holders_read(struct mt_page_holders *holders, u64 deadline_ns)
{
	struct mt_image_scan scan = {
		.kinds = MT_IMAGE_BIT(MT_IMAGE_DATA),
		.min = min_t(unsigned long, PAGE_OFFSET, pages_from()),
		.max = max_t(unsigned long, (unsigned long)high_memory, pages_to()),
		.deadline_ns = deadline_ns,
		.visit = take_word,
		.arg = holders,
	};
	int err;

	*holders = (struct mt_page_holders) { };
	holders->error = mt_image_read(&holders->image) ?: holders->image.error;
	if (holders->error)
		return holders->error;
	holders->words = mt_memory_alloc(MAX_WORDS * sizeof(*holders->words));
	if (!holders->words) {
		holders->error = -ENOMEM;
		return holders->error;
	}
	err = mt_image_words(&holders->image, &scan);
	if (err)
		holders->error = err;
	read_depot(holders);
	mt_image_recheck(&holders->image);
	sort(holders->words, holders->nr, sizeof(*holders->words), by_pfn, NULL);
	return holders->error;
}

/**
 * mt_page_holders_free() - give back what mt_page_holders_read() allocated
 * @holders: the holders, zeroed or read
 *
 * Context: process context, may sleep.
 */
void mt_page_holders_free(struct mt_page_holders *holders)
{
	mt_memory_free(holders->words);
	holders->words = NULL;
	holders->nr = 0;
	mt_image_free(&holders->image);
}

/* The first word that points at the page frame or behind. */
static unsigned int first_of(const struct mt_page_holders *holders, unsigned long pfn)
{
	unsigned int from = 0;
	unsigned int to = holders->nr;

	while (from < to) {
		unsigned int middle = from + (to - from) / 2;

		if (holders->words[middle].pfn < pfn)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* The variable that a word is in, if it has a name and that is the module's. */
static bool find_variable(const struct mt_page_holders *holders,
			  const struct mt_page_holder_word *word, struct mt_page_holder *holder)
{
	const struct mt_image_module *owner = &holders->image.modules[word->module];
	char symbol[MT_PAGE_HOLDER_SYMBOL];
	char module[MT_IMAGE_NAME];
	unsigned long offset;
	unsigned int i;
	char *mark;

	if (owner->gone ||
	    !mt_ksym_format(symbol, sizeof(symbol), word->addr, module, sizeof(module)) ||
	    strcmp(module, owner->name))
		return false;
	mark = strrchr(symbol, '+');
	if (!mark || kstrtoul(mark + 1, 0, &offset))
		return false;
	*mark = '\0';
	holder->module = word->module;
	holder->variable = word->addr - offset;
	holder->records = false;
	for (i = 0; i < ARRAY_SIZE(records); i++)
		holder->records |= word->module == MT_IMAGE_VMLINUX && !strcmp(symbol, records[i]);
	return true;
}

/**
 * mt_page_holder_find() - which variable holds a block?
 * @holders: the variables
 * @pfn: the block's first page frame
 * @holder: set on success
 *
 * Context: process context, may sleep.
 * Return: false if none points there, or several that are not one module's. Of several of one
 * module it is the first one, but what holds records goes before the others.
 */
bool mt_page_holder_find(const struct mt_page_holders *holders, unsigned long pfn,
			 struct mt_page_holder *holder)
{
	unsigned int first = first_of(holders, pfn);
	bool found = false;
	unsigned int i;

	if (holders->error)
		return false;
	for (i = first; i < holders->nr && holders->words[i].pfn == pfn; i++) {
		struct mt_page_holder next;

		if (holders->words[i].module != holders->words[first].module)
			return false;
		if ((found && holder->records) ||
		    !find_variable(holders, &holders->words[i], &next))
			continue;
		if (!found || next.records)
			*holder = next;
		found = true;
	}
	return found;
}

/**
 * mt_page_holder_is_foreign() - does an address speak of somebody else than the holder?
 * @holders: the variables
 * @holder: one of them
 * @address: an address that the block holds
 *
 * Context: any.
 * Return: true if it is another module's, one that is gone included; the kernel's own are in
 * everybody's blocks.
 */
bool mt_page_holder_is_foreign(const struct mt_page_holders *holders,
			       const struct mt_page_holder *holder, unsigned long address)
{
	const struct mt_image_part *part = mt_image_find(&holders->image, address);

	if (part)
		return part->module != MT_IMAGE_VMLINUX && part->module != holder->module;
	return mt_image_is_for_modules(address);
}
