/* SPDX-License-Identifier: MIT */
/* Wrapping and flushing: see print.h. */
#include "print.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

/* Columns of text in UTF-8, each character one. */
static size_t width_of(const char *text, size_t length)
{
	size_t width = 0;

	for (size_t i = 0; i < length; i++)
		if (((unsigned char) text[i] & 0xc0) != 0x80)
			width++;
	return width;
}

static size_t print_words(const char *text, size_t length, size_t indent, size_t at)
{
	const char *end = text + length;

	while (text < end) {
		size_t n = strcspn(text, " \n");
		size_t width;

		if (n > (size_t) (end - text))
			n = (size_t) (end - text);
		width = width_of(text, n);
		if (at > indent && at + 1 + width > CLI_COLUMNS) {
			printf("\n%*s", (int) indent, "");
			at = indent;
		}
		printf("%s%.*s", at > indent ? " " : "", (int) n, text);
		at += (at > indent ? 1 : 0) + width;
		text += n;
		text += strspn(text, " ");
	}
	return at;
}

size_t cli_print_wrapped(const char *text, size_t indent, size_t at)
{
	return print_words(text, strlen(text), indent, at);
}

/* A line of prose; the lines that it is broken into stand below its first word. */
static void print_line(const char *line, size_t length)
{
	size_t indent = strspn(line, " ");
	bool is_item = strchr("*-", line[indent]) != NULL && line[indent + 1] == ' ';

	if (is_item)
		indent += 2;
	printf("%.*s", (int) indent, line);
	(void) print_words(line + indent, length - indent, indent, indent);
}

void cli_print_prose(const char *text)
{
	bool fenced = false;

	while (*text != '\0') {
		size_t length = strcspn(text, "\n");
		bool fence = strncmp(text, "```", 3) == 0;
		bool code = fenced || fence || strncmp(text, "    ", 4) == 0 || *text == '\t';

		if (code || width_of(text, length) <= CLI_COLUMNS)
			printf("%.*s", (int) length, text);
		else
			print_line(text, length);
		printf("\n");
		fenced = fenced != fence;
		text += length + (text[length] == '\n' ? 1 : 0);
	}
}

/* A write that failed on the way leaves no errno behind; the pipe itself still knows. */
static bool is_unread(int error)
{
	struct pollfd fd = { .fd = STDOUT_FILENO };

	return error == EPIPE || (poll(&fd, 1, 0) == 1 && (fd.revents & POLLERR) != 0);
}

int cli_flush(struct unr_error *err)
{
	int error = fflush(stdout) == 0 ? 0 : errno;

	if (error == 0 && ferror(stdout) == 0)
		return 0;
	if (is_unread(error))
		cli_end_unread();
	errno = error == 0 ? EIO : error;
	return unr_fail_errno(err, "write to standard output");
}

void cli_end_unread(void)
{
	sigset_t pipe_alone;

	(void) sigemptyset(&pipe_alone);
	(void) sigaddset(&pipe_alone, SIGPIPE);
	(void) signal(SIGPIPE, SIG_DFL);
	(void) sigprocmask(SIG_UNBLOCK, &pipe_alone, NULL);
	(void) raise(SIGPIPE);
	_exit(CLI_EXIT_FAILED); /* not reached: nothing keeps that signal from us */
}
