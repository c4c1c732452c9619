// SPDX-License-Identifier: GPL-2.0
/*
 * relo.c - knows how to turn a declared need ("kmem_cache.name") into an address or an offset.
 *
 * A kernel difference is an entry with several names, newest kernel first, or a table whose gate
 * says that this kernel does not have the thing at all. Resolved once, at load. Pure: where the
 * answers come from is a parameter, so that the tables are checked in userspace against the BTF
 * of kernels that were never booted.
 */
#include "introspect/relo.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "introspect/btf.h"

#define TYPE_LENGTH	64

static bool same(const char *word, size_t length, const char *name, size_t name_length)
{
	return length == name_length && !strncmp(word, name, length);
}

/**
 * mt_relo_hides() - does the hide list name this?
 * @hide: comma-separated names, or NULL
 * @name: a symbol, "type.member" or "struct type"
 *
 * Blanks and newlines around a name in @hide are ignored.
 *
 * Context: any.
 * Return: true if @name itself or, for a member, its type is in the list.
 */
bool mt_relo_hides(const char *hide, const char *name)
{
	size_t name_length = strlen(name);
	const char *dot = strchr(name, '.');
	const char *blank = strchr(name, ' ');

	while (hide && *hide) {
		size_t length;

		hide += strspn(hide, ", \t\n");
		length = strcspn(hide, ", \t\n");
		if (!length)
			break;
		if (same(hide, length, name, name_length) ||
		    (dot && same(hide, length, name, dot - name)) ||
		    (blank && same(hide, length, blank + 1, strlen(blank + 1))))
			return true;
		hide += length;
	}
	return false;
}

static bool find_member(const struct mt_btf *btf, const char *name, struct mt_field *field)
{
	const char *dot = strchr(name, '.');
	struct mt_btf_member member;
	char type[TYPE_LENGTH];
	u32 byte;

	if (!dot || dot - name >= TYPE_LENGTH)
		return false;
	memcpy(type, name, dot - name);
	type[dot - name] = '\0';
	if (mt_btf_find_member(btf, type, dot + 1, &member))
		return false;

	*field = (struct mt_field) {
		.known = true,
		.offset = member.bit_offset / 8,
		.size = member.size,
	};
	if (!member.bit_size)
		return true;

	/* the smallest aligned word that holds the bits, little-endian */
	for (byte = 1; byte <= 8; byte *= 2) {
		u32 word_bits = byte * 8;
		u32 start = member.bit_offset / word_bits * word_bits;

		if (member.bit_offset + member.bit_size > start + word_bits)
			continue;
		field->offset = start / 8;
		field->size = byte;
		field->bit_shift = member.bit_offset - start;
		field->bit_size = member.bit_size;
		return true;
	}
	*field = (struct mt_field) { };
	return false;
}

static bool find_size(const struct mt_btf *btf, const char *name, struct mt_field *field)
{
	const char *blank = strchr(name, ' ');
	u32 size;

	if (!blank || mt_btf_find_size(btf, blank + 1, &size))
		return false;
	*field = (struct mt_field) { .known = true, .size = size };
	return true;
}

static bool find(struct mt_relo *relo, const char *name, const struct mt_relo_source *source)
{
	switch (relo->kind) {
	case MT_RELO_SYMBOL:
		*relo->symbol = source->symbol ? source->symbol(name) : 0;
		return *relo->symbol;
	case MT_RELO_MEMBER:
		return source->btf && find_member(source->btf, name, relo->field);
	case MT_RELO_SIZE:
		return source->btf && find_size(source->btf, name, relo->field);
	}
	return false;
}

static void forget(struct mt_relo *relo)
{
	if (relo->kind == MT_RELO_SYMBOL)
		*relo->symbol = 0;
	else
		*relo->field = (struct mt_field) { };
}

static void resolve(struct mt_relo *relo, const struct mt_relo_source *source)
{
	unsigned int i;

	relo->found = false;
	relo->hidden = false;
	forget(relo);
	for (i = 0; i < MT_RELO_NAMES && relo->names[i]; i++) {
		if (!find(relo, relo->names[i], source))
			continue;
		if (!mt_relo_hides(source->hide, relo->names[i])) {
			relo->found = true;
			return;
		}
		relo->hidden = true;
		forget(relo);
	}
}

static const char *noun(const struct mt_relo *relo)
{
	switch (relo->kind) {
	case MT_RELO_SYMBOL:
		return "symbol ";
	case MT_RELO_MEMBER:
		return "member ";
	case MT_RELO_SIZE:
		return "";
	}
	return "";
}

/* "symbol slab_mutex (hidden)", or why nothing of its kind can be found */
static void say_missing(struct mt_relo_table *table, const struct mt_relo *relo,
			const struct mt_relo_source *source)
{
	unsigned int i = 0;

	/* of several names, the one that this kernel has */
	while (relo->hidden && !mt_relo_hides(source->hide, relo->names[i]))
		i++;
	if (relo->hidden)
		snprintf(table->missing, MT_RELO_WORDS, "%s%s hidden by the hide parameter",
			 noun(relo), relo->names[i]);
	else if (relo->kind == MT_RELO_SYMBOL && !source->symbol)
		snprintf(table->missing, MT_RELO_WORDS, "symbol %s: %s", relo->names[0],
			 source->no_symbols);
	else if (relo->kind == MT_RELO_SYMBOL && source->few_symbols)
		snprintf(table->missing, MT_RELO_WORDS, "symbol %s: %s", relo->names[0],
			 source->few_symbols);
	else if (relo->kind != MT_RELO_SYMBOL && !source->btf)
		snprintf(table->missing, MT_RELO_WORDS, "%s%s: %s", noun(relo), relo->names[0],
			 source->no_btf);
	else
		snprintf(table->missing, MT_RELO_WORDS, "no %s%s in this kernel", noun(relo),
			 relo->names[0]);
}

static bool can_ask(const struct mt_relo *relo, const struct mt_relo_source *source)
{
	if (relo->kind == MT_RELO_SYMBOL)
		return source->symbol && !source->few_symbols;
	return !!source->btf;
}

/**
 * mt_relo_resolve() - look up everything a table needs
 * @table: the table; its entries, @state and @missing are filled
 * @source: where the answers come from
 *
 * A gate that is not there makes the table MT_RELO_ABSENT, unless it could not even be asked for
 * or is hidden: then something is lost and the table is MT_RELO_MISSING. A hidden era entry makes
 * the table MT_RELO_MISSING only if no other of its entries can stand in, which is for the user
 * of the table to judge: @missing names it, @state stays MT_RELO_READY.
 *
 * Context: process context, may sleep in @source->symbol.
 */
void mt_relo_resolve(struct mt_relo_table *table, const struct mt_relo_source *source)
{
	unsigned int i;

	table->state = MT_RELO_READY;
	table->missing[0] = '\0';

	for (i = 0; i < table->nr_entries; i++)
		resolve(&table->entries[i], source);

	for (i = 0; i < table->nr_entries; i++) {
		const struct mt_relo *relo = &table->entries[i];

		if (relo->found)
			continue;
		if (relo->need == MT_RELO_GATE && !relo->hidden && can_ask(relo, source)) {
			table->state = MT_RELO_ABSENT;
			say_missing(table, relo, source);
			return;
		}
		if (relo->need == MT_RELO_ERA) {
			if (!table->missing[0] && (relo->hidden || !can_ask(relo, source)))
				say_missing(table, relo, source);
			continue;
		}
		if (table->state == MT_RELO_READY)
			say_missing(table, relo, source);
		table->state = MT_RELO_MISSING;
	}
}

static u32 add_hint(const char *name, struct mt_btf_hint *hints, u32 nr, u32 room)
{
	const char *blank = strchr(name, ' ');
	u32 length, i;

	name = blank ? blank + 1 : name;
	length = strcspn(name, ".");
	for (i = 0; i < nr; i++) {
		if (same(name, length, hints[i].name, hints[i].length))
			return nr;
	}
	/* without room, a look-up is slower, and that is all */
	if (nr < room)
		hints[nr++] = (struct mt_btf_hint) { .name = name, .length = length };
	return nr;
}

/**
 * mt_relo_hint() - which types will a table ask for?
 * @table: the table
 * @hints: gets each type once, for mt_btf_hint()
 * @nr: hints that are there already
 * @room: hints there is room for
 *
 * Context: any.
 * Return: how many there are now.
 */
u32 mt_relo_hint(const struct mt_relo_table *table, struct mt_btf_hint *hints, u32 nr, u32 room)
{
	unsigned int i, j;

	for (i = 0; i < table->nr_entries; i++) {
		const struct mt_relo *relo = &table->entries[i];

		if (relo->kind == MT_RELO_SYMBOL)
			continue;
		for (j = 0; j < MT_RELO_NAMES && relo->names[j]; j++)
			nr = add_hint(relo->names[j], hints, nr, room);
	}
	return nr;
}

/**
 * mt_relo_symbols() - which symbols will a table ask for?
 * @table: the table
 * @names: gets each name, also those that are in it already
 * @nr: names that are there already
 * @room: names there is room for; without it, a name is looked up by itself
 *
 * Context: any.
 * Return: how many there are now.
 */
u32 mt_relo_symbols(const struct mt_relo_table *table, const char **names, u32 nr, u32 room)
{
	unsigned int i, j;

	for (i = 0; i < table->nr_entries; i++) {
		const struct mt_relo *relo = &table->entries[i];

		if (relo->kind != MT_RELO_SYMBOL)
			continue;
		for (j = 0; j < MT_RELO_NAMES && relo->names[j] && nr < room; j++)
			names[nr++] = relo->names[j];
	}
	return nr;
}

/**
 * mt_relo_names() - does a table have an entry of this name?
 * @table: the table
 * @name: a symbol, "type.member", "struct type" or a type
 *
 * Context: any.
 * Return: true if hiding @name could change the table.
 */
bool mt_relo_names(const struct mt_relo_table *table, const char *name)
{
	unsigned int i, j;

	for (i = 0; i < table->nr_entries; i++) {
		for (j = 0; j < MT_RELO_NAMES && table->entries[i].names[j]; j++) {
			if (mt_relo_hides(name, table->entries[i].names[j]))
				return true;
		}
	}
	return false;
}
