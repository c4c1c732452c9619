/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The second oracle: what the kernel's own files say.
 */
#ifndef MEMTRIAGE_ORACLE_H
#define MEMTRIAGE_ORACLE_H

#include <stdbool.h>

long long oracle_value(const char *path, const char *key);
long long oracle_meminfo(const char *key);
long long oracle_vmstat(const char *key);
long long oracle_file(const char *path);
long long oracle_slab_cache(const char *dir, const char *attribute);
bool oracle_slab_dir(const char *name, char *dir, int bytes);
long long oracle_pcp_kb(void);
int oracle_log_lines(const char *part);
long long oracle_first_chunk_kb(void);
bool oracle_has_symbol(const char *symbol);
bool oracle_has_parameter(const char *parameter);
int oracle_cpus(void);
int oracle_write(const char *path, const char *text);
void oracle_settle(void);

#endif /* MEMTRIAGE_ORACLE_H */
