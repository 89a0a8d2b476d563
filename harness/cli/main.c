/* SPDX-License-Identifier: MIT */
/* userns-repro: finds the command and lets it work. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

const struct cli_command *const cli_commands[] = {
	&cmd_run,          &cmd_scenario_list,   &cmd_scenario_show,
	&cmd_scenario_run, &cmd_scenario_export, NULL,
};

static int print_help(void)
{
	printf("userns-repro reproduces \"Container ID N cannot be mapped to a host ID\":\n"
	       "it extracts an image in a real user namespace with a restricted map, as\n"
	       "dockerd does, and names every file whose owner has no place in it.\n\n"
	       "usage: userns-repro COMMAND [OPTIONS] ...\n\ncommands:\n");
	for (const struct cli_command *const *c = cli_commands; *c != NULL; c++)
		printf("  %-16s %s\n", (*c)->name, (*c)->summary);
	printf("\n`userns-repro COMMAND --help` explains a command.\n"
	       "exit status: 0 loads, 1 does not, 2 wrong usage, 3 could not be done,\n"
	       "77 this host does not allow it\n");
	return CLI_EXIT_OK;
}

static int print_version(void)
{
	printf("userns-repro %s\n", UNR_VERSION);
	return CLI_EXIT_OK;
}

/* A line per option, for the check that the manual page has them all. */
static int dump_options(void)
{
	for (const struct cli_command *const *c = cli_commands; *c != NULL; c++)
		for (const struct cli_option *o = (*c)->options; o != NULL && o->name != NULL; o++)
			printf("%s --%s\n", (*c)->name, o->name);
	return CLI_EXIT_OK;
}

/* Words of @argv that name the command: 0 when they do not. */
static int match_words(const struct cli_command *command, int argc, char **argv)
{
	const char *rest = command->name;
	int n = 0;

	while (*rest != '\0') {
		size_t length = strcspn(rest, " ");

		if (n == argc || strlen(argv[n]) != length || strncmp(argv[n], rest, length) != 0)
			return 0;
		rest += length + (rest[length] == ' ');
		n++;
	}
	return n;
}

static int usage_error(const char *fmt, const char *word)
{
	struct unr_error err = { 0 };

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* one of the two literals below */
	(void) unr_fail(&err, UNR_ERROR_USAGE, -EINVAL, fmt, word);
#pragma GCC diagnostic pop
	return cli_report_error(&err);
}

static int dispatch(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*print)(void);
	} plain[] = {
		{ "--help", print_help },     { "-h", print_help },
		{ "help", print_help },       { "--version", print_version },
		{ "version", print_version }, { "--dump-options", dump_options },
	};

	if (argc == 0)
		return usage_error("a command is wanted%s; see --help", "");
	for (size_t i = 0; i < UNR_COUNT(plain); i++)
		if (strcmp(argv[0], plain[i].name) == 0)
			return plain[i].print();
	for (const struct cli_command *const *c = cli_commands; *c != NULL; c++) {
		int n = match_words(*c, argc, argv);

		if (n > 0)
			return (*c)->run(*c, argc - n, argv + n);
	}
	return usage_error("there is no command '%s'; see --help", argv[0]);
}

/* A report that could not be written whole is no report. */
static int close_stdout(int status)
{
	struct unr_error err = { 0 };

	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return status;
	(void) unr_fail_errno(&err, "write to standard output");
	return cli_report_error(&err);
}

/*
 * A standard descriptor that is closed would be given to the next file that is
 * opened, which then would get the report.  A read-only stand-in makes the
 * writes fail as they should.
 */
static bool fill_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return false;
	(void) close(fd);
	return true;
}

int main(int argc, char **argv)
{
	if (!fill_standard_descriptors())
		return CLI_EXIT_FAILED;
	/* A reader that went away, or a file over ulimit -f, is reported as an error of the write. */
	(void) signal(SIGPIPE, SIG_IGN);
	(void) signal(SIGXFSZ, SIG_IGN);
	/* Whoever started us may ignore it, and children would then go without a status: wait(2). */
	(void) signal(SIGCHLD, SIG_DFL);
	return close_stdout(dispatch(argc - 1, argv + 1));
}
