// SPDX-License-Identifier: GPL-2.0
/*
 * Loads and unloads the two modules, and sets parameters of memtriage.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "module.h"

/* A file that is held open by something that is just ending lets go soon. */
#define UNLOAD_TRIES		50
#define UNLOAD_PAUSE_US		100000

static void module_path(const char *module, char *path, size_t bytes)
{
	const char *dir = getenv("MEMTRIAGE_KMOD");
	const char *ko = getenv("MEMTRIAGE_KO");

	if (strcmp(module, MEMTRIAGE))
		snprintf(path, bytes, "%s/%s.ko", dir ?: "kmod", module);
	else
		snprintf(path, bytes, "%s", ko ?: "./" MEMTRIAGE ".ko");
}

/**
 * module_load - insmod
 * @module: its name
 * @parameters: as on insmod's command line
 *
 * Return: 0 or -errno.
 */
int module_load(const char *module, const char *parameters)
{
	char path[256];
	int err = 0;
	int fd;

	module_path(module, path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		fprintf(stderr, "# %s: %s\n", path, strerror(errno));
		return err;
	}
	if (syscall(SYS_finit_module, fd, parameters, 0))
		err = -errno;
	close(fd);
	return err;
}

/**
 * module_unload_now - rmmod, and do not wait
 * @module: its name
 *
 * Return: 0, or -errno: -EWOULDBLOCK while it is in use.
 */
int module_unload_now(const char *module)
{
	return syscall(SYS_delete_module, module, O_NONBLOCK) ? -errno : 0;
}

/**
 * module_unload - rmmod, and wait for who is just letting go
 * @module: its name
 *
 * Return: 0, -ENOENT if it was not loaded, or another -errno.
 */
int module_unload(const char *module)
{
	int tries;
	int err;

	for (tries = 0; tries < UNLOAD_TRIES; tries++) {
		err = module_unload_now(module);
		if (err != -EWOULDBLOCK && err != -EBUSY)
			break;
		usleep(UNLOAD_PAUSE_US);
	}
	return err;
}

/**
 * module_is_loaded - whether a module is there
 * @module: its name
 *
 * Return: true if it is.
 */
bool module_is_loaded(const char *module)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/module/%s", module);
	return !access(path, F_OK);
}

/**
 * module_set - write a parameter of memtriage while it is loaded
 * @parameter: its name
 * @value: the text
 *
 * Return: 0 or -errno.
 */
int module_set(const char *parameter, const char *value)
{
	ssize_t bytes = strlen(value);
	char path[256];
	int err = 0;
	int fd;

	snprintf(path, sizeof(path), "/sys/module/" MEMTRIAGE "/parameters/%s",
		 parameter);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	if (write(fd, value, bytes) != bytes)
		err = -errno;
	close(fd);
	return err;
}

/**
 * module_reload - memtriage again, with these parameters
 * @parameters: as on insmod's command line
 *
 * Return: 0 or -errno.
 */
int module_reload(const char *parameters)
{
	int err = module_unload(MEMTRIAGE);

	if (err && err != -ENOENT)
		return err;
	return module_load(MEMTRIAGE, parameters);
}
