// SPDX-License-Identifier: GPL-2.0
/*
 * probe.c - knows how to be told when a kernel function is entered, with what, and by whom.
 *
 * Only the entry, by a kprobe, which ftrace serves where the kernel has it. Never the return: a
 * kretprobe on a function puts its trampoline in the place of the return address, and on kernels
 * before Linux kernel commit 03bac0df2886 ("kprobes: Add kretprobe_find_ret_addr() for searching
 * return address") (in v5.16) the callers are lost behind it.
 *
 * A probe changes the kernel's text, which the rest of this module never does. So none is armed
 * unless a parameter asks for it, and disarming waits until no processor is inside.
 */
#include "introspect/probe.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/minmax.h>
#include <linux/ptrace.h>
#include <linux/stacktrace.h>
#include <linux/string.h>

#include <asm/barrier.h>

#include "introspect/kread.h"
#include "memory.h"

/* What the handler, the kprobe and ftrace stand on the stack with: six at most were seen. */
#define OWN_FRAMES	12

/* Where in a function its entry probe may be told to be: behind ENDBR and the call of ftrace. */
#define ENTRY_BYTES	32

/* struct mt_armed - what an armed probe has */
struct mt_armed {
	struct kprobe kprobe;
	unsigned long function;
	const struct mt_probe *probe;
};

static int enter(struct kprobe *kprobe, struct pt_regs *regs)
{
	const struct mt_armed *armed = container_of(kprobe, struct mt_armed, kprobe);
	struct mt_probe_hit hit = { .function = armed->function, .regs = regs };

	armed->probe->hit(&hit);
	return 0;
}

/**
 * mt_probe_arm() - probe the entry of a function from now on
 * @probe: the probe, not armed
 * @function: the function's address, as kallsyms has it
 *
 * Context: process context, may sleep.
 * Return: 0; -EOPNOTSUPP where the arguments of a function cannot be read; -ENOMEM; or what
 * register_kprobe() said.
 */
int mt_probe_arm(struct mt_probe *probe, unsigned long function)
{
	struct mt_armed *armed;
	int err;

	if (!IS_ENABLED(CONFIG_HAVE_FUNCTION_ARG_ACCESS_API))
		return -EOPNOTSUPP;
	armed = mt_memory_zalloc(sizeof(*armed));
	if (!armed)
		return -ENOMEM;
	armed->function = function;
	armed->probe = probe;
	armed->kprobe.addr = (kprobe_opcode_t *)function;
	armed->kprobe.pre_handler = enter;
	err = register_kprobe(&armed->kprobe);
	if (err) {
		mt_memory_free(armed);
		return err;
	}
	/* pairs with the address dependency in mt_probe_missed(), which other probes call */
	smp_store_release(&probe->armed, armed);
	return 0;
}

/**
 * mt_probe_disarm() - probe no more
 * @probes: the probes; one that is not armed is left alone
 * @nr: how many, MT_PROBES at most
 *
 * Context: process context, may sleep. Waits until no processor is inside any of them: what they
 * have in common may be freed afterwards.
 */
void mt_probe_disarm(struct mt_probe *const *probes, unsigned int nr)
{
	struct kprobe *kprobes[MT_PROBES];
	unsigned int nr_armed = 0;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (probes[i]->armed)
			kprobes[nr_armed++] = &probes[i]->armed->kprobe;
	}
	if (nr_armed)
		unregister_kprobes(kprobes, nr_armed);
	for (i = 0; i < nr; i++) {
		mt_memory_free(probes[i]->armed);
		probes[i]->armed = NULL;
	}
}

/**
 * mt_probe_missed() - how often the function was entered and the probe was not told
 * @probe: the probe
 *
 * That is while the same processor was inside another probe.
 *
 * Context: inside &struct mt_probe.hit, also of another probe that is disarmed with this one; or
 * where the probe is not being disarmed.
 * Return: how often since it was armed.
 */
unsigned long mt_probe_missed(const struct mt_probe *probe)
{
	const struct mt_armed *armed = READ_ONCE(probe->armed);

	return armed ? READ_ONCE(armed->kprobe.nmissed) : 0;
}

/**
 * mt_probe_argument() - an argument of the function that is being entered
 * @hit: the entry
 * @nr: which, from 0
 *
 * Context: any, inside &struct mt_probe.hit.
 * Return: the argument; the upper half of the word is undefined for an int.
 */
unsigned long mt_probe_argument(const struct mt_probe_hit *hit, unsigned int nr)
{
#ifdef CONFIG_HAVE_FUNCTION_ARG_ACCESS_API
	return regs_get_kernel_argument(hit->regs, nr);
#else
	return 0;
#endif
}

/* Where the function will return to, 0 if that cannot be told. */
static unsigned long caller_address(struct pt_regs *regs)
{
	unsigned long address = 0;

#if defined(CONFIG_X86)
	if (!mt_kread_ulong(kernel_stack_pointer(regs), &address))
		return 0;
#elif defined(procedure_link_pointer)
	/* on arm64 a macro that takes nothing but this name for its argument */
	address = procedure_link_pointer(regs);
#endif
	return address;
}

/**
 * mt_probe_callers() - who called the function that is being entered
 * @hit: the entry
 * @callers: gets the return addresses, the direct caller's first
 * @room: how many of them, MT_PROBE_CALLERS at most
 *
 * Context: any, inside &struct mt_probe.hit.
 * Return: how many; 0 if nothing is known.
 */
unsigned int mt_probe_callers(const struct mt_probe_hit *hit, unsigned long *callers,
			      unsigned int room)
{
	unsigned long frames[OWN_FRAMES + MT_PROBE_CALLERS];
	unsigned long address = caller_address(hit->regs);
	unsigned int nr_frames = 0;
	unsigned int nr = 0;
	unsigned int i;

#ifdef CONFIG_STACKTRACE
	nr_frames = stack_trace_save(frames, ARRAY_SIZE(frames), 0);
#endif
	/* The frames of this handler and of its way here come first. */
	for (i = 0; i < nr_frames && frames[i] != address; i++)
		;
	if (i == nr_frames) {
		/* Before the function has a frame of its own, not every architecture shows it. */
		if (address)
			callers[nr++] = address;
		for (i = 0; i < nr_frames && frames[i] - hit->function >= ENTRY_BYTES; i++)
			;
		i++;
	}
	for (; i < nr_frames && nr < room; i++)
		callers[nr++] = frames[i];
	return nr;
}
