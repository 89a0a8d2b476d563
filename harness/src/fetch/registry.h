/* SPDX-License-Identifier: MIT */
/* What the parts of a registry's fetcher share.  Inside fetch/ only. */
#ifndef UNR_FETCH_REGISTRY_H
#define UNR_FETCH_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "fetch/auth.h"
#include "fetch/certificates.h"
#include "fetch/curl.h"
#include "image/docker_name.h"

struct unr_transfer;

struct unr_registry {
	const struct unr_curl *curl; /* borrowed */
	const struct unr_docker_name *name;
	bool insecure, verify, again; /* as the options have it */
	bool plain;                   /* HTTP without TLS, as it was found */
	int cache_fd;
	int news_fd;                          /* a pipe that does not block */
	struct unr_certificates certificates; /* borrowed */
	struct unr_auth auth;                 /* owned */
	CURLM *multi;                         /* owned */
	struct unr_transfer **transfers;      /* owned; as they were announced */
	size_t n_transfers, room;
	unsigned int n_running;
};

/**
 * unr_registry_request() - a request for "manifests" or "blobs", as who one is
 * @headers: grows; to be freed after the request
 *
 * Return: NULL when out of memory.
 */
CURL *unr_registry_request(const struct unr_registry *registry, const char *kind,
			   const char *reference, struct curl_slist **headers);

#endif
