/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_PAGE_GROUP_H
#define MT_PAGE_GROUP_H

#include <linux/bits.h>
#include <linux/types.h>

#include "access/page_class.h"
#include "access/page_content.h"

struct mt_page_block;

/** MT_PAGE_GROUPS - groups there is room for */
#define MT_PAGE_GROUPS		128

/** MT_PAGE_SIGHT_BITS - log2 of the addresses there is room for */
#define MT_PAGE_SIGHT_BITS	14

/** MT_PAGE_SIGHTS - addresses there is room for */
#define MT_PAGE_SIGHTS		BIT(MT_PAGE_SIGHT_BITS)

/**
 * struct mt_page_group - blocks that look alike from outside
 * @class: what they are
 * @order: their order
 * @nid: their node
 * @compound: allocated with __GFP_COMP
 * @owner: whom struct page names
 * @blocks: how many
 * @read: how many of them were read
 * @stride: every so many are read
 * @contents: of those that were read, without one that has an owner
 */
struct mt_page_group {
	enum mt_page_class class;
	unsigned int order;
	int nid;
	bool compound;
	unsigned long owner;
	u64 blocks;
	u64 read;
	u64 stride;
	u64 contents[MT_NR_CONTENTS];
};

/**
 * struct mt_page_sight - an address at an offset of a group's blocks
 * @address: the address
 * @offset: the offset
 * @group: the group
 * @blocks: blocks that hold it there
 * @best: blocks of which it is the most frequent one
 * @contents: what these look like
 */
struct mt_page_sight {
	unsigned long address;
	u32 offset;
	u32 group;
	u32 blocks;
	u32 best;
	u32 contents[MT_NR_CONTENTS];
};

/**
 * struct mt_page_groups - all groups, and what is needed to make them
 * @groups: the first @nr_groups are in use
 * @nr_groups: how many
 * @other: pages of groups for which there was no room
 * @sights: a hash table
 * @group: of the block that is being read
 * @best: of that block
 * @buffer: a page
 */
struct mt_page_groups {
	struct mt_page_group groups[MT_PAGE_GROUPS];
	unsigned int nr_groups;
	u64 other;
	struct mt_page_sight *sights;
	u32 group;
	struct mt_page_sight *best;
	u8 *buffer;
};

struct mt_page_groups *mt_page_groups_new(void);
void mt_page_groups_free(struct mt_page_groups *groups);
void mt_page_groups_visit(const struct mt_page_block *block, void *arg);

#endif /* MT_PAGE_GROUP_H */
