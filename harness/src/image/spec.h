/* SPDX-License-Identifier: MIT */
/*
 * IMAGE as it is written on the command line, taken apart: which transport,
 * which path, which reference.  Strings only: nothing is opened here.
 */
#ifndef UNR_IMAGE_SPEC_H
#define UNR_IMAGE_SPEC_H

#include <stdbool.h>

#include "base/cleanup.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/* Where an image is; a new source is a value here and a row in spec.c. */
enum unr_transport {
	UNR_TRANSPORT_AUTO, /* a path or "-": recognised by content */
	UNR_TRANSPORT_DOCKER_ARCHIVE,
	UNR_TRANSPORT_OCI,
	UNR_TRANSPORT_OCI_ARCHIVE,
	UNR_TRANSPORT_TAR,
	UNR_TRANSPORT_SCENARIO,
	UNR_TRANSPORT_DOCKER, /* a registry */
	UNR_TRANSPORT_DOCKER_DAEMON,
	UNR_TRANSPORT_COUNT_
};

struct unr_image_spec {
	enum unr_transport transport;
	char *path;      /* owned; a file, a directory or a name; "-" is standard input */
	char *reference; /* owned; "app:latest" or "@0"; NULL when none was given */
};

/**
 * unr_image_spec_parse() - take an IMAGE argument apart
 * @text: e.g. "docker-archive:app.tar:app:latest", "oci:dir", "app.tar", "-"
 *
 * With a transport that takes a reference the first ':' ends the path, as in
 * containers-transports(5); a path without a transport is taken whole.
 *
 * Return: 0, -EINVAL (kind USAGE) when something is missing or
 * is no name, or -ENOMEM.
 */
UNR_MUST_CHECK int unr_image_spec_parse(const char *text, struct unr_image_spec *ret,
					struct unr_error *err);

void unr_image_spec_done(struct unr_image_spec *spec);
DEFINE_UNR_CLEANUP(struct unr_image_spec, unr_image_spec_done);

/** unr_transport_name() - the word before the ':', e.g. "docker-archive"; "" for AUTO. */
const char *unr_transport_name(enum unr_transport transport);

/** unr_transport_has_file() - is its image behind a path that can be opened? */
bool unr_transport_has_file(enum unr_transport transport);

#endif
