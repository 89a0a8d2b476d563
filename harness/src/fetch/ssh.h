/* SPDX-License-Identifier: MIT */
/* An engine on another machine, spoken to through ssh(1) as the docker client does. */
#ifndef UNR_FETCH_SSH_H
#define UNR_FETCH_SSH_H

#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

enum { UNR_SSH_NAME = 32 };

/**
 * unr_ssh_start() - run ssh, and on the other machine `docker system dial-stdio`
 * @host:     what follows ssh://: [USER@]HOST[:PORT][/SOCKET]
 * @ret_name: of an abstract socket: whoever calls this, and nobody else, can connect there, once
 *
 * What ssh says goes to standard error, what it asks to the terminal.
 *
 * Return: 0, -EINVAL for a host that is none, or -errno.
 */
UNR_MUST_CHECK int unr_ssh_start(const char *host, char ret_name[UNR_SSH_NAME],
				 struct unr_error *err);

#endif
