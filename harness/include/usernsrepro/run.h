/* SPDX-License-Identifier: MIT */
/*
 * The main job: extract an image inside a real user namespace with a restricted
 * map and say what the engine and the kernel think of each owner.
 */
#ifndef USERNSREPRO_RUN_H
#define USERNSREPRO_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "usernsrepro/error.h"
#include "usernsrepro/limits.h"
#include "usernsrepro/progress.h"
#include "usernsrepro/result.h"

struct unr_run_options {
	const char *image;   /* as the user wrote it: transport and name */
	const char *profile; /* name in the profile table; NULL: "appservice" */
	struct unr_idmaps
		maps; /* owned; given ranges replace the profile's; empty: the profile's */
	const char *userns_remap; /* USER[:GROUP] whose ranges replace the profile's; or NULL */
	const char *engine;       /* name in the engine table; NULL: the profile's */
	const char *driver;       /* "overlay2"; NULL: the profile's */
	const char *user;         /* in place of the image's USER; NULL: that */
	const char **groups;      /* owned array; of --group-add */
	size_t n_groups;
	const char *as;           /* "load" or "pull"; NULL: by the image's transport */
	const char *rootfs;       /* keep the tree there, with contents; NULL: do not */
	const char *platform;     /* "linux/arm/v7", of an index with several; NULL: this host's */
	const char *cache;        /* keep the blobs of a registry there; NULL: do not */
	struct unr_limits limits; /* of the processes that read the image; zeroes: the defaults */
	bool tls_insecure;        /* a registry with any certificate, or without TLS */
	bool no_verify;           /* do not compare diffIDs */
	bool stop_at_first;       /* stop where the engine stops */
	bool one_at_a_time; /* one layer after the other, as the engine does: for logs of it */
	void (*progress)(void *context, const struct unr_progress *progress); /* may be NULL */
	void *progress_context;
};

/**
 * unr_run() - do it
 * @options: borrowed
 * @ret:     everything that was found; owned by the caller (unr_result_done())
 *
 * Must be called while the process has one thread: a child is made with clone(2).  Whatever
 * happens, no process, mount or temporary file is left behind.
 *
 * Return: 0 when a verdict was reached, good or bad, or a negative errno with
 *   @err->kind USAGE       an option or name is wrong
 *   @err->kind FAILED      the image could not be read, no space, I/O
 *   @err->kind CANNOT_RUN  this host does not allow it; the text has the remedy
 */
UNR_EXPORT UNR_MUST_CHECK int unr_run(const struct unr_run_options *options, struct unr_result *ret,
				      struct unr_error *err);

/** unr_run_options_done() - free what the options own. */
UNR_EXPORT void unr_run_options_done(struct unr_run_options *options);

/**
 * unr_run_names() - the names that an option takes
 * @what: "profiles", "engines", "drivers" or "formats"
 *
 * Return: the names separated by ", ", of profiles and formats the default first; owned, NULL when
 * out of memory.
 */
UNR_EXPORT char *unr_run_names(const char *what);

#endif
