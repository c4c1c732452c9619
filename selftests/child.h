/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A process that holds something while it is looked at.
 */
#ifndef MEMTRIAGE_CHILD_H
#define MEMTRIAGE_CHILD_H

#include <sys/types.h>

/**
 * struct child - a process that waits
 * @pid: its number
 * @said: what it wants its parent to know
 * @to: what the parent writes to
 * @from: what the parent reads from
 */
struct child {
	pid_t pid;
	long long said;
	int to;
	int from;
};

void child_wait(long long said);
void child_hold(void);
int child_start(struct child *child, void (*work)(void *arg), void *arg);
int child_go(struct child *child);
void child_end(struct child *child);

#endif /* MEMTRIAGE_CHILD_H */
