// SPDX-License-Identifier: GPL-2.0
/*
 * memtriage_leaver.ko: one more module that owns a cache, and may leave it
 * behind. The cache is merged where the kernel merges, and held by the static
 * variable leaver_cache alone.
 *
 *   name=NAME       what it is called (leaver)
 *   size=BYTES      of an object (1608)
 *   objects=N       that many are allocated from it
 *   leave=1         rmmod destroys and frees nothing: all stays until reboot
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/kmemleak.h>
#include <linux/module.h>
#include <linux/slab.h>

#define OBJECT_BYTES_MIN	16
#define OBJECT_BYTES_MAX	8192

struct object {
	struct object *next;
};

static char *name = "leaver";
module_param(name, charp, 0400);
MODULE_PARM_DESC(name, "name of the cache");

static unsigned int size = 1608;
module_param(size, uint, 0400);
MODULE_PARM_DESC(size, "bytes of an object");

static unsigned int objects;
module_param(objects, uint, 0400);
MODULE_PARM_DESC(objects, "objects to allocate");

static bool leave;
module_param(leave, bool, 0400);
MODULE_PARM_DESC(leave, "rmmod leaves the cache and its objects behind");

static struct kmem_cache *leaver_cache;
static struct object *first;

static void free_all(void)
{
	while (first) {
		struct object *object = first;

		first = object->next;
		kmem_cache_free(leaver_cache, object);
		cond_resched();
	}
	kmem_cache_destroy(leaver_cache);
}

static int __init leaver_init(void)
{
	unsigned int i;

	if (size < OBJECT_BYTES_MIN || size > OBJECT_BYTES_MAX)
		return -EINVAL;
	leaver_cache = kmem_cache_create(name, size, 0, 0, NULL);
	if (!leaver_cache)
		return -ENOMEM;
	for (i = 0; i < objects; i++) {
		struct object *object = kmem_cache_zalloc(leaver_cache, GFP_KERNEL);

		if (!object) {
			free_all();
			return -ENOMEM;
		}
		object->next = first;
		first = object;
		cond_resched();
	}
	return 0;
}

static void __exit leaver_exit(void)
{
	struct object *object;

	if (!leave) {
		free_all();
		return;
	}
	/* on purpose: kmemleak looks for other leaks */
	for (object = first; object; object = object->next)
		kmemleak_not_leak(object);
}

module_init(leaver_init);
module_exit(leaver_exit);

MODULE_DESCRIPTION("Owns one more cache for the selftests of memtriage");
MODULE_LICENSE("GPL");
