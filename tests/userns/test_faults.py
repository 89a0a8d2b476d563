# SPDX-License-Identifier: MIT
"""Each system call that a run makes fails once, at one place after the other.

Whatever fails: the verdict is the one without the fault, or there is one line and status 3 or 77; it is
never another verdict, never a signal, and nothing is left behind.
"""
import contextlib
import gzip
import os
import random
import shutil
import signal
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
# pylint: disable=wrong-import-position
import images
import programtest
from programtest import unrtest

FAULT = os.environ.get("UNR_FAULT")

# What each call is made to answer.  Left out: exit and the like, which cannot fail; futex and
# rt_sigaction, with which libc ends a process by itself; umask, getpid and others without an error;
# setuid and setgid, whose answer is part of the verdict.
FILES = "EIO", "EINTR"
MAKING = "ENOSPC", "EIO", "ENOMEM"
OPENING = "EMFILE", "ENOMEM", "EIO", "EINTR"
MEMORY = ("ENOMEM",)
REFUSED = "EPERM", "ENOSYS"
CALLS = {
    **dict.fromkeys(("openat", "memfd_create", "socketpair", "pipe2"), OPENING),
    **dict.fromkeys(("read", "pread64", "lseek", "newfstatat", "close", "fcntl", "readlink",
                     "getdents64"), FILES),
    **dict.fromkeys(("write", "pwrite64", "ftruncate", "mkdir", "mknod", "symlink", "link",
                     "rename", "renameat", "mkdirat", "mknodat", "symlinkat", "linkat",
                     "renameat2"), MAKING),
    **dict.fromkeys(("chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat",
                     "utimensat", "statfs", "fstatfs", "ioctl", "dup2", "execve", "execveat",
                     "unlink", "unlinkat", "rmdir", "lsetxattr", "setxattr"), FILES),
    **dict.fromkeys(("mmap", "munmap", "brk", "mprotect"), MEMORY),
    **dict.fromkeys(("clone", "wait4"), ("EAGAIN", "ENOMEM", "EINTR")),
    **dict.fromkeys(("clone3", "mount", "umount2", "pivot_root", "chroot", "chdir", "fchdir",
                     "setgroups", "setresuid", "setresgid", "setsid", "capset", "capget",
                     "seccomp", "pidfd_open", "sethostname", "signalfd4", "keyctl", "unshare",
                     "prlimit64", "close_range", "openat2", "prctl", "statx", "kill", "getrandom",
                     "sysinfo", "sched_getaffinity"), REFUSED),
    **dict.fromkeys(("sendmsg", "recvmsg", "sendto", "recvfrom"), ("EIO", "EINTR", "EMFILE")),
    **dict.fromkeys(("poll", "ppoll"), ("EINTR", "ENOMEM")),
}
# Those of a way that makes more of them than the plain run.
SPOOLING = ("openat", "read", "pread64", "write", "pwrite64", "lseek", "fcntl", "close", "sendmsg",
            "recvmsg", "mmap", "newfstatat")
ASKING = ("openat", "openat2", "read", "pread64", "write", "lseek", "fcntl", "close", "sendmsg",
          "recvmsg", "sendto", "recvfrom", "poll", "newfstatat", "statx")
# Of one call and one errno, at most so many places.
PLACES = 6
# Seldom is a place what makes the difference, but the same run must be had again.
SEED = 20261122


# Missing on older kernels, or kept from containers...
MISSING = ("clone3", "openat2", "close_range", "statx", "memfd_create", "pidfd_open", "fchmodat2",
           "renameat2", "seccomp", "setgroups", "setresuid", "setresgid", "mount", "pivot_root",
           "umount2", "capset", "capget", "prctl", "prlimit64", "getrandom", "rseq", "chroot",
           "sched_getaffinity", "socketpair", "pipe2", "setsid", "unshare", "statfs")
# ...and whose EPERM is an answer of the kernel that counts as one.
ANSWERED = ("mknod", "mknodat", "lsetxattr", "setxattr", "utimensat", "fchownat", "lchown", "link",
            "linkat", "symlink")
# Calls that mark moments: each process makes some of them, all the time.
MOMENTS = ("read", "write", "openat", "close", "newfstatat", "mmap", "prctl", "mkdirat", "fchownat",
           "poll", "wait4", "clone", "fchmod", "utimensat")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


class Faults(programtest.ProgramTest):
    """One run without a fault, and then very many with one."""

    def setUp(self):
        super().setUp()
        self.rng = random.Random(SEED)
        self.image = self.make_image()
        self.app = self.write("app.tar", images.old_archive(self.image))
        self.is_sanitized = unrtest.is_sanitized()

    def environment(self, **more):
        """The leak checker stops the program, and waits forever when a call of its own fails."""
        options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        return super().environment(ASAN_OPTIONS=options, **more)

    def run_with(self, call, error, place, *words):
        """The result, and how many such calls there were."""
        counted = self.path("count")
        result = self.run_program(f"{call}={error}@{place}", counted, "--", unrtest.PROGRAM,
                                  *words, program=FAULT)
        if result.returncode == 125:
            self.skipTest("needs seccomp_unotify(2), Linux 5.5: " + result.stderr)
        with open(counted, encoding="ascii") as file:
            return result, int(file.read())

    def places(self, start, count, most):
        """Behind the loader's calls, which are not ours: the first ones, the last, some between."""
        found = list(range(start + 1, count + 1))
        if len(found) > most:
            found = sorted(set(found[:3] + found[-2:] +
                               self.rng.sample(found[3:-2], min(most - 5, len(found) - 5))))
        return found

    def judge(self, result, good, usual=""):
        """What is wrong with the outcome; None: nothing.  @usual: what is said without a fault."""
        if (result.returncode, result.stdout) == good:
            return None
        # Who is not root may be left with the own id alone; then the kernel answers less.
        if os.geteuid() != 0 and result.returncode == good[0] and \
                result.stdout.split("\n")[0] == good[1].split("\n")[0]:
            return None
        # 126: the command of a shell cannot be run.
        if result.returncode not in (3, 77) + ((126,) if good[0] == 127 else ()):
            return f"status {result.returncode}"
        if result.stdout:
            return "a report, too"
        lines = [line for line in result.stderr.splitlines() if line not in usual.splitlines()]
        if len(lines) != 1 or not lines[0].startswith("userns-repro: "):
            return "not one line"
        return None

    def sweep(self, *words, after=lambda result: None, calls=tuple(CALLS), statuses=(0, 1),
              most=PLACES):
        """All errnos and places of these calls."""
        wrong, runs = [], 0
        for call in calls:
            errors = CALLS[call]
            if self.is_sanitized and errors == MEMORY:
                continue # the sanitizer's own answer is to end the process
            _, start = self.run_with(call, errors[0], 0, "--version")
            reference, count = self.run_with(call, errors[0], 0, *words)
            after(reference)
            good = reference.returncode, reference.stdout
            self.assertIn(reference.returncode, statuses, reference.stderr)
            for error in errors:
                for place in self.places(start, count, most):
                    result, _ = self.run_with(call, error, place, *words)
                    runs += 1
                    text = self.judge(result, good, reference.stderr)
                    if text is not None:
                        wrong.append(f"{call}={error}@{place} of {count}: {text}: "
                                     f"{result.stderr[:300]!r} {result.stdout[:300]!r}")
                    text = after(result)
                    if text is not None:
                        wrong.append(f"{call}={error}@{place}: {text}: {result.stderr[:300]!r}")
                    left = os.listdir(self.spool)
                    if left:
                        wrong.append(f"{call}={error}@{place}: left: {left}")
                        shutil.rmtree(self.spool)
                        os.mkdir(self.spool)
        self.assertGreater(runs, 20)
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))

    def make_image(self):
        """Every kind of entry, an owner outside the map, a compressed layer, a USER."""
        layers = (images.tar(images.entry("etc", kind=images.DIRECTORY),
                             images.entry("etc/passwd", data=b"u:x:5:6::/:/bin/sh\n"),
                             images.entry("etc/group", data=b"u:x:6:\n")),
                  images.tar(images.entry("d/e/f", data=b"x" * 3000),
                             images.entry("l", kind=images.SYMLINK, link="d"),
                             images.entry("h", kind=images.tarfile.LNKTYPE, link="d/e/f"),
                             images.entry("p", kind=images.tarfile.FIFOTYPE),
                             images.entry("etc/.wh.group"),
                             images.entry("high", 1000000, 1000000)))
        return images.Image(*layers, user="u", compress=True)

    def test_run(self):
        self.sweep("run", "--progress", "none", self.app)

    def test_spooled(self):
        """What is compressed as a whole goes into a temporary file first."""
        path = self.write("app.tar.gz", gzip.compress(images.old_archive(self.image)))
        self.sweep("run", "--progress", "none", path, calls=SPOOLING)

    def test_directory(self):
        """Of an OCI layout, whose files the child asks the parent for."""
        images.write_layout(self.path("layout"), images.oci_files(self.image))
        self.sweep("run", "--progress", "none", "oci:" + self.path("layout"), calls=ASKING)

    def test_shell(self):
        """A command that is not there, so that no system is needed to run one."""
        # The program executes a copy of itself: there the loader's calls for memory come again.
        calls = [call for call, errors in CALLS.items() if errors != MEMORY]
        self.sweep("shell", self.app, "--", "/nothing", calls=calls, statuses=(127,))

    def test_kept_tree(self):
        tree = self.path("tree")

        def clear(result):
            left = os.path.lexists(tree)
            if left and "cannot write the text report" in result.stderr:
                result.returncode = 1 # it is there all the same
            if left:
                self.assertEqual(self.run_program("rm", tree).returncode, 0)
            if left == (result.returncode in (0, 1)):
                return None
            return "a tree is left" if left else "the tree is not there"

        self.sweep("run", "--progress", "none", "--rootfs", tree,
                   self.app, after=clear)

    def test_listing(self):
        """Of a layer that hides what is below it, by the driver that then looks what there is."""
        layers = (images.tar(*(images.entry(f"d/{i}") for i in range(3))),
                  images.tar(images.entry("d/.wh..wh..opq"), images.entry("d/new")))
        path = self.write("opaque.tar", images.old_archive(images.Image(*layers)))
        tree = self.path("tree")

        def look(result):
            found = os.path.lexists(tree) and sorted(os.listdir(os.path.join(tree, "rootfs", "d")))
            if found:
                self.assertEqual(self.run_program("rm", tree).returncode, 0)
            good = ["new"] if result.returncode == 0 else False
            return None if found == good or "text report" in result.stderr else f"found {found}"

        self.sweep("run", "--progress", "none", "--driver", "vfs", "--rootfs", tree, path,
                   after=look, calls=("getdents64",), most=40)

    def test_calls_that_are_missing(self):
        words = "run", "--progress", "none", self.app
        reference = self.run_program(*words)
        good, wrong = (reference.returncode, reference.stdout), []
        for call, error in [(call, error) for call in MISSING for error in REFUSED] + \
                [(call, "ENOSYS") for call in ANSWERED]:
            if self.is_sanitized and call == "prlimit64":
                continue # as above
            result = self.run_program(f"{call}={error}", "--", unrtest.PROGRAM, *words,
                                      program=unrtest.WITHOUT)
            text = self.judge(result, good)
            if text is not None:
                wrong.append(f"{call}={error}: {text}: {result.stderr[:300]!r} "
                             f"{result.stdout[:300]!r}")
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))

    def end_at(self, call, number, place, asker, tree):
        """What is wrong after a signal at that moment; None: nothing."""
        name = number.name + ("!" if asker else "")
        result, _ = self.run_with(call, name, place, "run", "--progress", "none", "--rootfs",
                                  tree, self.app)
        left = os.path.lexists(tree)
        # Once it is complete and where it is to stay, an end that comes later leaves it there.
        whole = left and sorted(os.listdir(tree)) == ["0", "1"]
        # SIGKILL before there is anybody who removes it leaves it empty, and the caller's own.
        empty = left and number == signal.SIGKILL and sorted(os.listdir(tree)) in ([], ["partial"])
        if empty:
            self.assertEqual(os.stat(tree).st_uid, os.geteuid())
            for path in ("partial", ""):
                with contextlib.suppress(FileNotFoundError):
                    os.rmdir(os.path.join(tree, path))
        elif left:
            self.assertEqual(self.run_program("rm", tree).returncode, 0)
        text = None
        if result.returncode not in (1, 3, 128 + number):
            text = f"status {result.returncode}"
        elif not (whole if result.returncode == 1 else whole or empty or not left):
            text = "a tree is left" if left else "the tree is not there"
        elif os.listdir(self.spool):
            text = f"left: {os.listdir(self.spool)}"
        return text and f"{call}={name}@{place}: {text}: {result.stderr[:300]!r}"

    def test_a_hundred_moments(self):
        """Of the whole run, for the program and for whoever makes the call; all processes end."""
        tree, counts, wrong = self.path("tree"), {}, []
        for call in MOMENTS:
            _, start = self.run_with(call, "EIO", 0, "--version")
            _, count = self.run_with(call, "EIO", 0, "run", "--progress", "none", "--rootfs",
                                     tree, self.app)
            self.assertEqual(self.run_program("rm", tree).returncode, 0)
            self.assertGreater(count, start, f"{call} marks nothing any more")
            counts[call] = start + 1, count
        for asker in (False, True):
            for _ in range(100):
                call = self.rng.choice(MOMENTS)
                number = signal.SIGKILL if asker else self.rng.choice(SIGNALS)
                text = self.end_at(call, number, self.rng.randint(*counts[call]), asker, tree)
                wrong += [text] if text else []
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))


if __name__ == "__main__":
    if not FAULT:
        unrtest.skip("needs unr-fault; run it by ctest")
    programtest.main()
