/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_CONTENT_H
#define MT_SLAB_CONTENT_H

#include <linux/types.h>

#include "fingerprint.h"

struct mt_image;
struct mt_slab_list;

/** MT_SLAB_CONTENT_WORDS - bytes for what a word points at, in words, NUL included */
#define MT_SLAB_CONTENT_WORDS	160

/**
 * struct mt_slab_content_cache - how much of a cache was read
 * @cache: index of the cache in the list; set by the caller
 * @objects: allocated objects that were met
 * @read: of these, how many were looked into; 0 if so few were met that they say nothing
 * @unread: of these, how many were gone
 * @blocks: blocks of 2 MiB in which they were met
 * @block: the last of these, for the walk
 * @moving: some of its slabs changed while they were looked at
 */
struct mt_slab_content_cache {
	unsigned int cache;
	u64 objects;
	u64 read;
	u64 unread;
	u64 blocks;
	unsigned long block;
	bool moving;
};

/**
 * struct mt_slab_content - what the objects of some caches hold
 * @list: all caches, from mt_slab_read()
 * @image: the kernel and its modules, from mt_image_read()
 * @caches: the caches to look into
 * @nr: how many
 * @survey: objects of each cache that the survey takes at most
 * @count: objects of each cache that are counted at most; 0 for content_objects
 * @budget_ns: what it may take; 0 for content_ms
 * @fp: set by the reading: what was found; the subjects are @caches
 * @whole: set by the reading: all memory was looked at, and not only some of it
 * @exact: set by the reading: and nothing moved meanwhile that could be noticed
 * @poisoned: set by the reading: slabs that were not read because memory of theirs failed
 * @error: set by the reading: 0, or why it ended early: -EINTR
 */
struct mt_slab_content {
	const struct mt_slab_list *list;
	struct mt_image *image;
	struct mt_slab_content_cache *caches;
	unsigned int nr;
	u32 survey;
	u32 count;
	u64 budget_ns;

	struct mt_fingerprint fp;
	bool whole;
	bool exact;
	u64 poisoned;
	int error;
};

int mt_slab_content_read(struct mt_slab_content *content);
void mt_slab_content_free(struct mt_slab_content *content);
bool mt_slab_content_may_be_stale(void);
u64 mt_slab_content_error(const struct mt_slab_content *content, unsigned int index, u64 all);
void mt_slab_content_say(const struct mt_slab_content *content, u32 key, char *words, size_t size);

#endif /* MT_SLAB_CONTENT_H */
