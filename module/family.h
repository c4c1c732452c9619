/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_FAMILY_H
#define MT_FAMILY_H

#include <linux/types.h>

struct mt_snapshot;

/** MT_FAMILY_NAME - bytes for a family's name, NUL included; a longer one is cut */
#define MT_FAMILY_NAME	64

bool mt_family_name(char family[MT_FAMILY_NAME], const char *names);
bool mt_family_same(const char *names, const char *others);
struct mt_snapshot *mt_family_fold(const struct mt_snapshot *report);

#endif /* MT_FAMILY_H */
