/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_KLOCK_H
#define MT_KLOCK_H

#include <linux/spinlock.h>
#include <linux/types.h>

struct mutex;
struct rw_semaphore;

/**
 * struct mt_klock - one of the kernel's locks that a report takes
 * @name: the kernel's name of the lock
 * @longest_ns: the longest it was ever held by us, shown in the status report
 */
struct mt_klock {
	const char *name;
	u64 longest_ns;
};

/* Every lock of the kernel's that this module takes. */
extern struct mt_klock mt_klock_slab_mutex;
extern struct mt_klock mt_klock_list_lock;
extern struct mt_klock mt_klock_kernfs;
extern struct mt_klock mt_klock_vmap;
extern struct mt_klock mt_klock_net;
extern struct mt_klock mt_klock_raw;
extern struct mt_klock mt_klock_unix;
extern struct mt_klock mt_klock_vsock;
extern struct mt_klock mt_klock_sb;
extern struct mt_klock mt_klock_inodes;

bool mt_klock_nap(u64 *until_ns);
u64 mt_klock_mutex(struct mutex *mutex);
void mt_klock_mutex_drop(struct mt_klock *klock, struct mutex *mutex, u64 taken_ns);
u64 mt_klock_read(struct rw_semaphore *rwsem);
void mt_klock_read_drop(struct mt_klock *klock, struct rw_semaphore *rwsem, u64 taken_ns);
bool mt_klock_rwlock(struct mt_klock *klock, rwlock_t *lock, void (*work)(void *arg), void *arg);
bool mt_klock_spin(struct mt_klock *klock, spinlock_t *lock, void (*work)(void *arg), void *arg);

#endif /* MT_KLOCK_H */
