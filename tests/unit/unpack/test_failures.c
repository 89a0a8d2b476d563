/* SPDX-License-Identifier: MIT */
/* unpack/: what becomes of a call that fails: the engine's words, or no verdict at all. */
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

#include <time.h>

/* An entry that makes each call, and the engine's words when it is refused. */
static const struct {
	const char *call;
	char type;
	const char *name, *there; /* @there: what stands in its way */
	const char *words;        /* before the error's text */
	const char *own;          /* how we say it of ourselves */
} CALLS[] = {
	{ "create", '0', "f", "/f", "open /f: ", "open" },
	{ "truncate", '0', "f", NULL, "truncate /f: ", "truncate" },
	{ "lchown", '0', "f", NULL, "lchown /f: ", "lchown" },
	{ "lchown", '2', "f", NULL, "lchown /f: ", "lchown" },
	{ "lsetxattr", '0', "f", NULL, "", "extract" },
	{ "fchmod", '0', "f", NULL, "chmod /f: ", "chmod" },
	{ "chmod", '6', "f", NULL, "chmod /f: ", "chmod" },
	{ "futimens", '0', "f", NULL, "chtimes /f: ", "chtimes" },
	{ "utimens", '6', "f", NULL, "chtimes /f: ", "chtimes" },
	{ "lutimens", '2', "f", NULL, "", "extract" },
	{ "link", '1', "f", NULL, "link /to /f: ", "link" },
	{ "symlink", '2', "f", NULL, "symlink to /f: ", "symlink" },
	{ "mkdir", '5', "f", NULL, "mkdir /f: ", "mkdir" },
	{ "mkdir", '2', "p/q/f", NULL, "mkdir /p: ", "mkdir" },
	{ "mknod", '6', "f", NULL, "", "extract" },
	{ "mknod", '0', ".wh.f", NULL, "failed to mknod(\"/f\", S_IFCHR, 0): ", "extract" },
	{ "setxattr", '0', ".wh..wh..opq", NULL,
	  "setxattr(\"/\", trusted.overlay.opaque=y): ", "extract" },
	{ "unlinkat", '2', "f", "/f", "unlinkat /f: ", "unlinkat" },
};

/* Three bytes of content, so that a file is cut to its length. */
static void prepare(struct bench *bench, size_t i, int error)
{
	if (CALLS[i].there != NULL)
		add_node(CALLS[i].there, S_IFREG | 0644, 0);
	if (strcmp(CALLS[i].call, "truncate") == 0)
		tar_build_text(&bench->tar, CALLS[i].name, "abc");
	else
		put_entry(bench, CALLS[i].type, CALLS[i].name, "to");
	if (strcmp(CALLS[i].call, "utimens") == 0)
		add_node("to", S_IFREG, 0);
	fake.failing = CALLS[i].call;
	fake.error = error;
}

/* A symlink with one attribute. */
static void put_attribute(struct bench *bench, const char *name, const char *value, size_t size)
{
	char key[64];

	(void) snprintf(key, sizeof(key), "SCHILY.xattr.%s", name);
	tar_build_pax(&bench->tar, 'x', (const struct tar_pax[]) { { key, value, size } }, 1);
	tar_build_link(&bench->tar, '2', "l", "x");
}

static void next_case(void **state)
{
	assert_int_equal(teardown(state), 0);
	assert_int_equal(setup(state), 0);
}

static void failure__is_told_in_the_engines_words(void **state)
{
	for (size_t i = 0; i < UNR_COUNT(CALLS); i++) {
		struct bench *bench = *state;
		char text[100];

		prepare(bench, i, ELOOP);
		assert_int_equal(unpack(bench), 0);
		(void) snprintf(text, sizeof(text), "%stoo many levels of symbolic links",
				CALLS[i].words);
		assert_int_equal(bench->result.stop.kind, UNR_STOP_CHILD);
		assert_string_equal(bench->result.stop.text, text);
		assert_string_equal(bench->result.stop.path, CALLS[i].name);
		assert_false(bench->result.stop.has_id);
		next_case(state);
	}
}

/* A host that is full or broken says nothing about the image. */
static void failure__of_the_host_is_no_verdict(void **state)
{
	static const int errors[] = { ENOSPC, EDQUOT, ENOMEM, EMFILE, ENFILE, EIO, EROFS, ENOSYS };

	for (size_t i = 0; i < UNR_COUNT(CALLS); i++)
		for (size_t e = 0; e < UNR_COUNT(errors); e++) {
			struct bench *bench = *state;
			char text[100];

			prepare(bench, i, errors[e]);
			assert_int_equal(unpack(bench), -errors[e]);
			(void) snprintf(text, sizeof(text), "layer 3, %s: %s: %s", CALLS[i].name,
					CALLS[i].own, strerror(errors[e]));
			assert_int_equal(bench->err.kind, UNR_ERROR_FAILED);
			assert_string_equal(bench->err.message, text);
			assert_null(bench->result.stop.text);
			next_case(state);
		}
}

/* A directory's times are set once more at the end; that may fail too. */
static void failure__of_the_last_pass(void **state)
{
	struct bench *bench = *state;

	tar_build_directory(&bench->tar, "d");
	tar_build_link(&bench->tar, '2', "d/l", "x"); /* no utimens between the two */
	assert_int_equal(unpack(bench), 0);
	assert_int_equal(bench->result.stop.kind, UNR_STOP_NONE);
	assert_true(bench->result.complete);
	next_case(state);
	bench = *state;
	add_node("/d", S_IFDIR | 0755, 0);
	tar_build_directory(&bench->tar, "d");
	fake.failing = "utimens";
	fake.error = ENOENT;
	assert_int_equal(unpack(bench), 0);
	assert_string_equal(bench->result.stop.text, "chtimes /d: no such file or directory");
}

static void refusal__of_an_owner_goes_on(void **state)
{
	struct bench *bench = *state;

	tar_build_link(&bench->tar, '2', "l", "x");
	fake.failing = "lchown";
	fake.error = EPERM;
	assert_calls(bench, "symlink x /l\nlchown /l 0:0\nlutimens /l 0.0 0.0\n");
	assert_int_equal(bench->result.stop.kind, UNR_STOP_NONE);
	assert_int_equal(bench->result.chowns, 1);
	assert_int_equal(bench->result.refused, 1);
	assert_int_equal(bench->n_found, 1);
}

/* The id that counts as mapped already: the tree gets the inside id. */
static void refusal__of_the_hosts_root_takes_inside_0(void **state)
{
	struct bench *bench = *state;
	union tar_header header;

	tar_header_init(&header, "l", '2');
	tar_header_owner(&header, 100000, 7);
	tar_build_header(&bench->tar, &header);
	fake.failing = "lchown";
	fake.error = EINVAL;
	fake.failures = 1;
	assert_calls(bench,
		     "symlink  /l\nlchown /l 100000:7\nlchown /l 0:7\nlutimens /l 0.0 0.0\n");
	assert_int_equal(bench->result.stop.kind, UNR_STOP_NONE);
	assert_int_equal(bench->result.failures, 0);
	assert_int_equal(bench->result.refused, 1);
	assert_int_equal(bench->n_found, 1);
}

static void device__that_needs_real_root_has_a_stand_in(void **state)
{
	static const struct {
		char type;
		const char *calls;
	} cases[] = {
		{ '3', "mknod /f 24755 7:8\nmknod /f 14755 0:0\n" },
		{ '4', "mknod /f 64755 7:8\nmknod /f 14755 0:0\n" },
	};

	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct bench *bench = *state;

		put_entry(bench, cases[i].type, "f", "");
		fake.failing = "mknod";
		fake.error = EPERM;
		fake.failures = 1;
		assert_int_equal(unpack(bench), 0);
		assert_non_null(unr_starts_with(unr_text_string(&fake.calls), cases[i].calls));
		assert_int_equal(bench->result.stand_ins, 1);
		assert_int_equal(bench->result.stop.kind, UNR_STOP_NONE);
		next_case(state);
	}
}

static void fifo__has_no_stand_in(void **state)
{
	struct bench *bench = *state;

	put_entry(bench, '6', "f", "");
	fake.failing = "mknod";
	fake.error = EPERM;
	fake.failures = 1;
	assert_calls(bench, "mknod /f 14755 7:8\n");
	assert_string_equal(bench->result.stop.text, "operation not permitted");
	assert_int_equal(bench->result.stand_ins, 0);
}

static void whiteout__that_needs_real_root_has_a_stand_in(void **state)
{
	struct bench *bench = *state;

	put_entry(bench, '0', ".wh.a", "");
	fake.failing = "mknod";
	fake.error = EPERM;
	fake.failures = 1;
	assert_calls(bench, "mknod /a 20000 0:0\nmknod /a 10000 0:0\nlchown /a 1:2\n");
	assert_int_equal(bench->result.stand_ins, 1);
}

/*
 * What only real root, or a file system other than the private tmpfs, would
 * take is passed over in silence; the rest is logged as the engine does.
 */
static void attribute__refused(void **state)
{
	static const struct {
		const char *name;
		int error;
		size_t skipped;
		const char *logged; /* NULL: nothing */
	} cases[] = {
		{ "trusted.a", EPERM, 1, NULL },
		{ "trusted.a", ENOTSUP, 1, NULL },
		{ "security.a", EPERM, 1, NULL },
		{ "security.a", ENOTSUP, 1, NULL },
		{ "user.a", ENOTSUP, 1, NULL },
		{ "user.a", EPERM, 0, "errors=\"[operation not permitted]\"\n" },
		{ "nothing.a", ENOTSUP, 0, "errors=\"[operation not supported]\"\n" },
		{ "trustedx", EPERM, 0, "errors=\"[operation not permitted]\"\n" },
		{ "users.a", ENOTSUP, 0, "errors=\"[operation not supported]\"\n" },
	};

	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct bench *bench = *state;

		put_attribute(bench, cases[i].name, "v", 1);
		fake.failing = "lsetxattr";
		fake.error = cases[i].error;
		assert_int_equal(unpack(bench), 0);
		assert_int_equal(bench->result.stop.kind, UNR_STOP_NONE);
		assert_int_equal(bench->result.skipped_xattrs, cases[i].skipped);
		if (cases[i].logged == NULL)
			assert_string_equal(bench->result.log, "");
		else
			assert_non_null(strstr(bench->result.log, cases[i].logged));
		next_case(state);
	}
}

/* Namespaces without a name behind them are no attributes; that is looked at last. */
static void attribute__without_a_name_ends_it(void **state)
{
	static const char *const names[] = { "trusted.", "security.", "user." };

	for (size_t i = 0; i < UNR_COUNT(names); i++) {
		struct bench *bench = *state;

		put_attribute(bench, names[i], "v", 1);
		fake.failing = "lsetxattr";
		fake.error = i == 2 ? ENOTSUP : EPERM;
		assert_int_equal(unpack(bench), 0);
		assert_string_equal(bench->result.stop.text, "invalid argument");
		assert_int_equal(bench->result.skipped_xattrs, 0);
		next_case(state);
	}
}

#define V2 "\0\0\0\2"
#define V3 "\0\0\0\3"
#define WORD "\1\0\0\0"

/* The kernel's rule for the initial namespace decides, whatever it says in this one. */
static void capability__is_judged_by_its_form(void **state)
{
	static const struct {
		const char *value;
		size_t size;
		bool good;
	} cases[] = {
		{ V2 WORD WORD WORD WORD, 20, true },
		{ "\1\0\0\2" WORD WORD WORD WORD, 20, true }, /* with the effective bit */
		{ V3 WORD WORD WORD WORD WORD, 24, true },
		{ V3 WORD WORD WORD WORD "\xff\xff\xff\xff", 24, false },
		{ V3 WORD WORD WORD WORD, 20, false },
		{ V2 WORD WORD WORD WORD WORD, 24, false },
		{ "\2\0\0\2" WORD WORD WORD WORD, 20, false },
		{ "\0\0\0\1" WORD WORD WORD WORD, 20, false },
		{ "\0\0\0\1" WORD WORD, 12, false },
		{ "junk", 4, false },
	};

	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct bench *bench = *state;

		put_attribute(bench, "security.capability", cases[i].value, cases[i].size);
		fake.failing = "lsetxattr";
		fake.error = EPERM;
		assert_int_equal(unpack(bench), 0);
		if (cases[i].good) {
			assert_int_equal(bench->result.stop.kind, UNR_STOP_NONE);
			assert_int_equal(bench->result.skipped_xattrs, 1);
		} else {
			assert_string_equal(bench->result.stop.text, "invalid argument");
		}
		next_case(state);
	}
}

#define NO_ID "\xff\xff\xff\xff"

/* Ids in an ACL need not have a place here, so others stand in for them. */
static void acl__is_set_without_its_ids(void **state)
{
	static const struct {
		const char *value, *expected;
		size_t size;
	} cases[] = {
		{ "\2\0\0\0"
		  "\2\0\6\0\x70\x11\1\0"
		  "\4\0\4\0" NO_ID,
		  "\2\0\0\0"
		  "\2\0\6\0\0\0\0\0"
		  "\4\0\4\0" NO_ID,
		  20 },
		{ "\2\0\0\0"
		  "\1\0\6\0" NO_ID "abc",
		  "\2\0\0\0"
		  "\1\0\6\0" NO_ID "abc",
		  15 },
		{ "junk", "junk", 4 },
		{ "j", "j", 1 },
	};
	static const char *const names[] = { "system.posix_acl_access",
					     "system.posix_acl_default" };

	for (size_t i = 0; i < UNR_COUNT(cases) * 2; i++) {
		struct bench *bench = *state;

		put_attribute(bench, names[i % 2], cases[i / 2].value, cases[i / 2].size);
		assert_int_equal(unpack(bench), 0);
		assert_int_equal(bench->result.stop.kind, UNR_STOP_NONE);
		assert_int_equal(fake.value_size, cases[i / 2].size);
		assert_memory_equal(fake.value, cases[i / 2].expected, cases[i / 2].size);
		next_case(state);
	}
}

static void attribute__opaque_that_needs_real_root_is_passed_over(void **state)
{
	static const int errors[] = { EPERM, ENOTSUP };

	for (size_t i = 0; i < UNR_COUNT(errors); i++) {
		struct bench *bench = *state;

		put_entry(bench, '0', ".wh..wh..opq", "");
		fake.failing = "setxattr";
		fake.error = errors[i];
		assert_int_equal(unpack(bench), 0);
		assert_int_equal(bench->result.stop.kind, UNR_STOP_NONE);
		assert_int_equal(bench->result.skipped_xattrs, 1);
		next_case(state);
	}
}

/* The logged line is the engine's, with its errors in one list and a UTC time. */
static void log__has_the_engines_form(void **state)
{
	static const struct tar_pax records[] = { { "SCHILY.xattr.nothing.a", "1", 0 },
						  { "SCHILY.xattr.nothing.b", "2", 0 } };
	static const char rest[] = " level=warning msg=\"ignored xattrs in archive: underlying "
				   "filesystem doesn't support them\" errors=\"[operation not "
				   "supported operation not supported]\"\n";
	struct bench *bench = *state;
	struct tm time = { 0 };
	const char *behind;

	tar_build_pax(&bench->tar, 'x', records, UNR_COUNT(records));
	tar_build_link(&bench->tar, '2', "l", "x");
	fake.failing = "lsetxattr";
	fake.error = ENOTSUP;
	assert_int_equal(unpack(bench), 0);
	behind = strptime(bench->result.log, "time=\"%Y-%m-%dT%H:%M:%SZ\"", &time);
	assert_non_null(behind);
	assert_string_equal(behind, rest);
}

/* A file larger than this file system takes is no fault: nothing is stored in it. */
static void size__too_large_for_this_host_is_passed_over(void **state)
{
	struct bench *bench = *state;

	tar_build_text(&bench->tar, "f", "abc");
	fake.failing = "truncate";
	fake.error = EFBIG;
	assert_int_equal(unpack(bench), 0);
	assert_int_equal(bench->result.stop.kind, UNR_STOP_NONE);
	assert_true(bench->result.complete);
}

static const struct CMUnitTest tests[] = {
	BENCH(failure__is_told_in_the_engines_words),
	BENCH(failure__of_the_host_is_no_verdict),
	BENCH(failure__of_the_last_pass),
	BENCH(refusal__of_an_owner_goes_on),
	BENCH(refusal__of_the_hosts_root_takes_inside_0),
	BENCH(device__that_needs_real_root_has_a_stand_in),
	BENCH(fifo__has_no_stand_in),
	BENCH(whiteout__that_needs_real_root_has_a_stand_in),
	BENCH(attribute__refused),
	BENCH(attribute__without_a_name_ends_it),
	BENCH(capability__is_judged_by_its_form),
	BENCH(acl__is_set_without_its_ids),
	BENCH(attribute__opaque_that_needs_real_root_is_passed_over),
	BENCH(log__has_the_engines_form),
	BENCH(size__too_large_for_this_host_is_passed_over),
};

UNR_TEST_MAIN("failures", tests, NULL);
