/* SPDX-License-Identifier: MIT */
/* unpack/vfs_tree: which directories go to the host's root after the last layer. */
#include "unr_test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "tmp.h"
#include "unpack/vfs_tree.h"

struct settling {
	struct unr_ledger ledger;
	int answer;
	char asked[256]; /* the paths, each with a blank behind it */
};

static int note_path(void *context, const char *path)
{
	struct settling *settling = context;

	(void) strncat(settling->asked, path, sizeof(settling->asked) - 20);
	(void) strncat(settling->asked, " ", 2);
	return settling->answer;
}

/* A directory that the ledger has as the host's root's. */
static int add(const struct settling *s, const char *name, mode_t mode, uid_t uid, gid_t gid)
{
	struct stat st;

	if (mkdir(name, 0700) < 0 || chown(name, uid, gid) < 0 || chmod(name, mode) < 0 ||
	    stat(name, &st) < 0)
		return -1;
	return unr_ledger_note_directory(&s->ledger, st.st_ino, true);
}

/* Inode numbers come back: what is no such directory is left alone. */
static int settle_what_fits(void *arg)
{
	const struct unr_tmp *tmp = arg;
	struct settling s = { .ledger = UNR_LEDGER_NONE };
	const struct unr_privileged privileged = { .disown = note_path, .context = &s };
	struct unr_error err;
	struct stat st;

	if (fchdir(tmp->fd) < 0 || chroot(".") < 0 || unr_ledger_open(&s.ledger) < 0)
		return 1;
	if (add(&s, "/a", 0600, 0, 0) < 0 || add(&s, "/a/b", 02600, 0, 5) < 0 ||
	    add(&s, "/open", 0755, 0, 0) < 0 || add(&s, "/user", 0600, 5, 0) < 0 ||
	    add(&s, "/group", 0600, 0, 5) < 0 || add(&s, "/owned", 0600, 0, 0) < 0)
		return 2;
	if (mkdir("/unknown", 0600) < 0 || stat("/owned", &st) < 0 ||
	    unr_ledger_note_directory(&s.ledger, st.st_ino, false) < 0)
		return 3;
	if (unr_vfs_settle(&s.ledger, &privileged, &err) < 0)
		return 4;
	if (strcmp(s.asked, "/a/b /a ") != 0)
		return 5;
	s.answer = -EROFS;
	if (unr_vfs_settle(&s.ledger, &privileged, &err) != -EROFS)
		return 6;
	return unr_vfs_settle(&s.ledger, NULL, &err) == 0 ? 0 : 7;
}

static void settle__asks_for_what_fits(void **state)
{
	assert_int_equal(unr_run_in_child(settle_what_fits, *state), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup_teardown(settle__asks_for_what_fits, unr_tmp_setup,
					unr_tmp_teardown),
};

UNR_TEST_MAIN("vfs_tree", tests, unr_needs_root);
