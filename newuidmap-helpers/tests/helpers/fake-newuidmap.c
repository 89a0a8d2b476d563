/* SPDX-License-Identifier: MIT */
/*
 * A double for newuidmap(1) and newgidmap(1): called as one of the two from the
 * front of PATH, it does what its test wants.  As the real ones are called with
 * a clean environment, the wish lies in a file beside the name it is called by:
 *
 *	DIR/newuidmap       this program, linked or copied
 *	DIR/newuidmap.mode  one word of the table below; without the file: "write"
 *	DIR/newuidmap.argv  left behind: the arguments, then the environment, a line each
 *
 * A test tool; it is not installed.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "usernsrepro/attr.h"

struct call {
	const char *path; /* as it was called, with the directory */
	const char *name;
	bool is_gid;
	int n_numbers;
	char **numbers; /* three a range */
	const char *pid;
};

static int fail(const struct call *call, const char *what)
{
	(void) fprintf(stderr, "%s: %s: %s\n", call->name, what, strerror(errno));
	return 1;
}

static int write_proc(const struct call *call, const char *file, const char *text)
{
	char path[64];
	size_t length = strlen(text);
	int fd;

	(void) snprintf(path, sizeof(path), "/proc/%s/%s", call->pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, length) != (ssize_t) length)
		return fail(call, path);
	return close(fd);
}

static int write_ranges(const struct call *call, int n_numbers)
{
	char text[65536] = "";
	size_t used = 0;

	for (int i = 0; i < n_numbers && used < sizeof(text); i++)
		used += (size_t) snprintf(text + used, sizeof(text) - used, "%s%c",
					  call->numbers[i], i % 3 == 2 ? '\n' : ' ');
	/* One gid without privilege: the kernel wants this first. */
	if (call->is_gid && geteuid() != 0 && write_proc(call, "setgroups", "deny") != 0)
		return 1;
	return write_proc(call, call->is_gid ? "gid_map" : "uid_map", text);
}

static int do_write(const struct call *call)
{
	return write_ranges(call, call->n_numbers);
}

/* Only the first half of the ranges, and still says that all went well. */
static int do_half(const struct call *call)
{
	return write_ranges(call, call->n_numbers / 3 / 2 * 3);
}

/* One range that nobody asked for; as root, as the real ones. */
static int do_more(const struct call *call)
{
	char text[1024] = "4294967294 4294967294 1\n";
	size_t used = strlen(text);

	for (int i = 0; i < call->n_numbers && used < sizeof(text); i++)
		used += (size_t) snprintf(text + used, sizeof(text) - used, "%s%c",
					  call->numbers[i], i % 3 == 2 ? '\n' : ' ');
	return write_proc(call, call->is_gid ? "gid_map" : "uid_map", text);
}

static int do_nothing(const struct call *call)
{
	(void) call;
	return 0;
}

static int do_refuse(const struct call *call)
{
	(void) fprintf(stderr, "%s: %s range [0-1) -> [5-6) not allowed\n", call->name,
		       call->is_gid ? "gid" : "uid");
	return 1;
}

static int do_chatter(const struct call *call)
{
	/* In large pieces: a busy machine would not get to the end of 200,000 calls in time. */
	(void) setvbuf(stderr, NULL, _IOFBF, 1 << 16);
	(void) fprintf(stderr, "%s: first\tline\nand \033[31mcolour\n", call->name);
	for (int i = 0; i < 100000; i++)
		(void) fprintf(stderr, "line %d of many\n", i);
	return 3;
}

static int do_die(const struct call *call)
{
	(void) fprintf(stderr, "%s: about to die\n", call->name);
	(void) raise(SIGKILL);
	return 0;
}

static int do_hang(const struct call *call)
{
	(void) fprintf(stderr, "%s: waiting\n", call->name);
	for (;;)
		(void) pause();
	return 0;
}

/* Ends, but leaves a process behind that keeps standard error open. */
static int do_linger(const struct call *call)
{
	(void) fprintf(stderr, "%s: lingering\n", call->name);
	if (fork() == 0) {
		(void) alarm(20); /* so that it does not outlive the test for ever */
		do_hang(call);
	}
	return 4;
}

static const struct {
	const char *word;
	int (*act)(const struct call *call);
} modes[] = {
	{ "write", do_write },     { "half", do_half },       { "more", do_more },
	{ "nothing", do_nothing }, { "refuse", do_refuse },   { "die", do_die },
	{ "hang", do_hang },       { "chatter", do_chatter }, { "linger", do_linger },
};

static int act(const struct call *call, const char *word)
{
	for (size_t i = 0; i < UNR_COUNT(modes); i++)
		if (strcmp(modes[i].word, word) == 0)
			return modes[i].act(call);
	(void) fprintf(stderr, "%s: no such mode: %s\n", call->name, word);
	return 99;
}

static FILE *open_beside(const struct call *call, const char *ending, const char *how)
{
	char path[4096];

	(void) snprintf(path, sizeof(path), "%s.%s", call->path, ending);
	return fopen(path, how);
}

/* For the test to read; a directory that cannot be written to just has no record. */
static void record(const struct call *call, char **argv)
{
	FILE *file = open_beside(call, "argv", "we");

	if (file == NULL)
		return;
	for (char **argument = argv; *argument != NULL; argument++)
		(void) fprintf(file, "%s\n", *argument);
	for (char **variable = environ; *variable != NULL; variable++)
		(void) fprintf(file, "%s\n", *variable);
	(void) fclose(file);
}

int main(int argc, char **argv)
{
	struct call call = { .path = argc > 0 ? argv[0] : "" };
	const char *slash = strrchr(call.path, '/');
	char word[32] = "write";
	FILE *file;

	call.name = slash == NULL ? call.path : slash + 1;
	call.is_gid = strcmp(call.name, "newgidmap") == 0;
	if (argc < 5 || (argc - 2) % 3 != 0) {
		(void) fprintf(stderr, "usage: %s pid inside outside count ...\n", call.name);
		return 1;
	}
	call.pid = argv[1];
	call.numbers = argv + 2;
	call.n_numbers = argc - 2;
	record(&call, argv);
	file = open_beside(&call, "mode", "re");
	if (file != NULL && fgets(word, sizeof(word), file) != NULL)
		word[strcspn(word, "\n")] = '\0';
	return act(&call, word);
}
