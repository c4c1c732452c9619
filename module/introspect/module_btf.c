// SPDX-License-Identifier: GPL-2.0
/*
 * module_btf.c - knows where the BTF of another module is: /sys/kernel/btf/<module>.
 *
 * It continues the kernel's own BTF. Linux kernel commit 36e68442d1af ("bpf: Load and verify kernel
 * module BTFs") (in v5.11); an older kernel has none. Read through a file, because the kernel's
 * list of them is private; kernel_read_file_from_path() would warn under the IPE security module.
 */
#include "introspect/module_btf.h"

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/sizes.h>

#include "introspect/btf.h"
#include "introspect/relo.h"
#include "introspect/running.h"
#include "memory.h"

#define MAX_BYTES	SZ_1M

static void *read_whole(const char *path, size_t *bytes)
{
	struct file *file = filp_open(path, O_RDONLY, 0);
	void *data = NULL;
	loff_t size, pos = 0;
	ssize_t got;

	if (IS_ERR(file))
		return NULL;
	size = i_size_read(file_inode(file));
	if (size > 0 && size <= MAX_BYTES)
		data = mt_memory_alloc(size);
	while (data && pos < size) {
		got = kernel_read(file, data + pos, size - pos, &pos);
		if (got <= 0)
			break;
	}
	if (data && pos != size) {
		mt_memory_free(data);
		data = NULL;
	}
	filp_close(file, NULL);
	*bytes = size;
	return data;
}

/**
 * mt_module_btf_field() - where a member of another module's private struct is
 * @module: the module's name
 * @name: "type.member"
 * @field: gets the place
 *
 * Context: process context, may sleep; needs /sys where the current task sees it.
 * Return: false if the module is not loaded, has no BTF, or has no such member.
 */
bool mt_module_btf_field(const char *module, const char *name, struct mt_field *field)
{
	struct mt_relo member[] = { MT_MEMBER(REQUIRED, *field, name) };
	struct mt_relo_table table = {
		.name = module,
		.entries = member,
		.nr_entries = ARRAY_SIZE(member),
	};
	struct mt_relo_source source = { .hide = mt_running_hide(), .no_btf = "" };
	struct mt_btf *btf;
	char path[64];
	size_t bytes;
	void *data;

	if (!mt_running_btf())
		return false;
	snprintf(path, sizeof(path), "/sys/kernel/btf/%s", module);
	data = read_whole(path, &bytes);
	if (!data)
		return false;
	btf = mt_memory_alloc(sizeof(*btf));
	if (btf && !mt_btf_open(btf, data, bytes, mt_running_btf())) {
		source.btf = btf;
		mt_relo_resolve(&table, &source);
	}
	mt_memory_free(btf);
	mt_memory_free(data);
	return table.state == MT_RELO_READY;
}
