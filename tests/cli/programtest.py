# SPDX-License-Identifier: MIT
"""A test case around the program: its own folder, its errors, and what it must not leave behind.

The test process adopts orphans (prctl(2), PR_SET_CHILD_SUBREAPER), so whatever outlives the
program becomes a child of the test, which waits for its end: there is nothing to poll for.
"""
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import unrtest
from unrtest import call, needs_ranges, needs_root # pylint: disable=unused-import

PR_SET_CHILD_SUBREAPER = 36
# How many seconds an end may take before it is called a hang, and once there was one.  Only what
# hangs takes them: with other work on the machine a good run may need many.
PATIENCE, IMPATIENCE = 120, 10
# What would change the program's output.
UNWANTED = ("NO_COLOR", "TERM", "TMPDIR", "CLICOLOR_FORCE")


def tmpfs_mounts():
    """The lines of mountinfo that a run could have added."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
        return sorted(line for line in file if " - tmpfs " in line)


_hangs = []


@contextlib.contextmanager
def patience(what):
    """Fails when the block takes for ever."""
    def give_up(_signal, _frame):
        _hangs.append(what)
        raise AssertionError(f"no end of waiting for {what}")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(IMPATIENCE if _hangs else PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def stat_fields(pid):
    """What /proc/PID/stat has behind the name; None when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def read_status(pid):
    """/proc/PID/status; empty when there is no such process."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            return {name: value.strip() for name, _, value in
                    (line.partition(":\t") for line in file)}
    except (FileNotFoundError, ProcessLookupError):
        return {}


def children(parent):
    """The processes that have this parent, zombies left out."""
    found = []
    for name in os.listdir("/proc"):
        fields = stat_fields(name) if name.isdigit() else None
        if fields and int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(name))
    return found


def is_asleep(process):
    """All its threads wait for something."""
    try:
        threads = os.listdir(f"/proc/{process}/task")
    except FileNotFoundError:
        return False
    return all((stat_fields(f"{process}/task/{thread}") or "?")[0] == "S" for thread in threads)


def reap_orphans():
    """Waits until every process that descends from the test is gone."""
    try:
        with patience("a process that outlives the program"), \
                contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
    except AssertionError:
        for pid in children(os.getpid()):
            os.kill(pid, signal.SIGKILL)
        raise


class ProgramTest(unittest.TestCase):
    """Each test has a folder; at its end nothing but that may be left."""

    @classmethod
    def setUpClass(cls):
        call("prctl", PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="unr-test-")
        # Another user may have to read what lies here.
        os.chmod(self.folder, 0o755)
        self.addCleanup(shutil.rmtree, self.folder)
        self.spool = self.path("spool")
        os.mkdir(self.spool)
        os.chmod(self.spool, 0o1777)
        self._mounts = tmpfs_mounts()
        self._processes = []

    def tearDown(self):
        for process in self._processes:
            end(process)
        reap_orphans()
        self.assertEqual(os.listdir(self.spool), [], "temporary files are left")
        self.assertEqual(tmpfs_mounts(), self._mounts, "mounts are left")

    def path(self, name):
        """Of a file in the test's folder."""
        return os.path.join(self.folder, name)

    def write(self, name, data):
        """A file with these bytes; returns its path."""
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def environment(self, **more):
        """What the program finds around itself."""
        env = {name: value for name, value in os.environ.items() if name not in UNWANTED}
        env["USERNS_REPRO_SCENARIOS"] = unrtest.SCENARIOS
        env["TMPDIR"] = self.spool
        env.update(more)
        return env

    def run_program(self, *arguments, **options):
        """unrtest.run() in that environment."""
        options.setdefault("env", self.environment())
        options.setdefault("timeout", 2 * PATIENCE)
        return unrtest.run(*arguments, **options)

    def start_program(self, *arguments, **options):
        """The program in the background; it is ended with the test."""
        options.setdefault("env", self.environment())
        process = subprocess.Popen([unrtest.PROGRAM, *arguments], **options)
        self._processes.append(process)
        return process

    def assert_one_line(self, result, *words):
        """Standard error is one line of the program's, and has the words."""
        self.assertTrue(result.stderr.startswith("userns-repro: "), result.stderr)
        self.assertTrue(result.stderr.endswith("\n"), result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertTrue(result.stderr[:-1].isprintable(), repr(result.stderr))
        for word in words:
            self.assertIn(word, result.stderr)

    def assert_error(self, result, status, *words):
        """One clear line, this exit status, and no report."""
        self.assertEqual(result.returncode, status, result.stderr + result.stdout)
        self.assertEqual(result.stdout, "")
        self.assert_one_line(result, *words)

    def assert_loads(self, result):
        """The image loads under the map, and nothing was complained about."""
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)

    def assert_refused(self, result, *words):
        """The report says that it does not load, and why."""
        self.assertEqual((result.returncode, result.stderr), (1, ""), result.stdout)
        for word in words:
            self.assertIn(word, result.stdout)


def end(process):
    """Ends a process that may have ended, and closes its pipes."""
    if process.poll() is None:
        process.kill()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    process.wait(timeout=PATIENCE)


def main():
    """Complains when there is no program at all; else runs the tests."""
    if not os.access(unrtest.PROGRAM, os.X_OK):
        sys.exit(f"there is no program {unrtest.PROGRAM}")
    unrtest.main()
