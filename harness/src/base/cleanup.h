/* SPDX-License-Identifier: MIT */
/*
 * Ownership of memory and descriptors: a local that owns something is declared
 * with its cleaner; ownership leaves only through unr_take_*().
 */
#ifndef UNR_BASE_CLEANUP_H
#define UNR_BASE_CLEANUP_H

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/** unr_close() - close *@fd if it is open, keep errno, and set it to -EBADF. */
static inline void unr_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void) close(*fd);
	*fd = -EBADF;
	errno = saved;
}

static inline void unr_freep(void *pointer)
{
	void **p = pointer;
	int saved = errno;

	free(*p);
	*p = NULL;
	errno = saved;
}

#define unr_autoclose __attribute__((cleanup(unr_close)))
#define unr_autofree __attribute__((cleanup(unr_freep)))

/** unr_take_fd() - hand over a descriptor; the source becomes -EBADF. */
static inline int unr_take_fd(int *fd)
{
	int taken = *fd;

	*fd = -EBADF;
	return taken;
}

/** unr_take_ptr() - hand over a pointer; the source becomes NULL. */
#define unr_take_ptr(pointer)                                                                      \
	__extension__({                                                                            \
		__typeof__(pointer) taken_ = (pointer);                                            \
		(pointer) = NULL;                                                                  \
		taken_;                                                                            \
	})

/** DEFINE_UNR_CLEANUP() - for a type with unr_<name>_done(&x): unr_auto_<name>. */
#define DEFINE_UNR_CLEANUP(type, done_fn)                                                          \
	static inline void done_fn##_cleaner(type *value)                                          \
	{                                                                                          \
		done_fn(value);                                                                    \
	}                                                                                          \
	struct unr_needs_a_semicolon_

#define unr_auto(done_fn) __attribute__((cleanup(done_fn##_cleaner)))

#endif
