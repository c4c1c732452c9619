/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SUPER_LAYOUT_H
#define MT_SUPER_LAYOUT_H

#include "introspect/relo.h"

extern unsigned long mt_sym_super_blocks;
extern unsigned long mt_sym_sb_lock;
extern struct mt_relo_table mt_super_table;

#endif /* MT_SUPER_LAYOUT_H */
