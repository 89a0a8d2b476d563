/* SPDX-License-Identifier: MIT */
/* Cutting a file into lines: see lines.h. */
#include "user/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"

#define FIRST_ROOM ((size_t) 4096)

void unr_user_lines_done(struct unr_user_lines *lines)
{
	free(lines->buffer);
	lines->buffer = NULL;
}

/* Makes room behind what is there; a full buffer without a line's end is a line too long. */
static int make_room(struct unr_user_lines *l)
{
	size_t wanted = l->room == 0 ? FIRST_ROOM : l->room * 2;
	char *buffer;

	if (l->start > 0) {
		memmove(l->buffer, l->buffer + l->start, l->end - l->start);
		l->end -= l->start;
		l->start = 0;
	}
	if (l->end < l->room)
		return 0;
	if (l->limit > 0 && l->room == l->limit)
		return -EMSGSIZE;
	if (l->room >= UNR_LINE_MAX)
		return -E2BIG;
	if (l->limit > 0 && wanted > l->limit)
		wanted = l->limit;
	buffer = realloc(l->buffer, wanted);
	if (buffer == NULL)
		return -ENOMEM;
	l->buffer = buffer;
	l->room = wanted;
	return 0;
}

static int read_more(struct unr_user_lines *l)
{
	size_t wanted;
	ssize_t n;
	int r = make_room(l);

	if (r < 0)
		return r;
	wanted = l->room - l->end;
	n = unr_pread_full(l->fd, l->buffer + l->end, wanted, l->offset);
	if (n < 0)
		return (int) n;
	l->offset += (uint64_t) n;
	l->end += (size_t) n;
	l->at_end = (size_t) n < wanted;
	return l->bytes > 0 && l->offset > l->bytes ? -EFBIG : 0;
}

int unr_user_lines_next(struct unr_user_lines *l, struct unr_slice *ret)
{
	size_t seen = 0;

	for (;;) {
		const char *from = l->buffer == NULL ? "" : l->buffer + l->start;
		const char *found = l->end - l->start == seen ?
					    NULL :
					    memchr(from + seen, '\n', l->end - l->start - seen);
		int r;

		if (found != NULL || (l->at_end && l->end > l->start)) {
			*ret = (struct unr_slice) { from, found == NULL ? l->end - l->start :
									  (size_t) (found - from) };
			l->start += ret->length + (found != NULL ? 1 : 0);
			if (ret->length > 0 && ret->bytes[ret->length - 1] == '\r')
				ret->length--;
			return 1;
		}
		if (l->at_end)
			return 0;
		seen = l->end - l->start;
		r = read_more(l);
		if (r < 0)
			return r;
	}
}
