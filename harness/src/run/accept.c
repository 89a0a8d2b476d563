/* SPDX-License-Identifier: MIT */
/*
 * dockerd puts the image into its store, and gives it its names: see accept.h; moby:
 * image/store.go, Create, and image/tarexport/load.go.
 */
#include "run/accept.h"

bool unr_accept_image(const struct unr_engine *engine, enum unr_way way,
		      const struct unr_image *image, struct unr_text *ret_words)
{
	if (!unr_engine_is_dockerd(engine))
		return true;
	if (image->excess_history) {
		unr_text_puts(ret_words, "too many non-empty layers in History section");
		return false;
	}
	for (size_t i = 0; way == UNR_WAY_LOAD && i < image->n_tags; i++)
		if (!unr_engine_takes_tag(engine, image->tags[i], ret_words))
			return false;
	return true;
}
