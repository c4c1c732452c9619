// SPDX-License-Identifier: GPL-2.0
/*
 * test_attribution.c - knows what ties objects to a name, and what must not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "attribution.h"
#include "fingerprint.h"

#define VMLINUX	0
#define DEMO	3
#define OTHER	5

static struct mt_claim claim(const char *name, u16 module, const char *symbol)
{
	return (struct mt_claim) { .name = name, .module = module, .symbol = symbol };
}

static struct mt_trait symbol(const char *name, u16 module, u64 ties, u64 objects)
{
	return (struct mt_trait) {
		.symbol = name, .module = module, .beside = MT_NO_MODULE, .ties = ties,
		.objects = objects,
	};
}

static struct mt_trait pointer(u16 beside, u64 objects)
{
	return (struct mt_trait) {
		.pointer = true, .module = MT_NO_MODULE, .beside = beside, .objects = objects,
	};
}

static void assert_sums(const struct mt_attribution *attribution)
{
	u64 in = attribution->none + attribution->others, out = attribution->unattributed;
	unsigned int i;

	for (i = 0; i < attribution->nr_traits; i++)
		in += attribution->traits[i].objects;
	for (i = 0; i < attribution->nr_claims; i++)
		out += attribution->claims[i].objects;
	assert_int_equal(in, out);
}

static void code_ties_for_certain(void **state)
{
	struct mt_claim claims[] = {
		claim("sc_alpha", DEMO, "sc_a_cachep"), claim("sc_beta", DEMO, "sc_b_cachep"),
		claim("sc_gamma", DEMO, "sc_c_cachep"),
	};
	struct mt_trait traits[] = {
		symbol("xyz", DEMO, 1 << 1, 10000), symbol("uvw", DEMO, 1 << 0, 30000),
	};
	struct mt_attribution a = { claims, 3, traits, 2, .none = 5000 };

	mt_attribution_run(&a);
	assert_int_equal(30000, claims[0].objects);
	assert_int_equal(MT_ATTRIBUTED_CERTAIN, claims[0].attributed);
	assert_int_equal(10000, claims[1].objects);
	assert_int_equal(MT_ATTRIBUTED_CERTAIN, claims[1].attributed);
	/* without any pointer: whoever is left over, and that is a guess */
	assert_int_equal(5000, claims[2].objects);
	assert_int_equal(MT_ATTRIBUTED_GUESS, claims[2].attributed);
	assert_int_equal(0, a.unattributed);
	assert_sums(&a);

	/* what points there may have been left by somebody else */
	a.stale = true;
	mt_attribution_run(&a);
	assert_int_equal(30000, claims[0].objects);
	assert_int_equal(MT_ATTRIBUTED_GUESS, claims[0].attributed);
	assert_int_equal(MT_ATTRIBUTED_GUESS, claims[1].attributed);
	assert_sums(&a);
}

static void one_name_of_a_module_is_a_guess(void **state)
{
	struct mt_claim claims[] = {
		claim("filp", VMLINUX, "filp_cachep"), claim("demo_node", DEMO, "node_cachep"),
	};
	struct mt_trait traits[] = { symbol("demo_file_operations", DEMO, 0, 70) };
	struct mt_attribution a = { claims, 2, traits, 1, .none = 0 };

	/* a file of the kernel's with operations of the module looks the same */
	mt_attribution_run(&a);
	assert_int_equal(70, claims[1].objects);
	assert_int_equal(MT_ATTRIBUTED_GUESS, claims[1].attributed);
	assert_sums(&a);
}

static void ambiguous_ties_fall_back_to_likeness(void **state)
{
	struct mt_claim claims[] = {
		claim("sc_alpha", DEMO, "sc_a_cachep"), claim("sc_beta", DEMO, "sc_b_cachep"),
	};
	struct mt_trait traits[] = {
		symbol("sc_a_type", DEMO, 3, 100), symbol("sc_common_ops", DEMO, 3, 50),
	};
	struct mt_attribution a = { claims, 2, traits, 2, .others = 7 };

	mt_attribution_run(&a);
	assert_int_equal(100, claims[0].objects);
	assert_int_equal(MT_ATTRIBUTED_GUESS, claims[0].attributed);
	assert_int_equal(57, a.unattributed);
	/* nothing is tied to it, and some of the others may be its own */
	assert_int_equal(0, claims[1].objects);
	assert_int_equal(MT_ATTRIBUTED_UNKNOWN, claims[1].attributed);
	assert_sums(&a);
}

/* A function of one module that uses the symbol of another proves nothing. */
static void tie_across_modules_is_never_certain(void **state)
{
	struct mt_claim claims[] = {
		claim("alpha", DEMO, NULL), claim("beta", MT_NO_MODULE, NULL),
	};
	struct mt_trait traits[] = {
		symbol("their_ops", OTHER, 1 << 0, 10),
		symbol("unknown_ops", OTHER, 1 << 1, 20),
		symbol("both_ops", DEMO, 3, 40),
	};
	struct mt_attribution a = { claims, 2, traits, 3 };
	unsigned int i;

	mt_attribution_run(&a);
	for (i = 0; i < 3; i++)
		assert_false(traits[i].certain);
	assert_int_not_equal(0, traits[0].claim);
	assert_sums(&a);
}

static void list_head_ties_pointers_to_a_module(void **state)
{
	struct mt_claim claims[] = {
		claim("Acpi-Operand", VMLINUX, "acpi_gbl_operand_cache"),
		claim("TSPacket", DEMO, "packet_cache"),
		claim("fanotify_event", VMLINUX, "fanotify_event_cachep"),
	};
	struct mt_trait traits[] = { pointer(DEMO, 20000), pointer(MT_NO_MODULE, 30),
				     pointer(MT_MANY_MODULES, 5) };
	struct mt_attribution a = { claims, 3, traits, 3, .none = 400 };

	mt_attribution_run(&a);
	assert_int_equal(20000, claims[1].objects);
	assert_int_equal(MT_ATTRIBUTED_GUESS, claims[1].attributed);
	/* two names are left: nobody's */
	assert_int_equal(435, a.unattributed);
	assert_int_equal(MT_ATTRIBUTED_UNKNOWN, claims[0].attributed);
	assert_sums(&a);
}

/* A string is the code's own; a pointer to another cache may be anybody's. */
static void code_ties_strings_and_pointers(void **state)
{
	struct mt_claim claims[] = {
		claim("mix_delta", DEMO, "x"), claim("mix_epsilon", DEMO, "y"),
		claim("mix_zeta", DEMO, "z"),
	};
	struct mt_trait traits[] = { pointer(MT_NO_MODULE, 700), pointer(DEMO, 500) };
	struct mt_attribution a = { claims, 3, traits, 2, .none = 300 };

	traits[0].ties = 1 << 0;
	traits[0].module = DEMO;
	traits[1].ties = 1 << 1;
	traits[1].module = DEMO;
	traits[1].pointer = false;
	mt_attribution_run(&a);
	assert_int_equal(700, claims[0].objects);
	assert_int_equal(MT_ATTRIBUTED_GUESS, claims[0].attributed);
	assert_int_equal(500, claims[1].objects);
	assert_int_equal(MT_ATTRIBUTED_CERTAIN, claims[1].attributed);
	assert_int_equal(300, claims[2].objects);
	assert_int_equal(MT_ATTRIBUTED_GUESS, claims[2].attributed);
	assert_sums(&a);
}

/* What follows from a guess is one. */
static void guessed_holder_is_never_certain(void **state)
{
	struct mt_claim claims[] = { claim("a", DEMO, NULL), claim("b", DEMO, NULL) };
	struct mt_trait traits[] = { symbol("x", DEMO, 1 << 0, 10), symbol("y", DEMO, 1 << 1, 5) };
	struct mt_attribution a = { claims, 2, traits, 2 };

	claims[0].guessed = true;
	mt_attribution_run(&a);
	assert_int_equal(10, claims[0].objects);
	assert_int_equal(MT_ATTRIBUTED_GUESS, claims[0].attributed);
	assert_int_equal(MT_ATTRIBUTED_CERTAIN, claims[1].attributed);
}

/* No objects at all, or all of them tied for certain: then none is none. */
static void nothing_left_is_certain(void **state)
{
	struct mt_claim claims[] = { claim("a", VMLINUX, NULL), claim("b", DEMO, NULL) };
	struct mt_trait traits[] = { symbol("x", DEMO, 1 << 1, 10) };
	struct mt_attribution a = { claims, 2, traits, 1 };

	mt_attribution_run(&a);
	assert_int_equal(10, claims[1].objects);
	assert_int_equal(0, claims[0].objects);
	assert_int_equal(MT_ATTRIBUTED_CERTAIN, claims[0].attributed);
}

static void the_last_name_gets_what_says_nothing(void **state)
{
	struct mt_claim claims[] = { claim("a", VMLINUX, NULL), claim("b", DEMO, NULL) };
	struct mt_trait traits[] = { symbol("x", DEMO, 1 << 1, 10), pointer(MT_NO_MODULE, 5) };
	struct mt_attribution a = { claims, 2, traits, 2, .none = 3, .others = 2 };

	mt_attribution_run(&a);
	assert_int_equal(10, claims[1].objects);
	assert_int_equal(8, claims[0].objects);
	assert_int_equal(MT_ATTRIBUTED_GUESS, claims[0].attributed);
	assert_int_equal(2, a.unattributed);
	assert_sums(&a);
}

static void everything_may_be_empty(void **state)
{
	struct mt_claim claims[] = { claim("a", VMLINUX, NULL), claim("b", DEMO, NULL) };
	struct mt_attribution nobody = { .none = 4, .others = 3 };
	struct mt_attribution nothing = { claims, 2 };

	mt_attribution_run(&nobody);
	assert_int_equal(7, nobody.unattributed);
	mt_attribution_run(&nothing);
	assert_int_equal(0, nothing.unattributed);
	assert_int_equal(MT_ATTRIBUTED_CERTAIN, claims[0].attributed);
}

/* More names than there are bits: none is certain, and nothing is written beyond. */
static void too_many_names(void **state)
{
	struct mt_claim claims[MT_CLAIMS + 6];
	struct mt_trait traits[] = { symbol("n3_ops", DEMO, 1ULL << 3, 10),
				     pointer(OTHER, 4) };
	struct mt_attribution a = { claims, MT_CLAIMS + 6, traits, 2, .none = 9 };
	unsigned int i;

	for (i = 0; i < MT_CLAIMS + 6; i++)
		claims[i] = claim("name", DEMO, NULL);
	mt_attribution_run(&a);
	assert_false(traits[0].certain);
	assert_int_equal(13, a.unattributed);
	assert_sums(&a);
}

/* Random evidence: whatever is certain has one tie, of its own module; and all sums close. */
static void random_evidence(void **state)
{
	unsigned int seed = 11, round, i;

	for (round = 0; round < 20000; round++) {
		struct mt_claim claims[6];
		struct mt_trait traits[8];
		struct mt_attribution a = {
			claims, rand_r(&seed) % 7, traits, rand_r(&seed) % 9,
			.none = rand_r(&seed) % 100, .others = rand_r(&seed) % 3,
		};

		for (i = 0; i < a.nr_claims; i++)
			claims[i] = claim(rand_r(&seed) % 2 ? "abc_def" : "ghi",
					  rand_r(&seed) % 4 ? rand_r(&seed) % 3 : MT_NO_MODULE,
					  rand_r(&seed) % 2 ? "abc_cache" : NULL);
		for (i = 0; i < a.nr_traits; i++) {
			u64 ties = rand_r(&seed) & rand_r(&seed) & ((1 << a.nr_claims) - 1);

			if (rand_r(&seed) % 3)
				traits[i] = symbol(rand_r(&seed) % 2 ? "def_ops" : "ghi_fops",
						   rand_r(&seed) % 3, ties, rand_r(&seed) % 1000);
			else
				traits[i] = pointer(rand_r(&seed) % 4, rand_r(&seed) % 1000);
		}
		mt_attribution_run(&a);
		assert_sums(&a);
		for (i = 0; i < a.nr_traits; i++) {
			if (!traits[i].certain)
				continue;
			assert_int_equal(1ULL << traits[i].claim, traits[i].ties);
			assert_int_equal(claims[traits[i].claim].module, traits[i].module);
		}
	}
}

static void likeness_of_names(void **state)
{
	/* the words that all names have do not count */
	assert_int_equal(0, mt_attribution_likeness("alpha_cachep", "beta_cachep"));
	assert_int_equal(3, mt_attribution_likeness("sc_a_type", "sc_a_cachep"));
	assert_int_equal(2, mt_attribution_likeness("sc_a_type", "sc_b_cachep"));
	assert_int_equal(8, mt_attribution_likeness("mix_alpha_type", "mix_alpha"));
	assert_int_equal(4, mt_attribution_likeness("Acpi-State", "acpi_gbl_cache"));
	assert_int_equal(3, mt_attribution_likeness("mnt_alloc", "mntget"));
	assert_int_equal(0, mt_attribution_likeness("", "x"));
	assert_int_equal(0, mt_attribution_likeness("+0x18", "0x18"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_ties_for_certain),
		cmocka_unit_test(one_name_of_a_module_is_a_guess),
		cmocka_unit_test(ambiguous_ties_fall_back_to_likeness),
		cmocka_unit_test(tie_across_modules_is_never_certain),
		cmocka_unit_test(list_head_ties_pointers_to_a_module),
		cmocka_unit_test(code_ties_strings_and_pointers),
		cmocka_unit_test(guessed_holder_is_never_certain),
		cmocka_unit_test(nothing_left_is_certain),
		cmocka_unit_test(the_last_name_gets_what_says_nothing),
		cmocka_unit_test(everything_may_be_empty),
		cmocka_unit_test(too_many_names),
		cmocka_unit_test(random_evidence),
		cmocka_unit_test(likeness_of_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
