/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's string functions that libc has not. */
#ifndef SHIM_STRING_H
#define SHIM_STRING_H

#include <errno.h>
#include <string.h>

#include <linux/types.h>

char *kstrdup(const char *string, gfp_t gfp);

/* Length of the copy, or -E2BIG when it was cut; terminated either way. */
static inline ssize_t strscpy(char *to, const char *from, size_t size)
{
	size_t len = strnlen(from, size);

	if (!size)
		return -E2BIG;
	if (len == size) {
		memcpy(to, from, size - 1);
		to[size - 1] = '\0';
		return -E2BIG;
	}
	memcpy(to, from, len + 1);
	return len;
}

/* Length of what it tried to make; size is that of the whole buffer. */
static inline size_t strlcat(char *to, const char *from, size_t size)
{
	size_t used = strnlen(to, size), len = strlen(from);

	if (used < size)
		strscpy(to + used, from, size - used);
	return used + len;
}

static inline bool strstarts(const char *string, const char *prefix)
{
	return !strncmp(string, prefix, strlen(prefix));
}

#endif /* SHIM_STRING_H */
