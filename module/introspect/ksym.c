// SPDX-License-Identifier: GPL-2.0
/*
 * ksym.c - knows how to find a kernel symbol by name, and how to print one.
 *
 * kallsyms_lookup_name() lost its export in Linux kernel commit 0bd476e6c671 ("kallsyms: unexport
 * kallsyms_lookup_name() and kallsyms_on_each_symbol()") (in v5.7). register_kprobe() still
 * resolves a name for us; the probe is registered disabled, so no text is patched.
 *
 * A function that nothing in the kernel calls through a pointer has its ENDBR instruction sealed
 * away on x86 kernels built with X86_KERNEL_IBT: an indirect call to it is a panic on hardware
 * that enforces IBT. The calls are therefore module-local static calls, which are patched into
 * direct ones. The two here are the only unexported functions this module calls; everything else
 * it needs is data, and data needs no call.
 */
#include "introspect/ksym.h"

#include <linux/errno.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/static_call.h>
#include <linux/string.h>

static unsigned long lookup_nothing(const char *name)
{
	return 0;
}

DEFINE_STATIC_CALL(mt_lookup_name, lookup_nothing);

static int visit_nothing(int (*visit)(void *arg, const char *name, struct module *module,
				      unsigned long addr), void *arg)
{
	return 0;
}

/* In this form before Linux kernel commit 3703bd54cd37, see MT_KALLSYMS_TELLS_MODULE. */
DEFINE_STATIC_CALL(mt_on_each_symbol, visit_nothing);

static bool ready;

/**
 * mt_ksym_init() - find kallsyms_lookup_name()
 *
 * Context: process context, may sleep; once, before any other function of this file.
 * Return: 0, or what register_kprobe() said (-ENOENT, -EOPNOTSUPP without CONFIG_KPROBES): then
 * every later look-up finds nothing.
 */
int mt_ksym_init(void)
{
	struct kprobe probe = {
		.symbol_name = "kallsyms_lookup_name",
		.flags = KPROBE_FLAG_DISABLED,
	};
	unsigned long (*lookup)(const char *name);
	int err;

	err = register_kprobe(&probe);
	if (err)
		return err;
	/* past the ENDBR where there is one: a direct call does not need it */
	lookup = (void *)probe.addr;
	unregister_kprobe(&probe);

	static_call_update(mt_lookup_name, lookup);
	ready = true;
	return 0;
}

/**
 * mt_ksym_ready() - can symbols be looked up at all?
 *
 * Context: any.
 * Return: true after a successful mt_ksym_init().
 */
bool mt_ksym_ready(void)
{
	return ready;
}

/**
 * mt_ksym_data() - the address of a variable, or of a function that is to be probed
 * @name: its name if it is the kernel's own, or "module:name" for one of a module's
 *
 * A bare name is never looked for in modules, which may have variables of any name: ours do.
 *
 * Linear in the size of the symbol table before Linux kernel commit 60443c88f3a8 ("kallsyms:
 * Improve the performance of kallsyms_lookup_name()") (in v6.2): milliseconds, so each lets others
 * have the CPU. Look up once, and many with mt_ksym_find_all().
 *
 * Context: process context, may sleep.
 * Return: the address, or 0.
 */
unsigned long mt_ksym_data(const char *name)
{
	unsigned long addr = static_call(mt_lookup_name)(name);
	char module[MODULE_NAME_LEN];
	char symbol[KSYM_NAME_LEN];

	cond_resched();
	if (!addr || strchr(name, ':'))
		return addr;
	if (!mt_ksym_format(symbol, sizeof(symbol), addr, module, sizeof(module)) ||
	    strcmp(module, "vmlinux"))
		return 0;
	return addr;
}

/** BUCKETS - of names by their first two bytes: each of 100,000 symbols meets few or none */
#define BUCKETS		64

/** VISITED_AT_ONCE - symbols between two offers of the CPU to others */
#define VISITED_AT_ONCE	1024

/**
 * struct search - many names that are looked for at once
 * @names: what is looked for
 * @addrs: gets the addresses
 * @next: the next of the same bucket, plus one; 0 ends
 * @first: the first of each bucket, plus one
 * @end: the address of the kernel's last symbol that matters: behind it are modules
 * @nr_visited: symbols seen so far
 */
struct search {
	const char * const *names;
	unsigned long *addrs;
	u8 next[MT_KSYM_NAMES];
	u8 first[BUCKETS];
	unsigned long end;
	u32 nr_visited;
};

static u32 bucket_of(const char *name)
{
	return ((u8)name[0] * 7 + (name[0] ? (u8)name[1] : 0)) % BUCKETS;
}

static int take_symbol(void *arg, const char *name, struct module *module, unsigned long addr)
{
	struct search *search = arg;
	u32 i;

	if (++search->nr_visited % VISITED_AT_ONCE == 0)
		cond_resched();
	for (i = search->first[bucket_of(name)]; i; i = search->next[i - 1]) {
		/* of several of one name, the first, as a look-up does */
		if (!search->addrs[i - 1] && !strcmp(name, search->names[i - 1]))
			search->addrs[i - 1] = addr;
	}
	/* Modules are visited behind the kernel, with a lock that is not ours to take. */
	return addr == search->end || module;
}

/**
 * mt_ksym_find_all() - the addresses of many variables of the kernel's own, in one pass
 * @names: what they are called, MT_KSYM_NAMES at most
 * @addrs: gets the address of each, 0 if there is none
 * @nr: how many
 *
 * Only where a look-up is a pass itself: see mt_ksym_data(). The kernels before v6.2 that have its
 * mend backported have kallsyms_lookup_names(), too.
 *
 * Context: process context, may sleep; at load.
 * Return: 0; -EOPNOTSUPP if names are better looked up one by one; -E2BIG.
 */
int mt_ksym_find_all(const char * const *names, unsigned long *addrs, u32 nr)
{
	struct search search = { .names = names, .addrs = addrs };
	typeof(visit_nothing) *each;
	unsigned long end;
	u32 i;

	if (!MT_KALLSYMS_TELLS_MODULE || mt_ksym_data("kallsyms_lookup_names"))
		return -EOPNOTSUPP;
	each = (void *)mt_ksym_data("kallsyms_on_each_symbol");
	end = mt_ksym_data("_end");
	if (!each || !end)
		return -EOPNOTSUPP;
	if (nr > MT_KSYM_NAMES)
		return -E2BIG;

	search.end = end;
	for (i = nr; i; i--) {
		u32 bucket = bucket_of(names[i - 1]);

		addrs[i - 1] = 0;
		search.next[i - 1] = search.first[bucket];
		search.first[bucket] = i;
	}
	static_call_update(mt_on_each_symbol, each);
	static_call(mt_on_each_symbol)(take_symbol, &search);
	return 0;
}

/**
 * mt_ksym_format() - print an address as name+offset, never as a number
 * @buf: where the text goes
 * @size: bytes in @buf
 * @addr: an address in kernel or module text
 * @module: where the module's name goes, "vmlinux" for the kernel's own, "-" unknown
 * @module_size: bytes in @module
 *
 * The size that the kernel prints after the offset is dropped: for the last symbol of a module it
 * is garbage on old kernels.
 *
 * Context: any. Tens of microseconds and more on kernels before v6.2: not under a lock.
 * Return: false if no symbol covers @addr, for example because its module was unloaded; @buf then
 * says so in words.
 */
bool mt_ksym_format(char *buf, size_t size, unsigned long addr, char *module, size_t module_size)
{
	char text[KSYM_SYMBOL_LEN];
	char *mark;

	sprint_symbol(text, addr);
	if (!strncmp(text, "0x", 2)) {
		strscpy(buf, "(no symbol: unloaded or freed text)", size);
		strscpy(module, "-", module_size);
		return false;
	}

	mark = strchr(text, '[');
	if (mark) {
		char *end = strpbrk(mark, "] ");

		if (end)
			*end = '\0';
		strscpy(module, mark + 1, module_size);
	} else {
		strscpy(module, "vmlinux", module_size);
	}

	mark = strpbrk(text, "/ ");
	if (mark)
		*mark = '\0';
	strscpy(buf, text, size);
	return true;
}
