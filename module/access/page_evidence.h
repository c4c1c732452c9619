/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_PAGE_EVIDENCE_H
#define MT_PAGE_EVIDENCE_H

#include <linux/types.h>

#include "access/page.h"
#include "access/page_content.h"
#include "access/page_holder.h"

/** MT_PAGE_EVIDENCE_SYMBOL - bytes for a symbol and an offset, NUL included */
#define MT_PAGE_EVIDENCE_SYMBOL	128

/** MT_PAGE_EVIDENCE_MODULE - bytes for the name of a module, NUL included */
#define MT_PAGE_EVIDENCE_MODULE	64

/** MT_PAGE_EVIDENCE_GROUPS - kinds of blocks that are told apart */
#define MT_PAGE_EVIDENCE_GROUPS	128

struct mt_page_held;
struct mt_page_sight;

/**
 * struct mt_page_group - blocks that look alike from outside
 * @class: what they are
 * @order: their order
 * @nid: their node
 * @compound: allocated with __GFP_COMP
 * @owner: whom struct page names, see access/page_owner.h; of a ghost, who mapped it by vmap()
 * @packets: fragments of packets
 * @blocks: how many
 * @read: how many of them were read
 * @stride: every so many are read
 * @contents: of those that were read, without those that mt_page_evidence_next() has told
 * @told: addresses that it has told
 * @told_held: variables that it has told
 */
struct mt_page_group {
	enum mt_page_class class;
	unsigned int order;
	int nid;
	bool compound;
	unsigned long owner;
	bool packets;
	u64 blocks;
	u64 read;
	u64 stride;
	u64 contents[MT_NR_CONTENTS];
	unsigned int told;
	unsigned int told_held;
};

/**
 * struct mt_page_proof - an address that many blocks carry at one place, or whose function mapped
 *                        them, or whose variable points at them
 * @address: the address; never printed as a number
 * @symbol: the same in words
 * @module: whose it is, "vmlinux" for the kernel's own, "-" for a module's that is gone
 * @mapped: in a function that gave all blocks to vmap(); then none of them was read
 * @held: of a variable that points at each of the blocks
 * @offset: where in the blocks
 * @carriers: of the blocks that were read, those that carry it there
 * @blocks: blocks of the group that it explains
 * @exact: all blocks of the group were read, and none of those that carry it was forgotten
 */
struct mt_page_proof {
	unsigned long address;
	char symbol[MT_PAGE_EVIDENCE_SYMBOL];
	char module[MT_PAGE_EVIDENCE_MODULE];
	bool mapped;
	bool held;
	u32 offset;
	u32 carriers;
	u64 blocks;
	bool exact;
};

/**
 * struct mt_page_evidence - what the blocks that no counter shows say about their owners
 * @groups: the blocks, by kind; the first @nr_groups are in use
 * @nr_groups: how many
 * @other: pages of kinds for which there was no room
 * @sights: the addresses that were seen in them
 * @read: blocks that were read
 * @crowded: there was no room for all addresses
 * @group: of the block that is being read
 * @best: the most frequent address of that block
 * @holders: variables that point at blocks
 * @holder: the one that points at the block that is being read, or NULL
 * @foreign: it carries an address of another module than the holder
 * @held: blocks that have a holder
 * @nr_held: how many
 * @buffer: a page
 * @proof: the last one that was told
 */
struct mt_page_evidence {
	struct mt_page_group groups[MT_PAGE_EVIDENCE_GROUPS];
	unsigned int nr_groups;
	u64 other;
	struct mt_page_sight *sights;
	u32 read;
	bool crowded;
	u32 group;
	struct mt_page_sight *best;
	struct mt_page_holders holders;
	const struct mt_page_holder *holder;
	bool foreign;
	struct mt_page_held *held;
	unsigned int nr_held;
	u8 *buffer;
	struct mt_page_proof proof;
};

struct mt_page_evidence *mt_page_evidence_new(u64 deadline_ns);
void mt_page_evidence_free(struct mt_page_evidence *evidence);
void mt_page_evidence_visit(const struct mt_page_block *block, void *evidence);
void mt_page_evidence_scale(struct mt_page_evidence *evidence, u64 seen, u64 blocks);
u64 mt_page_evidence_share(const struct mt_page_group *group, u64 blocks);
const struct mt_page_proof *mt_page_evidence_next(struct mt_page_evidence *evidence,
						  unsigned int group);

#endif /* MT_PAGE_EVIDENCE_H */
