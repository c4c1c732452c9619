/* SPDX-License-Identifier: GPL-2.0 */
/* Nothing to do in userspace. */
#define __init
#define __exit
#define __ro_after_init
#define EXPORT_SYMBOL_GPL(symbol)
