/* SPDX-License-Identifier: MIT */
/* Go's idea of numbers, spaces and fields in a line of passwd or group.  Bytes only, no files. */
#ifndef UNR_USER_NUMBER_H
#define UNR_USER_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usernsrepro/attr.h"

/* Bytes inside somebody else's buffer; may hold NUL. */
struct unr_slice {
	const char *bytes;
	size_t length;
};

/**
 * unr_go_atoi() - Go's strconv.Atoi on a 64-bit machine
 * @ret: always set, as Go's callers use it beside the error: 0 for what is no number, the nearest
 *       of the range for what does not fit
 *
 * Return: 0, -EINVAL or -ERANGE.
 */
UNR_MUST_CHECK int unr_go_atoi(struct unr_slice text, int64_t *ret);

/** unr_go_trim() - without white space at both ends, Unicode's too: bytes.TrimSpace. */
struct unr_slice unr_go_trim(struct unr_slice text);

/** unr_slice_field() - the part before the next @separator; @rest becomes what follows it. */
struct unr_slice unr_slice_field(struct unr_slice *rest, char separator);

/** unr_slice_equals() - the same bytes? */
bool unr_slice_equals(struct unr_slice a, struct unr_slice b);

#endif
