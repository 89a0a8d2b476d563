/* SPDX-License-Identifier: MIT */
/* Opening images with the caller's privileges: see input.h. */
#include "image/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/tempfile.h"
#include "base/text.h"
#include "image/beneath.h"
#include "image/digest.h"
#include "image/reference.h"
#include "image/shown.h"
#include "image/spool.h"

void unr_image_input_done(struct unr_image_input *input)
{
	unr_close(&input->fd);
	unr_close(&input->spool_fd);
	for (size_t i = 0; i < input->n_files; i++)
		unr_close(&input->files[i]);
	free(input->files);
	free(input->path);
	free(input->name);
	free(input->reference);
	*input = (struct unr_image_input) UNR_IMAGE_INPUT_NONE;
}

/* For what cannot be read in place.  Its lack is an error only once it is used. */
static void make_spool(struct unr_image_input *input)
{
	const char *folder;

	input->spool_fd = unr_tempfile_open(&folder);
	if (input->spool_fd >= 0)
		return;
	(void) unr_fail(&input->spool_error, UNR_ERROR_FAILED, input->spool_fd,
			"cannot make a temporary file in %s: %s; set TMPDIR to another directory",
			folder, strerror(-input->spool_fd));
	input->spool_fd = -EBADF;
}

/* What a file type is called in messages, and what it can hold. */
static const struct file_type {
	mode_t type;
	const char *what;
	bool usable;
	enum unr_input_kind kind;
} file_types[] = {
	{ S_IFREG, "a file", true, UNR_INPUT_FILE },
	{ S_IFIFO, "a pipe", true, UNR_INPUT_STREAM },
	{ S_IFSOCK, "a socket", true, UNR_INPUT_STREAM },
	{ S_IFDIR, "a directory", true, UNR_INPUT_DIRECTORY },
	{ S_IFCHR, "a character device", false, UNR_INPUT_KIND_COUNT_ },
	{ S_IFBLK, "a block device", false, UNR_INPUT_KIND_COUNT_ },
};

static int check_type(struct unr_image_input *input, struct unr_error *err)
{
	const struct file_type *row = NULL;
	struct stat st;

	if (fstat(input->fd, &st) < 0)
		return unr_fail_errno(err, "%s", input->name);
	for (size_t i = 0; i < UNR_COUNT(file_types); i++)
		if ((st.st_mode & S_IFMT) == file_types[i].type)
			row = &file_types[i];
	if (row == NULL || !row->usable)
		return unr_fail(err, UNR_ERROR_FAILED, -EINVAL, "%s: is %s, not an image",
				input->name, row == NULL ? "no file" : row->what);
	if (input->transport == UNR_TRANSPORT_OCI && row->kind != UNR_INPUT_DIRECTORY)
		return unr_fail(err, UNR_ERROR_FAILED, -ENOTDIR,
				"%s: is %s, and oci: wants a directory", input->name, row->what);
	if (row->kind == UNR_INPUT_DIRECTORY && input->transport != UNR_TRANSPORT_OCI &&
	    input->transport != UNR_TRANSPORT_AUTO)
		return unr_fail(err, UNR_ERROR_FAILED, -EISDIR,
				"%s: is a directory, and %s: wants a file", input->name,
				unr_transport_name(input->transport));
	input->kind = input->transport == UNR_TRANSPORT_DOCKER ? UNR_INPUT_REGISTRY : row->kind;
	return 0;
}

/* Fills in the rest around input->fd. */
static int complete(struct unr_image_input *input, enum unr_transport transport, const char *path,
		    const char *reference, struct unr_error *err)
{
	struct unr_shown shown;
	int r;

	input->transport = transport;
	input->path = strdup(path);
	if (input->name == NULL)
		input->name = strdup(unr_show(&shown, path));
	input->reference = reference == NULL ? NULL : strdup(reference);
	if (input->path == NULL || input->name == NULL ||
	    (reference != NULL && input->reference == NULL))
		return unr_fail_memory(err);
	r = check_type(input, err);
	if (r < 0)
		return r;
	if (input->kind == UNR_INPUT_FILE || input->kind == UNR_INPUT_STREAM)
		make_spool(input);
	return 0;
}

static int open_standard_input(struct unr_image_input *input, struct unr_error *err)
{
	off_t position;

	input->name = strdup("standard input");
	if (input->name == NULL)
		return unr_fail_memory(err);
	if (isatty(STDIN_FILENO))
		return unr_fail(err, UNR_ERROR_USAGE, -ENOTTY,
				"standard input is a terminal: name a file, or pipe an image in");
	input->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (input->fd < 0)
		return unr_fail_errno(err, "standard input");
	position = lseek(input->fd, 0, SEEK_CUR);
	input->offset = position < 0 ? 0 : (uint64_t) position;
	return 0;
}

/* Who names an image as docker does is told how it gets here. */
static int fail_no_file(const char *path, struct unr_error *err)
{
	bool has_colon = strchr(path, ':') != NULL;
	bool is_name = unr_reference_has_form(path) && (has_colon || strchr(path, '.') == NULL);
	struct unr_shown shown;

	(void) unr_show(&shown, path);
	return unr_fail(err, UNR_ERROR_FAILED, -ENOENT, "%s: %s%s%s%s", shown.text,
			has_colon ? "no such file, and it begins with no known transport" :
				    strerror(ENOENT),
			is_name ? "; if docker has it: docker save " : "",
			is_name ? shown.text : "", is_name ? " | userns-repro run -" : "");
}

static int open_path(struct unr_image_input *input, const struct unr_image_spec *spec,
		     struct unr_error *err)
{
	struct unr_shown shown;
	int code;

	/* O_NONBLOCK: a FIFO that nobody writes must not hold us up. */
	input->fd = open(spec->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (input->fd >= 0)
		return 0;
	code = -errno;
	if (code == -ENOENT && spec->transport == UNR_TRANSPORT_AUTO)
		return fail_no_file(spec->path, err);
	return unr_fail(err, UNR_ERROR_FAILED, code, "%s: %s", unr_show(&shown, spec->path),
			strerror(-code));
}

int unr_image_input_open(const struct unr_image_spec *spec, struct unr_image_input *ret,
			 struct unr_error *err)
{
	unr_auto(unr_image_input_done) struct unr_image_input input = UNR_IMAGE_INPUT_NONE;
	int r;

	if (!unr_transport_has_file(spec->transport))
		return unr_fail(err, UNR_ERROR_FAILED, -EOPNOTSUPP, "%s: is not opened as a file",
				unr_transport_name(spec->transport));
	if (strcmp(spec->path, "-") == 0 && spec->transport != UNR_TRANSPORT_OCI)
		r = open_standard_input(&input, err);
	else
		r = open_path(&input, spec, err);
	if (r == 0)
		r = complete(&input, spec->transport, spec->path, spec->reference, err);
	if (r < 0)
		return r;
	*ret = input;
	input = (struct unr_image_input) UNR_IMAGE_INPUT_NONE;
	return 0;
}

int unr_image_input_from_fd(enum unr_transport transport, int fd, const char *path,
			    const char *reference, struct unr_image_input *ret,
			    struct unr_error *err)
{
	unr_auto(unr_image_input_done) struct unr_image_input input = UNR_IMAGE_INPUT_NONE;
	int r;

	input.fd = fd;
	r = complete(&input, transport, path, reference, err);
	if (r < 0) {
		input.fd = -EBADF; /* stays the caller's */
		return r;
	}
	*ret = input;
	input = (struct unr_image_input) UNR_IMAGE_INPUT_NONE;
	return 0;
}

/* The copy takes the pipe's place, and a compressed one is unpacked into a file of its own. */
int unr_image_input_keep(struct unr_image_input *input, struct unr_error *err)
{
	struct unr_blob blob;
	int r;

	if (input->kind != UNR_INPUT_STREAM)
		return 0;
	r = unr_spool_stream(input, NULL, &blob, err);
	if (r < 0)
		return r;
	unr_close(&input->fd);
	input->fd = unr_take_fd(&input->spool_fd);
	input->kind = UNR_INPUT_FILE;
	input->offset = blob.offset;
	make_spool(input);
	return 0;
}

int unr_image_input_serve(const struct unr_image_input *input, const char *name, int *ret_fd,
			  struct unr_error *err)
{
	unr_autoclose int fd = -EBADF;
	char digest[UNR_DIGEST_SIZE];
	struct unr_shown shown;
	struct stat st;
	int r;

	if (strcmp(name, "oci-layout") != 0 && strcmp(name, "index.json") != 0 &&
	    !unr_digest_from_blob(name, digest))
		return unr_fail(err, UNR_ERROR_FAILED, -EINVAL,
				"%s: %s is not the name of a file of an OCI layout", input->name,
				unr_show(&shown, name));
	r = unr_beneath_open(input->fd, name, &fd);
	if (r == -EXDEV || r == -ELOOP)
		return unr_fail(err, UNR_ERROR_FAILED, r,
				"%s: %s is a link that leads out of the layout", input->name, name);
	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "%s: %s: %s", input->name, name,
				strerror(-r));
	if (fstat(fd, &st) < 0)
		return unr_fail_errno(err, "%s: %s", input->name, name);
	if (!S_ISREG(st.st_mode))
		return unr_fail(err, UNR_ERROR_FAILED, -ENOTSUP, "%s: %s: is not a regular file",
				input->name, name);
	*ret_fd = unr_take_fd(&fd);
	return 0;
}
