// SPDX-License-Identifier: GPL-2.0
/*
 * One allocation after the other fails, in each report and where probes are armed: an error that
 * says so or a report that does, nothing lost for the next reader, no splat. What leaks is seen by
 * kmemleak after the program. (Not at load: there the kernel itself warns where it has no memory.)
 *
 * Needs a kernel that lets allocations fail on request (CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC);
 * see Documentation/fault-injection/fault-injection.rst, "fail-nth".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "report.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define FAILSLAB	"/sys/kernel/debug/failslab/"
#define FAIL_PAGE	"/sys/kernel/debug/fail_page_alloc/"

/* So many of the first are each tried; of those after them one in so many. */
#define EACH		16
#define PART		4
#define TEXT_BYTES	(1 << 20)

static const char * const settings[][2] = {
	/* also those that may sleep, which ours may */
	{ FAILSLAB "ignore-gfp-wait", "N" },
	{ FAILSLAB "verbose", "0" },
	{ FAIL_PAGE "ignore-gfp-wait", "N" },
	{ FAIL_PAGE "ignore-gfp-highmem", "N" },
	{ FAIL_PAGE "min-order", "0" },
	{ FAIL_PAGE "verbose", "0" },
};

/* The file for fail_nth() and failed(); -1 if this kernel does not let allocations fail. */
static int arm(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(settings); i++)
		if (oracle_write(settings[i][0], settings[i][1]))
			return -1;
	return open(FAIL_NTH, O_RDWR);
}

static int next_nth(int nth)
{
	return nth < EACH ? nth + 1 : nth + nth / PART;
}

/* The nth allocation of this thread fails, from now on. */
static void fail_nth(int fd, int nth)
{
	char text[16];
	int bytes = snprintf(text, sizeof(text), "%d", nth);

	if (pwrite(fd, text, bytes, 0) != bytes)
		abort();
}

/* No more; returns whether it did fail. */
static bool failed(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		abort();
	fail_nth(fd, 0);
	return !atoi(text);
}

FIXTURE(no_memory) {
	int fail;
	char *text;
};

FIXTURE_VARIANT(no_memory) {
	const char *report;
};

#define VARIANT(name)	FIXTURE_VARIANT_ADD(no_memory, name) { .report = #name };
FOR_EACH_REPORT(VARIANT)

FIXTURE_SETUP(no_memory)
{
	self->fail = arm();
	if (self->fail < 0)
		SKIP(return, "this kernel does not let allocations fail");
	self->text = malloc(TEXT_BYTES);
	ASSERT_NE(NULL, self->text);
	/* not a page of it is missing when it counts */
	memset(self->text, 0, TEXT_BYTES);
	load_modules(_metadata);
}

FIXTURE_TEARDOWN(no_memory)
{
	unload_modules(_metadata);
	free(self->text);
	close(self->fail);
}

/*
 * Bytes read, or -errno; report_slurp() itself allocates where it counts. The last byte of
 * @text stays free for the end of the string.
 */
static ssize_t slurp(const char *path, char *text, size_t room)
{
	ssize_t total = 0;
	ssize_t bytes;
	int err;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while ((bytes = read(fd, text + total, room - 1 - total)) > 0)
		total += bytes;
	err = bytes < 0 ? -errno : 0;
	close(fd);
	return err ?: total;
}

TEST_F_TIMEOUT(no_memory, reads, 400)
{
	int nr_failed = 0;
	int nr_said = 0;
	bool more = true;
	char path[256];
	int nth;

	snprintf(path, sizeof(path), "%s/%s", report_dir(), variant->report);
	for (nth = 1; more; nth = next_nth(nth)) {
		struct report *report;
		ssize_t bytes;

		fail_nth(self->fail, nth);
		bytes = slurp(path, self->text, TEXT_BYTES);
		more = failed(self->fail);
		nr_failed += more;
		if (bytes < 0) {
			EXPECT_EQ(-ENOMEM, bytes) {
				TH_LOG("%s, allocation %d: %s", variant->report, nth,
				       strerror(-bytes));
			}
			continue;
		}
		self->text[bytes] = '\0';
		report = report_parse(variant->report, strdup(self->text), bytes);
		EXPECT_EQ(NULL, report->fault) {
			TH_LOG("%s, allocation %d: %s", variant->report, nth, report->fault);
		}
		if (!more) {
			EXPECT_STREQ("ok", report->state) {
				TH_LOG("%s: %s", variant->report, report->reason);
			}
		} else if (strcmp(report->state, "ok")) {
			nr_said++;
		}
		report_free(report);
	}
	TH_LOG("%s: %d failed, %d said what is missing, the last was number %d",
	       variant->report, nr_failed, nr_said, nth);
	/* An open alone allocates a file and its buffer, and there is more to a report. */
	EXPECT_LE(EACH / 2, nr_failed);
}

FIXTURE(no_memory_for_probes) {
	int fail;
};

FIXTURE_SETUP(no_memory_for_probes)
{
	self->fail = arm();
	if (self->fail < 0)
		SKIP(return, "this kernel does not let allocations fail");
	load_modules(_metadata);
}

FIXTURE_TEARDOWN(no_memory_for_probes)
{
	unload_modules(_metadata);
	close(self->fail);
}

TEST_F_TIMEOUT(no_memory_for_probes, watching_creations, 400)
{
	int nr_failed = 0;
	bool more = true;
	int nth;

	for (nth = 1; more; nth = next_nth(nth)) {
		int err;

		fail_nth(self->fail, nth);
		err = module_set("creations", "512");
		more = failed(self->fail);
		nr_failed += more;
		EXPECT_TRUE(!err || err == -ENOMEM) {
			TH_LOG("allocation %d: %s", nth, strerror(-err));
		}
		if (!more)
			EXPECT_EQ(0, err);

		ASSERT_EQ(0, module_set("creations", "0"));
	}
	EXPECT_LE(3, nr_failed);
}

TEST_HARNESS_MAIN
