/* SPDX-License-Identifier: MIT */
/* tree/steward: what it waits for before it clears the tree away. */
#include "unr_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "tmp.h"
#include "tree/steward.h"

static void start(void **state, struct unr_steward *ret)
{
	const struct unr_map_choice choice = { .method = UNR_MAP_DIRECT };
	const struct unr_tmp *tmp = *state;
	struct unr_error err;
	char path[300];

	(void) snprintf(path, sizeof(path), "%s/t", tmp->path);
	assert_int_equal(unr_steward_start(path, &choice, ret, &err), 0);
}

static bool is_there(void **state, const char *name)
{
	const struct unr_tmp *tmp = *state;

	return faccessat(tmp->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Is it waiting for something to come out of a pipe?  proc(5), /proc/PID/syscall. */
static bool waits_for_a_pipe(pid_t pid)
{
	char path[64], text[64], target[64] = "";
	unsigned int fd;
	FILE *file;
	int number = -1;

	(void) snprintf(path, sizeof(path), "/proc/%d/syscall", (int) pid);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	if (fgets(text, sizeof(text), file) == NULL || sscanf(text, "%d 0x%x", &number, &fd) != 2)
		number = -1;
	(void) fclose(file);
	if (number != SYS_read)
		return false;
	(void) snprintf(path, sizeof(path), "/proc/%d/fd/%u", (int) pid, fd);
	return readlink(path, target, sizeof(target) - 1) > 0 && strncmp(target, "pipe:", 5) == 0;
}

/* What a child writes into the pipe does not mean that it is gone. */
static void clear__waits_for_the_end_of_all_writers(void **state)
{
	const uint8_t word = 'C';
	struct unr_steward steward;
	struct unr_error err;
	uint8_t answer = 0;
	int writer, held = -1;

	(void) signal(SIGPIPE, SIG_IGN); /* as the program does */
	start(state, &steward);
	writer = dup(steward.alive_fd);
	assert_int_equal(unr_write_full(writer, "xy", 2), 0);
	assert_int_equal(unr_write_full(steward.child.socket, &word, 1), 0);
	do {
		siginfo_t info = { 0 };

		assert_int_equal(
			waitid(P_PID, (id_t) steward.child.pid, &info, WEXITED | WNOHANG | WNOWAIT),
			0);
		assert_int_equal(info.si_pid, 0); /* it has not cleared and gone */
		assert_int_equal(ioctl(writer, FIONREAD, &held), 0);
	} while (held != 0 || !waits_for_a_pipe(steward.child.pid));
	assert_true(is_there(state, "t/partial"));
	unr_close(&writer);
	unr_close(&steward.alive_fd);
	assert_int_equal(unr_read_full(steward.child.socket, &answer, 1), 1);
	assert_int_equal(answer, 'D');
	assert_true(unr_steward_end(&steward, false, &err) < 0); /* it is gone */
	assert_non_null(strstr(err.message, "the process that looks after it is gone"));
	assert_false(is_there(state, "t"));
}

static void keep__that_fails_clears(void **state)
{
	struct unr_steward steward;
	struct unr_error err;

	start(state, &steward);
	assert_int_equal(mkdirat(steward.target.tree_fd, "0", 0700), 0);
	assert_int_equal(mkdirat(steward.target.tree_fd, "partial", 0700), 0);
	assert_true(unr_steward_end(&steward, true, &err) < 0);
	assert_non_null(strstr(err.message, "keep the tree: "));
	assert_false(is_there(state, "t"));
}

ssize_t __wrap_unr_read_full(int fd, void *buffer, size_t size);
ssize_t __real_unr_read_full(int fd, void *buffer, size_t size);

/* A process with this in its environment cannot read a word. */
#define DEAF "UNR_TEST_DEAF"

ssize_t __wrap_unr_read_full(int fd, void *buffer, size_t size)
{
	return size == 1 && getenv(DEAF) != NULL ? -EIO : __real_unr_read_full(fd, buffer, size);
}

/* It neither leaves the caller waiting nor says that it did what it did not hear. */
static void words__that_cannot_be_read(void **state)
{
	for (int give = 0; give <= 1; give++) {
		struct unr_steward steward;
		struct unr_error err;

		assert_int_equal(setenv(DEAF, "1", 1), 0);
		start(state, &steward);
		assert_int_equal(unsetenv(DEAF), 0);
		assert_int_equal(mkdirat(steward.target.tree_fd, "0", 0700), 0);
		if (give) {
			assert_true(unr_steward_give(&steward, &err) < 0);
			assert_non_null(strstr(err.message, "looks after it is gone"));
		}
		assert_true(unr_steward_end(&steward, true, &err) < 0);
		assert_non_null(strstr(err.message, "keep the tree: "));
		assert_false(is_there(state, "t"));
	}
}

/* The lowest descriptor that is free. */
static int free_fd(void)
{
	int fd = dup(STDERR_FILENO);

	(void) close(fd);
	return fd;
}

static void end__keeps_or_clears(void **state)
{
	const int before = free_fd();
	struct unr_steward steward;
	struct unr_error err;

	start(state, &steward);
	assert_int_equal(mkdirat(steward.target.tree_fd, "0", 0700), 0);
	assert_int_equal(unr_steward_end(&steward, true, &err), 0);
	assert_true(is_there(state, "t/0"));
	assert_false(is_there(state, "t/partial"));
	assert_int_equal(unr_steward_end(&steward, true, &err), 0); /* none any more */
	assert_int_equal(free_fd(), before);
}

#define IN_TMP(test) cmocka_unit_test_setup_teardown(test, unr_tmp_setup, unr_tmp_teardown)

static const struct CMUnitTest tests[] = {
	IN_TMP(clear__waits_for_the_end_of_all_writers),
	IN_TMP(keep__that_fails_clears),
	IN_TMP(words__that_cannot_be_read),
	IN_TMP(end__keeps_or_clears),
};

UNR_TEST_MAIN("steward", tests, NULL);
