/* SPDX-License-Identifier: MIT */
/* Requests by libcurl: what all have in common, small answers, and what its errors mean. */
#ifndef UNR_FETCH_HTTP_H
#define UNR_FETCH_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "fetch/certificates.h"
#include "fetch/curl.h"
#include "fetch/head.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/**
 * unr_http_open() - a request for @url, to be released with easy_cleanup()
 * @insecure:     any certificate, and HTTP without TLS
 * @certificates: of the registry; may be NULL; borrowed for as long as the request
 *
 * Redirects are followed, to HTTPS only unless @insecure; credentials do not go along to another
 * host.  Proxies are those of the environment.
 *
 * Return: NULL when out of memory.
 */
CURL *unr_http_open(const struct unr_curl *curl, const char *url, bool insecure,
		    const struct unr_certificates *certificates);

/** unr_http_follow_head() - have the heads of the answers read into @head, the last one stays */
void unr_http_follow_head(const struct unr_curl *curl, CURL *easy, struct unr_http_head *head);

struct unr_http_answer {
	CURLcode code;
	long status;
	struct unr_text body; /* owned */
	bool too_long;
	char type[160]; /* of the body, without parameters, small letters */
	struct unr_http_head head;
};

void unr_http_answer_done(struct unr_http_answer *answer);
DEFINE_UNR_CLEANUP(struct unr_http_answer, unr_http_answer_done);

/**
 * unr_http_get() - make a request whose answer is small, again where that may help
 * @max: of the body's bytes
 *
 * What came of it is in @ret, whatever it is.
 */
void unr_http_get(const struct unr_curl *curl, CURL *easy, size_t max, struct unr_http_answer *ret);

/** unr_http_fail() - the error of a transfer that did not come about; @host is who was asked. */
int unr_http_fail(const struct unr_curl *curl, CURLcode code, const char *host,
		  struct unr_error *err);

/** unr_http_fail_status() - that of an answer nobody wants: status and what it was asked for */
int unr_http_fail_status(long status, const char *host, const char *what, struct unr_error *err);

#endif
