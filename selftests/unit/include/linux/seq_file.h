/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A seq_file that grows: all that is printed stays in buf. With a size set and grow false it
 * overflows as the kernel's does, which then throws the page away and prints again.
 */
#ifndef SHIM_SEQ_FILE_H
#define SHIM_SEQ_FILE_H

#include <linux/compiler.h>
#include <linux/types.h>

struct seq_file {
	char *buf;
	size_t size;
	size_t count;
	bool bounded;
	void *private;
};

void seq_putc(struct seq_file *file, char c);
void seq_puts(struct seq_file *file, const char *text);
void seq_write(struct seq_file *file, const void *data, size_t len);
__printf(2, 3) void seq_printf(struct seq_file *file, const char *fmt, ...);
size_t seq_get_buf(struct seq_file *file, char **buf);
void seq_commit(struct seq_file *file, int num);
void seq_free(struct seq_file *file);

static inline bool seq_has_overflowed(struct seq_file *file)
{
	return file->count == file->size;
}

#endif /* SHIM_SEQ_FILE_H */
