# SPDX-License-Identifier: MIT
"""docs/kernels.md: what each kernel answered, and why where it is not what the newest answers.

A reason is what a test itself says: why it was skipped, or what an older kernel promises instead.
A difference without one cannot be written down.
"""
import json
import subprocess

import outcome

HEAD = """\
# Kernels

Written by `{command}` from what these kernels answered, not
by hand. Each was booted under qemu with the program, and asked as root and as an ordinary user with
65536 subordinate ids.

| column | kernel | package version | from |
|---|---|---|---|
"""
LEGEND = """
In a cell: `ok` as root and as the user; the one that is named, where the other cannot try it; `-`
where neither can. A number leads to the reason, at the end.
"""


class Unexplained(Exception):
    """Kernels differ, and no test says why."""


class Page:
    """Collects lines and the reasons that they refer to."""

    def __init__(self, outcomes):
        self._outcomes = outcomes
        self._reasons = {}
        self._unexplained = []
        self.lines = []

    def add(self, text):
        """Any text."""
        self.lines.append(text)

    def table(self, first, names, words):
        """A row a test: @words(name) and how it came out on each kernel."""
        self.add(f"\n| {first} | {' | '.join(map(_column, self._outcomes))} |\n"
                 f"|---|{'---|' * len(self._outcomes)}\n")
        for name in names:
            cells = [_Cell(one.by_user(name), one.users()) for one in self._outcomes]
            marks = [self._mark(name, cell, cells[-1]) for cell in cells]
            self.add(f"| {words(name)} | {' | '.join(marks)} |\n")

    def _mark(self, name, cell, newest):
        differs = cell.word != newest.word
        reasons = cell.reasons(differs)
        if (differs and not reasons) or cell.failed:
            self._unexplained.append(f"{name}: {cell.word}")
        numbers = [self._reasons.setdefault(reason, len(self._reasons) + 1) for reason in reasons]
        return cell.word + (f" ({', '.join(map(str, numbers))})" if numbers else "")

    def end(self):
        """The reasons; or none of it, when one is missing."""
        if self._unexplained:
            raise Unexplained("; ".join(self._unexplained))
        self.add("\n## Reasons\n\n")
        for reason, number in self._reasons.items():
            self.add(f"{number}. {reason}\n")


class _Cell:
    """A test on one kernel, by user."""

    def __init__(self, tests, users):
        self._tests = tests
        self.failed = any(test.outcome == "not ok" for test in tests.values())
        able = [user for user, test in tests.items() if test.outcome == "ok"]
        self.word = ("**not ok**" if self.failed else "-" if not able else
                     "ok" if len(able) == len(users) else able[0])

    def reasons(self, differs):
        """What an older kernel does instead; and why it is skipped, if that is news."""
        found = []
        for test in self._tests.values():
            found += [line.partition(": ")[2] for line in test.output
                      if line.startswith(f"{test.name}: ")]
            if test.outcome == "skip" and (differs or self.word == "-"):
                found.append(test.reason.partition(" ")[2])
        return list(dict.fromkeys(reason for reason in found if reason))


def _column(one):
    return one.kernel.release.version.partition("-")[0]


def _promises(program):
    done = subprocess.run([program, "selftest", "--list", "--json"], check=True,
                          stdout=subprocess.PIPE)
    return {case["name"]: case for case in json.loads(done.stdout)["cases"]}


def write(path, command, outcomes, program):
    """The page; raises Unexplained, and then nothing is written."""
    promises = _promises(program)
    page = Page(outcomes)
    page.add(HEAD.format(command=command))
    for one in outcomes:
        release = one.kernel.release
        page.add(f"| {_column(one)} | {release.name} | {release.version} | {release.suite} |\n")
    page.add(LEGEND)
    page.add("\n## What the kernel promises\n\n`userns-repro selftest`; it tells the rest.\n")
    for title, names in _groups(outcomes[-1]).items():
        page.add(f"\n### {title}\n")
        page.table("promise", names, lambda name: _promise(promises[name]))
    page.add("\n## What the program does\n\nTests of the label `userns`.\n")
    names = dict.fromkeys(name for name, _ in map(outcome.name_and_user, outcomes[-1].tests)
                          if name != "selftest")
    page.table("test", names, lambda name: f"`{name}`")
    page.end()
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(page.lines))


def _promise(case):
    since = f" Since {case['since']}." if "since" in case else ""
    text = f"`{case['name']}` {case['promise']}{since} ({case['source']})"
    return text.replace("|", "\\|")


def _groups(one):
    """The names of a group's cases, by its title."""
    groups = {}
    for test in one.tests:
        for group in test.below:
            title = next((line for line in group.below[0].output
                          if line.startswith(group.name + ": ")), group.name)
            groups.setdefault(title, [case.name for case in group.below])
    return groups
