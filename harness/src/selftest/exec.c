/* SPDX-License-Identifier: MIT */
/*
 * What execve(2) makes of ids and capabilities.  The program is a file that is
 * made here, nothing but an ELF header: the kernel stops its process before its
 * first instruction (ptrace(2)), looks are taken, and it is killed.
 */
#include <elf.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "selftest/groups.h"
#include "selftest/kit.h"
#include "userns/namespace.h"

#define USERNS "user_namespaces(7)"
#define CAPS "capabilities(7)"

/* Inside 0..999 is 1000..1999 outside. */
#define MAP "0 1000 1000"
#define OUTSIDE 1000

#define NET_RAW (1ULL << CAP_NET_RAW)

/* What a process has once it executes the program. */
struct image {
	unsigned int ruid, euid, rgid, egid;
	unsigned long long permitted, effective, ambient;
};

#if __SIZEOF_POINTER__ == 8
typedef Elf64_Ehdr elf_header;
typedef Elf64_Phdr elf_segment;
#else
typedef Elf32_Ehdr elf_header;
typedef Elf32_Phdr elf_segment;
#endif

/* A program for this machine that no instruction of is ever executed. */
static void make_program(struct st *t, const char *path, mode_t mode, uid_t uid, gid_t gid)
{
	struct {
		elf_header header;
		elf_segment segment;
	} program = { 0 };
	unr_autoclose int self = (int) st_want(t, 0, open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
	unr_autoclose int file = -EBADF;

	/* Machine and kind as of the program that is running. */
	st_equal(t, sizeof(program.header),
		 unr_read_full(self, &program.header, sizeof(program.header)));
	program.header.e_type = ET_EXEC;
	program.header.e_entry = 0x400000;
	program.header.e_phoff = sizeof(program.header);
	program.header.e_phnum = 1;
	program.header.e_shoff = 0;
	program.header.e_shnum = 0;
	program.segment = (elf_segment) {
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_vaddr = 0x400000,
		.p_filesz = sizeof(program),
		.p_memsz = sizeof(program),
		.p_align = 0x10000,
	};
	file = (int) st_want(t, 0, open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700));
	st_want(t, 0, write(file, &program, sizeof(program)));
	st_want(t, 0, fchown(file, uid, gid));
	st_want(t, 0, fchmod(file, mode));
}

static void two_numbers(struct st *t, pid_t pid, const char *name, unsigned int ret[2])
{
	char status[4096], key[20];
	const char *at;

	st_want(t, 0, st_get(pid, "status", sizeof(status), status));
	(void) snprintf(key, sizeof(key), "\n%s:\t", name);
	at = strstr(status, key);
	if (at == NULL || sscanf(at + strlen(key), "%u\t%u", &ret[0], &ret[1]) != 2)
		st_fail(t, "/proc/PID/status has no %s", name);
}

static void read_image(struct st *t, pid_t pid, struct image *ret)
{
	unsigned int uids[2], gids[2];

	two_numbers(t, pid, "Uid", uids);
	two_numbers(t, pid, "Gid", gids);
	*ret = (struct image) {
		.ruid = uids[0],
		.euid = uids[1],
		.rgid = gids[0],
		.egid = gids[1],
		.permitted = st_field(t, pid, "CapPrm", 16),
		.effective = st_field(t, pid, "CapEff", 16),
		.ambient = st_field(t, pid, "CapAmb", 16),
	};
}

UNR_NORETURN static void be_executed(struct st *t, const char *path, st_fn as, int go)
{
	char name[] = "program";
	char *const words[] = { name, NULL };
	char byte;

	if (unr_read_full(go, &byte, 1) != 1)
		unr_child_exit(ECANCELED);
	as(t);
	(void) execve(path, words, words + 1);
	unr_child_exit(errno);
}

/*
 * Execute it in a child that @as has changed; 0, or the errno of execve(2).  The caller keeps its
 * privileges, and it is the one who attaches: set-user-ID does not count under a tracer without
 * them, and one who is asked to trace counts as the one who asks (commit 6994eefb0053).
 */
static int try_execute(struct st *t, const char *path, st_fn as, struct image *ret)
{
	int status = 0, go[2];
	pid_t pid;

	st_want(t, 0, pipe2(go, O_CLOEXEC));
	pid = (pid_t) st_want(t, 0, fork());
	if (pid == 0)
		be_executed(t, path, as, go[0]);
	st_want(t, 0, ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL));
	st_want(t, 0, write(go[1], "G", 1));
	(void) close(go[0]);
	(void) close(go[1]);
	st_want(t, 0, waitpid(pid, &status, 0));
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (status >> 8 != (SIGTRAP | PTRACE_EVENT_EXEC << 8))
		st_fail(t, "the program ended with status %#x before it began",
			(unsigned int) status);
	read_image(t, pid, ret);
	st_want(t, 0, kill(pid, SIGKILL));
	st_want(t, 0, waitpid(pid, &status, 0));
	return 0;
}

static struct image execute(struct st *t, const char *path, st_fn as)
{
	struct image image = { 0 };

	st_equal(t, 0, try_execute(t, path, as, &image));
	return image;
}

static void inside(struct st *t, st_fn run)
{
	st_want(t, 0, chown(".", OUTSIDE, OUTSIDE));
	make_program(t, "plain", 0755, OUTSIDE, OUTSIDE);
	st_inside(t, MAP, run);
}

/* ---- who executes ---- */

static void be_five(struct st *t)
{
	st_become(t, 5, 5);
}

static void drop_one(struct st *t)
{
	st_drop(t, CAP_NET_RAW);
}

static void as_root(struct st *t)
{
	/* Nothing but the ids counts: what was given up comes back with the program. */
	struct image image = execute(t, "plain", drop_one);

	st_equal(t, st_all_capabilities(t), image.permitted);
	st_equal(t, st_all_capabilities(t), image.effective);
	st_equal(t, 0, image.euid);
}

static void root(struct st *t)
{
	inside(t, as_root);
}

static void be_five_and_keep(struct st *t)
{
	st_want(t, 0, prctl(PR_SET_KEEPCAPS, 1));
	st_become(t, 5, 5);
	st_equal(t, st_all_capabilities(t), st_field(t, 0, "CapPrm", 16));
}

static void as_other(struct st *t)
{
	struct image image = execute(t, "plain", be_five_and_keep);

	st_equal(t, 0, image.permitted);
	st_equal(t, 0, image.effective);
	st_equal(t, 5, image.euid);
}

static void other(struct st *t)
{
	inside(t, as_other);
}

static void as_unmapped(struct st *t)
{
	struct image image;

	/* All capabilities, and no id: that of outside is not root here. */
	st_equal(t, st_all_capabilities(t), st_capabilities(t));
	image = execute(t, "plain", st_idle);
	st_equal(t, 0, image.permitted);
	st_equal(t, st_overflow_uid(t), image.euid);
}

static void unmapped(struct st *t)
{
	struct st_child child;

	make_program(t, "plain", 0755, 0, 0);
	st_child_start(t, CLONE_NEWUSER, as_unmapped, &child);
	st_child_end(t, &child);
}

static void be_five_but_real(struct st *t)
{
	st_want(t, 0, setresuid(0, 5, 5));
}

static void as_real_root(struct st *t)
{
	struct image image = execute(t, "plain", be_five_but_real);

	st_equal(t, st_all_capabilities(t), image.permitted);
	st_equal(t, 0, image.effective);
}

static void real_root(struct st *t)
{
	inside(t, as_real_root);
}

static void set_no_root(struct st *t)
{
	st_want(t, 0, prctl(PR_SET_SECUREBITS, SECBIT_NOROOT));
}

static void as_no_root(struct st *t)
{
	struct image image = execute(t, "plain", set_no_root);

	st_equal(t, 0, image.permitted);
	st_equal(t, 0, image.euid);
}

static void no_root(struct st *t)
{
	inside(t, as_no_root);
}

static void raise_ambient(struct st *t)
{
	be_five_and_keep(t);
	st_inherit(t, CAP_NET_RAW);
	st_want(t, 0, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0));
}

static void as_ambient(struct st *t)
{
	struct image image = execute(t, "plain", raise_ambient);

	st_equal(t, NET_RAW, image.permitted);
	st_equal(t, NET_RAW, image.effective);
	st_equal(t, NET_RAW, image.ambient);
}

static void ambient(struct st *t)
{
	inside(t, as_ambient);
}

static void drop_bounding(struct st *t)
{
	st_want(t, 0, prctl(PR_CAPBSET_DROP, CAP_NET_RAW));
}

static void as_bounded(struct st *t)
{
	struct image image = execute(t, "plain", drop_bounding);

	st_equal(t, st_all_capabilities(t) & ~NET_RAW, image.permitted);
}

static void bounded(struct st *t)
{
	inside(t, as_bounded);
}

/* ---- what is executed ---- */

static void as_set_user(struct st *t)
{
	struct image image = execute(t, "set-user", be_five);

	st_equal(t, 5, image.ruid);
	st_equal(t, 7, image.euid);
	st_equal(t, 0, image.permitted);
	image = execute(t, "set-group", be_five);
	st_equal(t, 5, image.rgid);
	st_equal(t, 7, image.egid);
	image = execute(t, "set-root", be_five);
	st_equal(t, 0, image.euid);
	st_equal(t, st_all_capabilities(t), image.effective);
}

static void set_user(struct st *t)
{
	make_program(t, "set-user", 04755, OUTSIDE + 7, OUTSIDE);
	make_program(t, "set-group", 02755, OUTSIDE, OUTSIDE + 7);
	make_program(t, "set-root", 04755, OUTSIDE, OUTSIDE);
	inside(t, as_set_user);
}

/* It is executed, as the one who executes it. */
static void want_ignored(struct st *t, const char *path, st_fn as)
{
	struct image image = execute(t, path, as);

	st_equal(t, 5, image.euid);
	st_equal(t, 5, image.egid);
	st_equal(t, 0, image.permitted);
}

static void as_foreign(struct st *t)
{
	want_ignored(t, "foreign-user", be_five);
	/* Both ids must have a place, whichever bit is set. */
	want_ignored(t, "foreign-group", be_five);
	want_ignored(t, "foreign-both", be_five);
}

static void foreign(struct st *t)
{
	make_program(t, "foreign-user", 06755, 0, OUTSIDE);
	make_program(t, "foreign-group", 04755, OUTSIDE + 7, 0);
	make_program(t, "foreign-both", 06755, 0, 0);
	inside(t, as_foreign);
}

static void five_no_new_privs(struct st *t)
{
	st_become(t, 5, 5);
	st_want(t, 0, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static void as_no_new_privs(struct st *t)
{
	want_ignored(t, "set-root", five_no_new_privs);
}

static void no_new_privs(struct st *t)
{
	make_program(t, "set-root", 04755, OUTSIDE, OUTSIDE);
	inside(t, as_no_new_privs);
}

/* The working directory once more, over itself, with a flag. */
static void remount(struct st *t, unsigned long flag)
{
	char place[256];

	st_want(t, 0, getcwd(place, sizeof(place)) == NULL ? -1 : 0);
	st_want(t, 0, mount(".", place, NULL, MS_BIND, NULL));
	st_want(t, 0, mount(NULL, place, NULL, MS_REMOUNT | MS_BIND | flag, NULL));
	st_want(t, 0, chdir(place));
}

static void as_no_suid(struct st *t)
{
	remount(t, MS_NOSUID);
	want_ignored(t, "set-root", be_five);
}

static void no_suid(struct st *t)
{
	make_program(t, "set-root", 04755, OUTSIDE, OUTSIDE);
	inside(t, as_no_suid);
}

static void as_no_exec(struct st *t)
{
	struct image image;

	remount(t, MS_NOEXEC);
	st_equal(t, EACCES, try_execute(t, "plain", be_five, &image));
}

static void no_exec(struct st *t)
{
	inside(t, as_no_exec);
}

/* A tmpfs of the namespace: a program of its root is no program of ours. */
static void hold_program(struct st *t)
{
	st_tmpfs(t);
	make_program(t, "set-user", 06755, 7, 7);
	st_wait(t);
}

static void foreign_mount(struct st *t)
{
	struct st_child child;

	st_inside_start(t, MAP, hold_program, &child);
	st_child_step(t, &child);
	st_enter_directory(t, &child);
	want_ignored(t, "set-user", be_five);
	st_child_end(t, &child);
}

/* ---- capabilities of files ---- */

static void as_capable_file(struct st *t)
{
	struct image image;

	make_program(t, "capable", 0755, 0, 0);
	st_want(t, 0, st_give_capability("capable"));
	image = execute(t, "capable", be_five);
	st_equal(t, NET_RAW, image.permitted);
	st_equal(t, 0, image.effective);
}

static void capable_file(struct st *t)
{
	inside(t, as_capable_file);
}

static void capable_outside(struct st *t)
{
	inside(t, as_capable_file);
	/* What the namespace's root has given is worth nothing above it. */
	want_ignored(t, "capable", be_five);
}

#define ROOT(case_name, sentence, where, function, ...)                                            \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_ROOT, .run = function, __VA_ARGS__   \
	}

static const struct st_case CASES[] = {
	ROOT("root", "A program of the namespace's root has every capability.", CAPS, root, ),
	ROOT("other", "A program of any other user has none.", CAPS, other, ),
	ROOT("unmapped", "Without a map a program has none either.", USERNS, unmapped, ),
	ROOT("real-root", "With a real id 0 alone they are permitted and not effective.", CAPS,
	     real_root, ),
	ROOT("no-root", "With SECBIT_NOROOT id 0 gives none.", CAPS, no_root, ),
	ROOT("ambient", "Ambient ones stay, for any user.", CAPS, ambient, ),
	ROOT("bounded", "What is not in the bounding set is not given.", CAPS, bounded, ),
	ROOT("set-user", "Set-user-ID and set-group-ID give ids that have a place.", USERNS,
	     set_user, ),
	ROOT("foreign", "Both are ignored where the file's user or group has no place.", USERNS,
	     foreign, ),
	ROOT("no-new-privs", "With no_new_privs both are ignored.", "prctl(2)", no_new_privs, ),
	ROOT("nosuid", "On a nosuid mount both are ignored.", "mount(2)", no_suid, ),
	ROOT("noexec", "On a noexec mount nothing is executed.", "mount(2)", no_exec, ),
	ROOT("foreign-mount", "On a mount of a namespace below both are ignored.",
	     "commit 380cf5ba6b0a", foreign_mount, ),
	ROOT("file-capabilities", "Capabilities that the namespace's root gives to a file count.",
	     CAPS, capable_file, ),
	ROOT("file-capabilities-outside", "Above that namespace they do not count.", CAPS,
	     capable_outside, ),
};

const struct st_group st_group_exec =
	ST_GROUP("exec", "what execve makes of ids and capabilities", CASES);
