/* SPDX-License-Identifier: MIT */
/*
 * userns/broker.c as a hostile child meets it: what it does, and what it must
 * not do for anybody.  Runs as the host's root, in a directory of its own.
 */
#include "unr_test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "child.h"
#include "tmp.h"
#include "userns/broker.h"

#define ROOT_ID 100000

static struct unr_broker broker_of(void **state)
{
	const struct unr_tmp *tmp = *state;

	return (struct unr_broker) { .tree_fd = tmp->fd, .root_uid = ROOT_ID, .root_gid = ROOT_ID };
}

static void in_tree(const struct unr_tmp *tmp, const char *name, mode_t mode)
{
	assert_int_equal(mkdirat(tmp->fd, name, mode), 0);
	assert_int_equal(fchmodat(tmp->fd, name, mode, 0), 0);
	assert_int_equal(fchownat(tmp->fd, name, ROOT_ID, ROOT_ID, 0), 0);
}

/* A tree with a layer "0" in it. */
static int make_tree(void **state)
{
	int r = unr_tmp_setup(state);

	if (r == 0)
		in_tree(*state, "0", 0755);
	return r;
}

static struct unr_broker_request node_at(const char *path)
{
	return (struct unr_broker_request) { .task = UNR_BROKER_MKNOD,
					     .directory = "0",
					     .path = path,
					     .mode = S_IFCHR,
					     .major = 1,
					     .minor = 3 };
}

static struct unr_broker_request xattr_at(const char *path, const char *name)
{
	return (struct unr_broker_request) { .task = UNR_BROKER_SET_XATTR,
					     .directory = "0",
					     .path = path,
					     .name = name,
					     .value = "y",
					     .value_length = 1 };
}

static struct unr_broker_request disown_at(const char *path)
{
	return (struct unr_broker_request) { .task = UNR_BROKER_DISOWN,
					     .directory = "0",
					     .path = path };
}

static void assert_answer(void **state, struct unr_broker_request request, int expected)
{
	const struct unr_broker broker = broker_of(state);

	assert_int_equal(unr_broker_do(&broker, &request), expected);
}

static struct stat look_at(void **state, const char *name)
{
	const struct unr_tmp *tmp = *state;
	struct stat st;

	assert_int_equal(fstatat(tmp->fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st;
}

static void node__belongs_to_the_namespaces_root(void **state)
{
	struct stat st;

	assert_answer(state, node_at("/null"), 0);
	st = look_at(state, "0/null");
	assert_int_equal(st.st_mode, S_IFCHR);
	assert_int_equal(st.st_rdev, makedev(1, 3));
	assert_int_equal(st.st_uid, ROOT_ID);
	assert_int_equal(st.st_gid, ROOT_ID);
	assert_answer(state, node_at("/null"), -EEXIST);
	assert_answer(state, node_at("/none/null"), -ENOENT);
}

static void node__is_a_device_and_nothing_else(void **state)
{
	static const uint32_t modes[] = { S_IFREG,          S_IFIFO,           S_IFSOCK,
					  S_IFLNK,          S_IFDIR,           0,
					  S_IFCHR | 010000, S_IFCHR | 0200000, UINT32_MAX };

	for (size_t i = 0; i < UNR_COUNT(modes); i++) {
		struct unr_broker_request request = node_at("/x");

		request.mode = modes[i];
		assert_answer(state, request, -EBADRQC);
	}
}

static void paths__that_no_honest_child_sends(void **state)
{
	static const char *const paths[] = { "", "x", "../x", "/", "/.", "/..", "/a/..", "/a/" };
	static const char *const directories[] = { "", ".", "..", "../0", "0/..", "/", "/0" };

	for (size_t i = 0; i < UNR_COUNT(paths); i++)
		assert_answer(state, node_at(paths[i]), -EBADRQC);
	for (size_t i = 0; i < UNR_COUNT(directories); i++) {
		struct unr_broker_request request = node_at("/x");

		request.directory = directories[i];
		assert_answer(state, request, -EBADRQC);
	}
}

static void texts__may_be_missing(void **state)
{
	struct unr_broker_request request = node_at(NULL);

	assert_answer(state, request, -EBADRQC);
	request = node_at("/x");
	request.directory = NULL;
	assert_answer(state, request, -EBADRQC);
	assert_answer(state, xattr_at("/", NULL), -EBADRQC);
	request = node_at("/x");
	request.task = UNR_BROKER_TASK_COUNT_;
	assert_answer(state, request, -EBADRQC);
}

/* Links are followed as they are in a chroot: never out of the layer. */
static void links__do_not_lead_out(void **state)
{
	const struct unr_tmp *tmp = *state;
	static const char *const targets[] = { "/", "..", "../../../../../..", "/proc/self/cwd" };

	in_tree(tmp, "outside", 0755);
	for (size_t i = 0; i < UNR_COUNT(targets); i++) {
		struct stat st;

		assert_int_equal(symlinkat(targets[i], tmp->fd, "0/l"), 0);
		assert_answer(state, node_at("/l/outside/x"), -ENOENT);
		assert_answer(state, xattr_at("/l/outside", "trusted.x"), -ENOENT);
		assert_int_equal(fstatat(tmp->fd, "outside/x", &st, 0), -1);
		assert_int_equal(unlinkat(tmp->fd, "0/l", 0), 0);
	}
	assert_answer(state, node_at("/../../outside/x"), -ENOENT);
}

static void layer__may_not_be_a_link(void **state)
{
	const struct unr_tmp *tmp = *state;
	struct unr_broker_request request = node_at("/x");

	assert_int_equal(symlinkat("/tmp", tmp->fd, "1"), 0);
	request.directory = "1";
	assert_answer(state, request, -ENOTDIR);
}

/* In a mount namespace of its own: a file system of somebody else below the layer. */
static int cross_a_mount(void *arg)
{
	const struct unr_tmp *tmp = arg;
	void *state = arg;
	struct unr_broker broker = broker_of(&state);
	const struct unr_broker_request node = node_at("/m/x"), xattr = xattr_at("/m", "trusted.x");

	if (fchdir(tmp->fd) < 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "0/m", "tmpfs", 0, NULL) < 0)
		return 100;
	broker.tree_fd = open(".", O_RDONLY | O_DIRECTORY); /* as this namespace sees it */
	if (unr_broker_do(&broker, &node) != -EXDEV)
		return 1;
	return unr_broker_do(&broker, &xattr) == -EXDEV ? 0 : 2;
}

static void mounts__are_not_crossed(void **state)
{
	in_tree(*state, "0/m", 0755);
	assert_int_equal(unr_run_in_child(cross_a_mount, *state), 0);
}

static void xattr__on_the_link_or_behind_it(void **state)
{
	const struct unr_tmp *tmp = *state;
	struct unr_broker_request request = xattr_at("/l", "trusted.x");
	const char *value = "y";
	char got[8];

	in_tree(tmp, "0/d", 0755);
	assert_int_equal(symlinkat("d", tmp->fd, "0/l"), 0);
	assert_int_equal(fchdir(tmp->fd), 0);
	assert_answer(state, request, 0);
	assert_int_equal(lgetxattr("0/l", "trusted.x", got, sizeof(got)), 1);
	assert_memory_equal(got, value, 1);
	assert_int_equal(getxattr("0/d", "trusted.x", got, sizeof(got)), -1);
	request.follow = true;
	assert_answer(state, request, 0);
	assert_int_equal(getxattr("0/d", "trusted.x", got, sizeof(got)), 1);
	request.value = NULL;
	assert_answer(state, request, 0);
	assert_int_equal(getxattr("0/d", "trusted.x", got, sizeof(got)), -1);
	assert_answer(state, request, -ENODATA);
	assert_int_equal(chdir("/"), 0);
}

static void xattr__of_names_that_need_the_host(void **state)
{
	static const struct {
		const char *name;
		int answer;
	} names[] = {
		{ "trusted.overlay.opaque", 0 },
		{ "security.capability", -EINVAL }, /* of one byte */
		{ "system.posix_acl_access", -EINVAL },
		{ "system.posix_acl_default", -EINVAL },
		{ "user.x", -EBADRQC },
		{ "system.nfs4_acl", -EBADRQC },
		{ "trusted", -EBADRQC },
		{ "", -EBADRQC },
	};

	for (size_t i = 0; i < UNR_COUNT(names); i++)
		assert_answer(state, xattr_at("/", names[i].name), names[i].answer);
}

static void disown__takes_what_was_implied(void **state)
{
	const struct unr_tmp *tmp = *state;
	struct stat st;

	in_tree(tmp, "0/plain", 0600);
	in_tree(tmp, "0/below-setgid", 02600);
	assert_int_equal(fchownat(tmp->fd, "0/below-setgid", ROOT_ID, 5, 0), 0);
	assert_int_equal(fchmodat(tmp->fd, "0/below-setgid", 02600, 0), 0);
	assert_answer(state, disown_at("/plain"), 0);
	assert_answer(state, disown_at("/below-setgid"), 0);
	st = look_at(state, "0/plain");
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(st.st_gid, 0);
	st = look_at(state, "0/below-setgid");
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(st.st_gid, 5);
}

static void disown__takes_nothing_else(void **state)
{
	const struct unr_tmp *tmp = *state;

	in_tree(tmp, "0/open", 0700);
	in_tree(tmp, "0/suid", 04600);
	in_tree(tmp, "0/other", 0600);
	assert_int_equal(fchownat(tmp->fd, "0/other", 7, ROOT_ID, 0), 0);
	in_tree(tmp, "0/group", 0600);
	assert_int_equal(fchownat(tmp->fd, "0/group", ROOT_ID, 7, 0), 0);
	assert_int_equal(symlinkat("group", tmp->fd, "0/l"), 0);
	assert_answer(state, disown_at("/open"), -EBADRQC);
	assert_answer(state, disown_at("/suid"), -EBADRQC);
	assert_answer(state, disown_at("/other"), -EBADRQC);
	assert_answer(state, disown_at("/group"), -EBADRQC);
	assert_answer(state, disown_at("/l"), -ENOTDIR);
	assert_answer(state, node_at("/null"), 0);
	assert_answer(state, disown_at("/null"), -ENOTDIR);
}

static void no_tree__no_broker(void **state)
{
	const struct unr_broker broker = { .tree_fd = -EBADF };
	const struct unr_broker_request request = node_at("/x");

	(void) state;
	assert_int_equal(unr_broker_do(&broker, &request), -EBADRQC);
}

#define IN_TREE(test) cmocka_unit_test_setup_teardown(test, make_tree, unr_tmp_teardown)

static const struct CMUnitTest tests[] = {
	IN_TREE(node__belongs_to_the_namespaces_root),
	IN_TREE(node__is_a_device_and_nothing_else),
	IN_TREE(paths__that_no_honest_child_sends),
	IN_TREE(texts__may_be_missing),
	IN_TREE(links__do_not_lead_out),
	IN_TREE(layer__may_not_be_a_link),
	IN_TREE(mounts__are_not_crossed),
	IN_TREE(xattr__on_the_link_or_behind_it),
	IN_TREE(xattr__of_names_that_need_the_host),
	IN_TREE(disown__takes_what_was_implied),
	IN_TREE(disown__takes_nothing_else),
	cmocka_unit_test(no_tree__no_broker),
};

UNR_TEST_MAIN("broker", tests, unr_needs_root);
