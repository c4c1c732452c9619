/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_KSYM_H
#define MT_KSYM_H

#include <linux/types.h>

/** MT_KSYM_NAMES - as many as mt_ksym_find_all() takes */
#define MT_KSYM_NAMES	192

int mt_ksym_init(void);
bool mt_ksym_ready(void);
unsigned long mt_ksym_data(const char *name);
int mt_ksym_find_all(const char * const *names, unsigned long *addrs, u32 nr);
bool mt_ksym_format(char *buf, size_t size, unsigned long addr, char *module, size_t module_size);

#endif /* MT_KSYM_H */
