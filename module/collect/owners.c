// SPDX-License-Identifier: GPL-2.0
/*
 * owners.c - the report of the caches that somebody asked for, before they were merged.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "access/image.h"
#include "access/image_layout.h"
#include "access/slab.h"
#include "access/slab_alias.h"
#include "access/slab_holder.h"
#include "access/slab_layout.h"
#include "literal.h"
#include "memory.h"
#include "owner.h"
#include "snapshot.h"

/* Names, and variables, of one cache: the largest merges have a dozen of each. */
#define NAMES		128
#define HOLDERS		256

/* Bytes of a cell: a name or symbol, and what is said of it. */
#define CELL		(MT_SLAB_HOLDER_SYMBOL + 16)

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
 * struct survey - what is known of all caches
 * @list: the caches
 * @aliases: the names of merged caches
 * @image: where variables are
 * @holders: who holds the caches
 * @literals: the names of caches, then of aliases, as literals to search for
 * @literal_entries: room for them
 * @given: by literal: who can have given it
 * @names: room for the names of one cache
 * @held: room for the holders of one cache
 * @merged: caches with more than one user
 * @users: of these
 * @explained: users of these that have a holder
 * @certain: names that are linked to a variable for certain
 * @guessed: names for which the variable is a guess
 * @bytes: in the records
 * @unknown: some record has no figure
 */
struct survey {
	struct mt_slab_list list;
	struct mt_slab_aliases aliases;
	struct mt_image image;
	struct mt_slab_holders holders;
	struct mt_literals literals;
	struct mt_literal *literal_entries;
	struct given *given;
	struct mt_owner_name names[NAMES];
	struct mt_owner_holder held[HOLDERS];
	unsigned int merged;
	unsigned int users;
	unsigned int explained;
	unsigned int certain;
	unsigned int guessed;
	u64 kB;
	bool unknown;
};

static void found_literal(struct given *given, int module)
{
	unsigned int i;

	for (i = 0; i < given->nr && i < MT_OWNER_MODULES; i++) {
		if (given->modules[i] == module)
			return;
	}
	if (given->nr < MT_OWNER_MODULES)
		given->modules[given->nr] = module;
	given->nr++;
}

/* struct finder - a search for names in the constants of one module */
struct finder {
	struct survey *survey;
	int module;
};

static void find_literal(u32 literal, void *arg)
{
	struct finder *finder = arg;

	found_literal(&finder->survey->given[literal], finder->module);
}

static void search_part(const struct mt_image_part *part, unsigned long addr, const u8 *bytes,
			size_t nr, void *arg)
{
	struct finder finder = { .survey = arg, .module = part->module };

	mt_literal_search(&finder.survey->literals, bytes, nr, find_literal, &finder);
}

/* A name that stands among the kernel's own constants need not be searched for. */
static const char *wanted_name(const char *name, unsigned long name_addr)
{
	return mt_image_is_rodata(name_addr) ? "" : name;
}

static int search_names(struct survey *survey, u64 deadline_ns)
{
	unsigned int nr = survey->list.nr + survey->aliases.nr;
	unsigned int i;

	survey->literal_entries = mt_memory_alloc(nr * sizeof(*survey->literal_entries));
	survey->given = mt_memory_zalloc(nr * sizeof(*survey->given));
	if (!survey->literal_entries || !survey->given)
		return -ENOMEM;
	mt_literal_start(&survey->literals, survey->literal_entries, nr);
	for (i = 0; i < survey->list.nr; i++)
		mt_literal_add(&survey->literals, wanted_name(survey->list.caches[i].name,
							      survey->list.caches[i].name_addr));
	for (i = 0; i < survey->aliases.nr; i++)
		mt_literal_add(&survey->literals,
			       wanted_name(survey->aliases.aliases[i].name,
					   survey->aliases.aliases[i].name_addr));
	return mt_image_bytes(&survey->image, MT_IMAGE_BIT(MT_IMAGE_RODATA), MT_LITERAL_BYTES + 1,
			      deadline_ns, search_part, survey);
}

static void add_name(struct survey *survey, struct mt_owner_root *root, const char *text,
		     unsigned long addr, const struct given *given)
{
	struct mt_owner_name *name;
	unsigned int i;

	if (root->nr_names == NAMES)
		return;
	name = &root->names[root->nr_names++];
	*name = (struct mt_owner_name) { .text = text, .built_in = mt_image_is_rodata(addr) };
	for (i = 0; given && i < given->nr && i < MT_OWNER_MODULES; i++) {
		if (!survey->image.modules[given->modules[i]].gone)
			name->modules[name->nr_modules++] = given->modules[i];
	}
	if (given && given->nr > MT_OWNER_MODULES)
		name->nr_modules = given->nr;
}

static void add_names(struct survey *survey, struct mt_owner_root *root, unsigned int cache)
{
	const struct mt_slab_cache *from = &survey->list.caches[cache];
	const struct given *given = survey->given;
	const struct mt_slab_alias *alias = NULL;

	add_name(survey, root, from->name, from->name_addr, given ? given + cache : NULL);
	while ((alias = mt_slab_alias_next(&survey->aliases, from->kobject_id, alias))) {
		if (strcmp(alias->name, from->name))
			add_name(survey, root, alias->name, alias->name_addr,
				 given ? given + survey->list.nr +
					 (alias - survey->aliases.aliases) : NULL);
	}
}

static enum mt_owner_rank rank_of(const struct mt_slab_holder *holder)
{
	if (holder->kind == MT_SLAB_HELD_BY_TEXT)
		return MT_OWNER_SECOND;
	return holder->worth == MT_SLAB_HOLDER_OWN    ? MT_OWNER_OWN :
	       holder->worth == MT_SLAB_HOLDER_SECOND ? MT_OWNER_SECOND :
							MT_OWNER_COPY;
}

/* Which of the names does the variable say, if there is more than one? */
static int said_name(const struct mt_slab_holder *holder, const struct survey *survey,
		     const struct mt_owner_root *root, unsigned int cache)
{
	const struct mt_slab_cache *from = &survey->list.caches[cache];
	const struct mt_slab_alias *alias = NULL;
	int name = 0;

	if (mt_slab_holder_says(holder, from->name, from->name_addr))
		return name;
	while ((alias = mt_slab_alias_next(&survey->aliases, from->kobject_id, alias))) {
		if (!strcmp(alias->name, from->name))
			continue;
		if (++name == root->nr_names)
			break;
		if (mt_slab_holder_says(holder, alias->name, alias->name_addr))
			return name;
	}
	return MT_OWNER_NONE;
}

static void add_holders(struct survey *survey, struct mt_owner_root *root, unsigned int cache)
{
	const struct mt_slab_holder *holder = NULL;

	while ((holder = mt_slab_holder_next(&survey->holders, cache, holder))) {
		if (root->nr_holders == HOLDERS)
			return;
		root->holders[root->nr_holders++] = (struct mt_owner_holder) {
			.symbol = holder->symbol,
			.variable = holder->addr - holder->offset,
			.module = holder->module,
			.rank = rank_of(holder),
			.says = said_name(holder, survey, root, cache),
		};
	}
}

/* A cell that may be a guess. */
static struct mt_cell guess(char *cell, const char *text, bool guessed)
{
	if (!text)
		return mt_text(NULL);
	snprintf(cell, CELL, "%s%s", guessed ? "~" : "", text);
	return mt_text(cell);
}

/*
 * struct share - what one record has of a cache
 * @objects: how many of its objects, unknown if it is not known
 * @basis: how they were told from the others
 */
struct share {
	struct mt_cell objects;
	const char *basis;
};

static void add_record(struct mt_snapshot *snap, struct survey *survey, unsigned int cache,
		       const struct share *share, const struct mt_owner_root *root,
		       const struct mt_owner_name *name)
{
	const struct mt_slab_cache *from = &survey->list.caches[cache];
	const struct mt_owner_holder *holder = name && name->holder != MT_OWNER_NONE ?
					       &root->holders[name->holder] : NULL;
	const struct mt_image_module *module = name && name->module != MT_OWNER_NONE ?
					       &survey->image.modules[name->module] : NULL;
	char module_cell[CELL], holder_cell[CELL], name_cell[CELL];
	s64 kB = div_u64((u64)share->objects.number * from->size, 1024);
	struct mt_cell cells[] = {
		share->objects,
		share->objects,
		mt_text(share->basis),
		mt_text(from->name),
		guess(module_cell, module ? module->name : NULL, name && name->module_guessed),
		guess(holder_cell, holder ? holder->symbol : NULL, name && name->holder_guessed),
		mt_text(name_cell),
	};

	snprintf(name_cell, sizeof(name_cell), "%s%s", name ? name->text : "(unattributed)",
		 name && name->gone ? " (destroyed?)" : "");
	cells[0].number = kB;
	if (share->objects.certainty != MT_UNKNOWN)
		survey->kB += kB;
	mt_snapshot_add(snap, cells);
}

/* A user whose name is lost: another cache was asked for by the same name. */
static void add_nameless(struct mt_snapshot *snap, struct survey *survey, unsigned int cache,
			 const struct mt_owner_root *root)
{
	const struct share share = { .objects = mt_unknown() };
	int left = root->users - root->nr_names;
	int i;

	for (i = 0; i < root->nr_holders && left > 0; i++) {
		const struct mt_owner_holder *holder = &root->holders[i];
		struct mt_owner_name name = {
			.text = holder->says == MT_OWNER_NONE ? "(unnamed)" :
								root->names[holder->says].text,
			.holder = i,
			.module = holder->module,
		};

		if (holder->spare || holder->name != MT_OWNER_NONE)
			continue;
		add_record(snap, survey, cache, &share, root, &name);
		left--;
	}
	while (left-- > 0) {
		struct mt_owner_name name = {
			.text = "(unnamed)",
			.holder = MT_OWNER_NONE,
			.module = MT_OWNER_NONE,
		};

		add_record(snap, survey, cache, &share, root, &name);
	}
}

static void count_links(struct survey *survey, const struct mt_owner_root *root)
{
	int i;

	for (i = 0; i < root->nr_names; i++) {
		if (root->names[i].holder == MT_OWNER_NONE)
			continue;
		if (root->names[i].holder_guessed)
			survey->guessed++;
		else
			survey->certain++;
	}
	if (root->users < 2)
		return;
	survey->merged++;
	survey->users += root->users;
	survey->explained += root->explained;
}

static struct mt_cell active_of(const struct mt_slab_cache *cache)
{
	if (!cache->active_known)
		return mt_unknown();
	return mt_number(cache->active, cache->active_exact ? MT_EXACT : MT_ESTIMATE);
}

static void add_cache(struct mt_snapshot *snap, struct survey *survey, unsigned int cache)
{
	const struct mt_slab_cache *from = &survey->list.caches[cache];
	struct mt_owner_root root = {
		.names = survey->names,
		.holders = survey->held,
		/* negative: never merged */
		.users = max(from->users, 1),
	};
	struct share share = { .objects = active_of(from) };
	int i;

	add_names(survey, &root, cache);
	add_holders(survey, &root, cache);
	mt_owner_link(&root);
	count_links(survey, &root);

	if (root.users == 1 && root.nr_names == 1) {
		share.basis = "sole";
		add_record(snap, survey, cache, &share, &root, &root.names[0]);
		return;
	}
	add_record(snap, survey, cache, &share, &root, NULL);
	share.objects = mt_unknown();
	for (i = 0; i < root.nr_names; i++)
		add_record(snap, survey, cache, &share, &root, &root.names[i]);
	add_nameless(snap, survey, cache, &root);
	if (root.nr_names > root.users)
		mt_snapshot_print(snap, "%s: %d names, %d users: names of destroyed caches stay",
				  from->name, root.nr_names, root.users);
}

/* What the slabs have beside allocated objects, so that the sum is that of the caches. */
static void add_free(struct mt_snapshot *snap, const struct survey *survey)
{
	s64 kB = 0;
	bool exact = true;
	unsigned int i;

	for (i = 0; i < survey->list.nr; i++) {
		const struct mt_slab_cache *cache = &survey->list.caches[i];

		kB += cache->pages * (s64)(PAGE_SIZE / 1024);
		exact &= cache->pages_exact && cache->active_exact && cache->active_known;
	}
	{
		struct mt_cell cells[] = {
			mt_number(kB - (s64)survey->kB, exact ? MT_EXACT : MT_ESTIMATE),
			mt_exact(0),
			mt_text(NULL), mt_text(NULL), mt_text(NULL), mt_text(NULL),
			mt_text("(free)"),
		};

		mt_snapshot_add(snap, cells);
	}
}

static void add_notes(struct mt_snapshot *snap, const struct survey *survey)
{
	unsigned int permille = survey->users ? survey->explained * 1000 / survey->users : 1000;
	unsigned int i;

	mt_snapshot_print(snap, "merged caches: %u, with %u users; %u of these (%u.%u %%) have a holder",
			  survey->merged, survey->users, survey->explained, permille / 10,
			  permille % 10);
	mt_snapshot_print(snap, "names: %u with a certain holder, %u with a likely one (~)",
			  survey->certain, survey->guessed);
	if (!survey->merged)
		mt_snapshot_print(snap, "this kernel merges no caches: each has one owner");
	if (IS_ENABLED(CONFIG_MEM_ALLOC_PROFILING))
		mt_snapshot_print(snap, "/proc/allocinfo knows who allocated, if memory profiling is on");
	for (i = 0; i < survey->list.nr; i++) {
		if (!survey->list.caches[i].stores_user)
			continue;
		mt_snapshot_print(snap, "/sys/kernel/debug/slab/CACHE/alloc_traces (alloc_calls in /sys/kernel/slab/CACHE before v5.15) knows who allocated");
		break;
	}
}

static void say_what_is_missing(struct mt_snapshot *snap, const struct survey *survey)
{
	const struct mt_slab_holders *holders = &survey->holders;

	if (survey->image.error && survey->image.error != -EOPNOTSUPP)
		mt_snapshot_partial(snap, "the list of modules broke off (error %d)",
				    survey->image.error);
	if (holders->error == -ETIME)
		mt_snapshot_partial(snap, "no time for all variables");
	else if (holders->error)
		mt_snapshot_partial(snap, "not all variables were read (error %d)", holders->error);
	if (holders->text_error)
		mt_snapshot_remark(snap, "no time for pointers in instructions");
}

/* All that is to be known of holders; without it there are names all the same. */
static int survey_holders(struct survey *survey, u64 deadline_ns)
{
	int err = mt_image_read(&survey->image);

	if (err)
		return err;
	err = search_names(survey, deadline_ns);
	if (err && err != -ETIME)
		return err;
	return mt_slab_holder_read(&survey->holders, &survey->image, &survey->list, deadline_ns);
}

static void free_survey(struct survey *survey)
{
	mt_slab_holder_free(&survey->holders);
	mt_memory_free(survey->given);
	mt_memory_free(survey->literal_entries);
	mt_image_free(&survey->image);
	mt_slab_alias_free(&survey->aliases);
	mt_slab_free(&survey->list);
	mt_memory_free(survey);
}

static int collect(struct mt_snapshot *snap)
{
	u64 deadline_ns = snap->budget_ns ? ktime_get_ns() + snap->budget_ns : 0;
	struct survey *survey;
	unsigned int i;
	int err;

	survey = mt_memory_zalloc(sizeof(*survey));
	if (!survey)
		return -ENOMEM;
	err = mt_slab_read(&survey->list);
	if (err) {
		mt_snapshot_remark(snap, err == -EBUSY ? "slab_mutex is held by somebody else" :
						 "the list of caches could not be read");
		free_survey(survey);
		return err;
	}
	if (survey->list.error)
		mt_snapshot_partial(snap, "the list of caches broke off (error %d)",
				    survey->list.error);
	err = mt_slab_alias_read(&survey->aliases);
	if (err && err != -EOPNOTSUPP)
		mt_snapshot_partial(snap, "no aliases (error %d)", err);
	err = survey_holders(survey, deadline_ns);
	if (err && err != -EOPNOTSUPP)
		mt_snapshot_partial(snap, "no holders (error %d)", err);

	/* a record for each name, one for what belongs to none, and one for what is free */
	mt_snapshot_expect(snap, 2 * survey->list.nr + survey->aliases.nr + 1);
	for (i = 0; i < survey->list.nr; i++)
		add_cache(snap, survey, i);
	add_free(snap, survey);
	add_notes(snap, survey);
	say_what_is_missing(snap, survey);
	free_survey(survey);
	return 0;
}

static const struct mt_column columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "objects", .type = MT_NUMBER, .sum = true },
	{ .name = "basis", .type = MT_WORD },
	{ .name = "root", .type = MT_TEXT },
	{ .name = "module", .type = MT_TEXT },
	{ .name = "holder", .type = MT_TEXT },
	{ .name = "name", .type = MT_TEXT },
};

const struct mt_collector mt_owners_collector = {
	.name = "owners",
	.form = MT_FORM_TABLE,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.needs = {
		{
			.any_of = { &mt_slab_cache_table },
			.loses = "all slab caches",
			.required = true,
		},
		{
			.any_of = { &mt_slab_per_node_table, &mt_slab_node_array_table },
			.loses = "how many objects a cache has",
			.required = true,
		},
		{
			.any_of = { &mt_slab_alias_table },
			.loses = "the names of merged caches",
		},
		{
			.any_of = { &mt_image_table },
			.loses = "who holds a cache",
		},
		{
			.any_of = { &mt_image_modules_table },
			.loses = "the modules that hold a cache",
		},
		{
			.any_of = { &mt_image_text_table },
			.loses = "caches that are held by instructions only",
		},
	},
	.collect = collect,
};
