/* SPDX-License-Identifier: MIT */
/*
 * What fuzz targets state: a property that does not hold is told and ends the
 * process, as a crash does.  assert(3) would do, but counts as branches of the
 * function that it stands in.
 */
#ifndef UNR_FUZZ_MUST_H
#define UNR_FUZZ_MUST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define must(property) must_hold((property), #property, __FILE__, __LINE__)

static inline void must_hold(bool holds, const char *property, const char *file, int line)
{
	if (holds)
		return;
	(void) fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, property);
	abort();
}

#endif
