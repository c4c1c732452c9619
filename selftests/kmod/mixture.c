// SPDX-License-Identifier: GPL-2.0
/*
 * Mixtures: caches that the allocator merges, three at a time, whose objects
 * differ only by what they point at.
 *
 *   NAME N     hold exactly N objects of that kind (0 frees them)
 *   seed S     the order in which kinds take turns, and what fills objects
 *   lose       forget them
 *
 * merged as   kind         an object of it has
 * types       mix_alpha    +8 mix_alpha_type, +16 mix_common_ops
 *             mix_beta     +8 mix_beta_type, +16 mix_common_ops
 *             mix_gamma    no pointer
 * links       mix_delta    +16 -> an object of mix_peer, +24 the same + 8
 *             mix_epsilon  +32 a string
 *             mix_zeta     no pointer
 * modules     mix_eta      +8 mix_eta_ops
 *             mix_theta    +8 mix_theta_ops of memtriage_plant2, see there
 *
 * alpha and beta stand in one list, by a link at +0 that leads from one to the
 * other: what all have in common must not hide what differs. The objects of the
 * others are kept track of from outside.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include "plant.h"

#define OBJECTS_MAX	2000000
#define FAMILIES	3
/* of the smallest family: where an object's words end */
#define BYTES_MIN	64

enum { TYPES, LINKS, MODULES };

static unsigned int mixture_bytes[FAMILIES] = { 328, 1256, 888 };
module_param_array(mixture_bytes, uint, NULL, 0400);
MODULE_PARM_DESC(mixture_bytes, "object sizes of the three merged caches of mixtures");

struct mix_ops {
	int (*run)(void);
};

struct mix {
	struct mix *next;
	const struct mix_ops *type;
	const void *more;
	const void *inside;
	const char *text;
};

static int mix_run(void)
{
	return 0;
}

/* Not const and not static: symbols of their own, and no copies of each other. */
struct mix_ops mix_alpha_type = { .run = mix_run };
struct mix_ops mix_beta_type = { .run = mix_run };
struct mix_ops mix_eta_ops = { .run = mix_run };
struct mix_ops mix_common_ops = { .run = mix_run };

struct kmem_cache *mix_alpha_cachep;
struct kmem_cache *mix_beta_cachep;
struct kmem_cache *mix_gamma_cachep;
struct kmem_cache *mix_delta_cachep;
struct kmem_cache *mix_epsilon_cachep;
struct kmem_cache *mix_zeta_cachep;
struct kmem_cache *mix_eta_cachep;
struct kmem_cache *mix_peer_cachep;

static struct mix *mix_list;
static u32 seed = 1;

static u32 mix_random(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

/* Words that are no pointers, and none of them 0. */
static void mix_fill(struct mix *mix, size_t bytes)
{
	u32 *words = (u32 *)mix;
	size_t i;

	for (i = 0; i < bytes / sizeof(*words); i++)
		words[i] = (mix_random() & 0xffffff) | 1;
}

static void mix_peer_ctor(void *object)
{
	memset(object, 0, BYTES_MIN);
}

/* One function for each kind, as real code has it. */
static noinline struct mix *alpha_new(void)
{
	struct mix *mix = kmem_cache_alloc(mix_alpha_cachep, PLANT_GFP);

	if (!mix)
		return NULL;
	mix_fill(mix, mixture_bytes[TYPES]);
	mix->type = &mix_alpha_type;
	mix->more = &mix_common_ops;
	mix->next = mix_list;
	mix_list = mix;
	return mix;
}

static noinline struct mix *beta_new(void)
{
	struct mix *mix = kmem_cache_alloc(mix_beta_cachep, PLANT_GFP);

	if (!mix)
		return NULL;
	mix_fill(mix, mixture_bytes[TYPES]);
	mix->type = &mix_beta_type;
	mix->more = &mix_common_ops;
	mix->next = mix_list;
	mix_list = mix;
	return mix;
}

static noinline struct mix *gamma_new(void)
{
	struct mix *mix = kmem_cache_alloc(mix_gamma_cachep, PLANT_GFP);

	if (mix)
		mix_fill(mix, mixture_bytes[TYPES]);
	return mix;
}

static noinline struct mix *delta_new(void)
{
	struct mix *mix = kmem_cache_alloc(mix_delta_cachep, PLANT_GFP);
	void *peer;

	if (!mix)
		return NULL;
	peer = kmem_cache_alloc(mix_peer_cachep, PLANT_GFP);
	if (!peer) {
		kmem_cache_free(mix_delta_cachep, mix);
		return NULL;
	}
	mix_fill(mix, mixture_bytes[LINKS]);
	mix->more = peer;
	mix->inside = peer + sizeof(long);
	return mix;
}

static noinline struct mix *epsilon_new(void)
{
	struct mix *mix = kmem_cache_alloc(mix_epsilon_cachep, PLANT_GFP);

	if (!mix)
		return NULL;
	mix_fill(mix, mixture_bytes[LINKS]);
	mix->text = "epsilon of the mixture";
	return mix;
}

static noinline struct mix *zeta_new(void)
{
	struct mix *mix = kmem_cache_alloc(mix_zeta_cachep, PLANT_GFP);

	if (mix)
		mix_fill(mix, mixture_bytes[LINKS]);
	return mix;
}

static noinline struct mix *eta_new(void)
{
	struct mix *mix = kmem_cache_alloc(mix_eta_cachep, PLANT_GFP);

	if (!mix)
		return NULL;
	mix_fill(mix, mixture_bytes[MODULES]);
	mix->type = &mix_eta_ops;
	return mix;
}

static struct kind {
	const char *name;
	unsigned int family;
	struct kmem_cache **cache;
	struct mix *(*new)(void);
	struct mix **objects;
	unsigned long nr;
	unsigned long nr_lost;
} kinds[] = {
	{ "mix_alpha", TYPES, &mix_alpha_cachep, alpha_new },
	{ "mix_beta", TYPES, &mix_beta_cachep, beta_new },
	{ "mix_gamma", TYPES, &mix_gamma_cachep, gamma_new },
	{ "mix_delta", LINKS, &mix_delta_cachep, delta_new },
	{ "mix_epsilon", LINKS, &mix_epsilon_cachep, epsilon_new },
	{ "mix_zeta", LINKS, &mix_zeta_cachep, zeta_new },
	{ "mix_eta", MODULES, &mix_eta_cachep, eta_new },
};

static void unlink_all(void)
{
	struct mix *mix = mix_list;

	/* before any of them is freed: alpha's link may lead to beta */
	mix_list = NULL;
	while (mix) {
		struct mix *next = mix->next;

		mix->next = NULL;
		mix = next;
	}
}

static void link_all(void)
{
	struct kind *kind;
	unsigned long i;

	for (kind = kinds; kind < kinds + 2; kind++) {
		for (i = 0; i < kind->nr; i++) {
			kind->objects[i]->next = mix_list;
			mix_list = kind->objects[i];
		}
	}
}

static void free_one(struct kind *kind)
{
	struct mix *mix = kind->objects[--kind->nr];

	if (kind->new == delta_new)
		kmem_cache_free(mix_peer_cachep, (void *)mix->more);
	kmem_cache_free(*kind->cache, mix);
}

static void shrink_to(struct kind *kind, unsigned long nr)
{
	if (kind->nr <= nr)
		return;
	unlink_all();
	while (kind->nr > nr) {
		free_one(kind);
		cond_resched();
	}
	link_all();
}

static int grow_to(struct kind *kind, unsigned long nr)
{
	unsigned long before = kind->nr;
	struct mix **objects;
	int err;

	objects = vmalloc(array_size(nr, sizeof(*objects)));
	if (!objects)
		return -ENOMEM;
	if (kind->nr)
		memcpy(objects, kind->objects, kind->nr * sizeof(*objects));
	vfree(kind->objects);
	kind->objects = objects;
	while (kind->nr < nr) {
		err = plant_breathe();
		if (err)
			goto err_undo;
		err = -ENOMEM;
		objects[kind->nr] = kind->new();
		if (!objects[kind->nr])
			goto err_undo;
		kind->nr++;
	}
	return 0;

err_undo:
	shrink_to(kind, before);
	return err;
}

static int mixtures_command(int argc, char **argv)
{
	unsigned long number;
	size_t i;

	if (argc != 2 || plant_number(argv[1], 0, OBJECTS_MAX, &number))
		return -EINVAL;
	if (!strcmp(argv[0], "seed")) {
		seed = number;
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(argv[0], kinds[i].name))
			continue;
		if (number > kinds[i].nr)
			return grow_to(&kinds[i], number);
		shrink_to(&kinds[i], number);
		return 0;
	}
	return -ENOENT;
}

static void mixtures_show(struct seq_file *m)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		seq_printf(m, "%s: %lu\n", kinds[i].name, kinds[i].nr);
		seq_printf(m, "%s.lost: %lu\n", kinds[i].name, kinds[i].nr_lost);
		seq_printf(m, "%s.bytes: %u\n", kinds[i].name,
			   mixture_bytes[kinds[i].family]);
	}
}

static void mixtures_lose(void)
{
	size_t i;

	mix_list = NULL;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		kinds[i].nr_lost += kinds[i].nr;
		kinds[i].nr = 0;
	}
}

static void mixtures_exit(void)
{
	bool lost = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		shrink_to(&kinds[i], 0);
		vfree(kinds[i].objects);
		lost |= kinds[i].nr_lost;
	}
	for (i = 0; i < ARRAY_SIZE(kinds) && !lost; i++)
		kmem_cache_destroy(*kinds[i].cache);
	if (!lost)
		kmem_cache_destroy(mix_peer_cachep);
}

static int mixtures_init(void)
{
	size_t i;

	for (i = 0; i < FAMILIES; i++) {
		if (mixture_bytes[i] < BYTES_MIN)
			return -EINVAL;
	}
	mix_peer_cachep = kmem_cache_create("mix_peer", BYTES_MIN, 0, 0, mix_peer_ctor);
	if (!mix_peer_cachep)
		return -ENOMEM;
	mix_alpha_cachep = kmem_cache_create("mix_alpha", mixture_bytes[TYPES], 0, 0, NULL);
	mix_beta_cachep = kmem_cache_create("mix_beta", mixture_bytes[TYPES], 0, 0, NULL);
	mix_gamma_cachep = kmem_cache_create("mix_gamma", mixture_bytes[TYPES], 0, 0, NULL);
	mix_delta_cachep = kmem_cache_create("mix_delta", mixture_bytes[LINKS], 0, 0, NULL);
	mix_epsilon_cachep = kmem_cache_create("mix_epsilon", mixture_bytes[LINKS], 0, 0, NULL);
	mix_zeta_cachep = kmem_cache_create("mix_zeta", mixture_bytes[LINKS], 0, 0, NULL);
	mix_eta_cachep = kmem_cache_create("mix_eta", mixture_bytes[MODULES], 0, 0, NULL);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!*kinds[i].cache) {
			mixtures_exit();
			return -ENOMEM;
		}
	}
	return 0;
}

const struct plant_kind plant_mixtures = {
	.name		= "mixtures",
	.init		= mixtures_init,
	.command	= mixtures_command,
	.show		= mixtures_show,
	.lose		= mixtures_lose,
	.exit		= mixtures_exit,
};
