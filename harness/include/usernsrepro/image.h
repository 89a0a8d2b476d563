/* SPDX-License-Identifier: MIT */
/*
 * What an image says of itself: its layers bottom up, the Dockerfile step
 * behind each, its user.  A description only; the bytes stay where they are.
 */
#ifndef USERNSREPRO_IMAGE_H
#define USERNSREPRO_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usernsrepro/attr.h"

struct unr_layer {
	char *digest;  /* owned; of the blob, "sha256:…"; NULL when the source has none */
	char *diff_id; /* owned; of the uncompressed tar, from the config; NULL for a bare layer */
	char *created_by; /* owned; the history's line; "" when there is none */
	uint64_t size;    /* bytes of the blob as stored */
	bool inherited;   /* by the history it seems to belong to the image that FROM names */
};

/* What an engine may end on that unpacks the whole archive, whatever the image needs of it. */
struct unr_oddity {
	char type;   /* the first that no engine unpacks; '\0': there is none */
	char *xattr; /* owned; the first attribute before that in no namespace of Linux's, or NULL */
	char *path;  /* owned; whose attribute it is, from the archive's root */
};

struct unr_image {
	char *reference;     /* owned; "app:latest"; NULL when the source names none */
	char *config_digest; /* owned; NULL for a bare layer */
	char *system;        /* owned; "os" of the config, "" when unset; NULL without one */
	char *user;          /* owned; USER of the config, "" when unset */
	char **env;          /* owned, as are the strings: "NAME=VALUE" */
	size_t n_env;
	char *working_dir;        /* owned; "" when unset */
	struct unr_layer *layers; /* owned; 0 is the bottom */
	size_t n_layers;
	bool archived;            /* from a docker archive, which is loaded and not pulled */
	struct unr_oddity oddity; /* of its archive */
	char **tags; /* owned, as are the strings: the names that an archive gives it */
	size_t n_tags;
	bool excess_history; /* its history tells of more layers than it has */
	bool without_rootfs; /* its config has none, and so no layers, and the engine minds that */
	char *refusal; /* owned; what the engine says before it looks at a layer; NULL: it looks */
};

UNR_EXPORT void unr_layer_done(struct unr_layer *layer);
UNR_EXPORT void unr_oddity_done(struct unr_oddity *oddity);
UNR_EXPORT void unr_image_done(struct unr_image *image);

/**
 * unr_image_refuse() - the engine does not look into it: forget its layers, and what was said before
 * @words: the engine's; copied
 *
 * Return: 0 or -ENOMEM.
 */
UNR_EXPORT UNR_MUST_CHECK int unr_image_refuse(struct unr_image *image, const char *words);

#endif
