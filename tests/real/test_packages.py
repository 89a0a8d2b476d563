#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The program against packages of the npm registry whose tarballs carry high owners.

Each is fetched with `npm pack` and unpacked by root as tar does it; that is the layer. The
program must name the package, its version and what becomes of its files, and its advice is
followed for real: the command that it adds to the RUN is run in the same root, by busybox.

Needs root, npm, a busybox without libraries, and the registry, once: the tarballs stay in
$UNR_REAL_CACHE. Exit status 77 and the reason where the host lacks something; that is a
failure with USERNS_REPRO_STRICT=1. The program comes from $USERNS_REPRO.
"""

import collections
import io
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import layer  # noqa: E402 (the path above comes first)

# Name, version, and the owner that its tarball has, uid and gid; some files have another one.
PACKAGES = (
    ("content-type", "1.0.4", 1516583083, 0),
    ("buffer-equal-constant-time", "1.0.1", 718322462, 454177323),
    ("brorand", "1.1.0", 120012366, 120012366),
    ("hpack.js", "2.1.6", 120012366, 120012366),
    ("tmp", "0.0.33", 2119470584, 2042662593),
    ("ast-types-flow", "0.0.7", 369884941, 1876110778),
    ("invariant", "2.2.2", 236291977, 1876110778),
    ("cssstyle", "1.2.1", 829141562, 0),
    ("underscore", "1.8.3", 1119519827, 1490099278),
    ("underscore", "1.7.0", 1119519827, 1490099278),
    ("jmespath", "0.15.0", 1120452788, 0),
    ("video.js", "5.12.6", 1639074977, 413750576),
    ("comment-parser", "0.3.1", 2111703568, 521964834),
    ("cookiejar", "2.1.1", 877787675, 386085923),
    ("react-select-plus", "1.0.0-rc.1.patch1", 1731607720, 20),
)
HIGHEST_MAPPED = 65535
BUSYBOX = shutil.which("busybox") or "busybox"
COMMANDS = ("sh", "find", "chown", "chgrp")
STEP = "RUN /bin/sh -c npm i # buildkit"
COMMAND_SECONDS = 300
EXIT_SKIPPED = 77


class Unavailable(Exception):
    """This host cannot do it."""


def run(command, **options):
    """The output of a command that must succeed."""
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=COMMAND_SECONDS, **options)
    if done.returncode != 0:
        raise Unavailable("%s: %s" % (command[0], done.stderr.decode(errors="replace").strip()))
    return done.stdout


def fetch(cache):
    """The tarballs: a path for each name and version."""
    paths = {}
    for name, version, _, _ in PACKAGES:
        path = os.path.join(cache, "%s-%s.tgz" % (name, version))
        if not os.path.exists(path):
            with tempfile.TemporaryDirectory(dir=cache) as folder:
                run(["npm", "pack", "--silent", "%s@%s" % (name, version)], cwd=folder)
                fetched, = os.listdir(folder)
                os.rename(os.path.join(folder, fetched), path)
        paths[name, version] = path
    return paths


def high_files(path):
    """How many members of a tarball have an owner above the map, read without the program."""
    with tarfile.open(path) as tar:
        return sum(max(one.uid, one.gid) > HIGHEST_MAPPED for one in tar)


class Root:
    """A root directory of busybox alone, in which packages are installed."""

    def __init__(self, path):
        self.path = path
        os.makedirs(os.path.join(path, "bin"))
        shutil.copy(BUSYBOX, os.path.join(path, "bin/busybox"))
        for name in COMMANDS:
            os.symlink("busybox", os.path.join(path, "bin", name))
        os.mkdir(os.path.join(path, "etc"))
        for name, text in (("passwd", "root:x:0:0::/:/bin/sh\n"), ("group", "root:x:0:\n")):
            with open(os.path.join(path, "etc", name), "w", encoding="ascii") as file:
                file.write(text)

    def install(self, tarball, folder):
        """As root's tar does it: owners and all."""
        target = os.path.join(self.path, folder)
        os.makedirs(target)
        run(["tar", "-xzf", tarball, "--strip-components=1", "--same-owner", "--numeric-owner",
             "-C", target])

    def command(self, text):
        """A command of a RUN."""
        run(["chroot", self.path, "/bin/sh", "-c", text])

    def layer(self, before, path):
        """Writes what changed since @before as a layer; gives its facts."""
        names = layer.changes(before, layer.snapshot(self.path))
        return layer.write_layer(self.path, names, path)


def write_image(path, layers, steps):
    """A docker archive of layers in files."""
    config = {"architecture": "amd64", "os": "linux", "config": {},
              "history": [{"created_by": step} for step in steps],
              "rootfs": {"type": "layers", "diff_ids": [one["diff_id"] for one in layers]}}
    data = json.dumps(config).encode()
    name = hashlib.sha256(data).hexdigest() + ".json"
    manifest = [{"Config": name, "RepoTags": ["app:latest"],
                 "Layers": ["%d/layer.tar" % i for i in range(len(layers))]}]
    with tarfile.open(path, "w") as tar:
        for member, text in (("manifest.json", json.dumps(manifest).encode()), (name, data)):
            info = tarfile.TarInfo(member)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
        for i, one in enumerate(layers):
            tar.add(one["path"], "%d/layer.tar" % i)


class PackagesTest(unittest.TestCase):
    """Images in a folder of their own."""

    maxDiff = None
    tarballs = None
    program = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="real-packages-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def installed(self, packages):
        """A root with @packages in it, and the layers so far."""
        root = Root(os.path.join(self.folder, "root-%d" % len(os.listdir(self.folder))))
        layers = [self.layer(root, {})]
        before = layer.snapshot(root.path)
        for name, version, _, _ in packages:
            folder = "app/node_modules/" + name
            if os.path.exists(os.path.join(root.path, folder)):
                folder += "/node_modules/" + name
            root.install(self.tarballs[name, version], folder)
        return root, layers, before

    def layer(self, root, before):
        path = os.path.join(self.folder, "layer-%d.tar" % len(os.listdir(self.folder)))
        return dict(root.layer(before, path), path=path)

    def report(self, layers, *steps, status=1, form="json"):
        path = os.path.join(self.folder, "app.tar")
        write_image(path, layers, ("ADD rootfs.tar / # buildkit",) + steps)
        done = subprocess.run([self.program, "run", "--format", form, path], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=COMMAND_SECONDS)
        self.assertEqual(done.returncode, status, done.stderr.decode() + done.stdout.decode())
        return json.loads(done.stdout) if form == "json" else done.stdout.decode()

    def check_failures(self, report, packages, fate, fate_layer=None):
        """Each file with a high owner is there, of the right package, with the right fate."""
        found = collections.Counter()
        owners = collections.defaultdict(set)
        for one in report["failures"]:
            self.assertEqual((one["layer"], one["fate"], one.get("fate_layer")),
                             (1, fate, fate_layer), one["path"])
            self.assertEqual(one["package"]["kind"], "npm")
            key = one["package"]["name"], one["package"]["version"]
            found[key] += 1
            owners[key].add((one["uid"], one["gid"]))
        self.assertEqual(found, {(name, version): high_files(self.tarballs[name, version])
                                 for name, version, _, _ in packages})
        for name, version, uid, gid in packages:
            self.assertIn((uid, gid), owners[name, version])

    def follow(self, packages, advice):
        """The same installation with the command that the advice adds to the step."""
        self.assertEqual(advice["kind"], "same-run")
        context, added = advice["diff"].splitlines()
        self.assertEqual(context, "  RUN npm i && \\")
        self.assertTrue(added.startswith("+     "), added)
        root, layers, before = self.installed(packages)
        root.command(added[2:].strip())
        layers.append(self.layer(root, before))
        report = self.report(layers, STEP.replace(" #", " && " + added[2:].strip() + " #"),
                             status=0)
        self.assertEqual((report["failures"], report["advice"]), ([], []))

    def check(self, packages):
        root, layers, before = self.installed(packages)
        layers.append(self.layer(root, before))
        report = self.report(layers, STEP)
        self.check_failures(report, packages, "kept")
        advice, = report["advice"]
        self.follow(packages, advice)
        before = layer.snapshot(root.path)
        root.command("chown -R 0:0 /app")
        layers.append(self.layer(root, before))
        self.check_failures(self.report(layers, STEP, "RUN chown # buildkit"), packages,
                            "reowned", 2)
        before = layer.snapshot(root.path)
        shutil.rmtree(os.path.join(root.path, "app"))
        layers[2] = self.layer(root, before)
        self.check_failures(self.report([*layers[:2], layers[2]], STEP, "RUN rm # buildkit"),
                            packages, "removed", 2)

    def test_each_package(self):
        for package in PACKAGES:
            with self.subTest("%s %s" % package[:2]):
                self.check([package])

    def test_all_in_one_layer(self):
        self.check(PACKAGES)

    def test_text_leads_with_packages(self):
        root, layers, before = self.installed(PACKAGES)
        layers.append(self.layer(root, before))
        lines = self.report(layers, STEP, form="text").splitlines()
        # Ten of them have a line.
        self.assertEqual(sum(line.startswith("  npm ") for line in lines), 10)
        self.assertRegex("\n".join(lines), r"\n  and [0-9]+ entries more of other packages\n")


def skip(why):
    print("real.packages: not run: %s" % why, file=sys.stderr)
    return 1 if os.environ.get("USERNS_REPRO_STRICT") == "1" else EXIT_SKIPPED


def missing():
    """What this host lacks, or None."""
    if os.geteuid() != 0:
        return "only root can give files to any owner"
    if shutil.which("npm") is None:
        return "no npm: install npm"
    if not os.path.exists(BUSYBOX):
        return "no %s: install busybox-static" % BUSYBOX
    return None


def run_tests(cache):
    os.makedirs(cache, exist_ok=True)
    PackagesTest.tarballs = fetch(cache)
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(PackagesTest)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


def main():
    PackagesTest.program = os.environ.get("USERNS_REPRO")
    if not PackagesTest.program:
        print("real.packages: USERNS_REPRO does not name the program", file=sys.stderr)
        return 1
    why = missing()
    if why is not None:
        return skip(why)
    try:
        cache = os.environ.get("UNR_REAL_CACHE")
        if cache:
            return run_tests(os.path.join(os.path.abspath(cache), "packages"))
        with tempfile.TemporaryDirectory(prefix="real-packages-") as private:
            return run_tests(private)
    except Unavailable as unavailable:
        return skip(unavailable)


if __name__ == "__main__":
    sys.exit(main())
