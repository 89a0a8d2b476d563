# SPDX-License-Identifier: MIT
"""Hosts that do not allow it, and kernels that lack something: status 77 and a remedy, or a way
round, and never a report that is not true."""
import contextlib
import os
import shutil
import subprocess
import unittest

import background
from background import images, programtest
from programtest import call, unrtest

CLONE_NEWUSER = 0x10000000
IMAGE = images.old_archive(images.bad_image())
SOURCE = os.path.join(unrtest.SOURCE_DIR, "tests", "support", "without.c")

# System calls that a host may refuse, the errno, and the words of the remedy.
CANNOT = {
    "user namespaces are forbidden": ("userns", "--security-opt seccomp=unconfined"),
    "clone3 is forbidden": ("clone3=EPERM", "a seccomp filter is in force"),
    "clone3 is forbidden (AppArmor)": ("clone3=EACCES", "--security-opt apparmor=unconfined"),
    "the limit of namespaces": ("clone3=ENOSPC", "sysctl -w user.max_user_namespaces="),
    "too deep": ("clone3=EUSERS", "nested too deeply"),
    "a kernel without them": ("clone3=EINVAL", "CONFIG_USER_NS"),
    "no mounts inside": ("mount=EPERM", "--security-opt seccomp=unconfined"),
    "no mounts inside (AppArmor)": ("mount=EACCES", "--security-opt apparmor=unconfined"),
    "no other root": ("pivot_root=EPERM", "a seccomp filter is in force"),
    "no ids inside": ("setresuid=EPERM", "a seccomp filter is in force"),
    "no way out of the old root": ("umount2=EPERM", "let go of the host's root directory"),
}
# What can be lacking without harm.
AROUND = ("clone3", "close_range", "close_range=EPERM", "openat2", "openat2=EPERM", "unshare",
          "setgroups=EPERM", "memfd_create", "fallocate", "statx", "getdents64")
# What cannot: one line, status 3, the call or what it was for.
FAILS = {
    "clone3=ENOMEM": "user namespace", "clone3,clone": "user namespace",
    "socketpair=EMFILE": "socketpair", "setresuid=EINVAL": "root", "setresgid=EINVAL": "root",
    "setgroups=ENOMEM": "groups",
    "capset=EPERM": "capabilities", "pivot_root=EIO": "root directory",
    "mount=ENOMEM": "mount", "clone,fork,vfork=ENOMEM": "fork", "mkdir=ENOSPC": "layer 0",
    "chroot=EPERM": "layer 0", "lchown,fchownat=EIO": "lchown", "wait4=EIO": "waitpid",
    "utimensat=ENOSPC": "layer 0", "getrandom": "getrandom",
}


class WithoutTest(programtest.ProgramTest):
    """The program under a filter that refuses system calls."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.without = shutil.which(unrtest.WITHOUT)
        if cls.without is None:
            cls.without = os.path.join(cls.class_folder(), "unr-without")
            compiled = subprocess.run(
                ["cc", "-D_GNU_SOURCE", "-I", os.path.join(unrtest.SOURCE_DIR, "harness",
                                                           "include"),
                 "-o", cls.without, SOURCE, "-lseccomp"], capture_output=True, check=False)
            if compiled.returncode != 0:
                raise unittest.SkipTest("needs unr-without, or cc and libseccomp to make it")

    @classmethod
    def class_folder(cls):
        """A folder that lasts as long as the class."""
        folder = programtest.tempfile.mkdtemp(prefix="unr-test-")
        cls.addClassCleanup(shutil.rmtree, folder)
        return folder

    def setUp(self):
        super().setUp()
        self.image = self.write("app.tar", IMAGE)

    def run_without(self, calls, *words):
        # The leak check of a sanitizer needs some of these calls itself.
        options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        return self.run_program(calls, "--", unrtest.PROGRAM, *words, program=self.without,
                                env=self.environment(ASAN_OPTIONS=options))


class Refused(WithoutTest):
    """The host does not allow it."""

    def test_status_and_remedy(self):
        for name, (calls, remedy) in CANNOT.items():
            with self.subTest(name):
                result = self.run_without(calls, "run", self.image)
                self.assert_error(result, 77, remedy)

    def test_scenarios_are_skipped(self):
        result = self.run_without("userns", "scenario", "run", "npm9", "high-gid")
        self.assertEqual((result.returncode, result.stderr), (77, ""))
        self.assertIn("0 ok, 0 failed, 2 skipped", result.stdout)

    def test_what_needs_no_namespace_goes_on(self):
        for words in (["--help"], ["scenario", "list"], ["scenario", "show", "npm9"],
                      ["scenario", "export", "npm9", self.path("npm9.tar")]):
            with self.subTest(words):
                result = self.run_without("userns", *words)
                self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_a_wrong_word_comes_first(self):
        result = self.run_without("userns", "run", "--format", "yaml", self.image)
        self.assert_error(result, 2, "yaml")


class KeptTree(WithoutTest):
    """What keeping a tree takes, too."""

    @programtest.needs_root("the broker is root's")
    def test_devices_take_openat2(self):
        device = images.entry("null", kind=images.tarfile.CHRTYPE)
        device[0].devmajor, device[0].devminor = 1, 3
        layer = self.write("layer.tar", images.tar(device))
        kept = self.path("kept")
        result = self.run_without("openat2", "run", "--rootfs", kept, "tar:" + layer)
        self.assert_error(result, 77, "openat2(2)")
        self.assertFalse(os.path.lexists(kept))

    def test_what_fails_leaves_nothing(self):
        layer = self.write("layer.tar", images.GOOD_LAYER)
        kept = self.path("kept")
        for calls, words in {"fchown": "hand the tree to the namespace",
                             "renameat=ENOSPC": "keep the tree: No space left"}.items():
            with self.subTest(calls):
                result = self.run_without(calls, "run", "--rootfs", kept, "tar:" + layer)
                self.assert_error(result, 3, words)
                programtest.reap_orphans()
                self.assertFalse(os.path.lexists(kept))


class Around(WithoutTest):
    """Older kernels and strict containers."""

    def test_the_same_report(self):
        # Not without a filter: for an ordinary user a filter alone makes newuidmap useless.
        wanted = self.run_without("acct", "run", self.image)
        for calls in AROUND:
            with self.subTest(calls):
                result = self.run_without(calls, "run", self.image)
                self.assert_refused(result, images.BAD_MESSAGE)
                self.assertEqual(result.stdout, wanted.stdout)

    def test_layouts_without_openat2(self):
        layout = self.path("layout")
        images.write_layout(layout, images.oci_files(images.bad_image()))
        for calls in ("openat2", "openat2=EPERM"):
            result = self.run_without(calls, "run", layout)
            self.assert_refused(result, images.BAD_MESSAGE)
        index = os.path.join(layout, "index.json")
        os.rename(index, self.path("index.json"))
        os.symlink("../index.json", index)
        self.assert_error(self.run_without("openat2", "run", layout), 3, "leads out")

    def test_failures(self):
        for calls, named in FAILS.items():
            with self.subTest(calls):
                result = self.run_without(calls, "run", self.image)
                self.assert_error(result, 3, named)


class Limits(programtest.ProgramTest):
    """The sysctl itself, in a user namespace so that the host's stays as it is."""

    def forbid(self):
        """In the child: no user namespace may be made below this one."""
        uid, gid = os.geteuid(), os.getegid()
        call("unshare", CLONE_NEWUSER)
        for path, text in (("/proc/self/setgroups", b"deny"),
                           ("/proc/self/uid_map", b"0 %d 1" % uid),
                           ("/proc/self/gid_map", b"0 %d 1" % gid),
                           ("/proc/sys/user/max_user_namespaces", b"0")):
            fd = os.open(path, os.O_WRONLY)
            os.write(fd, text)
            os.close(fd)

    def test_no_user_namespaces_left(self):
        path = self.write("app.tar", IMAGE)
        before = self.host_limit()
        with contextlib.ExitStack() as stack:
            stack.callback(lambda: self.assertEqual(self.host_limit(), before))
            result = self.run_program("run", path, preexec_fn=self.forbid)
            self.assert_error(result, 77, "user.max_user_namespaces")

    @staticmethod
    def host_limit():
        """Of the namespace in which the test runs."""
        with open("/proc/sys/user/max_user_namespaces", encoding="ascii") as file:
            return file.read()


if __name__ == "__main__":
    background.programtest.main()
