/* SPDX-License-Identifier: MIT */
/* base/errno: names of errors, the kernel's own too, and those of the C library where it has any. */
#include "unr_test.h"

#include <errno.h>
#include <string.h>

#include "usernsrepro/error.h"

/* The kernel's largest errno, from linux/err.h. */
#define ERRNO_MAX 4095

/* glibc's, since 2.32. */
extern const char *strerrorname_np(int error) __attribute__((weak));

static void name__knows_the_kernels_own_too(void **state)
{
	(void) state;
	assert_string_equal(unr_errno_name(0), "0");
	assert_string_equal(unr_errno_name(EINVAL), "EINVAL");
	assert_string_equal(unr_errno_name(EOVERFLOW), "EOVERFLOW");
	assert_string_equal(unr_errno_name(524), "ENOTSUPP");
	assert_string_equal(unr_errno_name(4095), "unknown");
	assert_string_equal(unr_errno_name(-EINVAL), "unknown");
}

static void name__is_that_of_the_c_library(void **state)
{
	(void) state;
	for (int i = 0; i <= ERRNO_MAX && strerrorname_np != NULL; i++)
		if (strerrorname_np(i) != NULL)
			assert_string_equal(unr_errno_name(i), strerrorname_np(i));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(name__knows_the_kernels_own_too),
	cmocka_unit_test(name__is_that_of_the_c_library),
};

UNR_TEST_MAIN("errno", tests, NULL);
