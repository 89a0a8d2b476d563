/* SPDX-License-Identifier: MIT */
/* Compressed archives: see inflate.h. */
#include "image/inflate.h"

#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "image/shown.h"

static const struct compression {
	const char *name;
	unsigned char magic[6];
	size_t n_magic;
} compressions[] = {
	{ "gzip", { 0x1f, 0x8b, 0x08 }, 3 },
	{ "bzip2", { 'B', 'Z', 'h' }, 3 },
	{ "xz", { 0xfd, '7', 'z', 'X', 'Z', 0x00 }, 6 },
	{ "zstd", { 0x28, 0xb5, 0x2f, 0xfd }, 4 },
};

const char *unr_compression_name(const struct unr_blob *blob)
{
	unsigned char start[6];
	size_t wanted = blob->size < sizeof(start) ? (size_t) blob->size : sizeof(start);
	ssize_t n = unr_pread_full(blob->fd, start, wanted, blob->offset);

	for (size_t i = 0; n > 0 && i < UNR_COUNT(compressions); i++)
		if ((size_t) n >= compressions[i].n_magic &&
		    memcmp(start, compressions[i].magic, compressions[i].n_magic) == 0)
			return compressions[i].name;
	return NULL;
}

static ssize_t read_plain(void *context, void *buffer, size_t size)
{
	struct unr_inflate *inflate = context;
	ssize_t n = inflate->inflater->read(inflate->stream, buffer, size);
	struct unr_shown shown;
	const char *fault;

	if (n > 0)
		return n;
	fault = n < 0 ? strerror((int) -n) : inflate->inflater->fault_text(inflate->stream);
	if (fault[0] == '\0')
		return 0;
	(void) unr_fail(inflate->err, UNR_ERROR_FAILED, n < 0 ? (int) n : -EIO,
			"%s: cannot be decompressed: %s", inflate->name,
			unr_show_words(&shown, fault));
	return n < 0 ? n : -EIO;
}

int unr_inflate_open(const struct unr_image_services *services, const struct unr_blob *blob,
		     const char *name, struct unr_inflate *ret, struct unr_tar_source *ret_source,
		     struct unr_error *err)
{
	struct unr_inflate inflate = { .name = name, .err = err };
	int r;

	inflate.inflater = services == NULL ? NULL : services->inflater;
	if (inflate.inflater == NULL)
		return unr_fail(err, UNR_ERROR_FAILED, -EOPNOTSUPP,
				"%s: is compressed, which cannot be read here", name);
	r = inflate.inflater->open(blob, &inflate.stream, err);
	if (r == -ENOTSUP)
		return unr_fail(err, UNR_ERROR_FAILED, r,
				"%s: is compressed with %s, which this version does not read", name,
				unr_compression_name(blob));
	if (r < 0) {
		(void) unr_fail_context(err, "%s", name);
		return r;
	}
	*ret = inflate;
	*ret_source = (struct unr_tar_source) { .read = read_plain, .context = ret };
	return 0;
}

void unr_inflate_done(struct unr_inflate *inflate)
{
	if (inflate->stream != NULL)
		inflate->inflater->close(inflate->stream);
	inflate->stream = NULL;
}
