/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_MODULE_BTF_H
#define MT_MODULE_BTF_H

#include <linux/types.h>

struct mt_field;

bool mt_module_btf_field(const char *module, const char *name, struct mt_field *field);

#endif /* MT_MODULE_BTF_H */
