// SPDX-License-Identifier: GPL-2.0
/*
 * creation_log.c - knows which of the caches that were seen to be created are still there.
 *
 * The names of a merged cache share one kmem_cache with a count of users, and kmem_cache_destroy()
 * is only told which kmem_cache: which of the names it was follows from who calls it, and where
 * that does not tell, it stays a doubt. A doubt is never taken for knowledge, neither that a cache
 * is alive nor that it is gone.
 *
 * Pure; the caller holds what guards the log. Every function is a walk over the log, and a cache
 * comes or goes rarely.
 *
 * Locking and Consistency: those of the caller, creation.c.
 */
#include "access/creation_log.h"

#include <linux/kernel.h>
#include <linux/string.h>

/**
 * mt_creation_owner() - on whose behalf a cache was created
 * @creation: the creation
 *
 * Context: any.
 * Return: the name of a module, or "vmlinux"; as long-lived as @creation.
 */
const char *mt_creation_owner(const struct mt_creation *creation)
{
	return creation->cause[0] ? creation->cause : creation->module;
}

/**
 * mt_creation_left_behind() - was the module unloaded and its cache certainly not destroyed?
 * @creation: the creation
 *
 * Context: any.
 * Return: true if so.
 */
bool mt_creation_left_behind(const struct mt_creation *creation)
{
	return creation->unloaded_ns && !creation->gone && !creation->doubts;
}

/* The first one that may go: gone is better than doubtful, and older better than younger. */
static struct mt_creation *find_dispensable(struct mt_creation_log *log)
{
	struct mt_creation *best = NULL;
	unsigned int i;

	for (i = 0; i < log->nr; i++) {
		struct mt_creation *entry = &log->entries[i];

		if (!entry->gone && !entry->doubts)
			continue;
		if (!best || entry->gone > best->gone ||
		    (entry->gone == best->gone && entry->sequence < best->sequence))
			best = entry;
	}
	return best;
}

static struct mt_creation *find_pending(struct mt_creation_log *log, unsigned long task)
{
	struct mt_creation *found = NULL;
	unsigned int i;

	for (i = 0; i < log->nr; i++) {
		struct mt_creation *entry = &log->entries[i];

		if (entry->task == task && (!found || entry->sequence > found->sequence))
			found = entry;
	}
	return found;
}

/* Was a module loaded so short a time ago, or is that known of its earlier caches? */
static bool knows_all_of(const struct mt_creation_log *log, const char *owner)
{
	unsigned int i;

	for (i = 0; i < MT_CREATION_LOADED; i++) {
		if (!strcmp(log->loaded[i], owner))
			return true;
	}
	for (i = 0; i < log->nr; i++) {
		const struct mt_creation *entry = &log->entries[i];

		if (entry->whole && !entry->unloaded_ns && !strcmp(mt_creation_owner(entry), owner))
			return true;
	}
	return false;
}

/**
 * mt_creation_log_begin() - a cache is being created
 * @log: the log
 * @creation: what is known of it; copied, but for @sequence and @whole
 *
 * Context: any.
 */
void mt_creation_log_begin(struct mt_creation_log *log, const struct mt_creation *creation)
{
	struct mt_creation *entry = find_pending(log, creation->task);
	bool whole = knows_all_of(log, mt_creation_owner(creation));
	bool lost = false;

	log->seen++;
	/* The task is inside another one now: the last one came to nothing if we never saw it. */
	if (entry) {
		entry->task = 0;
		entry->gone |= log->sees_roots;
	}
	if (log->nr < log->room) {
		entry = &log->entries[log->nr++];
	} else {
		entry = find_dispensable(log);
		lost = !entry || !entry->gone;
	}
	log->lost += lost;
	if (!entry)
		return;
	*entry = *creation;
	entry->sequence = log->seen;
	entry->whole = whole;
}

static bool same_cache(const struct mt_creation *a, const struct mt_creation *b)
{
	return a->root_id == b->root_id && !strcmp(a->name, b->name) &&
	       !strcmp(mt_creation_owner(a), mt_creation_owner(b));
}

/**
 * mt_creation_log_root() - the cache is known that a name became
 * @log: the log
 * @task: who is inside the creation
 * @root_id: the cache
 * @root: its name, "" if that is not known
 * @fresh: it is a new one, not one that the name is merged into
 *
 * The first call for a creation counts: a new cache may be made an alias of itself next.
 *
 * Context: any.
 */
void mt_creation_log_root(struct mt_creation_log *log, unsigned long task, unsigned long root_id,
			  const char *root, bool fresh)
{
	struct mt_creation *creation = find_pending(log, task);
	unsigned int i;

	if (creation) {
		creation->task = 0;
		creation->root_id = root_id;
		strscpy(creation->root, fresh ? creation->name : root, sizeof(creation->root));
	}
	for (i = 0; i < log->nr; i++) {
		struct mt_creation *entry = &log->entries[i];

		if (entry == creation || entry->root_id != root_id)
			continue;
		/*
		 * A new cache where an old one was; or the same name again, of which we were not
		 * sure that it was gone.
		 */
		if (fresh || (creation && entry->doubts && same_cache(entry, creation)))
			entry->gone = true;
	}
}

/*
 * struct suspects - which of a cache's names may be meant
 * @what: what happened to the cache
 * @by_holder: only the one whose variable was read
 * @by_owner: only those of who did it
 */
struct suspects {
	const struct mt_destruction *what;
	bool by_holder;
	bool by_owner;
};

/*
 * struct tally - what there is to know of the suspects
 * @nr: how many there are
 * @whole: all that their owner ever created was seen
 * @doubted: there is a doubt about any of them
 * @returned: that of the one with the least
 */
struct tally {
	unsigned int nr;
	bool whole;
	bool doubted;
	u32 returned;
};

static bool suspected(const struct suspects *suspects, const struct mt_creation *entry)
{
	const struct mt_destruction *what = suspects->what;

	if (entry->gone || entry->root_id != what->root_id)
		return false;
	/* What an unloaded module left is not given back by the same module, loaded again. */
	if ((suspects->by_holder || suspects->by_owner) && entry->unloaded_ns)
		return false;
	if (suspects->by_holder && (!what->holder_id || entry->holder_id != what->holder_id))
		return false;
	return !suspects->by_owner || !strcmp(mt_creation_owner(entry), what->owner);
}

static struct tally count(const struct mt_creation_log *log, const struct suspects *suspects)
{
	struct tally tally = { .whole = true, .returned = U32_MAX };
	unsigned int i;

	for (i = 0; i < log->nr; i++) {
		const struct mt_creation *entry = &log->entries[i];

		if (!suspected(suspects, entry))
			continue;
		tally.nr++;
		tally.whole &= entry->whole;
		tally.doubted |= entry->doubts;
		tally.returned = min(tally.returned, entry->returned);
	}
	return tally;
}

static bool has_rootless(const struct mt_creation_log *log, const char *owner)
{
	unsigned int i;

	for (i = 0; i < log->nr; i++) {
		const struct mt_creation *entry = &log->entries[i];

		if (!entry->gone && !entry->root_id && !entry->unloaded_ns &&
		    !strcmp(mt_creation_owner(entry), owner))
			return true;
	}
	return false;
}

/* Those that are certainly meant are gone; if one of several is, each is doubted. */
static void mark(struct mt_creation_log *log, const struct suspects *suspects, bool certain)
{
	unsigned int i;

	for (i = 0; i < log->nr; i++) {
		struct mt_creation *entry = &log->entries[i];

		if (!suspected(suspects, entry))
			continue;
		entry->doubts++;
		entry->returned += suspects->by_owner;
		entry->gone = certain;
	}
}

static bool keep_stray(struct mt_creation_log *log, const struct mt_destruction *what)
{
	unsigned int i;

	for (i = 0; i < MT_CREATION_STRAYS; i++) {
		struct mt_stray *stray = &log->strays[i];

		if (stray->task)
			continue;
		*stray = (struct mt_stray) {
			.task = what->unloader,
			.root_id = what->root_id,
			.users = what->users,
		};
		return true;
	}
	return false;
}

/**
 * mt_creation_log_destroy() - a user of a cache gives it back
 * @log: the log
 * @what: what is known of it
 *
 * Context: any.
 */
void mt_creation_log_destroy(struct mt_creation_log *log, const struct mt_destruction *what)
{
	struct suspects all = { .what = what };
	struct suspects by_holder = { .what = what, .by_holder = true };
	struct suspects by_owner = { .what = what, .by_owner = true };
	struct tally everybody = count(log, &all);
	struct tally owners;

	/* Its last user: whatever name it was, there are no others. */
	if (what->users == 1) {
		mark(log, &all, true);
		return;
	}
	if (count(log, &by_holder).nr == 1) {
		mark(log, &by_holder, true);
		return;
	}
	if (what->unloader && keep_stray(log, what))
		return;
	owners = count(log, &by_owner);
	if (!owners.nr) {
		mark(log, &all, false);
		return;
	}
	/*
	 * One that nobody saw, that was forgotten, or of which it is not known where it went, may
	 * be meant as well as those we know; but not if the cache has no other users than those.
	 */
	owners.whole &= !log->lost && !log->missed && !has_rootless(log, what->owner);
	owners.whole |= everybody.nr == what->users && !everybody.doubted;
	/* As many were given back as there were. */
	mark(log, &by_owner, owners.whole && owners.returned + 1 >= owners.nr);
}

/**
 * mt_creation_log_load() - a module is being loaded
 * @log: the log
 * @module: its name
 *
 * Context: any.
 */
void mt_creation_log_load(struct mt_creation_log *log, const char *module)
{
	strscpy(log->loaded[log->nr_loaded++ % MT_CREATION_LOADED], module, MT_CREATION_MODULE);
}

/**
 * mt_creation_log_unload() - a module was unloaded
 * @log: the log
 * @module: its name
 * @task: who unloaded it
 * @now_ns: when
 *
 * Context: any.
 */
void mt_creation_log_unload(struct mt_creation_log *log, const char *module, unsigned long task,
			    u64 now_ns)
{
	unsigned int i;

	for (i = 0; i < MT_CREATION_STRAYS; i++) {
		struct mt_stray *stray = &log->strays[i];

		if (stray->task != task)
			continue;
		stray->task = 0;
		mt_creation_log_destroy(log, &(struct mt_destruction) {
			.root_id = stray->root_id,
			.users = stray->users,
			.owner = module,
		});
	}
	for (i = 0; i < log->nr; i++) {
		struct mt_creation *entry = &log->entries[i];

		if (!entry->gone && !entry->unloaded_ns &&
		    !strcmp(mt_creation_owner(entry), module))
			entry->unloaded_ns = now_ns;
	}
	for (i = 0; i < MT_CREATION_LOADED; i++) {
		if (!strcmp(log->loaded[i], module))
			log->loaded[i][0] = '\0';
	}
}

/**
 * mt_creation_log_move() - remember the same in another place
 * @log: the log
 * @entries: the place; the old one is the caller's again
 * @room: how many fit there; what does not is lost
 *
 * Context: any.
 */
void mt_creation_log_move(struct mt_creation_log *log, struct mt_creation *entries,
			  unsigned int room)
{
	unsigned int nr = 0;
	unsigned int i;

	for (i = 0; i < log->nr; i++) {
		if (log->entries[i].gone)
			continue;
		if (nr == room) {
			log->lost++;
			continue;
		}
		entries[nr++] = log->entries[i];
	}
	log->entries = entries;
	log->room = room;
	log->nr = nr;
}
