// SPDX-License-Identifier: GPL-2.0
/*
 * origin.c - knows where reports come from: a file, a saved /proc, the module, or, where it cannot
 * be loaded, the /proc of this machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "procfs.h"
#include "snapshot.h"

extern char **environ;

/* The two front doors of the module, in the order of the reader's trust: see module/debugfs.c. */
static const char *const doors[] = { "/sys/kernel/debug/memtriage", "/proc/memtriage" };

static const char *open_door(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(doors) / sizeof(*doors); i++) {
		if (!access(doors[i], R_OK | X_OK))
			return doors[i];
	}
	return NULL;
}

/* modprobe, silently: what it would say is for a log, and what follows from it is said here. */
static bool modprobe(const char *option)
{
	char *argv[] = { (char *)"modprobe", (char *)"-q", (char *)option, NULL, NULL };
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	argv[option ? 3 : 2] = (char *)"memtriage";
	if (posix_spawn_file_actions_init(&actions))
		return false;
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, "modprobe", &actions, NULL, argv, environ))
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       !WEXITSTATUS(status);
}

static void unload(void)
{
	modprobe("-r");
}

static struct snapshot *read_module(const struct options *options, const char *const *wanted)
{
	const char *door = open_door();
	struct snapshot *snapshot;

	if (!door && !geteuid() && modprobe(NULL)) {
		door = open_door();
		if (options->once)
			atexit(unload);
	}
	if (!door)
		return NULL;
	snapshot = snapshot_read_directory(door, wanted);
	if (snapshot && !snapshot->nr_reports) {
		unsigned int i;

		for (i = 0; i < snapshot->nr_faults; i++)
			fprintf(stderr, "memtriage: %s\n", snapshot->faults[i]);
		snapshot_free(snapshot);
		return NULL;
	}
	return snapshot;
}

static const char *why_no_module(void)
{
	if (geteuid())
		return "not root: the reports are for root alone";
	return "the module is not loaded, and modprobe memtriage does not load it (is it "
	       "installed for this kernel, and signed if the kernel is locked down?)";
}

/**
 * origin_read() - get the reports
 * @options: which
 * @wanted: names of reports, NULL after the last; NULL for all there are
 *
 * What goes wrong is said on standard error.
 *
 * Return: the snapshot, for snapshot_free(), or NULL.
 */
struct snapshot *origin_read(const struct options *options, const char *const *wanted)
{
	struct snapshot *snapshot;
	const char *fault;

	if (options->from) {
		snapshot = snapshot_read_file(options->from, &fault);
		if (!snapshot)
			command_error("%s %s", options->from, fault);
		return snapshot;
	}
	if (options->root) {
		snapshot = procfs_read(options->root);
		if (!snapshot)
			command_error("%s has no proc/meminfo", options->root);
		return snapshot;
	}
	snapshot = read_module(options, wanted);
	if (snapshot)
		return snapshot;
	fprintf(stderr, "memtriage: %s; showing what /proc tells\n", why_no_module());
	snapshot = procfs_read("");
	if (!snapshot)
		command_error("/proc/meminfo cannot be read");
	return snapshot;
}
