/* SPDX-License-Identifier: MIT */
/* Running a credential helper: see helper.h. */
#include "fetch/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "image/shown.h"
#include "userns/namespace.h"
#include "userns/sandbox.h"

enum { ANSWER_MAX = 256 * 1024, NO_PROGRAM = 127 };

/* What helpers print when they have nothing (docker-credential-helpers, credentials/error.go). */
static const char NOTHING[] = "credentials not found in native keychain";

UNR_NORETURN static void run_helper(const char *program, int in, int out)
{
	const int keep[] = { STDIN_FILENO, STDOUT_FILENO };
	char verb[] = "get", *argv[] = { NULL, verb, NULL };
	struct unr_error ignored;

	argv[0] = strdup(program);
	(void) signal(SIGPIPE, SIG_DFL);
	if (argv[0] == NULL || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() == 1 ||
	    dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		unr_child_exit(NO_PROGRAM - 1);
	/* One line says what is wrong, and it is not the helper's: its errors come as output. */
	(void) close(STDERR_FILENO);
	(void) open("/dev/null", O_WRONLY);
	/* libcurl's are not all close-on-exec. */
	if (unr_sandbox_close_others(keep, UNR_COUNT(keep), &ignored) < 0 ||
	    unr_sandbox_give_up(&ignored) < 0)
		unr_child_exit(NO_PROGRAM - 1);
	(void) execvp(program, argv);
	unr_child_exit(NO_PROGRAM);
}

/* Starts it with @key to read and collects what it prints; its status comes back. */
static int converse(const char *program, const char *key, struct unr_text *ret, int *ret_status)
{
	unr_autofree char *bytes = malloc(ANSWER_MAX);
	int in[2] = { -EBADF, -EBADF }, out[2] = { -EBADF, -EBADF };
	ssize_t n = 0;
	pid_t pid = -1;
	int r = 0;

	if (bytes == NULL)
		return -ENOMEM;
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		r = -errno;
	if (r == 0) /* a pipe holds more than any key has */
		r = unr_write_full(in[1], key, strlen(key));
	if (r == 0) {
		pid = fork();
		if (pid == 0)
			run_helper(program, in[0], out[1]);
		r = pid < 0 ? -errno : 0;
	}
	for (size_t i = 0; i < 2; i++)
		unr_close(&in[i]);
	unr_close(&out[1]);
	if (r == 0) {
		n = unr_read_full(out[0], bytes, ANSWER_MAX);
		unr_close(&out[0]);
		while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
			;
		unr_text_append(ret, bytes, n < 0 ? 0 : (size_t) n);
		r = n < 0 ? (int) n : ret->failed ? -ENOMEM : 0;
	}
	unr_close(&out[0]);
	return r;
}

int unr_helper_get(const char *name, const char *key, struct unr_text *ret, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text program = { 0 };
	struct unr_shown shown;
	int status = 0, r;

	if (strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") !=
	    strlen(name))
		return unr_fail(err, UNR_ERROR_FAILED, -EINVAL,
				"docker's credentials: %s is not the name of a helper",
				unr_show(&shown, name));
	unr_text_printf(&program, "docker-credential-%s", name);
	if (program.failed)
		return unr_fail_memory(err);
	r = converse(program.bytes, key, ret, &status);
	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "%s: %s", program.bytes, strerror(-r));
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_PROGRAM)
		return unr_fail(err, UNR_ERROR_FAILED, -ENOENT,
				"%s: cannot be run, and docker's config.json wants it",
				program.bytes);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (strstr(unr_text_string(ret), NOTHING) == NULL)
		return unr_fail(err, UNR_ERROR_FAILED, -EIO, "%s: failed: %s", program.bytes,
				unr_show_words(&shown, unr_text_string(ret)));
	unr_text_clear(ret);
	return 0;
}
