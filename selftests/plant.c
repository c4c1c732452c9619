// SPDX-License-Identifier: GPL-2.0
/*
 * Gives commands to memtriage_plant.ko and reads what it holds.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "oracle.h"
#include "plant.h"

/**
 * plant - give one command
 * @kind: the file, that is what kind of memory
 * @fmt: the command
 *
 * Return: 0 when it is done, or -errno and nothing has changed.
 */
int plant(const char *kind, const char *fmt, ...)
{
	char command[256];
	char path[256];
	va_list args;
	int err = 0;
	int bytes;
	int fd;

	va_start(args, fmt);
	bytes = vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	snprintf(path, sizeof(path), PLANT_DIR "/%s", kind);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, command, bytes) != bytes)
		err = -errno;
	close(fd);
	return err;
}

/**
 * plant_truth - what is planted
 * @kind: the file
 * @key: the line
 *
 * Return: its number, or -1 if there is no such line.
 */
long long plant_truth(const char *kind, const char *key)
{
	char path[256];

	snprintf(path, sizeof(path), PLANT_DIR "/%s", kind);
	return oracle_value(path, key);
}
