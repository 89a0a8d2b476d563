/* SPDX-License-Identifier: MIT */
/*
 * Names of images in registries, "HOST[:PORT]/REPO[:TAG|@DIGEST]", taken apart
 * and completed as docker completes them.  Strings only: no name is looked up.
 */
#ifndef UNR_IMAGE_DOCKER_NAME_H
#define UNR_IMAGE_DOCKER_NAME_H

#include <stdbool.h>

#include "image/digest.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/* What is meant when a name has no host. */
#define UNR_DOCKER_HOST "docker.io"

struct unr_docker_name {
	char host[264];                  /* "docker.io", "localhost:5000" */
	char repository[256];            /* "library/app" */
	char reference[UNR_DIGEST_SIZE]; /* a tag, or with @is_digest a digest */
	bool is_digest;
	char familiar[700]; /* as docker shows it: "app:latest" */
};

/**
 * unr_docker_name_parse() - a name as docker:// has it
 *
 * Without host it is the default registry's, there without '/' below "library/"; without tag it is
 * "latest".  With both a tag and a digest the digest decides.
 *
 * Return: 0, or -EINVAL (kind USAGE) for what is no such name.
 */
UNR_MUST_CHECK int unr_docker_name_parse(const char *text, struct unr_docker_name *ret,
					 struct unr_error *err);

#endif
