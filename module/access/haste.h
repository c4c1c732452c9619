/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_HASTE_H
#define MT_HASTE_H

#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/types.h>

/** MT_HASTE_PART - in haste, what has less than this part of all memory is passed by */
#define MT_HASTE_PART	1000

/** MT_HASTE_TIMES - haste may last so many times as long as there was time in the first place */
#define MT_HASTE_TIMES	3

/**
 * struct mt_haste - the time that a walk has
 * @from_ns: from then on it is in haste, in the time of ktime_get_ns(); 0 for never
 * @until_ns: then it is over
 * @on: it is in haste: only what is large is looked at
 */
struct mt_haste {
	u64 from_ns;
	u64 until_ns;
	bool on;
};

/**
 * mt_haste_begin() - a walk begins
 * @from_ns: from when on it has to hurry, in the time of ktime_get_ns(); 0 for never
 *
 * In an incident the one that matters may be the last of very many.
 *
 * Context: any.
 * Return: its time.
 */
static inline struct mt_haste mt_haste_begin(u64 from_ns)
{
	return (struct mt_haste) {
		.from_ns = from_ns,
		.until_ns = from_ns + MT_HASTE_TIMES * (from_ns - ktime_get_ns()),
	};
}

/**
 * mt_haste_check() - may a walk go on?
 * @haste: its time; @haste->on is set when it is short
 *
 * Context: process context.
 * Return: 0; -EINTR after a fatal signal; -ETIME when the time is over.
 */
static inline int mt_haste_check(struct mt_haste *haste)
{
	if (fatal_signal_pending(current))
		return -EINTR;
	if (!haste->from_ns)
		return 0;
	if (ktime_get_ns() >= haste->until_ns)
		return -ETIME;
	haste->on = ktime_get_ns() >= haste->from_ns;
	return 0;
}

#endif /* MT_HASTE_H */
