// SPDX-License-Identifier: GPL-2.0
/*
 * Large: kmalloc() beyond the largest cache, which is whole pages that the
 * kernel counts as slab and that belong to no cache.
 *
 *   BYTES COUNT   COUNT allocations of BYTES each
 *   table BYTES   one, full of addresses on the heap, held by plant_large_table
 *   free          give all of them back
 *   lose          forget them
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "plant.h"

#define COUNT_MAX		1000000

/*
 * struct large - what each allocation begins with
 * @node: among all of them
 * @kind: an address of this module
 */
struct large {
	struct list_head node;
	const struct plant_kind *kind;
};

static LIST_HEAD(larges);
static unsigned long nr_larges;
static unsigned long nr_large_pages;
static unsigned long nr_lost_pages;

/* A table as a driver would have one: it names nobody. */
static void **plant_large_table;
static unsigned long nr_table_pages;

static void table_free(void)
{
	kfree(plant_large_table);
	plant_large_table = NULL;
	nr_table_pages = 0;
}

static int table_add(unsigned long bytes)
{
	unsigned long at;

	if (plant_large_table)
		return -EBUSY;
	plant_large_table = kmalloc(bytes, PLANT_GFP);
	if (!plant_large_table)
		return -ENOMEM;
	nr_table_pages = 1UL << get_order(bytes);
	/* all of the pages: what was there before is somebody else's */
	for (at = 0; at < (nr_table_pages << PAGE_SHIFT) / sizeof(*plant_large_table); at++)
		plant_large_table[at] = plant_large_table;
	return 0;
}

static void larges_free(struct list_head *list)
{
	struct large *large;

	while ((large = list_first_entry_or_null(list, struct large, node))) {
		list_del(&large->node);
		kfree(large);
		cond_resched();
	}
}

static void large_forget(void)
{
	INIT_LIST_HEAD(&larges);
	nr_larges = 0;
	nr_large_pages = 0;
}

static int large_add(unsigned long bytes, unsigned long nr)
{
	LIST_HEAD(added);
	unsigned long done;
	int err;

	for (done = 0; done < nr; done++) {
		struct large *large;

		err = plant_breathe();
		if (err)
			goto err_undo;
		err = -ENOMEM;
		large = kmalloc(bytes, PLANT_GFP);
		if (!large)
			goto err_undo;
		large->kind = &plant_large;
		list_add_tail(&large->node, &added);
	}
	list_splice_tail(&added, &larges);
	nr_larges += nr;
	nr_large_pages += nr << get_order(bytes);
	return 0;

err_undo:
	larges_free(&added);
	return err;
}

static void large_free(void)
{
	larges_free(&larges);
	table_free();
	large_forget();
}

static int large_command(int argc, char **argv)
{
	unsigned long bytes;
	unsigned long nr;

	if (argc == 1 && !strcmp(argv[0], "free")) {
		large_free();
		return 0;
	}
	if (argc == 2 && !strcmp(argv[0], "table")) {
		if (plant_number(argv[1], KMALLOC_MAX_CACHE_SIZE + 1,
				 KMALLOC_MAX_SIZE, &bytes))
			return -EINVAL;
		return table_add(bytes);
	}
	if (argc != 2 || plant_number(argv[1], 1, COUNT_MAX, &nr) ||
	    plant_number(argv[0], KMALLOC_MAX_CACHE_SIZE + 1, KMALLOC_MAX_SIZE,
			 &bytes))
		return -EINVAL;
	return large_add(bytes, nr);
}

static void large_show(struct seq_file *m)
{
	seq_printf(m, "objects: %lu\n", nr_larges);
	seq_printf(m, "pages: %lu\n", nr_large_pages);
	seq_printf(m, "bytes: %lu\n", nr_large_pages << PAGE_SHIFT);
	seq_printf(m, "table_pages: %lu\n", nr_table_pages);
	seq_printf(m, "lost_pages: %lu\n", nr_lost_pages);
}

static void large_lose(void)
{
	nr_lost_pages += nr_large_pages + nr_table_pages;
	plant_large_table = NULL;
	nr_table_pages = 0;
	large_forget();
}

const struct plant_kind plant_large = {
	.name		= "large",
	.command	= large_command,
	.show		= large_show,
	.lose		= large_lose,
	.exit		= large_free,
};
