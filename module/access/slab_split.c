// SPDX-License-Identifier: GPL-2.0
/*
 * slab_split.c - knows how many objects of a merged cache each of its names has.
 *
 * What the objects have in common (access/slab_content.c) is tied to the variables that hold the
 * cache by the functions that use both (access/code.c), and the rest by what attribution.c says.
 *
 * Locking and consistency: as of slab_content.c.
 */
#include "access/slab_split.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "access/code.h"
#include "access/image.h"
#include "access/slab.h"
#include "access/slab_content.h"
#include "access/slab_edge.h"
#include "access/slab_head.h"
#include "access/slab_owner.h"
#include "memory.h"
#include "sample.h"

/* Objects of all caches that tell what the kinds are, and of one cache at least. */
#define SURVEY_ALL	65536
#define SURVEY_MIN	2048

/* Symbols whose users are searched for: 200 bytes each. */
#define TARGETS_MAX	1024

/* The kernel has megabytes of instructions, which are not searched for fewer objects than these. */
#define KERNEL_OBJECTS_MIN	256

/* In a hurry: of one cache. */
#define HURRY_SURVEY	512
#define HURRY_COUNT	4096

#define NO_TARGET	0xffff

/* What a cluster may be tied by: also of objects of no cluster, by their module. */
#define TRAITS		(MT_FINGERPRINT_CLUSTERS + MT_FINGERPRINT_STRAYS)

/*
 * struct search - what is under way
 * @content: what the objects hold
 * @owners: who holds which cache
 * @roots: the caches, in the order of @content.caches
 * @targets: the holders and symbols whose users are searched for
 * @nr_targets: how many
 * @claims: for each claim of each root, one root after the other, its target
 * @clusters: for each cluster of each root, its target
 * @lists: of each root, the module whose variables most objects hang from, if it is only one
 * @crowded: some of the objects were too different from each other
 */
struct search {
	struct mt_slab_content content;
	const struct mt_slab_owners *owners;
	struct mt_slab_root *roots;
	struct mt_code_target *targets;
	unsigned int nr_targets;
	u16 *claims;
	u16 *clusters;
	u16 *lists;
	bool crowded;
};

static u16 add_target(struct search *search, unsigned long addr, unsigned int module)
{
	struct mt_code_target *target = &search->targets[search->nr_targets];

	if (!addr || module >= MT_MANY_MODULES || search->nr_targets == TARGETS_MAX)
		return NO_TARGET;
	*target = (struct mt_code_target) { .addr = addr, .module = module };
	return search->nr_targets++;
}

static bool is_symbol(const struct mt_fingerprint_key *key)
{
	return key->class != MT_WORD_OBJECT && key->worth != MT_WORTH_LITERAL;
}

/*
 * struct mark - what a function names that makes such objects
 * @addr: the symbol, the string, or the variable that holds the cache to which they point
 * @module: whose that is; MT_NO_MODULE if it is unknown
 */
struct mark {
	unsigned long addr;
	u16 module;
};

static struct mark mark_of(const struct search *search, const struct mt_fingerprint_key *key)
{
	const struct mt_owner_root *root;
	int i;

	if (key->class == MT_WORD_KERNEL)
		return (struct mark) { .addr = key->value, .module = MT_IMAGE_VMLINUX };
	if (key->class == MT_WORD_MODULE)
		return (struct mark) { .addr = key->value, .module = key->module };
	root = &search->owners->roots[mt_word_cache(key->value)];
	for (i = 0; i < root->nr_holders; i++) {
		const struct mt_owner_holder *holder = &root->holders[i];

		if (holder->rank == MT_OWNER_OWN && holder->module >= 0)
			return (struct mark) { .addr = holder->addr, .module = holder->module };
	}
	return (struct mark) { .module = MT_NO_MODULE };
}

/* The only one whose variables hold a cache; MT_NO_MODULE if somebody else may have it, too. */
static u16 only_module(const struct mt_owner_root *root)
{
	u16 module = MT_NO_MODULE;
	int i;

	if (root->explained < root->users)
		return MT_NO_MODULE;
	for (i = 0; i < root->nr_holders; i++) {
		const struct mt_owner_holder *holder = &root->holders[i];

		if (holder->spare)
			continue;
		if (holder->module < 0 || (module != MT_NO_MODULE && holder->module != module))
			return MT_NO_MODULE;
		module = holder->module;
	}
	return module;
}

/* What has no name of the same module in its cache is searched for in vain. */
static bool has_claim(const struct mt_slab_root *root, u16 module)
{
	unsigned int i;

	for (i = 0; i < root->nr_claims; i++) {
		if (root->claims[i].holder && root->claims[i].module == module)
			return true;
	}
	return false;
}

/* How many objects are worth a search through the instructions. */
static u64 least_of(u16 module)
{
	return module == MT_IMAGE_VMLINUX ? KERNEL_OBJECTS_MIN : 1;
}

/* Does the key lead to other objects of the same cache? */
static bool is_list(const struct search *search, unsigned int root,
		    const struct mt_fingerprint_key *key)
{
	return key->class == MT_WORD_OBJECT &&
	       mt_word_cache(key->value) == search->roots[root].cache;
}

static int find_targets(struct search *search, u64 deadline_ns)
{
	unsigned int i, j, nr = 0;

	for (i = 0; i < search->content.nr; i++) {
		const struct mt_fingerprint_subject *subject = &search->content.fp.subjects[i];
		const struct mt_slab_root *root = &search->roots[i];
		u16 *clusters = search->clusters + i * MT_FINGERPRINT_CLUSTERS;
		bool any = false;

		for (j = 0; j < subject->nr_clusters; j++) {
			const struct mt_fingerprint_key *key =
				&search->content.fp.keys[subject->clusters[j].key];
			struct mark mark = mark_of(search, key);
			/* who has its own cache in hand has not by that made these objects */
			bool wanted = subject->clusters[j].objects >= least_of(mark.module) &&
				      has_claim(root, mark.module) && !is_list(search, i, key);

			clusters[j] = wanted ? add_target(search, mark.addr, mark.module) :
					       NO_TARGET;
			any |= wanted;
		}
		for (j = 0; j < root->nr_claims; j++, nr++)
			search->claims[nr] = any ? add_target(search, root->claims[j].holder,
							     root->claims[j].module) : NO_TARGET;
	}
	return mt_code_find(search->content.image, search->targets, search->nr_targets,
			    deadline_ns);
}

/* The first key of a root that makes a list or a tree of its objects, or NULL. */
static const struct mt_fingerprint_key *find_list(const struct search *search, unsigned int root)
{
	const struct mt_fingerprint_subject *subject = &search->content.fp.subjects[root];
	unsigned int i;

	for (i = 0; i < subject->nr_clusters; i++) {
		const struct mt_fingerprint_key *key =
			&search->content.fp.keys[subject->clusters[i].key];

		/* half of them, so that it is not the list of a few */
		if (is_list(search, root, key) && subject->clusters[i].objects * 2 >= subject->seen)
			return key;
	}
	return NULL;
}

/* Of what is the kernel's own, it may be anybody's. */
static u16 find_module(const struct search *search, const char *name)
{
	const struct mt_image *image = search->content.image;
	unsigned int i;

	for (i = 0; i < image->nr_modules; i++) {
		if (!image->modules[i].gone && !strcmp(image->modules[i].name, name))
			return i;
	}
	return MT_MANY_MODULES;
}

/*
 * Objects that are only linked to each other say nothing of whose they are, but the two ends of a
 * list, and those are seldom in a sample. So the variables are searched that have long lists.
 */
static void find_lists(struct search *search, u64 deadline_ns)
{
	struct mt_slab_edges *edges = mt_memory_zalloc(sizeof(*edges));
	struct mt_slab_heads *heads = mt_memory_zalloc(sizeof(*heads));
	unsigned int root_of[MT_SLAB_EDGES];
	unsigned int i;

	for (i = 0; i < search->content.nr; i++) {
		const struct mt_fingerprint_key *key = find_list(search, i);

		search->lists[i] = MT_NO_MODULE;
		if (!key || !edges || edges->nr_links == MT_SLAB_EDGES)
			continue;
		root_of[edges->nr_links] = i;
		edges->links[edges->nr_links++] = (struct mt_slab_link) {
			.cache = search->roots[i].cache, .offset = key->offset,
		};
	}
	if (heads && edges && edges->nr_links &&
	    !mt_slab_head_read(heads, search->content.list, edges, deadline_ns)) {
		for (i = 0; i < heads->nr; i++) {
			u16 *list = &search->lists[root_of[heads->heads[i].edge - MT_SLAB_EDGES]];
			u16 module = find_module(search, heads->heads[i].module);

			if (*list == MT_NO_MODULE)
				*list = module;
			else if (*list != module)
				*list = MT_MANY_MODULES;
		}
	}
	mt_memory_free(heads);
	mt_memory_free(edges);
}

static u64 ties_of(const struct search *search, const struct mt_slab_root *root, const u16 *claims,
		   u16 cluster)
{
	unsigned int i;
	u64 ties = 0;

	for (i = 0; i < root->nr_claims && i < MT_CLAIMS && cluster != NO_TARGET; i++) {
		if (claims[i] != NO_TARGET && mt_code_share(&search->targets[claims[i]],
							    &search->targets[cluster]))
			ties |= 1ULL << i;
	}
	return ties;
}

static struct mt_trait trait_of(const struct search *search, unsigned int root, const u16 *claims,
				unsigned int at, char *words)
{
	const struct mt_fingerprint_subject *subject = &search->content.fp.subjects[root];
	const struct mt_fingerprint_cluster *cluster = &subject->clusters[at];
	const struct mt_fingerprint_key *key = &search->content.fp.keys[cluster->key];
	u16 module = mark_of(search, key).module;
	struct mt_trait trait = {
		.pointer = key->class == MT_WORD_OBJECT,
		.module = module,
		.beside = cluster->beside,
		.ties = ties_of(search, &search->roots[root], claims,
				search->clusters[root * MT_FINGERPRINT_CLUSTERS + at]),
		.objects = cluster->objects,
	};

	if (is_symbol(key)) {
		mt_slab_content_say(&search->content, cluster->key, words, MT_SLAB_CONTENT_WORDS);
		trait.symbol = words;
	} else if (key->class == MT_WORD_MODULE) {
		/* a string is as good as the head of a list */
		trait.beside = module;
	} else if (key->class == MT_WORD_OBJECT && cluster->beside == MT_NO_MODULE) {
		trait.beside = is_list(search, root, key) ? search->lists[root] :
			only_module(&search->owners->roots[mt_word_cache(key->value)]);
	}
	return trait;
}

static void weigh(struct search *search, unsigned int index, u64 unattributed)
{
	const struct mt_slab_content_cache *from = &search->content.caches[index];
	const struct mt_slab_cache *cache = &search->content.list->caches[from->cache];
	struct mt_slab_root *root = &search->roots[index];
	u64 sum = 0;
	unsigned int i;

	root->known = from->read || (search->content.whole && !from->objects);
	root->exact = search->content.exact && !from->moving && from->read == from->objects;
	root->objects = from->objects;
	if (!search->content.whole && cache->active_known && cache->active >= 0)
		root->objects = cache->active;
	root->error = mt_slab_content_error(&search->content, index, root->objects);
	for (i = 0; i < root->nr_claims; i++) {
		struct mt_claim *claim = &root->claims[i];

		claim->objects = mt_sample_scale(claim->objects, root->objects, from->read);
		sum += claim->objects;
	}
	/* and what rounding left */
	root->unattributed = root->objects - min(sum, root->objects);
	if (from->read == root->objects)
		root->unattributed = unattributed;
}

static int attribute(struct search *search)
{
	struct mt_trait *traits = mt_memory_alloc(TRAITS * sizeof(*traits));
	char *words = mt_memory_alloc(TRAITS * MT_SLAB_CONTENT_WORDS);
	unsigned int i, j, nr = 0;

	if (!traits || !words) {
		mt_memory_free(traits);
		mt_memory_free(words);
		return -ENOMEM;
	}
	for (i = 0; i < search->content.nr; i++) {
		const struct mt_fingerprint_subject *subject = &search->content.fp.subjects[i];
		struct mt_slab_root *root = &search->roots[i];
		struct mt_attribution attribution = {
			.claims = root->claims,
			.nr_claims = root->nr_claims,
			.traits = traits,
			.stale = mt_slab_content_may_be_stale(),
			.none = subject->none,
			.others = subject->others,
		};

		for (j = 0; j < subject->nr_clusters; j++)
			traits[attribution.nr_traits++] =
				trait_of(search, i, search->claims + nr, j,
					 words + j * MT_SLAB_CONTENT_WORDS);
		for (j = 0; j < subject->nr_strays; j++)
			traits[attribution.nr_traits++] = (struct mt_trait) {
				.module = MT_NO_MODULE,
				.beside = subject->strays[j].module,
				.objects = subject->strays[j].objects,
			};
		mt_attribution_run(&attribution);
		weigh(search, i, attribution.unattributed);
		nr += root->nr_claims;
	}
	search->crowded = search->content.fp.crowded || search->content.fp.cut;
	mt_memory_free(traits);
	mt_memory_free(words);
	return 0;
}

static u16 module_index(int module)
{
	return module == MT_OWNER_NONE ? MT_NO_MODULE : module;
}

static void add_claim(struct mt_slab_root *to, const struct mt_owner_root *from, const char *name,
		      int holder, int module, bool guessed)
{
	to->claims[to->nr_claims++] = (struct mt_claim) {
		.name = name,
		.module = module_index(module),
		.holder = holder == MT_OWNER_NONE ? 0 : from->holders[holder].addr,
		.guessed = guessed,
		.symbol = holder == MT_OWNER_NONE ? NULL : from->holders[holder].symbol,
	};
}

/* Users whose name is lost: with what is left of the holders. */
static void add_nameless(struct mt_slab_root *to, const struct mt_owner_root *from)
{
	int left = from->users - from->nr_names;
	int i;

	for (i = 0; i < from->nr_holders && left > 0; i++) {
		const struct mt_owner_holder *holder = &from->holders[i];

		if (holder->spare || holder->name != MT_OWNER_NONE)
			continue;
		add_claim(to, from, holder->symbol, i, holder->module, true);
		left--;
	}
	while (left-- > 0)
		add_claim(to, from, "", MT_OWNER_NONE, MT_OWNER_NONE, true);
}

static void add_root(struct mt_slab_split *split, const struct mt_owner_root *from,
		     unsigned int cache, unsigned int *nr_claims)
{
	struct mt_slab_root *to = &split->roots[split->nr++];
	int i;

	*to = (struct mt_slab_root) { .cache = cache, .claims = split->claims + *nr_claims };
	for (i = 0; i < from->nr_names; i++) {
		const struct mt_owner_name *name = &from->names[i];

		add_claim(to, from, name->text, name->holder, name->module,
			  name->holder_guessed || name->module_guessed);
	}
	add_nameless(to, from);
	*nr_claims += to->nr_claims;
}

/* One user under one name has all the objects. */
static bool is_merged(const struct mt_owner_root *root)
{
	return root->users > 1 || root->nr_names > 1;
}

static unsigned int claims_of(const struct mt_owner_root *root)
{
	return max(root->users, root->nr_names);
}

static bool is_wanted(const struct mt_slab_owners *owners, unsigned int cache, bool hurry)
{
	return is_merged(&owners->roots[cache]) && owners->list.caches[cache].slabs &&
	       (!hurry || mt_slab_is_suspect(&owners->list.caches[cache]));
}

static int find_roots(struct mt_slab_split *split, const struct mt_slab_owners *owners,
		      bool hurry)
{
	unsigned int i, nr = 0, nr_claims = 0;

	for (i = 0; i < owners->list.nr; i++) {
		if (!is_wanted(owners, i, hurry))
			continue;
		nr++;
		nr_claims += claims_of(&owners->roots[i]);
	}
	split->roots = mt_memory_alloc((nr + 1) * sizeof(*split->roots));
	split->claims = mt_memory_alloc((nr_claims + 1) * sizeof(*split->claims));
	if (!split->roots || !split->claims)
		return -ENOMEM;
	nr_claims = 0;
	for (i = 0; i < owners->list.nr; i++) {
		if (is_wanted(owners, i, hurry))
			add_root(split, &owners->roots[i], i, &nr_claims);
	}
	return nr_claims;
}

static int split_roots(struct search *search, unsigned int nr_claims, u64 deadline_ns)
{
	struct mt_slab_content *content = &search->content;
	unsigned int i;
	int err = -ENOMEM;

	content->caches = mt_memory_zalloc(content->nr * sizeof(*content->caches));
	search->targets = mt_memory_alloc(TARGETS_MAX * sizeof(*search->targets));
	search->claims = mt_memory_alloc((nr_claims + 1) * sizeof(*search->claims));
	search->clusters = mt_memory_alloc(content->nr * MT_FINGERPRINT_CLUSTERS *
					   sizeof(*search->clusters));
	search->lists = mt_memory_alloc(content->nr * sizeof(*search->lists));
	if (!content->caches || !search->targets || !search->claims || !search->clusters ||
	    !search->lists)
		goto out_free;
	for (i = 0; i < content->nr; i++)
		content->caches[i].cache = search->roots[i].cache;
	err = mt_slab_content_read(content);
	if (!err)
		err = content->error;
	if (err)
		goto out_content;
	err = find_targets(search, deadline_ns);
	/* without the users of the symbols less is certain, and the rest is as it is */
	if (err != -EINTR && err != -ENOMEM) {
		find_lists(search, deadline_ns);
		err = attribute(search);
	}
out_content:
	mt_slab_content_free(content);
out_free:
	mt_memory_free(search->lists);
	mt_memory_free(search->clusters);
	mt_memory_free(search->claims);
	mt_memory_free(search->targets);
	mt_memory_free(content->caches);
	return err;
}

/**
 * mt_slab_split_read() - tell the objects of merged caches apart, by the names of these caches
 * @split: gets them; mt_slab_split_free() gives it back, also after a failure
 * @owners: all caches, and who asked for them
 * @budget_ns: what it may take; 0 for content_ms, and then what the instructions need. With a
 *             budget only caches that are worth it are looked into, and the kernel's own
 *             instructions may not be searched: then there is less that is certain.
 *
 * Context: process context, no lock held, may sleep. Takes slab_mutex shortly. About 4 MB of memory
 * for the time.
 * Return: 0; -EOPNOTSUPP if the objects of this kernel's slabs are unknown; -EBUSY if slab_mutex
 * was not to be had; -EINTR after a fatal signal; -ENOMEM; -E2BIG. After an error no root is known.
 */
int mt_slab_split_read(struct mt_slab_split *split, struct mt_slab_owners *owners, u64 budget_ns)
{
	u64 deadline_ns = budget_ns ? ktime_get_ns() + budget_ns : 0;
	struct search search = {
		.content = {
			.list = &owners->list,
			.image = &owners->image,
			/* the rest is for the search through the instructions */
			.budget_ns = budget_ns - budget_ns / 4,
		},
		.owners = owners,
	};
	int nr_claims, err;

	*split = (struct mt_slab_split) { };
	if (owners->image_error)
		return owners->image_error;
	nr_claims = find_roots(split, owners, budget_ns);
	if (nr_claims < 0)
		return nr_claims;
	if (!split->nr)
		return 0;
	search.roots = split->roots;
	search.content.nr = split->nr;
	search.content.survey = budget_ns ? HURRY_SURVEY :
					    max(SURVEY_ALL / split->nr, (unsigned int)SURVEY_MIN);
	search.content.count = budget_ns ? HURRY_COUNT : 0;
	err = split_roots(&search, nr_claims, deadline_ns);
	split->whole = search.content.whole;
	split->crowded = search.crowded;
	return err;
}

/**
 * mt_slab_split_find() - what is known of one cache
 * @split: the caches that were told apart
 * @cache: index of the cache in the list
 *
 * Context: any.
 * Return: its objects, or NULL if it is not one of them, or was not looked into.
 */
const struct mt_slab_root *mt_slab_split_find(const struct mt_slab_split *split,
					      unsigned int cache)
{
	unsigned int i;

	for (i = 0; i < split->nr; i++) {
		if (split->roots[i].cache == cache)
			return split->roots[i].known ? &split->roots[i] : NULL;
	}
	return NULL;
}

/**
 * mt_slab_split_free() - give back what mt_slab_split_read() allocated
 * @split: the caches
 *
 * Context: process context, may sleep.
 */
void mt_slab_split_free(struct mt_slab_split *split)
{
	mt_memory_free(split->roots);
	mt_memory_free(split->claims);
	*split = (struct mt_slab_split) { };
}
