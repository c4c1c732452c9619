// SPDX-License-Identifier: GPL-2.0
/*
 * slab.c - knows what a slab cache looks like on any kernel, and how many of its objects live.
 *
 * The allocator's own count of active objects takes whatever lies on a CPU's freelist, on a CPU's
 * partial slabs, in a sheaf or in a barn for allocated (/proc/slabinfo shows 1020 where 500 live).
 * Here it is all objects, less the free ones that
 *   - the partial slabs of each node have (objects - inuse),
 *   - a CPU's own slab has, on the slab's freelist and on the CPU's,
 *   - the slabs of a CPU's partial list have,
 *   - lie in the sheaves of a CPU and in the full sheaves of a node's barn,
 * without a walk over the memory map. The partial list of a node may be long: it is read up to
 * partial_scan slabs, and beyond that the figure is an estimate.
 *
 * Locking: slab_mutex around the list, so that no cache goes away; list_lock of each node around
 * its partial list. Both are tried for a bounded time. What belongs to a CPU is read without a
 * lock.
 * Consistency: each cache by itself. Counted again if something moved meanwhile, and an estimate if
 * it goes on moving.
 */
#include "access/slab.h"

#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "access/slab_chain.h"
#include "access/slab_layout.h"
#include "access/slab_node.h"
#include "access/slab_parked.h"
#include "access/vmstat.h"
#include "introspect/klock.h"
#include "introspect/kread.h"
#include "knob.h"
#include "memory.h"

/* struct kmem_cache_order_objects: the order above these bits, the number of objects in them. */
#define OO_BITS		16
#define OO_MASK		((1U << OO_BITS) - 1)

/* No slab is larger than the largest block of the buddy allocator on any architecture. */
#define MAX_SLAB_ORDER	16

/* More caches or more slabs on one CPU than these are a corrupted list. */
#define MAX_CACHES		65536
#define MAX_CPU_PARTIAL		1024

/* So many objects, or a tenth of them in one part of memory in so many, are worth a look. */
#define SUSPECT_OBJECTS		10000
#define SUSPECT_PART		100

/* One in so many of all pages is a cache that is looked at by itself. */
#define LARGE_PART	50

/* Room is made for as many caches as there were last time, and so many more. */
#define SPARE			16
static unsigned int last_nr = 256 - SPARE;

/* How often a cache is counted when its objects move meanwhile. */
#define TRIES			4

static unsigned int partial_scan = 1024;
MT_KNOB(partial_scan, partial_scan, 16, 8192,
	"partial slabs of a node that are counted one by one; of a longer list the rest is estimated");

/* What is read of a cache, in one go: the members of cache_fields. */
enum {
	CACHE_NAME, CACHE_FLAGS, CACHE_SIZE, CACHE_OBJECT_SIZE, CACHE_OO, CACHE_MIN,
	CACHE_REFCOUNT, CACHE_KOBJECT, CACHE_OFFSET, CACHE_RANDOM, CACHE_RED_LEFT_PAD,
	CACHE_CPU_SLAB, CACHE_CPU_SHEAVES, CACHE_SHEAF_CAPACITY, CACHE_FIELDS
};

static const struct mt_field *const cache_fields[] = {
	[CACHE_NAME] = &mt_cache_name,
	[CACHE_FLAGS] = &mt_cache_flags,
	[CACHE_SIZE] = &mt_cache_size,
	[CACHE_OBJECT_SIZE] = &mt_cache_object_size,
	[CACHE_OO] = &mt_cache_oo,
	[CACHE_MIN] = &mt_cache_min,
	[CACHE_REFCOUNT] = &mt_cache_refcount,
	[CACHE_KOBJECT] = &mt_cache_kobj_sd,
	[CACHE_OFFSET] = &mt_cache_offset,
	[CACHE_RANDOM] = &mt_cache_random,
	[CACHE_RED_LEFT_PAD] = &mt_cache_red_left_pad,
	[CACHE_CPU_SLAB] = &mt_cache_cpu_slab,
	[CACHE_CPU_SHEAVES] = &mt_cache_cpu_sheaves,
	[CACHE_SHEAF_CAPACITY] = &mt_cache_sheaf_capacity,
	[CACHE_FIELDS] = NULL
};

/*
 * struct census - a visit to all places where a cache may keep objects
 * @cache: the cache, as far as it was read
 * @fields: what was read of it
 * @counting: count the objects; otherwise only see how things stand
 * @state: mixed from all that changes when an object moves from one place to another. If it is the
 *         same when the places are visited once more, nothing moved between them while they were
 *         counted one by one.
 * @slabs: slabs it has
 * @objects: objects that fit into them
 * @free: of these, how many are free
 * @exact: nothing was left out
 */
struct census {
	const struct mt_slab_cache *cache;
	const u64 *fields;
	bool counting;
	u64 state;
	s64 slabs;
	s64 objects;
	s64 free;
	bool exact;
};

static void note(struct census *census, const u64 *values, unsigned int nr)
{
	while (nr--)
		census->state = (census->state ^ *values++) * GOLDEN_RATIO_64;
}

enum { SLAB_OBJECTS, SLAB_INUSE, SLAB_NEXT, SLAB_FIELDS };

static const struct mt_field *const slab_fields[] = {
	[SLAB_OBJECTS] = &mt_slab_objects,
	[SLAB_INUSE] = &mt_slab_inuse,
	[SLAB_NEXT] = &mt_slab_next,
	[SLAB_FIELDS] = NULL
};

/* A slab, and whether it makes sense. */
static bool read_slab(unsigned long slab, u64 *values)
{
	return mt_kread_fields(slab, slab_fields, values) &&
	       values[SLAB_INUSE] <= values[SLAB_OBJECTS];
}

/*
 * struct partial - the partial slabs of one node
 * @node: address of the struct kmem_cache_node
 * @limit: slabs to count one by one
 * @nr: slabs on the list
 * @counted: of these, how many were counted
 * @free: free objects of the counted ones
 * @error: 0 if the whole list was counted; -E2BIG if it is longer; -EFAULT, -ELOOP if it is broken
 */
struct partial {
	unsigned long node;
	unsigned int limit;
	u64 nr;
	s64 counted;
	s64 free;
	int error;
};

/* From one end of the list, up to @limit slabs. */
static void walk_end(struct partial *partial, bool backward, unsigned int limit)
{
	struct mt_klist walk;
	u64 slab[SLAB_FIELDS];
	unsigned long entry;

	mt_klist_start(&walk, partial->node + mt_node_partial.offset, limit);
	walk.backward = backward;
	while ((entry = mt_klist_next(&walk))) {
		if (!read_slab(entry - mt_slab_list.offset, slab)) {
			walk.error = -EFAULT;
			break;
		}
		partial->free += slab[SLAB_OBJECTS] - slab[SLAB_INUSE];
		partial->counted++;
	}
	partial->error = walk.error;
}

/* A long list is sampled from both ends: the kernel sorts it by how full the slabs are. */
static void walk_partial(void *arg)
{
	struct partial *partial = arg;

	if (!mt_kread_field(partial->node, &mt_node_nr_partial, &partial->nr)) {
		partial->error = -EFAULT;
		return;
	}
	if (partial->nr <= partial->limit) {
		walk_end(partial, false, partial->limit);
		return;
	}
	walk_end(partial, false, partial->limit / 2);
	if (partial->error == -E2BIG)
		walk_end(partial, true, partial->limit / 2);
}

static void count_partial(struct census *census, unsigned long node)
{
	spinlock_t *lock = (spinlock_t *)(node + mt_node_list_lock.offset);
	struct partial partial = { .node = node, .limit = READ_ONCE(partial_scan) };

	if (!mt_klock_spin(&mt_klock_list_lock, lock, walk_partial, &partial)) {
		census->exact = false;
		return;
	}
	census->exact &= !partial.error;
	if (partial.error == -E2BIG && partial.counted && partial.nr > partial.counted)
		partial.free = div64_s64(partial.free * (s64)partial.nr, partial.counted);
	census->free += partial.free;
}

/* The first two change whenever the CPU takes or frees an object: enough to see whether it did. */
enum { CPU_TID, CPU_PARTIAL, CPU_FREELIST, CPU_SLAB, CPU_FIELDS, CPU_MOVES = CPU_FREELIST };

static const struct mt_field *const cpu_fields[] = {
	[CPU_TID] = &mt_cpu_tid,
	[CPU_PARTIAL] = &mt_cpu_partial,
	[CPU_FREELIST] = &mt_cpu_freelist,
	[CPU_SLAB] = &mt_cpu_slab,
	[CPU_FIELDS] = NULL
};

static const struct mt_field *const cpu_moves[] = {
	[CPU_TID] = &mt_cpu_tid,
	[CPU_PARTIAL] = &mt_cpu_partial,
	[CPU_MOVES] = NULL
};

/*
 * What one CPU has free: on its freelist, on its own slab where others freed to it meanwhile, and
 * on its partial slabs. False if it moved so much that it made no sense.
 */
static bool count_cpu(struct census *census, const u64 *cpu)
{
	struct mt_kchain chain;
	u64 slab[SLAB_FIELDS];
	unsigned int slabs;
	s64 free = 0;

	if (cpu[CPU_SLAB]) {
		if (!read_slab(cpu[CPU_SLAB], slab) ||
		    !mt_slab_chain_find(&chain, census->cache, cpu[CPU_SLAB], slab[SLAB_OBJECTS]) ||
		    mt_kchain_read(&chain, cpu[CPU_FREELIST], slab[SLAB_OBJECTS]))
			return false;
		free = slab[SLAB_OBJECTS] - slab[SLAB_INUSE] + chain.length;
	}
	slab[SLAB_NEXT] = cpu[CPU_PARTIAL];
	for (slabs = 0; slab[SLAB_NEXT] && mt_slab_next.known; slabs++) {
		if (slabs >= MAX_CPU_PARTIAL || !read_slab(slab[SLAB_NEXT], slab))
			return false;
		free += slab[SLAB_OBJECTS] - slab[SLAB_INUSE];
	}
	census->free += free;
	return true;
}

static void visit_cpus(struct census *census)
{
	const struct mt_field *const *fields = census->counting ? cpu_fields : cpu_moves;
	unsigned long percpu = census->fields[CACHE_CPU_SLAB];
	u64 values[CPU_FIELDS];
	int cpu;

	/* the caches that debugging keeps on the slow path have none in some kernels */
	if (!percpu)
		return;
	for_each_possible_cpu(cpu) {
		if (!mt_kread_fields(percpu + per_cpu_offset(cpu), fields, values)) {
			census->exact = false;
			continue;
		}
		note(census, values, CPU_MOVES);
		if (census->counting && !count_cpu(census, values))
			census->exact = false;
	}
}

enum { SHEAVES_MAIN, SHEAVES_SPARE, SHEAVES_RCU_FREE, SHEAVES_FIELDS };

static const struct mt_field *const sheaves_fields[] = {
	[SHEAVES_MAIN] = &mt_sheaves_main,
	[SHEAVES_SPARE] = &mt_sheaves_spare,
	[SHEAVES_RCU_FREE] = &mt_sheaves_rcu_free,
	[SHEAVES_FIELDS] = NULL
};

static void visit_sheaves(struct census *census)
{
	unsigned long percpu = census->fields[CACHE_CPU_SHEAVES];
	u64 sheaves[SHEAVES_FIELDS];
	unsigned int i;
	u64 size;
	int cpu;

	if (!percpu)
		return;
	for_each_possible_cpu(cpu) {
		if (!mt_kread_fields(percpu + per_cpu_offset(cpu), sheaves_fields, sheaves)) {
			census->exact = false;
			continue;
		}
		note(census, sheaves, SHEAVES_FIELDS);
		for (i = 0; i < SHEAVES_FIELDS; i++) {
			if (!sheaves[i])
				continue;
			if (!mt_kread_field(sheaves[i], &mt_sheaf_size, &size)) {
				census->exact = false;
				continue;
			}
			note(census, &size, 1);
			census->free += size;
		}
	}
}

/* The full sheaves of a node hold as many objects as the cache's sheaves have room for. */
static void visit_barn(struct census *census, unsigned long barn)
{
	u64 nr_full;

	if (!mt_kread_field(barn, &mt_barn_nr_full, &nr_full)) {
		census->exact = false;
		return;
	}
	note(census, &nr_full, 1);
	census->free += nr_full * census->fields[CACHE_SHEAF_CAPACITY];
}

enum { NODE_NR_SLABS, NODE_TOTAL_OBJECTS, NODE_NR_PARTIAL, NODE_FIELDS };

static const struct mt_field *const node_fields[] = {
	[NODE_NR_SLABS] = &mt_node_nr_slabs,
	[NODE_TOTAL_OBJECTS] = &mt_node_total_objects,
	[NODE_NR_PARTIAL] = &mt_node_nr_partial,
	[NODE_FIELDS] = NULL
};

static void visit_nodes(struct census *census)
{
	bool sheaves = mt_slab_sheaf_table.state == MT_RELO_READY;
	u64 values[NODE_FIELDS];
	unsigned long node, barn;
	int nid;

	mt_slab_node_for_each(nid) {
		if (!mt_slab_node_find(census->cache->id, nid, &node, &barn)) {
			census->exact = false;
			continue;
		}
		if (sheaves && barn)
			visit_barn(census, barn);
		if (!node)
			continue;
		if (!mt_kread_fields(node, node_fields, values)) {
			census->exact = false;
			continue;
		}
		note(census, values, NODE_FIELDS);
		census->slabs += values[NODE_NR_SLABS];
		census->objects += values[NODE_TOTAL_OBJECTS];
		if (census->counting && values[NODE_NR_PARTIAL])
			count_partial(census, node);
	}
}

static void visit_places(struct census *census, bool counting)
{
	census->counting = counting;
	census->state = 0;
	census->slabs = 0;
	census->objects = 0;
	census->free = 0;
	census->exact = true;
	visit_nodes(census);
	/* where no node has a slab, no CPU has one, nor an object of one in a sheaf */
	if (!census->slabs)
		return;
	if (mt_slab_cpu_table.state == MT_RELO_READY)
		visit_cpus(census);
	if (mt_slab_sheaf_table.state == MT_RELO_READY)
		visit_sheaves(census);
}

static void count_objects(struct mt_slab_cache *out, const u64 *fields)
{
	struct census counted = { .cache = out, .fields = fields };
	struct census after = counted;
	bool moved;
	int tries = 0;

	do {
		visit_places(&counted, true);
		visit_places(&after, false);
		moved = counted.state != after.state;
	} while (moved && ++tries < TRIES);

	out->slabs = counted.slabs;
	out->objects = counted.objects;
	out->active = counted.objects - counted.free;
	out->active_exact = counted.exact && !moved;
	if (out->active < 0 || out->active > out->objects) {
		out->active = clamp(out->active, 0LL, out->objects);
		out->active_exact = false;
	}
	out->active_known = mt_slab_parked_known();
}

/*
 * Slabs have one of two sizes: the order the cache wants, and the smallest one that takes an
 * object, for when memory is short. How many of each there are follows from the number of objects.
 */
static void weigh(struct mt_slab_cache *out, u32 oo, u32 min)
{
	s64 missing = out->slabs * (oo & OO_MASK) - out->objects;
	s64 step = (oo & OO_MASK) - (min & OO_MASK);
	s64 small;

	out->order = oo >> OO_BITS;
	out->pages = out->slabs << out->order;
	out->pages_exact = !missing;
	if (!missing || step <= 0)
		return;
	small = div64_s64(missing, step);
	if (small < 0 || small > out->slabs)
		return;
	out->pages -= (small << out->order) - (small << (min >> OO_BITS));
	out->pages_exact = small * step == missing;
}

/* Whoever divides by these, or adds to an address, relies on it. */
static bool is_sensible(const u64 *fields)
{
	u64 size = fields[CACHE_SIZE];
	u64 oo = fields[CACHE_OO], min = fields[CACHE_MIN];

	return oo >> OO_BITS <= MAX_SLAB_ORDER && min >> OO_BITS <= oo >> OO_BITS &&
	       size >= sizeof(long) && size <= PAGE_SIZE << (oo >> OO_BITS) &&
	       fields[CACHE_OBJECT_SIZE] <= size && fields[CACHE_OFFSET] <= size - sizeof(long) &&
	       fields[CACHE_RED_LEFT_PAD] < size;
}

static bool read_cache(struct mt_slab_cache *out, unsigned long cache)
{
	u64 fields[CACHE_FIELDS];
	u32 oo, min;

	if (!mt_kread_fields(cache, cache_fields, fields) || !is_sensible(fields))
		return false;
	oo = fields[CACHE_OO];
	min = fields[CACHE_MIN];
	out->id = cache;
	out->name_addr = fields[CACHE_NAME];
	out->kobject_id = fields[CACHE_KOBJECT];
	out->object_size = fields[CACHE_OBJECT_SIZE];
	out->size = fields[CACHE_SIZE];
	out->reclaimable = fields[CACHE_FLAGS] & (__force u64)SLAB_RECLAIM_ACCOUNT;
	out->stores_user = fields[CACHE_FLAGS] & (__force u64)SLAB_STORE_USER;
	out->users = (int)fields[CACHE_REFCOUNT];
	out->link = fields[CACHE_OFFSET];
	out->sheaf_capacity = fields[CACHE_SHEAF_CAPACITY];
	out->key = fields[CACHE_RANDOM];
	out->first = fields[CACHE_RED_LEFT_PAD];
	/* names are printed with commas between them */
	if (!mt_kread_name(out->name, fields[CACHE_NAME], sizeof(out->name), ',') || !out->name[0])
		strscpy(out->name, "(no name)", sizeof(out->name));
	count_objects(out, fields);
	weigh(out, oo, min);
	return true;
}

/* Returns false if there were more caches than room. */
static bool read_all(struct mt_slab_list *list, unsigned int room)
{
	unsigned long entry;
	struct mt_klist walk;

	list->nr = 0;
	list->error = 0;
	mt_klist_start(&walk, mt_sym_slab_caches, MAX_CACHES);
	while ((entry = mt_klist_next(&walk))) {
		if (list->nr == room)
			return false;
		cond_resched();
		if (fatal_signal_pending(current)) {
			list->error = -EINTR;
			return true;
		}
		if (!read_cache(&list->caches[list->nr], entry - mt_cache_list.offset)) {
			list->error = -EFAULT;
			continue;
		}
		list->nr++;
	}
	if (walk.error)
		list->error = walk.error;
	return true;
}

/*
 * Where to look for a cache in the table of slots: linear probing, and never more than half of the
 * slots are in use.
 */
static unsigned int first_slot(const struct mt_slab_list *list, unsigned long id)
{
	return hash_long(id, 32) & (list->nr_slots - 1);
}

static void fill_slots(struct mt_slab_list *list)
{
	unsigned int i, slot;

	for (i = 0; i < list->nr; i++) {
		slot = first_slot(list, list->caches[i].id);
		while (list->slots[slot])
			slot = (slot + 1) & (list->nr_slots - 1);
		list->slots[slot] = i + 1;
	}
}

/**
 * mt_slab_index() - which cache is this?
 * @list: the caches
 * @id: address of a struct kmem_cache, which is not followed
 *
 * Context: any.
 * Return: its index in @list->caches; -1 if it is none of them.
 */
int mt_slab_index(const struct mt_slab_list *list, unsigned long id)
{
	unsigned int slot = first_slot(list, id);

	for (; list->slots[slot]; slot = (slot + 1) & (list->nr_slots - 1)) {
		if (list->caches[list->slots[slot] - 1].id == id)
			return list->slots[slot] - 1;
	}
	return -1;
}

/**
 * mt_slab_capacity() - how many objects fit into the slabs that a cache has
 * @id: address of a struct kmem_cache that is never destroyed
 *
 * Context: any.
 * Return: the number; -1 if it is unknown.
 */
s64 mt_slab_capacity(unsigned long id)
{
	unsigned long node, barn;
	s64 capacity = 0;
	u64 objects;
	int nid;

	if (mt_slab_cache_table.state != MT_RELO_READY || !mt_slab_node_known())
		return -1;
	mt_slab_node_for_each(nid) {
		if (!mt_slab_node_find(id, nid, &node, &barn))
			return -1;
		if (!node)
			continue;
		if (!mt_kread_field(node, &mt_node_total_objects, &objects))
			return -1;
		capacity += objects;
	}
	return capacity;
}

/**
 * mt_slab_is_description() - does a cache only describe the objects of others?
 * @cache: the cache
 *
 * An object of kmemleak's has the address of each object that there is, and holds none of them.
 *
 * Context: any.
 * Return: true if it does.
 */
bool mt_slab_is_description(const struct mt_slab_cache *cache)
{
	return !strcmp(cache->name, "kmemleak_object");
}

/**
 * mt_slab_is_suspect() - is a cache worth a look at its objects?
 * @cache: the cache
 *
 * Context: any.
 * Return: true if it has many objects, or a good deal of memory.
 */
bool mt_slab_is_suspect(const struct mt_slab_cache *cache)
{
	return cache->active_known &&
	       (cache->active >= SUSPECT_OBJECTS ||
		(cache->active >= SUSPECT_OBJECTS / 10 &&
		 cache->pages >= (s64)totalram_pages() / SUSPECT_PART));
}

/**
 * mt_slab_is_large() - does a cache have so much memory that it is worth a search by itself?
 * @cache: the cache
 *
 * Context: any.
 * Return: true if it has two percent of all memory.
 */
bool mt_slab_is_large(const struct mt_slab_cache *cache)
{
	return cache->pages >= (s64)totalram_pages() / LARGE_PART;
}

static s64 counted_pages(void)
{
	struct mt_vmstat vmstat;

	mt_vmstat_read(&vmstat);
	return mt_vmstat_slab(&vmstat);
}

/**
 * mt_slab_read() - read all caches
 * @list: gets them; give it back with mt_slab_free() on success
 *
 * Context: process context, no lock held, may sleep. Takes slab_mutex, and in it list_lock.
 * Return: 0, also when the walk ended early and @list->error says why; -EOPNOTSUPP if this kernel's
 * caches are unknown; -EBUSY if slab_mutex was not to be had; -ENOMEM.
 */
int mt_slab_read(struct mt_slab_list *list)
{
	struct mutex *mutex = (struct mutex *)mt_sym_slab_mutex;
	unsigned int room = READ_ONCE(last_nr) + SPARE;
	bool complete = false;
	u64 taken_ns;

	if (mt_slab_cache_table.state != MT_RELO_READY || !mt_slab_node_known())
		return -EOPNOTSUPP;

	for (; !complete && room < 2 * MAX_CACHES; room *= 2) {
		list->nr_slots = roundup_pow_of_two(2 * room);
		list->slots = mt_memory_zalloc(list->nr_slots * sizeof(*list->slots));
		list->caches = mt_memory_alloc(room * sizeof(*list->caches));
		if (!list->caches || !list->slots) {
			mt_slab_free(list);
			return -ENOMEM;
		}
		taken_ns = mt_klock_mutex(mutex);
		if (!taken_ns) {
			mt_slab_free(list);
			return -EBUSY;
		}
		list->pages_before = counted_pages();
		complete = read_all(list, room);
		list->pages_after = counted_pages();
		mt_klock_mutex_drop(&mt_klock_slab_mutex, mutex, taken_ns);
		if (complete)
			fill_slots(list);
		else
			mt_slab_free(list);
	}
	if (!complete)
		return -E2BIG;
	WRITE_ONCE(last_nr, list->nr);
	return 0;
}

/**
 * mt_slab_free() - give back what mt_slab_read() allocated
 * @list: the caches
 *
 * Context: any.
 */
void mt_slab_free(struct mt_slab_list *list)
{
	mt_memory_free(list->caches);
	mt_memory_free(list->slots);
	list->caches = NULL;
	list->slots = NULL;
	list->nr = 0;
}
