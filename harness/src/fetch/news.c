/* SPDX-License-Identifier: MIT */
/* When news are worth telling, and a pipe without room: see news.h. */
#include "fetch/news.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "fetch/protocol.h"

/* As often as docker does (pkg/progress, pkg/ioutils): not before a part has come, and a while. */
enum { PERCENT = 100, PART_MAX = 512 << 10, WHILE_MS = 100 };

static bool is_news(const struct unr_news *news, enum unr_layer_state state, uint64_t have,
		    uint64_t size)
{
	uint64_t part = size / PERCENT < PART_MAX ? size / PERCENT : PART_MAX;

	if (state != news->state)
		return true;
	if (state != UNR_LAYER_DOWNLOADING || have == news->have)
		return false;
	/* Less than before: from the first byte on once more. */
	return have == size || have < news->have ||
	       (have - news->have > part && unr_now_ms() - news->when >= WHILE_MS);
}

bool unr_news_tell(struct unr_news *news, int fd, const char *digest, enum unr_layer_state state,
		   uint64_t have, uint64_t size)
{
	struct unr_fetch_news record = { .state = (uint32_t) state, .have = have };
	ssize_t n;

	if (fd < 0 || !is_news(news, state, have, size))
		return true;
	(void) snprintf(record.digest, sizeof(record.digest), "%s", digest);
	do {
		n = write(fd, &record, sizeof(record));
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return false;
	*news = (struct unr_news) { .state = state, .have = have, .when = unr_now_ms() };
	return true;
}
