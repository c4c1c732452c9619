/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's integer types, for userspace. */
#ifndef SHIM_TYPES_H
#define SHIM_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
/* long long as in the kernel, so that %llu fits */
typedef unsigned long long u64;
typedef long long s64;
typedef unsigned int gfp_t;

#endif /* SHIM_TYPES_H */
