/* SPDX-License-Identifier: MIT */
/* Recognising and loading images: see load.h. */
#include "image/load.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "image/archive_walk.h"
#include "image/digest.h"
#include "image/docker_archive.h"
#include "image/inflate.h"
#include "image/oci_layout.h"
#include "image/probe.h"
#include "image/spool.h"

/* What a loading fills in; kept together until it is whole. */
struct loaded {
	struct unr_image image; /* owned */
	struct unr_blob *blobs; /* owned */
};

/* The input as a stretch of a file, whatever it was. */
static int get_outer(struct unr_image_input *input, const struct unr_image_services *services,
		     struct unr_blob *ret, struct unr_error *err)
{
	struct stat st;
	uint64_t size;

	if (input->kind == UNR_INPUT_STREAM)
		return unr_spool_stream(input, services, ret, err);
	if (fstat(input->fd, &st) < 0)
		return unr_fail_errno(err, "%s", input->name);
	size = (uint64_t) st.st_size;
	*ret = (struct unr_blob) { .fd = input->fd,
				   .offset = input->offset,
				   .size = size > input->offset ? size - input->offset : 0 };
	return 0;
}

/* Passes on one of two errors: the inflater knows better what happened than who read from it. */
static int pass_error(int code, const struct unr_error *inflater, const struct unr_error *reader,
		      struct unr_error *ret)
{
	if (code < 0 && ret != NULL)
		*ret = inflater->kind != UNR_ERROR_NONE ? *inflater : *reader;
	return code;
}

/* An archive that is compressed as a whole has no members that could be read in place. */
static int inflate_outer(struct unr_image_input *input, const struct unr_image_services *services,
			 struct unr_blob *outer, struct unr_error *err)
{
	unr_auto(unr_inflate_done) struct unr_inflate inflate = { 0 };
	struct unr_error from_inflater = { 0 }, from_spool = { 0 };
	struct unr_tar_source source;
	int r;

	if (unr_compression_name(outer) == NULL)
		return 0;
	r = unr_inflate_open(services, outer, input->name, &inflate, &source, &from_inflater);
	if (r == 0)
		r = unr_spool_source(input, services, &source, outer, &from_spool);
	return pass_error(r, &from_inflater, &from_spool, err);
}

static int load_archive(struct unr_image_input *input, const struct unr_image_services *services,
			const struct unr_blob *outer, struct loaded *ret, struct unr_error *err)
{
	unr_auto(unr_archive_index_done) struct unr_archive_index index = { 0 };
	struct unr_blob archive = *outer;
	struct unr_store store;
	int r;

	if (archive.size == 0)
		return unr_fail(err, UNR_ERROR_FAILED, -ENODATA, "%s: is empty", input->name);
	r = inflate_outer(input, services, &archive, err);
	if (r == 0)
		r = unr_archive_index_read(&archive, input->name, &index, err);
	if (r < 0)
		return r;
	store = unr_store_archive(&index);
	store.rules = services == NULL ? NULL : services->rules;
	if (input->transport == UNR_TRANSPORT_OCI_ARCHIVE)
		return unr_oci_layout_load(&store, input->reference, &input->platform, &ret->image,
					   &ret->blobs, err);
	r = unr_docker_archive_load(&store, input->reference, &ret->image, &ret->blobs, err);
	ret->image.oddity = index.oddity;
	index.oddity = (struct unr_oddity) { 0 };
	return r;
}

static int load_layer(const struct unr_blob *outer, struct loaded *ret, struct unr_error *err)
{
	struct unr_image *image = &ret->image;

	ret->blobs = calloc(1, sizeof(*ret->blobs));
	image->layers = calloc(1, sizeof(*image->layers));
	image->user = strdup("");
	if (ret->blobs == NULL || image->layers == NULL || image->user == NULL)
		return unr_fail_memory(err);
	image->n_layers = 1;
	image->layers[0].size = outer->size;
	image->layers[0].created_by = strdup("");
	if (image->layers[0].created_by == NULL)
		return unr_fail_memory(err);
	ret->blobs[0] = *outer;
	return 0;
}

static int load_directory(struct unr_image_input *input, const struct unr_image_services *services,
			  struct loaded *ret, struct unr_error *err)
{
	struct unr_directory directory = { .input = input, .services = services };
	struct unr_store store = unr_store_directory(&directory);

	input->transport = UNR_TRANSPORT_OCI;
	return unr_oci_layout_load(&store, input->reference, &input->platform, &ret->image,
				   &ret->blobs, err);
}

static int load_registry(struct unr_image_input *input, const struct unr_image_services *services,
			 struct loaded *ret, struct unr_error *err)
{
	struct unr_directory directory = { .input = input, .services = services };
	struct unr_store store = unr_store_registry(&directory);
	int r;

	if (services == NULL || services->announce == NULL)
		return unr_fail(err, UNR_ERROR_FAILED, -EOPNOTSUPP,
				"%s: the registry cannot be reached from here", input->name);
	r = unr_registry_load(&store, &input->platform, &ret->image, &ret->blobs, err);
	if (r < 0)
		return r;
	ret->image.reference = strdup(input->name);
	return ret->image.reference == NULL ? unr_fail_memory(err) : 0;
}

int unr_image_await(const struct unr_image_input *input, const struct unr_image_services *services,
		    const struct unr_layer *layer, struct unr_blob *ret, struct unr_error *err)
{
	char name[UNR_DIGEST_SIZE];
	struct stat st;
	int r, fd = -EBADF;

	if (layer->digest == NULL || !unr_digest_to_blob(layer->digest, name))
		return unr_fail(err, UNR_ERROR_FAILED, -EINVAL, "%s: a layer without a digest",
				input->name);
	r = services->ask(services->context, name, &fd, err);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0) {
		r = unr_fail_errno(err, "%s: %s", input->name, name);
		unr_close(&fd);
		return r;
	}
	*ret = (struct unr_blob) { .fd = fd, .size = (uint64_t) st.st_size };
	return 0;
}

/* Looks at the members of the archive or layer, through its compression if it has one. */
static int probe_outer(const struct unr_image_input *input,
		       const struct unr_image_services *services, const struct unr_blob *outer,
		       enum unr_content *ret, struct unr_error *err)
{
	unr_auto(unr_inflate_done) struct unr_inflate inflate = { 0 };
	struct unr_error from_inflater = { 0 }, from_probe = { 0 };
	struct unr_blob_source plain;
	struct unr_tar_source source;
	uint64_t limit = UINT64_MAX;
	int r = 0;

	if (unr_compression_name(outer) != NULL) {
		r = unr_inflate_open(services, outer, input->name, &inflate, &source,
				     &from_inflater);
	} else {
		unr_blob_source_init(&plain, outer, &source);
		limit = outer->size;
	}
	if (r == 0)
		r = unr_probe(&source, limit, input->name, ret, &from_probe);
	return pass_error(r, &from_inflater, &from_probe, err);
}

/* A path of which nothing is known: its content decides. */
static int recognise(struct unr_image_input *input, const struct unr_image_services *services,
		     const struct unr_blob *outer, struct unr_error *err)
{
	static const enum unr_transport transports[UNR_CONTENT_COUNT_] = {
		[UNR_CONTENT_LAYER] = UNR_TRANSPORT_TAR,
		[UNR_CONTENT_DOCKER_ARCHIVE] = UNR_TRANSPORT_DOCKER_ARCHIVE,
		[UNR_CONTENT_OCI_ARCHIVE] = UNR_TRANSPORT_OCI_ARCHIVE,
	};
	enum unr_content content = UNR_CONTENT_NO_TAR;
	int r;

	if (outer->size == 0)
		return unr_fail(err, UNR_ERROR_FAILED, -ENODATA, "%s: is empty", input->name);
	r = probe_outer(input, services, outer, &content, err);
	if (r < 0)
		return r;
	if (content == UNR_CONTENT_NO_TAR)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"%s: is not an image archive, OCI layout or layer", input->name);
	input->transport = transports[content];
	return 0;
}

static int load(struct unr_image_input *input, const struct unr_image_services *services,
		struct loaded *ret, struct unr_error *err)
{
	struct unr_blob outer;
	int r;

	if (input->kind == UNR_INPUT_REGISTRY)
		return load_registry(input, services, ret, err);
	if (input->kind == UNR_INPUT_DIRECTORY)
		return load_directory(input, services, ret, err);
	r = get_outer(input, services, &outer, err);
	if (r == 0 && input->transport == UNR_TRANSPORT_AUTO)
		r = recognise(input, services, &outer, err);
	if (r < 0)
		return r;
	if (input->transport == UNR_TRANSPORT_TAR)
		return load_layer(&outer, ret, err);
	return load_archive(input, services, &outer, ret, err);
}

int unr_image_load(struct unr_image_input *input, const struct unr_image_services *services,
		   struct unr_image *ret, struct unr_blob **ret_blobs, struct unr_error *err)
{
	struct loaded loaded = { 0 };
	int r;

	r = load(input, services, &loaded, err);
	if (r < 0) {
		unr_image_done(&loaded.image);
		free(loaded.blobs);
		return r;
	}
	*ret = loaded.image;
	*ret_blobs = loaded.blobs;
	return 0;
}
