// SPDX-License-Identifier: GPL-2.0
/*
 * image.c - knows the words of the kernel's own variables, and of those of its modules.
 *
 * The static variables are the roots from which everything else in the kernel hangs: who holds a
 * thing is the variable in which its address stands. They are read a page at a time, in place.
 *
 * A part of .bss is given back to the page allocator at boot and used for anything since (seen on
 * every kernel: half a thousand pages from __start_bss_decrypted_unused on), so a page of the image
 * counts only while it is reserved.
 *
 * Locking: RCU while the list of modules is copied. Nothing while their words are read: a module
 * may go meanwhile. Its pages are then gone, which a fault-tolerant read notices, or belong to
 * another one, which mt_image_recheck() notices.
 * Consistency: none between words.
 */
#include "access/image.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/string.h>

#include "access/image_layout.h"
#include "introspect/kread.h"
#include "memory.h"

#define MAX_MODULES	4096

/* The name of the kernel among its modules. */
#define VMLINUX		"vmlinux"

/* What a module has: constants, variables that are read-only after init, variables, text. */
#define MODULE_PARTS	4

/* What the kernel has: data, bss, variables that are read-only after init, text. */
#define KERNEL_PARTS	4

static void add_part(struct mt_image *image, unsigned long from, unsigned long to,
		     enum mt_image_kind kind)
{
	if (!from || to <= from)
		return;
	image->parts[image->nr_parts++] = (struct mt_image_part) {
		.from = from,
		.to = to,
		.module = image->nr_modules - 1,
		.kind = kind,
	};
}

static void add_kernel(struct mt_image *image)
{
	image->nr_modules = 1;
	image->modules[MT_IMAGE_VMLINUX] = (struct mt_image_module) { .name = VMLINUX };
	add_part(image, mt_sym_sdata, mt_sym_edata, MT_IMAGE_DATA);
	add_part(image, mt_sym_bss_start, mt_sym_bss_stop, MT_IMAGE_DATA);
	add_part(image, mt_sym_start_ro_after_init, mt_sym_end_ro_after_init, MT_IMAGE_DATA);
	if (mt_image_text_table.state == MT_RELO_READY)
		add_part(image, mt_sym_stext, mt_sym_etext, MT_IMAGE_TEXT);
}

/* For the places of its members only: it is read with mt_kread(). */
static const struct module *as_module(unsigned long module)
{
	return (const struct module *)module;
}

#ifdef MT_HAVE_MOD_RODATA

/*
 * Linux kernel commit ac3b43283923 ("module: replace module_layout with module_memory") (in v6.4)
 */
static bool add_module_parts(struct mt_image *image, unsigned long module)
{
	static const struct {
		enum mod_mem_type type;
		enum mt_image_kind kind;
	} types[] = {
		{ MOD_TEXT, MT_IMAGE_TEXT },
		{ MOD_RODATA, MT_IMAGE_RODATA },
		{ MOD_RO_AFTER_INIT, MT_IMAGE_DATA },
		{ MOD_DATA, MT_IMAGE_DATA },
	};
	unsigned int i;

	BUILD_BUG_ON(ARRAY_SIZE(types) > MODULE_PARTS);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		struct module_memory memory;
		unsigned long from;

		if (!mt_kread(&memory, (unsigned long)&as_module(module)->mem[types[i].type],
			      sizeof(memory)))
			return false;
		from = (unsigned long)memory.base;
		add_part(image, from, from + memory.size, types[i].kind);
	}
	return true;
}

#else

static bool add_module_parts(struct mt_image *image, unsigned long module)
{
	struct module_layout layout;
	unsigned long base;

	if (!mt_kread(&layout, (unsigned long)&as_module(module)->core_layout, sizeof(layout)))
		return false;
	base = (unsigned long)layout.base;
	add_part(image, base, base + layout.text_size, MT_IMAGE_TEXT);
	add_part(image, base + layout.text_size, base + layout.ro_size, MT_IMAGE_RODATA);
	add_part(image, base + layout.ro_size, base + layout.ro_after_init_size, MT_IMAGE_DATA);
	add_part(image, base + layout.ro_after_init_size, base + layout.size, MT_IMAGE_DATA);
	return true;
}

#endif

static bool add_module(struct mt_image *image, unsigned long module)
{
	struct mt_image_module *out = &image->modules[image->nr_modules];
	enum module_state state;

	if (!mt_kread(&state, (unsigned long)&as_module(module)->state, sizeof(state)))
		return false;
	/* being set up: its parts are not known yet */
	if (state == MODULE_STATE_UNFORMED)
		return true;
	*out = (struct mt_image_module) {
		.id = module,
		.ours = module == (unsigned long)THIS_MODULE,
	};
	if (!mt_kread_string(out->name, (unsigned long)as_module(module)->name,
			     sizeof(out->name)))
		return false;
	image->nr_modules++;
	return add_module_parts(image, module);
}

/* Under RCU: a struct module is freed only a grace period after it has left the list. */
static bool read_modules(struct mt_image *image, unsigned int room)
{
	struct mt_klist walk;
	unsigned long entry;

	image->error = 0;
	mt_klist_start(&walk, mt_sym_modules, MAX_MODULES);
	while ((entry = mt_klist_next(&walk))) {
		if (image->nr_modules == room)
			return false;
		if (!add_module(image, entry - offsetof(struct module, list)))
			image->error = -EFAULT;
	}
	if (walk.error)
		image->error = walk.error;
	return true;
}

/**
 * mt_image_read() - find out where the variables are
 * @image: gets it; give it back with mt_image_free() on success
 *
 * Context: process context, no lock held, may sleep.
 * Return: 0, also when @image->error says that modules are missing; -EOPNOTSUPP if this kernel's
 * sections are unknown; -ENOMEM; -E2BIG.
 */
int mt_image_read(struct mt_image *image)
{
	unsigned int room = 128;
	bool complete = false;

	*image = (struct mt_image) { };
	if (mt_image_table.state != MT_RELO_READY)
		return -EOPNOTSUPP;
	for (; !complete && room <= MAX_MODULES; room *= 2) {
		image->modules = mt_memory_alloc(room * sizeof(*image->modules));
		image->parts = mt_memory_alloc((KERNEL_PARTS + room * MODULE_PARTS) *
					       sizeof(*image->parts));
		if (!image->modules || !image->parts) {
			mt_image_free(image);
			return -ENOMEM;
		}
		image->nr_parts = 0;
		add_kernel(image);
		if (mt_image_modules_table.state != MT_RELO_READY) {
			image->error = -EOPNOTSUPP;
			return 0;
		}
		rcu_read_lock();
		complete = read_modules(image, room);
		rcu_read_unlock();
		if (!complete)
			mt_image_free(image);
	}
	return complete ? 0 : -E2BIG;
}

/**
 * mt_image_free() - give back what mt_image_read() allocated
 * @image: the image
 *
 * Context: process context, may sleep.
 */
void mt_image_free(struct mt_image *image)
{
	mt_memory_free(image->modules);
	mt_memory_free(image->parts);
	image->modules = NULL;
	image->parts = NULL;
	image->nr_modules = 0;
	image->nr_parts = 0;
}

/**
 * mt_image_module_name() - the name of the kernel or of a module
 * @image: the image, or what mt_image_read() left of it when it failed
 * @module: its index there
 *
 * That the kernel gave a name is seen at the name: nothing else need be known.
 *
 * Context: any.
 * Return: the name; lives as long as the image.
 */
const char *mt_image_module_name(const struct mt_image *image, unsigned int module)
{
	return module == MT_IMAGE_VMLINUX ? VMLINUX : image->modules[module].name;
}

static bool has_module(const struct mt_image *image, const struct mt_image_module *module)
{
	unsigned int i;

	for (i = 0; i < image->nr_modules; i++) {
		if (image->modules[i].id == module->id &&
		    !strcmp(image->modules[i].name, module->name))
			return true;
	}
	return false;
}

/**
 * mt_image_recheck() - mark the modules that went since mt_image_read()
 * @image: the image
 *
 * To be called when the words have been read and before anything is made of them. Another module of
 * the same name in the same place passes for the one that was there.
 *
 * Context: process context, no lock held, may sleep.
 */
void mt_image_recheck(struct mt_image *image)
{
	struct mt_image now;
	bool known = !mt_image_read(&now) && !now.error;
	unsigned int i;

	for (i = MT_IMAGE_VMLINUX + 1; i < image->nr_modules; i++)
		image->modules[i].gone = !known || !has_module(&now, &image->modules[i]);
	mt_image_free(&now);
}

/* Page by page, with some bytes of the page before in front, where that is the same part's. */
struct reading {
	const struct mt_image *image;
	unsigned int kinds;
	size_t overlap;
	u64 deadline_ns;
	mt_image_bytes_t visit;
	void *arg;
	unsigned long unread;
	u8 *buffer;
};

/* A page of the kernel's image that was given back at boot may hold anything. */
static bool is_given_back(const struct mt_image_part *part, unsigned long addr)
{
	unsigned long pfn;

	if (part->module != MT_IMAGE_VMLINUX)
		return false;
	pfn = PHYS_PFN(__pa_symbol(addr));
	return !pfn_valid(pfn) || !PageReserved(pfn_to_page(pfn));
}

/* Among the kernel's variables is the first task's stack, with what anybody left on it. */
static bool is_stack(unsigned long addr)
{
	return addr - (unsigned long)task_stack_page(&init_task) < THREAD_SIZE;
}

static int read_part(struct reading *reading, const struct mt_image_part *part)
{
	u8 *page = reading->buffer + reading->overlap;
	unsigned long addr = part->from;
	size_t before = 0;

	while (addr < part->to) {
		size_t nr = min_t(size_t, PAGE_SIZE - offset_in_page(addr), part->to - addr);

		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
		if (reading->deadline_ns && ktime_get_ns() > reading->deadline_ns)
			return -ETIME;
		if (is_given_back(part, addr) || is_stack(addr)) {
			before = 0;
		} else if (!mt_kread(page, addr, nr)) {
			reading->unread++;
			before = 0;
		} else {
			reading->visit(part, addr - before, page - before, before + nr,
				       reading->arg);
			before = min(reading->overlap, before + nr);
			memmove(page - before, page + nr - before, before);
		}
		addr += nr;
	}
	return 0;
}

static bool is_asked_for(const struct reading *reading, const struct mt_image_part *part)
{
	return reading->kinds & MT_IMAGE_BIT(part->kind) &&
	       !reading->image->modules[part->module].ours;
}

/* The modules first: they are small, and must not be what is left out for want of time. */
static int read_parts(struct reading *reading)
{
	const struct mt_image *image = reading->image;
	unsigned int i;
	int err = 0;

	reading->buffer = mt_memory_alloc(reading->overlap + PAGE_SIZE);
	if (!reading->buffer)
		return -ENOMEM;
	for (i = 0; i < image->nr_parts && !err; i++) {
		if (image->parts[i].module != MT_IMAGE_VMLINUX &&
		    is_asked_for(reading, &image->parts[i]))
			err = read_part(reading, &image->parts[i]);
	}
	for (i = 0; i < image->nr_parts && !err; i++) {
		if (image->parts[i].module == MT_IMAGE_VMLINUX &&
		    is_asked_for(reading, &image->parts[i]))
			err = read_part(reading, &image->parts[i]);
	}
	mt_memory_free(reading->buffer);
	return err;
}

/**
 * mt_image_bytes() - read parts of the image, a page at a time
 * @image: the image
 * @kinds: of MT_IMAGE_BIT(): which parts; never those of this module
 * @overlap: bytes before each page that are visited again with it, to find what crosses its start
 * @deadline_ns: when to stop, in ktime_get_ns(); 0 for never
 * @visit: takes the bytes
 * @arg: handed to @visit
 *
 * Context: process context, no lock held, may sleep.
 * Return: 0; -ENOMEM; some was visited, but not all: -ETIME at the deadline, -EINTR after a fatal
 * signal. Pages that cannot be read are left out.
 */
int mt_image_bytes(const struct mt_image *image, unsigned int kinds, size_t overlap,
		   u64 deadline_ns, mt_image_bytes_t visit, void *arg)
{
	struct reading reading = {
		.image = image,
		.kinds = kinds,
		.overlap = overlap,
		.deadline_ns = deadline_ns,
		.visit = visit,
		.arg = arg,
	};

	return read_parts(&reading);
}

/* Variables stand where their type wants them, immediate operands anywhere. */
static void visit_words(const struct mt_image_part *part, unsigned long addr, const u8 *bytes,
			size_t nr, void *arg)
{
	const struct mt_image_scan *scan = arg;
	const unsigned long span = scan->max - scan->min;
	size_t step = part->kind == MT_IMAGE_TEXT ? 1 : sizeof(long);
	size_t at = part->kind == MT_IMAGE_TEXT ? 0 : ALIGN(addr, sizeof(long)) - addr;

	for (; at + sizeof(long) <= nr; at += step) {
		unsigned long value;

		memcpy(&value, bytes + at, sizeof(value));
		if (value - scan->min < span)
			scan->visit(part, addr + at, value, scan->arg);
	}
}

/**
 * mt_image_words() - search the image for the words of a range
 * @image: the image
 * @scan: what is searched for, and who takes it
 *
 * Our own variables are left out. A word that changes meanwhile is seen as it was or as it is.
 *
 * Context: process context, no lock held, may sleep. A few milliseconds for each 10 MB.
 * Return: as of mt_image_bytes().
 */
int mt_image_words(const struct mt_image *image, struct mt_image_scan *scan)
{
	struct reading reading = {
		.image = image,
		.kinds = scan->kinds,
		/* one byte less than a word: what lies in the overlap alone was seen */
		.overlap = scan->kinds & MT_IMAGE_BIT(MT_IMAGE_TEXT) ? sizeof(long) - 1 : 0,
		.deadline_ns = scan->deadline_ns,
		.visit = visit_words,
		.arg = scan,
	};
	int err = read_parts(&reading);

	scan->unread = reading.unread;
	return err;
}

/**
 * mt_image_find() - what is at an address?
 * @image: the image
 * @addr: any address
 *
 * Context: any.
 * Return: the part it lies in, or NULL.
 */
const struct mt_image_part *mt_image_find(const struct mt_image *image, unsigned long addr)
{
	unsigned int i;

	for (i = 0; i < image->nr_parts; i++) {
		if (addr >= image->parts[i].from && addr < image->parts[i].to)
			return &image->parts[i];
	}
	return NULL;
}

/**
 * mt_image_is_rodata() - is this a constant of the kernel's own?
 * @addr: any address
 *
 * Names in the kernel's constants are not copied when they are kept (kstrdup_const()), so a name
 * that stands there was given by code that is built in.
 *
 * Context: any.
 * Return: true if it is; false also if that is not known.
 */
bool mt_image_is_rodata(unsigned long addr)
{
	return mt_image_table.state == MT_RELO_READY && addr >= mt_sym_start_rodata &&
	       addr < mt_sym_end_rodata;
}
