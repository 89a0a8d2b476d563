/* SPDX-License-Identifier: MIT */
/* When a request may be made again, and after how long; never without end. */
#ifndef UNR_FETCH_RETRY_H
#define UNR_FETCH_RETRY_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

struct unr_retry {
	unsigned int attempts; /* in a row that got nowhere */
	uint64_t reached;      /* bytes that there were when they were last counted from one */
};

/** unr_retry_is_passing() - is it of those faults that another try may not meet? */
bool unr_retry_is_passing(CURLcode code, long status);

/**
 * unr_retry_next() - one more try?
 * @after: seconds by the answer's Retry-After, of which up to a minute count; -1 for none
 * @have:  bytes that are there; an attempt that brought a good piece does not count
 *
 * Return: milliseconds to wait before it, or -1 when it is enough.
 */
long unr_retry_next(struct unr_retry *retry, int64_t after, uint64_t have);

#endif
