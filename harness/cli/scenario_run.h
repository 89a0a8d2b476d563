/* SPDX-License-Identifier: MIT */
/* How one of a scenario's runs is called, wherever it is shown. */
#ifndef UNR_CLI_SCENARIO_RUN_H
#define UNR_CLI_SCENARIO_RUN_H

#include "usernsrepro/scenario.h"

/* "containerd-rootless on overlay2", names of a scenario file: cut where they are longer. */
#define CLI_RUN_SIZE 80

/** cli_format_run() - which of several runs; "" when there is but one */
void cli_format_run(const struct unr_scenario *scenario, const struct unr_scenario_run *run,
		    char text[CLI_RUN_SIZE]);

#endif
