/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_RELO_H
#define MT_RELO_H

#include <linux/types.h>

struct mt_btf;
struct mt_btf_hint;

/** MT_RELO_NAMES - alternatives an entry may have, newest kernel first */
#define MT_RELO_NAMES	3

/** MT_RELO_WORDS - bytes for the words that say what is missing */
#define MT_RELO_WORDS	192

/**
 * enum mt_relo_kind - what an entry asks for
 * @MT_RELO_SYMBOL: the address of a variable, or of a function to be probed (never called)
 * @MT_RELO_MEMBER: the place of a member, named "type.member" or "type.member.member"
 * @MT_RELO_SIZE: the size of a struct, named "struct type"
 */
enum mt_relo_kind {
	MT_RELO_SYMBOL,
	MT_RELO_MEMBER,
	MT_RELO_SIZE,
};

/**
 * enum mt_relo_need - what it means when the kernel does not have it
 * @MT_RELO_REQUIRED: the table is no use without it
 * @MT_RELO_GATE: this kernel does not have the whole thing the table describes
 * @MT_RELO_ERA: some kernels do not have it by nature, and the table works without it
 */
enum mt_relo_need {
	MT_RELO_REQUIRED,
	MT_RELO_GATE,
	MT_RELO_ERA,
};

/**
 * struct mt_field - where a member is
 * @known: false if this kernel does not have it
 * @offset: bytes from the start of the object to the word that holds it
 * @size: bytes of that word; of the whole member if it is a struct or an array
 * @bit_shift: bits below it in the word, for a bitfield
 * @bit_size: bits it has, 0 if it is not a bitfield
 */
struct mt_field {
	bool known;
	u32 offset;
	u32 size;
	u8 bit_shift;
	u8 bit_size;
};

/**
 * struct mt_relo - one thing a report has to know of this kernel
 * @kind: what is asked for
 * @need: what it means if it is not there
 * @names: what it is called, newest kernel first; each with its upstream change beside it
 * @symbol: for MT_RELO_SYMBOL: gets the address, 0 if not there
 * @field: for MT_RELO_MEMBER: gets the place; for MT_RELO_SIZE: @field->size gets the size
 * @found: set by mt_relo_resolve()
 * @hidden: set by mt_relo_resolve(): it is there, and the hide parameter says otherwise
 */
struct mt_relo {
	enum mt_relo_kind kind;
	enum mt_relo_need need;
	const char *names[MT_RELO_NAMES];
	unsigned long *symbol;
	struct mt_field *field;
	bool found;
	bool hidden;
};

/**
 * enum mt_relo_state - what became of a table
 * @MT_RELO_MISSING: something required is not there
 * @MT_RELO_ABSENT: this kernel does not have what the table describes, and nothing is lost
 * @MT_RELO_READY: everything required is there
 */
enum mt_relo_state {
	MT_RELO_MISSING,
	MT_RELO_ABSENT,
	MT_RELO_READY,
};

/**
 * struct mt_relo_table - what must be known together
 * @name: a word for the status report
 * @entries: what must be known
 * @nr_entries: how many
 * @state: set by mt_relo_resolve()
 * @missing: set by mt_relo_resolve(): what is not there, in words
 */
struct mt_relo_table {
	const char *name;
	struct mt_relo *entries;
	unsigned int nr_entries;
	enum mt_relo_state state;
	char missing[MT_RELO_WORDS];
};

/**
 * struct mt_relo_source - where the answers come from
 * @btf: the kernel's BTF, or NULL
 * @symbol: address of a variable by name, 0 if there is none; NULL if symbols cannot be looked up
 * @hide: comma-separated names to treat as if they were not there: a symbol, "type.member", or a
 *        type, which hides all its members; or NULL
 * @no_btf: the words for why @btf is NULL
 * @no_symbols: the words for why @symbol is NULL
 * @few_symbols: the words for why @symbol does not find all there are, or NULL if it does
 */
struct mt_relo_source {
	const struct mt_btf *btf;
	unsigned long (*symbol)(const char *name);
	const char *hide;
	const char *no_btf;
	const char *no_symbols;
	const char *few_symbols;
};

#define MT_SYMBOL(_need, _symbol, ...) \
	{ .kind = MT_RELO_SYMBOL, .need = MT_RELO_##_need, .symbol = &(_symbol), \
	  .names = { __VA_ARGS__ } }

#define MT_MEMBER(_need, _field, ...) \
	{ .kind = MT_RELO_MEMBER, .need = MT_RELO_##_need, .field = &(_field), \
	  .names = { __VA_ARGS__ } }

#define MT_SIZE(_need, _field, ...) \
	{ .kind = MT_RELO_SIZE, .need = MT_RELO_##_need, .field = &(_field), \
	  .names = { __VA_ARGS__ } }

#define MT_RELO_TABLE(_table, _name, _entries) \
	struct mt_relo_table _table = { \
		.name = (_name), \
		.entries = (_entries), \
		.nr_entries = sizeof(_entries) / sizeof((_entries)[0]), \
	}

bool mt_relo_hides(const char *hide, const char *name);
void mt_relo_resolve(struct mt_relo_table *table, const struct mt_relo_source *source);
u32 mt_relo_hint(const struct mt_relo_table *table, struct mt_btf_hint *hints, u32 nr, u32 room);
u32 mt_relo_symbols(const struct mt_relo_table *table, const char **names, u32 nr, u32 room);
bool mt_relo_names(const struct mt_relo_table *table, const char *name);

#endif /* MT_RELO_H */
