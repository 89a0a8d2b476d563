# SPDX-License-Identifier: MIT
"""What standard error shows while a run goes on: the words of docker, on terminals of any size."""
import os
import re
import subprocess
import threading

import images
import programtest
import screen
from images import Image, bad_image, entry, tar
from programtest import unrtest

BAR = "[" + "=" * 50 + ">]"
# A size, and how docker writes it: units of 1000 and four digits.
SIZES = {1536: "1.536kB", 10240: "10.24kB", 999936: "999.9kB", 1000448: "1MB", 3001344: "3.001MB"}


def read_some(file):
    """What has come; nothing at the end, which a terminal tells by an error."""
    try:
        return file.read(65536)
    except OSError:
        return b""


def identity(layer):
    """What docker calls it."""
    return images.hexdigest(layer)[:12]


class ProgressTest(programtest.ProgramTest):
    """What the tests share."""

    def setUp(self):
        super().setUp()
        self.image = self.write("app.tar", images.old_archive(bad_image()))

    def on_terminal(self, *words, height=24, width=80, image=None, stdout=False, status=1, **more):
        """What the program has written on a terminal, as bytes."""
        written, found = screen.run([unrtest.PROGRAM, "run", *words, image or self.image],
                                    height, width, stdout=stdout,
                                    env=self.environment(TERM="xterm"), **more)
        self.assertEqual(found, status, written)
        return written

    def seen(self, *words, height=24, width=80, **options):
        """What stands on the terminal in the end, line by line."""
        written = self.on_terminal(*words, height=height, width=width, **options)
        return screen.Screen(height, width).write(written).text.split("\n")

    def layout(self, image):
        """An OCI layout, which is pulled."""
        images.write_layout(self.path("layout"), images.oci_files(image))
        return "oci:" + self.path("layout")

    def many(self, count):
        """An archive of so many layers, each another, and their ids."""
        layers = [tar(entry(f"file-{i}")) for i in range(count)]
        return (self.write("many.tar", images.old_archive(Image(*layers))),
                [identity(layer) for layer in layers])


class Terminal(ProgressTest):
    """A line a layer, written over."""

    def test_load(self):
        size = "  2.56kB/2.56kB"
        for words in ([], ["--progress", "auto"], ["--progress", "tty"]):
            # Where the bar would push words off the line, it goes.
            for width, bar, last in ((120, BAR + " ", BAR + " "), (111, BAR + " ", ""),
                                     (110, "", "")):
                self.assertEqual(self.seen(*words, width=width), [
                    f"{identity(images.GOOD_LAYER)}: Loading layer {bar}{size}",
                    f"{identity(images.BAD_LAYER)}: Loading layer {last}{size}  1 entry refused"])

    def test_pull(self):
        size = "  2.56kB/2.56kB"
        image = self.layout(bad_image())
        self.assertEqual(self.seen(image=image), [
            f"{identity(images.GOOD_LAYER)}: Pull complete",
            f"{identity(images.BAD_LAYER)}: Extracting {size}  1 entry refused"])
        self.assertIn(f"{identity(images.BAD_LAYER)}: Pulling fs layer",
                      self.on_terminal(image=image))

    def test_what_is_no_image(self):
        layer = self.write("layer.tar", images.GOOD_LAYER)
        self.assertEqual(self.seen(image="tar:" + layer, status=0), ["layer 0: Pull complete"])
        damaged = self.write("damaged.tar", images.GOOD_LAYER[:700])
        self.assertEqual(self.seen(image="tar:" + damaged),
                         ["layer 0: Extracting     700B/700B  refused"])

    def test_sizes(self):
        layers = [tar(entry("f", data=b"x" * (size - 1536))) if size > 1536 else
                  tar(entry("f")) for size in SIZES]
        self.assertEqual([len(layer) for layer in layers], list(SIZES))
        path = self.write("sizes.tar", images.old_archive(Image(*layers)))
        self.assertEqual(self.seen(image=path, status=0),
                         [f"{identity(layer)}: Loading layer {text:>8}/{text}"
                          for layer, text in zip(layers, SIZES.values())])

    def test_more_layers_than_lines(self):
        path, ids = self.many(60)
        for height in (1, 2, 3, 24, 60, 61, 62):
            found = self.seen(height=height, image=path, status=0)
            self.assertEqual([line[:12] for line in found], ids, height)
        layout = self.layout(Image(*[tar(entry(f"file-{i}")) for i in range(60)]))
        written = self.on_terminal(height=10, image=layout, status=0)
        self.assertIn("and 52 more", written)
        self.assertEqual([line[:12] for line in
                          screen.Screen(10).write(written).text.split("\n")], ids)

    def test_narrow(self):
        for width in (1, 2, 20, 30):
            found = self.seen(width=width)
            # The last column stays free, and no line is broken.
            self.assertLess(max(map(len, found)), width)
            self.assertLessEqual(len(found), 2)

    def test_another_width_meanwhile(self):
        path, ids = self.many(120)
        for width in (20, 200):
            written = self.on_terminal(image=path, status=0, height=300,
                                       resize=(b": Loading", 300, width))
            last = written.rpartition("\033[K\r\n")[0].split("\033[K\r\n")[-120:]
            # The last frame goes by the new width.
            self.assertEqual([line.rpartition("\r")[2][:12] for line in last], ids)
            self.assertEqual(BAR in last[-1], width == 200)
            self.assertLess(len(last[-1]), width)
            self.assertEqual(self.went_higher(written), width == 20)

    def went_higher(self, written):
        """Did a frame begin above what the last one has written, as that was broken meanwhile?"""
        frames = re.split(r"\033\[(\d+)A\r", written)
        return any(int(up) > frame.count("\033[K") for frame, up in zip(frames[::2], frames[1::2]))

    def test_the_report_stands_behind_it(self):
        plain = self.run_program("run", self.image).stdout.splitlines()
        found = self.seen(stdout=True, width=200)
        self.assertIn("1 entry refused", found[1])
        self.assertEqual(found[2], plain[0])

    def test_the_log_is_progress_enough(self):
        """On one terminal they would be in each other's way."""
        written = self.on_terminal("--format", "appservice", stdout=True)
        self.assertNotIn("\033", written)
        self.assertNotIn("Loading layer", written)
        out = self.on_terminal("--format", "appservice", stderr=False, stdout=True)
        self.assertEqual(len(written.splitlines()), len(out.splitlines()))

    def test_the_log_and_progress_on_one_terminal(self):
        found = self.seen("--format", "appservice", "--progress", "tty", stdout=True, width=400)
        log, rows = found[:-2], found[-2:]
        for line in log:
            self.assertRegex(line, r"^\d{4}-.*Z (INFO |ERROR) -( |$)")
        self.assertIn("Pull Image failed", log[-1])
        for line in rows:
            self.assertRegex(line, r"^[0-9a-f]{12}: Loading layer \[=")

    def test_an_error_stands_on_a_line_of_its_own(self):
        found = self.seen("--output", self.folder, status=3)
        self.assertTrue(found[2].startswith("userns-repro: "), found)


class Copied(ProgressTest):
    """What can be read but once is copied first, which may take a while."""

    def until(self, words, *arguments, stderr):
        """No image through a pipe until `words` are shown, all that was shown, and the status."""
        process = self.start_program("run", *arguments, "-", stdin=subprocess.PIPE, stderr=stderr[1])
        os.close(stderr[1])
        shown = b""

        def feed():
            while words not in shown:
                process.stdin.write(b"x" * 4096)
            process.stdin.close()

        feeder = threading.Thread(target=feed)
        feeder.start()
        with programtest.patience("the end"), os.fdopen(stderr[0], "rb", 0) as file:
            for piece in iter(lambda: read_some(file), b""):
                shown += piece
            feeder.join()
            return shown.decode(), process.wait()

    def test_plain(self):
        shown, status = self.until(b"Reading the image", "--progress", "plain", stderr=os.pipe())
        self.assertEqual(status, 3)
        lines = shown.splitlines()
        self.assertEqual(len(lines), 2)
        self.assertEqual(lines[0], "Reading the image")
        self.assertTrue(lines[1].startswith("userns-repro: standard input: "))

    def test_terminal(self):
        """A line that grows, and is gone when there is something else to say."""
        shown, status = self.until(b"\033[1A\rReading the image: ", "--progress", "tty",
                                   stderr=os.openpty())
        self.assertEqual(status, 3)
        self.assertRegex(shown, r"Reading the image: [\d.]+[kMG]?B\033\[K\r\n")
        stays = screen.Screen().write(shown).text
        self.assertTrue(stays.startswith("userns-repro: standard input: "), stays)


class Plain(ProgressTest):
    """A line an event, for logs."""

    def plain(self, image):
        """The lines."""
        result = self.run_program("run", "--progress", "plain", image)
        self.assertEqual(result.returncode, 1)
        return result.stderr.splitlines()

    @staticmethod
    def by_layer(lines):
        """The good layer's lines before the bad one's: side by side they come in any order."""
        bad = identity(images.BAD_LAYER)
        return sorted(lines, key=lambda line: line.startswith(bad))

    def test_load(self):
        good, bad = identity(images.GOOD_LAYER), identity(images.BAD_LAYER)
        wanted = [f"{good}: Loading layer 2.56kB", f"{good}: Loaded layer, 2 entries",
                  f"{bad}: Loading layer 2.56kB", f"{bad}: 1 entry refused"]
        self.assertEqual(self.by_layer(self.plain(self.image)), wanted)
        written = self.on_terminal("--progress", "plain")
        self.assertEqual(self.by_layer(written.replace("\r\n", "\n").splitlines()), wanted)

    def test_pull(self):
        good, bad = identity(images.GOOD_LAYER), identity(images.BAD_LAYER)
        lines = self.plain(self.layout(bad_image()))
        self.assertEqual(lines[:2], [f"{good}: Pulling fs layer", f"{bad}: Pulling fs layer"])
        self.assertEqual(self.by_layer(lines[2:]), [
            f"{good}: Extracting 2.56kB", f"{good}: Pull complete",
            f"{bad}: Extracting 2.56kB", f"{bad}: 1 entry refused"])


class Nobody(ProgressTest):
    """Where nobody watches, nothing is shown."""

    def test_none(self):
        self.assertEqual(self.on_terminal("--progress", "none"), "")
        for words in ([], ["--progress", "auto"], ["--progress", "none"]):
            result = self.run_program("run", *words, self.image)
            self.assertEqual((result.returncode, result.stderr), (1, ""))

    def test_a_terminal_that_cannot(self):
        written, status = screen.run([unrtest.PROGRAM, "run", self.image], stdout=False,
                                     env=self.environment(TERM="dumb"))
        self.assertEqual((written, status), ("", 1))


class Log(ProgressTest):
    """--format appservice is written while the run goes on."""

    def test_into_a_file(self):
        out = self.path("log")
        self.run_program("run", "--format", "appservice", "--output", out, self.image)
        with open(out, encoding="utf-8") as file:
            self.assertRegex(file.read(), r"\A\d{4}-.* Extracting [\s\S]*Pull Image failed.*\n\Z")

    def test_nobody_reads_it(self):
        reader, writer = os.pipe()
        os.close(reader)
        process = self.start_program("run", "--format", "appservice", self.image, stdout=writer)
        os.close(writer)
        with programtest.patience("the end"):
            self.assertEqual(process.wait(), -programtest.signal.SIGPIPE)

    def test_no_image(self):
        result = self.run_program("run", "--format", "appservice", self.path("missing"))
        self.assert_error(result, 3, "missing")
        self.assertIsNone(re.search("INFO", result.stdout))


if __name__ == "__main__":
    programtest.main()
