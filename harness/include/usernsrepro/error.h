/* SPDX-License-Identifier: MIT */
/*
 * The carried error: why the harness could not do its work.  It lives on the
 * caller's stack and holds its text by value, so it survives fork() and can be
 * sent over a socket.  A refused chown is not an error: see finding.h.
 */
#ifndef USERNSREPRO_ERROR_H
#define USERNSREPRO_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

#include "usernsrepro/attr.h"

/* What kind of bad news; the program's exit status follows from it. */
enum unr_error_kind {
	UNR_ERROR_NONE,
	UNR_ERROR_USAGE,      /* the request itself is wrong (exit 2) */
	UNR_ERROR_FAILED,     /* the work could not be done (exit 3) */
	UNR_ERROR_CANNOT_RUN, /* this host does not allow it (exit 77) */
	UNR_ERROR_COUNT_
};

struct unr_error {
	enum unr_error_kind kind;
	int code; /* negative errno, 0 when unset */
	char message[480];
	unsigned int remedy; /* where in @message the remedy begins; 0: it has none to tell */
};

/**
 * unr_fail() - describe a failure and return its code
 * @err:  filled in; may be NULL.  An older content is overwritten
 * @kind: what kind of bad news it is
 * @code: negative errno; returned as it is
 * @fmt:  lower case, no final stop; says what failed, on what, why, what to do
 *
 * Return: @code.
 */
UNR_EXPORT int unr_fail(struct unr_error *err, enum unr_error_kind kind, int code, const char *fmt,
			...) UNR_PRINTF(4, 5);

/** unr_fail_v() - unr_fail() with the arguments of @fmt in a va_list. */
UNR_EXPORT int unr_fail_v(struct unr_error *err, enum unr_error_kind kind, int code,
			  const char *fmt, va_list args) UNR_PRINTF(4, 0);

/**
 * unr_fail_context() - put "context: " in front of an error's text
 * @err: an error that was set; may be NULL
 * @fmt: the context
 *
 * Return: the code that @err carries (-EINVAL when @err is NULL).
 */
UNR_EXPORT int unr_fail_context(struct unr_error *err, const char *fmt, ...) UNR_PRINTF(2, 3);

/** unr_fail_memory() - the ordinary error for an allocation that failed; returns -ENOMEM. */
UNR_EXPORT int unr_fail_memory(struct unr_error *err);

/**
 * unr_fail_errno() - a failed call: "<what>: <text of errno>", kind FAILED
 *
 * Return: -errno as it was on entry.
 */
UNR_EXPORT int unr_fail_errno(struct unr_error *err, const char *fmt, ...) UNR_PRINTF(2, 3);

/** unr_errno_name() - "EINVAL" for 22; "unknown" for what has no name. */
UNR_EXPORT const char *unr_errno_name(int error);

#endif
