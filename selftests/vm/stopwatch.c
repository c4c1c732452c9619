// SPDX-License-Identifier: GPL-2.0
/*
 * stopwatch RUNS read FILE...: the median microseconds of opening, reading to
 * the end and closing these files, one after the other.
 * stopwatch RUNS run COMMAND [ARGUMENT...]: the median microseconds of a
 * process, from fork to exit, its output thrown away.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char buffer[65536];

static long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static int read_files(char **paths)
{
	ssize_t got;
	int fd;

	for (; *paths; paths++) {
		fd = open(*paths, O_RDONLY);
		if (fd < 0) {
			fprintf(stderr, "stopwatch: %s: %s\n", *paths, strerror(errno));
			return -1;
		}
		while ((got = read(fd, buffer, sizeof(buffer))) > 0)
			;
		close(fd);
		if (got < 0)
			return -1;
	}
	return 0;
}

static int run_command(char **argv)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		int fd = open("/dev/null", O_WRONLY);

		dup2(fd, 1);
		dup2(fd, 2);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status ? -1 : 0;
}

static int compare(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	int runs = argc > 3 ? atoi(argv[1]) : 0;
	long long *took;
	int i;

	if (runs < 1 || (strcmp(argv[2], "read") && strcmp(argv[2], "run"))) {
		fprintf(stderr, "usage: stopwatch RUNS read FILE... | run COMMAND...\n");
		return 2;
	}
	took = calloc(runs, sizeof(*took));
	if (!took)
		return 1;
	for (i = -1; i < runs; i++) {
		long long begin = now_us();

		if (!strcmp(argv[2], "read") ? read_files(argv + 3) : run_command(argv + 3)) {
			fprintf(stderr, "stopwatch: %s failed\n", argv[3]);
			return 1;
		}
		/* the first one only warms up */
		if (i >= 0)
			took[i] = now_us() - begin;
	}
	qsort(took, runs, sizeof(*took), compare);
	printf("%lld\n", took[runs / 2]);
	return 0;
}
