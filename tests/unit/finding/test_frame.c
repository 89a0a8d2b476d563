/* SPDX-License-Identifier: MIT */
/* finding/frame: frames over a socket, in parts, and those that say they are too long. */
#include "unr_test.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "child.h"
#include "finding/frame.h"

struct pair {
	int ours, theirs;
};

static int make_pair(void **state)
{
	struct pair *pair = malloc(sizeof(*pair));
	int fds[2];

	if (pair == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return -1;
	*pair = (struct pair) { fds[0], fds[1] };
	*state = pair;
	return 0;
}

static int close_pair(void **state)
{
	struct pair *pair = *state;

	unr_close(&pair->ours);
	unr_close(&pair->theirs);
	free(pair);
	return 0;
}

/* Fills until a frame is whole. */
static void receive(struct unr_inbox *inbox, int fd, uint32_t *ret_type,
		    struct unr_wire_reader *ret_payload)
{
	int r;

	while ((r = unr_inbox_next(inbox, ret_type, ret_payload)) == 0)
		assert_int_equal(unr_inbox_fill(inbox, fd), 1);
	assert_int_equal(r, 1);
}

static void frame__arrives_whole(void **state)
{
	const struct pair *pair = *state;
	unr_auto(unr_text_done) struct unr_text sent = { 0 };
	unr_auto(unr_inbox_done) struct unr_inbox inbox = { 0 };
	struct unr_wire_reader got = { 0 };
	uint32_t type = 0;

	unr_text_append(&sent, "a\0b", 3);
	assert_int_equal(unr_frame_send(pair->ours, 7, &sent), 0);
	unr_text_clear(&sent);
	assert_int_equal(unr_frame_send(pair->ours, UINT32_MAX, &sent), 0);
	receive(&inbox, pair->theirs, &type, &got);
	assert_int_equal(type, 7);
	assert_int_equal(got.left, 3);
	assert_memory_equal(got.bytes, "a\0b", 3);
	assert_false(got.failed);
	/* One read took both. */
	assert_false(unr_inbox_is_empty(&inbox));
	assert_int_equal(unr_inbox_next(&inbox, &type, &got), 1);
	assert_int_equal(type, UINT32_MAX);
	assert_int_equal(got.left, 0);
	assert_true(unr_inbox_is_empty(&inbox));
	assert_int_equal(unr_inbox_next(&inbox, &type, &got), 0);
}

#define LARGE 300000

static int send_large(void *arg)
{
	const struct pair *pair = arg;
	unr_auto(unr_text_done) struct unr_text sent = { 0 };

	for (int i = 0; i < LARGE; i++)
		unr_text_append(&sent, &(char) { (char) (i % 251) }, 1);
	return unr_frame_send(pair->ours, 1, &sent) == 0 ? 0 : 1;
}

/* Larger than a socket's buffer: the other side has to read meanwhile. */
static void frame__may_be_large(void **state)
{
	struct pair *pair = *state;
	unr_auto(unr_inbox_done) struct unr_inbox inbox = { 0 };
	struct unr_wire_reader got = { 0 };
	uint32_t type = 0;
	pid_t pid = fork();
	int status = -1;

	assert_true(pid >= 0);
	if (pid == 0)
		unr_test_child_exit(send_large(pair));
	receive(&inbox, pair->theirs, &type, &got);
	assert_int_equal(got.left, LARGE);
	for (int i = 0; i < LARGE; i++)
		assert_int_equal((unsigned char) got.bytes[i], i % 251);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void fill__says_that_the_other_side_is_gone(void **state)
{
	struct pair *pair = *state;
	unr_auto(unr_inbox_done) struct unr_inbox inbox = { 0 };

	unr_close(&pair->ours);
	assert_int_equal(unr_inbox_fill(&inbox, pair->theirs), 0);
	assert_int_equal(unr_inbox_fill(&inbox, -1), -EBADF);
	assert_true(unr_inbox_is_empty(&inbox));
}

/* Cut after any of its bytes, behind another: the part is kept until the rest comes. */
static void next__waits_for_the_rest_of_a_frame(void **state)
{
	static const unsigned char frames[] = { 5, 0, 0, 0, 1, 0, 0, 0,   'z', 7,
						0, 0, 0, 3, 0, 0, 0, 'a', 'b', 'c' };
	const struct pair *pair = *state;

	for (size_t cut = 10; cut < sizeof(frames); cut++) {
		unr_auto(unr_inbox_done) struct unr_inbox inbox = { 0 };
		struct unr_wire_reader got = { 0 };
		uint32_t type = 77;

		assert_int_equal(unr_write_full(pair->ours, frames, cut), 0);
		assert_int_equal(unr_inbox_fill(&inbox, pair->theirs), 1);
		assert_int_equal(unr_inbox_next(&inbox, &type, &got), 1);
		assert_int_equal(type, 5);
		assert_int_equal(unr_inbox_next(&inbox, &type, &got), 0);
		assert_int_equal(type, 5);
		assert_false(unr_inbox_is_empty(&inbox));
		assert_int_equal(unr_write_full(pair->ours, frames + cut, sizeof(frames) - cut), 0);
		receive(&inbox, pair->theirs, &type, &got);
		assert_int_equal(type, 7);
		assert_memory_equal(got.bytes, "abc", 3);
		assert_true(unr_inbox_is_empty(&inbox));
	}
}

/* The length is looked at before anything is read or reserved. */
static void next__refuses_a_frame_too_long(void **state)
{
	static const uint32_t lengths[] = { UNR_FRAME_MAX + 1, UINT32_MAX };
	const struct pair *pair = *state;

	for (size_t i = 0; i < UNR_COUNT(lengths); i++) {
		const uint32_t head[2] = { htole32(1), htole32(lengths[i]) };
		unr_auto(unr_inbox_done) struct unr_inbox inbox = { 0 };
		struct unr_wire_reader got = { 0 };
		uint32_t type = 77;

		assert_int_equal(unr_write_full(pair->ours, head, sizeof(head)), 0);
		assert_int_equal(unr_inbox_fill(&inbox, pair->theirs), 1);
		assert_int_equal(unr_inbox_next(&inbox, &type, &got), -EPROTO);
	}
}

static void send__refuses_a_payload_too_long(void **state)
{
	const struct pair *pair = *state;
	char byte = 'x';
	/* Only the length is looked at. */
	const struct unr_text payload = { .bytes = &byte, .length = (size_t) UNR_FRAME_MAX + 1 };

	assert_int_equal(unr_frame_send(pair->ours, 1, &payload), -EMSGSIZE);
	assert_int_equal(recv(pair->theirs, &byte, 1, MSG_DONTWAIT), -1);
}

static void send__refuses_a_payload_that_failed(void **state)
{
	const struct pair *pair = *state;
	const struct unr_text payload = { .failed = true };
	char byte;

	assert_int_equal(unr_frame_send(pair->ours, 1, &payload), -ENOMEM);
	assert_int_equal(recv(pair->theirs, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(unr_frame_send(-1, 1, &(struct unr_text) { 0 }), -EBADF);
}

#define WITH_PAIR(test) cmocka_unit_test_setup_teardown(test, make_pair, close_pair)

static const struct CMUnitTest tests[] = {
	WITH_PAIR(frame__arrives_whole),
	WITH_PAIR(frame__may_be_large),
	WITH_PAIR(fill__says_that_the_other_side_is_gone),
	WITH_PAIR(next__waits_for_the_rest_of_a_frame),
	WITH_PAIR(next__refuses_a_frame_too_long),
	WITH_PAIR(send__refuses_a_payload_too_long),
	WITH_PAIR(send__refuses_a_payload_that_failed),
};

UNR_TEST_MAIN("frame", tests, NULL);
