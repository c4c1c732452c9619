/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_CODE_H
#define MT_CODE_H

#include <linux/types.h>

struct mt_image;

/** MT_CODE_USES - uses of one address that are kept; what is used more often tells nothing */
#define MT_CODE_USES	24

/**
 * struct mt_code_target - an address, and the functions that use it
 * @addr: the address; never printed
 * @module: index of the module it is of: only that one's instructions are searched
 * @uses: addresses of the instructions; after mt_code_find() of the functions that they are in,
 *        in order, each one once
 * @nr: how many
 * @common: there were more than MT_CODE_USES: @nr is 0
 */
struct mt_code_target {
	unsigned long addr;
	unsigned int module;
	unsigned long uses[MT_CODE_USES];
	unsigned int nr;
	bool common;
};

int mt_code_find(const struct mt_image *image, struct mt_code_target *targets, unsigned int nr,
		 u64 deadline_ns);
bool mt_code_share(const struct mt_code_target *left, const struct mt_code_target *right);

#endif /* MT_CODE_H */
