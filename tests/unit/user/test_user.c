/* SPDX-License-Identifier: MIT */
/*
 * USER to numbers, by the rules of three versions.  What the engines themselves
 * say is tests/dockerd/user_cases.py; here it is every rule on its own.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "engine/engine.h"
#include "unr_test.h"
#include "user/user.h"

#define PASSWD                                                                                     \
	"root:x:0:0::/:\nlow:x:1000:1001::/:\nlow:x:1:1\n7:x:8:8\n#c:x:9:9\nshort:x:10\n"          \
	" sp:x:11:11 \r\nletters:x:abc:12\nneg:x:-1:13\nwide:x:4294967296:14\nlast:x:15:16"
#define GROUP "g:x:50:low,b\nh:x:51:a,,low\n#off:x:52:low\n9:x:53:\nneg:x:-3:\nbig:x:4294967295:\n"

/* What one look-up came to. */
struct outcome {
	struct unr_user user;
	struct unr_text refusal;
};

static int file_with(const char *content)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(unr_write_full(fd, content, strlen(content)), 0);
	return fd;
}

static struct outcome look_up(const char *engine, const char *user, const char *group)
{
	int passwd_fd = file_with(PASSWD), group_fd = file_with(GROUP);
	const struct unr_user_request request = { .user = user,
						  .groups = &group,
						  .n_groups = group == NULL ? 0 : 1,
						  .passwd = { passwd_fd, "P" },
						  .group = { group_fd, "G" },
						  .rules = unr_engine_find(engine)->start->rules };
	struct outcome outcome = { 0 };
	struct unr_error err = { 0 };

	assert_int_equal(unr_user_resolve(&request, &outcome.user, &outcome.refusal, &err), 0);
	(void) close(passwd_fd);
	(void) close(group_fd);
	return outcome;
}

static void outcome_done(struct outcome *outcome)
{
	unr_user_done(&outcome->user);
	unr_text_done(&outcome->refusal);
}

static void expect_ids(const char *engine, const char *spec, int64_t uid, int64_t gid,
		       size_t n_groups)
{
	struct outcome outcome = look_up(engine, spec, NULL);

	assert_string_equal(unr_text_string(&outcome.refusal), "");
	assert_true(outcome.user.uid == uid);
	assert_true(outcome.user.gid == gid);
	assert_int_equal(outcome.user.n_groups, n_groups);
	outcome_done(&outcome);
}

static void expect_refusal(const char *engine, const char *spec, const char *group,
			   const char *words)
{
	struct outcome outcome = look_up(engine, spec, group);

	assert_string_equal(unr_text_string(&outcome.refusal), words);
	assert_null(outcome.user.line);
	outcome_done(&outcome);
}

#define NOW "docker-20.10"
#define OLD "docker-20.10.9"
#define NEW "docker-29.7"
#define RANGE "uids and gids must be in range 0-2147483647"

static void user__by_name_and_by_number(void **state)
{
	(void) state;
	expect_ids(NOW, "", 0, 0, 0);
	expect_ids(NOW, "low", 1000, 1001, 2);
	expect_ids(NOW, "1000", 1000, 1001, 2);
	expect_ids(NOW, "+1000", 1000, 1001, 2);
	expect_ids(NOW, "7", 7, 0, 0);
	expect_ids(NOW, "#c", 9, 9, 0);
	expect_ids(NOW, "sp", 11, 11, 0);
	expect_ids(NOW, "short", 10, 0, 0);
	expect_ids(NOW, "letters", 0, 12, 0);
	expect_ids(NOW, "last", 15, 16, 0);
	expect_refusal(NOW, "nobody", NULL,
		       "unable to find user nobody: no matching entries in passwd file");
	expect_refusal(NOW, "5 ", NULL,
		       "unable to find user 5 : no matching entries in passwd file");
}

static void group__given_leaves_out_the_others(void **state)
{
	(void) state;
	expect_ids(NOW, "low:g", 1000, 50, 0);
	expect_ids(NOW, "low:99", 1000, 99, 0);
	expect_ids(NOW, "low:", 1000, 1001, 2);
	expect_ids(NOW, ":50", 0, 50, 0);
	expect_ids(NOW, "low:50:x", 1000, 50, 0);
	expect_refusal(NOW, "low:none", NULL,
		       "unable to find group none: no matching entries in group file");
	expect_refusal(NEW, "low:50:x", NULL,
		       "unable to find group 50:x: no matching entries in group file");
}

static void numbers__out_of_range(void **state)
{
	(void) state;
	expect_refusal(NOW, "-5", NULL, RANGE);
	expect_refusal(NOW, "2147483648", NULL, RANGE);
	expect_refusal(NOW, "0:-5", NULL, RANGE);
	expect_refusal(NOW, "99999999999999999999", NULL,
		       "unable to find user 99999999999999999999: no matching entries in passwd "
		       "file");
	expect_refusal(NEW, "99999999999999999999", NULL, RANGE);
	/* With a line it is what the line says, until 29.7. */
	expect_ids(NOW, "neg", -1, 13, 0);
	expect_ids(NOW, "wide", 4294967296, 14, 0);
	expect_ids(NEW, "wide", -1, 14, 0);
}

static void comments__are_lines_of_group_in_old_versions(void **state)
{
	(void) state;
	expect_ids(OLD, "low", 1000, 1001, 3);
	expect_ids(OLD, "0:#off", 0, 52, 0);
	expect_refusal(NOW, "0:#off", NULL,
		       "unable to find group #off: no matching entries in group file");
}

static void group_add__words_by_version(void **state)
{
	(void) state;
	expect_refusal(OLD, "0", "none", "Unable to find group none");
	expect_refusal(NOW, "0", "none",
		       "Unable to find group none: no matching entries in group file");
	expect_refusal(NEW, "0", "none",
		       "unable to find group none: no matching entries in group file");
	expect_refusal(NOW, "0", "-1", RANGE);
	expect_refusal(NEW, "0", "big", RANGE);
}

static void group_add__a_name_may_be_a_number(void **state)
{
	struct outcome now = look_up(NOW, "0", "9"), new = look_up(NEW, "0", "9");

	(void) state;
	assert_int_equal(now.user.n_groups, 1);
	assert_true(now.user.groups[0] == 53);
	assert_int_equal(new.user.n_groups, 1);
	assert_true(new.user.groups[0] == 9);
	outcome_done(&now);
	outcome_done(&new);
}

static void line__is_the_one_that_names_the_user(void **state)
{
	struct outcome outcome = look_up(NOW, "sp", NULL);

	(void) state;
	assert_string_equal(outcome.user.line, "sp:x:11:11");
	assert_int_equal(outcome.user.line_number, 7);
	outcome_done(&outcome);
}

static void files__that_are_missing_count_as_empty(void **state)
{
	const char *groups[] = { "5" };
	const struct unr_user_request request = { .user = "",
						  .groups = groups,
						  .n_groups = 1,
						  .passwd = { -1, "P" },
						  .group = { -1, "G" },
						  .rules = unr_engine_find(NOW)->start->rules };
	struct unr_text refusal = { 0 };
	struct unr_user user = { 0 };
	struct unr_error err = { 0 };

	(void) state;
	assert_int_equal(unr_user_resolve(&request, &user, &refusal, &err), 0);
	assert_int_equal(refusal.length, 0);
	assert_int_equal(user.n_groups, 1);
	assert_true(user.groups[0] == 5);
	unr_user_done(&user);
}

static void lines__up_to_64_kib(void **state)
{
	static char content[65536 + 1];
	const char *words[] = { "", "unable to find user 0: bufio.Scanner: token too long" };

	(void) state;
	for (size_t i = 0; i < 2; i++) {
		struct unr_user_request request = { .user = "",
						    .group = { -1, "G" },
						    .rules = unr_engine_find(NOW)->start->rules };
		struct unr_text refusal = { 0 };
		struct unr_user user = { 0 };
		struct unr_error err = { 0 };

		memset(content, 'y', 65535 + i);
		content[65535 + i] = '\0';
		request.passwd = (struct unr_user_file) { file_with(content), "P" };
		assert_int_equal(unr_user_resolve(&request, &user, &refusal, &err), 0);
		assert_string_equal(unr_text_string(&refusal), words[i]);
		(void) close(request.passwd.fd);
		unr_user_done(&user);
		unr_text_done(&refusal);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(user__by_name_and_by_number),
	cmocka_unit_test(group__given_leaves_out_the_others),
	cmocka_unit_test(numbers__out_of_range),
	cmocka_unit_test(comments__are_lines_of_group_in_old_versions),
	cmocka_unit_test(group_add__words_by_version),
	cmocka_unit_test(group_add__a_name_may_be_a_number),
	cmocka_unit_test(line__is_the_one_that_names_the_user),
	cmocka_unit_test(files__that_are_missing_count_as_empty),
	cmocka_unit_test(lines__up_to_64_kib),
};

UNR_TEST_MAIN("user.user", tests, NULL);
