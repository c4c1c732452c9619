/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_PROBE_H
#define MT_PROBE_H

#include <linux/types.h>

struct pt_regs;

/** MT_PROBE_CALLERS - how many callers of a function are looked at */
#define MT_PROBE_CALLERS	20

/** MT_PROBES - how many probes can be disarmed at once */
#define MT_PROBES		8

/**
 * struct mt_probe_hit - a function that is just being entered
 * @function: its address
 * @regs: what it was called with
 */
struct mt_probe_hit {
	unsigned long function;
	struct pt_regs *regs;
};

/**
 * struct mt_probe - a probe on the entry of a function
 * @hit: called at each entry, with preemption off and perhaps interrupts too: it must neither
 *       sleep nor allocate, and take a lock only by trying
 * @armed: NULL while it is not
 */
struct mt_probe {
	void (*hit)(const struct mt_probe_hit *hit);
	struct mt_armed *armed;
};

int mt_probe_arm(struct mt_probe *probe, unsigned long function);
void mt_probe_disarm(struct mt_probe *const *probes, unsigned int nr);
unsigned long mt_probe_missed(const struct mt_probe *probe);
unsigned long mt_probe_argument(const struct mt_probe_hit *hit, unsigned int nr);
unsigned int mt_probe_callers(const struct mt_probe_hit *hit, unsigned long *callers,
			      unsigned int room);

#endif /* MT_PROBE_H */
