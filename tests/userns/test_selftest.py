# SPDX-License-Identifier: MIT
"""userns-repro selftest as root and as an ordinary user: every promise holds, every skip has a
reason that is known, and the output is what it says it is."""
import json
import os
import re
import shutil
import unittest

import ktap
from someone import (AS_ROOT, HELPERS, Someone, needs_ranges, needs_root, programtest, unrtest,
                     unshare_mounts)

# Why a case may be skipped, by who started it: all others are failures.
AS_ROOT_ONLY = {
    r"writers\.newuidmap": "the caller needs no newuidmap",
}
AS_USER_ONLY = {
    r".*": "needs root with its capabilities",
}
# What this host may lack, whoever asks.
MISSING = r"there is no mkfs\.\w+ on this host"
HOST = MISSING + r"|this kernel has no \w+|Linux [0-9.]+ is the first to .*" \
    r"|/proc/sys/kernel/(unprivileged_userns_clone|apparmor_restrict_unprivileged_userns) .* ENOENT"
OUTCOMES = ("ok", "not ok", "skip", "timeout")
FIELDS = {"name": str, "group": str, "promise": str, "source": str, "as": str, "needs_root": bool}
RESULT_FIELDS = {"outcome": str, "notes": list, "milliseconds": int}
# Seconds that all cases may take on a machine that does much else; two are enough otherwise.
BUSY = 240
ONE = ("--filter", "maps.once")


def is_expected(case, allowed):
    return re.fullmatch(HOST, case["reason"]) or any(
        re.fullmatch(name, case["name"]) and case["reason"] == reason
        for name, reason in allowed.items())


class Selftest(Someone):
    """What both share."""

    def run_program(self, *arguments, **options):
        options.setdefault("timeout", BUSY)
        return super().run_program(*arguments, **options)

    def assert_fields(self, case, fields, optional):
        for name, kind in fields.items():
            self.assertIsInstance(case[name], kind, case)
        self.assertLessEqual(set(case) - set(fields), set(optional), case)

    def assert_document(self, document):
        """By docs/report-format.md, with no field that is not there."""
        self.assertEqual(set(document), {"version", "tool", "host", "cases", "counts"})
        self.assertEqual((document["version"], document["tool"]["name"]), (1, "userns-repro"))
        self.assertEqual(set(document["host"]), {"kernel", "root", "map_method"})
        for case in document["cases"]:
            self.assert_fields(case, FIELDS | RESULT_FIELDS, ("since", "reason"))
            self.assertIn(case["outcome"], OUTCOMES)
            self.assertEqual(case["outcome"] == "ok", "reason" not in case, case)
        self.assertEqual(document["counts"],
                         {one: [case["outcome"] for case in document["cases"]].count(one)
                          for one in OUTCOMES})

    def assert_whole(self, result, allowed):
        self.assertEqual(result.stderr, "")
        document = json.loads(result.stdout)
        self.assert_document(document)
        broken = [case for case in document["cases"] if case["outcome"] in ("not ok", "timeout")]
        self.assertEqual(broken, [])
        self.assertEqual(result.returncode, 0)
        skipped = [case for case in document["cases"] if case["outcome"] == "skip"]
        self.assertEqual([case for case in skipped if not is_expected(case, allowed)], [])
        if unrtest.is_strict():
            self.assertEqual([case for case in skipped if re.match(MISSING, case["reason"])], [],
                             "bootstrap installs what this host lacks for these")

    def assert_agree(self, text, document):
        """KTAP and JSON have the same tests in the same groups."""
        groups = ktap.read(text)
        told = [(group.name, case.name) for group in groups for case in group.subtests]
        self.assertEqual(told, [(case["group"], case["name"]) for case in document["cases"]])


class Root(Selftest):
    """Started as root; or as whoever runs the tests."""

    @needs_root("privileged cases")
    def test_every_promise(self):
        self.assert_whole(self.run_program("selftest", "--json"), AS_ROOT_ONLY)

    @needs_root("privileged cases")
    def test_ktap(self):
        words = ("selftest", "--filter", "[!c]*", "--filter", "calls")
        text = self.run_program(*words).stdout
        self.assert_agree(text, json.loads(self.run_program(*words, "--json").stdout))


@unittest.skipUnless(all(map(shutil.which, HELPERS)), "needs newuidmap and newgidmap")
class Ordinary(Selftest):
    """Without privilege, with ranges and without."""

    @needs_ranges("most cases map several ids")
    def test_every_promise(self):
        if AS_ROOT:
            self.ranges([(200000, 65536)])
        self.assert_whole(self.run_as("selftest", "--json"), AS_USER_ONLY)

    @needs_root("sets up the user database of a mount namespace")
    def test_without_ranges(self):
        cases = json.loads(self.run_as("selftest", "--json").stdout)["cases"]
        self.assertIn("ok", [case["outcome"] for case in cases])
        for case in cases:
            if case["as"] in ("root", "inside"):
                self.assertEqual(case["outcome"], "skip", case)
            self.assertIn(case["outcome"], ("ok", "skip"), case)


class Words(Selftest):
    """Options, the list, and how it ends."""

    def test_list(self):
        document = json.loads(self.run_program("selftest", "--list", "--json").stdout)
        names = [case["name"] for case in document["cases"]]
        self.assertEqual(len(names), len(set(names)))
        for case in document["cases"]:
            self.assert_fields(case, FIELDS, ("since",))
            self.assertRegex(case["name"], r"^[a-z]+\.[a-z0-9-]+(@[a-z0-9]+)?$")
            self.assertRegex(case["promise"], r"^[A-Z0-9a-z].*\.$", case["name"])
            self.assertLess(len(case["promise"]), 100, case["name"])
            self.assertRegex(case["source"],
                             r"\([1-9]\)|commit [0-9a-f]{12}|\.rst\b|^a patch of ", case["name"])
        text = self.run_program("selftest", "--list").stdout
        self.assertEqual([line for line in text.splitlines() if not line.startswith(" ")], names)

    def test_started_with_low_priority(self):
        result = self.run_program("selftest", "--filter", "*priorit*",
                                  preexec_fn=lambda: os.nice(19))
        self.assertIn(result.returncode, (0, 77), result.stdout)

    def test_filter(self):
        for words, pattern in ((("maps.lines-*",), r"maps\.lines-.*"), (("maps",), r"maps\..*"),
                               (("maps.once", "ranges.order"), r"maps\.once|ranges\.order")):
            filters = [part for word in words for part in ("--filter", word)]
            text = self.run_program("selftest", "--list", *filters).stdout
            every = self.run_program("selftest", "--list").stdout
            self.assertEqual([line for line in every.splitlines() if re.fullmatch(pattern, line)],
                             [line for line in text.splitlines() if not line.startswith(" ")])

    def test_wrong_words(self):
        for words in (["--filter", "nothing.*"], ["--timeout", "0"], ["--timeout", "1s"],
                      ["--timeout", "-1"], ["maps.once"]):
            result = self.run_program("selftest", *words)
            self.assertEqual((result.returncode, result.stdout), (2, ""), words)

    def test_nothing_can_be_tried(self):
        result = unrtest.run("userns", "--", unrtest.PROGRAM, "selftest", *ONE,
                             program=unrtest.WITHOUT)
        (group,) = ktap.read(result.stdout)
        self.assertEqual((result.returncode, group.outcome), (77, "skip"))
        # An ordinary user's newuidmap is of no use behind a filter, which comes first.
        self.assertRegex(group.subtests[0].reason, "user namespace" if AS_ROOT else "no_new_privs")


class Broken(Selftest):
    """The whole program on a kernel that breaks a promise."""

    # What is broken, the groups that are tried, and all cases of them that must notice.
    BROKEN = (
        ("chown=0", "calls", {"calls.chown", "calls.errors", "calls.read-only",
                              "calls.other-flags", "calls.no-capability", "calls.outer-chown",
                              "calls.copy-up@overlay"}),
        ("lchown=EPERM", "calls", {"calls.lchown"}),
        ("fchownat=0", "calls", {"calls.fchownat", "calls.fchownat-nofollow",
                                 "calls.fchownat-empty-path", "calls.errors"}),
        ("setns=0", "join", {"join.child", "join.child-of-owner", "join.own", "join.parent",
                             "join.sibling", "join.threads", "join.shared-directory",
                             "join.wrong-file", "join.pidfd"}),
        ("unshare=ENOSYS", "create", None),
        ("mount_setattr=0", "idmapped", None),
        ("setfsuid=0", "ids", {"ids.setfsuid", "ids.filesystem-follows",
                               "ids.filesystem-capabilities"}),
    )

    def apart(self):
        """A kernel that lies about namespaces must not change those of the tests."""
        unshare_mounts()

    def try_broken(self, broken, group):
        result = unrtest.run(broken, "--", unrtest.PROGRAM, "selftest", "--filter", group,
                             program=unrtest.WITHOUT, preexec_fn=self.apart)
        (found,) = ktap.read(result.stdout)
        self.assertEqual((result.returncode, result.stderr, found.ok), (1, "", False), broken)
        return {case.name for case in found.subtests if not case.ok}

    @needs_root("breaks calls for processes with privilege")
    def test_noticed(self):
        for broken, group, expected in self.BROKEN:
            with self.subTest(broken):
                noticed = self.try_broken(broken, group)
                if expected is not None:
                    self.assertEqual(noticed, expected)

    @needs_root("breaks calls for processes with privilege")
    def test_lies_about_namespaces_change_nothing(self):
        mounts = programtest.tmpfs_mounts()
        result = unrtest.run("unshare=0", "--", unrtest.PROGRAM, "selftest", "--filter", "calls",
                             program=unrtest.WITHOUT, preexec_fn=self.apart)
        self.assertEqual(result.returncode, 1)
        self.assertIn("the mnt namespace is the same as before", result.stdout)
        self.assertEqual(programtest.tmpfs_mounts(), mounts)


if __name__ == "__main__":
    programtest.unrtest.main()
