// SPDX-License-Identifier: GPL-2.0
/*
 * The reports content and owners: known mixtures of objects in merged caches
 * come out as they went in, and what cannot be told is not told.
 */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "oracle.h"
#include "plant.h"


/* Whose instructions access/code.c can read. */
#ifdef __x86_64__
#define READS_CODE	true
#else
#define READS_CODE	false
#endif

/* What a count may be off by: objects that others allocate meanwhile. */
#define NEAR(_truth)	((_truth) / 100 + 2)

static const char *const names[] = {
	"mix_alpha", "mix_beta", "mix_gamma", "mix_delta", "mix_epsilon",
	"mix_zeta", "mix_eta",
};

#define ZETA		5

#define NAMES		((int)(sizeof(names) / sizeof(names[0])))

static const struct {
	const char *plant;
	const char *plant2;
	long seed;
	long objects[NAMES];
	long thetas;
} mixtures[] = {
	{ "", "objects=1234", 1, { 9000, 3000, 1500, 1400, 1000, 600, 2000 }, 1234 },
	{
		"mixture_bytes=328,1256,680", "bytes=680 objects=3333", 77,
		{ 4001, 12007, 9000, 300, 2500, 1700, 777 }, 3333,
	},
};

#define MIXTURES	((int)(sizeof(mixtures) / sizeof(mixtures[0])))

FIXTURE(content) {
	int mixture;
};

static void load_mixture(struct __test_metadata *_metadata, int mixture)
{
	int i;

	if (geteuid())
		SKIP(return, "needs root");
	module_unload(MEMTRIAGE);
	module_unload(PLANT2);
	module_unload(PLANT);
	ASSERT_EQ(0, module_load(PLANT, mixtures[mixture].plant));
	ASSERT_EQ(0, module_load(PLANT2, mixtures[mixture].plant2));
	ASSERT_EQ(0, plant("mixtures", "seed %ld", mixtures[mixture].seed));
	for (i = 0; i < NAMES; i++)
		ASSERT_EQ(0, plant("mixtures", "%s %ld", names[i],
				   mixtures[mixture].objects[i]));
	ASSERT_EQ(0, module_load(MEMTRIAGE, ""));
}

FIXTURE_VARIANT(content) {
	int mixture;
};

FIXTURE_VARIANT_ADD(content, one) { .mixture = 0 };
FIXTURE_VARIANT_ADD(content, other_sizes) { .mixture = 1 };

FIXTURE_SETUP(content)
{
	self->mixture = variant->mixture;
	load_mixture(_metadata, self->mixture);
}

FIXTURE_TEARDOWN(content)
{
	EXPECT_EQ(0, module_unload(MEMTRIAGE));
	EXPECT_EQ(0, module_unload(PLANT2));
	EXPECT_EQ(0, module_unload(PLANT));
}

static bool has_name(const char *joined, const char *name)
{
	size_t length = strlen(name);

	while (strncmp(joined, name, length) ||
	       (joined[length] && joined[length] != ',')) {
		joined = strchr(joined, ',');
		if (!joined)
			return false;
		joined++;
	}
	return true;
}

/* The record of the cache that has this name, merged or not. */
static int cache_of(const struct report *slab, const char *name)
{
	int i;

	for (i = 0; i < slab->nr_records; i++) {
		if (has_name(report_text(slab, i, "names"), name))
			return i;
	}
	return -1;
}

/* The first of the names is the cache's own. */
static const char *root_of(struct __test_metadata *_metadata, const char *name,
			   char *root, long long *active)
{
	struct report *slab = read_report(_metadata, "slab");
	int record = cache_of(slab, name);

	ASSERT_LE(0, record) {
		TH_LOG("no cache %s", name);
	}
	snprintf(root, 128, "%s", report_text(slab, record, "names"));
	root[strcspn(root, ",")] = '\0';
	*active = report_number(slab, record, "active");
	report_free(slab);
	return root;
}

static bool is_merged(struct __test_metadata *_metadata)
{
	struct report *slab = read_report(_metadata, "slab");
	bool merged = report_number(slab, cache_of(slab, "mix_beta"), "users") >= 3;

	report_free(slab);
	return merged;
}

/* The figure of a record of content; -1 if there is none. */
static long long content_of(const struct report *content, const char *cache,
			    const char *offset, const char *what)
{
	int i;

	for (i = 0; i < content->nr_records; i++) {
		if (!strcmp(report_text(content, i, "cache"), cache) &&
		    !strcmp(report_text(content, i, "offset"), offset) &&
		    !strcmp(report_text(content, i, "what"), what))
			return report_number(content, i, "objects");
	}
	return -1;
}

static bool is_near(const char *what, long long truth, long long seen,
		    long long error)
{
	if (llabs(truth - seen) <= error)
		return true;
	printf("# %s: %lld, and not %lld\n", what, seen, truth);
	return false;
}

/* What is in the objects, as the plant wrote it. */
static const struct {
	int name;
	const char *offset;
	const char *what;
} kinds[] = {
	{ 0, "+0x8", "mix_alpha_type [memtriage_plant]" },
	{ 1, "+0x8", "mix_beta_type [memtriage_plant]" },
	{ 3, "+0x10", "-> mix_peer" },
	{ 4, "+0x20", "\"epsilon of the mixture\" [memtriage_plant]" },
	{ 6, "+0x8", "mix_eta_ops [memtriage_plant]" },
};

/* The report is of the largest caches: where none are merged, a small one is not in it. */
static bool is_shown(const struct report *content, const char *root)
{
	int i;

	for (i = 0; i < content->nr_records; i++) {
		if (!strcmp(report_text(content, i, "cache"), root))
			return true;
	}
	return false;
}

TEST_F(content, mixtures_are_told_apart)
{
	struct report *content = read_report(_metadata, "content");
	long long active;
	char root[128];
	int shown = 0;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		long truth = mixtures[self->mixture].objects[kinds[i].name];

		root_of(_metadata, names[kinds[i].name], root, &active);
		if (!is_shown(content, root))
			continue;
		shown++;
		EXPECT_TRUE(is_near(kinds[i].what, truth,
				    content_of(content, root, kinds[i].offset,
					       kinds[i].what), NEAR(truth)));
	}
	EXPECT_LE(i - 1, shown);
	report_free(content);
}

/* Every object is in one record, but for what is counted besides. */
TEST_F(content, records_of_a_cache_sum_to_its_objects)
{
	static const char *const of[] = { "mix_alpha", "mix_delta", "mix_eta" };
	struct report *content = read_report(_metadata, "content");
	size_t at;
	int i;

	for (at = 0; at < sizeof(of) / sizeof(of[0]); at++) {
		long long active, sum = 0;
		char root[128];

		root_of(_metadata, of[at], root, &active);
		if (!is_shown(content, root))
			continue;
		for (i = 0; i < content->nr_records; i++) {
			if (!strcmp(report_text(content, i, "cache"), root) &&
			    strncmp(report_text(content, i, "what"), "also ", 5))
				sum += report_number(content, i, "objects");
		}
		EXPECT_TRUE(is_near(root, active, sum, NEAR(active)));
	}
	report_free(content);
}

/* A sample is marked as one, and its error covers the truth. */
TEST_F(content, sample_is_within_its_error)
{
	struct report *content;
	size_t i;

	ASSERT_EQ(0, module_set("content_objects", "1000"));
	content = read_report(_metadata, "content");
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		long truth = mixtures[self->mixture].objects[kinds[i].name];
		long long active, error;
		char root[128];
		const char *comment;
		char head[160];

		root_of(_metadata, names[kinds[i].name], root, &active);
		if (active < 2000)
			continue;
		snprintf(head, sizeof(head), "%s: ", root);
		comment = report_comment(content, head);
		ASSERT_NE(NULL, comment);
		ASSERT_NE(NULL, strstr(comment, "may be off by "));
		error = atoll(strstr(comment, "may be off by ") + 14);
		EXPECT_LT(0, error);
		/* 95 of 100 are within it, 9999 of 10000 within twice of it */
		EXPECT_TRUE(is_near(kinds[i].what, truth,
				    content_of(content, root, kinds[i].offset,
					       kinds[i].what), 2 * error));
	}
	report_free(content);
	EXPECT_EQ(0, module_set("content_objects", "1000000"));
}

/* Was the cache of this name merged with one of the kernel's own? */
static bool has_strangers(struct __test_metadata *_metadata, const char *name)
{
	struct report *slab = read_report(_metadata, "slab");
	const char *joined = report_text(slab, cache_of(slab, name), "names");
	bool found = false;

	for (; joined; joined = strchr(joined, ',')) {
		joined += *joined == ',';
		found |= !!strncmp(joined, "mix_", 4);
	}
	report_free(slab);
	return found;
}

static long long objects_of_nobody(struct __test_metadata *_metadata,
				   const struct report *owners, const char *name)
{
	long long active;
	char root[128];
	int i;

	root_of(_metadata, name, root, &active);
	for (i = 0; i < owners->nr_records; i++) {
		if (!strcmp(report_text(owners, i, "root"), root) &&
		    !strcmp(report_text(owners, i, "name"), "(unattributed)"))
			return report_number(owners, i, "objects");
	}
	return -1;
}

static int owner_of(const struct report *owners, const char *name)
{
	return report_find(owners, "name", name);
}

TEST_F(content, each_name_has_its_objects)
{
	struct report *owners = read_report(_metadata, "owners");
	bool merged = is_merged(_metadata);
	int i, record;

	for (i = 0; i < NAMES; i++) {
		long truth = mixtures[self->mixture].objects[i];

		/* they point at nothing, and may be somebody else's */
		if (i == ZETA && has_strangers(_metadata, names[i])) {
			EXPECT_TRUE(is_near(names[i], truth,
					    objects_of_nobody(_metadata, owners,
							      names[i]),
					    NEAR(truth)));
			continue;
		}
		record = owner_of(owners, names[i]);
		ASSERT_LE(0, record) {
			TH_LOG("no record of %s", names[i]);
		}
		EXPECT_TRUE(is_near(names[i], truth,
				    report_number(owners, record, "objects"),
				    NEAR(truth)));
		EXPECT_STREQ(merged ? "content" : "sole",
			     report_text(owners, record, "basis"));
		EXPECT_STREQ(PLANT, report_text(owners, record, "module"));
	}
	record = owner_of(owners, "mix_theta");
	ASSERT_LE(0, record);
	EXPECT_TRUE(is_near("mix_theta", mixtures[self->mixture].thetas,
			    report_number(owners, record, "objects"),
			    NEAR(mixtures[self->mixture].thetas)));
	EXPECT_STREQ(PLANT2, report_text(owners, record, "module"));
	report_free(owners);
}

/* Two modules, one cache: without a guess, where instructions can be read. */
TEST_F(content, modules_are_told_apart_for_certain)
{
	struct report *owners = read_report(_metadata, "owners");

	EXPECT_EQ(READS_CODE, report_is_exact(owners, owner_of(owners, "mix_eta"),
					      "objects"));
	EXPECT_EQ(READS_CODE, report_is_exact(owners, owner_of(owners, "mix_theta"),
					      "objects"));
	report_free(owners);
}

/* The rows of a cache, with those of nobody, are its objects. */
TEST_F(content, owners_of_a_cache_sum_to_its_objects)
{
	struct report *owners = read_report(_metadata, "owners");
	long long active, sum = 0;
	char root[128];
	int i;

	root_of(_metadata, "mix_alpha", root, &active);
	for (i = 0; i < owners->nr_records; i++) {
		long long objects = report_number(owners, i, "objects");

		if (!strcmp(report_text(owners, i, "root"), root) &&
		    objects != NO_NUMBER)
			sum += objects;
	}
	EXPECT_TRUE(is_near(root, active, sum, NEAR(active)));
	report_free(owners);
}

/*
 * Objects of a second module that point at nothing, beside objects of the
 * first that do: they are all that is left, and so a guess.
 */
TEST_F(content, objects_without_pointers_are_a_guess)
{
	bool merged = is_merged(_metadata);
	struct report *owners;
	int record;

	ASSERT_EQ(0, module_unload(PLANT2));
	ASSERT_EQ(0, module_load(PLANT2, self->mixture ?
				 "bytes=680 objects=500 plain=1" :
				 "objects=500 plain=1"));
	owners = read_report(_metadata, "owners");
	record = owner_of(owners, "mix_theta");
	ASSERT_LE(0, record);
	EXPECT_EQ(500, report_number(owners, record, "objects"));
	EXPECT_EQ(!merged, report_is_exact(owners, record, "objects"));
	report_free(owners);
}

/* The packets of the published incident: no symbol in them, only a list. */
TEST_F(content, packets_are_found_by_their_list)
{
	struct report *owners, *content;
	long long active, seen;
	char root[128];

	ASSERT_EQ(0, plant("packets", "20000"));
	owners = read_report(_metadata, "owners");
	seen = report_number(owners, owner_of(owners, "TSPacket"), "objects");
	EXPECT_TRUE(is_near("TSPacket", 20000, seen, NEAR(20000)));
	report_free(owners);

	root_of(_metadata, "TSPacket", root, &active);
	content = read_report(_metadata, "content");
	EXPECT_TRUE(is_near("-> skbuff_head_cache", 20000,
			    content_of(content, root, "+0x10",
				       "-> skbuff_head_cache"), NEAR(20000)));
	report_free(content);
}

TEST_HARNESS_MAIN
