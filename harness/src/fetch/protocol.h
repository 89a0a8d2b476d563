/* SPDX-License-Identifier: MIT */
/*
 * What is said to a fetcher, and what it tells of its own accord.  It believes no
 * word of it, as who asks reads hostile bytes; and nobody believes the fetcher,
 * which reads a stranger's.
 */
#ifndef UNR_FETCH_PROTOCOL_H
#define UNR_FETCH_PROTOCOL_H

#include <stdint.h>

#include "image/digest.h"
#include "usernsrepro/progress.h"

enum unr_fetch_word {
	UNR_FETCH_ANNOUNCE = 1, /* no answer */
	UNR_FETCH_ASK,          /* 'F' with a descriptor, or 'E' and a struct unr_error */
};

struct unr_fetch_request {
	uint32_t word;
	uint32_t unused;
	uint64_t size; /* of ANNOUNCE */
	char name[UNR_DIGEST_SIZE + 16];
};

/* How far a blob is.  Shorter than PIPE_BUF, so that a pipe has it whole or not at all. */
struct unr_fetch_news {
	uint32_t state; /* enum unr_layer_state, from WAITING to DOWNLOADED */
	uint32_t unused;
	uint64_t have; /* bytes */
	char digest[UNR_DIGEST_SIZE];
};

#endif
