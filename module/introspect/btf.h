/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_BTF_H
#define MT_BTF_H

#include <linux/types.h>

/** MT_BTF_CHECKPOINTS - even, and enough for one every 128 types of a 7.3 kernel */
#define MT_BTF_CHECKPOINTS	1024

/**
 * struct mt_btf_hint - where a type is whose members will be asked for
 * @name: name of the struct or union; need not end with NUL
 * @length: bytes of @name
 * @offset: set by mt_btf_hint(): where in the type section the first type of the name begins
 * @nr: set by mt_btf_hint(): types of that name
 */
struct mt_btf_hint {
	const char *name;
	u32 length;
	u32 offset;
	u32 nr;
};

/**
 * struct mt_btf - a blob of BTF that mt_btf_open() has accepted
 * @types: first byte of the type section
 * @types_len: length of @types in bytes
 * @strs: first byte of the string section; its last byte is NUL
 * @strs_len: length of @strs in bytes
 * @base: the blob this one continues (vmlinux, for the split BTF of a module), or NULL
 * @first_id: id of the first type in @types; lower ids live in @base, 0 is void everywhere
 * @nr_types: how many types @types holds: ids @first_id .. @first_id + @nr_types - 1
 * @shift: one checkpoint stands for (1 << @shift) types
 * @checkpoints: offset in @types, in bytes, of every (1 << @shift)-th type
 * @hints: where some types are, or NULL: saves a scan of the blob for each look-up
 * @nr_hints: how many
 *
 * About 4 kB, so static or part of something allocated, never on a kernel stack. It borrows the
 * blob and the base: both must outlive it. All zero (as after a failed mt_btf_open()) it is an
 * empty blob, in which nothing is found.
 */
struct mt_btf {
	const u8 *types;
	u32 types_len;
	const char *strs;
	u32 strs_len;
	const struct mt_btf *base;
	u32 first_id;
	u32 nr_types;
	u32 shift;
	u32 checkpoints[MT_BTF_CHECKPOINTS];
	const struct mt_btf_hint *hints;
	u32 nr_hints;
};

/**
 * struct mt_btf_member - where a member lies in its struct
 * @bit_offset: distance from the start of the outermost struct, in bits; a multiple of 8 unless
 *	@bit_size is set
 * @bit_size: width in bits of a bitfield, 0 for an ordinary member
 * @size: size of the member's type in bytes (a whole array's; a bitfield's storage type); 0 when
 *	the type has none, as a flexible array
 */
struct mt_btf_member {
	u32 bit_offset;
	u32 bit_size;
	u32 size;
};

int mt_btf_open(struct mt_btf *btf, const void *data, size_t len, const struct mt_btf *base);
int mt_btf_hint(struct mt_btf *btf, struct mt_btf_hint *hints, u32 nr_hints);
int mt_btf_find_member(const struct mt_btf *btf, const char *type, const char *path,
		       struct mt_btf_member *member);
int mt_btf_find_size(const struct mt_btf *btf, const char *type, u32 *size);
int mt_btf_find_enumerator(const struct mt_btf *btf, const char *name, s64 *value);

#endif /* MT_BTF_H */
