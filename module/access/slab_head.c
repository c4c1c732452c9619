// SPDX-License-Identifier: GPL-2.0
/*
 * slab_head.c - knows from which variables the objects of a chain of caches hang.
 *
 * What is not lost hangs from something: the head of a list, the root of a tree. Where that is a
 * variable of the kernel or of a module, its name says whose the objects are. A cache may be merged
 * with others, so only those of its objects count that have the pointer of the chain. Of a cache
 * that is in no chain those that are linked to each other do, if there are many.
 *
 * Locking: the fence's semaphore while a word is looked up (access/page_fence.c); see image.c.
 * Consistency: none between words.
 */
#include "access/slab_head.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/rwsem.h>
#include <linux/string.h>

#include "access/page_fence.h"
#include "access/slab_edge.h"
#include "access/slab_object.h"
#include "introspect/kread.h"
#include "introspect/ksym.h"
#include "memory.h"

/* Words that are remembered until they are named, of each chain; two of each list. */
#define MAX_WORDS	16

/* Of these, of one module: so many variables say whose it is. */
#define MODULE_WORDS	4

/* Links that are followed from a variable: fewer may be any list that has an object by accident. */
#define LINKS_MIN	16

/*
 * struct search - a search under way
 * @list: the caches
 * @edges: the edges
 * @fence: keeps the slabs' struct pages while they are looked up
 * @is_head: of each edge: a chain begins with it
 * @is_link: of each link: its cache is in no chain
 * @spot: of the look-up before of what a variable points to
 * @target: of what the object there points to
 * @words: what was found; back: what is there points back
 * @nr: how many
 * @nr_of: how many of them are of each edge, and behind these of each link
 * @more: there were more
 */
struct search {
	const struct mt_slab_list *list;
	const struct mt_slab_edges *edges;
	struct mt_page_fence fence;
	bool is_head[MT_SLAB_EDGES];
	bool is_link[MT_SLAB_EDGES];
	struct mt_slab_spot spot;
	struct mt_slab_spot target;
	struct {
		unsigned long addr;
		unsigned int module;
		unsigned int edge;
		bool back;
	} words[MAX_WORDS * 2 * MT_SLAB_EDGES];
	unsigned int nr;
	unsigned int nr_of[2 * MT_SLAB_EDGES];
	bool more;
};

/*
 * Links lead to the same place in each object, and so does what they hang from. A pointer to
 * something else, which had this memory before and is still in a variable, hardly ever does.
 */
static bool leads_where_links_do(struct search *search, const struct mt_slab_link *link)
{
	const struct mt_slab_spot *spot = &search->spot;
	/* a list's next and the link before, a tree's children, or what is linked at its start */
	const u32 offsets[] = {
		spot->offset,
		spot->offset + sizeof(long),
		spot->offset + 2 * sizeof(long),
		link->offset,
	};
	unsigned long word;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		if (offsets[i] + sizeof(long) <= search->list->caches[spot->cache].size &&
		    mt_kread_ulong(spot->object + offsets[i], &word) &&
		    mt_slab_object_find(search->list, word, &search->target) &&
		    search->target.cache == spot->cache &&
		    search->target.object != spot->object &&
		    search->target.offset == spot->offset)
			return true;
	}
	return false;
}

/* Objects of a chain need not be linked; if most are, what leads elsewhere holds one, not all. */
static bool may_hold(struct search *search)
{
	const struct mt_slab_edges *edges = search->edges;
	unsigned int i;

	for (i = 0; i < edges->nr_links; i++) {
		if (edges->links[i].cache == search->spot.cache)
			return leads_where_links_do(search, &edges->links[i]);
	}
	return true;
}

/* Has the object at @search->spot the pointer of this edge? */
static bool has_edge(struct search *search, const struct mt_slab_edge *edge)
{
	unsigned long word;

	return search->spot.cache == edge->from &&
	       mt_kread_ulong(search->spot.object + edge->offset, &word) &&
	       mt_slab_object_find(search->list, word, &search->target) &&
	       search->target.cache == edge->to && !search->target.offset;
}

/* Is the object at @search->spot one of many, each with a link to the next? */
static bool has_link(struct search *search, const struct mt_slab_link *link)
{
	unsigned long object = search->spot.object;
	unsigned long word;
	unsigned int i;

	if (search->spot.cache != link->cache)
		return false;
	for (i = 0; i < LINKS_MIN; i++) {
		if (!mt_kread_ulong(object + link->offset, &word) ||
		    !mt_slab_object_find(search->list, word, &search->target) ||
		    search->target.cache != link->cache || search->target.object == object ||
		    search->target.object == search->spot.object)
			return false;
		object = search->target.object;
	}
	return true;
}

/* A module's table of lists is one variable, and must not hide those of others. */
static bool has_many_of(const struct search *search, unsigned int module, unsigned int edge)
{
	unsigned int i, nr = 0;

	for (i = 0; i < search->nr; i++)
		nr += search->words[i].edge == edge && search->words[i].module == module;
	return module != MT_IMAGE_VMLINUX && nr >= MODULE_WORDS;
}

/*
 * The ends of a list point back at its head. What somebody had in this memory before, and still has
 * the address of, does not, though it may be where a link is by now.
 */
static bool points_back(unsigned long addr, unsigned long value)
{
	unsigned long word;

	/* from the first one: the link before, or pprev; or from the last one: the next */
	return (mt_kread_ulong(value + sizeof(long), &word) && word == addr) ||
	       (mt_kread_ulong(value, &word) && word == addr - sizeof(long));
}

static void add_word(struct search *search, const struct mt_image_part *part, unsigned long addr,
		     unsigned long value, unsigned int edge)
{
	if (has_many_of(search, part->module, edge))
		return;
	if (search->nr_of[edge] == MAX_WORDS) {
		search->more = true;
		return;
	}
	search->nr_of[edge]++;
	search->words[search->nr].addr = addr;
	search->words[search->nr].module = part->module;
	search->words[search->nr].edge = edge;
	search->words[search->nr].back = points_back(addr, value);
	search->nr++;
}

static void look_up(struct search *search, const struct mt_image_part *part, unsigned long addr,
		    unsigned long value)
{
	const struct mt_slab_edges *edges = search->edges;
	unsigned int i;

	if (!mt_slab_object_find(search->list, value, &search->spot) || !may_hold(search))
		return;
	for (i = 0; i < edges->nr; i++) {
		if (search->is_head[i] && has_edge(search, &edges->edges[i]))
			add_word(search, part, addr, value, i);
	}
	for (i = 0; i < edges->nr_links; i++) {
		if (search->is_link[i] && has_link(search, &edges->links[i]))
			add_word(search, part, addr, value, MT_SLAB_EDGES + i);
	}
}

static void take_word(const struct mt_image_part *part, unsigned long addr, unsigned long value,
		      void *arg)
{
	struct search *search = arg;

	down_read(&search->fence.rwsem);
	look_up(search, part, addr, value);
	up_read(&search->fence.rwsem);
}

/* Is it named already, or are there enough of its chain? */
static bool is_enough(const struct mt_slab_heads *heads, const struct mt_slab_head *head)
{
	unsigned int i, nr = 0;

	for (i = 0; i < heads->nr; i++) {
		if (heads->heads[i].edge != head->edge)
			continue;
		nr++;
		if (!strcmp(heads->heads[i].symbol, head->symbol) &&
		    !strcmp(heads->heads[i].module, head->module))
			return true;
	}
	return nr == MT_SLAB_HEADS_OF;
}

/* Where somebody's head is certain, what leads there from another module is not told. */
static bool is_stale(const struct search *search, unsigned int word)
{
	unsigned int i;

	if (search->words[word].back)
		return false;
	for (i = 0; i < search->nr; i++) {
		if (search->words[i].back && search->words[i].edge == search->words[word].edge &&
		    search->words[i].module != search->words[word].module)
			return true;
	}
	return false;
}

/* The two words of a list head are one variable, and so are the buckets of a table. */
static void name_words(struct mt_slab_heads *heads, const struct search *search,
		       const struct mt_image *image)
{
	unsigned int i;

	for (i = 0; i < search->nr; i++) {
		struct mt_slab_head head = { .edge = search->words[i].edge };

		if (image->modules[search->words[i].module].gone || is_stale(search, i) ||
		    !mt_ksym_format(head.symbol, sizeof(head.symbol), search->words[i].addr,
				    head.module, sizeof(head.module)))
			continue;
		head.symbol[strcspn(head.symbol, "+")] = '\0';
		if (is_enough(heads, &head))
			continue;
		if (heads->nr == MT_SLAB_HEADS) {
			heads->error = -E2BIG;
			return;
		}
		heads->heads[heads->nr++] = head;
	}
	if (search->more && !heads->error)
		heads->error = -E2BIG;
}

static int search_image(struct mt_slab_heads *heads, struct search *search, u64 deadline_ns)
{
	struct mt_image_scan scan = {
		.kinds = MT_IMAGE_BIT(MT_IMAGE_DATA),
		.min = PAGE_OFFSET,
		.max = (unsigned long)high_memory,
		.deadline_ns = deadline_ns,
		.visit = take_word,
		.arg = search,
	};
	struct mt_image image;
	int err = mt_image_read(&image);

	if (err)
		return err;
	err = mt_page_fence_put_up(&search->fence);
	if (err)
		goto out_image;
	err = mt_image_words(&image, &scan);
	mt_page_fence_take_down(&search->fence);
	if (err == -ETIME || err == -EINTR) {
		heads->error = err;
		err = 0;
	}
	if (!err && search->nr) {
		mt_image_recheck(&image);
		name_words(heads, search, &image);
	}
out_image:
	mt_image_free(&image);
	return err;
}

/**
 * mt_slab_head_read() - find the variables from which chains of caches hang, and lists
 * @heads: gets them
 * @list: the caches
 * @edges: which of them point to which; a chain begins with mt_slab_edge_is_head(). Of its links
 *         those count whose cache is in no chain
 * @deadline_ns: when to stop, in ktime_get_ns(); 0 for never
 *
 * Context: process context, no lock held, may sleep.
 * Return: 0, also when @heads->error says that some are missing; -EOPNOTSUPP if this kernel's
 * variables are unknown; -ENOMEM; -E2BIG.
 */
int mt_slab_head_read(struct mt_slab_heads *heads, const struct mt_slab_list *list,
		      const struct mt_slab_edges *edges, u64 deadline_ns)
{
	struct search *search = mt_memory_zalloc(sizeof(*search));
	bool any = false;
	unsigned int i;
	int err = 0;

	heads->nr = 0;
	heads->error = 0;
	if (!search)
		return -ENOMEM;
	search->list = list;
	search->edges = edges;
	for (i = 0; i < edges->nr; i++) {
		search->is_head[i] = mt_slab_edge_is_head(edges, i);
		any |= search->is_head[i];
	}
	for (i = 0; i < edges->nr_links; i++) {
		search->is_link[i] = !mt_slab_edge_has(edges, edges->links[i].cache);
		any |= search->is_link[i];
	}
	if (any)
		err = search_image(heads, search, deadline_ns);
	mt_memory_free(search);
	return err;
}
