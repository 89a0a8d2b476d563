# SPDX-License-Identifier: MIT
"""--limit-*: each bites, says which one it was, and leaves nothing behind; at its edge it does not."""
import gzip
import os
import subprocess
import tarfile

import images
import programtest
from programtest import patience, unrtest

MIB = 1 << 20
# What is no amount, for each kind of limit.
WRONG = {"file-size": ("", "0", "-1", "+1", " 1", "1Q", "1KK", "1k", "0x10", "9999999T",
                       "99999999999999999999", "None", "1.5G"),
         "inodes": ("0", "1K", "many"), "memory": ("0K", "1s"), "open-files": ("1M",),
         "time": ("1d", "0h", "5K")}


def layer(count, size=0):
    """The bytes of a layer with so many files."""
    return images.tar(*(images.entry(f"f{i}", data=b"x" * size) for i in range(count)))


class Limits(programtest.ProgramTest):
    """One limit each."""

    def run_limited(self, limit, value, image, *more, **options):
        return self.run_program("run", f"--limit-{limit}", str(value), *more, image, **options)

    def assert_bites(self, result, limit, value, *words):
        self.assert_error(result, 3, f"; --limit-{limit} is {value}\n", *words)

    def test_size_of_a_file(self):
        path = self.write("layer.tar", layer(1, MIB))
        self.assert_loads(self.run_limited("file-size", "1M", path))
        self.assert_bites(self.run_limited("file-size", MIB - 1, path), "file-size", MIB - 1,
                          "layer 0, f0: a file of 1048576 bytes is too large")

    def test_size_of_a_file_in_a_kept_tree(self):
        path = self.write("layer.tar", layer(1, MIB))
        result = self.run_limited("file-size", "512K", path, "--rootfs", self.path("tree"))
        self.assert_bites(result, "file-size", "512K", "f0")
        self.assertFalse(os.path.exists(self.path("tree")))

    def test_size_of_the_temporary_file(self):
        image = images.old_archive(images.Image(layer(4, MIB)))
        path = self.write("app.tar.gz", gzip.compress(image))
        self.assert_loads(self.run_limited("file-size", "8M", path))
        self.assert_bites(self.run_limited("file-size", "2M", path), "file-size", "2M",
                          "cannot be kept in a temporary file: File too large")

    def test_number_of_files(self):
        path = self.write("layer.tar", layer(100))
        self.assert_loads(self.run_limited("inodes", 110, path))
        self.assert_bites(self.run_limited("inodes", 99, path), "inodes", 99, "layer 0")

    def test_number_of_files_of_all_layers(self):
        image = images.Image(layer(60), layer(60))
        path = self.write("app.tar", images.old_archive(image))
        self.assert_loads(self.run_limited("inodes", 130, path))
        self.assert_bites(self.run_limited("inodes", 100, path), "inodes", 100,
                          "No space left on device")

    def test_number_of_files_of_a_kept_tree(self):
        path = self.write("layer.tar", layer(100))
        result = self.run_limited("inodes", 99, path, "--rootfs", self.path("tree"))
        self.assert_bites(result, "inodes", 99, "layer 0 has too many files")
        self.assertFalse(os.path.exists(self.path("tree")))

    def test_parents_that_no_entry_names_count(self):
        path = self.write("layer.tar", images.tar(images.entry("d/" * 100 + "f")))
        self.assert_bites(self.run_limited("inodes", 99, path, "--rootfs", self.path("tree")),
                          "inodes", 99, "layer 0 has too many files")

    def test_memory(self):
        if unrtest.is_sanitized():
            return
        info, _ = images.entry("f")
        info.pax_headers = {"comment": "x" * (20 * MIB)}
        path = "tar:" + self.write("layer.tar", info.tobuf(tarfile.PAX_FORMAT) + b"\0" * 1024)
        self.assert_loads(self.run_limited("memory", "200M", path))
        self.assert_bites(self.run_limited("memory", "16M", path), "memory", "16M",
                          "Cannot allocate memory")

    def test_open_files(self):
        folder = self.path("layout")
        image = images.Image(*(images.tar(images.entry(f"f{i}")) for i in range(60)))
        for name, data in images.oci_files(image).items():
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            self.write(os.path.join("layout", name), data)
        self.assert_loads(self.run_limited("open-files", 100, "oci:" + folder))
        self.assert_bites(self.run_limited("open-files", 40, "oci:" + folder), "open-files", 40,
                          "Too many open files")

    def test_time(self):
        read_end, write_end = os.pipe()
        process = self.start_program("run", "--limit-time", "1", "-", stdin=read_end,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        os.close(read_end)
        with patience("the limit of time"), open(write_end, "wb"):
            out, text = process.communicate()
        self.assertEqual((process.returncode, out, text),
                         (3, "", "userns-repro: reading the image takes too long; "
                                 "--limit-time is 1s\n"))

    def test_none(self):
        path = self.write("layer.tar", layer(100, 10))
        limits = [f"--limit-{limit}=none" for limit in WRONG]
        self.assert_loads(self.run_program("run", *limits, path))

    def test_what_is_no_amount(self):
        path = self.write("layer.tar", layer(1))
        for limit, values in WRONG.items():
            for value in values:
                with self.subTest(limit, value=value):
                    result = self.run_limited(limit, value, path)
                    self.assert_error(result, 2, f"--limit-{limit} '{value}' is neither ")

    def test_scenarios(self):
        result = self.run_program("scenario", "run", "high-uid-file", "--limit-inodes", "3")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("; --limit-inodes is 3\n", result.stdout)


if __name__ == "__main__":
    programtest.main()
