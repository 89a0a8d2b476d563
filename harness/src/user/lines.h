/* SPDX-License-Identifier: MIT */
/*
 * The lines of a file, as Go's bufio cuts them: with a limit, where one that is
 * too long is an error of the whole file, or without.
 */
#ifndef UNR_USER_LINES_H
#define UNR_USER_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "user/number.h"

/* A line that is longer would not be read whatever the engine does. */
#define UNR_LINE_MAX ((size_t) 64 << 20)

struct unr_user_lines {
	int fd;          /* borrowed; read from its beginning */
	size_t limit;    /* bytes of a line and its end; 0: any */
	uint64_t bytes;  /* that may be read at all; 0: any */
	uint64_t offset; /* read so far */
	char *buffer;    /* owned */
	size_t start, end, room;
	bool at_end;
};

void unr_user_lines_done(struct unr_user_lines *lines);
DEFINE_UNR_CLEANUP(struct unr_user_lines, unr_user_lines_done);

/**
 * unr_user_lines_next() - the next one, without its end
 * @ret: borrowed until the next call
 *
 * Return: 1, 0 at the end, -EMSGSIZE for a line above the limit, -EFBIG for a file above it, -E2BIG
 * for a line above UNR_LINE_MAX, -EISDIR or another -errno of the read, -ENOMEM.
 */
UNR_MUST_CHECK int unr_user_lines_next(struct unr_user_lines *lines, struct unr_slice *ret);

#endif
