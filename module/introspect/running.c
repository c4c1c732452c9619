// SPDX-License-Identifier: GPL-2.0
/*
 * running.c - knows where the kernel that is running keeps the answers for the relocation tables.
 *
 * The BTF is the kernel's own, between __start_BTF and __stop_BTF: read-only memory of the kernel
 * image, the same bytes as /sys/kernel/btf/vmlinux, and present without any debug package.
 */
#include "introspect/running.h"

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

#include "introspect/btf.h"
#include "introspect/ksym.h"
#include "introspect/relo.h"

/* More than this is no BTF: the largest distribution kernels have about 10 MB. */
#define MAX_BTF_BYTES	(64UL << 20)

static char *hide;
module_param(hide, charp, 0444);
MODULE_PARM_DESC(hide, "symbols, struct members (type.member), types, \"btf\" or \"kallsyms_lookup_name\", comma-separated, to treat as if this kernel had none");

/* What a kernel that lists its functions only (most of arm64) does not tell, it may have. */
static const char *const few_symbols = IS_ENABLED(CONFIG_KALLSYMS_ALL) ? NULL :
	"this kernel lists no variables (CONFIG_KALLSYMS_ALL)";

static struct mt_btf btf;
static bool has_btf;

/* What will be looked up, and is found in one pass where that is much faster. */
static const char *symbols[MT_KSYM_NAMES] = { "__start_BTF", "__stop_BTF" };
static unsigned long addrs[MT_KSYM_NAMES];
static u32 nr_symbols = 2;
static bool has_addrs;

/** HINTS - types whose place is remembered; more cost a scan for each look-up */
#define HINTS	48

/* And the types that will be, which are found in one scan. */
static struct mt_btf_hint hints[HINTS];
static u32 nr_hints;

static unsigned long lookup(const char *name)
{
	u32 i;

	for (i = 0; has_addrs && i < nr_symbols; i++) {
		if (!strcmp(name, symbols[i]))
			return addrs[i];
	}
	return mt_ksym_data(name);
}

static struct mt_relo_source source;

static const char *open_btf(void)
{
	unsigned long from, to;
	int err;

	if (mt_relo_hides(hide, "btf"))
		return "BTF hidden by the hide parameter";
	from = lookup("__start_BTF");
	to = lookup("__stop_BTF");
	if (!mt_ksym_ready())
		return "BTF is found through kallsyms_lookup_name";
	if (!from && few_symbols)
		return few_symbols;
	if (!from || to <= from || to - from > MAX_BTF_BYTES)
		return "this kernel has no BTF (CONFIG_DEBUG_INFO_BTF)";
	err = mt_btf_open(&btf, (const void *)from, to - from, NULL);
	if (err)
		return err == -EOPNOTSUPP ? "this kernel's BTF is of an unknown kind" :
					    "this kernel's BTF is malformed";
	mt_btf_hint(&btf, hints, nr_hints);
	has_btf = true;
	return NULL;
}

/**
 * mt_running_expect() - say that a table will be asked for at load, to have all found at once
 * @table: the table
 *
 * Context: process context; at load, before mt_running_source().
 */
void mt_running_expect(const struct mt_relo_table *table)
{
	nr_symbols = mt_relo_symbols(table, symbols, nr_symbols, ARRAY_SIZE(symbols));
	nr_hints = mt_relo_hint(table, hints, nr_hints, HINTS);
}

/**
 * mt_running_source() - find the symbols and the BTF of the running kernel
 *
 * Context: process context, may sleep; once, at load.
 * Return: the source for mt_relo_resolve(); what could not be found is NULL in it, with the words
 * for why.
 */
const struct mt_relo_source *mt_running_source(void)
{
	source.hide = hide;
	if (mt_relo_hides(hide, "kallsyms_lookup_name"))
		source.no_symbols = "kallsyms_lookup_name hidden by the hide parameter";
	else if (mt_ksym_init())
		source.no_symbols = "kallsyms_lookup_name not found (CONFIG_KPROBES)";
	else
		source.symbol = lookup;
	has_addrs = source.symbol && !mt_ksym_find_all(symbols, addrs, nr_symbols);
	source.few_symbols = few_symbols;
	source.no_btf = open_btf();
	source.btf = has_btf ? &btf : NULL;
	return &source;
}

/**
 * mt_running_resolve() - look up what a table needs that no report asks for at load
 * @table: the table
 *
 * Context: process context, may sleep; after mt_running_source(), one caller for a table at a time.
 */
void mt_running_resolve(struct mt_relo_table *table)
{
	mt_relo_resolve(table, &source);
}

/**
 * mt_running_btf() - the kernel's BTF
 *
 * Context: any.
 * Return: the BTF, or NULL if there is none.
 */
const struct mt_btf *mt_running_btf(void)
{
	return has_btf ? &btf : NULL;
}

/**
 * mt_running_hides() - is this name hidden by the hide parameter?
 * @name: a symbol, "type.member" or "struct type"
 *
 * For names that are looked up after load, such as those of other modules.
 *
 * Context: any.
 * Return: true if it is.
 */
bool mt_running_hides(const char *name)
{
	return mt_relo_hides(hide, name);
}

/**
 * mt_running_hide() - the hide parameter
 *
 * Context: any.
 * Return: the comma-separated names, or NULL.
 */
const char *mt_running_hide(void)
{
	return hide;
}
