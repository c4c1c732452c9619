// SPDX-License-Identifier: GPL-2.0
/*
 * slab_object.c - knows which objects of a slab cache are allocated, one by one.
 *
 * The map of all pages leads to the slabs of a cache: its full slabs are on no list. In each slab
 * all objects are allocated but those on the slab's freelist and those that are parked elsewhere
 * (access/slab_parked.c). One pass, one slab after the other: the memory that it takes does not
 * grow with the machine.
 *
 * Locking: slab_mutex while the parked objects are read; none while memory is looked at. A cache is
 * not looked at again after that: its address is only compared.
 * Consistency: each slab by itself: its freelist and its count of allocated objects agree, or it is
 * looked at again, and is marked inexact if it goes on moving. An object that is parked or fetched
 * during the walk may be taken for what it was before.
 */
#include "access/slab_object.h"

#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/gcd.h>
#include <linux/ktime.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/mutex.h>
#include <linux/nodemask.h>
#include <linux/sched/signal.h>

#ifdef MT_HAVE_is_kfence_address
#include <linux/kfence.h>
#else
#define is_kfence_address(_addr)	false
#endif

#include "access/slab_chain.h"
#include "access/slab_layout.h"
#include "access/slab_parked.h"
#include "introspect/klock.h"
#include "introspect/kread.h"
#include "memory.h"

/* The same bound as in slab.c, for what is read while it changes. */
#define MAX_SLAB_ORDER		16
#define MAX_CACHES		65536

/* Free blocks and compound pages are skipped as a whole, unless their order makes no sense. */
#define MAX_SKIP_ORDER		18

/* What one look at the clock is good for: 2 MiB, the least that is hot-plugged at once. */
#define BLOCK_PAGES		(1UL << (21 - PAGE_SHIFT))

/* How often a slab is looked at when it moves. */
#define TRIES			4

/* Parked objects that there is room for, at first and at most: 8 bytes each. */
#define PARKED_ROOM		4096
#define PARKED_ROOM_MAX		(512 * PARKED_ROOM)

/*
 * struct state - a walk that is under way
 * @walk: what is asked for
 * @alive: the caches that are wanted and were there when the parked objects were read
 * @parked: the parked objects, sorted
 * @free: room for the addresses of the free objects of one slab
 * @allocated: room for the bitmap of one slab
 * @max_objects: objects that these have room for
 */
struct state {
	struct mt_slab_walk *walk;
	unsigned long *alive;
	struct mt_slab_parked parked;
	unsigned long *free;
	unsigned long *allocated;
	unsigned int max_objects;
};

/**
 * mt_slab_object_known() - can objects be enumerated on this kernel?
 *
 * Context: any.
 * Return: true if mt_slab_object_walk() and mt_slab_object_find() work.
 */
bool mt_slab_object_known(void)
{
	return mt_slab_object_table.state == MT_RELO_READY && !mt_slab_object_table.missing[0] &&
	       mt_slab_node_table.state == MT_RELO_READY && mt_slab_parked_known();
}

static bool is_wanted(const struct mt_slab_walk *walk, unsigned int index)
{
	return !walk->wanted || test_bit(index, walk->wanted);
}

/* The cache of a slab, by the address of its struct page, which is that of its struct slab. */
static unsigned long cache_of(const struct page *page)
{
	return READ_ONCE(*(const unsigned long *)((const char *)page + mt_slab_slab_cache.offset));
}

static unsigned int order_of(struct page *page)
{
	unsigned int order = PageHead(page) ? compound_order(page) : 0;

	return order <= MAX_SKIP_ORDER ? order : 0;
}

/*
 * A page that the slab allocator uses, the first one of its slab. Memory that is reserved, and that
 * KFENCE puts single objects into, carries the mark without being a slab.
 */
static bool is_slab(struct page *page)
{
	return !PageTail(page) && PageSlab(page) && !PageReserved(page) &&
	       !is_kfence_address(page_to_virt(page));
}

static unsigned int objects_of(const struct mt_slab_cache *cache, unsigned int order)
{
	return cache->size ? (PAGE_SIZE << order) / cache->size : 0;
}

/* Is the cache that was read before still there, and the same? The caller holds slab_mutex. */
static bool is_same(const struct mt_slab_cache *cache)
{
	u64 size, key = 0;

	return mt_kread_field(cache->id, &mt_cache_size, &size) && size == cache->size &&
	       (!mt_cache_random.known || mt_kread_field(cache->id, &mt_cache_random, &key)) &&
	       key == cache->key;
}

/* Of the wanted caches those that are there, and their parked objects. */
static void find_parked(struct state *state)
{
	const struct mt_slab_list *list = state->walk->list;
	unsigned long entry;
	struct mt_klist walk;
	int index;

	bitmap_zero(state->alive, list->nr);
	state->parked.nr = 0;
	state->parked.overflow = false;
	state->parked.exact = true;
	mt_klist_start(&walk, mt_sym_slab_caches, MAX_CACHES);
	while ((entry = mt_klist_next(&walk)) && !state->parked.overflow) {
		index = mt_slab_index(list, entry - mt_cache_list.offset);
		if (index < 0 || !is_wanted(state->walk, index) || !is_same(&list->caches[index]))
			continue;
		__set_bit(index, state->alive);
		mt_slab_parked_add(&state->parked, &list->caches[index]);
	}
	state->parked.exact &= !walk.error;
}

static int read_parked(struct state *state)
{
	struct mutex *mutex = (struct mutex *)mt_sym_slab_mutex;
	struct mt_slab_parked *parked = &state->parked;
	u64 taken_ns;

	for (parked->room = PARKED_ROOM; parked->room <= PARKED_ROOM_MAX; parked->room *= 4) {
		mt_memory_free(parked->objects);
		parked->objects = mt_memory_alloc(parked->room * sizeof(*parked->objects));
		if (!parked->objects)
			return -ENOMEM;
		taken_ns = mt_klock_mutex(mutex);
		if (!taken_ns)
			return -EBUSY;
		find_parked(state);
		mt_klock_mutex_drop(&mt_klock_slab_mutex, mutex, taken_ns);
		if (!parked->overflow)
			break;
	}
	if (parked->overflow)
		return -E2BIG;
	mt_slab_parked_sort(parked);
	state->walk->parked_exact = parked->exact;
	return 0;
}

static const struct mt_field *const slab_fields[] = {
	&mt_slab_slab_cache, &mt_slab_freelist, &mt_slab_inuse, &mt_slab_objects, NULL
};

/*
 * What the slab itself knows to be free. Returns false if it moved, and then what was found so far
 * is there all the same.
 */
static bool read_free(struct state *state, const struct mt_slab_cache *cache, struct page *page,
		      struct mt_kchain *chain, unsigned int *nr)
{
	u64 slab_cache, freelist, inuse, objects;
	struct mt_kobject copy;

	if (!mt_kread_object(&copy, (unsigned long)page, slab_fields) ||
	    !mt_kobject_field(&copy, &mt_slab_slab_cache, &slab_cache) ||
	    !mt_kobject_field(&copy, &mt_slab_freelist, &freelist) ||
	    !mt_kobject_field(&copy, &mt_slab_inuse, &inuse) ||
	    !mt_kobject_field(&copy, &mt_slab_objects, &objects) ||
	    slab_cache != cache->id || objects > *nr ||
	    !mt_slab_chain_find(chain, cache, (unsigned long)page, objects))
		return false;
	*nr = objects;
	chain->elements = state->free;
	return !mt_kchain_read(chain, freelist, objects) && inuse + chain->length == objects;
}

/* Not allocated, after all. False if there is no such object, or it was free already. */
static bool clear_object(struct mt_slab_objects *slab, unsigned long *allocated, unsigned long addr)
{
	u32 distance = addr - slab->first;
	u32 number = distance / slab->stride;

	if (addr < slab->first || number >= slab->nr || number * slab->stride != distance ||
	    !test_bit(number, allocated))
		return false;
	__clear_bit(number, allocated);
	slab->nr_allocated--;
	return true;
}

static void clear_free(struct state *state, struct mt_slab_objects *slab,
		       const struct mt_kchain *chain)
{
	unsigned long i;

	for (i = 0; i < chain->length; i++)
		slab->exact &= clear_object(slab, state->allocated, state->free[i]);
}

static void clear_parked(struct state *state, struct mt_slab_objects *slab)
{
	unsigned long end = slab->first + (unsigned long)slab->nr * slab->stride;
	const struct mt_slab_parked *parked = &state->parked;
	const unsigned long *object = mt_slab_parked_from(parked, slab->first);

	for (; object < parked->objects + parked->nr && *object < end; object++)
		slab->exact &= clear_object(slab, state->allocated, *object);
}

/* Returns false if there is no slab here of a cache that is wanted. */
static bool read_slab(struct state *state, struct page *page, unsigned int order,
		      struct mt_slab_objects *slab)
{
	int index = mt_slab_index(state->walk->list, cache_of(page));
	const struct mt_slab_cache *cache;
	struct mt_kchain chain;
	int tries = 0;

	if (index < 0 || !test_bit(index, state->alive) || order > MAX_SLAB_ORDER)
		return false;
	cache = &state->walk->list->caches[index];
	do {
		chain.length = 0;
		slab->nr = objects_of(cache, order);
		if (!slab->nr || slab->nr > state->max_objects)
			return false;
		slab->exact = read_free(state, cache, page, &chain, &slab->nr);
	} while (!slab->exact && ++tries < TRIES);

	/* it was given back meanwhile */
	if (!slab->exact && (!is_slab(page) || cache_of(page) != cache->id))
		return false;
	slab->cache = index;
	slab->first = (unsigned long)page_to_virt(page) + cache->first;
	slab->stride = cache->size;
	slab->allocated = state->allocated;
	slab->nr_allocated = slab->nr;
	bitmap_fill(state->allocated, slab->nr);
	clear_free(state, slab, &chain);
	clear_parked(state, slab);
	return true;
}

/* The pages that what stands here takes, and false if a visit ended the walk. */
static bool look_at(struct state *state, struct page *page, unsigned long *pages)
{
	struct mt_slab_walk *walk = state->walk;
	struct mt_slab_objects slab;
	unsigned long order;

	*pages = 1;
	if (PageBuddy(page)) {
		/* unlocked: it may be taken at this moment, and then it is anything */
		order = READ_ONCE(page_private(page));
		if (order <= MAX_SLAB_ORDER)
			*pages = 1UL << order;
		return true;
	}
	if (PageTail(page))
		return true;
	order = order_of(page);
	*pages = 1UL << order;
	if (!is_slab(page) || !read_slab(state, page, order, &slab))
		return true;
	walk->slabs++;
	walk->inexact_slabs += !slab.exact;
	return walk->visit(&slab, walk->arg);
}

static bool look_at_block(struct state *state, unsigned long block)
{
	unsigned long pfn = block * BLOCK_PAGES;
	unsigned long end = pfn + BLOCK_PAGES;
	unsigned long pages;

	if (!pfn_to_online_page(pfn))
		return true;
	state->walk->pages_seen += BLOCK_PAGES;
	for (; pfn < end; pfn += pages) {
		if (!look_at(state, pfn_to_page(pfn), &pages))
			return false;
	}
	return true;
}

/*
 * struct span - the blocks of memory there are
 * @from: the first one
 * @nr: how many, holes included
 * @online: how many, without the holes
 * @step: from one block that is looked at to the next, prime to @nr
 */
struct span {
	unsigned long from;
	unsigned long nr;
	unsigned long online;
	unsigned long step;
};

static void find_span(struct span *span)
{
	unsigned long from = ULONG_MAX, to = 0;
	unsigned long block;
	int nid;

	for_each_online_node(nid) {
		const struct pglist_data *node = NODE_DATA(nid);

		if (!node->node_spanned_pages)
			continue;
		from = min(from, node->node_start_pfn / BLOCK_PAGES);
		to = max(to, DIV_ROUND_UP(node->node_start_pfn + node->node_spanned_pages,
					  BLOCK_PAGES));
	}
	*span = (struct span) { .from = from, .nr = to > from ? to - from : 0, .step = 1 };
	for (block = from; block < to; block++)
		span->online += !!pfn_to_online_page(block * BLOCK_PAGES);
}

/* Far from what was seen before, and by and by everywhere: the golden section of the span. */
static void scatter(struct span *span)
{
	span->step = max(span->nr * 618 / 1000, 1UL);
	while (gcd(span->step, span->nr) != 1)
		span->step++;
}

static void walk_memory(struct state *state)
{
	struct mt_slab_walk *walk = state->walk;
	u64 until_ns = walk->budget_ns ? ktime_get_ns() + walk->budget_ns : U64_MAX;
	unsigned long done, at = 0;
	struct span span;

	find_span(&span);
	walk->pages_all = span.online * BLOCK_PAGES;
	if (walk->budget_ns)
		scatter(&span);
	for (done = 0; done < span.nr; done++) {
		if (!look_at_block(state, span.from + at)) {
			walk->error = -ECANCELED;
			return;
		}
		cond_resched();
		if (fatal_signal_pending(current)) {
			walk->error = -EINTR;
			return;
		}
		if (ktime_get_ns() >= until_ns)
			return;
		at = (at + span.step) % span.nr;
	}
}

static int prepare(struct state *state)
{
	const struct mt_slab_list *list = state->walk->list;
	unsigned int i;

	for (i = 0; i < list->nr; i++) {
		if (is_wanted(state->walk, i))
			state->max_objects = max(state->max_objects,
						 objects_of(&list->caches[i],
							    list->caches[i].order));
	}
	state->alive = mt_memory_zalloc(BITS_TO_LONGS(list->nr) * sizeof(long));
	state->free = mt_memory_alloc(state->max_objects * sizeof(*state->free));
	state->allocated = mt_memory_alloc(BITS_TO_LONGS(state->max_objects) * sizeof(long));
	if (!state->alive || !state->free || !state->allocated)
		return -ENOMEM;
	return read_parked(state);
}

/**
 * mt_slab_object_walk() - visit the allocated objects of some caches, slab by slab
 * @walk: which ones, and what to do with them; gets how complete the walk was
 *
 * Context: process context, no lock held, may sleep. Takes slab_mutex before the first visit.
 * Return: 0, also when the walk ended early and @walk->error says why; -EOPNOTSUPP if this kernel's
 * slabs are unknown; -EBUSY if slab_mutex was not to be had; -E2BIG; -ENOMEM.
 */
int mt_slab_object_walk(struct mt_slab_walk *walk)
{
	struct state state = { .walk = walk };
	int err;

	walk->slabs = 0;
	walk->inexact_slabs = 0;
	walk->parked_exact = false;
	walk->pages_seen = 0;
	walk->pages_all = 0;
	walk->error = 0;
	if (!mt_slab_object_known())
		return -EOPNOTSUPP;
	err = prepare(&state);
	if (!err)
		walk_memory(&state);
	mt_memory_free(state.parked.objects);
	mt_memory_free(state.allocated);
	mt_memory_free(state.free);
	mt_memory_free(state.alive);
	return err;
}

/* The slab that an address is in, if it is in one. */
static bool find_slab(const struct mt_slab_list *list, unsigned long addr,
		      struct mt_slab_spot *spot)
{
	unsigned long from, to;
	unsigned int order;
	struct page *page;
	int index;

	if (!virt_addr_valid((void *)addr))
		return false;
	page = pfn_to_online_page(PHYS_PFN(__pa(addr)));
	if (!page)
		return false;
	page = compound_head(page);
	if (!is_slab(page))
		return false;
	index = mt_slab_index(list, cache_of(page));
	order = order_of(page);
	if (index < 0 || order > MAX_SLAB_ORDER)
		return false;
	from = (unsigned long)page_to_virt(page);
	to = from + (PAGE_SIZE << order);
	if (addr < from || addr >= to)
		return false;
	spot->cache = index;
	spot->from = from;
	spot->to = to;
	return true;
}

/**
 * mt_slab_object_find() - which object does an address point into?
 * @list: the caches
 * @addr: any word at all
 * @spot: gets the object; see there
 *
 * Says nothing of whether the object is allocated. Cheap for what is no address of the linear map,
 * and for addresses in the slab of the look-up before.
 *
 * Context: any; only if mt_slab_object_known().
 * Return: true if it points into an object of a cache in @list.
 */
bool mt_slab_object_find(const struct mt_slab_list *list, unsigned long addr,
			 struct mt_slab_spot *spot)
{
	const struct mt_slab_cache *cache;
	u32 distance;

	if (addr < PAGE_OFFSET || addr >= (unsigned long)high_memory)
		return false;
	if ((addr < spot->from || addr >= spot->to) && !find_slab(list, addr, spot))
		return false;
	cache = &list->caches[spot->cache];
	if (addr - spot->from < cache->first)
		return false;
	distance = addr - spot->from - cache->first;
	spot->number = distance / cache->size;
	spot->offset = distance - spot->number * cache->size;
	spot->object = addr - spot->offset;
	return spot->object + cache->size - cache->first <= spot->to;
}
