// SPDX-License-Identifier: GPL-2.0
/*
 * status.c - the report of the reports: what works on this kernel, what does not, and why.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "access/creation.h"
#include "collector.h"
#include "introspect/klock.h"
#include "introspect/relo.h"
#include "introspect/running.h"
#include "snapshot.h"

#define WORDS	512

static const char *const states[] = {
	[MT_OK] = "ok",
	[MT_PARTIAL] = "partial",
	[MT_UNAVAILABLE] = "unavailable",
};

static const char *const table_states[] = {
	[MT_RELO_MISSING] = "missing",
	[MT_RELO_ABSENT] = "absent",
	[MT_RELO_READY] = "ready",
};

static void add_collector(struct mt_snapshot *snap, const struct mt_collector *collector)
{
	enum mt_state state = MT_OK;
	char words[WORDS] = "";
	const char *missing;
	unsigned int i;

	for (i = 0; i < MT_NEEDS && collector->needs[i].any_of[0]; i++) {
		const struct mt_need *need = &collector->needs[i];
		enum mt_relo_state need_state = mt_need_state(need, &missing);
		size_t used = strlen(words);

		if (!*missing)
			continue;
		snprintf(words + used, WORDS - used, "%slost: %s: %s", used ? "; " : "",
			 need->loses, missing);
		if (need->required && need_state == MT_RELO_MISSING)
			state = MT_UNAVAILABLE;
		else if (state == MT_OK)
			state = MT_PARTIAL;
	}
	{
		struct mt_cell cells[] = {
			mt_text(states[state]),
			mt_text(collector->name),
			mt_text(*words ? words : "-"),
		};

		mt_snapshot_add(snap, cells);
	}
}

/* What a table asked for: the names that the hide parameter takes. */
static void print_table(struct mt_relo_table *table, void *arg)
{
	struct mt_snapshot *snap = arg;
	char words[WORDS] = "";
	unsigned int i, j;

	for (i = 0; i < table->nr_entries; i++) {
		const struct mt_relo *relo = &table->entries[i];

		for (j = 0; j < MT_RELO_NAMES && relo->names[j]; j++) {
			strlcat(words, " ", WORDS);
			strlcat(words, relo->names[j], WORDS);
		}
	}
	mt_snapshot_print(snap, "table %s (%s):%s", table->name, table_states[table->state], words);
}

static void print_lock(struct mt_snapshot *snap, const struct mt_klock *klock)
{
	if (klock->longest_ns)
		mt_snapshot_print(snap, "held %s: %llu us at most", klock->name,
				  div_u64(klock->longest_ns, 1000));
}

/*
 * struct search - is a name in any table?
 * @name: the name
 * @found: it is
 */
struct search {
	const char *name;
	bool found;
};

static void look_in(struct mt_relo_table *table, void *arg)
{
	struct search *search = arg;

	search->found |= mt_relo_names(table, search->name);
}

/* What is hidden without being in a table: see running.c, balloon.c and sock_table.c. */
static const char *const other_names[] = {
	"btf",
	"kallsyms_lookup_name",
	"virtio_bus",
	"balloon",
	"dm_device",
	"raw_v6_hashinfo",
};

/* A name that nothing asks for is a typing error, and hides nothing. */
static void check_hide(struct mt_snapshot *snap, const char *name)
{
	struct search search = { .name = name };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(other_names); i++)
		search.found |= !strcmp(name, other_names[i]);
	mt_collectors_visit_tables(look_in, &search);
	search.found |= mt_creation_names(name);
	if (!search.found)
		mt_snapshot_print(snap, "hide: no report asks for %s", name);
}

static void check_all_hidden(struct mt_snapshot *snap)
{
	char names[WORDS];
	char *rest = names;
	char *name;

	if (!mt_running_hide())
		return;
	strscpy(names, mt_running_hide(), sizeof(names));
	while ((name = strsep(&rest, ", \t\n"))) {
		if (*name)
			check_hide(snap, name);
	}
}

/* Newest first, so many of them; the rest is told by the reports that use them. */
#define CREATIONS	16U

static int latest_first(const void *a, const void *b)
{
	const struct mt_creation *first = a;
	const struct mt_creation *second = b;

	return first->sequence > second->sequence ? -1 : 1;
}

static const char *end_of(const struct mt_creation *creation)
{
	if (creation->gone)
		return ", destroyed";
	if (creation->doubts)
		return ", perhaps destroyed";
	return mt_creation_left_behind(creation) ? ", left behind" : "";
}

static const char *or_unknown(const char *words)
{
	return *words ? words : "-";
}

static void print_creation(struct mt_snapshot *snap, const struct mt_creation *creation)
{
	mt_snapshot_print(snap, "creation: %s %u bytes in %s by %s [%s]%s%s held by %s%s%s",
			  creation->name, creation->object_size, or_unknown(creation->root),
			  or_unknown(creation->creator), or_unknown(mt_creation_owner(creation)),
			  creation->unloaded_ns ? " (unloaded)" : "",
			  creation->cause[0] ? " through the kernel" : "",
			  or_unknown(creation->holder), end_of(creation),
			  creation->task ? ", being created" : "");
}

static void print_creations(struct mt_snapshot *snap)
{
	struct mt_creations list;
	const char *missing, *loses;
	unsigned int i;

	for (i = 0; mt_creation_missing(i, &missing, &loses); i++) {
		if (*missing)
			mt_snapshot_print(snap, "creations: lost: %s: %s", loses, missing);
	}
	if (mt_creation_read(&list)) {
		mt_snapshot_print(snap, "creations: no memory to read them");
		return;
	}
	if (!list.watched) {
		mt_snapshot_print(snap, "creations: not watched (parameter creations)");
		return;
	}
	mt_snapshot_print(snap, "creations: watched %llu s: %llu seen, %u kept of %u, %llu lost",
			  div_u64(ktime_get_ns() - list.since_ns, NSEC_PER_SEC), list.seen,
			  list.nr, list.room, list.lost);
	sort(list.entries, list.nr, sizeof(*list.entries), latest_first, NULL);
	for (i = 0; i < min(list.nr, CREATIONS); i++)
		print_creation(snap, &list.entries[i]);
	mt_creation_free(&list);
}

static int collect(struct mt_snapshot *snap)
{
	unsigned int i;

	for (i = 0; i < mt_nr_collectors; i++)
		add_collector(snap, mt_collectors[i]);

	mt_collectors_visit_tables(print_table, snap);
	check_all_hidden(snap);
	print_lock(snap, &mt_klock_slab_mutex);
	print_lock(snap, &mt_klock_list_lock);
	print_lock(snap, &mt_klock_kernfs);
	print_lock(snap, &mt_klock_vmap);
	print_lock(snap, &mt_klock_net);
	print_lock(snap, &mt_klock_raw);
	print_lock(snap, &mt_klock_unix);
	print_lock(snap, &mt_klock_vsock);
	print_lock(snap, &mt_klock_sb);
	print_lock(snap, &mt_klock_inodes);
	print_creations(snap);
	return 0;
}

static const struct mt_column columns[] = {
	{ .name = "state", .type = MT_WORD },
	{ .name = "collector", .type = MT_WORD },
	{ .name = "missing", .type = MT_TEXT },
};

const struct mt_collector mt_status_collector = {
	.name = "status",
	.form = MT_FORM_TABLE,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.collect = collect,
};
