/* SPDX-License-Identifier: GPL-2.0 */
/* The numbers are the same; glibc's errno.h includes this file in its turn. */
#include_next <linux/errno.h>
