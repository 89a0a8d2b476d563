/* SPDX-License-Identifier: MIT */
/* Sockets to the child and its workers: see lines.h. */
#include "run/lines.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"

int unr_lines_open(size_t n, struct unr_lines *ret, struct unr_line_ends *ret_ends)
{
	struct unr_lines lines = { .of[0].fd = -EBADF, .n = 1, .other = -EBADF };
	struct unr_line_ends ends = { 0 };

	while (ends.n < n) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
			int error = errno;

			unr_lines_done(&lines);
			unr_line_ends_done(&ends);
			return -error;
		}
		lines.of[lines.n++].fd = pair[0];
		ends.fds[ends.n++] = pair[1];
	}
	*ret = lines;
	*ret_ends = ends;
	return 0;
}

void unr_lines_done(struct unr_lines *lines)
{
	for (size_t i = 0; i < lines->n; i++) {
		unr_close(&lines->of[i].fd);
		unr_inbox_done(&lines->of[i].inbox);
	}
	lines->n = 0;
}

void unr_line_ends_done(struct unr_line_ends *ends)
{
	for (size_t i = 0; i < ends->n; i++)
		unr_close(&ends->fds[i]);
	ends->n = 0;
}

bool unr_lines_are_empty(const struct unr_lines *lines)
{
	for (size_t i = 1; i < lines->n; i++)
		if (!unr_inbox_is_empty(&lines->of[i].inbox))
			return false;
	return true;
}

void unr_lines_limit(struct unr_lines *lines, uint64_t seconds)
{
	/* What is too long for the clock is longer than the clock will run. */
	lines->deadline_ms = seconds < UINT32_MAX ? unr_now_ms() + (int64_t) seconds * 1000 : 0;
}

/* For poll(2): how long until the deadline, -1: for ever. */
static int time_left(const struct unr_lines *lines)
{
	int64_t left = lines->deadline_ms - unr_now_ms();

	if (lines->deadline_ms == 0)
		return -1;
	if (left < 0)
		return 0;
	return left < INT_MAX ? (int) left : INT_MAX;
}

/* Reads what has come over the polled lines: how many had something, or -errno. */
static int read_lines(struct unr_lines *lines, const struct pollfd *polled, size_t first,
		      size_t end)
{
	int filled = 0;

	for (size_t i = first; i < end; i++) {
		struct unr_line *line = &lines->of[i];
		int r;

		if (polled[i].revents == 0)
			continue;
		r = unr_inbox_fill(&line->inbox, line->fd);
		if (r < 0)
			return r;
		if (r == 0)
			unr_close(&line->fd);
		filled++;
	}
	return filled;
}

static void poll_for(const struct unr_lines *lines, size_t end, struct pollfd *ret)
{
	for (size_t i = 0; i < end; i++)
		ret[i] = (struct pollfd) { .fd = lines->of[i].fd, .events = POLLIN };
}

/* What workers have said so far; how many, or -errno. */
static int glance_at_workers(struct unr_lines *lines, size_t end)
{
	struct pollfd polled[UNR_LINES_MAX + 1];

	poll_for(lines, end, polled);
	if (poll(polled + 1, end - 1, 0) < 0)
		return errno == EINTR ? 0 : -errno;
	return read_lines(lines, polled, 1, end);
}

/* Waits for any; UNR_LINES_OTHER where that has something, 0, or -errno. */
static int await(struct unr_lines *lines, size_t end)
{
	struct pollfd polled[UNR_LINES_MAX + 2];
	int left = time_left(lines);
	int r;

	if (left == 0)
		return -ETIME;
	poll_for(lines, end, polled);
	polled[end] = (struct pollfd) { .fd = lines->other, .events = POLLIN };
	if (poll(polled, end + 1, left) < 0)
		return errno == EINTR ? 0 : -errno;
	r = read_lines(lines, polled, 0, end);
	if (r < 0)
		return r;
	return polled[end].revents != 0 ? UNR_LINES_OTHER : 0;
}

/* A worker's frame that is here already; as unr_inbox_next(). */
static int take_from_workers(struct unr_lines *lines, struct unr_line **ret_line,
			     uint32_t *ret_type, struct unr_wire_reader *ret_payload)
{
	int r = 0;

	for (size_t i = 1; i < lines->n && r == 0; i++) {
		*ret_line = &lines->of[i];
		r = unr_inbox_next(&(*ret_line)->inbox, ret_type, ret_payload);
	}
	return r;
}

/* A frame of the child; -EAGAIN: workers have said something before it. */
static int take_from_child(struct unr_lines *lines, size_t end, struct unr_line **ret_line,
			   uint32_t *ret_type, struct unr_wire_reader *ret_payload)
{
	struct unr_inbox *inbox = &lines->of[0].inbox;
	const size_t begin = inbox->begin;
	int r = unr_inbox_next(inbox, ret_type, ret_payload);
	int filled = r > 0 ? glance_at_workers(lines, end) : 0;

	*ret_line = &lines->of[0];
	if (filled == 0)
		return r;
	inbox->begin = begin;
	return filled < 0 ? filled : -EAGAIN;
}

int unr_lines_wait(struct unr_lines *lines, bool workers, struct unr_line **ret_line,
		   uint32_t *ret_type, struct unr_wire_reader *ret_payload)
{
	const size_t end = workers ? lines->n : 1;

	for (;;) {
		int r = workers ? take_from_workers(lines, ret_line, ret_type, ret_payload) : 0;

		if (r == 0)
			r = take_from_child(lines, end, ret_line, ret_type, ret_payload);
		if (r == -EAGAIN)
			continue;
		if (r != 0)
			return r < 0 ? r : 0;
		if (lines->of[0].fd < 0)
			return -EPIPE;
		r = await(lines, end);
		if (r != 0)
			return r;
	}
}
