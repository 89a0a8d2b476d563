/* SPDX-License-Identifier: MIT */
/*
 * A shell in an image: see usernsrepro/shell.h.
 *
 *   parent                            inside.c                       run/
 *   a folder for the tree
 *   enter() ------------------------> waits in the empty tree
 *                                                                    extracts
 *   stay() --- order ---------------> mounts, starts the command
 *          <-- the command's terminal
 *   passes on what is typed, signals  reaps
 *   leave()                           ends all others, then itself
 *   the steward removes the tree
 */
#include "usernsrepro/shell.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>

#include "base/text.h"
#include "run/inner.h"
#include "shell/inside.h"
#include "shell/order.h"
#include "shell/terminal.h"
#include "shell/wide.h"

/* docker's, where the image sets none: oci/defaults.go, v20.10 */
#define DEFAULT_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct shell {
	const struct unr_shell_options *options; /* borrowed */
	struct unr_child child;                  /* owned; the process inside */
	bool has_overlay; /* the tree is in layers, which are mounted over one another */
	int signals;      /* owned */
	int status;       /* of the command */
};

static int enter(void *context, const struct unr_map_choice *choice,
		 const struct unr_steward *steward, enum unr_driver *driver, struct unr_error *err)
{
	struct shell *shell = context;
	int alive_fd = steward->alive_fd;
	int fd, r = unr_child_start(choice, unr_shell_inside, &alive_fd, &shell->child, err);

	if (r == 0)
		r = unr_shell_hear(shell->child.socket, &fd, err);
	if (r < 0)
		return r;
	if (r != UNR_SHELL_OVERLAY)
		*driver = UNR_DRIVER_VFS;
	shell->has_overlay = *driver == UNR_DRIVER_OVERLAY2;
	return 0;
}

static void note(const struct shell *shell, const char *fmt, ...) UNR_PRINTF(2, 3);

static void note(const struct shell *shell, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	if (text != NULL && shell->options->note != NULL)
		shell->options->note(shell->options->context, text);
	free(text);
}

/* Entries that do not have their owners here. */
static void note_owners(const struct shell *shell, const struct unr_result *result)
{
	const char *more = shell->options->wide               ? "; not all of them can be mapped" :
			   result->map_method == UNR_MAP_SELF ? "" :
								"; --wide shows the real one";
	unr_auto(unr_text_done) struct unr_text many = { 0 };
	uint64_t n = 0;

	for (size_t i = 0; i < result->image.n_layers; i++)
		n += result->layers[i].refused;
	if (n == 0)
		return;
	unr_text_count(&many, n);
	note(shell, "%s %s an owner without a place in the map, and %s root's here%s",
	     unr_text_string(&many), n == 1 ? "entry has" : "entries have", n == 1 ? "is" : "are",
	     more);
}

static int check_layers(const struct shell *shell, const struct unr_result *result,
			struct unr_error *err)
{
	const struct unr_verdict *verdict = &result->verdict;

	if (!verdict->ok && verdict->stage != UNR_STAGE_RUNTIME && !verdict->has_id)
		note(shell, "the engine refuses this image: %s", verdict->message);
	for (size_t i = 0; i < result->image.n_layers; i++)
		if (!result->layers[i].done)
			return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
					"layer %zu cannot be extracted to its end: %s", i,
					verdict->message == NULL ? "" : verdict->message);
	if (result->map_method == UNR_MAP_SELF && *result->map_note != '\0')
		note(shell, "only id 0 is mapped: %s", result->map_note);
	note_owners(shell, result);
	return 0;
}

/* Who the command runs as: root, unless somebody was asked for. */
static int set_user(const struct unr_shell_options *options, const struct unr_runtime *runtime,
		    struct unr_shell_order *order, struct unr_error *err)
{
	const bool asked = options->run.user != NULL || options->run.n_groups > 0;

	if (asked && !runtime->checked)
		return unr_fail(err, UNR_ERROR_FAILED, -ENOENT, "--user: %s",
				runtime->unknown == NULL ? "cannot be looked up" :
							   runtime->unknown);
	if (asked && !runtime->ok)
		return unr_fail(err, UNR_ERROR_FAILED, -EINVAL, "--user: %s", runtime->message);
	order->groups = calloc(runtime->n_groups + 1, sizeof(*order->groups));
	if (order->groups == NULL)
		return unr_fail_memory(err);
	if (!runtime->ok)
		return 0;
	order->uid = runtime->uid;
	order->gid = runtime->gid;
	for (; order->n_groups < runtime->n_groups; order->n_groups++)
		order->groups[order->n_groups] = runtime->groups[order->n_groups];
	return 0;
}

static bool has_variable(const struct unr_shell_order *order, const char *line)
{
	size_t length = strcspn(line, "=") + 1;

	for (size_t i = 0; i < order->n_env; i++)
		if (strncmp(order->env[i], line, length) == 0)
			return true;
	return false;
}

/* @line: owned, NULL when out of memory; given up where there is such a variable. */
static int add_variable(struct unr_shell_order *order, char *line, struct unr_error *err)
{
	if (line == NULL)
		return unr_fail_memory(err);
	if (has_variable(order, line))
		free(line);
	else
		order->env[order->n_env++] = line;
	return 0;
}

/* "HOME=" and the sixth field of the line of passwd: runc, init_linux.go. */
static char *home_variable(const struct unr_runtime *runtime)
{
	const char *home = runtime->line == NULL || !runtime->ok ? "" : runtime->line;
	char *line;
	size_t length;

	for (int i = 0; i < 5 && home != NULL; i++) {
		home = strchr(home, ':');
		home = home == NULL ? NULL : home + 1;
	}
	length = home == NULL ? 0 : strcspn(home, ":");
	if (asprintf(&line, "HOME=%.*s", length == 0 ? 1 : (int) length, length == 0 ? "/" : home) <
	    0)
		return NULL;
	return line;
}

static char *terminal_variable(void)
{
	const char *term = getenv("TERM");
	char *line;

	return asprintf(&line, "TERM=%s", term == NULL || *term == '\0' ? "xterm" : term) < 0 ?
		       NULL :
		       line;
}

/* The image's own, and what docker adds. */
static int set_env(const struct unr_result *result, struct unr_shell_order *order,
		   struct unr_error *err)
{
	const struct unr_image *image = &result->image;
	int r = 0;

	order->env = calloc(image->n_env + 5, sizeof(*order->env));
	if (order->env == NULL)
		return unr_fail_memory(err);
	for (size_t i = 0; i < image->n_env && r == 0; i++)
		r = add_variable(order, strdup(image->env[i]), err);
	if (r == 0)
		r = add_variable(order, strdup(DEFAULT_PATH), err);
	if (r == 0)
		r = add_variable(order, strdup("HOSTNAME=" UNR_SHELL_HOSTNAME), err);
	if (r == 0)
		r = add_variable(order, home_variable(&result->runtime), err);
	return r == 0 && order->has_terminal ? add_variable(order, terminal_variable(), err) : r;
}

static int set_command(const struct shell *shell, const struct unr_result *result,
		       struct unr_shell_order *order, struct unr_error *err)
{
	char *const *words = shell->options->command;
	const char *working_dir = result->image.working_dir;
	const char *name = result->image.reference;
	size_t n = 0;

	while (words != NULL && words[n] != NULL)
		n++;
	order->command = calloc(n + 1, sizeof(*order->command));
	for (; order->command != NULL && order->n_command < n; order->n_command++) {
		order->command[order->n_command] = strdup(words[order->n_command]);
		if (order->command[order->n_command] == NULL)
			return unr_fail_memory(err);
	}
	/* What is not absolute is below the root: daemon/oci_linux.go. */
	while (working_dir != NULL && *working_dir == '/')
		working_dir++;
	if (asprintf(&order->working_dir, "/%s", working_dir == NULL ? "" : working_dir) < 0)
		order->working_dir = NULL;
	order->image = strdup(name == NULL ? "the image" : name);
	return order->command == NULL || order->working_dir == NULL || order->image == NULL ?
		       unr_fail_memory(err) :
		       0;
}

static int make_order(const struct shell *shell, const struct unr_result *result,
		      struct unr_shell_order *ret, struct unr_error *err)
{
	int r;

	ret->n_layers = shell->has_overlay ? (uint32_t) result->image.n_layers : 0;
	unr_terminal_look(ret);
	r = set_user(shell->options, &result->runtime, ret, err);
	if (r == 0)
		r = set_command(shell, result, ret, err);
	return r < 0 ? r : set_env(result, ret, err);
}

/* The command has ended, and with it all others; or who watches it could not go on, and says why. */
static int take_status(struct shell *shell, struct unr_error *err)
{
	unr_autoclose int none = -EBADF;
	struct unr_error theirs;
	int status;
	int told = unr_shell_hear(shell->child.socket, &none, &theirs);
	int r = unr_child_wait(&shell->child, &status);

	/* The second: it has ended before it has read of the last signal (unix(7)). */
	if (told < 0 && told != -EPIPE && told != -ECONNRESET) {
		*err = theirs;
		return told;
	}
	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "wait for the process inside: %s",
				strerror(-r));
	if (WIFSIGNALED(status))
		return unr_fail(err, UNR_ERROR_FAILED, -EIO,
				"the process inside was killed by signal %d (%s)", WTERMSIG(status),
				strsignal(WTERMSIG(status)));
	shell->status = WEXITSTATUS(status);
	return 0;
}

static int run_command(struct shell *shell, const struct unr_shell_order *order,
		       struct unr_error *err)
{
	unr_autoclose int leader = -EBADF;
	int r;

	shell->signals = unr_terminal_signals(order->has_terminal, err);
	if (shell->signals < 0)
		return shell->signals;
	if (shell->options->ready != NULL)
		shell->options->ready(shell->options->context);
	r = unr_shell_order_send(shell->child.socket, order);
	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "the process inside is gone");
	r = unr_shell_hear(shell->child.socket, &leader, err);
	if (r >= 0)
		r = unr_terminal_relay(shell->child.socket, leader, shell->signals, err);
	return r < 0 ? r : take_status(shell, err);
}

static int stay(void *context, const struct unr_result *result, struct unr_error *err)
{
	struct shell *shell = context;
	struct unr_shell_order order = { 0 };
	int r = check_layers(shell, result, err);

	if (r == 0)
		r = make_order(shell, result, &order, err);
	if (r == 0)
		r = run_command(shell, &order, err);
	unr_shell_order_done(&order);
	return r;
}

/* By the end of its socket, not by a signal: see inside.c. */
static void leave(void *context)
{
	struct shell *shell = context;
	int status;

	if (shell->child.pid > 0)
		(void) !unr_child_wait(&shell->child, &status);
	unr_close(&shell->signals);
}

/* A name that nobody has: the steward then makes the directory, and removes it. */
static char *name_directory(const char *folder)
{
	uint64_t number;
	char *name;

	if (folder == NULL)
		folder = getenv("TMPDIR");
	if (folder == NULL || *folder == '\0')
		folder = "/var/tmp";
	if (getrandom(&number, sizeof(number), 0) != (ssize_t) sizeof(number) ||
	    asprintf(&name, "%s/userns-repro-shell-%016" PRIx64, folder, number) < 0)
		return NULL;
	return name;
}

/* First without contents, to see which ids are needed. */
static int widen(struct unr_plan *plan, struct unr_source *source, struct unr_error *err)
{
	struct unr_run_options quiet = *plan->options;
	struct unr_plan look = *plan;
	struct unr_result result = { 0 };
	int r = unr_wide_begin(&plan->maps, err);

	quiet.progress = NULL;
	look.options = &quiet;
	look.maps = plan->maps;
	if (r == 0)
		r = unr_run_planned(&look, source, NULL, &result, err);
	if (r == 0)
		r = unr_wide_add(&result, &plan->maps, err);
	unr_result_done(&result);
	return r < 0 ? r : 0;
}

static int run_plan(struct shell *shell, struct unr_plan *plan, struct unr_error *err)
{
	unr_autofree char *directory = name_directory(shell->options->folder);
	const struct unr_guest guest = { .directory = directory,
					 .enter = enter,
					 .stay = stay,
					 .leave = leave,
					 .context = shell };
	struct unr_source source = UNR_SOURCE_NONE;
	struct unr_result result = { 0 };
	int r;

	if (directory == NULL)
		return unr_fail_memory(err);
	r = unr_source_open(plan, shell->options->wide, &source, err);
	if (r == 0 && shell->options->wide)
		r = widen(plan, &source, err);
	if (r == 0)
		r = unr_run_planned(plan, &source, &guest, &result, err);
	unr_source_done(&source, r < 0 ? err : NULL);
	unr_result_done(&result);
	return r;
}

int unr_shell(const struct unr_shell_options *options, int *ret_status, struct unr_error *err)
{
	/* Who is not asked for is root; who that is, and where its home is, the image knows. */
	static const char root[] = "0";
	struct unr_run_options run = options->run;
	struct shell shell = { .options = options,
			       .child = { .socket = -EBADF },
			       .signals = -EBADF };
	struct unr_error own = { 0 };
	struct unr_plan plan = { 0 };
	int r;

	if (err == NULL)
		err = &own;
	*err = own;
	run.rootfs = run.as = NULL;
	run.stop_at_first = false;
	if (run.user == NULL)
		run.user = root;
	r = unr_plan_make(&run, &plan, err);
	plan.for_shell = true;
	if (r == 0)
		r = run_plan(&shell, &plan, err);
	unr_plan_done(&plan);
	if (r == 0)
		*ret_status = shell.status;
	return r;
}
