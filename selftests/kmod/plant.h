/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a kind of planted memory is: a proc file whose write is a command and
 * whose read is the truth.
 */
#ifndef MEMTRIAGE_PLANT_H
#define MEMTRIAGE_PLANT_H

#include <linux/gfp.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/types.h>

/*
 * A plant that does not fit fails with -ENOMEM instead of waking the OOM
 * killer, and a failure is the test's to report, not the log's.
 */
#define PLANT_GFP	(GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/**
 * struct plant_kind - one kind of memory this module can allocate
 * @name: the file under /proc/memtriage_plant/
 * @init: prepare, before the file exists; may be NULL
 * @command: obey one command, completely or not at all; the words of the
 *	written line, at least one. Return: 0 or -errno
 * @show: print what is planted, exactly, as "key: value" lines
 * @lose: forget what is planted without freeing it: a real leak, which even
 *	rmmod does not give back
 * @exit: free everything that was not lost
 *
 * Every member is called with the one mutex of main.c held.
 */
struct plant_kind {
	const char *name;
	int (*init)(void);
	int (*command)(int argc, char **argv);
	void (*show)(struct seq_file *m);
	void (*lose)(void);
	void (*exit)(void);
};

extern const struct plant_kind plant_packets;
extern const struct plant_kind plant_pages;
extern const struct plant_kind plant_vmalloc;
extern const struct plant_kind plant_caches;
extern const struct plant_kind plant_large;
extern const struct plant_kind plant_pressure;
extern const struct plant_kind plant_churn;
extern const struct plant_kind plant_drift;
extern const struct plant_kind plant_percpu;
extern const struct plant_kind plant_sweep;
extern const struct plant_kind plant_mixtures;
extern const struct plant_kind plant_links;
extern const struct plant_kind plant_device;

void *plant_node_inside(bool at_link);

int plant_number(const char *word, unsigned long min, unsigned long max,
		 unsigned long *value);

/**
 * plant_breathe - let others run between two allocations
 *
 * Context: process, may sleep.
 * Return: 0, or -EINTR when the writer was killed and must undo.
 */
static inline int plant_breathe(void)
{
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

#endif /* MEMTRIAGE_PLANT_H */
