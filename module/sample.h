/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_SAMPLE_H
#define MT_SAMPLE_H

#include <linux/types.h>

u32 mt_sample_rate(u64 want, u64 all);
bool mt_sample_picks(u64 address, u64 seed, u32 rate);
u64 mt_sample_scale(u64 hits, u64 all, u64 read);
u64 mt_sample_error(u64 all, u64 read, u64 hits);

#endif /* MT_SAMPLE_H */
