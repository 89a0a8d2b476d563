# SPDX-License-Identifier: MIT
"""What python tests share: where things are, and what a skip is worth.

A test that cannot run here ends with status 77, which ctest shows as "Skipped";
under USERNS_REPRO_STRICT=1 that is a failure.  Run as a program it lends this
rule to any command: unrtest.py COMMAND [ARGUMENT...]

Not everybody can run every test.  needs_root() and needs_ranges() mark what only some can; each
mark of a file is a ctest of its own, FILE.PART, which runs FILE --part PART (cmake/UnrTest.cmake).
"""
import ctypes
import functools
import os
import subprocess
import sys
import unittest

SKIPPED = 77
SOURCE_DIR = os.environ.get("UNR_SOURCE_DIR") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("USERNS_REPRO") or os.path.join(
    SOURCE_DIR, "build", "release", "userns-repro")
WITHOUT = os.environ.get("UNR_WITHOUT", "unr-without")
SCENARIOS = os.environ.get("USERNS_REPRO_SCENARIOS") or os.path.join(SOURCE_DIR, "scenarios")
# Who can run a test: anybody, whoever can map 65536 ids, root.  Each can what the one before can.
PARTS = ("anybody", "ranges", "privileged")

libc = ctypes.CDLL(None, use_errno=True)


def call(name, *arguments):
    """A function of libc that returns -1 with errno when it fails."""
    result = getattr(libc, name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def is_strict():
    """Is a skip a failure?"""
    return os.environ.get("USERNS_REPRO_STRICT") == "1"


def is_sanitized(program=PROGRAM):
    """Does it have the address sanitizer in it?  Its shadow is above any limit of memory."""
    with open(program, "rb") as file:
        return b"__asan_init" in file.read()


def skip(reason):
    """End the whole test: it cannot run here."""
    print(f"{os.path.basename(sys.argv[0])}: not run: {reason}", file=sys.stderr, flush=True)
    sys.exit(1 if is_strict() else SKIPPED)


def run(*arguments, program=None, **options):
    """Run userns-repro (or another program) and catch what it prints, as text."""
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("text", True)
    options.setdefault("timeout", 300)
    return subprocess.run([program or PROGRAM, *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, **options)


@functools.lru_cache(None)
def has_ranges():
    """Can whoever runs this map 65536 ids?  Asks the program; without one main() has to complain."""
    try:
        result = run("run", "--format", "json", "scenario:npm9",
                     env=dict(os.environ, USERNS_REPRO_SCENARIOS=SCENARIOS))
    except OSError:
        return True
    return '"map_method": "self"' not in result.stdout


def _marks(part, can_run, why):
    def mark(test):
        test.unr_part = max(PARTS.index(part), getattr(test, "unr_part", 0))
        return unittest.skipUnless(can_run, why)(test)
    return mark


def needs_root(why):
    """A decorator for what only root can set up."""
    return _marks("privileged", os.geteuid() == 0, f"needs root: {why}")


def needs_ranges(why):
    """A decorator for what is nothing with the caller's own id alone."""
    return _marks("ranges", has_ranges(), f"needs subordinate ranges and newuidmap: {why}")


class _PartLoader(unittest.TestLoader):
    """Finds the tests of one part."""

    def __init__(self, part):
        super().__init__()
        self._part = PARTS.index(part)

    def getTestCaseNames(self, testCaseClass):  # unittest's name
        return [name for name in super().getTestCaseNames(testCaseClass)
                if max(getattr(owner, "unr_part", 0) for owner in
                       (testCaseClass, getattr(testCaseClass, name))) == self._part]


def main():
    """unittest.main() for all tests or a part, that does not let a skip look like a pass."""
    loader = unittest.defaultTestLoader
    if sys.argv[1:2] == ["--part"]:
        loader = _PartLoader(sys.argv[2])
        del sys.argv[1:3]
    result = unittest.main(verbosity=2, exit=False, testLoader=loader).result
    if not result.wasSuccessful():
        sys.exit(1)
    if result.testsRun == 0:
        sys.exit("no test was run")
    if result.skipped and is_strict():
        sys.exit(1)
    sys.exit(SKIPPED if len(result.skipped) >= result.testsRun else 0)


def _run_command(command):
    status = subprocess.run(command, check=False).returncode
    if status == SKIPPED and is_strict():
        status = 1
    sys.exit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    _run_command(sys.argv[1:])
