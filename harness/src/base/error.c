/* SPDX-License-Identifier: MIT */
/*
 * Filling in struct unr_error.  The only place that formats error texts; it
 * never prints and never allocates, so it works after fork() and without memory.
 */
#include "usernsrepro/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int unr_fail_v(struct unr_error *err, enum unr_error_kind kind, int code, const char *fmt,
	       va_list args)
{
	if (err == NULL)
		return code;
	err->kind = kind;
	err->code = code;
	err->remedy = 0;
	(void) vsnprintf(err->message, sizeof(err->message), fmt, args);
	return code;
}

int unr_fail(struct unr_error *err, enum unr_error_kind kind, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void) unr_fail_v(err, kind, code, fmt, args);
	va_end(args);
	return code;
}

int unr_fail_context(struct unr_error *err, const char *fmt, ...)
{
	char old[sizeof(err->message)];
	size_t used;
	va_list args;

	if (err == NULL)
		return -EINVAL;
	memcpy(old, err->message, sizeof(old));
	va_start(args, fmt);
	(void) vsnprintf(err->message, sizeof(err->message), fmt, args);
	va_end(args);
	used = strlen(err->message);
	(void) snprintf(err->message + used, sizeof(err->message) - used, ": %s", old);
	if (err->remedy != 0)
		err->remedy += (unsigned int) (used + strlen(": "));
	if (err->remedy >= strlen(err->message))
		err->remedy = 0; /* it was cut off */
	return err->code;
}

int unr_fail_memory(struct unr_error *err)
{
	return unr_fail(err, UNR_ERROR_FAILED, -ENOMEM, "out of memory");
}

int unr_fail_errno(struct unr_error *err, const char *fmt, ...)
{
	int saved = errno;
	char what[sizeof(err->message)];
	va_list args;

	va_start(args, fmt);
	(void) vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	return unr_fail(err, UNR_ERROR_FAILED, -saved, "%s: %s", what, strerror(saved));
}
