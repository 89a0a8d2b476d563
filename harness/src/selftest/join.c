/* SPDX-License-Identifier: MIT */
/* Entering a user namespace that is there, and asking what it is. */
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "selftest/groups.h"
#include "selftest/kit.h"
#include "userns/namespace.h"

#define MAN "setns(2)"

static ino_t identity(struct st *t, int fd)
{
	struct stat st;

	st_want(t, 0, fstat(fd, &st));
	return st.st_ino;
}

/* ---- setns ---- */

static void child(struct st *t)
{
	struct st_child other;
	unr_autoclose int fd = -EBADF;

	st_child_start(t, CLONE_NEWUSER, st_idle, &other);
	st_map(t, &other, "0 1000 10");
	fd = st_open_namespace(t, other.pid, "user");
	st_want(t, 0, setns(fd, CLONE_NEWUSER));
	st_equal(t, identity(t, fd), st_namespace(t, 0, "user"));
	st_equal(t, st_all_capabilities(t), st_capabilities(t));
	/* One's ids are not changed by that: here they have no place. */
	st_equal(t, st_overflow_uid(t), geteuid());
	st_want(t, 0, setresuid(5, 5, 5));
	st_child_end(t, &other);
}

/* Without privilege, but its owner. */
static void child_of_owner(struct st *t)
{
	struct st_child other;
	unr_autoclose int fd = -EBADF;

	st_child_start(t, CLONE_NEWUSER, st_idle, &other);
	fd = st_open_namespace(t, other.pid, "user");
	st_want(t, 0, setns(fd, CLONE_NEWUSER));
	st_equal(t, st_all_capabilities(t), st_capabilities(t));
	st_child_end(t, &other);
}

static void own(struct st *t)
{
	unr_autoclose int fd = st_open_namespace(t, 0, "user");

	st_unshare_own(t, 0);
	(void) close(fd);
	fd = st_open_namespace(t, 0, "user");
	st_want(t, EINVAL, setns(fd, CLONE_NEWUSER));
}

static void parent(struct st *t)
{
	unr_autoclose int fd = st_open_namespace(t, 0, "user");

	st_unshare_own(t, 0);
	st_want(t, EPERM, setns(fd, CLONE_NEWUSER));
}

static void enter_sibling(struct st *t)
{
	const int *fd = t->shared;

	st_want(t, EPERM, setns(*fd, CLONE_NEWUSER));
	/* Capabilities over one's own namespace are none over that beside it. */
	st_equal(t, st_all_capabilities(t), st_capabilities(t));
}

static void sibling(struct st *t)
{
	int *fd = st_shared_memory(t);
	struct st_child other;

	st_child_start(t, CLONE_NEWUSER, st_idle, &other);
	st_map(t, &other, "0 1000 10");
	*fd = st_open_namespace(t, other.pid, "user");
	st_inside(t, "0 2000 10", enter_sibling);
	(void) close(*fd);
	st_child_end(t, &other);
}

static void threads(struct st *t)
{
	struct st_child other;
	unr_autoclose int fd = -EBADF;

	st_child_start(t, CLONE_NEWUSER, st_idle, &other);
	fd = st_open_namespace(t, other.pid, "user");
	st_thread(t);
	st_want(t, EINVAL, setns(fd, CLONE_NEWUSER));
	st_child_end(t, &other);
}

/* A process that shares root and working directory with another one. */
static void shared_directory(struct st *t)
{
	struct st_child other;
	unr_autoclose int fd = -EBADF;
	int status = 0;
	pid_t pid;

	st_child_start(t, CLONE_NEWUSER, st_idle, &other);
	fd = st_open_namespace(t, other.pid, "user");
	pid = (pid_t) st_want(t, 0, syscall(SYS_clone, CLONE_FS | SIGCHLD, NULL, NULL, NULL, NULL));
	if (pid == 0) {
		st_want(t, EINVAL, setns(fd, CLONE_NEWUSER));
		unr_child_exit(0);
	}
	st_want(t, 0, waitpid(pid, &status, 0));
	if (status != 0)
		unr_child_exit(1);
	st_child_end(t, &other);
}

static void wrong_file(struct st *t)
{
	unr_autoclose int file = (int) st_want(t, 0, open("/", O_RDONLY | O_CLOEXEC));
	unr_autoclose int uts = st_open_namespace(t, 0, "uts");

	st_want(t, EINVAL, setns(file, CLONE_NEWUSER));
	st_want(t, EINVAL, setns(uts, CLONE_NEWUSER));
	st_want(t, EBADF, setns(-1, CLONE_NEWUSER));
}

static void by_pidfd(struct st *t)
{
	struct st_child other;
	unr_autoclose int fd = -EBADF;

	st_child_start(t, CLONE_NEWUSER | CLONE_NEWUTS, st_idle, &other);
	st_map(t, &other, "0 1000 10");
	fd = (int) st_want(t, 0, syscall(SYS_pidfd_open, other.pid, 0));
	st_want(t, 0, setns(fd, CLONE_NEWUSER | CLONE_NEWUTS));
	st_equal(t, st_namespace(t, other.pid, "user"), st_namespace(t, 0, "user"));
	st_want(t, 0, sethostname("inside", 6));
	st_child_end(t, &other);
}

/* The last process of it is gone, but not the descriptor. */
static void kept_by_descriptor(struct st *t)
{
	struct st_child other;
	unr_autoclose int fd = -EBADF;

	st_child_start(t, CLONE_NEWUSER, st_idle, &other);
	st_map(t, &other, "0 1000 10");
	fd = st_open_namespace(t, other.pid, "user");
	st_child_end(t, &other);
	st_want(t, 0, setns(fd, CLONE_NEWUSER));
	st_want(t, 0, setresuid(9, 9, 9));
}

/* Of others only those may see it who could trace them. */
static void see_sibling(struct st *t)
{
	const pid_t *pid = t->shared;
	char path[40];

	(void) snprintf(path, sizeof(path), "/proc/%d/ns/user", (int) *pid);
	st_want(t, EACCES, open(path, O_RDONLY | O_CLOEXEC));
}

static void hidden(struct st *t)
{
	pid_t *pid = st_shared_memory(t);
	struct st_child other;

	st_child_start(t, CLONE_NEWUSER, st_idle, &other);
	st_map(t, &other, "0 1000 10");
	*pid = other.pid;
	st_inside(t, "0 2000 10", see_sibling);
	st_child_end(t, &other);
}

/* ---- ioctl ---- */

static void type_of(struct st *t)
{
	unr_autoclose int user = st_open_namespace(t, 0, "user");
	unr_autoclose int uts = st_open_namespace(t, 0, "uts");

	st_equal(t, CLONE_NEWUSER, ioctl(user, NS_GET_NSTYPE));
	st_equal(t, CLONE_NEWUTS, ioctl(uts, NS_GET_NSTYPE));
}

static void user_of(struct st *t)
{
	struct st_child other;
	unr_autoclose int uts = -EBADF, user = -EBADF;

	st_child_start(t, CLONE_NEWUSER | CLONE_NEWUTS, st_idle, &other);
	uts = st_open_namespace(t, other.pid, "uts");
	user = (int) st_want(t, 0, ioctl(uts, NS_GET_USERNS));
	st_equal(t, st_namespace(t, other.pid, "user"), identity(t, user));
	st_child_end(t, &other);
}

static void parent_of(struct st *t)
{
	struct st_child other;
	unr_autoclose int below = -EBADF, above = -EBADF;

	st_child_start(t, CLONE_NEWUSER, st_idle, &other);
	below = st_open_namespace(t, other.pid, "user");
	above = (int) st_want(t, 0, ioctl(below, NS_GET_PARENT));
	st_equal(t, st_namespace(t, 0, "user"), identity(t, above));
	st_child_end(t, &other);
}

static void parent_hidden(struct st *t)
{
	unr_autoclose int user = -EBADF;

	st_unshare_own(t, 0);
	user = st_open_namespace(t, 0, "user");
	st_want(t, EPERM, ioctl(user, NS_GET_PARENT));
}

static void make_as_another(struct st *t)
{
	st_become(t, 77, 77);
	st_unshare(t, CLONE_NEWUSER);
	st_wait(t);
}

static void owner_of(struct st *t)
{
	struct st_child other;
	unr_autoclose int user = -EBADF;
	uid_t owner = 1;

	st_child_start(t, 0, make_as_another, &other);
	st_child_step(t, &other);
	user = st_open_namespace(t, other.pid, "user");
	st_want(t, 0, ioctl(user, NS_GET_OWNER_UID, &owner));
	st_equal(t, 77, owner);
	st_child_end(t, &other);
}

static void ask_owner(struct st *t)
{
	const int *fd = t->shared;
	uid_t owner = 1;

	st_want(t, 0, ioctl(*fd, NS_GET_OWNER_UID, &owner));
	st_equal(t, st_overflow_uid(t), owner);
}

static void owner_hidden(struct st *t)
{
	int *fd = st_shared_memory(t);
	struct st_child other;

	st_child_start(t, CLONE_NEWUSER, st_idle, &other);
	*fd = st_open_namespace(t, other.pid, "user");
	st_inside(t, "0 2000 10", ask_owner);
	(void) close(*fd);
	st_child_end(t, &other);
}

#define ANYONE(case_name, sentence, where, function)                                               \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_ORDINARY, .run = function            \
	}
#define ROOT(case_name, sentence, where, function)                                                 \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_ROOT, .run = function                \
	}

static const struct st_case CASES[] = {
	ROOT("child", "Root enters a namespace below its own and has every capability there.", MAN,
	     child),
	ANYONE("child-of-owner", "The owner of a namespace enters it without privilege.",
	       "user_namespaces(7)", child_of_owner),
	ANYONE("own", "The namespace that one is in cannot be entered again.", MAN, own),
	ANYONE("parent", "There is no way back to the namespace above.", MAN, parent),
	ROOT("sibling", "A namespace beside one's own cannot be entered.", MAN, sibling),
	ANYONE("threads", "A process with several threads enters no user namespace.", MAN, threads),
	ANYONE("shared-directory",
	       "A process that shares its working directory enters no user namespace.", MAN,
	       shared_directory),
	ANYONE("wrong-file", "What is no user namespace cannot be entered as one.", MAN,
	       wrong_file),
	{ "pidfd", "Several namespaces of a process are entered at once.", MAN,
	  .since = ST_LINUX(5, 8), .stage = ST_STAGE_ROOT, .run = by_pidfd },
	ROOT("kept", "A descriptor keeps a namespace when its last process is gone.",
	     "namespaces(7)", kept_by_descriptor),
	ROOT("hidden", "The namespaces of a process that one may not trace cannot be opened.",
	     "namespaces(7)", hidden),
	ANYONE("type", "NS_GET_NSTYPE has the kind of a namespace.", "ioctl_ns(2)", type_of),
	ANYONE("user-of", "NS_GET_USERNS has the user namespace that another one belongs to.",
	       "ioctl_ns(2)", user_of),
	ANYONE("parent-of", "NS_GET_PARENT has the namespace above.", "ioctl_ns(2)", parent_of),
	ANYONE("parent-hidden", "NS_GET_PARENT does not lead out of one's own namespace.",
	       "ioctl_ns(2)", parent_hidden),
	ROOT("owner-of", "NS_GET_OWNER_UID has the user who made a namespace.", "ioctl_ns(2)",
	     owner_of),
	ROOT("owner-hidden", "An owner without a place in one's namespace is the overflow id.",
	     "ioctl_ns(2)", owner_hidden),
};

const struct st_group st_group_join =
	ST_GROUP("join", "entering a user namespace, and asking what it is", CASES);
