/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_REPORT_H
#define MT_REPORT_H

#include <linux/types.h>

struct mt_snapshot;
struct seq_file;

/** MT_REPORT_VERSION - of the text ABI: raised when a meaning changes */
#define MT_REPORT_VERSION	1

u64 mt_report_records(const struct mt_snapshot *snap);
void mt_report_print(struct seq_file *seq, const struct mt_snapshot *snap, u64 record);

#endif /* MT_REPORT_H */
