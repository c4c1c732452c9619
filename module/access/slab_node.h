/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_NODE_H
#define MT_SLAB_NODE_H

#include <linux/types.h>

bool mt_slab_node_known(void);
bool mt_slab_node_find(unsigned long cache, int nid, unsigned long *node, unsigned long *barn);

#endif /* MT_SLAB_NODE_H */
