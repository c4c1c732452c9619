// SPDX-License-Identifier: GPL-2.0
/*
 * fingerprint.c - knows how to tell the objects of a cache apart by the pointers in them.
 *
 * Objects of one kind have the same pointer at the same place: to a table of operations, to a
 * function, to an object of another cache. So the pointers of a sample are counted by place, and
 * the commonest is what its objects have in common; they are put aside, and the rest is looked at
 * again. Before what is common comes what distinguishes: the symbols of modules, then those of the
 * kernel, then pointers to other caches; symbols that are everywhere and links between objects of
 * one cache decide only where there is nothing else. A place where objects have different symbols
 * says more than one where all have the same.
 *
 * Pure: no lock, no kernel memory but its own.
 */
#include "fingerprint.h"

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "memory.h"

#define KEY_BITS	15
#define KEYS		BIT(KEY_BITS)
/* A fuller table is a slow one. */
#define KEYS_FULL	(KEYS - KEYS / 8)
#define NO_KEY		0xffffffffU

/* The pool holds words of 4 bytes; an object takes two more than it has keys. */
#define POOL_WORDS	(640U * 1024)
#define LINK		0
#define LENGTH		1
#define HEAD		2
/* In LENGTH: the object is in a cluster. */
#define TAKEN		0x80000000U

/* Keys of one cache that are considered; the commonest, if there are more. */
#define CANDIDATES	96

/* A symbol seen in more caches than this is common. */
#define COMMON_SUBJECTS	4

/* In permille of the sample: fewer are no kind, and fewer do not make a symbol common. */
#define FLOOR_PERMILLE	2
#define SEEN_PERMILLE	20

/* What takes nearly as many objects as the best, in percent of it, is as good. */
#define NEARLY_PERCENT	95

/* A second kind is a trace if it is this part of the first. */
#define TRACE_PART	32

/* enum tier - what is tried before what */
enum tier {
	TIER_MODULE,
	TIER_KERNEL,
	TIER_OBJECT,
	TIER_COMMON,
	TIER_SELF,
	TIERS,
};

/*
 * struct candidate - a key that may become a cluster
 * @key: its index
 * @tier: enum tier
 */
struct candidate {
	u32 key;
	u8 tier;
};

static u64 mix(u64 value)
{
	value ^= value >> 33;
	value *= 0xff51afd7ed558ccdULL;
	value ^= value >> 33;
	value *= 0xc4ceb9fe1a85ec53ULL;
	return value ^ value >> 33;
}

static bool ends_with(const char *text, size_t length, const char *end)
{
	size_t bytes = strlen(end);

	return length >= bytes && !memcmp(text + length - bytes, end, bytes);
}

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/* Symbols in front of things that have no name: literals, jump tables, notes. */
static const char *const nameless[] = {
	"linux_banner", "linux_proc_banner", ".LC", "jumptable", "kallsyms_", "__start_BTF",
	"SIGMA2", "debugfs_kernel", "__start_rodata", "__func__",
	"__FUNCTION__", "__PRETTY_FUNCTION__", "str__", "__bss_stop", "_end", "__brk_",
};

/* Objects of many kinds point at these. */
static const char *const common[] = {
	"empty_aops", "init_user_ns", "init_net", "init_task", "init_cred", "init_nsproxy",
	"init_pid_ns", "init_uts_ns", "init_ipc_ns", "init_mm", "root_user", "contig_page_data",
	"def_blk_aops", "root_task_group", "init_css_set", "nop_mnt_idmap",
};

static const char *const common_ends[] = { "_lock_key", "__key", "_key" };

static const char *const type_ends[] = {
	"_ops", "_fops", "_dops", "_iops", "_aops", "_sops", "_vmops", "_kfops", "_operations",
	"_type", "_prot", "_ktype", "_class", "_proto", "_cachep", "_cache", "_kfops_rw",
	"_kfops_ro", "_kfops_wo", "_driver", "_info",
};

/**
 * mt_fingerprint_worth() - what a symbol is worth, by its name
 * @symbol: "name+0x0", and the like
 * @text: it is in a text section
 *
 * Compilers make copies of one name, "name.1" or "name.constprop.0": the ending is not looked at.
 *
 * Context: any.
 * Return: MT_WORTH_NOTHING also if it is deep in something that has no name.
 */
enum mt_worth mt_fingerprint_worth(const char *symbol, bool text)
{
	const char *plus = strchr(symbol, '+');
	size_t length = plus ? (size_t)(plus - symbol) : strlen(symbol);
	bool start = !plus || !strcmp(plus, "+0x0") || (text && !strcmp(plus, "+0x4"));
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nameless); i++) {
		if (starts_with(symbol, nameless[i]))
			return MT_WORTH_NOTHING;
	}
	for (i = 1; i < length; i++) {
		if (symbol[i] == '.') {
			length = i;
			break;
		}
	}
	for (i = 0; i < ARRAY_SIZE(common); i++) {
		if (strlen(common[i]) == length && !memcmp(symbol, common[i], length))
			return MT_WORTH_COMMON;
	}
	for (i = 0; i < ARRAY_SIZE(common_ends); i++) {
		if (ends_with(symbol, length, common_ends[i]))
			return MT_WORTH_COMMON;
	}
	if (!start)
		return MT_WORTH_PLACE;
	if (text)
		return MT_WORTH_FUNCTION;
	for (i = 0; i < ARRAY_SIZE(type_ends); i++) {
		if (ends_with(symbol, length, type_ends[i]))
			return MT_WORTH_TYPE;
	}
	return MT_WORTH_DATA;
}

/**
 * mt_fingerprint_start() - begin a survey
 * @fp: gets the memory; mt_fingerprint_free() gives it back, also after a failure
 * @nr_subjects: caches
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mt_fingerprint_start(struct mt_fingerprint *fp, unsigned int nr_subjects)
{
	*fp = (struct mt_fingerprint) { .nr_subjects = nr_subjects };
	fp->subjects = mt_memory_zalloc(nr_subjects * sizeof(*fp->subjects));
	fp->keys = mt_memory_zalloc(KEYS * sizeof(*fp->keys));
	fp->pool = mt_memory_alloc(POOL_WORDS * sizeof(*fp->pool));
	if (!fp->subjects || !fp->keys || !fp->pool)
		return -ENOMEM;
	/* 0 is the end of a cache's objects */
	fp->used = 1;
	return 0;
}

/**
 * mt_fingerprint_free() - give back what mt_fingerprint_start() took
 * @fp: the survey
 *
 * Context: process context, may sleep.
 */
void mt_fingerprint_free(struct mt_fingerprint *fp)
{
	mt_memory_free(fp->subjects);
	mt_memory_free(fp->keys);
	mt_memory_free(fp->pool);
	*fp = (struct mt_fingerprint) { };
}

static bool is_key(const struct mt_fingerprint_key *key, unsigned int subject,
		   const struct mt_word *word)
{
	return key->value == word->value && key->subject == subject &&
	       key->offset == word->offset && key->class == word->class;
}

/* Keys with the same symbol lie together, so that the caches that have it are soon counted. */
static u32 first_slot(unsigned int subject, const struct mt_word *word)
{
	u64 value = word->value;

	if (word->class == MT_WORD_OBJECT)
		value = mix(value) ^ ((u64)subject << 16 | word->offset);
	return mix(value) >> (64 - KEY_BITS);
}

/* The slot of a key, or the free one where it would be. */
static u32 find_slot(const struct mt_fingerprint *fp, unsigned int subject,
		     const struct mt_word *word)
{
	u32 slot = first_slot(subject, word);

	while (fp->keys[slot].count && !is_key(&fp->keys[slot], subject, word))
		slot = (slot + 1) % KEYS;
	return slot;
}

static u32 count_key(struct mt_fingerprint *fp, unsigned int subject, const struct mt_word *word)
{
	u32 slot = find_slot(fp, subject, word);
	struct mt_fingerprint_key *key = &fp->keys[slot];

	if (!key->count) {
		if (fp->nr_keys == KEYS_FULL) {
			fp->crowded = true;
			return NO_KEY;
		}
		*key = (struct mt_fingerprint_key) {
			.value = word->value,
			.subject = subject,
			.offset = word->offset,
			.module = word->module,
			.class = word->class,
		};
		fp->nr_keys++;
	}
	key->count++;
	return slot;
}

/**
 * mt_fingerprint_survey() - take one object of a sample
 * @fp: the survey
 * @subject: the cache
 * @words: the object's pointers
 * @nr: how many, up to MT_FINGERPRINT_WORDS
 *
 * Context: any.
 */
void mt_fingerprint_survey(struct mt_fingerprint *fp, unsigned int subject,
			   const struct mt_word *words, unsigned int nr)
{
	struct mt_fingerprint_subject *to = &fp->subjects[subject];
	u32 *record = fp->pool + fp->used;
	unsigned int i, kept = 0;

	if (fp->used + HEAD + nr > POOL_WORDS) {
		fp->cut = true;
		return;
	}
	to->sampled++;
	for (i = 0; i < nr; i++) {
		u32 slot = count_key(fp, subject, &words[i]);

		if (slot != NO_KEY)
			record[HEAD + kept++] = slot;
	}
	/* an object without a pointer is in no cluster, and needs no place */
	if (!kept)
		return;
	record[LINK] = to->first;
	record[LENGTH] = kept;
	to->first = fp->used;
	fp->used += HEAD + kept;
}

/* In how many caches does a noticeable part of the objects point at this symbol? */
static unsigned int subjects_with(const struct mt_fingerprint *fp, u64 value)
{
	struct mt_word word = { .value = value, .class = MT_WORD_KERNEL };
	u32 slot = first_slot(0, &word);
	unsigned int last = fp->nr_subjects;
	unsigned int nr = 0;

	for (; fp->keys[slot].count; slot = (slot + 1) % KEYS) {
		const struct mt_fingerprint_key *key = &fp->keys[slot];

		if (key->value != value || key->class == MT_WORD_OBJECT || key->subject == last)
			continue;
		if ((u64)key->count * 1000 <
		    (u64)fp->subjects[key->subject].sampled * SEEN_PERMILLE)
			continue;
		nr++;
		last = key->subject;
	}
	return nr;
}

static enum tier tier_of(const struct mt_fingerprint *fp, const struct mt_fingerprint_key *key)
{
	if (key->class == MT_WORD_OBJECT)
		return mt_word_cache(key->value) == fp->subjects[key->subject].cache ?
			       TIER_SELF : TIER_OBJECT;
	if (key->worth == MT_WORTH_COMMON)
		return TIER_COMMON;
	if (key->class == MT_WORD_MODULE && key->worth != MT_WORTH_LITERAL)
		return TIER_MODULE;
	return subjects_with(fp, key->value) > COMMON_SUBJECTS ? TIER_COMMON : TIER_KERNEL;
}

static int by_offset(const void *left, const void *right)
{
	const struct candidate *a = left;
	const struct candidate *b = right;

	if (a->tier != b->tier)
		return a->tier < b->tier ? -1 : 1;
	return a->key < b->key ? -1 : a->key > b->key;
}

/* The commonest keys of a cache; by asking for more of a key until few enough are left. */
static unsigned int find_common(const struct mt_fingerprint *fp, unsigned int subject,
				struct candidate *candidates)
{
	u32 sampled = fp->subjects[subject].sampled;
	u32 floor = sampled < 64 ? 1 : max(2U, sampled * FLOOR_PERMILLE / 1000);
	unsigned int nr;
	u32 slot;

	do {
		nr = 0;
		for (slot = 0; slot < KEYS && nr <= CANDIDATES; slot++) {
			const struct mt_fingerprint_key *key = &fp->keys[slot];

			if (!key->count || key->subject != subject || key->count < floor)
				continue;
			if (nr < CANDIDATES)
				candidates[nr].key = slot;
			nr++;
		}
		floor += floor / 2 + 1;
	} while (nr > CANDIDATES);
	return nr;
}

static unsigned int find_candidates(struct mt_fingerprint *fp, unsigned int subject,
				    struct candidate *candidates, mt_fingerprint_judge_t judge,
				    void *arg)
{
	unsigned int nr = find_common(fp, subject, candidates);
	unsigned int i, kept = 0;

	for (i = 0; i < nr; i++) {
		struct mt_fingerprint_key *key = &fp->keys[candidates[i].key];

		key->left = key->count;
		if (key->class != MT_WORD_OBJECT) {
			key->worth = judge(key, arg);
			if (key->worth == MT_WORTH_NOTHING)
				continue;
		}
		candidates[kept].key = candidates[i].key;
		candidates[kept++].tier = tier_of(fp, key);
	}
	sort(candidates, kept, sizeof(*candidates), by_offset, NULL);
	return kept;
}

/*
 * struct place - one offset, with what the candidates of a tier have there
 * @best: the commonest of them
 * @covered: objects that have any of them: an object has one word at one offset
 * @differ: a second one is more than a trace
 * @rank: what they say about the object
 */
struct place {
	u32 best;
	u64 covered;
	bool differ;
	unsigned int rank;
};

static void look_at(const struct mt_fingerprint *fp, const struct candidate *candidates,
		    unsigned int nr, u8 tier, u16 offset, struct place *place)
{
	u32 most = 0, second = 0;
	unsigned int i;

	*place = (struct place) { .best = NO_KEY };
	for (i = 0; i < nr; i++) {
		const struct mt_fingerprint_key *key = &fp->keys[candidates[i].key];

		if (candidates[i].tier != tier || key->offset != offset || !key->left)
			continue;
		place->covered += key->left;
		if (key->left <= most) {
			second = max(second, key->left);
			continue;
		}
		second = most;
		most = key->left;
		place->best = candidates[i].key;
	}
	if (place->best == NO_KEY)
		return;
	place->differ = second > most / TRACE_PART;
	place->rank = fp->keys[place->best].worth * 2 + (place->differ ? 5 : 0);
	/* the start of an object rather than something in it */
	if (fp->keys[place->best].class == MT_WORD_OBJECT &&
	    !mt_word_interior(fp->keys[place->best].value))
		place->rank++;
}

static bool is_better(const struct mt_fingerprint *fp, const struct place *place,
		      const struct place *best)
{
	if (best->best == NO_KEY || place->rank != best->rank)
		return best->best == NO_KEY || place->rank > best->rank;
	if (place->covered != best->covered)
		return place->covered > best->covered;
	return fp->keys[place->best].offset < fp->keys[best->best].offset;
}

/* The key of this tier by which to take the next objects; NO_KEY if nothing is left of any. */
static u32 choose(const struct mt_fingerprint *fp, const struct candidate *candidates,
		  unsigned int nr, u8 tier, u32 floor)
{
	struct place place, best = { .best = NO_KEY };
	u64 most = 0;
	unsigned int i, pass;

	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < nr; i++) {
			if (candidates[i].tier != tier)
				continue;
			look_at(fp, candidates, nr, tier, fp->keys[candidates[i].key].offset,
				&place);
			if (place.best == NO_KEY)
				continue;
			if (!pass) {
				most = max(most, place.covered);
				continue;
			}
			if (place.covered * 100 < most * NEARLY_PERCENT)
				continue;
			if (is_better(fp, &place, &best))
				best = place;
		}
	}
	if (best.best == NO_KEY || fp->keys[best.best].left < floor)
		return NO_KEY;
	return best.best;
}

/* Its objects are in a cluster now, and no other key counts them any more. */
static void take(struct mt_fingerprint *fp, unsigned int subject, u32 key)
{
	u32 at, i;

	for (at = fp->subjects[subject].first; at; at = fp->pool[at + LINK]) {
		u32 length = fp->pool[at + LENGTH];
		const u32 *keys = fp->pool + at + HEAD;

		if (length & TAKEN)
			continue;
		for (i = 0; i < length && keys[i] != key; i++)
			;
		if (i == length)
			continue;
		fp->pool[at + LENGTH] |= TAKEN;
		for (i = 0; i < length; i++)
			fp->keys[keys[i]].left--;
	}
}

static void want(struct mt_fingerprint_subject *subject, unsigned int offset)
{
	subject->wanted[offset / 512] |= 1ULL << (offset / 8 % 64);
}

static bool is_cluster(const struct mt_fingerprint_subject *subject, u32 key)
{
	unsigned int i;

	for (i = 0; i < subject->nr_clusters; i++) {
		if (subject->clusters[i].key == key)
			return true;
	}
	return false;
}

/* Pointers to other caches that most objects have, one for each cache they lead to. */
static void find_also(struct mt_fingerprint *fp, unsigned int subject,
		      const struct candidate *candidates, unsigned int nr)
{
	struct mt_fingerprint_subject *to = &fp->subjects[subject];

	while (to->nr_also < MT_FINGERPRINT_ALSO) {
		u32 best = NO_KEY;
		unsigned int i, j;

		for (i = 0; i < nr; i++) {
			const struct mt_fingerprint_key *key = &fp->keys[candidates[i].key];

			if (candidates[i].tier != TIER_OBJECT ||
			    is_cluster(to, candidates[i].key) ||
			    (u64)key->count * 10 < to->sampled)
				continue;
			for (j = 0; j < to->nr_also; j++) {
				if (mt_word_cache(fp->keys[to->also[j].key].value) ==
				    mt_word_cache(key->value))
					break;
			}
			if (j < to->nr_also)
				continue;
			if (best == NO_KEY || key->count > fp->keys[best].count ||
			    (key->count == fp->keys[best].count &&
			     key->offset < fp->keys[best].offset))
				best = candidates[i].key;
		}
		if (best == NO_KEY)
			return;
		to->also[to->nr_also++] = (struct mt_fingerprint_cluster) {
			.key = best, .beside = MT_NO_MODULE,
		};
		want(to, fp->keys[best].offset);
	}
}

/**
 * mt_fingerprint_cover() - choose the keys by which the objects of one cache are told apart
 * @fp: the survey, done for all caches
 * @subject: the cache
 * @judge: says what a symbol is worth
 * @arg: handed to @judge
 *
 * Context: process context, may sleep if @judge does. @judge is asked up to about a hundred times.
 */
void mt_fingerprint_cover(struct mt_fingerprint *fp, unsigned int subject,
			  mt_fingerprint_judge_t judge, void *arg)
{
	struct mt_fingerprint_subject *to = &fp->subjects[subject];
	u32 floor = max(1U, to->sampled * FLOOR_PERMILLE / 1000);
	struct candidate candidates[CANDIDATES];
	unsigned int nr, tier;
	u32 key;

	nr = find_candidates(fp, subject, candidates, judge, arg);
	for (tier = 0; tier < TIERS; tier++) {
		while (to->nr_clusters < MT_FINGERPRINT_CLUSTERS) {
			key = choose(fp, candidates, nr, tier, floor);
			if (key == NO_KEY)
				break;
			take(fp, subject, key);
			to->clusters[to->nr_clusters++] = (struct mt_fingerprint_cluster) {
				.key = key, .beside = MT_NO_MODULE,
			};
			want(to, fp->keys[key].offset);
		}
	}
	find_also(fp, subject, candidates, nr);
}

static bool has_key(const struct mt_fingerprint *fp, u32 key, const struct mt_word *words,
		    unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (is_key(&fp->keys[key], fp->keys[key].subject, &words[i]))
			return true;
	}
	return false;
}

/* The one module whose symbols an object points at. */
static u16 module_of(const struct mt_word *words, unsigned int nr)
{
	u16 module = MT_NO_MODULE;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (words[i].class != MT_WORD_MODULE || words[i].module == module)
			continue;
		if (module != MT_NO_MODULE)
			return MT_MANY_MODULES;
		module = words[i].module;
	}
	return module;
}

static void count_stray(struct mt_fingerprint_subject *to, u16 module)
{
	unsigned int i;

	for (i = 0; i < to->nr_strays; i++) {
		if (to->strays[i].module == module) {
			to->strays[i].objects++;
			return;
		}
	}
	if (to->nr_strays == MT_FINGERPRINT_STRAYS) {
		to->others++;
		return;
	}
	to->strays[to->nr_strays++] = (struct mt_fingerprint_stray) {
		.objects = 1, .module = module,
	};
}

/**
 * mt_fingerprint_count() - count one object
 * @fp: the survey, with the keys chosen
 * @subject: the cache
 * @words: the object's pointers
 * @nr: how many, up to MT_FINGERPRINT_WORDS
 * @all_words: @words are all of them, and not only those at places that mt_fingerprint_wants() and
 *             those to modules
 *
 * Context: any.
 * Return: false if the object was not counted, because it is in no cluster and that is all that can
 * be said without all of its words: the caller comes again with all of them.
 */
bool mt_fingerprint_count(struct mt_fingerprint *fp, unsigned int subject,
			  const struct mt_word *words, unsigned int nr, bool all_words)
{
	struct mt_fingerprint_subject *to = &fp->subjects[subject];
	u16 module = module_of(words, nr);
	unsigned int i;

	for (i = 0; i < to->nr_clusters; i++) {
		if (has_key(fp, to->clusters[i].key, words, nr))
			break;
	}
	if (i == to->nr_clusters && module >= MT_MANY_MODULES && !all_words)
		return false;
	to->seen++;
	if (i < to->nr_clusters) {
		struct mt_fingerprint_cluster *cluster = &to->clusters[i];

		cluster->objects++;
		if (module != MT_NO_MODULE && module != cluster->beside)
			cluster->beside = cluster->beside == MT_NO_MODULE ?
						  module : MT_MANY_MODULES;
	} else if (module < MT_MANY_MODULES) {
		count_stray(to, module);
	} else if (nr) {
		to->others++;
	} else {
		to->none++;
	}
	for (i = 0; i < to->nr_also; i++)
		to->also[i].objects += has_key(fp, to->also[i].key, words, nr);
	return true;
}
