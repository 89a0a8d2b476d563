/* SPDX-License-Identifier: MIT */
/*
 * A run in its parts, for whoever does more with an image than unr_run(): plans,
 * opens the image once and extracts it as often as it likes, and may be a guest
 * in the tree before that goes.
 */
#ifndef UNR_RUN_INNER_H
#define UNR_RUN_INNER_H

#include "engine/engine.h"
#include "fetch/fetch.h"
#include "image/input.h"
#include "run/profile.h"
#include "tree/steward.h"
#include "usernsrepro/run.h"

/* What the options ask for, looked up and checked. */
struct unr_plan {
	const struct unr_run_options *options; /* borrowed */
	const struct unr_profile *profile;
	const struct unr_engine *engine;
	enum unr_driver driver;
	enum unr_way way;
	struct unr_platform platform; /* its os is "" when none was asked for */
	struct unr_idmaps maps;       /* owned; what the engine computes with */
	/* A shell is to be run in the tree: USER is looked up whatever the engine says of the
	 * layers, and the causes of failures are nobody's business. */
	bool for_shell;
};

/* The image, opened. */
struct unr_source {
	struct unr_image_input input; /* owned */
	struct unr_fetcher fetcher;   /* owned */
};

#define UNR_SOURCE_NONE                                                                            \
	((struct unr_source) { .input = UNR_IMAGE_INPUT_NONE, .fetcher = UNR_FETCHER_NONE })

/*
 * Somebody in the tree, which is in a directory of its own and goes with the guest.  Each function
 * returns 0, or a negative errno with @err, which ends the run.
 */
struct unr_guest {
	const char *directory; /* borrowed; to be made for the tree, where nothing is */
	/**
	 * enter() - before anything is in it; the working directory is the tree
	 * @driver: whose steps are to be gone; may be changed
	 */
	int (*enter)(void *context, const struct unr_map_choice *choice,
		     const struct unr_steward *steward, enum unr_driver *driver,
		     struct unr_error *err);
	/** stay() - all that can be extracted is there */
	int (*stay)(void *context, const struct unr_result *result, struct unr_error *err);
	/** leave() - the tree goes; also after a failure, and where nobody has entered */
	void (*leave)(void *context);
	void *context;
};

/** unr_plan_make() - look the options up; 0, or a negative errno with @err: see unr_run() */
UNR_MUST_CHECK int unr_plan_make(const struct unr_run_options *options, struct unr_plan *ret,
				 struct unr_error *err);
void unr_plan_done(struct unr_plan *plan);

/**
 * unr_source_open() - open the image
 * @again: it will be extracted more than once
 *
 * Return: 0, or a negative errno with @err, of kind USAGE or FAILED.
 */
UNR_MUST_CHECK int unr_source_open(const struct unr_plan *plan, bool again, struct unr_source *ret,
				   struct unr_error *err);

/** unr_source_done() - @err: of a run that failed, of which the source may know more; or NULL */
void unr_source_done(struct unr_source *source, struct unr_error *err);

/**
 * unr_run_planned() - one extraction
 * @guest: NULL: nobody
 *
 * Return: as unr_run(); @ret is to be freed in any case.
 */
UNR_MUST_CHECK int unr_run_planned(const struct unr_plan *plan, struct unr_source *source,
				   const struct unr_guest *guest, struct unr_result *ret,
				   struct unr_error *err);

#endif
