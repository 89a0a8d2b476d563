# SPDX-License-Identifier: MIT
"""Images with very many failures, by processes that may have little memory."""
import collections
import json
import resource

import images
import programtest
from programtest import unrtest

# Bytes of data and private mappings for each process: far less than the findings below take.
LITTLE = 48 << 20
ID = 1000000


def layer(number, count, kind):
    """A tar of @count entries, as quickly as python can: one header, and what differs patched."""
    info, _ = images.entry("x" * 40, ID, ID, kind=kind)
    block = info.tobuf()
    checksum = int(block[148:154], 8) - sum(block[:100])
    out = bytearray()
    for i in range(count):
        name = b"srv/layer-%d/p%d/%d" % (number, i // 100, i)
        header = bytearray(block)
        header[:100] = name.ljust(100, b"\0")
        header[148:156] = b"%06o\0 " % (checksum + sum(name))
        out += header
    return bytes(out) + b"\0" * 1024


class Memory(programtest.ProgramTest):
    """Every failure is told, and none is kept in memory."""

    def setUp(self):
        super().setUp()
        self.is_sanitized = unrtest.is_sanitized()

    def with_little(self):
        """In the program's process; the shadow of a sanitizer alone would be too much."""
        if not self.is_sanitized:
            resource.setrlimit(resource.RLIMIT_DATA, (LITTLE, LITTLE))

    def run_with_little(self, *arguments):
        return self.run_program("run", *arguments, preexec_fn=self.with_little, timeout=300)

    def assert_complete(self, path, layers):
        """The JSON report has each failure of each layer, in order."""
        with open(path, encoding="utf-8") as file:
            failures = json.load(file)["failures"]
        places = [(failure["layer"], failure["entry"]) for failure in failures]
        self.assertEqual(places, sorted(places))
        self.assertEqual(collections.Counter(place[0] for place in places), layers)

    def test_one_layer(self):
        path = self.write("many.tar", layer(0, 200000, images.DIRECTORY))
        report = self.path("report.json")
        result = self.run_with_little("--verbose", "--format", "text", "--format", "json",
                                      "--output", report, path)
        self.assert_refused(result, "(the first of 200,000)",
                            "  200,000 entries  uid 1000000, gid 1000000  srv/layer-0/\n")
        self.assertEqual(result.stdout.count("\ndrwxr-xr-x 1 "), 200000)
        self.assert_complete(report, {0: 200000})

    def test_many_layers(self):
        image = images.Image(*(layer(i, 1000, images.tarfile.REGTYPE) for i in range(120)))
        report = self.path("report.json")
        result = self.run_with_little("--format", "json", "--output", report, "--format", "text",
                                      self.write("app.tar", images.old_archive(image)))
        self.assert_refused(result, "(the first of 120,000)")
        self.assert_complete(report, {i: 1000 for i in range(120)})

    def test_no_space_for_findings(self):
        path = self.write("many.tar", layer(0, 50000, images.tarfile.REGTYPE))
        result = self.run_program("run", path, env=self.environment(TMPDIR=self.path("missing")))
        self.assert_error(result, 3, "the findings cannot be kept in a temporary file in",
                          "missing: No such file or directory")


if __name__ == "__main__":
    programtest.main()
