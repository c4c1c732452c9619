/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_PAGE_CLAIM_H
#define MT_PAGE_CLAIM_H

#include <linux/types.h>

#include "access/page_look.h"
#include "access/page_mark.h"
#include "access/page_packet.h"

struct mt_page_claim;
struct mt_page_fence;

/**
 * struct mt_page_claims - who claims pages without a mark in struct page
 * @marks: by page frame, enum mt_page_mark
 * @end_pfn: behind the last page frame of all zones
 * @vmap_error: 0, or why the areas of vmalloc were not all seen
 * @pcp_pages: pages found on per-CPU free lists
 * @pcp_error: 0, or why a list was not seen to its end
 * @packets: the packets that have the pages with MT_MARK_PACKET
 * @mappers: addresses in the functions that mapped the most pages by vmap(), by what their marks
 *           are above MT_MARK_MAPPED; the last one, 0, stands for all others
 * @claim: memory that was needed for it
 */
struct mt_page_claims {
	struct mt_page_marks marks;
	unsigned long end_pfn;
	int vmap_error;
	u64 pcp_pages;
	int pcp_error;
	struct mt_page_packets packets;
	unsigned long mappers[MT_PAGE_MAPPERS + 1];
	struct mt_page_claim *claim;
};

int mt_page_claims_init(struct mt_page_claims *claims, struct mt_page_fence *fence,
			u64 until_ns, bool with_owners);
void mt_page_claims_destroy(struct mt_page_claims *claims);

#endif /* MT_PAGE_CLAIM_H */
