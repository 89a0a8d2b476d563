/* SPDX-License-Identifier: MIT */
/*
 * Where the files of an image are looked up by name: the members of an archive
 * or the files of a directory.  The readers of manifests know only this, so a
 * new source needs a new store and no new reader.
 */
#ifndef UNR_IMAGE_STORE_H
#define UNR_IMAGE_STORE_H

#include "base/text.h"
#include "image/archive_index.h"
#include "image/blob.h"
#include "image/input.h"
#include "image/services.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/* JSON files above this are refused unread. */
enum { UNR_STORE_SMALL = 32 * 1024 * 1024 };

struct unr_store {
	/* The file @name in place; 0, -ENOENT with @err set when there is none, or -errno. */
	int (*find)(void *context, const char *name, struct unr_blob *ret, struct unr_error *err);
	/* A registry's only: @size bytes of @name will be wanted.  NULL elsewhere. */
	int (*announce)(void *context, const char *name, uint64_t size, struct unr_error *err);
	void *context;
	const char *name;                 /* borrowed; the archive or directory in messages */
	const struct unr_go_rules *rules; /* borrowed; of the services; NULL: none */
};

/* The context of a store over a directory or a registry. */
struct unr_directory {
	struct unr_image_input *input; /* keeps the descriptors */
	const struct unr_image_services *services;
};

/** unr_store_archive() - a store over the members of an archive; borrows @index. */
struct unr_store unr_store_archive(struct unr_archive_index *index);

/** unr_store_directory() - a store over a directory; borrows @directory. */
struct unr_store unr_store_directory(struct unr_directory *directory);

/** unr_store_registry() - a store over a registry, which has manifests apart from blobs. */
struct unr_store unr_store_registry(struct unr_directory *directory);

/**
 * unr_store_read() - a small file whole
 * @ret: empty; gets the bytes
 *
 * Return: 0, -ENOENT, -E2BIG when it is above UNR_STORE_SMALL, -ENODATA when it is empty, -errno.
 */
UNR_MUST_CHECK int unr_store_read(const struct unr_store *store, const char *name,
				  struct unr_text *ret, struct unr_error *err);

#endif
