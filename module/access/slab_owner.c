// SPDX-License-Identifier: GPL-2.0
/*
 * slab_owner.c - knows who asked for each slab cache, under which name, before it was merged.
 *
 * The names are those of the caches and of the links in /sys/kernel/slab, the variables those that
 * hold a pointer to a cache; owner.c ties them together. A name that stands among the kernel's own
 * constants was given by built-in code; any other one is searched for among the constants of all
 * modules.
 *
 * Locking: that of slab.c and slab_alias.c, one after the other. Consistency: none between the
 * caches, their names and those who hold them: a cache that is made meanwhile is missing, one that
 * is destroyed meanwhile is held by nobody.
 */
#include "access/slab_owner.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "literal.h"
#include "memory.h"

/*
 * struct given - the modules that can have given a name, because it is among their constants
 * @modules: the first of them
 * @nr: how many have it
 */
struct given {
	int modules[MT_OWNER_MODULES];
	unsigned int nr;
};

/*
 * struct naming - a search for all names
 * @literals: the names of caches, then those of aliases
 * @given: by name, in the same order
 * @module: the module that is searched
 */
struct naming {
	struct mt_literals literals;
	struct given *given;
	int module;
};

static void take_literal(u32 literal, void *arg)
{
	const struct naming *naming = arg;
	struct given *given = &naming->given[literal];
	unsigned int i;

	for (i = 0; i < given->nr && i < MT_OWNER_MODULES; i++) {
		if (given->modules[i] == naming->module)
			return;
	}
	if (given->nr < MT_OWNER_MODULES)
		given->modules[given->nr] = naming->module;
	given->nr++;
}

static void search_bytes(const struct mt_image_part *part, unsigned long addr, const u8 *bytes,
			 size_t nr, void *arg)
{
	struct naming *naming = arg;

	naming->module = part->module;
	mt_literal_search(&naming->literals, bytes, nr, take_literal, naming);
}

/* A name that stands among the kernel's own constants need not be searched for. */
static void want_name(struct naming *naming, const char *name, unsigned long name_addr)
{
	mt_literal_add(&naming->literals, mt_image_is_rodata(name_addr) ? "" : name);
}

static int search_names(struct naming *naming, const struct mt_slab_owners *owners,
			u64 deadline_ns)
{
	unsigned int nr = owners->list.nr + owners->aliases.nr;
	struct mt_literal *entries = mt_memory_alloc(nr * sizeof(*entries));
	unsigned int i;
	int err;

	if (!entries)
		return -ENOMEM;
	mt_literal_start(&naming->literals, entries, nr);
	for (i = 0; i < owners->list.nr; i++)
		want_name(naming, owners->list.caches[i].name, owners->list.caches[i].name_addr);
	for (i = 0; i < owners->aliases.nr; i++)
		want_name(naming, owners->aliases.aliases[i].name,
			  owners->aliases.aliases[i].name_addr);
	err = mt_image_bytes(&owners->image, MT_IMAGE_BIT(MT_IMAGE_RODATA), MT_LITERAL_BYTES + 1,
			     deadline_ns, search_bytes, naming);
	mt_memory_free(entries);
	return err;
}

static void add_name(const struct mt_slab_owners *owners, struct mt_owner_root *root,
		     const char *text, unsigned long addr, const struct given *given)
{
	struct mt_owner_name *name;
	unsigned int i;

	if (root->nr_names == MT_SLAB_OWNER_NAMES)
		return;
	name = &root->names[root->nr_names++];
	*name = (struct mt_owner_name) { .text = text, .built_in = mt_image_is_rodata(addr) };
	for (i = 0; i < given->nr && i < MT_OWNER_MODULES; i++) {
		if (!owners->image.modules[given->modules[i]].gone)
			name->modules[name->nr_modules++] = given->modules[i];
	}
	if (given->nr > MT_OWNER_MODULES)
		name->nr_modules = given->nr;
}

static void add_names(const struct mt_slab_owners *owners, struct mt_owner_root *root,
		      unsigned int cache, const struct given *given)
{
	const struct mt_slab_cache *from = &owners->list.caches[cache];
	const struct mt_slab_alias *alias = NULL;

	add_name(owners, root, from->name, from->name_addr, &given[cache]);
	while ((alias = mt_slab_alias_next(&owners->aliases, from->kobject_id, alias))) {
		if (strcmp(alias->name, from->name))
			add_name(owners, root, alias->name, alias->name_addr,
				 &given[owners->list.nr + (alias - owners->aliases.aliases)]);
	}
}

/*
 * struct saying - the name that a variable says
 * @name: which one, or MT_OWNER_NONE
 * @distance: how near it stands
 * @nr: names of the cache that stand near
 */
struct saying {
	int name;
	unsigned int distance;
	unsigned int nr;
};

static void take_saying(struct saying *saying, int name, unsigned int distance)
{
	saying->nr += !!distance;
	if (!distance || distance > saying->distance)
		return;
	/* two names at one distance say nothing */
	saying->name = distance == saying->distance ? MT_OWNER_NONE : name;
	saying->distance = distance;
}

/* Which of the names does the variable say? As add_names() has them. */
static int said_name(const struct mt_slab_owners *owners, const struct mt_owner_root *root,
		     unsigned int cache, const struct mt_slab_holder *holder)
{
	const struct mt_slab_cache *from = &owners->list.caches[cache];
	struct saying saying = { .name = MT_OWNER_NONE, .distance = MT_SLAB_HOLDER_SAYS };
	const struct mt_slab_alias *alias = NULL;
	int name = 0;

	take_saying(&saying, name, mt_slab_holder_says(holder, from->name, from->name_addr));
	while ((alias = mt_slab_alias_next(&owners->aliases, from->kobject_id, alias))) {
		if (!strcmp(alias->name, from->name))
			continue;
		if (++name == root->nr_names)
			break;
		take_saying(&saying, name,
			    mt_slab_holder_says(holder, alias->name, alias->name_addr));
	}
	/* the next element of a table may have its name nearer than the pointer's own */
	return holder->table && saying.nr > 1 ? MT_OWNER_NONE : saying.name;
}

static enum mt_owner_rank rank_of(const struct mt_slab_holder *holder)
{
	/* several instructions may stand for one user */
	if (holder->kind == MT_SLAB_HELD_BY_TEXT)
		return MT_OWNER_SECOND;
	switch (holder->worth) {
	case MT_SLAB_HOLDER_OWN:
		return MT_OWNER_OWN;
	case MT_SLAB_HOLDER_SECOND:
		return MT_OWNER_SECOND;
	case MT_SLAB_HOLDER_THIRD:
		return MT_OWNER_THIRD;
	case MT_SLAB_HOLDER_COPY:
		break;
	}
	return MT_OWNER_COPY;
}

static void add_holders(const struct mt_slab_owners *owners, struct mt_owner_root *root,
			unsigned int cache)
{
	const struct mt_slab_holder *holder = NULL;

	while ((holder = mt_slab_holder_next(&owners->holders, cache, holder))) {
		if (root->nr_holders == MT_SLAB_OWNER_HOLDERS)
			return;
		root->holders[root->nr_holders++] = (struct mt_owner_holder) {
			.symbol = holder->symbol,
			.variable = holder->addr - holder->offset,
			.addr = holder->addr,
			.module = holder->module == MT_SLAB_HOLDER_STRAY ? MT_OWNER_NONE :
									   holder->module,
			.rank = rank_of(holder),
			.table = holder->table,
			.says = said_name(owners, root, cache, holder),
		};
	}
}

static void link_all(struct mt_slab_owners *owners, const struct given *given, u16 *scores)
{
	struct mt_owner_holder *held = owners->held;
	struct mt_owner_name *names = owners->names;
	unsigned int i;

	for (i = 0; i < owners->list.nr; i++) {
		struct mt_owner_root *root = &owners->roots[i];

		*root = (struct mt_owner_root) {
			.names = names,
			.holders = held,
			.scores = scores,
			/* negative: never merged */
			.users = max(owners->list.caches[i].users, 1),
		};
		add_names(owners, root, i, given);
		add_holders(owners, root, i);
		mt_owner_link(root);
		names += root->nr_names;
		held += root->nr_holders;
		cond_resched();
	}
}

static int read_owners(struct mt_slab_owners *owners, struct naming *naming, u64 deadline_ns)
{
	unsigned int nr_names = owners->list.nr + owners->aliases.nr;
	u16 *scores;

	naming->given = mt_memory_zalloc(nr_names * sizeof(*naming->given));
	owners->roots = mt_memory_alloc(owners->list.nr * sizeof(*owners->roots));
	owners->names = mt_memory_alloc(nr_names * sizeof(*owners->names));
	if (!naming->given || !owners->roots || !owners->names)
		return -ENOMEM;
	owners->image_error = mt_image_read(&owners->image);
	if (!owners->image_error)
		owners->names_error = search_names(naming, owners, deadline_ns);
	if (!owners->image_error)
		owners->image_error = mt_slab_holder_read(&owners->holders, &owners->image,
							  &owners->list, deadline_ns);

	owners->held = mt_memory_alloc((owners->holders.nr + 1) * sizeof(*owners->held));
	scores = mt_memory_alloc(MT_SLAB_OWNER_NAMES * MT_SLAB_OWNER_HOLDERS * sizeof(*scores));
	if (owners->held && scores)
		link_all(owners, naming->given, scores);
	mt_memory_free(scores);
	return owners->held && scores ? 0 : -ENOMEM;
}

/**
 * mt_slab_owner_read() - read all caches, and find who asked for them
 * @owners: gets them; give it back with mt_slab_owner_free() on success
 * @deadline_ns: when to have finished, in ktime_get_ns(); then it does without a search through
 *               all objects. 0: take all the time that is needed
 *
 * Context: process context, no lock held, may sleep. As mt_slab_read(), mt_slab_alias_read() and
 * mt_slab_holder_read().
 * Return: 0, also when the errors in @owners and in its parts say that something is missing;
 * otherwise as of mt_slab_read().
 */
int mt_slab_owner_read(struct mt_slab_owners *owners, u64 deadline_ns)
{
	struct naming naming = { };
	int err;

	*owners = (struct mt_slab_owners) { };
	err = mt_slab_read(&owners->list);
	if (err)
		return err;
	owners->aliases_error = mt_slab_alias_read(&owners->aliases);
	err = read_owners(owners, &naming, deadline_ns);
	mt_memory_free(naming.given);
	if (err)
		mt_slab_owner_free(owners);
	return err;
}

/**
 * mt_slab_owner_free() - give back what mt_slab_owner_read() allocated
 * @owners: the owners
 *
 * Context: process context, may sleep.
 */
void mt_slab_owner_free(struct mt_slab_owners *owners)
{
	mt_memory_free(owners->held);
	mt_memory_free(owners->names);
	mt_memory_free(owners->roots);
	mt_slab_holder_free(&owners->holders);
	mt_image_free(&owners->image);
	mt_slab_alias_free(&owners->aliases);
	mt_slab_free(&owners->list);
}
