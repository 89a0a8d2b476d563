/* SPDX-License-Identifier: MIT */
/*
 * docs/security.md, tried: what somebody attempts who has taken over the child.
 * Each attempt is made inside the whole sandbox but for the filter of system
 * calls, which would answer first and which test_filter.c tries by itself.
 */
#include "unr_test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "docker_map.h"
#include "userns/limits.h"
#include "userns/namespace.h"
#include "userns/sandbox.h"

enum { INODES = 64, OPEN_FILES = 32, FILE_SIZE = 4096, MEMORY = 64 << 20 };

#define ABSTRACT "unr-test-sandbox"

/* What the host has that the child is to try to reach. */
struct host {
	pid_t pid;
	in_port_t port; /* somebody listens there */
	int fd;         /* of the host's root directory */
	int terminal;   /* somebody has typed a line */
	bool is_alone;  /* nobody but the caller is in the map */
};

static int errno_of(long result)
{
	return result < 0 ? errno : 0;
}

static int try_path(const char *path)
{
	return errno_of(open(path, O_RDONLY | O_CLOEXEC));
}

static int read_a_file_of_the_host(const struct host *host)
{
	(void) host;
	return try_path("/etc/passwd");
}

static int go_up(const struct host *host)
{
	(void) host;
	return try_path("../../../../etc");
}

static int look_at_processes(const struct host *host)
{
	(void) host;
	return try_path("/proc/self");
}

static int open_a_device(const struct host *host)
{
	(void) host;
	return try_path("/dev/null");
}

/* The classic way out of chroot(2): from above a root that one has set lower. */
static int break_out_of_a_chroot(const struct host *host)
{
	int error = errno_of(mkdir("jail", 0700));
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void) host;
	if (error != 0 || here < 0 || chroot("jail") < 0 || fchdir(here) < 0)
		return -1;
	for (int i = 0; i < 100; i++)
		if (chdir("..") < 0)
			return -1;
	return chroot(".") < 0 ? -1 : try_path("etc/passwd");
}

static int use_an_inherited_descriptor(const struct host *host)
{
	return errno_of(openat(host->fd, "etc/passwd", O_RDONLY | O_CLOEXEC));
}

/* Standard error is one, and nobody opens a terminal for writing alone. */
static int read_what_is_typed(const struct host *host)
{
	char byte;

	(void) host;
	return errno_of(read(STDERR_FILENO, &byte, 1));
}

static int signal_the_parent(const struct host *host)
{
	return errno_of(kill(host->pid, 0));
}

static int trace_the_parent(const struct host *host)
{
	return errno_of(ptrace(PTRACE_ATTACH, host->pid, NULL, NULL));
}

static int connect_by_tcp(const struct host *host)
{
	const struct sockaddr_in address = { .sin_family = AF_INET,
					     .sin_port = host->port,
					     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return errno_of(connect(fd, (const struct sockaddr *) &address, sizeof(address)));
}

static struct sockaddr_un abstract_address(socklen_t *ret_length)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memcpy(address.sun_path + 1, ABSTRACT, sizeof(ABSTRACT) - 1);
	*ret_length = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + sizeof(ABSTRACT));
	return address;
}

/* These have no file: a name space of their own, which goes by the network. */
static int connect_to_an_abstract_socket(const struct host *host)
{
	socklen_t length;
	const struct sockaddr_un address = abstract_address(&length);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void) host;
	return errno_of(connect(fd, (const struct sockaddr *) &address, length));
}

static int become_somebody(const struct host *host)
{
	int error = errno_of(setuid(1));

	/* That there is no such id is found before that it may not be taken: setuid(2). */
	return error == EINVAL && host->is_alone ? EPERM : error;
}

static int join_groups(const struct host *host)
{
	const gid_t groups[] = { 1 };

	(void) host;
	return errno_of(setgroups(UNR_COUNT(groups), groups));
}

static int take_a_capability(const struct host *host)
{
	const cap_value_t wanted = CAP_SYS_ADMIN;
	cap_t caps = cap_get_proc();
	int error;

	(void) host;
	if (caps == NULL || cap_set_flag(caps, CAP_PERMITTED, 1, &wanted, CAP_SET) < 0 ||
	    cap_set_flag(caps, CAP_EFFECTIVE, 1, &wanted, CAP_SET) < 0)
		return -1;
	error = errno_of(cap_set_proc(caps));
	(void) cap_free(caps);
	return error;
}

static int mount_something(const struct host *host)
{
	(void) host;
	return errno_of(mount("proc", "/", "proc", 0, NULL));
}

static int allow_devices(const struct host *host)
{
	(void) host;
	return errno_of(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL));
}

static int leave_the_mounts(const struct host *host)
{
	(void) host;
	return errno_of(unshare(CLONE_NEWNS));
}

static int rename_the_host(const struct host *host)
{
	(void) host;
	return errno_of(sethostname("x", 1));
}

static int make_a_device(const struct host *host)
{
	(void) host;
	return errno_of(mknod("null", S_IFCHR | 0666, makedev(1, 3)));
}

static int run_a_setuid_program(const struct host *host)
{
	static const char script[] = "#!/x\n";
	char *argv[] = { NULL };
	int fd = open("program", O_WRONLY | O_CREAT | O_CLOEXEC, 0700);

	(void) host;
	if (fd < 0 || unr_write_full(fd, script, sizeof(script) - 1) < 0 || fchmod(fd, 04755) < 0 ||
	    close(fd) < 0)
		return -1;
	return errno_of(execve("/program", argv, argv));
}

static int raise_a_limit(const struct host *host)
{
	const struct rlimit more = { OPEN_FILES + 1, OPEN_FILES + 1 };

	(void) host;
	return errno_of(setrlimit(RLIMIT_NOFILE, &more));
}

static int take_all_descriptors(const struct host *host)
{
	(void) host;
	for (int i = 0; i <= OPEN_FILES; i++)
		if (dup(STDERR_FILENO) < 0)
			return errno;
	return 0;
}

static int make_very_many_files(const struct host *host)
{
	(void) host;
	for (int i = 0; i <= INODES; i++) {
		char name[16];

		(void) snprintf(name, sizeof(name), "%d", i);
		if (mkdir(name, 0700) < 0)
			return errno;
	}
	return 0;
}

static int grow_a_file(const struct host *host)
{
	int fd = open("large", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	(void) host;
	return errno_of(pwrite(fd, "x", 1, FILE_SIZE));
}

static int stretch_a_file(const struct host *host)
{
	int fd = open("large", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	(void) host;
	return errno_of(ftruncate(fd, FILE_SIZE + 1));
}

static int take_memory(const struct host *host)
{
	void *block =
		mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void) host;
	return block == MAP_FAILED ? errno : 0;
}

/* Its memory may have what the image has not: it is never written to a file. */
static int dump_memory(const struct host *host)
{
	struct rlimit limit;

	(void) host;
	if (getrlimit(RLIMIT_CORE, &limit) < 0)
		return -1;
	return limit.rlim_max == 0 ? EPERM : 0;
}

static const struct attempt {
	const char *name;
	int (*make)(const struct host *host); /* its errno; 0: it works; -1: the test is broken */
	int expected;
} attempts[] = {
	{ "read a file of the host", read_a_file_of_the_host, ENOENT },
	{ "go up", go_up, ENOENT },
	{ "look at processes", look_at_processes, ENOENT },
	{ "open a device", open_a_device, ENOENT },
	{ "break out of a chroot", break_out_of_a_chroot, ENOENT },
	{ "use an inherited descriptor", use_an_inherited_descriptor, EBADF },
	{ "read what is typed", read_what_is_typed, EBADF },
	{ "signal the parent", signal_the_parent, ESRCH },
	{ "trace the parent", trace_the_parent, ESRCH },
	{ "connect by TCP", connect_by_tcp, ENETUNREACH },
	{ "connect to an abstract socket", connect_to_an_abstract_socket, ECONNREFUSED },
	{ "become somebody", become_somebody, EPERM },
	{ "join groups", join_groups, EPERM },
	{ "take a capability", take_a_capability, EPERM },
	{ "mount something", mount_something, EPERM },
	{ "allow devices", allow_devices, EPERM },
	{ "leave the mounts", leave_the_mounts, EPERM },
	{ "rename the host", rename_the_host, EPERM },
	{ "make a device", make_a_device, EPERM },
	{ "run a setuid program", run_a_setuid_program, EACCES },
	{ "raise a limit", raise_a_limit, EPERM },
	{ "take all descriptors", take_all_descriptors, EMFILE },
	{ "make very many files", make_very_many_files, ENOSPC },
	{ "grow a file", grow_a_file, EFBIG },
	{ "stretch a file", stretch_a_file, EFBIG },
	{ "take memory", take_memory, ENOMEM },
	{ "dump memory", dump_memory, EPERM },
};

struct attack {
	const struct attempt *attempt;
	const struct host *host;
};

/* As run/job.c does it. */
static int attack(void *argument, int socket)
{
	static const struct unr_limits limits = { { [UNR_LIMIT_INODES] = INODES,
						    [UNR_LIMIT_OPEN_FILES] = OPEN_FILES,
						    [UNR_LIMIT_FILE_SIZE] = FILE_SIZE,
						    [UNR_LIMIT_MEMORY] = MEMORY,
						    [UNR_LIMIT_TIME] = 1 } };
	const struct attack *attack = argument;
	int32_t answer = -1;

	if (dup2(attack->host->terminal, STDERR_FILENO) >= 0 &&
	    unr_sandbox_leave_terminal(NULL) == 0 &&
	    unr_sandbox_enter(UNR_SANDBOX_TMPFS, INODES, NULL) == 0 &&
	    unr_sandbox_close_others(&socket, 1, NULL) == 0 &&
	    unr_limits_enter(&limits, NULL) == 0 && unr_sandbox_restrict(NULL) == 0)
		answer = attack->attempt->make(attack->host);
	return unr_write_full(socket, &answer, sizeof(answer)) < 0 ? 1 : 0;
}

static int32_t result_of(const struct attack *a)
{
	struct unr_map_choice choice = choose_docker_map();
	struct unr_child child = { .socket = -EBADF };
	int32_t answer = -2;
	int status;

	assert_int_equal(unr_child_start(&choice, attack, (void *) (uintptr_t) a, &child, NULL), 0);
	(void) !unr_read_full(child.socket, &answer, sizeof(answer));
	assert_int_equal(unr_child_wait(&child, &status), 0);
	unr_map_choice_done(&choice);
	return answer;
}

static bool has_shadow(void)
{
#ifdef __SANITIZE_ADDRESS__
	return true;
#else
	return false;
#endif
}

static void sandbox__withstands(void **state)
{
	const struct host *host = *state;

	for (size_t i = 0; i < UNR_COUNT(attempts); i++) {
		const struct attack a = { &attempts[i], host };
		int32_t answer = result_of(&a);

		/* The limit of memory is left out there: userns/limits.h. */
		if (has_shadow() && attempts[i].make == take_memory)
			continue;
		if (answer != attempts[i].expected)
			fail_msg("%s: %d (%s) and not %d", attempts[i].name, answer,
				 strerror(answer), attempts[i].expected);
	}
}

/* Here, outside, what is reached for is really there. */
static void host__has_what_is_tried(void **state)
{
	const struct host *host = *state;
	char typed;

	assert_int_equal(read_a_file_of_the_host(host), 0);
	assert_int_equal(look_at_processes(host), 0);
	assert_int_equal(open_a_device(host), 0);
	assert_int_equal(use_an_inherited_descriptor(host), 0);
	assert_true(isatty(host->terminal));
	assert_int_equal(read(host->terminal, &typed, 1), 1);
	assert_int_equal(signal_the_parent(host), 0);
	assert_int_equal(connect_by_tcp(host), 0);
	assert_int_equal(connect_to_an_abstract_socket(host), 0);
}

/* One of the test's own, at which enough is typed for all who might read it. */
static int open_terminal(void)
{
	static const char typed[] = "secret\n";
	int leader = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (leader < 0 || unlockpt(leader) < 0 ||
	    unr_write_full(leader, typed, sizeof(typed) - 1) < 0)
		return -1;
	return ioctl(leader, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static int set_up(void **state)
{
	static struct host host;
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	struct sockaddr_un name;
	int tcp, local;

	*state = &host;
	if (host.pid > 0) /* for both tests */
		return 0;
	tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(tcp, (const struct sockaddr *) &address, length) < 0 || listen(tcp, 1) < 0 ||
	    getsockname(tcp, (struct sockaddr *) &address, &length) < 0)
		return -1;
	name = abstract_address(&length);
	if (bind(local, (const struct sockaddr *) &name, length) < 0 || listen(local, 1) < 0)
		return -1;
	host = (struct host) { .pid = getpid(), .port = address.sin_port };
	host.is_alone = !has_ranges();
	host.fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	host.terminal = open_terminal();
	return host.fd < 0 || host.terminal < 0 ? -1 : 0;
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup(host__has_what_is_tried, set_up),
	cmocka_unit_test_setup(sandbox__withstands, set_up),
};

UNR_TEST_MAIN("sandbox", tests, can_make_namespaces);
