/* SPDX-License-Identifier: MIT */
/*
 * The caller's side of a running command: its terminal is passed on to the one
 * that the caller has, and signals are passed in.  Inside shell/ only.
 */
#ifndef UNR_SHELL_TERMINAL_H
#define UNR_SHELL_TERMINAL_H

#include <stdbool.h>

#include "shell/order.h"

/** unr_terminal_look() - what the order is to say of terminals, from the standard descriptors */
void unr_terminal_look(struct unr_shell_order *order);

/**
 * unr_terminal_signals() - from now on signals are for the command
 *
 * Return: a descriptor for unr_terminal_relay(), owned by the caller, or a negative errno with @err.
 */
UNR_MUST_CHECK int unr_terminal_signals(bool has_terminal, struct unr_error *err);

/**
 * unr_terminal_relay() - until the process inside is gone
 * @socket: to it; numbers of signals go there
 * @leader: of the command's terminal; -EBADF: it has none of its own
 *
 * The caller's terminal is raw meanwhile.  Return: 0, or a negative errno with @err.
 */
UNR_MUST_CHECK int unr_terminal_relay(int socket, int leader, int signals, struct unr_error *err);

#endif
