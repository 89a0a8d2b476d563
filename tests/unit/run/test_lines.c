/* SPDX-License-Identifier: MIT */
/* run/lines: whose frame comes first, and lines that break off. */
#include "unr_test.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "run/lines.h"

/* The parent's ends; the test plays the child and two workers. */
struct exchange {
	struct unr_lines lines;
	struct unr_line_ends workers;
	int child;
};

static int make_exchange(void **state)
{
	struct exchange *e = calloc(1, sizeof(*e));
	int pair[2];

	if (e == NULL || unr_lines_open(2, &e->lines, &e->workers) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	e->lines.of[0].fd = pair[0];
	e->child = pair[1];
	*state = e;
	return 0;
}

static int drop_exchange(void **state)
{
	struct exchange *e = *state;

	unr_lines_done(&e->lines);
	unr_line_ends_done(&e->workers);
	unr_close(&e->child);
	free(e);
	return 0;
}

static void say(int fd, uint32_t type)
{
	assert_int_equal(unr_frame_send(fd, type, &(struct unr_text) { 0 }), 0);
}

/* The type of the next frame, or the error. */
static int hear(struct exchange *e, bool workers)
{
	struct unr_wire_reader payload;
	struct unr_line *line = NULL;
	uint32_t type = 0;
	int r = unr_lines_wait(&e->lines, workers, &line, &type, &payload);

	return r < 0 ? r : (int) type;
}

static void lines__have_as_many_ends_as_were_asked_for(void **state)
{
	const struct exchange *e = *state;

	assert_int_equal(e->workers.n, 2);
	assert_int_equal(e->lines.n, 3);
	assert_true(unr_lines_are_empty(&e->lines));
}

/* Both in one read of the child's line, the workers' after it. */
static void workers__come_before_the_child(void **state)
{
	struct exchange *e = *state;

	say(e->child, 1);
	say(e->child, 2);
	say(e->workers.fds[1], 11);
	assert_int_equal(hear(e, false), 1);
	assert_int_equal(hear(e, true), 11);
	say(e->workers.fds[0], 12);
	assert_int_equal(hear(e, true), 12);
	assert_int_equal(hear(e, true), 2);
}

static void workers__are_not_heard_until_wanted(void **state)
{
	struct exchange *e = *state;

	say(e->workers.fds[0], 11);
	say(e->child, 1);
	assert_int_equal(hear(e, false), 1);
	assert_int_equal(hear(e, true), 11);
}

static void frame__tells_whose_it_is(void **state)
{
	struct exchange *e = *state;

	for (size_t i = 0; i < 2; i++) {
		struct unr_wire_reader payload;
		struct unr_line *line = NULL;
		uint32_t type = 0;

		say(e->workers.fds[i], 5);
		assert_int_equal(unr_lines_wait(&e->lines, true, &line, &type, &payload), 0);
		assert_ptr_equal(line, &e->lines.of[i + 1]);
	}
}

/* Half a frame hinders neither the others nor the child. */
static void worker__may_break_off(void **state)
{
	struct exchange *e = *state;

	assert_int_equal(unr_write_full(e->workers.fds[0], "\4\0\0\0\1", 5), 0);
	say(e->workers.fds[1], 11);
	say(e->child, 1);
	assert_int_equal(hear(e, true), 11);
	assert_int_equal(hear(e, true), 1);
	assert_false(unr_lines_are_empty(&e->lines));
	unr_close(&e->workers.fds[0]);
	say(e->workers.fds[1], 12);
	say(e->child, 2);
	assert_int_equal(hear(e, true), 12);
	assert_int_equal(hear(e, true), 2);
	assert_int_equal(e->lines.of[1].fd, -EBADF);
}

static void child__ends_it(void **state)
{
	struct exchange *e = *state;

	say(e->child, 1);
	unr_close(&e->child);
	assert_int_equal(hear(e, true), 1);
	assert_int_equal(hear(e, true), -EPIPE);
}

static void frame__too_long_is_refused(void **state)
{
	struct exchange *e = *state;

	assert_int_equal(unr_write_full(e->workers.fds[0], "\1\0\0\0\377\377\377\377", 8), 0);
	assert_int_equal(hear(e, true), -EPROTO);
}

#define WITH_EXCHANGE(test) cmocka_unit_test_setup_teardown(test, make_exchange, drop_exchange)

static const struct CMUnitTest tests[] = {
	WITH_EXCHANGE(lines__have_as_many_ends_as_were_asked_for),
	WITH_EXCHANGE(workers__come_before_the_child),
	WITH_EXCHANGE(workers__are_not_heard_until_wanted),
	WITH_EXCHANGE(frame__tells_whose_it_is),
	WITH_EXCHANGE(worker__may_break_off),
	WITH_EXCHANGE(child__ends_it),
	WITH_EXCHANGE(frame__too_long_is_refused),
};

UNR_TEST_MAIN("lines", tests, NULL);
