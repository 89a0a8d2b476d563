/* SPDX-License-Identifier: MIT */
/* base/fd and base/cleanup.h: whole reads and writes, descriptors sent and handed over. */
#include "unr_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "child.h"

static int memfd_of(const char *text)
{
	int fd = memfd_create("fd", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t) strlen(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* Writes "abcdef" byte by byte, so that each read(2) of the other side is short. */
static int write_slowly(void *arg)
{
	int fd = *(int *) arg;

	for (const char *c = "abcdef"; *c != '\0'; c++)
		if (send(fd, c, 1, 0) != 1)
			return 1;
	return 0;
}

static void read__puts_short_reads_together(void **state)
{
	char buffer[8] = "";
	int pair[2];

	(void) state;
	/* Of a packet socket each read(2) takes one packet. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(unr_run_in_child(write_slowly, &pair[1]), 0);
	assert_int_equal(unr_read_full(pair[0], buffer, 4), 4);
	assert_string_equal(buffer, "abcd");
	(void) close(pair[1]);
	assert_int_equal(unr_read_full(pair[0], buffer, 4), 2); /* the end comes before */
	assert_memory_equal(buffer, "efcd", 4);
	assert_int_equal(unr_read_full(pair[0], buffer, 4), 0);
	(void) close(pair[0]);
}

static void read__of_nothing_reads_nothing(void **state)
{
	(void) state;
	assert_int_equal(unr_read_full(-1, NULL, 0), 0);
	assert_int_equal(unr_pread_full(-1, NULL, 0, 5), 0);
	assert_int_equal(unr_write_full(-1, NULL, 0), 0);
}

static void read__refuses_a_bad_descriptor(void **state)
{
	char byte;

	(void) state;
	assert_int_equal(unr_read_full(-1, &byte, 1), -EBADF);
	assert_int_equal(unr_pread_full(-1, &byte, 1, 0), -EBADF);
	assert_int_equal(unr_write_full(-1, "x", 1), -EBADF);
}

static void pread__reads_at_an_offset_and_does_not_move(void **state)
{
	unr_autoclose int fd = memfd_of("0123456789");
	char buffer[16] = "";

	(void) state;
	assert_int_equal(unr_pread_full(fd, buffer, 3, 4), 3);
	assert_string_equal(buffer, "456");
	assert_int_equal(unr_pread_full(fd, buffer, 8, 8), 2);
	assert_memory_equal(buffer, "896", 3);
	assert_int_equal(unr_pread_full(fd, buffer, 8, 100), 0);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
}

static void pread__refuses_offsets_that_do_not_fit(void **state)
{
	unr_autoclose int fd = memfd_of("x");
	char buffer[2];

	(void) state;
	assert_int_equal(unr_pread_full(fd, buffer, 1, UINT64_MAX), -EOVERFLOW);
	assert_int_equal(unr_pread_full(fd, buffer, 2, (uint64_t) INT64_MAX - 1), -EOVERFLOW);
	assert_int_equal(unr_pread_full(fd, buffer, 1, (uint64_t) INT64_MAX - 1), 0);
}

static void on_signal(int number)
{
	(void) number;
}

/* Without SA_RESTART, so that a system call in progress ends early. */
static bool catch_signal(void)
{
	const struct sigaction action = { .sa_handler = on_signal };

	return sigaction(SIGUSR1, &action, NULL) == 0;
}

#define LARGE ((size_t) 200000)

static char byte_at(size_t i)
{
	return (char) (i % 251);
}

static int write_large(int fd)
{
	static char bytes[LARGE];

	for (size_t i = 0; i < LARGE; i++)
		bytes[i] = byte_at(i);
	return catch_signal() && unr_write_full(fd, bytes, LARGE) == 0 ? 0 : 1;
}

/* The writer waits at a full pipe; the signal ends its write(2) after a part. */
static void write__goes_on_after_a_signal(void **state)
{
	static char got[LARGE];
	int pair[2], status = -1;
	pid_t pid;

	(void) state;
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		unr_test_child_exit(write_large(pair[1]));
	(void) close(pair[1]);
	for (size_t at = 0; at < LARGE; at += 10000) {
		assert_int_equal(unr_read_full(pair[0], got + at, 10000), 10000);
		assert_int_equal(kill(pid, SIGUSR1), 0);
	}
	for (size_t i = 0; i < LARGE; i++)
		assert_int_equal(got[i], byte_at(i));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void) close(pair[0]);
}

static int interrupt_and_write(int fd)
{
	for (int i = 0; i < 10; i++)
		if (kill(getppid(), SIGUSR1) < 0 || write(fd, "x", 1) != 1)
			return 1;
	return 0;
}

static void read__goes_on_after_a_signal(void **state)
{
	char got[11] = "";
	int pair[2], status = -1;
	pid_t pid;

	(void) state;
	assert_true(catch_signal());
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		unr_test_child_exit(interrupt_and_write(pair[1]));
	assert_int_equal(unr_read_full(pair[0], got, 10), 10);
	assert_string_equal(got, "xxxxxxxxxx");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void) close(pair[0]);
	(void) close(pair[1]);
}

static void send_fd__brings_a_descriptor_and_a_byte(void **state)
{
	unr_autoclose int fd = memfd_of("through the socket"), got = -EBADF;
	char buffer[32] = "";
	uint8_t byte = 0;
	int pair[2];

	(void) state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(unr_send_fd(pair[0], 'F', fd), 0);
	assert_int_equal(unr_recv_fd(pair[1], &byte, &got), 0);
	assert_int_equal(byte, 'F');
	assert_true(got >= 0 && got != fd);
	assert_int_equal(fcntl(got, F_GETFD), FD_CLOEXEC);
	assert_int_equal(unr_pread_full(got, buffer, 18, 0), 18);
	assert_string_equal(buffer, "through the socket");
	(void) close(pair[0]);
	(void) close(pair[1]);
}

static void send_fd__without_one_brings_the_byte_alone(void **state)
{
	uint8_t byte = 0;
	int pair[2], got = 77;

	(void) state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(unr_send_fd(pair[0], 'E', -EBADF), 0);
	assert_int_equal(unr_recv_fd(pair[1], &byte, &got), 0);
	assert_int_equal(byte, 'E');
	assert_int_equal(got, -EBADF);
	(void) close(pair[0]);
	(void) close(pair[1]);
}

/* A descriptor that finds no free number is lost on its way: the byte comes without it. */
static int receive_without_room(void *arg)
{
	const int *pair = arg;
	const struct rlimit none = { 0, 0 };
	uint8_t byte = 0;
	int got = 77;

	if (unr_send_fd(pair[0], 'F', pair[0]) < 0 || setrlimit(RLIMIT_NOFILE, &none) < 0)
		return 1;
	return unr_recv_fd(pair[1], &byte, &got) == -EMFILE ? 0 : 2;
}

static void recv_fd__says_that_no_descriptor_is_free(void **state)
{
	int pair[2];

	(void) state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(unr_run_in_child(receive_without_room, pair), 0);
	(void) close(pair[0]);
	(void) close(pair[1]);
}

static void recv_fd__says_that_the_other_side_is_gone(void **state)
{
	uint8_t byte = 5;
	int pair[2], got = 77;

	(void) state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	(void) close(pair[0]);
	assert_int_equal(unr_recv_fd(pair[1], &byte, &got), -EPIPE);
	assert_int_equal(byte, 5);
	assert_int_equal(got, 77);
	(void) close(pair[1]);
	assert_int_equal(unr_recv_fd(-1, &byte, &got), -EBADF);
}

/* An answer, where a signal would end the process. */
static void send_fd__to_nobody_is_an_error_and_no_signal(void **state)
{
	int pair[2];

	(void) state;
	assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	(void) close(pair[1]);
	assert_int_equal(unr_send_fd(pair[0], 'F', pair[0]), -EPIPE);
	(void) close(pair[0]);
	assert_int_equal(unr_send_fd(-1, 'F', -EBADF), -EBADF);
}

static void close__closes_once_and_keeps_errno(void **state)
{
	int fd = memfd_of("x"), copy = fd, absent = -EBADF;

	(void) state;
	errno = ERANGE;
	unr_close(&fd);
	assert_int_equal(fd, -EBADF);
	assert_false(is_open(copy));
	errno = ERANGE;
	unr_close(&fd);
	unr_close(&absent);
	assert_int_equal(errno, ERANGE);
}

static void take__leaves_nothing_to_clean(void **state)
{
	int fd = memfd_of("x");
	char *pointer = strdup("x");
	int taken_fd;

	(void) state;
	{
		unr_autoclose int owner = fd;
		unr_autofree char *owned = pointer;

		taken_fd = unr_take_fd(&owner);
		assert_int_equal(owner, -EBADF);
		assert_ptr_equal(unr_take_ptr(owned), pointer);
		assert_null(owned);
	}
	assert_int_equal(taken_fd, fd);
	assert_true(is_open(fd));
	assert_string_equal(pointer, "x");
	(void) close(fd);
	free(pointer);
}

static void autoclose__closes_at_the_end_of_the_block(void **state)
{
	int fd = memfd_of("x");

	(void) state;
	{
		unr_autoclose int owner = fd;

		assert_true(is_open(owner));
	}
	assert_false(is_open(fd));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(read__puts_short_reads_together),
	cmocka_unit_test(read__of_nothing_reads_nothing),
	cmocka_unit_test(read__refuses_a_bad_descriptor),
	cmocka_unit_test(pread__reads_at_an_offset_and_does_not_move),
	cmocka_unit_test(pread__refuses_offsets_that_do_not_fit),
	cmocka_unit_test(write__goes_on_after_a_signal),
	cmocka_unit_test(read__goes_on_after_a_signal),
	cmocka_unit_test(send_fd__brings_a_descriptor_and_a_byte),
	cmocka_unit_test(send_fd__without_one_brings_the_byte_alone),
	cmocka_unit_test(recv_fd__says_that_no_descriptor_is_free),
	cmocka_unit_test(recv_fd__says_that_the_other_side_is_gone),
	cmocka_unit_test(send_fd__to_nobody_is_an_error_and_no_signal),
	cmocka_unit_test(close__closes_once_and_keeps_errno),
	cmocka_unit_test(take__leaves_nothing_to_clean),
	cmocka_unit_test(autoclose__closes_at_the_end_of_the_block),
};

UNR_TEST_MAIN("fd", tests, NULL);
