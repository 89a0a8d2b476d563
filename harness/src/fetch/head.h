/* SPDX-License-Identifier: MIT */
/*
 * The head of an answer, as far as it is looked at.  Read line by line, as libcurl
 * has a function for that from 7.83 on only.
 */
#ifndef UNR_FETCH_HEAD_H
#define UNR_FETCH_HEAD_H

#include <stddef.h>
#include <stdint.h>

#define UNR_HEAD_NO_RANGE UINT64_MAX

struct unr_http_head {
	char challenge[1024]; /* of several WWW-Authenticate the one that can be met best; or "" */
	uint64_t range;       /* the first byte of a Content-Range, or UNR_HEAD_NO_RANGE */
	int64_t retry_after;  /* seconds from now, -1 for none */
};

/** unr_http_head_line() - take a line; that of a status is the beginning of another head */
void unr_http_head_line(struct unr_http_head *head, const char *line, size_t length);

/**
 * unr_challenge_parameter() - the value of @key in `Bearer key="value",key=value`
 * @ret: "" when it is not there, or longer than @size
 */
void unr_challenge_parameter(const char *challenge, const char *key, char *ret, size_t size);

#endif
