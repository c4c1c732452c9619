// SPDX-License-Identifier: GPL-2.0
/*
 * holder.c - knows which processes keep an inode, a superblock or a mount namespace.
 *
 * Goes through the descriptors of all processes, as fuser does, but compares pointers instead of
 * reading links: no reference is taken, no path is made. Processes are found by number (see
 * task.c), and a process with very many descriptors is left and entered again. A thread is looked
 * at for itself only where it has what its process has not, which is all of it where the first
 * thread has exited. A superblock is kept by each of its files and directories that is open, and by
 * who has his root or his working directory there.
 *
 * A file that was sent over a socket, is only mapped, or was handed to io_uring has no descriptor,
 * and no holder here.
 *
 * Locking: RCU; task_lock of one task at a time, for a thousand descriptors.
 * Consistency: a descriptor that is there throughout is seen. On kernels that reuse struct file at
 * once, one that is closed and opened meanwhile may be taken for the other.
 */
#include "access/holder.h"

#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/hash.h>
#include <linux/idr.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm_types.h>
#include <linux/mount.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>

#include "introspect/kread.h"
#include "memory.h"

/* Descriptors, and numbers of processes, that are looked at under one RCU read lock. */
#define FDS	1024
#define NUMBERS	256

/* To pass so many threads takes as long as a descriptor. */
#define THREADS_LIKE_FD	16

#define SLOT_BITS	8
#define SLOTS		BIT(SLOT_BITS)

/* Of so many unlinked files of a process it is known which were counted: one may be open twice. */
#define COUNTED_BITS	9
#define COUNTED		BIT(COUNTED_BITS)
#define COUNTED_MOST	(COUNTED * 3 / 4)

/*
 * struct belongings - what threads may share, or have for themselves; compared, never followed
 * @files: descriptors
 * @fs: root and working directory
 * @nsproxy: namespaces
 */
struct belongings {
	const void *files;
	const void *fs;
	const void *nsproxy;
};

/*
 * struct search - a walk over all descriptors
 * @holders: what is looked for
 * @slots: a hash table with open addressing: 1 + index in @holders, 0 free
 * @supers: superblocks are looked for
 * @last: by index in @holders: the process that was counted last
 * @kB: by index in @holders: what that process has in unlinked files
 * @files: in so many of them
 * @counted: the inodes of the unlinked files that were counted of this process: a hash table with
 *           open addressing, 0 free
 * @nr_counted: how many
 * @next: the next process number
 * @thread: of that process, the first number of a thread to look at; 0 for the process itself
 * @seen: what the task before had, which is not looked at again
 * @fd: the next descriptor of that thread
 * @over: there is no such process, and none after it
 */
struct search {
	struct mt_holder *holders;
	u8 slots[SLOTS];
	bool supers;
	pid_t last[MT_HOLDERS];
	u64 kB[MT_HOLDERS];
	unsigned int files[MT_HOLDERS];
	unsigned long counted[COUNTED];
	unsigned int nr_counted;
	int next;
	pid_t thread;
	struct belongings seen;
	unsigned int fd;
	bool over;
};

static unsigned int slot_of(const struct search *search, unsigned long key)
{
	unsigned int at = hash_long(key, SLOT_BITS);

	while (search->slots[at] && search->holders[search->slots[at] - 1].key != key)
		at = (at + 1) % SLOTS;
	return at;
}

/* What is to be killed is the process, whatever the thread calls itself. */
static void set_pid(struct mt_holder *holder, const struct task_struct *task, pid_t nr)
{
	holder->pid = nr;
	memcpy(holder->comm, task->group_leader->comm, sizeof(holder->comm) - 1);
}

static void found(struct search *search, unsigned int index, const struct task_struct *task,
		  pid_t nr)
{
	struct mt_holder *holder = &search->holders[index];

	if (search->last[index] == nr)
		return;
	search->last[index] = nr;
	if (holder->pid) {
		holder->others++;
		return;
	}
	set_pid(holder, task, nr);
}

/* Was this file counted of this process? False, too, if there are too many to know. */
static bool was_counted(struct search *search, unsigned long inode)
{
	unsigned int at = hash_long(inode, COUNTED_BITS);

	while (search->counted[at] && search->counted[at] != inode)
		at = (at + 1) % COUNTED;
	if (search->counted[at])
		return true;
	if (search->nr_counted < COUNTED_MOST) {
		search->counted[at] = inode;
		search->nr_counted++;
	}
	return false;
}

/* Who has most. */
static void add_unlinked(struct search *search, unsigned int index,
			 const struct task_struct *task, pid_t nr, unsigned long inode)
{
	struct mt_holder *holder = &search->holders[index];
	unsigned int links;
	unsigned long pages;

	if (!mt_kread(&links, inode + offsetof(struct inode, i_nlink), sizeof(links)) || links ||
	    !mt_kread_ulong(inode + offsetof(struct inode, i_data.nrpages), &pages) ||
	    was_counted(search, inode))
		return;
	if (search->last[index] != nr) {
		search->last[index] = nr;
		search->kB[index] = 0;
		search->files[index] = 0;
	}
	search->kB[index] += (u64)pages * (PAGE_SIZE / 1024);
	search->files[index]++;
	if (holder->pid && search->kB[index] <= holder->kB)
		return;
	set_pid(holder, task, nr);
	holder->kB = search->kB[index];
	holder->files = search->files[index];
	holder->twice = search->nr_counted == COUNTED_MOST;
}

/* A superblock that something of this process keeps. */
static void found_super(struct search *search, unsigned long super,
			const struct task_struct *task, pid_t nr, unsigned long inode)
{
	unsigned int slot = slot_of(search, super);
	unsigned int index = search->slots[slot] - 1;

	if (!search->slots[slot])
		return;
	if (search->holders[index].kind == MT_HOLDER_UNLINKED && inode)
		add_unlinked(search, index, task, nr, inode);
	else if (search->holders[index].kind == MT_HOLDER_SUPER)
		found(search, index, task, nr);
}

/* Under task_lock, which keeps what the process stands in. */
static void scan_places(struct search *search, struct task_struct *task, pid_t nr)
{
	unsigned int slot;

	if (task->nsproxy) {
		slot = slot_of(search, (unsigned long)task->nsproxy->mnt_ns);
		if (search->slots[slot])
			found(search, search->slots[slot] - 1, task, nr);
	}
	if (task->fs && search->supers) {
		const struct vfsmount *const mounts[] = {
			READ_ONCE(task->fs->root.mnt), READ_ONCE(task->fs->pwd.mnt),
		};
		unsigned int i;

		for (i = 0; i < ARRAY_SIZE(mounts); i++) {
			unsigned long super;

			if (mt_kread_ulong((unsigned long)&mounts[i]->mnt_sb, &super))
				found_super(search, super, task, nr, 0);
		}
	}
}

/* Is this neither the process's, which was looked at, nor what was @seen? */
static bool is_new(const void *thing, const void *of_process, const void *seen)
{
	return thing && thing != of_process && thing != seen;
}

/* Under RCU: true if all descriptors of the task were seen. */
static bool scan_task(struct search *search, struct task_struct *task, pid_t nr,
		      unsigned int *left)
{
	struct files_struct *files;
	struct fdtable *fdt;
	bool done = true;

	task_lock(task);
	if (!search->fd)
		scan_places(search, task, nr);
	files = task->files;
	if (!is_new(files, search->thread ? READ_ONCE(task->group_leader->files) : NULL,
		    search->seen.files))
		goto unlock;
	fdt = files_fdtable(files);
	for (; search->fd < fdt->max_fds; search->fd++) {
		unsigned long inode, super;
		struct file *file;
		unsigned int slot;

		if (!(*left)--) {
			*left = 0;
			done = false;
			goto unlock;
		}
		file = rcu_dereference_raw(fdt->fd[search->fd]);
		if (!file)
			continue;
		inode = (unsigned long)READ_ONCE(file->f_inode);
		slot = slot_of(search, inode);
		if (search->slots[slot])
			found(search, search->slots[slot] - 1, task, nr);
		if (search->supers && mt_kread_ulong(inode + offsetof(struct inode, i_sb), &super))
			found_super(search, super, task, nr, inode);
	}
unlock:
	task_unlock(task);
	return done;
}

static struct belongings belongings_of(const struct task_struct *task)
{
	return (struct belongings) {
		.files = READ_ONCE(task->files),
		.fs = READ_ONCE(task->fs),
		.nsproxy = READ_ONCE(task->nsproxy),
	};
}

/*
 * The thread with the lowest number, from search->thread on, that has something for itself. In the
 * order of numbers, because one that was left half looked at may be gone when it is entered again.
 */
static struct task_struct *next_thread_of(const struct search *search, struct task_struct *process,
					  unsigned int *left)
{
	struct belongings common = belongings_of(process);
	struct task_struct *thread, *best = NULL;
	unsigned int threads = 0;

	for_each_thread(process, thread) {
		struct belongings own = belongings_of(thread);

		threads++;
		if (thread == process || thread->pid < search->thread ||
		    (best && thread->pid > best->pid))
			continue;
		if (is_new(own.files, common.files, search->seen.files) ||
		    is_new(own.fs, common.fs, search->seen.fs) ||
		    is_new(own.nsproxy, common.nsproxy, search->seen.nsproxy))
			best = thread;
	}
	*left -= min(*left, 1 + threads / THREADS_LIKE_FD);
	return best;
}

/* Under RCU: true if all descriptors of all threads were seen. */
static bool scan_process(struct search *search, struct task_struct *process, pid_t nr,
			 unsigned int *left)
{
	struct task_struct *task = process;

	if (search->thread)
		task = next_thread_of(search, process, left);
	for (; task; task = next_thread_of(search, process, left)) {
		pid_t number = task == process ? 0 : task->pid;

		/* another one than that which was left half looked at */
		if (search->thread != number)
			search->fd = 0;
		search->thread = number;
		if (!scan_task(search, task, nr, left))
			return false;
		search->seen = belongings_of(task);
		search->thread = number + 1;
		search->fd = 0;
		if (!*left)
			return false;
	}
	return true;
}

static void begin_process(struct search *search)
{
	search->thread = 0;
	search->seen = (struct belongings) { };
	search->fd = 0;
	if (search->nr_counted)
		memset(search->counted, 0, sizeof(search->counted));
	search->nr_counted = 0;
}

static void scan_part(struct search *search)
{
	unsigned int left = FDS;
	unsigned int numbers;

	rcu_read_lock();
	for (numbers = 0; numbers < NUMBERS && left; numbers++) {
		int expected = search->next;
		struct pid *pid = idr_get_next(&init_pid_ns.idr, &search->next);
		struct task_struct *process;

		if (!pid) {
			search->over = true;
			break;
		}
		/* what was left half looked at is gone */
		if (search->next != expected)
			begin_process(search);
		process = pid_task(pid, PIDTYPE_TGID);
		if (process && !scan_process(search, process, search->next, &left))
			break;
		begin_process(search);
		search->next++;
	}
	rcu_read_unlock();
}

/**
 * mt_holder_find() - look for the processes that hold some things
 * @holders: the things; the processes are filled in
 * @nr: how many, MT_HOLDERS at most
 * @until_ns: stop then, in the time of ktime_get_ns(); 0 for never
 *
 * Context: process context, no lock held, may sleep. Takes task_lock of one task at a time.
 * Return: 0; -ENOMEM; -EINTR after a fatal signal or -ETIME after @until_ns: then not all processes
 * were looked at.
 */
int mt_holder_find(struct mt_holder *holders, unsigned int nr, u64 until_ns)
{
	struct search *search;
	unsigned int i;
	int err = 0;

	search = mt_memory_zalloc(sizeof(*search));
	if (!search)
		return -ENOMEM;
	search->holders = holders;
	for (i = 0; i < nr && i < MT_HOLDERS; i++) {
		search->slots[slot_of(search, holders[i].key)] = i + 1;
		search->supers |= holders[i].kind == MT_HOLDER_UNLINKED ||
				  holders[i].kind == MT_HOLDER_SUPER;
	}
	while (!err) {
		scan_part(search);
		if (search->over)
			break;
		cond_resched();
		if (fatal_signal_pending(current))
			err = -EINTR;
		else if (until_ns && ktime_get_ns() >= until_ns)
			err = -ETIME;
	}
	mt_memory_free(search);
	return err;
}
