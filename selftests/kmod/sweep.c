// SPDX-License-Identifier: GPL-2.0
/*
 * Sweep: the least that a walk over the memory map can cost: two words of every
 * struct page, and nothing done with them. A read sweeps; there is no command.
 */
#include <linux/errno.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/pageblock-flags.h>
#include "plant.h"

static int sweep_command(int argc, char **argv)
{
	return -EINVAL;
}

static unsigned long sweep_block(unsigned long pfn, unsigned long end,
				 unsigned long *words)
{
	struct page *page = pfn_to_online_page(pfn);
	unsigned long nr = 0;

	for (; page && pfn < end; pfn++, page++, nr++)
		*words ^= READ_ONCE(*(unsigned long *)page) ^
			  page_ref_count(page);
	return nr;
}

static void sweep_show(struct seq_file *m)
{
	unsigned long words = 0;
	unsigned long pages = 0;
	int nid;
	int i;

	for_each_online_node(nid) {
		for (i = 0; i < MAX_NR_ZONES; i++) {
			struct zone *zone = &NODE_DATA(nid)->node_zones[i];
			unsigned long end = zone_end_pfn(zone);
			unsigned long pfn = zone->zone_start_pfn;

			while (pfn < end) {
				unsigned long next;

				next = min(ALIGN(pfn + 1, pageblock_nr_pages),
					   end);
				pages += sweep_block(pfn, next, &words);
				pfn = next;
				cond_resched();
			}
		}
	}
	/* The words are used, so that they are read. */
	seq_printf(m, "pages: %lu\nodd: %lu\n", pages, words & 1);
}

static void sweep_exit(void)
{
}

const struct plant_kind plant_sweep = {
	.name		= "sweep",
	.command	= sweep_command,
	.show		= sweep_show,
	.exit		= sweep_exit,
};
