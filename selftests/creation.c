// SPDX-License-Identifier: GPL-2.0
/*
 * Creations of caches that were watched (parameter creations): the size that
 * was asked for, who asked, what became of it; and that nothing is armed when
 * nobody wants it. The second oracles: the kernel's own list of probes, and the
 * links of /sys/kernel/slab.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "plant.h"
#include "report.h"

#define CREATION	"creation: "
#define NO_BEGINNING	"kmem_cache_create_usercopy,__kmem_cache_create_args"
#define PROBES		"/sys/kernel/debug/kprobes/list"
#define LINE_MAX_BYTES	512
#define MANY		40
#define RACE_S		2
#define ARMINGS_MIN	3
#define WATCH_TRIES	250

FIXTURE(creation) {
	char line[LINE_MAX_BYTES];
};

FIXTURE_SETUP(creation)
{
	module_unload(LEAVER);
	load_modules(_metadata);
}

FIXTURE_TEARDOWN(creation)
{
	module_unload(LEAVER);
	unload_modules(_metadata);
}

/* Copies the first note of status that begins so; "" if there is none. */
static const char *note(struct __test_metadata *_metadata, char line[],
			const char *head)
{
	struct report *status = read_report(_metadata, "status");
	int i;

	line[0] = '\0';
	for (i = 0; i < status->nr_comments; i++) {
		if (strncmp(status->comments[i], head, strlen(head)))
			continue;
		snprintf(line, LINE_MAX_BYTES, "%s", status->comments[i]);
		break;
	}
	EXPECT_STREQ("ok", status->state);
	report_free(status);
	return line;
}

static const char *creation(struct __test_metadata *_metadata, char line[],
			    const char *name)
{
	char head[128];

	snprintf(head, sizeof(head), CREATION "%s ", name);
	return note(_metadata, line, head);
}

/* The number before a word of the line that sums the creations up, or -1. */
static long summed(struct __test_metadata *_metadata, const char *word)
{
	char line[LINE_MAX_BYTES];
	const char *at;

	note(_metadata, line, "creations: watched");
	at = strstr(line, word);
	if (!at)
		return -1;
	while (at > line && at[-1] == ' ')
		at--;
	while (at > line && at[-1] >= '0' && at[-1] <= '9')
		at--;
	return strtol(at, NULL, 10);
}

static bool has(const char *line, const char *part)
{
	return strstr(line, part);
}

/* How many probes the kernel has on functions by which caches come and go. */
static int probes_armed(void)
{
	size_t bytes;
	char *text = report_slurp(PROBES, &bytes);
	char *rest = text;
	char *line;
	int nr = 0;

	while (text && (line = strsep(&rest, "\n")))
		nr += has(line, "kmem_cache") || has(line, "sysfs_slab_alias");
	free(text);
	return nr;
}

static bool same_cache(const char *name, const char *other)
{
	char first[256];
	char second[256];

	return oracle_slab_dir(name, first, sizeof(first)) &&
	       oracle_slab_dir(other, second, sizeof(second)) &&
	       !strcmp(first, second);
}

TEST_F(creation, nothing_is_armed_unasked)
{
	EXPECT_STREQ("creations: not watched (parameter creations)",
		     note(_metadata, self->line, "creations:"));
	EXPECT_EQ(0, probes_armed());
	ASSERT_EQ(0, module_set("creations", "32"));
	EXPECT_EQ(4, probes_armed());
	ASSERT_EQ(0, plant("caches", "create early 1608 merge"));
	EXPECT_EQ(1, summed(_metadata, "seen"));
	ASSERT_EQ(0, module_set("creations", "0"));
	EXPECT_EQ(0, probes_armed());
	EXPECT_STREQ("creations: not watched (parameter creations)",
		     note(_metadata, self->line, "creations:"));
	/* What was seen is forgotten, because it was not watched throughout. */
	ASSERT_EQ(0, module_set("creations", "32"));
	EXPECT_EQ(0, summed(_metadata, "seen"));
	EXPECT_STREQ("", creation(_metadata, self->line, "early"));
	ASSERT_EQ(0, module_unload(MEMTRIAGE));
	EXPECT_EQ(0, probes_armed());
	ASSERT_EQ(0, module_load(MEMTRIAGE, ""));
	EXPECT_EQ(0, probes_armed());
}

TEST_F(creation, nonsense_is_refused)
{
	static const char * const nonsense[] = {
		"-1", "1", "15", "4097", "many", " ", "32x",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nonsense); i++) {
		EXPECT_EQ(-EINVAL, module_set("creations", nonsense[i])) {
			TH_LOG("creations=%s", nonsense[i]);
		}
	}
	EXPECT_EQ(0, probes_armed());
	ASSERT_EQ(0, module_unload(MEMTRIAGE));
	EXPECT_EQ(-EINVAL, module_load(MEMTRIAGE, "creations=5"));
	EXPECT_EQ(0, probes_armed());
	ASSERT_EQ(0, module_load(MEMTRIAGE, ""));
}

/* Of two sizes that share a cache, each is told as it was asked for. */
TEST_F(creation, size_and_root_of_a_merged_cache)
{
	char root[128];
	char *at;

	ASSERT_EQ(0, module_reload("creations=32"));
	ASSERT_EQ(0, plant("caches", "create one 1608 merge"));
	ASSERT_EQ(0, plant("caches", "create two 1604 merge"));
	EXPECT_TRUE(has(creation(_metadata, self->line, "one"),
			"creation: one 1608 bytes in "));
	EXPECT_TRUE(has(creation(_metadata, self->line, "two"),
			"creation: two 1604 bytes in ")) {
		TH_LOG("%s", self->line);
	}
	EXPECT_TRUE(has(self->line, " by caches_command+") ||
		    has(self->line, " by cache_create+")) {
		TH_LOG("%s", self->line);
	}
	EXPECT_TRUE(has(self->line, "[" PLANT "]"));
	EXPECT_EQ(NULL, strstr(self->line, "destroyed"));
	EXPECT_EQ(NULL, strstr(self->line, "unloaded"));
	if (!same_cache("one", "two")) {
		/* This kernel does not merge. */
		EXPECT_TRUE(has(self->line, " in two by "));
		return;
	}
	/* The name after "in" is that of the cache, whoever made it. */
	at = strstr(self->line, " in ");
	ASSERT_NE(NULL, at);
	ASSERT_EQ(1, sscanf(at, " in %127s", root));
	creation(_metadata, self->line, "one");
	at = strstr(self->line, " in ");
	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, strncmp(at + 4, root, strlen(root)));
	EXPECT_TRUE(!strcmp(root, "one") || same_cache("two", root)) {
		TH_LOG("root %s", root);
	}
}

TEST_F(creation, a_cache_of_its_own)
{
	ASSERT_EQ(0, module_reload("creations=32"));
	ASSERT_EQ(0, plant("caches", "create alone 200 ctor"));
	EXPECT_TRUE(has(creation(_metadata, self->line, "alone"),
			"creation: alone 200 bytes in alone by ")) {
		TH_LOG("%s", self->line);
	}
	ASSERT_EQ(0, plant("caches", "destroy alone"));
	EXPECT_TRUE(has(creation(_metadata, self->line, "alone"),
			", destroyed")) {
		TH_LOG("%s", self->line);
	}
}

/* The variable, and what a module leaves behind when it goes. */
TEST_F(creation, left_behind_by_a_module_that_is_gone)
{
	struct report *owners;
	int record;

	ASSERT_EQ(0, module_reload("creations=32"));
	ASSERT_EQ(0, module_load(LEAVER, "name=stays leave=1 objects=10"));
	EXPECT_TRUE(has(creation(_metadata, self->line, "stays"),
			" by leaver_init+")) {
		TH_LOG("%s", self->line);
	}
	EXPECT_TRUE(has(self->line, " [" LEAVER "]"));
	EXPECT_EQ(NULL, strstr(self->line, "unloaded"));
	EXPECT_TRUE(has(self->line, " held by leaver_cache+0x0")) {
		TH_LOG("%s", self->line);
	}
	ASSERT_EQ(0, module_unload(LEAVER));
	EXPECT_TRUE(has(creation(_metadata, self->line, "stays"),
			" [" LEAVER "] (unloaded) held by leaver_cache+0x0, left behind")) {
		TH_LOG("%s", self->line);
	}
	/* And who asked for the cache can still be told. */
	owners = read_report(_metadata, "owners");
	record = report_find(owners, "name",
			     "stays, left behind by " LEAVER " (unloaded)");
	ASSERT_LE(0, record);
	EXPECT_STREQ(LEAVER, report_text(owners, record, "module"));
	EXPECT_STREQ("leaver_cache", report_text(owners, record, "holder"));
	report_free(owners);
	/* The same module again, and this time it cleans up. */
	ASSERT_EQ(0, module_load(LEAVER, "name=goes"));
	ASSERT_EQ(0, module_unload(LEAVER));
	EXPECT_TRUE(has(creation(_metadata, self->line, "goes"),
			", destroyed")) {
		TH_LOG("%s", self->line);
	}
	EXPECT_TRUE(has(creation(_metadata, self->line, "stays"),
			", left behind"));
}

TEST_F(creation, what_does_not_fit_is_counted)
{
	int i;

	ASSERT_EQ(0, module_reload("creations=16"));
	for (i = 0; i < 20; i++)
		ASSERT_EQ(0, plant("caches", "create many%d 1608 merge", i));
	EXPECT_EQ(20, summed(_metadata, "seen"));
	EXPECT_EQ(16, summed(_metadata, "kept"));
	EXPECT_EQ(4, summed(_metadata, "lost"));
	EXPECT_TRUE(has(creation(_metadata, self->line, "many15"), "1608"));
	EXPECT_STREQ("", creation(_metadata, self->line, "many16"));
	/* More room keeps what there is. */
	ASSERT_EQ(0, module_set("creations", "17"));
	ASSERT_EQ(0, plant("caches", "create more 1608 merge"));
	EXPECT_EQ(21, summed(_metadata, "seen"));
	EXPECT_EQ(17, summed(_metadata, "kept"));
	EXPECT_EQ(4, summed(_metadata, "lost"));
	EXPECT_TRUE(has(creation(_metadata, self->line, "more"), "1608"));
	ASSERT_EQ(0, plant("caches", "destroy more"));
	for (i = 0; i < 20; i++)
		ASSERT_EQ(0, plant("caches", "destroy many%d", i));
	/* What was destroyed makes room. */
	ASSERT_EQ(0, plant("caches", "create last 1608 merge"));
	EXPECT_TRUE(has(creation(_metadata, self->line, "last"), "1608"));
}

/* Churn of one that is alone costs no room, however long it goes on. */
TEST_F(creation, churn_does_not_fill_it)
{
	int i;

	ASSERT_EQ(0, module_reload("creations=16"));
	ASSERT_EQ(0, plant("caches", "create stay 200 ctor"));
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(0, plant("caches", "create churn 264 ctor"));
		ASSERT_EQ(0, plant("caches", "destroy churn"));
	}
	EXPECT_EQ(MANY + 1, summed(_metadata, "seen"));
	EXPECT_EQ(0, summed(_metadata, "lost"));
	ASSERT_EQ(0, module_set("creations", "32"));
	EXPECT_EQ(1, summed(_metadata, "kept"));
	EXPECT_TRUE(has(creation(_metadata, self->line, "stay"), "200 bytes"));
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Caches, and a module with one, come and go in another process all the time. */
static pid_t start_churn(void)
{
	pid_t pid = fork();
	int i;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0;; i++) {
		plant("caches", "create race 264 %s", i % 2 ? "ctor" : "merge");
		plant("caches", "destroy race");
		if (i % 8)
			continue;
		module_load(LEAVER, "name=race2");
		module_unload(LEAVER);
	}
}

static void stop_churn(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	plant("caches", "destroy race");
}

TEST_F(creation, armed_and_disarmed_while_caches_come_and_go)
{
	double until = seconds() + RACE_S;
	int armings = 0;
	pid_t pid;

	pid = start_churn();
	ASSERT_LT(0, pid);
	while (seconds() < until || armings < ARMINGS_MIN) {
		EXPECT_EQ(0, module_set("creations", "16"));
		EXPECT_LE(0, summed(_metadata, "seen"));
		EXPECT_EQ(0, module_set("creations", "64"));
		EXPECT_LE(0, summed(_metadata, "seen"));
		EXPECT_EQ(0, module_set("creations", "0"));
		armings++;
	}
	stop_churn(pid);
	EXPECT_EQ(0, probes_armed());
}

TEST_F(creation, rmmod_while_caches_come_and_go)
{
	double until = seconds() + RACE_S;
	int cycles = 0;
	pid_t pid;

	pid = start_churn();
	ASSERT_LT(0, pid);
	while (seconds() < until || cycles < ARMINGS_MIN) {
		long seen_now = 0;
		int i;

		ASSERT_EQ(0, module_reload("creations=16"));
		/* The other process may have to wait for its turn. */
		for (i = 0; i < WATCH_TRIES && !seen_now; i++) {
			usleep(20000);
			seen_now = summed(_metadata, "seen");
		}
		EXPECT_LT(0, seen_now);
		cycles++;
	}
	stop_churn(pid);
	ASSERT_EQ(0, module_unload(MEMTRIAGE));
	EXPECT_EQ(0, probes_armed());
	ASSERT_EQ(0, module_load(MEMTRIAGE, ""));
}

/* What a kernel without one of the functions would tell, and do. */
TEST_F(creation, without_the_aliases_sizes_are_still_told)
{
	ASSERT_EQ(0, module_reload("creations=32 hide=sysfs_slab_alias"));
	EXPECT_EQ(3, probes_armed());
	note(_metadata, self->line, "creations: lost:");
	EXPECT_TRUE(has(self->line, "which cache a created one was merged into")) {
		TH_LOG("%s", self->line);
	}
	EXPECT_TRUE(has(self->line, "sysfs_slab_alias hidden"));
	ASSERT_EQ(0, plant("caches", "create one 1608 merge"));
	ASSERT_EQ(0, plant("caches", "create two 1604 merge"));
	creation(_metadata, self->line, "two");
	EXPECT_TRUE(has(self->line, "creation: two 1604 bytes in "));
	if (same_cache("one", "two"))
		EXPECT_TRUE(has(self->line, " in - by "));
	/* Nobody looked for a name that does not exist. */
	EXPECT_STREQ("", note(_metadata, self->line, "hide:"));
}

TEST_F(creation, without_the_end_nothing_is_said_of_it)
{
	ASSERT_EQ(0, module_reload("creations=32 hide=kmem_cache_destroy"));
	EXPECT_TRUE(has(note(_metadata, self->line, "creations: lost:"),
			"kmem_cache_destroy hidden"));
	ASSERT_EQ(0, plant("caches", "create one 200 ctor"));
	ASSERT_EQ(0, plant("caches", "destroy one"));
	creation(_metadata, self->line, "one");
	EXPECT_TRUE(has(self->line, "creation: one 200 bytes in one by "));
	EXPECT_EQ(NULL, strstr(self->line, "destroyed"));
}

TEST_F(creation, without_the_beginning_it_is_not_watched)
{
	ASSERT_EQ(0, module_reload("creations=32 hide=" NO_BEGINNING));
	EXPECT_EQ(0, probes_armed());
	EXPECT_EQ(-EOPNOTSUPP, module_set("creations", "64"));
	EXPECT_TRUE(has(note(_metadata, self->line, "creations: lost:"),
			"which caches are created, by whom"));
	EXPECT_STREQ("creations: not watched (parameter creations)",
		     note(_metadata, self->line, "creations: not"));
	EXPECT_EQ(0, probes_armed());
}

TEST_HARNESS_MAIN
