// SPDX-License-Identifier: GPL-2.0
/*
 * slab_content.c - knows what the allocated objects of a slab cache point at.
 *
 * Two walks over the slabs: the first looks into a sample of the objects, and what they have in
 * common is chosen from it (fingerprint.c); the second counts, in all objects or, in a cache of
 * more than content_objects, in a random sample. An object is copied as a whole, and only as far as
 * it is its user's: not the allocator's red zones and notes behind it.
 *
 * Only pointers count: to the kernel's image, to a module, to an object of a cache. Not those that
 * lead back into the same object, as the links of an empty list do, nor what is left of the
 * allocator's own link from the time when the object was free. Symbols are looked up when the walks
 * are over, and only for what is common.
 *
 * Locking: none, but for what access/slab_object.c takes before its walk.
 * Consistency: each object by itself, and as it is copied: it may be in change, or freed and
 * allocated anew between the look at its slab and the copy.
 */
#include "access/slab_content.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "access/image.h"
#include "access/slab.h"
#include "access/slab_object.h"
#include "access/slab_stopped.h"
#include "access/span.h"
#include "introspect/kread.h"
#include "introspect/ksym.h"
#include "knob.h"
#include "memory.h"
#include "sample.h"

/* Symbols and pointers to objects that are kept of one object: together MT_FINGERPRINT_WORDS. */
#define SYMBOL_WORDS		(MT_FINGERPRINT_WORDS / 2)
#define OBJECT_WORDS		(MT_FINGERPRINT_WORDS - SYMBOL_WORDS)

#define NO_SUBJECT		0xffff

/* Objects of so many blocks of memory, far from each other, are a sample. */
#define MANY_BLOCKS		16

#define MODULE_NAME		64
#define SYMBOL_NAME		128

/* A string that is shown: shorter ones are rather numbers, longer ones are cut. */
#define LITERAL_MIN		2
#define LITERAL_MAX		64

/* Bits of a pointer that say something else, the colour of a node and the like. */
#define TAG_BITS		7U

/* This deep in a constant nobody points at a member. */
#define DEEP			4096

static unsigned int content_objects = 1000000;
MT_KNOB(content_objects, content_objects, 100, 100000000,
	"objects of a slab cache that are looked into; of a larger one, a random sample of so many");

static unsigned int content_ms = 10000;
MT_KNOB(content_ms, content_ms, 100, 3600000,
	"how long objects are looked into for one report, in ms, before what was seen must do");

/*
 * struct module_range - addresses of one module
 * @from: first address
 * @to: address behind the last
 * @module: index of the module
 */
struct module_range {
	unsigned long from;
	unsigned long to;
	u16 module;
};

/*
 * struct reading - one walk
 * @content: what is asked for
 * @subjects: for each cache of the list its index in @content->caches
 * @kernel: where the kernel's image is
 * @modules: where the modules are, in order
 * @nr_modules: how many ranges
 * @rates: of each cache, what to pick
 * @counting: the second walk
 * @spot: where the last pointer led
 * @object: room for a copy
 */
struct reading {
	struct mt_slab_content *content;
	u16 *subjects;
	struct module_range kernel;
	struct module_range *modules;
	unsigned int nr_modules;
	u32 *rates;
	bool counting;
	struct mt_slab_spot spot;
	unsigned long *object;
};

/*
 * struct words - the pointers of one object
 * @words: symbols and pointers to objects, in the order of their places
 * @nr: how many
 * @symbols: of these, how many are symbols
 * @objects: and how many pointers to objects
 */
struct words {
	struct mt_word words[MT_FINGERPRINT_WORDS];
	unsigned int nr;
	unsigned int symbols;
	unsigned int objects;
};

static int by_address(const void *left, const void *right)
{
	const struct module_range *a = left;
	const struct module_range *b = right;

	return a->from < b->from ? -1 : a->from > b->from;
}

static int find_ranges(struct reading *reading)
{
	const struct mt_image *image = reading->content->image;
	unsigned int i;

	reading->modules = mt_memory_alloc((image->nr_parts + 1) * sizeof(*reading->modules));
	if (!reading->modules)
		return -ENOMEM;
	reading->kernel = (struct module_range) { .from = ULONG_MAX };
	for (i = 0; i < image->nr_parts; i++) {
		const struct mt_image_part *part = &image->parts[i];

		if (part->module == MT_IMAGE_VMLINUX) {
			reading->kernel.from = min(reading->kernel.from, part->from);
			reading->kernel.to = max(reading->kernel.to, part->to);
			continue;
		}
		reading->modules[reading->nr_modules++] = (struct module_range) {
			.from = part->from, .to = part->to, .module = part->module,
		};
	}
	sort(reading->modules, reading->nr_modules, sizeof(*reading->modules), by_address, NULL);
	return 0;
}

static u16 module_at(const struct reading *reading, unsigned long addr)
{
	unsigned int low = 0, high = reading->nr_modules;

	while (low < high) {
		unsigned int middle = (low + high) / 2;
		const struct module_range *range = &reading->modules[middle];

		if (addr < range->from)
			high = middle;
		else if (addr >= range->to)
			low = middle + 1;
		else
			return range->module;
	}
	return MT_NO_MODULE;
}

static bool add_word(struct words *words, struct mt_word word)
{
	bool object = word.class == MT_WORD_OBJECT;
	unsigned int *nr = object ? &words->objects : &words->symbols;

	if (*nr == (object ? OBJECT_WORDS : SYMBOL_WORDS))
		return false;
	++*nr;
	words->words[words->nr++] = word;
	return true;
}

/* Is it within the modules at all? Most words are not, and that is soon told. */
static bool may_be_module(const struct reading *reading, unsigned long value)
{
	return reading->nr_modules && value >= reading->modules[0].from &&
	       value < reading->modules[reading->nr_modules - 1].to;
}

static void add_pointer(struct reading *reading, struct words *words, unsigned int cache,
			unsigned long object, unsigned int offset, unsigned long value)
{
	const struct mt_slab_cache *own = &reading->content->list->caches[cache];

	if (value - object < own->size ||
	    !mt_slab_object_find(reading->content->list, value, &reading->spot))
		return;
	if (reading->spot.cache == cache && offset == own->link)
		return;
	add_word(words, (struct mt_word) {
		.value = mt_word_object(reading->spot.cache, reading->spot.offset & ~TAG_BITS),
		.offset = offset,
		.module = MT_NO_MODULE,
		.class = MT_WORD_OBJECT,
	});
}

/*
 * The pointers among the words of a copied object; with a subject, only those at the places that it
 * wants, and those to modules.
 */
static void find_pointers(struct reading *reading, struct words *words, unsigned int cache,
			  unsigned long object, unsigned int nr,
			  const struct mt_fingerprint_subject *subject)
{
	unsigned int i;

	words->nr = 0;
	words->symbols = 0;
	words->objects = 0;
	for (i = 0; i < nr; i++) {
		unsigned long value = reading->object[i];
		unsigned int offset = i * sizeof(long);

		/* small numbers, and what is user's */
		if (value < PAGE_OFFSET)
			continue;
		if (may_be_module(reading, value)) {
			u16 module = module_at(reading, value);

			if (module != MT_NO_MODULE)
				add_word(words, (struct mt_word) {
					.value = value,
					.offset = offset,
					.module = module,
					.class = MT_WORD_MODULE,
				});
			continue;
		}
		if (subject && !mt_fingerprint_wants(subject, offset))
			continue;
		if (value >= reading->kernel.from && value < reading->kernel.to)
			add_word(words, (struct mt_word) {
				.value = value,
				.offset = offset,
				.module = MT_NO_MODULE,
				.class = MT_WORD_KERNEL,
			});
		else
			add_pointer(reading, words, cache, object, offset, value);
	}
}

static void read_object(struct reading *reading, unsigned int subject, unsigned long object,
			unsigned int nr)
{
	struct mt_slab_content_cache *to = &reading->content->caches[subject];
	struct mt_fingerprint *fp = &reading->content->fp;
	struct words words;

	if (!mt_kread(reading->object, object, nr * sizeof(long))) {
		to->unread += reading->counting;
		return;
	}
	if (!reading->counting) {
		find_pointers(reading, &words, to->cache, object, nr, NULL);
		mt_fingerprint_survey(fp, subject, words.words, words.nr);
		return;
	}
	find_pointers(reading, &words, to->cache, object, nr, &fp->subjects[subject]);
	if (mt_fingerprint_count(fp, subject, words.words, words.nr, false))
		return;
	find_pointers(reading, &words, to->cache, object, nr, NULL);
	mt_fingerprint_count(fp, subject, words.words, words.nr, true);
}

/* Another one for each walk: the second one's figures owe nothing to the first one's choice. */
static u64 seed_of(const struct reading *reading)
{
	return reading->counting ? 0x9e3779b97f4a7c15ULL : 0xc2b2ae3d27d4eb4fULL;
}

static bool visit_slab(const struct mt_slab_objects *slab, void *arg)
{
	struct reading *reading = arg;
	unsigned int subject = reading->subjects[slab->cache];
	struct mt_slab_content_cache *to = &reading->content->caches[subject];
	u32 bytes = min_t(u32, reading->content->list->caches[slab->cache].object_size,
			  MT_FINGERPRINT_BYTES);
	unsigned long object;
	unsigned int i;

	if (reading->counting) {
		unsigned long block = PHYS_PFN(__pa(slab->first)) / MT_BLOCK_PAGES;

		to->objects += slab->nr_allocated;
		to->moving |= !slab->exact;
		to->blocks += !to->blocks || block != to->block;
		to->block = block;
	}
	mt_slab_for_each_object(slab, i, object) {
		if (!mt_sample_picks(object, seed_of(reading), reading->rates[subject]))
			continue;
		read_object(reading, subject, object, bytes / sizeof(long));
		cond_resched();
	}
	return true;
}

/* How much a symbol says: by its name, or by being a string. */
static enum mt_worth judge_symbol(const struct mt_fingerprint_key *key, void *arg)
{
	const struct mt_slab_content *content = arg;
	const struct mt_image_part *part = mt_image_find(content->image, key->value);
	bool text = part && part->kind == MT_IMAGE_TEXT;
	bool constant = part ? part->kind == MT_IMAGE_RODATA : mt_image_is_rodata(key->value);
	enum mt_worth worth = MT_WORTH_NOTHING;
	char module[MODULE_NAME];
	char symbol[SYMBOL_NAME];
	char literal[LITERAL_MAX];

	if (key->class == MT_WORD_MODULE && content->image->modules[key->module].gone)
		return MT_WORTH_NOTHING;
	if (mt_ksym_format(symbol, sizeof(symbol), key->value, module, sizeof(module)))
		worth = mt_fingerprint_worth(symbol, text);
	if (worth != MT_WORTH_NOTHING && worth != MT_WORTH_PLACE)
		return worth;
	if (constant) {
		const char *plus = strchr(symbol, '+');
		unsigned long offset;

		if (mt_kread_string(literal, key->value, sizeof(literal)) &&
		    strlen(literal) >= LITERAL_MIN && !strchr(literal, '?'))
			return MT_WORTH_LITERAL;
		if (!plus || kstrtoul(plus + 1, 16, &offset) || offset > DEEP)
			return MT_WORTH_NOTHING;
	}
	return text || key->value % sizeof(long) == 0 ? worth : MT_WORTH_NOTHING;
}

static u64 objects_of(const struct mt_slab_content *content, unsigned int subject)
{
	const struct mt_slab_cache *cache =
		&content->list->caches[content->caches[subject].cache];

	return max_t(s64, cache->active_known ? cache->active : cache->objects, 1);
}

static int walk(struct reading *reading, unsigned long *wanted, u64 want, u64 budget_ns)
{
	struct mt_slab_content *content = reading->content;
	struct mt_slab_walk walk = {
		.list = content->list,
		.wanted = wanted,
		.visit = visit_slab,
		.arg = reading,
		.budget_ns = budget_ns,
	};
	unsigned int i;
	int err;

	for (i = 0; i < content->nr; i++)
		reading->rates[i] = mt_sample_rate(want, objects_of(content, i));
	err = mt_slab_object_walk(&walk);
	if (err)
		return err;
	content->error = walk.error;
	content->whole = walk.pages_seen >= walk.pages_all;
	content->poisoned = walk.poisoned_slabs;
	content->exact = content->whole && walk.parked_exact && !walk.error &&
			 !walk.poisoned_slabs && !walk.unread_slabs;
	return 0;
}

/*
 * A walk that did not come to its end has seen some blocks of memory and not others, and what lies
 * in one of them was often allocated by one user. So few blocks are no sample, unless half of the
 * objects were in them.
 */
static bool is_enough(const struct mt_slab_content *content, unsigned int subject)
{
	const struct mt_slab_content_cache *cache = &content->caches[subject];

	return content->whole || cache->blocks >= MANY_BLOCKS ||
	       cache->objects * 2 >= objects_of(content, subject);
}

/* With the machine stopped there is a bound already, and a walk with a budget does not stop it. */
static u64 budget_of(const struct mt_slab_content *content)
{
	if (content->budget_ns || mt_slab_stopped_bound_ns())
		return content->budget_ns;
	return (u64)READ_ONCE(content_ms) * NSEC_PER_MSEC;
}

static int read_both(struct reading *reading, unsigned long *wanted)
{
	struct mt_slab_content *content = reading->content;
	u64 budget_ns = budget_of(content);
	u64 started_ns = ktime_get_ns();
	unsigned int i;
	int err;

	/* half for each */
	err = walk(reading, wanted, content->survey, budget_ns / 2);
	if (err || content->error)
		return err;
	mt_image_recheck(content->image);
	for (i = 0; i < content->nr; i++) {
		mt_fingerprint_cover(&content->fp, i, judge_symbol, content);
		cond_resched();
	}
	reading->counting = true;
	if (budget_ns) {
		u64 took_ns = ktime_get_ns() - started_ns;

		/* something at least, however long the choice took */
		budget_ns = budget_ns > took_ns ? budget_ns - took_ns : budget_ns / 8;
		budget_ns = max(budget_ns, 1ULL);
	}
	err = walk(reading, wanted, content->count ?: READ_ONCE(content_objects), budget_ns);
	for (i = 0; i < content->nr; i++)
		content->caches[i].read = is_enough(content, i) ?
						  content->fp.subjects[i].seen : 0;
	return err;
}

/**
 * mt_slab_content_read() - look into the objects of some caches
 * @content: which, and gets what they hold; mt_slab_content_free() gives it back, also after a
 *           failure
 *
 * Context: process context, no lock held, may sleep. Takes slab_mutex shortly.
 * Return: 0, also when it ended early and @content->error says why; -EOPNOTSUPP if the objects of
 * this kernel's slabs are unknown; -EBUSY if slab_mutex was not to be had; -ENOMEM; -E2BIG.
 */
int mt_slab_content_read(struct mt_slab_content *content)
{
	struct reading reading = { .content = content };
	unsigned long *wanted;
	unsigned int i;
	int err;

	err = mt_fingerprint_start(&content->fp, content->nr);
	wanted = mt_memory_zalloc(BITS_TO_LONGS(content->list->nr) * sizeof(long));
	reading.subjects = mt_memory_alloc(content->list->nr * sizeof(*reading.subjects));
	reading.rates = mt_memory_alloc(content->nr * sizeof(*reading.rates));
	reading.object = mt_memory_alloc(MT_FINGERPRINT_BYTES);
	if (err || !wanted || !reading.subjects || !reading.rates || !reading.object) {
		err = -ENOMEM;
		goto out_free;
	}
	err = find_ranges(&reading);
	if (err)
		goto out_free;
	for (i = 0; i < content->list->nr; i++)
		reading.subjects[i] = NO_SUBJECT;
	for (i = 0; i < content->nr; i++) {
		struct mt_slab_content_cache *cache = &content->caches[i];

		*cache = (struct mt_slab_content_cache) { .cache = cache->cache };
		content->fp.subjects[i].cache = cache->cache;
		reading.subjects[cache->cache] = i;
		__set_bit(cache->cache, wanted);
	}
	err = read_both(&reading, wanted);

out_free:
	mt_memory_free(reading.modules);
	mt_memory_free(reading.object);
	mt_memory_free(reading.rates);
	mt_memory_free(reading.subjects);
	mt_memory_free(wanted);
	return err;
}

/**
 * mt_slab_content_free() - give back what mt_slab_content_read() allocated
 * @content: the content
 *
 * Context: process context, may sleep.
 */
void mt_slab_content_free(struct mt_slab_content *content)
{
	mt_fingerprint_free(&content->fp);
}

/**
 * mt_slab_content_may_be_stale() - can an object hold what its last owner left in it?
 *
 * Context: any.
 * Return: false if the kernel clears each when it is allocated (init_on_alloc). Caches with a
 * constructor, whose objects are not cleared, are never merged.
 */
bool mt_slab_content_may_be_stale(void)
{
	return !want_init_on_alloc(0);
}

/**
 * mt_slab_content_error() - how far a figure from a sample may be off
 * @content: the content
 * @index: which of its caches
 * @all: allocated objects of the cache
 *
 * Objects are picked one by one. Where the walk did not come to its end, blocks were: what lies in
 * one may be all alike, so there a block says no more than one object.
 *
 * Context: any.
 * Return: in objects, half the width of the interval that has the true number with 95 percent; 0 if
 * all were looked into.
 */
u64 mt_slab_content_error(const struct mt_slab_content *content, unsigned int index, u64 all)
{
	const struct mt_slab_content_cache *from = &content->caches[index];
	u64 met = min(from->objects, all);
	u64 blocks = min(from->blocks, from->read);
	u64 error;

	if (content->whole)
		return mt_sample_error(all, from->read, from->read / 2);
	error = mt_sample_error(all, blocks, blocks / 2);
	/* and those that were not met at all cannot be more than they are */
	return min(error, all - met + mt_sample_error(met, from->read, from->read / 2));
}

/**
 * mt_slab_content_say() - what a key points at, in words
 * @content: the content
 * @key: index of the key
 * @words: gets `symbol`, `symbol+0x8 [module]`, `-> cache+0x10`, `"a string"` or
 *         `"a string" [module]`
 * @size: bytes in @words, at least MT_SLAB_CONTENT_WORDS
 *
 * Context: process context, may sleep.
 */
void mt_slab_content_say(const struct mt_slab_content *content, u32 key, char *words, size_t size)
{
	const struct mt_fingerprint_key *from = &content->fp.keys[key];
	const char *owner = from->class == MT_WORD_MODULE ?
				    content->image->modules[from->module].name : NULL;
	char module[MODULE_NAME];
	char text[SYMBOL_NAME];
	size_t length;

	if (from->class == MT_WORD_OBJECT) {
		const struct mt_slab_cache *cache =
			&content->list->caches[mt_word_cache(from->value)];
		u32 interior = mt_word_interior(from->value);

		if (interior)
			snprintf(words, size, "-> %s+0x%x", cache->name, interior);
		else
			snprintf(words, size, "-> %s", cache->name);
		return;
	}
	if (from->worth == MT_WORTH_LITERAL) {
		mt_kread_string(text, from->value, LITERAL_MAX);
		length = strlen(text);
		snprintf(words, size, "\"%s%s\"%s%s%s", text,
			 length == LITERAL_MAX - 1 ? "..." : "", owner ? " [" : "",
			 owner ?: "", owner ? "]" : "");
		return;
	}
	mt_ksym_format(text, sizeof(text), from->value, module, sizeof(module));
	/* a symbol of the linker's, of an empty section at the address of the next one */
	if (!strncmp(text, "__start_", 8) || !strncmp(text, "__stop_", 7))
		strscpy(text, "(a variable)", sizeof(text));
	length = strlen(text);
	if (length > 4 && !strcmp(text + length - 4, "+0x0"))
		text[length - 4] = '\0';
	if (strcmp(module, "vmlinux"))
		snprintf(words, size, "%s [%s]", text, module);
	else
		snprintf(words, size, "%s", text);
}
