/* SPDX-License-Identifier: MIT */
/*
 * The start of the container, behind all layers: USER is looked up in the
 * image's own files, and a process of the namespace really becomes it.  What the
 * engine and its runtime say of that goes to the parent in one frame.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "run/job.h"
#include "run/protocol.h"
#include "unpack/opaque.h"
#include "unpack/unpack.h"
#include "user/user.h"
#include "user/view.h"

struct start {
	const struct unr_job *job;
	const struct unr_start *way;
	struct unr_view view;
	struct unr_view_file passwd, group; /* owned; for the engine, and then for the runtime */
	struct unr_text refusal;            /* owned; the engine's words, "" so far none */
	struct unr_runtime *runtime;        /* filled in */
};

static void start_done(struct start *start)
{
	free((void *) (uintptr_t) start->view.opaque);
	unr_view_file_done(&start->passwd);
	unr_view_file_done(&start->group);
	unr_text_done(&start->refusal);
}
DEFINE_UNR_CLEANUP(struct start, start_done);

/* Has each opaque directory the mark that overlayfs sees here? */
static bool is_marked(const uint64_t *opaque, ssize_t n)
{
	for (ssize_t i = 0; i < n; i++)
		if (opaque[i] == UNR_OPAQUE_UNMARKED)
			return false;
	return true;
}

/* One tree, mounted where the kernel can; the look-up through the layers comes to the same. */
static void find_tree(struct start *start, uint32_t n_layers, const struct unr_mounter *mounter)
{
	struct unr_view *view = &start->view;

	if (start->job->driver != UNR_DRIVER_OVERLAY2)
		view->tree = "rootfs";
	else if (n_layers > 1 && mounter->socket >= 0 &&
		 is_marked(view->opaque, (ssize_t) view->n_opaque) &&
		 unr_mounter_mount(mounter, n_layers) == 0)
		view->tree = UNR_MOUNTER_TREE;
	view->n_layers = view->tree == NULL ? n_layers : 1;
}

static int look_at_layers(struct start *start, uint32_t n_layers, const struct unr_mounter *mounter,
			  struct unr_error *err)
{
	uint64_t *opaque = NULL;
	ssize_t n = unr_opaque_read(start->job->opaque_fd, &opaque);

	if (n < 0)
		return unr_fail(err, UNR_ERROR_FAILED, (int) n,
				"read the list of opaque directories: %s", strerror((int) -n));
	start->view = (struct unr_view) { .is_prepared = start->way->prepares_tree,
					  .root = start->way->root[start->job->driver],
					  .opaque = opaque,
					  .n_opaque = (size_t) n };
	find_tree(start, n_layers, mounter);
	return 0;
}

/*
 * Without --rootfs few files have their contents (unpack/create.c); the others are all hole, or
 * empty and marked.
 */
static int check_contents(const struct unr_job *job, const struct unr_view_file *file,
			  const char *path, struct unr_error *err)
{
	struct stat st;

	if (job->keep || file->fd < 0)
		return 0;
	if (fstat(file->fd, &st) < 0)
		return unr_fail_errno(err, "stat %s", path);
	if (!S_ISREG(st.st_mode) || st.st_blocks > 0 ||
	    (st.st_size == 0 && (st.st_mode & UNR_MODE_WITHOUT_CONTENT) == 0))
		return 0;
	return unr_fail(err, UNR_ERROR_FAILED, -ENODATA,
			"%s leads to a file whose contents are looked at with --rootfs only", path);
}

static int open_file(struct start *start, enum unr_view_way way, const char *path,
		     struct unr_view_file *ret, struct unr_error *err)
{
	int r;

	unr_view_file_done(ret);
	r = unr_view_open(&start->view, way, path, ret, &start->refusal, err);
	return r < 0 ? r : check_contents(start->job, ret, path, err);
}

static int open_files(struct start *start, enum unr_view_way way, struct unr_error *err)
{
	int r = open_file(start, way, "/etc/passwd", &start->passwd, err);

	if (r == 0 && start->refusal.length == 0)
		r = open_file(start, way, "/etc/group", &start->group, err);
	return r;
}

static struct unr_user_file file_of(const struct unr_view_file *file)
{
	return (struct unr_user_file) { file->fd, unr_text_string(&file->shown) };
}

/* A group of the image's files that podman does without, with a warning. */
static bool is_left_out(const struct start *start, uint32_t gid)
{
	uint32_t outside;

	return start->way->leaves_out_groups &&
	       !unr_idmap_to_outside(&start->job->maps->of[UNR_GID], gid, &outside);
}

/* The kernel's ids have 32 bits, and dockerd cuts its numbers to them. */
static int take_ids(const struct start *start, const struct unr_user *user, bool adds_primary,
		    struct unr_error *err)
{
	struct unr_runtime *runtime = start->runtime;
	uint32_t *groups = calloc(user->n_groups + 1, sizeof(*groups));
	size_t n = 0;

	if (groups == NULL)
		return unr_fail_memory(err);
	runtime->uid = (uint32_t) user->uid;
	runtime->gid = (uint32_t) user->gid;
	if (adds_primary)
		groups[n++] = runtime->gid;
	for (size_t i = 0; i < user->n_groups; i++)
		if (i >= user->n_members || !is_left_out(start, (uint32_t) user->groups[i]))
			groups[n++] = (uint32_t) user->groups[i];
	free(runtime->groups);
	runtime->groups = groups;
	runtime->n_groups = n;
	runtime->resolved = true;
	return 0;
}

static int look_up_user(struct start *start, struct unr_error *err)
{
	const struct unr_user_request request = { .user = start->runtime->user,
						  .groups = start->job->groups,
						  .n_groups = start->job->n_groups,
						  .passwd = file_of(&start->passwd),
						  .group = file_of(&start->group),
						  .rules = start->way->rules };
	const bool adds_primary = start->way->adds_primary_group &&
				  (!start->way->needs_a_name || *start->runtime->user != '\0');
	unr_auto(unr_user_done) struct unr_user user = { 0 };
	int r = unr_user_resolve(&request, &user, &start->refusal, err);

	if (r < 0 || start->refusal.length > 0)
		return r;
	start->runtime->line = unr_take_ptr(user.line);
	start->runtime->line_number = user.line_number;
	return take_ids(start, &user, adds_primary, err);
}

/*
 * The numbers as text once more through the files, which is what runc does with its config.  A
 * group whose name is such a number is found then.
 */
static int look_up_again(const struct start *start, struct unr_text *fault, struct unr_error *err)
{
	struct unr_runtime *runtime = start->runtime;
	unr_autofree const char **groups = calloc(runtime->n_groups + 1, sizeof(*groups));
	unr_autofree char *numbers = malloc((runtime->n_groups + 1) * 11);
	unr_auto(unr_user_done) struct unr_user user = { 0 };
	char ids[24];
	struct unr_user_request request = { .user = ids,
					    .groups = groups,
					    .n_groups = runtime->n_groups,
					    .passwd = file_of(&start->passwd),
					    .group = file_of(&start->group),
					    .rules = start->way->looks_up };
	int r;

	if (groups == NULL || numbers == NULL)
		return unr_fail_memory(err);
	(void) snprintf(ids, sizeof(ids), "%" PRIu32 ":%" PRIu32, runtime->uid, runtime->gid);
	for (size_t i = 0; i < runtime->n_groups; i++) {
		groups[i] = numbers + i * 11;
		(void) snprintf(numbers + i * 11, 11, "%" PRIu32, runtime->groups[i]);
	}
	r = unr_user_resolve(&request, &user, fault, err);
	return r < 0 || fault->length > 0 ? r : take_ids(start, &user, false, err);
}

static int try_ids(struct start *start, const struct unr_switcher *switcher, struct unr_error *err)
{
	struct unr_runtime *runtime = start->runtime;
	const struct unr_switch wanted = { .uid = runtime->uid,
					   .gid = runtime->gid,
					   .groups = runtime->groups,
					   .n_groups = runtime->n_groups };
	struct unr_switched answer = { 0 };
	int r = unr_switcher_try(switcher, &wanted, &answer, err);

	if (r < 0)
		return r;
	runtime->calls = (struct unr_start_calls) { .made = true,
						    .setgroups = answer.setgroups,
						    .setgid = answer.setgid,
						    .setuid = answer.setuid };
	return 0;
}

/* Where setgroups(2) is denied to the whole namespace runc does not call it: user_namespaces(7). */
static struct unr_start_answers kernel_answers(const struct unr_start_calls *calls)
{
	return (struct unr_start_answers) {
		.errors = { [UNR_SETGROUPS] = calls->setgroups == EPERM ? 0 : calls->setgroups,
			    [UNR_SETGID] = calls->setgid,
			    [UNR_SETUID] = calls->setuid }
	};
}

/* What the runtime finds fault with: by its own map, or where it has none by the kernel. */
static int find_fault(const struct start *start, struct unr_text *fault, struct unr_error *err)
{
	const struct unr_runtime *runtime = start->runtime;
	const struct unr_start_ids ids = { .uid = runtime->uid,
					   .gid = runtime->gid,
					   .groups = runtime->groups,
					   .n_groups = runtime->n_groups };
	const struct unr_start_answers answers = start->job->engine->rootless != NULL ?
							 kernel_answers(&runtime->calls) :
							 unr_start_expect(start->job->maps, &ids);

	unr_start_fault(start->way, start->job->maps, &ids, &answers, fault);
	return fault->failed ? unr_fail_memory(err) : 0;
}

/* The engine first, with its own words; what it has resolved is the runtime's affair. */
static int start_container(struct start *start, const struct unr_switcher *switcher,
			   struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text fault = { 0 };
	int r = open_files(start, UNR_VIEW_ENGINE, err);

	if (r == 0 && start->refusal.length == 0)
		r = look_up_user(start, err);
	if (r < 0 || start->refusal.length > 0)
		return r;
	if (start->way->looks_up != NULL)
		r = open_files(start, UNR_VIEW_KERNEL, err);
	if (r == 0 && start->way->looks_up != NULL)
		r = look_up_again(start, &fault, err);
	if (r == 0)
		r = try_ids(start, switcher, err);
	if (r == 0 && fault.length == 0)
		r = find_fault(start, &fault, err);
	if (r == 0 && fault.length > 0)
		unr_start_message(start->way, fault.bytes, &start->refusal);
	return r;
}

/* Files that cannot be read here say nothing of the engine: the layers' verdict stands. */
static bool is_unknown(int error)
{
	return error == -ENODATA || error == -ENODEV || error == -EACCES || error == -E2BIG;
}

static int find_out(struct start *start, uint32_t n_layers, const struct unr_helpers *helpers,
		    struct unr_error *err)
{
	struct unr_runtime *runtime = start->runtime;
	int r = look_at_layers(start, n_layers, &helpers->mounter, err);

	if (r == 0)
		r = start_container(start, &helpers->switcher, err);
	if (r < 0 && is_unknown(r)) {
		runtime->unknown = strdup(err->message);
		return runtime->unknown == NULL ? unr_fail_memory(err) : 0;
	}
	if (r < 0)
		return r;
	runtime->checked = true;
	runtime->ok = start->refusal.length == 0;
	if (!runtime->ok)
		runtime->message = unr_text_take(&start->refusal);
	return runtime->ok || runtime->message != NULL ? 0 : unr_fail_memory(err);
}

/* A bare layer has no config, so that nothing is started unless it is asked for. */
static bool has_start(const struct unr_job *job, const struct unr_image *image)
{
	return image->config_digest != NULL || job->user != NULL || job->n_groups > 0;
}

int unr_job_start(const struct unr_job *job, const struct unr_image *image,
		  const struct unr_helpers *helpers, int socket, struct unr_error *err)
{
	struct unr_runtime runtime = { 0 };
	unr_auto(start_done) struct start start = { .job = job,
						    .way = job->engine->start,
						    .passwd.fd = -EBADF,
						    .group.fd = -EBADF,
						    .runtime = &runtime };
	unr_auto(unr_text_done) struct unr_text payload = { 0 };
	/* As `docker run` has it, an empty one is the image's. */
	const char *user = job->user != NULL && *job->user != '\0' ? job->user : image->user;
	int r = 0;

	if (!has_start(job, image))
		return 0;
	runtime.user = strdup(user == NULL ? "" : user);
	if (runtime.user == NULL)
		return unr_fail_memory(err);
	r = find_out(&start, (uint32_t) image->n_layers, helpers, err);
	if (r == 0) {
		unr_protocol_put_runtime(&payload, &runtime);
		r = unr_frame_send(socket, UNR_FRAME_RUNTIME, &payload);
		if (r < 0)
			(void) unr_fail(err, UNR_ERROR_FAILED, r, "tell of the start: %s",
					strerror(-r));
	}
	unr_runtime_done(&runtime);
	return r;
}
