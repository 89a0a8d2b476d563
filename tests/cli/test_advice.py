# SPDX-License-Identifier: MIT
"""What a report advises, applied: each change of a Dockerfile, each map."""
import json
import os
import re
import shlex
import shutil

import images
import programtest
from images import DIRECTORY, Image, entry, tar
from programtest import unrtest

FOLDER = os.path.join(unrtest.SOURCE_DIR, "scenarios")
# Scenarios whose advice has one of its own, and that one.
PAIRS = {"npm9": "advised-same-run", "high-uid-file": "advised-low-id",
         "deleted-in-next-layer": "advised-no-same-owner",
         "copy-from-high-owner": "advised-copy-chown", "add-archive": "advised-add-unpacked",
         "user-numeric": "advised-user", "third-party-base": "advised-base"}
# Those whose USER is a name, and the number that is too high.
NAMED_USERS = {"user-by-name": "1000000", "user-high-gid": "70000",
               "user-supplementary-group-high": "1000000"}
# One for each way in which an id can be wanted: uid, gid, both, by a user, in groups.
MAPS = ("npm9", "high-gid", "boundary-65535-65536", "user-numeric",
        "user-supplementary-group-high")
PACKAGE = '{"name": "%s", "version": "1.0.%d"}'


def steps(name):
    """The steps of a scenario's history as a Dockerfile has them."""
    with open(os.path.join(FOLDER, name, "config.json"), encoding="utf-8") as file:
        history = json.load(file)["history"]
    lines = (line["created_by"].replace("/bin/sh -c #(nop)", "").replace(" # buildkit", "")
             for line in history)
    return [re.sub(r" +", " ", line.replace("RUN /bin/sh -c ", "RUN ").replace(
        "/bin/sh -c ", "RUN ")).strip() for line in lines]


def apply(diff, lines):
    """The Dockerfile after the change.  A "+" behind a step that stays goes on with it."""
    lines = list(lines)
    at = None
    for line in diff.splitlines():
        mark, text = line[:2], line[2:]
        if mark == "- ":
            at = lines.index(text)
            del lines[at]
        elif mark == "  ":
            at = lines.index(text.removesuffix(" && \\"))
        elif text.startswith("    "):
            lines[at] += " && " + text.strip()
        else:
            lines.insert(at, text)
            at += 1
    return lines


class Advice(programtest.ProgramTest):
    """Of scenarios."""

    def setUp(self):
        super().setUp()

    def report(self, name, *options):
        result = self.run_program("run", "--format", "json", *options, "scenario:" + name)
        self.assertEqual(result.stderr, "")
        return result.returncode, json.loads(result.stdout)

    def names(self):
        return sorted(name for name in os.listdir(FOLDER)
                      if os.path.isfile(os.path.join(FOLDER, name, "scenario.json")))

    def test_the_change_leads_to_the_scenario_that_loads(self):
        for bad, good in PAIRS.items():
            with self.subTest(bad):
                status, report = self.report(bad)
                self.assertEqual(status, 1)
                advice, = report["advice"]
                self.assertEqual(advice["scenario"], good)
                self.assertEqual(advice["inherited"], bad == "third-party-base")
                self.assertEqual(apply(advice["diff"], steps(bad)), steps(good))
                status, report = self.report(good)
                self.assertEqual((status, report["advice"]), (0, []))

    def test_every_advice_has_its_scenario(self):
        for name in self.names():
            status, report = self.report(name)
            for advice in report["advice"]:
                with self.subTest(name):
                    self.assertEqual(status, 1)
                    self.assertIn(advice["scenario"], PAIRS.values())
                    self.assertIn(advice["diff"], advice["text"])
                    apply(advice["diff"], steps(name))

    def test_the_change_is_in_the_text(self):
        for name in PAIRS:
            _, report = self.report(name)
            text = self.run_program("run", "scenario:" + name).stdout
            for line in report["advice"][0]["diff"].splitlines():
                # Further in, where the map has a row for the kernel's.
                self.assertRegex(text, r"\n {8}(    )?" + re.escape(line) + r"\n")

    def test_a_user_with_the_advised_number_starts(self):
        """The accounts that the changed step makes, in the image's own files."""
        for name, high in NAMED_USERS.items():
            with self.subTest(name):
                _, report = self.report(name)
                advice, = report["advice"]
                old, new = (next(line for line in advice["diff"].splitlines() if line[0] == mark)
                            for mark in "-+")
                self.assertEqual(old.replace(high, "10001")[1:], new[1:])
                folder = self.path("scenarios/" + name)
                shutil.copytree(os.path.join(FOLDER, name), folder)
                for path in ("files/passwd", "files/group", "config.json"):
                    self.edit(os.path.join(folder, path), lambda text: text.replace(high, "10001"))
                self.edit(os.path.join(folder, "1.mtree"), lambda text: re.sub(
                    r"(?m)^(\./etc/(passwd|group) +size=).*",
                    lambda found: found[1] + str(os.stat(
                        os.path.join(folder, "files", found[2])).st_size), text))
                result = self.run_program("run", "scenario:" + name, env=self.environment(
                    USERNS_REPRO_SCENARIOS=self.path("scenarios")))
                self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)

    def test_a_user_that_is_advised_starts(self):
        """Whom the image knows stays where only a group is at fault."""
        layer = tar(entry("etc/passwd", data=b"a:x:1000:50::/:\nb:x:1000:70000::/:\n"),
                    entry("etc/group", data=b"staff:x:50:\nbig:x:70000:a\n"))
        for user, good in (("a:big", "a:10001"), ("a", "a:50"), ("b", "b:10001"), ("70000", "10001"),
                           ("70000:50", "10001:50"), ("0:70000", "0:10001")):
            with self.subTest(user):
                for name, status in ((user, 1), (good, 0)):
                    path = self.write("app.tar", images.old_archive(Image(layer, user=name)))
                    result = self.run_program("run", "--format=json", path)
                    report = json.loads(result.stdout)
                    self.assertEqual(result.returncode, status, report["runtime"])
                    self.assertEqual([one["diff"] for one in report["advice"]],
                                     [f"- USER {user}\n+ USER {good}\n"] if status else [])

    def test_a_group_that_was_asked_for_is_in_no_dockerfile(self):
        layer = tar(entry("etc/passwd", data=b"a:x:1000:50::/:\n"))
        path = self.write("app.tar", images.old_archive(Image(layer, user="a")))
        result = self.run_program("run", "--format=json", "--group-add=70000", path)
        self.assertEqual((result.returncode, json.loads(result.stdout)["advice"]), (1, []))

    @staticmethod
    def edit(path, change):
        """Puts what @change makes of the text into the file."""
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(change(text))

    @programtest.needs_root("only root can map any ids")
    def test_the_needed_map_is_enough_and_no_smaller_one_is(self):
        for name in MAPS:
            status, report = self.report(name)
            self.assertEqual(status, 1)
            needed = report["needed_map"]
            self.assertIs(needed["changeable"], False)
            with self.subTest(name):
                for options in (needed["podman"], needed["podman_sparse"]):
                    self.assertEqual(self.report(name, *shlex.split(options))[0], 0, options)
                for kind in ("uid", "gid"):
                    smaller = dict(needed, **{kind: needed[kind] - 1})
                    options = [f"--{one}map=0:100000:{smaller[one]}" for one in ("uid", "gid")]
                    if smaller[kind] > 0:
                        self.assertEqual(self.report(name, *options)[0], 1, options)

    def test_no_map_can_hold_it(self):
        _, report = self.report("minus-one")
        self.assertEqual((report["needed_map"]["uid"], report["needed_map"]["gid"]), (None, None))
        self.assertNotIn("podman", report["needed_map"])


class Groups(programtest.ProgramTest):
    """Packages lead the report for people."""

    def packages(self, n, files):
        for i in range(n):
            folder = f"app/node_modules/p{i}"
            yield entry(folder, kind=DIRECTORY)
            yield entry(folder + "/package.json", 700000 + i, 0,
                        (PACKAGE % (f"p{i}", i)).encode())
            for k in range(files - 1):
                yield entry(f"{folder}/{k}.js", 700000 + i)

    def text(self, image, *words):
        path = self.write("app.tar", images.old_archive(image))
        return self.run_program("run", *words, path).stdout

    def test_three_packages_are_three_lines(self):
        out = self.text(Image(tar(*self.packages(3, 3334))))
        lines = [line for line in out.splitlines() if line.startswith("  npm ")]
        self.assertEqual(lines, [
            f"  npm p{i} 1.0.{i}  3,334 files  uid {700000 + i}  app/node_modules/p{i}/"
            for i in range(3)])
        self.assertLess(len(out.splitlines()), 40)

    def test_many_packages_are_counted(self):
        out = self.text(Image(tar(*self.packages(40, 2))))
        self.assertEqual(sum(line.startswith("  npm ") for line in out.splitlines()), 10)
        self.assertIn("  and 60 entries more of other packages\n", out)
        out = self.text(Image(tar(*self.packages(40, 2))), "--verbose")
        self.assertEqual(sum(line.startswith("  npm ") for line in out.splitlines()), 40)

    def test_double_mapping_is_named(self):
        path = self.write("app.tar", images.old_archive(Image(tar(entry("srv/x", 101000, 33)))))
        out = self.run_program("run", path).stdout
        self.assertIn("uid 101000, gid 33: probably uid 1000 mapped twice", " ".join(out.split()))
        failure, = json.loads(self.run_program("run", "--format=json", path).stdout)["failures"]
        self.assertEqual(failure["likely"], {"uid": 1000})
        self.assertTrue(failure["hint"].startswith("probably uid 1000 mapped twice"))

    def test_double_mapping_of_a_user_that_no_layer_has(self):
        path = self.write("app.tar", images.old_archive(Image(tar(entry("srv/x")), user="101000")))
        out = self.run_program("run", path).stdout
        self.assertIn("probably uid 1000 mapped twice", out)
        runtime = json.loads(self.run_program("run", "--format=json", path).stdout)["runtime"]
        self.assertEqual(runtime["likely"], {"uid": 1000})


if __name__ == "__main__":
    programtest.main()
