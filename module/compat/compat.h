/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat.h - knows where the source of the kernel's public API differs by version.
 *
 * Force-included by Kbuild, so that no other file asks for a version. What can be told by the
 * presence of a name belongs in Kbuild (mt-named), what is private to the kernel in a relocation
 * table (introspect/relo.h); only what is left, a changed prototype, belongs here.
 */
#ifndef MT_COMPAT_H
#define MT_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0)
#error "memtriage needs Linux 5.10 or newer"
#endif

/* Linux kernel commit 359745d78351 ("proc: remove PDE_DATA() completely") (in v5.17) */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0)
#define pde_data(_inode) PDE_DATA(_inode)
#endif

/*
 * Linux kernel commit dba4a9256bb4 ("net: Remove the err argument from sock_from_file")
 * (in v5.11)
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define mt_sock_from_file(_file) sock_from_file(_file, &(int){ 0 })
#else
#define mt_sock_from_file(_file) sock_from_file(_file)
#endif

/*
 * Linux kernel commit d1df458cbfdb ("hv_balloon: do adjust_managed_page_count() when
 * ballooning/un-ballooning") (in v5.11): nothing that is declared anywhere tells.
 */
#define MT_HV_BALLOON_LEAVES_TOTAL	(LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0))

/*
 * Linux kernel commit 3703bd54cd37 ("kallsyms: Delete an unused parameter related to
 * {module_}kallsyms_on_each_symbol()") (in v6.4): the type of the callback.
 */
#define MT_KALLSYMS_TELLS_MODULE	(LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0))

#endif /* MT_COMPAT_H */
