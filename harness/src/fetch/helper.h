/* SPDX-License-Identifier: MIT */
/* Running docker-credential-NAME, by the protocol that docker's helpers have. */
#ifndef UNR_FETCH_HELPER_H
#define UNR_FETCH_HELPER_H

#include "base/text.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/**
 * unr_helper_get() - `docker-credential-NAME get`
 * @key: the registry, written to its standard input
 * @ret: what it prints; empty when it says that it has nothing for that registry
 *
 * Return: 0, -EINVAL for a name that is none, -ENOENT when there is no such program, -EIO when it
 * fails for another reason.
 */
UNR_MUST_CHECK int unr_helper_get(const char *name, const char *key, struct unr_text *ret,
				  struct unr_error *err);

#endif
