/* SPDX-License-Identifier: MIT */
/* The parent's half: opening what was named, and serving files of a layout. */
#include "fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "child.h"
#include "image/beneath.h"
#include "tmp.h"

#define BLOB "blobs/sha256/" HEX_A

static int open_path(enum unr_transport transport, const char *path, struct unr_image_input *ret,
		     struct unr_error *err)
{
	struct unr_image_spec spec = { .transport = transport, .path = strdup(path) };
	int r = unr_image_input_open(&spec, ret, err);

	unr_image_spec_done(&spec);
	return r;
}

static const char *join(char ret[400], const struct unr_tmp *tmp, const char *name)
{
	(void) snprintf(ret, 400, "%s%s", tmp->path, name);
	return ret;
}

/* Opening @name in the directory (or @name itself) fails so, with the path before the message. */
static void assert_not_opened(enum unr_transport transport, const char *path, int code,
			      const char *message)
{
	struct unr_image_input input = UNR_IMAGE_INPUT_NONE;
	struct unr_error err = { 0 };
	char expected[480];

	(void) snprintf(expected, sizeof(expected), "%s: %s", path, message);
	assert_int_equal(open_path(transport, path, &input, &err), code);
	assert_string_equal(err.message, expected);
	assert_int_equal(err.kind, UNR_ERROR_FAILED);
	assert_int_equal(input.fd, -EBADF);
}

static void open__says_what_cannot_be_an_image(void **state)
{
	struct unr_tmp *tmp = *state;
	char path[400];

	assert_not_opened(UNR_TRANSPORT_TAR, join(path, tmp, "/none"), -ENOENT,
			  "No such file or directory");
	assert_not_opened(UNR_TRANSPORT_AUTO, "none:22.04", -ENOENT,
			  "no such file, and it begins with no known transport; if docker has it: "
			  "docker save none:22.04 | userns-repro run -");
	assert_not_opened(UNR_TRANSPORT_AUTO, "none/such", -ENOENT,
			  "No such file or directory; if docker has it: docker save none/such | "
			  "userns-repro run -");
	assert_not_opened(UNR_TRANSPORT_AUTO, "none.tar", -ENOENT, "No such file or directory");
	assert_not_opened(UNR_TRANSPORT_AUTO, "./none:1", -ENOENT,
			  "no such file, and it begins with no known transport");
	assert_int_equal(unr_tmp_write(tmp, "file", "x"), 0);
	assert_not_opened(UNR_TRANSPORT_OCI, join(path, tmp, "/file"), -ENOTDIR,
			  "is a file, and oci: wants a directory");
	assert_not_opened(UNR_TRANSPORT_AUTO, join(path, tmp, "/file/x"), -ENOTDIR,
			  "Not a directory");
	assert_not_opened(UNR_TRANSPORT_DOCKER_ARCHIVE, join(path, tmp, ""), -EISDIR,
			  "is a directory, and docker-archive: wants a file");
	assert_not_opened(UNR_TRANSPORT_OCI_ARCHIVE, join(path, tmp, ""), -EISDIR,
			  "is a directory, and oci-archive: wants a file");
	assert_not_opened(UNR_TRANSPORT_AUTO, "/dev/null", -EINVAL,
			  "is a character device, not an image");
	assert_int_equal(symlinkat("loop", tmp->fd, "loop"), 0);
	assert_not_opened(UNR_TRANSPORT_AUTO, join(path, tmp, "/loop"), -ELOOP,
			  "Too many levels of symbolic links");
}

static int open_unreadable(void *arg)
{
	struct unr_image_input input = UNR_IMAGE_INPUT_NONE;
	struct unr_error err = { 0 };
	char expected[480];
	const char *path = arg;

	if (geteuid() == 0 &&
	    (setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0))
		return 1;
	(void) snprintf(expected, sizeof(expected), "%s: Permission denied", path);
	if (open_path(UNR_TRANSPORT_AUTO, path, &input, &err) != -EACCES)
		return 2;
	return strcmp(err.message, expected) == 0 ? 0 : 3;
}

static void open__unreadable_file(void **state)
{
	struct unr_tmp *tmp = *state;
	char path[400];

	assert_int_equal(unr_tmp_write(tmp, "secret", "x"), 0);
	assert_int_equal(fchmodat(tmp->fd, "secret", 0, 0), 0);
	assert_int_equal(fchmod(tmp->fd, 0755), 0);
	(void) join(path, tmp, "/secret");
	assert_int_equal(unr_run_in_child(open_unreadable, path), 0);
}

static void open__names_are_escaped_in_messages(void **state)
{
	struct unr_image_input input = UNR_IMAGE_INPUT_NONE;
	struct unr_error err = { 0 };

	(void) state;
	assert_int_equal(open_path(UNR_TRANSPORT_AUTO, "no\033[2Jfile", &input, &err), -ENOENT);
	assert_string_equal(err.message, "no\\033[2Jfile: No such file or directory");
}

static void open__fifo_without_a_writer_does_not_hang(void **state)
{
	struct unr_tmp *tmp = *state;
	struct outcome o = { .input = UNR_IMAGE_INPUT_NONE };
	char path[400], message[480];

	assert_int_equal(mkfifoat(tmp->fd, "fifo", 0600), 0);
	o.r = open_path(UNR_TRANSPORT_AUTO, join(path, tmp, "/fifo"), &o.input, &o.err);
	assert_int_equal(o.r, 0);
	assert_int_equal(o.input.kind, UNR_INPUT_STREAM);
	o.r = unr_image_load(&o.input, NULL, &o.image, &o.blobs, &o.err);
	(void) snprintf(message, sizeof(message), "%s: is empty: nobody wrote to the pipe", path);
	assert_refused(&o, -ENODATA, UNR_ERROR_FAILED, message);
}

static int write_slowly(void *arg)
{
	const int *fd = arg;
	struct tar_build tar = { 0 };

	/* Larger than a pipe, so that the reader has to wait and the writer too. */
	build_docker(&tar, TWO_LAYERS, MANIFEST);
	tar_build_zeros(&tar, 300 * 1024);
	return unr_write_full(*fd, tar.bytes.bytes, tar.bytes.length) < 0;
}

static void open__fifo_with_a_writer_is_read_to_the_end(void **state)
{
	struct unr_tmp *tmp = *state;
	struct outcome o = { .input = UNR_IMAGE_INPUT_NONE };
	char path[400];
	int fd, status = -1;
	pid_t pid;

	assert_int_equal(mkfifoat(tmp->fd, "fifo", 0600), 0);
	o.r = open_path(UNR_TRANSPORT_AUTO, join(path, tmp, "/fifo"), &o.input, &o.err);
	assert_int_equal(o.r, 0);
	fd = openat(tmp->fd, "fifo", O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	pid = fork();
	if (pid == 0)
		unr_test_child_exit(write_slowly(&fd));
	assert_true(pid > 0);
	unr_close(&fd);
	o.r = unr_image_load(&o.input, NULL, &o.image, &o.blobs, &o.err);
	assert_string_equal(o.err.message, "");
	assert_blob(&o.blobs[1], "upper layer");
	outcome_done(&o);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* With the descriptor as standard input: opens "-". */
static int open_standard_input(int fd, struct unr_image_input *ret, struct unr_error *err)
{
	int saved = dup(STDIN_FILENO), r;

	if (fd < 0)
		(void) close(STDIN_FILENO);
	else if (dup2(fd, STDIN_FILENO) < 0)
		return -errno;
	r = open_path(UNR_TRANSPORT_AUTO, "-", ret, err);
	(void) dup2(saved, STDIN_FILENO);
	unr_close(&saved);
	return r;
}

static void stdin__file_is_read_in_place_from_its_position(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct outcome o = { .input = UNR_IMAGE_INPUT_NONE };
	int fd;

	(void) state;
	tar_build_bytes(&tar, "before", 6);
	build_docker(&tar, TWO_LAYERS, MANIFEST);
	fd = tar_build_memfd(&tar);
	assert_int_equal(lseek(fd, 6, SEEK_SET), 6);
	o.r = open_standard_input(fd, &o.input, &o.err);
	assert_int_equal(o.r, 0);
	assert_int_equal(o.input.kind, UNR_INPUT_FILE);
	assert_string_equal(o.input.name, "standard input");
	assert_string_equal(o.input.path, "-");
	o.r = unr_image_load(&o.input, NULL, &o.image, &o.blobs, &o.err);
	assert_string_equal(o.err.message, "");
	assert_blob(&o.blobs[0], "bottom layer");
	assert_int_equal(o.blobs[0].fd, o.input.fd);
	outcome_done(&o);
	unr_close(&fd);
}

static void stdin__terminal_or_nothing_is_refused(void **state)
{
	struct unr_image_input input = UNR_IMAGE_INPUT_NONE;
	struct unr_error err = { 0 };
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	(void) state;
	assert_int_equal(open_standard_input(-1, &input, &err), -EBADF);
	assert_string_equal(err.message, "standard input: Bad file descriptor");
	if (terminal < 0) /* no devpts here */
		return;
	assert_int_equal(open_standard_input(terminal, &input, &err), -ENOTTY);
	assert_int_equal(err.kind, UNR_ERROR_USAGE);
	assert_string_equal(err.message, "standard input is a terminal: name a file, or pipe an "
					 "image in");
	unr_close(&terminal);
}

static void spool__needs_a_directory_that_can_be_written(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct unr_image_input input = UNR_IMAGE_INPUT_NONE;
	struct unr_tmp *tmp = *state;
	unr_autofree char *saved = getenv("TMPDIR") == NULL ? NULL : strdup(getenv("TMPDIR"));
	char path[400];
	int fd = tar_build_memfd(&tar), r;

	assert_int_equal(setenv("TMPDIR", join(path, tmp, "/none"), 1), 0);
	r = unr_image_input_from_fd(UNR_TRANSPORT_AUTO, fd, "x", NULL, &input, NULL);
	if (saved == NULL)
		assert_int_equal(unsetenv("TMPDIR"), 0);
	else
		assert_int_equal(setenv("TMPDIR", saved, 1), 0);
	assert_int_equal(r, 0); /* a plain file needs none */
	assert_int_equal(input.spool_fd, -EBADF);
	assert_int_equal(input.spool_error.code, -ENOENT);
	assert_non_null(strstr(input.spool_error.message, "/none: No such file or directory; set "
							  "TMPDIR to another directory"));
	unr_image_input_done(&input);
}

static void from_fd__keeps_the_descriptor_only_on_success(void **state)
{
	struct unr_image_input input = UNR_IMAGE_INPUT_NONE;
	struct unr_error err = { 0 };
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void) state;
	assert_int_equal(
		unr_image_input_from_fd(UNR_TRANSPORT_SCENARIO, fd, "npm9", NULL, &input, &err),
		-EINVAL);
	assert_string_equal(err.message, "npm9: is a character device, not an image");
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	unr_close(&fd);
}

static void make_layout(const struct unr_tmp *tmp)
{
	assert_int_equal(unr_tmp_write(tmp, "oci-layout", "layout"), 0);
	assert_int_equal(unr_tmp_write(tmp, "secret", "no"), 0);
	assert_int_equal(mkdirat(tmp->fd, "blobs", 0755), 0);
	assert_int_equal(mkdirat(tmp->fd, "blobs/sha256", 0755), 0);
	assert_int_equal(unr_tmp_write(tmp, BLOB, "blob"), 0);
}

static void assert_served(const struct unr_image_input *input, const char *name, const char *text)
{
	struct unr_blob blob = { 0 };

	assert_int_equal(unr_image_input_serve(input, name, &blob.fd, NULL), 0);
	blob.size = strlen(text);
	assert_blob(&blob, text);
	unr_close(&blob.fd);
}

static void assert_not_served(const struct unr_image_input *input, const char *name, int code,
			      const char *message)
{
	struct unr_error err = { 0 };
	char expected[480];
	int fd = -77;

	(void) snprintf(expected, sizeof(expected), "%s: %s", input->name, message);
	assert_int_equal(unr_image_input_serve(input, name, &fd, &err), code);
	assert_string_equal(err.message, expected);
	assert_int_equal(fd, -77);
}

static void serve__gives_files_of_the_layout_only(void **state)
{
	static const char *const bad[] = {
		"secret",
		"",
		".",
		"..",
		"blobs",
		"blobs/sha256",
		"blobs/sha256/../../secret",
		"../etc/passwd",
		"/etc/passwd",
		"./oci-layout",
		"oci-layout/",
		"blobs//sha256/" HEX_A,
		"blobs/sha256/" HEX_A "/",
		"blobs/sha256/" HEX_A "a",
		"blobs/md5/" HEX_A,
	};
	struct unr_tmp *tmp = *state;
	struct unr_image_input input = UNR_IMAGE_INPUT_NONE;
	char message[400];

	make_layout(tmp);
	assert_int_equal(open_path(UNR_TRANSPORT_AUTO, tmp->path, &input, NULL), 0);
	assert_int_equal(input.kind, UNR_INPUT_DIRECTORY);
	assert_served(&input, "oci-layout", "layout");
	assert_served(&input, BLOB, "blob");
	for (size_t i = 0; i < UNR_COUNT(bad); i++) {
		(void) snprintf(message, sizeof(message),
				"%s is not the name of a file of an OCI layout", bad[i]);
		assert_not_served(&input, bad[i], -EINVAL, message);
	}
	assert_not_served(&input, "index.json", -ENOENT, "index.json: No such file or directory");
	unr_image_input_done(&input);
}

static void serve__does_not_leave_the_directory(void **state)
{
	struct unr_tmp *tmp = *state;
	struct unr_image_input input = UNR_IMAGE_INPUT_NONE;

	make_layout(tmp);
	assert_int_equal(open_path(UNR_TRANSPORT_OCI, tmp->path, &input, NULL), 0);
	assert_int_equal(symlinkat("/etc/passwd", tmp->fd, "index.json"), 0);
	assert_not_served(&input, "index.json", -EXDEV,
			  "index.json is a link that leads out of the layout");
	assert_int_equal(symlinkat("../../../../etc/passwd", tmp->fd, "blobs/sha256/" HEX_B), 0);
	assert_not_served(&input, "blobs/sha256/" HEX_B, -EXDEV,
			  "blobs/sha256/" HEX_B " is a link that leads out of the layout");
	assert_int_equal(unlinkat(tmp->fd, "index.json", 0), 0);
	assert_int_equal(mkfifoat(tmp->fd, "index.json", 0600), 0);
	assert_not_served(&input, "index.json", -ENOTSUP, "index.json: is not a regular file");
	assert_int_equal(unlinkat(tmp->fd, "index.json", 0), 0);
	assert_int_equal(mkdirat(tmp->fd, "index.json", 0700), 0);
	assert_not_served(&input, "index.json", -ENOTSUP, "index.json: is not a regular file");
	unr_image_input_done(&input);
}

static void beneath__both_ways_open_and_refuse_the_same(void **state)
{
	static int (*const ways[])(int, const char *, int *) = { unr_beneath_open,
								 unr_beneath_open_steps };
	struct unr_tmp *tmp = *state;

	make_layout(tmp);
	assert_int_equal(symlinkat("/etc/passwd", tmp->fd, "out"), 0);
	assert_int_equal(symlinkat("/etc", tmp->fd, "etc"), 0);
	for (size_t i = 0; i < UNR_COUNT(ways); i++) {
		struct unr_blob blob = { .size = 4 };
		int fd = -77, r;

		assert_int_equal(ways[i](tmp->fd, BLOB, &blob.fd), 0);
		assert_blob(&blob, "blob");
		unr_close(&blob.fd);
		r = ways[i](tmp->fd, "out", &fd);
		assert_true(r == -EXDEV || r == -ELOOP);
		r = ways[i](tmp->fd, "etc/passwd", &fd);
		assert_true(r == -EXDEV || r == -ELOOP || r == -ENOTDIR);
		assert_int_equal(ways[i](tmp->fd, "../x", &fd), -EXDEV);
		assert_int_equal(ways[i](tmp->fd, "/etc/passwd", &fd), -EXDEV);
		assert_int_equal(ways[i](tmp->fd, "none", &fd), -ENOENT);
		assert_int_equal(ways[i](tmp->fd, "oci-layout/x", &fd), -ENOTDIR);
		assert_int_equal(fd, -77);
	}
}

#define IN_TMP(test) cmocka_unit_test_setup_teardown(test, unr_tmp_setup, unr_tmp_teardown)

static const struct CMUnitTest tests[] = {
	IN_TMP(open__says_what_cannot_be_an_image),
	IN_TMP(open__unreadable_file),
	cmocka_unit_test(open__names_are_escaped_in_messages),
	IN_TMP(open__fifo_without_a_writer_does_not_hang),
	IN_TMP(open__fifo_with_a_writer_is_read_to_the_end),
	cmocka_unit_test(stdin__file_is_read_in_place_from_its_position),
	cmocka_unit_test(stdin__terminal_or_nothing_is_refused),
	IN_TMP(spool__needs_a_directory_that_can_be_written),
	cmocka_unit_test(from_fd__keeps_the_descriptor_only_on_success),
	IN_TMP(serve__gives_files_of_the_layout_only),
	IN_TMP(serve__does_not_leave_the_directory),
	IN_TMP(beneath__both_ways_open_and_refuse_the_same),
};

UNR_TEST_MAIN("image.input", tests, NULL);
