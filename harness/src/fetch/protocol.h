/* SPDX-License-Identifier: MIT */
/* What is said to a fetcher.  It believes no word of it: who asks reads hostile bytes. */
#ifndef UNR_FETCH_PROTOCOL_H
#define UNR_FETCH_PROTOCOL_H

#include <stdint.h>

#include "image/digest.h"

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

#endif
