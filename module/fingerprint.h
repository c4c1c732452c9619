/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_FINGERPRINT_H
#define MT_FINGERPRINT_H

#include <linux/types.h>

/** MT_FINGERPRINT_WORDS - words of one object that are looked at; what comes after them is not */
#define MT_FINGERPRINT_WORDS	24

/** MT_FINGERPRINT_BYTES - how far into an object words are looked for */
#define MT_FINGERPRINT_BYTES	8192

/** MT_FINGERPRINT_CLUSTERS - kinds of objects that are told apart in one cache */
#define MT_FINGERPRINT_CLUSTERS	24

/** MT_FINGERPRINT_ALSO - pointers to other caches that are counted besides, for one cache */
#define MT_FINGERPRINT_ALSO	3

/** MT_FINGERPRINT_STRAYS - modules whose symbols are counted in objects of no cluster */
#define MT_FINGERPRINT_STRAYS	4

/** MT_NO_MODULE - the index of no module */
#define MT_NO_MODULE		0xffff

/** MT_MANY_MODULES - the index of more than one module */
#define MT_MANY_MODULES		0xfffe

/**
 * enum mt_word_class - what a word of an object points at
 * @MT_WORD_KERNEL: the kernel's image
 * @MT_WORD_MODULE: a module
 * @MT_WORD_OBJECT: an object of a cache
 */
enum mt_word_class {
	MT_WORD_KERNEL,
	MT_WORD_MODULE,
	MT_WORD_OBJECT,
};

/**
 * struct mt_word - a pointer in an object
 * @value: the address; for MT_WORD_OBJECT the cache's index above 32 bits that say how far into
 *         the object it points
 * @offset: where in the object it stands, in bytes
 * @module: for MT_WORD_MODULE the module's index
 * @class: enum mt_word_class
 */
struct mt_word {
	u64 value;
	u16 offset;
	u16 module;
	u8 class;
};

/**
 * enum mt_worth - how much a pointer says about the object it stands in
 * @MT_WORTH_UNASKED: nobody has looked yet
 * @MT_WORTH_NOTHING: it points into something that has no name
 * @MT_WORTH_COMMON: a symbol that objects of many kinds point at
 * @MT_WORTH_PLACE: somewhere inside a symbol
 * @MT_WORTH_LITERAL: a string
 * @MT_WORTH_DATA: a variable
 * @MT_WORTH_FUNCTION: a function
 * @MT_WORTH_TYPE: a table of operations, or the like: it says what the object is
 */
enum mt_worth {
	MT_WORTH_UNASKED,
	MT_WORTH_NOTHING,
	MT_WORTH_COMMON,
	MT_WORTH_PLACE,
	MT_WORTH_LITERAL,
	MT_WORTH_DATA,
	MT_WORTH_FUNCTION,
	MT_WORTH_TYPE,
};

/**
 * struct mt_fingerprint_key - a word and where it stands
 * @value: as in struct mt_word
 * @subject: the cache whose objects it stands in, by its index
 * @offset: as in struct mt_word
 * @module: as in struct mt_word
 * @class: as in struct mt_word
 * @worth: enum mt_worth
 * @count: sampled objects that have it
 * @left: of these, how many are in no cluster yet
 */
struct mt_fingerprint_key {
	u64 value;
	u16 subject;
	u16 offset;
	u16 module;
	u8 class;
	u8 worth;
	u32 count;
	u32 left;
};

/**
 * struct mt_fingerprint_cluster - objects that are alike
 * @key: what they have in common: index in struct mt_fingerprint.keys
 * @objects: how many were read
 * @beside: the one module whose symbols some of these objects point at, in another word;
 *          MT_NO_MODULE, MT_MANY_MODULES
 */
struct mt_fingerprint_cluster {
	u32 key;
	u64 objects;
	u16 beside;
};

/**
 * struct mt_fingerprint_stray - objects of no cluster that point at symbols of one module only
 * @objects: how many
 * @module: its index
 */
struct mt_fingerprint_stray {
	u64 objects;
	u16 module;
};

/**
 * struct mt_fingerprint_subject - one cache
 * @cache: what pointers to its own objects call it; set by the caller
 * @sampled: objects that the survey took
 * @clusters: the kinds of its objects, in the order in which they are asked for: an object belongs
 *            to the first that fits
 * @nr_clusters: how many
 * @also: pointers to other caches, whatever cluster the object is in
 * @nr_also: how many
 * @strays: objects that are in no cluster, by module
 * @nr_strays: how many
 * @others: objects that are in no cluster, and point at something all the same
 * @none: objects that point at nothing
 * @seen: objects that were read: the sum of @clusters, @strays, @others and @none
 * @first: the first of its objects in the pool, 0 if there is none
 * @wanted: one bit a word of an object: some key stands there
 */
struct mt_fingerprint_subject {
	u32 cache;
	u32 sampled;
	struct mt_fingerprint_cluster clusters[MT_FINGERPRINT_CLUSTERS];
	unsigned int nr_clusters;
	struct mt_fingerprint_cluster also[MT_FINGERPRINT_ALSO];
	unsigned int nr_also;
	struct mt_fingerprint_stray strays[MT_FINGERPRINT_STRAYS];
	unsigned int nr_strays;
	u64 others;
	u64 none;
	u64 seen;
	u32 first;
	u64 wanted[MT_FINGERPRINT_BYTES / sizeof(u64) / 64];
};

/**
 * struct mt_fingerprint - what the objects of some caches have in common
 * @subjects: the caches
 * @nr_subjects: how many
 * @keys: a hash table of the words that the survey saw
 * @nr_keys: how many
 * @pool: the sampled objects, each as the keys it has
 * @used: how much of the pool is in use
 * @crowded: there were more different words than @keys takes: a kind of object that the survey saw
 *           late may be missing, and its objects are among the others. No count is wrong for it.
 * @cut: there were more objects or words than @pool takes: the sample is one of the objects that
 *       came first. As above: what is chosen may be worse, what is counted is not.
 *
 * Three steps: mt_fingerprint_survey() takes a sample of each cache's objects,
 * mt_fingerprint_cover() chooses the keys by which they are told apart, and
 * mt_fingerprint_count() takes all objects, or a larger sample, and counts. About 3.5 MB, whatever
 * the number of objects.
 */
struct mt_fingerprint {
	struct mt_fingerprint_subject *subjects;
	unsigned int nr_subjects;
	struct mt_fingerprint_key *keys;
	unsigned int nr_keys;
	u32 *pool;
	u32 used;
	bool crowded;
	bool cut;
};

/**
 * typedef mt_fingerprint_judge_t - says what a symbol is worth
 * @key: a key of class MT_WORD_KERNEL or MT_WORD_MODULE
 * @arg: the caller's
 */
typedef enum mt_worth (*mt_fingerprint_judge_t)(const struct mt_fingerprint_key *key, void *arg);

static inline u64 mt_word_object(u32 cache, u32 interior)
{
	return (u64)cache << 32 | interior;
}

static inline u32 mt_word_cache(u64 value)
{
	return value >> 32;
}

static inline u32 mt_word_interior(u64 value)
{
	return (u32)value;
}

/**
 * mt_fingerprint_wants() - does a key stand at this place?
 * @subject: the cache
 * @offset: bytes from the start of the object
 *
 * Return: false if the word there decides nothing, unless it points at a module.
 */
static inline bool mt_fingerprint_wants(const struct mt_fingerprint_subject *subject,
					unsigned int offset)
{
	return subject->wanted[offset / 512] >> (offset / 8 % 64) & 1;
}

enum mt_worth mt_fingerprint_worth(const char *symbol, bool text);

int mt_fingerprint_start(struct mt_fingerprint *fp, unsigned int nr_subjects);
void mt_fingerprint_free(struct mt_fingerprint *fp);
void mt_fingerprint_survey(struct mt_fingerprint *fp, unsigned int subject,
			   const struct mt_word *words, unsigned int nr);
void mt_fingerprint_cover(struct mt_fingerprint *fp, unsigned int subject,
			  mt_fingerprint_judge_t judge, void *arg);
bool mt_fingerprint_count(struct mt_fingerprint *fp, unsigned int subject,
			  const struct mt_word *words, unsigned int nr, bool all_words);

#endif /* MT_FINGERPRINT_H */
