/* SPDX-License-Identifier: MIT */
/* Small JSON files that docker and podman keep for a user. */
#ifndef UNR_FETCH_USERFILE_H
#define UNR_FETCH_USERFILE_H

#include "base/text.h"
#include "image/json.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/** unr_userfile_docker() - the path of a file of docker's: below $DOCKER_CONFIG or ~/.docker
 *
 * Empty when there is no place for one.
 */
void unr_userfile_docker(struct unr_text *ret, const char *name);

/**
 * unr_userfile_read() - its content
 * @what: what it is called in messages, before its path
 *
 * Return: 1, 0 when there is no such file or nothing in it, -EBADMSG for what is no JSON, -errno.
 */
UNR_MUST_CHECK int unr_userfile_read(const char *path, const char *what, struct unr_json *ret,
				     struct unr_error *err);

#endif
