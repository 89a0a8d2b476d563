/* SPDX-License-Identifier: MIT */
/*
 * A process that is made before the sandbox gives its privileges up, keeps some of
 * them, and does one thing for those who have none: asked through a socket, it ends
 * with it.  For userns/ only; does not know what it does.
 */
#ifndef UNR_USERNS_COMPANION_H
#define UNR_USERNS_COMPANION_H

#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/**
 * unr_companion_start() - fork it
 * @run:        in the new process, which has the socket alone to go by; does not return
 * @ret_socket: the other end, owned by the caller
 *
 * Return: 0, or -errno with @err.
 */
UNR_MUST_CHECK int unr_companion_start(void (*run)(int fd), int *ret_socket, struct unr_error *err);

#endif
