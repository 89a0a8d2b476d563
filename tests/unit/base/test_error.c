/* SPDX-License-Identifier: MIT */
/* base/error: the carried error's text, code and kind, also where nobody wants to know. */
#include "unr_test.h"

#include <errno.h>
#include <string.h>

#include "usernsrepro/error.h"

static void fail__fills_in_and_returns_the_code(void **state)
{
	struct unr_error err = { 0 };

	(void) state;
	assert_int_equal(unr_fail(&err, UNR_ERROR_USAGE, -EINVAL, "bad %s %d", "map", 7), -EINVAL);
	assert_int_equal(err.kind, UNR_ERROR_USAGE);
	assert_int_equal(err.code, -EINVAL);
	assert_string_equal(err.message, "bad map 7");
	assert_int_equal(unr_fail(&err, UNR_ERROR_FAILED, -EIO, "x"), -EIO);
	assert_string_equal(err.message, "x"); /* an older one is overwritten */
}

static void fail__without_a_place_still_returns_the_code(void **state)
{
	(void) state;
	assert_int_equal(unr_fail(NULL, UNR_ERROR_FAILED, -EIO, "x"), -EIO);
	assert_int_equal(unr_fail_memory(NULL), -ENOMEM);
	assert_int_equal(unr_fail_context(NULL, "x"), -EINVAL);
	errno = ENOSPC;
	assert_int_equal(unr_fail_errno(NULL, "x"), -ENOSPC);
}

static void fail__cuts_a_text_that_is_too_long(void **state)
{
	struct unr_error err = { 0 };

	(void) state;
	(void) unr_fail(&err, UNR_ERROR_FAILED, -EIO, "%1000d|", 5);
	assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
}

static void context__stands_in_front(void **state)
{
	struct unr_error err = { 0 };

	(void) state;
	(void) unr_fail(&err, UNR_ERROR_CANNOT_RUN, -EPERM, "not allowed");
	assert_int_equal(unr_fail_context(&err, "layer %d", 3), -EPERM);
	assert_string_equal(err.message, "layer 3: not allowed");
	assert_int_equal(err.kind, UNR_ERROR_CANNOT_RUN);
	assert_int_equal(err.code, -EPERM);
}

static void context__cuts_the_end_and_not_the_head(void **state)
{
	struct unr_error err = { 0 };

	(void) state;
	(void) unr_fail(&err, UNR_ERROR_FAILED, -EIO, "%400d", 5);
	(void) unr_fail_context(&err, "%s", "head");
	assert_int_equal(strlen(err.message), 406);
	(void) unr_fail_context(&err, "%200s", "new");
	assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
	assert_memory_equal(err.message + 197, "new: head: ", 11);
	(void) unr_fail_context(&err, "%1000s", "all of it");
	assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
}

static void memory__has_the_ordinary_text(void **state)
{
	struct unr_error err = { 0 };

	(void) state;
	assert_int_equal(unr_fail_memory(&err), -ENOMEM);
	assert_int_equal(err.kind, UNR_ERROR_FAILED);
	assert_int_equal(err.code, -ENOMEM);
	assert_string_equal(err.message, "out of memory");
}

static void errno__is_taken_as_it_was(void **state)
{
	struct unr_error err = { 0 };

	(void) state;
	errno = ENOENT;
	assert_int_equal(unr_fail_errno(&err, "open %s", "/a"), -ENOENT);
	assert_int_equal(err.kind, UNR_ERROR_FAILED);
	assert_int_equal(err.code, -ENOENT);
	assert_string_equal(err.message, "open /a: No such file or directory");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(fail__fills_in_and_returns_the_code),
	cmocka_unit_test(fail__without_a_place_still_returns_the_code),
	cmocka_unit_test(fail__cuts_a_text_that_is_too_long),
	cmocka_unit_test(context__stands_in_front),
	cmocka_unit_test(context__cuts_the_end_and_not_the_head),
	cmocka_unit_test(memory__has_the_ordinary_text),
	cmocka_unit_test(errno__is_taken_as_it_was),
};

UNR_TEST_MAIN("error", tests, NULL);
