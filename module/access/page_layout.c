// SPDX-License-Identifier: GPL-2.0
/*
 * page_layout.c - knows what the bounds of the kernel's image are called.
 */
#include "access/page_layout.h"

unsigned long mt_sym_text;
unsigned long mt_sym_bss_stop;

static struct mt_relo kernel_image_entries[] = {
	MT_SYMBOL(REQUIRED, mt_sym_text, "_text"),
	MT_SYMBOL(REQUIRED, mt_sym_bss_stop, "__bss_stop"),
};

MT_RELO_TABLE(mt_kernel_image_table, "kernel_image", kernel_image_entries);
