/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_TASK_H
#define MT_TASK_H

#include <linux/sched.h>
#include <linux/types.h>

/**
 * enum mt_task_memory - what a process has of an address space
 * @MT_TASK_OWN: one that no process before it in the walk has
 * @MT_TASK_SHARED: the one of another process (CLONE_VM, vfork), which was visited before
 * @MT_TASK_EXITING: none any more, but it has not ended: it may be giving the memory back just now
 * @MT_TASK_NONE: none, because it is a zombie or a kernel thread
 */
enum mt_task_memory {
	MT_TASK_OWN,
	MT_TASK_SHARED,
	MT_TASK_EXITING,
	MT_TASK_NONE,
};

/**
 * struct mt_task - one process, its threads folded, in plain values
 * @pid: its number in the first pid namespace
 * @comm: its name
 * @memory: what it has of an address space; the figures below are there with MT_TASK_OWN only
 * @shares_with: with MT_TASK_SHARED: the process that was visited with this address space
 * @threads: threads that have a kernel stack
 * @exact: the page figures are exact
 * @anon_pages: anonymous pages mapped, shared ones in each process that maps them
 * @file_pages: pages of files mapped, also of drivers
 * @shmem_pages: pages of tmpfs and shared memory mapped
 * @swap_pages: pages in swap
 * @pgtables_bytes: its page tables, without the topmost level
 * @knows_fds: @fds is there
 * @fds: descriptors in use
 */
struct mt_task {
	pid_t pid;
	char comm[TASK_COMM_LEN];
	enum mt_task_memory memory;
	pid_t shares_with;
	unsigned int threads;
	bool exact;
	u64 anon_pages;
	u64 file_pages;
	u64 shmem_pages;
	u64 swap_pages;
	u64 pgtables_bytes;
	bool knows_fds;
	u64 fds;
};

/**
 * typedef mt_task_visit_t - takes one process
 * @task: the process
 * @arg: the visitor's own
 *
 * Called without a lock, may sleep.
 */
typedef void (*mt_task_visit_t)(const struct mt_task *task, void *arg);

int mt_task_for_each(mt_task_visit_t visit, void *arg, u64 until_ns);

#endif /* MT_TASK_H */
