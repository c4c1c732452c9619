/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_RUNNING_H
#define MT_RUNNING_H

#include <linux/types.h>

struct mt_btf;
struct mt_relo_source;
struct mt_relo_table;

void mt_running_expect(const struct mt_relo_table *table);
const struct mt_relo_source *mt_running_source(void);
void mt_running_resolve(struct mt_relo_table *table);
const struct mt_btf *mt_running_btf(void);
bool mt_running_hides(const char *name);
const char *mt_running_hide(void);

#endif /* MT_RUNNING_H */
