# SPDX-License-Identifier: MIT
"""What the program prints: the JSON contract, several reports at once, colour."""
import base64
import json
import os
import re

import images
import programtest
import screen
from images import DIRECTORY, Image, bad_image, entry, good_image, tar
from programtest import unrtest

# The contract's fields and their types; a tuple means one of several.
TEXT, NUMBER, YES_NO, LIST = str, int, bool, list
NONE = type(None)
REPORT = {"version": NUMBER, "profile": TEXT, "failures": LIST, "disagreements": LIST,
          "tool": {"name": TEXT, "version": TEXT},
          "host": {"kernel": TEXT, "map_method": TEXT},
          "engine": {"name": TEXT, "driver": TEXT},
          "map": {"uid": LIST, "gid": LIST},
          "image": {"source": TEXT, "reference": (TEXT, NONE), "config_digest": (TEXT, NONE),
                    "user": TEXT, "layers": LIST},
          "verdict": {"ok": YES_NO, "stage": TEXT, "message": TEXT}}
RANGE = {"inside": NUMBER, "outside": NUMBER, "count": NUMBER}
LAYER = {"index": NUMBER, "digest": (TEXT, NONE), "diff_id": (TEXT, NONE), "size": NUMBER,
         "entries": NUMBER, "failures": NUMBER, "created_by": TEXT}
FAILURE = {"layer": NUMBER, "entry": NUMBER, "path": TEXT, "type": TEXT, "uid": NUMBER,
           "gid": NUMBER, "unmapped": LIST, "engine": TEXT,
           "kernel": {"call": TEXT, "errno": (TEXT, NONE)}}
DISAGREEMENT = {"layer": NUMBER, "path": TEXT, "uid": NUMBER, "gid": NUMBER, "engine": TEXT,
                "kernel": TEXT, "why": TEXT}
APPSERVICE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (INFO |ERROR) - ")
ESCAPE = "\033["


class Json(programtest.ProgramTest):
    """--format json against the contract."""

    def report(self, image, *options, status=1):
        path = self.write("app.tar", images.old_archive(image))
        result = self.run_program("run", "--format", "json", *options, path)
        self.assertEqual((result.returncode, result.stderr), (status, ""))
        return json.loads(result.stdout)

    def assert_shape(self, value, shape, where="report"):
        self.assertIsInstance(value, dict, where)
        for name, wanted in shape.items():
            self.assertIn(name, value, where)
            if isinstance(wanted, dict):
                self.assert_shape(value[name], wanted, f"{where}.{name}")
                continue
            self.assertIsInstance(value[name], wanted, f"{where}.{name}")
            if wanted is NUMBER:
                self.assertNotIsInstance(value[name], bool, f"{where}.{name}")

    def assert_contract(self, report):
        self.assert_shape(report, REPORT)
        self.assertEqual(report["version"], 1)
        self.assertEqual(report["tool"]["name"], "userns-repro")
        self.assertIn(report["host"]["map_method"], ("direct", "newuidmap", "self"))
        self.assertEqual(report["host"]["kernel"], os.uname().release)
        for kind in ("uid", "gid"):
            self.assertTrue(report["map"][kind])
        for name, shape in (("failures", FAILURE), ("disagreements", DISAGREEMENT)):
            for i, one in enumerate(report[name]):
                self.assert_shape(one, shape, f"{name}[{i}]")
        for one in report["map"]["uid"] + report["map"]["gid"]:
            self.assert_shape(one, RANGE, "range")
        for one in report["image"]["layers"]:
            self.assert_shape(one, LAYER, "layer")

    def test_fate(self):
        for compress in (False, True):
            image = Image(*bad_image().layers, tar(entry("srv/high", 0, 0, b"high\n")),
                          tar(entry("else")), compress=compress)
            failure, = self.report(image)["failures"]
            self.assertEqual((failure["fate"], failure["fate_layer"]), ("reowned", 2))
            failure, = self.report(image, "--stop-at-first")["failures"]
            self.assertNotIn("fate", failure)

    def test_refused(self):
        report = self.report(bad_image(user="node"))
        self.assert_contract(report)
        verdict = report["verdict"]
        self.assertEqual((verdict["ok"], verdict["stage"], verdict["layer"], verdict["path"],
                          verdict["id"], verdict["id_kind"]),
                         (False, "layer", 1, "srv/high", 1000000, "uid"))
        self.assertIn(images.BAD_MESSAGE, verdict["message"])
        self.assertEqual(report["profile"], "appservice")
        self.assertEqual(report["engine"], {"name": "docker-20.10.9", "driver": "overlay2"})
        self.assertEqual(report["image"]["user"], "node")
        layer = report["image"]["layers"][1]
        self.assertEqual((layer["index"], layer["entries"], layer["failures"],
                          layer["created_by"]), (1, 2, 1, "RUN step 1"))
        failure, = report["failures"]
        self.assertEqual((failure["entry"], failure["type"], failure["engine"]),
                         (1, "file", "unmapped"))
        self.assertEqual(failure["unmapped"], ["uid", "gid"])
        self.assertEqual(failure["kernel"], {"call": "lchown", "errno": "EINVAL"})

    def test_loads(self):
        report = self.report(good_image(), status=0)
        self.assert_contract(report)
        self.assertEqual(report["verdict"], {"ok": True, "stage": "none", "message": ""})
        self.assertEqual((report["failures"], report["disagreements"]), ([], []))

    def test_contents_that_are_not_kept(self):
        """USER is not looked up in a file that only seems to be empty; an empty one is another."""
        for link, data, missing in (("srv/users", b"", False), ("srv/users", b"u:x:1:1::/:\n", True),
                                    ("srv/linked", b"u:x:1:1::/:\n", True),
                                    ("srv/my.passwd", b"u:x:1:1::/:\n", False)):
            layer = tar(entry("srv/users", data=data), entry("srv/my.passwd", data=data),
                        entry("srv/linked", kind=b"1", link="srv/users"),
                        entry("etc/passwd", kind=b"2", link="../" + link))
            image = images.old_archive(Image(layer, user="u"))
            result = self.run_program("run", self.write("app.tar", image))
            with self.subTest(link, data=data):
                self.assertEqual(result.returncode, 0 if data else 1, result.stderr)
                self.assertEqual("USER not checked" in result.stdout, missing, result.stdout)

    def test_bare_layer(self):
        path = self.write("layer.tar", images.BAD_LAYER)
        report = json.loads(self.run_program("run", "--format", "json", path).stdout)
        self.assert_contract(report)
        image = report["image"]
        self.assertEqual((image["source"], image["reference"], image["config_digest"]),
                         (path, None, None))

    def test_scenarios(self):
        for name in ("host-root-id", "minus-one", "whiteout-high-owner", "npm9"):
            result = self.run_program("run", "--format=json", "scenario:" + name)
            self.assert_contract(json.loads(result.stdout))

    def test_types(self):
        kinds = {"file": b"0", "directory": b"5", "symlink": b"2", "char": b"3", "block": b"4",
                 "fifo": b"6"}
        layer = tar(*(entry(name, 70000, 0, kind=kind, link="x" if kind == b"2" else "")
                      for name, kind in kinds.items()),
                    entry("base"), entry("hardlink", 70000, kind=b"1", link="base"),
                    entry(".wh.gone", 70000))
        report = self.report(Image(layer))
        found = {one["path"]: one["type"] for one in report["failures"]}
        # dockerd takes a hard link's owner from the file and looks at no whiteout's.
        wanted = {name: name for name in kinds}
        self.assertEqual({path: kind for path, kind in found.items() if path in wanted}, wanted)
        for path in set(found) - set(wanted):
            self.assertIn(found[path], ("hardlink", "whiteout"))

    def test_names_that_are_not_utf8(self):
        name = b"bad-\xff\xfe-\xe2\x82"
        layer = tar(entry(os.fsdecode(name), 1000000))
        report = self.report(Image(layer))
        self.assert_contract(report)
        failure, = report["failures"]
        self.assertEqual(base64.b64decode(failure["path_base64"]), name)
        self.assertTrue(failure["path"].startswith("bad-"))
        self.assertEqual(base64.b64decode(report["verdict"]["path_base64"]), name)
        fine = self.report(bad_image())["failures"][0]
        self.assertNotIn("path_base64", fine)

    def test_extreme_ids(self):
        numbers = (65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32,
                   2 ** 40, 2 ** 55, -1)
        layer = tar(*(entry(f"f{i}", number) for i, number in enumerate(numbers)))
        report = self.report(Image(layer))
        self.assert_contract(report)
        found = {one["path"]: one["uid"] for one in report["failures"]}
        self.assertNotIn("f0", found)
        self.assertEqual({found.get(f"f{i}") for i in range(1, 6)}, set(numbers[1:6]))

    def test_as(self):
        pulled = "failed to register layer: "
        for way, starts in (("load", False), ("pull", True)):
            message = self.report(bad_image(), "--as", way)["verdict"]["message"]
            self.assertEqual(message.startswith(pulled), starts)

    def test_stop_at_first(self):
        image = Image(tar(entry("a", 70000), entry("b", 70001)), tar(entry("c", 70002)))
        everything = self.report(image)
        self.assertEqual([one["uid"] for one in everything["failures"]], [70000, 70001, 70002])
        first = self.report(image, "--stop-at-first")
        self.assert_contract(first)
        self.assertEqual([one["uid"] for one in first["failures"]], [70000])
        self.assertEqual(first["verdict"], everything["verdict"])
        self.assertEqual(len(first["image"]["layers"]), 2)

    def test_engine_and_profile(self):
        report = self.report(bad_image(), "--engine", "docker-20.10", "--profile", "single")
        self.assertEqual(report["engine"]["name"], "docker-20.10")
        self.assertEqual(report["profile"], "single")
        self.assertEqual(report["map"]["uid"][0]["count"], 1)

    def test_many_failures(self):
        image = Image(tar(entry("d", kind=DIRECTORY),
                          *(entry(f"d/{i}", 70000 + i % 3) for i in range(5000))))
        self.assertEqual(len(self.report(image)["failures"]), 5000)


class Outputs(programtest.ProgramTest):
    """--format and --output in pairs."""

    def setUp(self):
        super().setUp()
        self.image = self.write("app.tar", images.old_archive(bad_image()))

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def run_pairs(self, *words):
        result = self.run_program("run", *words, self.image, cwd=self.folder)
        self.assertEqual((result.returncode, result.stderr), (1, ""))
        return result.stdout

    def test_pairs(self):
        out = self.run_pairs("--format", "json", "--output", "r.json", "--format", "text",
                             "--output=r.txt", "--format=appservice")
        self.assertEqual(json.loads(self.read("r.json"))["version"], 1)
        self.assertTrue(self.read("r.txt").startswith(images.BAD_MESSAGE[:9])
                        or images.BAD_MESSAGE in self.read("r.txt").splitlines()[0])
        self.assertRegex(out, APPSERVICE)

    def test_order_does_not_matter(self):
        self.assertEqual(self.run_pairs("--output", "r.json", "--format", "json"), "")
        self.assertEqual(json.loads(self.read("r.json"))["version"], 1)

    def test_output_alone_is_text(self):
        self.assertEqual(self.run_pairs("--output", "r.txt"), "")
        self.assertIn(images.BAD_MESSAGE, self.read("r.txt").splitlines()[0])

    def test_existing_file_is_replaced(self):
        self.write("r.json", b"x" * 100000)
        self.run_pairs("--format", "json", "--output", "r.json")
        self.assertEqual(json.loads(self.read("r.json"))["version"], 1)

    def test_a_hyphen_is_standard_output(self):
        out = self.run_pairs("--format", "json", "--output", "-")
        self.assertEqual(json.loads(out)["version"], 1)
        self.assertFalse(os.path.exists(self.path("-")))

    def test_two_on_standard_output(self):
        out = self.run_pairs("--format", "json", "--format", "text")
        value, end = json.JSONDecoder().raw_decode(out)
        self.assertEqual(value["version"], 1)
        self.assertIn(images.BAD_MESSAGE, out[end:])

    def test_appservice(self):
        lines = self.run_pairs("--format", "appservice").splitlines()
        for line in lines:
            self.assertRegex(line, APPSERVICE)
        self.assertRegex(lines[0], r"INFO  - [0-9a-f]{12} Extracting \d+(B|KB|MB) / \d+(B|KB|MB)$")
        self.assertTrue(any(line.endswith(" Pull complete") for line in lines))
        message = "failed to register layer: Error processing tar file(exit status 1): " + \
            images.BAD_MESSAGE
        self.assertTrue(lines[-2].endswith(f"ERROR - {message}Err: 0, Message: {message}"))
        self.assertRegex(lines[-1], r"INFO  - Pull Image failed, Time taken: "
                                    r"\d+ Minutes and \d+ Seconds$")

    def test_appservice_of_what_loads(self):
        path = self.write("good.tar", images.old_archive(good_image()))
        result = self.run_program("run", "--format", "appservice", path)
        self.assert_loads(result)
        self.assertNotIn("ERROR", result.stdout)


class Text(programtest.ProgramTest):
    """The report for people."""

    def test_the_message_stands_first(self):
        path = self.write("app.tar", images.old_archive(bad_image()))
        first, *rest = self.run_program("run", path).stdout.splitlines()
        self.assertEqual(first, "Error processing tar file(exit status 1): " +
                         images.BAD_MESSAGE)
        text = "\n".join(rest)
        for word in ("app:latest", "0..65535 -> outside 100000..165535", "docker-20.10.9",
                     "layer 1  RUN step 1", "1000000 1000000", "srv/high", "lchown: EINVAL"):
            self.assertIn(word, text)

    def test_what_loads_takes_two_lines(self):
        path = self.write("app.tar", images.old_archive(good_image()))
        out = self.run_program("run", path).stdout
        # A caller with other ids than the map's has the kernel's map told, too.
        if "kernel map" not in out:
            self.assertEqual(len(out.splitlines()), 2, out)
        for word in ("app:latest", "loads", "2 entries", "0..65535"):
            self.assertIn(word, out)

    def test_verbose_lists_all(self):
        image = Image(tar(entry("d", kind=DIRECTORY),
                          *(entry(f"d/{i:04}", 70000) for i in range(2000))))
        path = self.write("app.tar", images.old_archive(image))
        short = self.run_program("run", path).stdout
        long = self.run_program("run", "--verbose", path).stdout
        self.assertLess(len(short.splitlines()), 50)
        self.assertIn("2,000", short)
        for i in range(2000):
            self.assertIn(f"d/{i:04}", long)

    def test_names_cannot_steer_the_terminal(self):
        evil = "a\x1b[31m\nb\r\x7f\u0085\u202e"
        image = Image(tar(entry(evil, 1000000), entry("x", 1000000, kind=b"2", link=evil)),
                      tags=(evil,), user=evil, steps=[evil])
        path = self.write("app.tar", images.old_archive(image))
        for words in ([], ["--verbose"], ["--format", "appservice"]):
            with self.subTest(words):
                out = self.run_program("run", *words, path).stdout
                self.assertIn(images.BAD_MESSAGE, out)
                for c in "\x1b\r\x7f":
                    self.assertNotIn(c, out)
                self.assertNotIn("\nb", out)
        os.rename(path, self.path("c\x1b[2J\nd.tar"))
        out = self.run_program("run", "c\x1b[2J\nd.tar", cwd=self.folder).stdout
        self.assertIn(images.BAD_MESSAGE, out)
        self.assertNotIn("\x1b", out)
        self.assertNotIn("\nd.tar", out)


def on_terminal(*words, **environment):
    """The program with standard output on a terminal; what it wrote there, and its status."""
    return screen.run([unrtest.PROGRAM, "run", *words], stderr=False, env=environment)


class Terminal(programtest.ProgramTest):
    """Colour is for terminals."""

    def setUp(self):
        super().setUp()
        self.image = self.write("app.tar", images.old_archive(bad_image()))

    def colored(self, *words, **environment):
        out, status = on_terminal(*words, self.image, **self.environment(**environment))
        self.assertEqual(status, 1)
        self.assertIn(images.BAD_MESSAGE, out)
        return ESCAPE in out

    def test_color(self):
        self.assertTrue(self.colored(TERM="xterm"))
        self.assertTrue(self.colored(TERM="xterm", NO_COLOR=""))

    def test_no_color(self):
        self.assertFalse(self.colored(TERM="xterm", NO_COLOR="1"))
        self.assertFalse(self.colored(TERM="dumb"))
        self.assertFalse(self.colored())
        self.assertFalse(self.colored("--format", "json", TERM="xterm"))
        self.assertFalse(self.colored("--format", "appservice", TERM="xterm"))

    def test_no_color_elsewhere(self):
        result = self.run_program("run", self.image, env=self.environment(TERM="xterm"))
        self.assertNotIn("\033", result.stdout)
        out = self.path("out")
        on_terminal("--output", out, self.image, **self.environment(TERM="xterm"))
        with open(out, encoding="utf-8") as file:
            self.assertNotIn("\033", file.read())

    def test_color_changes_no_word(self):
        out, _status = on_terminal(self.image, **self.environment(TERM="xterm"))
        plain = self.run_program("run", self.image).stdout
        self.assertIn(images.BAD_MESSAGE, plain)
        self.assertNotEqual(out, plain)
        self.assertEqual(re.sub(r"\033\[[0-9;]*m", "", out).replace("\r\n", "\n"), plain)


if __name__ == "__main__":
    programtest.main()
