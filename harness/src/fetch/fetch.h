/* SPDX-License-Identifier: MIT */
/*
 * Images that are not files: a registry's, and a running engine's.  Whoever
 * speaks to the network is a process of its own, the fetcher, without any
 * privilege; it hands out descriptors of files that have no name.
 *
 *   fetcher (libcurl) <==struct unr_fetch_request== child (parses manifests, extracts)
 *                      ==a descriptor or an error==>
 *                      ==struct unr_fetch_news==> parent (progress)
 */
#ifndef UNR_FETCH_FETCH_H
#define UNR_FETCH_FETCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "image/docker_name.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"
#include "usernsrepro/progress.h"

struct unr_fetch_options {
	bool insecure;     /* any certificate will do, and HTTP without TLS too */
	bool verify;       /* compare blobs with their digests */
	bool again;        /* blobs are asked for more than once */
	const char *cache; /* directory that keeps blobs; NULL: none */
};

struct unr_fetcher {
	pid_t pid; /* 0: none */
	int words; /* owned; where a daemon's fetcher says what went wrong; -EBADF: not there */
	int news;  /* owned; where a registry's tells how far its blobs are; -EBADF: not there */
};

#define UNR_FETCHER_NONE                                                                           \
	{                                                                                          \
		.words = -EBADF, .news = -EBADF                                                    \
	}

/**
 * unr_fetch_registry() - start the fetcher of an image in a registry
 * @ret_socket: for unr_fetch_ask() and unr_fetch_announce(); owned by the caller
 *
 * Nothing is asked of the registry yet.  The fetcher dies with the caller.
 *
 * Return: 0 or -errno.
 */
UNR_MUST_CHECK int unr_fetch_registry(const struct unr_docker_name *name,
				      const struct unr_fetch_options *options,
				      struct unr_fetcher *ret, int *ret_socket,
				      struct unr_error *err);

/**
 * unr_fetch_daemon() - start the fetcher of an image of a docker engine
 * @reference: a name with tag or digest, or an image's id
 * @ret_pipe:  what `docker save` would write; owned by the caller
 *
 * Returns once the engine has agreed.  The engine is that of DOCKER_HOST, or the local one.
 *
 * Return: 0, or -errno of the connection or for what the engine refuses.
 */
UNR_MUST_CHECK int unr_fetch_daemon(const char *reference, struct unr_fetcher *ret, int *ret_pipe,
				    struct unr_error *err);

/**
 * unr_fetcher_hear() - the next news of a registry's fetcher, waiting for it
 * @ret_digest: of the blob; of the caller's size UNR_DIGEST_SIZE
 *
 * Return: 1, 0 when there will be none any more, -EPROTO for what makes no sense, -errno.
 */
UNR_MUST_CHECK int unr_fetcher_hear(struct unr_fetcher *fetcher, char *ret_digest,
				    enum unr_layer_state *ret_state, uint64_t *ret_have);

/**
 * unr_fetcher_stop() - end a fetcher
 * @err: of a run that failed: what the fetcher knows of the cause replaces it; NULL: do not ask
 */
void unr_fetcher_stop(struct unr_fetcher *fetcher, struct unr_error *err);

/**
 * unr_fetch_announce() - say that a blob will be wanted; they are fetched in this order
 * @name: "blobs/<algorithm>/<hex>"
 * @size: by its descriptor; it may not be longer
 */
UNR_MUST_CHECK int unr_fetch_announce(int socket, const char *name, uint64_t size,
				      struct unr_error *err);

/**
 * unr_fetch_ask() - wait for a file
 * @name: "manifest", "manifests/<digest>", or a blob that was announced
 *
 * Return: 0 with a descriptor for reading, or the error of fetching it.
 */
UNR_MUST_CHECK int unr_fetch_ask(int socket, const char *name, int *ret_fd, struct unr_error *err);

#endif
