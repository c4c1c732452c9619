/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands to memtriage_plant.ko, and its truth: /proc/memtriage_plant/.
 */
#ifndef MEMTRIAGE_SELFTEST_PLANT_H
#define MEMTRIAGE_SELFTEST_PLANT_H

#include "kselftest.h"

#define PLANT_DIR	"/proc/memtriage_plant"

__printf(2, 3) int plant(const char *kind, const char *fmt, ...);
long long plant_truth(const char *kind, const char *key);

#endif /* MEMTRIAGE_SELFTEST_PLANT_H */
