/* SPDX-License-Identifier: GPL-2.0 */
/* The small macros and the printf family of the kernel, for userspace. */
#ifndef SHIM_KERNEL_H
#define SHIM_KERNEL_H

#include_next <linux/kernel.h>
#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/limits.h>
#include <linux/types.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define round_up(x, y)		((((x) - 1) | ((__typeof__(x))((y) - 1))) + 1)
#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))

#define min(a, b) ({				\
	__typeof__(a) min_a = (a);		\
	__typeof__(b) min_b = (b);		\
	(void)(&min_a == &min_b);		\
	min_a < min_b ? min_a : min_b;		\
})
#define max(a, b) ({				\
	__typeof__(a) max_a = (a);		\
	__typeof__(b) max_b = (b);		\
	(void)(&max_a == &max_b);		\
	max_a > max_b ? max_a : max_b;		\
})
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define clamp(x, low, high)	min(max(x, low), high)
#define clamp_t(type, x, low, high) clamp((type)(x), (type)(low), (type)(high))
#define swap(a, b) do {				\
	__typeof__(a) swap_a = (a);		\
	(a) = (b);				\
	(b) = swap_a;				\
} while (0)

/* Like snprintf(), but the length of what was written, not of what was wanted. */
static inline __printf(3, 0) int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int len = vsnprintf(buf, size, fmt, args);

	assert(len >= 0);
	if ((size_t)len < size)
		return len;
	return size ? size - 1 : 0;
}

static inline __printf(3, 4) int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}

#endif /* SHIM_KERNEL_H */
