/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What userspace can say without the module: the same reports, as far as /proc goes.
 */
#ifndef MEMTRIAGE_PROCFS_H
#define MEMTRIAGE_PROCFS_H

#include "snapshot.h"

struct snapshot *procfs_read(const char *root);

/* procnet.c */
bool procnet_write_sockets(FILE *out, const char *root);

#endif /* MEMTRIAGE_PROCFS_H */
