# SPDX-License-Identifier: GPL-2.0
"""oracle-drgn.py VMLINUX DUMP REPORT: count the allocated objects of each slab cache in
a dump of a guest's memory, and compare with the column active of memtriage's report,
which the guest printed just before. TAP."""

import sys
import time

import drgn
from drgn.helpers.linux.slab import for_each_slab_cache, slab_cache_for_each_allocated_object

# What a report takes itself, and what a guest does between the report and the dump.
NOISE = 64
# drgn looks at all memory for each cache, which takes it a second or more: those that
# were planted, and the largest of the others.
OTHERS = 16


def reported(path):
    """name of the cache -> (active, is it exact), and microseconds"""
    figures, took, inside = {}, 0, False
    with open(path) as file:
        for line in file:
            if line.startswith("# memtriage "):
                inside = line.split()[2] == "slab"
            if inside and line.startswith("# state:"):
                took = int(line.split("took ")[1].split()[0])
            fields = line.split()
            if not inside or line.startswith("#") or len(fields) < 10 or fields[9].startswith("("):
                continue
            figures[fields[9].split(",")[0]] = (int(fields[2].lstrip("~")), "~" not in fields[2])
    return figures, took


def main():
    vmlinux, dump, report = sys.argv[1:]
    figures, took_us = reported(report)
    prog = drgn.Program()
    prog.set_core_dump(dump)
    prog.load_debug_info([vmlinux])

    caches = {cache.name.string_().decode(): cache for cache in for_each_slab_cache(prog)}
    names = sorted(figures, key=lambda name: figures[name][0], reverse=True)
    chosen = [name for name in names if name.startswith("plant_")]
    chosen += [name for name in names if name not in chosen][:OTHERS]
    print("1..%d" % len(chosen))
    number, failed, objects, seconds = 0, 0, 0, 0.0
    for name in chosen:
        cache = caches[name]
        begin = time.monotonic()
        counted = sum(1 for _ in slab_cache_for_each_allocated_object(cache, "void"))
        seconds += time.monotonic() - begin
        objects += counted
        active, exact = figures[name]
        # What was planted stands still; the rest of the guest does not quite.
        planted = name.startswith("plant_")
        good = exact and counted == active if planted else abs(counted - active) <= NOISE
        number += 1
        failed += not good
        if planted or not good or counted != active:
            print("# %s: %d by drgn, %d by memtriage" % (name, counted, active))
        print("%sok %d %s" % ("" if good else "not ", number, name), flush=True)
    print("# %d objects: %.0f ns each by drgn (native), %.0f ns by the whole report (emulated)" %
          (objects, seconds * 1e9 / max(objects, 1), took_us * 1e3 / max(objects, 1)))
    sys.exit(failed != 0)


main()
