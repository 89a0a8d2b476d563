/* SPDX-License-Identifier: MIT */
/* Refusals inside the namespace: see refused.h. */
#include "userns/refused.h"

#include <errno.h>
#include <string.h>

int unr_userns_refused(struct unr_error *err, const char *what)
{
	int error = errno;

	if (error == EPERM || error == EACCES)
		return unr_fail(
			err, UNR_ERROR_CANNOT_RUN, -error,
			"cannot %s inside the user namespace: %s: a security module takes its "
			"capabilities away; on Ubuntu: "
			"sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
			what, strerror(error));
	return unr_fail(err, UNR_ERROR_FAILED, -error, "cannot %s inside the user namespace: %s",
			what, strerror(error));
}
