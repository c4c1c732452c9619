// SPDX-License-Identifier: GPL-2.0
/*
 * modules.c - the report of what each kernel module has, also of those that are gone.
 *
 * A view across three accounts: objects of the caches that a module asked for, vmalloc areas that
 * its functions asked for and its own text and data, and blocks that no counter shows and that
 * carry its addresses. What a module takes from kmalloc, or hands on to the kernel, nobody can
 * tell.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/string.h>

#include "access/code_layout.h"
#include "access/creation.h"
#include "access/image.h"
#include "access/image_layout.h"
#include "access/page.h"
#include "access/page_evidence.h"
#include "access/roster.h"
#include "access/slab_layout.h"
#include "access/slab_owner.h"
#include "access/slab_part.h"
#include "access/slab_split.h"
#include "access/vmap.h"
#include "access/vmap_layout.h"
#include "introspect/ktext.h"
#include "memory.h"
#include "snapshot.h"

/*
 * struct figure - what a module has of one kind
 * @bytes: how much
 * @known: it was looked for
 * @rough: some of it may be another's
 * @gap: some of it could not be told
 */
struct figure {
	u64 bytes;
	bool known;
	bool rough;
	bool gap;
};

/*
 * struct row - a module
 * @name: its name
 * @unloaded: it is gone, or is one of this name that is gone
 * @slab: objects of its caches
 * @vmalloc: areas it asked for, and itself
 * @ghost: blocks that no counter shows
 */
struct row {
	const char *name;
	bool unloaded;
	struct figure slab;
	struct figure vmalloc;
	struct figure ghost;
};

/*
 * struct table - all modules
 * @image: who is there
 * @roster: who is gone
 * @seen: creations of caches that were seen
 * @rows: those who are there, in the order of @image, without the kernel; then those who are gone
 * @nr: how many
 * @nr_here: how many of them are there
 * @gone_pages: of vmalloc areas that a module asked for which is gone, or its init code
 */
struct table {
	struct mt_image image;
	struct mt_roster roster;
	struct mt_creations seen;
	struct row *rows;
	unsigned int nr;
	unsigned int nr_here;
	u64 gone_pages;
};

static struct row *find_here(const struct table *table, const char *name)
{
	unsigned int i;

	for (i = 0; i < table->nr_here; i++) {
		if (!strcmp(table->rows[i].name, name))
			return &table->rows[i];
	}
	return NULL;
}

static struct row *find_gone(const struct table *table, const char *name)
{
	unsigned int i;

	for (i = table->nr_here; i < table->nr; i++) {
		if (!strcmp(table->rows[i].name, name))
			return &table->rows[i];
	}
	return NULL;
}

/* Those of one name who are gone have one record. */
static struct row *add_gone(struct table *table, const char *name)
{
	struct row *row = find_gone(table, name);

	if (row)
		return row;
	row = &table->rows[table->nr++];
	*row = (struct row) { .name = name, .unloaded = true };
	return row;
}

/* The module that was at an address. */
static struct row *gone_row_of(const struct table *table, unsigned long addr)
{
	int gone = mt_roster_find(&table->roster, addr);

	return gone >= 0 ? find_gone(table, table->roster.gone[gone].name) : NULL;
}

/*
 * The module that an address belongs to, or did. Where one is now, another may have been: then it
 * is not certain whose the address was.
 */
static struct row *row_of(const struct table *table, unsigned long addr, bool *rough)
{
	const struct mt_image_part *part = mt_image_find(&table->image, addr);
	struct row *gone = gone_row_of(table, addr);

	*rough = gone;
	if (!part)
		return gone;
	return part->module == MT_IMAGE_VMLINUX ? NULL : &table->rows[part->module - 1];
}

static void add_bytes(struct figure *figure, u64 bytes, bool rough)
{
	figure->bytes += bytes;
	figure->known = true;
	figure->rough |= rough;
}

static void take_part(const struct mt_slab_part *part, void *arg)
{
	struct table *table = arg;
	struct row *row;

	if (!part->module)
		return;
	if (part->creation && mt_creation_left_behind(part->creation))
		row = find_gone(table, part->module);
	else
		row = find_here(table, part->module);
	/* the kernel itself, or a module that has come meanwhile */
	if (!row)
		return;
	if (part->known)
		add_bytes(&row->slab, (u64)part->objects * part->cache->size,
			  !part->exact || part->module_guessed);
	else
		row->slab.gap = true;
}

/* The first thing that is wrong with what is known of the caches, other than want of time. */
static int slab_error(const struct mt_slab_owners *owners)
{
	const int errors[] = {
		owners->list.error, owners->aliases_error, owners->image_error,
		owners->image.error, owners->names_error, owners->holders.error,
		owners->holders.object_error, owners->holders.text_error,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		if (errors[i] && errors[i] != -EOPNOTSUPP && errors[i] != -ETIME)
			return errors[i];
	}
	return 0;
}

static void share_out(struct table *table, const struct mt_slab_owners *owners,
		      const struct mt_slab_split *split)
{
	unsigned int i;

	for (i = 0; i < table->nr_here; i++)
		table->rows[i].slab.known = true;
	for (i = 0; i < owners->list.nr; i++) {
		mt_slab_part_for_each(owners, split, &table->seen, i, take_part, table);
		cond_resched();
	}
}

static void roughen_slab(struct table *table)
{
	unsigned int i;

	for (i = 0; i < table->nr; i++)
		table->rows[i].slab.rough = true;
}

static void count_slab(struct mt_snapshot *snap, struct table *table)
{
	struct mt_slab_split split;
	struct mt_slab_owners owners;
	int owners_err, err;

	err = mt_slab_owner_read(&owners, 0);
	if (err) {
		mt_snapshot_partial(snap, "no slab: %s (error %d)",
				    err == -EBUSY ? "slab_mutex is held by somebody else" :
						    "the list of caches could not be read", err);
		return;
	}
	owners_err = slab_error(&owners);
	if (owners_err)
		mt_snapshot_partial(snap, "not all owners of caches were found (error %d)",
				    owners_err);
	err = mt_slab_split_read(&split, &owners, 0);
	if (err && err != -EOPNOTSUPP)
		mt_snapshot_partial(snap, "objects of merged caches were not told apart (error %d)",
				    err);
	share_out(table, &owners, &split);
	if (owners.names_error == -ETIME || owners.holders.object_error == -ETIME)
		mt_snapshot_remark(snap, "no time to look for all owners of caches (holder_ms)");
	/* what has no owner now may be anybody's */
	if (err || owners_err || owners.names_error || owners.holders.object_error)
		roughen_slab(table);
	mt_slab_split_free(&split);
	mt_slab_owner_free(&owners);
}

static int take_area(const struct mt_vmap_area *area, void *arg)
{
	struct table *table = arg;
	struct row *row;
	bool rough;

	if (!area->pages || !area->caller)
		return 0;
	row = row_of(table, area->caller, &rough);
	/* another one's, which was in the same place and is gone */
	if (row && !row->unloaded && !mt_ktext_may_return_to(area->caller))
		row = gone_row_of(table, area->caller);
	if (row)
		add_bytes(&row->vmalloc, area->pages * PAGE_SIZE, rough);
	else if (mt_image_is_for_modules(area->caller))
		table->gone_pages += area->pages;
	return 0;
}

/* A module's own text and data: parts of it may share a page. */
static void add_images(struct table *table)
{
	unsigned long end_pfn = 0;
	unsigned int module = MT_IMAGE_VMLINUX;
	unsigned int i;

	for (i = 0; i < table->image.nr_parts; i++) {
		const struct mt_image_part *part = &table->image.parts[i];
		unsigned long from_pfn = PFN_DOWN(part->from);
		unsigned long to_pfn = PFN_UP(part->to);

		if (part->module == MT_IMAGE_VMLINUX)
			continue;
		if (part->module == module && from_pfn == end_pfn - 1)
			from_pfn++;
		add_bytes(&table->rows[part->module - 1].vmalloc,
			  (to_pfn - min(from_pfn, to_pfn)) * PAGE_SIZE, false);
		module = part->module;
		end_pfn = to_pfn;
	}
}

static void count_vmalloc(struct mt_snapshot *snap, struct table *table)
{
	unsigned int i;
	int err;

	add_images(table);
	err = mt_vmap_for_each(take_area, table);
	if (err && err != -EOPNOTSUPP)
		mt_snapshot_partial(snap, "not all vmalloc areas could be read (error %d)", err);
	for (i = 0; i < table->nr; i++) {
		struct row *row = &table->rows[i];

		row->vmalloc.gap = err;
		/* of one that was only seen asking for a cache, the place is not known */
		row->vmalloc.known |= !row->unloaded;
	}
	for (i = 0; i < table->roster.nr; i++)
		find_gone(table, table->roster.gone[i].name)->vmalloc.known = true;
}

static void take_proof(const struct table *table, const struct mt_page_proof *proof,
		       unsigned int order, bool whole)
{
	bool rough;
	struct row *row = row_of(table, proof->address, &rough);

	/* to the inside of something: it may be what another one had there, which is gone */
	rough |= !!strchr(proof->symbol, '+');
	if (row)
		add_bytes(&row->ghost, proof->blocks << order << PAGE_SHIFT,
			  rough || !proof->exact || !whole);
}

static void say_what_is_nobodys(struct mt_snapshot *snap, const struct table *table,
				const struct mt_page_census *census)
{
	u64 kB = census->pages[MT_PAGE_GHOST] * (PAGE_SIZE / 1024);
	u64 told_kB = 0;
	unsigned int i;

	for (i = 0; i < table->nr; i++)
		told_kB += table->rows[i].ghost.bytes / 1024;
	mt_snapshot_print(snap, "ghost pages without evidence of a module: %llu kB",
			  kB - min(told_kB, kB));
	if (census->error)
		mt_snapshot_partial(snap, "the walk over memory was broken off (error %d)",
				    census->error);
	if (census->moved)
		mt_snapshot_partial(snap, "memory was plugged or unplugged meanwhile");
	if (census->vmap_error && census->vmap_error != -EOPNOTSUPP)
		mt_snapshot_partial(snap, "not all vmalloc areas were read (error %d): ghosts?",
				    census->vmap_error);
	if (census->lost_marks)
		mt_snapshot_partial(snap, "no room to mark %llu pages of vmalloc: ghosts?",
				    census->lost_marks);
}

static int count_ghosts(struct mt_snapshot *snap, struct table *table)
{
	struct mt_page_evidence *evidence = mt_page_evidence_new(0);
	struct mt_page_census census;
	const struct mt_page_proof *proof;
	unsigned int i;
	int err;

	if (!evidence)
		return -ENOMEM;
	err = mt_page_census_take(&census, 0, mt_page_evidence_visit, evidence);
	if (err)
		goto out_free;
	mt_page_evidence_scale(evidence, census.seen, census.blocks);
	for (i = 0; i < table->nr_here; i++)
		table->rows[i].ghost.known = true;
	for (i = 0; i < table->roster.nr; i++)
		find_gone(table, table->roster.gone[i].name)->ghost.known = true;
	for (i = 0; i < evidence->nr_groups; i++) {
		/* the slab's, as is all kmalloc */
		if (evidence->groups[i].class == MT_PAGE_LARGE_KMALLOC)
			continue;
		while ((proof = mt_page_evidence_next(evidence, i)))
			take_proof(table, proof, evidence->groups[i].order,
				   census.seen == census.blocks);
	}
	/* addresses were forgotten: there may be more */
	for (i = 0; i < table->nr; i++)
		table->rows[i].ghost.rough |= evidence->crowded;
	say_what_is_nobodys(snap, table, &census);
	mt_page_census_drop(&census);
out_free:
	mt_page_evidence_free(evidence);
	return err;
}

static bool is_told(const struct figure *figure)
{
	return figure->known && (figure->bytes || !figure->gap);
}

static struct mt_cell cell_of(const struct figure *figure)
{
	if (!is_told(figure))
		return mt_unknown();
	return mt_number(figure->bytes / 1024,
			 figure->rough || figure->gap ? MT_ESTIMATE : MT_EXACT);
}

static void add_record(struct mt_snapshot *snap, const struct table *table, const struct row *row)
{
	const struct figure *const figures[] = { &row->slab, &row->vmalloc, &row->ghost };
	struct figure sum = { };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(figures); i++) {
		if (is_told(figures[i]))
			add_bytes(&sum, round_down(figures[i]->bytes, 1024), figures[i]->rough);
		sum.gap |= !is_told(figures[i]) || figures[i]->gap;
	}
	/* it was there before under the same name, and has left nothing */
	if (row->unloaded && !sum.bytes && find_here(table, row->name))
		return;
	mt_snapshot_add(snap, (struct mt_cell[]) {
		cell_of(&sum),
		cell_of(&row->slab),
		cell_of(&row->vmalloc),
		cell_of(&row->ghost),
		mt_text(row->unloaded ? "unloaded" : "loaded"),
		mt_text(row->name),
	});
}

static void report_all(struct mt_snapshot *snap, const struct table *table)
{
	unsigned int i;

	for (i = 0; i < table->nr; i++)
		add_record(snap, table, &table->rows[i]);
	if (table->gone_pages)
		mt_snapshot_print(snap,
				  "vmalloc asked for by code that is gone, of init or of a module: %llu kB",
				  table->gone_pages * (PAGE_SIZE / 1024));
	if (table->image.error)
		mt_snapshot_partial(snap, "the list of modules broke off (error %d)",
				    table->image.error);
	if (table->roster.lost)
		mt_snapshot_remark(snap, "%llu modules that are gone were forgotten",
				   table->roster.lost);
}

static int list_modules(struct table *table)
{
	unsigned int i, room;
	int err;

	err = mt_roster_read(&table->roster, &table->image);
	if (err)
		return err;
	err = mt_creation_read(&table->seen);
	if (err)
		return err;
	room = table->image.nr_modules + table->roster.nr + table->seen.nr;
	table->rows = mt_memory_alloc(room * sizeof(*table->rows));
	if (!table->rows)
		return -ENOMEM;
	for (i = MT_IMAGE_VMLINUX + 1; i < table->image.nr_modules; i++)
		table->rows[table->nr++] = (struct row) { .name = table->image.modules[i].name };
	table->nr_here = table->nr;
	for (i = 0; i < table->roster.nr; i++)
		add_gone(table, table->roster.gone[i].name);
	for (i = 0; i < table->seen.nr; i++) {
		if (mt_creation_left_behind(&table->seen.entries[i]))
			add_gone(table, mt_creation_owner(&table->seen.entries[i]));
	}
	return 0;
}

static int collect(struct mt_snapshot *snap)
{
	struct table table = { };
	int err;

	err = mt_image_read(&table.image);
	if (err)
		return err;
	err = list_modules(&table);
	if (err)
		goto out_free;
	count_vmalloc(snap, &table);
	if (snap->budget_ns) {
		mt_snapshot_remark(snap, "no time to look for owners of caches and of ghost pages");
	} else {
		count_slab(snap, &table);
		err = count_ghosts(snap, &table);
	}
	if (err)
		mt_snapshot_partial(snap, "no ghost pages (error %d)", err);
	report_all(snap, &table);
	err = 0;
out_free:
	mt_memory_free(table.rows);
	mt_creation_free(&table.seen);
	mt_roster_free(&table.roster);
	mt_image_free(&table.image);
	return err;
}

static const struct mt_column columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "slab_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "vmalloc_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "ghost_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "state", .type = MT_WORD },
	{ .name = "module", .type = MT_TEXT },
};

const struct mt_collector mt_modules_collector = {
	.name = "modules",
	.form = MT_FORM_TABLE,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.needs = {
		{
			.any_of = { &mt_image_table },
			.loses = "where modules are",
			.required = true,
		},
		{
			.any_of = { &mt_image_modules_table },
			.loses = "which modules there are",
			.required = true,
		},
		{
			.any_of = { &mt_vmap_node_table, &mt_vmap_tree_table },
			.loses = "vmalloc areas; pages that are theirs look like ghosts",
		},
		{
			.any_of = { &mt_slab_cache_table },
			.loses = "slab caches",
		},
		{
			.any_of = { &mt_slab_node_table },
			.loses = "how many objects a cache has",
		},
		{
			.any_of = { &mt_slab_per_node_table, &mt_slab_node_array_table },
			.loses = "how many objects a cache has",
		},
		{
			.any_of = { &mt_slab_sheaf_table, &mt_slab_cpu_table },
			.loses = "how many objects are really allocated",
		},
		{
			.any_of = { &mt_slab_alias_table },
			.loses = "the names of merged caches",
		},
		{
			.any_of = { &mt_kernfs_root_rwsem_table, &mt_kernfs_rwsem_table,
				    &mt_kernfs_mutex_table },
			.loses = "the names of merged caches",
		},
		{
			.any_of = { &mt_image_text_table },
			.loses = "caches that are held by instructions only",
		},
		{
			.any_of = { &mt_slab_object_table },
			.loses = "caches that are held by allocated objects",
		},
		{
			.any_of = { &mt_code_table },
			.loses = "objects of merged caches that are a module's for certain",
		},
	},
	.collect = collect,
};
