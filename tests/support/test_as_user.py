# SPDX-License-Identifier: MIT
"""tests/as-user: whom it makes up, what it leaves out, what it does not let pass."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
# pylint: disable=wrong-import-position
import programtest
import unrtest
from unrtest import needs_root

AS_USER = os.path.join(unrtest.SOURCE_DIR, "tests", "as-user")
# What a test of the user runs.
IDS = 'test "$(id -u):$(id -g):$(id -G):$(id -un)" = 54321:54322:54322:unr-somebody'
GRANTED = "grep -qx unr-somebody:100000:65536 /etc/subuid && cmp /etc/subuid /etc/subgid"
PLACES = 'touch "$HOME/x" Testing/x && rm "$HOME/x" && ! touch x && test ! -w CTestTestfile.cmake'


class AsUser(unittest.TestCase):
    """On a build folder that is closed to others, with a test of the test's own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="unr-test-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.build = os.path.join(self.folder, "build")
        self.temporary = os.path.join(self.folder, "tmp")
        for path in (self.build, self.temporary):
            os.mkdir(path)

    def write_test(self, script, labels="cli"):
        """The build has this test, and no other."""
        with open(os.path.join(self.build, "CTestTestfile.cmake"), "w", encoding="utf-8") as file:
            file.write(f"add_test(one sh -c [==[{script}]==])\n"
                       f"set_tests_properties(one PROPERTIES LABELS [==[{labels}]==]\n"
                       "  SKIP_RETURN_CODE 77)\n")

    def run_as(self, kind, script, labels="cli", options=()):
        """Runs it as the one test of that build."""
        self.write_test(script, labels)
        result = subprocess.run([AS_USER, kind, "--test-dir", self.build, *options],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                                env=dict(os.environ, TMPDIR=self.temporary))
        self.assertEqual(os.listdir(self.temporary), [])
        self.assertEqual(os.listdir(self.build), ["CTestTestfile.cmake"])
        return result

    def assert_passes(self, *words, **more):
        result = self.run_as(*words, **more)
        self.assertEqual(result.returncode, 0, result.stdout)

    def assert_fails(self, text, *words, **more):
        result = self.run_as(*words, **more)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(text, result.stdout)

    def test_wrong_words(self):
        self.assert_fails("usage: tests/as-user ranges|none", "nobody", "true")

    @needs_root("makes users up")
    def test_user(self):
        for kind, granted in (("ranges", GRANTED), ("none", f"! ({GRANTED})")):
            for script in (IDS, granted, PLACES, 'test "$USERNS_REPRO_STRICT" = 1'):
                with self.subTest(kind, script=script):
                    self.assert_passes(kind, script)

    @needs_root("makes users up")
    def test_what_is_left_out(self):
        for kind, left_out in (("none", True), ("ranges", False)):
            for labels in ("cli;ranges", "ranges"):
                with self.subTest(kind, labels=labels):
                    if left_out:
                        self.assert_fails("No tests were found", kind, "true", labels)
                    else:
                        self.assert_passes(kind, "true", labels)
            for labels in ("cli;privileged", "judges;dockerd", "vm", "lint;build"):
                self.assert_fails("No tests were found", kind, "true", labels)

    @needs_root("makes users up")
    def test_an_end_leaves_nothing(self):
        """Not even of a test that takes for ever: who is left becomes this process' child."""
        unrtest.call("prctl", programtest.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self.write_test('mkfifo "$TMPDIR/x" && echo up && exec cat "$TMPDIR/x"')
        with subprocess.Popen([AS_USER, "none", "--test-dir", self.build, "-V"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env=dict(os.environ, TMPDIR=self.temporary)) as process:
            with programtest.patience("the test"):
                while "1: up" not in process.stdout.readline():
                    self.assertIsNone(process.poll())
            process.terminate()
            with programtest.patience("the end"):
                self.assertNotEqual(process.wait(), 0)
        programtest.reap_orphans()
        self.assertEqual(os.listdir(self.temporary), [])

    @needs_root("makes users up")
    def test_labels_by_hand(self):
        self.assert_passes("none", "true", options=("-L", "cli|unit"))
        self.assert_passes("none", "true", options=("-L", "cli", "-LE", "unit"))
        for options in (("-L", "unit"), ("-LE", "cli"), ("-L", "cli", "-LE", "cli")):
            self.assert_fails("No tests were found", "none", "true", options=options)
        self.assert_fails("No tests were found", "none", "true", "cli;ranges", ("-LE", "unit"))

    @needs_root("makes users up")
    def test_what_does_not_pass(self):
        self.assert_fails("1 tests failed out of 1", "none", "exit 1")
        self.assert_fails("left behind: x", "none", 'touch "$TMPDIR/x"')
        unmarked = f'exec "{sys.executable}" "{__file__}" AsUser.test_user'
        self.assert_fails("needs root: makes users up", "ranges", unmarked)


if __name__ == "__main__":
    unrtest.main()
