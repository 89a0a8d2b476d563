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
#include "print.h"
#include "sealed.h"

/* Where summaries begin in the list of commands. */
#define SUMMARY_COLUMN 19
/* Commands that may share their first word. */
#define SECONDS_MAX ((size_t) 16)

const struct cli_command *const cli_commands[] = {
	&cmd_run,
	&cmd_shell,
	&cmd_rm,
	&cmd_doctor,
	&cmd_selftest,
	&cmd_scenario_list,
	&cmd_scenario_show,
	&cmd_scenario_run,
	&cmd_scenario_export,
	NULL,
};

/* The second word of a command that begins with @word, else NULL; "" begins all. */
static const char *behind(const struct cli_command *command, const char *word)
{
	size_t length = strlen(word);

	if (length == 0)
		return command->name;
	if (strncmp(command->name, word, length) != 0 || command->name[length] != ' ')
		return NULL;
	return command->name + length + 1;
}

/* Every command that begins with @word. */
static void print_commands(const char *word)
{
	printf("\n\ncommands:\n");
	for (const struct cli_command *const *c = cli_commands; *c != NULL; c++) {
		if (behind(*c, word) == NULL)
			continue;
		printf("  %-16s ", (*c)->name);
		(void) cli_print_wrapped((*c)->summary, SUMMARY_COLUMN, SUMMARY_COLUMN);
		printf("\n");
	}
	printf("\n'userns-repro COMMAND --help' explains a command.\n");
}

static int print_help(void)
{
	printf("userns-repro reproduces 'Container ID N cannot be mapped to a host ID': it\n"
	       "extracts an image in a real user namespace with a restricted map, as dockerd\n"
	       "does, and lists every file whose owner has no place in it.\n\n"
	       "usage: userns-repro COMMAND [OPTIONS] ...");
	print_commands("");
	printf("exit status: 0 the image loads, 1 it does not, 2 wrong usage, 3 the work could\n"
	       "not be done, 77 this host does not allow it\n");
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
		for (const struct cli_option *o = NULL; (o = cli_next_option(*c, o)) != NULL;)
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

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

/* "list, show or run": what may stand behind @word; returns how many. */
static size_t list_second_words(const char *word, size_t size, char *ret)
{
	const char *found[SECONDS_MAX];
	size_t n = 0, used = 0;

	for (const struct cli_command *const *c = cli_commands; *c != NULL; c++)
		if (behind(*c, word) != NULL && n < SECONDS_MAX)
			found[n++] = behind(*c, word);
	for (size_t i = 0; i < n && used < size; i++) {
		const char *between = i + 1 == n ? " or " : ", ";

		used += (size_t) snprintf(ret + used, size - used, "%s%s", i == 0 ? "" : between,
					  found[i]);
	}
	return n;
}

/* Words that name no command: half of one, or none at all. */
static int refuse_words(int argc, char **argv)
{
	struct unr_error err = { 0 };
	char seconds[200];

	if (argc == 0) {
		(void) unr_fail(&err, UNR_ERROR_USAGE, -EINVAL, "a command is wanted; see --help");
	} else if (*argv[0] == '\0' || list_second_words(argv[0], sizeof(seconds), seconds) == 0) {
		(void) unr_fail(&err, UNR_ERROR_USAGE, -EINVAL,
				"there is no command '%s'; see --help", argv[0]);
	} else if (argc == 1) {
		(void) unr_fail(&err, UNR_ERROR_USAGE, -EINVAL, "%s wants %s", argv[0], seconds);
	} else if (is_help(argv[1])) {
		printf("usage: userns-repro %s COMMAND [OPTIONS] ...", argv[0]);
		print_commands(argv[0]);
		return CLI_EXIT_OK;
	} else {
		(void) unr_fail(&err, UNR_ERROR_USAGE, -EINVAL, "%s wants %s, not '%s'", argv[0],
				seconds, argv[1]);
	}
	return cli_report_error(&err);
}

/* @argv: behind the program's own name */
static int run_command(const struct cli_command *command, int n_words, int argc, char **argv)
{
	struct unr_error err = { 0 };

	if (command->is_sealed && cli_become_sealed(argv - 1, &err) < 0)
		return cli_report_error(&err);
	return command->run(command, argc - n_words, argv + n_words);
}

static int dispatch(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*print)(void);
	} plain[] = {
		{ "--version", print_version },
		{ "version", print_version },
		{ "--dump-options", dump_options },
	};

	if (argc > 0 && is_help(argv[0]))
		return print_help();
	for (size_t i = 0; argc > 0 && i < UNR_COUNT(plain); i++)
		if (strcmp(argv[0], plain[i].name) == 0)
			return plain[i].print();
	for (const struct cli_command *const *c = cli_commands; *c != NULL; c++) {
		int n = match_words(*c, argc, argv);

		if (n > 0)
			return run_command(*c, n, argc, argv);
	}
	return refuse_words(argc, argv);
}

/* A report that could not be written whole is no report; one line about it is enough. */
static int close_stdout(int status)
{
	struct unr_error err = { 0 };

	if (cli_flush(&err) == 0 || status == CLI_EXIT_FAILED)
		return status;
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
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
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
	/*
	 * A reader that went away, or a file over ulimit -f, is an error of the write: whoever
	 * writes then knows what else is to be done, see cli_end_unread().
	 */
	(void) signal(SIGPIPE, SIG_IGN);
	(void) signal(SIGXFSZ, SIG_IGN);
	/* Whoever started us may ignore it, and children would then go without a status: wait(2). */
	(void) signal(SIGCHLD, SIG_DFL);
	return close_stdout(dispatch(argc - 1, argv + 1));
}
