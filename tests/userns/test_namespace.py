# SPDX-License-Identifier: MIT
"""The namespace: its map, seen from outside while it runs, and what the map does to owners."""
import json
import os

import background
from background import BackgroundTest, images, patience, programtest
from images import entry, tar
from programtest import needs_root

NAMESPACES = ("user", "mnt", "pid", "ipc", "uts", "net", "cgroup")
# chown, dac_override, fowner, fsetid, sys_chroot, mknod, setfcap (linux/capability.h)
CAPABILITIES = sum(1 << number for number in (0, 1, 3, 4, 18, 27, 31))
IMAGE = images.old_archive(images.Image(tar(entry("f", data=b"x" * 100000))))
MAX_RANGES = 340 # user_namespaces(7)


def ranges(*numbers):
    """As the JSON report has them."""
    return [{"inside": i, "outside": o, "count": n} for i, o, n in numbers]


def words(option, numbers):
    """As the command line has them."""
    return [word for i, o, n in numbers for word in (option, f"{i}:{o}:{n}")]


@needs_root("only root may write any map it likes")
class Map(BackgroundTest):
    """Maps that are given, and the one that the kernel has."""

    def report(self, layer, *options, status=1):
        path = self.write("layer.tar", layer)
        result = self.run_program("run", "--format", "json", *options, "tar:" + path)
        self.assertEqual((result.returncode, result.stderr), (status, ""), result.stdout)
        return json.loads(result.stdout)

    def proc_map(self, pid, kind):
        """What the kernel says of a process."""
        with open(f"/proc/{pid}/{kind}_map", encoding="ascii") as file:
            return ranges(*(map(int, line.split()) for line in file))

    def assert_map(self, uids, gids=None):
        """The kernel has it while the program runs, and the report says so afterwards."""
        options = words("--uidmap", uids) + (words("--gidmap", gids) if gids else [])
        process, pipe, fed = self.hold_reading(IMAGE, "--format", "json", *options)
        child = self.only_child(process)
        seen = {kind: self.proc_map(child, kind) for kind in ("uid", "gid")}
        pipe.write(IMAGE[fed:])
        pipe.close()
        with patience("the end"):
            out, err = process.communicate()
        self.assertEqual((process.returncode, err), (0, ""))
        report = json.loads(out)
        self.assertEqual(seen, report["map"])
        self.assertEqual(seen, {"uid": ranges(*uids), "gid": ranges(*(gids or uids))})
        self.assertEqual(report["host"]["map_method"], "direct")
        self.assertEqual(report["profile"], "custom")

    def test_one_range(self):
        self.assert_map([(0, 100000, 65536)])

    def test_several_ranges(self):
        self.assert_map([(0, 200000, 10), (1000, 300000, 5), (4000000000, 400000, 1)])

    def test_groups_of_their_own(self):
        self.assert_map([(0, 200000, 10)], [(0, 500000, 1), (5, 600000, 100)])

    def test_ranges_in_any_order(self):
        report = self.report(images.GOOD_LAYER, "--uidmap", "5:300000:5", "--uidmap", "0:1:1",
                             status=0)
        self.assertEqual(sorted(one["inside"] for one in report["map"]["uid"]), [0, 5])

    def test_default(self):
        report = self.report(images.GOOD_LAYER, status=0)
        self.assertEqual(report["map"], {"uid": ranges((0, 100000, 65536)),
                                         "gid": ranges((0, 100000, 65536))})
        self.assertEqual(report["profile"], "appservice")

    def test_as_many_as_the_kernel_takes(self):
        # In short numbers: the text has to fit into a page.
        many = [(2 * i, 2000 + 3 * i, 1) for i in range(MAX_RANGES)]
        self.assert_map(many)
        layer = tar(entry("last", 2 * (MAX_RANGES - 1), 0), entry("gap", 1, 0))
        report = self.report(layer, *words("--uidmap", many))
        self.assertEqual([one["path"] for one in report["failures"]], ["gap"])

    def test_boundaries(self):
        ids = (0, 999, 1000, 1999, 2000, 2009, 2010, 4294967294)
        layer = tar(*(entry(f"u{number}", number, 0) for number in ids),
                    *(entry(f"g{number}", 0, number) for number in ids))
        report = self.report(layer, "--uidmap", "0:100000:1000", "--uidmap", "2000:200000:10",
                             "--gidmap", "0:100000:2000", "--gidmap", "4294967294:7:1")
        refused = {one["path"]: (one["unmapped"], one["kernel"]["errno"])
                   for one in report["failures"]}
        uid, gid = (["uid"], "EINVAL"), (["gid"], "EINVAL")
        self.assertEqual(refused, {"u1000": uid, "u1999": uid, "u2010": uid, "u4294967294": uid,
                                   "g2000": gid, "g2009": gid, "g2010": gid})

    def test_boundaries_of_the_default(self):
        layer = tar(*(entry(f"f{uid}-{gid}", uid, gid) for uid in (0, 65535, 65536)
                      for gid in (0, 65535, 65536)))
        report = self.report(layer)
        self.assertEqual({one["path"]: one["unmapped"] for one in report["failures"]},
                         {"f0-65536": ["gid"], "f65535-65536": ["gid"],
                          "f65536-0": ["uid"], "f65536-65535": ["uid"],
                          "f65536-65536": ["uid", "gid"]})

    def test_every_chown_is_a_real_one(self):
        # The kernel takes what the engine refuses, and the other way round: scenario.minus-one.
        layer = tar(entry("minus-one", 4294967295, 4294967295), entry("root", 100000, 100000))
        report = self.report(layer)
        found = {one["path"]: (one["engine"], one["kernel"])
                 for one in report["disagreements"]}
        self.assertEqual(found, {"minus-one": ("unmapped", "ok"), "root": ("mapped", "EINVAL")})

    def test_single(self):
        report = self.report(tar(entry("a", 0, 0), entry("b", 1, 0)), "--profile", "single")
        self.assertEqual([one["path"] for one in report["failures"]], ["b"])


class Refused(programtest.ProgramTest):
    """Maps that make no sense are wrong usage, whoever asks."""

    def assert_wrong(self, numbers, *named, option="--uidmap"):
        options = words("--uidmap", [(0, 100000, 1)]) if option == "--gidmap" else []
        result = self.run_program("run", *options, *words(option, numbers),
                                  "scenario:high-uid-file")
        self.assert_error(result, 2, *named)

    def test_too_many(self):
        many = [(2 * i, 100000 + 2 * i, 1) for i in range(MAX_RANGES + 1)]
        self.assert_wrong(many, "341", "340")
        self.assert_wrong(many, "341", "340", option="--gidmap")

    def test_too_long_for_a_page(self):
        many = [(2 * i, 4100000000 + 2 * i, 1) for i in range(MAX_RANGES)]
        self.assert_wrong(many, "4095")

    def test_overlap(self):
        for numbers in ([(0, 100000, 10), (9, 200000, 10)], [(0, 100000, 10), (10, 100009, 10)],
                        [(0, 100000, 10), (0, 100000, 10)], [(0, 5, 3), (7, 0, 6)]):
            with self.subTest(numbers):
                self.assert_wrong(numbers, "both have")
                self.assert_wrong(numbers, "both have", option="--gidmap")

    def test_no_numbers(self):
        for text in ("", ":", "::", "0:0", "0:0:0", "0:0:1:1", "a:0:1", "0x1:0:1", " 0:0:1",
                     "0:0:1 ", "+0:0:1", "-1:0:1", "0:4294967295:1", "4294967295:0:1",
                     "0:4294967290:10", "4294967296:0:1", "0:0:18446744073709551617", "0:1:1\n"):
            with self.subTest(text):
                result = self.run_program("run", "--uidmap", text, "scenario:high-uid-file")
                self.assert_error(result, 2, text.strip())


class Child(BackgroundTest):
    """What the process that reads hostile bytes can do and see."""

    def setUp(self):
        super().setUp()
        secret = os.open("/dev/null", os.O_RDWR)
        self.process, pipe, _fed = self.hold_reading(IMAGE, pass_fds=[secret],
                                                     preexec_fn=self.join_groups)
        os.close(secret)
        self.addCleanup(pipe.close)
        self.child = self.only_child(self.process)

    @staticmethod
    def join_groups():
        """So that there are some to leave."""
        if os.geteuid() == 0:
            os.setgroups([100000, 54321])

    def status(self, name):
        with open(f"/proc/{self.child}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith(name + ":"):
                    return line.split()[1:]
        raise KeyError(name)

    @needs_root("looks at a process of another user")
    def test_namespaces(self):
        for name in NAMESPACES:
            with self.subTest(name):
                self.assertNotEqual(os.readlink(f"/proc/{self.child}/ns/{name}"),
                                    os.readlink(f"/proc/self/ns/{name}"))

    def test_privileges(self):
        for name in ("CapEff", "CapPrm", "CapBnd"):
            self.assertEqual(int(self.status(name)[0], 16), CAPABILITIES, name)
        for name in ("CapInh", "CapAmb"):
            self.assertEqual(int(self.status(name)[0], 16), 0, name)
        self.assertEqual(self.status("NoNewPrivs"), ["1"])
        self.assertEqual(self.status("Seccomp"), ["2"])
        self.assertEqual(self.status("NSpid")[-1], "1")

    @needs_root("with the default map, which root alone can write directly")
    def test_ids(self):
        self.assertEqual(self.status("Uid"), ["100000"] * 4)
        self.assertEqual(self.status("Gid"), ["100000"] * 4)
        self.assertEqual(self.status("Groups"), [])

    @needs_root("looks at a process of another user")
    def test_root_directory(self):
        self.assertEqual(os.listdir(f"/proc/{self.child}/root"), [])
        with open(f"/proc/{self.child}/mountinfo", encoding="utf-8") as file:
            self.assertEqual(len(file.readlines()), 1)

    @needs_root("looks at a process of another user")
    def test_descriptors(self):
        targets = [os.readlink(f"/proc/{self.child}/fd/{fd}")
                   for fd in os.listdir(f"/proc/{self.child}/fd")]
        kinds = sorted(target.split(":")[0] if ":[" in target else "file" for target in targets)
        # What the caller left open is not there: standard error, the image, its own socket, one for
        # each worker, those to the processes that try ids and that mount, and the spool file without
        # a name.
        workers = min(len(os.sched_getaffinity(0)), 16)
        self.assertEqual(kinds, ["file", "pipe", "pipe"] + ["socket"] * (3 + workers), targets)


if __name__ == "__main__":
    background.programtest.main()
