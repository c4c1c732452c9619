// SPDX-License-Identifier: GPL-2.0
/*
 * super_layout.c - knows where the kernel keeps its list of all superblocks.
 */
#include "access/super_layout.h"

unsigned long mt_sym_super_blocks;
unsigned long mt_sym_sb_lock;

static struct mt_relo super_entries[] = {
	MT_SYMBOL(REQUIRED, mt_sym_super_blocks, "super_blocks"),
	MT_SYMBOL(REQUIRED, mt_sym_sb_lock, "sb_lock"),
};

MT_RELO_TABLE(mt_super_table, "super", super_entries);
