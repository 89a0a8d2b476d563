/* SPDX-License-Identifier: MIT */
/*
 * Making an entry's node, by the header's type: the first half of createTarFile
 * (pkg/archive/archive.go, v20.10.24).  Owner and the rest follow elsewhere.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "sys/sys.h"
#include "unpack/internal.h"

#define COPY_SIZE ((size_t) 256 << 10)

/* Bytes of contents that stay in memory, of one layer. */
#define READ_AGAIN_MAX ((uint64_t) 64 << 20)

mode_t header_mode(const struct unpack *u)
{
	return (mode_t) (u->entry->mode & 07777);
}

/* A header's own bit would say what is not so. */
static mode_t file_mode_of(const struct unpack *u)
{
	return u->options->fleeting ? header_mode(u) & ~(mode_t) UNR_MODE_WITHOUT_CONTENT :
				      header_mode(u);
}

int create_new_directory(struct unpack *u)
{
	const struct place place = place_of(u, u->path.bytes);

	return unr_sys_mkdirat(place.at, place.path, header_mode(u));
}

static int create_directory(struct unpack *u)
{
	struct stat st;
	int r;

	if (u->made || (look_at(u, u->path.bytes, &st) == 0 && S_ISDIR(st.st_mode)))
		return 0;
	r = create_new_directory(u);
	return r < 0 ? fail_op(u, "mkdir", u->path.bytes, r) : 0;
}

/* The tar's fault while its content was read, or the source's own. */
static int content_failed(struct unpack *u, int error)
{
	if (error == -EBADMSG)
		return fail_text(u, "%s", unr_tar_error_text(u->tar));
	return unr_fail(u->err, UNR_ERROR_FAILED, error, "read layer %u: %s", u->options->layer,
			strerror(-error));
}

static int drop_content(struct unpack *u)
{
	int r = unr_tar_drain(u->tar);

	return r < 0 ? content_failed(u, r) : 0;
}

/* Content is read and dropped; the file is as long as it would be, and all hole. */
static int measure_content(struct unpack *u, int fd)
{
	int r = drop_content(u);

	if (r == 0 && u->entry->size > 0) {
		r = unr_sys_truncate(fd, (uint64_t) u->entry->size);
		if (r < 0 && r != -EFBIG)
			return fail_op(u, "truncate", u->path.bytes, r);
		r = 0;
	}
	return r;
}

/*
 * Of a tree that goes away few files are read again: those in which USER is looked up
 * (user/view.h).  Which ones that are is known when all layers are there, so it is every one that
 * is called like them, as long as they are not many.
 */
static bool is_read_again(struct unpack *u)
{
	const char *name = path_basename(&u->path);
	const uint64_t size = (uint64_t) u->entry->size;

	if (strstr(name, "passwd") == NULL && strstr(name, "group") == NULL)
		return false;
	return size <= READ_AGAIN_MAX - u->read_again;
}

static bool is_zero(const char *bytes, size_t length)
{
	return bytes[0] == '\0' && memcmp(bytes, bytes + 1, length - 1) == 0;
}

/*
 * A stretch of zeros at the end of a kept tree's file becomes a hole: the same content, and a
 * lastlog of 292 MB takes no disk.  Files that are read again are told from others by their blocks.
 */
static int store_piece(struct unpack *u, int fd, const char *bytes, size_t length)
{
	off_t end;

	if (!u->options->store || !is_zero(bytes, length))
		return unr_write_full(fd, bytes, length);
	end = lseek(fd, (off_t) length, SEEK_CUR);
	return end < 0 ? -errno : unr_sys_truncate(fd, (uint64_t) end);
}

/* Content from the tar, or from @source_fd where there is one. */
static int store_content(struct unpack *u, int fd, int source_fd)
{
	if (u->buffer == NULL)
		u->buffer = malloc(COPY_SIZE);
	if (u->buffer == NULL)
		return unr_fail_memory(u->err);
	for (;;) {
		ssize_t n = source_fd < 0 ? unr_tar_read(u->tar, u->buffer, COPY_SIZE) :
					    unr_read_full(source_fd, u->buffer, COPY_SIZE);
		int r;

		if (n < 0)
			return content_failed(u, (int) n);
		if (n == 0)
			return 0;
		r = store_piece(u, fd, u->buffer, (size_t) n);
		if (r < 0)
			return fail_op(u, "write", u->path.bytes, r);
	}
}

int create_copy(struct unpack *u, int source_fd)
{
	struct stat st;
	mode_t mode = file_mode_of(u);
	unr_autoclose int fd = -EBADF;
	int r;

	if (fstat(source_fd, &st) < 0)
		return fail_op(u, "stat", u->path.bytes, -errno);
	if (u->options->fleeting && st.st_size == 0)
		mode |= st.st_mode & UNR_MODE_WITHOUT_CONTENT;
	fd = unr_sys_create(u->path.bytes, mode);
	if (fd < 0)
		return fail_op(u, "open", u->path.bytes, fd);
	if (u->options->store)
		return store_content(u, fd, source_fd);
	/* As long as the kept file is, and all hole as that one. */
	r = unr_sys_truncate(fd, (uint64_t) st.st_size);
	return r < 0 ? fail_op(u, "truncate", u->path.bytes, r) : 0;
}

/* A name with a NUL (GNU.sparse.name may hold one) never reaches the kernel in Go. */
static bool has_nul(const struct unpack *u)
{
	return strlen(u->path.bytes) != u->path.length;
}

/*
 * Where nobody will see more of the file than its owner, one call makes it, in place of one that
 * opens it, one that gives it a length and one that closes it.
 */
static int create_new_empty(struct unpack *u)
{
	mode_t mode = file_mode_of(u) | (u->entry->size > 0 ? UNR_MODE_WITHOUT_CONTENT : 0);
	const struct place place = place_of(u, u->path.bytes);
	int r = unr_sys_mknodat(place.at, place.path, S_IFREG | mode, 0);

	u->made = r == 0;
	return r;
}

int create_new_file(struct unpack *u)
{
	const struct place place = place_of(u, u->path.bytes);

	if (has_nul(u))
		return -EINVAL;
	if (u->options->fleeting && !is_read_again(u))
		return create_new_empty(u);
	u->fd = unr_sys_create_new(place.at, place.path, file_mode_of(u));
	return u->fd < 0 ? u->fd : 0;
}

static int create_file(struct unpack *u)
{
	int r = limit_size(u);

	if (r < 0)
		return r;
	if (u->made)
		return drop_content(u);
	if (has_nul(u))
		return fail_op(u, "open", u->path.bytes, -EINVAL);
	if (u->fd < 0)
		u->fd = unr_sys_create(u->path.bytes, file_mode_of(u));
	if (u->fd < 0)
		return fail_op(u, "open", u->path.bytes, u->fd);
	if (!u->options->store && !is_read_again(u))
		return measure_content(u, u->fd);
	u->read_again += u->options->store ? 0 : (uint64_t) u->entry->size;
	return store_content(u, u->fd, -EBADF);
}

bool leaves_out(const struct unpack *u)
{
	return u->options->engine->rootless != NULL &&
	       (u->entry->type == '3' || u->entry->type == '4');
}

/*
 * Devices need the initial namespace, or somebody who lives there: where neither
 * is to be had (the kernel answers EPERM) a fifo stands in, so that what comes
 * after meets a node that refuses what a device refuses (user.* attributes).  It
 * is never opened: a file of its name replaces it.
 */
static int create_node(struct unpack *u)
{
	const struct unr_tar_entry *e = u->entry;
	mode_t type = e->type == '3' ? S_IFCHR : e->type == '4' ? S_IFBLK : S_IFIFO;
	/* Go's Mkdev keeps 32 bits of each; the kernel's encoding 12 and 20. */
	const unsigned int major = (unsigned int) e->devmajor & 0xfff;
	const unsigned int minor = (unsigned int) e->devminor & 0xfffff;
	const struct unr_privileged *privileged = u->options->privileged;
	int r = u->options->engine->rooted ? rooted_check_node(u) : 0;

	if (r != 0)
		return r;
	r = unr_sys_mknodat(AT_FDCWD, u->path.bytes, type | header_mode(u), makedev(major, minor));
	if (r == -EPERM && type != S_IFIFO && privileged != NULL)
		r = privileged->make_node(privileged->context, u->path.bytes, type, major, minor);
	if (r == -EPERM && type != S_IFIFO) {
		u->result->stand_ins++;
		r = unr_sys_mknodat(AT_FDCWD, u->path.bytes, S_IFIFO | header_mode(u), 0);
	}
	return r < 0 ? fail_bare(u, r) : 0;
}

/* The target counts from the layer's root and must be in this layer. */
static int create_hard_link(struct unpack *u)
{
	int r;

	path_join_root(u->entry->link, u->entry->link_length, &u->target);
	if (u->target.failed)
		return unr_fail_memory(u->err);
	r = u->options->engine->rooted ? rooted_target(u) : 0;
	if (r != 0)
		return r;
	r = unr_sys_link(u->target.bytes, u->path.bytes);
	return r < 0 ? fail_link(u, "link", shown_path(u, u->target.bytes), u->path.bytes, r) : 0;
}

static int create_symlink(struct unpack *u)
{
	int r = unr_sys_symlink(u->entry->link, u->path.bytes);

	return r < 0 ? fail_link(u, "symlink", u->entry->link, u->path.bytes, r) : 0;
}

int create_entry(struct unpack *u)
{
	static const struct {
		char type;
		int (*create)(struct unpack *u);
	} makers[] = {
		{ '0', create_file }, { '1', create_hard_link }, { '2', create_symlink },
		{ '3', create_node }, { '4', create_node },      { '5', create_directory },
		{ '6', create_node },
	};

	int r = limit_node(u);

	if (r < 0)
		return r;
	for (size_t i = 0; i < UNR_COUNT(makers); i++)
		if (makers[i].type == u->entry->type)
			return makers[i].create(u);
	return fail_text(u, UNR_ENGINE_UNKNOWN_TYPE, (unsigned char) u->entry->type);
}
