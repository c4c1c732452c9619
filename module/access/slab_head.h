/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_HEAD_H
#define MT_SLAB_HEAD_H

#include <linux/types.h>

#include "access/image.h"

struct mt_slab_edges;
struct mt_slab_list;

/** MT_SLAB_HEADS - variables that are named at most */
#define MT_SLAB_HEADS		64

/** MT_SLAB_HEADS_OF - of these, of one chain: more of them say little */
#define MT_SLAB_HEADS_OF	4

/** MT_SLAB_HEAD_SYMBOL - bytes for the name of a variable, NUL included */
#define MT_SLAB_HEAD_SYMBOL	64

/**
 * struct mt_slab_head - a variable from which the objects of a chain of caches hang, or of a list
 * @edge: index of the edge that the chain begins with; from MT_SLAB_EDGES on, that of a link
 * @module: whose variable it is: "vmlinux" for the kernel's own
 * @symbol: its name
 */
struct mt_slab_head {
	unsigned int edge;
	char module[MT_IMAGE_NAME];
	char symbol[MT_SLAB_HEAD_SYMBOL];
};

/**
 * struct mt_slab_heads - all of them
 * @heads: the variables
 * @nr: how many
 * @error: 0 if these are all; -E2BIG if there are more; -ETIME, -EINTR if the search broke off
 */
struct mt_slab_heads {
	struct mt_slab_head heads[MT_SLAB_HEADS];
	unsigned int nr;
	int error;
};

int mt_slab_head_read(struct mt_slab_heads *heads, const struct mt_slab_list *list,
		      const struct mt_slab_edges *edges, u64 deadline_ns);

#endif /* MT_SLAB_HEAD_H */
