// SPDX-License-Identifier: GPL-2.0
/*
 * task.c - knows the processes and what their address spaces hold.
 *
 * Processes are found as /proc finds them, by number: the number is all that has to be remembered
 * between two parts of the walk, so nothing is held while others run, and a process that exits
 * meanwhile does not end the walk. Each part is copied out under RCU; what it sees is worked on
 * after that.
 *
 * An address space is read as the OOM killer does: under task_lock, where task->mm cannot go away,
 * without a reference that would have to be dropped (mmput() may have to free the whole of it,
 * here, in an incident) and without mmap_lock, which may be held by who waits for memory.
 *
 * Locking: RCU; task_lock of one task at a time, for the copying of some counters.
 * Consistency: a process that exists throughout is seen once; one that comes or goes meanwhile
 * once or not at all. The figures of one process are of one moment, those of two are not.
 */
#include "access/task.h"

#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/fdtable.h>
#include <linux/hash.h>
#include <linux/idr.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>

#include "access/haste.h"
#include "memory.h"

/* Processes that are copied out at once, and numbers that are looked at for them. */
#define CHUNK		32
#define CHUNK_STEPS	256

/* Threads of one process that are looked at one by one. */
#define MAX_THREADS	4096

/* Bits of the number of address spaces that are remembered: 24 bytes each, 3 MiB at most. */
#define FIRST_BITS	9
#define MAX_BITS	17

/*
 * struct space - an address space that may have several processes
 * @mm: its struct mm_struct: a name for it, never followed
 * @pid: the first process that was seen with it
 */
struct space {
	const struct mm_struct *mm;
	pid_t pid;
};

/*
 * struct walk - a walk over all processes
 * @next: the next number to look at
 * @over: there is none
 * @nr: processes in @tasks
 * @tasks: a part of the processes
 * @spaces: address spaces that may be shared: a hash table with open addressing
 * @bits: of its size
 * @used: entries in use
 * @full: one was forgotten for want of room
 * @haste: its time; in haste, what is costly to know is left out too
 * @small_pages: below this none is large
 * @passed: processes passed by
 */
struct walk {
	int next;
	bool over;
	unsigned int nr;
	struct mt_task tasks[CHUNK];
	struct space *spaces;
	unsigned int bits;
	unsigned int used;
	bool full;
	struct mt_haste haste;
	u64 small_pages;
	u64 passed;
};

static struct space *find_space(struct space *spaces, unsigned int bits, const struct mm_struct *mm)
{
	unsigned long at = hash_ptr((void *)mm, bits);

	while (spaces[at].mm && spaces[at].mm != mm)
		at = (at + 1) & ((1UL << bits) - 1);
	return &spaces[at];
}

/* Room for a part's address spaces, which cannot be made under RCU. */
static void make_room(struct walk *walk)
{
	unsigned int bits = walk->spaces ? walk->bits + 1 : FIRST_BITS;
	struct space *spaces;
	unsigned long i;

	if (walk->spaces && walk->used + CHUNK <= 3UL << walk->bits >> 2)
		return;
	spaces = bits > MAX_BITS ? NULL : mt_memory_zalloc(sizeof(*spaces) << bits);
	if (!spaces)
		return;
	for (i = 0; walk->spaces && i < 1UL << walk->bits; i++) {
		if (walk->spaces[i].mm)
			*find_space(spaces, bits, walk->spaces[i].mm) = walk->spaces[i];
	}
	mt_memory_free(walk->spaces);
	walk->spaces = spaces;
	walk->bits = bits;
}

/* Under RCU: has this process this address space? */
static bool has_space(pid_t nr, const struct mm_struct *mm)
{
	struct task_struct *process = pid_task(find_pid_ns(nr, &init_pid_ns), PIDTYPE_TGID);
	struct task_struct *thread;
	unsigned int left = MAX_THREADS;

	if (!process)
		return false;
	for_each_thread(process, thread) {
		if (READ_ONCE(thread->mm) == mm)
			return true;
		if (!--left)
			break;
	}
	return false;
}

/*
 * Was this address space seen before? Only what has more users than the one task needs to be
 * remembered, which on most machines are the processes with threads. One of these may exit, and
 * another get its mm at the same address: so the first one is asked whether it still has it.
 */
static void find_sharer(struct walk *walk, struct mt_task *task, const struct mm_struct *mm)
{
	struct space *space;

	if (!walk->spaces) {
		walk->full = true;
		return;
	}
	space = find_space(walk->spaces, walk->bits, mm);
	if (space->mm && space->pid != task->pid && has_space(space->pid, mm)) {
		task->memory = MT_TASK_SHARED;
		task->shares_with = space->pid;
		return;
	}
	if (!space->mm) {
		if (walk->used + 1 >= 1U << walk->bits) {
			walk->full = true;
			return;
		}
		walk->used++;
	}
	space->mm = mm;
	space->pid = task->pid;
}

/*
 * Linux kernel commit f1a7941243c1 ("mm: convert mm's rss stats into percpu_counter") (in v6.2)
 *
 * What is cheap to read there may be off by a batch for each CPU, hundreds of MB on a wide
 * machine: the CPUs are summed up.
 */
static u64 counter(struct mm_struct *mm, int member, bool hasty)
{
#ifdef MT_RSS_IS_PERCPU
	return hasty ? percpu_counter_read_positive(&mm->rss_stat[member]) :
		       percpu_counter_sum_positive(&mm->rss_stat[member]);
#else
	long pages = atomic_long_read(&mm->rss_stat.count[member]);

	return pages > 0 ? pages : 0;
#endif
}

#ifdef SPLIT_RSS_COUNTING
/* Each thread keeps its last few events to itself; under RCU. */
static void add_pending(struct mt_task *task, struct task_struct *process,
			const struct mm_struct *mm)
{
	u64 *const figures[NR_MM_COUNTERS] = {
		[MM_FILEPAGES] = &task->file_pages,
		[MM_ANONPAGES] = &task->anon_pages,
		[MM_SWAPENTS] = &task->swap_pages,
		[MM_SHMEMPAGES] = &task->shmem_pages,
	};
	unsigned int left = MAX_THREADS;
	struct task_struct *thread;
	unsigned int i;

	for_each_thread(process, thread) {
		for (i = 0; i < NR_MM_COUNTERS && READ_ONCE(thread->mm) == mm; i++) {
			s64 pages = *figures[i] + READ_ONCE(thread->rss_stat.count[i]);

			*figures[i] = max_t(s64, pages, 0);
		}
		if (!--left) {
			task->exact = false;
			return;
		}
	}
}
#else
static void add_pending(struct mt_task *task, struct task_struct *process,
			const struct mm_struct *mm)
{
}
#endif

/* Under task_lock and RCU, so that neither the table nor its bitmap goes away. */
static void read_fds(struct mt_task *task, struct files_struct *files)
{
	struct fdtable *fdt;

	if (!files)
		return;
	fdt = files_fdtable(files);
	task->fds = bitmap_weight(fdt->open_fds, fdt->max_fds);
	task->knows_fds = true;
}

/* Under RCU: the address space of one thread; NULL if it has none. */
static const struct mm_struct *read_mm(struct mt_task *task, struct task_struct *thread,
				       bool *alone, bool hasty)
{
	struct mm_struct *mm;

	task_lock(thread);
	mm = thread->mm;
	if (mm) {
		task->memory = MT_TASK_OWN;
		task->exact = !hasty;
		task->anon_pages = counter(mm, MM_ANONPAGES, hasty);
		task->file_pages = counter(mm, MM_FILEPAGES, hasty);
		task->shmem_pages = counter(mm, MM_SHMEMPAGES, hasty);
		task->swap_pages = counter(mm, MM_SWAPENTS, hasty);
		task->pgtables_bytes = mm_pgtables_bytes(mm);
		*alone = atomic_read(&mm->mm_users) == 1;
		if (!hasty)
			read_fds(task, thread->files);
	}
	task_unlock(thread);
	return mm;
}

static bool is_small(const struct walk *walk, const struct mt_task *task)
{
	return task->anon_pages + task->file_pages + task->shmem_pages + task->swap_pages +
	       (task->pgtables_bytes >> PAGE_SHIFT) < walk->small_pages;
}

/* Under RCU. */
static void read_process(struct walk *walk, struct task_struct *process, pid_t nr)
{
	struct mt_task *task = &walk->tasks[walk->nr++];
	const struct mm_struct *mm = NULL;
	unsigned int left = MAX_THREADS;
	struct task_struct *thread;
	bool alone = false;

	*task = (struct mt_task) { .pid = nr, .memory = MT_TASK_NONE };
	memcpy(task->comm, process->comm, sizeof(task->comm) - 1);
	task->threads = get_nr_threads(process);
	/* a zombie has given its stack back */
	if (READ_ONCE(process->exit_state) && task->threads)
		task->threads--;
	/* one that serves a process borrows its mm */
	if (process->flags & PF_KTHREAD)
		return;

	/* the first thread may have ended before the others */
	for_each_thread(process, thread) {
		mm = read_mm(task, thread, &alone, walk->haste.on);
		if (mm)
			break;
		if ((thread->flags & PF_EXITING) && !READ_ONCE(thread->exit_state))
			task->memory = MT_TASK_EXITING;
		if (!--left)
			break;
	}
	if (!mm)
		return;
	if (walk->haste.on && is_small(walk, task)) {
		walk->passed++;
		walk->nr--;
		return;
	}
	if (!walk->haste.on)
		add_pending(task, process, mm);
	if (!alone)
		find_sharer(walk, task, mm);
}

static void read_chunk(struct walk *walk)
{
	unsigned int steps;

	walk->nr = 0;
	rcu_read_lock();
	for (steps = 0; steps < CHUNK_STEPS && walk->nr < CHUNK; steps++) {
		struct pid *pid = idr_get_next(&init_pid_ns.idr, &walk->next);
		struct task_struct *process;

		if (!pid) {
			walk->over = true;
			break;
		}
		/* most numbers of a process with many threads are those of the threads */
		process = pid_task(pid, PIDTYPE_TGID);
		if (process)
			read_process(walk, process, walk->next);
		walk->next++;
	}
	rcu_read_unlock();
}

/**
 * mt_task_for_each() - visit all processes
 * @visit: takes one process
 * @arg: handed to @visit
 * @until_ns: from then on in haste, in the time of ktime_get_ns(); 0 for never
 *
 * In haste only those are visited that are large, with rough figures.
 *
 * Kernel threads and zombies are visited too: they have no memory, but a kernel thread has a stack.
 *
 * Context: process context, no lock held, may sleep. Takes task_lock of one task at a time.
 * Return: 0; -ENOMEM before the first visit. All were visited, but some address spaces may have
 * been visited twice: -ENOSPC. All large ones were visited, but not the others: -EAGAIN. Some were
 * visited, but not all: -EINTR after a fatal signal, -ETIME after the time.
 */
int mt_task_for_each(mt_task_visit_t visit, void *arg, u64 until_ns)
{
	struct walk *walk;
	unsigned int i;
	int err = 0;

	walk = mt_memory_zalloc(sizeof(*walk));
	if (!walk)
		return -ENOMEM;
	walk->haste = mt_haste_begin(until_ns);
	walk->small_pages = totalram_pages() / MT_HASTE_PART;
	for (;;) {
		make_room(walk);
		read_chunk(walk);
		for (i = 0; i < walk->nr; i++)
			visit(&walk->tasks[i], arg);
		if (walk->over)
			break;
		cond_resched();
		err = mt_haste_check(&walk->haste);
		if (err)
			break;
	}
	if (!err && walk->passed)
		err = -EAGAIN;
	else if (!err && walk->full)
		err = -ENOSPC;
	mt_memory_free(walk->spaces);
	mt_memory_free(walk);
	return err;
}
