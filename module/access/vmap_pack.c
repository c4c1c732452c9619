// SPDX-License-Identifier: GPL-2.0
/*
 * vmap_pack.c - knows the areas that BPF packs its programs into.
 *
 * In newer kernels (seen in v7.3, not in v6.12) the caller of such an area is the allocator of
 * memory for code, which modules get theirs from as well. BPF keeps a list of its packs.
 *
 * Locking: none; the list is guarded by a mutex that only BPF can name.
 * Consistency: a moment before the areas are walked. A list that moves may end early, or name a
 * pack that is gone, which is then nobody's address.
 */
#include "access/vmap_pack.h"

#include "access/vmap_layout.h"
#include "introspect/kread.h"

/**
 * mt_vmap_packs_read() - where BPF's packs are
 * @packs: gets them; none where this kernel has none
 *
 * Context: any.
 */
void mt_vmap_packs_read(struct mt_vmap_packs *packs)
{
	struct mt_klist walk;
	unsigned long node;

	packs->nr = 0;
	if (mt_vmap_pack_table.state != MT_RELO_READY)
		return;
	mt_klist_start(&walk, mt_sym_pack_list, MT_VMAP_PACKS);
	while ((node = mt_klist_next(&walk))) {
		unsigned long pack = node - mt_pack_list.offset;
		unsigned long start;

		if (!mt_kread_ulong(pack + mt_pack_start.offset, &start))
			return;
		packs->start[packs->nr++] = start;
	}
}

/**
 * mt_vmap_packs_have() - is an area one of BPF's packs?
 * @packs: from mt_vmap_packs_read()
 * @start: the address of the area
 *
 * Context: any.
 * Return: true if it is.
 */
bool mt_vmap_packs_have(const struct mt_vmap_packs *packs, unsigned long start)
{
	unsigned int i;

	for (i = 0; i < packs->nr; i++) {
		if (packs->start[i] == start)
			return true;
	}
	return false;
}
