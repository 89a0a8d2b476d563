/* SPDX-License-Identifier: MIT */
/*
 * The layers' trees as one: by a mount of the kernel's and by the look-up through
 * the layers, which must come to the same, in a real user namespace.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "docker_map.h"
#include "unr_test.h"
#include "user/view.h"
#include "userns/filter.h"
#include "userns/mounter.h"
#include "userns/namespace.h"
#include "userns/sandbox.h"

/* One entry of a layer, made in order. */
struct node {
	enum { DIRECTORY, FILE_WITH, LINK, GONE, OPAQUE } kind;
	const char *path;
	const char *text; /* of a file, or a link's target */
};

#define LAYERS 3

static const struct node trees[LAYERS][16] = {
	{ { DIRECTORY, "0", NULL },
	  { DIRECTORY, "0/etc", NULL },
	  { FILE_WITH, "0/etc/passwd", "bottom" },
	  { FILE_WITH, "0/etc/group", "group" },
	  { FILE_WITH, "0/etc/gone", "gone" },
	  { DIRECTORY, "0/old", NULL },
	  { FILE_WITH, "0/old/a", "a" },
	  { DIRECTORY, "0/closed", NULL },
	  { FILE_WITH, "0/closed/file", "closed" },
	  { FILE_WITH, "0/was-file", "file" },
	  { LINK, "0/up", "../../../etc/passwd" },
	  { LINK, "0/loop", "loop" },
	  { DIRECTORY, "0/was-directory", NULL },
	  { FILE_WITH, "0/was-directory/x", "x" } },
	{ { DIRECTORY, "1", NULL },
	  { DIRECTORY, "1/etc", NULL },
	  { FILE_WITH, "1/etc/passwd", "middle" },
	  { GONE, "1/etc/gone", NULL },
	  { DIRECTORY, "1/old", NULL },
	  { OPAQUE, "1/old", NULL },
	  { FILE_WITH, "1/old/b", "b" },
	  { LINK, "1/link", "/old/b" },
	  { GONE, "1/was-file", NULL },
	  { FILE_WITH, "1/was-directory", "now a file" } },
	{ { DIRECTORY, "2", NULL },
	  { DIRECTORY, "2/was-file", NULL },
	  { FILE_WITH, "2/was-file/y", "y" },
	  { DIRECTORY, "2/etc", NULL },
	  { LINK, "2/etc/shadow", "passwd" } },
};

static const char *const paths[] = {
	"/etc/passwd",
	"/etc/group",
	"/etc/gone",
	"/etc/shadow",
	"/old/a",
	"/old/b",
	"/link",
	"/up",
	"/loop",
	"/was-file",
	"/was-file/y",
	"/was-directory",
	"/closed/file",
	"/was-directory/x",
	"/missing",
	"/etc",
	"/old/../etc/passwd",
};

/* What the child found different, or could not do. */
struct outcome {
	char text[2000];
};

static int make_node(const struct node *node)
{
	int fd, r;

	switch (node->kind) {
	case DIRECTORY:
		return mkdir(node->path, 0755);
	case LINK:
		return symlink(node->text, node->path);
	case GONE:
		return mknod(node->path, S_IFCHR, 0);
	case OPAQUE:
		return setxattr(node->path, "user.overlay.opaque", "y", 1, 0);
	default:
		fd = open(node->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		r = fd < 0 ? -1 : unr_write_full(fd, node->text, strlen(node->text));
		(void) close(fd);
		return r;
	}
}

static bool make_trees(uint64_t *opaque)
{
	struct stat st;

	for (size_t i = 0; i < LAYERS; i++)
		for (const struct node *node = trees[i]; node->path != NULL; node++)
			if (make_node(node) != 0)
				return false;
	/* Neither may the other owner's directory keep anybody out. */
	if (chmod("0/closed", 0) < 0 || chown("0/closed", 5, 5) < 0 || stat("1/old", &st) < 0)
		return false;
	*opaque = st.st_ino;
	return true;
}

/* "bottom", "(none)", or the engine's complaint. */
static void look(const struct unr_view *view, enum unr_view_way way, const char *path,
		 struct unr_text *ret)
{
	unr_auto(unr_view_file_done) struct unr_view_file file = { .fd = -EBADF };
	unr_auto(unr_text_done) struct unr_text refusal = { 0 };
	struct unr_error err = { 0 };
	char content[64] = "";

	if (unr_view_open(view, way, path, &file, &refusal, &err) < 0)
		unr_text_printf(ret, "error %s", err.message);
	else if (refusal.length > 0)
		unr_text_puts(ret, refusal.bytes);
	else if (file.fd < 0)
		unr_text_puts(ret, "(none)");
	else if (unr_read_full(file.fd, content, sizeof(content) - 1) < 0)
		unr_text_puts(ret, "(directory)");
	else
		unr_text_puts(ret, content);
	unr_text_printf(ret, " %s\n", unr_text_string(&file.shown));
}

static void look_everywhere(const struct unr_view *view, struct unr_text *ret)
{
	for (size_t i = 0; i < UNR_COUNT(paths); i++) {
		look(view, UNR_VIEW_ENGINE, paths[i], ret);
		look(view, UNR_VIEW_KERNEL, paths[i], ret);
	}
}

/* The look-up first: the mount hides the bottom layer. */
static void compare(struct outcome *outcome)
{
	unr_auto(unr_text_done) struct unr_text looked_up = { 0 }, mounted = { 0 };
	struct unr_mounter mounter = UNR_MOUNTER_NONE;
	uint64_t opaque = 0;
	struct unr_view layers = {
		.n_layers = LAYERS, .root = "R", .opaque = &opaque, .n_opaque = 1
	};
	const struct unr_view tree = { .tree = UNR_MOUNTER_TREE, .n_layers = 1, .root = "R" };
	struct unr_error err = { 0 };
	int r = 0;

	if (unr_sandbox_enter(UNR_SANDBOX_TMPFS, UINT64_MAX, &err) < 0 || !make_trees(&opaque) ||
	    unr_mounter_start(&mounter, &err) < 0 || unr_sandbox_restrict(&err) < 0 ||
	    unr_filter_enter(&err) < 0) {
		(void) snprintf(outcome->text, sizeof(outcome->text), "not made: %s", err.message);
		return;
	}
	look_everywhere(&layers, &looked_up);
	r = unr_mounter_mount(&mounter, LAYERS);
	if (r < 0)
		(void) snprintf(outcome->text, sizeof(outcome->text), "not mounted: %s",
				strerror(-r));
	look_everywhere(&tree, &mounted);
	if (r == 0 && strcmp(looked_up.bytes, mounted.bytes) != 0)
		(void) snprintf(outcome->text, sizeof(outcome->text),
				"%.950s\n-- mounted --\n%.950s", looked_up.bytes, mounted.bytes);
	if (r == 0 && strstr(looked_up.bytes, "middle R/etc/passwd\n") == NULL)
		(void) strcpy(outcome->text, "nothing was found");
}

static int child_main(void *argument, int socket)
{
	struct outcome outcome = { "" };

	(void) argument;
	compare(&outcome);
	return unr_write_full(socket, &outcome, sizeof(outcome)) < 0;
}

/* Without them an overlay in a namespace has nothing to mark an opaque directory with. */
static bool has_tmpfs_user_attributes(void)
{
	struct utsname name;
	unsigned int major = 0, minor = 0;

	/* Linux 6.6, commit 2daf18a7884d. */
	return uname(&name) == 0 && sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 6));
}

static void mount_and_look_up__come_to_the_same(void **state)
{
	struct unr_map_choice choice = choose_docker_map();
	struct unr_child child;
	struct outcome outcome;
	struct unr_error err;
	int status;

	(void) state;
	assert_int_equal(unr_child_start(&choice, child_main, NULL, &child, &err), 0);
	assert_int_equal(unr_read_full(child.socket, &outcome, sizeof(outcome)), sizeof(outcome));
	assert_int_equal(unr_child_wait(&child, &status), 0);
	assert_string_equal(outcome.text, "");
	unr_map_choice_done(&choice);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(mount_and_look_up__come_to_the_same),
};

static bool can_mount(const char **ret_why)
{
	if (!unr_needs_ranges(ret_why))
		return false;
	*ret_why = "user attributes on tmpfs need Linux 6.6";
	return has_tmpfs_user_attributes();
}

UNR_TEST_MAIN("view", tests, can_mount);
