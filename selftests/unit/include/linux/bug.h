/* SPDX-License-Identifier: GPL-2.0 */
/* A warning of the kernel's is a failure of the test. */
#ifndef SHIM_BUG_H
#define SHIM_BUG_H

#include <stdio.h>
#include <stdlib.h>

#define WARN_ON(condition) ({							\
	int warn_on = !!(condition);						\
	if (warn_on) {								\
		fprintf(stderr, "%s:%d: WARN_ON(%s)\n", __FILE__, __LINE__, #condition); \
		abort();							\
	}									\
	warn_on;								\
})
#define WARN_ON_ONCE(condition)		WARN_ON(condition)
#define BUILD_BUG_ON(condition)		_Static_assert(!(condition), #condition)

#endif /* SHIM_BUG_H */
