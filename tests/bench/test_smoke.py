#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench.py itself, on images so small that no number means anything: does it measure and report?"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import report  # noqa: E402 (the paths above come first)
import unrtest  # noqa: E402

DOCUMENT = os.path.join(unrtest.SOURCE_DIR, "docs", "performance.md")
# What may say no, in one version or another: to zstd.
MAY_REFUSE = {"docker pull", "umoci unpack"}
# Without one of these there is nothing to show.
OURS = {"run", "run --no-verify", "run --rootfs"}


def cell(tool, wall, **more):
    """A measured cell as bench.py writes it."""
    return dict({"table": "whole", "tool": tool, "image": "x", "form": "archive", "entries": 10,
                 "layers": 1, "size": 1, "failing": False, "wall": wall, "cpu": wall}, **more)


class SmokeTest(unittest.TestCase):
    """One quick run of everything that is installed, and what it leaves."""

    def command(self, *arguments):
        return [sys.executable, os.path.join(HERE, "bench.py"), "--quick", "--inputs",
                os.path.join(self.directory, "inputs")] + list(arguments)

    def run_bench(self, *arguments):
        done = subprocess.run(self.command(*arguments), check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode == unrtest.SKIPPED:
            unrtest.skip(done.stderr.strip())
        return done

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="userns-repro-bench-")
        self.addCleanup(temporary.cleanup)
        self.directory = temporary.name

    def test_everything(self):
        found_path = os.path.join(self.directory, "found.json")
        document = os.path.join(self.directory, "performance.md")
        with open(DOCUMENT, encoding="utf-8") as file, \
                open(document, "w", encoding="utf-8") as copy:
            before = file.read()
            copy.write(before)
        done = self.run_bench("--json", found_path, "--doc", document)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(found_path, encoding="utf-8") as file:
            found = json.load(file)
        self.check_cells(found)
        self.check_document(found, before, document)
        for name, reason in found["left_out"].items():
            self.assertIn("left out: %s: %s" % (name, reason), done.stdout)
        if unrtest.is_strict():
            self.assertEqual(found["left_out"], {})
            self.assertIsNotNone(found["counter"])
        left = [name for name in os.listdir(os.path.join(self.directory, "inputs"))
                if name.startswith("disk")]
        self.assertEqual(left, [])

    def check_cells(self, found):
        self.assertLessEqual(OURS, {one["tool"] for one in found["cells"]})
        self.assertEqual({one["table"] for one in found["cells"]},
                         {"whole", "parts", "entries", "layers"})
        for one in found["cells"]:
            if "refused" in one:
                self.assertIn(one["tool"], MAY_REFUSE, one)
                self.assertEqual(one["form"], "zstd", one)
                continue
            self.assertEqual(len(one["wall"]), 1, one)
            self.assertGreater(one["wall"][0], 0, one)
            if found["counter"] == "perf" and one["tool"] in OURS:
                # Each entry is made by a call, and each layer is read by one at least.
                self.assertGreater(one["calls"], one["entries"], one)

    def check_document(self, found, before, document):
        with open(document, encoding="utf-8") as file:
            after = file.read()
        self.assertNotEqual(before, after)
        for content in report.generated(found).values():
            self.assertIn(content, after)
        picture = xml.etree.ElementTree.parse(os.path.join(self.directory, "performance.svg"))
        points = [one for one in picture.iter() if one.tag.endswith("circle")]
        self.assertEqual(len(points), sum(one["table"] in ("entries", "layers")
                                          for one in found["cells"]))

    def test_one_tool(self):
        done = self.run_bench("--only", "run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("left out: tar -x: not asked for", done.stdout)

    def test_ended_by_a_signal(self):
        with subprocess.Popen(self.command("--only", "run"), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as bench:
            # The first cell has been measured when its line is there.
            for line in bench.stderr:
                if line.startswith("bench: run, "):
                    break
            bench.terminate()
            output, _ = bench.communicate()
        if bench.returncode == unrtest.SKIPPED:
            unrtest.skip("user namespaces")
        self.assertEqual(bench.returncode, 0)
        self.assertIn("left out: the rest", output)
        self.assertIn("docker archive  run", output)

    def test_unknown_tool(self):
        self.assertEqual(self.run_bench("--only", "run,nothing").returncode, 2)


class ReportTest(unittest.TestCase):
    """What is made of numbers that are known."""

    def goals(self, *cells):
        table = report.goals_table({"cells": list(cells), "scenario": [0.02, 0.09, 0.01]})
        return {row[0]: row[2:] for row in table[1]}

    def test_ratio_of_medians(self):
        goals = self.goals(cell("run", [9.0, 1.0, 2.0]), cell("docker load", [40.0]))
        self.assertEqual(goals["verdict, docker archive / docker load"], ["0.050", "no"])
        goals = self.goals(cell("run", [1.0]), cell("docker load", [25.0]))
        self.assertEqual(goals["verdict, docker archive / docker load"], ["0.040", "yes"])

    def test_not_measured(self):
        goals = self.goals(cell("run", [1.0]), cell("docker load", [], refused="no"))
        self.assertEqual(goals["verdict, docker archive / docker load"], ["-", "not measured"])
        self.assertEqual(goals["scenario run of a small scenario, ms"], ["20.000", "yes"])

    def test_peak_is_ours(self):
        goals = self.goals(cell("run", [1.0], processes=65 << 20),
                           cell("docker load", [1.0], processes=900 << 20))
        self.assertEqual(goals["peak of processes' memory in all runs, MB"], ["65.000", "no"])

    def test_growth(self):
        for power, verdict in ((1.0, "yes"), (1.5, "no")):
            points = [cell("run", [1e-5 * n ** power], table="entries", entries=n)
                      for n in (10, 1000, 10000, 100000)]
            goals = self.goals(*points)
            self.assertEqual(goals["growth with entries, exponent"],
                             ["%.3f" % power, verdict])


if __name__ == "__main__":
    unrtest.main()
