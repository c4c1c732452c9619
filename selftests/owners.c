// SPDX-License-Identifier: GPL-2.0
/*
 * The owners report: every cache that somebody asked for, under its own name,
 * with the variable that holds it. Checked against what the plants hold, what
 * the kernel's source says of its own caches, /proc/kallsyms, and the slab
 * report.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "module.h"
#include "oracle.h"
#include "plant.h"
#include "report.h"

#define SLAB_DIR	"/sys/kernel/slab"
#define TRIES		20
#define PAUSE_US	50000
/* Caches that change whenever somebody looks are no error. */
#define MOVING		2
/* A size that no cache of any kernel has: the plants merge with each other. */
#define LONELY_BYTES	1608
/* Percent of the users of merged caches that must have a holder. */
#define EXPLAINED	97
#define CHURN_READS	5

FIXTURE(owners) {
	/* Booted so that nothing is merged. */
	bool unmerged;
};

FIXTURE_SETUP(owners)
{
	char link[16];

	load_modules(_metadata);
	ASSERT_EQ(0, module_reload("rows=4096"));
	self->unmerged = readlink(SLAB_DIR "/TSPacket", link, sizeof(link)) < 0;
}

FIXTURE_TEARDOWN(owners)
{
	unload_modules(_metadata);
}

static const char *cell(const struct report *report, int record,
			const char *column)
{
	return report_text(report, record, column);
}

static bool is_guess(const char *text)
{
	return *text == '~';
}

static bool is_known(const char *text)
{
	return strcmp(text, "-");
}

/* The record of one user of a cache that was not destroyed, or -1. */
static int find_owner(const struct report *report, const char *name)
{
	return report_find(report, "name", name);
}

/* One for which all objects were searched: on a busy host there may be no time. */
static struct report *read_owners(struct __test_metadata *_metadata)
{
	struct report *report = read_report(_metadata, "owners");
	int tries;

	for (tries = 0; tries < TRIES; tries++) {
		if (!strstr(report->reason, "not all objects"))
			break;
		report_free(report);
		usleep(PAUSE_US);
		report = read_report(_metadata, "owners");
	}
	return report;
}

#define EXPECT_OWNER(_report, _name, _module, _holder) \
	do { \
		int _record = find_owner(_report, _name); \
		\
		ASSERT_LE(0, _record) { \
			TH_LOG("no record of %s", _name); \
		} \
		EXPECT_STREQ(_module, cell(_report, _record, "module")) { \
			TH_LOG("module of %s", _name); \
		} \
		EXPECT_STREQ(_holder, cell(_report, _record, "holder")) { \
			TH_LOG("holder of %s", _name); \
		} \
	} while (0)

/* One in a variable of its own: the published incident. */
TEST_F(owners, module_with_a_variable)
{
	struct report *report = read_report(_metadata, "owners");

	EXPECT_STREQ("ok", report->state) {
		TH_LOG("%s", report->reason);
	}
	EXPECT_OWNER(report, "TSPacket", PLANT, "packet_cache");
	report_free(report);
}

/* Each in an object on a list: the name stands in it, the list in a variable. */
TEST_F(owners, module_with_objects)
{
	static const char * const names[] = { "tp_one", "tp_two", "tp_three" };
	struct report *report;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		ASSERT_EQ(0, plant("caches", "create %s %zu merge", names[i],
				   72 + 8 * i));
	report = read_owners(_metadata);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		int record = find_owner(report, names[i]);
		const char *holder;

		ASSERT_LE(0, record) {
			TH_LOG("no record of %s", names[i]);
		}
		holder = cell(report, record, "holder");
		EXPECT_STREQ(PLANT, cell(report, record, "module"));
		EXPECT_EQ(holder, strstr(holder, "caches")) {
			TH_LOG("%s is held by %s", names[i], holder);
		}
		EXPECT_NE(NULL, strstr(holder, "->kmalloc-")) {
			TH_LOG("%s is held by %s", names[i], holder);
		}
	}
	report_free(report);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		ASSERT_EQ(0, plant("caches", "destroy %s", names[i]));

	/* And nobody holds them any more. */
	report = read_report(_metadata, "owners");
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_EQ(-1, find_owner(report, names[i])) {
			TH_LOG("%s was destroyed", names[i]);
		}
	}
	report_free(report);
}

/* What the kernel's source says: caches and the variables they are kept in. */
static const struct {
	const char *name;
	const char *holder;
} truths[] = {
	{ "task_struct", "task_struct_cachep" },
	{ "sighand_cache", "sighand_cachep" },
	{ "signal_cache", "signal_cachep" },
	{ "files_cache", "files_cachep" },
	{ "fs_cache", "fs_cachep" },
	{ "vm_area_struct", "vm_area_cachep" },
	{ "mm_struct", "mm_cachep" },
	{ "inode_cache", "inode_cachep" },
	{ "radix_tree_node", "radix_tree_node_cachep" },
	{ "kernfs_node_cache", "kernfs_node_cache" },
	{ "kernfs_iattrs_cache", "kernfs_iattrs_cache" },
	{ "anon_vma", "anon_vma_cachep" },
	{ "anon_vma_chain", "anon_vma_chain_cachep" },
	{ "vmap_area", "vmap_area_cachep" },
	{ "sigqueue", "sigqueue_cachep" },
	{ "cred_jar", "cred_jar" },
	{ "cred", "cred_jar" },
	{ "key_jar", "key_jar" },
	{ "pid", "init_pid_ns" },
	{ "nsproxy", "nsproxy_cachep" },
	{ "buffer_head", "bh_cachep" },
	{ "lsm_file_cache", "lsm_file_cache" },
	{ "lsm_inode_cache", "lsm_inode_cache" },
	{ "fsnotify_mark_connector", "fsnotify_mark_connector_cachep" },
	{ "inotify_inode_mark", "inotify_inode_mark_cachep" },
	{ "dnotify_mark", "dnotify_mark_cache" },
	{ "dnotify_struct", "dnotify_struct_cache" },
	{ "fanotify_mark", "fanotify_mark_cache" },
	{ "fasync_cache", "fasync_cache" },
	{ "file_lock_cache", "filelock_cache" },
	{ "file_lock_ctx", "flctx_cache" },
	{ "pool_workqueue", "pwq_cache" },
	{ "eventpoll_pwq", "pwq_cache" },
	{ "eventpoll_epi", "epi_cache" },
	{ "Acpi-Namespace", "acpi_gbl_namespace_cache" },
	{ "Acpi-State", "acpi_gbl_state_cache" },
	{ "Acpi-Parse", "acpi_gbl_ps_node_cache" },
	{ "Acpi-ParseExt", "acpi_gbl_ps_node_ext_cache" },
	{ "Acpi-Operand", "acpi_gbl_operand_cache" },
	{ "trace_event_file", "file_cachep" },
	{ "ftrace_event_field", "field_cachep" },
	{ "biovec-16", "bvec_slabs" },
	{ "biovec-64", "bvec_slabs" },
	{ "biovec-128", "bvec_slabs" },
	{ "biovec-max", "bvec_slabs" },
	{ "sgpool-8", "sg_pools" },
	{ "sgpool-16", "sg_pools" },
	{ "sgpool-128", "sg_pools" },
	{ "ip4-frags", "ip4_frags" },
	{ "tcp_bind_bucket", "tcp_hashinfo" },
	{ "UDP", "udp_prot" },
	{ "UDP-Lite", "udplite_prot" },
	{ "TCP", "tcp_prot" },
	{ "RAW", "raw_prot" },
	{ "request_sock_TCP", "tcp_request_sock_ops" },
	{ "tw_sock_TCP", "tcp_timewait_sock_ops" },
	{ "inet_peer_cache", "peer_cachep" },
	{ "shared_policy_node", "sn_cache" },
	{ "dio", "dio_cache" },
	{ "uid_cache", "uid_cachep" },
	{ "pde_opener", "pde_opener_cache" },
	{ "pid_namespace", "pid_ns_cachep" },
	{ "kmalloc-64", "kmalloc_caches" },
	{ "maple_node", "maple_node_cache" },
	{ "task_group", "task_group_cache" },
	{ "damon_region", "damon_region_cache" },
	{ "ksm_rmap_item", "rmap_item_cache" },
	{ "ksm_mm_slot", "mm_slot_cache" },
	{ "ksm_stable_node", "stable_node_cache" },
	{ "jbd2_inode", "jbd2_inode_cache" },
	{ "skbuff_fclone_cache", "skbuff_fclone_cache" },
};

/* More of them are on each kernel. */
#define TRUTHS_MIN	40

/* "variable+0x10" or "~variable" is that variable. */
static bool is_variable(const char *holder, const char *variable)
{
	size_t bytes = strlen(variable);

	holder += is_guess(holder);
	return !strncmp(holder, variable, bytes) &&
		(!holder[bytes] || holder[bytes] == '+');
}

/* No link is wrong, nor any guess on these kernels. */
TEST_F(owners, links_are_those_of_the_source)
{
	struct report *report = read_owners(_metadata);
	int nr = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(truths); i++) {
		int record = find_owner(report, truths[i].name);
		const char *holder;

		if (record < 0)
			continue;
		holder = cell(report, record, "holder");
		/* since v6.8 the caches of the network's fast path are members */
		if (!strncmp(truths[i].name, "skbuff_", 7) &&
		    strstr(holder, "net_hotdata"))
			continue;
		EXPECT_TRUE(is_variable(holder, truths[i].holder)) {
			TH_LOG("%s is held by %s, and not by %s",
			       truths[i].name, truths[i].holder, holder);
		}
		EXPECT_STREQ("vmlinux", cell(report, record, "module")) {
			TH_LOG("%s is built in", truths[i].name);
		}
		nr++;
	}
	EXPECT_LE(TRUTHS_MIN, nr);
	report_free(report);
}

/* Nearly all users of merged caches have a holder. */
TEST_F(owners, nearly_all_are_explained)
{
	struct report *report = read_owners(_metadata);
	int merged, users, explained;
	const char *comment;

	comment = report_comment(report, "merged caches: ");
	ASSERT_NE(NULL, comment);
	ASSERT_EQ(3, sscanf(comment,
			    "merged caches: %d, with %d users; %d of these",
			    &merged, &users, &explained));
	TH_LOG("%s", comment);
	comment = report_comment(report, "names: ");
	ASSERT_NE(NULL, comment);
	TH_LOG("%s", comment);
	if (self->unmerged) {
		EXPECT_EQ(0, users);
		EXPECT_NE(NULL, report_comment(report, "merges no caches"));
	} else {
		EXPECT_LT(10, users);
		EXPECT_LE(users * EXPLAINED, explained * 100);
	}
	report_free(report);
}

/*
 * struct symbols - /proc/kallsyms
 * @text: the file
 * @line: its lines, sorted by symbol
 * @nr: how many
 */
struct symbols {
	char *text;
	char **line;
	int nr;
};

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char **)a, *(char **)b);
}

/* "address type symbol [module]": kept as "symbol module". */
static void symbols_read(struct symbols *symbols)
{
	size_t bytes;
	char *line;
	char *rest;

	symbols->text = report_slurp("/proc/kallsyms", &bytes);
	symbols->line = calloc(bytes / 16 + 1, sizeof(*symbols->line));
	symbols->nr = 0;
	rest = symbols->text;
	while (symbols->text && (line = strsep(&rest, "\n"))) {
		char *symbol = strrchr(line, ' ');

		if (symbol && !strchr(symbol, '['))
			symbols->line[symbols->nr++] = symbol + 1;
		else if (symbol && strchr(line, '\t'))
			symbols->line[symbols->nr++] =
				strchr(strchr(line, ' ') + 1, ' ') + 1;
	}
	qsort(symbols->line, symbols->nr, sizeof(*symbols->line),
	      compare_lines);
}

static void symbols_free(struct symbols *symbols)
{
	free(symbols->line);
	free(symbols->text);
}

static bool has_symbol(const struct symbols *symbols, const char *symbol)
{
	char *key = (char *)symbol;

	return bsearch(&key, symbols->line, symbols->nr,
		       sizeof(*symbols->line), compare_lines);
}

/* Every holder is a symbol of the kernel or of the module that is named. */
TEST_F(owners, holders_are_symbols)
{
	struct report *report = read_report(_metadata, "owners");
	struct symbols symbols;
	int record;
	int nr = 0;

	symbols_read(&symbols);
	for (record = 0; record < report->nr_records; record++) {
		const char *holder = cell(report, record, "holder");
		const char *module = cell(report, record, "module");
		char symbol[256];

		module += is_guess(module);
		holder += is_guess(holder);
		/* an object that hangs from no variable */
		if (!is_known(holder) || !strncmp(holder, "kmalloc-", 8))
			continue;
		snprintf(symbol, sizeof(symbol), "%.*s",
			 (int)strcspn(holder, "+-("), holder);
		if (strcmp(module, "vmlinux"))
			snprintf(symbol + strlen(symbol),
				 sizeof(symbol) - strlen(symbol), "\t[%s]",
				 module);
		EXPECT_TRUE(has_symbol(&symbols, symbol)) {
			TH_LOG("no symbol %s", symbol);
		}
		nr++;
	}
	EXPECT_LT(100, nr);
	symbols_free(&symbols);
	report_free(report);
}

/* What a root's records have together. */
static long long objects_of(const struct report *owners, const char *root,
			    int *records)
{
	long long sum = 0;
	int record;

	*records = 0;
	for (record = 0; record < owners->nr_records; record++) {
		if (strcmp(cell(owners, record, "root"), root))
			continue;
		++*records;
		if (!is_known(cell(owners, record, "objects")))
			continue;
		sum += report_number(owners, record, "objects");
	}
	return sum;
}

#define ROOTS_MAX	1024
#define ROOT_BYTES	64

/*
 * struct names - the caches that agreed in one of the tries
 * @name: their names
 * @nr: how many
 * @left: one that did not
 */
struct names {
	char name[ROOTS_MAX][ROOT_BYTES];
	int nr;
	char left[ROOT_BYTES];
};

static bool has_agreed(const struct names *agreed, const char *root)
{
	int i;

	for (i = 0; i < agreed->nr; i++) {
		if (!strcmp(agreed->name[i], root))
			return true;
	}
	return false;
}

/*
 * The reports take a few buffers for themselves, not of the same sizes; and
 * KASAN keeps for a while what each read of a file has freed.
 */
static int own_objects(const char *root, bool quarantine)
{
	if (quarantine)
		return 64;
	return strncmp(root, "kmalloc-", 8) ? 0 : 4;
}

/* How many have not agreed yet. */
static int roots_left(const struct report *slab, const struct report *owners,
		      struct names *agreed, bool quarantine)
{
	int left = 0;
	int record;

	for (record = 0; record < slab->nr_records; record++) {
		char root[ROOT_BYTES];
		int records;
		long long sum;

		snprintf(root, sizeof(root), "%s",
			 report_text(slab, record, "names"));
		root[strcspn(root, ",")] = '\0';
		if (*root == '(' || has_agreed(agreed, root))
			continue;
		sum = objects_of(owners, root, &records);
		/* whose an object is may be a guess; how many there are is none */
		if (records && agreed->nr < ROOTS_MAX &&
		    report_is_exact(slab, record, "active") &&
		    llabs(sum - report_number(slab, record, "active")) <=
		    own_objects(root, quarantine)) {
			strcpy(agreed->name[agreed->nr++], root);
			continue;
		}
		left++;
		strcpy(agreed->left, root);
	}
	return left;
}

/* The records of each cache have as many objects as the cache. */
TEST_F(owners, records_sum_to_the_active_objects)
{
	bool quarantine = oracle_has_symbol("kasan_quarantine_put");
	static struct names agreed;
	int left = MOVING + 1;
	int tries;

	for (tries = 0; left > MOVING && tries < TRIES; tries++) {
		struct report *owners = read_report(_metadata, "owners");
		struct report *slab = read_report(_metadata, "slab");

		left = roots_left(slab, owners, &agreed, quarantine);
		report_free(owners);
		report_free(slab);
		if (left > MOVING)
			usleep(PAUSE_US);
	}
	EXPECT_GE(MOVING, left) {
		TH_LOG("%d caches never agree, %s among them", left,
		       agreed.left);
	}
}

/* 500 objects of one owner, in a cache that nobody shares. */
TEST_F(owners, sole_owner_has_all_objects)
{
	struct report *report;
	int record;

	ASSERT_EQ(0, plant("caches", "create tp_sole %d ctor", LONELY_BYTES));
	ASSERT_EQ(0, plant("caches", "alloc tp_sole 500"));
	report = read_report(_metadata, "owners");
	record = find_owner(report, "tp_sole");
	ASSERT_LE(0, record);
	EXPECT_STREQ("sole", cell(report, record, "basis"));
	EXPECT_STREQ("tp_sole", cell(report, record, "root"));
	EXPECT_EQ(500, report_number(report, record, "objects"));
	EXPECT_LE(500 * LONELY_BYTES / 1024,
		  report_number(report, record, "kB"));
	report_free(report);
}

/* Names that outlive their caches are told from those that live. */
TEST_F(owners, destroyed_caches_own_nothing)
{
	struct report *report;
	int record;

	if (self->unmerged)
		SKIP(return, "this kernel merges no caches");
	ASSERT_EQ(0, plant("caches", "create tp_first %d merge", LONELY_BYTES));
	ASSERT_EQ(0, plant("caches", "create tp_other %d merge", LONELY_BYTES));
	report = read_report(_metadata, "owners");
	record = find_owner(report, "tp_other");
	ASSERT_LE(0, record);
	EXPECT_STREQ("tp_first", cell(report, record, "root"));
	EXPECT_EQ(NULL, report_comment(report, "tp_first"));
	report_free(report);

	/* The name of the root stays with the cache, which is another's now. */
	ASSERT_EQ(0, plant("caches", "destroy tp_first"));
	report = read_report(_metadata, "owners");
	EXPECT_EQ(-1, find_owner(report, "tp_first"));
	EXPECT_LE(0, find_owner(report, "tp_first (destroyed?)"));
	EXPECT_OWNER(report, "tp_other", PLANT,
		     cell(report, find_owner(report, "tp_other"), "holder"));
	EXPECT_NE(NULL, report_comment(report, "tp_first"));
	report_free(report);
}

/* A module that went is nobody's owner, though its names are still there. */
TEST_F(owners, unloaded_modules_own_nothing)
{
	struct report *report;
	int record;

	ASSERT_EQ(0, plant("caches", "create tp_gone 72 merge"));
	ASSERT_EQ(0, module_unload(PLANT));
	report = read_report(_metadata, "owners");
	EXPECT_EQ(-1, find_owner(report, "tp_gone"));
	EXPECT_EQ(-1, find_owner(report, "TSPacket"));
	for (record = 0; record < report->nr_records; record++) {
		EXPECT_EQ(NULL, strstr(cell(report, record, "module"), PLANT)) {
			TH_LOG("%s", cell(report, record, "name"));
		}
	}
	report_free(report);
	ASSERT_EQ(0, module_load(PLANT, ""));
	report = read_report(_metadata, "owners");
	record = find_owner(report, "TSPacket");
	ASSERT_LE(0, record);
	EXPECT_STREQ(PLANT, cell(report, record, "module"));
	EXPECT_TRUE(is_variable(cell(report, record, "holder"),
				"packet_cache"));
	report_free(report);
}

/* Caches and modules come and go while they are read. */
TEST_F(owners, churn)
{
	int status;
	pid_t pid;
	int i;

	ASSERT_EQ(0, plant("churn", "start 0 caches objects"));
	for (i = 0; i < CHURN_READS; i++)
		report_free(read_report(_metadata, "owners"));
	ASSERT_EQ(0, plant("churn", "stop"));

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		for (i = 0; i < CHURN_READS; i++) {
			if (module_unload(PLANT) || module_load(PLANT, ""))
				_exit(1);
		}
		_exit(0);
	}
	while (!waitpid(pid, &status, WNOHANG))
		report_free(read_report(_metadata, "owners"));
	EXPECT_EQ(0, status);
	report_free(read_report(_metadata, "summary"));
}

TEST_HARNESS_MAIN
