// SPDX-License-Identifier: GPL-2.0
/*
 * tasks.c - the report of processes: what each address space holds, and in how many descriptors.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/thread_info.h>

#include "access/task.h"
#include "access/vmstat.h"
#include "memory.h"
#include "snapshot.h"

#define PAGES_TO_KB(_pages) ((s64)(_pages) * (s64)(PAGE_SIZE / 1024))

/* Notes about single processes: more would be no notes any more. */
#define NOTED	8

/*
 * struct noted - a process that is worth a note
 * @pid: its number
 * @comm: its name
 * @others: processes that have its address space too
 */
struct noted {
	pid_t pid;
	char comm[TASK_COMM_LEN];
	u64 others;
};

/*
 * struct census - what is added up over all processes
 * @snap: gets the records
 * @processes: address spaces seen, that is records with figures
 * @anon_pages: of all of them; a page that several map is counted for each
 * @pgtables_bytes: of all of them
 * @user_stacks: threads of processes
 * @kernel_stacks: threads of the kernel
 * @sharing: processes that have the address space of another
 * @shared: those whose address space they have
 * @nr_shared: entries in @shared
 * @nr_exiting: processes that gave up their address space and have not ended
 * @exiting: the first of them
 */
struct census {
	struct mt_snapshot *snap;
	u64 processes;
	u64 anon_pages;
	u64 pgtables_bytes;
	u64 user_stacks;
	u64 kernel_stacks;
	u64 sharing;
	struct noted shared[NOTED];
	unsigned int nr_shared;
	u64 nr_exiting;
	struct noted exiting[NOTED];
};

static void note_shared(struct census *census, const struct mt_task *task)
{
	struct noted *noted = census->shared;
	unsigned int i;

	census->sharing++;
	for (i = 0; i < census->nr_shared && noted[i].pid != task->shares_with; i++)
		;
	if (i == NOTED)
		return;
	if (i == census->nr_shared) {
		census->nr_shared++;
		noted[i].pid = task->shares_with;
		strscpy(noted[i].comm, task->comm, sizeof(noted[i].comm));
	}
	noted[i].others++;
}

static void note_exiting(struct census *census, const struct mt_task *task)
{
	struct noted *noted;

	if (census->nr_exiting < NOTED) {
		noted = &census->exiting[census->nr_exiting];
		noted->pid = task->pid;
		strscpy(noted->comm, task->comm, sizeof(noted->comm));
	}
	census->nr_exiting++;
}

static void add_task(const struct mt_task *task, void *arg)
{
	enum mt_certainty certainty = task->memory != MT_TASK_OWN ? MT_UNKNOWN :
				      task->exact		  ? MT_EXACT :
								    MT_ESTIMATE;
	u64 rss_pages = task->anon_pages + task->file_pages + task->shmem_pages;
	struct census *census = arg;
	struct mt_cell cells[] = {
		mt_number(PAGES_TO_KB(rss_pages), certainty),
		mt_number(PAGES_TO_KB(task->anon_pages), certainty),
		mt_number(PAGES_TO_KB(task->file_pages), certainty),
		mt_number(PAGES_TO_KB(task->shmem_pages), certainty),
		mt_number(PAGES_TO_KB(task->swap_pages), certainty),
		task->memory == MT_TASK_OWN ? mt_exact(task->pgtables_bytes / 1024) : mt_unknown(),
		task->knows_fds ? mt_exact(task->fds) : mt_unknown(),
		mt_exact(task->pid),
		mt_text(task->comm),
	};

	switch (task->memory) {
	case MT_TASK_OWN:
		census->processes++;
		census->anon_pages += task->anon_pages;
		census->pgtables_bytes += task->pgtables_bytes;
		break;
	case MT_TASK_SHARED:
		note_shared(census, task);
		census->user_stacks += task->threads;
		return;
	case MT_TASK_EXITING:
		note_exiting(census, task);
		break;
	case MT_TASK_NONE:
		census->kernel_stacks += task->threads;
		return;
	}
	census->user_stacks += task->threads;
	mt_snapshot_add(census->snap, cells);
}

/* Which part of which account this explains, and what is left of it. */
static void print_accounts(struct mt_snapshot *snap, const struct census *census)
{
	s64 stacks_kB = (census->user_stacks + census->kernel_stacks) * (THREAD_SIZE / 1024);
	s64 anon_kB = PAGES_TO_KB(census->anon_pages);
	s64 tables_kB = census->pgtables_bytes / 1024;
	struct mt_vmstat *vmstat;
	s64 mapped_kB, all_tables_kB, all_stacks_kB;

	vmstat = mt_memory_alloc(sizeof(*vmstat));
	if (!vmstat)
		return;
	mt_vmstat_read(vmstat);
	mapped_kB = PAGES_TO_KB(vmstat->node[NR_ANON_MAPPED]);
	all_tables_kB = PAGES_TO_KB(mt_vmstat_page_tables(vmstat));
	all_stacks_kB = vmstat->node[NR_KERNEL_STACK_KB];
	mt_memory_free(vmstat);

	mt_snapshot_print(snap,
			  "LruAnon: anonymous %lld kB in processes, AnonPages %lld kB; the difference, %lld kB, is mapped by several, or came or went meanwhile",
			  anon_kB, mapped_kB, anon_kB - mapped_kB);
	mt_snapshot_print(snap,
			  "PageTables: %lld kB of processes, without their topmost level; %lld kB counted; the difference is %lld kB",
			  tables_kB, all_tables_kB, tables_kB - all_tables_kB);
	mt_snapshot_print(snap,
			  "Vmalloc: kernel stacks of %llu threads of processes and %llu of the kernel: %lld kB; KernelStack %lld kB",
			  census->user_stacks, census->kernel_stacks, stacks_kB, all_stacks_kB);
}

static int collect(struct mt_snapshot *snap)
{
	u64 until_ns = snap->budget_ns ? ktime_get_ns() + snap->budget_ns : 0;
	struct census *census;
	unsigned int i;
	int err;

	census = mt_memory_zalloc(sizeof(*census));
	if (!census)
		return -ENOMEM;
	census->snap = snap;
	err = mt_task_for_each(add_task, census, until_ns);
	if (err == -ENOMEM) {
		mt_memory_free(census);
		return err;
	}
	if (err == -ENOSPC)
		mt_snapshot_partial(snap,
				    "no room for all shared address spaces: some may be there twice");
	else if (err == -EAGAIN)
		mt_snapshot_partial(snap,
				    "out of time: of those with higher numbers only the large ones are there, roughly");
	else if (err)
		mt_snapshot_partial(snap,
				    "%s after %llu processes; those with higher numbers are missing",
				    err == -ETIME ? "out of time" : "interrupted",
				    census->processes);
	for (i = 0; i < census->nr_shared; i++)
		mt_snapshot_print(snap, "shared: pid %d (%s): %llu more processes have its memory",
				  census->shared[i].pid, census->shared[i].comm,
				  census->shared[i].others);
	if (census->sharing)
		mt_snapshot_print(snap, "shared: %llu processes are no record of their own",
				  census->sharing);
	for (i = 0; i < census->nr_exiting && i < NOTED; i++)
		mt_snapshot_print(snap, "exiting: pid %d (%s): what it still has is not told",
				  census->exiting[i].pid, census->exiting[i].comm);
	if (!err)
		print_accounts(snap, census);
	mt_memory_free(census);
	return 0;
}

static const struct mt_column columns[] = {
	{ .name = "rss_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "anon_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "file_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "shmem_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "swap_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "pgtables_kB", .type = MT_NUMBER, .sum = true },
	{ .name = "fds", .type = MT_NUMBER, .sum = true },
	{ .name = "pid", .type = MT_NUMBER },
	{ .name = "comm", .type = MT_TEXT },
};

const struct mt_collector mt_tasks_collector = {
	.name = "tasks",
	.form = MT_FORM_TABLE,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.collect = collect,
};
