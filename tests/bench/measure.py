# SPDX-License-Identifier: MIT
"""Runs one command and measures it: time in one run, memory and system calls in another.

A daemon's share counts: its CPU time, its memory and its calls are added to the command's.
Nothing here knows what a command does.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from typing import NamedTuple

import groups

TICKS = os.sysconf("SC_CLK_TCK")
COUNTER = "raw_syscalls:sys_enter"


class Refused(Exception):
    """A tool did not do what it was asked; the words are its own."""


class Time(NamedTuple):
    """One timed run, in seconds."""

    wall: float
    cpu: float


def _cpu_of(pids):
    """CPU time so far of processes and of those they have waited for."""
    ticks = 0
    for pid in pids:
        with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as file:
            ticks += sum(int(field) for field in file.read().rpartition(")")[2].split()[11:15])
    return ticks / TICKS


def _start(command, output):
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                            start_new_session=True)


def _wait(process):
    """Its status and what it used; whoever interrupts this ends it, and what it started."""
    try:
        return os.wait4(process.pid, 0)[1:]
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


def _finish(process, status, good, output):
    """Records that the process was waited for; raises where its status is not a good one."""
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in good:
        output.seek(0)
        lines = [line for line in output.read().decode(errors="replace").splitlines() if line]
        # The last line is the reason, of these tools.
        raise Refused(lines[-1] if lines else "exit %d" % process.returncode)


def timed(command, good=(0,), daemon=()):
    """Time of one run."""
    with tempfile.TemporaryFile() as output:
        before = _cpu_of(daemon)
        start = time.monotonic()
        process = _start(command, output)
        status, usage = _wait(process)
        wall = time.monotonic() - start
        _finish(process, status, good, output)
        return Time(wall, usage.ru_utime + usage.ru_stime + _cpu_of(daemon) - before)


class Counter:
    """Counts system calls: perf(1) where it can, else strace(1), which cannot follow a daemon."""

    def __init__(self):
        self.tool = self._choose()

    @staticmethod
    def _choose():
        probe = ["perf", "stat", "-x,", "-e", COUNTER, "true"]
        if shutil.which("perf"):
            done = subprocess.run(probe, check=False, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            if done.returncode == 0 and re.search(r"^\d+,", done.stderr, re.MULTILINE):
                return "perf"
        return "strace" if shutil.which("strace") else None

    def around(self, command, result):
        """The command, which also writes its count to the file @result."""
        if self.tool == "perf":
            return ["perf", "stat", "-x,", "-e", COUNTER, "-o", result, "--"] + command
        if self.tool == "strace":
            return ["strace", "-f", "-q", "-c", "-o", result, "--"] + command
        return command

    def beside(self, command, result, daemon):
        """The command, during which the calls of the daemon are written to @result."""
        return ["perf", "stat", "-x,", "-e", COUNTER, "-o", result, "-p",
                ",".join(map(str, daemon)), "--"] + command

    def read(self, result):
        """The count in a file."""
        pattern = {"perf": r"^(\d+),,raw_syscalls", "strace": r"^100\.00.*?(\d+)(?: +\d+)? total"}
        with open(result, encoding="ascii", errors="replace") as file:
            found = re.search(pattern[self.tool], file.read(), re.MULTILINE)
        return int(found.group(1)) if found else None


def _counted(counter, command, work, daemon):
    """The command with its counters around it, and the files that they write."""
    own, other = os.path.join(work, "own"), os.path.join(work, "daemon")
    if counter.tool is None or (daemon and counter.tool != "perf"):
        return command, []
    command = counter.around(command, own)
    if not daemon:
        return command, [own]
    return counter.beside(command, other, daemon), [own, other]


def inspected(counter, command, good=(0,), daemon=(), daemon_group=None):
    """Peaks of memory by part, and system calls, of a run that is not timed."""
    with contextlib.ExitStack() as stack:
        output = stack.enter_context(tempfile.TemporaryFile())
        work = stack.enter_context(tempfile.TemporaryDirectory(prefix="userns-repro-bench-"))
        peaks = None
        with contextlib.suppress(OSError):
            group = stack.enter_context(groups.Group("run"))
            command = group.entering(command)
            if daemon_group is not None or not daemon:
                peaks = groups.Peaks([group] + ([daemon_group] if daemon_group else []))
        command, files = _counted(counter, command, work, daemon)
        with peaks or contextlib.nullcontext():
            process = _start(command, output)
            status, _ = _wait(process)
        _finish(process, status, good, output)
        found = dict(peaks.found) if peaks else {}
        counts = [counter.read(path) for path in files]
        if counts and None not in counts:
            found["calls"] = sum(counts)
        return found
