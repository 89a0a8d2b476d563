# SPDX-License-Identifier: MIT
"""An ordinary user for a test.

Started as root, every test has a user of its own: in a mount namespace of its own, files of the
test lie over /etc/passwd, /etc/subuid and the like; the host's are never touched.  Started as an
ordinary user, the tests use that user and skip what this one cannot show.
"""
import json
import os
import shutil

# pylint: disable=unused-import
from background import images, programtest
from programtest import call, needs_ranges, needs_root, unrtest
import ordinary
from ordinary import GROUP, MS_BIND, NAME, USER, cover, unshare_mounts
# pylint: enable=unused-import

CLONE_NEWUSER = 0x10000000
MS_REMOUNT, MS_NOSUID = 0x20, 0x2
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 4, 38
HELPERS = ("newuidmap", "newgidmap")
# A layer whose owners are inside the default map, and one that is not inside any.
ORDINARY = images.tar(images.entry("low", 1000, 1000), images.entry("root"))
AS_ROOT = os.geteuid() == 0


def put(path, text):
    """Writes to a file of /proc.  Loads no module: this user may not be able to read python's."""
    fd = os.open(path, os.O_WRONLY)
    os.write(fd, text.encode())
    os.close(fd)


def become_root_of_one_id(uid, gid):
    """In a child: as unshare -r makes it, with the caller's own id as root and no other."""
    if AS_ROOT:
        ordinary.become()
        # Or /proc/self would be root's.
        call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)
    call("unshare", CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"),
                       ("gid_map", f"0 {gid} 1")):
        put("/proc/self/" + name, text)


class Someone(programtest.ProgramTest):
    """Runs the program as an ordinary user."""

    def setUp(self):
        super().setUp()
        # The build folder may be closed to others.
        self.program = shutil.copy(unrtest.PROGRAM, self.path("userns-repro"))
        self.files = []
        self.helper_folder = None
        self.no_new_privs = False
        if AS_ROOT:
            self.account(ordinary.account())

    def account(self, passwd, subuid="", subgid=""):
        """What the user database of the next run has."""
        try:
            self.files = ordinary.database(self.folder, passwd, subuid, subgid)
        except FileNotFoundError as error:
            self.skipTest(str(error))

    def ranges(self, uids, gids=None, owner=NAME):
        """Subordinate ranges for the next run: pairs of first id and count."""
        self.account(ordinary.account(), ordinary.grant(uids, owner),
                     ordinary.grant(uids if gids is None else gids, owner))

    def become(self):
        """In the child, before the program."""
        if AS_ROOT:
            unshare_mounts()
            for path, source in self.files:
                cover(path, source)
            if self.helper_folder is not None:
                self.helper_folder()
            ordinary.become()
        if self.no_new_privs:
            call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)

    def run_as(self, *words, **environment):
        return self.run_program(*words, program=self.program, preexec_fn=self.become,
                                cwd=self.folder, env=self.environment(**environment))

    def report(self, layer=images.BAD_LAYER, status=1, options=(), **environment):
        path = self.write("layer.tar", layer)
        result = self.run_as("run", "--format", "json", *options, "tar:" + path, **environment)
        self.assertEqual((result.returncode, result.stderr), (status, ""), result.stdout)
        return json.loads(result.stdout)

    def assert_self(self, report, *words):
        """The user's own id is all that the kernel's map has, and the report says why."""
        own = (USER, GROUP) if AS_ROOT else (os.geteuid(), os.getegid())
        self.assertEqual(report["host"]["map_method"], "self")
        self.assertEqual(report["map"],
                         {kind: [{"inside": 0, "outside": outside, "count": 1}]
                          for kind, outside in zip(("uid", "gid"), own)})
        for word in words:
            self.assertIn(word, report["map_note"])
        # The engine's verdict is the profile's all the same.
        self.assertEqual(report["verdict"]["id"], 1000000)
        self.assertEqual(report["engine_map"]["uid"][0]["count"], 65536)
