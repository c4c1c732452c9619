// SPDX-License-Identifier: GPL-2.0
/*
 * vmap_kind.c - knows what the caller of vmalloc says about the purpose of its area.
 *
 * Locking: none. Consistency: pure.
 */
#include "access/vmap_kind.h"

#include <linux/kernel.h>
#include <linux/string.h>

/*
 * struct caller_kind - what the name of a caller says about the purpose of its area
 * @prefix: what the function's name starts with
 * @kind: the purpose
 *
 * The allocator knows only flags; these names are the public record of who asks for what. The
 * caller is the return address in the first function outside the allocator that is not inlined,
 * which for stacks and modules depends on the compiler: hence several names each.
 */
struct caller_kind {
	const char *prefix;
	enum mt_vmap_kind kind;
};

static const struct caller_kind caller_kinds[] = {
	{ "alloc_thread_stack_node", MT_KIND_STACK },
	{ "dup_task_struct", MT_KIND_STACK },
	{ "copy_process", MT_KIND_STACK },
	{ "kernel_clone", MT_KIND_STACK },
	{ "_do_fork", MT_KIND_STACK },
	{ "create_io_thread", MT_KIND_STACK },
	{ "fork_idle", MT_KIND_STACK },
	{ "scs_alloc", MT_KIND_STACK },
	{ "init_irq_stacks", MT_KIND_STACK },
	{ "module_alloc", MT_KIND_MODULE },
	{ "module_memory_alloc", MT_KIND_MODULE },
	{ "move_module", MT_KIND_MODULE },
	{ "layout_and_allocate", MT_KIND_MODULE },
	{ "load_module", MT_KIND_MODULE },
	{ "execmem_", MT_KIND_MODULE },
	{ "bpf_", MT_KIND_BPF },
	{ "__bpf_", MT_KIND_BPF },
	{ "pcpu_", MT_KIND_PERCPU },
};

static const char *const kind_names[] = {
	[MT_KIND_VMALLOC] = "vmalloc",
	[MT_KIND_VMAP] = "vmap",
	[MT_KIND_IOREMAP] = "ioremap",
	[MT_KIND_STACK] = "stack",
	[MT_KIND_MODULE] = "module",
	[MT_KIND_BPF] = "bpf",
	[MT_KIND_PERCPU] = "percpu",
	[MT_KIND_USER] = "user",
	[MT_KIND_OTHER] = "other",
};

/**
 * mt_vmap_kind() - what an area is for
 * @use: what its flags tell
 * @caller: name of the function that asked for it
 *
 * Context: any.
 * Return: the kind.
 */
enum mt_vmap_kind mt_vmap_kind(enum mt_vmap_use use, const char *caller)
{
	unsigned int i;

	switch (use) {
	case MT_VMAP_IOREMAP:
		return MT_KIND_IOREMAP;
	case MT_VMAP_USER:
		return MT_KIND_USER;
	case MT_VMAP_BPF:
		return MT_KIND_BPF;
	case MT_VMAP_MAP:
	case MT_VMAP_RAM:
		return MT_KIND_VMAP;
	case MT_VMAP_OTHER:
		return MT_KIND_OTHER;
	case MT_VMAP_ALLOC:
		break;
	}
	for (i = 0; i < ARRAY_SIZE(caller_kinds); i++) {
		if (!strncmp(caller, caller_kinds[i].prefix, strlen(caller_kinds[i].prefix)))
			return caller_kinds[i].kind;
	}
	return MT_KIND_VMALLOC;
}

/**
 * mt_vmap_kind_name() - the word for a kind
 * @kind: the kind
 *
 * Context: any.
 * Return: the word.
 */
const char *mt_vmap_kind_name(enum mt_vmap_kind kind)
{
	return kind_names[kind];
}
