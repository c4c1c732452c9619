/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_PAGE_H
#define MT_PAGE_H

#include <linux/types.h>

#include "access/page_class.h"
#include "access/page_packet.h"

struct mt_page_walk;
struct page;

/**
 * struct mt_page_block - pages that were handed out together
 * @page: the first one
 * @pfn: its page frame
 * @order: 2^@order pages
 * @class: what they are
 * @compound: allocated with __GFP_COMP
 * @nid: their node
 * @mapper: address in the function that mapped them by vmap(), 0 if nobody did or others, too;
 *          never printed as a number
 * @packets: a fragment of packets
 */
struct mt_page_block {
	struct page *page;
	unsigned long pfn;
	unsigned int order;
	enum mt_page_class class;
	bool compound;
	int nid;
	unsigned long mapper;
	bool packets;
};

/**
 * typedef mt_page_visit_t - takes a block that no counter shows, or of large kmalloc
 * @block: the block
 * @arg: the visitor's own
 *
 * Called under the fence's semaphore: the struct pages stay, must not sleep long and takes no lock
 * of the kernel's.
 */
typedef void (*mt_page_visit_t)(const struct mt_page_block *block, void *arg);

/**
 * struct mt_page_zone - the pages of a zone
 * @nid: its node
 * @name: "DMA", "Normal" ...
 * @managed: pages that it manages, as the kernel counts
 * @blocks: stretches of the memory map that it spans
 * @seen: how many of them were walked
 * @pages: by class; scaled up if not all were walked
 */
struct mt_page_zone {
	int nid;
	const char *name;
	u64 managed;
	u64 blocks;
	u64 seen;
	u64 pages[MT_NR_PAGE_CLASSES];
};

/**
 * struct mt_page_census - every online page in exactly one class
 * @pages: by class, all zones together
 * @kmalloc_like: of the ghost, compound blocks that may be large kmalloc, where that leaves no mark
 * @kmalloc_like_charged: the same of those that are charged to a cgroup
 * @managed: pages that the kernel manages (MemTotal)
 * @memmap: of the reserved, pages of struct pages, by their number
 * @pcp_count: pages that the per-CPU free lists say they hold
 * @lost_marks: pages of vmalloc that could not be marked, and look like ghosts
 * @blocks: stretches of the memory map
 * @seen: how many of them were walked
 * @packets: the packets that have fragments; only if somebody asked for the blocks
 * @moved: memory came or went meanwhile
 * @vmap_error: 0, or why not all areas of vmalloc were seen
 * @pcp_error: 0, or why not all per-CPU lists were seen to their end
 * @error: 0, or why the walk was broken off
 * @nr_zones: populated zones
 * @zones: them
 * @walk: memory that the walk needed, until mt_page_census_settle()
 */
struct mt_page_census {
	u64 pages[MT_NR_PAGE_CLASSES];
	u64 kmalloc_like;
	u64 kmalloc_like_charged;
	u64 managed;
	u64 memmap;
	u64 pcp_count;
	u64 lost_marks;
	u64 blocks;
	u64 seen;
	struct mt_page_packets packets;
	bool moved;
	int vmap_error;
	int pcp_error;
	int error;
	unsigned int nr_zones;
	struct mt_page_zone *zones;
	struct mt_page_walk *walk;
};

int mt_page_census_take(struct mt_page_census *census, u64 budget_ns, mt_page_visit_t visit,
			void *arg);
void mt_page_census_settle(struct mt_page_census *census);
void mt_page_census_drop(struct mt_page_census *census);

#endif /* MT_PAGE_H */
