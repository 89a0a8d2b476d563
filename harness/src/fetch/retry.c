/* SPDX-License-Identifier: MIT */
/* Counting tries and choosing pauses: see retry.h. */
#include "fetch/retry.h"

#include "usernsrepro/attr.h"

enum {
	ATTEMPTS_MAX = 5,     /* as many as docker makes (distribution/xfer/download.go) */
	GOOD_PIECE = 1 << 20, /* bytes; bounds the attempts by the size of the blob */
	FIRST_PAUSE_MS = 250, /* doubled each time */
	PAUSE_MAX_MS = 60 * 1000,
};

bool unr_retry_is_passing(CURLcode code, long status)
{
	static const CURLcode codes[] = {
		CURLE_PARTIAL_FILE, CURLE_RECV_ERROR,   CURLE_SEND_ERROR,         CURLE_GOT_NOTHING,
		CURLE_HTTP2,        CURLE_HTTP2_STREAM, CURLE_OPERATION_TIMEDOUT,
	};
	static const long statuses[] = { 408, 425, 429, 500, 502, 503, 504 };

	if (code == CURLE_OK) {
		for (size_t i = 0; i < UNR_COUNT(statuses); i++)
			if (statuses[i] == status)
				return true;
		return false;
	}
	for (size_t i = 0; i < UNR_COUNT(codes); i++)
		if (codes[i] == code)
			return true;
	return false;
}

long unr_retry_next(struct unr_retry *retry, int64_t after, uint64_t have)
{
	long pause;

	if (have >= retry->reached + GOOD_PIECE) {
		retry->reached = have;
		retry->attempts = 0;
	}
	if (++retry->attempts >= ATTEMPTS_MAX)
		return -1;
	if (after >= 0)
		return after > PAUSE_MAX_MS / 1000 ? PAUSE_MAX_MS : (long) after * 1000;
	pause = (long) FIRST_PAUSE_MS << (retry->attempts - 1);
	return pause > PAUSE_MAX_MS ? PAUSE_MAX_MS : pause;
}
