// SPDX-License-Identifier: GPL-2.0
/*
 * memcg.c - knows the memory cgroups and what is charged to them, also to those that were removed.
 *
 * The tree of cgroups is gone along under RCU, some at a time; a reference to each of these keeps
 * it, and the place in the tree, while they are worked on. A cgroup that was removed stays in the
 * tree as long as something is charged to it: a dying one. It keeps its name.
 *
 * What is charged is a counter, and exact. It stays as it is when the kernel hands the kernel
 * memory of a removed cgroup to its parent, so it says of a dying one what there is at most. The
 * statistics are kept for each CPU, and the kernel adds them up every two seconds, which nobody
 * outside can make it do.
 *
 * Locking: RCU; references to some cgroups. The last one to drop a reference hands the cgroup to a
 * work queue of the kernel's: nothing is freed here.
 * Consistency: a cgroup that exists throughout is visited once, parents before children.
 */
#include "access/memcg.h"

#include <linux/cgroup.h>
#include <linux/errno.h>
#include <linux/memcontrol.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/page_counter.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>
#include <linux/string.h>

#include "access/haste.h"
#include "access/memcg_layout.h"
#include "introspect/kread.h"
#include "memory.h"

#ifdef CONFIG_MEMCG

/* Cgroups of which references are held at a time, and that are gone along for them. */
#define PART	32
#define STEPS	1024

#define PAGES_TO_KB(_pages) ((u64)(_pages) * (PAGE_SIZE / 1024))

/*
 * struct part - some cgroups, in the order of the tree
 * @root: the root of the tree
 * @at: the last one of the part before, of which we have a reference; NULL before the first
 * @over: there are no more
 * @nr: entries in @css
 * @css: the cgroups, with references
 */
struct part {
	struct cgroup_subsys_state *root;
	struct cgroup_subsys_state *at;
	bool over;
	unsigned int nr;
	struct cgroup_subsys_state *css[PART];
};

static struct cgroup_subsys_state *find_root(void)
{
	struct cgroup_subsys_state *css;

	rcu_read_lock();
	css = task_css(&init_task, memory_cgrp_id);
	while (css && css->parent)
		css = css->parent;
	rcu_read_unlock();
	/* which is never freed */
	return css;
}

static void take_part(struct part *part)
{
	struct cgroup_subsys_state *css = part->at;
	unsigned int steps = 0;

	part->nr = 0;
	rcu_read_lock();
	/* without a reference to stand at there is no going on: so one at least */
	while (part->nr < PART && (steps++ < STEPS || !part->nr)) {
		css = css_next_descendant_pre(css, part->root);
		if (!css) {
			part->over = true;
			break;
		}
		/* nothing is charged to one that nobody refers to */
		if (css_tryget(css))
			part->css[part->nr++] = css;
	}
	rcu_read_unlock();
	if (part->at)
		css_put(part->at);
	part->at = NULL;
}

#ifdef MT_MEMCG_VMSTATS_PUBLIC
/* An item of the statistics, in its own unit. */
static bool read_item(struct mem_cgroup *memcg, int item, u64 *value)
{
	long figure = atomic_long_read(&memcg->vmstats[item]);

	*value = figure > 0 ? figure : 0;
	return true;
}
#else
/* Where an item's figure is in the array of those that a cgroup uses; -1 if that is unknown. */
static int index_of(int item)
{
	u32 nr = mt_memcg_vmstats_state.size / sizeof(long);
	u8 index, unused;

	if (nr >= MEMCG_NR_STAT)
		return item;
	if (!mt_sym_mem_cgroup_stats_index ||
	    !mt_kread(&index, mt_sym_mem_cgroup_stats_index + item, sizeof(index)) ||
	    !mt_kread(&unused, mt_sym_mem_cgroup_stats_index + NR_ISOLATED_ANON, sizeof(unused)))
		return -1;
	/*
	 * At first (v6.10) an index was one higher than the place, and that of an item which is not
	 * used was 0; now it is 0xff.
	 */
	if (!unused)
		index--;
	return index < nr ? index : -1;
}

/* An item of the statistics, in its own unit. */
static bool read_item(struct mem_cgroup *memcg, int item, u64 *value)
{
	unsigned long state = (unsigned long)memcg->vmstats + mt_memcg_vmstats_state.offset;
	int index = index_of(item);
	long figure;

	if (mt_memcg_vmstats_table.state != MT_RELO_READY || index < 0 ||
	    !mt_kread(&figure, state + index * sizeof(figure), sizeof(figure)))
		return false;
	*value = figure > 0 ? figure : 0;
	return true;
}
#endif

static void read_slab(struct mt_memcg *copy, struct mem_cgroup *memcg)
{
	u64 reclaimable, unreclaimable;

	if (!read_item(memcg, NR_SLAB_RECLAIMABLE_B, &reclaimable) ||
	    !read_item(memcg, NR_SLAB_UNRECLAIMABLE_B, &unreclaimable))
		return;
	copy->slab_kB = (reclaimable + unreclaimable) / 1024;
	copy->slab_trust = MT_MEMCG_RECENT;
}

/*
 * Linux kernel commit a8c49af3be5f ("memcg: add per-memcg total kernel memory stat") (in v5.18):
 * before, nobody added it up.
 */
#ifdef MT_HAVE_MEMCG_KMEM
static void read_kmem(struct mt_memcg *copy, struct mem_cgroup *memcg)
{
	u64 pages;

	if (!read_item(memcg, MEMCG_KMEM, &pages))
		return;
	copy->kernel_kB = PAGES_TO_KB(pages);
	copy->kernel_trust = MT_MEMCG_RECENT;
}
#else
static void read_kmem(struct mt_memcg *copy, struct mem_cgroup *memcg)
{
}
#endif

static void read_kernel(struct mt_memcg *copy, struct mem_cgroup *memcg)
{
#if defined(CONFIG_MEMCG_V1) || !defined(MT_HAVE_CONFIG_MEMCG_V1)
	/* the old interface has a counter for it */
	if (!cgroup_subsys_on_dfl(memory_cgrp_subsys)) {
		copy->kernel_kB = PAGES_TO_KB(page_counter_read(&memcg->kmem));
		copy->kernel_trust = MT_MEMCG_EXACT;
		return;
	}
#endif
	read_kmem(copy, memcg);
}

/*
 * Where pages are kept by generation, the sizes of the classic lists stay 0, and those of the
 * generations are 0 where they are not: together they are all.
 */
static void add_generations(u64 *pages, const struct mem_cgroup_per_node *lists)
{
#ifdef CONFIG_LRU_GEN
	int gen, zone;

	for (gen = 0; gen < MAX_NR_GENS; gen++) {
		for (zone = 0; zone < MAX_NR_ZONES; zone++) {
			long anon = READ_ONCE(lists->lruvec.lrugen.nr_pages[gen][0][zone]);
			long file = READ_ONCE(lists->lruvec.lrugen.nr_pages[gen][1][zone]);

			pages[LRU_INACTIVE_ANON] += max(anon, 0L);
			pages[LRU_INACTIVE_FILE] += max(file, 0L);
		}
	}
#endif
}

/* What a removed cgroup still has on its lists is what keeps it, but for what has no list. */
static void read_lists(struct mt_memcg *copy, struct mem_cgroup *memcg)
{
	u64 pages[NR_LRU_LISTS] = { };
	enum lru_list lru;
	int node, zone;

	for_each_online_node(node) {
		const struct mem_cgroup_per_node *lists = memcg->nodeinfo[node];

		for (zone = 0; lists && zone < MAX_NR_ZONES; zone++) {
			for_each_lru(lru)
				pages[lru] += READ_ONCE(lists->lru_zone_size[zone][lru]);
		}
		if (lists)
			add_generations(pages, lists);
	}
	copy->anon_kB = PAGES_TO_KB(pages[LRU_INACTIVE_ANON] + pages[LRU_ACTIVE_ANON]);
	copy->file_kB = PAGES_TO_KB(pages[LRU_INACTIVE_FILE] + pages[LRU_ACTIVE_FILE]);
	copy->unevictable_kB = PAGES_TO_KB(pages[LRU_UNEVICTABLE]);
}

static void read_path(struct mt_memcg *copy, struct cgroup_subsys_state *css)
{
	cgroup_path(css->cgroup, copy->path, sizeof(copy->path));
	copy->path[sizeof(copy->path) - 1] = '\0';
	if (!*copy->path)
		strscpy(copy->path, "(path too long)", sizeof(copy->path));
}

static void read_memcg(struct mt_memcg *copy, struct cgroup_subsys_state *css, bool kernel)
{
	struct mem_cgroup *memcg = mem_cgroup_from_css(css);

	memset(copy, 0, sizeof(*copy));
	copy->online = READ_ONCE(css->flags) & CSS_ONLINE;
	copy->kB = PAGES_TO_KB(page_counter_read(&memcg->memory));
	if (kernel) {
		read_slab(copy, memcg);
		read_kernel(copy, memcg);
	}
	if (!copy->online)
		read_lists(copy, memcg);
	read_path(copy, css);
}

/* Counted, and nothing else. */
static bool pass_by(struct mt_memcg_passed *passed, struct cgroup_subsys_state *css)
{
	struct mem_cgroup *memcg = mem_cgroup_from_css(css);

	if (page_counter_read(&memcg->memory) >= totalram_pages() / MT_HASTE_PART)
		return false;
	passed->nr++;
	passed->dying += !(READ_ONCE(css->flags) & CSS_ONLINE);
	return true;
}

/**
 * mt_memcg_disabled() - are there memory cgroups at all?
 *
 * Context: any.
 * Return: true if the machine was booted without them.
 */
bool mt_memcg_disabled(void)
{
	return mem_cgroup_disabled();
}

/**
 * mt_memcg_charges_kernel() - is kernel memory charged to cgroups?
 *
 * Context: any.
 * Return: false if the machine was booted with cgroup.memory=nokmem.
 */
bool mt_memcg_charges_kernel(void)
{
	bool nokmem;

	return mt_memcg_nokmem_table.state != MT_RELO_READY ||
	       !mt_kread(&nokmem, mt_sym_cgroup_memory_nokmem, sizeof(nokmem)) || !nokmem;
}

/**
 * mt_memcg_for_each() - visit all memory cgroups, the root first
 * @visit: takes one cgroup
 * @arg: handed to @visit
 * @until_ns: from then on in haste, in the time of ktime_get_ns(); 0 for never
 * @passed: gets how many small ones were passed by in haste
 *
 * Context: process context, no lock held, may sleep.
 * Return: 0; -EOPNOTSUPP if there are none; -ENOMEM; -EINTR after a fatal signal or -ETIME after
 * MT_HASTE_TIMES as long as there was time: then some were visited, but not all.
 */
int mt_memcg_for_each(mt_memcg_visit_t visit, void *arg, u64 until_ns,
		      struct mt_memcg_passed *passed)
{
	struct mt_haste haste = mt_haste_begin(until_ns);
	bool kernel = mt_memcg_charges_kernel();
	struct mt_memcg *copy;
	struct part *part;
	unsigned int i;
	int err = 0;

	*passed = (struct mt_memcg_passed) { };
	if (mem_cgroup_disabled())
		return -EOPNOTSUPP;
	part = mt_memory_zalloc(sizeof(*part));
	copy = mt_memory_alloc(sizeof(*copy));
	if (!part || !copy) {
		err = -ENOMEM;
		goto free;
	}
	part->root = find_root();
	while (!err && !part->over) {
		take_part(part);
		for (i = 0; i < part->nr; i++) {
			if (!haste.on || !pass_by(passed, part->css[i])) {
				read_memcg(copy, part->css[i], kernel);
				visit(copy, arg);
			}
			/* the last one is where to go on */
			if (i + 1 == part->nr)
				part->at = part->css[i];
			else
				css_put(part->css[i]);
		}
		cond_resched();
		if (part->over)
			break;
		err = mt_haste_check(&haste);
	}
	if (part->at)
		css_put(part->at);
free:
	mt_memory_free(copy);
	mt_memory_free(part);
	return err;
}

#else

bool mt_memcg_disabled(void)
{
	return true;
}

bool mt_memcg_charges_kernel(void)
{
	return false;
}

int mt_memcg_for_each(mt_memcg_visit_t visit, void *arg, u64 until_ns,
		      struct mt_memcg_passed *passed)
{
	return -EOPNOTSUPP;
}

#endif /* CONFIG_MEMCG */
