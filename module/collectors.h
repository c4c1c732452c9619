/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reports, in the order in which summary shows them. Included with different meanings of
 * COLLECTOR(), so no include guard. A new report is one line here.
 */
COLLECTOR(ledger)
COLLECTOR(slab)
COLLECTOR(owners)
COLLECTOR(content)
COLLECTOR(vmalloc)
COLLECTOR(balloon)
COLLECTOR(sockets)
COLLECTOR(pages)
COLLECTOR(ghost)
COLLECTOR(tasks)
COLLECTOR(tmpfs)
COLLECTOR(cgroups)
COLLECTOR(modules)
COLLECTOR(status)
COLLECTOR(summary)
