# SPDX-License-Identifier: MIT
"""What python tests share: where things are, and what a skip is worth.

A test that cannot run here ends with status 77, which ctest shows as "Skipped";
under USERNS_REPRO_STRICT=1 that is a failure.  Run as a program it lends this
rule to any command: unrtest.py COMMAND [ARGUMENT...]
"""
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


def main():
    """unittest.main() that does not let a skip look like a pass."""
    result = unittest.main(verbosity=2, exit=False).result
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
