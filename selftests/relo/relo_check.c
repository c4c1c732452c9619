// SPDX-License-Identifier: GPL-2.0
/*
 * relo_check.c - resolves the module's relocation tables against the BTF of a kernel that is not
 * running: the port to a new kernel, checked before anybody boots it.
 *
 * usage: relo_check BTF NAME
 *
 * Members and sizes are looked for in the BTF. Symbols are not in it and count as found, so a
 * table that only asks for symbols says nothing here. A table that stands for others is fine if
 * one of them is ready; a kernel in which none is lost its report.
 *
 * Prints TAP, one test for each table or set of tables.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "introspect/btf.h"
#include "introspect/relo.h"

#define TABLE(_table) extern struct mt_relo_table _table;
#include "tables.inc"
#undef TABLE

static struct mt_relo_table *const tables[] = {
#define TABLE(_table) &_table,
#include "tables.inc"
#undef TABLE
};

#define NR_TABLES	(sizeof(tables) / sizeof(tables[0]))

/* Tables of which a kernel needs one; each other table it needs itself. */
static const char *const sets[][4] = {
	{ "slab_per_node", "slab_node_array" },
	{ "slab_sheaf", "slab_cpu" },
	{ "kernfs_root_rwsem", "kernfs_rwsem", "kernfs_mutex" },
	{ "vmap_node", "vmap_tree" },
	{ "mount_chain", "mount_list" },
	{ "packet_hotdata", "packet_cache" },
};

#define NR_SETS		(sizeof(sets) / sizeof(sets[0]))

/* Tables that an older kernel does without: what they describe is public there. */
static const char *const newer[] = { "memcg_vmstats", "vmap_pack" };

static bool may_be_absent(const struct mt_relo_table *table)
{
	unsigned int i;

	for (i = 0; i < sizeof(newer) / sizeof(newer[0]); i++) {
		if (!strcmp(newer[i], table->name))
			return table->state == MT_RELO_ABSENT;
	}
	return false;
}

static unsigned long any_symbol(const char *name)
{
	return *name ? 1 : 0;
}

static bool in_set(const char *name, unsigned int set)
{
	unsigned int i;

	for (i = 0; i < 4 && sets[set][i]; i++) {
		if (!strcmp(sets[set][i], name))
			return true;
	}
	return false;
}

static bool alone(const char *name)
{
	unsigned int set;

	for (set = 0; set < NR_SETS; set++) {
		if (in_set(name, set))
			return false;
	}
	return true;
}

static int failures;
static int tests;

static void report(bool ok, const char *kernel, const char *name, const char *missing)
{
	printf("%sok %d %s: %s\n", ok ? "" : "not ", ++tests, kernel, name);
	if (*missing)
		printf("# %s\n", missing);
	failures += !ok;
}

static void check_set(unsigned int set, const char *kernel)
{
	const char *missing = "";
	char name[128] = "";
	bool ready = false;
	unsigned int i;

	for (i = 0; i < NR_TABLES; i++) {
		if (!in_set(tables[i]->name, set))
			continue;
		ready |= tables[i]->state == MT_RELO_READY;
		if (tables[i]->state != MT_RELO_READY)
			missing = tables[i]->missing;
	}
	for (i = 0; i < 4 && sets[set][i]; i++) {
		strcat(name, i ? " or " : "");
		strcat(name, sets[set][i]);
	}
	report(ready, kernel, name, ready ? "" : missing);
}

static void *read_file(const char *path, size_t *bytes)
{
	FILE *file = fopen(path, "rb");
	char *data = NULL;
	long size;

	if (!file)
		return NULL;
	if (!fseek(file, 0, SEEK_END) && (size = ftell(file)) > 0) {
		rewind(file);
		data = malloc(size);
		if (data && fread(data, 1, size, file) != (size_t)size) {
			free(data);
			data = NULL;
		}
		*bytes = size;
	}
	fclose(file);
	return data;
}

int main(int argc, char **argv)
{
	struct mt_relo_source source = { .symbol = any_symbol };
	static struct mt_btf btf;
	unsigned int i;
	size_t bytes;
	void *data;

	if (argc != 3) {
		fprintf(stderr, "usage: relo_check BTF NAME\n");
		return 2;
	}
	data = read_file(argv[1], &bytes);
	if (!data || mt_btf_open(&btf, data, bytes, NULL)) {
		fprintf(stderr, "relo_check: %s: no BTF\n", argv[1]);
		return 2;
	}
	source.btf = &btf;

	for (i = 0; i < NR_TABLES; i++) {
		mt_relo_resolve(tables[i], &source);
		if (alone(tables[i]->name))
			report(tables[i]->state == MT_RELO_READY || may_be_absent(tables[i]),
			       argv[2], tables[i]->name, tables[i]->missing);
	}
	for (i = 0; i < NR_SETS; i++)
		check_set(i, argv[2]);
	printf("1..%d\n", tests);
	free(data);
	return !!failures;
}
