/* SPDX-License-Identifier: MIT */
/* Terminals and signals: see terminal.h. */
#include "shell/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "shell/inside.h"

struct relay {
	int socket, leader, signals; /* borrowed; @leader -EBADF: nothing comes from it any more */
	struct termios before;       /* the caller's terminal as it was */
	bool is_raw, input_ended, is_over;
	char typed[4096]; /* what the command's terminal has not taken yet */
	size_t n_typed;
	unsigned int demands; /* that it should end */
};

void unr_terminal_look(struct unr_shell_order *order)
{
	struct winsize size = { 0 };

	order->has_terminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
	order->error_is_terminal = isatty(STDERR_FILENO) == 1;
	if (order->has_terminal && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
		order->rows = size.ws_row;
		order->columns = size.ws_col;
	}
}

/* What is ignored, as by nohup(1), stays so. */
static void add_unless_ignored(sigset_t *set, int number)
{
	struct sigaction action;

	if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
		(void) sigaddset(set, number);
}

int unr_terminal_signals(bool has_terminal, struct unr_error *err)
{
	static const int passed[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 };
	static const int own[] = { SIGWINCH, SIGTSTP, SIGCONT };
	sigset_t set;
	int fd;

	(void) sigemptyset(&set);
	for (size_t i = 0; i < UNR_COUNT(passed); i++)
		add_unless_ignored(&set, passed[i]);
	for (size_t i = 0; has_terminal && i < UNR_COUNT(own); i++)
		(void) sigaddset(&set, own[i]);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0 || sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return unr_fail_errno(err, "signalfd");
	return fd;
}

static void make_raw(struct relay *relay)
{
	struct termios raw;
	struct winsize size;

	if (relay->leader < 0)
		return;
	if (!relay->is_raw && tcgetattr(STDIN_FILENO, &relay->before) == 0)
		relay->is_raw = true;
	raw = relay->before;
	cfmakeraw(&raw);
	if (relay->is_raw)
		(void) tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		(void) ioctl(relay->leader, TIOCSWINSZ, &size);
}

static void restore(struct relay *relay)
{
	if (relay->is_raw)
		(void) tcsetattr(STDIN_FILENO, TCSADRAIN, &relay->before);
	relay->is_raw = false;
}

/* Where it is not heard, the end of the socket is seen next. */
static void send_signal(struct relay *relay, uint8_t number)
{
	if ((number == SIGTERM || number == SIGHUP) && ++relay->demands > 1)
		number = UNR_SHELL_END;
	(void) !unr_write_full(relay->socket, &number, 1);
}

static void take_signal(struct relay *relay)
{
	struct signalfd_siginfo info;

	if (read(relay->signals, &info, sizeof(info)) != (ssize_t) sizeof(info))
		return;
	switch (info.ssi_signo) {
	case SIGTSTP:
		restore(relay);
		(void) raise(SIGSTOP);
		make_raw(relay);
		break;
	case SIGCONT:
	case SIGWINCH:
		make_raw(relay);
		break;
	default:
		send_signal(relay, (uint8_t) info.ssi_signo);
	}
}

/* What the command writes.  EIO is the end: nobody has its terminal open. */
static void pass_out(struct relay *relay)
{
	char bytes[16384];
	ssize_t n = read(relay->leader, bytes, sizeof(bytes));

	if (n > 0 && unr_write_full(STDOUT_FILENO, bytes, (size_t) n) < 0)
		send_signal(relay, UNR_SHELL_END);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		relay->leader = -EBADF;
}

static void take_typed(struct relay *relay)
{
	ssize_t n = read(STDIN_FILENO, relay->typed, sizeof(relay->typed));

	if (n > 0) {
		relay->n_typed = (size_t) n;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		/* A raw terminal has no other end than that it was hung up. */
		relay->input_ended = true;
		send_signal(relay, SIGHUP);
	}
}

static void pass_in(struct relay *relay)
{
	ssize_t n = write(relay->leader, relay->typed, relay->n_typed);

	if (n < 0)
		return;
	relay->n_typed -= (size_t) n;
	memmove(relay->typed, relay->typed + n, relay->n_typed);
}

/* One look at all of them. */
static int turn(struct relay *relay)
{
	const bool reads = relay->leader >= 0 && relay->n_typed == 0 && !relay->input_ended;
	struct pollfd fds[] = {
		{ .fd = relay->signals, .events = POLLIN },
		{ .fd = relay->socket, .events = POLLIN },
		{ .fd = relay->leader,
		  .events = (short) (relay->n_typed > 0 ? POLLIN | POLLOUT : POLLIN) },
		{ .fd = reads ? STDIN_FILENO : -1, .events = POLLIN },
	};

	if (poll(fds, UNR_COUNT(fds), -1) < 0)
		return errno == EINTR ? 0 : -errno;
	if (fds[0].revents != 0)
		take_signal(relay);
	if ((fds[2].revents & POLLOUT) != 0)
		pass_in(relay);
	if ((fds[2].revents & ~POLLOUT) != 0)
		pass_out(relay);
	if (fds[3].revents != 0)
		take_typed(relay);
	relay->is_over = fds[1].revents != 0;
	return 0;
}

int unr_terminal_relay(int socket, int leader, int signals, struct unr_error *err)
{
	struct relay relay = { .socket = socket, .leader = leader, .signals = signals };
	int r = 0;

	/* Its other descriptors are closed, so nobody else minds. */
	if (leader >= 0 && fcntl(leader, F_SETFL, O_NONBLOCK) < 0)
		return unr_fail_errno(err, "the command's terminal");
	make_raw(&relay);
	while (r == 0 && !relay.is_over)
		r = turn(&relay);
	/* All are gone; what they have written last is still there. */
	while (r == 0 && relay.leader >= 0)
		pass_out(&relay);
	restore(&relay);
	return r < 0 ? unr_fail(err, UNR_ERROR_FAILED, r, "poll: %s", strerror(-r)) : 0;
}
