/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_MEMCG_LAYOUT_H
#define MT_MEMCG_LAYOUT_H

#include "introspect/relo.h"

extern struct mt_field mt_memcg_vmstats_state;
extern unsigned long mt_sym_mem_cgroup_stats_index;
extern struct mt_relo_table mt_memcg_vmstats_table;

extern unsigned long mt_sym_cgroup_memory_nokmem;
extern struct mt_relo_table mt_memcg_nokmem_table;

#endif /* MT_MEMCG_LAYOUT_H */
