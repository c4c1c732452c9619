/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The subcommands of memtriage, one file each, and what all of them are told.
 */
#ifndef MEMTRIAGE_COMMAND_H
#define MEMTRIAGE_COMMAND_H

#include <stdbool.h>

struct snapshot;

/**
 * enum status - the exit status of every command
 * @STATUS_OK: nothing is large
 * @STATUS_LARGE: something is large
 * @STATUS_LEAK: there is evidence of a leak
 * @STATUS_ERROR: the question could not be answered
 */
enum status {
	STATUS_OK,
	STATUS_LARGE,
	STATUS_LEAK,
	STATUS_ERROR,
};

/**
 * struct options - what stands before the subcommand
 * @from: file of a snapshot, or NULL
 * @root: directory with a saved proc/, or NULL
 * @json: for programs
 * @color: for terminals
 * @once: unload the module again if it was loaded for this
 */
struct options {
	const char *from;
	const char *root;
	bool json;
	bool color;
	bool once;
};

/**
 * struct command - one subcommand
 * @name: as typed
 * @arguments: for the help
 * @help: what it does, in one line
 * @run: do it; @argv[0] is the name
 */
struct command {
	const char *name;
	const char *arguments;
	const char *help;
	enum status (*run)(int argc, char **argv, const struct options *options);
};

extern const struct command command_summary;
extern const struct command command_who;
extern const struct command command_top;
extern const struct command command_watch;
extern const struct command command_record;
extern const struct command command_diff;
extern const struct command command_prom;
extern const struct command command_html;

__attribute__((format(printf, 1, 2)))
enum status command_error(const char *format, ...);

/* origin.c */
struct snapshot *origin_read(const struct options *options, const char *const *wanted);

/* verdict.c */
enum status verdict_status(const struct snapshot *snapshot);

/* json.c */
bool json_print_snapshot(const struct snapshot *snapshot);

#endif /* MEMTRIAGE_COMMAND_H */
