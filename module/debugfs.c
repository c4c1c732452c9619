// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs.c - knows the two front doors, debugfs and /proc: open collects, read prints, release
 * frees.
 *
 * The files are read-only, mode 0400, without ioctl and mmap: lockdown=integrity refuses every
 * other debugfs file (fs/debugfs/file.c, debugfs_locked_down()). Where debugfs cannot be reached,
 * because it is compiled out, switched off, or not mounted where everybody looks for it, the same
 * files stand in /proc/memtriage.
 */
#include "debugfs.h"

#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <linux/namei.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "collector.h"
#include "report.h"
#include "snapshot.h"

#define DIRECTORY	"memtriage"
#define DEBUGFS_PATH	"/sys/kernel/debug"

static char *front = "auto";
module_param(front, charp, 0444);
MODULE_PARM_DESC(front, "where the reports stand: debugfs, proc, both, or auto (the default): debugfs, and proc too if debugfs cannot be reached");

static struct dentry *debugfs_directory;
static struct proc_dir_entry *proc_directory;

static void *start(struct seq_file *seq, loff_t *pos)
{
	return *pos < mt_report_records(seq->private) ? pos : NULL;
}

static void *next(struct seq_file *seq, void *at, loff_t *pos)
{
	++*pos;
	return start(seq, pos);
}

static void stop(struct seq_file *seq, void *at)
{
}

static int show(struct seq_file *seq, void *at)
{
	mt_report_print(seq, seq->private, *(loff_t *)at);
	return 0;
}

static const struct seq_operations report_seq_ops = {
	.start = start,
	.next = next,
	.stop = stop,
	.show = show,
};

static int open_report(struct file *file, const struct mt_collector *collector)
{
	struct mt_snapshot *snap = mt_collector_take(collector, 0, NULL);
	struct seq_file *seq;
	int err;

	if (IS_ERR(snap))
		return PTR_ERR(snap);
	err = seq_open(file, &report_seq_ops);
	if (err) {
		mt_snapshot_free(snap);
		return err;
	}
	seq = file->private_data;
	seq->private = snap;
	return 0;
}

static int release_report(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;

	mt_snapshot_free(seq->private);
	return seq_release(inode, file);
}

static int debugfs_open(struct inode *inode, struct file *file)
{
	return open_report(file, inode->i_private);
}

static int proc_open(struct inode *inode, struct file *file)
{
	return open_report(file, pde_data(inode));
}

static const struct file_operations debugfs_ops = {
	.owner = THIS_MODULE,
	.open = debugfs_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = release_report,
};

static const struct proc_ops proc_ops = {
	.proc_open = proc_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = release_report,
};

static bool create_in_debugfs(void)
{
	unsigned int i;

	debugfs_directory = debugfs_create_dir(DIRECTORY, NULL);
	if (IS_ERR_OR_NULL(debugfs_directory)) {
		debugfs_directory = NULL;
		return false;
	}
	/* debugfs has no way to ask for a directory's mode */
	d_inode(debugfs_directory)->i_mode = S_IFDIR | 0700;
	for (i = 0; i < mt_nr_collectors; i++) {
		if (IS_ERR(debugfs_create_file(mt_collectors[i]->name, 0400, debugfs_directory,
					       (void *)mt_collectors[i], &debugfs_ops))) {
			debugfs_remove(debugfs_directory);
			debugfs_directory = NULL;
			return false;
		}
	}
	return true;
}

static bool create_in_proc(void)
{
	unsigned int i;

	proc_directory = proc_mkdir_mode(DIRECTORY, 0700, NULL);
	if (!proc_directory)
		return false;
	for (i = 0; i < mt_nr_collectors; i++) {
		if (!proc_create_data(mt_collectors[i]->name, 0400, proc_directory, &proc_ops,
				      (void *)mt_collectors[i])) {
			proc_remove(proc_directory);
			proc_directory = NULL;
			return false;
		}
	}
	return true;
}

/* Is debugfs mounted where an operator looks for it, as seen by whoever loads the module? */
static bool debugfs_mounted(void)
{
	struct path path;
	bool mounted;

	if (kern_path(DEBUGFS_PATH, LOOKUP_FOLLOW, &path))
		return false;
	mounted = path.dentry->d_sb->s_magic == DEBUGFS_MAGIC;
	path_put(&path);
	return mounted;
}

/**
 * mt_debugfs_create() - create the files
 *
 * Context: process context, may sleep.
 * Return: 0 if at least one of the front doors stands; -EINVAL for a bad front parameter; -ENODEV
 * if neither debugfs nor /proc would have the files.
 */
int mt_debugfs_create(void)
{
	bool want_debugfs = true;
	bool want_proc = false;
	bool created = false;

	if (!strcmp(front, "proc")) {
		want_debugfs = false;
		want_proc = true;
	} else if (!strcmp(front, "both")) {
		want_proc = true;
	} else if (!strcmp(front, "auto")) {
		want_proc = !debugfs_mounted();
	} else if (strcmp(front, "debugfs")) {
		pr_err("front=%s: neither debugfs, proc, both nor auto\n", front);
		return -EINVAL;
	}

	if (want_debugfs)
		created = create_in_debugfs();
	if (!created && strcmp(front, "debugfs"))
		want_proc = true;
	if (want_proc && create_in_proc())
		created = true;
	if (!created) {
		pr_err("neither debugfs nor /proc takes the reports\n");
		return -ENODEV;
	}
	return 0;
}

/**
 * mt_debugfs_remove() - remove the files
 *
 * Waits for readers that are inside one of them.
 *
 * Context: process context, may sleep.
 */
void mt_debugfs_remove(void)
{
	debugfs_remove(debugfs_directory);
	proc_remove(proc_directory);
}

/**
 * mt_debugfs_path() - where an operator finds the files
 *
 * Context: any.
 * Return: the directory, without a slash at its end.
 */
const char *mt_debugfs_path(void)
{
	return proc_directory ? "/proc/" DIRECTORY : DEBUGFS_PATH "/" DIRECTORY;
}
