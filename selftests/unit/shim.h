/* SPDX-License-Identifier: GPL-2.0 */
/* What a test may ask of the shims in include/linux. */
#ifndef SHIM_H
#define SHIM_H

#include <linux/types.h>

/*
 * @shim_fail_at: the allocation that fails: 1 is the next one, 0 none; counts down
 * @shim_fail_on: after it, all others fail too
 * @shim_allocations: asked for since the test set it to 0
 * @shim_live: not yet freed
 * @shim_bytes: of them; to the byte, because ASan does not round up
 */
extern unsigned long shim_fail_at;
extern bool shim_fail_on;
extern unsigned long shim_allocations;
extern long shim_live;
extern long shim_bytes;

#endif /* SHIM_H */
