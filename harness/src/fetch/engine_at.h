/* SPDX-License-Identifier: MIT */
/* Where the docker engine is: DOCKER_HOST, a context of the docker client, or the local socket. */
#ifndef UNR_FETCH_ENGINE_AT_H
#define UNR_FETCH_ENGINE_AT_H

#include <stdbool.h>

#include "base/cleanup.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

struct unr_engine_at {
	char *host; /* owned; unix://, tcp:// or ssh:// and what follows */
	bool tls, insecure;
	char *certificates; /* owned; directory of ca.pem, cert.pem and key.pem; NULL for none */
};

void unr_engine_at_done(struct unr_engine_at *at);
DEFINE_UNR_CLEANUP(struct unr_engine_at, unr_engine_at_done);

/**
 * unr_engine_at_find() - as the docker client goes about it
 *
 * DOCKER_HOST counts before DOCKER_CONTEXT, that before the current context of config.json.
 *
 * Return: 0, -ENOENT for a context that is not there, -EBADMSG for a file that is wrong, or -errno.
 */
UNR_MUST_CHECK int unr_engine_at_find(struct unr_engine_at *ret, struct unr_error *err);

#endif
