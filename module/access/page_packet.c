// SPDX-License-Identifier: GPL-2.0
/*
 * page_packet.c - knows which pages are fragments of packets.
 *
 * What a packet carries beyond its head is in pages of the page allocator's, and the head may be a
 * piece of such a page. Nothing in struct page says so, and no counter shows them: only struct
 * skb_shared_info, behind the head, leads there. The packets are objects of two slab caches, of
 * which one may be merged with others: so an object is believed to be a packet if its marks and its
 * counts are those of one, and if struct skb_shared_info lies inside the block that the head is in.
 *
 * A page that several packets have (clones, pieces of one page) is marked once. Whose other pages
 * are, such as a page pool's or the page cache's, struct page tells; their mark says nothing.
 * Packets that are free and that a CPU keeps for the next ones, 64 at most, cannot be told from
 * those in use: if what their last pages became is ghosts again, these are taken for theirs.
 *
 * Locking: none, but for what access/slab.c and access/slab_object.c take.
 * Consistency: each packet by itself, as it is copied; it may be freed meanwhile, and its pages
 * with it. So they are marked before the lists of free pages are, whose marks count more.
 */
#include "access/page_packet.h"

#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/vmalloc.h>

#include "access/page_fence.h"
#include "access/page_layout.h"
#include "access/page_look.h"
#include "access/page_mark.h"
#include "access/slab.h"
#include "access/slab_object.h"
#include "access/span.h"
#include "introspect/kread.h"
#include "memory.h"

/* Fewer packets are not looked at: with 64 KiB each, as most have at most, they are no incident. */
#define MIN_PACKETS	256

/*
 * struct search - a search for fragments
 * @packets: what was found
 * @marks: gets the marks
 * @list: all caches
 * @ids: of each kind, the address of its cache; 0 if it is unknown, or has few objects
 * @caches: of each kind, the index of its cache in @list; -1 if it is unknown or has few objects
 * @spot: where the last head was
 * @skb: room for a copy
 * @shared: room for a copy of what is behind its head
 */
struct search {
	struct mt_page_packets *packets;
	struct mt_page_marks *marks;
	struct mt_slab_list list;
	unsigned long ids[MT_NR_PACKET_KINDS];
	int caches[MT_NR_PACKET_KINDS];
	struct mt_slab_spot spot;
	struct sk_buff skb;
	struct skb_shared_info shared;
};

/* The address behind the block that a packet's head is in; 0 if it is in none. */
static unsigned long end_of_block(struct search *search, unsigned long head)
{
	struct page *page;

	if (is_vmalloc_addr((void *)head))
		return VMALLOC_END;
	if (mt_slab_object_find(&search->list, head, &search->spot))
		return search->spot.object + search->list.caches[search->spot.cache].size;
	if (!virt_addr_valid((void *)head))
		return 0;
	page = mt_page_fence_page(PHYS_PFN(__pa(head)));
	if (!page)
		return 0;
	page = compound_head(page);
	return (unsigned long)page_to_virt(page) + (PAGE_SIZE << mt_span_order(page));
}

static bool read_packet(struct search *search, unsigned long addr, unsigned int fclone)
{
	const size_t frags = offsetof(struct skb_shared_info, frags);
	const struct sk_buff *skb = &search->skb;
	unsigned long head, shared;

	if (!mt_kread(&search->skb, addr, sizeof(search->skb)) || skb->fclone != fclone ||
	    !refcount_read(&skb->users))
		return false;
	head = (unsigned long)skb->head;
	shared = (unsigned long)skb_end_pointer(skb);
	if (shared < head || shared % sizeof(long) ||
	    shared + sizeof(search->shared) > end_of_block(search, head) ||
	    !mt_kread(&search->shared, shared, frags))
		return false;
	/* as many hold the data as have not given them back */
	if (search->shared.nr_frags > MAX_SKB_FRAGS ||
	    !(atomic_read(&search->shared.dataref) & SKB_DATAREF_MASK))
		return false;
	/* most have few: the room for the others is not read */
	return !search->shared.nr_frags ||
	       mt_kread(search->shared.frags, shared + frags,
			search->shared.nr_frags * sizeof(*search->shared.frags));
}

static void mark_block(struct search *search, struct page *page)
{
	if (page)
		mt_page_marks_set(search->marks, page_to_pfn(compound_head(page)), MT_MARK_PACKET);
}

static struct page *page_of(const skb_frag_t *frag)
{
#ifdef MT_HAVE_skb_frag_is_net_iov
	/* memory of a device, which has no struct page: seen in v6.12, not in v6.1 */
	if (skb_frag_is_net_iov(frag))
		return NULL;
#endif
	return skb_frag_page(frag);
}

/* Does it have fragments? They are marked. */
static bool follow(struct search *search, unsigned long addr, unsigned int fclone)
{
	const struct sk_buff *skb = &search->skb;
	unsigned int i;

	if (!read_packet(search, addr, fclone))
		return false;
	if (skb->head_frag && virt_addr_valid(skb->head))
		mark_block(search, mt_page_fence_page(PHYS_PFN(__pa(skb->head))));
	for (i = 0; i < search->shared.nr_frags; i++) {
		unsigned long pfn =
			mt_page_fence_pfn((unsigned long)page_of(&search->shared.frags[i]));

		mark_block(search, mt_page_fence_page(pfn));
	}
	return skb->head_frag || search->shared.nr_frags;
}

/* With room for a clone: what is written in the first one stays as long as the clone is there. */
static bool follow_pair(struct search *search, unsigned long addr)
{
	bool has = follow(search, addr + offsetof(struct sk_buff_fclones, skb1), SKB_FCLONE_ORIG);
	refcount_t users;

	if (mt_kread(&users, addr + offsetof(struct sk_buff_fclones, fclone_ref), sizeof(users)) &&
	    refcount_read(&users) == 2)
		has |= follow(search, addr + offsetof(struct sk_buff_fclones, skb2),
			      SKB_FCLONE_CLONE);
	return has;
}

static bool visit_slab(const struct mt_slab_objects *slab, void *arg)
{
	struct search *search = arg;
	unsigned long addr;
	unsigned int i;

	if ((int)slab->cache == search->caches[MT_PACKET_FCLONE]) {
		mt_slab_for_each_object(slab, i, addr)
			search->packets->nr[MT_PACKET_FCLONE] += follow_pair(search, addr);
	} else {
		mt_slab_for_each_object(slab, i, addr)
			search->packets->nr[MT_PACKET_HEAD] +=
				follow(search, addr, SKB_FCLONE_UNAVAILABLE);
	}
	return true;
}

/* The address of the variable that holds the cache; 0 if it is unknown. */
static unsigned long variable_of(enum mt_packet_kind kind)
{
	const struct mt_field *member = kind == MT_PACKET_FCLONE ? &mt_net_hotdata_fclone :
								   &mt_net_hotdata_packet;

	if (mt_packet_hotdata_table.state == MT_RELO_READY)
		return mt_sym_net_hotdata + member->offset;
	if (mt_packet_cache_table.state == MT_RELO_READY)
		return kind == MT_PACKET_FCLONE ? mt_sym_fclone_cache : mt_sym_packet_cache;
	return 0;
}

/* Of each kind, its cache, or 0; false if there are too few of either. */
static bool find_ids(unsigned long *ids)
{
	unsigned int kind;
	bool any = false;

	for (kind = 0; kind < MT_NR_PACKET_KINDS; kind++) {
		unsigned long variable = variable_of(kind);
		s64 capacity;

		ids[kind] = 0;
		if (!variable || !mt_kread_ulong(variable, &ids[kind]) || !ids[kind])
			continue;
		capacity = mt_slab_capacity(ids[kind]);
		/* if that is unknown, reading the list says why */
		if (capacity >= 0 && capacity < MIN_PACKETS)
			ids[kind] = 0;
		any |= ids[kind];
	}
	return any;
}

/* False if there are too few of either kind. */
static bool find_caches(struct search *search, unsigned long *wanted)
{
	unsigned int kind;
	bool any = false;

	bitmap_zero(wanted, search->list.nr);
	for (kind = 0; kind < MT_NR_PACKET_KINDS; kind++) {
		const struct mt_slab_cache *cache;

		search->caches[kind] = -1;
		if (search->ids[kind])
			search->caches[kind] = mt_slab_index(&search->list, search->ids[kind]);
		if (search->caches[kind] < 0)
			continue;
		cache = &search->list.caches[search->caches[kind]];
		if (cache->active_known && cache->active < MIN_PACKETS)
			continue;
		__set_bit(search->caches[kind], wanted);
		any = true;
	}
	return any;
}

static int search_all(struct search *search, u64 budget_ns)
{
	struct mt_slab_walk walk = {
		.list = &search->list,
		.visit = visit_slab,
		.arg = search,
		.budget_ns = budget_ns,
	};
	unsigned long *wanted = mt_memory_alloc(BITS_TO_LONGS(search->list.nr) * sizeof(long));
	int err = 0;

	if (!wanted)
		return -ENOMEM;
	walk.wanted = wanted;
	if (find_caches(search, wanted))
		err = mt_slab_object_walk(&walk);
	search->packets->cut = walk.pages_seen < walk.pages_all;
	mt_memory_free(wanted);
	return err ?: walk.error;
}

/**
 * mt_page_packet_mark() - mark the pages that packets have
 * @packets: gets what was found
 * @marks: gets MT_MARK_PACKET for the first page of each block
 * @budget_ns: what it may take, not 0
 *
 * Where there are few packets, none is looked at, and no time is needed.
 *
 * Context: process context, no lock held, may sleep. Takes slab_mutex, and in it list_lock.
 */
void mt_page_packet_mark(struct mt_page_packets *packets, struct mt_page_marks *marks,
			 u64 budget_ns)
{
	unsigned long ids[MT_NR_PACKET_KINDS];
	struct search *search;

	*packets = (struct mt_page_packets) { };
	/* a kernel without a network has none; the needs of a report tell if they are unknown */
	if (!variable_of(MT_PACKET_HEAD))
		return;
	if (!mt_slab_object_known()) {
		packets->error = -EOPNOTSUPP;
		return;
	}
	if (!find_ids(ids))
		return;
	search = mt_memory_zalloc(sizeof(*search));
	if (!search) {
		packets->error = -ENOMEM;
		return;
	}
	memcpy(search->ids, ids, sizeof(ids));
	search->packets = packets;
	search->marks = marks;
	packets->error = mt_slab_read(&search->list);
	if (!packets->error) {
		packets->error = search_all(search, budget_ns);
		mt_slab_free(&search->list);
	}
	mt_memory_free(search);
}

/**
 * mt_page_packet_cache() - the name of the cache that packets of a kind come from
 * @kind: the kind
 *
 * Context: any.
 * Return: the name that it was created with.
 */
const char *mt_page_packet_cache(enum mt_packet_kind kind)
{
	return kind == MT_PACKET_FCLONE ? "skbuff_fclone_cache" : "skbuff_head_cache";
}
