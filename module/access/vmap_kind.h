/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_VMAP_KIND_H
#define MT_VMAP_KIND_H

#include "access/vmap.h"

/**
 * enum mt_vmap_kind - what an area is for, as far as its flags and its caller tell
 * @MT_KIND_VMALLOC: none of the others
 * @MT_KIND_VMAP: maps pages that somebody else allocated
 * @MT_KIND_IOREMAP: device memory
 * @MT_KIND_STACK: a task's or an interrupt's stack
 * @MT_KIND_MODULE: a module's code or data
 * @MT_KIND_BPF: a BPF program or map
 * @MT_KIND_PERCPU: the percpu allocator's own, or a chunk of it
 * @MT_KIND_USER: may be mapped into a process
 * @MT_KIND_OTHER: an area with none of the known flags
 * @MT_NR_KINDS: how many there are
 */
enum mt_vmap_kind {
	MT_KIND_VMALLOC,
	MT_KIND_VMAP,
	MT_KIND_IOREMAP,
	MT_KIND_STACK,
	MT_KIND_MODULE,
	MT_KIND_BPF,
	MT_KIND_PERCPU,
	MT_KIND_USER,
	MT_KIND_OTHER,
	MT_NR_KINDS,
};

enum mt_vmap_kind mt_vmap_kind(enum mt_vmap_use use, const char *caller);
const char *mt_vmap_kind_name(enum mt_vmap_kind kind);

#endif /* MT_VMAP_KIND_H */
