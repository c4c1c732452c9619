// SPDX-License-Identifier: GPL-2.0
/*
 * content.c - the report of what the objects of the largest slab caches hold.
 *
 * The records of one cache that do not begin with "also" are a partition: each object is in the
 * first one that fits, and they sum to the cache's allocated objects. The others count objects a
 * second time: those that point at another cache, too.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "access/image.h"
#include "access/image_layout.h"
#include "access/slab.h"
#include "access/slab_content.h"
#include "access/slab_layout.h"
#include "memory.h"
#include "sample.h"
#include "snapshot.h"

/* Caches that are looked into: the largest. */
#define CACHES		15

/* Kinds of objects that are shown of each; the rest of them is one record. */
#define KINDS		6

/* Objects of each that tell what the kinds are. */
#define SURVEY		2048

/* In a hurry: of fewer caches, fewer objects, and those that are counted are a sample too. */
#define HURRY_CACHES	5
#define HURRY_SURVEY	512
#define HURRY_COUNT	8192

static unsigned int find_largest(const struct mt_slab_list *list,
				 struct mt_slab_content_cache *largest, unsigned int room,
				 bool hurry)
{
	unsigned int i, nr = 0;

	for (i = 0; i < list->nr; i++) {
		s64 pages = list->caches[i].pages;
		unsigned int at = nr;

		if (!list->caches[i].slabs || (hurry && !mt_slab_is_suspect(&list->caches[i])))
			continue;
		for (; at && list->caches[largest[at - 1].cache].pages < pages; at--) {
			if (at < room)
				largest[at] = largest[at - 1];
		}
		if (at < room)
			largest[at] = (struct mt_slab_content_cache) { .cache = i };
		nr = min(nr + 1, room);
	}
	return nr;
}

/*
 * struct account - the records of one cache
 * @snap: the report
 * @content: what was found
 * @subject: which cache
 * @all: its allocated objects
 * @certainty: what figures of all objects are worth
 */
struct account {
	struct mt_snapshot *snap;
	const struct mt_slab_content *content;
	unsigned int subject;
	u64 all;
	enum mt_certainty certainty;
};

static void add_record(const struct account *account, u64 objects, const char *offset,
		       const char *what)
{
	const struct mt_slab_content_cache *from = &account->content->caches[account->subject];
	const struct mt_slab_cache *cache = &account->content->list->caches[from->cache];
	u64 scaled = mt_sample_scale(objects, account->all, from->read);
	{
		struct mt_cell cells[] = {
			mt_number(scaled * cache->size / 1024, account->certainty),
			mt_number(scaled, account->certainty),
			mt_text(cache->name),
			mt_text(offset),
			mt_text(what),
		};

		mt_snapshot_add(account->snap, cells);
	}
}

static void add_key(const struct account *account, const struct mt_fingerprint_cluster *cluster,
		    const char *also)
{
	const struct mt_slab_content *content = account->content;
	char words[MT_SLAB_CONTENT_WORDS + 8];
	char offset[16];
	size_t used;

	snprintf(offset, sizeof(offset), "+0x%x", content->fp.keys[cluster->key].offset);
	used = strscpy(words, also, sizeof(words));
	mt_slab_content_say(content, cluster->key, words + used, sizeof(words) - used);
	add_record(account, cluster->objects, offset, words);
}

/* The index of the largest cluster that was not shown yet. */
static int next_largest(const struct mt_fingerprint_subject *subject, u32 *shown)
{
	int largest = -1;
	unsigned int i;

	for (i = 0; i < subject->nr_clusters; i++) {
		if (*shown >> i & 1 || !subject->clusters[i].objects)
			continue;
		if (largest < 0 || subject->clusters[i].objects >
				   subject->clusters[largest].objects)
			largest = i;
	}
	if (largest >= 0)
		*shown |= 1U << largest;
	return largest;
}

static void add_cache(const struct account *account)
{
	const struct mt_fingerprint_subject *subject =
		&account->content->fp.subjects[account->subject];
	u64 others = subject->others;
	u32 shown = 0;
	unsigned int i;
	int at;

	for (i = 0; i < KINDS; i++) {
		at = next_largest(subject, &shown);
		if (at >= 0)
			add_key(account, &subject->clusters[at], "");
	}
	while ((at = next_largest(subject, &shown)) >= 0)
		others += subject->clusters[at].objects;
	for (i = 0; i < subject->nr_strays; i++)
		others += subject->strays[i].objects;
	if (others)
		add_record(account, others, "-", "(various)");
	if (subject->none)
		add_record(account, subject->none, "-", "(none)");
	for (i = 0; i < subject->nr_also; i++) {
		if (subject->also[i].objects)
			add_key(account, &subject->also[i], "also ");
	}
}

/* All objects of a cache, and what that figure is worth. */
static void weigh(struct account *account)
{
	const struct mt_slab_content *content = account->content;
	const struct mt_slab_content_cache *from = &content->caches[account->subject];
	const struct mt_slab_cache *cache = &content->list->caches[from->cache];
	bool exact = content->exact && !from->moving && from->read == from->objects;

	account->all = from->objects;
	account->certainty = exact ? MT_EXACT : MT_ESTIMATE;
	if (!content->whole && cache->active_known)
		account->all = max_t(u64, cache->active, 0);
	if (from->read < account->all && from->read)
		mt_snapshot_print(account->snap,
				  "%s: %llu of %llu objects looked into, a figure may be off by %llu",
				  cache->name, from->read, account->all,
				  mt_slab_content_error(content, account->subject, account->all));
}

static int add_all(struct mt_snapshot *snap, struct mt_slab_content *content)
{
	struct account account = { .snap = snap, .content = content };
	bool missed = false;
	int err;

	err = mt_slab_content_read(content);
	if (err)
		return err;
	if (content->error) {
		mt_snapshot_partial(snap, "the walk over the objects broke off");
		return 0;
	}
	mt_snapshot_expect(snap, content->nr * (KINDS + MT_FINGERPRINT_ALSO + 2));
	for (; account.subject < content->nr; account.subject++) {
		weigh(&account);
		if (content->caches[account.subject].read)
			add_cache(&account);
		else
			missed |= !content->whole;
	}
	if (content->poisoned)
		mt_snapshot_partial(snap, "%llu slabs were not read: their memory failed",
				    content->poisoned);
	if (missed)
		mt_snapshot_hurried(snap, "some caches could not be looked into in the time");
	if (mt_slab_content_may_be_stale())
		mt_snapshot_print(snap, "without init_on_alloc, what objects hold may be stale");
	if (content->fp.crowded || content->fp.cut)
		mt_snapshot_print(snap, "objects differ too much: some kinds are in (various)");
	return 0;
}

static int collect(struct mt_snapshot *snap)
{
	struct mt_slab_content_cache caches[CACHES];
	struct mt_slab_list list;
	struct mt_image image;
	struct mt_slab_content content = {
		.list = &list,
		.image = &image,
		.caches = caches,
		.survey = snap->budget_ns ? HURRY_SURVEY : SURVEY,
		.count = snap->budget_ns ? HURRY_COUNT : 0,
		.budget_ns = snap->budget_ns,
	};
	int err;

	err = mt_slab_read(&list);
	if (err) {
		mt_snapshot_remark(snap, err == -EBUSY ? "slab_mutex is held by somebody else" :
						 "the list of caches could not be read");
		return err;
	}
	err = mt_image_read(&image);
	if (err)
		goto out_list;
	if (image.error)
		mt_snapshot_partial(snap, "pointers to modules are not known as such");
	content.nr = find_largest(&list, caches, snap->budget_ns ? HURRY_CACHES : CACHES,
				  snap->budget_ns);
	err = content.nr ? add_all(snap, &content) : 0;
	if (err == -EOPNOTSUPP) {
		mt_snapshot_partial(snap, "allocated objects cannot be told from free ones");
		err = 0;
	}
	mt_slab_content_free(&content);
	mt_image_free(&image);
out_list:
	mt_slab_free(&list);
	return err;
}

static const struct mt_column columns[] = {
	{ .name = "kB", .type = MT_NUMBER, .sum = true },
	{ .name = "objects", .type = MT_NUMBER, .sum = true },
	{ .name = "cache", .type = MT_TEXT },
	{ .name = "offset", .type = MT_TEXT },
	{ .name = "what", .type = MT_TEXT },
};

const struct mt_collector mt_content_collector = {
	.name = "content",
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
			.any_of = { &mt_slab_node_table },
			.loses = "the slabs of a cache",
			.required = true,
		},
		{
			.any_of = { &mt_slab_per_node_table, &mt_slab_node_array_table },
			.loses = "the slabs of a cache",
			.required = true,
		},
		{
			.any_of = { &mt_slab_sheaf_table, &mt_slab_cpu_table },
			.loses = "which objects are allocated",
			.required = true,
		},
		{
			.any_of = { &mt_slab_object_table },
			.loses = "which objects are allocated",
			.required = true,
		},
		{
			.any_of = { &mt_image_table },
			.loses = "pointers to symbols",
			.required = true,
		},
		{
			.any_of = { &mt_image_text_table },
			.loses = "pointers to functions",
		},
		{
			.any_of = { &mt_image_modules_table },
			.loses = "pointers to modules",
		},
	},
	.of_large_slab = true,
	.collect = collect,
};
