/* SPDX-License-Identifier: MIT */
/* `userns-repro selftest`: the kernel's promises, as KTAP or JSON. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "print.h"
#include "usernsrepro/selftest.h"

/* Filters of one command line. */
#define FILTERS_MAX ((size_t) 64)

struct selftest_command {
	struct unr_selftest_options options;
	const char *filters[FILTERS_MAX];
	bool list;
};

static int add_filter(void *options, const char *value, struct unr_error *err)
{
	struct selftest_command *c = options;

	if (c->options.n_filters == FILTERS_MAX)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL, "--filter can be given %zu times",
				FILTERS_MAX);
	c->filters[c->options.n_filters++] = value;
	return 0;
}

static int set_timeout(void *options, const char *value, struct unr_error *err)
{
	struct selftest_command *c = options;
	char *end = NULL;
	unsigned long seconds = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || *end != '\0' || seconds < 1 || seconds > 3600)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"--timeout wants a number of seconds from 1 to 3600, not '%s'",
				value);
	c->options.seconds = (unsigned int) seconds;
	return 0;
}

static const struct cli_option OPTIONS[] = {
	{ "filter", "GLOB",
	  "only cases whose name, or whose group's, is matched; may be given several times",
	  .apply = add_filter },
	{ "list", NULL, "print what would be tried, what is promised and where that stands",
	  .kind = CLI_OPTION_FLAG, .offset = offsetof(struct selftest_command, list) },
	{ "json", NULL, "one JSON object in place of KTAP, or of the list", .kind = CLI_OPTION_FLAG,
	  .offset = offsetof(struct selftest_command, options) +
		    offsetof(struct unr_selftest_options, json) },
	{ "timeout", "SECONDS", "how long one case may take", .fallback = "30",
	  .apply = set_timeout },
	{ .name = NULL },
};

static int status_of(const struct unr_selftest_tally *tally)
{
	if (tally->n_failed > 0)
		return CLI_EXIT_REFUSED;
	return tally->n_ok == 0 ? CLI_EXIT_CANNOT_RUN : CLI_EXIT_OK;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct selftest_command c = { 0 };
	struct unr_selftest_tally tally = { 0 };
	struct unr_error err = { 0 };
	char **operands = NULL;
	int n = 0;
	int r = cli_parse(command, argc, argv, &c, &operands, &n, &err);

	if (r != 0)
		return r < 0 ? cli_report_error(&err) : CLI_EXIT_OK;
	c.options.filters = c.filters;
	r = c.list ? unr_selftest_list(&c.options, STDOUT_FILENO, &err) :
		     unr_selftest_run(&c.options, STDOUT_FILENO, &tally, &err);
	if (r == -EPIPE)
		cli_end_unread();
	if (r < 0)
		return cli_report_error(&err);
	return c.list ? CLI_EXIT_OK : status_of(&tally);
}

const struct cli_command cmd_selftest = {
	.name = "selftest",
	.operands = "",
	.summary = "Try what the kernel promises about user namespaces, ids and owners",
	.details =
		"Prints KTAP version 1. Run it as root and as an ordinary user with subordinate\n"
		"ranges: some promises can be tried by the one, some by the other.\n\n"
		"exit status: 0 no promise is broken, 1 one is, 2 wrong usage, 3 the work\n"
		"could not be done, 77 this host lets none of the cases be tried",
	.min_operands = 0,
	.max_operands = 0,
	.options = OPTIONS,
	.run = run,
};
