// SPDX-License-Identifier: GPL-2.0
/*
 * Device: memory as the driver of a device asks for it.
 *
 *   pool PAGES           PAGES pages from a page pool of the device's
 *   coherent ORDER NR    NR buffers of 2^ORDER pages for DMA, from a contiguous
 *                        memory area if there is one
 *   mapped ORDER NR      NR blocks of 2^ORDER pages, mapped in a row by vmap()
 *   free                 give all of them back
 */
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <linux/poison.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#if __has_include(<net/page_pool/helpers.h>)
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif
#include "plant.h"

#define DEVICE_NAME	"mt_plant_device"
#define ORDER_LIMIT	10
#define PAGES_MAX	1000000

/* struct buffer - of 2^@order pages, for DMA */
struct buffer {
	void *address;
	dma_addr_t bus;
};

static struct platform_device *device;

static struct page_pool *pool;
static struct page **pool_pages;
static unsigned long nr_pool_pages;

static struct buffer *buffers;
static unsigned long nr_buffers;
static unsigned int buffer_order;

static struct page **mapped_pages;
static unsigned long nr_mapped_pages;
static unsigned int mapped_order;
static void *mapped;

static void pool_free(void)
{
	while (nr_pool_pages)
		page_pool_put_full_page(pool, pool_pages[--nr_pool_pages],
					false);
	kvfree(pool_pages);
	pool_pages = NULL;
	if (pool)
		page_pool_destroy(pool);
	pool = NULL;
}

static int pool_add(unsigned long nr)
{
	struct page_pool_params params = {
		.pool_size = 64,
		.nid = NUMA_NO_NODE,
		.dev = &device->dev,
	};

	pool_pages = kvcalloc(nr, sizeof(*pool_pages), PLANT_GFP);
	if (!pool_pages)
		return -ENOMEM;
	pool = page_pool_create(&params);
	if (IS_ERR(pool)) {
		pool = NULL;
		return -ENOMEM;
	}
	while (nr_pool_pages < nr) {
		struct page *page = page_pool_alloc_pages(pool, PLANT_GFP);

		if (!page)
			return -ENOMEM;
		pool_pages[nr_pool_pages++] = page;
	}
	return 0;
}

static void coherent_free(void)
{
	while (nr_buffers) {
		struct buffer *buffer = &buffers[--nr_buffers];

		dma_free_coherent(&device->dev, PAGE_SIZE << buffer_order,
				  buffer->address, buffer->bus);
	}
	kvfree(buffers);
	buffers = NULL;
}

static int coherent_add(unsigned int order, unsigned long nr)
{
	buffers = kvcalloc(nr, sizeof(*buffers), PLANT_GFP);
	if (!buffers)
		return -ENOMEM;
	buffer_order = order;
	while (nr_buffers < nr) {
		struct buffer *buffer = &buffers[nr_buffers];

		buffer->address = dma_alloc_coherent(&device->dev,
						     PAGE_SIZE << order,
						     &buffer->bus, GFP_KERNEL);
		if (!buffer->address)
			return -ENOMEM;
		nr_buffers++;
	}
	return 0;
}

static void mapped_free(void)
{
	vunmap(mapped);
	mapped = NULL;
	while (nr_mapped_pages) {
		nr_mapped_pages -= 1UL << mapped_order;
		__free_pages(mapped_pages[nr_mapped_pages], mapped_order);
	}
	kvfree(mapped_pages);
	mapped_pages = NULL;
}

/* Not inlined: its name is what is known of who mapped them. */
static noinline int plant_device_map(void)
{
	mapped = vmap(mapped_pages, nr_mapped_pages, VM_MAP, PAGE_KERNEL);
	return mapped ? 0 : -ENOMEM;
}

static int mapped_add(unsigned int order, unsigned long nr)
{
	unsigned long block;

	mapped_pages = kvcalloc(nr << order, sizeof(*mapped_pages), PLANT_GFP);
	if (!mapped_pages)
		return -ENOMEM;
	mapped_order = order;
	for (block = 0; block < nr; block++) {
		struct page *page = alloc_pages(PLANT_GFP, order);
		unsigned long i;

		if (!page)
			return -ENOMEM;
		memset(page_address(page), 0x47, PAGE_SIZE << order);
		for (i = 0; i < 1UL << order; i++)
			mapped_pages[nr_mapped_pages++] = page + i;
	}
	return plant_device_map();
}

static void device_free(void)
{
	pool_free();
	coherent_free();
	mapped_free();
}

/* One of each kind at a time. */
static int device_command(int argc, char **argv)
{
	unsigned long order = 0;
	unsigned long nr;
	int err = -EINVAL;

	if (argc == 1 && !strcmp(argv[0], "free")) {
		device_free();
		return 0;
	}
	if (argc < 2 || plant_number(argv[argc - 1], 1, PAGES_MAX, &nr) ||
	    (argc == 3 && plant_number(argv[1], 0, ORDER_LIMIT, &order)))
		return -EINVAL;
	if (argc == 2 && !strcmp(argv[0], "pool")) {
		if (pool)
			return -EBUSY;
		err = pool_add(nr);
		if (err)
			pool_free();
	} else if (argc == 3 && !strcmp(argv[0], "coherent")) {
		if (buffers)
			return -EBUSY;
		err = coherent_add(order, nr);
		if (err)
			coherent_free();
	} else if (argc == 3 && !strcmp(argv[0], "mapped")) {
		if (mapped_pages)
			return -EBUSY;
		err = mapped_add(order, nr);
		if (err)
			mapped_free();
	}
	return err;
}

static void device_show(struct seq_file *m)
{
	seq_printf(m, "device: %s\n", DEVICE_NAME);
	/* Before v5.14 nothing is written on a pool's pages. */
#ifdef PP_SIGNATURE
	seq_puts(m, "pool_is_marked: 1\n");
#else
	seq_puts(m, "pool_is_marked: 0\n");
#endif
	/* With what it keeps for the next ones. */
	seq_printf(m, "pool_pages: %d\n",
		   pool ? (int)pool->pages_state_hold_cnt -
		   atomic_read(&pool->pages_state_release_cnt) : 0);
	seq_printf(m, "coherent_pages: %lu\n", nr_buffers << buffer_order);
	seq_printf(m, "mapped_pages: %lu\n", nr_mapped_pages);
}

static int device_init(void)
{
	int err;

	device = platform_device_register_simple(DEVICE_NAME, -1, NULL, 0);
	if (IS_ERR(device))
		return PTR_ERR(device);
	err = dma_coerce_mask_and_coherent(&device->dev, DMA_BIT_MASK(64));
	if (err)
		platform_device_unregister(device);
	return err;
}

static void device_exit(void)
{
	device_free();
	platform_device_unregister(device);
}

const struct plant_kind plant_device = {
	.name		= "device",
	.init		= device_init,
	.command	= device_command,
	.show		= device_show,
	.exit		= device_exit,
};
