/* SPDX-License-Identifier: MIT */
/* Telling how far a blob is, seldom enough, and never waiting for whoever wants to know. */
#ifndef UNR_FETCH_NEWS_H
#define UNR_FETCH_NEWS_H

#include <stdbool.h>
#include <stdint.h>

#include "usernsrepro/progress.h"

/* A blob, and what was told of it last; zero: nothing. */
struct unr_news {
	enum unr_layer_state state;
	uint64_t have;
	int64_t when;
};

/**
 * unr_news_tell() - as a struct unr_fetch_news, if there is something to tell
 * @fd:   a pipe that does not block; -EBADF: nobody wants to know
 * @have: of @size bytes
 *
 * Return: false where there is no room: it is worth another try.
 */
bool unr_news_tell(struct unr_news *news, int fd, const char *digest, enum unr_layer_state state,
		   uint64_t have, uint64_t size);

#endif
