/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Those who look for suspects, each in one kind of evidence; of suspects of one size, the first
 * here is told first. Included with different meanings of JUDGE(), so no include guard.
 */
JUDGE(share)
JUDGE(tasks)
JUDGE(tmpfs)
JUDGE(cgroups)
JUDGE(sockets)
JUDGE(unmapped)
JUDGE(unevictable)
JUDGE(ghost)
JUDGE(counter_drift)
JUDGE(balloon)
JUDGE(vmalloc)
JUDGE(slab)
JUDGE(uncached)
