/* SPDX-License-Identifier: MIT */
/*
 * Credentials as `docker login` keeps them: in config.json of $DOCKER_CONFIG, or
 * with the program docker-credential-NAME that it names.
 */
#ifndef UNR_FETCH_CREDENTIALS_H
#define UNR_FETCH_CREDENTIALS_H

#include "base/cleanup.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

struct unr_credentials {
	char *user, *password; /* owned; NULL: there are none */
	char *identity;        /* owned; a refresh token in their place; NULL: none */
};

void unr_credentials_done(struct unr_credentials *credentials);
DEFINE_UNR_CLEANUP(struct unr_credentials, unr_credentials_done);

/**
 * unr_credentials_find() - those for a registry
 * @host: as in image names, with its port
 *
 * As docker does: the helper of this host, else the helper of all, else the file.
 *
 * Return: 0, also when there are none; -EBADMSG for a config.json that is wrong, -ENOENT for a
 * helper that is not there, or -errno.
 */
UNR_MUST_CHECK int unr_credentials_find(const char *host, struct unr_credentials *ret,
					struct unr_error *err);

#endif
