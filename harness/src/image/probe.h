/* SPDX-License-Identifier: MIT */
/*
 * What a tar is, by the names of its members alone and without keeping them: a
 * layer may have millions.
 */
#ifndef UNR_IMAGE_PROBE_H
#define UNR_IMAGE_PROBE_H

#include <stdint.h>

#include "tar/tar.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

enum unr_content {
	UNR_CONTENT_NO_TAR,
	UNR_CONTENT_LAYER, /* any other tar; damage further on is for its reader to judge */
	UNR_CONTENT_DOCKER_ARCHIVE,
	UNR_CONTENT_OCI_ARCHIVE,
	UNR_CONTENT_COUNT_
};

/**
 * unr_probe() - recognise a tar
 * @source, @limit, @name: as for unr_archive_walk()
 *
 * Return: 0, -ENODATA and others with @err for what was an image archive as far as it goes but is
 * cut short or has no manifest, or the error of @source.
 */
UNR_MUST_CHECK int unr_probe(const struct unr_tar_source *source, uint64_t limit, const char *name,
			     enum unr_content *ret, struct unr_error *err);

#endif
