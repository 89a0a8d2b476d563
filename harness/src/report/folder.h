/* SPDX-License-Identifier: MIT */
/* Folders of findings: parts of their paths, compared and joined as components. */
#ifndef UNR_REPORT_FOLDER_H
#define UNR_REPORT_FOLDER_H

#include "usernsrepro/finding.h"

/* Borrowed from a finding's path: no slash at either end, "" for the top. */
struct unr_folder {
	const char *path;
	size_t length;
};

/**
 * unr_folder_of() - where an entry lies; a directory lies in itself
 *
 * What came with a package, or with a directory that fails, lies in that.
 */
struct unr_folder unr_folder_of(const struct unr_finding *finding);

/** unr_folder_depth() - components, 0 for the top */
size_t unr_folder_depth(struct unr_folder folder);

/** unr_folder_cut() - the first @depth components */
struct unr_folder unr_folder_cut(struct unr_folder folder, size_t depth);

/** unr_folder_common() - the deepest folder that holds both */
struct unr_folder unr_folder_common(struct unr_folder a, struct unr_folder b);

/** unr_folder_compare() - an order in which all that is below a folder follows it */
int unr_folder_compare(struct unr_folder a, struct unr_folder b);

#endif
