// SPDX-License-Identifier: GPL-2.0
/*
 * Reads what the kernel's own files say: meminfo, vmstat, zoneinfo, the slab
 * allocator's sysfs, the kernel log.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

#include "oracle.h"
#include "report.h"

#define SLAB_DIR	"/sys/kernel/slab"
#define LOG_READ_ALL	3
#define LOG_SIZE	10
#define PAGE_KB		(sysconf(_SC_PAGESIZE) / 1024)

/**
 * oracle_value - the number on the line of a file that begins with a key
 * @path: the file
 * @key: the first word, without a colon
 *
 * Return: the number, or -1 if there is no such line.
 */
long long oracle_value(const char *path, const char *key)
{
	size_t key_bytes = strlen(key);
	long long value = -1;
	size_t bytes;
	char *text;
	char *line;
	char *rest;

	text = report_slurp(path, &bytes);
	rest = text;
	while (text && (line = strsep(&rest, "\n"))) {
		char *at = line + key_bytes;

		if (strncmp(line, key, key_bytes) ||
		    (*at != ':' && *at != ' '))
			continue;
		value = strtoll(at + 1, NULL, 10);
		break;
	}
	free(text);
	return value;
}

/**
 * oracle_meminfo - a line of /proc/meminfo
 * @key: its name
 *
 * Return: kB (or pages, for HugePages_*), or -1.
 */
long long oracle_meminfo(const char *key)
{
	return oracle_value("/proc/meminfo", key);
}

/**
 * oracle_vmstat - a line of /proc/vmstat
 * @key: its name
 *
 * Return: its number, or -1.
 */
long long oracle_vmstat(const char *key)
{
	return oracle_value("/proc/vmstat", key);
}

/**
 * oracle_file - the number a file begins with
 * @path: the file
 *
 * Return: the number, or -1.
 */
long long oracle_file(const char *path)
{
	long long value = -1;
	size_t bytes;
	char *text;

	text = report_slurp(path, &bytes);
	if (text && bytes)
		value = strtoll(text, NULL, 0);
	free(text);
	return value;
}

/**
 * oracle_slab_dir - the directory of a cache in sysfs
 * @name: one of its names
 * @dir: gets the directory's name, which is not the cache's if it can be merged
 * @bytes: room in @dir
 *
 * Return: false if sysfs does not know the name, or only by a dangling link.
 */
bool oracle_slab_dir(const char *name, char *dir, int bytes)
{
	char real[PATH_MAX];
	char path[512];

	snprintf(path, sizeof(path), SLAB_DIR "/%s", name);
	if (!realpath(path, real))
		return false;
	snprintf(dir, bytes, "%s", basename(real));
	return true;
}

/**
 * oracle_slab_cache - an attribute of a cache in sysfs
 * @dir: its directory
 * @attribute: the file
 *
 * Return: the number it begins with, or -1.
 */
long long oracle_slab_cache(const char *dir, const char *attribute)
{
	char path[512];

	snprintf(path, sizeof(path), SLAB_DIR "/%s/%s", dir, attribute);
	return oracle_file(path);
}

/**
 * oracle_pcp_kb - pages on the per-CPU lists, from /proc/zoneinfo
 *
 * Return: kB.
 */
long long oracle_pcp_kb(void)
{
	long long pages = 0;
	size_t bytes;
	char *text;
	char *line;
	char *rest;

	text = report_slurp("/proc/zoneinfo", &bytes);
	rest = text;
	while (text && (line = strsep(&rest, "\n"))) {
		long long count;

		if (sscanf(line, " count: %lld", &count) == 1)
			pages += count;
	}
	free(text);
	return pages * PAGE_KB;
}

/* The kernel log, to be freed. */
static char *kernel_log(void)
{
	int bytes = klogctl(LOG_SIZE, NULL, 0);
	char *text = calloc(1, bytes + 1);

	if (klogctl(LOG_READ_ALL, text, bytes) < 0)
		*text = '\0';
	return text;
}

/**
 * oracle_log_lines - how often the kernel log says something
 * @part: the words
 *
 * Return: lines that contain them.
 */
int oracle_log_lines(const char *part)
{
	char *text = kernel_log();
	char *rest = text;
	char *line;
	int nr = 0;

	while ((line = strsep(&rest, "\n")))
		nr += !!strstr(line, part);
	free(text);
	return nr;
}

/*
 * Boot says "percpu: Embedded 61 pages/cpu s212992 r8192 d28672 u1048576"; there
 * are as many units as possible CPUs.
 */
/**
 * oracle_first_chunk_kb - the first percpu chunk, which meminfo's Percpu has
 *	and MemTotal has not, from the kernel log
 *
 * Return: kB, or -1 if the log does not say.
 */
long long oracle_first_chunk_kb(void)
{
	char *text = kernel_log();
	long long kb = -1;
	long pages;
	char *at;

	at = strstr(text, "percpu: Embedded ");
	if (at && sscanf(at, "percpu: Embedded %ld pages/cpu", &pages) == 1)
		kb = pages * PAGE_KB * sysconf(_SC_NPROCESSORS_CONF);
	free(text);
	return kb;
}

/**
 * oracle_has_symbol - whether this kernel has a symbol
 * @symbol: its name
 *
 * Return: true if it is in /proc/kallsyms.
 */
bool oracle_has_symbol(const char *symbol)
{
	char part[128];
	bool found;
	size_t bytes;
	char *text;

	snprintf(part, sizeof(part), " %s\n", symbol);
	text = report_slurp("/proc/kallsyms", &bytes);
	found = text && strstr(text, part);
	free(text);
	return found;
}

/**
 * oracle_has_parameter - whether this kernel was booted with a parameter
 * @parameter: all of it, for example "debugfs=off"
 *
 * Return: true if it was.
 */
bool oracle_has_parameter(const char *parameter)
{
	bool found = false;
	size_t bytes;
	char *text;
	char *word;
	char *rest;

	text = report_slurp("/proc/cmdline", &bytes);
	rest = text;
	while (text && (word = strsep(&rest, "\n "))) {
		if (!strcmp(word, parameter))
			found = true;
	}
	free(text);
	return found;
}

/**
 * oracle_cpus - online CPUs
 *
 * Return: how many.
 */
int oracle_cpus(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}

/**
 * oracle_write - write to a file of the kernel
 * @path: the file
 * @text: what to write
 *
 * Return: 0 or -errno.
 */
int oracle_write(const char *path, const char *text)
{
	ssize_t bytes = strlen(text);
	int err = 0;
	int fd;

	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	if (write(fd, text, bytes) != bytes)
		err = -errno;
	close(fd);
	return err;
}

/**
 * oracle_settle - make the kernel's counters say what is true now
 *
 * Folds every CPU's share of the vmstat counters, which are off by up to 125
 * pages a CPU otherwise (mm/vmstat.c, calculate_normal_threshold()).
 */
void oracle_settle(void)
{
	oracle_write("/proc/sys/vm/stat_refresh", "1");
}
