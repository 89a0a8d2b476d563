# SPDX-License-Identifier: MIT
"""`run --rootfs DIR`: what is kept, whose it is, and that nothing is left where nothing is kept."""
import json
import os
import shutil
import signal
import stat
import subprocess
import tarfile
import unittest

import background
from background import images, patience, programtest
from programtest import needs_root, unrtest
from test_unprivileged import GROUP, HELPERS, USER, Someone

# What CAP_NET_RAW looks like in a v2 attribute, as setcap(8) sets it.
CAPABILITY = bytes.fromhex("0100000200200000000000000000000000000000")
OPAQUE = "trusted.overlay.opaque"


def device(name, kind, major, minor):
    """A device node."""
    info, data = images.entry(name, 0, 5, kind=kind)
    info.devmajor, info.devminor, info.mode = major, minor, 0o660
    return info, data


def attributes(**pairs):
    """A pax header that gives the next entry these attributes; "__" stands for a dot."""
    records = b""
    for key, value in pairs.items():
        body = b" SCHILY.xattr." + key.replace("__", ".").encode() + b"=" + value + b"\n"
        size = len(body) + 1
        size += len(str(size + len(str(size))) ) - 1
        records += str(size).encode() + body
    info = tarfile.TarInfo("x")
    info.type, info.size = b"x", len(records)
    return info, records


# Devices, file capabilities, marks and contents: all that dockerd makes with the host's privilege.
LAYER = images.tar(images.entry("bin", kind=images.DIRECTORY),
                   attributes(security__capability=CAPABILITY),
                   images.entry("bin/ping", 0, 7, b"ping\n"),
                   device("null", tarfile.CHRTYPE, 1, 3), device("disk", tarfile.BLKTYPE, 8, 0),
                   images.entry("old/.wh..wh..opq"), images.entry(".wh.gone"))


class Kept(background.BackgroundTest):
    """Tests with a directory that a tree is kept in."""

    def setUp(self):
        super().setUp()
        self.kept = self.path("kept")

    def keep(self, layer, *words, status=0):
        """Runs it, and returns the JSON report."""
        path = self.write("layer.tar", layer)
        result = self.run_program("run", "--format", "json", "--rootfs", self.kept, *words,
                                  "tar:" + path)
        self.assertEqual((result.returncode, result.stderr), (status, ""), result.stdout)
        return json.loads(result.stdout)

    def look(self, *names):
        """lstat(2) of something in the kept tree."""
        return os.lstat(os.path.join(self.kept, *names))

    def assert_not_kept(self):
        self.assertFalse(os.path.lexists(self.kept), "a directory is left")


class Start(Kept):
    """USER is looked up in a mount of the layers, and in a kept tree layer by layer."""

    def start(self, scenario, *options):
        """What the reports says of the start; the tree goes."""
        result = self.run_program("run", "--format", "json", *options, "scenario:" + scenario)
        self.assertEqual(result.stderr, "")
        if os.path.exists(self.kept):
            self.run_program("rm", self.kept)
        report = json.loads(result.stdout)
        return result.returncode, report["runtime"], report["verdict"]

    def test_both_come_to_the_same(self):
        folder = os.path.join(programtest.unrtest.SOURCE_DIR, "scenarios")
        names = [name for name in os.listdir(folder) if name.startswith("user-")]
        self.assertGreaterEqual(len(names), 7)
        for name in names:
            for user in ((), ("--user", "0"), ("--user", "nobody:daemon"), ("--user", "1001")):
                with self.subTest(name, user=user):
                    self.assertEqual(self.start(name, *user),
                                     self.start(name, *user, "--rootfs", self.kept))


@needs_root("owners on the host")
class AsRoot(Kept):
    """Where the host's root runs it."""

    def test_directory(self):
        report = self.keep(LAYER)
        self.assertEqual(report["rootfs"], self.kept)
        self.assertNotIn("skipped", report)
        status = self.look()
        self.assertEqual((stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid),
                         (0o700, os.geteuid(), os.getegid()))
        self.assertEqual(os.listdir(self.kept), ["0"])
        status = self.look("0")
        self.assertEqual((stat.S_IMODE(status.st_mode), status.st_uid), (0o755, 100000))

    def test_content_owner_and_mode(self):
        self.keep(LAYER)
        status = self.look("0", "bin", "ping")
        self.assertEqual((status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)),
                         (100000, 100007, 0o644))
        with open(os.path.join(self.kept, "0", "bin", "ping"), "rb") as file:
            self.assertEqual(file.read(), b"ping\n")

    def test_devices(self):
        self.keep(LAYER)
        for name, kind, number in (("null", stat.S_IFCHR, os.makedev(1, 3)),
                                   ("disk", stat.S_IFBLK, os.makedev(8, 0)),
                                   ("gone", stat.S_IFCHR, 0)):
            status = self.look("0", name)
            self.assertEqual((stat.S_IFMT(status.st_mode), status.st_rdev), (kind, number), name)
        status = self.look("0", "disk")
        self.assertEqual((status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)),
                         (100000, 100005, 0o660))

    def test_attributes(self):
        self.keep(LAYER)
        self.assertEqual(os.getxattr(os.path.join(self.kept, "0", "bin", "ping"),
                                     "security.capability"), CAPABILITY)
        self.assertEqual(os.getxattr(os.path.join(self.kept, "0", "old"), OPAQUE), b"y")

    def test_vfs_has_one_tree_and_directories_of_the_host_root(self):
        self.keep(images.tar(images.entry("a/b/f"), images.entry("a", 5, 5, kind=images.DIRECTORY)),
                  "--driver", "vfs", "--engine", "docker-20.10")
        self.assertEqual(os.listdir(self.kept), ["rootfs"])
        self.assertEqual(self.look("rootfs", "a").st_uid, 100005)
        status = self.look("rootfs", "a", "b")
        self.assertEqual((status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)),
                         (0, 0, 0o600))

    def test_an_image_that_fails_is_kept(self):
        report = self.keep(images.BAD_LAYER, status=1)
        self.assertEqual(report["rootfs"], self.kept)
        self.assertEqual(self.look("0", "srv", "high").st_uid, 100000)

    def test_an_engine_that_stops_keeps_nothing(self):
        self.assertNotIn("rootfs", self.keep(images.BAD_LAYER, "--stop-at-first", status=1))
        self.assert_not_kept()

    def test_an_empty_directory_is_taken_and_given_back(self):
        os.mkdir(self.kept, 0o750)
        os.chown(self.kept, -1, 34)
        self.keep(images.BAD_LAYER, "--stop-at-first", status=1)
        status = self.look()
        self.assertEqual((status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)),
                         (0, 34, 0o750))
        self.keep(LAYER)
        status = self.look()
        self.assertEqual((status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)),
                         (0, 34, 0o700))

    def test_a_directory_of_somebody_else(self):
        os.mkdir(self.kept)
        os.chown(self.kept, 12, 34)
        path = self.write("layer.tar", LAYER)
        result = self.run_program("run", "--rootfs", self.kept, "tar:" + path)
        self.assert_error(result, 3, "belongs to uid 12")
        self.assertEqual(os.listdir(self.kept), [])

    def test_two_at_once(self):
        process, progress = self.hold_extracting("--rootfs", self.kept)
        path = self.write("layer.tar", LAYER)
        result = self.run_program("run", "--rootfs", self.kept, "tar:" + path)
        self.assert_error(result, 3, "is not empty")
        self.assertEqual(self.look("partial").st_uid, 100000)
        process.kill()
        process.wait()
        progress.close()

    def test_the_number_of_its_root_does_not_let_in(self):
        _process, _progress = self.hold_extracting("--rootfs", self.kept)
        status = self.look()
        self.assertEqual((stat.S_IMODE(status.st_mode), status.st_uid), (0o700, 0))
        self.assertEqual(self.look("partial", "0").st_uid, 100000)
        os.chmod(os.path.dirname(self.kept), 0o755)
        result = subprocess.run(["ls", os.path.join(self.kept, "partial", "0")], check=False,
                                user=100000, group=100000, extra_groups=[], capture_output=True,
                                text=True, timeout=programtest.PATIENCE)
        self.assertIn("Permission denied", result.stderr)


class Refused(Kept):
    """Directories that will not do."""

    def assert_fails(self, *words):
        path = self.write("layer.tar", LAYER)
        result = self.run_program("run", "--rootfs", self.kept, "tar:" + path)
        self.assert_error(result, 3, *words)

    def test_not_empty(self):
        os.makedirs(os.path.join(self.kept, "x"))
        self.assert_fails("kept is not empty")
        self.assertEqual(os.listdir(self.kept), ["x"])

    def test_no_directory(self):
        self.write("kept", b"")
        self.assert_fails("kept: Not a directory")

    def test_nowhere(self):
        self.kept = self.path("missing/kept")
        self.assert_fails("missing", "No such file or directory")

    def test_an_image_that_cannot_be_read_leaves_nothing(self):
        path = self.write("broken.tar", images.old_archive(images.good_image())[:2000])
        result = self.run_program("run", "--rootfs", self.kept, path)
        self.assert_error(result, 3)
        self.assert_not_kept()


class Removed(Kept):
    """`rm`, as whoever runs the tests."""

    def test_several(self):
        self.keep(images.GOOD_LAYER)
        first, self.kept = self.kept, self.path("second")
        self.keep(images.GOOD_LAYER, "--driver", "vfs")
        result = self.run_program("rm", first, self.kept + "/")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
        self.assertFalse(os.path.exists(first))
        self.assert_not_kept()

    def test_what_cannot_be_listed(self):
        """It is not empty for that: the way up and down again had no end."""
        self.keep(images.tar(images.entry("d/e/f")))
        result = self.run_program("getdents64=EPERM", "--", unrtest.PROGRAM, "rm", self.kept,
                                  program=unrtest.WITHOUT)
        self.assert_error(result, 3, self.kept, "Operation not permitted")
        self.assertEqual(self.run_program("rm", self.kept).returncode, 0)

    def test_what_is_no_kept_tree_stays(self):
        os.makedirs(os.path.join(self.kept, "0"))
        os.mkdir(os.path.join(self.kept, "0x"))
        self.assert_error(self.run_program("rm", self.kept), 3, "is no kept tree", "'0x'")
        self.assertEqual(sorted(os.listdir(self.kept)), ["0", "0x"])

    def test_one_fails_and_the_next_goes(self):
        self.keep(images.GOOD_LAYER)
        os.symlink(self.kept, self.path("link"))
        self.assert_error(self.run_program("rm", self.path("link"), self.kept), 3, "link")
        self.assert_not_kept()

    def test_nothing_to_remove(self):
        self.assert_error(self.run_program("rm"), 2, "rm wants DIR")
        self.assert_error(self.run_program("rm", self.kept), 3, "No such file")


class Ended(Kept):
    """Whatever ends it, the tree goes: tearDown() waits for the steward."""

    def only_child(self, process):
        """The namespace's first process, which has a second number in it, unlike the steward."""
        with patience("the child"):
            while True:
                found = [pid for pid in background.children(process.pid)
                         if "\t" in programtest.read_status(pid).get("NSpid", "")]
                if found:
                    return found[0]

    def test_by_a_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            with self.subTest(number.name):
                process, _progress = self.hold_extracting("--rootfs", self.kept)
                self.assertTrue(os.path.isdir(self.kept))
                process.send_signal(number)
                with patience("the end"):
                    self.assertEqual(process.wait(), -number)
                programtest.reap_orphans()
                self.assert_not_kept()

    def test_by_ctrl_c(self):
        process, _progress = self.hold_extracting("--rootfs", self.kept, start_new_session=True)
        os.killpg(process.pid, signal.SIGINT)
        with patience("the end"):
            self.assertEqual(process.wait(), -signal.SIGINT)
        programtest.reap_orphans()
        self.assert_not_kept()

    def test_by_the_end_of_the_child(self):
        process, progress = self.hold_extracting("--rootfs", self.kept)
        os.kill(self.only_child(process), signal.SIGKILL)
        with patience("the end"):
            text = progress.read()
            self.assertEqual(process.wait(), 3)
        self.assertIn("killed by signal 9", text)
        programtest.reap_orphans()
        self.assert_not_kept()


@needs_root("sets up the user database of a mount namespace")
@unittest.skipUnless(all(map(shutil.which, HELPERS)), "needs newuidmap and newgidmap")
class AsUser(Someone):
    """Ordinary users keep trees that belong to their ranges."""

    def setUp(self):
        super().setUp()
        self.home = self.path("home")
        os.mkdir(self.home)
        os.chown(self.home, USER, GROUP)
        os.chmod(self.home, 0o700)
        self.kept = os.path.join(self.home, "kept")

    def keep(self, layer=LAYER, status=0, options=()):
        return self.report(layer, status, ("--rootfs", self.kept, *options))

    def test_with_ranges(self):
        self.ranges([(300000, 65536)])
        report = self.keep()
        self.assertEqual(report["host"]["map_method"], "newuidmap")
        self.assertEqual(report["skipped"], {"device_nodes": 2, "xattrs": 2, "owners": 0})
        status = os.lstat(self.kept)
        self.assertEqual((status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)),
                         (USER, GROUP, 0o700))
        status = os.lstat(os.path.join(self.kept, "0", "bin", "ping"))
        self.assertEqual((status.st_uid, status.st_gid), (300000, 300007))
        self.assertEqual(os.getxattr(os.path.join(self.kept, "0", "old"), "user.overlay.opaque"),
                         b"y")

    def test_with_the_own_id_alone(self):
        self.ranges([])
        self.keep(images.tar(images.entry("f", data=b"x"),
                             images.entry("d", kind=images.DIRECTORY)))
        status = os.lstat(os.path.join(self.kept, "0", "f"))
        self.assertEqual((status.st_uid, status.st_gid), (USER, GROUP))

    def test_a_failure_leaves_nothing(self):
        for ranges in ([(300000, 65536)], []):
            with self.subTest(ranges):
                self.ranges(ranges)
                self.keep(images.BAD_LAYER, 1, ("--stop-at-first",))
                self.assertEqual(os.listdir(self.home), [])

    def test_modes_do_not_hinder_the_removal(self):
        closed = images.entry("d", kind=images.DIRECTORY)
        closed[0].mode = 0
        layer = images.tar(closed, images.entry("d/e", kind=images.DIRECTORY),
                           images.entry("d/e/f"), images.entry("high", 1000000))
        for ranges in ([(300000, 65536)], []):
            with self.subTest(ranges):
                self.ranges(ranges)
                self.keep(layer, 1, ("--stop-at-first",))
                self.assertEqual(os.listdir(self.home), [])

    def test_vfs_parents_are_said_to_be_skipped(self):
        self.ranges([(300000, 65536)])
        report = self.keep(images.tar(images.entry("a/b/f")), 0, ("--driver", "vfs"))
        self.assertEqual(report["skipped"]["owners"], 2)

    def test_removal(self):
        for ranges in ([(300000, 65536)], []):
            with self.subTest(ranges):
                self.ranges(ranges)
                closed = images.entry("d", kind=images.DIRECTORY)
                closed[0].mode = 0
                self.keep(images.tar(closed, images.entry("d/f", 5 if ranges else 0)))
                result = self.run_as("rm", self.kept)
                self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
                self.assertEqual(os.listdir(self.home), [])

    def test_removal_without_the_ranges(self):
        self.ranges([(300000, 65536)])
        self.keep(images.tar(images.entry("d", 5, 5, kind=images.DIRECTORY),
                             images.entry("d/f")))
        self.ranges([])
        self.assert_error(self.run_as("rm", self.kept), 3, "with one's own id alone", "kept",
                          "Permission denied")
        self.assertTrue(os.path.exists(os.path.join(self.kept, "0", "d", "f")))

    def test_removal_of_what_is_somebody_elses(self):
        self.ranges([(300000, 65536)])
        os.makedirs(os.path.join(self.kept, "0"), 0o700)
        os.chmod(self.kept, 0o700)
        result = self.run_as("rm", self.kept)
        self.assert_error(result, 3, "Permission denied")
        self.assertNotIn("own id alone", result.stderr)
        self.assertEqual(os.listdir(self.kept), ["0"])

    def test_a_directory_of_somebody_else(self):
        self.ranges([(300000, 65536)])
        os.mkdir(self.kept)
        path = self.write("layer.tar", LAYER)
        result = self.run_as("run", "--rootfs", self.kept, "tar:" + path)
        self.assert_error(result, 3, "belongs to uid 0")


if __name__ == "__main__":
    background.programtest.main()
