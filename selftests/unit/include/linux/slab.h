/* SPDX-License-Identifier: GPL-2.0 */
/* Allocation that a test can make fail, and that it can take stock of. See shim.h. */
#ifndef SHIM_SLAB_H
#define SHIM_SLAB_H

#include <linux/types.h>

#define GFP_KERNEL	0x1u
#define GFP_ATOMIC	0x2u
#define __GFP_NORETRY	0x4u
#define __GFP_NOWARN	0x8u
#define __GFP_ZERO	0x10u
#define __GFP_ACCOUNT	0x20u
#define GFP_NOWAIT	0x40u
#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)

void *kmalloc(size_t size, gfp_t gfp);
void *kzalloc(size_t size, gfp_t gfp);
void *kcalloc(size_t n, size_t size, gfp_t gfp);
void *kmalloc_array(size_t n, size_t size, gfp_t gfp);
void *krealloc(const void *old, size_t size, gfp_t gfp);
void kfree(const void *memory);

/* One heap stands for all: what is right for kfree() is wrong for kvfree() only in the kernel. */
#define kvmalloc(size, gfp)		kmalloc(size, gfp)
#define kvzalloc(size, gfp)		kzalloc(size, gfp)
#define kvcalloc(n, size, gfp)		kcalloc(n, size, gfp)
#define kvmalloc_array(n, size, gfp)	kmalloc_array(n, size, gfp)
#define kvfree(memory)			kfree(memory)
#define __vmalloc(size, gfp)		kmalloc(size, gfp)
#define vmalloc(size)			kmalloc(size, GFP_KERNEL)
#define vzalloc(size)			kzalloc(size, GFP_KERNEL)
#define vfree(memory)			kfree(memory)

#endif /* SHIM_SLAB_H */
