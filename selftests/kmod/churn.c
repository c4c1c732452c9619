// SPDX-License-Identifier: GPL-2.0
/*
 * Churn: threads that change what a reader walks, while it walks.
 *
 *   start MS [KIND...]   churn for MS milliseconds (0: until stop); kinds:
 *     caches             create and destroy caches, merged ones and others
 *     objects            allocate and free objects, on every CPU
 *     vmalloc            vmalloc() and vfree(), on every CPU
 *                        none named means all
 *   stop                 end it now, and free what the threads hold
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include "plant.h"

#define CHURN_MS_MAX		(3600UL * 1000)
#define CACHE_BYTES		136
#define NR_CACHES		8
#define NR_OBJECTS		512
#define OBJECT_BYTES		104
#define NR_AREAS		16

struct worker {
	struct list_head node;
	struct task_struct *task;
	const struct churn_kind *kind;
	unsigned long rounds;
};

struct churn_kind {
	const char *name;
	void (*round)(struct worker *worker, void **held);
	void (*drop)(void **held);
	unsigned int nr_held;
	bool every_cpu;
};

static LIST_HEAD(workers);
static struct kmem_cache *object_cache;
static unsigned long deadline;
static bool bounded;

static void cache_ctor(void *object)
{
	*(unsigned long *)object = 0;
}

static void caches_drop(void **held)
{
	unsigned int i;

	for (i = 0; i < NR_CACHES; i++) {
		kmem_cache_destroy(held[i]);
		held[i] = NULL;
	}
}

static void caches_round(struct worker *worker, void **held)
{
	char name[32];
	unsigned int i;

	for (i = 0; i < NR_CACHES; i++) {
		void *object;

		snprintf(name, sizeof(name), "plant_churn_%u", i);
		held[i] = kmem_cache_create(name, CACHE_BYTES + 8 * (i / 2), 0,
					    0, i % 4 == 3 ? cache_ctor : NULL);
		if (!held[i])
			continue;
		object = kmem_cache_alloc(held[i], GFP_KERNEL | __GFP_NOWARN);
		if (object)
			kmem_cache_free(held[i], object);
	}
	caches_drop(held);
}

static void objects_drop(void **held)
{
	unsigned int i;

	for (i = 0; i < NR_OBJECTS; i++) {
		if (held[i])
			kmem_cache_free(object_cache, held[i]);
		held[i] = NULL;
	}
}

static void objects_round(struct worker *worker, void **held)
{
	/* A stride that is prime to NR_OBJECTS visits each, out of order. */
	unsigned int i = worker->rounds * 37 % NR_OBJECTS;

	if (held[i]) {
		kmem_cache_free(object_cache, held[i]);
		held[i] = NULL;
	} else {
		held[i] = kmem_cache_alloc(object_cache,
					   GFP_KERNEL | __GFP_NOWARN);
	}
}

static void vmalloc_drop(void **held)
{
	unsigned int i;

	for (i = 0; i < NR_AREAS; i++) {
		vfree(held[i]);
		held[i] = NULL;
	}
}

static void vmalloc_round(struct worker *worker, void **held)
{
	unsigned int i = worker->rounds * 7 % NR_AREAS;

	if (held[i]) {
		vfree(held[i]);
		held[i] = NULL;
	} else {
		held[i] = __vmalloc((i % 5 + 1) * PAGE_SIZE,
				    GFP_KERNEL | __GFP_NOWARN);
	}
}

static const struct churn_kind churn_kinds[] = {
	{ "caches", caches_round, caches_drop, NR_CACHES, false },
	{ "objects", objects_round, objects_drop, NR_OBJECTS, true },
	{ "vmalloc", vmalloc_round, vmalloc_drop, NR_AREAS, true },
};

static bool churn_over(void)
{
	return bounded && time_after_eq(jiffies, deadline);
}

static int worker_main(void *data)
{
	struct worker *worker = data;
	const struct churn_kind *kind = worker->kind;
	void **held;

	held = kcalloc(kind->nr_held, sizeof(*held), GFP_KERNEL);
	while (held && !churn_over() && !kthread_should_stop()) {
		kind->round(worker, held);
		worker->rounds++;
		cond_resched();
	}
	if (held)
		kind->drop(held);
	kfree(held);

	/* kthread_stop() needs a thread that is still there. */
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ / 50);
	return 0;
}

static int worker_start(const struct churn_kind *kind, unsigned int cpu)
{
	struct worker *worker;

	worker = kzalloc(sizeof(*worker), GFP_KERNEL);
	if (!worker)
		return -ENOMEM;
	worker->kind = kind;
	worker->task = kthread_create(worker_main, worker, "plant_%s/%u",
				      kind->name, cpu);
	if (IS_ERR(worker->task)) {
		int err = PTR_ERR(worker->task);

		kfree(worker);
		return err;
	}
	if (kind->every_cpu)
		kthread_bind(worker->task, cpu);
	list_add_tail(&worker->node, &workers);
	return 0;
}

static void churn_exit(void)
{
	struct worker *worker;
	struct worker *next;

	list_for_each_entry_safe(worker, next, &workers, node) {
		kthread_stop(worker->task);
		list_del(&worker->node);
		kfree(worker);
	}
	kmem_cache_destroy(object_cache);
	object_cache = NULL;
}

static int churn_start(unsigned long ms, bool wanted[])
{
	struct worker *worker;
	unsigned int cpu;
	size_t i;
	int err;

	object_cache = kmem_cache_create("plant_churn_objects", OBJECT_BYTES, 0,
					 0, NULL);
	if (!object_cache)
		return -ENOMEM;

	cpus_read_lock();
	for (i = 0; i < ARRAY_SIZE(churn_kinds); i++) {
		if (!wanted[i])
			continue;
		for_each_online_cpu(cpu) {
			err = worker_start(&churn_kinds[i], cpu);
			if (err)
				goto err_unlock;
			if (!churn_kinds[i].every_cpu)
				break;
		}
	}
	cpus_read_unlock();

	bounded = ms != 0;
	deadline = jiffies + msecs_to_jiffies(ms);
	list_for_each_entry(worker, &workers, node)
		wake_up_process(worker->task);
	return 0;

err_unlock:
	cpus_read_unlock();
	churn_exit();
	return err;
}

static int churn_command(int argc, char **argv)
{
	bool wanted[ARRAY_SIZE(churn_kinds)] = {};
	unsigned long ms;
	size_t kind;
	int i;

	if (argc == 1 && !strcmp(argv[0], "stop")) {
		churn_exit();
		return 0;
	}
	if (argc < 2 || strcmp(argv[0], "start") ||
	    plant_number(argv[1], 0, CHURN_MS_MAX, &ms))
		return -EINVAL;
	for (i = 2; i < argc; i++) {
		for (kind = 0; kind < ARRAY_SIZE(churn_kinds); kind++) {
			if (!strcmp(argv[i], churn_kinds[kind].name))
				break;
		}
		if (kind == ARRAY_SIZE(churn_kinds))
			return -EINVAL;
		wanted[kind] = true;
	}
	if (argc == 2)
		memset(wanted, true, sizeof(wanted));
	if (!list_empty(&workers))
		return -EBUSY;
	return churn_start(ms, wanted);
}

static void churn_show(struct seq_file *m)
{
	const struct worker *worker;
	bool running;
	size_t i;

	running = !list_empty(&workers) && !churn_over();
	seq_printf(m, "running: %d\n", running);
	for (i = 0; i < ARRAY_SIZE(churn_kinds); i++) {
		unsigned long rounds = 0;

		list_for_each_entry(worker, &workers, node) {
			if (worker->kind == &churn_kinds[i])
				rounds += READ_ONCE(worker->rounds);
		}
		seq_printf(m, "%s_rounds: %lu\n", churn_kinds[i].name, rounds);
	}
}

const struct plant_kind plant_churn = {
	.name		= "churn",
	.command	= churn_command,
	.show		= churn_show,
	.exit		= churn_exit,
};
