// SPDX-License-Identifier: GPL-2.0
/*
 * test_fingerprint.c - knows that known mixtures are told apart, and what becomes of the rest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/errno.h>
#include <linux/kernel.h>

#include "fingerprint.h"
#include "shim.h"

/* Symbols of the tests; what they are worth is in judge(). */
enum {
	A_TYPE = 0x1000,
	B_TYPE = 0x2000,
	COMMON_OPS = 0x3000,
	FUNCTION = 0x4000,
	ANONYMOUS = 0x5000,
	EVERYWHERE = 0x6000,
	M_TYPE = 0x9000,
};

static enum mt_worth judge(const struct mt_fingerprint_key *key, void *arg)
{
	unsigned int *asked = arg;

	if (asked)
		(*asked)++;
	switch (key->value) {
	case FUNCTION:
		return MT_WORTH_FUNCTION;
	case ANONYMOUS:
		return MT_WORTH_NOTHING;
	default:
		return MT_WORTH_TYPE;
	}
}

static struct mt_word symbol(u64 value, unsigned int offset)
{
	return (struct mt_word) {
		.value = value, .offset = offset, .module = MT_NO_MODULE, .class = MT_WORD_KERNEL,
	};
}

static struct mt_word module_symbol(u64 value, unsigned int offset, u16 module)
{
	return (struct mt_word) {
		.value = value, .offset = offset, .module = module, .class = MT_WORD_MODULE,
	};
}

static struct mt_word object(u32 cache, u32 interior, unsigned int offset)
{
	return (struct mt_word) {
		.value = mt_word_object(cache, interior), .offset = offset,
		.module = MT_NO_MODULE, .class = MT_WORD_OBJECT,
	};
}

static void survey(struct mt_fingerprint *fp, unsigned int subject, u64 times,
		   const struct mt_word *words, unsigned int nr)
{
	while (times--)
		mt_fingerprint_survey(fp, subject, words, nr);
}

static void count(struct mt_fingerprint *fp, unsigned int subject, u64 times,
		  const struct mt_word *words, unsigned int nr)
{
	while (times--)
		assert_true(mt_fingerprint_count(fp, subject, words, nr, true));
}

/* Objects in the cluster with this word; -1 if there is none. */
static s64 cluster_of(const struct mt_fingerprint *fp, unsigned int subject,
		      const struct mt_word *word)
{
	const struct mt_fingerprint_subject *from = &fp->subjects[subject];
	unsigned int i;

	for (i = 0; i < from->nr_clusters; i++) {
		const struct mt_fingerprint_key *key = &fp->keys[from->clusters[i].key];

		if (key->value == word->value && key->offset == word->offset)
			return from->clusters[i].objects;
	}
	return -1;
}

static void assert_books_close(const struct mt_fingerprint *fp, unsigned int subject)
{
	const struct mt_fingerprint_subject *from = &fp->subjects[subject];
	u64 sum = from->others + from->none;
	unsigned int i;

	for (i = 0; i < from->nr_clusters; i++)
		sum += from->clusters[i].objects;
	for (i = 0; i < from->nr_strays; i++)
		sum += from->strays[i].objects;
	assert_int_equal(sum, from->seen);
}

static void mixture_is_exact(void **state)
{
	struct mt_word a[] = { object(0, 0, 0), symbol(A_TYPE, 8), symbol(COMMON_OPS, 16) };
	struct mt_word b[] = { object(0, 0, 0), symbol(B_TYPE, 8), symbol(COMMON_OPS, 16) };
	struct mt_fingerprint fp;

	assert_int_equal(0, mt_fingerprint_start(&fp, 1));
	survey(&fp, 0, 300, a, 3);
	survey(&fp, 0, 100, b, 3);
	survey(&fp, 0, 50, NULL, 0);
	mt_fingerprint_cover(&fp, 0, judge, NULL);
	count(&fp, 0, 30000, a, 3);
	count(&fp, 0, 10000, b, 3);
	count(&fp, 0, 5000, NULL, 0);

	/* neither the link that all have nor the symbol that all have hides what differs */
	assert_int_equal(30000, cluster_of(&fp, 0, &a[1]));
	assert_int_equal(10000, cluster_of(&fp, 0, &b[1]));
	assert_int_equal(-1, cluster_of(&fp, 0, &a[0]));
	assert_int_equal(5000, fp.subjects[0].none);
	assert_int_equal(45000, fp.subjects[0].seen);
	assert_books_close(&fp, 0);
	mt_fingerprint_free(&fp);
	assert_int_equal(0, shim_live);
}

static void module_symbol_comes_first(void **state)
{
	struct mt_word kernel[] = { symbol(COMMON_OPS, 16) };
	struct mt_word both[] = { module_symbol(M_TYPE, 8, 3), symbol(COMMON_OPS, 16) };
	struct mt_fingerprint fp;

	assert_int_equal(0, mt_fingerprint_start(&fp, 1));
	survey(&fp, 0, 900, kernel, 1);
	survey(&fp, 0, 100, both, 2);
	mt_fingerprint_cover(&fp, 0, judge, NULL);
	count(&fp, 0, 900, kernel, 1);
	count(&fp, 0, 100, both, 2);
	assert_int_equal(100, cluster_of(&fp, 0, &both[0]));
	assert_int_equal(900, cluster_of(&fp, 0, &kernel[0]));
	mt_fingerprint_free(&fp);
}

static void pointers_to_objects_decide_what_symbols_leave(void **state)
{
	struct mt_word packet[] = { object(0, 0, 0), object(1, 0, 16) };
	struct mt_word other[] = { symbol(A_TYPE, 8), object(1, 0, 24) };
	struct mt_fingerprint fp;

	assert_int_equal(0, mt_fingerprint_start(&fp, 2));
	survey(&fp, 0, 980, packet, 2);
	survey(&fp, 0, 20, other, 2);
	mt_fingerprint_cover(&fp, 0, judge, NULL);
	count(&fp, 0, 980, packet, 2);
	count(&fp, 0, 20, other, 2);
	assert_int_equal(980, cluster_of(&fp, 0, &packet[1]));
	assert_int_equal(20, cluster_of(&fp, 0, &other[0]));
	mt_fingerprint_free(&fp);
}

/* A symbol that many caches have says little, even if every object has it. */
static void common_symbol_weighs_little(void **state)
{
	struct mt_word everywhere[] = { symbol(EVERYWHERE, 8), object(7, 0, 16) };
	struct mt_fingerprint fp;
	unsigned int i;

	assert_int_equal(0, mt_fingerprint_start(&fp, 8));
	for (i = 0; i < 8; i++) {
		fp.subjects[i].cache = i;
		survey(&fp, i, 100, everywhere, 2);
	}
	mt_fingerprint_cover(&fp, 0, judge, NULL);
	count(&fp, 0, 100, everywhere, 2);
	assert_int_equal(100, cluster_of(&fp, 0, &everywhere[1]));
	assert_int_equal(-1, cluster_of(&fp, 0, &everywhere[0]));

	/* with nothing else it is what there is */
	for (i = 0; i < 8; i++)
		survey(&fp, i, 10000, everywhere, 1);
	mt_fingerprint_cover(&fp, 1, judge, NULL);
	count(&fp, 1, 100, everywhere, 1);
	assert_int_equal(100, cluster_of(&fp, 1, &everywhere[0]));
	mt_fingerprint_free(&fp);
}

static void anonymous_is_dropped(void **state)
{
	struct mt_word words[] = { symbol(ANONYMOUS, 8) };
	struct mt_fingerprint fp;

	assert_int_equal(0, mt_fingerprint_start(&fp, 1));
	survey(&fp, 0, 100, words, 1);
	mt_fingerprint_cover(&fp, 0, judge, NULL);
	assert_int_equal(0, fp.subjects[0].nr_clusters);
	assert_false(mt_fingerprint_count(&fp, 0, words, 1, false));
	assert_true(mt_fingerprint_count(&fp, 0, words, 1, true));
	assert_int_equal(1, fp.subjects[0].others);
	assert_books_close(&fp, 0);
	mt_fingerprint_free(&fp);
}

/* Few objects of a module that the survey missed still stand under their module. */
static void strays_stand_under_their_module(void **state)
{
	struct mt_word a[] = { symbol(A_TYPE, 8) };
	struct mt_word stray[] = { module_symbol(M_TYPE, 24, 5) };
	struct mt_word two[] = { module_symbol(M_TYPE, 24, 5), module_symbol(M_TYPE, 32, 6) };
	struct mt_fingerprint fp;
	unsigned int i;

	assert_int_equal(0, mt_fingerprint_start(&fp, 1));
	survey(&fp, 0, 1000, a, 1);
	mt_fingerprint_cover(&fp, 0, judge, NULL);
	count(&fp, 0, 7, stray, 1);
	assert_int_equal(1, fp.subjects[0].nr_strays);
	assert_int_equal(5, fp.subjects[0].strays[0].module);
	assert_int_equal(7, fp.subjects[0].strays[0].objects);
	count(&fp, 0, 2, two, 2);
	assert_int_equal(2, fp.subjects[0].others);
	/* more modules than there is room for are among the others */
	for (i = 10; i < 20; i++) {
		stray[0].module = i;
		count(&fp, 0, 1, stray, 1);
	}
	assert_books_close(&fp, 0);
	mt_fingerprint_free(&fp);
}

/* The head of a list is in the module, its links are not: one object tells. */
static void module_beside_a_cluster(void **state)
{
	struct mt_word link[] = { object(0, 0, 0), object(1, 0, 16) };
	struct mt_word head[] = { module_symbol(M_TYPE, 0, 2), object(1, 0, 16) };
	struct mt_word alien[] = { module_symbol(M_TYPE, 0, 4), object(1, 0, 16) };
	struct mt_fingerprint fp;

	assert_int_equal(0, mt_fingerprint_start(&fp, 2));
	survey(&fp, 0, 1000, link, 2);
	mt_fingerprint_cover(&fp, 0, judge, NULL);
	count(&fp, 0, 100, link, 2);
	assert_int_equal(MT_NO_MODULE, fp.subjects[0].clusters[0].beside);
	count(&fp, 0, 1, head, 2);
	assert_int_equal(2, fp.subjects[0].clusters[0].beside);
	count(&fp, 0, 1, alien, 2);
	assert_int_equal(MT_MANY_MODULES, fp.subjects[0].clusters[0].beside);
	assert_int_equal(102, fp.subjects[0].clusters[0].objects);
	mt_fingerprint_free(&fp);
}

static void also_counts_besides(void **state)
{
	struct mt_word words[] = {
		symbol(A_TYPE, 8), object(1, 0, 16), object(2, 32, 24), object(1, 0, 40),
	};
	struct mt_fingerprint fp;
	struct mt_fingerprint_subject *subject;

	assert_int_equal(0, mt_fingerprint_start(&fp, 3));
	subject = &fp.subjects[0];
	survey(&fp, 0, 100, words, 4);
	mt_fingerprint_cover(&fp, 0, judge, NULL);
	count(&fp, 0, 100, words, 4);
	assert_int_equal(1, subject->nr_clusters);
	/* one for each cache, at its first place */
	assert_int_equal(2, subject->nr_also);
	assert_int_equal(16, fp.keys[subject->also[0].key].offset);
	assert_int_equal(24, fp.keys[subject->also[1].key].offset);
	assert_int_equal(100, subject->also[0].objects);
	assert_true(mt_fingerprint_wants(subject, 8));
	assert_true(mt_fingerprint_wants(subject, 16));
	assert_false(mt_fingerprint_wants(subject, 40));
	mt_fingerprint_free(&fp);
}

/* With more different words than there is room for, what is counted stays right. */
static void crowded_counts_right(void **state)
{
	struct mt_word noise[MT_FINGERPRINT_WORDS];
	struct mt_word a[] = { symbol(A_TYPE, 8) };
	struct mt_fingerprint fp;
	unsigned int i, j;

	assert_int_equal(0, mt_fingerprint_start(&fp, 2));
	survey(&fp, 0, 1000, a, 1);
	for (i = 0; i < 40000; i++) {
		for (j = 0; j < MT_FINGERPRINT_WORDS; j++)
			noise[j] = object(1, i * 100 + j, 8 * j);
		mt_fingerprint_survey(&fp, 1, noise, MT_FINGERPRINT_WORDS);
	}
	assert_true(fp.crowded);
	survey(&fp, 0, 100000, a, 1);
	fp.subjects[1].cache = 1;
	for (i = 0; i < 2; i++)
		mt_fingerprint_cover(&fp, i, judge, NULL);
	count(&fp, 0, 12345, a, 1);
	count(&fp, 1, 10, noise, MT_FINGERPRINT_WORDS);
	assert_int_equal(12345, cluster_of(&fp, 0, &a[0]));
	assert_books_close(&fp, 0);
	assert_books_close(&fp, 1);
	mt_fingerprint_free(&fp);
}

static void full_pool_is_cut(void **state)
{
	struct mt_word words[4] = { symbol(A_TYPE, 8), object(1, 0, 16), object(1, 0, 24),
				    object(1, 0, 32) };
	struct mt_fingerprint fp;

	assert_int_equal(0, mt_fingerprint_start(&fp, 2));
	survey(&fp, 0, 1000000, words, 4);
	assert_true(fp.cut);
	mt_fingerprint_cover(&fp, 0, judge, NULL);
	count(&fp, 0, 10, words, 4);
	assert_int_equal(10, cluster_of(&fp, 0, &words[0]));
	mt_fingerprint_free(&fp);
}

static void no_memory_is_told(void **state)
{
	struct mt_fingerprint fp;
	unsigned int at;

	for (at = 1; at <= 3; at++) {
		shim_fail_at = at;
		assert_int_equal(-ENOMEM, mt_fingerprint_start(&fp, 15));
		mt_fingerprint_free(&fp);
		assert_int_equal(0, shim_live);
	}
	shim_fail_at = 0;
	assert_int_equal(0, mt_fingerprint_start(&fp, 15));
	/* the budget that the header states */
	assert_true(shim_bytes < 3700 * 1024);
	mt_fingerprint_free(&fp);
}

/* Random mixtures: whatever the objects hold, the books close and pure kinds are exact. */
static void random_mixtures_close(void **state)
{
	unsigned int seed = 7, round, i, kind;

	for (round = 0; round < 60; round++) {
		unsigned int kinds = 1 + rand_r(&seed) % 6;
		u64 truth[6] = { };
		struct mt_fingerprint fp;
		struct mt_word words[3];

		assert_int_equal(0, mt_fingerprint_start(&fp, 2));
		for (i = 0; i < 3000; i++) {
			kind = rand_r(&seed) % kinds;
			words[0] = object(0, 0, 0);
			words[1] = kind & 1 ? symbol(0x10000 + kind * 64, 8 + kind / 2 * 8) :
					      object(1, kind * 8, 64 + kind * 8);
			words[2] = symbol(COMMON_OPS, 128);
			mt_fingerprint_survey(&fp, 0, words, 2 + (kind & 1));
		}
		mt_fingerprint_cover(&fp, 0, judge, NULL);
		for (i = 0; i < 3000; i++) {
			kind = rand_r(&seed) % kinds;
			truth[kind]++;
			words[0] = object(0, 0, 0);
			words[1] = kind & 1 ? symbol(0x10000 + kind * 64, 8 + kind / 2 * 8) :
					      object(1, kind * 8, 64 + kind * 8);
			words[2] = symbol(COMMON_OPS, 128);
			assert_true(mt_fingerprint_count(&fp, 0, words, 2 + (kind & 1), true));
		}
		for (kind = 0; kind < kinds; kind += 2) {
			words[1] = object(1, kind * 8, 64 + kind * 8);
			assert_int_equal(truth[kind], cluster_of(&fp, 0, &words[1]));
		}
		assert_books_close(&fp, 0);
		mt_fingerprint_free(&fp);
	}
}

static void names_say_what_a_symbol_is_worth(void **state)
{
	static const struct {
		const char *symbol;
		bool text;
		enum mt_worth worth;
	} cases[] = {
		{ "simple_dentry_operations+0x0", false, MT_WORTH_TYPE },
		{ "sc_a_type+0x0", false, MT_WORTH_TYPE },
		{ "shmem_fops.1+0x0", false, MT_WORTH_TYPE },
		{ "global_trace+0x0", false, MT_WORTH_DATA },
		{ "global_trace+0x40", false, MT_WORTH_PLACE },
		{ "empty_aops+0x0", false, MT_WORTH_COMMON },
		{ "inode_lock_key+0x0", false, MT_WORTH_COMMON },
		{ "__key.5+0x0", false, MT_WORTH_COMMON },
		{ "init_net+0x30", false, MT_WORTH_COMMON },
		{ "klist_children_get+0x0", true, MT_WORTH_FUNCTION },
		{ "klist_children_get+0x4", true, MT_WORTH_FUNCTION },
		{ "klist_children_get+0x5", true, MT_WORTH_PLACE },
		{ "linux_banner+0x1ae751", false, MT_WORTH_NOTHING },
		{ ".LC1+0x207", false, MT_WORTH_NOTHING },
		{ "jumptable.50+0x18", false, MT_WORTH_NOTHING },
		{ "kallsyms_seqs_of_names+0x99", false, MT_WORTH_NOTHING },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(cases[i].worth,
				 mt_fingerprint_worth(cases[i].symbol, cases[i].text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mixture_is_exact),
		cmocka_unit_test(module_symbol_comes_first),
		cmocka_unit_test(pointers_to_objects_decide_what_symbols_leave),
		cmocka_unit_test(common_symbol_weighs_little),
		cmocka_unit_test(anonymous_is_dropped),
		cmocka_unit_test(strays_stand_under_their_module),
		cmocka_unit_test(module_beside_a_cluster),
		cmocka_unit_test(also_counts_besides),
		cmocka_unit_test(crowded_counts_right),
		cmocka_unit_test(full_pool_is_cut),
		cmocka_unit_test(no_memory_is_told),
		cmocka_unit_test(random_mixtures_close),
		cmocka_unit_test(names_say_what_a_symbol_is_worth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
