# SPDX-License-Identifier: MIT
"""The command line itself: help, and the answers to words that make no sense."""
import pty
import re
import subprocess

import programtest
from programtest import unrtest

COMMANDS = ("run", "shell", "rm", "doctor", "selftest", "scenario list", "scenario show",
            "scenario run", "scenario export")
WIDTH = 80
SCENARIO = "scenario:high-uid-file"

# Words, and what the complaint has to name.
WRONG = {
    "nothing": ([], "command"),
    "no command": (["frobnicate"], "frobnicate"),
    "half a command": (["scenario"], "scenario"),
    "a wrong second word": (["scenario", "frobnicate"], "scenario"),
    "an option for no command": (["--frobnicate"], "--frobnicate"),
    "an unknown option": (["run", "--frobnicate", SCENARIO], "--frobnicate"),
    "a single dash": (["run", "-x", SCENARIO], "-x"),
    "an abbreviation": (["run", "--prof", "single", SCENARIO], "--prof"),
    "a value for a flag": (["run", "--verbose=yes", SCENARIO], "--verbose"),
    "no value": (["run", SCENARIO, "--profile"], "--profile"),
    "no image": (["run"], "IMAGE"),
    "two images": (["run", SCENARIO, "scenario:npm9"], "scenario:npm9"),
    "an empty image": (["run", ""], "names no image"),
    "an empty path": (["run", "docker-archive:"], "docker-archive:FILE[:REF]"),
    "an empty reference": (["run", "docker-archive:x.tar:"], "docker-archive:FILE[:REF]"),
    "a name that is none": (["run", "docker://host/App"], "HOST[:PORT]/REPO"),
    "a platform": (["run", "--platform", "arm", SCENARIO], "OS/ARCH"),
    "neither true nor false": (["run", "--tls-verify", "no", SCENARIO], "--tls-verify"),
    "a profile": (["run", "--profile", "azure", SCENARIO], "appservice"),
    "an engine": (["run", "--engine", "lxc", SCENARIO], "docker-20.10.9"),
    "a driver": (["run", "--driver", "aufs", SCENARIO], "overlay2"),
    "a way in": (["run", "--as", "save", SCENARIO], "load, pull"),
    "a format": (["run", "--format", "yaml", SCENARIO], "appservice"),
    "an output": (["run", "--output", "", SCENARIO], "--output"),
    "a progress": (["run", "--progress", "loud", SCENARIO], "plain"),
    "too many reports": (["run", *["--format=json"] * 17, SCENARIO], "16"),
    "a map in words": (["run", "--uidmap", "all", SCENARIO], "all"),
    "a map of two": (["run", "--uidmap", "0:100000", SCENARIO], "0:100000"),
    "an empty range": (["run", "--uidmap", "0:100000:0", SCENARIO], "0:100000:0"),
    "a negative id": (["run", "--uidmap", "0:-1:5", SCENARIO], "0:-1:5"),
    "an id too high": (["run", "--uidmap", "0:4294967295:1", SCENARIO], "4294967295"),
    "a range too long": (["run", "--uidmap", "0:1:4294967295", SCENARIO], "4294967295"),
    "a number too long": (["run", "--uidmap", "0:99999999999999999999:1", SCENARIO],
                          "99999999999999999999"),
    "groups alone": (["run", "--gidmap", "0:100000:5", SCENARIO], "--uidmap"),
    "no place for 0": (["run", "--uidmap", "1:100000:5", SCENARIO], "inside 0"),
    "two kinds of map": (["run", "--userns-remap", "x", "--uidmap", "0:1:1", SCENARIO],
                         "--userns-remap"),
    "a remap of nobody": (["run", "--userns-remap", ":x", SCENARIO], "USER[:GROUP]"),
    "no scenario of that name": (["scenario", "show"], "NAME"),
    "no file to export to": (["scenario", "export", "npm9"], "FILE"),
    "no scenario to run": (["scenario", "run"], "--all"),
    "nothing to run in": (["shell"], "IMAGE"),
    "a command without dashes": (["shell", SCENARIO, "ls", "-ln"], "-ln"),
    "a report of a shell": (["shell", "--format", "json", SCENARIO], "--format"),
    "a profile for a shell": (["shell", "--profile", "azure", SCENARIO], "appservice"),
    "more than a list": (["scenario", "list", "npm9"], "npm9"),
}


class Help(programtest.ProgramTest):
    """--help, for people and for tests that read tables."""

    def assert_help(self, *words):
        result = self.run_program(*words)
        self.assertEqual((result.returncode, result.stderr), (0, ""), words)
        self.assertTrue(result.stdout.endswith("\n"))
        wide = [line for line in result.stdout.splitlines() if len(line) > WIDTH]
        self.assertEqual(wide, [], f"wider than {WIDTH} columns")
        self.assertNotIn("\t", result.stdout)
        return result.stdout

    def options(self):
        """A dict: the options of each command, from --dump-options."""
        dumped = self.run_program("--dump-options")
        self.assertEqual((dumped.returncode, dumped.stderr), (0, ""))
        found = {command: [] for command in COMMANDS}
        for line in dumped.stdout.splitlines():
            command, _space, option = line.rpartition(" ")
            self.assertRegex(option, r"^--[a-z][a-z-]+$")
            found[command].append(option)
        return found

    def test_program(self):
        text = self.assert_help("--help")
        for command in COMMANDS:
            self.assertIn(f"\n  {command} ", text)
        for same in ("-h", "help"):
            self.assertEqual(self.assert_help(same), text)

    def test_version(self):
        for word in ("--version", "version"):
            self.assertRegex(self.assert_help(word), r"^userns-repro [0-9]+\.[0-9]+\.[0-9]+\n$")

    def test_commands(self):
        for command, options in self.options().items():
            with self.subTest(command):
                text = self.assert_help(*command.split(), "--help")
                self.assertTrue(text.startswith(f"usage: userns-repro {command}"), text)
                self.assertEqual(self.assert_help(*command.split(), "-h"), text)
                listed = re.findall(r"^  (--[a-z-]+)", text, re.MULTILINE)
                self.assertEqual(listed, options)
                self.assertEqual("[OPTIONS]" in text, bool(options))
                self.assertEqual("\noptions:\n" in text, bool(options))

    def test_contract(self):
        wanted = {"--profile", "--uidmap", "--gidmap", "--userns-remap", "--engine", "--driver",
                  "--as", "--no-verify", "--stop-at-first", "--format", "--output", "--progress",
                  "--verbose"}
        options = self.options()
        self.assertLessEqual(wanted, set(options["run"]))
        limits = [option for option in options["run"] if option.startswith("--limit-")]
        self.assertEqual(len(limits), 5)
        self.assertEqual(options["scenario run"], ["--all", *limits])
        self.assertLessEqual({"--profile", "--uidmap", "--user", "--wide", "--tmp"},
                             set(options["shell"]))

    def test_exit_statuses_are_told(self):
        text = self.assert_help("run", "--help")
        for status in ("0 ", "1 ", "2 ", "3 ", "77 "):
            self.assertIn(status, text.partition("exit status:")[2])

    def test_operand_that_looks_like_an_option(self):
        result = self.run_program("run", "--", "--help", cwd=self.folder)
        self.assert_error(result, 3, "--help", "No such file")

    def test_value_behind_an_equals_sign(self):
        self.assert_error(self.run_program("run", "--as=load=x", SCENARIO), 2, "load=x")


class Wrong(programtest.ProgramTest):
    """Wrong usage is one line on standard error and status 2."""

    def test_words(self):
        for name, (words, named) in WRONG.items():
            with self.subTest(name):
                self.assert_error(self.run_program(*words), 2, named)

    def test_words_cannot_steer_the_terminal(self):
        evil = "x\n\033[2Jy\r\x7f"
        for words in ([evil], ["run", "--" + evil, "y"], ["run", "docker://" + evil],
                      ["run", "oci:" + evil + ":"], ["run", "--profile", evil, SCENARIO],
                      ["run", "--uidmap", evil, SCENARIO], ["run", "y", evil],
                      ["run", "--userns-remap", evil + ":", SCENARIO],
                      ["run", "--as", evil, SCENARIO], ["scenario", "list", evil]):
            with self.subTest(words):
                self.assert_error(self.run_program(*words), 2)
        for words in (["run", evil], ["run", "scenario:" + evil], ["scenario", "show", evil],
                      ["run", "--output", evil + "/x", SCENARIO]):
            with self.subTest(words):
                result = self.run_program(*words, cwd=self.folder)
                self.assertIn(result.returncode, (2, 3))
                self.assert_one_line(result)

    def test_standard_output_is_full(self):
        for words in (["--help"], ["run", "--help"], ["--dump-options"], ["scenario", "list"],
                      ["scenario", "show", "npm9"]):
            with self.subTest(words), open("/dev/full", "w", encoding="utf-8") as full:
                result = subprocess.run([unrtest.PROGRAM, *words], stdout=full, text=True,
                                        stderr=subprocess.PIPE, env=self.environment(),
                                        check=False)
                self.assertEqual(result.returncode, 3)
                self.assert_one_line(result, "standard output", "No space left")

    def test_standard_input_is_a_terminal(self):
        leader, follower = pty.openpty()
        with open(leader, "wb"), open(follower, "rb") as terminal:
            self.assert_error(self.run_program("run", "-", stdin=terminal), 2, "terminal")


if __name__ == "__main__":
    programtest.main()
