// SPDX-License-Identifier: GPL-2.0
/*
 * page_group.c - knows what blocks that no counter shows have in common: their shape, whom struct
 * page names, and the addresses that many of them hold at one offset.
 *
 * Locking: none; a visitor of the census. Consistency: that of the walk, and of page_content.c.
 */
#include "access/page_group.h"

#include <linux/hash.h>
#include <linux/mm.h>

#include "access/page.h"
#include "access/page_owner.h"
#include "memory.h"

/* Places where an address may be. */
#define PROBES		16

/* Of a group's blocks all are read up to so many, and then ever fewer. */
#define READ_ALL	16384

/**
 * mt_page_groups_new() - no group yet
 *
 * Context: process context, may sleep.
 * Return: the groups, for mt_page_groups_free(), or NULL without memory.
 */
struct mt_page_groups *mt_page_groups_new(void)
{
	struct mt_page_groups *groups = mt_memory_zalloc(sizeof(*groups));

	if (!groups)
		return NULL;
	groups->sights = mt_memory_zalloc(MT_PAGE_SIGHTS * sizeof(*groups->sights));
	groups->buffer = mt_memory_alloc(PAGE_SIZE);
	if (groups->sights && groups->buffer)
		return groups;
	mt_page_groups_free(groups);
	return NULL;
}

/**
 * mt_page_groups_free() - give the memory back
 * @groups: the groups, or NULL
 *
 * Context: process context, may sleep.
 */
void mt_page_groups_free(struct mt_page_groups *groups)
{
	if (!groups)
		return;
	mt_memory_free(groups->buffer);
	mt_memory_free(groups->sights);
	mt_memory_free(groups);
}

/* The address's place; one that was seen once only makes room for it. */
static struct mt_page_sight *find_sight(struct mt_page_groups *groups, u32 offset,
					unsigned long address)
{
	unsigned int at = hash_long(address ^ (unsigned long)offset << 20 ^ groups->group,
				    MT_PAGE_SIGHT_BITS);
	struct mt_page_sight *room = NULL;
	unsigned int i;

	for (i = 0; i < PROBES; i++, at = (at + 1) % MT_PAGE_SIGHTS) {
		struct mt_page_sight *sight = &groups->sights[at];

		if (sight->blocks && sight->address == address && sight->offset == offset &&
		    sight->group == groups->group)
			return sight;
		if (!room && sight->blocks <= 1)
			room = sight;
		if (!sight->blocks)
			break;
	}
	if (room)
		*room = (struct mt_page_sight) {
			.address = address, .offset = offset, .group = groups->group,
		};
	return room;
}

static void see_pointer(u32 offset, unsigned long address, void *arg)
{
	struct mt_page_groups *groups = arg;
	struct mt_page_sight *sight = find_sight(groups, offset, address);

	if (!sight)
		return;
	sight->blocks++;
	if (!groups->best || sight->blocks > groups->best->blocks)
		groups->best = sight;
}

static struct mt_page_group *find_group(struct mt_page_groups *groups,
					const struct mt_page_block *block)
{
	unsigned long owner = mt_page_owner(block->page, block->class);
	struct mt_page_group *group;
	unsigned int i;

	for (i = 0; i < groups->nr_groups; i++) {
		group = &groups->groups[i];
		if (group->order == block->order && group->class == block->class &&
		    group->nid == block->nid && group->compound == block->compound &&
		    group->owner == owner)
			return group;
	}
	if (i == MT_PAGE_GROUPS)
		return NULL;
	groups->nr_groups++;
	group = &groups->groups[i];
	*group = (struct mt_page_group) {
		.class = block->class,
		.order = block->order,
		.nid = block->nid,
		.compound = block->compound,
		.owner = owner,
		.stride = 1,
	};
	return group;
}

/**
 * mt_page_groups_visit() - put a block into its group
 * @block: the block
 * @arg: the groups
 *
 * Context: that of an mt_page_visit_t.
 */
void mt_page_groups_visit(const struct mt_page_block *block, void *arg)
{
	struct mt_page_groups *groups = arg;
	struct mt_page_group *group = find_group(groups, block);
	enum mt_page_content content;

	if (!group) {
		groups->other += BIT(block->order);
		return;
	}
	group->blocks++;
	/* what has an owner in struct page, or may be a process's, is not read */
	if (block->class != MT_PAGE_GHOST || group->blocks % group->stride)
		return;
	groups->group = group - groups->groups;
	groups->best = NULL;
	content = mt_page_content(block->page, block->order, groups->buffer, see_pointer, groups);
	group->read++;
	if (group->read % READ_ALL == 0)
		group->stride *= 2;
	group->contents[content]++;
	if (groups->best) {
		groups->best->best++;
		groups->best->contents[content]++;
	}
}
