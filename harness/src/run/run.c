/* SPDX-License-Identifier: MIT */
/*
 * Joining the parts: what is wanted, what this host can do, the child, the
 * frames, the verdict.
 *
 *   spec -> input ---+
 *   profile -> maps -+-> child (job.c, layer.c) ==frames==> collect -> result
 *   choice ----------+
 */
#include "usernsrepro/run.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "image/digest.h"
#include "image/docker_name.h"
#include "run/collect.h"
#include "run/inner.h"
#include "run/job.h"
#include "userns/limits.h"
#include "userns/namespace.h"
#include "usernsrepro/report.h"
#include "usernsrepro/scenario.h"

static void list_formats(struct unr_text *text)
{
	for (const char *const *name = unr_report_format_names(); *name != NULL; name++)
		unr_text_printf(text, "%s%s", text->length == 0 ? "" : ", ", *name);
}

char *unr_run_names(const char *what)
{
	static const struct {
		const char *what;
		void (*list)(struct unr_text *text);
	} lists[] = {
		{ "profiles", unr_profile_list },
		{ "engines", unr_engine_list },
		{ "drivers", unr_driver_list },
		{ "formats", list_formats },
	};
	unr_auto(unr_text_done) struct unr_text text = { 0 };

	for (size_t i = 0; i < UNR_COUNT(lists); i++)
		if (strcmp(lists[i].what, what) == 0)
			lists[i].list(&text);
	return unr_text_take(&text);
}

static int unknown(struct unr_error *err, const char *option, const char *value, const char *what)
{
	unr_autofree char *names = unr_run_names(what);

	return unr_fail(err, UNR_ERROR_USAGE, -ENOENT, "%s '%s' is not known; there are: %s",
			option, value, names == NULL ? "" : names);
}

static int look_up_options(const struct unr_run_options *options, struct unr_plan *ret,
			   struct unr_error *err)
{
	struct unr_plan plan = { .options = options,
				 .profile = unr_profile_find(options->profile) };
	const char *engine = options->engine, *driver = options->driver;
	int way = 0, found;

	if (plan.profile == NULL)
		return unknown(err, "--profile", options->profile, "profiles");
	if (engine == NULL)
		engine = plan.profile->engine;
	plan.engine = unr_engine_find(engine);
	if (plan.engine == NULL)
		return unknown(err, "--engine", engine, "engines");
	if (driver == NULL)
		driver = plan.profile->driver;
	found = unr_driver_from_name(driver);
	if (found < 0)
		return unknown(err, "--driver", driver, "drivers");
	plan.driver = (enum unr_driver) found;
	if (options->as != NULL)
		way = unr_way_from_name(options->as);
	if (way < 0)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"--as '%s' is not known; there are: load, pull", options->as);
	plan.way = (enum unr_way) way;
	if (options->platform != NULL) {
		int r = unr_platform_parse(options->platform, &plan.platform, err);

		if (r < 0)
			return r;
	}
	*ret = plan;
	return 0;
}

int unr_plan_make(const struct unr_run_options *options, struct unr_plan *ret,
		  struct unr_error *err)
{
	int r = look_up_options(options, ret, err);

	return r < 0 ? r : unr_profile_maps(ret->profile, options, &ret->maps, err);
}

void unr_plan_done(struct unr_plan *plan)
{
	unr_idmaps_done(&plan->maps);
}

/* A scenario is written as a docker archive into memory and read from there. */
static int open_scenario(const struct unr_image_spec *spec, struct unr_image_input *ret,
			 struct unr_error *err)
{
	unr_autoclose int fd = memfd_create("scenario", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return unr_fail_errno(err, "memfd_create");
	r = unr_scenario_export(spec->path, fd, err);
	if (r == 0)
		r = unr_image_input_from_fd(UNR_TRANSPORT_DOCKER_ARCHIVE, fd, spec->path, NULL, ret,
					    err);
	if (r == 0)
		(void) unr_take_fd(&fd);
	return r;
}

/* What is neither a file nor made here: through a fetcher. */
static int open_fetched(const struct unr_run_options *options, const struct unr_image_spec *spec,
			bool again, struct unr_source *ret, struct unr_error *err)
{
	const struct unr_fetch_options fetch = { .insecure = options->tls_insecure,
						 .verify = !options->no_verify,
						 .again = again,
						 .cache = options->cache };
	bool is_id = unr_digest_is_valid(spec->path);
	enum unr_transport transport = spec->transport;
	struct unr_docker_name name = { .host = "" };
	unr_autoclose int fd = -EBADF;
	int r = is_id ? 0 : unr_docker_name_parse(spec->path, &name, err);

	if (r == 0 && transport == UNR_TRANSPORT_DOCKER) {
		r = unr_fetch_registry(&name, &fetch, &ret->fetcher, &fd, err);
	} else if (r == 0) {
		transport = UNR_TRANSPORT_DOCKER_ARCHIVE;
		r = unr_fetch_daemon(is_id ? spec->path : name.familiar, &ret->fetcher, &fd, err);
	}
	if (r == 0)
		r = unr_image_input_from_fd(transport, fd, is_id ? spec->path : name.familiar, NULL,
					    &ret->input, err);
	if (r == 0)
		(void) unr_take_fd(&fd);
	return r;
}

int unr_source_open(const struct unr_plan *plan, bool again, struct unr_source *ret,
		    struct unr_error *err)
{
	unr_auto(unr_image_spec_done) struct unr_image_spec spec = { 0 };
	int r = unr_image_spec_parse(plan->options->image, &spec, err);

	if (r < 0)
		return r;
	if (spec.transport == UNR_TRANSPORT_DOCKER || spec.transport == UNR_TRANSPORT_DOCKER_DAEMON)
		r = open_fetched(plan->options, &spec, again, ret, err);
	else if (spec.transport == UNR_TRANSPORT_SCENARIO)
		r = open_scenario(&spec, &ret->input, err);
	else
		r = unr_image_input_open(&spec, &ret->input, err);
	ret->input.platform = plan->platform;
	return r == 0 && again ? unr_image_input_keep(&ret->input, err) : r;
}

void unr_source_done(struct unr_source *source, struct unr_error *err)
{
	unr_fetcher_stop(&source->fetcher, err);
	unr_image_input_done(&source->input);
}

/* Why the child went without a word. */
static int explain_end(int status, struct unr_error *err)
{
	if (WIFSIGNALED(status))
		return unr_fail(err, UNR_ERROR_FAILED, -EIO,
				"the extracting child was killed by signal %d (%s)",
				WTERMSIG(status), strsignal(WTERMSIG(status)));
	return unr_fail(err, UNR_ERROR_FAILED, -EIO,
			"the extracting child ended early with status %d", WEXITSTATUS(status));
}

/*
 * One layer after the other where each needs the tree of those below it, or
 * nothing of those above the first failure may be seen.
 */
static size_t count_lines(const struct unr_run_options *options, const struct unr_job *job)
{
	cpu_set_t cpus;
	size_t n;

	if (job->driver == UNR_DRIVER_VFS || options->stop_at_first || options->one_at_a_time ||
	    sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
		return 1;
	n = (size_t) CPU_COUNT(&cpus);
	return n < UNR_LINES_MAX ? n : UNR_LINES_MAX;
}

/* The child gets the workers' ends of the lines: here they are closed again. */
static int start_child(struct unr_collector *collector, struct unr_job *job,
		       const struct unr_map_choice *choice, struct unr_child *ret,
		       struct unr_error *err)
{
	struct unr_line_ends ends;
	int r = unr_lines_open(count_lines(collector->options, job), &collector->lines, &ends);

	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "socketpair: %s", strerror(-r));
	job->ends = &ends;
	r = unr_child_start(choice, unr_job_main, job, ret, err);
	unr_line_ends_done(&ends);
	job->ends = NULL;
	return r;
}

/*
 * Starts the child in the directory of the kept tree, by its working directory,
 * which it has through its own mounts.  The directory is entered before it is
 * handed over: after that its owner alone can.
 */
static int start_in_tree(struct unr_collector *collector, struct unr_job *job,
			 const struct unr_map_choice *choice, struct unr_steward *steward,
			 struct unr_child *ret, struct unr_error *err)
{
	unr_autoclose int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct unr_guest *guest = collector->guest;
	int r;

	if (here < 0 || fchdir(steward->target.tree_fd) < 0)
		return unr_fail_errno(err, "enter the directory of the kept tree");
	r = unr_steward_give(steward, err);
	if (r == 0 && guest != NULL)
		r = guest->enter(guest->context, choice, steward, &job->driver, err);
	if (r == 0)
		r = start_child(collector, job, choice, ret, err);
	if (fchdir(here) < 0 && r == 0) {
		r = unr_fail_errno(err, "go back to the working directory");
		unr_child_stop(ret);
	}
	return r;
}

static int run_child(struct unr_collector *collector, struct unr_job *job,
		     const struct unr_map_choice *choice, struct unr_steward *steward,
		     struct unr_error *err)
{
	struct unr_child child = { .socket = -EBADF };
	int status = 0;
	int r = job->keep ? start_in_tree(collector, job, choice, steward, &child, err) :
			    start_child(collector, job, choice, &child, err);

	unr_close(&steward->alive_fd);
	if (r < 0)
		return r;
	collector->lines.of[0].fd = unr_take_fd(&child.socket);
	unr_lines_limit(&collector->lines, job->limits.of[UNR_LIMIT_TIME]);
	r = unr_collect(collector, err);
	if (r == -ETIME)
		unr_limits_explain(&job->limits, false, err);
	unr_lines_done(&collector->lines);
	if (r == -EPIPE && err->kind == UNR_ERROR_NONE && unr_child_wait(&child, &status) == 0)
		return explain_end(status, err);
	if (r < 0) {
		unr_child_stop(&child);
		return r;
	}
	r = unr_child_wait(&child, &status);
	return r < 0 ? unr_fail(err, UNR_ERROR_FAILED, r, "wait for the extracting child: %s",
				strerror(-r)) :
		       0;
}

/*
 * Who may write any map is the host's root, or as good: the broker's calls will
 * tell.  A rootless engine has no such help, and a guest needs what its own
 * namespace can use: no device works in it anyway.
 */
static void serve_tree(struct unr_collector *collector, struct unr_job *job,
		       const struct unr_map_choice *choice, const struct unr_steward *steward)
{
	if (choice->method != UNR_MAP_DIRECT || collector->engine->rootless != NULL ||
	    collector->guest != NULL)
		return;
	job->privileged = true;
	collector->broker.tree_fd = steward->target.tree_fd;
	(void) unr_idmap_to_outside(&choice->maps.of[UNR_UID], 0, &collector->broker.root_uid);
	(void) unr_idmap_to_outside(&choice->maps.of[UNR_GID], 0, &collector->broker.root_gid);
}

/* What the child has found out, and then the guest's turn. */
static int run_and_stay(struct unr_collector *collector, struct unr_job *job,
			const struct unr_map_choice *choice, struct unr_steward *steward,
			struct unr_error *err)
{
	const struct unr_guest *guest = collector->guest;
	int r = run_child(collector, job, choice, steward, err);

	if (r == 0)
		r = unr_collect_verdict(collector, err);
	if (r == 0 && guest != NULL)
		r = guest->stay(guest->context, collector->result, err);
	if (guest != NULL)
		guest->leave(guest->context);
	return r;
}

/*
 * With a steward where the tree is kept, or has a guest.  An engine that stops
 * keeps nothing; who wants to see all failures wants to see the tree as well.
 */
static int run_with_tree(struct unr_collector *collector, struct unr_job *job,
			 const struct unr_map_choice *choice, struct unr_error *err)
{
	struct unr_steward steward = UNR_STEWARD_NONE;
	struct unr_result *result = collector->result;
	const char *rootfs = collector->options->rootfs;
	struct unr_error *mine = err;
	struct unr_error second;
	int ended, r = 0;

	if (job->keep) {
		r = unr_steward_start(collector->guest == NULL ? rootfs :
								 collector->guest->directory,
				      choice, &steward, err);
		if (r < 0)
			return r;
		job->alive_fd = steward.alive_fd;
		serve_tree(collector, job, choice, &steward);
	}
	r = run_and_stay(collector, job, choice, &steward, err);
	if (r < 0) /* the first trouble is the one to tell */
		mine = &second;
	if (r == 0 && rootfs != NULL && (result->verdict.ok || !job->stop_at_first))
		result->rootfs = rootfs;
	result->rootfs_cleared = rootfs != NULL && result->rootfs == NULL;
	ended = unr_steward_end(&steward, result->rootfs != NULL, mine);
	return r < 0 ? r : ended;
}

/* The result's head: what is known before the child begins. */
static int describe(const struct unr_plan *plan, const struct unr_map_choice *choice,
		    struct unr_result *ret, struct unr_error *err)
{
	const struct unr_run_options *options = plan->options;
	struct utsname uts;

	ret->source = options->image;
	ret->profile = options->maps.of[UNR_UID].n_ranges > 0 || options->userns_remap != NULL ?
			       "custom" :
			       plan->profile->name;
	/* Given maps have the engine's owner, who may be anybody. */
	ret->map_change = strcmp(ret->profile, "custom") == 0 ?
				  "whoever runs the engine may change its map." :
				  plan->profile->change;
	ret->map_fixed = strcmp(ret->profile, "custom") != 0 && plan->profile->fixed;
	ret->groups_added = plan->options->n_groups > 0;
	ret->engine = plan->engine->name;
	ret->driver = unr_driver_name(plan->driver);
	ret->map_method = choice->method;
	ret->stopped_at_first = options->stop_at_first;
	memcpy(ret->map_note, choice->why, sizeof(ret->map_note));
	if (uname(&uts) == 0)
		(void) strncpy(ret->kernel, uts.release, sizeof(ret->kernel) - 1);
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		if (unr_idmap_copy(&choice->maps.of[kind], &ret->map.of[kind]) < 0 ||
		    unr_idmap_copy(&plan->maps.of[kind], &ret->engine_map.of[kind]) < 0)
			return unr_fail_memory(err);
	(void) clock_gettime(CLOCK_REALTIME, &ret->started);
	return 0;
}

/* A rootless engine goes by the kernel: under another map its answer would be another one. */
static int check_kernel_map(const struct unr_plan *plan, const struct unr_map_choice *choice,
			    struct unr_error *err)
{
	const struct unr_idmaps *wanted = &plan->maps;

	if (plan->engine->rootless == NULL || choice->method != UNR_MAP_SELF ||
	    (unr_idmap_total(&wanted->of[UNR_UID]) == 1 &&
	     unr_idmap_total(&wanted->of[UNR_GID]) == 1))
		return 0;
	return unr_fail(err, UNR_ERROR_CANNOT_RUN, -EPERM,
			"engine %s goes by the kernel's answers, which need the whole map: %s",
			plan->engine->name, choice->why);
}

int unr_run_planned(const struct unr_plan *plan, struct unr_source *source,
		    const struct unr_guest *guest, struct unr_result *result, struct unr_error *err)
{
	const struct unr_run_options *options = plan->options;
	struct unr_map_choice choice = { 0 };
	struct unr_job job = { .input = &source->input,
			       .engine = plan->engine,
			       .driver = unr_engine_steps(plan->engine, plan->driver),
			       .maps = &plan->maps,
			       .way = plan->way,
			       .way_given = options->as != NULL,
			       .verify = !options->no_verify,
			       .stop_at_first = options->stop_at_first,
			       .keep = options->rootfs != NULL || guest != NULL,
			       .for_shell = plan->for_shell,
			       .limits = options->limits,
			       .ledger = UNR_LEDGER_NONE,
			       .user = options->user,
			       .groups = options->groups,
			       .n_groups = options->n_groups,
			       .helpers = { UNR_SWITCHER_NONE, UNR_MOUNTER_NONE },
			       .opaque_fd = -EBADF,
			       .alive_fd = -EBADF };
	struct unr_collector collector = {
		.options = options,
		.engine = plan->engine,
		.driver = plan->driver,
		.input = &source->input,
		.result = result,
		.guest = guest,
		.broker = { .tree_fd = -EBADF },
		.fetcher = &source->fetcher,
	};
	int r = unr_map_choose(&plan->maps, &choice, err);

	unr_limits_fill(&job.limits);
	if (r == 0)
		r = check_kernel_map(plan, &choice, err);
	if (r == 0)
		r = describe(plan, &choice, result, err);
	if (r == 0)
		r = run_with_tree(&collector, &job, &choice, err);
	(void) clock_gettime(CLOCK_REALTIME, &result->ended);
	unr_collector_done(&collector);
	unr_map_choice_done(&choice);
	return r;
}

int unr_run(const struct unr_run_options *options, struct unr_result *ret, struct unr_error *err)
{
	struct unr_error own = { 0 };
	struct unr_result result = { 0 };
	struct unr_source source = UNR_SOURCE_NONE;
	struct unr_plan plan = { 0 };
	int r;

	if (err == NULL)
		err = &own;
	*err = own;
	r = unr_plan_make(options, &plan, err);
	if (r == 0)
		r = unr_source_open(&plan, false, &source, err);
	if (r == 0)
		r = unr_run_planned(&plan, &source, NULL, &result, err);
	unr_source_done(&source, r < 0 ? err : NULL);
	unr_plan_done(&plan);
	if (r < 0) {
		unr_result_done(&result);
		return r;
	}
	*ret = result;
	return 0;
}

void unr_run_options_done(struct unr_run_options *options)
{
	unr_idmaps_done(&options->maps);
	free(options->groups);
	options->groups = NULL;
}
