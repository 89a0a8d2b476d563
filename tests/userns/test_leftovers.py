# SPDX-License-Identifier: MIT
"""Ends of every kind at every moment: no process, no mount, no file is left.

What is left would show when the test ends: see programtest.py.
"""
import os
import signal

import background
from background import BackgroundTest, children, images, patience, programtest

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGHUP, signal.SIGQUIT)
# Larger than what is fed before the hold.
IMAGE = images.old_archive(images.Image(images.tar(images.entry("f", data=b"x" * 100000))))


class Parent(BackgroundTest):
    """The program itself is ended."""

    def end_by(self, process, number):
        process.send_signal(number)
        with patience("the end"):
            self.assertEqual(process.wait(), -number)
        programtest.reap_orphans()

    def test_at_once(self):
        for number in SIGNALS:
            with self.subTest(number.name):
                # Of an image that does not come: the end cannot be there before the signal.
                reader, writer = os.pipe()
                process = self.start_program("run", "-", "--output", "/dev/null", stdin=reader)
                os.close(reader)
                self.end_by(process, number)
                os.close(writer)

    def test_reading(self):
        for number in SIGNALS:
            with self.subTest(number.name):
                process, pipe, _fed = self.hold_reading(IMAGE)
                child = self.only_child(process)
                self.end_by(process, number)
                self.assertFalse(os.path.exists(f"/proc/{child}"))
                pipe.close()

    def test_extracting(self):
        for number in SIGNALS:
            with self.subTest(number.name):
                process, _progress = self.hold_extracting()
                child = self.only_child(process)
                self.end_by(process, number)
                self.assertFalse(os.path.exists(f"/proc/{child}"))

    def test_reporting(self):
        for number in SIGNALS:
            with self.subTest(number.name):
                process, _report = self.hold_reporting()
                self.assertEqual(children(process.pid), [], "the child outlives its work")
                self.end_by(process, number)

    def test_interrupt_from_the_terminal(self):
        process, _progress = self.hold_extracting(start_new_session=True)
        os.killpg(process.pid, signal.SIGINT)
        with patience("the end"):
            self.assertEqual(process.wait(), -signal.SIGINT)

    def test_a_child_that_is_stopped_dies_too(self):
        process, _progress = self.hold_extracting()
        os.kill(self.only_child(process), signal.SIGSTOP)
        self.end_by(process, signal.SIGKILL)

    def test_nobody_ends_it(self):
        process, pipe, fed = self.hold_reading(IMAGE)
        self.only_child(process)
        pipe.write(IMAGE[fed:])
        pipe.close()
        with patience("the end"):
            self.assertEqual(process.wait(), 0)


class Child(BackgroundTest):
    """A process inside is killed, as the kernel does when memory is short."""

    def assert_told(self, process, text, *words):
        """Status 3, and one line behind the progress says why."""
        with patience("the end"):
            self.assertEqual(process.wait(), 3, text)
        lines = [line for line in text.splitlines() if "userns-repro" in line]
        self.assertEqual(len(lines), 1, text)
        self.assertTrue(lines[0].startswith("userns-repro: "), text)
        for word in words:
            self.assertIn(word, lines[0])

    def test_reading(self):
        process, pipe, _fed = self.hold_reading(IMAGE)
        os.kill(self.only_child(process), signal.SIGKILL)
        with patience("the end"):
            out, text = process.communicate()
        self.assertEqual(out, "")
        self.assert_told(process, text, "killed by signal 9")
        pipe.close()

    def test_extracting(self):
        process, progress = self.hold_extracting()
        os.kill(self.only_child(process), signal.SIGKILL)
        with patience("the end"):
            self.assert_told(process, progress.read(), "killed by signal 9")

    def test_the_extraction_of_a_layer(self):
        process, progress = self.hold_extracting()
        os.kill(self.stuck_worker(process, progress), signal.SIGKILL)
        with patience("the end"):
            self.assert_told(process, progress.read(), "the extraction of layer",
                             "killed by signal 9")


class Reader(BackgroundTest):
    """Whoever reads or writes at the other end goes away."""

    def test_the_writer_of_standard_input_goes(self):
        process, pipe, _fed = self.hold_reading(IMAGE)
        pipe.close()
        with patience("the end"):
            _out, text = process.communicate()
        self.assertEqual(process.returncode, 3)
        self.assertIn("cut short", text)

    def test_the_reader_of_the_report_goes(self):
        process, report = self.hold_reporting()
        report.close()
        with patience("the end"):
            self.assertEqual(process.wait(), -signal.SIGPIPE)

    def test_the_reader_of_the_progress_goes(self):
        process, progress = self.hold_extracting()
        progress.close()
        # The verdict is of more layers than dockerd takes.
        with patience("the end"):
            self.assertEqual(process.wait(), 1)


if __name__ == "__main__":
    background.programtest.main()
