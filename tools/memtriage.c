// SPDX-License-Identifier: GPL-2.0
/*
 * memtriage.c - knows which subcommands there are, and what stands before them.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

#ifndef VERSION
#define VERSION	"unknown"
#endif

static const struct command *const commands[] = {
	&command_summary, &command_who,	 &command_top,	&command_watch,
	&command_record,  &command_diff, &command_prom, &command_html,
};

/**
 * command_error() - say why a question could not be answered
 * @format: the words
 *
 * Return: STATUS_ERROR.
 */
enum status command_error(const char *format, ...)
{
	va_list args;

	fputs("memtriage: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("\n", stderr);
	return STATUS_ERROR;
}

static void print_help(FILE *out)
{
	unsigned int i;

	fputs("usage: memtriage [OPTION...] [COMMAND [ARGUMENT...]]\n"
	      "Where the memory of this machine went: the reports of the memtriage kernel module.\n\n",
	      out);
	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		fprintf(out, "  %-7s %-18s %s\n", commands[i]->name, commands[i]->arguments,
			commands[i]->help);
	fputs("\n"
	      "  --from FILE   look at a recorded snapshot (- for standard input)\n"
	      "  --root DIR    look at a saved proc/ (and sys/) below DIR, without the module\n"
	      "  --json        print for programs\n"
	      "  --once        unload the module again if it was loaded for this\n"
	      "  --color WHEN  always, never or auto\n"
	      "  --help  --version\n\n"
	      "Exit status: 0 ok, 1 something is large, 2 evidence of a leak, 3 error.\n"
	      "See memtriage(1), and memtriage(4) for the reports.\n", out);
}

static bool choose_color(const char *when, bool *color)
{
	if (!strcmp(when, "always"))
		*color = true;
	else if (!strcmp(when, "never"))
		*color = false;
	else if (!strcmp(when, "auto"))
		*color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "from", required_argument, NULL, 'f' },
		{ "root", required_argument, NULL, 'r' },
		{ "json", no_argument, NULL, 'j' },
		{ "once", no_argument, NULL, 'o' },
		{ "color", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ }
	};
	struct options options = { };
	const char *name = "summary";
	char *no_arguments[] = { (char *)"summary", NULL };
	unsigned int i;
	int option;

	choose_color("auto", &options.color);
	while ((option = getopt_long(argc, argv, "+hV", long_options, NULL)) != -1) {
		switch (option) {
		case 'f':
			options.from = optarg;
			break;
		case 'r':
			options.root = optarg;
			break;
		case 'j':
			options.json = true;
			break;
		case 'o':
			options.once = true;
			break;
		case 'c':
			if (!choose_color(optarg, &options.color))
				return command_error("--color is always, never or auto");
			break;
		case 'h':
			print_help(stdout);
			return STATUS_OK;
		case 'V':
			puts("memtriage " VERSION);
			return STATUS_OK;
		default:
			print_help(stderr);
			return STATUS_ERROR;
		}
	}
	if (options.from && options.root)
		return command_error("--from and --root: one of them");
	argc -= optind;
	argv += optind;
	if (argc)
		name = argv[0];
	else
		argv = no_arguments;
	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i]->run(argc ? argc : 1, argv, &options);
	}
	return command_error("there is no command %s (memtriage --help)", name);
}
