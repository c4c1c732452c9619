// SPDX-License-Identifier: GPL-2.0
/*
 * Caches: any number of kmem_caches with any number of live objects, so that
 * tests can make aliases, half-empty slabs and dangling sysfs links.
 *
 *   create NAME SIZE FLAG...        see flag_table; "none" and "merge" leave
 *                                   the allocator free to merge the cache
 *   alloc NAME N [cpu C]            N more objects, allocated on CPU C
 *   free NAME every K [cpu C]       free every K-th live object, on CPU C
 *   freeall NAME                    free all its objects
 *   shrink NAME                     kmem_cache_shrink()
 *   sweep NAME                      read every word of its objects, and say how
 *                                   long that took: what any look at them costs
 *   destroy NAME                    -EBUSY while it has objects
 *   lose                            forget all objects, keep the caches
 *
 * A live object is tracked by a pointer in its own first bytes, so that
 * tracking costs no object of another cache.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include "plant.h"

#define NAME_BYTES		32
#define OBJECT_BYTES_MIN	16
#define OBJECT_BYTES_MAX	8192
#define OBJECTS_MAX		64000000
#define ANY_CPU			(-1)

struct object {
	struct object *next;
};

struct cache {
	struct list_head node;
	struct kmem_cache *slab;
	struct object *objects;
	unsigned long nr_live;
	unsigned long nr_lost;
	unsigned long object_bytes;
	u64 sweep_ns;
	char name[NAME_BYTES];
};

/* One step that may have to run on another CPU. */
struct step {
	struct cache *cache;
	unsigned long number;
	int (*run)(struct cache *cache, unsigned long number);
};

static LIST_HEAD(caches);

/* Its existence is what counts: a cache with a constructor is never merged. */
static void object_ctor(void *object)
{
	*(unsigned long *)object = 0;
}

static const struct {
	const char *name;
	slab_flags_t slab_flags;
	bool ctor;
	bool usercopy;
} flag_table[] = {
	{ .name = "none" },
	{ .name = "merge" },
	{ .name = "ctor",	.ctor = true },
	{ .name = "usercopy",	.usercopy = true },
	{ .name = "typesafe",	.slab_flags = SLAB_TYPESAFE_BY_RCU },
	{ .name = "hwalign",	.slab_flags = SLAB_HWCACHE_ALIGN },
	{ .name = "reclaim",	.slab_flags = SLAB_RECLAIM_ACCOUNT },
};

static struct cache *cache_find(const char *name)
{
	struct cache *cache;

	list_for_each_entry(cache, &caches, node) {
		if (!strcmp(cache->name, name))
			return cache;
	}
	return NULL;
}

static void objects_free(struct cache *cache, struct object *object)
{
	while (object) {
		struct object *next = object->next;

		kmem_cache_free(cache->slab, object);
		object = next;
		cond_resched();
	}
}

static int cache_create(const char *name, const char *size, int nr_flags,
			char **flags)
{
	slab_flags_t slab_flags = 0;
	unsigned long usercopy_bytes;
	bool usercopy = false;
	struct cache *cache;
	bool ctor = false;
	size_t flag;
	int i;

	if (!*name || strlen(name) >= NAME_BYTES)
		return -EINVAL;
	if (cache_find(name))
		return -EEXIST;
	for (i = 0; i < nr_flags; i++) {
		for (flag = 0; flag < ARRAY_SIZE(flag_table); flag++) {
			if (!strcmp(flags[i], flag_table[flag].name))
				break;
		}
		if (flag == ARRAY_SIZE(flag_table))
			return -EINVAL;
		slab_flags |= flag_table[flag].slab_flags;
		ctor |= flag_table[flag].ctor;
		usercopy |= flag_table[flag].usercopy;
	}

	cache = kzalloc(sizeof(*cache), GFP_KERNEL);
	if (!cache)
		return -ENOMEM;
	strscpy(cache->name, name, sizeof(cache->name));
	if (plant_number(size, OBJECT_BYTES_MIN, OBJECT_BYTES_MAX,
			 &cache->object_bytes)) {
		kfree(cache);
		return -EINVAL;
	}
	usercopy_bytes = usercopy ? cache->object_bytes : 0;
	cache->slab = kmem_cache_create_usercopy(name, cache->object_bytes, 0,
						 slab_flags, 0, usercopy_bytes,
						 ctor ? object_ctor : NULL);
	if (!cache->slab) {
		kfree(cache);
		return -ENOMEM;
	}
	list_add_tail(&cache->node, &caches);
	return 0;
}

static int objects_alloc(struct cache *cache, unsigned long nr)
{
	struct object *added = NULL;
	struct object *last = NULL;
	unsigned long done;
	int err;

	for (done = 0; done < nr; done++) {
		struct object *object;

		err = plant_breathe();
		if (err)
			goto err_undo;
		err = -ENOMEM;
		object = kmem_cache_alloc(cache->slab, PLANT_GFP);
		if (!object)
			goto err_undo;
		if (!last)
			last = object;
		object->next = added;
		added = object;
	}
	if (last) {
		last->next = cache->objects;
		cache->objects = added;
	}
	cache->nr_live += nr;
	return 0;

err_undo:
	objects_free(cache, added);
	return err;
}

static int objects_free_every(struct cache *cache, unsigned long every)
{
	struct object **link = &cache->objects;
	unsigned long position = 0;
	struct object *object;

	while ((object = *link)) {
		cond_resched();
		if (++position % every) {
			link = &object->next;
			continue;
		}
		*link = object->next;
		kmem_cache_free(cache->slab, object);
		cache->nr_live--;
	}
	return 0;
}

static void cache_sweep(struct cache *cache)
{
	size_t words = cache->object_bytes / sizeof(unsigned long);
	u64 start_ns = ktime_get_ns();
	struct object *object;
	size_t i;

	for (object = cache->objects; object; object = object->next) {
		for (i = 0; i < words; i++)
			READ_ONCE(((unsigned long *)object)[i]);
	}
	cache->sweep_ns = ktime_get_ns() - start_ns;
}

static long step_work(void *data)
{
	struct step *step = data;

	return step->run(step->cache, step->number);
}

/* The words after a step's own: nothing, or "cpu C". */
static int step_run(struct step *step, int argc, char **argv)
{
	unsigned long cpu;
	long err;

	if (!argc)
		return step->run(step->cache, step->number);
	if (argc != 2 || strcmp(argv[0], "cpu") ||
	    plant_number(argv[1], 0, nr_cpu_ids - 1, &cpu))
		return -EINVAL;
	cpus_read_lock();
	err = -EINVAL;
	if (cpu_online(cpu))
		err = work_on_cpu(cpu, step_work, step);
	cpus_read_unlock();
	return err;
}

static int cache_destroy(struct cache *cache)
{
	if (cache->nr_live || cache->nr_lost)
		return -EBUSY;
	list_del(&cache->node);
	kmem_cache_destroy(cache->slab);
	kfree(cache);
	return 0;
}

static void cache_freeall(struct cache *cache)
{
	objects_free(cache, cache->objects);
	cache->objects = NULL;
	cache->nr_live = 0;
}

static int caches_command(int argc, char **argv)
{
	const char *verb = argv[0];
	struct cache *cache;
	struct step step;

	if (argc < 2)
		return -EINVAL;
	if (!strcmp(verb, "create")) {
		if (argc < 4)
			return -EINVAL;
		return cache_create(argv[1], argv[2], argc - 3, argv + 3);
	}

	cache = cache_find(argv[1]);
	if (!cache)
		return -ENOENT;
	step.cache = cache;
	if (argc >= 3 && !strcmp(verb, "alloc")) {
		step.run = objects_alloc;
		if (plant_number(argv[2], 1, OBJECTS_MAX, &step.number))
			return -EINVAL;
		return step_run(&step, argc - 3, argv + 3);
	}
	if (argc >= 4 && !strcmp(verb, "free") && !strcmp(argv[2], "every")) {
		step.run = objects_free_every;
		if (plant_number(argv[3], 1, OBJECTS_MAX, &step.number))
			return -EINVAL;
		return step_run(&step, argc - 4, argv + 4);
	}
	if (argc != 2)
		return -EINVAL;
	if (!strcmp(verb, "freeall")) {
		cache_freeall(cache);
		return 0;
	}
	if (!strcmp(verb, "shrink")) {
		kmem_cache_shrink(cache->slab);
		return 0;
	}
	if (!strcmp(verb, "sweep")) {
		cache_sweep(cache);
		return 0;
	}
	if (!strcmp(verb, "destroy"))
		return cache_destroy(cache);
	return -EINVAL;
}

static void caches_show(struct seq_file *m)
{
	struct cache *cache;
	unsigned long nr = 0;

	list_for_each_entry(cache, &caches, node)
		nr++;
	seq_printf(m, "caches: %lu\n", nr);
	list_for_each_entry(cache, &caches, node) {
		seq_printf(m, "%s.object_bytes: %lu\n", cache->name,
			   cache->object_bytes);
		seq_printf(m, "%s.objects: %lu\n", cache->name, cache->nr_live);
		seq_printf(m, "%s.lost_objects: %lu\n", cache->name,
			   cache->nr_lost);
		seq_printf(m, "%s.sweep_us: %llu\n", cache->name,
			   div_u64(cache->sweep_ns, NSEC_PER_USEC));
	}
}

static void caches_lose(void)
{
	struct cache *cache;

	list_for_each_entry(cache, &caches, node) {
		cache->nr_lost += cache->nr_live;
		cache->nr_live = 0;
		cache->objects = NULL;
	}
}

static void caches_exit(void)
{
	struct cache *cache;
	struct cache *next;

	list_for_each_entry_safe(cache, next, &caches, node) {
		cache_freeall(cache);
		if (cache_destroy(cache)) {
			/* It has lost objects, and stays with them. */
			list_del(&cache->node);
			kfree(cache);
		}
	}
}

const struct plant_kind plant_caches = {
	.name		= "caches",
	.command	= caches_command,
	.show		= caches_show,
	.lose		= caches_lose,
	.exit		= caches_exit,
};
