/* SPDX-License-Identifier: MIT */
/*
 * Shared by tests of unpack/: a pretended file system behind the shims of sys/,
 * which notes every call that would change something, and a bench that extracts
 * a layer into it.  The program that includes this declares the shims before, so
 * that they are wrapped.
 */
#ifndef UNR_TEST_UNPACK_FAKE_SYS_H
#define UNR_TEST_UNPACK_FAKE_SYS_H

#include "unr_test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "sys/sys.h"
#include "tar_build.h"
#include "unpack/unpack.h"

/* The file system that the shims below pretend. */
static struct fake {
	struct node {
		char path[64];
		mode_t mode;
		uid_t uid;
	} nodes[16];
	size_t n_nodes;
	struct unr_text calls;   /* owned; those that change something, a line each */
	const char *failing;     /* a call, "chmod" */
	int error;               /* that it answers */
	int failures;            /* how often; -1: always */
	unsigned char value[64]; /* of the last attribute */
	size_t value_size;
} fake;

static inline const struct node *find_node(const char *path)
{
	for (size_t i = 0; i < fake.n_nodes; i++)
		if (strcmp(fake.nodes[i].path, path) == 0)
			return &fake.nodes[i];
	return NULL;
}

static inline void add_node(const char *path, mode_t mode, uid_t uid)
{
	struct node *node = &fake.nodes[fake.n_nodes++];

	assert_true(fake.n_nodes <= UNR_COUNT(fake.nodes));
	(void) snprintf(node->path, sizeof(node->path), "%s", path);
	node->mode = mode;
	node->uid = uid;
}

/* Notes the call; its answer. */
static inline int call(const char *name, const char *fmt, ...) UNR_PRINTF(2, 3);
static inline int call(const char *name, const char *fmt, ...)
{
	char arguments[128];
	va_list args;

	va_start(args, fmt);
	(void) vsnprintf(arguments, sizeof(arguments), fmt, args);
	va_end(args);
	unr_text_printf(&fake.calls, "%s %s\n", name, arguments);
	if (fake.failing == NULL || strcmp(fake.failing, name) != 0 || fake.failures == 0)
		return 0;
	fake.failures--;
	return -fake.error;
}

static int answer_stat(const char *path, struct stat *ret)
{
	const struct node *node = find_node(path);

	if (node == NULL)
		return -ENOENT;
	*ret = (struct stat) { .st_mode = node->mode, .st_uid = node->uid };
	return 0;
}

int __wrap_unr_sys_lstat(const char *path, struct stat *ret)
{
	return answer_stat(path, ret);
}

int __wrap_unr_sys_stat(const char *path, struct stat *ret)
{
	return answer_stat(path, ret);
}

/* Where something is, it is as if it had not been tried. */
int __wrap_unr_sys_mkdirat(int at, const char *path, mode_t mode)
{
	int r = find_node(path) != NULL ? -EEXIST : call("mkdir", "%s %o", path, mode);

	(void) at;
	if (r == 0)
		add_node(path, S_IFDIR | mode, 0);
	return r;
}

int __wrap_unr_sys_mknodat(int at, const char *path, mode_t mode, dev_t device)
{
	(void) at;
	return call("mknod", "%s %o %u:%u", path, mode, major(device), minor(device));
}

int __wrap_unr_sys_link(const char *target, const char *path)
{
	return call("link", "%s %s", target, path);
}

int __wrap_unr_sys_symlink(const char *target, const char *path)
{
	return call("symlink", "%s %s", target, path);
}

int __wrap_unr_sys_chmod(const char *path, mode_t mode)
{
	return call("chmod", "%s %o", path, mode);
}

int __wrap_unr_sys_lchownat(int at, const char *path, uid_t uid, gid_t gid)
{
	(void) at;
	return call("lchown", "%s %u:%u", path, uid, gid);
}

int __wrap_unr_sys_chown(const char *path, uid_t uid, gid_t gid)
{
	return call("chown", "%s %u:%u", path, uid, gid);
}

static int note_times(const char *name, const char *path, const struct timespec times[2])
{
	return call(name, "%s %lld.%ld %lld.%ld", path, (long long) times[0].tv_sec,
		    times[0].tv_nsec, (long long) times[1].tv_sec, times[1].tv_nsec);
}

int __wrap_unr_sys_utimens(const char *path, const struct timespec times[2])
{
	return note_times("utimens", path, times);
}

int __wrap_unr_sys_lutimens(const char *path, const struct timespec times[2])
{
	return note_times("lutimens", path, times);
}

int __wrap_unr_sys_setxattr(const char *path, const char *name, const void *value, size_t size)
{
	return call("setxattr", "%s %s=%.*s", path, name, (int) size, (const char *) value);
}

int __wrap_unr_sys_lsetxattr(const char *path, const char *name, const void *value, size_t size)
{
	fake.value_size = size;
	memcpy(fake.value, value, size < sizeof(fake.value) ? size : sizeof(fake.value));
	return call("lsetxattr", "%s %s=%.*s", path, name, (int) size, (const char *) value);
}

int __wrap_unr_sys_create(const char *path, mode_t mode)
{
	int r = call("create", "%s %o", path, mode);

	return r < 0 ? r : memfd_create("fake", MFD_CLOEXEC);
}

/* All names are whole here. */
int __wrap_unr_sys_open_parent(const char *path)
{
	(void) path;
	return -EMFILE;
}

int __wrap_unr_sys_create_new(int at, const char *path, mode_t mode)
{
	int r = find_node(path) != NULL ? -EEXIST : call("create_new", "%s %o", path, mode);

	(void) at;
	return r < 0 ? r : memfd_create("fake", MFD_CLOEXEC);
}

int __wrap_unr_sys_fchmod(int fd, mode_t mode)
{
	(void) fd;
	return call("fchmod", "%o", mode);
}

int __wrap_unr_sys_futimens(int fd, const struct timespec times[2])
{
	(void) fd;
	return note_times("futimens", "file", times);
}

int __wrap_unr_sys_truncate(int fd, uint64_t size)
{
	(void) fd;
	return call("truncate", "%llu", (unsigned long long) size);
}

int __wrap_unr_sys_unlinkat(int parent_fd, const char *name, int flags)
{
	(void) parent_fd;
	return call("unlinkat", "%s %s", name, flags == 0 ? "file" : "directory");
}

/* The layer that is extracted, and what came of it. */
struct bench {
	struct tar_build tar;
	struct unr_idmaps maps;
	struct unr_unpack_result result;
	struct unr_error err;
	size_t at, n_found;
};

static ssize_t bench_read(void *context, void *buffer, size_t size)
{
	struct bench *bench = context;
	size_t left = bench->tar.bytes.length - bench->at;
	size_t n = left < size ? left : size;

	memcpy(buffer, bench->tar.bytes.bytes + bench->at, n);
	bench->at += n;
	return (ssize_t) n;
}

static int bench_found(void *context, const struct unr_finding *finding)
{
	struct bench *bench = context;

	(void) finding;
	bench->n_found++;
	return 0;
}

static int setup(void **state)
{
	static const struct unr_id_range range = { 0, 100000, 65536 };
	struct bench *bench = calloc(1, sizeof(*bench));

	fake = (struct fake) { .failures = -1 };
	if (bench == NULL || unr_idmap_add(&bench->maps.of[UNR_UID], range) < 0 ||
	    unr_idmap_add(&bench->maps.of[UNR_GID], range) < 0)
		return -1;
	add_node("/", S_IFDIR | 0755, 0);
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	unr_text_done(&fake.calls);
	tar_build_done(&bench->tar);
	unr_idmaps_done(&bench->maps);
	unr_unpack_result_done(&bench->result);
	free(bench);
	return 0;
}

static int unpack(struct bench *bench)
{
	const struct unr_tar_source source = { .read = bench_read, .context = bench };
	const struct unr_unpack_options options = { .engine = unr_engine_find("docker-20.10"),
						    .maps = &bench->maps,
						    .opaque_fd = -EBADF,
						    .layer = 3,
						    .found = bench_found,
						    .context = bench };
	struct unr_tar *tar = NULL;
	int r = unr_tar_new(&source, &tar);

	if (r == 0)
		r = unr_unpack(tar, &options, &bench->result, &bench->err);
	unr_tar_free(tar);
	return r;
}

static inline void assert_calls(struct bench *bench, const char *expected)
{
	assert_int_equal(unpack(bench), 0);
	assert_string_equal(unr_text_string(&fake.calls), expected);
}

/* An entry of owner 1:2, mode 4755 and time 5, with an attribute. */
static inline void put_entry(struct bench *bench, char type, const char *name, const char *link)
{
	union tar_header header;

	tar_build_pax(&bench->tar, 'x',
		      (const struct tar_pax[]) { { "SCHILY.xattr.user.a", "v", 0 } }, 1);
	tar_header_init(&header, name, type);
	tar_header_text(header.field.link, sizeof(header.field.link), link);
	tar_header_octal(header.field.mode, sizeof(header.field.mode), 0104755);
	tar_header_owner(&header, 1, 2);
	tar_header_octal(header.field.mtime, sizeof(header.field.mtime), 5);
	tar_header_octal(header.field.devmajor, sizeof(header.field.devmajor), 7);
	tar_header_octal(header.field.devminor, sizeof(header.field.devminor), 8);
	tar_build_header(&bench->tar, &header);
}

#define BENCH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

#endif
