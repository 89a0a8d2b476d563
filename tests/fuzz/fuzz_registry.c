/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: what a registry answers.  Behind a byte 1 stands the answer of a
 * token server; else there are documents, each up to a byte 0x1e, which are given
 * out one after the other, whatever is asked for.
 *
 * Properties: a token makes one whole header.  Nothing is asked for but the
 * manifest, manifests and blobs by digest, and no more often than an image has
 * documents; a refusal says why; each layer of an image has a digest and was
 * announced, with its size.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "fetch/auth.h"
#include "image/digest.h"
#include "image/load.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The manifest, one of an index in it, and the config. */
#define ASKED_MAX 8

struct registry {
	const uint8_t *documents;
	size_t left;
	unsigned int asked;
	uint64_t announced;
};

/* "<kind>/" and a digest, its ":" a "/" for a blob. */
static bool is_digest_name(const char *name, const char *kind, char separator)
{
	char digest[UNR_DIGEST_SIZE] = "";
	char *slash;

	if (strncmp(name, kind, strlen(kind)) != 0 || strlen(name + strlen(kind)) >= sizeof(digest))
		return false;
	(void) strcpy(digest, name + strlen(kind));
	slash = strchr(digest, separator);
	if (slash != NULL)
		*slash = ':';
	return unr_digest_is_valid(digest);
}

static bool is_allowed(const char *name)
{
	return strcmp(name, "manifest") == 0 || is_digest_name(name, "manifests/", ':') ||
	       is_digest_name(name, "blobs/", '/');
}

static int ask(void *context, const char *name, int *ret_fd, struct unr_error *err)
{
	struct registry *registry = context;
	const uint8_t *end = memchr(registry->documents, 0x1e, registry->left);
	size_t size = end == NULL ? registry->left : (size_t) (end - registry->documents);
	int r;

	must(is_allowed(name));
	must(registry->asked++ < ASKED_MAX);
	if (registry->left == 0)
		return unr_fail(err, UNR_ERROR_FAILED, -ENOENT, "no more documents");
	*ret_fd = memfd_create("document", MFD_CLOEXEC);
	r = unr_write_full(*ret_fd, registry->documents, size);
	must(r == 0);
	registry->documents += end == NULL ? size : size + 1;
	registry->left -= end == NULL ? size : size + 1;
	return 0;
}

static int announce(void *context, const char *name, uint64_t size, struct unr_error *err)
{
	struct registry *registry = context;

	(void) size;
	(void) err;
	must(is_digest_name(name, "blobs/", '/'));
	registry->announced++;
	return 0;
}

static void check_image(const struct unr_image *image, const struct registry *registry)
{
	must(image->reference != NULL && image->user != NULL);
	must(registry->announced >= image->n_layers);
	for (size_t i = 0; i < image->n_layers; i++) {
		must(image->layers[i].digest != NULL);
		must(unr_digest_is_valid(image->layers[i].digest));
		must(image->layers[i].created_by != NULL);
	}
}

static void load(const uint8_t *data, size_t size)
{
	struct registry registry = { .documents = data, .left = size };
	const struct unr_image_services services = { .ask = ask,
						     .announce = announce,
						     .context = &registry };
	unr_auto(unr_image_input_done) struct unr_image_input input = {
		.transport = UNR_TRANSPORT_DOCKER,
		.kind = UNR_INPUT_REGISTRY,
		.fd = -EBADF,
		.spool_fd = -EBADF,
		.path = strdup("h/app"),
		.name = strdup("h/app"),
		.platform = { .os = "linux", .architecture = "amd64" },
	};
	struct unr_image image = { 0 };
	struct unr_blob *blobs = NULL;
	struct unr_error err = { 0 };
	int r = unr_image_load(&input, &services, &image, &blobs, &err);

	if (r == 0) {
		must(err.kind == UNR_ERROR_NONE);
		check_image(&image, &registry);
	} else {
		must(r < 0 && r == err.code && err.message[0] != '\0');
		must(image.layers == NULL && blobs == NULL);
	}
	unr_image_done(&image);
	free(blobs);
}

static void take_token(const uint8_t *data, size_t size)
{
	static const char start[] = "Authorization: Bearer ";
	unr_auto(unr_text_done) struct unr_text answer = { 0 };
	struct unr_auth auth = { 0 };
	struct unr_error err = { 0 };
	int r;

	unr_text_append(&answer, data, size);
	r = unr_auth_keep_token(&auth, &answer, "h", &err);
	must((r < 0) == (err.kind != UNR_ERROR_NONE) && (r < 0) == (auth.header == NULL));
	if (r == 0) {
		must(strncmp(auth.header, start, strlen(start)) == 0);
		must(auth.header[strlen(start)] != '\0');
		for (const char *c = auth.header + strlen(start); *c != '\0'; c++)
			must(*c > ' ' && *c <= '~');
	}
	unr_auth_done(&auth);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 0 && data[0] == 1)
		take_token(data + 1, size - 1);
	else
		load(data, size);
	return 0;
}
