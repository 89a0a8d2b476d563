/* SPDX-License-Identifier: MIT */
/* The stores and the bounded read: see store.h. */
#include "image/store.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "image/shown.h"

static int find_in_archive(void *context, const char *name, struct unr_blob *ret,
			   struct unr_error *err)
{
	return unr_archive_index_find(context, name, ret, err);
}

struct unr_store unr_store_archive(struct unr_archive_index *index)
{
	return (struct unr_store) { .find = find_in_archive,
				    .context = index,
				    .name = index->name };
}

/* The input keeps every descriptor, so that blobs stay readable for as long as it lives. */
static int keep_fd(struct unr_image_input *input, int *fd, struct unr_error *err)
{
	int *files = realloc(input->files, (input->n_files + 1) * sizeof(*files));

	if (files == NULL)
		return unr_fail_memory(err);
	input->files = files;
	files[input->n_files++] = unr_take_fd(fd);
	return 0;
}

static int find_in_directory(void *context, const char *name, struct unr_blob *ret,
			     struct unr_error *err)
{
	struct unr_directory *directory = context;
	unr_autoclose int fd = -EBADF;
	struct unr_blob blob = { 0 };
	struct stat st;
	int r;

	if (directory->services == NULL || directory->services->ask == NULL)
		return unr_fail(err, UNR_ERROR_FAILED, -EOPNOTSUPP,
				"%s: its files cannot be reached from here",
				directory->input->name);
	r = directory->services->ask(directory->services->context, name, &fd, err);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return unr_fail_errno(err, "%s: %s", directory->input->name, name);
	blob = (struct unr_blob) { .fd = fd, .offset = 0, .size = (uint64_t) st.st_size };
	r = keep_fd(directory->input, &fd, err);
	if (r < 0)
		return r;
	*ret = blob;
	return 0;
}

struct unr_store unr_store_directory(struct unr_directory *directory)
{
	return (struct unr_store) { .find = find_in_directory,
				    .context = directory,
				    .name = directory->input->name,
				    .rules = directory->services == NULL ?
						     NULL :
						     directory->services->rules };
}

static int announce_to_registry(void *context, const char *name, uint64_t size,
				struct unr_error *err)
{
	const struct unr_image_services *services = ((struct unr_directory *) context)->services;

	return services->announce(services->context, name, size, err);
}

struct unr_store unr_store_registry(struct unr_directory *directory)
{
	struct unr_store store = unr_store_directory(directory);

	store.announce = announce_to_registry;
	return store;
}

int unr_store_read(const struct unr_store *store, const char *name, struct unr_text *ret,
		   struct unr_error *err)
{
	unr_autofree char *bytes = NULL;
	struct unr_shown shown;
	struct unr_blob blob;
	ssize_t n;
	int r;

	r = store->find(store->context, name, &blob, err);
	if (r < 0)
		return r;
	(void) unr_show(&shown, name);
	if (blob.size == 0)
		return unr_fail(err, UNR_ERROR_FAILED, -ENODATA, "%s: %s: is empty", store->name,
				shown.text);
	if (blob.size > UNR_STORE_SMALL)
		return unr_fail(err, UNR_ERROR_FAILED, -E2BIG,
				"%s: %s: has %" PRIu64 " bytes, and more than %d are not read",
				store->name, shown.text, blob.size, UNR_STORE_SMALL);
	bytes = malloc((size_t) blob.size + 1);
	if (bytes == NULL)
		return unr_fail_memory(err);
	n = unr_pread_full(blob.fd, bytes, (size_t) blob.size, blob.offset);
	if (n < 0)
		return unr_fail(err, UNR_ERROR_FAILED, (int) n, "%s: %s: %s", store->name,
				shown.text, strerror((int) -n));
	if ((uint64_t) n < blob.size)
		return unr_fail(err, UNR_ERROR_FAILED, -ENODATA,
				"%s: %s: is cut short: %zd of %" PRIu64 " bytes", store->name,
				shown.text, n, blob.size);
	bytes[n] = '\0';
	unr_text_done(ret);
	*ret = (struct unr_text) { .length = (size_t) n, .capacity = (size_t) n + 1 };
	ret->bytes = unr_take_ptr(bytes);
	return 0;
}
