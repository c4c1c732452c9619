// SPDX-License-Identifier: GPL-2.0
/*
 * test_sample.c - knows that a sample is fair, and that its error covers the truth.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <linux/kernel.h>

#include "sample.h"

static void sample_is_fair(void **state)
{
	u32 rate = mt_sample_rate(10000, 1000000);
	u64 address, picked = 0, again = 0;

	/* addresses as slabs have them: in steps */
	for (address = 0; address < 1000000; address++) {
		bool first = mt_sample_picks(0xffff888000000000ULL + address * 200, 1, rate);

		picked += first;
		again += first && mt_sample_picks(0xffff888000000000ULL + address * 200, 2,
						       rate);
	}
	assert_in_range(picked, 9600, 10400);
	/* two seeds agree no more often than chance has it */
	assert_in_range(again, 60, 140);
	assert_int_equal(U32_MAX, mt_sample_rate(5, 5));
	assert_true(mt_sample_picks(12345, 1, U32_MAX));
}

static void sample_is_scaled(void **state)
{
	assert_int_equal(7, mt_sample_scale(7, 1000, 0));
	assert_int_equal(7, mt_sample_scale(7, 1000, 1000));
	assert_int_equal(0, mt_sample_scale(0, 1000, 10));
	assert_int_equal(0, mt_sample_scale(3, 0, 10));
	assert_int_equal(333, mt_sample_scale(1, 1000, 3));
	assert_int_equal(1000, mt_sample_scale(3, 1000, 3));
	/* more were read than there are by the books */
	assert_int_equal(50, mt_sample_scale(100, 100, 200));
	assert_int_equal(1431655764, mt_sample_scale(1000000, 4294967294ULL, 3000000));
	/* beyond 2^64 between */
	assert_in_range(mt_sample_scale(1ULL << 33, 1ULL << 40, 1ULL << 34),
			(1ULL << 39) - 1, 1ULL << 39);
}

static void error_is_binomial(void **state)
{
	/* 4096 of 45000, a third: 1.96 * sqrt(n p q (1 - n/N)) * N / n */
	u64 error = mt_sample_error(45000, 4096, 1365);
	unsigned int seed = 3, round, missed = 0;

	assert_in_range(error, 610, 630);
	assert_int_equal(0, mt_sample_error(45000, 45000, 1000));
	assert_true(mt_sample_error(1000000, 1000, 0) > 0);
	assert_true(mt_sample_error(1000000, 1000, 1000) > 0);
	/* large figures do not overflow */
	assert_in_range(mt_sample_error(1ULL << 32, 1 << 20, 1 << 19), 4100000, 4200000);

	/* it covers the truth in 95 of 100 samples */
	for (round = 0; round < 400; round++) {
		u32 rate = mt_sample_rate(1000, 20000);
		u64 read = 0, hits = 0, i;
		s64 estimate;
		u64 salt = ((u64)rand_r(&seed) << 31) ^ rand_r(&seed);

		for (i = 0; i < 20000; i++) {
			if (!mt_sample_picks(i * 64, salt, rate))
				continue;
			read++;
			hits += i < 6000;
		}
		estimate = hits * 20000 / read;
		if (llabs(estimate - 6000) > mt_sample_error(20000, read, hits))
			missed++;
	}
	assert_in_range(missed, 5, 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sample_is_fair),
		cmocka_unit_test(sample_is_scaled),
		cmocka_unit_test(error_is_binomial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
