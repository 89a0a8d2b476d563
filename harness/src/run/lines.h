/* SPDX-License-Identifier: MIT */
/*
 * The sockets between the parent and those who work for it: one to the child
 * and one to each of its workers, so that layers which are extracted side by
 * side need not take turns, and none can spoil what another says.  Inside run/
 * only; knows nothing of what the frames mean.
 */
#ifndef UNR_RUN_LINES_H
#define UNR_RUN_LINES_H

#include <stddef.h>

#include "finding/frame.h"

/* Layers extracted at the same time, at most. */
#define UNR_LINES_MAX 16

/* The child's ends, which workers get. */
struct unr_line_ends {
	int fds[UNR_LINES_MAX]; /* owned */
	size_t n;
};

struct unr_line {
	int fd; /* owned; -EBADF: it broke off */
	struct unr_inbox inbox;
};

/* The parent's ends: the child's own line is the first. */
struct unr_lines {
	struct unr_line of[UNR_LINES_MAX + 1]; /* owned */
	size_t n;
	int64_t deadline_ms; /* of CLOCK_MONOTONIC; 0: none */
	int other; /* borrowed; waited for as well, but left to the caller; -EBADF: nothing */
};

/* unr_lines_wait() returns this when @other has something. */
#define UNR_LINES_OTHER 1

/**
 * unr_lines_open() - lines for @n workers, 1 to UNR_LINES_MAX
 * @ret:      the child's line is still to be put in its place
 * @ret_ends: to be closed once the child has them: unr_line_ends_done()
 *
 * Return: 0 or -errno, with nothing open.
 */
UNR_MUST_CHECK int unr_lines_open(size_t n, struct unr_lines *ret, struct unr_line_ends *ret_ends);

/** unr_lines_limit() - set the deadline @seconds from now; UINT64_MAX: none */
void unr_lines_limit(struct unr_lines *lines, uint64_t seconds);

void unr_lines_done(struct unr_lines *lines);
void unr_line_ends_done(struct unr_line_ends *ends);

/**
 * unr_lines_wait() - wait until a frame is to be had
 * @workers:     are they heard too?  What they said before the child spoke comes before that.
 * @ret_line:    whose it is
 * @ret_payload: borrowed until the next call
 *
 * Return: 0 with a frame, UNR_LINES_OTHER, -EPIPE when the child's own line has ended, -ETIME at the
 * deadline, -EPROTO, -ENOMEM or -errno.
 */
UNR_MUST_CHECK int unr_lines_wait(struct unr_lines *lines, bool workers, struct unr_line **ret_line,
				  uint32_t *ret_type, struct unr_wire_reader *ret_payload);

/** unr_lines_are_empty() - has every worker ended with a whole frame? */
bool unr_lines_are_empty(const struct unr_lines *lines);

#endif
