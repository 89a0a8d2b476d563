/* SPDX-License-Identifier: MIT */
/*
 * Changing the bytes of a finished tar where a writer would not: ids in ustar
 * headers that contradict the pax record before them.
 */
#ifndef UNR_SCENARIO_USTAR_H
#define UNR_SCENARIO_USTAR_H

#include <stddef.h>
#include <stdint.h>

#include "usernsrepro/attr.h"

/* What to write; NULL leaves the field. */
struct unr_ustar_ids {
	const uint32_t *uid;
	const uint32_t *gid;
};

/**
 * unr_ustar_patch_ids() - overwrite id fields whose id a pax record has
 * @tar: whole blocks of a ustar or pax archive; changed in place
 *
 * A header keeps its field when no `uid` (`gid`) record stands before it, so entries that need
 * no record keep the only number they have.  Checksums are made right again.
 *
 * Return: 0, -ERANGE when an id has more than seven octal digits, or -EBADMSG when the bytes are
 * not such an archive (what came before the fault is already changed).
 */
UNR_MUST_CHECK int unr_ustar_patch_ids(char *tar, size_t size, const struct unr_ustar_ids *ids);

#endif
