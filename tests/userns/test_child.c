/* SPDX-License-Identifier: MIT */
/*
 * userns/: the child in its namespaces: its map, ids and capabilities, what it
 * sees, and how it ends.  Children tell the parent over their socket what they
 * found; only the parent asserts.
 */
#include "unr_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "docker_map.h"
#include "userns/namespace.h"
#include "userns/sandbox.h"

#define TMPFS 0x01021994 /* TMPFS_MAGIC of linux/magic.h */

/* All that the child says, until it ends with status 0. */
static void run_and_read(unr_child_fn child_main, void *argument, size_t size, char *ret)
{
	struct unr_map_choice choice = choose_docker_map();
	struct unr_child child = { .socket = -EBADF };
	struct unr_error err = { 0 };
	int status = -1;
	ssize_t n;

	assert_int_equal(unr_child_start(&choice, child_main, argument, &child, &err), 0);
	n = unr_read_full(child.socket, ret, size - 1);
	assert_true(n >= 0);
	ret[n] = '\0';
	assert_int_equal(unr_child_wait(&child, &status), 0);
	assert_int_equal(status, 0);
	unr_map_choice_done(&choice);
}

static void run_and_assert(unr_child_fn child_main, void *argument, const char *expected)
{
	char text[4096];

	run_and_read(child_main, argument, sizeof(text), text);
	assert_string_equal(text, expected);
}

static int say(int socket, struct unr_text *text)
{
	int r = text->failed ? -ENOMEM : unr_write_full(socket, text->bytes, text->length);

	unr_text_done(text);
	return r < 0 ? 1 : 0;
}

/* Stays until the parent closes its end. */
static int stay(void *argument, int socket)
{
	char byte = 'x';

	(void) argument;
	if (unr_write_full(socket, &byte, 1) < 0)
		return 1;
	return unr_read_full(socket, &byte, 1) == 0 ? 0 : 1;
}

static void start_staying(const struct unr_map_choice *choice, struct unr_child *child)
{
	struct unr_error err = { 0 };
	char byte;

	assert_int_equal(unr_child_start(choice, stay, NULL, child, &err), 0);
	assert_int_equal(unr_read_full(child->socket, &byte, 1), 1);
}

static int say_ids(void *argument, int socket)
{
	struct unr_text text = { 0 };
	uid_t uid[3];
	gid_t gid[3];

	(void) argument;
	if (getresuid(&uid[0], &uid[1], &uid[2]) < 0 || getresgid(&gid[0], &gid[1], &gid[2]) < 0)
		return 1;
	for (int i = 0; i < 3; i++)
		unr_text_printf(&text, "%u:%u ", uid[i], gid[i]);
	unr_text_printf(&text, "pid %d", (int) getpid());
	return say(socket, &text);
}

static void child__is_root_and_the_first_process(void **state)
{
	(void) state;
	run_and_assert(say_ids, NULL, "0:0 0:0 0:0 pid 1");
}

static int say_groups(void *argument, int socket)
{
	struct unr_text text = { 0 };

	(void) argument;
	unr_text_printf(&text, "%d groups", getgroups(0, NULL));
	return say(socket, &text);
}

/* Who cannot drop groups (SELF denies it) has but those that came along. */
static void child__has_no_supplementary_groups(void **state)
{
	struct unr_map_choice choice = choose_docker_map();
	bool can_drop = choice.method != UNR_MAP_SELF;

	(void) state;
	unr_map_choice_done(&choice);
	if (can_drop)
		run_and_assert(say_groups, NULL, "0 groups");
}

static const char *const NAMESPACES[] = { "user", "mnt", "pid", "ipc", "uts", "net", "cgroup" };

static int say_namespaces(void *argument, int socket)
{
	struct unr_text text = { 0 };

	(void) argument;
	for (size_t i = 0; i < UNR_COUNT(NAMESPACES); i++) {
		char path[32], name[64] = "";

		(void) snprintf(path, sizeof(path), "/proc/self/ns/%s", NAMESPACES[i]);
		if (readlink(path, name, sizeof(name) - 1) <= 0)
			return 1;
		unr_text_printf(&text, "%s ", name);
	}
	return say(socket, &text);
}

/* An ordinary user may not look at them from outside: the child's owner is another id. */
static void child__is_in_namespaces_of_its_own(void **state)
{
	char theirs[1024];

	(void) state;
	run_and_read(say_namespaces, NULL, sizeof(theirs), theirs);
	for (size_t i = 0; i < UNR_COUNT(NAMESPACES); i++) {
		char path[32], ours[64] = "";

		(void) snprintf(path, sizeof(path), "/proc/self/ns/%s", NAMESPACES[i]);
		assert_true(readlink(path, ours, sizeof(ours) - 1) > 0);
		assert_null(strstr(theirs, ours));
		assert_non_null(strstr(theirs, NAMESPACES[i]));
	}
}

/* The kernel prints a map in columns of ten. */
static void assert_proc_map(pid_t pid, const char *name, const struct unr_idmap *map)
{
	unr_auto(unr_text_done) struct unr_text expected = { 0 };
	char path[64], text[4096] = "";
	int fd;

	(void) snprintf(path, sizeof(path), "/proc/%d/%s", (int) pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(unr_read_full(fd, text, sizeof(text) - 1) > 0);
	(void) close(fd);
	for (size_t i = 0; i < map->n_ranges; i++)
		unr_text_printf(&expected, "%10u %10u %10u\n", map->ranges[i].inside,
				map->ranges[i].outside, map->ranges[i].count);
	assert_string_equal(text, unr_text_string(&expected));
}

static void child__has_the_maps_that_were_chosen(void **state)
{
	struct unr_map_choice choice = choose_docker_map();
	struct unr_child child = { .socket = -EBADF };

	(void) state;
	if (choice.method == UNR_MAP_DIRECT) { /* then more can be asked for */
		unr_idmaps_done(&choice.maps);
		assert_int_equal(unr_idmap_add(&choice.maps.of[UNR_UID],
					       (struct unr_id_range) { 0, 100000, 10 }),
				 0);
		assert_int_equal(unr_idmap_add(&choice.maps.of[UNR_UID],
					       (struct unr_id_range) { 20, 300000, 5 }),
				 0);
		assert_int_equal(unr_idmap_add(&choice.maps.of[UNR_GID],
					       (struct unr_id_range) { 0, 200000, 7 }),
				 0);
	}
	start_staying(&choice, &child);
	assert_proc_map(child.pid, "uid_map", &choice.maps.of[UNR_UID]);
	assert_proc_map(child.pid, "gid_map", &choice.maps.of[UNR_GID]);
	unr_child_stop(&child);
	unr_map_choice_done(&choice);
}

/* What there is in the sandbox, and what is not as it should be. */
static int say_surroundings(void *argument, int socket)
{
	struct unr_text text = { 0 };
	struct stat here, root, above;
	struct statfs fs;
	struct statvfs vfs;
	struct dirent *item;
	DIR *dir;

	(void) argument;
	(void) umask(0077);
	if (unr_sandbox_enter(UNR_SANDBOX_TMPFS, UINT64_MAX, NULL) < 0)
		return 1;
	dir = opendir("/");
	while (dir != NULL && (item = readdir(dir)) != NULL)
		if (item->d_name[0] != '.')
			unr_text_printf(&text, "there is /%s\n", item->d_name);
	if (dir == NULL || closedir(dir) < 0 || stat(".", &here) < 0 || stat("/", &root) < 0 ||
	    stat("/..", &above) < 0 || statfs("/", &fs) < 0 || statvfs("/", &vfs) < 0)
		return 1;
	if (here.st_ino != root.st_ino || here.st_dev != root.st_dev)
		unr_text_puts(&text, "the working directory is another\n");
	if (above.st_ino != root.st_ino || above.st_dev != root.st_dev)
		unr_text_puts(&text, "there is something above the root\n");
	unr_text_printf(&text, "mode %o, owner %u:%u, umask %04o%s", root.st_mode & 07777,
			root.st_uid, root.st_gid, umask(0), fs.f_type == TMPFS ? ", tmpfs" : "");
	unr_text_printf(&text, "%s%s%s", (vfs.f_flag & ST_NODEV) != 0 ? ", nodev" : "",
			(vfs.f_flag & ST_NOSUID) != 0 ? ", nosuid" : "",
			(vfs.f_flag & ST_NOEXEC) != 0 ? ", noexec" : "");
	return say(socket, &text);
}

static void sandbox__shows_nothing_of_the_host(void **state)
{
	(void) state;
	run_and_assert(say_surroundings, NULL,
		       "mode 755, owner 0:0, umask 0022, tmpfs, nodev, nosuid, noexec");
}

/* The host keeps its own: what is mounted in the child does not come back. */
static void sandbox__leaves_the_hosts_mounts_alone(void **state)
{
	struct stat before, after;

	(void) state;
	assert_int_equal(stat("/tmp", &before), 0);
	run_and_assert(say_surroundings, NULL,
		       "mode 755, owner 0:0, umask 0022, tmpfs, nodev, nosuid, noexec");
	assert_int_equal(stat("/tmp", &after), 0);
	assert_true(before.st_dev == after.st_dev && before.st_ino == after.st_ino);
}

static void put_flags(struct unr_text *text, cap_t caps, cap_flag_t flag)
{
	cap_flag_value_t value;

	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
		if (cap_get_flag(caps, cap, flag, &value) == 0 && value == CAP_SET)
			unr_text_printf(text, " %d", cap);
	unr_text_puts(text, "\n");
}

static int say_capabilities(void *argument, int socket)
{
	struct unr_text text = { 0 };
	cap_t caps;

	(void) argument;
	if (unr_sandbox_restrict(NULL) < 0)
		return 1;
	caps = cap_get_proc();
	if (caps == NULL)
		return 1;
	unr_text_puts(&text, "permitted");
	put_flags(&text, caps, CAP_PERMITTED);
	unr_text_puts(&text, "effective");
	put_flags(&text, caps, CAP_EFFECTIVE);
	unr_text_puts(&text, "inheritable");
	put_flags(&text, caps, CAP_INHERITABLE);
	unr_text_puts(&text, "bounding");
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
		if (cap_get_bound(cap) == 1)
			unr_text_printf(&text, " %d", cap);
	unr_text_puts(&text, "\nambient");
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
		if (cap_get_ambient(cap) == CAP_SET)
			unr_text_printf(&text, " %d", cap);
	unr_text_printf(&text, "\nno_new_privs %d", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	(void) cap_free(caps);
	return say(socket, &text);
}

/* chown 0, dac_override 1, fowner 3, fsetid 4, sys_chroot 18, mknod 27, setfcap 31 */
static void restrict__leaves_what_an_extraction_needs(void **state)
{
	(void) state;
	run_and_assert(say_capabilities, NULL,
		       "permitted 0 1 3 4 18 27 31\neffective 0 1 3 4 18 27 31\ninheritable\n"
		       "bounding 0 1 3 4 18 27 31\nambient\nno_new_privs 1");
}

static int end_with_status(void *argument, int socket)
{
	(void) socket;
	return *(int *) argument;
}

static void end__is_told_with_its_status(void **state)
{
	struct unr_map_choice choice = choose_docker_map();
	struct unr_child child = { .socket = -EBADF };
	int wanted = 42, status = -1;

	(void) state;
	assert_int_equal(unr_child_start(&choice, end_with_status, &wanted, &child, NULL), 0);
	assert_int_equal(unr_child_wait(&child, &status), 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
	assert_int_equal(child.pid, 0);
	assert_int_equal(child.socket, -EBADF);
	start_staying(&choice, &child);
	assert_int_equal(kill(child.pid, SIGKILL), 0);
	assert_int_equal(unr_child_wait(&child, &status), 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	unr_map_choice_done(&choice);
}

static void stop__kills_and_reaps(void **state)
{
	struct unr_map_choice choice = choose_docker_map();
	struct unr_child child = { .socket = -EBADF };
	pid_t pid;

	(void) state;
	start_staying(&choice, &child);
	pid = child.pid;
	assert_int_equal(kill(pid, 0), 0);
	unr_child_stop(&child);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
	assert_int_equal(child.pid, 0);
	unr_child_stop(&child); /* once more is nothing */
	unr_map_choice_done(&choice);
}

/* Blocks without looking at the socket, so that only a signal ends it. */
static int stay_for_good(void *argument, int socket)
{
	char byte = 'x';

	(void) argument;
	if (unr_write_full(socket, &byte, 1) < 0)
		return 1;
	for (;;)
		(void) pause();
}

/* Starts a child, hands a descriptor for it to @fd, and waits to be killed. */
static int be_the_middle(int fd)
{
	struct unr_map_choice choice = choose_docker_map();
	struct unr_child child = { .socket = -EBADF };
	int pid_fd = -EBADF;
	char byte;

	if (unr_child_start(&choice, stay_for_good, NULL, &child, NULL) == 0 &&
	    unr_read_full(child.socket, &byte, 1) == 1)
		pid_fd = (int) syscall(SYS_pidfd_open, child.pid, 0);
	if (unr_send_fd(fd, 'P', pid_fd) < 0)
		return 1;
	for (;;)
		(void) pause();
}

static void parent__killed_takes_the_child_along(void **state)
{
	struct pollfd event = { .events = POLLIN };
	uint8_t byte = 0;
	int pair[2], status;
	pid_t middle;

	(void) state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	middle = fork();
	assert_true(middle >= 0);
	if (middle == 0)
		_exit(be_the_middle(pair[1]));
	(void) close(pair[1]);
	assert_int_equal(unr_recv_fd(pair[0], &byte, &event.fd), 0);
	assert_true(event.fd >= 0);
	assert_int_equal(poll(&event, 1, 0), 0); /* it is alive */
	assert_int_equal(kill(middle, SIGKILL), 0);
	assert_int_equal(waitpid(middle, &status, 0), middle);
	assert_int_equal(poll(&event, 1, 30000), 1);
	(void) close(event.fd);
	(void) close(pair[0]);
}

/* The process groups that it can reach; one signal to its own. */
static int signal_the_group(void *argument, int socket)
{
	char byte = 'x';

	(void) argument;
	(void) signal(SIGUSR1, SIG_IGN);
	if (kill(0, SIGUSR1) < 0)
		return 1;
	return unr_write_full(socket, &byte, 1) < 0 ? 1 : 0;
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	(void) number;
	signals++;
}

/*
 * Only with the caller's own id may it signal the caller at all, and a pid namespace does not keep it
 * from that: a process group is no number that is looked up, kill(2).
 */
static void child__cannot_signal_the_callers_process_group(void **state)
{
	struct unr_idmaps wanted = docker_maps();
	struct unr_map_choice choice = { 0 };
	struct unr_child child = { .socket = -EBADF };
	struct unr_obstacle why;
	int status = -1;
	char byte;

	(void) state;
	assert_int_equal(unr_map_choose_method(UNR_MAP_SELF, &wanted, &choice, &why, NULL), 1);
	unr_idmaps_done(&wanted);
	/* Not of the caller's alone: whoever runs this has nothing to do with it. */
	(void) setpgid(0, 0);
	assert_true(signal(SIGUSR1, count_signal) != SIG_ERR);
	assert_int_equal(unr_child_start(&choice, signal_the_group, NULL, &child, NULL), 0);
	assert_int_equal(unr_read_full(child.socket, &byte, 1), 1);
	assert_int_equal(unr_child_wait(&child, &status), 0);
	assert_int_equal(status, 0);
	assert_int_equal(signals, 0);
	unr_map_choice_done(&choice);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(child__is_root_and_the_first_process),
	cmocka_unit_test(child__has_no_supplementary_groups),
	cmocka_unit_test(child__is_in_namespaces_of_its_own),
	cmocka_unit_test(child__has_the_maps_that_were_chosen),
	cmocka_unit_test(sandbox__shows_nothing_of_the_host),
	cmocka_unit_test(sandbox__leaves_the_hosts_mounts_alone),
	cmocka_unit_test(restrict__leaves_what_an_extraction_needs),
	cmocka_unit_test(end__is_told_with_its_status),
	cmocka_unit_test(stop__kills_and_reaps),
	cmocka_unit_test(parent__killed_takes_the_child_along),
	cmocka_unit_test(child__cannot_signal_the_callers_process_group),
};

UNR_TEST_MAIN("child", tests, can_make_namespaces);
