/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_BOOKS_H
#define MT_BOOKS_H

struct mt_ledger;
struct mt_vmstat;

void mt_books_read(struct mt_ledger *ledger, struct mt_vmstat *vmstat);

#endif /* MT_BOOKS_H */
