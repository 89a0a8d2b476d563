#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The program against a real image: npm 9.1.1 run as root, and the two ways to chown after it.

Needs root and the network, once: the layers stay in $UNR_REAL_CACHE. Exit status 77 and the
reason where the host lacks something; that is a failure with USERNS_REPRO_STRICT=1. The
program comes from $USERNS_REPRO.
"""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import build_image  # noqa: E402 (the path above comes first)

NPM_UID = 1516583083
FOLDER = "app/node_modules/content-type/"
FILES = sorted(FOLDER + name for name in
               ("HISTORY.md", "LICENSE", "README.md", "index.js", "package.json"))
MESSAGE = ("Error processing tar file(exit status 1): "
           "Container ID %d cannot be mapped to a host ID" % NPM_UID)
HIGHEST_MAPPED = 65535
RUN_SECONDS = 300
EXIT_SKIPPED = 77


class RealImageTest(unittest.TestCase):
    """Each test writes its variant of the image, runs the program on it and removes it."""

    maxDiff = None
    cache = None
    facts = None
    program = None

    def write_image(self, variant):
        path = os.path.join(self.cache, "image-%s.tar" % variant)
        self.addCleanup(lambda: os.path.exists(path) and os.unlink(path))
        return path, build_image.write_archive(self.cache, self.facts, variant, path)

    def run_program(self, image, form):
        done = subprocess.run(
            [self.program, "run", "--format", form, "docker-archive:" + image], check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=RUN_SECONDS)
        errors = done.stderr.decode(errors="replace")
        if done.returncode == EXIT_SKIPPED:
            self.skipTest(errors.strip() or "the program: exit 77")
        return done.returncode, done.stdout.decode(), errors

    def report(self, variant, status):
        """The JSON report on a variant, after what holds for every variant was checked."""
        image, steps = self.write_image(variant)
        code, out, errors = self.run_program(image, "json")
        self.assertEqual(code, status, errors)
        report = json.loads(out)
        layers = report["image"]["layers"]
        names = ["base"] + [name for name, _ in build_image.VARIANTS[variant]]
        for index, name in enumerate(names):
            built = self.facts["layers"][name]
            self.assertEqual(layers[index]["index"], index)
            self.assertEqual(layers[index]["diff_id"], built["diff_id"])
            self.assertEqual(layers[index]["entries"], built["entries"], "every entry is read")
            self.assertEqual(layers[index]["created_by"], steps[index])
        self.assertEqual(len(layers), len(names))
        return report

    def check_stops_in_install(self, report):
        """The verdict and the failures of a layer that npm 9 left as it does."""
        verdict = report["verdict"]
        self.assertIs(verdict["ok"], False)
        self.assertEqual(verdict["stage"], "layer")
        self.assertEqual((verdict["id"], verdict["id_kind"]), (NPM_UID, "uid"))
        self.assertEqual((verdict["layer"], verdict["path"]), (1, FILES[0]))
        self.assertEqual(verdict["message"], MESSAGE)
        failures = report["failures"]
        self.assertEqual(sorted(failure["path"] for failure in failures), FILES)
        for failure in failures:
            self.assertEqual(failure["layer"], 1)
            self.assertEqual(failure["type"], "file")
            self.assertEqual((failure["uid"], failure["gid"]), (NPM_UID, 0))
            self.assertEqual(failure["unmapped"], ["uid"])
            self.assertEqual(failure["engine"], "unmapped")
            self.assertEqual(failure["kernel"], {"call": "lchown", "errno": "EINVAL"})
        self.assertIn("npm i -g npm@9.1.1 && npm i",
                      report["image"]["layers"][1]["created_by"])
        self.assertEqual([layer["failures"] for layer in report["image"]["layers"]][:2], [0, 5])

    def test_npm_left_the_owner_of_the_tarball(self):
        """The image itself, read without the program: five high owners, and 501:20 beside."""
        owners = {}
        with tarfile.open(os.path.join(self.cache, "install.tar")) as layer:
            for entry in layer:
                owners[entry.name] = (entry.uid, entry.gid)
        high = {name: owner for name, owner in owners.items() if max(owner) > HIGHEST_MAPPED}
        self.assertEqual(high, {name: (NPM_UID, 0) for name in FILES})
        for package in ("cookie-signature", "asynckit"):
            self.assertEqual(owners["app/node_modules/%s/package.json" % package], (501, 20))

    def test_install_alone_fails(self):
        self.check_stops_in_install(self.report("npm9", 1))

    def test_text_names_the_folder(self):
        image, _ = self.write_image("npm9")
        code, out, errors = self.run_program(image, "text")
        self.assertEqual(code, 1, errors)
        self.assertEqual(out.splitlines()[0], MESSAGE)
        self.assertIn(FOLDER, out)
        self.assertIn("npm i -g npm@9.1.1 && npm i", out)
        self.assertIn(str(NPM_UID), "".join(out.splitlines()[1:]))

    def test_chown_in_the_same_run_loads(self):
        report = self.report("same-run", 0)
        self.assertIs(report["verdict"]["ok"], True)
        self.assertEqual(report["verdict"]["stage"], "none")
        self.assertEqual(report["failures"], [])
        self.assertEqual(report["disagreements"], [])

    def test_shell_finds_the_owner(self):
        """What `find` in a container would show, if the image loaded."""
        image, _ = self.write_image("npm9")
        done = subprocess.run(
            [self.program, "shell", "--wide", image, "--", "bash", "-c",
             "find / -xdev -uid %d | sort; cd /%s; stat -c %%u:%%g package.json; pwd; npm --version"
             % (NPM_UID, FOLDER)], check=False,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=RUN_SECONDS)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.splitlines(), ["/" + path for path in FILES] +
                         ["%d:0" % NPM_UID, "/" + FOLDER.rstrip("/"), "9.1.1"])

    def test_chown_in_the_next_layer_still_fails(self):
        report = self.report("next-layer", 1)
        self.check_stops_in_install(report)
        self.assertEqual(report["image"]["layers"][2]["failures"], 0)


def run_tests(cache):
    """Build what is missing, then run; a lack of the host found on the way is no failure."""
    RealImageTest.facts = build_image.ensure_layers(cache)
    RealImageTest.cache = cache
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(RealImageTest)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    if result.skipped and result.wasSuccessful():
        return skip(result.skipped[0][1])
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


def skip(why):
    print("real.npm9: not run: %s" % why, file=sys.stderr)
    return 1 if os.environ.get("USERNS_REPRO_STRICT") == "1" else EXIT_SKIPPED


def main():
    RealImageTest.program = os.environ.get("USERNS_REPRO")
    if not RealImageTest.program:
        print("real.npm9: USERNS_REPRO does not name the program", file=sys.stderr)
        return 1
    try:
        cache = os.environ.get("UNR_REAL_CACHE")
        if cache:
            return run_tests(os.path.abspath(cache))
        with tempfile.TemporaryDirectory(prefix="real-npm9-") as private:
            return run_tests(private)
    except build_image.Unavailable as why:
        return skip(why)
    except build_image.BuildError as why:
        print("real.npm9: %s" % why, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
