/* SPDX-License-Identifier: MIT */
/*
 * A shell, or one command, in the extracted image under the map: what a
 * container would see, without an engine.
 */
#ifndef USERNSREPRO_SHELL_H
#define USERNSREPRO_SHELL_H

#include <stdbool.h>

#include "usernsrepro/error.h"
#include "usernsrepro/run.h"

struct unr_shell_options {
	struct unr_run_options run; /* owned; its rootfs, as and stop_at_first do not count */
	char *const *command;       /* borrowed; NULL at the end; empty: the image's bash or sh */
	const char *folder; /* where the tree is put meanwhile; NULL: $TMPDIR, else /var/tmp */
	bool wide;          /* map all ids that the image needs, as far as the caller may */
	/* Something that the user should know; one line without its end. */
	void (*note)(void *context, const char *text);
	/* All is extracted: from now on the terminal is the command's. */
	void (*ready)(void *context);
	void *context;
};

/**
 * unr_shell() - do it
 * @ret_status: of the command: its exit status, 128 and the number of the signal that ended it, 126
 *              or 127 where it could not be run
 *
 * Standard input, output and error are the command's.  Where input and output are terminals it gets
 * one of its own, which is passed on to them.  SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1 and SIGUSR2
 * are passed on; a second SIGTERM or SIGHUP ends all.  Must be called while the process has one
 * thread.  Whatever happens, no process, mount or file is left behind.
 *
 * Return: 0, or a negative errno with @err, as unr_run().
 */
UNR_EXPORT UNR_MUST_CHECK int unr_shell(const struct unr_shell_options *options, int *ret_status,
					struct unr_error *err);

#endif
