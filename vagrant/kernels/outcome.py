# SPDX-License-Identifier: MIT
"""What a boot says: the test lines of its results, whether they can be believed, and a table."""
import collections
import re
from xml.etree import ElementTree

TEST_LINE = re.compile(r"(not )?ok \d+ (?:- )?(.*?)(?: # (.*))?")
# How a ctest says why it is skipped: unr_test.h and unrtest.py.
NOT_RUN = re.compile(r"\S+: not run: (.*)")
TOOK = re.compile(r"# took ([\d.]+) s")

# Outcome is "ok", "skip" or "not ok"; below a test are others, when it wrote KTAP itself.
Test = collections.namedtuple("Test", "name outcome reason seconds output below")


def parse(text):
    """KTAP version 1: the tests of a text, and how many there should be."""
    tests, output, notes, seconds, planned = [], [], [], 0.0, None
    for line in text.splitlines():
        match, took = TEST_LINE.fullmatch(line), TOOK.fullmatch(line)
        if line.startswith("  "):
            output.append(line[2:])
        elif line.startswith("1.."):
            planned = int(line[3:].split()[0])
        elif took:
            seconds = float(took.group(1))
        elif match:
            failed, name, reason = match.groups()
            skipped = (reason or "").upper().startswith("SKIP")
            outcome = "not ok" if failed else "skip" if skipped else "ok"
            reason = reason_of(output) if skipped and reason.upper() == "SKIP" else reason
            below = parse("\n".join(output))[0] if output[:1] == ["KTAP version 1"] else []
            tests.append(Test(name, outcome, reason or "", seconds, notes + output, below))
            output, notes, seconds = [], [], 0.0
        elif line.startswith("# "):
            notes.append(line[2:])
    return tests, planned


def reason_of(output):
    """A directive with the reason that a test printed; without one when it printed none."""
    reasons = [match.group(1) for match in map(NOT_RUN.fullmatch, output) if match]
    return " ".join(["SKIP", *reasons[-1:]])


def leaves(test):
    """A test, or the cases below it, on whichever level."""
    if not test.below:
        return [test]
    return [leaf for one in test.below for leaf in leaves(one)]


def name_and_user(test):
    """As guest.py has put them together."""
    name, _, user = test.name.partition(" as ")
    return name, user


class Outcome:
    """Of one kernel: its tests, and in words what is wrong, if anything is."""

    def __init__(self, kernel, accelerator, boot):
        self.kernel, self.accelerator, self.boot = kernel, accelerator, boot
        self.tests, planned = parse(boot.results)
        self.wrong = self._judge(planned)

    def _judge(self, planned):
        if self.boot.status is None:
            return "the guest came to no end"
        if planned is None or planned != len(self.tests):
            return f"{len(self.tests)} of {planned} tests have a result"
        failed = sum(test.outcome == "not ok" for test in self.tests)
        if all(leaf.outcome == "skip" for test in self.tests for leaf in leaves(test)):
            return "nothing could be tried"
        if (self.boot.status != 0) != (failed > 0):
            return f"exit status {self.boot.status}, but {failed} tests failed"
        return f"{failed} tests failed" if failed else None

    def counts(self):
        """By column of the table, how many tests came out how; cases of a test count for it."""
        columns = collections.defaultdict(collections.Counter)
        for test in self.tests:
            name, user = name_and_user(test)
            cell = columns[f"{name.partition('.')[0]}, {user}"]
            for one in leaves(test):
                cell[one.outcome] += 1
        return columns

    def users(self):
        """All for whom something was tried."""
        return {name_and_user(test)[1] for test in self.tests}

    def by_user(self, name):
        """A test, or a case of one, as each user."""
        return {name_and_user(test)[1]: leaf for test in self.tests for leaf in leaves(test)
                if name in (leaf.name, name_and_user(leaf)[0])}

    def explain(self):
        """What somebody needs who has to find out why."""
        lines = [f"{self.kernel.release.name}: {self.wrong}"]
        for test in self.tests:
            for one in leaves(test) if test.outcome == "not ok" else []:
                if one.outcome == "not ok":
                    lines += [f"  not ok: {test.name}: {one.name} ({one.reason})"]
                    lines += ["    " + line for line in one.output]
        if self.boot.status is None:
            lines += ["  its last words:"]
            lines += ["    " + line for line in self.boot.console.splitlines()[-20:]]
            lines += ["    " + line for line in self.boot.results.splitlines()[-20:]]
        return "\n".join(lines)


def table(outcomes):
    """A row a kernel, a column a group of tests and user."""
    names = list(dict.fromkeys(name for outcome in outcomes for name in outcome.counts()))
    rows = [["kernel", "by", "seconds", *names, "result"]]
    for outcome in outcomes:
        counts = outcome.counts()
        cells = [_cell(counts[name]) for name in names]
        rows.append([outcome.kernel.release.name, outcome.accelerator,
                     f"{outcome.boot.seconds:.0f}", *cells, outcome.wrong or "ok"])
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() + "\n"
                   for row in rows)


def _cell(counter):
    words = {"ok": "ok", "not ok": "failed", "skip": "skipped"}
    return ", ".join(f"{counter[key]} {word}" for key, word in words.items() if counter[key]) or "-"


def write_junit(path, outcomes):
    """A suite a kernel; a test that wrote KTAP is as many cases as it has."""
    root = ElementTree.Element("testsuites")
    for outcome in outcomes:
        suite = ElementTree.SubElement(root, "testsuite", name=outcome.kernel.release.name)
        for test in outcome.tests:
            for one in leaves(test):
                name = f"{test.name}: {one.name}" if test.below else test.name
                _add_case(suite, name, one)
        if outcome.wrong and all(test.outcome != "not ok" for test in outcome.tests):
            said = outcome.boot.console.splitlines()
            _add_case(suite, "boot", Test("", "not ok", outcome.wrong, 0.0, said, []))
        cases = list(suite)
        suite.set("tests", str(len(cases)))
        suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
        suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _add_case(suite, name, test):
    case = ElementTree.SubElement(suite, "testcase", name=name, classname=suite.get("name"),
                                  time=f"{test.seconds:.2f}")
    if test.outcome == "skip":
        ElementTree.SubElement(case, "skipped", message=test.reason)
    elif test.outcome == "not ok":
        failure = ElementTree.SubElement(case, "failure", message=test.reason)
        failure.text = re.sub(r"[^\t\n\r -\uD7FF\uE000-\uFFFD]", "?", "\n".join(test.output))
