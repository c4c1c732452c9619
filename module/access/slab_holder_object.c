// SPDX-License-Identifier: GPL-2.0
/*
 * slab_holder_object.c - knows which allocated objects hold the pointer to a slab cache, and from
 * which variable they hang.
 *
 * Some who make caches keep the pointer in an object that they allocate: a table of caches, or one
 * object a cache on a list. Such an object is tied to a module by the variable that points to it,
 * or to one that it is linked with.
 *
 * Locking: none, see slab_object.c and image.c. Consistency: none between words. An object that is
 * freed meanwhile, or holds what its memory held before, is taken for a holder; so these are only
 * asked for where no variable is found.
 */
#include "access/slab_holder_object.h"

#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "access/image.h"
#include "access/page_fence.h"
#include "access/slab.h"
#include "access/slab_holder.h"
#include "access/slab_layout.h"
#include "access/slab_object.h"
#include "introspect/kread.h"
#include "introspect/ksym.h"
#include "knob.h"
#include "memory.h"

/* Those who keep a cache in an object are few, and so are the objects of their kind. */
#define MAX_HITS	512
#define MAX_CACHE_BYTES	(32UL << 20)

/* What the search through objects may take, on a machine of any size and under any load. */
static unsigned int holder_ms = 2000;
MT_KNOB(holder_ms, holder_ms, 100, 3600000,
	"how long objects are looked through for who holds a cache, in ms");

/* Words of modules' variables, and of what hangs from them, that are followed. */
#define MAX_HANGING	16384

/* How much of an object is read. */
#define OBJECT_BYTES	PAGE_SIZE

/*
 * struct hit - an object that holds a cache
 * @object: its address
 * @bytes: of the object
 * @offset: where in it the cache's address stands
 * @cache: which cache that is
 * @of: the cache that the object is one of
 * @group: objects that are linked with each other have the same one
 * @variable: the address of a variable that points to it, 0 if there is none
 * @module: whose variable that is
 * @table: other caches stand in the object too
 */
struct hit {
	unsigned long object;
	u32 bytes;
	u32 offset;
	unsigned int cache;
	unsigned int of;
	unsigned int group;
	unsigned long variable;
	unsigned int module;
	bool table;
};

/*
 * struct search - a search under way
 * @list: the caches
 * @skip: by cache: these are not searched for
 * @min: all caches are at or above this address
 * @max: and below this one
 * @hits: what was found, by address
 * @nr: how many
 * @cut: there were more
 * @buffer: room for an object
 */
struct search {
	const struct mt_slab_list *list;
	const bool *skip;
	unsigned long min;
	unsigned long max;
	struct hit *hits;
	unsigned int nr;
	bool cut;
	unsigned long *buffer;
};

/*
 * struct hanging - what hangs from the variables of modules
 * @search: the search that it is for
 * @fence: guards the look at it
 * @places: where these variables point to, and what holds a cache does
 * @nr: how many
 */
struct hanging {
	struct search *search;
	struct mt_page_fence fence;
	unsigned long places[MAX_HANGING];
	unsigned int nr;
};

/* A sheaf is an array of free objects, and knows whose they are. */
static bool is_sheaf(const struct search *search, const struct hit *hit)
{
	u64 capacity = search->list->caches[hit->cache].sheaf_capacity;
	u64 size, bytes;

	if (mt_slab_sheaf_table.state != MT_RELO_READY || !mt_sheaf_objects.known ||
	    hit->offset >= mt_sheaf_objects.offset ||
	    !mt_kread_field(hit->object, &mt_sheaf_size, &size))
		return false;
	bytes = mt_sheaf_objects.offset + capacity * sizeof(long);
	return size <= capacity && hit->bytes >= bytes && hit->bytes < 2 * bytes;
}

static void take_object(struct search *search, unsigned long object, u32 stride, unsigned int of)
{
	u32 bytes = min_t(u32, stride, OBJECT_BYTES);
	unsigned int first = search->nr;
	unsigned long seen = 0;
	bool table = false;
	unsigned int i;

	if (!mt_kread(search->buffer, object, bytes))
		return;
	for (i = 0; i < bytes / sizeof(long); i++) {
		unsigned long word = search->buffer[i];
		struct hit hit;
		int cache;

		if (word < search->min || word >= search->max)
			continue;
		cache = mt_slab_index(search->list, word);
		if (cache < 0)
			continue;
		table |= seen && seen != word;
		seen = word;
		if (search->skip[cache])
			continue;
		hit = (struct hit) {
			.object = object,
			.bytes = stride,
			.offset = i * sizeof(long),
			.cache = cache,
			.of = of,
		};
		if (is_sheaf(search, &hit))
			continue;
		if (search->nr == MAX_HITS) {
			search->cut = true;
			break;
		}
		search->hits[search->nr++] = hit;
	}
	while (first < search->nr)
		search->hits[first++].table = table;
}

static bool visit(const struct mt_slab_objects *slab, void *arg)
{
	struct search *search = arg;
	unsigned long object;
	unsigned int i;

	mt_slab_for_each_object(slab, i, object)
		take_object(search, object, slab->stride, slab->cache);
	return !search->cut;
}

/* All caches but the largest ones: an object for each cache makes no large cache. */
static int search_objects(struct search *search)
{
	struct mt_slab_walk walk = {
		.list = search->list,
		.visit = visit,
		.arg = search,
		.budget_ns = (u64)READ_ONCE(holder_ms) * NSEC_PER_MSEC,
	};
	unsigned long *wanted = mt_memory_zalloc(BITS_TO_LONGS(search->list->nr) * sizeof(long));
	unsigned int i;
	int err;

	if (!wanted)
		return -ENOMEM;
	for (i = 0; i < search->list->nr; i++) {
		if (search->list->caches[i].pages <= MAX_CACHE_BYTES >> PAGE_SHIFT &&
		    !mt_slab_is_description(&search->list->caches[i]))
			__set_bit(i, wanted);
	}
	walk.wanted = wanted;
	err = mt_slab_object_walk(&walk);
	mt_memory_free(wanted);
	if (err)
		return err;
	if (search->cut)
		return -E2BIG;
	if (walk.error)
		return walk.error;
	return walk.pages_seen < walk.pages_all ? -ETIME : 0;
}

static bool was_taken(const struct search *search, unsigned long object)
{
	unsigned int i;

	for (i = 0; i < search->nr; i++) {
		if (search->hits[i].object == object)
			return true;
	}
	return false;
}

static void add_place(struct hanging *hanging, unsigned long addr)
{
	if (hanging->nr < MAX_HANGING)
		hanging->places[hanging->nr++] = addr;
}

static void take_place(const struct mt_image_part *part, unsigned long addr, unsigned long value,
		       void *arg)
{
	if (part->module != MT_IMAGE_VMLINUX)
		add_place(arg, value);
}

/* If it holds a cache, what it is linked with may hold another one. */
static void look_at_place(struct hanging *hanging, unsigned long addr)
{
	struct search *search = hanging->search;
	unsigned int first = search->nr;
	struct mt_slab_spot spot = { };
	u32 bytes, i;

	if (!mt_slab_object_find(search->list, addr, &spot) || was_taken(search, spot.object))
		return;
	bytes = search->list->caches[spot.cache].size;
	take_object(search, spot.object, bytes, spot.cache);
	if (search->nr == first)
		return;
	for (i = 0; i < min_t(u32, bytes, OBJECT_BYTES) / sizeof(long); i++) {
		struct mt_slab_spot next = { };

		if (mt_slab_object_find(search->list, search->buffer[i], &next) &&
		    next.cache == spot.cache)
			add_place(hanging, search->buffer[i]);
	}
}

static int search_hanging(struct search *search, const struct mt_image *image)
{
	struct hanging *hanging = mt_memory_zalloc(sizeof(*hanging));
	struct mt_image_scan scan = {
		.kinds = MT_IMAGE_BIT(MT_IMAGE_DATA),
		.min = PAGE_OFFSET,
		.max = (unsigned long)high_memory,
		.visit = take_place,
		.arg = hanging,
	};
	unsigned int i;
	int err;

	if (!hanging)
		return -ENOMEM;
	hanging->search = search;
	err = mt_image_words(image, &scan) ?: mt_page_fence_put_up(&hanging->fence);
	if (err)
		goto out;
	for (i = 0; i < hanging->nr && !search->cut; i++) {
		down_read(&hanging->fence.rwsem);
		look_at_place(hanging, hanging->places[i]);
		up_read(&hanging->fence.rwsem);
		cond_resched();
	}
	mt_page_fence_take_down(&hanging->fence);
out:
	mt_memory_free(hanging);
	return err;
}

static int by_object(const void *a, const void *b)
{
	const struct hit *first = a;
	const struct hit *second = b;

	if (first->object != second->object)
		return first->object < second->object ? -1 : 1;
	return first->offset < second->offset ? -1 : first->offset > second->offset;
}

/* The first hit in the object that an address points into, or -1. */
static int find_object(const struct search *search, unsigned long addr)
{
	unsigned int from = 0;
	unsigned int to = search->nr;

	while (from < to) {
		unsigned int middle = from + (to - from) / 2;

		if (search->hits[middle].object + search->hits[middle].bytes <= addr)
			from = middle + 1;
		else
			to = middle;
	}
	return from < search->nr && addr >= search->hits[from].object ? from : -1;
}

static void join_groups(struct search *search, unsigned int first, unsigned int second)
{
	unsigned int i;

	if (first == second)
		return;
	for (i = 0; i < search->nr; i++) {
		if (search->hits[i].group == second)
			search->hits[i].group = first;
	}
}

/* Objects that point to each other belong together, if they are of one kind. */
static void find_groups(struct search *search)
{
	unsigned int i, word;

	for (i = 0; i < search->nr; i++)
		search->hits[i].group = i;
	for (i = 0; i < search->nr; i++) {
		const struct hit *hit = &search->hits[i];
		u32 bytes = min_t(u32, hit->bytes, OBJECT_BYTES);

		if (!mt_kread(search->buffer, hit->object, bytes))
			continue;
		for (word = 0; word < bytes / sizeof(long); word++) {
			int other = find_object(search, search->buffer[word]);

			if (other >= 0 && search->hits[other].of == hit->of)
				join_groups(search, hit->group, search->hits[other].group);
		}
		/* other words of the same object */
		if (i && search->hits[i - 1].object == hit->object)
			join_groups(search, search->hits[i - 1].group, hit->group);
	}
}

static void take_variable(const struct mt_image_part *part, unsigned long addr,
			  unsigned long value, void *arg)
{
	struct search *search = arg;
	int i = find_object(search, value);

	if (i < 0 || search->hits[i].variable)
		return;
	search->hits[i].variable = addr;
	search->hits[i].module = part->module;
}

/* A variable that points to one of a group holds all of them. */
static void spread_variables(struct search *search)
{
	unsigned int i, j;

	for (i = 0; i < search->nr; i++) {
		for (j = 0; j < search->nr && !search->hits[i].variable; j++) {
			if (search->hits[j].group != search->hits[i].group ||
			    !search->hits[j].variable)
				continue;
			search->hits[i].variable = search->hits[j].variable;
			search->hits[i].module = search->hits[j].module;
		}
	}
}

static void find_variables(struct search *search, const struct mt_image *image)
{
	struct mt_image_scan scan = {
		.kinds = MT_IMAGE_BIT(MT_IMAGE_DATA),
		.min = search->hits[0].object,
		.max = search->hits[search->nr - 1].object + search->hits[search->nr - 1].bytes,
		.visit = take_variable,
		.arg = search,
	};

	mt_image_words(image, &scan);
	spread_variables(search);
}

/* "variable->cache+0x10": the object of that cache that hangs from the variable. */
static void name_hit(const struct search *search, const struct hit *hit,
		     struct mt_slab_holder *holder)
{
	char symbol[MT_SLAB_HOLDER_SYMBOL] = "";
	char module[MT_IMAGE_NAME];
	char *mark;

	if (hit->variable && mt_ksym_format(symbol, sizeof(symbol), hit->variable, module,
					    sizeof(module))) {
		mark = strstr(symbol, "+0x0");
		if (mark && !mark[4])
			*mark = '\0';
		/* room for what comes behind it */
		strscpy(symbol + 40, "", sizeof(symbol) - 40);
	}
	snprintf(holder->symbol, sizeof(holder->symbol), "%s%s%.20s+0x%x", symbol,
		 *symbol ? "->" : "", search->list->caches[hit->of].name, hit->offset);
}

static void add_holder(const struct search *search, const struct hit *hit,
		       const struct mt_image *image, struct mt_slab_holders *holders)
{
	struct mt_slab_holder *holder;

	if (hit->variable && image->modules[hit->module].gone)
		return;
	holder = mt_slab_holder_add(holders, hit->cache, hit->object + hit->offset);
	if (!holder)
		return;
	holder->kind = MT_SLAB_HELD_BY_OBJECT;
	holder->module = hit->variable ? hit->module : MT_SLAB_HOLDER_STRAY;
	holder->offset = hit->offset;
	holder->object_bytes = hit->bytes;
	holder->table = hit->table;
	holder->worth = mt_slab_holder_is_mempool(holder->addr) ? MT_SLAB_HOLDER_THIRD :
								  MT_SLAB_HOLDER_SECOND;
	if (!strcmp(search->list->caches[hit->of].name, "net_namespace"))
		holder->worth = MT_SLAB_HOLDER_COPY;
	name_hit(search, hit, holder);
}

static int start(struct search *search)
{
	if (!mt_slab_object_known())
		return -EOPNOTSUPP;
	mt_slab_holder_range(search->list, &search->min, &search->max);
	search->hits = mt_memory_alloc(MAX_HITS * sizeof(*search->hits));
	search->buffer = mt_memory_alloc(OBJECT_BYTES);
	return search->hits && search->buffer ? 0 : -ENOMEM;
}

static void finish(struct search *search, const struct mt_image *image,
		   struct mt_slab_holders *holders)
{
	unsigned int i;

	if (search->nr) {
		sort(search->hits, search->nr, sizeof(*search->hits), by_object, NULL);
		find_groups(search);
		find_variables(search, image);
	}
	for (i = 0; i < search->nr; i++)
		add_holder(search, &search->hits[i], image, holders);
	mt_memory_free(search->buffer);
	mt_memory_free(search->hits);
}

/**
 * mt_slab_holder_objects() - find the allocated objects that hold caches
 * @holders: gets them, in no order
 * @image: the variables that they may hang from
 * @list: the caches
 * @skip: by cache: these are not searched for
 *
 * Context: process context, no lock held, may sleep. holder_ms at most.
 * Return: 0; -EOPNOTSUPP if objects are not known on this kernel; -ENOMEM; some were found, but
 * perhaps not all: -ETIME, -E2BIG, -EINTR.
 */
int mt_slab_holder_objects(struct mt_slab_holders *holders, const struct mt_image *image,
			   const struct mt_slab_list *list, const bool *skip)
{
	struct search search = { .list = list, .skip = skip };
	int err = start(&search) ?: search_objects(&search);

	finish(&search, image, holders);
	return err;
}

/**
 * mt_slab_holder_hanging() - find the objects that hold caches and hang from a module's variable
 * @holders: gets them, in no order
 * @image: the variables
 * @list: the caches
 * @skip: by cache: these are not searched for
 *
 * Only these objects are looked at, and those of their kind that they are linked with, so it is
 * much cheaper than mt_slab_holder_objects(); but who else has the pointer is not seen.
 *
 * Context: process context, no lock held, may sleep. Some milliseconds.
 * Return: 0, whatever was found; -EOPNOTSUPP if objects are not known on this kernel; -ENOMEM;
 * -EINTR after a fatal signal.
 */
int mt_slab_holder_hanging(struct mt_slab_holders *holders, const struct mt_image *image,
			   const struct mt_slab_list *list, const bool *skip)
{
	struct search search = { .list = list, .skip = skip };
	int err = start(&search) ?: search_hanging(&search, image);

	finish(&search, image, holders);
	return err;
}
