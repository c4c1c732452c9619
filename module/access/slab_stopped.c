// SPDX-License-Identifier: GPL-2.0
/*
 * slab_stopped.c - knows which objects were allocated at one moment, with the machine stopped.
 *
 * A parameter asks for it: by default the machine is never stopped. The slabs are found while it
 * runs; then all CPUs but one stand still with interrupts off, for exact_ms at most, and that one
 * decodes them. It looks at the clock after each cache and every few slabs. What is done with the
 * objects comes after.
 *
 * Locking: the fence's semaphore while slabs are found, block by block (access/page_fence.c). It is
 * not held over the stop, which waits for CPU hotplug, and that for memory hotplug, which waits for
 * the fence. The machine goes on at once if memory has moved by then: a section that has not been
 * told of is there, and stays while the machine stands still. Also if somebody holds slab_mutex.
 * Consistency: all slabs at one moment, up to what tasks were in the middle of when they were
 * stopped: an object on its way between two lists. Tried again if slabs came or went between the
 * finding and the stop.
 */
#include "access/slab_stopped.h"

#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/stop_machine.h>

#include "access/page_fence.h"
#include "access/slab_decode.h"
#include "access/slab_layout.h"
#include "access/slab_node.h"
#include "access/slab_object.h"
#include "access/span.h"
#include "introspect/kread.h"
#include "knob.h"
#include "memory.h"

/*
 * Beyond these the machine would stand still for too long anyway. With the room for an eighth more:
 * 24 MB for the slabs, 19 MB for the bitmaps.
 */
#define MAX_SLABS	524288
#define MAX_OBJECTS	134217728

/* How often the slabs are found again when others came meanwhile. */
#define TRIES		5

/* Slabs between two looks at the clock. */
#define CLOCK_SLABS	32

static unsigned int exact_ms;
MT_KNOB(exact_ms, exact_ms, 0, 500,
	"stop the machine for that long at most, in ms, to find allocated objects exactly; 0: never");

/*
 * struct mt_slab_still - one slab; there may be many
 * @page: its first page
 * @first: address of its first object
 * @bitmap: where its bitmap begins, in words of the bitmaps
 * @cache: index of its cache in the list
 * @nr: objects in it
 * @nr_allocated: of these, the allocated ones
 * @order: of its pages
 * @exact: see struct mt_slab_objects
 * @done: what was found is there
 */
struct mt_slab_still {
	struct page *page;
	unsigned long first;
	u32 bitmap;
	u32 cache;
	u32 nr;
	u32 nr_allocated;
	u8 order;
	bool exact;
	bool done;
};

static void keep(struct mt_slab_still *still, const struct mt_slab_objects *slab)
{
	still->first = slab->first;
	still->cache = slab->cache;
	still->nr = slab->nr;
	still->nr_allocated = slab->nr_allocated;
	still->exact = slab->exact;
	still->done = true;
}

static void show(const struct mt_slab_stopped *stopped, const struct mt_slab_still *still,
		 struct mt_slab_objects *slab)
{
	*slab = (struct mt_slab_objects) {
		.cache = still->cache,
		.first = still->first,
		.stride = stopped->list->caches[still->cache].size,
		.nr = still->nr,
		.allocated = stopped->bitmaps + still->bitmap,
		.nr_allocated = still->nr_allocated,
		.exact = still->exact,
	};
}

/*
 * struct stop - what one stop of the machine is asked for
 * @stopped: gets the slabs
 * @decoder: how to decode them
 * @fence: put up before they were found
 * @bound_ns: how long it may take
 * @nr_found: slabs of each cache that were found before
 * @must: go on if they are not all
 */
struct stop {
	struct mt_slab_stopped *stopped;
	struct mt_slab_decoder *decoder;
	struct mt_page_fence fence;
	u64 bound_ns;
	unsigned long *nr_found;
	bool must;
};

/**
 * mt_slab_stopped_bound_ns() - may the machine be stopped?
 *
 * Context: any.
 * Return: for how long; 0 if nobody asked for it.
 */
u64 mt_slab_stopped_bound_ns(void)
{
	return (u64)READ_ONCE(exact_ms) * NSEC_PER_MSEC;
}

/* Calls @found for each slab of the wanted caches, until it returns false. */
static int find_slabs(struct mt_slab_decoder *decoder, struct mt_page_fence *fence,
		      bool (*found)(struct page *page, unsigned int order, unsigned int room,
				    void *arg), void *arg)
{
	struct mt_span span;
	unsigned long pfn;
	bool more = true;

	mt_span_find(&span, fence, false);
	while (mt_span_next(&span, &pfn)) {
		unsigned long end = pfn + MT_BLOCK_PAGES;

		while (pfn < end && more) {
			struct page *page = pfn_to_page(pfn);
			unsigned int order = mt_span_order(page);
			int cache;

			pfn += 1UL << order;
			if (!mt_slab_decode_is_slab(page))
				continue;
			cache = mt_slab_decode_cache(decoder, page);
			if (cache >= 0)
				more = found(page, order,
					     mt_slab_decode_room(decoder, cache, order), arg);
		}
		mt_span_leave(&span);
		if (!more)
			return -E2BIG;
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

/*
 * struct finding - the slabs that are being found
 * @stopped: gets them
 * @room: how many there is room for; with 0 they are only counted
 * @words: words of the bitmaps so far
 * @max_words: how many there is room for
 */
struct finding {
	struct mt_slab_stopped *stopped;
	unsigned int room;
	unsigned long words;
	unsigned long max_words;
};

static bool add_slab(struct page *page, unsigned int order, unsigned int room, void *arg)
{
	struct finding *finding = arg;
	struct mt_slab_stopped *stopped = finding->stopped;
	unsigned long words = BITS_TO_LONGS(room);

	if (!room)
		return true;
	if (finding->words + words > finding->max_words || stopped->nr == finding->room)
		return false;
	if (stopped->slabs)
		stopped->slabs[stopped->nr] = (struct mt_slab_still) {
			.page = page,
			.order = order,
			.bitmap = finding->words,
		};
	finding->words += words;
	stopped->nr++;
	return true;
}

/* Counts them, and then finds as many and a few more. */
static int find_all(struct mt_slab_stopped *stopped, struct mt_slab_decoder *decoder,
		    struct mt_page_fence *fence)
{
	struct finding finding = {
		.stopped = stopped,
		.room = MAX_SLABS,
		.max_words = BITS_TO_LONGS(MAX_OBJECTS),
	};
	int err;

	mt_slab_stopped_free(stopped);
	err = find_slabs(decoder, fence, add_slab, &finding);
	if (err)
		return err;
	finding.room = stopped->nr + stopped->nr / 8 + 64;
	finding.max_words = finding.words + finding.words / 8 + 64 * BITS_TO_LONGS(512);
	finding.words = 0;
	stopped->nr = 0;
	stopped->slabs = mt_memory_alloc(finding.room * sizeof(*stopped->slabs));
	stopped->bitmaps = mt_memory_alloc(finding.max_words * sizeof(long));
	if (!stopped->slabs || !stopped->bitmaps)
		return -ENOMEM;
	err = find_slabs(decoder, fence, add_slab, &finding);
	/* so many came meanwhile: it shows when they are counted */
	return err == -E2BIG ? 0 : err;
}

/* How many slabs the allocator says that a cache has. */
static bool count_slabs(unsigned long cache, u64 *slabs)
{
	int nid;

	*slabs = 0;
	mt_slab_node_for_each(nid) {
		unsigned long node, barn;
		u64 nr = 0;

		if (!mt_slab_node_find(cache, nid, &node, &barn) ||
		    (node && !mt_kread_field(node, &mt_node_nr_slabs, &nr)))
			return false;
		*slabs += nr;
	}
	return true;
}

/*
 * Are the slabs that were found all that there are? Drops those that are no more; gives up when the
 * time is over, and then the caller drops all.
 */
static bool check_slabs(struct stop *stop, u64 until_ns)
{
	const struct mt_slab_list *list = stop->decoder->list;
	struct mt_slab_stopped *stopped = stop->stopped;
	unsigned int i, kept = 0;
	bool complete = true;

	memset(stop->nr_found, 0, list->nr * sizeof(*stop->nr_found));
	for (i = 0; i < stopped->nr; i++) {
		struct page *page = stopped->slabs[i].page;
		int cache;

		if (i % CLOCK_SLABS == CLOCK_SLABS - 1 && ktime_get_ns() >= until_ns)
			return false;
		if (!mt_slab_decode_is_slab(page) ||
		    mt_span_order(page) != stopped->slabs[i].order)
			continue;
		cache = mt_slab_decode_cache(stop->decoder, page);
		if (cache < 0)
			continue;
		stop->nr_found[cache]++;
		stopped->slabs[kept++] = stopped->slabs[i];
	}
	stopped->nr = kept;
	for (i = 0; i < list->nr; i++) {
		u64 slabs;

		if (ktime_get_ns() >= until_ns)
			return false;
		if (test_bit(i, stop->decoder->alive))
			complete &= count_slabs(list->caches[i].id, &slabs) &&
				    slabs == stop->nr_found[i];
	}
	return complete;
}

static void decode_all(struct stop *stop, u64 until_ns)
{
	struct mt_slab_stopped *stopped = stop->stopped;
	unsigned int i;

	for (i = 0; i < stopped->nr; i++) {
		struct mt_slab_still *still = &stopped->slabs[i];
		struct mt_slab_objects slab;

		if (i % CLOCK_SLABS == CLOCK_SLABS - 1 && ktime_get_ns() >= until_ns)
			break;
		if (!mt_slab_decode_own(stop->decoder, still->page, still->order, &slab))
			continue;
		bitmap_copy(stopped->bitmaps + still->bitmap, slab.allocated, slab.nr);
		keep(still, &slab);
	}
	stopped->cut = stopped->nr - i;
}

/* Runs on one CPU while all others stand still with interrupts off. */
static int read_stopped(void *arg)
{
	struct stop *stop = arg;
	u64 start_ns = ktime_get_ns();
	u64 until_ns = start_ns + stop->bound_ns;
	int err = 0;

	if (mutex_is_locked((struct mutex *)mt_sym_slab_mutex))
		return -EBUSY;
	/* struct pages may be gone, or go when their remover is let run on: none is looked at */
	if (READ_ONCE(stop->fence.moved))
		return -EBUSY;
	stop->stopped->complete = mt_slab_decoder_find_parked(stop->decoder, until_ns) &&
				  check_slabs(stop, until_ns);
	if (ktime_get_ns() >= until_ns)
		stop->stopped->cut = stop->stopped->nr;
	else if (stop->stopped->complete || stop->must)
		decode_all(stop, until_ns);
	else
		err = -EAGAIN;
	stop->stopped->took_ns += ktime_get_ns() - start_ns;
	return err;
}

/* What needs no stop. */
static void clear_parked(const struct stop *stop)
{
	struct mt_slab_stopped *stopped = stop->stopped;
	unsigned int i;

	mt_slab_parked_sort(&stop->decoder->parked);
	for (i = 0; i < stopped->nr - stopped->cut; i++) {
		struct mt_slab_still *still = &stopped->slabs[i];

		struct mt_slab_objects slab;

		cond_resched();
		if (!still->done)
			continue;
		show(stopped, still, &slab);
		mt_slab_decode_parked(stop->decoder, &slab, stopped->bitmaps + still->bitmap);
		keep(still, &slab);
	}
}

/* A new fence each time: what moved before it was put up is not looked at. */
static int try_stop(struct stop *stop)
{
	int err = mt_page_fence_put_up(&stop->fence);

	if (err)
		return err;
	err = find_all(stop->stopped, stop->decoder, &stop->fence);
	if (!err)
		err = stop_machine(read_stopped, stop, NULL);
	mt_page_fence_take_down(&stop->fence);
	if (!err)
		clear_parked(stop);
	return err;
}

/**
 * mt_slab_stopped_read() - stop the machine and find the allocated objects
 * @stopped: gets them; give it back with mt_slab_stopped_free(), also on failure
 * @decoder: says which caches; its parked objects have been found once
 *
 * Context: process context, no lock held, may sleep; only if mt_slab_stopped_bound_ns() says so.
 * Return: 0; -EBUSY if slab_mutex was held or memory moved each time; -E2BIG if there are too many
 * objects for it; -EINTR; -ENOMEM.
 */
int mt_slab_stopped_read(struct mt_slab_stopped *stopped, struct mt_slab_decoder *decoder)
{
	struct stop stop = {
		.stopped = stopped,
		.decoder = decoder,
		.bound_ns = mt_slab_stopped_bound_ns(),
	};
	int err, tries;

	*stopped = (struct mt_slab_stopped) { .list = decoder->list };
	stop.nr_found = mt_memory_alloc(decoder->list->nr * sizeof(*stop.nr_found));
	if (!stop.nr_found)
		return -ENOMEM;
	for (tries = 1; tries <= TRIES; tries++) {
		stop.must = tries == TRIES;
		err = try_stop(&stop);
		if (err != -EBUSY && err != -EAGAIN)
			break;
	}
	mt_memory_free(stop.nr_found);
	return err;
}

/**
 * mt_slab_stopped_next() - the next slab
 * @stopped: the slabs
 * @at: where to look; 0 before the first one, moved on behind the one that is returned
 * @slab: gets it
 *
 * Context: any.
 * Return: false after the last one.
 */
bool mt_slab_stopped_next(const struct mt_slab_stopped *stopped, unsigned int *at,
			  struct mt_slab_objects *slab)
{
	while (*at < stopped->nr - stopped->cut) {
		const struct mt_slab_still *still = &stopped->slabs[(*at)++];

		if (still->done) {
			show(stopped, still, slab);
			return true;
		}
	}
	return false;
}

/**
 * mt_slab_stopped_free() - give back what mt_slab_stopped_read() allocated
 * @stopped: the slabs
 *
 * Context: process context, may sleep.
 */
void mt_slab_stopped_free(struct mt_slab_stopped *stopped)
{
	mt_memory_free(stopped->slabs);
	mt_memory_free(stopped->bitmaps);
	stopped->slabs = NULL;
	stopped->bitmaps = NULL;
	stopped->nr = 0;
}
