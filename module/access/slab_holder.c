// SPDX-License-Identifier: GPL-2.0
/*
 * slab_holder.c - knows who holds the pointer to a slab cache.
 *
 * The allocator does not remember who made a cache, and a merged one has as many users as
 * somebody called kmem_cache_create(). But each of them keeps the pointer that it was given, and
 * nearly all keep it in a static variable. Where a kernel has made such a variable a constant in
 * its instructions (runtime constants, x86) the pointer stands only there.
 *
 * Some words are copies of somebody else's pointer: struct proto and struct dst_ops are copied
 * whole, and a mempool is told which cache to use.
 *
 * Locking: none; see image.c. Consistency: none between words. A cache that is destroyed meanwhile
 * is in the list all the same, and its address may have been given to another one.
 */
#include "access/slab_holder.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "access/image.h"
#include "access/slab.h"
#include "access/slab_holder_object.h"
#include "introspect/kread.h"
#include "introspect/ksym.h"
#include "memory.h"

/* An idle machine has about as many as it has caches. More than this: the rest is left out. */
#define MAX_HOLDERS	4096

/* How far around a word a name is looked for: a struct proto has its name behind the pointer. */
#define AROUND		512

/* A name that is found anywhere has at least so many characters. */
#define MIN_NAME	3

/* Pointers to strings this many words away belong to the same small struct. */
#define NEAR_WORDS	2

/* In a hurry, a cache with less than this part of memory is not worth a search of its own. */
#define LARGE_PART	1000

/* Are there caches whose pointer stands in instructions only? */
#ifdef MT_HAVE_RUNTIME_CONST
#define IN_TEXT		true
#else
#define IN_TEXT		false
#endif

/*
 * struct search - a search under way
 * @holders: gets what is found
 * @list: the caches
 * @skip: by cache: not these; NULL for none
 */
struct search {
	struct mt_slab_holders *holders;
	const struct mt_slab_list *list;
	const bool *skip;
};

/**
 * mt_slab_holder_add() - a place for one more holder
 * @holders: the holders
 * @cache: what it holds, by its place in the list
 * @addr: where
 *
 * Context: any.
 * Return: it, for the caller to fill, or NULL if there are too many.
 */
struct mt_slab_holder *mt_slab_holder_add(struct mt_slab_holders *holders, unsigned int cache,
					  unsigned long addr)
{
	struct mt_slab_holder *holder = &holders->holders[holders->nr];

	if (holders->nr == MAX_HOLDERS) {
		holders->error = -E2BIG;
		return NULL;
	}
	holders->nr++;
	*holder = (struct mt_slab_holder) { .cache = cache, .addr = addr };
	return holder;
}

static void take_word(const struct mt_image_part *part, unsigned long addr, unsigned long value,
		      void *arg)
{
	struct search *search = arg;
	struct mt_slab_holders *holders = search->holders;
	int cache = mt_slab_index(search->list, value);
	struct mt_slab_holder *holder;

	if (cache < 0 || (search->skip && search->skip[cache]))
		return;
	holder = mt_slab_holder_add(holders, cache, addr);
	if (!holder)
		return;
	holder->module = part->module;
	holder->kind = part->kind == MT_IMAGE_TEXT ? MT_SLAB_HELD_BY_TEXT :
						     MT_SLAB_HELD_BY_VARIABLE;
}

/*
 * struct copied - variables that are copies of others
 * @end: how their names end
 * @worth: what is thought of them
 */
struct copied {
	const char *end;
	enum mt_slab_holder_worth worth;
};

static const struct copied copied[] = {
	/* struct proto, copied whole to replace some of its functions */
	{ "_bpf_prots", MT_SLAB_HOLDER_COPY },
	{ "_bpf_prot", MT_SLAB_HOLDER_COPY },
	{ "_prot_override", MT_SLAB_HOLDER_COPY },
	{ "tls_prots", MT_SLAB_HOLDER_COPY },
	/* struct dst_ops: copied into each network namespace, and for routes that lead nowhere */
	{ "_dst_blackhole_ops", MT_SLAB_HOLDER_COPY },
	{ "_dst_ops_blackhole", MT_SLAB_HOLDER_COPY },
	{ "init_net", MT_SLAB_HOLDER_COPY },
	/* of some protocols the one and only, of others one of two for the same cache */
	{ "_dst_ops_template", MT_SLAB_HOLDER_SECOND },
};

static enum mt_slab_holder_worth worth_of(const char *name, size_t length)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(copied); i++) {
		size_t wanted = strlen(copied[i].end);

		if (length >= wanted && !strncmp(name + length - wanted, copied[i].end, wanted))
			return copied[i].worth;
	}
	return MT_SLAB_HOLDER_OWN;
}

/**
 * mt_slab_holder_is_mempool() - is this word the cache that a mempool uses?
 * @addr: where it stands
 *
 * A mempool's function stands behind its data, which for this function are the cache.
 *
 * Context: any.
 * Return: true if it is: somebody else asked for the cache.
 */
bool mt_slab_holder_is_mempool(unsigned long addr)
{
	unsigned long next;

	return mt_kread_ulong(addr + sizeof(long), &next) &&
	       next == (unsigned long)mempool_alloc_slab;
}

static void name_holder(struct mt_slab_holder *holder)
{
	char module[MT_IMAGE_NAME];
	char *mark;

	if (!mt_ksym_format(holder->symbol, sizeof(holder->symbol), holder->addr, module,
			    sizeof(module))) {
		strscpy(holder->symbol, "(no symbol)", sizeof(holder->symbol));
		return;
	}
	mark = strrchr(holder->symbol, '+');
	if (!mark)
		return;
	if (kstrtoul(mark + 1, 0, &holder->offset))
		holder->offset = 0;
	if (holder->kind == MT_SLAB_HELD_BY_TEXT)
		strscpy(mark, "()", holder->symbol + sizeof(holder->symbol) - mark);
	else if (!holder->offset)
		*mark = '\0';
	holder->worth = worth_of(holder->symbol, strcspn(holder->symbol, "+"));
	if (holder->kind == MT_SLAB_HELD_BY_VARIABLE && holder->worth == MT_SLAB_HOLDER_OWN &&
	    mt_slab_holder_is_mempool(holder->addr))
		holder->worth = MT_SLAB_HOLDER_SECOND;
}

static bool is_same(const struct mt_slab_holder *first, const struct mt_slab_holder *second)
{
	return first->addr - first->offset == second->addr - second->offset;
}

/*
 * What else stands in the same variable: a table of caches; or a mempool's pointer to the same
 * cache, as in struct bio_set, which only asked somebody else for it.
 */
static void compare_holders(struct mt_slab_holders *holders)
{
	unsigned int i, j;

	for (i = 0; i < holders->nr; i++) {
		struct mt_slab_holder *holder = &holders->holders[i];

		for (j = 0; j < holders->nr; j++) {
			const struct mt_slab_holder *other = &holders->holders[j];

			if (i == j || !is_same(holder, other))
				continue;
			if (holder->cache != other->cache)
				holder->table = true;
			else if (holder->worth == MT_SLAB_HOLDER_OWN &&
				 mt_slab_holder_is_mempool(other->addr))
				holder->worth = MT_SLAB_HOLDER_SECOND;
		}
		cond_resched();
	}
}

static int by_cache(const void *a, const void *b)
{
	const struct mt_slab_holder *first = a;
	const struct mt_slab_holder *second = b;

	if (first->cache != second->cache)
		return first->cache < second->cache ? -1 : 1;
	return first->addr < second->addr ? -1 : first->addr > second->addr;
}

/**
 * mt_slab_holder_range() - between which addresses are all caches?
 * @list: the caches
 * @min: gets the lowest
 * @max: gets the one behind the highest
 *
 * Context: any.
 */
void mt_slab_holder_range(const struct mt_slab_list *list, unsigned long *min, unsigned long *max)
{
	unsigned int i;

	*min = ULONG_MAX;
	*max = 0;
	for (i = 0; i < list->nr; i++) {
		*min = min(*min, list->caches[i].id);
		*max = max(*max, list->caches[i].id + 1);
	}
}

static int search_kind(struct search *search, const struct mt_image *image,
		       enum mt_image_kind kind)
{
	struct mt_image_scan scan = {
		.kinds = MT_IMAGE_BIT(kind),
		.visit = take_word,
		.arg = search,
	};

	mt_slab_holder_range(search->list, &scan.min, &scan.max);
	return mt_image_words(image, &scan);
}

/* What a module that is gone had in its variables is no evidence any more. */
static void drop_gone(struct mt_slab_holders *holders, const struct mt_image *image)
{
	unsigned int i, kept = 0;

	for (i = 0; i < holders->nr; i++) {
		if (!image->modules[holders->holders[i].module].gone)
			holders->holders[kept++] = holders->holders[i];
	}
	holders->nr = kept;
}

/* How many own pointers are there to this cache? Fewer than users: somebody else has one. */
static int count_own(const struct mt_slab_holders *holders, unsigned int cache)
{
	const struct mt_slab_holder *holder = NULL;
	int nr = 0;

	while ((holder = mt_slab_holder_next(holders, cache, holder)))
		nr += holder->worth == MT_SLAB_HOLDER_OWN;
	return nr;
}

/* Marks the caches for which nobody more is searched; returns how many are left. */
static unsigned int skip_held(const struct mt_slab_holders *holders,
			      const struct mt_slab_list *list, bool *skip, bool by_anybody)
{
	unsigned int left = 0;
	unsigned int i;

	for (i = 0; i < list->nr; i++) {
		skip[i] = by_anybody ? !!mt_slab_holder_next(holders, i, NULL) :
				       count_own(holders, i) >= max(list->caches[i].users, 1);
		left += !skip[i];
	}
	return left;
}

static void sort_holders(struct mt_slab_holders *holders)
{
	sort(holders->holders, holders->nr, sizeof(*holders->holders), by_cache, NULL);
}

/*
 * In a hurry, a large cache that no variable holds is searched for in what hangs from those of
 * modules. Not all who may have its address are seen then, so one who has it must also say what
 * the cache is called; and of a merged one, whose it is cannot be told.
 */
static void search_hanging(struct search *search, const struct mt_image *image, bool *skip)
{
	const struct mt_slab_list *list = search->list;
	struct mt_slab_holders *holders = search->holders;
	unsigned int first = holders->nr;
	unsigned int i, kept = first, left = 0;

	skip_held(holders, list, skip, false);
	for (i = 0; i < list->nr; i++) {
		skip[i] |= list->caches[i].users > 1 ||
			   list->caches[i].pages < totalram_pages() / LARGE_PART;
		left += !skip[i];
	}
	if (!left)
		return;
	if (mt_slab_holder_hanging(holders, image, list, skip))
		holders->nr = first;
	for (i = first; i < holders->nr; i++) {
		const struct mt_slab_holder *holder = &holders->holders[i];
		const struct mt_slab_cache *cache = &list->caches[holder->cache];

		if (holder->module != MT_SLAB_HOLDER_STRAY &&
		    mt_slab_holder_says(holder, cache->name, cache->name_addr))
			holders->holders[kept++] = *holder;
	}
	holders->nr = kept;
	sort_holders(holders);
}

/* In order of cost, each for what the one before did not find. */
static void search_all(struct search *search, struct mt_image *image, bool *skip, bool quick)
{
	struct mt_slab_holders *holders = search->holders;
	unsigned int i, named;
	int err;

	/* that there were too many holders is an error already */
	err = search_kind(search, image, MT_IMAGE_DATA);
	if (err)
		holders->error = err;
	mt_image_recheck(image);
	drop_gone(holders, image);
	for (named = 0; named < holders->nr; named++)
		name_holder(&holders->holders[named]);
	compare_holders(holders);
	sort_holders(holders);
	if (holders->error)
		return;
	if (quick) {
		search_hanging(search, image, skip);
		return;
	}

	if (skip_held(holders, search->list, skip, false)) {
		holders->object_error = mt_slab_holder_objects(holders, image, search->list, skip);
		sort_holders(holders);
	}
	if (!IN_TEXT || !skip_held(holders, search->list, skip, true))
		return;
	named = holders->nr;
	search->skip = skip;
	holders->text_error = search_kind(search, image, MT_IMAGE_TEXT);
	for (i = named; i < holders->nr; i++)
		name_holder(&holders->holders[i]);
	sort_holders(holders);
}

/**
 * mt_slab_holder_read() - find who holds the pointers to caches
 * @holders: gets them; give it back with mt_slab_holder_free() on success
 * @image: where to look; modules that went meanwhile are marked in it
 * @list: the caches
 * @quick: look at variables, a few milliseconds for each 10 MB of them, and of objects only at
 *         what hangs from those of modules
 *
 * Context: process context, no lock held, may sleep. Without @quick, two seconds at most for
 * objects, and several times that of variables for instructions.
 * Return: 0, also when @holders->error says that not all were found; -ENOMEM.
 */
int mt_slab_holder_read(struct mt_slab_holders *holders, struct mt_image *image,
			const struct mt_slab_list *list, bool quick)
{
	struct search search = { .holders = holders, .list = list };
	bool *skip = mt_memory_zalloc(list->nr + 1);

	*holders = (struct mt_slab_holders) { };
	holders->holders = mt_memory_alloc(MAX_HOLDERS * sizeof(*holders->holders));
	if (!holders->holders || !skip) {
		mt_slab_holder_free(holders);
		mt_memory_free(skip);
		return -ENOMEM;
	}
	search_all(&search, image, skip, quick);
	mt_memory_free(skip);
	return 0;
}

/**
 * mt_slab_holder_free() - give back what mt_slab_holder_read() allocated
 * @holders: the holders
 *
 * Context: process context, may sleep.
 */
void mt_slab_holder_free(struct mt_slab_holders *holders)
{
	mt_memory_free(holders->holders);
	holders->holders = NULL;
	holders->nr = 0;
}

/**
 * mt_slab_holder_next() - the holders of one cache, one after the other
 * @holders: all holders
 * @cache: the cache, by its place in the list
 * @last: the holder before the one that is wanted, or NULL for the first
 *
 * Context: any.
 * Return: the holder, or NULL after the last.
 */
const struct mt_slab_holder *mt_slab_holder_next(const struct mt_slab_holders *holders,
						 unsigned int cache,
						 const struct mt_slab_holder *last)
{
	unsigned int from = 0;
	unsigned int to = holders->nr;

	if (last) {
		from = last - holders->holders + 1;
	} else {
		while (from < to) {
			unsigned int middle = from + (to - from) / 2;

			if (holders->holders[middle].cache < cache)
				from = middle + 1;
			else
				to = middle;
		}
	}
	if (from >= holders->nr || holders->holders[from].cache != cache)
		return NULL;
	return &holders->holders[from];
}

static bool is_pointer_to(unsigned long addr, const char *name, unsigned long name_addr)
{
	char text[MT_SLAB_NAME];
	unsigned long word;

	if (!mt_kread_ulong(addr, &word) || !word)
		return false;
	return word == name_addr ||
	       (mt_kread_string(text, word, sizeof(text)) && !strcmp(text, name));
}

/* How many words away there is a pointer to the name, as in {size, name, cache}; 0 for none. */
static unsigned int words_to_pointer(const struct mt_slab_holder *holder, const char *name,
				     unsigned long name_addr)
{
	unsigned int words;

	for (words = 1; words <= NEAR_WORDS; words++) {
		if (is_pointer_to(holder->addr - words * sizeof(long), name, name_addr) ||
		    is_pointer_to(holder->addr + words * sizeof(long), name, name_addr))
			return words;
	}
	return 0;
}

/* Is this address in the same variable? */
static bool is_same_variable(const struct mt_slab_holder *holder, unsigned long addr)
{
	char symbol[MT_SLAB_HOLDER_SYMBOL];
	char module[MT_IMAGE_NAME];
	size_t length = strcspn(holder->symbol, "+");

	if (holder->kind == MT_SLAB_HELD_BY_OBJECT)
		return true;
	return mt_ksym_format(symbol, sizeof(symbol), addr, module, sizeof(module)) &&
	       strcspn(symbol, "+") == length && !strncmp(symbol, holder->symbol, length);
}

/* The name itself, in the same variable or object, as in struct proto. */
static bool contains_name(const struct mt_slab_holder *holder, const char *name)
{
	unsigned long from = holder->addr - min_t(unsigned long, holder->offset, AROUND);
	unsigned long to = holder->addr + AROUND;
	size_t length = strlen(name) + 1;
	bool found = false;
	size_t bytes, at;
	char *copy;

	/* shorter ones stand anywhere */
	if (length <= MIN_NAME)
		return false;
	/* the variable may be the last one before a hole */
	to = min(to, ALIGN(holder->addr + 1, PAGE_SIZE));
	if (holder->kind == MT_SLAB_HELD_BY_OBJECT)
		to = min(to, holder->addr - holder->offset + holder->object_bytes);
	bytes = to - from;
	copy = mt_memory_alloc(bytes);
	if (!copy)
		return false;
	if (mt_kread(copy, from, bytes)) {
		for (at = 0; at + length <= bytes && !found; at++)
			found = !memcmp(copy + at, name, length) &&
				(!at || !copy[at - 1]) && is_same_variable(holder, from + at);
	}
	/* KASAN keeps what is freed, as if it was in use: it would be found as a holder later */
	memzero_explicit(copy, bytes);
	mt_memory_free(copy);
	return found;
}

/**
 * mt_slab_holder_says() - does the variable that holds a cache also say what it is called?
 * @holder: the variable
 * @name: one of the cache's names
 * @name_addr: where the kernel keeps that name
 *
 * Of two names the nearer one is the cache's. At the same distance it is neither.
 *
 * Context: process context, no lock held, may sleep.
 * Return: 0 if it does not; otherwise how near the name, or a pointer to it, stands to the pointer
 * to the cache, below MT_SLAB_HOLDER_SAYS.
 */
unsigned int mt_slab_holder_says(const struct mt_slab_holder *holder, const char *name,
				 unsigned long name_addr)
{
	unsigned int words;

	if (holder->kind == MT_SLAB_HELD_BY_TEXT)
		return 0;
	words = words_to_pointer(holder, name, name_addr);
	if (words)
		return words;
	/* of a table of caches, it may be the name of another one */
	if (!holder->table && !mt_image_is_rodata(name_addr) && contains_name(holder, name))
		return MT_SLAB_HOLDER_SAYS - 1;
	return 0;
}
