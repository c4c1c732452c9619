// SPDX-License-Identifier: GPL-2.0
/*
 * vmstat.c - knows the kernel's page counters, with what each CPU has not yet added to them.
 *
 * The global counters lag behind by up to 125 pages for each CPU, zone and item, more where
 * NOHZ_FULL CPUs never fold theirs. The differences are public per-CPU members, so they are added
 * here, and a reading is exact on a quiet machine.
 *
 * Locking: none. Per-CPU areas exist for every possible CPU, and an offline CPU's differences are
 * zero: cpu_vm_stats_fold() has added them.
 * Consistency: counters are read one after the other; a page that moves meanwhile may be seen
 * twice or not at all.
 */
#include "access/vmstat.h"

#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/percpu.h>
#include <linux/vmstat.h>

/*
 * Linux kernel commit 28f836b6777b ("mm/page_alloc: split per cpu page lists and zone stats")
 * (in v5.14) split struct per_cpu_pageset.
 */
#ifdef MT_HAVE_per_cpu_zonestats
static s64 pcp_count(const struct zone *zone, int cpu)
{
	return READ_ONCE(per_cpu_ptr(zone->per_cpu_pageset, cpu)->count);
}

static const s8 *zone_diffs(const struct zone *zone, int cpu)
{
	return per_cpu_ptr(zone->per_cpu_zonestats, cpu)->vm_stat_diff;
}
#else
static s64 pcp_count(const struct zone *zone, int cpu)
{
	return READ_ONCE(per_cpu_ptr(zone->pageset, cpu)->pcp.count);
}

static const s8 *zone_diffs(const struct zone *zone, int cpu)
{
	return per_cpu_ptr(zone->pageset, cpu)->vm_stat_diff;
}
#endif

static void add_zone(struct mt_vmstat *vmstat, const struct zone *zone)
{
	unsigned int item;
	int cpu;

	for_each_possible_cpu(cpu) {
		const s8 *diffs = zone_diffs(zone, cpu);

		vmstat->pcp_pages += pcp_count(zone, cpu);
		for (item = 0; item < NR_VM_ZONE_STAT_ITEMS; item++)
			vmstat->zone[item] += READ_ONCE(diffs[item]);
	}
}

static void add_node(struct mt_vmstat *vmstat, pg_data_t *pgdat)
{
	unsigned int item, i;
	int cpu;

	for (i = 0; i < MAX_NR_ZONES; i++) {
		if (populated_zone(&pgdat->node_zones[i]))
			add_zone(vmstat, &pgdat->node_zones[i]);
	}
	if (!pgdat->per_cpu_nodestats)
		return;
	for_each_possible_cpu(cpu) {
		const s8 *diffs = per_cpu_ptr(pgdat->per_cpu_nodestats, cpu)->vm_node_stat_diff;

		for (item = 0; item < NR_VM_NODE_STAT_ITEMS; item++)
			vmstat->node[item] += READ_ONCE(diffs[item]);
	}
}

/**
 * mt_vmstat_read() - read all counters
 * @vmstat: gets them
 *
 * Context: any; takes no lock. Microseconds.
 */
void mt_vmstat_read(struct mt_vmstat *vmstat)
{
	unsigned int item;
	int nid;

	vmstat->pcp_pages = 0;
	for (item = 0; item < NR_VM_ZONE_STAT_ITEMS; item++)
		vmstat->zone[item] = atomic_long_read(&vm_zone_stat[item]);
	for (item = 0; item < NR_VM_NODE_STAT_ITEMS; item++)
		vmstat->node[item] = atomic_long_read(&vm_node_stat[item]);
	for_each_online_node(nid)
		add_node(vmstat, NODE_DATA(nid));
}

/**
 * mt_vmstat_pcp() - pages on per-CPU free lists
 *
 * Context: any; takes no lock. Microseconds.
 * Return: pages.
 */
s64 mt_vmstat_pcp(void)
{
	s64 pages = 0;
	int nid, cpu, i;

	for_each_online_node(nid) {
		for (i = 0; i < MAX_NR_ZONES; i++) {
			struct zone *zone = &NODE_DATA(nid)->node_zones[i];

			if (!populated_zone(zone))
				continue;
			for_each_possible_cpu(cpu)
				pages += pcp_count(zone, cpu);
		}
	}
	return pages;
}

/**
 * mt_vmstat_page_tables() - pages of page tables
 * @vmstat: the counters
 *
 * A zone's item before Linux kernel commit f0c0c115fb81 ("mm: memcontrol: account pagetables per
 * node") (in v5.11), a node's since.
 *
 * Context: any.
 * Return: pages.
 */
s64 mt_vmstat_page_tables(const struct mt_vmstat *vmstat)
{
#ifdef MT_ZONE_HAS_NR_PAGETABLE
	return vmstat->zone[NR_PAGETABLE];
#else
	return vmstat->node[NR_PAGETABLE];
#endif
}

/**
 * mt_vmstat_slab() - pages of slabs and of large kmalloc
 * @vmstat: the counters
 *
 * Context: any.
 * Return: pages.
 */
s64 mt_vmstat_slab(const struct mt_vmstat *vmstat)
{
	return vmstat->node[NR_SLAB_RECLAIMABLE_B] + vmstat->node[NR_SLAB_UNRECLAIMABLE_B];
}
