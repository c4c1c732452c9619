// SPDX-License-Identifier: GPL-2.0
/*
 * slab_decode.c - knows which objects of one slab are allocated.
 *
 * All but those on the slab's freelist, and those that are parked elsewhere while the slab takes
 * them for allocated (access/slab_parked.c).
 *
 * Locking: slab_mutex while the parked objects are found; none while a slab is decoded. A cache is
 * not looked at again after that: its address is only compared.
 * Consistency: the slab's freelist and its count of allocated objects agree, or it is looked at
 * again, and is called inexact if it goes on moving.
 */
#include "access/slab_decode.h"

#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>

#ifdef MT_HAVE_is_kfence_address
#include <linux/kfence.h>
#else
static inline bool is_kfence_address(const void *addr)
{
	return false;
}
#endif

#include "access/slab_chain.h"
#include "access/slab_layout.h"
#include "introspect/klock.h"
#include "introspect/kread.h"
#include "memory.h"

/* The same bounds as in slab.c, for what is read while it changes. */
#define MAX_SLAB_ORDER		16
#define MAX_CACHES		65536

/* How often a slab is looked at when it moves. */
#define TRIES			4

/*
 * Parked objects that there is room for, 8 bytes each: at least, at most, which is 32 MiB, and at
 * first for each CPU and cache. The most that a start is worth is a MiB: caches differ.
 */
#define PARKED_ROOM		4096
#define PARKED_ROOM_MAX		(1024 * PARKED_ROOM)
#define PARKED_ROOM_START	(32 * PARKED_ROOM)
#define PARKED_OF_CPU		32

/**
 * mt_slab_decode_is_slab() - is this the first page of a slab?
 * @page: an online page
 *
 * Memory that is reserved, and that KFENCE puts single objects into, carries the mark of a slab
 * without being one.
 *
 * Context: any; the answer is about a moment that is over.
 * Return: true if it is.
 */
bool mt_slab_decode_is_slab(struct page *page)
{
	return !PageTail(page) && PageSlab(page) && !PageReserved(page) &&
	       !is_kfence_address(page_to_virt(page));
}

/**
 * mt_slab_decode_is_poisoned() - has memory of a slab failed?
 * @page: the first page of the slab
 * @order: of its pages
 *
 * The kernel leaves such a page where it is. To read it once more may stop the machine.
 *
 * Context: the page must not go away.
 * Return: true if nothing in this slab may be read.
 */
bool mt_slab_decode_is_poisoned(struct page *page, unsigned int order)
{
	unsigned long i;

	for (i = 0; i < 1UL << order; i++) {
		if (PageHWPoison(page + i))
			return true;
	}
	return false;
}

/**
 * mt_slab_decode_id() - which cache is a slab of?
 * @page: the first page of the slab; its struct page is the struct slab
 *
 * Context: any.
 * Return: address of the struct kmem_cache, to be compared only.
 */
unsigned long mt_slab_decode_id(const struct page *page)
{
	return READ_ONCE(*(const unsigned long *)((const char *)page + mt_slab_slab_cache.offset));
}

/**
 * mt_slab_decode_cache() - which of the wanted caches is a slab of?
 * @decoder: the decoder
 * @page: the first page of the slab
 *
 * Context: any.
 * Return: the cache's index in the list; -1 if it is none of those.
 */
int mt_slab_decode_cache(const struct mt_slab_decoder *decoder, struct page *page)
{
	int index = mt_slab_index(decoder->list, mt_slab_decode_id(page));

	return index >= 0 && test_bit(index, decoder->alive) ? index : -1;
}

/**
 * mt_slab_decode_room() - how many objects may a slab have?
 * @decoder: the decoder
 * @cache: index of its cache
 * @order: of its pages
 *
 * Context: any.
 * Return: how many; 0 if it can be no slab of this cache.
 */
unsigned int mt_slab_decode_room(const struct mt_slab_decoder *decoder, unsigned int cache,
				 unsigned int order)
{
	u32 size = decoder->list->caches[cache].size;
	unsigned int room;

	if (!size || order > MAX_SLAB_ORDER)
		return 0;
	room = (PAGE_SIZE << order) / size;
	return room <= decoder->max_objects ? room : 0;
}

/* Is the cache that was read before still there, and the same? The caller sees to it. */
static bool is_same(const struct mt_slab_cache *cache)
{
	u64 size, key = 0;

	return mt_kread_field(cache->id, &mt_cache_size, &size) && size == cache->size &&
	       (!mt_cache_random.known || mt_kread_field(cache->id, &mt_cache_random, &key)) &&
	       key == cache->key;
}

static bool is_wanted(const struct mt_slab_decoder *decoder, unsigned int index)
{
	return !decoder->wanted || test_bit(index, decoder->wanted);
}

/**
 * mt_slab_decoder_find_parked() - find the wanted caches that are there, and their parked objects
 * @decoder: gets them; @decoder->parked says how many there is room for
 * @until_ns: with the machine stopped: when to give up, in ktime_get_ns(); 0 if it runs
 *
 * To be sorted by the caller, when the lock has been dropped, or when the machine runs again.
 *
 * Context: the caller holds slab_mutex, and may sleep, or has stopped the machine while nobody held
 * it.
 * Return: false if it gave up; then some are missing.
 */
bool mt_slab_decoder_find_parked(struct mt_slab_decoder *decoder, u64 until_ns)
{
	const struct mt_slab_list *list = decoder->list;
	struct mt_slab_parked *parked = &decoder->parked;
	unsigned long entry;
	struct mt_klist walk;
	int index;

	bitmap_zero(decoder->alive, list->nr);
	parked->nr = 0;
	parked->overflow = false;
	parked->exact = true;
	mt_klist_start(&walk, mt_sym_slab_caches, MAX_CACHES);
	while ((entry = mt_klist_next(&walk))) {
		if (!until_ns)
			cond_resched();
		else if (ktime_get_ns() >= until_ns)
			goto out_of_time;
		index = mt_slab_index(list, entry - mt_cache_list.offset);
		if (index < 0 || !is_wanted(decoder, index) || !is_same(&list->caches[index]))
			continue;
		__set_bit(index, decoder->alive);
		mt_slab_parked_add(parked, &list->caches[index]);
	}
	parked->exact &= !walk.error && !parked->overflow;
	return true;

out_of_time:
	parked->exact = false;
	return false;
}

/* Room for more, unless there is none to be had: then some are missing, and it is known. */
static bool grow(struct mt_slab_parked *parked, unsigned int room)
{
	unsigned long *objects;

	if (room > PARKED_ROOM_MAX)
		return false;
	objects = mt_memory_alloc(room * sizeof(*objects));
	if (!objects)
		return false;
	mt_memory_free(parked->objects);
	parked->objects = objects;
	parked->room = room;
	return true;
}

/* Each time that it is too little, all is read again. */
static unsigned int first_room(const struct mt_slab_decoder *decoder)
{
	unsigned int nr = decoder->list->nr;
	u64 room;

	if (decoder->wanted)
		nr = bitmap_weight(decoder->wanted, nr);
	room = (u64)num_possible_cpus() * nr * PARKED_OF_CPU;
	return clamp_t(u64, room, PARKED_ROOM, PARKED_ROOM_START);
}

/**
 * mt_slab_decoder_read_parked() - the same, take slab_mutex for it, and sort
 * @decoder: gets them, and room for them
 *
 * Context: process context, no lock held, may sleep.
 * Return: 0, also when there were too many; -EBUSY if slab_mutex was not to be had; -ENOMEM.
 */
int mt_slab_decoder_read_parked(struct mt_slab_decoder *decoder)
{
	struct mutex *mutex = (struct mutex *)mt_sym_slab_mutex;
	struct mt_slab_parked *parked = &decoder->parked;
	u64 taken_ns;

	if (!grow(parked, first_room(decoder)) && !grow(parked, PARKED_ROOM))
		return -ENOMEM;
	do {
		taken_ns = mt_klock_mutex(mutex);
		if (!taken_ns)
			return -EBUSY;
		mt_slab_decoder_find_parked(decoder, 0);
		mt_klock_mutex_drop(&mt_klock_slab_mutex, mutex, taken_ns);
	} while (parked->overflow && grow(parked, parked->room * 4));
	mt_slab_parked_sort(parked);
	return 0;
}

/**
 * mt_slab_decoder_init() - make ready to decode slabs
 * @decoder: the decoder
 * @list: the caches, which must outlive it
 * @wanted: bitmap of those to look at, which must outlive it; NULL for all
 *
 * Context: process context, no lock held, may sleep.
 * Return: 0, and then mt_slab_decoder_exit() is owed; -ENOMEM.
 */
int mt_slab_decoder_init(struct mt_slab_decoder *decoder, const struct mt_slab_list *list,
			 const unsigned long *wanted)
{
	unsigned int i;

	*decoder = (struct mt_slab_decoder) { .list = list, .wanted = wanted };
	for (i = 0; i < list->nr; i++) {
		const struct mt_slab_cache *cache = &list->caches[i];

		if (is_wanted(decoder, i) && cache->size)
			decoder->max_objects = max_t(unsigned int, decoder->max_objects,
						     (PAGE_SIZE << cache->order) / cache->size);
	}
	decoder->alive = mt_memory_zalloc(BITS_TO_LONGS(list->nr) * sizeof(long));
	decoder->free = mt_memory_alloc(decoder->max_objects * sizeof(*decoder->free));
	decoder->allocated = mt_memory_alloc(BITS_TO_LONGS(decoder->max_objects) * sizeof(long));
	if (decoder->alive && decoder->free && decoder->allocated)
		return 0;
	mt_slab_decoder_exit(decoder);
	return -ENOMEM;
}

/**
 * mt_slab_decoder_exit() - give back what a decoder has
 * @decoder: the decoder
 *
 * Context: process context, may sleep.
 */
void mt_slab_decoder_exit(struct mt_slab_decoder *decoder)
{
	mt_memory_free(decoder->parked.objects);
	mt_memory_free(decoder->allocated);
	mt_memory_free(decoder->free);
	mt_memory_free(decoder->alive);
}

static const struct mt_field *const slab_fields[] = {
	&mt_slab_slab_cache, &mt_slab_freelist, &mt_slab_inuse, &mt_slab_objects, NULL
};

/* How far a slab's own books could be read. */
enum reading { READ_NOT, READ_MOVING, READ_EXACT };

/*
 * What the slab itself knows to be free. If it is moving, the chain was whole but does not agree
 * with the count.
 */
static enum reading read_free(struct mt_slab_decoder *decoder, const struct mt_slab_cache *cache,
			      struct page *page, struct mt_kchain *chain, unsigned int *nr)
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
		return READ_NOT;
	*nr = objects;
	chain->elements = decoder->free;
	if (mt_kchain_read(chain, freelist, objects))
		return READ_NOT;
	return inuse + chain->length == objects ? READ_EXACT : READ_MOVING;
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

static void clear_free(struct mt_slab_decoder *decoder, struct mt_slab_objects *slab,
		       const struct mt_kchain *chain)
{
	unsigned long i;

	for (i = 0; i < chain->length; i++)
		slab->exact &= clear_object(slab, decoder->allocated, decoder->free[i]);
}

/**
 * mt_slab_decode_own() - tell the objects of a slab that it knows to be free itself
 * @decoder: the decoder
 * @page: the first page of the slab
 * @order: of its pages
 * @slab: gets the others, for mt_slab_decode_parked(); @slab->allocated is the decoder's room
 *
 * Context: the page must not go away; reads only, sleeps not.
 * Return: false if there is no slab here of a cache that is wanted.
 */
bool mt_slab_decode_own(struct mt_slab_decoder *decoder, struct page *page, unsigned int order,
			struct mt_slab_objects *slab)
{
	int index = mt_slab_decode_cache(decoder, page);
	const struct mt_slab_cache *cache;
	enum reading reading;
	struct mt_kchain chain;
	int tries = 0;

	if (index < 0)
		return false;
	if (mt_slab_decode_is_poisoned(page, order)) {
		decoder->poisoned++;
		return false;
	}
	cache = &decoder->list->caches[index];
	do {
		chain.length = 0;
		slab->nr = mt_slab_decode_room(decoder, index, order);
		if (!slab->nr)
			return false;
		reading = read_free(decoder, cache, page, &chain, &slab->nr);
	} while (reading != READ_EXACT && ++tries < TRIES);

	/* it was given back meanwhile */
	if (reading != READ_EXACT &&
	    (!mt_slab_decode_is_slab(page) || mt_slab_decode_id(page) != cache->id))
		return false;
	/* perhaps its cache is another one by now, at the same address */
	if (reading == READ_NOT) {
		decoder->unread++;
		return false;
	}
	slab->exact = reading == READ_EXACT;
	slab->cache = index;
	slab->first = (unsigned long)page_to_virt(page) + cache->first;
	slab->stride = cache->size;
	slab->allocated = decoder->allocated;
	slab->nr_allocated = slab->nr;
	bitmap_fill(decoder->allocated, slab->nr);
	clear_free(decoder, slab, &chain);
	return true;
}

/**
 * mt_slab_decode_parked() - and those that are parked elsewhere
 * @decoder: the decoder; its parked objects have been found, and sorted
 * @slab: the slab, from mt_slab_decode_own(); brought up to date
 * @allocated: the same room as @slab->allocated
 *
 * Context: any; looks at no page.
 */
void mt_slab_decode_parked(const struct mt_slab_decoder *decoder, struct mt_slab_objects *slab,
			   unsigned long *allocated)
{
	unsigned long end = slab->first + (unsigned long)slab->nr * slab->stride;
	const struct mt_slab_parked *parked = &decoder->parked;
	const unsigned long *object = mt_slab_parked_from(parked, slab->first);

	for (; object < parked->objects + parked->nr && *object < end; object++)
		slab->exact &= clear_object(slab, allocated, *object);
}

/**
 * mt_slab_decode() - tell the allocated objects of a slab from the free ones
 * @decoder: the decoder; its parked objects have been found, and sorted
 * @page: the first page of the slab
 * @order: of its pages
 * @slab: gets the objects; @slab->allocated is the decoder's room
 *
 * Context: the page must not go away; reads only, sleeps not.
 * Return: false if there is no slab here of a cache that is wanted.
 */
bool mt_slab_decode(struct mt_slab_decoder *decoder, struct page *page, unsigned int order,
		    struct mt_slab_objects *slab)
{
	if (!mt_slab_decode_own(decoder, page, order, slab))
		return false;
	mt_slab_decode_parked(decoder, slab, decoder->allocated);
	return true;
}
