/* SPDX-License-Identifier: MIT */
/*
 * Running a helper program: no shell, a clean environment, its words caught,
 * a time limit.  Knows nothing of maps.
 */
#ifndef UNR_HELPER_RUN_H
#define UNR_HELPER_RUN_H

#include <stddef.h>

#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

struct unr_helper_end {
	int status;     /* as waitpid(2) gives it */
	char said[320]; /* the start of its standard error, one line, printable ASCII */
};

/**
 * unr_helper_run() - run a program to its end
 * @argv:     NULL-terminated; argv[0] is an absolute path
 * @limit_ms: it is killed when it has not ended by then
 * @ret:      set when it ended, whatever its status; 127 also when it could not be executed
 *
 * Return: 0, -ETIMEDOUT when it was killed for its time, or another negative errno; @err is set.
 */
UNR_MUST_CHECK int unr_helper_run(char *const argv[], int limit_ms, struct unr_helper_end *ret,
				  struct unr_error *err);

#endif
