/* SPDX-License-Identifier: MIT */
/*
 * unpack/: which system calls an entry comes down to, and in which order.
 * Nothing real is called; userns/test_unpack*.c looks at real trees.
 */
#include "sys/sys.h"

int __wrap_unr_sys_lstat(const char *path, struct stat *ret);
int __wrap_unr_sys_stat(const char *path, struct stat *ret);
int __wrap_unr_sys_mkdirat(int at, const char *path, mode_t mode);
int __wrap_unr_sys_mknodat(int at, const char *path, mode_t mode, dev_t device);
int __wrap_unr_sys_link(const char *target, const char *path);
int __wrap_unr_sys_symlink(const char *target, const char *path);
int __wrap_unr_sys_chmod(const char *path, mode_t mode);
int __wrap_unr_sys_lchownat(int at, const char *path, uid_t uid, gid_t gid);
int __wrap_unr_sys_chown(const char *path, uid_t uid, gid_t gid);
int __wrap_unr_sys_utimens(const char *path, const struct timespec times[2]);
int __wrap_unr_sys_lutimens(const char *path, const struct timespec times[2]);
int __wrap_unr_sys_setxattr(const char *path, const char *name, const void *value, size_t size);
int __wrap_unr_sys_lsetxattr(const char *path, const char *name, const void *value, size_t size);
int __wrap_unr_sys_create(const char *path, mode_t mode);
int __wrap_unr_sys_open_parent(const char *path);
int __wrap_unr_sys_create_new(int at, const char *path, mode_t mode);
int __wrap_unr_sys_fchmod(int fd, mode_t mode);
int __wrap_unr_sys_futimens(int fd, const struct timespec times[2]);
int __wrap_unr_sys_truncate(int fd, uint64_t size);
int __wrap_unr_sys_unlinkat(int parent_fd, const char *name, int flags);

#include "fake_sys.h"

#define AFTERWARDS(path)                                                                           \
	"lchown " path " 1:2\nlsetxattr " path " user.a=v\nchmod " path " 4755\n"                  \
	"utimens " path " 5.0 5.0\n"

static void entry__is_made_then_owned_then_dressed(void **state)
{
	static const struct {
		char type;
		const char *expected;
	} cases[] = {
		{ '0', "create_new /f 4755\nlchown /f 1:2\nlsetxattr /f user.a=v\n"
		       "fchmod 4755\nfutimens file 5.0 5.0\n" },
		{ '3', "mknod /f 24755 7:8\n" AFTERWARDS("/f") },
		{ '4', "mknod /f 64755 7:8\n" AFTERWARDS("/f") },
		{ '5', "mkdir /f 4755\n" AFTERWARDS("/f") "utimens /f 0.0 5.0\n" },
		{ '6', "mknod /f 14755 7:8\n" AFTERWARDS("/f") },
		{ '2',
		  "symlink to /f\nlchown /f 1:2\nlsetxattr /f user.a=v\nlutimens /f 5.0 5.0\n" },
	};

	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		put_entry(*state, cases[i].type, "f", "to");
		assert_calls(*state, cases[i].expected);
		assert_int_equal(teardown(state), 0);
		assert_int_equal(setup(state), 0);
	}
}

static void file__content_comes_before_the_owner(void **state)
{
	struct bench *bench = *state;

	tar_build_text(&bench->tar, "f", "abc");
	assert_calls(bench, "create_new /f 644\ntruncate 3\nlchown /f 0:0\nfchmod 644\n"
			    "futimens file 0.0 0.0\n");
}

static void file__clears_its_way_first(void **state)
{
	struct bench *bench = *state;

	add_node("/f", S_IFREG | 0644, 0);
	tar_build_text(&bench->tar, "f", "");
	assert_calls(bench, "unlinkat /f file\ncreate /f 644\nlchown /f 0:0\nfchmod 644\n"
			    "futimens file 0.0 0.0\n");
}

static void hard_link__keeps_mode_and_times_of_a_symlink(void **state)
{
	struct bench *bench = *state;

	add_node("/file", S_IFREG | 0644, 0);
	add_node("target", S_IFREG | 0644, 0); /* the name as it stands in the header */
	put_entry(bench, '1', "h", "target");
	assert_calls(bench, "link /target /h\n" AFTERWARDS("/h"));
	assert_int_equal(teardown(state), 0);
	assert_int_equal(setup(state), 0);
	add_node("target", S_IFLNK | 0777, 0);
	put_entry(*state, '1', "h", "target");
	assert_calls(*state, "link /target /h\nlchown /h 1:2\nlsetxattr /h user.a=v\n");
	assert_int_equal(teardown(state), 0);
	assert_int_equal(setup(state), 0);
	put_entry(*state, '1', "h", "target"); /* no such name: the same */
	assert_calls(*state, "link /target /h\nlchown /h 1:2\nlsetxattr /h user.a=v\n");
}

static void parents__are_made_and_settled(void **state)
{
	struct bench *bench = *state;

	tar_build_link(&bench->tar, '2', "p/q/l", "x");
	assert_calls(bench, "mkdir /p 755\nmkdir /p/q 755\nsymlink x /p/q/l\nlchown /p/q/l 0:0\n"
			    "lutimens /p/q/l 0.0 0.0\n");
}

static void parents__that_are_there_are_left_alone(void **state)
{
	struct bench *bench = *state;

	add_node("/p", S_IFDIR | 0700, 9);
	tar_build_link(&bench->tar, '2', "p/q/l", "x");
	assert_calls(bench, "mkdir /p/q 755\nsymlink x /p/q/l\nlchown /p/q/l 0:0\n"
			    "lutimens /p/q/l 0.0 0.0\n");
}

static void whiteout__is_a_device_with_an_owner(void **state)
{
	struct bench *bench = *state;

	put_entry(bench, '0', ".wh.a", "");
	assert_calls(bench, "mknod /a 20000 0:0\nlchown /a 1:2\n");
}

static void opaque__is_an_attribute_of_the_directory(void **state)
{
	struct bench *bench = *state;

	add_node("/d", S_IFDIR | 0755, 0);
	put_entry(bench, '0', "d/.wh..wh..opq", "");
	assert_calls(bench, "setxattr /d trusted.overlay.opaque=y\n");
}

static void way__is_cleared_unless_both_are_directories(void **state)
{
	struct bench *bench = *state;

	add_node("/l", S_IFREG | 0644, 0);
	tar_build_link(&bench->tar, '2', "l", "x");
	assert_calls(bench, "unlinkat /l file\nsymlink x /l\nlchown /l 0:0\nlutimens /l 0.0 0.0\n");
	assert_int_equal(teardown(state), 0);
	assert_int_equal(setup(state), 0);
	bench = *state;
	add_node("/d", S_IFDIR | 0700, 9);
	tar_build_directory(&bench->tar, "d");
	assert_calls(bench,
		     "lchown /d 0:0\nchmod /d 755\nutimens /d 0.0 0.0\nutimens /d 0.0 0.0\n");
}

static const struct CMUnitTest tests[] = {
	BENCH(entry__is_made_then_owned_then_dressed),
	BENCH(file__content_comes_before_the_owner),
	BENCH(file__clears_its_way_first),
	BENCH(hard_link__keeps_mode_and_times_of_a_symlink),
	BENCH(parents__are_made_and_settled),
	BENCH(parents__that_are_there_are_left_alone),
	BENCH(whiteout__is_a_device_with_an_owner),
	BENCH(opaque__is_an_attribute_of_the_directory),
	BENCH(way__is_cleared_unless_both_are_directories),
};

UNR_TEST_MAIN("steps", tests, NULL);
