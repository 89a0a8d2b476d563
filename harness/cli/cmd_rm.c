/* SPDX-License-Identifier: MIT */
/* `userns-repro rm`: removes trees that `run --rootfs` has kept. */
#include <stddef.h>

#include "command.h"
#include "usernsrepro/tree.h"

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct unr_error err = { 0 };
	char **operands = NULL;
	int status = CLI_EXIT_OK;
	int n = 0;
	int r = cli_parse(command, argc, argv, NULL, &operands, &n, &err);

	if (r != 0)
		return r < 0 ? cli_report_error(&err) : CLI_EXIT_OK;
	for (int i = 0; i < n; i++)
		if (unr_tree_remove(operands[i], &err) < 0)
			status = cli_report_error(&err);
	return status;
}

const struct cli_command cmd_rm = {
	.name = "rm",
	.operands = "DIR...",
	.summary = "Remove trees that 'run --rootfs DIR' has kept",
	.details =
		"An ordinary user needs it where rm(1) may not: the files belong to subordinate\n"
		"ids. A directory that holds anything else is left alone.\n\n"
		"exit status: 0 all are removed, 2 wrong usage, 3 one could not be removed",
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
