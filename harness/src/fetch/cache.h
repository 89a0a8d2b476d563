/* SPDX-License-Identifier: MIT */
/* --cache DIR: blobs as DIR/<algorithm>/<hex>.  What lies there is checked by whoever takes it. */
#ifndef UNR_FETCH_CACHE_H
#define UNR_FETCH_CACHE_H

#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/** unr_cache_open() - the directory, made where it is missing; @ret_fd -EBADF for @path NULL */
UNR_MUST_CHECK int unr_cache_open(const char *path, int *ret_fd, struct unr_error *err);

/** unr_cache_find() - a blob for reading; -ENOENT when there is none, or none that is a file */
UNR_MUST_CHECK int unr_cache_find(int cache_fd, const char *digest, int *ret_fd);

/** unr_cache_drop() - take a blob out that is not what its name says */
void unr_cache_drop(int cache_fd, const char *digest);

/** unr_cache_new() - a file without a name that unr_cache_keep() can give one; or -errno */
UNR_MUST_CHECK int unr_cache_new(int cache_fd, const char *digest, int *ret_fd);

/** unr_cache_keep() - its name, whole from the first moment on; 0 also when there is one */
UNR_MUST_CHECK int unr_cache_keep(int cache_fd, const char *digest, int fd);

#endif
