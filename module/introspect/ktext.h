/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_KTEXT_H
#define MT_KTEXT_H

#include <linux/types.h>

bool mt_ktext_may_return_to(unsigned long address);
bool mt_ktext_calls(unsigned long return_address, unsigned long function);
unsigned long mt_ktext_result(unsigned long return_address);
unsigned long mt_ktext_argument(unsigned long return_address);

#endif /* MT_KTEXT_H */
