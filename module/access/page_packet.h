/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_PAGE_PACKET_H
#define MT_PAGE_PACKET_H

#include <linux/types.h>

struct mt_page_marks;

/**
 * enum mt_packet_kind - where packets come from
 * @MT_PACKET_HEAD: skbuff_head_cache
 * @MT_PACKET_FCLONE: skbuff_fclone_cache: each has room for its clone
 * @MT_NR_PACKET_KINDS: how many there are
 */
enum mt_packet_kind {
	MT_PACKET_HEAD,
	MT_PACKET_FCLONE,
	MT_NR_PACKET_KINDS,
};

/**
 * struct mt_page_packets - the packets whose page fragments were marked
 * @nr: of each kind, those that have fragments, ghosts or not
 * @cut: there was no time for all of them
 * @error: 0, or why they were not looked at, or not all
 */
struct mt_page_packets {
	u64 nr[MT_NR_PACKET_KINDS];
	bool cut;
	int error;
};

void mt_page_packet_mark(struct mt_page_packets *packets, struct mt_page_marks *marks,
			 u64 budget_ns);
const char *mt_page_packet_cache(enum mt_packet_kind kind);

#endif /* MT_PAGE_PACKET_H */
