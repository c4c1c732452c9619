// SPDX-License-Identifier: GPL-2.0
/*
 * slab_edge.c - knows which slab caches hold the parts of one thing.
 *
 * A leak of packets is a leak of three caches: each packet points to its header, and each header to
 * its data. So of a few caches the objects are read: at which offset is there a pointer to the
 * start of an object of another one, and to a different object each time? Many objects that point
 * to the same few (a dentry to its super block) are no parts of one thing, hence the count of
 * different targets.
 *
 * Twice: a few objects of each cache, all their words, to learn which offsets matter; then all
 * objects, only these words. The targets that were seen are remembered in a filter of a fixed size;
 * of many targets those with some hash are, and stand for the others.
 *
 * Objects that point into objects of their own cache are no edge; they stand in a list or a tree,
 * and what that hangs from may tell whose they are (access/slab_head.c).
 *
 * Locking: that of the walks (access/slab_object.c).
 * Consistency: none between objects, which come and go: what is found is a share of what was read.
 */
#include "access/slab_edge.h"

#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pfn.h>

#include "access/slab_object.h"
#include "access/span.h"
#include "introspect/kread.h"
#include "memory.h"

/* Of each cache so many objects are read whole, not too many of one slab, and so much of each. */
#define SAMPLE_OBJECTS	256
#define SAMPLE_OF_SLAB	4
#define OBJECT_BYTES	2048

/* Offsets that are remembered while objects are read whole: a table of two-way buckets. */
#define TALLIES		8192

/* The filter of one edge: so many bits, and different targets that it is good for. */
#define FILTER_BITS	1048576UL
#define FILTER_TARGETS	65536UL

/*
 * So many percent of the smaller cache's objects make an edge; in a sample, so many are worth a
 * look: slabs that were filled together lie together, so a few of them are no fair sample.
 */
#define EDGE_PERCENT	90
#define SAMPLE_PERCENT	20

/* So many percent of a cache's objects that point into each other make a list or a tree. */
#define LINK_PERCENT	50

/* Fewer pointers than these are an accident. */
#define MIN_POINTERS	16

/* Objects from so many blocks of memory stand for all; from fewer, only for themselves. */
#define MANY_BLOCKS	16

/*
 * struct tally - pointers of the sample with the same source and target
 * @from: the cache they are in
 * @to: the cache they point into
 * @offset: where in the object; a multiple of the size of a word
 * @pointers: how many; 0 for a free place
 */
struct tally {
	u32 from;
	u32 to;
	u32 offset;
	u32 pointers;
};

/*
 * struct source - what was read of one cache
 * @sampled: objects that were read whole
 * @objects: objects of which the words of edges were read
 * @blocks: blocks of memory in which these were
 * @block: the last one
 */
struct source {
	u32 sampled;
	u64 objects;
	u64 blocks;
	unsigned long block;
};

/*
 * struct search - the search that is under way
 * @edges: what it found
 * @list: the caches
 * @suspects: those of interest
 * @sources: of each cache, what was read
 * @hungry: suspects of which not enough objects were read whole
 * @tallies: see there
 * @best: of each link, how many objects of the sample have it
 * @filters: of each edge, the targets that were seen
 * @shifts: of each edge, how many bits of a target's hash must be zero for it to count
 * @cut: not all of memory was looked at
 * @object: room for what is read of an object
 * @spot: of the look-up before
 */
struct search {
	struct mt_slab_edges *edges;
	const struct mt_slab_list *list;
	const unsigned long *suspects;
	struct source *sources;
	unsigned int hungry;
	struct tally *tallies;
	u32 best[MT_SLAB_EDGES];
	unsigned long *filters[MT_SLAB_EDGES];
	unsigned int shifts[MT_SLAB_EDGES];
	bool cut;
	unsigned long *object;
	struct mt_slab_spot spot;
};

/* The start of an object of another suspect? */
static bool find_target(struct search *search, unsigned long word, unsigned int from)
{
	return mt_slab_object_find(search->list, word, &search->spot) && !search->spot.offset &&
	       search->spot.cache != from && test_bit(search->spot.cache, search->suspects);
}

/* Does it lead into another object of the same cache? Not what is left of the allocator's link. */
static bool is_link(struct search *search, unsigned long word, unsigned int from,
		    unsigned long object, u32 offset)
{
	return mt_slab_object_find(search->list, word, &search->spot) &&
	       search->spot.cache == from && search->spot.object != object &&
	       offset != search->list->caches[from].link;
}

static void count_tally(struct search *search, unsigned int from, unsigned int to, u32 offset)
{
	u32 hash = hash_64((u64)from << 48 | (u64)to << 32 | offset, ilog2(TALLIES));
	unsigned int i;

	for (i = 0; i < 8; i++) {
		struct tally *tally = &search->tallies[(hash + i) % TALLIES];

		if (!tally->pointers)
			*tally = (struct tally) { .from = from, .to = to, .offset = offset };
		if (tally->from == from && tally->to == to && tally->offset == offset) {
			tally->pointers++;
			return;
		}
	}
}

static void sample_object(struct search *search, unsigned int from, unsigned long addr)
{
	size_t bytes = min_t(size_t, search->list->caches[from].object_size, OBJECT_BYTES);
	size_t i, words = bytes / sizeof(long);

	if (!mt_kread(search->object, addr, words * sizeof(long)))
		return;
	if (++search->sources[from].sampled == SAMPLE_OBJECTS)
		search->hungry--;
	for (i = 0; i < words; i++) {
		if (find_target(search, search->object[i], from) ||
		    is_link(search, search->object[i], from, addr, i * sizeof(long)))
			count_tally(search, from, search->spot.cache, i * sizeof(long));
	}
}

static bool sample_slab(const struct mt_slab_objects *slab, void *arg)
{
	struct search *search = arg;
	unsigned int step = max(slab->nr_allocated / SAMPLE_OF_SLAB, 1U);
	unsigned int i, left = 0;
	unsigned long addr;

	mt_slab_for_each_object(slab, i, addr) {
		if (search->sources[slab->cache].sampled >= SAMPLE_OBJECTS)
			break;
		if (left--)
			continue;
		left = step - 1;
		sample_object(search, slab->cache, addr);
	}
	return search->hungry;
}

/* Is this share of what was read so large that the smaller cache's objects may all be there? */
static bool is_share(const struct mt_slab_list *list, unsigned int from, unsigned int to,
		     u64 nr, u64 of, unsigned int percent)
{
	u64 active_from = list->caches[from].active;
	u64 smaller = min_t(u64, active_from, list->caches[to].active);

	return of && active_from && nr * 100 >=
	       div64_u64(smaller * percent, active_from) * of;
}

/* One link of each cache is enough, that of most objects. */
static void choose_link(struct search *search, const struct tally *tally)
{
	struct mt_slab_edges *edges = search->edges;
	struct mt_slab_link link = { .cache = tally->from, .offset = tally->offset };
	unsigned int i;

	if (tally->pointers * 100 < search->sources[tally->from].sampled * LINK_PERCENT ||
	    !mt_slab_is_large(&search->list->caches[tally->from]))
		return;
	for (i = 0; i < edges->nr_links && edges->links[i].cache != link.cache; i++)
		;
	if (i == MT_SLAB_EDGES)
		return;
	if (i == edges->nr_links) {
		edges->links[edges->nr_links++] = link;
		search->best[i] = 0;
	}
	if (tally->pointers <= search->best[i])
		return;
	search->best[i] = tally->pointers;
	edges->links[i] = link;
}

/* The tallies that may be edges, those with most pointers first. */
static void choose_edges(struct search *search)
{
	struct mt_slab_edges *edges = search->edges;
	unsigned int i, at;

	for (i = 0; i < TALLIES; i++) {
		const struct tally *tally = &search->tallies[i];

		if (tally->pointers < MIN_POINTERS)
			continue;
		if (tally->from == tally->to) {
			choose_link(search, tally);
			continue;
		}
		if (!is_share(search->list, tally->from, tally->to, tally->pointers,
			      search->sources[tally->from].sampled, SAMPLE_PERCENT))
			continue;
		at = min_t(unsigned int, edges->nr, MT_SLAB_EDGES - 1);
		if (edges->nr == MT_SLAB_EDGES && edges->edges[at].pointers >= tally->pointers)
			continue;
		if (edges->nr < MT_SLAB_EDGES)
			edges->nr++;
		for (; at && edges->edges[at - 1].pointers < tally->pointers; at--)
			edges->edges[at] = edges->edges[at - 1];
		edges->edges[at] = (struct mt_slab_edge) {
			.from = tally->from,
			.to = tally->to,
			.offset = tally->offset,
			.pointers = tally->pointers,
		};
	}
	for (i = 0; i < edges->nr; i++)
		edges->edges[i].pointers = 0;
}

static void count_target(struct search *search, unsigned int edge, unsigned long addr)
{
	unsigned int shift = search->shifts[edge];
	u64 hash = hash_64(addr, 64);
	unsigned long first, second;

	if (hash >> 1 >> (63 - shift))
		return;
	hash *= GOLDEN_RATIO_64;
	first = hash >> 20 & (FILTER_BITS - 1);
	second = hash >> 40 & (FILTER_BITS - 1);
	if (!(__test_and_set_bit(first, search->filters[edge]) &
	      __test_and_set_bit(second, search->filters[edge])))
		search->edges->edges[edge].targets += 1ULL << shift;
}

static bool follow_slab(const struct mt_slab_objects *slab, void *arg)
{
	unsigned long block = PHYS_PFN(__pa(slab->first)) / MT_BLOCK_PAGES;
	struct search *search = arg;
	struct source *source = &search->sources[slab->cache];
	unsigned long addr, word;
	unsigned int i, e;

	source->objects += slab->nr_allocated;
	source->blocks += !source->blocks || block != source->block;
	source->block = block;
	for (e = 0; e < search->edges->nr; e++) {
		struct mt_slab_edge *edge = &search->edges->edges[e];

		if (edge->from != slab->cache)
			continue;
		mt_slab_for_each_object(slab, i, addr) {
			if (!mt_kread_ulong(addr + edge->offset, &word) ||
			    !find_target(search, word, edge->from) ||
			    search->spot.cache != edge->to)
				continue;
			edge->pointers++;
			count_target(search, e, word);
		}
	}
	return true;
}

/* Do the one-to-one edges lead from this cache to that one? */
static bool leads_to(const struct mt_slab_edges *edges, unsigned int from, unsigned int to)
{
	bool reached[MT_SLAB_EDGES] = { };
	unsigned int round, i, j;

	for (round = 0; round < edges->nr; round++) {
		for (i = 0; i < edges->nr; i++) {
			const struct mt_slab_edge *edge = &edges->edges[i];

			if (reached[i] || !edge->one_to_one)
				continue;
			reached[i] = edge->from == from;
			for (j = 0; j < edges->nr && !reached[i]; j++)
				reached[i] = reached[j] && edges->edges[j].to == edge->from;
			if (reached[i] && edge->to == to)
				return true;
		}
	}
	return false;
}

/*
 * Where the walk did not come to its end, what lies in the few blocks that were seen may be the
 * very objects that have a pointer, and not a sample: then nearly all of them must have it.
 */
static bool is_one_to_one(const struct search *search, const struct mt_slab_edge *edge)
{
	const struct source *source = &search->sources[edge->from];

	if (edge->pointers < MIN_POINTERS)
		return false;
	if (search->cut && source->blocks < MANY_BLOCKS)
		return edge->targets * 100 >= source->objects * EDGE_PERCENT;
	return is_share(search->list, edge->from, edge->to, edge->targets, source->objects,
			EDGE_PERCENT);
}

/* A pointer back closes a circle, which has no beginning: of each circle one edge is left out. */
static void judge_edges(struct search *search)
{
	struct mt_slab_edges *edges = search->edges;
	unsigned int i;

	for (i = 0; i < edges->nr; i++) {
		struct mt_slab_edge *edge = &edges->edges[i];

		edge->one_to_one = is_one_to_one(search, edge) &&
				   !leads_to(edges, edge->to, edge->from);
	}
}

/* How many of the targets are remembered: none of them would be forgotten for want of room. */
static unsigned int shift_of(const struct mt_slab_list *list, const struct mt_slab_edge *edge)
{
	u64 targets = min_t(u64, list->caches[edge->from].active, list->caches[edge->to].active);

	return targets > FILTER_TARGETS ? ilog2((targets - 1) / FILTER_TARGETS) + 1 : 0;
}

static int follow_edges(struct search *search, struct mt_slab_walk *walk, unsigned long *sources)
{
	struct mt_slab_edges *edges = search->edges;
	unsigned int i;
	int err;

	bitmap_zero(sources, search->list->nr);
	for (i = 0; i < edges->nr; i++) {
		__set_bit(edges->edges[i].from, sources);
		search->shifts[i] = shift_of(search->list, &edges->edges[i]);
		search->filters[i] = mt_memory_zalloc(FILTER_BITS / BITS_PER_BYTE);
		if (!search->filters[i])
			return -ENOMEM;
		edges->estimate |= search->shifts[i];
	}
	walk->wanted = sources;
	walk->visit = follow_slab;
	err = mt_slab_object_walk(walk);
	search->cut = walk->pages_seen < walk->pages_all;
	edges->estimate |= search->cut;
	if (!err)
		judge_edges(search);
	return err;
}

static int search_all(struct search *search, u64 budget_ns)
{
	unsigned int nr = search->list->nr;
	struct mt_slab_walk walk = {
		.list = search->list,
		.wanted = search->suspects,
		.visit = sample_slab,
		.arg = search,
		.budget_ns = budget_ns / 4,
	};
	unsigned long *sources = mt_memory_alloc(BITS_TO_LONGS(nr) * sizeof(long));
	int err = -ENOMEM;

	search->hungry = bitmap_weight(search->suspects, nr);
	search->sources = mt_memory_zalloc(nr * sizeof(*search->sources));
	search->tallies = mt_memory_zalloc(TALLIES * sizeof(*search->tallies));
	search->object = mt_memory_alloc(OBJECT_BYTES);
	if (search->sources && search->tallies && search->object && sources)
		err = mt_slab_object_walk(&walk);
	/* enough was seen of each before the end */
	if (walk.error == -ECANCELED)
		walk.error = 0;
	if (!err && !walk.error) {
		choose_edges(search);
		walk.budget_ns = budget_ns;
		if (search->edges->nr)
			err = follow_edges(search, &walk, sources);
	}
	search->edges->error = walk.error;
	mt_memory_free(sources);
	return err;
}

/**
 * mt_slab_edge_read() - find out which objects point to objects of other caches, one to one
 * @edges: gets what was found
 * @list: the caches
 * @suspects: bitmap of those of interest, by index in @list->caches
 * @budget_ns: what it may take, not 0
 *
 * Context: process context, no lock held, may sleep. As mt_slab_object_walk(), twice.
 * Return: 0, also when @edges->error says that it ended early; otherwise as mt_slab_object_walk().
 */
int mt_slab_edge_read(struct mt_slab_edges *edges, const struct mt_slab_list *list,
		      const unsigned long *suspects, u64 budget_ns)
{
	struct search search = { .edges = edges, .list = list, .suspects = suspects };
	unsigned int i;
	int err;

	*edges = (struct mt_slab_edges) { };
	/* never at one moment: what points where does not change that fast */
	err = search_all(&search, budget_ns);
	for (i = 0; i < MT_SLAB_EDGES; i++)
		mt_memory_free(search.filters[i]);
	mt_memory_free(search.object);
	mt_memory_free(search.tallies);
	mt_memory_free(search.sources);
	return err;
}

/**
 * mt_slab_edge_next() - where do the objects of a cache point to?
 * @edges: the edges
 * @from: index of the cache
 *
 * Context: any.
 * Return: index of the edge with most targets that is one to one; -1 if there is none.
 */
int mt_slab_edge_next(const struct mt_slab_edges *edges, unsigned int from)
{
	unsigned int i;
	int best = -1;

	for (i = 0; i < edges->nr; i++) {
		const struct mt_slab_edge *edge = &edges->edges[i];

		if (edge->from != from || !edge->one_to_one)
			continue;
		if (best < 0 || edge->targets > edges->edges[best].targets ||
		    (edge->targets == edges->edges[best].targets &&
		     edge->offset < edges->edges[best].offset))
			best = i;
	}
	return best;
}

/**
 * mt_slab_edge_is_head() - does a chain begin with this edge?
 * @edges: the edges
 * @index: the edge
 *
 * Context: any.
 * Return: true if it is the best one of its cache, to which no other edge leads.
 */
bool mt_slab_edge_is_head(const struct mt_slab_edges *edges, unsigned int index)
{
	unsigned int from = edges->edges[index].from;
	unsigned int i;

	if (mt_slab_edge_next(edges, from) != (int)index)
		return false;
	for (i = 0; i < edges->nr; i++) {
		if (edges->edges[i].to == from && edges->edges[i].one_to_one)
			return false;
	}
	return true;
}

/**
 * mt_slab_edge_has() - is a cache a part of any chain?
 * @edges: the edges
 * @cache: index of the cache
 *
 * Context: any.
 * Return: true if an edge that is one to one leads from it or to it.
 */
bool mt_slab_edge_has(const struct mt_slab_edges *edges, unsigned int cache)
{
	unsigned int i;

	for (i = 0; i < edges->nr; i++) {
		if (edges->edges[i].one_to_one &&
		    (edges->edges[i].from == cache || edges->edges[i].to == cache))
			return true;
	}
	return false;
}
