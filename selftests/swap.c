// SPDX-License-Identifier: GPL-2.0
/*
 * Swaps to zram, a compressed device in memory.
 */
#include <stdlib.h>
#include <sys/swap.h>
#include <unistd.h>

#include "oracle.h"
#include "swap.h"

#define DEVICE	"/dev/zram0"
#define SYS	"/sys/block/zram0/"
#define BYTES	"134217728"

/**
 * swap_on - have somewhere to swap to
 *
 * Return: 0, or -1 if this kernel has no zram.
 */
int swap_on(void)
{
	if (system("modprobe -q zram 2>/dev/null") ||
	    oracle_write(SYS "disksize", BYTES) ||
	    system("mkswap " DEVICE " >/dev/null"))
		return -1;
	return swapon(DEVICE, 0);
}

/**
 * swap_off - bring everything back, and give the device's memory back
 */
void swap_off(void)
{
	swapoff(DEVICE);
	oracle_write(SYS "reset", "1");
}
