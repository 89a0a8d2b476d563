/* SPDX-License-Identifier: MIT */
/* What an engine looks at before the layers of an image, and once all of them are there. */
#ifndef UNR_RUN_ACCEPT_H
#define UNR_RUN_ACCEPT_H

#include <stdbool.h>

#include "base/text.h"
#include "engine/engine.h"
#include "usernsrepro/image.h"

/**
 * unr_accept_archive() - does the engine take what the image came in?
 * @ret_words: where it does not, what its client prints is appended
 */
bool unr_accept_archive(const struct unr_engine *engine, enum unr_way way,
			const struct unr_image *image, struct unr_text *ret_words);

/**
 * unr_accept_image() - does the engine keep the image?
 * @ret_words: where it does not, what its client prints is appended
 */
bool unr_accept_image(const struct unr_engine *engine, enum unr_way way,
		      const struct unr_image *image, struct unr_text *ret_words);

#endif
