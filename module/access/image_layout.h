/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_IMAGE_LAYOUT_H
#define MT_IMAGE_LAYOUT_H

#include "introspect/relo.h"

/* Where the kernel's own variables and constants lie. */
extern unsigned long mt_sym_sdata;
extern unsigned long mt_sym_edata;
extern unsigned long mt_sym_bss_start;
extern unsigned long mt_sym_bss_stop;
extern unsigned long mt_sym_start_ro_after_init;
extern unsigned long mt_sym_end_ro_after_init;
extern unsigned long mt_sym_start_rodata;
extern unsigned long mt_sym_end_rodata;
extern struct mt_relo_table mt_image_table;

/* Its instructions. */
extern unsigned long mt_sym_stext;
extern unsigned long mt_sym_etext;
extern struct mt_relo_table mt_image_text_table;

/* The list of modules. */
extern unsigned long mt_sym_modules;
extern struct mt_relo_table mt_image_modules_table;

#endif /* MT_IMAGE_LAYOUT_H */
