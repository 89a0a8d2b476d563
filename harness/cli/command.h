/* SPDX-License-Identifier: MIT */
/*
 * The tables that the command line is made of.  Parsing, --help, usage errors
 * and --dump-options all read them; there is no second list.
 */
#ifndef UNR_CLI_COMMAND_H
#define UNR_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/* Exit statuses: an interface, see the manual page. */
enum cli_exit {
	CLI_EXIT_OK = 0,
	CLI_EXIT_REFUSED = 1, /* the image does not load under this map; a scenario differs */
	CLI_EXIT_USAGE = 2,
	CLI_EXIT_FAILED = 3,
	CLI_EXIT_CANNOT_RUN = 77,
};

enum cli_option_kind {
	CLI_OPTION_CALL,   /* apply(options, value); "" for an option without a value */
	CLI_OPTION_STRING, /* a const char * */
	CLI_OPTION_FLAG,   /* a bool, set to true */
	CLI_OPTION_SIZE,  /* a uint64_t: bytes, with K, M, G or T behind it 1024 times as many... */
	CLI_OPTION_TIME,  /* ...seconds, or with m or h... */
	CLI_OPTION_COUNT, /* ...anything else; of each "none" is UINT64_MAX, and there is no 0 */
};

struct cli_option {
	const char *name;    /* "profile" is --profile; NULL ends the table */
	const char *metavar; /* NULL: a flag without a value */
	const char *help;    /* what the value means; wrapped when printed */
	/* The values that it takes, separated by ", "; owned by the caller.  NULL: any value. */
	char *(*choices)(void);
	const char *fallback; /* the default, in words; "": the first choice; NULL: none to tell */
	/* What happens to the value: apply(), or it goes into the command's own struct at @offset. */
	enum cli_option_kind kind;
	size_t offset;
	int (*apply)(void *options, const char *value, struct unr_error *err);
};

struct cli_command {
	const char *name;     /* may be two words: "scenario run" */
	const char *operands; /* for the usage line, e.g. "IMAGE" */
	const char *summary;
	const char *details; /* paragraphs under the options in --help; may be NULL */
	int min_operands;
	int max_operands;                 /* -1: no limit */
	const struct cli_option *shared;  /* with other commands; may be NULL */
	const struct cli_option *options; /* its own; may be NULL */
	bool is_sealed;                   /* it runs as a copy of the program, see sealed.h */
	/* Calls cli_parse() with its own options struct; returns an exit status. */
	int (*run)(const struct cli_command *command, int argc, char **argv);
};

extern const struct cli_command cmd_run;
extern const struct cli_command cmd_doctor;
extern const struct cli_command cmd_selftest;
extern const struct cli_command cmd_shell;
extern const struct cli_command cmd_rm;
extern const struct cli_command cmd_scenario_list;
extern const struct cli_command cmd_scenario_show;
extern const struct cli_command cmd_scenario_run;
extern const struct cli_command cmd_scenario_export;

/* Every command, NULL at the end. */
extern const struct cli_command *const cli_commands[];

/** cli_next_option() - the one behind @last, NULL: the first; NULL: there is no other */
const struct cli_option *cli_next_option(const struct cli_command *command,
					 const struct cli_option *last);

/**
 * cli_parse() - apply the options in @argv to @options
 * @argc, @argv:  what follows the command's name
 * @options:      the command's own struct
 * @ret_operands: borrowed from @argv (which is reordered); @ret_n of them
 *
 * "--name=value", "--name value" and "--" are understood; unambiguous abbreviations are not.
 *
 * Return: 0, 1 when --help was printed (the command is done), or a negative errno with @err.
 */
UNR_MUST_CHECK int cli_parse(const struct cli_command *command, int argc, char **argv,
			     void *options, char ***ret_operands, int *ret_n,
			     struct unr_error *err);

/** cli_parse_amount() - a value of CLI_OPTION_SIZE, _TIME or _COUNT; 0, or -EINVAL with @err */
UNR_MUST_CHECK int cli_parse_amount(const struct cli_option *option, const char *value,
				    uint64_t *ret, struct unr_error *err);

/** cli_fail_choice() - the error of a value that is none of the option's choices; -EINVAL */
int cli_fail_choice(const char *option, const char *value, char *(*choices)(void),
		    struct unr_error *err);

/** cli_report_error() - "userns-repro: …" on standard error; returns the exit status for it. */
int cli_report_error(const struct unr_error *err);

#endif
