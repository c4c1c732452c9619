// SPDX-License-Identifier: GPL-2.0
/*
 * klock.c - knows how to take one of the kernel's locks without making an incident worse.
 *
 * A lock that a report wants may be held by a task that itself waits for memory. So nothing here
 * waits without a bound: sleeping locks are tried for lock_wait_ms, spinlocks for a few thousand
 * spins; then the caller reports what it can without the lock, and says so. How long each was held
 * is measured, because that is what a report costs everybody else.
 *
 * Nesting, outermost first, as in the kernel: slab_mutex, then list_lock; a lock of the table of
 * UNIX sockets, then that of a socket's queue; s_umount of one superblock, then sb_lock, under
 * which s_umount of another is only tried for, or s_inode_list_lock; all others are taken alone.
 */
#include "introspect/klock.h"

#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/sched/clock.h>
#include <linux/sched/signal.h>

#include "knob.h"

#define SPINS	4096

struct mt_klock mt_klock_slab_mutex = { .name = "slab_mutex" };
struct mt_klock mt_klock_list_lock = { .name = "kmem_cache_node.list_lock" };
struct mt_klock mt_klock_kernfs = { .name = "kernfs" };
struct mt_klock mt_klock_vmap = { .name = "vmap" };
struct mt_klock mt_klock_net = { .name = "net_rwsem" };
struct mt_klock mt_klock_raw = { .name = "raw_hashinfo" };
struct mt_klock mt_klock_unix = { .name = "unix_table" };
struct mt_klock mt_klock_vsock = { .name = "vsock_table" };
struct mt_klock mt_klock_sb = { .name = "sb_lock" };
struct mt_klock mt_klock_inodes = { .name = "s_inode_list_lock" };

static unsigned int lock_wait_ms = 1000;
MT_KNOB(lock_wait_ms, lock_wait_ms, 0, 10000,
	"how long a report waits for a sleeping lock of the kernel's before it does without, in ms");

/*
 * The scheduler's clock: ktime may have to ask a device, which costs more than some of the work
 * does. Between CPUs it may be off by a tick where the CPUs' counters are unstable.
 */
static u64 now_ns(void)
{
	return local_clock() ?: 1;
}

static void dropped(struct mt_klock *klock, u64 taken_ns)
{
	s64 held_ns = now_ns() - taken_ns;

	if (held_ns > 0 && held_ns > READ_ONCE(klock->longest_ns))
		WRITE_ONCE(klock->longest_ns, held_ns);
}

/**
 * mt_klock_nap() - sleep for a moment of the patience that is left
 * @until_ns: when patience is over; 0 before the first nap
 *
 * A short one: the lock may be free only for moments, and a trial does not queue.
 *
 * Context: process context, may sleep.
 * Return: false if lock_wait_ms are over since the first nap, or after a fatal signal.
 */
bool mt_klock_nap(u64 *until_ns)
{
	if (!*until_ns)
		*until_ns = ktime_get_ns() + (u64)READ_ONCE(lock_wait_ms) * NSEC_PER_MSEC;
	if (ktime_get_ns() >= *until_ns || fatal_signal_pending(current))
		return false;
	usleep_range(10, 50);
	return true;
}

/**
 * mt_klock_mutex() - take a mutex, waiting for lock_wait_ms at most
 * @mutex: the kernel's mutex
 *
 * Context: process context, may sleep.
 * Return: when it was taken, for mt_klock_mutex_drop(); 0 if it was not to be had.
 */
u64 mt_klock_mutex(struct mutex *mutex)
{
	u64 until_ns = 0;

	while (!mutex_trylock(mutex)) {
		if (!mt_klock_nap(&until_ns))
			return 0;
	}
	return now_ns();
}

/**
 * mt_klock_mutex_drop() - give the mutex back
 * @klock: whose figures to keep
 * @mutex: the kernel's mutex
 * @taken_ns: from mt_klock_mutex()
 *
 * Context: process context, by the task that took it.
 */
void mt_klock_mutex_drop(struct mt_klock *klock, struct mutex *mutex, u64 taken_ns)
{
	dropped(klock, taken_ns);
	mutex_unlock(mutex);
}

/**
 * mt_klock_read() - take a reader-writer semaphore for reading, waiting for lock_wait_ms at most
 * @rwsem: the kernel's semaphore
 *
 * Context: process context, may sleep.
 * Return: when it was taken, for mt_klock_read_drop(); 0 if it was not to be had.
 */
u64 mt_klock_read(struct rw_semaphore *rwsem)
{
	u64 until_ns = 0;

	while (!down_read_trylock(rwsem)) {
		if (!mt_klock_nap(&until_ns))
			return 0;
	}
	return now_ns();
}

/**
 * mt_klock_read_drop() - give the semaphore back
 * @klock: whose figures to keep
 * @rwsem: the kernel's semaphore
 * @taken_ns: from mt_klock_read()
 *
 * Context: process context, by the task that took it.
 */
void mt_klock_read_drop(struct mt_klock *klock, struct rw_semaphore *rwsem, u64 taken_ns)
{
	dropped(klock, taken_ns);
	up_read(rwsem);
}

/**
 * mt_klock_spin() - do something under a spinlock, spinning for it boundedly
 * @klock: whose figures to keep
 * @lock: the kernel's spinlock
 * @work: what to do: short, called with interrupts off
 * @arg: handed to @work
 *
 * Context: any in which the lock may be taken.
 * Return: true if @work was done; false if the lock was not to be had.
 */
bool mt_klock_spin(struct mt_klock *klock, spinlock_t *lock, void (*work)(void *arg), void *arg)
{
	unsigned int spins = 0;
	unsigned long flags;
	u64 taken_ns;

	while (!spin_trylock_irqsave(lock, flags)) {
		if (++spins == SPINS)
			return false;
		cpu_relax();
	}
	taken_ns = now_ns();
	work(arg);
	dropped(klock, taken_ns);
	spin_unlock_irqrestore(lock, flags);
	return true;
}

/**
 * mt_klock_rwlock() - do something under a reader-writer lock, spinning for it boundedly
 * @klock: whose figures to keep
 * @lock: the kernel's lock, whose readers leave interrupts on
 * @work: what to do: short, called with preemption off
 * @arg: handed to @work
 *
 * Context: process context.
 * Return: true if @work was done; false if the lock was not to be had.
 */
bool mt_klock_rwlock(struct mt_klock *klock, rwlock_t *lock, void (*work)(void *arg), void *arg)
{
	unsigned int spins = 0;
	u64 taken_ns;

	while (!read_trylock(lock)) {
		if (++spins == SPINS)
			return false;
		cpu_relax();
	}
	taken_ns = ktime_get_ns();
	work(arg);
	dropped(klock, taken_ns);
	read_unlock(lock);
	return true;
}
