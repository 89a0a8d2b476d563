/* SPDX-License-Identifier: MIT */
/*
 * Doubles of newuidmap and newgidmap in a directory of the test: see
 * helpers/fake-newuidmap.c.  ctest names the folder of the program in
 * UNR_HELPER_DIR.
 */
#ifndef UNR_TEST_FAKE_HELPERS_H
#define UNR_TEST_FAKE_HELPERS_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tmp.h"
#include "unr_test.h"

#define FAKE_PATH_SIZE 512

static inline void fake_program(char ret[FAKE_PATH_SIZE])
{
	const char *folder = getenv("UNR_HELPER_DIR");

	(void) snprintf(ret, FAKE_PATH_SIZE, "%s/fake-newuidmap", folder == NULL ? "" : folder);
}

static inline bool fake_is_built(const char **ret_why)
{
	char program[FAKE_PATH_SIZE];

	fake_program(program);
	*ret_why = "UNR_HELPER_DIR does not name a folder with fake-newuidmap; run it by ctest";
	return access(program, X_OK) == 0;
}

/* DIR/@name that behaves as @mode says; asserts. */
static inline void fake_put(const struct unr_tmp *tmp, const char *name, const char *mode)
{
	char program[FAKE_PATH_SIZE], mode_name[64];

	fake_program(program);
	(void) snprintf(mode_name, sizeof(mode_name), "%s.mode", name);
	assert_int_equal(unr_tmp_write(tmp, mode_name, mode), 0);
	if (symlinkat(program, tmp->fd, name) < 0)
		assert_int_equal(errno, EEXIST);
}

#endif
