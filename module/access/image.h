/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_IMAGE_H
#define MT_IMAGE_H

#include <linux/pgtable.h>
#include <linux/types.h>

/** MT_IMAGE_NAME - bytes for a module's name, NUL included */
#define MT_IMAGE_NAME	64

/** MT_IMAGE_VMLINUX - the index of the kernel itself among the modules */
#define MT_IMAGE_VMLINUX	0

/**
 * enum mt_image_kind - what a part of the image is
 * @MT_IMAGE_DATA: variables, also those that are read-only after init
 * @MT_IMAGE_RODATA: constants of a module; the kernel's own are many, and nobody looks there
 * @MT_IMAGE_TEXT: instructions
 */
enum mt_image_kind {
	MT_IMAGE_DATA,
	MT_IMAGE_RODATA,
	MT_IMAGE_TEXT,
};

/** MT_IMAGE_BIT() - a kind in a set of kinds */
#define MT_IMAGE_BIT(_kind)	(1U << (_kind))

/**
 * struct mt_image_module - the kernel or one of its modules
 * @id: tells modules apart while they are there; never printed and never dereferenced
 * @name: the module's name; "vmlinux"
 * @ours: it is this module, whose variables are no evidence
 * @gone: mt_image_recheck() did not find it any more: what was read there may be anything
 */
struct mt_image_module {
	unsigned long id;
	char name[MT_IMAGE_NAME];
	bool ours;
	bool gone;
};

/**
 * struct mt_image_part - addresses of one kind
 * @from: first address
 * @to: address behind the last
 * @module: whose: index into struct mt_image.modules
 * @kind: what they are
 */
struct mt_image_part {
	unsigned long from;
	unsigned long to;
	unsigned int module;
	enum mt_image_kind kind;
};

/**
 * struct mt_image - where the kernel and its modules keep variables, constants and instructions
 * @parts: by module
 * @nr_parts: how many
 * @modules: the kernel, then the modules
 * @nr_modules: how many
 * @error: 0 if these are all; -EOPNOTSUPP without the list of modules; -EFAULT, -ELOOP, -E2BIG if
 *         that broke off
 */
struct mt_image {
	struct mt_image_part *parts;
	unsigned int nr_parts;
	struct mt_image_module *modules;
	unsigned int nr_modules;
	int error;
};

/**
 * typedef mt_image_visit_t - takes one word
 * @part: where it stands
 * @addr: its address; a multiple of the size of a word, except in instructions
 * @value: the word
 * @arg: the visitor's own
 *
 * Called without a lock, may sleep.
 */
typedef void (*mt_image_visit_t)(const struct mt_image_part *part, unsigned long addr,
				 unsigned long value, void *arg);

/**
 * typedef mt_image_bytes_t - takes some bytes of a part
 * @part: where they stand
 * @addr: address of the first
 * @bytes: a copy of them
 * @nr: how many
 * @arg: the visitor's own
 *
 * Called without a lock, may sleep.
 */
typedef void (*mt_image_bytes_t)(const struct mt_image_part *part, unsigned long addr,
				 const u8 *bytes, size_t nr, void *arg);

/**
 * struct mt_image_scan - a search through the image
 * @kinds: of MT_IMAGE_BIT(): which parts
 * @min: the smallest value that is wanted
 * @max: the first value that is not wanted any more
 * @deadline_ns: when to stop, in ktime_get_ns(); 0 for never
 * @visit: takes each word of that range; words of instructions stand at any address
 * @arg: handed to @visit
 * @unread: set by the search: pages that could not be read
 */
struct mt_image_scan {
	unsigned int kinds;
	unsigned long min;
	unsigned long max;
	u64 deadline_ns;
	mt_image_visit_t visit;
	void *arg;
	unsigned long unread;
};

int mt_image_read(struct mt_image *image);
void mt_image_free(struct mt_image *image);
const char *mt_image_module_name(const struct mt_image *image, unsigned int module);
void mt_image_recheck(struct mt_image *image);
int mt_image_words(const struct mt_image *image, struct mt_image_scan *scan);
int mt_image_bytes(const struct mt_image *image, unsigned int kinds, size_t overlap,
		   u64 deadline_ns, mt_image_bytes_t visit, void *arg);
const struct mt_image_part *mt_image_find(const struct mt_image *image, unsigned long addr);
bool mt_image_is_rodata(unsigned long addr);

/**
 * mt_image_is_for_modules() - is this where modules are loaded?
 * @addr: any address
 *
 * Context: any.
 * Return: true if it is, whether a module is there now or not; false also on an architecture that
 * has no range of its own for modules.
 */
static inline bool mt_image_is_for_modules(unsigned long addr)
{
#ifdef MODULES_VADDR
	return addr >= MODULES_VADDR && addr < MODULES_END;
#else
	return false;
#endif
}

#endif /* MT_IMAGE_H */
