// SPDX-License-Identifier: GPL-2.0
/*
 * The front door of memtriage_plant: /proc/memtriage_plant/, one file a kind.
 *
 * A write is one command and is complete when write() returns: an error means
 * that nothing has changed. A read is the truth, as "key: value" lines. rmmod
 * frees all that was planted, except what was lost on purpose.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "plant.h"

#define COMMAND_MAX_BYTES	256

static bool lose;
module_param(lose, bool, 0600);
MODULE_PARM_DESC(lose, "rmmod frees nothing: what is planted stays lost until reboot");

static const struct plant_kind * const kinds[] = {
	&plant_packets,
	&plant_pages,
	&plant_vmalloc,
	&plant_caches,
	&plant_large,
	&plant_pressure,
	&plant_churn,
	&plant_drift,
	&plant_percpu,
	&plant_sweep,
	&plant_mixtures,
	&plant_links,
	&plant_device,
};

static DEFINE_MUTEX(plant_lock);
static struct proc_dir_entry *plant_dir;

/**
 * plant_number - read a decimal number that must lie in a range
 * @word: the text
 * @min: smallest acceptable value
 * @max: largest acceptable value
 * @value: where to put it
 *
 * Return: 0, or -EINVAL.
 */
int plant_number(const char *word, unsigned long min, unsigned long max,
		 unsigned long *value)
{
	unsigned long number;

	if (kstrtoul(word, 10, &number) || number < min || number > max)
		return -EINVAL;
	*value = number;
	return 0;
}

/* Found by name, because what proc calls its private data has changed. */
static const struct plant_kind *file_kind(struct file *file)
{
	const char *name = file->f_path.dentry->d_name.name;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds) - 1; i++) {
		if (!strcmp(kinds[i]->name, name))
			break;
	}
	return kinds[i];
}

static int kind_show(struct seq_file *m, void *v)
{
	const struct plant_kind *kind = m->private;

	if (mutex_lock_killable(&plant_lock))
		return -EINTR;
	kind->show(m);
	mutex_unlock(&plant_lock);
	return 0;
}

static int kind_open(struct inode *inode, struct file *file)
{
	return single_open(file, kind_show, (void *)file_kind(file));
}

static ssize_t kind_write(struct file *file, const char __user *buf,
			  size_t bytes, loff_t *pos)
{
	const struct plant_kind *kind = file_kind(file);
	char **argv;
	char *line;
	int argc;
	int err;

	if (!bytes || bytes > COMMAND_MAX_BYTES)
		return -EINVAL;
	line = memdup_user_nul(buf, bytes);
	if (IS_ERR(line))
		return PTR_ERR(line);
	argv = argv_split(GFP_KERNEL, line, &argc);
	kfree(line);
	if (!argv)
		return -ENOMEM;

	err = -EINVAL;
	if (!argc)
		goto out_free;
	err = -EINTR;
	if (mutex_lock_killable(&plant_lock))
		goto out_free;
	if (argc == 1 && !strcmp(argv[0], "lose") && kind->lose) {
		kind->lose();
		err = 0;
	} else {
		err = kind->command(argc, argv);
	}
	mutex_unlock(&plant_lock);
out_free:
	argv_free(argv);
	return err ?: (ssize_t)bytes;
}

static const struct proc_ops kind_ops = {
	.proc_open	= kind_open,
	.proc_read	= seq_read,
	.proc_write	= kind_write,
	.proc_lseek	= seq_lseek,
	.proc_release	= single_release,
};

static void kinds_exit(size_t nr)
{
	while (nr--) {
		if (lose && kinds[nr]->lose)
			kinds[nr]->lose();
		kinds[nr]->exit();
	}
}

static int __init plant_init(void)
{
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		err = kinds[i]->init ? kinds[i]->init() : 0;
		if (err)
			goto err_kinds;
	}

	err = -ENOMEM;
	plant_dir = proc_mkdir_mode(KBUILD_MODNAME, 0700, NULL);
	if (!plant_dir)
		goto err_kinds;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!proc_create(kinds[i]->name, 0600, plant_dir, &kind_ops))
			goto err_dir;
	}
	return 0;

err_dir:
	proc_remove(plant_dir);
	i = ARRAY_SIZE(kinds);
err_kinds:
	kinds_exit(i);
	return err;
}

static void __exit plant_exit(void)
{
	proc_remove(plant_dir);
	kinds_exit(ARRAY_SIZE(kinds));
}

module_init(plant_init);
module_exit(plant_exit);

MODULE_DESCRIPTION("Allocates known memory for the selftests of memtriage");
MODULE_LICENSE("GPL");
