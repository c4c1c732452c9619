// SPDX-License-Identifier: GPL-2.0
/*
 * page_owner.c - knows whom struct page names as the owner of an uncounted page: a page pool, a
 * memory cgroup.
 *
 * Locking: none. Consistency: the owner may be gone when its name is read; every word is read
 * tolerating faults, and a name with anything but printable characters in it is none.
 */
#include "access/page_owner.h"

#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "access/page_layout.h"
#include "introspect/kread.h"

#define NAME_PART	64
#define DEPTH		4

/* The low bits of a page's charge are flags. */
#define CHARGE_FLAGS	7UL

/**
 * mt_page_owner() - whom a page names as its owner
 * @page: the page, of an online section
 * @page_class: what it is
 *
 * Context: any.
 * Return: a word that is the same for all pages of one owner, never printed; 0 if it names none.
 */
unsigned long mt_page_owner(const struct page *page, enum mt_page_class page_class)
{
	switch (page_class) {
#ifdef MT_HAVE_pp_magic
	case MT_PAGE_POOL:
		return (unsigned long)READ_ONCE(page->pp);
#endif
#if IS_ENABLED(CONFIG_MEMCG)
	case MT_PAGE_CHARGED:
#ifdef MT_HAVE_Kmemcg
		return (unsigned long)READ_ONCE(page->mem_cgroup);
#else
		return READ_ONCE(page->memcg_data) & ~CHARGE_FLAGS;
#endif
#endif
	default:
		return 0;
	}
}

static bool read_name(char *name, size_t size, unsigned long address)
{
	return address && mt_kread_string(name, address, size) && *name && !strchr(name, '?');
}

static bool name_pool(char *name, size_t size, unsigned long pool)
{
	u64 device, kobject_name;

	if (mt_page_pool_table.state != MT_RELO_READY ||
	    !mt_kread_field(pool, &mt_page_pool_dev, &device) || !device)
		return false;
	kobject_name = 0;
	if (!mt_kread(&kobject_name, device + offsetof(struct device, kobj.name), sizeof(long)))
		return false;
	return read_name(name, size, kobject_name);
}

/* The last parts of the cgroup's path. */
static bool name_cgroup(char *name, size_t size, unsigned long owner)
{
	u64 memcg = owner, cgroup, node, part_name;
	char part[NAME_PART];
	char path[4 * NAME_PART] = "";
	unsigned int depth;

	if (mt_memcg_table.state != MT_RELO_READY)
		return false;
#ifndef MT_HAVE_Kmemcg
	if (!mt_kread_field(owner, &mt_objcg_memcg, &memcg))
		return false;
#endif
	if (!memcg || !mt_kread_field(memcg, &mt_memcg_cgroup, &cgroup) || !cgroup ||
	    !mt_kread_field(cgroup, &mt_cgroup_kn, &node))
		return false;
	for (depth = 0; depth < DEPTH && node; depth++) {
		if (!mt_kread_field(node, &mt_kernfs_name, &part_name))
			return false;
		/* the root has no name */
		if (!read_name(part, sizeof(part), part_name))
			break;
		snprintf(name, size, "/%s%s", part, path);
		strscpy(path, name, sizeof(path));
		if (!mt_kread_field(node, &mt_kernfs_parent, &node))
			break;
	}
	snprintf(name, size, "%s", *path ? path : "/");
	return depth || !node || *name == '/';
}

/**
 * mt_page_owner_name() - the name of an owner
 * @name: gets it
 * @size: bytes in @name
 * @owner: from mt_page_owner()
 * @page_class: what its pages are
 *
 * Context: process context, may sleep.
 * Return: false if it has none, or is gone.
 */
bool mt_page_owner_name(char *name, size_t size, unsigned long owner,
			enum mt_page_class page_class)
{
	if (!owner)
		return false;
	if (page_class == MT_PAGE_POOL)
		return name_pool(name, size, owner);
	if (page_class == MT_PAGE_CHARGED)
		return name_cgroup(name, size, owner);
	return false;
}

static bool is_on(unsigned long key)
{
	int enabled;

	return mt_page_trace_table.state == MT_RELO_READY && key &&
	       mt_kread(&enabled, key, sizeof(enabled)) && enabled > 0;
}

/**
 * mt_page_owner_is_traced() - does the kernel keep a stack for each page (page_owner=on)?
 *
 * Context: any.
 * Return: true if /sys/kernel/debug/page_owner has them.
 */
bool mt_page_owner_is_traced(void)
{
	return is_on(mt_sym_page_owner_inited);
}

/**
 * mt_page_owner_is_profiled() - does the kernel count by the line of code that allocates?
 *
 * Context: any.
 * Return: true if /proc/allocinfo has the counts.
 */
bool mt_page_owner_is_profiled(void)
{
	return is_on(mt_sym_mem_alloc_profiling_key);
}
