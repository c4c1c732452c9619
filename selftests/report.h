/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A report of memtriage as a reader of its text ABI sees it. Every read is
 * checked against the common form: whatever breaks it is in @fault.
 */
#ifndef MEMTRIAGE_REPORT_H
#define MEMTRIAGE_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#define REPORT_COLUMNS_MAX	16

/** FOR_EACH_REPORT - the reports that there are, each handed to the macro @what */
#define FOR_EACH_REPORT(what)					\
	what(ledger) what(slab) what(owners) what(content)	\
	what(vmalloc) what(balloon) what(sockets) what(pages)	\
	what(ghost) what(tasks) what(tmpfs) what(cgroups)	\
	what(modules) what(status) what(summary)

/**
 * struct report - one read of one report, taken apart
 * @text: the bytes as read
 * @bytes: how many
 * @copy: the same, cut into the strings below
 * @fault: what is wrong with its form, or NULL
 * @state: "ok", "partial" or "unavailable"
 * @reason: the words after the state, or ""
 * @nr_rows: as the header says, "(other)" included
 * @nr_dropped: as the header says
 * @took_us: as the header says
 * @nr_columns: columns named in the third line; 0 if the report has none
 * @columns: their names
 * @nr_records: lines that are records
 * @records: their cells, @nr_columns each; for a book (ledger) two, the name and
 *	the number in kB; for text (summary) one, the line
 * @nr_comments: lines after the header that start with '#'
 * @comments: them, without the "# "
 */
struct report {
	char *text;
	size_t bytes;
	char *copy;
	char *fault;
	char *state;
	char *reason;
	long nr_rows;
	long nr_dropped;
	long took_us;
	int nr_columns;
	char *columns[REPORT_COLUMNS_MAX];
	int nr_records;
	char ***records;
	int nr_comments;
	char **comments;
};

const char *report_dir(void);
char *report_slurp(const char *path, size_t *bytes);
struct report *report_parse(const char *name, char *text, size_t bytes);
struct report *report_read(const char *name);
void report_free(struct report *report);

int report_column(const struct report *report, const char *column);
const char *report_text(const struct report *report, int record,
			const char *column);
long long report_number(const struct report *report, int record,
			const char *column);
bool report_is_exact(const struct report *report, int record,
		     const char *column);
int report_find(const struct report *report, const char *column,
		const char *text);
int report_find_name(const struct report *report, const char *name);
long long report_sum(const struct report *report, const char *column);
const char *report_comment(const struct report *report, const char *part);

#define NO_NUMBER	(-0x7fffffffffffffffLL - 1)

/* The ledger's own: an account in kB, or NO_NUMBER for "-". */
long long report_account(const struct report *report, const char *account);
bool report_has_account(const struct report *report, const char *account);

#endif /* MEMTRIAGE_REPORT_H */
