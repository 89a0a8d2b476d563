/* SPDX-License-Identifier: MIT */
/* Sockets to the child and its workers: see lines.h. */
#include "run/lines.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

int unr_lines_open(size_t n, struct unr_lines *ret, struct unr_line_ends *ret_ends)
{
	struct unr_lines lines = { .of[0].fd = -EBADF, .n = 1 };
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

/* Reads what has come over the lines from @first to below @end: how many had something, or -errno. */
static int fill(struct unr_lines *lines, size_t first, size_t end, int timeout)
{
	struct pollfd polled[UNR_LINES_MAX + 1];
	int filled = 0;

	for (size_t i = first; i < end; i++)
		polled[i] = (struct pollfd) { .fd = lines->of[i].fd, .events = POLLIN };
	if (poll(polled + first, end - first, timeout) < 0)
		return errno == EINTR ? 0 : -errno;
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
	int filled = r > 0 ? fill(lines, 1, end, 0) : 0;

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
		r = fill(lines, 0, end, -1);
		if (r < 0)
			return r;
	}
}
