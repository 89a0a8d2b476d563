/* SPDX-License-Identifier: MIT */
/*
 * The first process of a guest: loads modules, runs the plan line by line, and
 * ends the machine.  It knows nothing of what it runs.
 *
 * /plan has a line a test: name, uid, seconds, directory, command, separated by
 * tabs.  Results go to the second serial port as KTAP, so that the kernel's own
 * words on the first one never stand between them; the last line there is
 * "### EXIT n", and n + 1 is the value that isa-debug-exit gets: qemu itself
 * ends with 0 or 1, and neither may look like a result.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
	DEBUG_EXIT = 0xf4,
	SKIPPED = 77,
	MAX_WORDS = 32,
};

static const char OUTPUT[] = "/output";

struct test {
	const char *name;
	uid_t uid;
	time_t seconds;
	const char *directory;
	char *command[MAX_WORDS];
};

static _Noreturn void end_machine(int status)
{
	(void) printf("### EXIT %d\n", status);
	(void) fflush(stdout);
	(void) tcdrain(STDOUT_FILENO);
	if (ioperm(DEBUG_EXIT, 1, 1) == 0)
		outb((unsigned char) (status + 1), DEBUG_EXIT);
	(void) reboot(RB_POWER_OFF);
	abort();
}

static _Noreturn void give_up(const char *what)
{
	(void) printf("Bail out! %s: %s\n", what, strerror(errno));
	end_machine(2);
}

static void mount_all(void)
{
	static const struct {
		const char *type, *where;
	} mounts[] = {
		{ "proc", "/proc" },      { "sysfs", "/sys" },     { "devtmpfs", "/dev" },
		{ "devpts", "/dev/pts" }, { "tmpfs", "/dev/shm" },
	};

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		(void) mkdir(mounts[i].where, 0755);
		if (mount("none", mounts[i].where, mounts[i].type, 0, NULL) != 0)
			give_up(mounts[i].where);
	}
}

/* pivot_root(2) refuses in the initial ramfs itself, not in a mount of it. */
static void leave_initial_root(void)
{
	if (mkdir("/root.mount", 0755) != 0 ||
	    mount("/", "/root.mount", NULL, MS_BIND, NULL) != 0 || chdir("/root.mount") != 0 ||
	    mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0 || chdir("/") != 0 ||
	    rmdir("/root.mount") != 0)
		give_up("another root");
}

/* Tests have servers of their own. */
static void start_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) != 0)
		give_up("lo");
	(void) close(fd);
}

static void open_results(void)
{
	struct termios port;
	int fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || tcgetattr(fd, &port) != 0)
		abort();
	cfmakeraw(&port);
	if (tcsetattr(fd, TCSANOW, &port) != 0 || dup2(fd, STDOUT_FILENO) < 0)
		abort();
	(void) close(fd);
	(void) fcntl(STDOUT_FILENO, F_SETFD, FD_CLOEXEC);
}

static FILE *open_list(const char *path)
{
	FILE *list = fopen(path, "re");

	if (list == NULL)
		give_up(path);
	return list;
}

/* One line without its end; NULL behind the last. */
static char *next_line(FILE *list, char **line, size_t *size)
{
	ssize_t length = getline(line, size, list);

	if (length <= 0)
		return NULL;
	(*line)[strcspn(*line, "\n")] = '\0';
	return *line;
}

static void load_modules(void)
{
	FILE *list = open_list("/modules/order");
	char *line = NULL;
	size_t size = 0;

	while (next_line(list, &line, &size) != NULL) {
		int fd = open(line, O_RDONLY | O_CLOEXEC);

		if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) != 0)
			give_up(line);
		(void) close(fd);
	}
	free(line);
	(void) fclose(list);
}

static void set_environment(void)
{
	FILE *list = open_list("/environment");
	char *line = NULL;
	size_t size = 0;

	(void) clearenv();
	while (next_line(list, &line, &size) != NULL) {
		char *copy = strdup(line);

		if (copy == NULL || putenv(copy) != 0)
			give_up("environment");
	}
	free(line);
	(void) fclose(list);
}

static _Noreturn void run_command(const struct test *test)
{
	int output = open(OUTPUT, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;

	(void) sigemptyset(&none);
	(void) sigprocmask(SIG_SETMASK, &none, NULL);
	if (output < 0 || input < 0 || dup2(input, STDIN_FILENO) < 0 ||
	    dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
		_exit(126);
	(void) setsid();
	if (setgroups(0, NULL) != 0 || setgid(test->uid) != 0 || setuid(test->uid) != 0 ||
	    chdir(test->directory) != 0)
		_exit(126);
	(void) execv(test->command[0], test->command);
	perror(test->command[0]);
	_exit(127);
}

/* Every orphan comes here too.  Returns the wait status of @pid, or -1 when time is up. */
static int wait_for(pid_t pid, time_t seconds)
{
	struct timespec now, end;
	sigset_t child;

	(void) sigemptyset(&child);
	(void) sigaddset(&child, SIGCHLD);
	(void) clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	for (;;) {
		int status;
		pid_t ended = waitpid(-1, &status, WNOHANG);

		if (ended == pid)
			return status;
		if (ended > 0)
			continue;
		(void) clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec >= end.tv_sec)
			return -1;
		(void) sigtimedwait(&child, NULL,
				    &(struct timespec) { .tv_sec = end.tv_sec - now.tv_sec });
	}
}

/* Nothing of a test is left for the next one. */
static void end_all(void)
{
	(void) kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/* As a subtest: two blanks before each line, which is KTAP when the command wrote KTAP. */
static void show_output(void)
{
	FILE *output = fopen(OUTPUT, "re");
	char *line = NULL;
	size_t size = 0;

	if (output == NULL)
		return;
	while (next_line(output, &line, &size) != NULL)
		(void) printf("  %s\n", line);
	free(line);
	(void) fclose(output);
	(void) unlink(OUTPUT);
}

/* Returns whether that is a failure. */
static bool tell(size_t number, const char *name, int status, double took)
{
	bool ok = status >= 0 && WIFEXITED(status) &&
		  (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == SKIPPED);

	show_output();
	(void) printf("# took %.2f s\n%sok %zu - %s", took, ok ? "" : "not ", number, name);
	if (status < 0)
		(void) printf(" # time limit");
	else if (WIFSIGNALED(status))
		(void) printf(" # signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == SKIPPED)
		(void) printf(" # SKIP");
	else if (!ok)
		(void) printf(" # exit status %d", WEXITSTATUS(status));
	(void) printf("\n");
	(void) fflush(stdout);
	return !ok;
}

static bool run_test(size_t number, const struct test *test)
{
	struct timespec begin, end;
	int status;
	pid_t pid;

	(void) clock_gettime(CLOCK_MONOTONIC, &begin);
	pid = fork();
	if (pid < 0)
		give_up("fork");
	if (pid == 0)
		run_command(test);
	status = wait_for(pid, test->seconds);
	end_all();
	(void) clock_gettime(CLOCK_MONOTONIC, &end);
	return tell(number, test->name, status,
		    (double) (end.tv_sec - begin.tv_sec) +
			    (double) (end.tv_nsec - begin.tv_nsec) / 1e9);
}

static bool parse_test(char *line, struct test *ret)
{
	char *words[4 + MAX_WORDS] = { NULL };
	size_t n = 0;

	for (char *word; n < 4 + MAX_WORDS - 1 && (word = strsep(&line, "\t")) != NULL;)
		words[n++] = word;
	if (n < 5 || line != NULL)
		return false;
	*ret = (struct test) {
		.name = words[0],
		.uid = (uid_t) strtoul(words[1], NULL, 10),
		.seconds = (time_t) strtol(words[2], NULL, 10),
		.directory = words[3],
	};
	memcpy(ret->command, words + 4, sizeof(ret->command));
	return true;
}

static int run_plan(void)
{
	FILE *plan = open_list("/plan");
	char *line = NULL;
	size_t size = 0, number = 0, failed = 0;
	struct test test;

	if (next_line(plan, &line, &size) == NULL)
		give_up("plan");
	(void) printf("KTAP version 1\n1..%s\n", line);
	while (next_line(plan, &line, &size) != NULL) {
		if (!parse_test(line, &test))
			give_up("a line of the plan");
		failed += run_test(++number, &test);
	}
	free(line);
	(void) fclose(plan);
	return failed > 0;
}

int main(void)
{
	sigset_t child;

	(void) sigemptyset(&child);
	(void) sigaddset(&child, SIGCHLD);
	(void) sigprocmask(SIG_BLOCK, &child, NULL);
	leave_initial_root();
	mount_all();
	open_results();
	start_loopback();
	load_modules();
	set_environment();
	end_machine(run_plan());
}
