# SPDX-License-Identifier: MIT
"""vagrant/kernels: what is made of what a guest says. A guest that says nothing must not pass."""
import os
import sys
import tempfile
import types
import unittest
from xml.etree import ElementTree

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import unrtest

# In front: others have modules of these names.
sys.path.insert(0, os.path.join(unrtest.SOURCE_DIR, "vagrant", "kernels"))
import document
import machine
import outcome

GOOD = """\
KTAP version 1
1..2
  KTAP version 1
  1..1
    KTAP version 1
    1..3
    # maps: texts
    ok 1 maps.one
    # maps.two: before Linux 5.12: success; here: EPERM
    ok 2 maps.two
    ok 3 maps.three # SKIP Linux 5.12 is the first
  ok 1 maps
# took 1.50 s
ok 1 - selftest as root
  userns.x: not run: needs root
# took 0.10 s
ok 2 - userns.x as user # SKIP
### EXIT 0
"""
NEWER = GOOD.replace("    # maps.two: before Linux 5.12: success; here: EPERM\n", "").replace(
    " # SKIP Linux 5.12 is the first", "")
BAD = GOOD.replace("    ok 2", "    not ok 2").replace("  ok 1 maps\n", "  not ok 1 maps\n").replace(
    "ok 1 - s", "not ok 1 - s").replace("EXIT 0", "EXIT 1")


def of(results, status, version="6.1.1-1"):
    """The outcome of a guest that said this."""
    release = types.SimpleNamespace(name=f"{version}-amd64", version=version, suite="suite")
    boot = machine.Boot(status, "the console\n", results, 2.0)
    return outcome.Outcome(types.SimpleNamespace(release=release), "tcg", boot)


class Verdict(unittest.TestCase):
    """Of one kernel."""

    def test_good(self):
        self.assertIsNone(of(GOOD, 0).wrong)

    def test_bad(self):
        self.assertEqual(of(BAD, 1).wrong, "1 tests failed")
        self.assertIn("maps.two", of(BAD, 1).explain())

    def test_a_guest_without_an_end(self):
        self.assertEqual(of(GOOD, None).wrong, "the guest came to no end")
        self.assertIn("the console", of(GOOD, None).explain())

    def test_fewer_tests_than_planned(self):
        self.assertEqual(of(GOOD.replace("1..2\n", "1..3\n", 1), 0).wrong,
                         "2 of 3 tests have a result")
        self.assertIn("of None", of("### EXIT 0\n", 0).wrong)

    def test_nothing_but_skips(self):
        """A kernel without user namespaces says so case by case, and no more than that."""
        skips = "KTAP version 1\n1..2\nok 1 - selftest as root # SKIP\nok 2 - b as user # SKIP no\n"
        self.assertEqual(of(skips + "### EXIT 0\n", 0).wrong, "nothing could be tried")

    def test_a_status_that_says_something_else(self):
        for results, status in ((GOOD, 1), (BAD, 0)):
            self.assertIn("exit status", of(results, status).wrong)


class Boot(unittest.TestCase):
    """How a machine ends."""

    def run_machine(self, status, last_line):
        """With a shell in place of qemu."""
        command = machine._command
        self.addCleanup(setattr, machine, "_command", command)
        machine._command = lambda _kernel, files, _accelerator: [
            "sh", "-c", f"echo '{last_line}' >{files['results']}; exit {status}"]
        kernel = types.SimpleNamespace(image="", modules=[])
        return machine.boot(kernel, b"", "0\n", "tcg", 10).status

    def test_both_agree(self):
        self.assertEqual(self.run_machine(3, "### EXIT 0"), 0)
        self.assertEqual(self.run_machine(5, "### EXIT 1"), 1)

    def test_they_do_not(self):
        for status, line in ((0, "### EXIT 0"), (1, "### EXIT 0"), (5, "### EXIT 0"), (3, "ok 1")):
            self.assertIsNone(self.run_machine(status, line), (status, line))


class Written(unittest.TestCase):
    """Table, JUnit, and the page of differences."""

    def test_table(self):
        lines = outcome.table([of(GOOD, 0)]).splitlines()
        self.assertEqual(lines[0].split("  ")[-1], "result")
        self.assertIn("2 ok, 1 skipped", lines[1])

    def test_junit(self):
        with tempfile.NamedTemporaryFile() as file:
            outcome.write_junit(file.name, [of(BAD, 1)])
            suite = ElementTree.parse(file.name).getroot().find("testsuite")
        names = {case.get("name"): [child.tag for child in case] for case in suite}
        self.assertEqual(names["selftest as root: maps.one"], [])
        self.assertEqual(names["selftest as root: maps.two"], ["failure"])
        self.assertEqual(names["userns.x as user"], ["skipped"])
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("4", "1"))

    def test_junit_of_a_guest_without_an_end(self):
        with tempfile.NamedTemporaryFile() as file:
            outcome.write_junit(file.name, [of("", None)])
            case = ElementTree.parse(file.name).getroot().find("testsuite/testcase")
        self.assertEqual(case.find("failure").get("message"), "the guest came to no end")

    def page(self, *outcomes):
        document._promises = lambda _program: {
            name: {"name": name, "promise": "P.", "source": "S"}
            for name in ("maps.one", "maps.two", "maps.three")}
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as file:
            document.write(file.name, "run", outcomes, "program")
            return file.read()

    def test_differences_have_reasons(self):
        page = self.page(of(GOOD, 0, "5.10.1-1"), of(NEWER, 0))
        self.assertIn("| `maps.one` P. (S) | root | root |\n", page)
        self.assertIn("| `maps.two` P. (S) | root (1) | root |\n", page)
        self.assertIn("| `maps.three` P. (S) | - (2) | root |\n", page)
        self.assertIn("1. before Linux 5.12: success; here: EPERM\n2. Linux 5.12 is the first\n",
                      page)

    def test_ok_is_for_everybody(self):
        """What is not even planned for one of them is the other's alone."""
        both = NEWER.replace("1..2", "1..3", 1).replace("ok 2 - ", "ok 2 - userns.x as root\nok 3 - ")
        both = both.replace("as user # SKIP", "as user")
        page = self.page(of(both, 0))
        self.assertIn("| `userns.x` | ok |\n", page)
        self.assertIn("| `maps.one` P. (S) | root |\n", page)

    def test_a_test_says_why_in_words_of_its_own(self):
        """The directive of a ctest is bare."""
        newer = NEWER.replace("  userns.x: not run: needs root\n", "").replace(
            "ok 2 - userns.x as user # SKIP\n", "ok 2 - userns.x as user\n")
        page = self.page(of(GOOD, 0, "5.10.1-1"), of(newer, 0))
        self.assertIn("| `userns.x` | - (3) | user |\n", page)
        self.assertIn("3. needs root\n", page)

    def test_a_difference_without_one_is_not_written(self):
        silent = GOOD.replace(" # SKIP Linux 5.12 is the first", " # SKIP")
        with self.assertRaisesRegex(document.Unexplained, "maps.three"):
            self.page(of(silent, 0), of(NEWER, 0))


if __name__ == "__main__":
    unrtest.main()
