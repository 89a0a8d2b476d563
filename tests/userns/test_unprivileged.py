# SPDX-License-Identifier: MIT
"""Ordinary users: with subordinate ranges and without; see someone.py."""
import json
import os
import pwd
import shutil
import stat
import unittest

from someone import (AS_ROOT, GROUP, HELPERS, NAME, ORDINARY, USER, Someone,
                     become_root_of_one_id, images, needs_root, programtest, unrtest)


@needs_root("sets up the user database of a mount namespace")
@unittest.skipUnless(all(map(shutil.which, HELPERS)), "needs newuidmap and newgidmap")
class Ranges(Someone):
    """What /etc/subuid and /etc/subgid grant."""

    def assert_helped(self, report, uids, gids=None):
        self.assertEqual(report["host"]["map_method"], "newuidmap")
        for kind, wanted in (("uid", uids), ("gid", gids or uids)):
            self.assertEqual([(one["inside"], one["outside"], one["count"])
                              for one in report["map"][kind]], wanted)

    def test_the_very_range_that_is_wanted(self):
        self.ranges([(100000, 65536)])
        self.assert_helped(self.report(), [(0, 100000, 65536)])

    def test_another_range(self):
        self.ranges([(300000, 65536)])
        report = self.report()
        self.assert_helped(report, [(0, 300000, 65536)])
        self.assertEqual(report["engine_map"]["uid"],
                         [{"inside": 0, "outside": 100000, "count": 65536}])
        self.assertEqual([one["path"] for one in report["failures"]], ["srv/high"])
        text = self.run_as("run", "tar:" + self.path("layer.tar")).stdout
        self.assertIn("300000", text)

    def test_what_is_inside_is_really_given(self):
        self.ranges([(300000, 65536)])
        report = self.report(ORDINARY, 0)
        self.assertEqual((report["failures"], report["disagreements"]), ([], []))

    def test_several_that_add_up(self):
        self.ranges([(300000, 30000), (400000, 35536)])
        self.assert_helped(self.report(), [(0, 300000, 30000), (30000, 400000, 35536)])

    def test_users_and_groups_differ(self):
        self.ranges([(300000, 65536)], [(500000, 70000)])
        self.assert_helped(self.report(), [(0, 300000, 65536)], [(0, 500000, 65536)])

    def test_by_number(self):
        self.ranges([(300000, 65536)], owner=str(USER))
        report = self.report()
        self.assertIn(report["host"]["map_method"], ("newuidmap", "self"))
        if report["host"]["map_method"] == "newuidmap":
            self.assert_helped(report, [(0, 300000, 65536)])

    def test_too_few(self):
        self.ranges([(300000, 1000)])
        self.assert_self(self.report(), "1,000 of the 65,536 uids", "usermod --add-subuids")

    def test_too_few_groups(self):
        self.ranges([(300000, 65536)], [(300000, 65535 - 1)])
        self.assert_self(self.report(), "65,534 of the 65,536 gids")

    def test_a_map_of_the_own_ids(self):
        self.ranges([(300000, 100)])
        report = self.report(options=("--uidmap", f"0:{USER}:1", "--uidmap", "1:300000:100",
                                      "--gidmap", f"0:{GROUP}:1", "--gidmap", "1:300000:100"))
        self.assert_helped(report, [(0, USER, 1), (1, 300000, 100)],
                           [(0, GROUP, 1), (1, 300000, 100)])

    def test_nonsense_in_the_files(self):
        for text in ("no colons\n", f"{NAME}:x:y\n", f"{NAME}:99999999999999999999:65536\n",
                     f"{NAME}:100000:99999999999999999999\n", f"{NAME}:-5:65536\n",
                     f"{NAME}::\n", "\0\0\0\n", f"{NAME}:100000:65536", ":" * 100000,
                     f"{NAME}:4294967295:65536\n", f"{NAME}:4294967290:65536\n"):
            with self.subTest(text[:40]):
                self.account(f"{NAME}:x:{USER}:{GROUP}::/nonexistent:/bin/false\n", text, text)
                result = self.run_as("run", "tar:" + self.write("layer.tar", images.BAD_LAYER))
                self.assertIn(result.returncode, (1, 3, 77), result.stderr)
                if result.returncode != 1:
                    self.assert_one_line(result)

    def test_files_that_may_not_be_read(self):
        self.ranges([(300000, 65536)])
        os.chmod(self.path("subuid"), 0)
        self.assert_self(self.report(), "/etc/subuid")

    def test_a_user_without_a_name(self):
        self.account("", f"{USER}:300000:65536\n", f"{USER}:300000:65536\n")
        self.assert_self(self.report(), f"uid {USER} has no login name")


@needs_root("sets up the user database of a mount namespace")
@unittest.skipUnless(all(map(shutil.which, HELPERS)), "needs newuidmap and newgidmap")
class Rootless(Someone):
    """--profile rootless: inside 0 is the user, from 1 on the user's ranges."""

    ROOTLESS = ("--profile", "rootless")

    def assert_laid(self, uids, gids=None, layer=ORDINARY, status=0, options=ROOTLESS):
        report = self.report(layer, status, options)
        self.assertEqual(report["host"]["map_method"], "newuidmap")
        self.assertNotIn("engine_map", report)
        for kind, own, ranges in (("uid", USER, uids), ("gid", GROUP, gids or uids)):
            self.assertEqual([(one["inside"], one["outside"], one["count"])
                              for one in report["map"][kind]], [(0, own, 1), *ranges])
        return report

    def test_one_range(self):
        self.ranges([(300000, 65536)])
        report = self.assert_laid([(1, 300000, 65536)],
                                  layer=images.tar(images.entry("last", 65536, 65536)))
        self.assertEqual((report["failures"], report["disagreements"]), ([], []))

    def test_the_first_id_beyond(self):
        self.ranges([(300000, 65536)])
        report = self.assert_laid([(1, 300000, 65536)], status=1, layer=images.tar(
            images.entry("low", 1, 1), images.entry("beyond", 1, 65537)))
        self.assertEqual(report["verdict"]["message"],
                         "failed to register layer: ApplyLayer exit status 1 stdout:  stderr: "
                         "lchown /beyond: invalid argument")
        self.assertEqual((report["verdict"]["id"], report["verdict"]["id_kind"]), (65537, "gid"))
        self.assertEqual(report["failures"][0]["unmapped"], ["gid"])
        self.assertEqual(report["disagreements"], [])

    def test_the_text(self):
        self.ranges([(300000, 65536)])
        text = self.run_as("run", *self.ROOTLESS, "--as=load",
                           "tar:" + self.write("layer.tar", images.BAD_LAYER)).stdout
        self.assertTrue(text.startswith("ApplyLayer exit status 1 stdout:  stderr: lchown /"))
        for line in (f"map     uid inside 0 -> outside {USER} (profile rootless)\n",
                     "        uid inside 1..65536 -> outside 300000..365535\n",
                     f"        gid inside 0 -> outside {GROUP}\n",
                     "docker-rootless-20.10 on overlay2 stops in layer 0"):
            self.assertIn(line, text)
        self.assertNotIn("disagree", text)

    def test_by_number(self):
        self.ranges([(300000, 65536)], owner=str(USER))
        # libsubid looks in subgid for groups of the user's name, and by number for the user.
        self.assert_laid([(1, 300000, 65536)])

    def test_by_name_and_by_number(self):
        both = f"{NAME}:300000:65536\n{USER}:500000:10\n"
        self.account(f"{NAME}:x:{USER}:{GROUP}::/nonexistent:/bin/false\n", both, both)
        self.assert_laid([(1, 300000, 65536), (65537, 500000, 10)])

    def test_several(self):
        self.ranges([(300000, 1000), (500000, 70000)])
        self.assert_laid([(1, 300000, 1000), (1001, 500000, 70000)])

    def test_users_and_groups_differ(self):
        self.ranges([(300000, 65536)], [(500000, 70000)])
        self.assert_laid([(1, 300000, 65536)], [(1, 500000, 70000)])

    def test_fewer_are_mapped_as_they_are(self):
        self.ranges([(300000, 10)])
        self.assert_laid([(1, 300000, 10)], status=1)

    def test_another_engine_with_the_same_map(self):
        self.ranges([(300000, 65536)])
        report = self.assert_laid([(1, 300000, 65536)], status=1, layer=images.BAD_LAYER,
                                  options=(*self.ROOTLESS, "--engine", "podman-rootless"))
        self.assertIn("(requested 1000000:1000000 for /", report["verdict"]["message"])

    def refused(self, *words, options=ROOTLESS, **environment):
        result = self.run_as("run", *options, "tar:" + self.write("layer.tar", ORDINARY),
                             **environment)
        self.assertEqual((result.returncode, result.stdout), (77, ""))
        self.assert_one_line(result, *words)

    def test_no_ranges(self):
        self.ranges([])
        self.refused(f"'{NAME}' has no subordinate uids", "usermod --add-subuids")

    def test_no_group_ranges(self):
        self.ranges([(300000, 65536)], [])
        self.refused(f"'{NAME}' has no subordinate gids", "usermod --add-subgids")

    def test_no_helper_and_no_other_map(self):
        self.ranges([(300000, 65536)])
        self.refused("newuidmap is not on PATH", PATH="/nonexistent")

    def test_a_map_that_is_not_granted(self):
        self.ranges([(300000, 1000)])
        self.refused("goes by the kernel's answers", "1,000 of the 65,536 uids",
                     options=("--engine", "podman-rootless", "--uidmap", "0:100000:65536"))

    def test_a_user_without_a_name(self):
        self.account("", f"{USER}:300000:65536\n", f"{USER}:300000:65536\n")
        self.refused("no login name")

    def test_scenarios_of_rootless_engines(self):
        # One id more than the usual range has: the user's own.
        self.ranges([(300000, 65536)])
        scenarios = self.path("scenarios")
        shutil.copytree(os.path.join(unrtest.SOURCE_DIR, "scenarios"), scenarios)
        environment = {"USERNS_REPRO_SCENARIOS": scenarios}
        names = ("rootless-65536", "rootless-65537")
        result = self.run_as("scenario", "run", *names, **environment)
        self.assertEqual((result.returncode, result.stdout),
                         (0, "ok   rootless-65536\nok   rootless-65537\n"
                             "2 ok, 0 failed, 0 skipped\n"))
        self.ranges([])
        result = self.run_as("scenario", "run", *names, **environment)
        self.assertEqual(result.returncode, 77)
        self.assertIn("0 ok, 0 failed, 2 skipped", result.stdout)


@needs_root("is about root")
class RootlessAsRoot(programtest.ProgramTest):
    """What podman and docker do not have: a rootless engine of root."""

    def test_root_has_no_ranges(self):
        result = self.run_program("run", "--profile", "rootless",
                                  self.write("layer.tar", ORDINARY))
        with open("/etc/subuid", encoding="utf-8") as file:
            if any(line.startswith(("root:", "0:")) for line in file):
                self.skipTest("root has subordinate ranges here")
        self.assertEqual((result.returncode, result.stdout), (77, ""))
        self.assert_one_line(result, "root has no subordinate uids", "--uidmap 0:UID:1")

    def test_the_map_by_hand(self):
        result = self.run_program("run", "--engine", "docker-rootless-20.10", "--uidmap",
                                  "0:54321:1", "--uidmap", "1:300000:65536", "--format", "json",
                                  self.write("layer.tar", images.tar(
                                      images.entry("last", 65536, 65536))))
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(json.loads(result.stdout)["host"]["map_method"], "direct")


class Nested(Someone):
    """Root of a user namespace: capabilities, but few ids."""

    def setUp(self):
        super().setUp()
        self.uid, self.gid = os.geteuid(), os.getegid()

    def become(self):
        uid, gid = (USER, GROUP) if AS_ROOT else (self.uid, self.gid)
        become_root_of_one_id(uid, gid)

    def test_only_root_inside(self):
        report = self.report(PATH="/nonexistent")
        self.assertEqual(report["host"]["map_method"], "self")
        self.assertIn("does not exist in this namespace", report["map_note"])

    def test_what_does_exist_is_mapped_directly(self):
        report = self.report(options=("--uidmap", "0:0:1"))
        self.assertEqual(report["host"]["map_method"], "direct")
        self.assertEqual(report["map"]["uid"], [{"inside": 0, "outside": 0, "count": 1}])


class Myself(programtest.ProgramTest):
    """The program for whoever runs the tests, whatever is granted."""

    def test_some_method_works(self):
        path = self.write("layer.tar", images.BAD_LAYER)
        result = self.run_program("run", "--format", "json", path)
        self.assertEqual((result.returncode, result.stderr), (1, ""))
        self.assertEqual(json.loads(result.stdout)["verdict"]["id"], 1000000)

    def test_own_ranges(self):
        result = self.run_program("run", "--format", "json", "scenario:boundary-65535-65536")
        self.assertEqual(json.loads(result.stdout)["host"]["map_method"],
                         "direct" if AS_ROOT else "newuidmap" if self.granted() >= 65536 else "self")

    @staticmethod
    def granted():
        """How many ids the user may map with a newuidmap that works."""
        helper = shutil.which(HELPERS[0])
        if helper is None or not os.stat(helper).st_mode & stat.S_ISUID:
            return 0
        name = pwd.getpwuid(os.geteuid()).pw_name
        with open("/etc/subuid", encoding="utf-8") as file:
            return sum(int(line.split(":")[2]) for line in file if line.startswith(name + ":"))


if __name__ == "__main__":
    programtest.main()
