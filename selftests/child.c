// SPDX-License-Identifier: GPL-2.0
/*
 * Starts a process that takes what a test wants to see taken, tells when it has
 * it, and waits.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

/* Where the child itself reads from and writes to. */
static int from_parent = -1;
static int to_parent = -1;

/**
 * child_wait - in the child: tell that the work is done, wait for child_go()
 * @said: a number for the parent
 */
void child_wait(long long said)
{
	char go;

	if (write(to_parent, &said, sizeof(said)) != sizeof(said) ||
	    read(from_parent, &go, 1) != 1)
		_exit(EXIT_FAILURE);
}

/**
 * child_hold - in the child: tell that the work is done, wait to be killed
 *
 * Context: any thread of it; does not return.
 */
void child_hold(void)
{
	child_wait(0);
	for (;;)
		pause();
}

static int await(struct child *child)
{
	return read(child->from, &child->said, sizeof(child->said)) ==
		sizeof(child->said) ? 0 : -1;
}

/**
 * child_start - start a process, and wait until it calls child_wait()
 * @child: gets what is needed to speak with it
 * @work: what it does; when this returns it waits to be killed
 * @arg: handed to @work
 *
 * Return: 0, or -1 if it ended before it waited.
 */
int child_start(struct child *child, void (*work)(void *arg), void *arg)
{
	int down[2];
	int up[2];

	*child = (struct child) { .pid = -1, .to = -1, .from = -1 };
	if (pipe(down))
		return -1;
	if (pipe(up)) {
		close(down[0]);
		close(down[1]);
		return -1;
	}
	child->pid = fork();
	if (!child->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(down[1]);
		close(up[0]);
		from_parent = down[0];
		to_parent = up[1];
		work(arg);
		child_hold();
	}
	close(down[0]);
	close(up[1]);
	child->to = down[1];
	child->from = up[0];
	return child->pid < 0 ? -1 : await(child);
}

/**
 * child_go - let it go on to its next child_wait()
 * @child: the process
 *
 * Return: 0, or -1 if it ended before it waited again.
 */
int child_go(struct child *child)
{
	return write(child->to, "", 1) == 1 ? await(child) : -1;
}

/**
 * child_end - kill it, and wait until it is gone
 * @child: the process
 */
void child_end(struct child *child)
{
	if (child->pid > 0) {
		kill(child->pid, SIGKILL);
		waitpid(child->pid, NULL, 0);
	}
	close(child->to);
	close(child->from);
}
