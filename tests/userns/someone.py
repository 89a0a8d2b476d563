# SPDX-License-Identifier: MIT
"""An ordinary user for a test.

Started as root, every test has a user of its own: in a mount namespace of its own, files of the
test lie over /etc/passwd, /etc/subuid and the like; the host's are never touched.  Started as an
ordinary user, the tests use that user and skip what this one cannot show.
"""
import json
import os
import shutil

# pylint: disable-next=unused-import
from background import images, programtest
from programtest import call, needs_root, unrtest

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_REC, MS_PRIVATE, MS_BIND, MS_REMOUNT, MS_NOSUID = 0x4000, 0x40000, 0x1000, 0x20, 0x2
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 4, 38
# Ids that belong to nobody: what is in the files below is all there is.
USER, GROUP, NAME = 54321, 54322, "unr-somebody"
HELPERS = ("newuidmap", "newgidmap")
# A layer whose owners are inside the default map, and one that is not inside any.
ORDINARY = images.tar(images.entry("low", 1000, 1000), images.entry("root"))
AS_ROOT = os.geteuid() == 0


def cover(path, source):
    """Lets @source stand where @path is; for a process in a mount namespace of its own."""
    call("mount", source.encode(), path.encode(), None, MS_BIND, None)


def put(path, text):
    """Writes to a file of /proc.  Loads no module: this user may not be able to read python's."""
    fd = os.open(path, os.O_WRONLY)
    os.write(fd, text.encode())
    os.close(fd)


class Someone(programtest.ProgramTest):
    """Runs the program as an ordinary user."""

    def setUp(self):
        super().setUp()
        # The build folder may be closed to others.
        self.program = shutil.copy(unrtest.PROGRAM, self.path("userns-repro"))
        self.files = {}
        self.helper_folder = None
        self.no_new_privs = False
        if AS_ROOT:
            self.account(f"{NAME}:x:{USER}:{GROUP}::/nonexistent:/bin/false\n")

    def account(self, passwd, subuid="", subgid=""):
        """What the user database of the next run has."""
        for name, text in (("passwd", "root:x:0:0::/root:/bin/sh\n" + passwd),
                           ("group", f"root:x:0:\n{NAME}:x:{GROUP}:\n"), ("subuid", subuid),
                           ("subgid", subgid), ("nsswitch.conf", "passwd: files\n")):
            if os.path.exists("/etc/" + name):
                self.files["/etc/" + name] = self.write(name, text.encode())
                os.chmod(self.path(name), 0o644)
            elif text and name.startswith("sub"):
                self.skipTest(f"there is no /etc/{name} that a file could lie over")

    def ranges(self, uids, gids=None, owner=NAME):
        """Subordinate ranges for the next run: pairs of first id and count."""
        texts = ("".join(f"{owner}:{first}:{count}\n" for first, count in pairs)
                 for pairs in (uids, uids if gids is None else gids))
        self.account(f"{NAME}:x:{USER}:{GROUP}::/nonexistent:/bin/false\n", *texts)

    def become(self):
        """In the child, before the program."""
        if AS_ROOT:
            call("unshare", CLONE_NEWNS)
            call("mount", None, b"/", None, MS_REC | MS_PRIVATE, None)
            for path, source in self.files.items():
                cover(path, source)
            if self.helper_folder is not None:
                self.helper_folder()
            os.setgroups([])
            os.setresgid(GROUP, GROUP, GROUP)
            os.setresuid(USER, USER, USER)
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
