/* SPDX-License-Identifier: MIT */
/* Frames on a socket: see frame.h. */
#include "finding/frame.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "base/fd.h"

#define HEAD_SIZE (2 * sizeof(uint32_t))

/* Several hundred findings. */
#define PART_SIZE ((size_t) 64 << 10)

/* @frames fails where the payload has failed, or is too long. */
static void put_frame(struct unr_text *frames, uint32_t type, const struct unr_text *payload)
{
	const uint32_t head[2] = { htole32(type), htole32((uint32_t) payload->length) };

	if (payload->failed || payload->length > UNR_FRAME_MAX) {
		frames->failed = true;
		return;
	}
	unr_text_append(frames, head, sizeof(head));
	unr_text_append(frames, payload->bytes, payload->length);
}

int unr_frame_send(int fd, uint32_t type, const struct unr_text *payload)
{
	unr_auto(unr_text_done) struct unr_text frame = { 0 };

	if (payload->length > UNR_FRAME_MAX)
		return -EMSGSIZE;
	put_frame(&frame, type, payload);
	return frame.failed ? -ENOMEM : unr_write_full(fd, frame.bytes, frame.length);
}

int unr_frame_queue(struct unr_text *queue, int fd, uint32_t type, const struct unr_text *payload)
{
	put_frame(queue, type, payload);
	return queue->failed || queue->length >= PART_SIZE ? unr_frame_flush(queue, fd) : 0;
}

int unr_frame_flush(struct unr_text *queue, int fd)
{
	int r = queue->failed ? -ENOMEM : 0;

	if (r == 0 && queue->length > 0)
		r = unr_write_full(fd, queue->bytes, queue->length);
	unr_text_clear(queue);
	return r;
}

void unr_inbox_done(struct unr_inbox *inbox)
{
	unr_text_done(&inbox->bytes);
	inbox->begin = 0;
}

bool unr_inbox_is_empty(const struct unr_inbox *inbox)
{
	return inbox->begin == inbox->bytes.length;
}

/* The part of a frame that is there moves to the front. */
static void make_room(struct unr_inbox *inbox)
{
	struct unr_text *bytes = &inbox->bytes;

	if (inbox->begin == 0)
		return;
	bytes->length -= inbox->begin;
	memmove(bytes->bytes, bytes->bytes + inbox->begin, bytes->length);
	inbox->begin = 0;
}

int unr_inbox_fill(struct unr_inbox *inbox, int fd)
{
	char part[PART_SIZE];
	ssize_t n;

	do {
		n = read(fd, part, sizeof(part));
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : 0;
	make_room(inbox);
	unr_text_append(&inbox->bytes, part, (size_t) n);
	return inbox->bytes.failed ? -ENOMEM : 1;
}

int unr_inbox_next(struct unr_inbox *inbox, uint32_t *ret_type, struct unr_wire_reader *ret_payload)
{
	const size_t held = inbox->bytes.length - inbox->begin;
	const char *frame = unr_text_string(&inbox->bytes) + inbox->begin;
	uint32_t head[2], length;

	if (held < HEAD_SIZE)
		return 0;
	memcpy(head, frame, sizeof(head));
	length = le32toh(head[1]);
	if (length > UNR_FRAME_MAX)
		return -EPROTO;
	if (held - HEAD_SIZE < length)
		return 0;
	*ret_type = le32toh(head[0]);
	*ret_payload = (struct unr_wire_reader) { .bytes = frame + HEAD_SIZE, .left = length };
	inbox->begin += HEAD_SIZE + length;
	return 1;
}
