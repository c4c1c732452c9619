// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - knows the order in which the parts come up and go down.
 */
#include <linux/init.h>
#include <linux/module.h>

#include "access/creation.h"
#include "access/roster.h"
#include "baseline.h"
#include "collector.h"
#include "debugfs.h"

static int __init memtriage_init(void)
{
	unsigned int ready;
	int err;

	mt_collectors_resolve();
	mt_creation_start();
	mt_roster_start();
	mt_baseline_take();
	err = mt_debugfs_create();
	if (err)
		goto err_debugfs;

	ready = mt_collectors_ready();
	pr_info("version %s: %u of %u reports ready\n", MT_VERSION, ready, mt_nr_collectors);
	return 0;

err_debugfs:
	mt_baseline_drop();
	mt_roster_stop();
	mt_creation_stop();
	return err;
}

static void __exit memtriage_exit(void)
{
	mt_debugfs_remove();
	mt_baseline_drop();
	mt_roster_stop();
	mt_creation_stop();
}

module_init(memtriage_init);
module_exit(memtriage_exit);

MODULE_DESCRIPTION("Tell where the memory of this machine went");
MODULE_VERSION(MT_VERSION);
MODULE_LICENSE("GPL");
