# SPDX-License-Identifier: MIT
"""`shell` as an ordinary user, with subordinate ranges and without."""
import os
import shutil
import unittest

import someone
from someone import HELPERS, images, needs_root, programtest
import programs

HAS_HELPERS = all(shutil.which(name) for name in HELPERS)
LAYER = programs.layer(images.entry("low", 1000, 1001), images.entry("edge", 65535, 65535),
                       images.entry("high", 1000000, 4294967294))


class Shell(someone.Someone):
    """An image with a high owner."""

    surroundings = {}

    def shell(self, *words, options=()):
        path = self.write("layer.tar", LAYER)
        os.chmod(path, 0o644)
        return self.run_as("shell", *options, "tar:" + path, "--", "sh", "-c", *words,
                           **self.surroundings)

    def assert_owners(self, result, expected, note):
        self.assertEqual(result.returncode, 0, result.stderr)
        owners = [" ".join(line.split()[2:4]) for line in result.stdout.splitlines()]
        self.assertEqual(owners, expected)
        self.assertIn(note, result.stderr)
        self.assertEqual(bool(result.stderr), bool(note), result.stderr)


@needs_root("a user of its own")
@unittest.skipUnless(HAS_HELPERS, "needs newuidmap and newgidmap")
class WithRanges(Shell):
    """65536 ids, as useradd(8) gives them."""

    def setUp(self):
        super().setUp()
        self.ranges([(700000, 65536)])

    def test_owners(self):
        result = self.shell("ls -ln /low /edge /high")
        self.assert_owners(result, ["65535 65535", "0 0", "1000 1001"],
                           "1 entry has an owner without a place in the map, and is root's here; "
                           "--wide shows the real one\n")

    def test_wide(self):
        result = self.shell("ls -ln /low /edge /high", options=("--wide",))
        self.assert_owners(result, ["65535 65535", "1000000 4294967294", "1000 1001"], "")

    def test_rootless_map(self):
        result = self.shell("ls -ln /edge", options=("--profile", "rootless"))
        self.assert_owners(result, ["65535 65535"], "1 entry has an owner")

    def test_user(self):
        result = self.shell("id", options=("--user", "1000:5", "--group-add", "7"))
        self.assertEqual((result.returncode, result.stdout),
                         (0, "uid=1000 gid=5 groups=5,7\n"), result.stderr)

    def test_can_write_and_change_owners(self):
        result = self.shell("rm /low; echo x > /low; umask; sh -c 'exec 2>&1; exec id'")
        self.assertEqual((result.returncode, result.stdout), (0, "0022\nuid=0 gid=0 groups=0\n"))


class WithoutRanges(Shell):
    """Its own id alone."""

    # Whoever runs this may have ranges.
    surroundings = {} if someone.AS_ROOT else {"PATH": "/nonexistent"}

    def test_owners(self):
        result = self.shell("ls -ln /low /edge /high")
        self.assert_owners(result, ["0 0"] * 3, "userns-repro: only id 0 is mapped: ")
        self.assertIn("3 entries have an owner without a place in the map, and are root's here\n",
                      result.stderr)

    def test_wide(self):
        result = self.shell("ls -ln /low", options=("--wide",))
        self.assert_owners(result, ["0 0"], "not all of them can be mapped\n")

    @needs_root("a user who certainly has none")
    def test_rootless_map_is_refused(self):
        result = self.shell("true", options=("--profile", "rootless"))
        self.assert_error(result, 77, "usermod --add-subuids")


if __name__ == "__main__":
    programtest.main()
