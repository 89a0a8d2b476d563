/* SPDX-License-Identifier: MIT */
/*
 * Command lines by table: parsing, help and errors for every command.  Knows no
 * option by name but --help.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "print.h"

/* Help texts begin at this column. */
#define HELP_COLUMN 26

/* A piece of an option's help, behind what stands there; out of memory shows as a gap. */
static size_t UNR_PRINTF(2, 3) print_piece(size_t at, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	if (text != NULL)
		at = cli_print_wrapped(text, HELP_COLUMN, at);
	free(text);
	return at;
}

/* "what it is (a, b, c); default: a" */
static void print_meaning(const struct cli_option *option)
{
	char *choices = option->choices == NULL ? NULL : option->choices();
	const char *end = option->fallback == NULL ? "" : ";";
	const char *fallback = option->fallback;
	size_t at;

	at = print_piece(HELP_COLUMN, "%s%s", option->help, choices == NULL ? end : "");
	if (choices != NULL)
		at = print_piece(at, "(%s)%s", choices, end);
	if (fallback != NULL && *fallback == '\0' && choices != NULL)
		(void) print_piece(at, "default: %.*s", (int) strcspn(choices, ","), choices);
	else if (fallback != NULL)
		(void) print_piece(at, "default: %s", fallback);
	printf("\n");
	free(choices);
}

static void print_option(const struct cli_option *option)
{
	char left[80];

	(void) snprintf(left, sizeof(left), "  --%s%s%s", option->name,
			option->metavar == NULL ? "" : " ",
			option->metavar == NULL ? "" : option->metavar);
	if (strlen(left) >= HELP_COLUMN)
		printf("%s\n%*s", left, HELP_COLUMN, "");
	else
		printf("%-*s", HELP_COLUMN, left);
	print_meaning(option);
}

static const struct cli_option *first_of(const struct cli_option *table)
{
	return table == NULL || table->name == NULL ? NULL : table;
}

static bool is_in(const struct cli_option *table, const struct cli_option *option)
{
	for (; table != NULL && table->name != NULL; table++)
		if (table == option)
			return true;
	return false;
}

const struct cli_option *cli_next_option(const struct cli_command *command,
					 const struct cli_option *last)
{
	const struct cli_option *shared = first_of(command->shared);

	if (last == NULL && shared != NULL)
		return shared;
	if (last != NULL && last[1].name != NULL)
		return last + 1;
	return last == NULL || is_in(shared, last) ? first_of(command->options) : NULL;
}

static bool has_options(const struct cli_command *command)
{
	return cli_next_option(command, NULL) != NULL;
}

static void print_help(const struct cli_command *command)
{
	printf("usage: userns-repro %s%s%s%s\n\n%s\n", command->name,
	       has_options(command) ? " [OPTIONS]" : "", *command->operands == '\0' ? "" : " ",
	       command->operands, command->summary);
	if (has_options(command))
		printf("\noptions:\n");
	for (const struct cli_option *o = NULL; (o = cli_next_option(command, o)) != NULL;)
		print_option(o);
	if (command->details != NULL)
		printf("\n%s\n", command->details);
}

static const struct cli_option *find_option(const struct cli_command *command, const char *name,
					    size_t length)
{
	for (const struct cli_option *o = NULL; (o = cli_next_option(command, o)) != NULL;)
		if (strlen(o->name) == length && strncmp(o->name, name, length) == 0)
			return o;
	return NULL;
}

static int apply_option(const struct cli_option *option, void *options, const char *value,
			struct unr_error *err)
{
	char *field = (char *) options + option->offset;

	switch (option->kind) {
	case CLI_OPTION_STRING:
		memcpy(field, &value, sizeof(value));
		return 0;
	case CLI_OPTION_FLAG:
		*(bool *) field = true;
		return 0;
	case CLI_OPTION_SIZE:
	case CLI_OPTION_TIME:
	case CLI_OPTION_COUNT:
		return cli_parse_amount(option, value, (uint64_t *) (void *) field, err);
	default:
		return option->apply(options, value, err);
	}
}

/* One option at @argv[*at]; moves *@at over its value. */
static int take_option(const struct cli_command *command, int argc, char **argv, int *at,
		       void *options, struct unr_error *err)
{
	const char *word = argv[*at] + 2;
	size_t length = strcspn(word, "=");
	const struct cli_option *option = find_option(command, word, length);
	const char *value = word[length] == '=' ? word + length + 1 : NULL;

	if (argv[*at][1] != '-' || option == NULL)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"'%s' is no option of '%s'; see 'userns-repro %s --help'",
				argv[*at], command->name, command->name);
	if (option->metavar == NULL && value != NULL)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL, "--%s takes no value", option->name);
	if (option->metavar != NULL && value == NULL) {
		if (*at + 1 >= argc)
			return unr_fail(err, UNR_ERROR_USAGE, -EINVAL, "--%s wants a value: %s",
					option->name, option->metavar);
		value = argv[++*at];
	}
	return apply_option(option, options, value == NULL ? "" : value, err);
}

static int check_operands(const struct cli_command *command, int n, char **operands,
			  struct unr_error *err)
{
	if (n < command->min_operands)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL, "%s wants %s", command->name,
				command->operands);
	if (command->max_operands >= 0 && n > command->max_operands)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"'%s' is one word too many for '%s'; see 'userns-repro %s --help'",
				operands[command->max_operands], command->name, command->name);
	return 0;
}

int cli_parse(const struct cli_command *command, int argc, char **argv, void *options,
	      char ***ret_operands, int *ret_n, struct unr_error *err)
{
	bool options_end = false;
	int n = 0;

	for (int i = 0; i < argc; i++) {
		int r;

		if (options_end || argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[n++] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			options_end = true;
			continue;
		}
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			print_help(command);
			return 1;
		}
		r = take_option(command, argc, argv, &i, options, err);
		if (r < 0)
			return r;
	}
	*ret_operands = argv;
	*ret_n = n;
	return check_operands(command, n, argv, err);
}

int cli_fail_choice(const char *option, const char *value, char *(*choices)(void),
		    struct unr_error *err)
{
	char *names = choices();

	(void) unr_fail(err, UNR_ERROR_USAGE, -EINVAL, "--%s '%s' is not known; there are: %s",
			option, value, names == NULL ? "" : names);
	free(names);
	return -EINVAL;
}

int cli_report_error(const struct unr_error *err)
{
	static const int statuses[UNR_ERROR_COUNT_] = {
		[UNR_ERROR_NONE] = CLI_EXIT_FAILED,
		[UNR_ERROR_USAGE] = CLI_EXIT_USAGE,
		[UNR_ERROR_FAILED] = CLI_EXIT_FAILED,
		[UNR_ERROR_CANNOT_RUN] = CLI_EXIT_CANNOT_RUN,
	};

	char line[sizeof(err->message)];

	/* One line whatever is quoted in it, and nothing that steers a terminal. */
	memcpy(line, err->message, sizeof(line));
	for (char *c = line; *c != '\0'; c++)
		if ((unsigned char) *c < ' ' || *c == 0x7f)
			*c = '?';
	(void) fprintf(stderr, "userns-repro: %s\n", line);
	return statuses[err->kind];
}
