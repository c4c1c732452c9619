// SPDX-License-Identifier: GPL-2.0
/*
 * btf.c - knows the BPF Type Format: bytes in, offsets out; no allocation, no kernel state.
 *
 * A blob is a header, a section of types and a section of NUL-terminated strings. The type section
 * is a plain sequence of records: three words (name, info, size or type), then a trailer whose
 * length follows from the kind and from vlen, both inside info. A type's id is its place in that
 * sequence, counted from 1 (0 is void), so a record can only be reached by stepping over its
 * predecessors. The blob of a module is "split": its ids and string offsets continue where those
 * of vmlinux end.
 *
 *   info: bit 31 kind_flag, bits 24-30 kind, bits 0-23 vlen
 *
 * Up to Linux 6.x the kind had 5 bits and vlen 16, and the bits between were zero; the wider masks
 * read both, while the macros of the headers we are built with would read only their own. For the
 * same reason the numbers of the format stand here and not in an include of linux/btf.h.
 *
 * The bytes are not trusted: a module's blob is read from a file, and a stray write may have hit
 * ours. Each record is checked against the section before use, each id and name against its range,
 * and a lookup may take only MAX_STEPS steps, whatever cycles the bytes describe.
 */
#include "introspect/btf.h"

#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/types.h>

#define BTF_MAGIC_NATIVE	0xeb9f
#define BTF_MAGIC_SWAPPED	0x9feb
#define BTF_FORMAT_VERSION	1

/* Typedefs and qualifiers in a chain, dimensions of an array. */
#define MAX_CHAIN		32

/* Nameless members inside each other. The search recurses, on a kernel stack. */
#define MAX_NESTING		8

/*
 * Records and members one lookup may visit beyond its single scan of the types. A lookup in
 * task_struct needs some thousands; this many take a few milliseconds.
 */
#define MAX_STEPS		1000000

/* What every header so far begins with; a longer one (hdr_len) is allowed and its rest ignored. */
struct blob_header {
	u16 magic;
	u8 version;
	u8 flags;
	u32 hdr_len;
	u32 type_off;	/* section offsets count from the end of the header */
	u32 type_len;
	u32 str_off;
	u32 str_len;
};

enum kind {
	KIND_VOID,	/* id 0; never a record */
	KIND_INT,
	KIND_PTR,
	KIND_ARRAY,
	KIND_STRUCT,
	KIND_UNION,
	KIND_ENUM,
	KIND_FWD,
	KIND_TYPEDEF,
	KIND_VOLATILE,
	KIND_CONST,
	KIND_RESTRICT,
	KIND_FUNC,
	KIND_FUNC_PROTO,
	KIND_VAR,
	KIND_DATASEC,
	KIND_FLOAT,
	KIND_DECL_TAG,
	KIND_TYPE_TAG,
	KIND_ENUM64,
	NR_KINDS
};

#define INFO_KIND(info)		(((info) >> 24) & 0x7f)
#define INFO_VLEN(info)		((info) & 0xffffff)
#define INFO_KIND_FLAG(info)	((info) >> 31)

/* Bytes after a record's three words: once, and for each of vlen elements. */
static const struct {
	u8 once;
	u8 each;
} trailers[NR_KINDS] = {
	[KIND_INT]		= { .once = 4 },	/* encoding, bit offset, bits */
	[KIND_ARRAY]		= { .once = 12 },	/* element type, index type, elements */
	[KIND_STRUCT]		= { .each = 12 },	/* name, type, offset */
	[KIND_UNION]		= { .each = 12 },
	[KIND_ENUM]		= { .each = 8 },	/* name, value */
	[KIND_FUNC_PROTO]	= { .each = 8 },	/* name, type */
	[KIND_VAR]		= { .once = 4 },	/* linkage */
	[KIND_DATASEC]		= { .each = 12 },	/* type, offset, size */
	[KIND_DECL_TAG]		= { .once = 4 },	/* component index */
	[KIND_ENUM64]		= { .each = 12 },	/* name, low word, high word */
};

/* One type, taken apart. Its ids and names are to be read in its own blob. */
struct record {
	const struct mt_btf *btf;
	enum kind kind;
	bool kind_flag;
	u32 vlen;
	u32 name;
	union {
		u32 size;	/* bytes */
		u32 type;	/* id, for the kinds that refer to one */
	};
	u32 trailer;		/* offset in the type section, like next */
	u32 next;
};

/* One member, looked up: its place, its type without typedefs and qualifiers. */
struct found {
	struct record type;
	u64 bit_offset;
	u32 bit_size;
	u32 size;
};

/* The caller has checked that the word lies inside the section; blobs need not be aligned. */
static u32 read_word(const struct mt_btf *btf, u32 offset)
{
	u32 word;

	memcpy(&word, btf->types + offset, sizeof(word));
	return word;
}

/* The name at a string offset as this blob counts them, or NULL when there is none. */
static const char *name_at(const struct mt_btf *btf, u32 offset)
{
	if (btf->base) {
		if (offset < btf->base->strs_len)
			return btf->base->strs + offset;
		offset -= btf->base->strs_len;
	}
	return offset < btf->strs_len ? btf->strs + offset : NULL;
}

/* Read the record at @offset; on success all of it, trailer too, lies inside the section. */
static int record_read(const struct mt_btf *btf, u32 offset, struct record *rec)
{
	u32 info, kind, room;
	u64 trailer;

	if (offset > btf->types_len || btf->types_len - offset < 12)
		return -EINVAL;

	info = read_word(btf, offset + 4);
	kind = INFO_KIND(info);
	if (kind == KIND_VOID)
		return -EINVAL;
	if (kind >= NR_KINDS)
		return -EOPNOTSUPP;

	rec->btf = btf;
	rec->kind = kind;
	rec->kind_flag = INFO_KIND_FLAG(info);
	rec->vlen = INFO_VLEN(info);
	rec->name = read_word(btf, offset);
	rec->size = read_word(btf, offset + 8);
	rec->trailer = offset + 12;

	room = btf->types_len - rec->trailer;
	trailer = trailers[kind].once + (u64)trailers[kind].each * rec->vlen;
	if (trailer > room)
		return -EINVAL;
	rec->next = rec->trailer + trailer;
	return 0;
}

static bool record_is_composite(const struct record *rec)
{
	return rec->kind == KIND_STRUCT || rec->kind == KIND_UNION;
}

static int spend_step(u32 *steps)
{
	if (!*steps)
		return -EINVAL;
	--*steps;
	return 0;
}

/* Read the record with this id, as @btf counts ids. */
static int record_by_id(const struct mt_btf *btf, u32 id, u32 *steps, struct record *rec)
{
	u32 index, skip, offset;
	int err;

	if (!id) {
		*rec = (struct record) { .btf = btf, .kind = KIND_VOID };
		return spend_step(steps);
	}

	if (btf->base && id < btf->first_id)
		btf = btf->base;
	index = id - btf->first_id;
	if (index >= btf->nr_types)
		return -EINVAL;

	offset = btf->checkpoints[index >> btf->shift];
	for (skip = index & ((1U << btf->shift) - 1);; skip--) {
		err = spend_step(steps);
		if (err)
			return err;
		err = record_read(btf, offset, rec);
		if (err || !skip)
			return err;
		offset = rec->next;
	}
}

/* Read the record with this id, or the one behind its typedefs, qualifiers and type tags. */
static int record_by_id_stripped(const struct mt_btf *btf, u32 id, u32 *steps, struct record *rec)
{
	unsigned int depth;
	int err;

	for (depth = 0; depth < MAX_CHAIN; depth++) {
		err = record_by_id(btf, id, steps, rec);
		if (err)
			return err;

		switch (rec->kind) {
		case KIND_TYPEDEF:
		case KIND_VOLATILE:
		case KIND_CONST:
		case KIND_RESTRICT:
		case KIND_TYPE_TAG:
			btf = rec->btf;
			id = rec->type;
			break;
		default:
			return 0;
		}
	}
	return -EINVAL;
}

/* The size in bytes of a stripped type, through the dimensions of an array. */
static int record_size(struct record rec, u32 *steps, u32 *size)
{
	unsigned int depth;
	u64 total = 1;
	int err;

	for (depth = 0; depth < MAX_CHAIN; depth++) {
		switch (rec.kind) {
		case KIND_ARRAY:
			total *= read_word(rec.btf, rec.trailer + 8);
			break;
		case KIND_INT:
		case KIND_STRUCT:
		case KIND_UNION:
		case KIND_ENUM:
		case KIND_ENUM64:
		case KIND_FLOAT:
			total *= rec.size;
			break;
		case KIND_PTR:
			/* BTF does not say; it describes the machine it is read on. */
			total *= sizeof(void *);
			break;
		default:
			total = 0;
			break;
		}
		if (total > U32_MAX)
			return -EINVAL;
		if (rec.kind != KIND_ARRAY) {
			*size = total;
			return 0;
		}

		err = record_by_id_stripped(rec.btf, read_word(rec.btf, rec.trailer), steps, &rec);
		if (err)
			return err;
	}
	return -EINVAL;
}

/*
 * Read what member number @index of @outer is. A bitfield is written in one of two ways: with
 * kind_flag the member's offset carries its width; without, the width (and more offset) hide in the
 * member's int type, which is then not the one of the C source.
 */
static int member_read(const struct record *outer, u32 index, u32 *steps, struct found *found)
{
	u32 at = outer->trailer + 12 * index;
	u32 id = read_word(outer->btf, at + 4);
	u32 offset = read_word(outer->btf, at + 8);
	u32 encoding, bits;
	int err;

	err = record_by_id_stripped(outer->btf, id, steps, &found->type);
	if (err)
		return err;
	err = record_size(found->type, steps, &found->size);
	if (err)
		return err;

	found->bit_offset = offset;
	found->bit_size = 0;
	if (outer->kind_flag) {
		found->bit_offset = offset & 0xffffff;
		found->bit_size = offset >> 24;
	} else if (found->type.kind == KIND_INT) {
		encoding = read_word(found->type.btf, found->type.trailer);
		bits = encoding & 0xff;
		if (bits < 8 * (u64)found->size) {
			found->bit_offset += (encoding >> 16) & 0xff;
			found->bit_size = bits;
			if (!bits)
				return -EINVAL;
		}
	}

	if (!found->bit_size && found->bit_offset % 8)
		return -EINVAL;
	bits = found->bit_size;
	if (found->bit_offset + (bits ? bits : 8 * (u64)found->size) > 8 * (u64)outer->size)
		return -EINVAL;
	return 0;
}

/*
 * Find a member by name in @outer and in its nameless members. It is the member that has to be
 * nameless, not its type: -fms-extensions embeds named structs so, as 7.3 does in struct slab.
 */
static int member_find(const struct record *outer, const char *name, size_t len,
		       unsigned int depth, u32 *steps, struct found *found)
{
	struct record inner;
	const char *member;
	u64 bit_offset;
	u32 i;
	int err;

	if (depth >= MAX_NESTING)
		return -EINVAL;

	for (i = 0; i < outer->vlen; i++) {
		err = spend_step(steps);
		if (err)
			return err;
		member = name_at(outer->btf, read_word(outer->btf, outer->trailer + 12 * i));
		if (!member)
			return -EINVAL;

		if (*member) {
			if (strncmp(member, name, len) || member[len])
				continue;
			return member_read(outer, i, steps, found);
		}

		err = member_read(outer, i, steps, found);
		if (err)
			return err;
		if (!record_is_composite(&found->type) || found->bit_size)
			continue;
		inner = found->type;
		bit_offset = found->bit_offset;
		err = member_find(&inner, name, len, depth + 1, steps, found);
		if (err != -ENOENT) {
			found->bit_offset += bit_offset;
			return err;
		}
	}
	return -ENOENT;
}

/* Follow a path like "a.b.c" from @rec. */
static int path_find(struct record rec, const char *path, u32 *steps, struct mt_btf_member *member)
{
	u64 bit_offset = 0;
	struct found found;
	size_t len;
	int err;

	for (;;) {
		len = strcspn(path, ".");
		if (!len || !record_is_composite(&rec))
			return -ENOENT;
		err = member_find(&rec, path, len, 0, steps, &found);
		if (err)
			return err;

		bit_offset += found.bit_offset;
		if (bit_offset > U32_MAX)
			return -EINVAL;
		if (!path[len])
			break;
		/* No struct is a bitfield, and what lies in one need not begin at a byte. */
		if (found.bit_size)
			return -EINVAL;
		path += len + 1;
		rec = found.type;
	}

	member->bit_offset = bit_offset;
	member->bit_size = found.bit_size;
	member->size = found.size;
	return 0;
}

/*
 * Read the next struct or union of this name, from @offset on in this blob alone, and move @offset
 * behind it. A forward declaration is of another kind, so it is never taken for one.
 */
static int composite_next(const struct mt_btf *btf, const char *name, u32 *offset,
			  struct record *rec)
{
	const char *candidate;
	int err;

	while (*offset < btf->types_len) {
		err = record_read(btf, *offset, rec);
		if (err)
			return err;
		*offset = rec->next;
		if (!record_is_composite(rec))
			continue;
		candidate = name_at(btf, rec->name);
		if (!candidate)
			return -EINVAL;
		if (*candidate && !strcmp(candidate, name))
			return 0;
	}
	return -ENOENT;
}

static bool is_named(const char *candidate, const char *name, u32 length)
{
	return !strncmp(candidate, name, length) && !candidate[length];
}

/* Where to begin a scan for a type, and whether more than one has the name. */
static void scan_start(const struct mt_btf *btf, const char *type, u32 *offset, bool *several)
{
	u32 i;

	*offset = 0;
	*several = true;
	for (i = 0; i < btf->nr_hints; i++) {
		const struct mt_btf_hint *hint = &btf->hints[i];

		if (!is_named(type, hint->name, hint->length))
			continue;
		*offset = hint->nr ? hint->offset : btf->types_len;
		*several = hint->nr > 1;
		return;
	}
}

/* Note where type number @index begins; when the table is full, every other entry makes room. */
static void checkpoint_add(struct mt_btf *btf, u32 index, u32 offset)
{
	u32 i;

	if (index & ((1U << btf->shift) - 1))
		return;
	if (index >> btf->shift == MT_BTF_CHECKPOINTS) {
		for (i = 0; i < MT_BTF_CHECKPOINTS / 2; i++)
			btf->checkpoints[i] = btf->checkpoints[2 * i];
		btf->shift++;
	}
	btf->checkpoints[index >> btf->shift] = offset;
}

static int sections_read(struct mt_btf *btf, const u8 *data, size_t len)
{
	struct blob_header header;
	u64 type_end, str_end;
	size_t room;

	if (len < sizeof(header))
		return -EINVAL;
	memcpy(&header, data, sizeof(header));
	if (header.magic == BTF_MAGIC_SWAPPED)
		return -EOPNOTSUPP;
	if (header.magic != BTF_MAGIC_NATIVE)
		return -EINVAL;
	if (header.version != BTF_FORMAT_VERSION || header.flags)
		return -EOPNOTSUPP;
	if (header.hdr_len < sizeof(header) || header.hdr_len > len)
		return -EINVAL;

	room = len - header.hdr_len;
	type_end = (u64)header.type_off + header.type_len;
	str_end = (u64)header.str_off + header.str_len;
	if (type_end > room || str_end > room || header.type_off % 4)
		return -EINVAL;
	if (header.type_off < str_end && header.str_off < type_end)
		return -EINVAL;

	btf->types = data + header.hdr_len + header.type_off;
	btf->types_len = header.type_len;
	btf->strs = (const char *)data + header.hdr_len + header.str_off;
	btf->strs_len = header.str_len;

	/* A split blob may have no strings of its own; any other has at least "". */
	if (!btf->strs_len)
		return btf->base ? 0 : -EINVAL;
	if (btf->strs[btf->strs_len - 1] || (!btf->base && btf->strs[0]))
		return -EINVAL;
	return 0;
}

static int types_index(struct mt_btf *btf)
{
	struct record rec;
	u32 offset;
	int err;

	for (offset = 0; offset < btf->types_len; offset = rec.next) {
		err = record_read(btf, offset, &rec);
		if (err)
			return err;
		if (!name_at(btf, rec.name))
			return -EINVAL;
		checkpoint_add(btf, btf->nr_types++, offset);
	}
	return 0;
}

/**
 * mt_btf_open() - check a blob of BTF and make it ready for lookups
 * @btf: filled on success, all zero after a failure
 * @data: the blob: the image between __start_BTF and __stop_BTF, or what /sys/kernel/btf holds
 * @len: length of @data in bytes
 * @base: for the split BTF of a module, the vmlinux blob it was made against; else NULL
 *
 * Walks the types once (some milliseconds for a vmlinux) and keeps pointers to @data and @base.
 *
 * Context: any; allocates nothing, takes no lock.
 * Return: 0; -EINVAL when the blob is malformed; -EOPNOTSUPP when its version, its flags, its byte
 * order or one of its kinds is unknown here, because a type behind an unknown one cannot be found.
 */
int mt_btf_open(struct mt_btf *btf, const void *data, size_t len, const struct mt_btf *base)
{
	int err;

	memset(btf, 0, sizeof(*btf));
	btf->base = base;
	btf->first_id = base ? base->first_id + base->nr_types : 1;

	/* No kernel splits a split blob; an empty base is one that failed to open. */
	err = base && (base->base || !base->nr_types) ? -EINVAL : 0;
	if (!err)
		err = sections_read(btf, data, len);
	if (!err)
		err = types_index(btf);
	if (err)
		memset(btf, 0, sizeof(*btf));
	return err;
}

/**
 * mt_btf_hint() - find many types in one scan
 * @btf: an open blob; its own types only, not those of its base
 * @hints: the names; gets the places, and must live as long as @btf is used
 * @nr_hints: how many
 *
 * Later look-ups in these types begin where the type is, and end there when the name is unique.
 * The answers are the same without.
 *
 * Context: any; allocates nothing, takes no lock.
 * Return: 0; -EINVAL when the bytes are malformed: then there are no hints.
 */
int mt_btf_hint(struct mt_btf *btf, struct mt_btf_hint *hints, u32 nr_hints)
{
	const char *candidate;
	struct record rec;
	u32 offset, i;
	int err;

	btf->hints = NULL;
	btf->nr_hints = 0;
	for (i = 0; i < nr_hints; i++) {
		hints[i].offset = 0;
		hints[i].nr = 0;
	}
	for (offset = 0; offset < btf->types_len; offset = rec.next) {
		err = record_read(btf, offset, &rec);
		if (err)
			return err;
		if (!record_is_composite(&rec))
			continue;
		candidate = name_at(btf, rec.name);
		if (!candidate)
			return -EINVAL;
		for (i = 0; *candidate && i < nr_hints; i++) {
			if (!is_named(candidate, hints[i].name, hints[i].length))
				continue;
			if (!hints[i].nr++)
				hints[i].offset = offset;
		}
	}
	btf->hints = hints;
	btf->nr_hints = nr_hints;
	return 0;
}

/**
 * mt_btf_find_member() - find where a member lies in a struct or union
 * @btf: an open blob; what a split one does not describe itself is looked up in its base
 * @type: name of the struct or union, without the keyword
 * @path: name of the member, or a path of them through nested structs: "oo.x"
 * @member: filled on success, else untouched
 *
 * Nameless members are transparent, as in C; so are typedefs, qualifiers and type tags on the way.
 * Where several types bear the name, the first that has the member is taken.
 *
 * Context: any; allocates nothing, takes no lock. One scan of the blob: about a millisecond.
 * Return: 0; -ENOENT when there is no such type or no such member; -EINVAL when the bytes that had
 * to be read are malformed: an id or a name out of range, a cycle, a member outside of its struct.
 */
int mt_btf_find_member(const struct mt_btf *btf, const char *type, const char *path,
		       struct mt_btf_member *member)
{
	u32 steps = MAX_STEPS;
	struct record rec;
	bool several;
	u32 offset;
	int err;

	for (; btf; btf = btf->base) {
		scan_start(btf, type, &offset, &several);
		while (!(err = composite_next(btf, type, &offset, &rec))) {
			err = path_find(rec, path, &steps, member);
			if (err != -ENOENT || !several)
				break;
		}
		if (!err)
			return 0;
		if (err != -ENOENT)
			return err;
	}
	return -ENOENT;
}

/**
 * mt_btf_find_size() - find the size of a struct or union
 * @btf: an open blob; what a split one does not describe itself is looked up in its base
 * @type: name of the struct or union, without the keyword
 * @size: its size in bytes on success, else untouched
 *
 * Context: any; allocates nothing, takes no lock.
 * Return: 0; -ENOENT when there is no such type; -EINVAL when the blob is malformed.
 */
int mt_btf_find_size(const struct mt_btf *btf, const char *type, u32 *size)
{
	struct record rec;
	bool several;
	u32 offset;
	int err;

	for (; btf; btf = btf->base) {
		scan_start(btf, type, &offset, &several);
		err = composite_next(btf, type, &offset, &rec);
		if (!err)
			*size = rec.size;
		if (err != -ENOENT)
			return err;
	}
	return -ENOENT;
}

/**
 * mt_btf_find_enumerator() - find the value of an enumerator
 * @btf: an open blob; what a split one does not describe itself is looked up in its base
 * @name: name of the enumerator; of any enum, since C keeps them all in one namespace
 * @value: its value on success, else untouched
 *
 * Blobs made before pahole 1.24 (Linux 5.10) do not say whether an enum is signed: there -1 is
 * found as 0xffffffff, so compare it as a u32.
 *
 * Context: any; allocates nothing, takes no lock.
 * Return: 0; -ENOENT when there is no such enumerator; -EINVAL when the blob is malformed.
 */
int mt_btf_find_enumerator(const struct mt_btf *btf, const char *name, s64 *value)
{
	u32 offset, at, i, low, high;
	const char *candidate;
	struct record rec;
	int err;

	for (; btf; btf = btf->base) {
		for (offset = 0; offset < btf->types_len; offset = rec.next) {
			err = record_read(btf, offset, &rec);
			if (err)
				return err;
			if (rec.kind != KIND_ENUM && rec.kind != KIND_ENUM64)
				continue;
			for (i = 0; i < rec.vlen; i++) {
				at = rec.trailer + trailers[rec.kind].each * i;
				candidate = name_at(btf, read_word(btf, at));
				if (!candidate)
					return -EINVAL;
				if (!*candidate || strcmp(candidate, name))
					continue;

				low = read_word(btf, at + 4);
				if (rec.kind == KIND_ENUM64) {
					high = read_word(btf, at + 8);
					*value = (s64)((u64)high << 32 | low);
				} else {
					*value = rec.kind_flag ? (s64)(s32)low : (s64)low;
				}
				return 0;
			}
		}
	}
	return -ENOENT;
}
