// SPDX-License-Identifier: GPL-2.0
/*
 * sample.c - knows how to pick a fair sample, and how far an estimate from it may be off.
 */
#include "sample.h"

#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math64.h>

static u64 mix(u64 value)
{
	value ^= value >> 33;
	value *= 0xff51afd7ed558ccdULL;
	value ^= value >> 33;
	value *= 0xc4ceb9fe1a85ec53ULL;
	return value ^ value >> 33;
}

/**
 * mt_sample_rate() - how many objects to pick
 * @want: so many are wanted
 * @all: of so many
 *
 * Context: any.
 * Return: the rate for mt_sample_picks().
 */
u32 mt_sample_rate(u64 want, u64 all)
{
	if (want >= all)
		return U32_MAX;
	/* want is far below 2^32 */
	return div64_u64(want << 32, all);
}

/**
 * mt_sample_picks() - is this object one of the sample?
 * @address: the object's address
 * @seed: another one picks other objects
 * @rate: from mt_sample_rate()
 *
 * By object and not by slab: the objects of one slab were often allocated by one user, and would
 * count as one.
 *
 * Context: any.
 * Return: true for @rate of 2^32 objects, and for all if @rate is U32_MAX.
 */
bool mt_sample_picks(u64 address, u64 seed, u32 rate)
{
	return rate == U32_MAX || (u32)mix(address ^ seed) < rate;
}

/**
 * mt_sample_scale() - from the objects of a sample to all of them
 * @hits: objects of the sample that are of the kind
 * @all: objects there are
 * @read: objects of the sample
 *
 * mul_u64_u64_div_u64() is not there for modules on each architecture.
 *
 * Context: any.
 * Return: how many of all objects are of the kind, rounded down; @hits if there is no sample.
 */
u64 mt_sample_scale(u64 hits, u64 all, u64 read)
{
	u64 whole, rest;

	if (!read || read == all)
		return hits;
	whole = div64_u64_rem(hits, read, &rest);
	/* exact below 2^32 objects, and good for as many digits as there are beyond */
	while (all && rest > div64_u64(U64_MAX, all)) {
		rest >>= 1;
		read >>= 1;
	}
	return whole * all + div64_u64(rest * all, read);
}

static u64 square_root(u64 square)
{
	u64 bit = 1ULL << 62;
	u64 root = 0;

	while (bit > square)
		bit >>= 2;
	for (; bit; bit >>= 2) {
		if (square >= root + bit) {
			square -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return root;
}

/**
 * mt_sample_error() - how far an estimate from a sample may be off
 * @all: objects there are
 * @read: objects of the sample
 * @hits: of these, how many are of the kind
 *
 * Context: any.
 * Return: in objects, half the width of the interval that has the true number with 95 percent
 * (binomial, without replacement, by the normal approximation); 0 if all were read.
 */
u64 mt_sample_error(u64 all, u64 read, u64 hits)
{
	u64 variance;

	if (read >= all || !read)
		return 0;
	hits = min(hits, read);
	/* as if there were at least one of the kind, and one of another: never an error of 0 */
	hits = clamp(hits, 1ULL, read > 1 ? read - 1 : 1);
	/* of the hits, in 1/2^16: read * p * (1 - p) * (1 - read / all) */
	variance = div64_u64(hits * (read - hits), read) << 16;
	variance = div64_u64(div64_u64(variance << 8, all) * (all - read), 1 << 8);
	/* the root is in 1/2^8; 1.96 = 502 / 256 */
	return div64_u64(div64_u64(square_root(variance) * 502, 1 << 8) * all, read << 8) + 1;
}
