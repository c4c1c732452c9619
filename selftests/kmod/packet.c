// SPDX-License-Identifier: GPL-2.0
/*
 * Packets: the published incident, 72-byte objects of a cache that the slab
 * allocator merges with its neighbours, each holding an skb and its payload.
 *
 *   N          hold exactly N packets (0 frees all)
 *   N M ORDER  the same; those that come new carry M fragments of 2^ORDER pages,
 *              and their heads are in a page each
 *   shrink     kmem_cache_shrink() of their cache
 *   lose       forget them
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "plant.h"

#define PACKET_CACHE_NAME	"TSPacket"
#define PACKET_BYTES		72
/*
 * With struct skb_shared_info behind it this is more than 1 KiB and at most
 * 2 KiB on every kernel, so the data come from kmalloc-2k.
 */
#define PAYLOAD_BYTES		1500
#define PACKETS_MAX		16000000
#define FRAGMENTS_MAX		16
#define FRAGMENT_ORDER_MAX	3

struct ts_packet {
	struct list_head node;
	struct sk_buff *skb;
	u64 sequence;
	u8 header[40];
};

static_assert(sizeof(struct ts_packet) == PACKET_BYTES);

static struct kmem_cache *packet_cache;
static LIST_HEAD(packets);
static unsigned long nr_packets;
static unsigned long nr_lost_packets;
static u64 sequence;

/* struct fragments - what packets carry in pages of their own */
struct fragments {
	unsigned long nr;
	unsigned long order;
};

/* The head in a page fragment, too: all of a page. */
static struct sk_buff *skb_in_page(void)
{
	struct page *page = alloc_page(PLANT_GFP);
	struct sk_buff *skb;

	if (!page)
		return NULL;
	skb = build_skb(page_address(page), PAGE_SIZE);
	if (!skb)
		__free_page(page);
	return skb;
}

static int skb_add_fragments(struct sk_buff *skb, const struct fragments *fragments)
{
	unsigned long bytes = PAGE_SIZE << fragments->order;
	unsigned long i;

	for (i = 0; i < fragments->nr; i++) {
		struct page *page = alloc_pages(PLANT_GFP | __GFP_COMP, fragments->order);

		if (!page)
			return -ENOMEM;
		memset(page_address(page), 0x47, bytes);
		skb_add_rx_frag(skb, i, page, 0, bytes, bytes);
	}
	return 0;
}

static struct sk_buff *skb_create(const struct fragments *fragments)
{
	struct sk_buff *skb = fragments->nr ? skb_in_page() : alloc_skb(PAYLOAD_BYTES, PLANT_GFP);

	if (!skb)
		return NULL;
	memset(skb_put(skb, PAYLOAD_BYTES), 0x47, PAYLOAD_BYTES);
	if (!skb_add_fragments(skb, fragments))
		return skb;
	kfree_skb(skb);
	return NULL;
}

static struct ts_packet *packet_create(const struct fragments *fragments)
{
	struct ts_packet *packet;

	packet = kmem_cache_alloc(packet_cache, PLANT_GFP);
	if (!packet)
		return NULL;
	packet->skb = skb_create(fragments);
	if (!packet->skb) {
		kmem_cache_free(packet_cache, packet);
		return NULL;
	}
	memset(packet->header, 0x47, sizeof(packet->header));
	packet->sequence = sequence++;
	return packet;
}

static void packet_destroy(struct ts_packet *packet)
{
	list_del(&packet->node);
	kfree_skb(packet->skb);
	kmem_cache_free(packet_cache, packet);
}

static void packets_free(struct list_head *list, unsigned long nr)
{
	while (nr--) {
		packet_destroy(list_first_entry(list, struct ts_packet, node));
		cond_resched();
	}
}

static int packets_add(unsigned long nr, const struct fragments *fragments)
{
	LIST_HEAD(added);
	unsigned long done;
	int err;

	for (done = 0; done < nr; done++) {
		struct ts_packet *packet;

		err = plant_breathe();
		if (err)
			goto err_undo;
		err = -ENOMEM;
		packet = packet_create(fragments);
		if (!packet)
			goto err_undo;
		list_add_tail(&packet->node, &added);
	}
	list_splice_tail(&added, &packets);
	nr_packets += nr;
	return 0;

err_undo:
	packets_free(&added, done);
	return err;
}

static int packets_command(int argc, char **argv)
{
	struct fragments fragments = { };
	unsigned long nr;

	if (argc == 1 && !strcmp(argv[0], "shrink")) {
		kmem_cache_shrink(packet_cache);
		return 0;
	}
	if ((argc != 1 && argc != 3) || plant_number(argv[0], 0, PACKETS_MAX, &nr))
		return -EINVAL;
	if (argc == 3 && (plant_number(argv[1], 1, FRAGMENTS_MAX, &fragments.nr) ||
			  plant_number(argv[2], 0, FRAGMENT_ORDER_MAX, &fragments.order)))
		return -EINVAL;
	if (nr > nr_packets)
		return packets_add(nr - nr_packets, &fragments);
	packets_free(&packets, nr_packets - nr);
	nr_packets = nr;
	return 0;
}

static void packets_show(struct seq_file *m)
{
	seq_printf(m, "objects: %lu\n", nr_packets);
	seq_printf(m, "lost_objects: %lu\n", nr_lost_packets);
	seq_printf(m, "object_bytes: %d\n", PACKET_BYTES);
	seq_printf(m, "payload_bytes: %d\n", PAYLOAD_BYTES);
	seq_printf(m, "cache: %s\n", PACKET_CACHE_NAME);
	seq_puts(m, "data_cache: kmalloc-2k\n");
}

static void packets_lose(void)
{
	nr_lost_packets += nr_packets;
	nr_packets = 0;
	INIT_LIST_HEAD(&packets);
}

static int packets_init(void)
{
	packet_cache = kmem_cache_create(PACKET_CACHE_NAME, PACKET_BYTES, 0, 0,
					 NULL);
	return packet_cache ? 0 : -ENOMEM;
}

static void packets_exit(void)
{
	packets_free(&packets, nr_packets);
	nr_packets = 0;
	/* Destroying a cache that has objects is a WARN: they keep it. */
	if (!nr_lost_packets)
		kmem_cache_destroy(packet_cache);
}

const struct plant_kind plant_packets = {
	.name		= "packets",
	.init		= packets_init,
	.command	= packets_command,
	.show		= packets_show,
	.lose		= packets_lose,
	.exit		= packets_exit,
};
