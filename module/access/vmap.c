// SPDX-License-Identifier: GPL-2.0
/*
 * vmap.c - knows the areas of the vmalloc range.
 *
 * The areas stand in red-black trees, sorted by address. They are copied out in chunks: under the
 * lock a chunk of plain values, then the lock is dropped, the chunk is worked on, and the tree is
 * entered again behind the last address. So the lock, which is a spinlock that every vmalloc()
 * takes, is held for a chunk only, whatever the number of areas, and nothing is looked up or
 * printed under it.
 *
 * Locking: vmap_area_lock, or the lock of one vmap node at a time.
 * Consistency: an area that exists throughout is seen exactly once; one that comes or goes
 * meanwhile is seen once or not at all.
 */
#include "access/vmap.h"

#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

#include "access/vmap_layout.h"
#include "introspect/klock.h"
#include "introspect/kread.h"
#include "introspect/relo.h"
#include "memory.h"

/* Areas that are copied under a lock at once: two cache lines each, so some microseconds. */
#define CHUNK		32
#define MAX_VMAP_NODES	4096

/* How often a lock is tried before the areas behind it are given up. */
#define TRIES		50

/*
 * struct tree - areas behind one lock
 * @root: address of the struct rb_root
 * @lock: the kernel's lock that guards the tree
 */
struct tree {
	unsigned long root;
	spinlock_t *lock; /* guards the tree at @root */
};

static enum mt_vmap_use use_of(unsigned long flags)
{
	if (flags & VM_IOREMAP)
		return MT_VMAP_IOREMAP;
	if (flags & VM_MAP)
		return MT_VMAP_MAP;
	if (flags & VM_ALLOC)
		return flags & VM_USERMAP ? MT_VMAP_USER : MT_VMAP_ALLOC;
	return MT_VMAP_OTHER;
}

/* Of a struct that the headers have. */
#define FIELD(type, member) {						\
	.known = true,							\
	.offset = offsetof(type, member),				\
	.size = sizeof_field(type, member),				\
}

static const struct mt_field area_start = FIELD(struct vmap_area, va_start);
static const struct mt_field area_end = FIELD(struct vmap_area, va_end);
static const struct mt_field area_vm = FIELD(struct vmap_area, vm);
static const struct mt_field vm_flags = FIELD(struct vm_struct, flags);
static const struct mt_field vm_nr_pages = FIELD(struct vm_struct, nr_pages);
static const struct mt_field vm_pages = FIELD(struct vm_struct, pages);
static const struct mt_field vm_caller = FIELD(struct vm_struct, caller);

enum { AREA_START, AREA_END, AREA_VM, AREA_FIELDS };

static const struct mt_field *const area_fields[] = {
	[AREA_START] = &area_start,
	[AREA_END] = &area_end,
	[AREA_VM] = &area_vm,
	[AREA_FIELDS] = NULL
};

enum { VM_FLAGS, VM_PAGES, VM_NR_PAGES, VM_CALLER, VM_FIELDS };

static const struct mt_field *const vm_fields[] = {
	[VM_FLAGS] = &vm_flags,
	[VM_PAGES] = &vm_pages,
	[VM_NR_PAGES] = &vm_nr_pages,
	[VM_CALLER] = &vm_caller,
	[VM_FIELDS] = NULL
};

/*
 * Whose pages they are. The percpu allocator asks for address space like vmalloc, and fills it by
 * itself; an area that vmalloc is still filling looks the same but for a flag.
 */
static void read_pages(struct mt_vmap_area *area, const u64 *vm)
{
	bool owns = vm[VM_FLAGS] & (VM_ALLOC | VM_MAP_PUT_PAGES);

	if (owns && vm[VM_PAGES]) {
		area->page_array = vm[VM_PAGES];
		area->nr_page_array = vm[VM_NR_PAGES];
	}
	area->is_chunk = area->use == MT_VMAP_ALLOC && !vm[VM_PAGES] &&
			 !(vm[VM_FLAGS] & VM_UNINITIALIZED);
}

/* Under the tree's lock: a struct vm_struct is freed only after its area has left the tree. */
static bool read_area(struct mt_vmap_area *area, unsigned long entry, unsigned long *end)
{
	u64 va[AREA_FIELDS], vm[VM_FIELDS];

	if (!mt_kread_fields(entry - offsetof(struct vmap_area, rb_node), area_fields, va) ||
	    va[AREA_END] <= va[AREA_START])
		return false;
	*end = va[AREA_END];
	*area = (struct mt_vmap_area) {
		.start = va[AREA_START],
		.bytes = va[AREA_END] - va[AREA_START],
		.use = MT_VMAP_RAM,
	};
	if (!va[AREA_VM])
		return true;
	if (!mt_kread_fields(va[AREA_VM], vm_fields, vm))
		return false;
	area->caller = vm[VM_CALLER];
	area->use = use_of(vm[VM_FLAGS]);
	if (!(vm[VM_FLAGS] & VM_NO_GUARD) && area->bytes > PAGE_SIZE)
		area->bytes -= PAGE_SIZE;
	/* vmap() with VM_MAP_PUT_PAGES has pages too, but they are not in VmallocUsed */
	if (area->use == MT_VMAP_ALLOC || area->use == MT_VMAP_USER)
		area->pages = vm[VM_NR_PAGES];
	read_pages(area, vm);
	return true;
}

/*
 * struct chunk - some areas of a tree, in the order of their addresses
 * @tree: the tree
 * @from: copy areas that do not start below this address
 * @next: where to go on, 0 at the end of the tree
 * @nr: areas copied
 * @error: -EFAULT if one of them could not be read
 * @areas: the copies
 */
struct chunk {
	const struct tree *tree;
	unsigned long from;
	unsigned long next;
	unsigned int nr;
	int error;
	struct mt_vmap_area areas[CHUNK];
};

static void copy_chunk(void *arg)
{
	const long to_key = (long)offsetof(struct vmap_area, va_start) -
			    (long)offsetof(struct vmap_area, rb_node);
	struct chunk *chunk = arg;
	unsigned long entry, end;

	chunk->nr = 0;
	chunk->next = 0;
	entry = mt_krbtree_lower_bound(chunk->tree->root, to_key, chunk->from);
	while (entry) {
		if (!read_area(&chunk->areas[chunk->nr], entry, &end)) {
			chunk->error = -EFAULT;
			return;
		}
		if (++chunk->nr == CHUNK) {
			chunk->next = end;
			return;
		}
		entry = mt_krbtree_next(entry);
	}
}

static int visit_tree(const struct tree *tree, struct chunk *chunk, mt_vmap_visit_t visit,
		      void *arg)
{
	unsigned int tries = 0;
	unsigned int i;

	chunk->tree = tree;
	chunk->from = 0;
	chunk->error = 0;
	for (;;) {
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		if (!mt_klock_spin(&mt_klock_vmap, tree->lock, copy_chunk, chunk)) {
			if (++tries == TRIES)
				return -EBUSY;
			continue;
		}
		for (i = 0; i < chunk->nr; i++)
			visit(&chunk->areas[i], arg);
		if (chunk->error || !chunk->next)
			return chunk->error;
		/* addresses only grow; a corrupted tree must not keep us here */
		if (chunk->next <= chunk->from)
			return -ELOOP;
		chunk->from = chunk->next;
	}
}

static int visit_nodes(struct chunk *chunk, mt_vmap_visit_t visit, void *arg)
{
	unsigned long nodes;
	int nr_nodes, i, err;
	int first_err = 0;

	if (!mt_kread_ulong(mt_sym_vmap_nodes, &nodes) ||
	    !mt_kread(&nr_nodes, mt_sym_nr_vmap_nodes, sizeof(nr_nodes)) ||
	    nr_nodes < 1 || nr_nodes > MAX_VMAP_NODES)
		return -EFAULT;
	for (i = 0; i < nr_nodes; i++) {
		unsigned long node = nodes + (unsigned long)i * mt_vmap_node_size.size;
		struct tree tree = {
			.root = node + mt_vmap_node_root.offset,
			.lock = (spinlock_t *)(node + mt_vmap_node_lock.offset),
		};

		err = visit_tree(&tree, chunk, visit, arg);
		if (err && !first_err)
			first_err = err;
		if (err == -EINTR)
			break;
	}
	return first_err;
}

/**
 * mt_vmap_for_each() - visit all areas
 * @visit: takes one area
 * @arg: handed to @visit
 *
 * Context: process context, no lock held, may sleep. Takes the kernel's vmap locks.
 * Return: 0; -EOPNOTSUPP if this kernel's areas are unknown; -ENOMEM. Some areas were visited, but
 * not all: -EBUSY if a lock was not to be had, -EFAULT or -ELOOP if a tree is corrupted, -EINTR
 * after a fatal signal.
 */
int mt_vmap_for_each(mt_vmap_visit_t visit, void *arg)
{
	struct chunk *chunk;
	int err = -EOPNOTSUPP;

	chunk = mt_memory_alloc(sizeof(*chunk));
	if (!chunk)
		return -ENOMEM;
	if (mt_vmap_node_table.state == MT_RELO_READY) {
		err = visit_nodes(chunk, visit, arg);
	} else if (mt_vmap_tree_table.state == MT_RELO_READY) {
		struct tree tree = {
			.root = mt_sym_vmap_area_root,
			.lock = (spinlock_t *)mt_sym_vmap_area_lock,
		};

		err = visit_tree(&tree, chunk, visit, arg);
	}
	mt_memory_free(chunk);
	return err;
}
