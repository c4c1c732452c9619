/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_PAGE_LAYOUT_H
#define MT_PAGE_LAYOUT_H

#include "introspect/relo.h"

/* The kernel's image: from its code to behind its data. */
extern unsigned long mt_sym_text;
extern unsigned long mt_sym_bss_stop;
extern struct mt_relo_table mt_kernel_image_table;

#endif /* MT_PAGE_LAYOUT_H */
