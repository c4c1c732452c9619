// SPDX-License-Identifier: GPL-2.0
/*
 * page_evidence.c - knows what blocks that no counter shows have in common, and whom that names.
 *
 * Nothing says who allocated them, so they are asked for evidence: what struct page names (a page
 * pool, a cgroup), or an address of the kernel's or a module's at the same offset of many blocks.
 * One block may hold any word by chance; a share of all blocks does not. What is left belongs
 * to whom a variable points at it (page_holder.c).
 *
 * Locking: none; the caller of mt_page_evidence_visit() keeps the memory from being removed.
 * Consistency: their owners may write meanwhile; what counts is what many blocks have in common.
 */
#include "access/page_evidence.h"

#include <linux/bits.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "access/page_owner.h"
#include "introspect/ksym.h"
#include "memory.h"

#define SIGHT_BITS	14
#define SIGHTS		BIT(SIGHT_BITS)
#define PROBES		16

/* Of a group's blocks all are read up to so many, and then ever fewer. */
#define READ_ALL	16384

/* Evidence is an address in so many distinct blocks, and in one of a hundred. */
#define MIN_BLOCKS	8
#define MIN_PERCENT	1

/*
 * Where compilers let functions begin. An address in between is a place to return to: old stacks
 * are full of them, and they would take the room of what names an owner.
 */
#if defined(CONFIG_X86_64) && !defined(CONFIG_CC_OPTIMIZE_FOR_SIZE)
#define FUNCTION_ALIGN	16
#else
#define FUNCTION_ALIGN	1
#endif

/* Addresses that are asked for an owner, for one group. */
#define OWNERS		8

/* Variables that are told for one group: each is compared with all blocks that are held. */
#define HOLDERS		64

/*
 * struct mt_page_sight - an address at an offset of a group's blocks
 * @address: the address
 * @offset: the offset
 * @group: the group
 * @blocks: blocks that hold it there
 * @best: blocks of which it is the most frequent one
 * @first: the block that it was first seen in, by the order in which they are read
 * @perhaps_before: it may have been seen before, and forgotten
 * @noise: it names no owner; not known before MIN_BLOCKS blocks hold it
 * @told: it was told as the owner of these
 * @contents: what these look like
 */
struct mt_page_sight {
	unsigned long address;
	u32 offset;
	u32 group;
	u32 blocks;
	u32 best;
	u32 first;
	bool perhaps_before;
	bool noise;
	bool told;
	u32 contents[MT_NR_CONTENTS];
};

/*
 * struct mt_page_held - a block that a variable points at
 * @variable: the variable
 * @best: the most frequent address that it carries, or NULL; another one may have got its place
 * @address: what that is
 * @offset: and where
 * @group: the block's
 * @content: what it looks like
 * @told: it was told
 */
struct mt_page_held {
	unsigned long variable;
	const struct mt_page_sight *best;
	unsigned long address;
	u32 offset;
	u32 group;
	enum mt_page_content content;
	bool told;
};

/**
 * mt_page_evidence_new() - room for evidence
 * @deadline_ns: when to stop looking for variables that hold blocks, in ktime_get_ns(); 0 for never
 *
 * Context: process context, no lock held, may sleep.
 * Return: evidence of nothing, for the caller to give back with mt_page_evidence_free(); NULL
 * without memory. About 1 MB, and less than half of that for the variables.
 */
struct mt_page_evidence *mt_page_evidence_new(u64 deadline_ns)
{
	struct mt_page_evidence *evidence = mt_memory_zalloc(sizeof(*evidence));

	if (!evidence)
		return NULL;
	evidence->sights = mt_memory_zalloc(SIGHTS * sizeof(*evidence->sights));
	evidence->buffer = mt_memory_alloc(PAGE_SIZE);
	if (!evidence->sights || !evidence->buffer) {
		mt_page_evidence_free(evidence);
		return NULL;
	}
	/* without them there is other evidence */
	if (!mt_page_holders_read(&evidence->holders, deadline_ns))
		evidence->held = mt_memory_alloc((evidence->holders.nr + 1) *
						 sizeof(*evidence->held));
	return evidence;
}

/**
 * mt_page_evidence_free() - give back what mt_page_evidence_new() allocated
 * @evidence: the evidence, or NULL
 *
 * Context: process context, may sleep.
 */
void mt_page_evidence_free(struct mt_page_evidence *evidence)
{
	if (!evidence)
		return;
	mt_page_holders_free(&evidence->holders);
	mt_memory_free(evidence->held);
	mt_memory_free(evidence->buffer);
	mt_memory_free(evidence->sights);
	mt_memory_free(evidence);
}

/*
 * The address's place; one that was seen once only makes room for it, and that long ago: blocks of
 * one owner often stand together.
 */
static struct mt_page_sight *find_sight(struct mt_page_evidence *evidence, u32 offset,
					unsigned long address)
{
	unsigned int at = hash_long(address ^ (unsigned long)offset << 20 ^ evidence->group,
				    SIGHT_BITS);
	struct mt_page_sight *room = NULL;
	unsigned int i;

	for (i = 0; i < PROBES; i++, at = (at + 1) % SIGHTS) {
		struct mt_page_sight *sight = &evidence->sights[at];

		if (sight->blocks && sight->address == address && sight->offset == offset &&
		    sight->group == evidence->group)
			return sight;
		if (!sight->blocks) {
			room = sight;
			break;
		}
		if (sight->blocks == 1 && (!room || sight->first < room->first))
			room = sight;
	}
	evidence->crowded |= i == PROBES;
	if (room)
		*room = (struct mt_page_sight) {
			.address = address,
			.offset = offset,
			.group = evidence->group,
			.first = evidence->read,
			.perhaps_before = evidence->crowded,
		};
	return room;
}

/*
 * Old stacks and old locks are left in pages of all owners: an address inside a function is a place
 * to return to, and lockdep's keys are in every lock. Strings have no symbols: those of functions'
 * names, of locks, files and threads seem to be inside of whatever constant stands before them.
 */
static bool names_an_owner(const struct mt_page_proof *proof)
{
	if (!strncmp(proof->symbol, "__key", strlen("__key")) ||
	    !strncmp(proof->symbol, "__func__", strlen("__func__")))
		return false;
	return !strchr(proof->symbol, '+') || (!mt_page_content_is_code(proof->address) &&
					       !mt_page_content_is_constant(proof->address));
}

/* From where in a function something was mapped does not matter. */
static void read_symbol(struct mt_page_proof *proof)
{
	char *offset;

	mt_ksym_format(proof->symbol, sizeof(proof->symbol), proof->address, proof->module,
		       sizeof(proof->module));
	offset = strstr(proof->symbol, "+0x");
	if (offset && (proof->mapped || !strcmp(offset, "+0x0")))
		*offset = '\0';
}

/* What many blocks hold and names nobody is the commonest of none: the next one may name one. */
static void tell_noise(struct mt_page_evidence *evidence, struct mt_page_sight *sight)
{
	struct mt_page_proof *proof = &evidence->proof;

	*proof = (struct mt_page_proof) { .address = sight->address };
	read_symbol(proof);
	sight->noise = !names_an_owner(proof);
	if (sight->noise)
		sight->best = 0;
}

static void see_pointer(u32 offset, unsigned long address, void *arg)
{
	struct mt_page_evidence *evidence = arg;
	struct mt_page_sight *sight;

	if (evidence->holder && !evidence->foreign)
		evidence->foreign = mt_page_holder_is_foreign(&evidence->holders,
							      evidence->holder, address);
	if (mt_page_content_is_code(address) && address % FUNCTION_ALIGN)
		return;
	sight = find_sight(evidence, offset, address);
	if (!sight)
		return;
	if (++sight->blocks == MIN_BLOCKS)
		tell_noise(evidence, sight);
	if (sight->noise)
		return;
	if (!evidence->best || sight->blocks > evidence->best->blocks)
		evidence->best = sight;
}

static struct mt_page_group *find_group(struct mt_page_evidence *evidence,
					const struct mt_page_block *block)
{
	unsigned long owner = block->mapper && block->class == MT_PAGE_GHOST ?
			      block->mapper : mt_page_owner(block->page, block->class);
	bool packets = block->packets && block->class == MT_PAGE_GHOST;
	struct mt_page_group *group;
	unsigned int i;

	for (i = 0; i < evidence->nr_groups; i++) {
		group = &evidence->groups[i];
		if (group->order == block->order && group->class == block->class &&
		    group->nid == block->nid && group->compound == block->compound &&
		    group->owner == owner && group->packets == packets)
			return group;
	}
	if (i == MT_PAGE_EVIDENCE_GROUPS)
		return NULL;
	evidence->nr_groups++;
	group = &evidence->groups[i];
	*group = (struct mt_page_group) {
		.class = block->class,
		.order = block->order,
		.nid = block->nid,
		.compound = block->compound,
		.owner = owner,
		.packets = packets,
		.stride = 1,
	};
	return group;
}

static bool find_holder(const struct mt_page_evidence *evidence,
			const struct mt_page_block *block, struct mt_page_holder *holder)
{
	return evidence->held && evidence->nr_held < evidence->holders.nr &&
	       block->order >= MT_PAGE_HOLDER_ORDER &&
	       mt_page_holder_find(&evidence->holders, block->pfn, holder);
}

/* The block that was just read. */
static void add_held(struct mt_page_evidence *evidence, enum mt_page_content content)
{
	const struct mt_page_sight *best = evidence->best;

	evidence->held[evidence->nr_held++] = (struct mt_page_held) {
		.variable = evidence->holder->variable,
		.best = best,
		.address = best ? best->address : 0,
		.offset = best ? best->offset : 0,
		.group = evidence->group,
		.content = content,
	};
}

/**
 * mt_page_evidence_visit() - take a block: a mt_page_visit_t for mt_page_census_take()
 * @block: the block
 * @evidence: a struct mt_page_evidence
 *
 * Context: that of mt_page_visit_t.
 */
void mt_page_evidence_visit(const struct mt_page_block *block, void *evidence)
{
	struct mt_page_evidence *all = evidence;
	struct mt_page_group *group = find_group(all, block);
	enum mt_page_content content = MT_CONTENT_UNREAD;
	struct mt_page_holder holder;

	if (!group) {
		all->other += mt_page_is_uncounted(block->class) ? BIT(block->order) : 0;
		return;
	}
	group->blocks++;
	/* what has an owner already, or may be a process's, is not read */
	if ((block->class != MT_PAGE_GHOST && block->class != MT_PAGE_LARGE_KMALLOC) ||
	    group->owner || group->packets || group->blocks % group->stride)
		return;
	all->group = group - all->groups;
	all->best = NULL;
	all->holder = find_holder(all, block, &holder) ? &holder : NULL;
	all->foreign = false;
	if (!all->holder || !all->holder->records)
		content = mt_page_content(block->page, block->order, all->buffer, see_pointer, all);
	group->read++;
	all->read++;
	if (group->read % READ_ALL == 0)
		group->stride *= 2;
	group->contents[content]++;
	if (all->best) {
		all->best->best++;
		all->best->contents[content]++;
	}
	if (all->holder && !all->foreign)
		add_held(all, content);
	all->holder = NULL;
}

/**
 * mt_page_evidence_scale() - let what was seen stand for all of memory
 * @evidence: the evidence
 * @seen: stretches of the memory map that were walked
 * @blocks: of so many
 *
 * Context: any.
 */
void mt_page_evidence_scale(struct mt_page_evidence *evidence, u64 seen, u64 blocks)
{
	unsigned int i;

	if (!seen || seen >= blocks)
		return;
	for (i = 0; i < evidence->nr_groups; i++)
		evidence->groups[i].blocks = div64_u64(evidence->groups[i].blocks * blocks, seen);
}

/**
 * mt_page_evidence_share() - blocks of a group that a number of read ones stands for
 * @group: the group
 * @blocks: how many that were read
 *
 * Context: any.
 * Return: how many of all.
 */
u64 mt_page_evidence_share(const struct mt_page_group *group, u64 blocks)
{
	if (!group->read)
		return 0;
	return div64_u64(blocks * group->blocks, group->read);
}

static bool is_evidence(const struct mt_page_group *group, const struct mt_page_sight *sight)
{
	return sight->blocks >= MIN_BLOCKS &&
	       (u64)sight->blocks * 100 >= group->read * MIN_PERCENT &&
	       sight->best * 2 >= sight->blocks;
}

static struct mt_page_sight *next_sight(struct mt_page_evidence *evidence, u32 which)
{
	const struct mt_page_group *group = &evidence->groups[which];
	struct mt_page_sight *largest = NULL;
	unsigned int i;

	for (i = 0; i < SIGHTS; i++) {
		struct mt_page_sight *sight = &evidence->sights[i];

		if (sight->best && sight->group == which && is_evidence(group, sight) &&
		    (!largest || sight->best > largest->best))
			largest = sight;
	}
	return largest;
}

/* Who mapped the blocks of a group by vmap(): once, and there is nobody else. */
static const struct mt_page_proof *tell_mapper(struct mt_page_proof *proof,
					       struct mt_page_group *group)
{
	if (group->told++)
		return NULL;
	*proof = (struct mt_page_proof) {
		.address = group->owner,
		.mapped = true,
		.blocks = group->blocks,
		.exact = true,
	};
	read_symbol(proof);
	return proof;
}

/* Does it carry an address that was told as its owner? */
static bool is_explained(const struct mt_page_held *held)
{
	const struct mt_page_sight *best = held->best;

	return best && best->told && best->address == held->address &&
	       best->offset == held->offset && best->group == held->group;
}

/* Whose variable holds blocks that name nobody. */
static const struct mt_page_proof *next_held(struct mt_page_evidence *evidence, u32 which)
{
	struct mt_page_proof *proof = &evidence->proof;
	struct mt_page_group *group = &evidence->groups[which];
	unsigned int i;

	if (group->told_held == HOLDERS)
		return NULL;
	*proof = (struct mt_page_proof) { .held = true };
	for (i = 0; i < evidence->nr_held; i++) {
		struct mt_page_held *held = &evidence->held[i];

		if (held->told || held->group != which || is_explained(held) ||
		    (proof->address && held->variable != proof->address))
			continue;
		held->told = true;
		proof->address = held->variable;
		proof->blocks++;
		group->contents[held->content] -= !!group->contents[held->content];
	}
	if (!proof->address)
		return NULL;
	group->told_held++;
	read_symbol(proof);
	return proof;
}

/**
 * mt_page_evidence_next() - the address that explains most of a group's blocks, then the next one
 * @evidence: the evidence
 * @group: index of the group
 *
 * Context: process context, may sleep.
 * Return: the address, until the next call; NULL if nothing else is explained.
 */
const struct mt_page_proof *mt_page_evidence_next(struct mt_page_evidence *evidence,
						  unsigned int group)
{
	struct mt_page_proof *proof = &evidence->proof;
	struct mt_page_group *of = &evidence->groups[group];
	struct mt_page_sight *sight;
	unsigned int i;

	if (of->class == MT_PAGE_GHOST && of->owner)
		return tell_mapper(proof, of);
	sight = of->told < OWNERS ? next_sight(evidence, group) : NULL;
	if (!sight)
		return next_held(evidence, group);
	*proof = (struct mt_page_proof) {
		.address = sight->address,
		.offset = sight->offset,
		.carriers = sight->blocks,
		.blocks = mt_page_evidence_share(of, sight->best),
		.exact = of->read == of->blocks && !sight->perhaps_before,
	};
	sight->best = 0;
	sight->told = true;
	of->told++;
	read_symbol(proof);
	for (i = 0; i < MT_NR_CONTENTS; i++)
		of->contents[i] -= min_t(u64, of->contents[i], sight->contents[i]);
	return proof;
}
