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
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/nodemask.h>
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

/* How often a cache is counted when its objects move meanwhile. */
#define TRIES			4

static unsigned int partial_scan = 1024;
MT_KNOB(partial_scan, partial_scan, 16, 8192,
	"partial slabs of a node that are counted one by one; of a longer list the rest is estimated");

/*
 * struct free_count - free objects found so far
 * @objects: how many
 * @exact: nothing moved while they were counted, and nothing was left out
 */
struct free_count {
	s64 objects;
	bool exact;
};

static const struct mt_field *const slab_fields[] = {
	&mt_slab_objects, &mt_slab_inuse, &mt_slab_next, NULL
};

/* Free objects of a slab, as far as the slab knows; *next is the slab after it on a CPU's list. */
static bool read_slab(unsigned long slab, u64 *objects, u64 *free, u64 *next)
{
	struct mt_kobject copy;
	u64 inuse;

	if (!mt_kread_object(&copy, slab, slab_fields) ||
	    !mt_kobject_field(&copy, &mt_slab_objects, objects) ||
	    !mt_kobject_field(&copy, &mt_slab_inuse, &inuse) || inuse > *objects)
		return false;
	*free = *objects - inuse;
	*next = 0;
	return !mt_slab_next.known || mt_kobject_field(&copy, &mt_slab_next, next);
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
	unsigned long entry;
	u64 objects, free, next;

	mt_klist_start(&walk, partial->node + mt_node_partial.offset, limit);
	walk.backward = backward;
	while ((entry = mt_klist_next(&walk))) {
		if (!read_slab(entry - mt_slab_list.offset, &objects, &free, &next)) {
			walk.error = -EFAULT;
			break;
		}
		partial->free += free;
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

static void count_partial(unsigned long node, struct free_count *free)
{
	spinlock_t *lock = (spinlock_t *)(node + mt_node_list_lock.offset);
	struct partial partial = { .node = node, .limit = READ_ONCE(partial_scan) };

	if (!mt_klock_spin(&mt_klock_list_lock, lock, walk_partial, &partial)) {
		free->exact = false;
		return;
	}
	free->exact &= !partial.error;
	if (partial.error == -E2BIG && partial.counted && partial.nr > partial.counted)
		partial.free = div64_s64(partial.free * (s64)partial.nr, partial.counted);
	free->objects += partial.free;
}

static const struct mt_field *const cpu_fields[] = {
	&mt_cpu_freelist, &mt_cpu_tid, &mt_cpu_slab, &mt_cpu_partial, NULL
};

/*
 * What one CPU has free: on its freelist, on its own slab where others freed to it meanwhile, and
 * on its partial slabs. False if it moved so much that it made no sense.
 */
static bool count_cpu(const struct mt_slab_cache *cache, unsigned long cpu_slab, s64 *total)
{
	u64 freelist, slab, objects, free, next, partial = 0;
	struct mt_kobject copy;
	struct mt_kchain chain;
	unsigned int slabs;

	*total = 0;
	if (!mt_kread_object(&copy, cpu_slab, cpu_fields) ||
	    !mt_kobject_field(&copy, &mt_cpu_slab, &slab) ||
	    !mt_kobject_field(&copy, &mt_cpu_freelist, &freelist))
		return false;
	if (slab) {
		if (!read_slab(slab, &objects, &free, &next))
			return false;
		if (!mt_slab_chain_find(&chain, cache, slab, objects) ||
		    mt_kchain_read(&chain, freelist, objects))
			return false;
		*total += free + chain.length;
	}
	mt_kobject_field(&copy, &mt_cpu_partial, &partial);
	for (slabs = 0, slab = partial; slab && mt_slab_next.known; slabs++) {
		if (slabs >= MAX_CPU_PARTIAL || !read_slab(slab, &objects, &free, &slab))
			return false;
		*total += free;
	}
	return true;
}

static void count_cpu_slabs(const struct mt_slab_cache *cache, struct free_count *free)
{
	u64 percpu;
	int cpu;

	if (!mt_kread_field(cache->id, &mt_cache_cpu_slab, &percpu)) {
		free->exact = false;
		return;
	}
	/* the caches that debugging keeps on the slow path have none in some kernels */
	if (!percpu)
		return;
	for_each_possible_cpu(cpu) {
		s64 objects;

		if (count_cpu(cache, percpu + per_cpu_offset(cpu), &objects))
			free->objects += objects;
		else
			free->exact = false;
	}
}

static bool add_sheaf(unsigned long sheaves, const struct mt_field *which, s64 *free)
{
	u64 sheaf, size;

	if (!mt_kread_field(sheaves, which, &sheaf))
		return false;
	if (!sheaf)
		return true;
	if (!mt_kread_field(sheaf, &mt_sheaf_size, &size))
		return false;
	*free += size;
	return true;
}

static void count_sheaves(unsigned long cache, struct free_count *free)
{
	u64 percpu;
	int cpu;

	if (!mt_kread_field(cache, &mt_cache_cpu_sheaves, &percpu)) {
		free->exact = false;
		return;
	}
	if (!percpu)
		return;
	for_each_possible_cpu(cpu) {
		unsigned long sheaves = percpu + per_cpu_offset(cpu);

		if (!add_sheaf(sheaves, &mt_sheaves_main, &free->objects) ||
		    !add_sheaf(sheaves, &mt_sheaves_spare, &free->objects) ||
		    !add_sheaf(sheaves, &mt_sheaves_rcu_free, &free->objects))
			free->exact = false;
	}
}

/* The full sheaves of a node hold as many objects as the cache's sheaves have room for. */
static void count_barn(unsigned long cache, unsigned long barn, struct free_count *free)
{
	u64 nr_full, capacity;

	if (!barn)
		return;
	if (!mt_kread_field(barn, &mt_barn_nr_full, &nr_full) ||
	    !mt_kread_field(cache, &mt_cache_sheaf_capacity, &capacity)) {
		free->exact = false;
		return;
	}
	free->objects += nr_full * capacity;
}

static const struct mt_field *const node_fields[] = {
	&mt_node_nr_slabs, &mt_node_total_objects, &mt_node_nr_partial, NULL
};

static void count_nodes(struct mt_slab_cache *out, unsigned long cache, struct free_count *free)
{
	bool sheaves = mt_slab_sheaf_table.state == MT_RELO_READY;
	int nid;

	out->slabs = 0;
	out->objects = 0;
	for_each_node_state(nid, N_ONLINE) {
		u64 slabs, objects, nr_partial;
		unsigned long node, barn;
		struct mt_kobject copy;

		if (!mt_slab_node_find(cache, nid, &node, &barn)) {
			free->exact = false;
			continue;
		}
		if (sheaves)
			count_barn(cache, barn, free);
		if (!node)
			continue;
		if (!mt_kread_object(&copy, node, node_fields) ||
		    !mt_kobject_field(&copy, &mt_node_nr_slabs, &slabs) ||
		    !mt_kobject_field(&copy, &mt_node_total_objects, &objects) ||
		    !mt_kobject_field(&copy, &mt_node_nr_partial, &nr_partial)) {
			free->exact = false;
			continue;
		}
		out->slabs += slabs;
		out->objects += objects;
		if (nr_partial)
			count_partial(node, free);
	}
}

static u64 mix(u64 state, u64 value)
{
	return (state ^ value) * GOLDEN_RATIO_64;
}

static u64 mix_object(u64 state, unsigned long object, const struct mt_field *const *fields)
{
	struct mt_kobject copy;
	u64 value;

	if (!object || !mt_kread_object(&copy, object, fields))
		return state;
	for (; *fields; fields++) {
		if (mt_kobject_field(&copy, *fields, &value))
			state = mix(state, value);
	}
	return state;
}

static u64 mix_sheaf(u64 state, unsigned long sheaves, const struct mt_field *which)
{
	u64 sheaf, size = 0;

	if (!mt_kread_field(sheaves, which, &sheaf))
		return state;
	if (sheaf)
		mt_kread_field(sheaf, &mt_sheaf_size, &size);
	return mix(mix(state, sheaf), size);
}

/*
 * All that changes when an object moves from one place to another: if it is the same before and
 * after the counting, nothing moved between the places while they were counted one by one.
 */
static u64 movements(unsigned long cache)
{
	u64 percpu, nr_full, state = 0;
	unsigned long node, barn;
	int nid, cpu;

	for_each_node_state(nid, N_ONLINE) {
		if (!mt_slab_node_find(cache, nid, &node, &barn))
			continue;
		state = mix_object(state, node, node_fields);
		if (barn && mt_kread_field(barn, &mt_barn_nr_full, &nr_full))
			state = mix(state, nr_full);
	}
	if (mt_kread_field(cache, &mt_cache_cpu_slab, &percpu) && percpu) {
		for_each_possible_cpu(cpu)
			state = mix_object(state, percpu + per_cpu_offset(cpu), cpu_fields);
	}
	if (mt_kread_field(cache, &mt_cache_cpu_sheaves, &percpu) && percpu) {
		for_each_possible_cpu(cpu) {
			unsigned long sheaves = percpu + per_cpu_offset(cpu);

			state = mix_sheaf(state, sheaves, &mt_sheaves_main);
			state = mix_sheaf(state, sheaves, &mt_sheaves_spare);
			state = mix_sheaf(state, sheaves, &mt_sheaves_rcu_free);
		}
	}
	return state;
}

static void count_objects(struct mt_slab_cache *out, unsigned long cache)
{
	struct free_count free;
	u64 before, after;
	int tries = 0;

	after = movements(cache);
	do {
		free = (struct free_count) { .exact = true };
		before = after;
		count_nodes(out, cache, &free);
		if (mt_slab_cpu_table.state == MT_RELO_READY)
			count_cpu_slabs(out, &free);
		if (mt_slab_sheaf_table.state == MT_RELO_READY)
			count_sheaves(cache, &free);
		after = movements(cache);
	} while (before != after && ++tries < TRIES);

	out->active = out->objects - free.objects;
	out->active_exact = free.exact && before == after;
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

static const struct mt_field *const cache_fields[] = {
	&mt_cache_name, &mt_cache_flags, &mt_cache_size, &mt_cache_object_size, &mt_cache_oo,
	&mt_cache_min, &mt_cache_refcount, &mt_cache_kobj_sd, &mt_cache_offset, &mt_cache_random,
	&mt_cache_red_left_pad, NULL
};

static bool read_cache(struct mt_slab_cache *out, unsigned long cache)
{
	u64 name, flags, size, object_size, oo, min, refcount, value;
	struct mt_kobject copy;

	if (!mt_kread_object(&copy, cache, cache_fields) ||
	    !mt_kobject_field(&copy, &mt_cache_name, &name) ||
	    !mt_kobject_field(&copy, &mt_cache_flags, &flags) ||
	    !mt_kobject_field(&copy, &mt_cache_size, &size) ||
	    !mt_kobject_field(&copy, &mt_cache_object_size, &object_size) ||
	    !mt_kobject_field(&copy, &mt_cache_oo, &oo) ||
	    !mt_kobject_field(&copy, &mt_cache_min, &min) ||
	    !mt_kobject_field(&copy, &mt_cache_refcount, &refcount))
		return false;
	*out = (struct mt_slab_cache) {
		.id = cache,
		.name_addr = name,
		.object_size = object_size,
		.size = size,
		.reclaimable = flags & (__force u64)SLAB_RECLAIM_ACCOUNT,
		.stores_user = flags & (__force u64)SLAB_STORE_USER,
		.users = (int)refcount,
	};
	if (mt_kobject_field(&copy, &mt_cache_kobj_sd, &value))
		out->kobject_id = value;
	if (mt_kobject_field(&copy, &mt_cache_offset, &value))
		out->link = value;
	if (mt_kobject_field(&copy, &mt_cache_random, &value))
		out->key = value;
	if (mt_kobject_field(&copy, &mt_cache_red_left_pad, &value))
		out->first = value;
	if (!mt_kread_string(out->name, name, sizeof(out->name)) || !out->name[0])
		strscpy(out->name, "(no name)", sizeof(out->name));
	/* names are printed with commas between them */
	strreplace(out->name, ',', '_');
	if (oo >> OO_BITS > MAX_SLAB_ORDER || min >> OO_BITS > oo >> OO_BITS)
		return false;
	count_objects(out, cache);
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
	unsigned int room = 256;
	bool complete = false;
	u64 taken_ns;

	if (mt_slab_cache_table.state != MT_RELO_READY || !mt_slab_node_known())
		return -EOPNOTSUPP;

	for (; !complete && room <= MAX_CACHES; room *= 2) {
		list->nr_slots = 2 * room;
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
	return complete ? 0 : -E2BIG;
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
