/* SPDX-License-Identifier: MIT */
/* A file for what does not fit into memory, without a name, so that nothing is ever left of it. */
#ifndef UNR_BASE_TEMPFILE_H
#define UNR_BASE_TEMPFILE_H

#include "usernsrepro/attr.h"

/**
 * unr_tempfile_open() - an unlinked file in $TMPDIR, else /var/tmp
 * @ret_folder: where, for messages; set in any case
 *
 * Return: the descriptor, open for reading and writing, or -errno.
 */
UNR_MUST_CHECK int unr_tempfile_open(const char **ret_folder);

#endif
