// SPDX-License-Identifier: GPL-2.0
/*
 * memcg_layout.c - knows where each kernel keeps the statistics of a memory cgroup.
 */
#include "access/memcg_layout.h"

struct mt_field mt_memcg_vmstats_state;
unsigned long mt_sym_mem_cgroup_stats_index;

/*
 * Until v6.1 ("memcg: extract memcg_vmstats from struct mem_cgroup") the public struct mem_cgroup
 * held the figures, and there was no such struct.
 *
 * Linux kernel commit ff48c71c26aa ("memcg: reduce memory for the lruvec and memcg stats")
 * (in v6.10): the array has only the items that a cgroup uses, and an index says which is where.
 */
static struct mt_relo memcg_vmstats_entries[] = {
	MT_MEMBER(GATE, mt_memcg_vmstats_state, "memcg_vmstats.state"),
	MT_SYMBOL(ERA, mt_sym_mem_cgroup_stats_index, "mem_cgroup_stats_index"),
};

MT_RELO_TABLE(mt_memcg_vmstats_table, "memcg_vmstats", memcg_vmstats_entries);

unsigned long mt_sym_cgroup_memory_nokmem;

static struct mt_relo memcg_nokmem_entries[] = {
	MT_SYMBOL(REQUIRED, mt_sym_cgroup_memory_nokmem, "cgroup_memory_nokmem"),
};

MT_RELO_TABLE(mt_memcg_nokmem_table, "memcg_nokmem", memcg_nokmem_entries);
