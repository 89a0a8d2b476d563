/* SPDX-License-Identifier: MIT */
/* Running ssh: see ssh.h; docker/cli, cli/connhelper. */
#include "fetch/ssh.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "image/shown.h"
#include "userns/namespace.h"
#include "userns/sandbox.h"

struct place {
	char *text; /* owned; the others point into it */
	char *user, *host, *port, *socket;
};

/* A shell on the other machine reads them, so they are plain words. */
static bool is_plain(const char *word, const char *more)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._";

	for (; *word != '\0'; word++)
		if (strchr(letters, *word) == NULL && strchr(more, *word) == NULL)
			return false;
	return true;
}

static bool split(const char *host, struct place *ret)
{
	struct place p = { .text = strdup(host) };
	char *end;

	ret->text = p.text;
	if (p.text == NULL)
		return false;
	p.host = p.text;
	end = strchr(p.host, '/');
	if (end != NULL && end[1] != '\0' && asprintf(&p.socket, "unix://%s", end) < 0)
		return false;
	ret->socket = p.socket;
	if (end != NULL)
		*end = '\0';
	end = strchr(p.host, '@');
	if (end != NULL) {
		*end = '\0';
		p.user = p.host;
		p.host = end + 1;
	}
	end = strchr(p.host, ':');
	if (end != NULL) {
		*end = '\0';
		p.port = end + 1;
	}
	*ret = p;
	return *p.host != '\0' && *p.host != '-' && is_plain(p.host, "-") &&
	       (p.user == NULL || (*p.user != '\0' && is_plain(p.user, "-"))) &&
	       (p.port == NULL ||
		(*p.port != '\0' && strspn(p.port, "0123456789") == strlen(p.port))) &&
	       (p.socket == NULL || is_plain(p.socket, "-/:"));
}

static size_t add(char **argv, size_t n, const char *option, char *value)
{
	argv[n] = strdup(option);
	if (value != NULL)
		argv[n + 1] = value;
	return n + (value == NULL ? 1 : 2);
}

/* A connection of our own parent's.  The name is an abstract one, which anybody may connect to. */
static int accept_parent(int listener)
{
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		struct ucred peer = { 0 };
		socklen_t size = sizeof(peer);

		if (fd < 0)
			return -errno;
		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
		    peer.pid == getppid())
			return fd;
		unr_close(&fd);
	}
}

UNR_NORETURN static void run_ssh(const struct place *p, int listener)
{
	static const char *const dial[] = { "system", "dial-stdio" };
	const int keep[] = { STDIN_FILENO, STDOUT_FILENO };
	struct unr_error ignored;
	char *argv[20] = { NULL };
	size_t n = 0;
	int fd;

	n = add(argv, n, "ssh", NULL);
	n = add(argv, n, "-o", strdup("ConnectTimeout=30"));
	n = add(argv, n, "-T", NULL);
	if (p->user != NULL)
		n = add(argv, n, "-l", p->user);
	if (p->port != NULL)
		n = add(argv, n, "-p", p->port);
	n = add(argv, n, "--", p->host);
	n = add(argv, n, "docker", NULL);
	if (p->socket != NULL)
		n = add(argv, n, "--host", p->socket);
	for (size_t i = 0; i < UNR_COUNT(dial); i++)
		n = add(argv, n, dial[i], NULL);
	(void) signal(SIGPIPE, SIG_DFL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() == 1)
		unr_child_exit(127);
	fd = accept_parent(listener);
	if (fd >= 0 && dup2(fd, STDIN_FILENO) >= 0 && dup2(fd, STDOUT_FILENO) >= 0 &&
	    unr_sandbox_close_others(keep, UNR_COUNT(keep), &ignored) == 0)
		(void) execvp("ssh", argv);
	unr_child_exit(127);
}

/* libcurl wants to connect for itself, so it is given a place: the kernel chooses its name. */
static int listen_somewhere(char ret_name[UNR_SSH_NAME])
{
	unr_autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t size = sizeof(address);
	size_t head = offsetof(struct sockaddr_un, sun_path) + 1, length;

	if (fd < 0 || bind(fd, (struct sockaddr *) &address, sizeof(sa_family_t)) < 0 ||
	    listen(fd, 1) < 0 || getsockname(fd, (struct sockaddr *) &address, &size) < 0)
		return -errno;
	length = size > head ? size - head : 0;
	if (length == 0 || length >= UNR_SSH_NAME)
		return -ENAMETOOLONG;
	memcpy(ret_name, address.sun_path + 1, length);
	ret_name[length] = '\0';
	return unr_take_fd(&fd);
}

int unr_ssh_start(const char *host, char ret_name[UNR_SSH_NAME], struct unr_error *err)
{
	unr_autoclose int listener = -EBADF;
	struct place place = { .text = NULL };
	struct unr_shown shown;
	int r = 0;

	if (!split(host, &place))
		r = unr_fail(err, UNR_ERROR_FAILED, -EINVAL,
			     "ssh://%s: is not ssh://[USER@]HOST[:PORT][/SOCKET]",
			     unr_show(&shown, host));
	if (r == 0) {
		listener = listen_somewhere(ret_name);
		r = listener < 0 ? unr_fail(err, UNR_ERROR_FAILED, listener, "socket: %s",
					    strerror(-listener)) :
				   0;
	}
	if (r == 0) {
		pid_t pid = fork();

		if (pid == 0)
			run_ssh(&place, listener);
		r = pid < 0 ? unr_fail_errno(err, "fork") : 0;
	}
	free(place.text);
	free(place.socket);
	return r;
}
