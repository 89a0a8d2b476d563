# SPDX-License-Identifier: MIT
"""`scenario list|show|run|export`: the scenarios as people meet them."""
import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile

import programtest
from programtest import needs_ranges, unrtest

GZIP = b"\x1f\x8b"
FOLDER = os.path.join(unrtest.SOURCE_DIR, "scenarios")
NAMES = sorted(name for name in os.listdir(FOLDER)
               if os.path.isfile(os.path.join(FOLDER, name, "scenario.json")))
WANTED = {"high-uid-file", "high-gid", "npm9", "npm9-chown-same-layer", "npm9-chown-next-layer",
          "deleted-in-next-layer", "third-party-base", "boundary-65535-65536", "host-root-id",
          "minus-one", "pax-over-ustar", "whiteout-high-owner", "rootless-65536",
          "rootless-65537"}


def runs(name):
    """How a scenario wants to be run: one dictionary a run."""
    with open(os.path.join(FOLDER, name, "scenario.json"), encoding="utf-8") as file:
        wanted = json.load(file).get("run", {})
    return wanted if isinstance(wanted, list) else [wanted]


class Scenarios(programtest.ProgramTest):
    """The four subcommands on the real scenarios."""

    def setUp(self):
        super().setUp()
        self.assertLessEqual(WANTED, set(NAMES))

    def output(self, *words, status=0, **options):
        result = self.run_program("scenario", *words, **options)
        self.assertEqual((result.returncode, result.stderr), (status, ""), result.stdout)
        return result.stdout

    def test_list(self):
        lines = self.output("list").splitlines()
        self.assertEqual([line.split()[0] for line in lines], NAMES)
        for line in lines:
            self.assertLessEqual(len(line), 80)
            self.assertGreater(len(line.split()), 3, "a name and a title")

    def test_show(self):
        for name in NAMES:
            with self.subTest(name):
                text = self.output("show", name)
                with open(os.path.join(FOLDER, name, "README.md"), encoding="utf-8") as file:
                    self.assertIn(file.read(), text)
                self.assertIn(f"userns-repro run scenario:{name}\n", text)
                self.assertRegex(text, r"Expected: exit status [01]\n" if len(runs(name)) == 1 else
                                 r"(?s)Expected: exit status [01] by \S+.*"
                                 r"Expected: exit status [01] by \S+")

    @needs_ranges("the kernel is asked for every owner")
    def test_run_by_name(self):
        self.assertEqual(self.output("run", "npm9"),
                         "ok   npm9\n1 ok, 0 failed, 0 skipped\n")
        self.assertEqual(self.output("run", "npm9", "high-gid"),
                         "ok   npm9\nok   high-gid\n2 ok, 0 failed, 0 skipped\n")

    @needs_ranges("the kernel is asked for every owner")
    def test_run_all(self):
        lines = self.output("run", "--all").splitlines()
        self.assertEqual(lines[:-1], ["ok   " + name for name in NAMES])
        self.assertEqual(lines[-1], f"{len(NAMES)} ok, 0 failed, 0 skipped")

    def test_run_agrees_with_run(self):
        for name in NAMES:
            told = self.output("show", name).split("Expected: exit status ")[1:]
            self.assertEqual(len(told), len(runs(name)))
            for wanted, text in zip(runs(name), told):
                words = [f"--{option}={part}" for option, value in wanted.items()
                         if option != "expect"
                         for part in (value if isinstance(value, list) else [value])]
                with self.subTest(name, words=words):
                    result = self.run_program("run", *words, "scenario:" + name)
                    # Of a rootless engine's map only the kernel knows what it does.
                    unknown = "uidmap" in wanted and not unrtest.has_ranges()
                    self.assertEqual(str(result.returncode), "77" if unknown else text[:1],
                                     result.stderr)

    def test_export(self):
        for name in NAMES:
            with self.subTest(name):
                path = self.path(name + ".tar")
                self.assertEqual(self.output("export", name, path), "")
                self.check_archive(path)
                direct = self.run_program("run", "--format=json", "scenario:" + name)
                by_file = self.run_program("run", "--format=json", path)
                self.assertEqual(by_file.returncode, direct.returncode)
                self.assertEqual(json.loads(by_file.stdout)["failures"],
                                 json.loads(direct.stdout)["failures"])

    def check_archive(self, path):
        """A docker archive whose manifest, config and layers fit each other."""
        with tarfile.open(path) as archive:
            manifest, = json.load(archive.extractfile("manifest.json"))
            config = json.load(archive.extractfile(manifest["Config"]))
            self.assertEqual(len(manifest["Layers"]), len(config["rootfs"]["diff_ids"]))
            for layer, diff_id in zip(manifest["Layers"], config["rootfs"]["diff_ids"]):
                data = archive.extractfile(layer).read()
                if data.startswith(GZIP):
                    data = gzip.decompress(data)
                self.assertEqual("sha256:" + hashlib.sha256(data).hexdigest(), diff_id)
                with tarfile.open(fileobj=io.BytesIO(data)) as inner:
                    self.assertTrue(inner.getmembers())

    def test_export_is_deterministic(self):
        # Another place, other times and modes of the files, time zone or user must not show.
        other = self.path("other")
        shutil.copytree(FOLDER, other, copy_function=shutil.copyfile)
        for name in NAMES:
            with self.subTest(name):
                first = self.run_program("scenario", "export", name, "-", text=False)
                second = self.run_program(
                    "scenario", "export", name, "-", text=False,
                    env=self.environment(USERNS_REPRO_SCENARIOS=other, TZ="Asia/Tokyo",
                                         LC_ALL="C", HOME="/nowhere", USER="nobody",
                                         SOURCE_DATE_EPOCH="5"))
                self.assertEqual((first.returncode, first.stderr), (0, b""))
                self.assertEqual(first.stdout, second.stdout)
                path = self.path("x.tar")
                self.output("export", name, path)
                with open(path, "rb") as file:
                    self.assertEqual(file.read(), first.stdout)

    def test_unknown_names(self):
        for name in ("nope", "../scenarios/npm9", "", "NPM9", "npm9/", "."):
            for words in (["show", name], ["run", name], ["export", name, self.path("x")]):
                with self.subTest(words):
                    self.assert_error(self.run_program("scenario", *words), 2)
            result = self.run_program("run", "scenario:" + name)
            self.assert_error(result, 2)
        self.assertFalse(os.path.exists(self.path("x")))

    def test_an_unknown_name_among_others(self):
        self.assert_error(self.run_program("scenario", "run", "npm9", "nope"), 2, "nope")

    def test_an_export_that_fails_leaves_the_file_alone(self):
        path = self.write("mine", b"precious")
        self.assert_error(self.run_program("scenario", "export", "nope", path), 2, "nope")
        with open(path, "rb") as file:
            self.assertEqual(file.read(), b"precious")

    def test_all_and_names(self):
        self.assert_error(self.run_program("scenario", "run", "--all", "npm9"), 2, "--all")


class Broken(programtest.ProgramTest):
    """Folders of scenarios that somebody else wrote, and badly."""

    def setUp(self):
        super().setUp()
        self.scenarios = self.path("scenarios")
        os.mkdir(self.scenarios)
        self.env = self.environment(USERNS_REPRO_SCENARIOS=self.scenarios)
        self.place = os.path.join(self.scenarios, "mine")
        shutil.copytree(os.path.join(FOLDER, "high-uid-file"), self.place)

    def change(self, name, data):
        """Another content for a file of the scenario."""
        with open(os.path.join(self.place, name), "wb") as file:
            file.write(data)

    @needs_ranges("the kernel is asked for every owner")
    def test_the_copy_is_right(self):
        result = self.run_program("scenario", "run", "mine", env=self.env)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)

    @needs_ranges("the kernel is asked for every owner")
    def test_what_differs_is_named(self):
        with open(os.path.join(self.place, "expect.json"), encoding="utf-8") as file:
            expected = file.read()
        self.assertIn("1000000", expected)
        self.change("expect.json", expected.replace("1000000", "1000001").encode())
        result = self.run_program("scenario", "run", "mine", env=self.env)
        self.assertEqual((result.returncode, result.stderr), (1, ""))
        self.assertIn("1000001", result.stdout)
        self.assertIn("1000000", result.stdout)
        self.assertIn("0 ok, 1 failed", result.stdout)

    @needs_ranges("the kernel is asked for every owner")
    def test_the_run_that_differs_is_named(self):
        shutil.rmtree(self.place)
        shutil.copytree(os.path.join(FOLDER, "rootless-65536"), self.place)
        with open(os.path.join(self.place, "loads.json"), encoding="utf-8") as file:
            loads = file.read()
        self.change("loads.json", loads.replace('"exit": 0', '"exit": 1').encode())
        result = self.run_program("scenario", "run", "mine", env=self.env)
        self.assertEqual((result.returncode, result.stderr), (1, ""))
        self.assertEqual(result.stdout.count("FAIL mine\n"), 1)
        self.assertIn("     by containerd-rootless:\n     exit: expected 1, got 0\n", result.stdout)
        self.assertNotIn("by docker-20.10:", result.stdout)
        self.assertIn("0 ok, 1 failed", result.stdout)

    def test_bad_files(self):
        whole = sorted(os.listdir(self.place))
        for name in whole:
            if not os.path.isfile(os.path.join(self.place, name)) or name == "README.md":
                continue
            with open(os.path.join(self.place, name), "rb") as file:
                before = file.read()
            for data in (b"", b"nonsense \x1b[2J", b"[" * 100000, b"{}", b"[]", None):
                with self.subTest(name, data=data and data[:10]):
                    if data is None:
                        os.unlink(os.path.join(self.place, name))
                    else:
                        self.change(name, data)
                    for words in (["scenario", "run", "mine"], ["run", "scenario:mine"],
                                  ["scenario", "export", "mine", "-"]):
                        result = self.run_program(*words, env=self.env)
                        self.assertIn(result.returncode, (0, 1, 2, 3), result.stderr)
                        if result.returncode > 1:
                            self.assert_one_line(result, "mine")
            self.change(name, before)

    def test_no_folder(self):
        env = self.environment(USERNS_REPRO_SCENARIOS=self.path("none"))
        for words in (["list"], ["show", "npm9"], ["run", "--all"]):
            self.assert_error(self.run_program("scenario", *words, env=env), 3,
                              self.path("none"))

    def test_nothing_to_run_is_no_success(self):
        os.mkdir(self.path("empty"))
        env = self.environment(USERNS_REPRO_SCENARIOS=self.path("empty"))
        result = self.run_program("scenario", "run", "--all", env=env)
        self.assertNotEqual(result.returncode, 0, result.stdout)


if __name__ == "__main__":
    programtest.main()
