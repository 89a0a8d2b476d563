/* SPDX-License-Identifier: MIT */
/* Packages by their folders, and what their own files say of name and version. */
#ifndef UNR_CAUSE_PACKAGE_H
#define UNR_CAUSE_PACKAGE_H

#include <stddef.h>

#include "tar/tar.h"
#include "usernsrepro/attr.h"

#define UNR_PACKAGE_FILE "package.json"

/**
 * unr_package_folder() - the folder of the npm package that a path belongs to
 *
 * The innermost node_modules/NAME or node_modules/@SCOPE/NAME.
 *
 * Return: length of the folder at the path's beginning; 0 for none.
 */
size_t unr_package_folder(const char *path, size_t length);

/**
 * unr_package_read() - name and version out of the package.json that @tar stands at
 * @ret_name, @ret_version: owned; both NULL when it is none, @ret_version when it has none
 *
 * Return: 0, or the error of the tar's source, or -ENOMEM.
 */
UNR_MUST_CHECK int unr_package_read(struct unr_tar *tar, char **ret_name, char **ret_version);

#endif
