/* SPDX-License-Identifier: MIT */
/*
 * News of blobs to events of layers: see downloads.h.  They come by another way
 * than the child's frames, so they may be late: what is being extracted has been
 * downloaded, whatever they say.
 */
#include "run/downloads.h"

#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "image/digest.h"

static void tell(struct unr_collector *c, const char *digest, enum unr_layer_state state,
		 uint64_t have)
{
	const struct unr_image *image = &c->result->image;

	/* The config is no layer; the same blob may be several. */
	for (uint32_t i = 0; i < image->n_layers; i++) {
		const struct unr_layer *layer = &image->layers[i];
		struct unr_progress event = { .layer = i,
					      .state = state,
					      .bytes = have < layer->size ? have : layer->size };

		if (layer->digest != NULL && strcmp(layer->digest, digest) == 0 &&
		    c->states[i] < UNR_LAYER_EXTRACTING)
			unr_collect_tell(c, &event);
	}
}

int unr_downloads_pass_on(struct unr_collector *c, struct unr_error *err)
{
	char digest[UNR_DIGEST_SIZE];
	enum unr_layer_state state;
	uint64_t have;
	int r = unr_fetcher_hear(c->fetcher, digest, &state, &have);

	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "the fetching process: %s", strerror(-r));
	if (r > 0) {
		tell(c, digest, state, have);
	} else {
		unr_close(&c->fetcher->news);
		c->lines.other = -EBADF;
	}
	return 0;
}
