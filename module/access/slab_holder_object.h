/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SLAB_HOLDER_OBJECT_H
#define MT_SLAB_HOLDER_OBJECT_H

#include <linux/types.h>

struct mt_image;
struct mt_slab_holders;
struct mt_slab_list;

int mt_slab_holder_objects(struct mt_slab_holders *holders, const struct mt_image *image,
			   const struct mt_slab_list *list, const bool *skip);
int mt_slab_holder_hanging(struct mt_slab_holders *holders, const struct mt_image *image,
			   const struct mt_slab_list *list, const bool *skip);

#endif /* MT_SLAB_HOLDER_OBJECT_H */
