/* SPDX-License-Identifier: GPL-2.0 */
/* Writes BTF, well-formed or not, for the tests and for the fuzzer's seeds. */
#ifndef BTF_BUILDER_H
#define BTF_BUILDER_H

#include <linux/types.h>

enum {
	B_INT = 1, B_PTR, B_ARRAY, B_STRUCT, B_UNION, B_ENUM, B_FWD, B_TYPEDEF, B_VOLATILE, B_CONST,
	B_RESTRICT, B_FUNC, B_FUNC_PROTO, B_VAR, B_DATASEC, B_FLOAT, B_DECL_TAG, B_TYPE_TAG,
	B_ENUM64,
};

/**
 * struct btf_builder - a blob in the making
 * @types: the type section
 * @types_len: bytes of it
 * @strs: the string section
 * @strs_len: bytes of it
 * @strs_base: string offset of its first byte: not 0 in a split blob
 * @last_id: id of the last type
 * @last: offset of the last type's record
 */
struct btf_builder {
	u8 types[1 << 20];
	u32 types_len;
	char strs[1 << 16];
	u32 strs_len;
	u32 strs_base;
	u32 last_id;
	u32 last;
};

void btf_begin(struct btf_builder *b, const struct btf_builder *base);
u32 btf_string(struct btf_builder *b, const char *string);
void btf_word(struct btf_builder *b, u32 word);
u32 btf_type(struct btf_builder *b, const char *name, u32 kind, bool kind_flag, u32 vlen, u32 size);
u32 btf_int(struct btf_builder *b, const char *name, u32 size, u32 bit_offset, u32 bits);
u32 btf_array(struct btf_builder *b, u32 element, u32 index, u32 elements);
u32 btf_struct(struct btf_builder *b, const char *name, bool kind_flag, u32 size);
void btf_member(struct btf_builder *b, const char *name, u32 type, u32 offset);
void btf_enumerator(struct btf_builder *b, const char *name, u32 value);
void btf_enumerator64(struct btf_builder *b, const char *name, u64 value);
u8 *btf_finish(const struct btf_builder *b, u32 hdr_len, size_t *len);

u8 *btf_sample(size_t *len, size_t *split_at);

#endif /* BTF_BUILDER_H */
