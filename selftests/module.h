/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loading and unloading: memtriage.ko (MEMTRIAGE_KO) and memtriage_plant.ko (in
 * the directory MEMTRIAGE_KMOD).
 */
#ifndef MEMTRIAGE_MODULE_H
#define MEMTRIAGE_MODULE_H

#include <stdbool.h>

#define MEMTRIAGE	"memtriage"
#define PLANT		"memtriage_plant"
#define PLANT2		"memtriage_plant2"
#define LEAVER		"memtriage_leaver"

int module_load(const char *module, const char *parameters);
int module_unload_now(const char *module);
int module_unload(const char *module);
bool module_is_loaded(const char *module);
int module_set(const char *parameter, const char *value);
int module_reload(const char *parameters);

#endif /* MEMTRIAGE_MODULE_H */
