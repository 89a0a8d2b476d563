/* SPDX-License-Identifier: MIT */
/* Where ISA-L is not there, in place of igzip.c: zlib does all. */
#include <errno.h>
#include <stddef.h>

#include "stream/igzip.h"

int igzip_new(struct undeflate *exact, struct igzip **ret)
{
	(void) exact;
	*ret = NULL;
	return 0;
}

void igzip_free(struct igzip *ig)
{
	(void) ig;
}

void igzip_start(struct igzip *ig, const struct stream_input *input)
{
	(void) ig;
	(void) input;
}

int igzip_read(struct igzip *ig, struct stream_input *input, void *buffer, size_t size,
	       size_t *ret_n)
{
	(void) ig;
	(void) input;
	(void) buffer;
	(void) size;
	*ret_n = 0;
	return -ENOSYS;
}

uint32_t igzip_crc32(uint32_t crc, const void *bytes, size_t n)
{
	return (uint32_t) crc32_z(crc, bytes, n);
}
