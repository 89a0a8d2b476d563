/* SPDX-License-Identifier: MIT */
/* Becoming the command: see command.h. */
#include "shell/command.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "userns/refused.h"
#include "userns/sandbox.h"

static const char *find_variable(const struct unr_shell_order *order, const char *name)
{
	const size_t length = strlen(name);

	for (size_t i = 0; i < order->n_env; i++)
		if (strncmp(order->env[i], name, length) == 0 && order->env[i][length] == '=')
			return order->env[i] + length + 1;
	return NULL;
}

/* A session of its own in any case: whoever shares the caller's could type into its terminal. */
static int take_terminal(const struct unr_shell_order *order, int terminal, struct unr_error *err)
{
	if (setsid() < 0)
		return unr_fail_errno(err, "setsid");
	if (terminal < 0)
		return 0;
	if (ioctl(terminal, TIOCSCTTY, 0) < 0)
		return unr_fail_errno(err, "take the terminal");
	if (dup2(terminal, STDIN_FILENO) < 0 || dup2(terminal, STDOUT_FILENO) < 0 ||
	    (order->error_is_terminal && dup2(terminal, STDERR_FILENO) < 0))
		return unr_fail_errno(err, "dup2");
	/* Whoever it runs as must be able to open it: runc, fixStdioPermissions(). */
	return fchown(terminal, order->uid, (gid_t) -1) < 0 ?
		       unr_fail_errno(err, "give the terminal away") :
		       0;
}

/* The engine makes it where it is missing, as its root (daemon/oci_linux.go). */
static int go_to_work(const char *path, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text made = { 0 };

	for (const char *at = path; *at != '\0';) {
		size_t length = strcspn(at, "/");

		unr_text_append(&made, at, length);
		if (made.failed)
			return unr_fail_memory(err);
		if (made.length > 0)
			(void) mkdir(made.bytes, 0755);
		unr_text_puts(&made, "/");
		at += length + (at[length] == '/');
	}
	return chdir(path) < 0 ? unr_fail_errno(err, "enter the working directory %s", path) : 0;
}

/* As runc does it: groups and gid while it may. */
static int become_user(const struct unr_shell_order *order, struct unr_error *err)
{
	/* Where setgroups is denied to the namespace the caller's own groups stay. */
	if (setgroups(order->n_groups, order->groups) < 0 && errno != EPERM)
		return unr_userns_refused(err, "set the groups of the command");
	if (setgid(order->gid) < 0)
		return unr_userns_refused(err, "set the gid of the command");
	if (setuid(order->uid) < 0)
		return unr_userns_refused(err, "set the uid of the command");
	return 0;
}

static void reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		(void) signal(i, SIG_DFL);
	(void) sigemptyset(&none);
	(void) sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A file that is there and cannot be found by the kernel: what is not there is its interpreter. */
static int explain(const char *file, int error)
{
	return error == ENOENT && access(file, F_OK) == 0 ? ELIBACC : error;
}

/* Like execvp(3), but by the command's own PATH, and without a shell for what is no program. */
static int run_program(char *const *command, char *const *env, const char *path)
{
	int error = ENOENT, found;

	if (strchr(command[0], '/') != NULL) {
		(void) execve(command[0], command, env);
		return explain(command[0], errno);
	}
	while (path != NULL && *command[0] != '\0') {
		unr_auto(unr_text_done) struct unr_text file = { 0 };
		size_t length = strcspn(path, ":");

		unr_text_append(&file, length == 0 ? "." : path, length == 0 ? 1 : length);
		unr_text_printf(&file, "/%s", command[0]);
		if (file.failed)
			return ENOMEM;
		(void) execve(file.bytes, command, env);
		found = explain(file.bytes, errno);
		if (found != ENOENT && found != ENOTDIR)
			error = found;
		path = path[length] == ':' ? path + length + 1 : NULL;
	}
	return error;
}

/* Like the engine's client: what cannot be found is another status than what cannot be run. */
static int tell_failure(const char *image, const char *program, int error)
{
	const bool is_found = error != ENOENT && error != ENOTDIR;
	unr_auto(unr_text_done) struct unr_text line = { 0 };

	unr_text_puts(&line, "userns-repro: ");
	unr_text_escape(&line, program, strlen(program));
	if (error == ELIBACC)
		unr_text_printf(&line,
				": cannot be run: the interpreter that it names is not in %s\n",
				image);
	else if (is_found)
		unr_text_printf(&line, ": cannot be run: %s\n", strerror(error));
	else
		unr_text_printf(&line, ": not found in %s\n", image);
	(void) !write(STDERR_FILENO, unr_text_string(&line), line.length);
	return is_found ? UNR_SHELL_NOT_RUNNABLE : UNR_SHELL_NOT_FOUND;
}

static int run_shell(const struct unr_shell_order *order)
{
	char bash[] = "/bin/bash", sh[] = "/bin/sh";
	char *const shells[] = { bash, sh };
	int error = ENOENT;

	for (size_t i = 0; i < UNR_COUNT(shells) && error == ENOENT; i++) {
		char *const command[] = { shells[i], NULL };

		error = run_program(command, order->env, NULL);
	}
	return tell_failure(order->image, sh, error);
}

int unr_shell_become(const struct unr_shell_order *order, int terminal, struct unr_error *err)
{
	int r = take_terminal(order, terminal, err);

	if (r == 0)
		r = go_to_work(order->working_dir, err);
	if (r == 0)
		r = unr_sandbox_contain(err);
	if (r == 0)
		r = become_user(order, err);
	if (r < 0)
		return r;
	reset_signals();
	if (order->n_command == 0)
		return run_shell(order);
	r = run_program(order->command, order->env, find_variable(order, "PATH"));
	return tell_failure(order->image, order->command[0], r);
}
