// SPDX-License-Identifier: GPL-2.0
/*
 * shim.c - knows how the kernel's allocator and seq_file behave, as far as pure files can tell.
 */
#include "shim.h"

#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

unsigned long shim_fail_at;
bool shim_fail_on;
unsigned long shim_allocations;
long shim_live;
long shim_bytes;

static bool must_fail(void)
{
	shim_allocations++;
	if (!shim_fail_at)
		return false;
	if (shim_fail_at > 1) {
		shim_fail_at--;
		return false;
	}
	if (!shim_fail_on)
		shim_fail_at = 0;
	return true;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	void *memory;

	if (must_fail())
		return NULL;
	memory = malloc(size);
	assert(memory);
	/* what was not asked to be zero must not happen to be */
	memset(memory, gfp & __GFP_ZERO ? 0 : 0xa5, size);
	shim_live++;
	shim_bytes += malloc_usable_size(memory);
	return memory;
}

void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kmalloc(bytes, gfp);
}

void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc_array(n, size, gfp | __GFP_ZERO);
}

void *krealloc(const void *old, size_t size, gfp_t gfp)
{
	void *memory;

	if (must_fail())
		return NULL;
	shim_live += !old;
	shim_bytes -= malloc_usable_size((void *)old);
	memory = realloc((void *)old, size);
	assert(memory);
	shim_bytes += malloc_usable_size(memory);
	return memory;
}

void kfree(const void *memory)
{
	shim_live -= !!memory;
	shim_bytes -= malloc_usable_size((void *)memory);
	free((void *)memory);
}

char *kstrdup(const char *string, gfp_t gfp)
{
	size_t size;
	char *copy;

	if (!string)
		return NULL;
	size = strlen(string) + 1;
	copy = kmalloc(size, gfp);
	return copy ? memcpy(copy, string, size) : NULL;
}

static bool make_room(struct seq_file *file, size_t len)
{
	if (file->count + len < file->size)
		return true;
	if (file->bounded) {
		file->count = file->size;
		return false;
	}
	file->size = 2 * file->size + len + 1;
	file->buf = realloc(file->buf, file->size);
	assert(file->buf);
	return true;
}

void seq_write(struct seq_file *file, const void *data, size_t len)
{
	if (!make_room(file, len))
		return;
	memcpy(file->buf + file->count, data, len);
	file->count += len;
	file->buf[file->count] = '\0';
}

void seq_putc(struct seq_file *file, char c)
{
	seq_write(file, &c, 1);
}

void seq_puts(struct seq_file *file, const char *text)
{
	seq_write(file, text, strlen(text));
}

void seq_printf(struct seq_file *file, const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	assert(len >= 0);
	seq_write(file, text, len);
	free(text);
}

size_t seq_get_buf(struct seq_file *file, char **buf)
{
	/* no line of a report is longer */
	if (!file->bounded)
		make_room(file, 65536);
	*buf = file->count < file->size ? file->buf + file->count : NULL;
	return file->size - file->count;
}

void seq_commit(struct seq_file *file, int num)
{
	assert(num < 0 || file->count + num <= file->size);
	file->count = num < 0 ? file->size : file->count + num;
	if (file->count < file->size)
		file->buf[file->count] = '\0';
}

/**
 * seq_free() - give back what a growing file holds
 * @file: the file
 */
void seq_free(struct seq_file *file)
{
	free(file->buf);
	memset(file, 0, sizeof(*file));
}
