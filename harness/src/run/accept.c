/* SPDX-License-Identifier: MIT */
/*
 * dockerd decodes the config (image/image.go, NewFromJSON, and distribution/config.go), puts the image into
 * its store, and gives it its names: see accept.h; moby: image/store.go, Create, and
 * image/tarexport/load.go.
 */
#include "run/accept.h"

#include <errno.h>

/* The words that unpacking the archive ends with; "" when it does not. */
static void put_oddity(const struct unr_engine *engine, const struct unr_oddity *oddity,
		       struct unr_text *text)
{
	if (oddity->xattr != NULL && engine->refuses_unsupported)
		unr_engine_xattr_text(engine, oddity->path, oddity->xattr, EOPNOTSUPP, text);
	else if (oddity->type != '\0')
		unr_text_printf(text, UNR_ENGINE_UNKNOWN_TYPE, (unsigned char) oddity->type);
}

/* It is unpacked as a layer is, without a map and whatever the driver; tarexport's Load. */
bool unr_accept_archive(const struct unr_engine *engine, enum unr_way way,
			const struct unr_image *image, struct unr_text *ret_words)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	struct unr_said said = { .kind = UNR_STOP_CHILD, .output = "", .log = "" };
	unr_autofree char *message = NULL;

	if (way == UNR_WAY_LOAD && unr_engine_is_dockerd(engine))
		put_oddity(engine, &image->oddity, &text);
	if (text.length == 0)
		return true;
	said.text = unr_text_string(&text);
	message = unr_engine_message(engine, UNR_DRIVER_OVERLAY2, way, &said);
	unr_text_puts(ret_words, message == NULL ? said.text : message);
	return false;
}

static const char *const no_rootfs[UNR_WAY_COUNT_] = {
	[UNR_WAY_LOAD] = "invalid image JSON, no RootFS key",
	[UNR_WAY_PULL] = "invalid rootfs in image configuration",
};

bool unr_accept_image(const struct unr_engine *engine, enum unr_way way,
		      const struct unr_image *image, struct unr_text *ret_words)
{
	if (!unr_engine_is_dockerd(engine))
		return true;
	if (image->refusal != NULL) {
		unr_text_puts(ret_words, image->refusal);
		return false;
	}
	if (image->without_rootfs) {
		unr_text_puts(ret_words, no_rootfs[way]);
		return false;
	}
	if (image->excess_history) {
		unr_text_puts(ret_words, "too many non-empty layers in History section");
		return false;
	}
	for (size_t i = 0; way == UNR_WAY_LOAD && i < image->n_tags; i++)
		if (!unr_engine_takes_tag(engine, image->tags[i], ret_words))
			return false;
	return true;
}
