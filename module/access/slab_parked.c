// SPDX-License-Identifier: GPL-2.0
/*
 * slab_parked.c - knows where free objects lie that their slabs take for allocated.
 *
 * On the freelist that a CPU took off its slab; in newer kernels in the sheaves of a CPU, which are
 * arrays of free objects, and in the full sheaves of a node's barn.
 *
 * Locking: none of its own. The caller holds slab_mutex, or has stopped the machine while nobody
 * held it, so that the cache is there; what belongs to a CPU or a barn is read without a lock.
 * Consistency: none between two places: an object that moves meanwhile is seen twice or not at all.
 */
#include "access/slab_parked.h"

#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sort.h>

#include "access/slab.h"
#include "access/slab_chain.h"
#include "access/slab_layout.h"
#include "access/slab_node.h"
#include "introspect/kread.h"

/* A sheaf with more objects, or a barn with more sheaves, is corrupted. */
#define MAX_SHEAF_OBJECTS	4096
#define MAX_FULL_SHEAVES	1024

/* A ready table may have words all the same: of an entry that some kernels lack, and is hidden. */
static bool is_whole(const struct mt_relo_table *table)
{
	return table->state == MT_RELO_READY && !table->missing[0];
}

/**
 * mt_slab_parked_known() - wherever this kernel may keep free objects, can we look there?
 *
 * Context: any.
 * Return: true if free objects can be counted and found.
 */
bool mt_slab_parked_known(void)
{
	bool cpu = is_whole(&mt_slab_cpu_table);
	bool sheaf = is_whole(&mt_slab_sheaf_table) &&
		     (mt_per_node_barn.known || mt_node_barn.known);

	return (cpu || mt_slab_cpu_table.state == MT_RELO_ABSENT) &&
	       (sheaf || mt_slab_sheaf_table.state == MT_RELO_ABSENT) && (cpu || sheaf);
}

/* What a CPU took off its slab's freelist. The chain goes straight into the array. */
static bool add_freelist(struct mt_slab_parked *parked, const struct mt_slab_cache *cache,
			 unsigned long cpu_slab)
{
	u64 slab, freelist, objects;
	struct mt_kchain chain;
	unsigned long max;
	int err;

	if (!mt_kread_field(cpu_slab, &mt_cpu_slab, &slab) ||
	    !mt_kread_field(cpu_slab, &mt_cpu_freelist, &freelist))
		return false;
	if (!slab || !freelist)
		return true;
	if (!mt_kread_field(slab, &mt_slab_objects, &objects) ||
	    !mt_slab_chain_find(&chain, cache, slab, objects))
		return false;
	max = min_t(u64, objects, parked->room - parked->nr);
	chain.elements = parked->objects + parked->nr;
	err = mt_kchain_read(&chain, freelist, max);
	parked->nr += chain.length;
	if (err == -ELOOP && max < objects)
		parked->overflow = true;
	return !err;
}

static bool add_sheaf(struct mt_slab_parked *parked, unsigned long sheaf)
{
	u64 size;

	if (!mt_kread_field(sheaf, &mt_sheaf_size, &size) || size > MAX_SHEAF_OBJECTS)
		return false;
	if (size > parked->room - parked->nr) {
		parked->overflow = true;
		return false;
	}
	if (!mt_kread(parked->objects + parked->nr, sheaf + mt_sheaf_objects.offset,
		      size * sizeof(*parked->objects)))
		return false;
	parked->nr += size;
	return true;
}

static bool add_sheaf_of(struct mt_slab_parked *parked, unsigned long sheaves,
			 const struct mt_field *which)
{
	u64 sheaf;

	if (!mt_kread_field(sheaves, which, &sheaf))
		return false;
	return !sheaf || add_sheaf(parked, sheaf);
}

static bool add_barn(struct mt_slab_parked *parked, unsigned long barn)
{
	struct mt_klist walk;
	unsigned long entry;
	bool exact = true;

	mt_klist_start(&walk, barn + mt_barn_sheaves_full.offset, MAX_FULL_SHEAVES);
	while ((entry = mt_klist_next(&walk)))
		exact &= add_sheaf(parked, entry - mt_sheaf_barn_list.offset);
	return exact && !walk.error;
}

static void add_cpus(struct mt_slab_parked *parked, const struct mt_slab_cache *cache)
{
	u64 cpu_slab = 0, sheaves = 0;
	int cpu;

	if (mt_slab_cpu_table.state == MT_RELO_READY)
		parked->exact &= mt_kread_field(cache->id, &mt_cache_cpu_slab, &cpu_slab);
	if (mt_slab_sheaf_table.state == MT_RELO_READY)
		parked->exact &= mt_kread_field(cache->id, &mt_cache_cpu_sheaves, &sheaves);
	for_each_possible_cpu(cpu) {
		unsigned long offset = per_cpu_offset(cpu);

		if (cpu_slab)
			parked->exact &= add_freelist(parked, cache, cpu_slab + offset);
		if (sheaves)
			parked->exact &=
				add_sheaf_of(parked, sheaves + offset, &mt_sheaves_main) &
				add_sheaf_of(parked, sheaves + offset, &mt_sheaves_spare) &
				add_sheaf_of(parked, sheaves + offset, &mt_sheaves_rcu_free);
	}
}

/**
 * mt_slab_parked_add() - add the parked objects of a cache
 * @parked: gets them
 * @cache: the cache, as it was read; it must still be there
 *
 * Context: any in which the cache cannot go away; reads only, sleeps not.
 */
void mt_slab_parked_add(struct mt_slab_parked *parked, const struct mt_slab_cache *cache)
{
	unsigned long node, barn;
	int nid;

	add_cpus(parked, cache);
	if (mt_slab_sheaf_table.state != MT_RELO_READY)
		return;
	mt_slab_node_for_each(nid) {
		if (!mt_slab_node_find(cache->id, nid, &node, &barn))
			parked->exact = false;
		else if (barn)
			parked->exact &= add_barn(parked, barn);
	}
}

static int compare(const void *a, const void *b)
{
	unsigned long left = *(const unsigned long *)a, right = *(const unsigned long *)b;

	/* there may be millions, and sort() does not look up */
	cond_resched();
	return left < right ? -1 : left > right;
}

/**
 * mt_slab_parked_sort() - sort, for mt_slab_parked_from()
 * @parked: the objects
 *
 * Context: process context, may sleep; n log n steps.
 */
void mt_slab_parked_sort(struct mt_slab_parked *parked)
{
	sort(parked->objects, parked->nr, sizeof(*parked->objects), compare, NULL);
}

/**
 * mt_slab_parked_from() - the parked objects from an address on
 * @parked: the objects, sorted
 * @addr: the address
 *
 * Context: any.
 * Return: the first one that is not below @addr; the end of the array if there is none.
 */
const unsigned long *mt_slab_parked_from(const struct mt_slab_parked *parked, unsigned long addr)
{
	unsigned int from = 0, to = parked->nr;

	while (from < to) {
		unsigned int middle = from + (to - from) / 2;

		if (parked->objects[middle] < addr)
			from = middle + 1;
		else
			to = middle;
	}
	return parked->objects + from;
}
