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
#include "access/vmap_pack.h"
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
 * struct mt_vmap_tree - areas behind one lock
 * @root: address of the struct rb_root
 * @lock: the kernel's lock that guards the tree
 */
struct mt_vmap_tree {
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

/*
 * Whose pages they are. The percpu allocator asks for address space like vmalloc, and fills it by
 * itself; an area that vmalloc is still filling looks the same but for a flag.
 */
static void read_pages(struct mt_vmap_area *area, const struct vm_struct *vm)
{
	if (vm->flags & (VM_ALLOC | VM_MAP_PUT_PAGES) && vm->pages) {
		area->page_array = (unsigned long)vm->pages;
		area->nr_page_array = vm->nr_pages;
	}
	area->is_mapped = !area->page_array &&
			  (area->use == MT_VMAP_MAP || vm->flags & VM_DMA_COHERENT);
	area->is_chunk = area->use == MT_VMAP_ALLOC && !vm->pages &&
			 !(vm->flags & VM_UNINITIALIZED);
}

/*
 * struct copy - what the kernel knows of an area: structs that the headers have, read whole
 * @va: the addresses
 * @vm: what is there
 */
struct copy {
	struct vmap_area va;
	struct vm_struct vm;
};

/* Under the tree's lock: a struct vm_struct is freed only after its area has left the tree. */
static bool read_area(struct mt_vmap_area *area, struct copy *copy, unsigned long entry)
{
	struct vmap_area *va = &copy->va;
	struct vm_struct *vm = &copy->vm;

	if (!mt_kread(va, entry - offsetof(struct vmap_area, rb_node), sizeof(*va)) ||
	    va->va_end <= va->va_start)
		return false;
	*area = (struct mt_vmap_area) {
		.start = va->va_start,
		.bytes = va->va_end - va->va_start,
		.use = MT_VMAP_RAM,
	};
	if (!va->vm)
		return true;
	if (!mt_kread(vm, (unsigned long)va->vm, sizeof(*vm)))
		return false;
	area->caller = (unsigned long)vm->caller;
	area->use = use_of(vm->flags);
	if (!(vm->flags & VM_NO_GUARD) && area->bytes > PAGE_SIZE)
		area->bytes -= PAGE_SIZE;
	/* vmap() with VM_MAP_PUT_PAGES has pages too, but they are not in VmallocUsed */
	if (area->use == MT_VMAP_ALLOC || area->use == MT_VMAP_USER)
		area->pages = vm->nr_pages;
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
 * @copy: the last area, as the kernel has it
 * @packs: areas of BPF's
 * @areas: the copies
 */
struct chunk {
	const struct mt_vmap_tree *tree;
	unsigned long from;
	unsigned long next;
	unsigned int nr;
	int error;
	struct copy copy;
	struct mt_vmap_packs packs;
	struct mt_vmap_area areas[CHUNK];
};

static void copy_chunk(void *arg)
{
	const long to_key = (long)offsetof(struct vmap_area, va_start) -
			    (long)offsetof(struct vmap_area, rb_node);
	struct chunk *chunk = arg;
	unsigned long entry;

	chunk->nr = 0;
	chunk->next = 0;
	entry = mt_krbtree_lower_bound(chunk->tree->root, to_key, chunk->from);
	while (entry) {
		if (!read_area(&chunk->areas[chunk->nr], &chunk->copy, entry)) {
			chunk->error = -EFAULT;
			return;
		}
		chunk->areas[chunk->nr].tree = chunk->tree;
		if (++chunk->nr == CHUNK) {
			chunk->next = chunk->copy.va.va_end;
			return;
		}
		entry = mt_krbtree_next(entry);
	}
}

static int visit_tree(const struct mt_vmap_tree *tree, struct chunk *chunk, mt_vmap_visit_t visit,
		      void *arg)
{
	unsigned int tries = 0;
	unsigned int i;
	int err;

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
		for (i = 0; i < chunk->nr; i++) {
			struct mt_vmap_area *area = &chunk->areas[i];

			if (area->use == MT_VMAP_ALLOC &&
			    mt_vmap_packs_have(&chunk->packs, area->start))
				area->use = MT_VMAP_BPF;
			err = visit(area, arg);
			if (err)
				return err;
		}
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
		struct mt_vmap_tree tree = {
			.root = node + mt_vmap_node_root.offset,
			.lock = (spinlock_t *)(node + mt_vmap_node_lock.offset),
		};

		err = visit_tree(&tree, chunk, visit, arg);
		if (err && !first_err)
			first_err = err;
		if (err == -EINTR || err == -ETIME)
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
 * after a fatal signal, -ETIME if @visit found that it takes too long.
 */
int mt_vmap_for_each(mt_vmap_visit_t visit, void *arg)
{
	struct chunk *chunk;
	int err = -EOPNOTSUPP;

	chunk = mt_memory_alloc(sizeof(*chunk));
	if (!chunk)
		return -ENOMEM;
	mt_vmap_packs_read(&chunk->packs);
	if (mt_vmap_node_table.state == MT_RELO_READY) {
		err = visit_nodes(chunk, visit, arg);
	} else if (mt_vmap_tree_table.state == MT_RELO_READY) {
		struct mt_vmap_tree tree = {
			.root = mt_sym_vmap_area_root,
			.lock = (spinlock_t *)mt_sym_vmap_area_lock,
		};

		err = visit_tree(&tree, chunk, visit, arg);
	}
	mt_memory_free(chunk);
	return err;
}

/*
 * struct lookup - pages of an area that is being looked for again
 * @area: the area
 * @offset: bytes from its start to the first page
 * @nr: how many
 * @pfns: gets their page frames
 * @found: the area still stands there
 */
struct lookup {
	const struct mt_vmap_area *area;
	unsigned long offset;
	unsigned int nr;
	unsigned long *pfns;
	bool found;
};

static void look_up(void *arg)
{
	const long to_key = (long)offsetof(struct vmap_area, va_start) -
			    (long)offsetof(struct vmap_area, rb_node);
	struct lookup *lookup = arg;
	const struct mt_vmap_area *area = lookup->area;
	struct mt_vmap_area now;
	struct copy copy;
	unsigned long entry;
	unsigned int i;

	entry = mt_krbtree_lower_bound(area->tree->root, to_key, area->start);
	lookup->found = entry && read_area(&now, &copy, entry) && now.start == area->start &&
			now.bytes == area->bytes && now.is_chunk == area->is_chunk;
	for (i = 0; lookup->found && i < lookup->nr; i++) {
		const void *at = (const void *)(area->start + lookup->offset + i * PAGE_SIZE);
		const struct page *page = is_vmalloc_addr(at) ? vmalloc_to_page(at) : NULL;

		lookup->pfns[i] = page ? page_to_pfn(page) : ULONG_MAX;
	}
}

/**
 * mt_vmap_pages() - the page frames that are mapped in an area
 * @area: the area, as the visitor got it
 * @offset: bytes from its start to the first page
 * @nr: how many, at most MT_VMAP_PAGES
 * @pfns: gets them, ULONG_MAX where none is mapped
 *
 * The page tables are read under the lock that an area has to take to leave its tree, and only if
 * the area still stands there: its addresses are given to nobody else before it has left. So nobody
 * else maps there, and no table is replaced by a huge page and freed meanwhile
 * (pmd_free_pte_page()); the owner only writes the lowest entries.
 *
 * Context: process context, no lock held, in a visit. Takes the kernel's vmap lock.
 * Return: 0; -ENOENT if the area is gone, -EBUSY if the lock was not to be had.
 */
int mt_vmap_pages(const struct mt_vmap_area *area, unsigned long offset, unsigned int nr,
		  unsigned long *pfns)
{
	struct lookup lookup = {
		.area = area,
		.offset = offset,
		.nr = min_t(unsigned int, nr, MT_VMAP_PAGES),
		.pfns = pfns,
	};
	unsigned int tries;

	for (tries = 0; tries < TRIES; tries++) {
		if (mt_klock_spin(&mt_klock_vmap, area->tree->lock, look_up, &lookup))
			return lookup.found ? 0 : -ENOENT;
		cond_resched();
	}
	return -EBUSY;
}
