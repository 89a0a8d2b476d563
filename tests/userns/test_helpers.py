# SPDX-License-Identifier: MIT
"""An ordinary user without ranges, or whose newuidmap and newgidmap do not help: what remains, and
that the report says why."""
import os
import shutil
import signal
import subprocess
import unittest

from someone import (AS_ROOT, HELPERS, MS_BIND, MS_NOSUID, MS_REMOUNT, ORDINARY, USER, Someone, call,
                     cover, images, needs_root, programtest)

# What stands in for both helpers, see newuidmap-helpers/tests/helpers; None: not built.
DOUBLE = shutil.which("fake-newuidmap", path=os.environ.get("UNR_HELPER_DIR", ""))


class WithoutHelp(Someone):
    """No ranges, or no helper to map them with: the own id alone."""

    def setUp(self):
        super().setUp()
        if AS_ROOT:
            self.ranges([(300000, 65536)])
        self.place = self.path("helpers")
        os.mkdir(self.place)

    def copies(self):
        """Both helpers as ordinary programs, first on PATH."""
        for name in HELPERS:
            shutil.copy(shutil.which(name) or "/bin/true", os.path.join(self.place, name))
            os.chmod(os.path.join(self.place, name), 0o755)
        return self.place + ":" + os.environ["PATH"]

    @needs_root("sets up a user without ranges")
    def test_no_ranges(self):
        self.ranges([])
        self.assert_self(self.report(), "0 of the 65,536 uids" if shutil.which(HELPERS[0])
                         else "not on PATH")

    @needs_root("sets up a user without ranges")
    def test_the_text_says_so(self):
        self.ranges([])
        result = self.run_as("run", "tar:" + self.write("layer.tar", images.BAD_LAYER))
        self.assert_refused(result, images.BAD_MESSAGE, f"inside 0 -> outside {USER}")

    def test_not_on_the_path(self):
        self.assert_self(self.report(PATH="/nonexistent"), "newuidmap is not on PATH")

    def test_an_empty_path(self):
        self.assert_self(self.report(PATH=""), "newuidmap is not on PATH")

    def test_only_one_of_the_two(self):
        self.copies()
        os.unlink(os.path.join(self.place, "newgidmap"))
        report = self.report(PATH=self.place)
        self.assert_self(report, "newuidmap is neither setuid root")

    def test_not_in_the_working_directory(self):
        self.copies()
        report = self.report(PATH=".:helpers")
        self.assert_self(report, "newuidmap is not on PATH")

    def test_not_setuid(self):
        self.assert_self(self.report(PATH=self.copies()),
                         f"{self.place}/newuidmap is neither setuid root")

    @unittest.skipUnless(shutil.which(HELPERS[0]), "needs newuidmap")
    def test_no_new_privileges(self):
        self.no_new_privs = True
        self.assert_self(self.report(), "no_new_privs")

    @needs_root("mounts nosuid")
    def test_mounted_nosuid(self):
        path = self.copies()
        for name in HELPERS:
            os.chmod(os.path.join(self.place, name), 0o4755)

        def mount_nosuid():
            cover(self.place, self.place)
            call("mount", None, self.place.encode(), None,
                 MS_REMOUNT | MS_BIND | MS_NOSUID, None)

        self.helper_folder = mount_nosuid
        self.assert_self(self.report(PATH=path), "nosuid")

    def put_helper(self, name, source, mode=None):
        """A program that looks right: setuid root.  Returns PATH."""
        path = os.path.join(self.place, name)
        shutil.copy(source, path)
        os.chmod(path, 0o4755)
        if mode is not None:
            with open(path + ".mode", "w", encoding="ascii") as file:
                file.write(mode)
        return self.place

    @needs_root("makes programs that are setuid root")
    def test_helpers_that_fail(self):
        # They look right until they are run.  The next method is taken, and the reason told.
        for source, words in {"/bin/false": "newuidmap ended with exit status 1",
                              "/bin/true": "newuidmap reported success, but wrote 0"}.items():
            with self.subTest(source):
                for name in HELPERS:
                    path = self.put_helper(name, source)
                self.assert_self(self.report(PATH=path), "not root", words)

    @needs_root("makes programs that are setuid root")
    @unittest.skipUnless(DOUBLE, "needs fake-newuidmap; run it by ctest")
    def test_doubles(self):
        for mode, words in {"refuse": "newgidmap: gid range [0-1) -> [5-6) not allowed",
                            "die": "newgidmap was killed by signal 9",
                            "nothing": "newgidmap reported success, but wrote 0 of 65536 gids",
                            "chatter": "newgidmap ended with exit status 3"}.items():
            with self.subTest(mode):
                self.put_helper("newuidmap", DOUBLE, "write")
                path = self.put_helper("newgidmap", DOUBLE, mode)
                report = self.report(PATH=path)
                self.assert_self(report, words)
                self.assertLess(len(report["map_note"]), 480)
                text = self.run_as("run", "tar:" + self.path("layer.tar"), PATH=path).stdout
                self.assertIn(words, " ".join(text.split()))

    @needs_root("makes programs that are setuid root")
    @unittest.skipUnless(DOUBLE, "needs fake-newuidmap; run it by ctest")
    def test_a_helper_that_hangs(self):
        # It has ten seconds; then the report says who did not end.
        self.put_helper("newuidmap", DOUBLE, "write")
        path = self.put_helper("newgidmap", DOUBLE, "hang")
        self.assert_self(self.report(PATH=path),
                         f"{path}/newgidmap did not end within 10000 ms and was killed")

    @needs_root("makes programs that are setuid root")
    @unittest.skipUnless(DOUBLE, "needs fake-newuidmap; run it by ctest")
    def test_an_interrupt_while_a_helper_hangs(self):
        self.put_helper("newgidmap", DOUBLE, "write")
        path = self.put_helper("newuidmap", DOUBLE, "hang")
        os.mkfifo(path + "/newuidmap.argv")
        image = self.write("layer.tar", ORDINARY)
        process = self.start_program("run", "tar:" + image, executable=self.program,
                                     preexec_fn=self.become_leader,
                                     env=self.environment(PATH=path), stderr=subprocess.PIPE)
        with programtest.patience("the helper"), \
                open(path + "/newuidmap.argv", encoding="ascii") as begun:
            self.assertIn("\n300000\n65536\n", begun.read())
        # As a terminal does it: to the whole group, setuid programs too.
        os.killpg(process.pid, signal.SIGINT)
        with programtest.patience("the end"):
            self.assertEqual(process.wait(), -signal.SIGINT)

    def become_leader(self):
        """In the child: a process group of its own."""
        os.setpgrp()
        self.become()

    def test_single(self):
        report = self.report(images.GOOD_LAYER, 0, ("--profile", "single"), PATH="/nonexistent")
        self.assertEqual(report["host"]["map_method"], "self")
        self.assertEqual(report["map"]["uid"][0]["count"], 1)
        self.assertNotIn("engine_map", report)


if __name__ == "__main__":
    programtest.main()
