/* SPDX-License-Identifier: MIT */
/* src/subid: a user without ranges; tests/userns/ has those with some. */
#include "maps.h"

#include <fcntl.h>
#include <unistd.h>

#include "idmap_auto.h"
#include "usernsrepro/subid.h"

/* Nobody has this name, and no number can be it. */
#define STRANGER "no:such:user"

static void ranges__of_a_stranger_are_none(void **state)
{
	unr_auto(unr_idmap_done) struct unr_idmap map = map_of("0:1:2");
	struct unr_error err = { 0 };

	(void) state;
	assert_int_equal(unr_subid_ranges(STRANGER, UNR_UID, 1, &map, &err), 0);
	assert_int_equal(unr_subid_ranges(STRANGER, UNR_GID, 1, &map, &err), 0);
	assert_map(&map, "0:1:2");
}

/* The lowest free descriptor: it rises when something is left open. */
static int lowest_free_fd(void)
{
	int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	return fd;
}

static void ask_often(struct unr_error *err)
{
	unr_auto(unr_idmap_done) struct unr_idmap map = { 0 };

	for (int i = 0; i < 20 && err->kind == UNR_ERROR_NONE; i++)
		(void) !unr_subid_ranges(STRANGER, UNR_UID, 1, &map, err);
}

static void ranges__leave_nothing_open(void **state)
{
	struct unr_error err = { 0 };
	int before;

	(void) state;
	/* What libsubid keeps open for good, it opens the first time. */
	ask_often(&err);
	before = lowest_free_fd();
	ask_often(&err);
	assert_int_equal(lowest_free_fd(), before);
	assert_string_equal(err.message, "");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(ranges__of_a_stranger_are_none),
	cmocka_unit_test(ranges__leave_nothing_open),
};

UNR_TEST_MAIN("subid", tests, NULL);
