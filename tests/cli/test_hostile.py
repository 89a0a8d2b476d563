# SPDX-License-Identifier: MIT
"""Images that mean harm: a verdict or one line, in bounded time and memory, and nothing is left.

Every run may have little memory, little disk and little time.  What dockerd says of those that it
survives stands in tests/dockerd/hostile_cases.py.
"""
import functools
import gzip
import os
import resource
import stat
import struct
import tarfile
import zlib

import images
import programtest
from images import archive, digest, dumps, entry
from programtest import unrtest

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
# What each process may have: of data, of the disk in one file, of processor time in seconds.
MEMORY, DISK, TIME = 192 * MIB, 64 * MIB, 60
# Of a path with its NUL.
PATH_MAX = 4096


def _packed(data):
    """Raw deflate that stands by itself, so that it can be put behind any other, and repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)


def deflated(*pieces):
    """gzip of pieces of bytes; a number stands for as many zeros."""
    zeros = bytes(4 * MIB)
    block = _packed(zeros)
    out, crc, size = bytearray(b"\x1f\x8b\x08" + bytes(7)), 0, 0
    for piece in pieces:
        count, data = (0, piece) if isinstance(piece, bytes) else divmod(piece, len(zeros))
        if count:
            out += block * count
        for _ in range(count):
            crc = zlib.crc32(zeros, crc)
        data = data if isinstance(data, bytes) else zeros[:data]
        out += _packed(data)
        crc = zlib.crc32(data, crc)
        size += count * len(zeros) + len(data)
    end = zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    return bytes(out + end + struct.pack("<II", crc, size & 0xffffffff))


@functools.lru_cache
def bomb():
    """A layer of one file of 4 GiB."""
    return deflated(header("bomb", 4 * GIB), 4 * GIB, END)


def header(name, size, kind=tarfile.REGTYPE, **fields):
    """A header alone, that promises @size bytes."""
    info, _ = entry(name, kind=kind)
    info.size = size
    for key, value in fields.items():
        setattr(info, key, value)
    return info.tobuf(tarfile.GNU_FORMAT)


def with_pax(records, name="f", body=b""):
    """An entry behind these records."""
    info, _ = entry(name, data=body)
    info.pax_headers = records
    return info.tobuf(tarfile.PAX_FORMAT) + body + b"\0" * (-len(body) % 512)


END = bytes(1024)
FILE = images.tar(entry("f", data=b"x"))


class Hostile(programtest.ProgramTest):
    """Each test is one kind of malice."""

    def setUp(self):
        super().setUp()
        self.is_sanitized = unrtest.is_sanitized()

    def confine(self):
        """In the program's process, for itself and all that it makes."""
        resource.setrlimit(resource.RLIMIT_CPU, (TIME, TIME))
        resource.setrlimit(resource.RLIMIT_FSIZE, (DISK, DISK))
        if not self.is_sanitized:
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))

    def run_confined(self, image, *more):
        # How long it takes by the clock on the wall is the machine's affair.
        return self.run_program("run", *more, image, preexec_fn=self.confine, timeout=20 * TIME)

    def run_layer(self, data, *more, name="layer.tar"):
        return self.run_confined("tar:" + self.write(name, data), *more)

    def assert_stops(self, result, *words):
        """The engine's verdict is no, for another reason than an owner."""
        self.assert_refused(result, *words)

    # ---- names ----

    def assert_nothing_outside(self, *entries):
        """The layer with a kept tree beside a file that it is after."""
        victim = self.write("victim", b"untouched")
        tree = self.path("tree")
        result = self.run_layer(images.tar(*entries), "--rootfs", tree)
        self.assertIn(result.returncode, (0, 1), result.stderr)
        with open(victim, "rb") as file:
            self.assertEqual(file.read(), b"untouched")
        self.assertEqual(os.stat(victim).st_nlink, 1)
        self.assertEqual(sorted(os.listdir(self.folder)),
                         sorted(["layer.tar", "spool", "tree", "victim"]))
        self.run_program("rm", tree)

    def test_names_that_lead_out(self):
        victim = self.path("victim")
        up = "../" * 30 + victim.lstrip("/")
        folder = os.path.dirname(victim)
        for name, entries in {
                "absolute": [entry(victim, data=b"x")],
                "above": [entry(up, data=b"x")],
                "two above": [entry("../../victim", data=b"x")],
                "symlinked parent": [entry("l", kind=images.SYMLINK, link=folder),
                                     entry("l/victim", data=b"x")],
                "symlinked parent, relative": [
                    entry("l", kind=images.SYMLINK, link="../.."), entry("l/victim", data=b"x")],
                "symlink itself": [entry("l", kind=images.SYMLINK, link=victim),
                                   entry("/l", data=b"x")],
                "hard link": [entry("h", kind=tarfile.LNKTYPE, link=victim)],
                "hard link above": [entry("h", kind=tarfile.LNKTYPE, link=up)],
                "hard link to a symlink": [
                    entry("l", kind=images.SYMLINK, link=victim),
                    entry("h", kind=tarfile.LNKTYPE, link="l"), entry("/h", data=b"x")],
                "directory that becomes a symlink": [
                    entry("d", kind=images.DIRECTORY),
                    entry("/d", kind=images.SYMLINK, link=folder), entry("d/victim", data=b"x")],
                "whiteout above": [entry("../../.wh.victim")],
                "whiteout through a symlink": [
                    entry("l", kind=images.SYMLINK, link=folder), entry("l/.wh.victim")],
                "opaque through a symlink": [
                    entry("l", kind=images.SYMLINK, link=folder), entry("l/.wh..wh..opq")],
        }.items():
            with self.subTest(name):
                self.assert_nothing_outside(*entries)

    def test_long_names(self):
        for name in ("n" * 256, "n" * PATH_MAX, "d/" * 2047 + "f", "d/" * 10000 + "f",
                     "../" * 10000 + "f", "d/../" * 10000 + "f", "./" * 50000 + "f"):
            with self.subTest(length=len(name)):
                result = self.run_layer(images.tar(entry(name)))
                self.assertIn(result.returncode, (0, 1), result.stderr)

    def test_a_link_of_ten_thousand_links(self):
        links = [entry(f"l{i}", kind=images.SYMLINK, link=f"l{i + 1}") for i in range(10000)]
        self.assert_stops(self.run_layer(images.tar(*links, entry("l0/f"))),
                          "too many levels of symbolic links")

    # ---- numbers ----

    def test_a_million_entries(self):
        block = bytearray(header("x" * 40, 0, kind=images.DIRECTORY))
        checksum = int(block[148:154], 8) - sum(block[:100])
        pieces = []
        # The sanitizers take ten times as long, and look at the same code.
        count = 100000 if self.is_sanitized else 1000000
        for i in range(count):
            name = b"%d/%d" % (i // 1000, i)
            block[:100] = name.ljust(100, b"\0")
            block[148:156] = b"%06o\0 " % (checksum + sum(name))
            pieces.append(bytes(block))
        data = deflated(*pieces, END)
        self.assert_loads(self.run_layer(data))
        self.assert_error(self.run_layer(data, "--limit-inodes", str(count // 10)), 3,
                          "layer 0", f"; --limit-inodes is {count // 10}")

    def test_many_layers(self):
        for count, words in ((5000, "more than 4096 are not read"),
                             (1000000, "has more than 1000000 JSON values")):
            with self.subTest(count):
                config = dumps({"rootfs": {"type": "layers", "diff_ids": [digest(FILE)] * count}})
                manifest = dumps([{"Config": "c.json", "Layers": ["l"] * count}])
                image = archive([("l", FILE), ("c.json", config), ("manifest.json", manifest)])
                self.assert_error(self.run_confined(self.write("app.tar", image)), 3, words)

    def test_a_flood_of_descriptors(self):
        image = images.Image(*(images.tar(entry(f"f{i}")) for i in range(1500)))
        folder = self.path("layout")
        os.makedirs(os.path.join(folder, "blobs", "sha256"))
        for name, data in images.oci_files(image).items():
            self.write(os.path.join("layout", name), data)
        self.assert_error(self.run_confined("oci:" + folder), 3,
                          "Too many open files; --limit-open-files is 1024")

    # ---- sizes ----

    def test_a_bomb(self):
        self.assert_loads(self.run_layer(bomb()))
        self.assert_error(self.run_layer(bomb(), "--limit-file-size", "1G"), 3,
                          "layer 0, bomb: a file of 4294967296 bytes is too large")

    def test_a_bomb_in_a_bomb(self):
        """42 kB that are 4 GiB, compressed as a layer and as an archive."""
        config = dumps({"rootfs": {"type": "layers", "diff_ids": [digest(b"")]}})
        manifest = dumps([{"Config": "c.json", "Layers": ["l"]}])
        image = gzip.compress(archive([("l", bomb()), ("c.json", config),
                                       ("manifest.json", manifest)]), mtime=0)
        self.assertLess(len(image), 42 * KIB)
        self.assert_loads(self.run_confined(self.write("app.tar.gz", image), "--no-verify"))

    def test_a_bomb_behind_the_end(self):
        self.assert_loads(self.run_layer(deflated(FILE, 4 * GIB)))

    def test_a_bomb_as_archive(self):
        """More than fits into the temporary file."""
        image = deflated(archive([("manifest.json", b"[]")], end=False),
                         header("l", 4 * GIB), 4 * GIB, END)
        self.assert_error(self.run_confined(self.write("app.tar.gz", image)), 3,
                          "cannot be kept in a temporary file: File too large")

    def test_sparse_files(self):
        for size in (1 << 40, (1 << 63) - 1):
            with self.subTest(size):
                records = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0",
                           "GNU.sparse.name": "s", "GNU.sparse.realsize": str(size)}
                data = with_pax(records, body=b"1\n0\n0\n".ljust(512, b"\0")) + END
                self.assert_error(self.run_layer(data), 3,
                                  f"layer 0, s: a file of {size} bytes is too large; "
                                  "--limit-file-size is 256G")

    def test_sizes_that_are_not_there(self):
        for size in (1 << 33, (1 << 62) - 1):
            with self.subTest(size):
                self.assertIn(self.run_layer(header("f", size) + END).returncode, (1, 3))

    def test_large_headers(self):
        size = 1 << 30
        record = b"%d comment=" % size
        body = deflated(header("p", size, kind=b"x"), record, size - len(record) - 1, b"\n", FILE)
        for kind in (b"x", b"g", b"L", b"K"):
            data = body if kind == b"x" else deflated(header("p", size, kind=kind), size, FILE)
            with self.subTest(kind):
                result = self.run_layer(data, "--engine", "docker-20.10")
                self.assert_stops(result, "archive/tar: header field too long")
                # Docker as App Service has it reads a header of any size.
                self.assert_error(self.run_layer(data), 3,
                                  "layer 0 has a header of more than 64 MiB")

    def test_many_attributes(self):
        records = {f"SCHILY.xattr.user.a{i}": "v" for i in range(100000)}
        result = self.run_layer(with_pax(records) + END)
        self.assertIn(result.returncode, (0, 1, 3), result.stderr)
        records = {f"SCHILY.xattr.user.a{i}": "v" * 65536 for i in range(100)}
        result = self.run_layer(with_pax(records) + END)
        self.assertIn(result.returncode, (0, 1, 3), result.stderr)
        records = {"SCHILY.xattr.user.a": "v" * 65537}
        self.assert_stops(self.run_layer(with_pax(records) + END), "argument list too long")

    # ---- nodes ----

    def test_nodes_with_power(self):
        setuid, body = entry("setuid", data=b"#!/bin/sh\n")
        setuid.mode = 0o6755
        null, _ = entry("null", kind=tarfile.CHRTYPE)
        null.devmajor, null.devminor = 1, 3
        disk, _ = entry("disk", kind=tarfile.BLKTYPE)
        disk.devmajor, disk.devminor = 8, 0
        data = images.tar((setuid, body), (null, b""), (disk, b""))
        self.assert_loads(self.run_layer(data))
        tree = self.path("tree")
        self.assertEqual(self.run_layer(data, "--rootfs", tree).returncode, 0)
        # Nobody but the caller comes near them.
        self.assertEqual(stat.S_IMODE(os.stat(tree).st_mode), 0o700)
        self.assertEqual(os.stat(tree).st_uid, os.geteuid())
        self.assertEqual(self.run_program("rm", tree).returncode, 0)

    # ---- documents ----

    def test_deep_json(self):
        deep = b"[" * 100000 + b"]" * 100000
        config = b'{"rootfs":{"diff_ids":["' + digest(FILE).encode() + b'"]},"x":%s}'
        manifest = dumps([{"Config": "c.json", "Layers": ["l"]}])

        def run(*files):
            return self.run_confined(self.write("app.tar", archive(files)))

        for name, files in {"manifest": [("manifest.json", deep)],
                            "objects": [("manifest.json", b'{"a":' * 100000)],
                            # Go has a limit of its own, which is higher.
                            "config": [("l", FILE), ("c.json", config % (deep[95000:-95000])),
                                       ("manifest.json", manifest)]}.items():
            with self.subTest(name):
                self.assert_error(run(*files), 3, "is not valid JSON", "maximum parsing depth")
        self.assert_refused(run(("l", FILE), ("c.json", config % deep), ("manifest.json", manifest)),
                            "exceeded max depth")

    def test_large_json(self):
        for name, value in {"string": b'"' + b"x" * (40 * MIB) + b'"',
                            "number": b"1" * (40 * MIB), "spaces": b" " * (40 * MIB)}.items():
            with self.subTest(name):
                image = archive([("manifest.json", value)])
                self.assert_error(self.run_confined(self.write("app.tar", image)), 3,
                                  "manifest.json: has ", "bytes, and more than")

    def test_passwd_without_end(self):
        """USER is looked up in files of the image."""
        lines = b"u%d:x:%d:0::/:/bin/sh\n" % (1, 1) * 100000
        for name, data in {"many lines": lines, "one line": b"x" * (8 * MIB),
                           "colons": b":" * (8 * MIB)}.items():
            with self.subTest(name):
                layer = images.tar(entry("etc", kind=images.DIRECTORY),
                                   entry("etc/passwd", data=data), entry("etc/group", data=data))
                image = images.old_archive(images.Image(layer, user="nobody-there"))
                result = self.run_confined(self.write("app.tar", image))
                self.assertIn(result.returncode, (0, 1, 3), result.stderr)

    def test_very_many_groups(self):
        """Each of them is looked up again by its number."""
        groups = b"".join(b"g%d:x:%d:u\n" % (i, i) for i in range(200000))
        layer = images.tar(entry("etc", kind=images.DIRECTORY),
                           entry("etc/passwd", data=b"u:x:1:1::/:/bin/sh\n"),
                           entry("etc/group", data=groups))
        image = self.write("app.tar", images.old_archive(images.Image(layer, user="u")))
        for engine in ("docker-20.10.9", "docker-29.7"):
            with self.subTest(engine):
                result = self.run_confined(image, "--engine", engine)
                self.assert_refused(result, "more (134416 outside the map)")
                self.assertLess(len(result.stdout), 8 * KIB)


if __name__ == "__main__":
    programtest.main()
