# SPDX-License-Identifier: MIT
"""The program in the background, held at a known moment, and the processes that it made.

It is held by what it waits for: standard input that comes slowly, or an output that nobody reads.
A write into a full pipe returns once the other side has read, so no test has to wait for time.
"""
import array
import fcntl
import functools
import os
import subprocess
import sys
import termios

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
# pylint: disable=wrong-import-position,unused-import
import images
import programtest
from programtest import ProgramTest, children, patience

F_SETPIPE_SZ = 1031
PIPE_SIZE = 4096
# More lines of progress than fit into a pipe of that size, and more frames than into a socket.
MANY_LAYERS = 1000


@functools.lru_cache(None)
def many_layers():
    """An archive of as many layers."""
    return images.old_archive(images.Image(*[images.GOOD_LAYER] * MANY_LAYERS))


@functools.lru_cache(None)
def many_failures():
    """A layer with a long report."""
    return images.tar(*(images.entry(f"file-{i:05}", 1000000) for i in range(2000)))


def small_pipe():
    """Both ends of a pipe that holds one page."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, F_SETPIPE_SZ, PIPE_SIZE)
    return reader, writer


class BackgroundTest(ProgramTest):
    """Tests of a program that is held."""

    def hold_reading(self, data, *words, **options):
        """Reading standard input; returns the process, whose stdin wants the rest: data[ret:]."""
        reader, writer = small_pipe()
        process = self.start_program("run", *words, "-", stdin=reader, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, text=True, **options)
        os.close(reader)
        fed = PIPE_SIZE + 1
        self.assertGreater(len(data), 2 * fed)
        # The pipe cannot hold it all: when this returns, the child has begun to read.
        with patience("the program to read"):
            self.assertEqual(os.write(writer, data[:fed]), fed)
        return process, os.fdopen(writer, "wb", buffering=0), fed

    def hold_extracting(self, *words, **options):
        """Between the layers of an image that it cannot finish while nobody reads its progress."""
        path = self.write("many.tar", many_layers())
        reader, writer = small_pipe()
        process = self.start_program("run", "--progress", "plain", *words, path, stderr=writer,
                                     stdout=subprocess.DEVNULL, **options)
        os.close(writer)
        progress = os.fdopen(reader, "r", encoding="utf-8")
        self.addCleanup(progress.close)
        with patience("the first layer"):
            self.assertRegex(progress.readline(), r"^[0-9a-f]{12}: Loading layer ")
        return process, progress

    def hold_reporting(self, **options):
        """Writing a report that is longer than the pipe holds."""
        path = self.write("bad.tar", many_failures())
        reader, writer = small_pipe()
        process = self.start_program("run", "--verbose", path, stdout=writer,
                                     stderr=subprocess.DEVNULL, **options)
        os.close(writer)
        report = os.fdopen(reader, "rb", buffering=0)
        self.addCleanup(report.close)
        with patience("the report"):
            self.assertEqual(len(report.read(1)), 1)
        return process, report

    def stuck_worker(self, process, progress):
        """The process of a layer at which all of it came to a halt, as nobody reads."""
        child, seen = self.only_child(process), [[]]
        held = array.array("i", [0])
        with patience("a halt"):
            while not seen[-1] or seen.count(seen[-1]) < 10:
                fcntl.ioctl(progress.fileno(), termios.FIONREAD, held)
                # The first two wait to be asked for the start of the container.
                workers = sorted(children(child))[2:]
                # Less room than a line needs: the parent waits, and all others for the parent.
                # One that is merely not given the processor would still come to its end.
                if held[0] < PIPE_SIZE - 64 or workers != seen[-1] or \
                        not all(programtest.is_asleep(worker) for worker in workers):
                    seen = []
                seen.append(workers)
        return seen[-1][0]

    def only_child(self, process):
        """The namespace's first process."""
        with patience("the child"):
            while True:
                found = children(process.pid)
                if found:
                    self.assertEqual(len(found), 1)
                    return found[0]
