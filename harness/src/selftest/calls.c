/* SPDX-License-Identifier: MIT */
/* The calls that change an owner, each with its own ways to say no; on tmpfs. */
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "selftest/groups.h"
#include "selftest/kit.h"
#include "selftest/stage.h"
#include "userns/namespace.h"

#define MAN "chown(2)"
#define MAP_ALONE MAN ", commit 52137abe1820"
#define USERNS "user_namespaces(7)"

#define MAP "0 1000 1000"
#define BEYOND 1000
#define SAME ((uid_t) -1)

/* ---- each call ---- */

typedef int (*chown_fn)(const char *path, uid_t uid, gid_t gid);

/* The calls themselves: libc has one for several. */
static int call_chown(const char *path, uid_t uid, gid_t gid)
{
#ifdef SYS_chown
	return (int) syscall(SYS_chown, path, uid, gid);
#else
	return chown(path, uid, gid);
#endif
}

static int call_lchown(const char *path, uid_t uid, gid_t gid)
{
#ifdef SYS_lchown
	return (int) syscall(SYS_lchown, path, uid, gid);
#else
	return lchown(path, uid, gid);
#endif
}

static int call_fchown(const char *path, uid_t uid, gid_t gid)
{
	unr_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : (int) syscall(SYS_fchown, fd, uid, gid);
}

static int call_fchownat(const char *path, uid_t uid, gid_t gid)
{
	return (int) syscall(SYS_fchownat, AT_FDCWD, path, uid, gid, 0);
}

static int call_fchownat_nofollow(const char *path, uid_t uid, gid_t gid)
{
	return (int) syscall(SYS_fchownat, AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

static int call_fchownat_empty(const char *path, uid_t uid, gid_t gid)
{
	unr_autoclose int fd = open(path, O_PATH | O_CLOEXEC);

	return fd < 0 ? -1 : (int) syscall(SYS_fchownat, fd, "", uid, gid, AT_EMPTY_PATH);
}

struct call {
	chown_fn chown;
};

static void try_call(struct st *t)
{
	const struct call *call = t->test->of->data;

	st_want(t, 0, call->chown("file", 999, 998));
	st_owned(t, "file", 999, 998);
	st_want(t, EINVAL, call->chown("file", BEYOND, SAME));
	st_want(t, EINVAL, call->chown("file", SAME, BEYOND));
	st_want(t, EINVAL, call->chown("file", BEYOND, BEYOND));
	st_want(t, 0, call->chown("file", SAME, SAME));
	st_owned(t, "file", 999, 998);
	st_want(t, EPERM, call->chown("foreign", 0, 0));
}

static void one_call(struct st *t)
{
	st_file(t, "file", 0644, 1000, 1000);
	st_file(t, "foreign", 0644, 0, 0);
	st_inside(t, MAP, try_call);
	st_owned(t, "file", 1999, 1998);
}

/* ---- calls with 16 bits ---- */

#ifdef __x86_64__
/* The numbers of lchown16, fchown16 and chown16 of i386, whose programs this kernel may run. */
enum { LCHOWN16 = 16, FCHOWN16 = 95, CHOWN16 = 182 };

static int call_i386(int number, uint32_t first, uint32_t uid, uint32_t gid)
{
	int answer;

	__asm__ volatile("int $0x80"
			 : "=a"(answer)
			 : "a"(number), "b"(first), "c"(uid), "d"(gid)
			 : "memory", "r8", "r9", "r10", "r11");
	if (answer >= 0)
		return answer;
	errno = -answer;
	return -1;
}

static void try_sixteen(struct st *t)
{
	/* A pointer of theirs has 32 bits. */
	char *path = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	uint32_t where;

	st_want(t, 0, path == MAP_FAILED ? -1 : 0);
	(void) strcpy(path, "file");
	where = (uint32_t) (uintptr_t) path;
	st_want(t, 0, call_i386(CHOWN16, where, 999, 998));
	st_owned(t, "file", 999, 998);
	st_want(t, EINVAL, call_i386(CHOWN16, where, BEYOND, 0));
	st_want(t, EINVAL, call_i386(LCHOWN16, where, 0, BEYOND));
	/* 65535 is their -1; it is not the id 65535. */
	st_want(t, 0, call_i386(LCHOWN16, where, 0xffff, 0xffff));
	st_owned(t, "file", 999, 998);
	/* More bits than 16 are not looked at. */
	st_want(t, 0, call_i386(CHOWN16, where, 0x10005, 0x10006));
	st_owned(t, "file", 5, 6);
	st_want(t, EBADF, call_i386(FCHOWN16, 0xffff, 0, 0));
}

/* Does this kernel know such calls?  Without them the instruction ends the process. */
static bool has_i386(struct st *t)
{
	int status = 0;
	pid_t pid = (pid_t) st_want(t, 0, fork());

	if (pid == 0) {
		(void) call_i386(FCHOWN16, 0xffff, 0, 0);
		unr_child_exit(0);
	}
	st_want(t, 0, waitpid(pid, &status, 0));
	return status == 0;
}

static void sixteen(struct st *t)
{
	if (!has_i386(t))
		st_skip(t, "this kernel runs no i386 calls");
	st_file(t, "file", 0644, 1000, 1000);
	st_inside(t, MAP, try_sixteen);
}
#else
static void sixteen(struct st *t)
{
	st_skip(t, "only tried on x86-64");
}
#endif

/* ---- which error comes first ---- */

static void try_errors(struct st *t)
{
	char longest[PATH_MAX + 10] = { 0 };
	unr_autoclose int path_fd = (int) st_want(t, 0, open("file", O_PATH | O_CLOEXEC));

	memset(longest, 'x', sizeof(longest) - 1);
	st_want(t, ENOENT, chown("missing", BEYOND, BEYOND));
	st_want(t, ENOENT, chown("", 0, 0));
	st_want(t, ENOTDIR, chown("file/x", BEYOND, 0));
	st_want(t, ENAMETOOLONG, chown(longest, BEYOND, 0));
	st_want(t, ELOOP, chown("loop", BEYOND, 0));
	st_want(t, EFAULT, syscall(SYS_fchownat, AT_FDCWD, (char *) 1, BEYOND, 0, 0));
	st_want(t, EBADF, fchown(-1, BEYOND, 0));
	/* The system call: musl's function finds another way. */
	st_want(t, EBADF, syscall(SYS_fchown, path_fd, BEYOND, 0));
	st_want(t, EBADF, fchownat(-1, "x", BEYOND, 0, 0));
	st_want(t, EINVAL, fchownat(AT_FDCWD, "file", 0, 0, 0x40000000));
	st_want(t, ENOENT, fchownat(path_fd, "", 0, 0, 0));
	st_become(t, 5, 5);
	st_want(t, EACCES, chown("closed/x", BEYOND, 0));
}

static void errors(struct st *t)
{
	st_file(t, "file", 0644, 1000, 1000);
	st_want(t, 0, symlink("loop", "loop"));
	st_want(t, 0, mkdir("closed", 0700));
	st_inside(t, MAP, try_errors);
}

static void try_read_only(struct st *t)
{
	st_want(t, EROFS, chown("read-only/file", BEYOND, BEYOND));
	st_want(t, EROFS, chown("read-only/file", 0, 0));
	st_want(t, EROFS, chown("read-only/file", SAME, SAME));
}

static void read_only(struct st *t)
{
	st_want(t, 0, mkdir("read-only", 0755));
	st_file(t, "read-only/file", 0644, 1000, 1000);
	st_want(t, 0, mount("read-only", "read-only", NULL, MS_BIND, NULL));
	st_want(t, 0, mount(NULL, "read-only", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	st_inside(t, MAP, try_read_only);
}

static void try_other_flags(struct st *t)
{
	st_want(t, 0, chown("restricted/file", 5, 5));
	st_want(t, EINVAL, chown("restricted/file", BEYOND, 0));
}

static void other_flags(struct st *t)
{
	st_want(t, 0, mkdir("restricted", 0755));
	st_file(t, "restricted/file", 0644, 1000, 1000);
	st_want(t, 0, mount("restricted", "restricted", NULL, MS_BIND, NULL));
	st_want(t, 0,
		mount(NULL, "restricted", NULL,
		      MS_REMOUNT | MS_BIND | MS_NOEXEC | MS_NOSUID | MS_NODEV, NULL));
	st_inside(t, MAP, try_other_flags);
}

static void try_no_capability(struct st *t)
{
	st_want(t, 0, chown("file", 5, 5));
	st_drop(t, CAP_CHOWN);
	st_want(t, EPERM, chown("file", 0, 0));
	st_want(t, EPERM, chown("file", 6, SAME));
	st_want(t, EINVAL, chown("file", BEYOND, 0));
}

static void no_capability(struct st *t)
{
	st_file(t, "file", 0644, 1000, 1000);
	st_inside(t, MAP, try_no_capability);
}

/* ---- the namespace of the file system ---- */

/* A tmpfs that belongs to a namespace, and a look at it from outside. */
static void hold_tmpfs(struct st *t)
{
	st_tmpfs(t);
	st_want(t, 0, chmod(".", 0777));
	st_file(t, "file", 0666, 0, 0);
	st_wait(t);
}

static void outer_create(struct st *t)
{
	struct st_child child;

	st_inside_start(t, MAP, hold_tmpfs, &child);
	st_child_step(t, &child);
	st_enter_directory(t, &child);
	/* The maker's own ids have no place on it. */
	st_want(t, EOVERFLOW, open("new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	st_want(t, EOVERFLOW, mkdir("new", 0755));
	st_want(t, EOVERFLOW, symlink("x", "new"));
	st_child_end(t, &child);
}

static void outer_create_mapped(struct st *t)
{
	struct st_child child;

	st_inside_start(t, MAP, hold_tmpfs, &child);
	st_child_step(t, &child);
	st_enter_directory(t, &child);
	st_become(t, 1005, 1006);
	st_file(t, "new", 0600, SAME, SAME);
	st_owned(t, "new", 1005, 1006);
	st_child_end(t, &child);
}

/* Of ids without a place nothing is promised: what the kernel does is only told. */
static void outer_chown(struct st *t)
{
	struct st_child child;

	st_inside_start(t, MAP, hold_tmpfs, &child);
	st_child_step(t, &child);
	st_enter_directory(t, &child);
	st_want(t, 0, chown("file", 1999, 1998));
	st_owned(t, "file", 1999, 1998);
	if (chown("file", 2000, 2000) == 0)
		st_note(t, "an owner without a place on the file system is taken");
	else
		st_note(t, "an owner without a place on the file system: %s",
			unr_errno_name(errno));
	st_child_end(t, &child);
}

/* A file system without owners. */
static void without_owners(struct st *t)
{
	st_want(t, 0, mkdir("file", 0700));
	st_want(t, EPERM, chown("file", 1000, 0));
	st_want(t, EPERM, chown("file", 0, 1000));
	st_want(t, 0, chown("file", 0, 0));
	st_owned(t, "file", 0, 0);
}

/* ---- overlay ---- */

static void copy_up(struct st *t)
{
	st_want(t, 0, chdir(".."));
	st_want(t, 0, umount2("filesystem", MNT_DETACH));
	st_file(t, "lower/file", 0755, 7, 8);
	st_overlay_mount(t);
	st_want(t, 0, chdir("filesystem"));
	st_owned(t, "file", 7, 8);
	st_want(t, 0, chown("file", 1005, 1006));
	st_owned(t, "file", 1005, 1006);
	st_owned(t, "../upper/file", 1005, 1006);
	st_owned(t, "../lower/file", 7, 8);
}

#define CALL(case_name, sentence, function)                                                        \
	{                                                                                          \
		case_name, sentence, MAP_ALONE, .stage = ST_STAGE_ROOT, .run = one_call,           \
						.data = &(const struct call)                       \
		{                                                                                  \
			function                                                                   \
		}                                                                                  \
	}
#define ROOT(case_name, sentence, where, function, ...)                                            \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_ROOT, .run = function, __VA_ARGS__   \
	}

static const struct st_case CASES[] = {
	CALL("chown", "chown(2) takes ids of the map alone.", call_chown),
	CALL("lchown", "lchown(2) takes ids of the map alone.", call_lchown),
	CALL("fchown", "fchown(2) takes ids of the map alone.", call_fchown),
	CALL("fchownat", "fchownat(2) takes ids of the map alone.", call_fchownat),
	CALL("fchownat-nofollow", "fchownat(2) of a link takes ids of the map alone.",
	     call_fchownat_nofollow),
	CALL("fchownat-empty-path", "fchownat(2) of a descriptor takes ids of the map alone.",
	     call_fchownat_empty),
	ROOT("sixteen-bits", "Calls with 16 bits take ids of the map alone; 65535 is their -1.",
	     MAP_ALONE, sixteen, ),
	ROOT("errors", "A file that cannot be reached is told before an id without a place.", MAN,
	     errors, ),
	ROOT("read-only", "EROFS is told before an id without a place.", MAN, read_only, ),
	ROOT("other-flags", "noexec, nosuid and nodev do not concern owners.", "mount(2)",
	     other_flags, ),
	ROOT("no-capability", "Root of a namespace without CAP_CHOWN gives no file away.", MAN,
	     no_capability, ),
	ROOT("outer-create",
	     "Whoever has no place on a file system makes no file there: EOVERFLOW.",
	     "commit 036d523641c6", outer_create, ),
	ROOT("outer-create-mapped",
	     "Whoever has a place on it makes files there from outside, too.",
	     "commit 036d523641c6", outer_create_mapped, ),
	ROOT("outer-chown", "From outside a file gets any owner of the file system's namespace.",
	     MAN, outer_chown, ),
	ROOT("without-owners", "A file system without owners refuses to change them.", MAN,
	     without_owners, .filesystems = ST_ON_VFAT),
	ROOT("copy-up", "An overlay gives a new owner to its own copy, and leaves the file below.",
	     "Documentation/filesystems/overlayfs.rst", copy_up, .filesystems = ST_ON_OVERLAY),
};

const struct st_group st_group_calls =
	ST_GROUP("calls", "the calls that change an owner, and which error comes first", CASES);
