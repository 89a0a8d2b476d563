/* SPDX-License-Identifier: MIT */
/* The process that becomes the command.  Inside shell/ only. */
#ifndef UNR_SHELL_COMMAND_H
#define UNR_SHELL_COMMAND_H

#include "shell/order.h"

/* As shells and docker have them. */
#define UNR_SHELL_NOT_RUNNABLE 126
#define UNR_SHELL_NOT_FOUND 127

/**
 * unr_shell_become() - be it
 * @terminal: to be the controlling one, and standard input and output; -EBADF: there is none
 *
 * Return: does not where all goes well.  The exit status where the command cannot be run, which it
 * has said on standard error then, or a negative errno with @err where it did not come to that.
 */
UNR_MUST_CHECK int unr_shell_become(const struct unr_shell_order *order, int terminal,
				    struct unr_error *err);

#endif
