/* SPDX-License-Identifier: MIT */
/* The options of every command that extracts an image: which, under which map, by whose rules. */
#ifndef UNR_CLI_IMAGE_OPTIONS_H
#define UNR_CLI_IMAGE_OPTIONS_H

#include "command.h"
#include "progress.h"
#include "usernsrepro/run.h"

/* The first member of such a command's own struct. */
struct cli_image_options {
	struct unr_run_options run;
	struct cli_progress progress;
};

/* For struct cli_command's @shared. */
extern const struct cli_option cli_image_options[];

/* For its @details. */
#define CLI_IMAGE_FORMS                                                                            \
	"IMAGE is one of\n"                                                                        \
	"  docker-archive:FILE[:REF]   what 'docker save' writes\n"                                \
	"  oci:DIR[:REF]               an OCI image layout\n"                                      \
	"  oci-archive:FILE[:REF]      the same as a tar\n"                                        \
	"  docker://HOST[:PORT]/REPO[:TAG|@DIGEST]   an image in a registry\n"                     \
	"  docker-daemon:REF           an image of a running docker engine\n"                      \
	"  tar:FILE                    one bare layer\n"                                           \
	"  scenario:NAME               one of the project's own; see 'scenario list'\n"            \
	"  PATH or -                   recognised by content; - is standard input\n\n"

#endif
