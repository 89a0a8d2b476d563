/* SPDX-License-Identifier: MIT */
/* The process that looks after a kept tree: see steward.h. */
#include "tree/steward.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "userns/sandbox.h"

/* What the caller says; the end of the socket says CLEAR. */
enum { GIVE = 'G', KEEP = 'K', CLEAR = 'C', DONE = 'D', FAILED = 'F' };

/* Signals by which somebody ends or stops a program. */
static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP };

struct duty {
	struct unr_target target; /* borrowed from the steward */
	int alive_fd;             /* to wait on; not the end that writers hold */
	uid_t uid;                /* the namespace's root, as this process sees it */
	gid_t gid;
};

static int answer(int socket, int r)
{
	struct unr_error err = { 0 };
	uint8_t byte = r == 0 ? DONE : FAILED;

	if (unr_write_full(socket, &byte, 1) < 0)
		return -EPIPE;
	if (r == 0)
		return 0;
	(void) unr_fail(&err, UNR_ERROR_FAILED, r, "%s", strerror(-r));
	return unr_write_full(socket, &err, sizeof(err));
}

/* Only the end counts: a byte could come from a child that wants to be thought gone. */
static void await_writers(const struct duty *duty)
{
	char bytes[64];

	while (unr_read_full(duty->alive_fd, bytes, sizeof(bytes)) > 0)
		;
}

/* A terminal's Ctrl-C is the caller's affair; this process ends when its work is done. */
static void ignore_signals(void)
{
	for (size_t i = 0; i < UNR_COUNT(ending); i++)
		(void) signal(ending[i], SIG_IGN);
	(void) setsid();
}

static int steward_main(void *argument, int socket)
{
	struct duty *duty = argument;
	struct unr_target *target = &duty->target;
	const int keep[] = { socket, duty->alive_fd, target->fd, target->tree_fd,
			     target->parent_fd };
	struct unr_error err;
	uint8_t word = CLEAR;
	ssize_t heard;
	int cleared, r = 0;

	ignore_signals();
	/* With the writers' end among the others, their own end would never come. */
	r = unr_sandbox_close_others(keep, UNR_COUNT(keep), &err);
	if (r < 0) {
		(void) !unr_target_clear(target);
		(void) !answer(socket, r);
		return 1;
	}
	while ((heard = unr_read_full(socket, &word, 1)) == 1 && word == GIVE) {
		r = unr_target_give(target, duty->uid, duty->gid);
		word = CLEAR;
		heard = answer(socket, r);
		if (heard < 0)
			break;
	}
	/*
	 * A word that could not be read is no CLEAR, and must not be answered as one.  And without
	 * an answer the caller, which holds the writers' end, waits for it and we for that.
	 */
	if (heard < 0)
		(void) shutdown(socket, SHUT_WR);
	await_writers(duty);
	if (word == KEEP)
		r = unr_target_keep(target);
	if (word != KEEP || r < 0) {
		cleared = unr_target_clear(target);
		/* Nobody else can: once more, as it may have been of the moment. */
		if (cleared < 0)
			cleared = unr_target_clear(target);
		r = r < 0 ? r : cleared;
	}
	/* Of a tree that is kept somebody must hear. */
	if (answer(socket, r) < 0 && word == KEEP)
		r = unr_target_clear(target);
	return r < 0 ? 1 : 0;
}

/* A map with the caller's own id beside the outside ids of @map. */
static int add_own(const struct unr_idmap *map, uint32_t own, struct unr_idmap *ret)
{
	uint32_t inside, next = 0;
	int r = 0;

	if (unr_idmap_to_inside(map, own, &inside))
		return unr_idmap_copy(map, ret);
	r = unr_idmap_add(ret, (struct unr_id_range) { next++, own, 1 });
	for (size_t i = 0; i < map->n_ranges && r == 0; i++) {
		struct unr_id_range range = map->ranges[i];

		range.inside = next;
		next += range.count;
		r = unr_idmap_add(ret, range);
	}
	return r;
}

/* Where the steward lives: the maps of its namespace, if it needs one. */
static int find_place(const struct unr_map_choice *choice, struct unr_map_choice *ret,
		      struct unr_error *err)
{
	const uint32_t own[] = { [UNR_UID] = geteuid(), [UNR_GID] = getegid() };
	int r = 0;

	ret->method = choice->method;
	for (unsigned int kind = 0; kind < UNR_ID_KIND_COUNT_ && r == 0; kind++) {
		if (add_own(&choice->maps.of[kind], own[kind], &ret->maps.of[kind]) < 0)
			return unr_fail_memory(err);
		r = unr_idmap_check(&ret->maps.of[kind], (enum unr_id_kind) kind, err);
	}
	return r;
}

/* The id of the extraction's root in the steward's namespace, or on the host without one. */
static uint32_t root_id(const struct unr_map_choice *choice, const struct unr_map_choice *place,
			enum unr_id_kind kind)
{
	uint32_t outside = 0, inside = 0;

	(void) unr_idmap_to_outside(&choice->maps.of[kind], 0, &outside);
	if (place == NULL || !unr_idmap_to_inside(&place->maps.of[kind], outside, &inside))
		return outside;
	return inside;
}

static int start_process(const struct unr_map_choice *choice, struct unr_steward *steward,
			 int alive_fd, struct unr_error *err)
{
	struct unr_map_choice place = { 0 };
	const struct unr_map_choice *lives = NULL;
	struct duty duty = { .target = steward->target, .alive_fd = alive_fd };
	int r = 0;

	if (choice->method != UNR_MAP_DIRECT) {
		r = find_place(choice, &place, err);
		lives = &place;
	}
	duty.uid = root_id(choice, lives, UNR_UID);
	duty.gid = root_id(choice, lives, UNR_GID);
	if (r == 0)
		r = unr_child_start_survivor(lives, steward_main, &duty, &steward->child, err);
	unr_map_choice_done(&place);
	return r;
}

/* Says a word to the steward and hears what came of it. */
static int order(struct unr_steward *steward, uint8_t word, const char *what, struct unr_error *err)
{
	struct unr_error theirs;
	uint8_t heard = 0;

	if (unr_write_full(steward->child.socket, &word, 1) == 0 &&
	    unr_read_full(steward->child.socket, &heard, 1) == 1 && heard == DONE)
		return 0;
	if (heard != FAILED || unr_read_full(steward->child.socket, &theirs, sizeof(theirs)) !=
				       (ssize_t) sizeof(theirs))
		return unr_fail(err, UNR_ERROR_FAILED, -EPIPE,
				"%s: the process that looks after it is gone", what);
	return unr_fail(err, UNR_ERROR_FAILED, theirs.code, "%s: %s", what, theirs.message);
}

static int start(const char *path, const struct unr_map_choice *choice, struct unr_steward *ret,
		 struct unr_error *err)
{
	struct unr_steward steward = UNR_STEWARD_NONE;
	struct unr_error ignored;
	int ends[2] = { -EBADF, -EBADF };
	int r = unr_target_open(path, &steward.target, err);

	if (r < 0)
		return r;
	if (pipe2(ends, O_CLOEXEC) < 0)
		r = unr_fail_errno(err, "pipe");
	steward.alive_fd = ends[1];
	if (r == 0)
		r = start_process(choice, &steward, ends[0], err);
	unr_close(&ends[0]);
	if (r < 0) {
		(void) !unr_target_clear(&steward.target);
		(void) !unr_steward_end(&steward, false, &ignored);
		return r;
	}
	*ret = steward;
	return 0;
}

/*
 * Between the making of the directory and the steward's start nobody would remove
 * it: what can be put off is.  SIGKILL cannot, and may leave an empty directory.
 */
int unr_steward_start(const char *path, const struct unr_map_choice *choice,
		      struct unr_steward *ret, struct unr_error *err)
{
	sigset_t late, before;
	int r;

	(void) sigemptyset(&late);
	for (size_t i = 0; i < UNR_COUNT(ending); i++)
		(void) sigaddset(&late, ending[i]);
	(void) sigprocmask(SIG_BLOCK, &late, &before);
	r = start(path, choice, ret, err);
	(void) sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

int unr_steward_give(struct unr_steward *steward, struct unr_error *err)
{
	return order(steward, GIVE, "hand the tree to the namespace", err);
}

int unr_steward_end(struct unr_steward *steward, bool keep, struct unr_error *err)
{
	int status, r = 0;

	unr_close(&steward->alive_fd);
	if (steward->child.pid > 0) {
		r = order(steward, keep ? KEEP : CLEAR,
			  keep ? "keep the tree" : "clear the directory", err);
		(void) !unr_child_wait(&steward->child, &status);
		/* As far as it can be done from here: as root, or while the tree has not begun. */
		if (r < 0)
			(void) !unr_target_clear(&steward->target);
	}
	unr_target_done(&steward->target);
	*steward = UNR_STEWARD_NONE;
	return r;
}
