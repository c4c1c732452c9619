/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_CREATION_LOG_H
#define MT_CREATION_LOG_H

#include <linux/types.h>

#include "access/slab.h"

/** MT_CREATION_MODULE - bytes for a module's name, NUL included */
#define MT_CREATION_MODULE	56

/** MT_CREATION_SYMBOL - bytes for a symbol and an offset, NUL included; a longer one is cut */
#define MT_CREATION_SYMBOL	64

/**
 * struct mt_creation - one kmem_cache_create() that was seen
 * @sequence: the later, the larger
 * @task: who is inside it, 0 when its cache is known; tells tasks apart, never dereferenced
 * @root_id: &struct mt_slab_cache.id of the cache that the name became; 0 if that is not known
 * @holder_id: the variable that the new cache's pointer was stored in; tells variables apart, never
 *             printed and never dereferenced; 0 if that is not known
 * @created_ns: when, by the clock of ktime_get_ns()
 * @unloaded_ns: when the module was unloaded that created it, 0 if it was not
 * @object_size: bytes that were asked for, before any merging
 * @flags: that were asked for
 * @doubts: how many caches were destroyed of which each may have been this one
 * @returned: of these, how many by its owner
 * @gone: it was destroyed
 * @whole: all that its owner ever created was seen
 * @name: that was asked for
 * @root: name of the cache that it became; "" if that is not known
 * @creator: where in the kernel's or in a module's text it was created; "" if that is not known
 * @module: the module of that text, "vmlinux" for the kernel's own
 * @cause: the module that called the kernel's own text for it, "" if none did
 * @holder: @holder_id as symbol and offset; "" if that is not known
 * @holder_module: the module of that variable, "vmlinux" for the kernel's own
 */
struct mt_creation {
	u64 sequence;
	unsigned long task;
	unsigned long root_id;
	unsigned long holder_id;
	u64 created_ns;
	u64 unloaded_ns;
	u32 object_size;
	u32 flags;
	u32 doubts;
	u32 returned;
	bool gone;
	bool whole;
	char name[MT_SLAB_NAME];
	char root[MT_SLAB_NAME];
	char creator[MT_CREATION_SYMBOL];
	char module[MT_CREATION_MODULE];
	char cause[MT_CREATION_MODULE];
	char holder[MT_CREATION_SYMBOL];
	char holder_module[MT_CREATION_MODULE];
};

/** MT_CREATION_LOADED - modules of which it is known that they were loaded since; the last ones */
#define MT_CREATION_LOADED	32

/** MT_CREATION_STRAYS - modules that may be unloaded at the same time and be told apart */
#define MT_CREATION_STRAYS	8

/**
 * struct mt_stray - a cache that was given back by a module of which the name is told in a moment
 * @task: who unloads it, 0 if this place is free
 * @root_id: the cache
 * @users: its users with this one, 0 if that is not known
 */
struct mt_stray {
	unsigned long task;
	unsigned long root_id;
	s64 users;
};

/**
 * struct mt_creation_log - the creations that are remembered
 * @entries: them, in no order
 * @room: how many fit
 * @nr: how many there are
 * @sees_roots: every creation is told to mt_creation_log_root() too
 * @seen: how many there were
 * @lost: how many were forgotten, or never noted, while they may have been alive
 * @missed: how many more were seen by nobody; set by the caller
 * @loaded: modules that were loaded under the eyes of the log, so that it knows all they created
 * @nr_loaded: how many there were; the last ones are in @loaded
 * @strays: what was given back by a module that is just being unloaded
 */
struct mt_creation_log {
	struct mt_creation *entries;
	unsigned int room;
	unsigned int nr;
	bool sees_roots;
	u64 seen;
	u64 lost;
	u64 missed;
	char loaded[MT_CREATION_LOADED][MT_CREATION_MODULE];
	unsigned int nr_loaded;
	struct mt_stray strays[MT_CREATION_STRAYS];
};

/**
 * struct mt_destruction - one kmem_cache_destroy() that was seen
 * @root_id: the cache
 * @users: its users with this one, 0 if that is not known
 * @holder_id: the variable that its pointer was in, 0 if that is not known
 * @owner: the module that gives it back, "vmlinux" for the kernel itself, "" if that is not known
 * @unloader: if that is not known because the module is being unloaded: the task that does it, or 0
 */
struct mt_destruction {
	unsigned long root_id;
	s64 users;
	unsigned long holder_id;
	const char *owner;
	unsigned long unloader;
};

const char *mt_creation_owner(const struct mt_creation *creation);
bool mt_creation_left_behind(const struct mt_creation *creation);
void mt_creation_log_begin(struct mt_creation_log *log, const struct mt_creation *creation);
void mt_creation_log_root(struct mt_creation_log *log, unsigned long task, unsigned long root_id,
			  const char *root, bool fresh);
void mt_creation_log_destroy(struct mt_creation_log *log, const struct mt_destruction *what);
void mt_creation_log_load(struct mt_creation_log *log, const char *module);
void mt_creation_log_unload(struct mt_creation_log *log, const char *module, unsigned long task,
			    u64 now_ns);
void mt_creation_log_move(struct mt_creation_log *log, struct mt_creation *entries,
			  unsigned int room);

#endif /* MT_CREATION_LOG_H */
