/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_MEMCG_H
#define MT_MEMCG_H

#include <linux/types.h>

/** MT_MEMCG_PATH - bytes for a path; a longer one is cut */
#define MT_MEMCG_PATH	256

/**
 * enum mt_memcg_trust - what a figure is worth
 * @MT_MEMCG_UNTOLD: not there
 * @MT_MEMCG_RECENT: of the last time the kernel added its CPUs up, two seconds ago at most
 * @MT_MEMCG_EXACT: of now
 */
enum mt_memcg_trust {
	MT_MEMCG_UNTOLD,
	MT_MEMCG_RECENT,
	MT_MEMCG_EXACT,
};

/**
 * struct mt_memcg - a memory cgroup, in plain values
 * @path: from the root of its hierarchy; the last one it had if it was removed
 * @online: it was not removed
 * @kB: charged to it and to those below it
 * @slab_trust: what @slab_kB is worth
 * @slab_kB: of @kB, in slabs
 * @kernel_trust: what @kernel_kB is worth
 * @kernel_kB: of @kB, kernel memory of any kind, slabs too
 * @anon_kB: if it was removed: on its own lists, anonymous and shared memory
 * @file_kB: likewise, page cache
 * @unevictable_kB: likewise, unevictable
 */
struct mt_memcg {
	char path[MT_MEMCG_PATH];
	bool online;
	u64 kB;
	enum mt_memcg_trust slab_trust;
	u64 slab_kB;
	enum mt_memcg_trust kernel_trust;
	u64 kernel_kB;
	u64 anon_kB;
	u64 file_kB;
	u64 unevictable_kB;
};

/**
 * struct mt_memcg_passed - small cgroups that were passed by because time was short
 * @nr: how many
 * @dying: of these, removed ones
 */
struct mt_memcg_passed {
	u64 nr;
	u64 dying;
};

/**
 * typedef mt_memcg_visit_t - takes one cgroup
 * @memcg: the cgroup
 * @arg: the visitor's own
 *
 * Called without a lock, may sleep.
 */
typedef void (*mt_memcg_visit_t)(const struct mt_memcg *memcg, void *arg);

bool mt_memcg_disabled(void);
bool mt_memcg_charges_kernel(void);
int mt_memcg_for_each(mt_memcg_visit_t visit, void *arg, u64 until_ns,
		      struct mt_memcg_passed *passed);

#endif /* MT_MEMCG_H */
