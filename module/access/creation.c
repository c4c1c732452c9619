// SPDX-License-Identifier: GPL-2.0
/*
 * creation.c - knows who created a cache, by having watched it.
 *
 * What the kernel forgets when it merges a cache is told to its functions once: the name that is
 * asked for, the size before any merging, and who asks. The probes note it; which kmem_cache it
 * became is seen a moment later, by the same task. Names, modules and symbols are copied at once,
 * because the module may be gone when somebody asks, and its init text is as soon as it has run.
 *
 * Off unless the parameter creations asks for it. Then: four probes on functions that are called
 * when a cache comes or goes, a callback for modules that come and go, and room for so many
 * creations. Switching it off forgets them: what was not watched throughout is not known.
 *
 * Locking: none of the kernel's. The log is guarded by a raw spinlock, which a probe only tries:
 * what it cannot note is counted as lost. Readers copy a few entries at a time under it. What is
 * armed changes under a mutex. Consistency: each entry is of one moment, the list is not.
 */
#include "access/creation.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "access/creation_layout.h"
#include "access/slab_layout.h"
#include "introspect/kread.h"
#include "introspect/ksym.h"
#include "introspect/ktext.h"
#include "introspect/probe.h"
#include "introspect/running.h"
#include "memory.h"

#define ROOM_MIN	16
#define ROOM_MAX	4096

/* Longer than anybody holds the lock: a copy of all there is room for. */
#define LOCK_TRIES	10000

/* How many entries are copied under the lock at once. */
#define CHUNK		16

/* Positions of the arguments, on all kernels. */
enum {
	CREATE_NAME = 0,
	CREATE_SIZE = 1,
	CREATE_FLAGS = 3,
	NEW_CACHE = 0,
	ALIAS_CACHE = 0,
	DESTROY_CACHE = 0,
};

/*
 * enum phase - may the parameter arm anything?
 * @LOADING: no: it is only noted
 * @RUNNING: yes
 * @UNLOADING: no: it can be written until the module is gone
 */
static enum phase {
	LOADING,
	RUNNING,
	UNLOADING,
} phase;

/* Guards all that is armed, phase, wanted and since_ns. */
static DEFINE_MUTEX(watch_mutex);
static unsigned int wanted;
static u64 since_ns;

static DEFINE_RAW_SPINLOCK(log_lock);
static struct mt_creation_log creation_log;
static atomic_long_t not_noted;

static struct mt_probe create_probe;
static struct mt_probe new_probe;
static struct mt_probe alias_probe;

/* Entries that nobody was told of. A cache that went unseen is only thought to be alive. */
static u64 missed(void)
{
	return mt_probe_missed(&create_probe) + mt_probe_missed(&new_probe) +
	       mt_probe_missed(&alias_probe) + atomic_long_read(&not_noted);
}

/* From a probe, which may have interrupted anything: no waiting without end. */
static void note(void (*change)(const void *what), const void *what)
{
	unsigned int tries;

	for (tries = 0; tries < LOCK_TRIES; tries++) {
		if (raw_spin_trylock(&log_lock)) {
			change(what);
			raw_spin_unlock(&log_lock);
			return;
		}
		cpu_relax();
	}
	atomic_long_inc(&not_noted);
}

/* Those on the stack that only hand a creation or a destruction on, or hide who asks for it. */
static const char *const between[] = {
	"kmem_cache_create",
	"kmem_cache_destroy",
};

static const char *const trampolines[] = {
	"kretprobe_trampoline",
	"arch_rethook_trampoline",
	"return_to_handler",
};

static bool is_one_of(const char *symbol, const char *const *prefixes, unsigned int nr)
{
	unsigned int i;

	symbol += strspn(symbol, "_");
	for (i = 0; i < nr; i++) {
		if (!strncmp(symbol, prefixes[i], strlen(prefixes[i])))
			return true;
	}
	return false;
}

/*
 * struct caller - who asks for something
 * @address: where the function that was asked returns to, 0 if nobody knows
 * @symbol: the same in words
 * @module: whose text that is
 * @cause: if it is the kernel's, the module that called it, or ""
 */
struct caller {
	unsigned long address;
	char symbol[MT_CREATION_SYMBOL];
	char module[MT_CREATION_MODULE];
	char cause[MT_CREATION_MODULE];
};

static void find_caller(const struct mt_probe_hit *hit, struct caller *caller)
{
	unsigned long callers[MT_PROBE_CALLERS];
	unsigned int nr = mt_probe_callers(hit, callers, MT_PROBE_CALLERS);
	char symbol[MT_CREATION_SYMBOL];
	char module[MT_CREATION_MODULE];
	unsigned int i;

	*caller = (struct caller) { };
	for (i = 0; i < nr; i++) {
		if (!mt_ksym_format(symbol, sizeof(symbol), callers[i], module, sizeof(module)))
			return;
		if (caller->address) {
			if (!strcmp(module, "vmlinux"))
				continue;
			strscpy(caller->cause, module, sizeof(caller->cause));
			return;
		}
		/* behind somebody else's probe of the return, the caller is lost on old kernels */
		if (is_one_of(symbol, trampolines, ARRAY_SIZE(trampolines)))
			return;
		if (is_one_of(symbol, between, ARRAY_SIZE(between)))
			continue;
		caller->address = callers[i];
		strscpy(caller->symbol, symbol, sizeof(caller->symbol));
		strscpy(caller->module, module, sizeof(caller->module));
		if (strcmp(module, "vmlinux"))
			return;
	}
}

static void begin(const void *what)
{
	mt_creation_log_begin(&creation_log, what);
}

static void note_create(const struct mt_probe_hit *hit)
{
	struct mt_creation creation = {
		.task = (unsigned long)current,
		.created_ns = ktime_get_mono_fast_ns(),
		.object_size = mt_probe_argument(hit, CREATE_SIZE),
		.flags = mt_probe_argument(hit, CREATE_FLAGS),
	};
	struct caller caller;

	/* as slab.c has it, so that they compare */
	mt_kread_string(creation.name, mt_probe_argument(hit, CREATE_NAME), sizeof(creation.name));
	strreplace(creation.name, ',', '_');
	find_caller(hit, &caller);
	strscpy(creation.creator, caller.symbol, sizeof(creation.creator));
	strscpy(creation.module, caller.module, sizeof(creation.module));
	strscpy(creation.cause, caller.cause, sizeof(creation.cause));
	if (caller.address)
		creation.holder_id = mt_ktext_result(caller.address);
	if (creation.holder_id &&
	    !mt_ksym_format(creation.holder, sizeof(creation.holder), creation.holder_id,
			    creation.holder_module, sizeof(creation.holder_module))) {
		creation.holder_id = 0;
		creation.holder[0] = '\0';
		creation.holder_module[0] = '\0';
	}
	note(begin, &creation);
}

/*
 * struct root - what a name becomes
 * @id: the cache
 * @name: its name, "" if that is not known
 * @fresh: it is a new one
 */
struct root {
	unsigned long id;
	char name[MT_SLAB_NAME];
	bool fresh;
};

static void become(const void *what)
{
	const struct root *root = what;

	mt_creation_log_root(&creation_log, (unsigned long)current, root->id, root->name,
			     root->fresh);
}

static void note_root(unsigned long cache, bool fresh)
{
	struct root root = { .id = cache, .fresh = fresh };
	u64 name;

	if (mt_kread_field(cache, &mt_cache_name, &name) && name) {
		mt_kread_string(root.name, name, sizeof(root.name));
		strreplace(root.name, ',', '_');
	}
	note(become, &root);
}

static void note_new(const struct mt_probe_hit *hit)
{
	note_root(mt_probe_argument(hit, NEW_CACHE), true);
}

static void note_alias(const struct mt_probe_hit *hit)
{
	note_root(mt_probe_argument(hit, ALIAS_CACHE), false);
}

static void end(const void *what)
{
	creation_log.missed = missed();
	mt_creation_log_destroy(&creation_log, what);
}

static void note_destroy(const struct mt_probe_hit *hit)
{
	struct mt_destruction what = { .root_id = mt_probe_argument(hit, DESTROY_CACHE) };
	struct caller caller;
	u64 users;

	if (!what.root_id)
		return;
	if (mt_kread_field(what.root_id, &mt_cache_refcount, &users))
		what.users = (int)users;
	find_caller(hit, &caller);
	/* A module's exit often ends in a jump to kmem_cache_destroy(): its name is not seen. */
	what.owner = "";
	if (caller.address && mt_ktext_calls(caller.address, hit->function)) {
		what.owner = caller.cause[0] ? caller.cause : caller.module;
		what.holder_id = mt_ktext_argument(caller.address);
	} else if (strstr(caller.symbol, "sys_delete_module")) {
		what.unloader = (unsigned long)current;
	}
	note(end, &what);
}

static struct mt_probe create_probe = { .hit = note_create };
static struct mt_probe new_probe = { .hit = note_new };
static struct mt_probe alias_probe = { .hit = note_alias };
static struct mt_probe destroy_probe = { .hit = note_destroy };

static int note_module(struct notifier_block *block, unsigned long event, void *data)
{
	const struct module *module = data;

	raw_spin_lock(&log_lock);
	if (event == MODULE_STATE_COMING)
		mt_creation_log_load(&creation_log, module->name);
	else if (event == MODULE_STATE_GOING)
		mt_creation_log_unload(&creation_log, module->name, (unsigned long)current,
				       ktime_get_ns());
	raw_spin_unlock(&log_lock);
	return NOTIFY_DONE;
}

static struct notifier_block module_block = { .notifier_call = note_module };

/* What is lost without the probes of each table; the first one is needed. */
static const struct {
	struct mt_relo_table *table;
	const char *loses;
} needs[] = {
	{ &mt_creation_table, "which caches are created, by whom" },
	{ &mt_creation_root_table, "which cache a created one was merged into" },
	{ &mt_creation_end_table, "which of the created caches were destroyed" },
};

static void resolve(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(needs); i++)
		mt_running_resolve(needs[i].table);
}

/* One that cannot be armed is as good as one that the kernel does not have. */
static void arm(struct mt_probe *probe, unsigned long function, struct mt_relo_table *table)
{
	int err;

	if (!function)
		return;
	err = mt_probe_arm(probe, function);
	if (!err)
		return;
	table->state = MT_RELO_MISSING;
	snprintf(table->missing, sizeof(table->missing), "no probe: error %d", err);
}

static void unwatch(void)
{
	static struct mt_probe *const probes[] = {
		&create_probe, &new_probe, &alias_probe, &destroy_probe,
	};
	struct mt_creation *entries;

	/* together: each looks at how often the others were missed */
	mt_probe_disarm(probes, ARRAY_SIZE(probes));
	unregister_module_notifier(&module_block);
	raw_spin_lock(&log_lock);
	entries = creation_log.entries;
	memset(&creation_log, 0, sizeof(creation_log));
	raw_spin_unlock(&log_lock);
	mt_memory_free(entries);
}

static int watch(unsigned int room)
{
	struct mt_creation *entries = mt_memory_alloc(room * sizeof(*entries));

	if (!entries)
		return -ENOMEM;
	resolve();
	raw_spin_lock(&log_lock);
	creation_log.entries = entries;
	creation_log.room = room;
	raw_spin_unlock(&log_lock);
	atomic_long_set(&not_noted, 0);
	since_ns = ktime_get_ns();

	register_module_notifier(&module_block);
	arm(&destroy_probe, mt_sym_cache_destroy, &mt_creation_end_table);
	arm(&alias_probe, mt_sym_cache_alias, &mt_creation_root_table);
	arm(&new_probe, mt_sym_cache_new, &mt_creation_root_table);
	creation_log.sees_roots = new_probe.armed && alias_probe.armed;
	arm(&create_probe, mt_sym_cache_create, &mt_creation_table);
	if (!create_probe.armed) {
		unwatch();
		return -EOPNOTSUPP;
	}
	return 0;
}

static int make_room(unsigned int room)
{
	struct mt_creation *entries = mt_memory_alloc(room * sizeof(*entries));
	struct mt_creation *old;

	if (!entries)
		return -ENOMEM;
	raw_spin_lock(&log_lock);
	old = creation_log.entries;
	mt_creation_log_move(&creation_log, entries, room);
	raw_spin_unlock(&log_lock);
	mt_memory_free(old);
	return 0;
}

static int want(unsigned int room)
{
	bool watched = create_probe.armed;
	int err = 0;

	if (phase == UNLOADING)
		return -ENODEV;
	if (phase == LOADING) {
		wanted = room;
		return 0;
	}
	if (!room && watched)
		unwatch();
	else if (room && watched)
		err = make_room(room);
	else if (room)
		err = watch(room);
	if (!err)
		wanted = room;
	return err;
}

static int set(const char *text, const struct kernel_param *param)
{
	unsigned int room;
	int err;

	if (!text || kstrtouint(text, 0, &room))
		return -EINVAL;
	if (room && (room < ROOM_MIN || room > ROOM_MAX))
		return -EINVAL;
	mutex_lock(&watch_mutex);
	err = want(room);
	mutex_unlock(&watch_mutex);
	return err;
}

static int get(char *text, const struct kernel_param *param)
{
	return scnprintf(text, PAGE_SIZE, "%u\n", READ_ONCE(wanted));
}

static const struct kernel_param_ops creations_ops = {
	.set = set,
	.get = get,
};

module_param_cb(creations, &creations_ops, NULL, 0644);
MODULE_PARM_DESC(creations, "creations of slab caches to watch for and to remember, with who asked for them, 500 bytes each; 0 (the default): no probe is armed, and what was remembered is forgotten (0, or 16 to 4096)");

/**
 * mt_creation_start() - watch, if the parameter asks for it
 *
 * Without it all else works, so that a failure is told in status, and in one line of the log.
 *
 * Context: process context, may sleep; once, at load, after mt_collectors_resolve().
 */
void mt_creation_start(void)
{
	int err;

	mutex_lock(&watch_mutex);
	phase = RUNNING;
	err = want(wanted);
	if (err) {
		wanted = 0;
		pr_warn("creations are not watched: error %d, see status\n", err);
	}
	mutex_unlock(&watch_mutex);
}

/**
 * mt_creation_stop() - watch no more, whatever the parameter asks for
 *
 * Context: process context, may sleep; once, at unload.
 */
void mt_creation_stop(void)
{
	mutex_lock(&watch_mutex);
	if (create_probe.armed)
		unwatch();
	phase = UNLOADING;
	mutex_unlock(&watch_mutex);
}

/* The log keeps its place meanwhile, and so do its entries; what comes now is not copied. */
static void copy_all(struct mt_creations *list, unsigned int nr)
{
	unsigned int from;

	for (from = 0; from < nr; from += CHUNK) {
		unsigned int part;

		raw_spin_lock(&log_lock);
		part = min_t(unsigned int, nr - from, CHUNK);
		memcpy(list->entries + from, creation_log.entries + from,
		       part * sizeof(*list->entries));
		raw_spin_unlock(&log_lock);
	}
	list->nr = nr;
}

/* The latest of a name first: an earlier one may be gone without our knowing. */
static int by_name(const void *a, const void *b)
{
	const struct mt_creation *first = a;
	const struct mt_creation *second = b;
	int order = strcmp(first->name, second->name);

	if (order)
		return order;
	return first->sequence > second->sequence ? -1 : 1;
}

/**
 * mt_creation_read() - read what was seen
 * @list: gets it; give it back with mt_creation_free() on success
 *
 * Context: process context, no lock held, may sleep.
 * Return: 0, also when nothing is watched; -ENOMEM.
 */
int mt_creation_read(struct mt_creations *list)
{
	unsigned int nr;
	int err = 0;

	*list = (struct mt_creations) { };
	mutex_lock(&watch_mutex);
	if (!create_probe.armed)
		goto out_unlock;
	list->watched = true;
	list->since_ns = since_ns;
	list->room = creation_log.room;
	raw_spin_lock(&log_lock);
	nr = creation_log.nr;
	list->seen = creation_log.seen;
	list->lost = creation_log.lost + missed();
	raw_spin_unlock(&log_lock);
	if (!nr)
		goto out_unlock;
	list->entries = mt_memory_alloc(nr * sizeof(*list->entries));
	if (list->entries)
		copy_all(list, nr);
	else
		err = -ENOMEM;
out_unlock:
	mutex_unlock(&watch_mutex);
	if (!err)
		sort(list->entries, list->nr, sizeof(*list->entries), by_name, NULL);
	return err;
}

/**
 * mt_creation_free() - give back what mt_creation_read() allocated
 * @list: the creations
 *
 * Context: any.
 */
void mt_creation_free(struct mt_creations *list)
{
	mt_memory_free(list->entries);
	list->entries = NULL;
	list->nr = 0;
}

/**
 * mt_creation_find() - how a name of a cache came about
 * @list: what was seen
 * @root_id: the cache, &struct mt_slab_cache.id
 * @name: one of its names, its own or an alias
 *
 * The caller knows that the cache has this name now: then the latest creation of that name which
 * became this cache is the one, or an earlier one of which nobody knows what it became.
 *
 * Context: any.
 * Return: the creation, which may be in doubt, see &struct mt_creation.doubts; NULL if none was
 * seen, or if it was destroyed.
 */
const struct mt_creation *mt_creation_find(const struct mt_creations *list, unsigned long root_id,
					   const char *name)
{
	unsigned int from = 0;
	unsigned int to = list->nr;

	while (from < to) {
		unsigned int middle = from + (to - from) / 2;

		if (strcmp(list->entries[middle].name, name) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	for (; from < list->nr && !strcmp(list->entries[from].name, name); from++) {
		const struct mt_creation *creation = &list->entries[from];

		if (!creation->gone && (creation->root_id == root_id || !creation->root_id))
			return creation;
	}
	return NULL;
}

/**
 * mt_creation_missing() - what this kernel lacks for watching creations
 * @nr: from 0
 * @missing: gets the words for what is missing
 * @loses: gets the words for what is lost by it
 *
 * Context: process context. Nothing is known of it before the parameter first asks for creations.
 * Return: false after the last.
 */
bool mt_creation_missing(unsigned int nr, const char **missing, const char **loses)
{
	if (nr >= ARRAY_SIZE(needs))
		return false;
	*missing = needs[nr].table->missing;
	*loses = needs[nr].loses;
	return true;
}

/**
 * mt_creation_names() - is a name asked for when creations are watched?
 * @name: as in the hide parameter
 *
 * Context: any.
 * Return: true if it is.
 */
bool mt_creation_names(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(needs); i++) {
		if (mt_relo_names(needs[i].table, name))
			return true;
	}
	return false;
}
