/* SPDX-License-Identifier: MIT */
/*
 * A blob in place: a stretch of an open file, never a copy.  What image/ hands
 * to stream/.
 */
#ifndef UNR_IMAGE_BLOB_H
#define UNR_IMAGE_BLOB_H

#include <stdint.h>

struct unr_blob {
	int fd; /* borrowed from the image's input */
	uint64_t offset;
	uint64_t size;
};

#endif
