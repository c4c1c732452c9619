// SPDX-License-Identifier: GPL-2.0
/*
 * image_layout.c - knows what the kernel's linker script calls the ends of its sections.
 */
#include "access/image_layout.h"

unsigned long mt_sym_sdata;
unsigned long mt_sym_edata;
unsigned long mt_sym_bss_start;
unsigned long mt_sym_bss_stop;
unsigned long mt_sym_start_ro_after_init;
unsigned long mt_sym_end_ro_after_init;
unsigned long mt_sym_start_rodata;
unsigned long mt_sym_end_rodata;

static struct mt_relo image_entries[] = {
	MT_SYMBOL(REQUIRED, mt_sym_sdata, "_sdata"),
	MT_SYMBOL(REQUIRED, mt_sym_edata, "_edata"),
	MT_SYMBOL(REQUIRED, mt_sym_bss_start, "__bss_start"),
	MT_SYMBOL(REQUIRED, mt_sym_bss_stop, "__bss_stop"),
	MT_SYMBOL(REQUIRED, mt_sym_start_ro_after_init, "__start_ro_after_init"),
	MT_SYMBOL(REQUIRED, mt_sym_end_ro_after_init, "__end_ro_after_init"),
	MT_SYMBOL(REQUIRED, mt_sym_start_rodata, "__start_rodata"),
	MT_SYMBOL(REQUIRED, mt_sym_end_rodata, "__end_rodata"),
};

MT_RELO_TABLE(mt_image_table, "image", image_entries);

unsigned long mt_sym_stext;
unsigned long mt_sym_etext;

static struct mt_relo image_text_entries[] = {
	MT_SYMBOL(REQUIRED, mt_sym_stext, "_stext"),
	MT_SYMBOL(REQUIRED, mt_sym_etext, "_etext"),
};

MT_RELO_TABLE(mt_image_text_table, "image_text", image_text_entries);

unsigned long mt_sym_modules;

static struct mt_relo image_modules_entries[] = {
	MT_SYMBOL(REQUIRED, mt_sym_modules, "modules"),
};

MT_RELO_TABLE(mt_image_modules_table, "image_modules", image_modules_entries);
