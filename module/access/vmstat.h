/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_VMSTAT_H
#define MT_VMSTAT_H

#include <linux/mmzone.h>
#include <linux/types.h>

/**
 * struct mt_vmstat - the kernel's page counters at one moment
 * @zone: by enum zone_stat_item, all zones together
 * @node: by enum node_stat_item, all nodes together; slab items in pages too
 * @pcp_pages: pages on per-CPU free lists
 */
struct mt_vmstat {
	s64 zone[NR_VM_ZONE_STAT_ITEMS];
	s64 node[NR_VM_NODE_STAT_ITEMS];
	s64 pcp_pages;
};

void mt_vmstat_read(struct mt_vmstat *vmstat);
s64 mt_vmstat_page_tables(const struct mt_vmstat *vmstat);
s64 mt_vmstat_pcp(void);
s64 mt_vmstat_slab(const struct mt_vmstat *vmstat);

#endif /* MT_VMSTAT_H */
