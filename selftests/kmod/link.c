// SPDX-License-Identifier: GPL-2.0
/*
 * Links: what a module leaks that cannot be told by its cache. Objects of a
 * cache that is merged with one of the kernel's, linked in one list and with no
 * other pointer; and objects of kmalloc(), each with a function of the module.
 *
 *   node N     hold exactly N objects in the list (0 frees all)
 *   job N      hold exactly N objects of kmalloc()
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include "plant.h"

#define NODE_CACHE_NAME	"plant_node"
#define NODE_BYTES	184
#define JOB_BYTES	440
#define LINKS_MAX	16000000

struct plant_node {
	struct list_head list;
	u64 number;
	u8 rest[NODE_BYTES - 24];
};

struct plant_job {
	struct plant_job *next;
	struct work_struct work;
	u8 rest[JOB_BYTES - sizeof(void *) - sizeof(struct work_struct)];
};

static_assert(sizeof(struct plant_node) == NODE_BYTES);

static struct kmem_cache *node_cache;
static LIST_HEAD(plant_nodes);
static struct plant_job *plant_jobs;
static unsigned long nr_nodes;
static unsigned long nr_jobs;

static void plant_job_run(struct work_struct *work)
{
}

static int node_add(void)
{
	struct plant_node *node = kmem_cache_zalloc(node_cache, PLANT_GFP);

	if (!node)
		return -ENOMEM;
	node->number = nr_nodes++;
	list_add(&node->list, &plant_nodes);
	return 0;
}

static void node_remove(void)
{
	struct plant_node *node = list_first_entry(&plant_nodes,
						   struct plant_node, list);

	list_del(&node->list);
	kmem_cache_free(node_cache, node);
	nr_nodes--;
}

/**
 * plant_node_inside - a place in a node
 * @at_link: where its link is, not where it has nothing
 *
 * For another module, which keeps it as if something of its own had been there.
 *
 * Return: the address, or NULL if there are no nodes.
 */
void *plant_node_inside(bool at_link)
{
	struct plant_node *node = list_first_entry_or_null(&plant_nodes, struct plant_node, list);

	if (!node)
		return NULL;
	return at_link ? (void *)&node->list : node->rest;
}
EXPORT_SYMBOL_GPL(plant_node_inside);

static int job_add(void)
{
	struct plant_job *job = kzalloc(sizeof(*job), PLANT_GFP);

	if (!job)
		return -ENOMEM;
	INIT_WORK(&job->work, plant_job_run);
	job->next = plant_jobs;
	plant_jobs = job;
	nr_jobs++;
	return 0;
}

static void job_remove(void)
{
	struct plant_job *job = plant_jobs;

	plant_jobs = job->next;
	kfree(job);
	nr_jobs--;
}

static void shrink_to(unsigned long *nr, unsigned long wanted,
		      void (*remove)(void))
{
	while (*nr > wanted) {
		remove();
		cond_resched();
	}
}

static int bring_to(unsigned long *nr, unsigned long wanted, int (*add)(void),
		    void (*remove)(void))
{
	unsigned long before = *nr;
	int err = 0;

	while (*nr < wanted && !err) {
		err = plant_breathe();
		if (!err)
			err = add();
	}
	shrink_to(nr, err ? before : wanted, remove);
	return err;
}

static int links_command(int argc, char **argv)
{
	unsigned long nr;

	if (argc != 2 || plant_number(argv[1], 0, LINKS_MAX, &nr))
		return -EINVAL;
	if (!strcmp(argv[0], "node"))
		return bring_to(&nr_nodes, nr, node_add, node_remove);
	if (!strcmp(argv[0], "job"))
		return bring_to(&nr_jobs, nr, job_add, job_remove);
	return -EINVAL;
}

static void links_show(struct seq_file *m)
{
	seq_printf(m, "nodes: %lu\n", nr_nodes);
	seq_printf(m, "node_bytes: %d\n", NODE_BYTES);
	seq_printf(m, "jobs: %lu\n", nr_jobs);
	seq_printf(m, "job_bytes: %d\n", JOB_BYTES);
}

static int links_init(void)
{
	node_cache = kmem_cache_create(NODE_CACHE_NAME, NODE_BYTES, 0, 0, NULL);
	return node_cache ? 0 : -ENOMEM;
}

static void links_exit(void)
{
	shrink_to(&nr_nodes, 0, node_remove);
	shrink_to(&nr_jobs, 0, job_remove);
	kmem_cache_destroy(node_cache);
}

const struct plant_kind plant_links = {
	.name		= "links",
	.init		= links_init,
	.command	= links_command,
	.show		= links_show,
	.exit		= links_exit,
};
