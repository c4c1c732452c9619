// SPDX-License-Identifier: GPL-2.0
/*
 * Vmalloc: areas of an exact number of pages, each kind from one function of
 * its own, which is what the kernel records as the caller.
 *
 *   vmalloc AREAS PAGES   __vmalloc() in plant_vmalloc_area()
 *   user AREAS PAGES      vmalloc_user() in plant_vmalloc_user_area()
 *   vmap AREAS PAGES      vmap() of own pages in plant_vmap_area(); the pages
 *                         are not VmallocUsed: nobody accounts them
 *   free                  give all of them back
 *   lose                  forget them
 *
 * An area is tracked by a header in its own first bytes, so that tracking
 * costs no memory of another account.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kmemleak.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include "plant.h"

#define AREAS_MAX		1000000
#define AREA_PAGES_MAX		1000000

struct area {
	struct list_head node;
	unsigned long nr_pages;
};

/*
 * Not inlined and not a tail call: the return address that vmalloc records
 * must lie in these functions and nowhere else.
 */
static noinline void *plant_vmalloc_area(unsigned long nr_pages)
{
	void *addr = __vmalloc(nr_pages << PAGE_SHIFT, PLANT_GFP);

	barrier();
	return addr;
}

static noinline void *plant_vmalloc_user_area(unsigned long nr_pages)
{
	void *addr = vmalloc_user(nr_pages << PAGE_SHIFT);

	barrier();
	return addr;
}

static noinline void *plant_vmap_area(unsigned long nr_pages)
{
	struct page **pages;
	unsigned long i;
	void *addr = NULL;

	pages = kvcalloc(nr_pages, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return NULL;
	for (i = 0; i < nr_pages; i++) {
		pages[i] = alloc_page(PLANT_GFP);
		if (!pages[i])
			goto out_pages;
	}
	addr = vmap(pages, nr_pages, VM_MAP, PAGE_KERNEL);
out_pages:
	if (!addr) {
		while (i--)
			__free_page(pages[i]);
	}
	kvfree(pages);
	return addr;
}

static void vmap_free(struct area *area)
{
	unsigned long nr_pages = area->nr_pages;
	LIST_HEAD(pages);
	struct page *page;
	unsigned long i;

	for (i = 0; i < nr_pages; i++) {
		page = vmalloc_to_page((void *)area + (i << PAGE_SHIFT));
		list_add(&page->lru, &pages);
	}
	vunmap(area);
	while ((page = list_first_entry_or_null(&pages, struct page, lru))) {
		list_del(&page->lru);
		__free_page(page);
	}
}

static void area_vfree(struct area *area)
{
	vfree(area);
}

static struct area_kind {
	const char *name;
	void *(*alloc)(unsigned long nr_pages);
	void (*free)(struct area *area);
	struct list_head areas;
	unsigned long nr_areas;
	unsigned long nr_pages;
} kinds[] = {
	{ "vmalloc", plant_vmalloc_area, area_vfree },
	{ "user", plant_vmalloc_user_area, area_vfree },
	{ "vmap", plant_vmap_area, vmap_free },
};

static unsigned long nr_lost_areas;

static void areas_free(const struct area_kind *kind, struct list_head *list)
{
	struct area *area;

	while ((area = list_first_entry_or_null(list, struct area, node))) {
		list_del(&area->node);
		kind->free(area);
		cond_resched();
	}
}

static int areas_add(struct area_kind *kind, unsigned long nr_areas,
		     unsigned long nr_pages)
{
	LIST_HEAD(added);
	unsigned long done;
	int err;

	for (done = 0; done < nr_areas; done++) {
		struct area *area;

		err = plant_breathe();
		if (err)
			goto err_undo;
		err = -ENOMEM;
		area = kind->alloc(nr_pages);
		if (!area)
			goto err_undo;
		area->nr_pages = nr_pages;
		list_add_tail(&area->node, &added);
	}
	list_splice_tail(&added, &kind->areas);
	kind->nr_areas += nr_areas;
	kind->nr_pages += nr_areas * nr_pages;
	return 0;

err_undo:
	areas_free(kind, &added);
	return err;
}

static void kind_forget(struct area_kind *kind)
{
	INIT_LIST_HEAD(&kind->areas);
	kind->nr_areas = 0;
	kind->nr_pages = 0;
}

static void areas_free_all(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		areas_free(&kinds[i], &kinds[i].areas);
		kind_forget(&kinds[i]);
	}
}

static int areas_command(int argc, char **argv)
{
	unsigned long nr_areas;
	unsigned long nr_pages;
	size_t i;

	if (argc == 1 && !strcmp(argv[0], "free")) {
		areas_free_all();
		return 0;
	}
	if (argc != 3 || plant_number(argv[1], 1, AREAS_MAX, &nr_areas) ||
	    plant_number(argv[2], 1, AREA_PAGES_MAX, &nr_pages))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(argv[0], kinds[i].name))
			return areas_add(&kinds[i], nr_areas, nr_pages);
	}
	return -EINVAL;
}

static void areas_show(struct seq_file *m)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct area_kind *kind = &kinds[i];

		seq_printf(m, "%s_areas: %lu\n", kind->name, kind->nr_areas);
		seq_printf(m, "%s_pages: %lu\n", kind->name, kind->nr_pages);
	}
	seq_printf(m, "lost_areas: %lu\n", nr_lost_areas);
	seq_puts(m, "vmalloc_caller: plant_vmalloc_area\n");
	seq_puts(m, "user_caller: plant_vmalloc_user_area\n");
	seq_puts(m, "vmap_caller: plant_vmap_area\n");
}

static void areas_lose(void)
{
	struct area *area;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		/* On purpose: kmemleak looks for other leaks. */
		list_for_each_entry(area, &kinds[i].areas, node)
			kmemleak_not_leak(area);
		nr_lost_areas += kinds[i].nr_areas;
		kind_forget(&kinds[i]);
	}
}

static int areas_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		kind_forget(&kinds[i]);
	return 0;
}

const struct plant_kind plant_vmalloc = {
	.name		= "vmalloc",
	.init		= areas_init,
	.command	= areas_command,
	.show		= areas_show,
	.lose		= areas_lose,
	.exit		= areas_free_all,
};
