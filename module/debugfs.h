/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_DEBUGFS_H
#define MT_DEBUGFS_H

int mt_debugfs_create(void);
void mt_debugfs_remove(void);
const char *mt_debugfs_path(void);

#endif /* MT_DEBUGFS_H */
