/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_KSYM_H
#define MT_KSYM_H

#include <linux/types.h>

int mt_ksym_init(void);
bool mt_ksym_ready(void);
unsigned long mt_ksym_data(const char *name);
bool mt_ksym_format(char *buf, size_t size, unsigned long addr, char *module, size_t module_size);

#endif /* MT_KSYM_H */
