/* SPDX-License-Identifier: MIT */
/*
 * What a layer may take of the host (--limit-inodes, --limit-file-size), looked at
 * before it is taken.  Which option it was is added where the options are known.
 */
#include <errno.h>
#include <inttypes.h>

#include "unpack/internal.h"

static bool is_above(const struct unpack *u, enum unr_limit limit, uint64_t value)
{
	const struct unr_limits *limits = u->options->limits;

	return limits != NULL && value > limits->of[limit];
}

int limit_node(struct unpack *u)
{
	if (!is_above(u, UNR_LIMIT_INODES, ++u->nodes))
		return 0;
	return unr_fail(u->err, UNR_ERROR_FAILED, -UNR_TOO_MANY_FILES,
			"layer %u has too many files", u->options->layer);
}

int limit_size(struct unpack *u)
{
	unr_auto(unr_text_done) struct unr_text name = { 0 };

	if (u->entry->size <= 0 || !is_above(u, UNR_LIMIT_FILE_SIZE, (uint64_t) u->entry->size))
		return 0;
	unr_text_escape(&name, unr_text_string(&u->name), u->name.length);
	return unr_fail(u->err, UNR_ERROR_FAILED, -EFBIG,
			"layer %u, %.300s: a file of %" PRId64 " bytes is too large",
			u->options->layer, unr_text_string(&name), u->entry->size);
}
