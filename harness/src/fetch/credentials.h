/* SPDX-License-Identifier: MIT */
/*
 * Credentials as `docker login`, `podman login` and `skopeo login` keep them: in
 * docker's config.json or podman's auth.json, or with the program
 * docker-credential-NAME that such a file names.
 */
#ifndef UNR_FETCH_CREDENTIALS_H
#define UNR_FETCH_CREDENTIALS_H

#include "base/cleanup.h"
#include "image/docker_name.h"
#include "image/json.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

struct unr_credentials {
	char *user, *password; /* owned; NULL: there are none */
	char *identity;        /* owned; a refresh token in their place; NULL: none */
};

void unr_credentials_done(struct unr_credentials *credentials);
DEFINE_UNR_CLEANUP(struct unr_credentials, unr_credentials_done);

/**
 * unr_credentials_find() - those for an image in a registry
 *
 * The files are those of containers-auth.json(5) in its order, docker's is the last; the file that
 * $REGISTRY_AUTH_FILE names is the only one.  In a file, as docker does: the helper of this host,
 * else the helper of all, else what stands there.
 *
 * Return: 0, also when there are none; -EBADMSG for a file that is wrong, -ENOENT for a helper that
 * is not there, or -errno.
 */
UNR_MUST_CHECK int unr_credentials_find(const struct unr_docker_name *name,
					struct unr_credentials *ret, struct unr_error *err);

/** unr_credentials_read() - what stands in a file; the error -EBADMSG never has a secret in it */
UNR_MUST_CHECK int unr_credentials_read(const struct unr_json_at *root,
					const struct unr_docker_name *name,
					struct unr_credentials *ret, struct unr_error *err);

#endif
