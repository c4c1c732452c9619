// SPDX-License-Identifier: GPL-2.0
/*
 * Pages: blocks straight from the page allocator, in no account of the kernel.
 *
 *   raw ORDER BLOCKS        alloc_pages() without __GFP_COMP
 *   compound ORDER BLOCKS   with __GFP_COMP
 *   rings ORDER BLOCKS      like raw, each with the address of plant_ring_ops
 *                           at PLANT_RING_OFFSET, as a driver's ring would
 *   held ORDER BLOCKS       like raw, the address of each in plant_held_bytes
 *   paged ORDER BLOCKS      like compound, that of its page in plant_held_pages
 *   free                    give all of them back
 *   lose                    forget them
 *
 * A block is tracked through its first page's lru, which its owner may use, so
 * that tracking costs no memory of another account.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/string.h>
#include "plant.h"

#define ORDER_LIMIT		10
#define BLOCKS_MAX		64000000

enum shape {
	SHAPE_RAW,
	SHAPE_COMPOUND,
	SHAPE_RINGS,
	SHAPE_HELD,
	SHAPE_PAGED,
	NR_SHAPES,
};

static const char * const shape_names[NR_SHAPES] = {
	[SHAPE_RAW]		= "raw",
	[SHAPE_COMPOUND]	= "compound",
	[SHAPE_RINGS]		= "rings",
	[SHAPE_HELD]		= "held",
	[SHAPE_PAGED]		= "paged",
};

#define PLANT_RING_OFFSET	0x40

/* What every ring of this driver would point to. */
static int plant_ring_poll(void)
{
	return 0;
}

static const struct plant_ring_ops {
	int (*poll)(void);
} plant_ring_ops = {
	.poll = plant_ring_poll,
};

/* Blocks of one shape that a variable can hold. */
#define HELD_MAX	64

static void *plant_held_bytes[HELD_MAX];
static struct page *plant_held_pages[HELD_MAX];

static struct list_head blocks[NR_SHAPES][ORDER_LIMIT + 1];
static unsigned long nr_blocks[NR_SHAPES][ORDER_LIMIT + 1];
static unsigned long nr_lost_pages;

static void blocks_free(struct list_head *list, unsigned int order)
{
	struct page *page;

	while ((page = list_first_entry_or_null(list, struct page, lru))) {
		list_del(&page->lru);
		__free_pages(page, order);
		cond_resched();
	}
}

/* Those of one shape: every one of them is in the list of its order. */
static void blocks_hold(enum shape shape)
{
	struct page *page;
	unsigned int order;
	unsigned int at = 0;

	if (shape == SHAPE_HELD)
		memset(plant_held_bytes, 0, sizeof(plant_held_bytes));
	if (shape == SHAPE_PAGED)
		memset(plant_held_pages, 0, sizeof(plant_held_pages));
	if (shape != SHAPE_HELD && shape != SHAPE_PAGED)
		return;
	for (order = 0; order <= ORDER_LIMIT; order++) {
		list_for_each_entry(page, &blocks[shape][order], lru) {
			if (at == HELD_MAX)
				return;
			if (shape == SHAPE_HELD)
				plant_held_bytes[at++] = page_address(page);
			else
				plant_held_pages[at++] = page;
		}
	}
}

static int blocks_add(enum shape shape, unsigned int order, unsigned long nr)
{
	gfp_t gfp = PLANT_GFP;
	LIST_HEAD(added);
	unsigned long done;
	int err;

	if (shape == SHAPE_COMPOUND || shape == SHAPE_PAGED)
		gfp |= __GFP_COMP;
	for (done = 0; done < nr; done++) {
		struct page *page;

		err = plant_breathe();
		if (err)
			goto err_undo;
		err = -ENOMEM;
		page = alloc_pages(gfp, order);
		if (!page)
			goto err_undo;
		/* All of it: what was there before is somebody else's. */
		memset(page_address(page), 0x47, PAGE_SIZE << order);
		if (shape == SHAPE_RINGS)
			*(const void **)(page_address(page) +
					 PLANT_RING_OFFSET) = &plant_ring_ops;
		list_add_tail(&page->lru, &added);
	}
	list_splice_tail(&added, &blocks[shape][order]);
	nr_blocks[shape][order] += nr;
	blocks_hold(shape);
	return 0;

err_undo:
	blocks_free(&added, order);
	return err;
}

static void pages_free(void)
{
	unsigned int order;
	int shape;

	for (shape = 0; shape < NR_SHAPES; shape++) {
		for (order = 0; order <= ORDER_LIMIT; order++) {
			blocks_free(&blocks[shape][order], order);
			nr_blocks[shape][order] = 0;
		}
		blocks_hold(shape);
	}
}

static unsigned long pages_count(void)
{
	unsigned long nr = 0;
	unsigned int order;
	int shape;

	for (shape = 0; shape < NR_SHAPES; shape++) {
		for (order = 0; order <= ORDER_LIMIT; order++)
			nr += nr_blocks[shape][order] << order;
	}
	return nr;
}

static int pages_command(int argc, char **argv)
{
	unsigned long order;
	unsigned long nr;
	int shape;

	if (argc == 1 && !strcmp(argv[0], "free")) {
		pages_free();
		return 0;
	}
	if (argc != 3)
		return -EINVAL;
	if (plant_number(argv[1], 0, ORDER_LIMIT, &order) ||
	    plant_number(argv[2], 1, BLOCKS_MAX, &nr))
		return -EINVAL;
	for (shape = 0; shape < NR_SHAPES; shape++) {
		if (!strcmp(argv[0], shape_names[shape]))
			return blocks_add(shape, order, nr);
	}
	return -EINVAL;
}

static void pages_show(struct seq_file *m)
{
	unsigned int order;
	int shape;

	seq_printf(m, "pages: %lu\n", pages_count());
	seq_printf(m, "bytes: %lu\n", pages_count() << PAGE_SHIFT);
	seq_printf(m, "lost_pages: %lu\n", nr_lost_pages);
	for (shape = 0; shape < NR_SHAPES; shape++) {
		for (order = 0; order <= ORDER_LIMIT; order++) {
			if (!nr_blocks[shape][order])
				continue;
			seq_printf(m, "%s_order_%u_blocks: %lu\n",
				   shape_names[shape], order,
				   nr_blocks[shape][order]);
		}
	}
}

static void pages_forget(void)
{
	unsigned int order;
	int shape;

	for (shape = 0; shape < NR_SHAPES; shape++) {
		for (order = 0; order <= ORDER_LIMIT; order++) {
			INIT_LIST_HEAD(&blocks[shape][order]);
			nr_blocks[shape][order] = 0;
		}
		blocks_hold(shape);
	}
}

static void pages_lose(void)
{
	nr_lost_pages += pages_count();
	pages_forget();
}

static int pages_init(void)
{
	pages_forget();
	return 0;
}

const struct plant_kind plant_pages = {
	.name		= "pages",
	.init		= pages_init,
	.command	= pages_command,
	.show		= pages_show,
	.lose		= pages_lose,
	.exit		= pages_free,
};
