// SPDX-License-Identifier: GPL-2.0
/*
 * Percpu: dynamic percpu memory, which comes in chunks of pages.
 *
 *   BYTES COUNT   COUNT allocations of BYTES each, for every CPU
 *   free          give all of them back
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "plant.h"

#define COUNT_MAX	4096

static void __percpu *percpus[COUNT_MAX];
static unsigned long nr_percpus;
static unsigned long percpu_bytes;

static void percpu_free(void)
{
	while (nr_percpus)
		free_percpu(percpus[--nr_percpus]);
	percpu_bytes = 0;
}

static int percpu_command(int argc, char **argv)
{
	unsigned long bytes;
	unsigned long nr;

	if (argc == 1 && !strcmp(argv[0], "free")) {
		percpu_free();
		return 0;
	}
	if (argc != 2 || nr_percpus ||
	    plant_number(argv[0], 1, PCPU_MIN_UNIT_SIZE, &bytes) ||
	    plant_number(argv[1], 1, COUNT_MAX, &nr))
		return -EINVAL;
	while (nr_percpus < nr) {
		void __percpu *percpu = __alloc_percpu(bytes, 8);

		if (!percpu) {
			percpu_free();
			return -ENOMEM;
		}
		percpus[nr_percpus++] = percpu;
		percpu_bytes += bytes;
		cond_resched();
	}
	return 0;
}

static void percpu_show(struct seq_file *m)
{
	seq_printf(m, "objects: %lu\n", nr_percpus);
	seq_printf(m, "unit_bytes: %lu\n", percpu_bytes);
}

const struct plant_kind plant_percpu = {
	.name		= "percpu",
	.command	= percpu_command,
	.show		= percpu_show,
	.exit		= percpu_free,
};
