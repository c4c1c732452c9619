// SPDX-License-Identifier: GPL-2.0
/*
 * A second module, so that a merged cache has users in two: memtriage_plant2
 * takes objects of one cache while it is loaded. See mixture.c: mix_theta.
 */
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include "plant.h"

static unsigned int objects = 100;
module_param(objects, uint, 0400);
MODULE_PARM_DESC(objects, "objects to take");

static unsigned int bytes = 888;
module_param(bytes, uint, 0400);
MODULE_PARM_DESC(bytes, "size of one: merges with a cache of the same size");

static bool plain;
module_param(plain, bool, 0400);
MODULE_PARM_DESC(plain, "objects without any pointer");

static unsigned int stale;
module_param(stale, uint, 0400);
MODULE_PARM_DESC(stale, "keep a pointer into a node of memtriage_plant's; 2: to its link");

/* Read by nobody here. */
static void *stale_pointer __used;

struct theta_ops {
	int (*run)(void);
};

struct theta {
	u64 number;
	const struct theta_ops *ops;
};

static int theta_run(void)
{
	return 0;
}

struct theta_ops mix_theta_ops = { .run = theta_run };
struct kmem_cache *mix_theta_cachep;

static struct theta **thetas;
static unsigned int nr_thetas;

static noinline struct theta *theta_new(void)
{
	struct theta *theta;

	theta = kmem_cache_zalloc(mix_theta_cachep,
				  GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL);
	if (!theta)
		return NULL;
	theta->number = nr_thetas;
	if (!plain)
		theta->ops = &mix_theta_ops;
	return theta;
}

static int stale_keep(void)
{
	void *(*inside)(bool at_link) = symbol_get(plant_node_inside);

	if (!inside)
		return -ENOENT;
	stale_pointer = inside(stale == 2);
	symbol_put(plant_node_inside);
	return stale_pointer ? 0 : -ENOENT;
}

static void second_exit(void)
{
	while (nr_thetas)
		kmem_cache_free(mix_theta_cachep, thetas[--nr_thetas]);
	vfree(thetas);
	kmem_cache_destroy(mix_theta_cachep);
}

static int __init second_init(void)
{
	if (!objects || bytes < sizeof(struct theta))
		return -EINVAL;
	if (stale && stale_keep())
		return -ENOENT;
	mix_theta_cachep = kmem_cache_create("mix_theta", bytes, 0, 0, NULL);
	if (!mix_theta_cachep)
		return -ENOMEM;
	thetas = vmalloc(array_size(objects, sizeof(*thetas)));
	if (!thetas)
		goto err_exit;
	for (; nr_thetas < objects; nr_thetas++) {
		cond_resched();
		thetas[nr_thetas] = theta_new();
		if (!thetas[nr_thetas] || fatal_signal_pending(current))
			goto err_exit;
	}
	return 0;

err_exit:
	second_exit();
	return -ENOMEM;
}

module_init(second_init);
module_exit(second_exit);

MODULE_DESCRIPTION("Takes objects of a merged cache for the selftests of memtriage");
MODULE_LICENSE("GPL");
