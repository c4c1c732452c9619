/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Swap in a machine that has no disk.
 */
#ifndef MEMTRIAGE_SWAP_H
#define MEMTRIAGE_SWAP_H

int swap_on(void);
void swap_off(void);

#endif /* MEMTRIAGE_SWAP_H */
