/* SPDX-License-Identifier: MIT */
/* Answering a registry that wants to know who asks: basic credentials, or a token for them. */
#ifndef UNR_FETCH_AUTH_H
#define UNR_FETCH_AUTH_H

#include <stdbool.h>

#include "fetch/certificates.h"
#include "fetch/credentials.h"
#include "fetch/curl.h"
#include "image/docker_name.h"

struct unr_auth {
	const struct unr_curl *curl; /* borrowed */
	bool looked_up;
	struct unr_error not_found;         /* why there are none, told once they are wanted */
	unsigned int met;                   /* challenges so far */
	struct unr_credentials credentials; /* owned */
	bool basic;                         /* send them */
	char *header;                       /* owned; "Authorization: Bearer ..." or NULL */
};

void unr_auth_done(struct unr_auth *auth);

/**
 * unr_auth_prepare() - look for credentials, before anything of a stranger is read
 *
 * Runs a credential helper; what goes wrong is told by unr_auth_meet().
 */
void unr_auth_prepare(struct unr_auth *auth, const struct unr_docker_name *name);

/** unr_auth_apply() - make a request as who one is; the list is the caller's, to be grown */
UNR_MUST_CHECK int unr_auth_apply(const struct unr_auth *auth, CURL *easy,
				  struct curl_slist **headers);

/**
 * unr_auth_meet() - do what a WWW-Authenticate asks for
 *
 * Return: 0 when the request is worth another try, or -errno with what is to be told.
 */
UNR_MUST_CHECK int unr_auth_meet(struct unr_auth *auth, const struct unr_docker_name *name,
				 const char *challenge, bool insecure,
				 const struct unr_certificates *certificates,
				 struct unr_error *err);

/**
 * unr_auth_keep_token() - take what a token server answered
 * @realm: how messages call it
 *
 * Return: 0 with the header set, -EBADMSG for what is no answer or no token, -ENOMEM.
 */
UNR_MUST_CHECK int unr_auth_keep_token(struct unr_auth *auth, const struct unr_text *answer,
				       const char *realm, struct unr_error *err);

#endif
