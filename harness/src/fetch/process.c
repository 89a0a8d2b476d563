/* SPDX-License-Identifier: MIT */
/* Starting and ending the process that speaks to the network: see process.h. */
#include "fetch/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "fetch/protocol.h"
#include "userns/filter.h"
#include "userns/namespace.h"
#include "userns/sandbox.h"

/* Programs that it runs shall find three descriptors, none of them the terminal's. */
static int close_standard(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
		return -errno;
	if (fd > STDERR_FILENO)
		unr_close(&fd);
	return 0;
}

static int run(unr_fetch_fn main, void *argument, const int *fds, size_t n_fds, pid_t parent)
{
	int keep[8] = { STDIN_FILENO, STDOUT_FILENO };
	struct unr_error ignored;

	if (n_fds + 2 > UNR_COUNT(keep) || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
	    getppid() != parent)
		return 1;
	(void) signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < n_fds; i++)
		keep[i + 2] = fds[i];
	if (close_standard() < 0 || unr_sandbox_close_others(keep, n_fds + 2, &ignored) < 0 ||
	    (geteuid() == 0 ? unr_sandbox_keep_ids(&ignored) : unr_sandbox_give_up(&ignored)) < 0)
		return 1;
	return main(argument, fds, n_fds);
}

int unr_fetch_settle(pid_t parent, bool as_root, struct unr_error *err)
{
	int r = geteuid() == 0 && !as_root ? unr_sandbox_become_nobody(err) : 0;

	/* A change of ids has cleared it: prctl(2). */
	if (r == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent))
		r = unr_fail(err, UNR_ERROR_FAILED, -ESRCH, "die with the parent");
	if (r == 0)
		r = unr_sandbox_give_up(err);
	return r < 0 ? r : unr_filter_enter_network(err);
}

int unr_fetch_start(unr_fetch_fn main, void *argument, const int *fds, size_t n_fds,
		    struct unr_fetcher *ret, struct unr_error *err)
{
	pid_t parent = getpid();
	pid_t pid;

	(void) fflush(NULL);
	pid = fork();
	if (pid < 0)
		return unr_fail_errno(err, "fork");
	if (pid == 0)
		unr_child_exit(run(main, argument, fds, n_fds, parent));
	ret->pid = pid;
	return 0;
}

int unr_fetcher_hear(struct unr_fetcher *fetcher, char *ret_digest, enum unr_layer_state *ret_state,
		     uint64_t *ret_have)
{
	struct unr_fetch_news news;
	ssize_t n = unr_read_full(fetcher->news, &news, sizeof(news));

	if (n <= 0)
		return (int) n;
	if (n != (ssize_t) sizeof(news) || news.state < UNR_LAYER_WAITING ||
	    news.state > UNR_LAYER_DOWNLOADED ||
	    memchr(news.digest, '\0', sizeof(news.digest)) == NULL)
		return -EPROTO;
	memcpy(ret_digest, news.digest, sizeof(news.digest));
	*ret_state = (enum unr_layer_state) news.state;
	*ret_have = news.have;
	return 1;
}

/* A fetcher that has something to say has said it before the end of what it fetches. */
static void hear(const struct unr_fetcher *fetcher, struct unr_error *err)
{
	struct pollfd wanted = { .fd = fetcher->words, .events = POLLIN };
	struct unr_error theirs;

	if (fetcher->words < 0 || poll(&wanted, 1, 0) != 1 ||
	    unr_read_full(fetcher->words, &theirs, sizeof(theirs)) != (ssize_t) sizeof(theirs))
		return;
	theirs.message[sizeof(theirs.message) - 1] = '\0';
	*err = theirs;
}

void unr_fetcher_stop(struct unr_fetcher *fetcher, struct unr_error *err)
{
	if (err != NULL)
		hear(fetcher, err);
	unr_close(&fetcher->words);
	unr_close(&fetcher->news);
	if (fetcher->pid <= 0)
		return;
	(void) kill(fetcher->pid, SIGKILL);
	while (waitpid(fetcher->pid, NULL, 0) < 0 && errno == EINTR)
		;
	fetcher->pid = 0;
}
