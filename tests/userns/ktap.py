# SPDX-License-Identifier: MIT
"""A strict reader of KTAP version 1, as Documentation/dev-tools/ktap.rst of the kernel has it."""
import dataclasses
import re

RESULT = re.compile(r"(ok|not ok) ([0-9]+) ([^#]*[^# ])(?: # (SKIP|TIMEOUT) (.*\S) ?)?$")
PLAN = re.compile(r"1\.\.([0-9]+)$")
VERSION = "KTAP version 1"
INDENT = "  "


class Malformed(Exception):
    """A line that has no place where it stands."""


@dataclasses.dataclass
class Result:
    """One test, with its subtests and the diagnostics in front of it."""
    name: str
    ok: bool
    directive: str
    reason: str
    notes: list
    subtests: list

    @property
    def outcome(self):
        return self.directive.lower() if self.directive else ("ok" if self.ok else "not ok")


class Reader:
    """Takes line after line; every one has to be what may stand there."""

    def __init__(self, text):
        if not text.endswith("\n"):
            raise Malformed("the last line has no end")
        self.lines = text.split("\n")[:-1]
        self.at = 0

    def peek(self, depth):
        """The next line without its indentation; None when it is less deep, or there is none."""
        if self.at == len(self.lines):
            return None
        line = self.lines[self.at]
        if not line.startswith(INDENT * depth):
            return None
        return line[len(INDENT) * depth:]

    def take(self, depth, what):
        line = self.peek(depth)
        if line is None:
            raise Malformed(f"line {self.at + 1}: {what} is wanted")
        self.at += 1
        return line

    def notes(self, depth):
        found = []
        while (self.peek(depth) or "").startswith("#"):
            found.append(self.take(depth, "a diagnosis")[1:].strip())
        return found

    def block(self, depth):
        """Version, plan, and as many results as it says."""
        if self.take(depth, "the version") != VERSION:
            raise Malformed(f"line {self.at}: not the version")
        plan = PLAN.match(self.take(depth, "a plan"))
        if not plan:
            raise Malformed(f"line {self.at}: not a plan")
        return [self.result(depth, number + 1) for number in range(int(plan.group(1)))]

    def result(self, depth, number):
        notes = self.notes(depth)
        subtests = []
        if self.peek(depth + 1) is not None:
            subtests = self.block(depth + 1)
        notes += self.notes(depth)
        line = self.take(depth, "a result")
        match = RESULT.match(line)
        if not match or int(match.group(2)) != number:
            raise Malformed(f"line {self.at}: not the result {number}: {line!r}")
        result = Result(match.group(3), match.group(1) == "ok", match.group(4) or "",
                        match.group(5) or "", notes, subtests)
        check(result, self.at)
        return result


def check(result, line):
    """What a result has to do with its directive and its subtests."""
    if result.directive == "TIMEOUT" and result.ok:
        raise Malformed(f"line {line}: TIMEOUT is not ok")
    if result.subtests and result.ok != all(one.ok for one in result.subtests):
        raise Malformed(f"line {line}: not what its subtests come to")


def read(text):
    """The tests of the outermost level."""
    reader = Reader(text)
    found = reader.block(0)
    if reader.at != len(reader.lines):
        raise Malformed(f"line {reader.at + 1}: behind the end: {reader.lines[reader.at]!r}")
    return found
