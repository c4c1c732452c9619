// SPDX-License-Identifier: GPL-2.0
/*
 * sock_owner.c - knows which processes hold a descriptor of a socket.
 *
 * The kernel keeps no way from a socket to its processes, so the descriptors of all processes are
 * looked at, once, as the kernel's own do_SAK() does. What is found on the way and stood in no
 * table is looked at too: sockets that are not bound, and families whose tables are private.
 *
 * References to all tasks are taken first, so that the list of tasks is read in one go under RCU
 * and no process is missed because the one before it has exited. A thread is looked at for itself
 * only where its descriptors are not those of the thread before.
 *
 * Locking: the task's alloc_lock and the lock of its descriptor table, for FDS descriptors at a
 * time. Consistency: a descriptor that is open throughout is seen. A socket whose memory became
 * another's since the tables were read is told by the inode of its file, and gets no owner.
 */
#include "access/sock.h"

#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/init_task.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/socket.h>
#include <linux/string.h>

#include "access/sock_set.h"
#include "introspect/kread.h"
#include "memory.h"

/* Descriptors that are looked at before the locks are dropped. */
#define FDS		512

/* Tasks that are collected before RCU is left. */
#define TASKS		1024
#define FIRST_TASKS	1024
#define MAX_TASKS	1048576

/* struct tasks - tasks, each with a reference */
struct tasks {
	struct task_struct **tasks;
	u32 nr;
	u32 room;
};

/*
 * struct visit - a task's descriptors
 * @set: the sockets
 * @pid: of the process
 * @comm: of the task
 * @left: descriptors that may still be looked at under the locks that are held
 * @resume: where to go on
 */
struct visit {
	struct mt_sock_set *set;
	pid_t pid;
	char comm[TASK_COMM_LEN];
	u32 left;
	unsigned int resume;
};

static bool add_task(struct tasks *tasks, struct task_struct *task)
{
	if (tasks->nr == tasks->room)
		return false;
	get_task_struct(task);
	tasks->tasks[tasks->nr++] = task;
	return true;
}

static bool add_process(struct tasks *tasks, struct task_struct *process)
{
	const struct files_struct *last = NULL;
	struct task_struct *thread;

	if (process->flags & PF_KTHREAD)
		return true;
	/* the leader for the place in the list; also if it has exited and its threads have not */
	if (!add_task(tasks, process))
		return false;
	last = READ_ONCE(process->files);
	for_each_thread(process, thread) {
		const struct files_struct *files = READ_ONCE(thread->files);

		if (thread == process || !files || files == last)
			continue;
		if (!add_task(tasks, thread))
			return false;
		last = files;
	}
	return true;
}

/*
 * The last task that is still in the list, to go on from. All behind it that were there before are
 * dead, and what is new comes after them.
 */
static struct task_struct *last_alive(const struct tasks *tasks)
{
	u32 i;

	for (i = tasks->nr; i; i--) {
		struct task_struct *task = tasks->tasks[i - 1];

		if (thread_group_leader(task) && pid_alive(task))
			return task;
	}
	return &init_task;
}

/* False if there are more tasks than room. */
static bool list_tasks(struct tasks *tasks)
{
	struct task_struct *process = &init_task;
	u32 left = TASKS;
	bool all = true;

	tasks->nr = 0;
	rcu_read_lock();
	while ((process = next_task(process)) != &init_task) {
		all = add_process(tasks, process);
		if (!all)
			break;
		if (--left)
			continue;
		left = TASKS;
		rcu_read_unlock();
		cond_resched();
		rcu_read_lock();
		process = last_alive(tasks);
	}
	rcu_read_unlock();
	return all;
}

static void put_tasks(struct tasks *tasks)
{
	while (tasks->nr)
		put_task_struct(tasks->tasks[--tasks->nr]);
	mt_memory_free(tasks->tasks);
	tasks->tasks = NULL;
}

static bool get_tasks(struct mt_sock_set *set, struct tasks *tasks)
{
	for (tasks->room = FIRST_TASKS; tasks->room <= MAX_TASKS; tasks->room *= 2) {
		if (!mt_sock_may_go_on(set))
			return false;
		tasks->tasks = mt_memory_alloc(tasks->room * sizeof(*tasks->tasks));
		if (!tasks->tasks)
			break;
		if (list_tasks(tasks))
			return true;
		put_tasks(tasks);
	}
	set->gaps |= MT_SOCK_GAP_MEMORY;
	return false;
}

static void own(struct mt_sock *sock, const struct visit *visit)
{
	if (!sock->holders) {
		sock->pid = visit->pid;
		memcpy(sock->comm, visit->comm, sizeof(sock->comm));
	} else if (sock->last_pid == visit->pid) {
		return;
	}
	sock->last_pid = visit->pid;
	sock->holders++;
}

/*
 * Does a socket stand in a table that was read, so that it is already there, or summed up, if it
 * holds something? All UNIX sockets do. Where sockets are summed up, most others do too, and to
 * leave one out is better than to count it twice.
 */
static bool was_seen(const struct mt_sock_set *set, unsigned int family)
{
	switch (family) {
	case AF_UNIX:
		return set->unix_whole;
	case AF_INET:
	case AF_INET6:
	case AF_NETLINK:
	case AF_PACKET:
	case AF_VSOCK:
	case AF_XDP:
		return set->nr_spilled;
	}
	return false;
}

/* Under the locks of the task and of its descriptors, which keep the file and so the socket. */
static int look_at(const void *arg, struct file *file, unsigned int fd)
{
	struct visit *visit = (struct visit *)arg;
	struct mt_sock_set *set = visit->set;
	struct socket *socket;
	struct mt_sock *sock;
	unsigned long sk;

	visit->resume = fd;
	if (!visit->left-- || !set->packets)
		return 1;
	if (!S_ISSOCK(file_inode(file)->i_mode))
		return 0;
	socket = mt_sock_from_file(file);
	sk = socket ? (unsigned long)READ_ONCE(socket->sk) : 0;
	if (!sk)
		return 0;
	sock = mt_sock_find(set, sk);
	if (!sock) {
		u64 idle = set->idle;

		if (was_seen(set, READ_ONCE(((struct sock *)sk)->sk_family)))
			return 0;
		if (!mt_sock_has_room(set))
			return 1;
		if (!mt_sock_look(set, sk, MT_SOCK_ANY)) {
			/* of idle ones, only those in tables are counted, and once */
			set->idle = idle;
			return 0;
		}
		sock = mt_sock_find(set, sk);
	}
	if (sock && sock->inode == file_inode(file)->i_ino)
		own(sock, visit);
	return 0;
}

static bool visit_task(struct mt_sock_set *set, struct task_struct *task)
{
	struct visit visit = { .set = set, .pid = task_tgid_nr(task) };
	int more;

	if (!mt_kread_string(visit.comm, (unsigned long)task->comm, sizeof(visit.comm)))
		strscpy(visit.comm, "?", sizeof(visit.comm));
	do {
		mt_sock_make_room(set);
		if (!mt_sock_may_go_on(set))
			return false;
		visit.left = FDS;
		set->packets = MT_SOCK_QUEUE;
		task_lock(task);
		more = iterate_fd(task->files, visit.resume, look_at, &visit);
		task_unlock(task);
	} while (more);
	return true;
}

/**
 * mt_sock_owners_walk() - find who holds the sockets, and sockets that stand in no table
 * @set: the sockets
 *
 * Context: process context, no lock held, may sleep.
 */
void mt_sock_owners_walk(struct mt_sock_set *set)
{
	struct tasks tasks = { };
	u32 i = 0;

	if (get_tasks(set, &tasks)) {
		while (i < tasks.nr && visit_task(set, tasks.tasks[i]))
			i++;
	}
	if (!tasks.tasks || i < tasks.nr)
		set->gaps |= MT_SOCK_GAP_OWNERS;
	put_tasks(&tasks);
}
