/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel code asks of the compiler, for userspace. */
#ifndef SHIM_COMPILER_H
#define SHIM_COMPILER_H

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define __printf(fmt, args)	__attribute__((format(printf, fmt, args)))
#define __maybe_unused		__attribute__((unused))
#define __must_check		__attribute__((warn_unused_result))
#ifndef noinline
#define noinline		__attribute__((noinline))
#endif
#define fallthrough		__attribute__((fallthrough))
#define barrier()		__asm__ __volatile__("" : : : "memory")
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value)	(*(volatile __typeof__(x) *)&(x) = (value))

#endif /* SHIM_COMPILER_H */
