# SPDX-License-Identifier: GPL-2.0
"""oracle-pages.py VMLINUX DUMP REPORT: put every online page of a dump of a guest's memory
into a class, and compare with memtriage's report `pages`, which the guest opened just before
it was dumped. TAP.

Where a page is on a list, or in an array or a tree of somebody's, that decides here, and not
what its struct page says of itself: free lists, per-CPU lists, LRU lists, the page cache of
every inode, huge page pools, vmalloc areas, percpu chunks, page tables of processes, page
pools. By its mark only: reserved, slabs (whose number the caches know as well), page tables,
offline, zsmalloc, charged to a cgroup; and large kmalloc, where it has one, else by the
counter. What is left is nobody's: ghost."""

import array
import collections
import sys

import drgn
from drgn import Object, container_of, offsetof, sizeof
from drgn.helpers.linux.cgroup import css_for_each_descendant_pre
from drgn.helpers.linux.cpumask import for_each_possible_cpu
from drgn.helpers.linux.list import list_for_each_entry
from drgn.helpers.linux.mm import for_each_vmap_area, pfn_to_page, vmalloc_to_pfn
from drgn.helpers.linux.module import for_each_module, module_address_regions
from drgn.helpers.linux.nodemask import for_each_online_node
from drgn.helpers.linux.percpu import per_cpu, per_cpu_ptr
from drgn.helpers.linux.pid import for_each_task
from drgn.helpers.linux.slab import for_each_slab_cache
from drgn.helpers.linux.xarray import xa_for_each, xa_is_value

PAGE = 4096
SECTION = 1 << 15
SECTION_IS_ONLINE = 1 << 2
PAGE_FRAME = 0x000ffffffffff000
ANON = 1
MEMCG_KMEM = 2
VM_USERMAP = 8

# Before v6.12 (v6.11 for zsmalloc) a type is a cleared bit.
OLD_TYPES = {"free": 0x80, "offline": 0x100, "page_tables": 0x200, "guard": 0x400}
TYPES = {"offline": "offline", "page_tables": "table", "guard": "guard", "slab": "slab",
         "zsmalloc": "zsmalloc", "unaccepted": "unaccepted", "large_kmalloc": "large_kmalloc"}

# What a guest does between the report and the dump, in pages: the shell that opened the report
# goes on, the workers of the kernel free what the report needed. All others must be the same,
# but for the size of the memory map, which memtriage reckons: it has huge pages of its own.
NOISE = {"free": 512, "free_pcp": 512, "slab": 64, "anon": 32, "file": 32, "page_tables": 16,
         "vmalloc": 64, "vmalloc_stack": 32, "ghost": 16, "large_kmalloc": 64,
         "reserved": 512, "reserved_memmap": 512}


def order_offset(prog):
    """From a compound page's struct page to the byte that tells its order; drgn's own function
    does not know it in all of these kernels."""
    page = prog.type("struct page")
    if page.has_member("compound_order"):
        return sizeof(page) + offsetof(page, "compound_order")
    folio = prog.type("struct folio")
    return offsetof(folio, "_folio_order" if folio.has_member("_folio_order") else "_flags_1")


class Memmap:
    """The struct pages of all online sections, as words, and who owns each page."""

    def __init__(self, prog):
        self.prog = prog
        page = prog.type("struct page")
        self.size = sizeof(page)
        self.words = self.size // 8
        self.base = pfn_to_page(prog, 0).value_()
        self.lru = offsetof(page, "lru")
        self.at = {name: offsetof(page, name) // 8 for name in ("flags", "mapping", "_refcount")}
        self.memcg = offsetof(page, "memcg_data") // 8 if page.has_member("memcg_data") else None
        self.pp = offsetof(page, "pp") // 8 if page.has_member("pp") else None
        self.order = order_offset(prog)
        self.bits = dict(prog.type("enum pageflags").enumerators)
        self.sections, self.owner = {}, {}
        self.twice = collections.Counter()
        for nr, section in self.online_sections():
            self.sections[nr] = array.array("Q", prog.read(
                self.base + nr * SECTION * self.size, SECTION * self.size))
        self.find_pages()

    def online_sections(self):
        roots = self.prog["mem_section"]
        per_root = PAGE // sizeof(self.prog.type("struct mem_section"))
        # 2^46 or, with five levels of page tables, 2^52 bytes: the guest has less than 64 GiB
        for nr in range(512):
            root = roots[nr // per_root]
            if root and root[nr % per_root].section_mem_map.value_() & SECTION_IS_ONLINE:
                yield nr, root[nr % per_root]

    def zones(self):
        for nid in for_each_online_node(self.prog):
            for zone in self.prog["node_data"][nid].node_zones:
                if zone.present_pages:
                    yield zone

    def find_pages(self):
        """Of what is online, what lies in a zone."""
        for zone in self.zones():
            start = zone.zone_start_pfn.value_()
            for pfn in range(start, start + zone.spanned_pages.value_()):
                if pfn // SECTION in self.sections:
                    self.owner[pfn] = None

    def word(self, pfn, name):
        return self.sections[pfn // SECTION][pfn % SECTION * self.words + self.at[name]]

    def word_at(self, pfn, word):
        return self.sections[pfn // SECTION][pfn % SECTION * self.words + word]

    def has(self, pfn, flag):
        return self.word(pfn, "flags") >> self.bits[flag] & 1

    def refcount(self, pfn):
        return self.word(pfn, "_refcount") >> 32

    def type(self, pfn):
        """The word that is a map count or a type"""
        return self.word(pfn, "_refcount") & 0xffffffff

    def is_tail(self, pfn):
        return self.word_at(pfn, 1) & 1 and not self.has(pfn, "PG_reserved")

    def head(self, pfn):
        """Of a tail: the head, which it points to or, in newer kernels, is a mask away from"""
        word = self.word_at(pfn, 1) - 1
        head = self.pfn_of(word)
        return head if head in self.owner else self.pfn_of(word & self.base + pfn * self.size)

    def block(self, pfn):
        """How many pages the compound page has that begins here"""
        if not self.has(pfn, "PG_head"):
            return 1
        return 1 << (self.word_at(pfn, self.order // 8) >> self.order % 8 * 8 & 0xff)

    def pfn_of(self, pointer):
        return (pointer - self.base) // self.size

    def on_list(self, head):
        """The pages on a list that runs through their lru"""
        end, link = head.address_of_().value_(), head.next.value_()
        while link != end:
            pfn = self.pfn_of(link - self.lru)
            yield pfn
            link = self.word_at(pfn, self.lru // 8)

    def claim(self, pfn, owner, nr=1):
        for pfn in range(pfn, pfn + nr):
            if pfn not in self.owner:
                continue
            if self.owner[pfn] is not None:
                self.twice["%s and %s" % (self.owner[pfn], owner)] += 1
            else:
                self.owner[pfn] = owner

    def unclaimed(self):
        return [pfn for pfn, owner in self.owner.items() if owner is None]


def resources(resource):
    while resource:
        yield resource
        yield from resources(resource.child)
        resource = resource.sibling


def claim_reserved(memmap):
    prog = memmap.prog
    kernel, crash, first, own = [], [], set(), set()
    for resource in resources(prog["iomem_resource"].child):
        name = resource.name.string_() if resource.name else b""
        frames = range(resource.start.value_() // PAGE, resource.end.value_() // PAGE + 1)
        if name.startswith(b"Kernel "):
            kernel.append(frames)
        elif name == b"Crash kernel":
            crash.append(frames)
    chunk = prog["pcpu_first_chunk"]
    base = prog["pcpu_base_addr"].value_()
    unit = chunk.base_addr.value_() + chunk.nr_pages.value_() * PAGE - base
    for cpu in for_each_possible_cpu(prog):
        start = base + prog["pcpu_unit_offsets"][cpu].value_() - prog["page_offset_base"].value_()
        first.update(range(start // PAGE, (start + unit + PAGE - 1) // PAGE))
    for nr in memmap.sections:
        for at in range(nr * SECTION * memmap.size, (nr + 1) * SECTION * memmap.size, PAGE):
            own.add(vmalloc_to_pfn(prog, memmap.base + at).value_())
    kernel = range(min(f.start for f in kernel), max(f.stop for f in kernel))
    for pfn in memmap.owner:
        if not memmap.has(pfn, "PG_reserved"):
            continue
        if pfn in kernel:
            owner = "reserved_kernel"
        elif any(pfn in frames for frames in crash):
            owner = "reserved_crash"
        elif pfn in first:
            owner = "reserved_percpu"
        else:
            owner = "reserved_memmap" if pfn in own else "reserved"
        memmap.claim(pfn, owner)
    for pfn in own:
        if memmap.owner.get(pfn, 0) is None:
            memmap.claim(pfn, "memmap")


def claim_free(memmap):
    for zone in memmap.zones():
        for order, area in enumerate(zone.free_area):
            for head in area.free_list:
                for pfn in memmap.on_list(head):
                    memmap.claim(pfn, "free", 1 << order)


def pcp_order(types, lists, nr):
    """Three lists an order up to 3, and behind them one or two of huge pages"""
    return nr // types if lists > types and nr < types * 4 else 9 if lists > types else 0


def claim_pcp(memmap):
    types = memmap.prog["MIGRATE_PCPTYPES"].value_()
    counted = 0
    for zone in memmap.zones():
        for cpu in for_each_possible_cpu(memmap.prog):
            if hasattr(zone, "per_cpu_pageset"):
                pcp = per_cpu_ptr(zone.per_cpu_pageset, cpu)
            else:
                pcp = per_cpu_ptr(zone.pageset, cpu).pcp.address_of_()
            counted += pcp.count.value_()
            for nr, head in enumerate(pcp.lists):
                for pfn in memmap.on_list(head):
                    memmap.claim(pfn, "free_pcp", 1 << pcp_order(types, len(pcp.lists), nr))
    return counted


def claim_types(memmap):
    """Those that have nothing but a mark. The types that one kernel has and another has not are
    in TYPES; slabs are the caller's."""
    prog = memmap.prog
    known = {}
    try:
        new = dict(prog.type("enum pagetype").enumerators)
        known = {new["PGTY_" + name]: owner for owner, name in TYPES.items()
                 if "PGTY_" + name in new}
    except LookupError:
        pass
    slabs = []
    for pfn in memmap.unclaimed():
        if memmap.owner[pfn] is not None or memmap.is_tail(pfn):
            continue
        kind = memmap.type(pfn)
        owner = None
        if memmap.bits.get("PG_slab") is not None and memmap.has(pfn, "PG_slab"):
            owner = "slab"
        elif known:
            owner = known.get(kind >> 24)
        elif kind & 0xf0000000 == 0xf0000000:
            owner = next((owner for owner, bit in OLD_TYPES.items() if not kind & bit), None)
        if owner == "slab":
            slabs.append(pfn)
        if owner:
            memmap.claim(pfn, owner, memmap.block(pfn))
        elif memmap.bits.get("PG_hwpoison") is not None and memmap.has(pfn, "PG_hwpoison") and \
                not memmap.has(pfn, "PG_head"):
            memmap.claim(pfn, "hwpoison")
    return slabs


def check_slabs(memmap, slabs):
    """Slabs of a cache that the pages name, beside those that its nodes count."""
    prog = memmap.prog
    kind = "struct slab" if prog.type("struct page").has_member("pp_magic") else "struct page"
    try:
        prog.type("struct slab")
    except LookupError:
        kind = "struct page"
    seen = collections.Counter()
    for pfn in slabs:
        slab = Object(prog, kind, address=memmap.base + pfn * memmap.size)
        seen[slab.slab_cache.value_()] += 1
    wrong = []
    for cache in for_each_slab_cache(prog):
        counted = 0
        for nid in for_each_online_node(prog):
            node = cache.per_node[nid].node if hasattr(cache, "per_node") else cache.node[nid]
            counted += node.nr_slabs.counter.value_()
        found = seen.pop(cache.value_(), 0)
        if counted != found:
            wrong.append("%s: %d slabs counted, %d seen" %
                         (cache.name.string_().decode(), counted, found))
    return wrong + ["%d slabs of no cache" % sum(seen.values())] * bool(seen)


def claim_hugetlb(memmap):
    prog = memmap.prog
    for state in prog["hstates"]:
        if not state.nr_huge_pages:
            continue
        size = 1 << state.order.value_()
        for nid in for_each_online_node(prog):
            for pfn in memmap.on_list(state.hugepage_freelists[nid]):
                memmap.claim(pfn, "hugetlb_free", size)
        for pfn in memmap.on_list(state.hugepage_activelist):
            memmap.claim(pfn, "hugetlb", size)


def claim_cache(memmap):
    """The page cache of all inodes: tmpfs and shared memory apart."""
    prog = memmap.prog
    shmem = prog["shmem_aops"].address_of_().value_()
    for sb in list_for_each_entry("struct super_block", prog["super_blocks"].address_of_(),
                                  "s_list"):
        if sb.s_type.name.string_() == b"hugetlbfs":
            continue
        for inode in list_for_each_entry("struct inode", sb.s_inodes.address_of_(), "i_sb_list"):
            mapping = inode.i_mapping
            if mapping.value_() != inode.i_data.address_of_().value_() or not mapping.nrpages:
                continue
            owner = "shmem" if mapping.a_ops.value_() == shmem else "file"
            seen = set()
            for _, entry in xa_for_each(mapping.i_pages.address_of_()):
                pfn = memmap.pfn_of(entry.value_())
                if xa_is_value(entry) or pfn in seen:
                    continue
                seen.add(pfn)
                memmap.claim(pfn, owner, memmap.block(pfn))


def lruvecs(prog):
    for nid in for_each_online_node(prog):
        node = prog["node_data"][nid]
        yield node.__lruvec
        # one that was removed stays among its parent's children until it is let go
        for css in css_for_each_descendant_pre(prog["root_mem_cgroup"].css.address_of_()):
            yield container_of(css, "struct mem_cgroup", "css").nodeinfo[nid].lruvec


def claim_lists(memmap):
    """What is on an LRU list and in no inode's page cache is anonymous, if it is on a list of
    such. Those that cannot be evicted are on no list: see the page tables."""
    prog = memmap.prog
    strange = 0
    for lruvec in lruvecs(prog):
        heads = [(lruvec.lists[i], i < 2) for i in range(4)]
        if hasattr(lruvec, "lrugen"):
            gens = lruvec.lrugen.folios if hasattr(lruvec.lrugen, "folios") else lruvec.lrugen.lists
            heads += [(head, kind == 0) for gen in gens for kind in range(2) for head in gen[kind]]
        for head, anon in heads:
            for pfn in memmap.on_list(head):
                if memmap.owner[pfn] is None:
                    # dropped from its file, and still held
                    memmap.claim(pfn, "anon" if anon else "file", memmap.block(pfn))
                elif memmap.owner[pfn] not in ("shmem", "file"):
                    strange += 1
    return strange


def in_batches(prog):
    """Folios that CPUs have gathered, on their way to an LRU list or away from it"""
    for name in ("cpu_fbatches", "lru_pvecs", "lru_rotate", "mlock_fbatch", "mlock_pvec"):
        if name not in prog:
            continue
        for cpu in for_each_possible_cpu(prog):
            each = per_cpu(prog[name], cpu)
            for member in each.type_.members:
                batch = each.member_(member.name)
                pages = "folios" if hasattr(batch, "folios") else "pages"
                if hasattr(batch, pages):
                    for i in range(batch.nr.value_()):
                        yield batch.member_(pages)[i].value_()


def claim_batches(memmap):
    """A page that its process has let go is its batch's, and still what it was."""
    for page in in_batches(memmap.prog):
        pfn = memmap.pfn_of(page)
        if memmap.owner.get(pfn, 0) is None and memmap.word(pfn, "mapping") & ANON:
            memmap.claim(pfn, "anon", memmap.block(pfn))


def table_entries(memmap, pfn, count=512):
    prog = memmap.prog
    for entry in array.array("Q", prog.read(pfn * PAGE, count * 8, True)):
        if entry & 1:
            yield entry


def walk_tables(memmap, pfn, level, tables, mapped):
    """The page frames of the tables below this one, and of what they map."""
    for entry in table_entries(memmap, pfn, 256 if level == memmap.levels else 512):
        below = (entry & PAGE_FRAME) // PAGE
        if level == 1:
            mapped.add(below)
        elif entry & 0x80:
            size = 512 ** (level - 1)
            mapped.update(range(below // size * size, below // size * size + size))
        else:
            tables.add(below)
            walk_tables(memmap, below, level - 1, tables, mapped)


def claim_mapped(memmap):
    """Of what processes map, that which is on no list: anonymous or a driver's."""
    prog = memmap.prog
    five = prog["__pgtable_l5_enabled"] if "__pgtable_l5_enabled" in prog else 0
    memmap.levels = 5 if five else 4
    tables, mapped, seen = set(), set(), set()
    for task in for_each_task(prog):
        mm = task.mm
        if not mm or mm.value_() in seen:
            continue
        seen.add(mm.value_())
        pgd = (mm.pgd.value_() - prog["page_offset_base"].value_()) // PAGE
        walk_tables(memmap, pgd, memmap.levels, tables, mapped)
    for pfn in sorted(mapped):
        if memmap.owner.get(pfn, 0) is not None:
            continue
        head = memmap.head(pfn) if memmap.is_tail(pfn) else pfn
        anon = memmap.word(head, "mapping") & ANON
        memmap.claim(pfn, "anon" if anon else "mapped_driver")
    return sum(memmap.owner.get(pfn) != "page_tables" for pfn in tables)


def chunks(prog):
    # one list a slot, for each kind of chunk before v5.14
    slots = prog["pcpu_nr_slots"].value_()
    for slot in range(slots):
        yield from list_for_each_entry("struct pcpu_chunk",
                                       prog["pcpu_chunk_lists"] + slot, "list")


def claim_percpu(memmap):
    prog = memmap.prog
    about = set()
    first = prog["pcpu_first_chunk"].value_()
    for chunk in chunks(prog):
        about.add(chunk.value_())
        for name in ("alloc_map", "bound_map", "md_blocks", "obj_exts", "obj_cgroups"):
            if hasattr(chunk, name):
                about.add(chunk.member_(name).value_())
        if chunk.value_() in (first, prog["pcpu_reserved_chunk"].value_()):
            continue
        base = chunk.base_addr.value_()
        for i in range(chunk.nr_pages.value_()):
            if not chunk.populated[i // 64].value_() >> i % 64 & 1:
                continue
            for cpu in for_each_possible_cpu(prog):
                address = base + prog["pcpu_unit_offsets"][cpu].value_() + i * PAGE
                memmap.claim(vmalloc_to_pfn(prog, address).value_(), "percpu")
    return about


def is_bpf_program(prog, address):
    try:
        return Object(prog, "struct bpf_prog", address=address).aux.prog.value_() == address
    except drgn.FaultError:
        return False


def claim_vmalloc(memmap, about_percpu):
    """Whose an area is, is told by who points to it."""
    prog = memmap.prog
    stacks = {task.stack.value_() for task in for_each_task(prog)}
    for cpu in for_each_possible_cpu(prog):
        stacks |= {cached.addr.value_() for cached in per_cpu(prog["cached_stacks"], cpu) if cached}
        stacks.add(per_cpu(prog["runqueues"], cpu).idle.stack.value_())
    modules = [region for module in for_each_module(prog)
               for region in module_address_regions(module)]
    # of the programs, those that the kernel made for itself are in no tree
    packs = {pack.ptr.value_() for pack in list_for_each_entry(
        "struct bpf_prog_pack", prog["pack_list"].address_of_(), "list")} \
        if "pack_list" in prog else set()
    callers = collections.Counter()
    for area in for_each_vmap_area(prog):
        if not area.vm or not area.vm.pages:
            continue
        vm = area.vm
        start = vm.addr.value_()
        if vm.flags.value_() & 4:
            owner = "vmap"
        elif start in stacks:
            owner = "vmalloc_stack"
        elif any(start <= begin < start + vm.size.value_() for begin, _ in modules):
            owner = "vmalloc_module"
        elif start in packs or is_bpf_program(prog, start):
            owner = "vmalloc_bpf"
        elif start in about_percpu:
            owner = "vmalloc_percpu"
        elif vm.flags.value_() & VM_USERMAP:
            owner = "vmalloc_user"
        else:
            owner = "vmalloc"
        nr = vm.nr_pages.value_()
        try:
            name = prog.symbol(vm.caller.value_()).name
        except LookupError:
            name = "a module"
        callers["%s %s" % (owner, name)] += nr
        for page in array.array("Q", prog.read(vm.pages.value_(), 8 * nr)):
            memmap.claim(memmap.pfn_of(page), owner)
    return callers


def claim_rest(memmap):
    """Page pools, charged pages, and what is left. Pages without a reference behind one that has
    one are of the same block."""
    prog = memmap.prog
    pools = {entry.value_() for _, entry in xa_for_each(prog["page_pools"].address_of_())} \
        if "page_pools" in prog else set()
    magic = 0xdead000000000040
    owner, last = "ghost", None
    for pfn in sorted(memmap.unclaimed()):
        if memmap.owner[pfn] is not None:
            continue
        nr = memmap.block(pfn)
        if memmap.refcount(pfn) or pfn - 1 != last:
            owner = "ghost"
            # before pools were registered there is nothing but the mark
            if memmap.pp is not None and (
                    memmap.word_at(pfn, memmap.pp) in pools if pools else
                    memmap.word_at(pfn, memmap.pp - 1) & ~3 == magic):
                owner = "page_pool"
            elif memmap.memcg is not None and memmap.word_at(pfn, memmap.memcg) & MEMCG_KMEM:
                owner = "memcg_charged"
        memmap.claim(pfn, owner, nr)
        last = pfn + nr - 1


def slab_counter(prog):
    """Pages that the kernel counts as slab, with what CPUs have not yet handed in."""
    pages = 0
    for name in ("NR_SLAB_RECLAIMABLE_B", "NR_SLAB_UNRECLAIMABLE_B"):
        item = prog[name].value_()
        pages += prog["vm_node_stat"][item].counter.value_()
        for nid in for_each_online_node(prog):
            for cpu in for_each_possible_cpu(prog):
                stat = per_cpu_ptr(prog["node_data"][nid].per_cpu_nodestats, cpu)
                pages += stat.vm_node_stat_diff[item].value_()
    return pages


def reported(path):
    """class -> pages, and the other lines of the report"""
    pages, lines, inside = collections.Counter(), [], False
    with open(path) as file:
        for line in file:
            if line.startswith("# memtriage "):
                inside = line.split()[2] == "pages"
            fields = line.split()
            if inside and line.startswith("#"):
                lines.append(line.rstrip())
            elif inside and len(fields) == 4 and fields[1] != "-":
                pages[fields[3]] += int(fields[1].lstrip("~"))
    return pages, lines


def main():
    vmlinux, dump, report = sys.argv[1:]
    theirs, lines = reported(report)
    prog = drgn.Program()
    prog.set_core_dump(dump)
    prog.load_debug_info([vmlinux])
    memmap = Memmap(prog)

    claim_reserved(memmap)
    claim_free(memmap)
    in_pcp = claim_pcp(memmap)
    claim_hugetlb(memmap)
    callers = claim_vmalloc(memmap, claim_percpu(memmap))
    claim_cache(memmap)
    strange = claim_lists(memmap)
    slabs = claim_types(memmap)
    wrong_slabs = check_slabs(memmap, slabs)
    untyped = claim_mapped(memmap)
    claim_batches(memmap)
    claim_rest(memmap)
    ours = collections.Counter(memmap.owner.values())
    if not ours["large_kmalloc"]:
        ours["large_kmalloc"] = slab_counter(prog) - ours["slab"]
        ours["ghost"] -= ours["large_kmalloc"]

    for line in lines:
        print(line if line.startswith("# ") else "# " + line)
    for caller, nr in callers.most_common(24):
        print("# vmalloc: %6d pages of %s" % (nr, caller))
    print("# %d pages of page tables of processes are not marked as such" % untyped)
    for line in wrong_slabs:
        print("# " + line)
    for pair, nr in memmap.twice.items():
        print("# %d pages are claimed by %s" % (nr, pair))
    print("# %d pages on LRU lists are of an owner that has none there" % strange)
    names = sorted(set(ours) | set(theirs))
    tests = [("all pages", sum(ours.values()), sum(theirs.values()), 0)]
    tests += [(name, ours[name], theirs[name], NOISE.get(name, 0)) for name in names]
    tests += [("reserved with the memory map", ours["reserved"] + ours["reserved_memmap"],
               theirs["reserved"] + theirs["reserved_memmap"], 0)]
    tests += [("no page has two owners", sum(memmap.twice.values()), 0, 0),
              ("slabs are those that the caches count", len(wrong_slabs), 0, 0),
              ("per-CPU lists are as long as they say", ours["free_pcp"], in_pcp, 0)]
    print("1..%d" % len(tests))
    failed = 0
    for number, (name, counted, said, noise) in enumerate(tests, 1):
        good = abs(counted - said) <= noise
        failed += not good
        print("# %s: %d by drgn, %d by memtriage (may move by %d)" % (name, counted, said, noise))
        print("%sok %d %s" % ("" if good else "not ", number, name))
    sys.exit(failed != 0)


main()
