/* SPDX-License-Identifier: GPL-2.0 */
/* The number of a bit, for userspace. */
#ifndef SHIM_BITOPS_H
#define SHIM_BITOPS_H

#define __ffs(word)	((unsigned long)__builtin_ctzl(word))

#endif /* SHIM_BITOPS_H */
