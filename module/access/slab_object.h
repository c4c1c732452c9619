/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_OBJECT_H
#define MT_SLAB_OBJECT_H

#include <linux/bitops.h>
#include <linux/types.h>

#include "access/slab.h"

/**
 * struct mt_slab_objects - the objects of one slab
 * @cache: index of its cache in the list
 * @first: address of the object with number 0; never printed
 * @stride: bytes from one object to the next
 * @nr: objects in the slab
 * @allocated: bitmap of @nr bits: these are allocated
 * @nr_allocated: how many bits are set
 * @exact: at one moment the slab was just so; otherwise it moved each time it was looked at
 *
 * Only valid inside the visit. An object may be freed, and its page be given back, at any moment:
 * it is read with mt_kread().
 */
struct mt_slab_objects {
	unsigned int cache;
	unsigned long first;
	u32 stride;
	unsigned int nr;
	const unsigned long *allocated;
	unsigned int nr_allocated;
	bool exact;
};

/* Each allocated object of a slab: _i is its number, _addr its address. */
#define mt_slab_for_each_object(_slab, _i, _addr) \
	for ((_i) = find_first_bit((_slab)->allocated, (_slab)->nr); \
	     (_addr) = (_slab)->first + (unsigned long)(_i) * (_slab)->stride, \
	     (_i) < (_slab)->nr; \
	     (_i) = find_next_bit((_slab)->allocated, (_slab)->nr, (_i) + 1))

/**
 * struct mt_slab_walk - a walk over the slabs of some caches
 * @list: the caches, from mt_slab_read()
 * @wanted: bitmap of the caches to look at, by index in @list->caches; NULL for all
 * @visit: called for each slab, in process context, may sleep but not long: memory that goes
 *         offline waits for it (access/page_fence.c); false ends the walk
 * @arg: handed to @visit
 * @budget_ns: what the walk may take, visits included; 0 for all memory. With a budget, memory is
 *             looked at in blocks of 2 MiB in a scattered order, so that what was seen is a sample.
 * @slabs: set by the walk: slabs visited
 * @inexact_slabs: set by the walk: of these, how many were not exact
 * @poisoned_slabs: set by the walk: slabs that were not visited because memory of theirs failed
 * @unread_slabs: set by the walk: slabs that were not visited because they made no sense
 * @parked_exact: set by the walk: the free objects outside of slabs were found, all of them
 * @stopped: set by the walk: all slabs were seen at one moment, see the parameter exact_ms
 * @stopped_ns: set by the walk: how long the machine stood still for it; 0 if it did not
 * @pages_seen: set by the walk: pages of memory that were looked at; slabs, if the machine stopped
 * @pages_all: set by the walk: pages of memory there are; equal to @pages_seen if all were seen
 * @error: set by the walk: 0 if it came to its end, also that of its budget; -EINTR; -ECANCELED if
 *         a visit ended it; -ETIME if the bound on the stop of the machine did, before all was seen
 */
struct mt_slab_walk {
	const struct mt_slab_list *list;
	const unsigned long *wanted;
	bool (*visit)(const struct mt_slab_objects *slab, void *arg);
	void *arg;
	u64 budget_ns;

	u64 slabs;
	u64 inexact_slabs;
	u64 poisoned_slabs;
	u64 unread_slabs;
	bool parked_exact;
	bool stopped;
	u64 stopped_ns;
	u64 pages_seen;
	u64 pages_all;
	int error;
};

/**
 * struct mt_slab_spot - where in the slabs an address points to
 * @cache: index of the cache in the list
 * @object: address of the object's start; never printed
 * @offset: bytes from there to the address
 * @number: number of the object in its slab
 * @from: for the next look-up: where the slab is
 * @to: for the next look-up: where it ends
 *
 * All zero before the first look-up, and then left alone: the slab of the last one is remembered.
 */
struct mt_slab_spot {
	unsigned int cache;
	unsigned long object;
	u32 offset;
	unsigned int number;

	unsigned long from;
	unsigned long to;
};

bool mt_slab_object_known(void);
int mt_slab_object_walk(struct mt_slab_walk *walk);
bool mt_slab_object_find(const struct mt_slab_list *list, unsigned long addr,
			 struct mt_slab_spot *spot);

#endif /* MT_SLAB_OBJECT_H */
