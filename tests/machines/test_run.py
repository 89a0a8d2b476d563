# SPDX-License-Identifier: MIT
"""vagrant/run: what it makes of what a machine says.  With a stand-in for vagrant, as no test may
bring machines up: what is tried here is that nothing that went wrong is called ok."""
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import unrtest

RUN = os.path.join(unrtest.SOURCE_DIR, "vagrant", "run")
# Shell, as each test starts some ten of it; an answer is a status and a text.
STAND_IN = """#!/bin/sh
word=$1
for last; do
	:
done
[ "$1" != ssh ] || word=${last##*/}
echo "$*" >>"$ANSWERS/log"
[ ! -e "$ANSWERS/$word" ] || cat "$ANSWERS/$word"
[ ! -e "$ANSWERS/$word.status" ] || exit "$(cat "$ANSWERS/$word.status")"
"""
STATUS = "1,debian12,provider-name,libvirt\n1,fedora,provider-name,libvirt\n1,,ui,info,x"
NOISE = "Pseudo-terminal will not be allocated because stdin is not a terminal.\n"


def junit(*cases):
    """As ctest writes it: pairs of a name and a status."""
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="x">\n' +
            "".join(f'<testcase name="{name}" status="{status}"/>\n' for name, status in cases) +
            "</testsuite>\n")


GOOD = {"status": (0, STATUS),
        "root.xml": (0, NOISE + junit(("unit.a", "run"), ("unit.b", "run"), ("userns.c", "run"))),
        "user.xml": (0, NOISE + junit(("userns.c", "run"), ("userns.d", "notrun")))}


class Run(unittest.TestCase):
    """One machine, and what the table says of it."""

    def run_machines(self, *names, **answers):
        with tempfile.TemporaryDirectory() as folder:
            files = {"vagrant": STAND_IN}
            for word, (status, text) in (GOOD | answers).items():
                files |= {word: text + "\n", word + ".status": str(status)}
            for name, text in files.items():
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(text)
            os.chmod(os.path.join(folder, "vagrant"), 0o755)
            env = dict(os.environ, PATH=folder + ":" + os.environ["PATH"],
                       ANSWERS=folder)
            done = subprocess.run([sys.executable, RUN, "--results", os.path.join(folder, "results"),
                                   *names], env=env, text=True, check=False, timeout=240,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            with open(os.path.join(folder, "log"), encoding="utf-8") as file:
                self.calls = file.read()
        return done

    def assert_result(self, status, words, **answers):
        """It ends with this status, its row ends with these words, and the machine is gone."""
        done = self.run_machines("debian12", **answers)
        row = done.stdout.rstrip().splitlines()[-1]
        self.assertTrue(row.startswith("debian12 ") and row.endswith("  " + words), done.stdout)
        self.assertEqual(done.returncode, status, done.stdout)
        self.assertIn("destroy --force debian12\n", self.calls)
        return row

    def test_good(self):
        row = self.assert_result(0, "ok")
        self.assertRegex(row, r"^debian12 +2 ok +1 ok +1 ok, 1 skipped +ok$")

    def test_it_does_not_come_up(self):
        self.assert_result(1, "does not come up", up=(1, ""))
        self.assertNotIn("provision", self.calls)

    def test_tests_that_fail(self):
        row = self.assert_result(1, "tests failed", provision=(1, ""), **{
            "root.xml": (0, junit(("unit.a", "fail"), ("unit.b", "run")))})
        self.assertIn("1 failed, 1 ok", row)

    def test_results_that_do_not_come(self):
        self.assert_result(1, "no results of user", **{"user.xml": (255, "")})
        self.assert_result(1, "no results of root and user", **{
            "root.xml": (0, "cat: root.xml: No such file or directory"), "user.xml": (1, "")})

    def test_results_that_are_cut_off(self):
        """ssh may end in the middle: the other machines have their rows all the same."""
        cut = junit(("userns.c", "run"))[:-20]
        self.assert_result(1, "no results of user", **{"user.xml": (0, cut)})

    def test_words_behind_the_results(self):
        closed = junit(("userns.c", "run")) + "Connection to 192.168.121.2 closed.\n"
        self.assert_result(0, "ok", **{"user.xml": (0, closed)})

    def test_a_failure_that_only_the_results_know(self):
        self.assert_result(1, "tests failed", **{"user.xml": (0, junit(("userns.c", "fail")))})

    def test_results_without_a_test(self):
        self.assert_result(1, "no results of user", **{"user.xml": (0, junit())})

    def test_several_machines(self):
        done = self.run_machines("debian12", "fedora", up=(1, ""))
        rows = done.stdout.rstrip().splitlines()[-2:]
        self.assertEqual([row.partition(" ")[0] for row in rows], ["debian12", "fedora"])

    def test_unknown(self):
        done = self.run_machines("plan9")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no such machine: plan9; there are debian12 fedora", done.stdout)


if __name__ == "__main__":
    unrtest.main()
