/* SPDX-License-Identifier: MIT */
/*
 * libcurl, loaded by the one process that speaks to the network: with all that it
 * depends on it is half of the time that a command takes to start, and most
 * commands have no use for it.
 */
#ifndef UNR_FETCH_CURL_H
#define UNR_FETCH_CURL_H

#include <curl/curl.h>

#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/* Names and types as libcurl's header has them, without "curl_". */
#define UNR_CURL_FUNCTIONS(_)                                                                      \
	_(global_init)                                                                             \
	_(global_cleanup)                                                                          \
	_(free)                                                                                    \
	_(slist_append)                                                                            \
	_(slist_free_all)                                                                          \
	_(easy_init)                                                                               \
	_(easy_cleanup)                                                                            \
	_(easy_escape)                                                                             \
	_(easy_getinfo)                                                                            \
	_(easy_perform)                                                                            \
	_(easy_setopt)                                                                             \
	_(easy_strerror)                                                                           \
	_(multi_init)                                                                              \
	_(multi_cleanup)                                                                           \
	_(multi_add_handle)                                                                        \
	_(multi_info_read)                                                                         \
	_(multi_perform)                                                                           \
	_(multi_poll)                                                                              \
	_(multi_remove_handle)

struct unr_curl {
#define UNR_CURL_MEMBER(name) __typeof__(curl_##name) *name;
	UNR_CURL_FUNCTIONS(UNR_CURL_MEMBER)
#undef UNR_CURL_MEMBER
	void *library; /* owned */
};

/**
 * unr_curl_load() - load and initialise it
 *
 * Return: 0; -ENOENT where it is not installed, -ENOSYS where it is too old, -ENOMEM.
 */
UNR_MUST_CHECK int unr_curl_load(struct unr_curl *ret, struct unr_error *err);

/** unr_curl_done() - clean up and unload; none of its functions may be called any more. */
void unr_curl_done(struct unr_curl *curl);

#endif
