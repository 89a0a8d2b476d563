# SPDX-License-Identifier: MIT
"""No room to write, nobody to write to: reports and temporary files that have no place."""
import contextlib
import gzip
import os
import resource
import signal
import subprocess

import images
import programtest
from programtest import needs_root, unrtest
import ordinary


class Outputs(programtest.ProgramTest):
    """Reports that cannot be written are no reports."""

    def run_to(self, stdout, *words):
        """With standard output at an open file."""
        result = subprocess.run([unrtest.PROGRAM, "run", *words, "scenario:npm9"], stdout=stdout,
                                stderr=subprocess.PIPE, text=True, env=self.environment(),
                                stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(result.returncode, 3, result.stderr)
        return result

    def test_full(self):
        for form in ("text", "json", "appservice"):
            with self.subTest(form), open("/dev/full", "wb") as full:
                self.assert_one_line(self.run_to(full, "--format", form), "standard output",
                                     "No space left")
                result = self.run_program("run", "--format", form, "--output", "/dev/full",
                                          "scenario:npm9")
                self.assert_error(result, 3, "/dev/full", "No space left")

    def test_a_log_without_an_image(self):
        """No image, no log; and what was in the file before is still there."""
        old = self.write("old.log", b"of yesterday\n")
        for path, content in ((self.path("new.log"), None), (old, b"of yesterday\n")):
            for image in (self.path("nothing"), self.write("app.tar", b"x" * 2048)):
                self.assert_error(self.run_program("run", "--format=appservice", "--output", path,
                                                   image), 3, image)
                self.assertEqual(os.path.exists(path), content is not None)
        with open(old, "rb") as file:
            self.assertEqual(file.read(), b"of yesterday\n")
        self.assertEqual(self.run_program("run", "--format=appservice", "--output", old,
                                          "scenario:npm9").returncode, 1)
        with open(old, "rb") as file:
            self.assertNotIn(b"yesterday", file.read())

    def test_closed(self):
        for words in (["run", "scenario:npm9"], ["run", "scenario:npm9", "--format=json"],
                      ["scenario", "list"], ["scenario", "run", "npm9"], ["--help"],
                      ["scenario", "export", "npm9", "-"]):
            with self.subTest(words):
                result = unrtest.run("-c", '"$0" "$@" >&-', unrtest.PROGRAM, *words,
                                     program="/bin/sh", env=self.environment())
                self.assert_error(result, 3, "standard output", "Bad file descriptor")

    def test_reader_went_away(self):
        reader, writer = os.pipe()
        os.close(reader)
        for words in (["run", "scenario:npm9"], ["run", "--format=json", "scenario:npm9"],
                      ["scenario", "list"], ["scenario", "run", "npm9"], ["run", "--help"],
                      ["scenario", "export", "npm9", "-"]):
            with self.subTest(words), open(os.dup(writer), "wb") as pipe:
                result = subprocess.run([unrtest.PROGRAM, *words], stdout=pipe, check=False,
                                        stderr=subprocess.PIPE, env=self.environment())
                # As `head` expects of every program: without a word.
                self.assertEqual((result.returncode, result.stderr), (-signal.SIGPIPE, b""))
        with open(writer, "wb") as pipe:
            out = self.path("report.json")
            result = subprocess.run([unrtest.PROGRAM, "run", "--format", "text", "--format",
                                     "json", "--output", out, "scenario:npm9"], stdout=pipe,
                                    stderr=subprocess.PIPE, env=self.environment(), check=False)
        self.assertEqual((result.returncode, result.stderr), (-signal.SIGPIPE, b""))
        self.assertGreater(os.path.getsize(out), 1000, "the other report is wanted")

    def test_nowhere_to_write(self):
        for path, why in ((self.path("no/report"), "No such file"), (self.folder, "directory")):
            result = self.run_program("run", "--output", path, "scenario:npm9")
            self.assert_error(result, 3, path, why)

    def test_all_standard_descriptors_closed(self):
        for closed, status in ((">&- 2>&-", 3), ("2>&-", 1), ("<&-", 1), ("<&- >&- 2>&-", 3)):
            with self.subTest(closed):
                result = unrtest.run("-c", f'"$0" run scenario:npm9 {closed}', unrtest.PROGRAM,
                                     program="/bin/sh", env=self.environment())
                self.assertEqual(result.returncode, status)

    def test_file_size_limit(self):
        image = self.write("app.tar", images.old_archive(images.bad_image()))
        out = self.path("report")
        result = unrtest.run("-c", 'ulimit -f 1; exec "$0" run "$1" --format json --output "$2"',
                             unrtest.PROGRAM, image, out, program="/bin/sh",
                             env=self.environment())
        self.assert_error(result, 3, out, "File too large")


class Spool(programtest.ProgramTest):
    """Where what comes through a pipe is kept, and what is compressed as a whole."""

    def small_spool(self):
        """To be run in the child: a private view of the spool folder with 64 KiB of room."""
        ordinary.unshare_mounts()
        ordinary.cover_with_nothing(self.spool, "size=64k,mode=1777")

    @needs_root("mounts a small tmpfs in a mount namespace of its own")
    def test_full(self):
        data = os.urandom(300000)
        whole = images.old_archive(images.Image(images.tar(images.entry("f", data=data))))
        result = self.run_program("run", "-", input=whole, stdin=None, text=False,
                                  preexec_fn=self.small_spool)
        result.stdout, result.stderr = result.stdout.decode(), result.stderr.decode()
        self.assert_error(result, 3, "standard input", "temporary file", "No space left")
        path = self.write("app.tar.gz", gzip.compress(whole))
        result = self.run_program("run", path, preexec_fn=self.small_spool)
        self.assert_error(result, 3, path, "temporary file", "No space left")
        # What is read in place needs no room.
        path = self.write("app.tar", whole)
        self.assert_loads(self.run_program("run", path, preexec_fn=self.small_spool))

    def test_no_folder(self):
        nowhere = self.path("nowhere")
        whole = images.old_archive(images.good_image())
        result = self.run_program("run", "-", input=whole, stdin=None, text=False,
                                  env=self.environment(TMPDIR=nowhere))
        result.stdout, result.stderr = result.stdout.decode(), result.stderr.decode()
        self.assert_error(result, 3, nowhere, "No such file", "TMPDIR")
        # It is asked for only when it is needed.
        result = self.run_program("run", self.write("app.tar", whole),
                                  env=self.environment(TMPDIR=nowhere))
        self.assert_loads(result)

    def test_the_folder_is_a_file(self):
        place = self.write("place", b"")
        result = self.run_program("run", self.write("a", gzip.compress(images.old_archive(
            images.good_image()))), env=self.environment(TMPDIR=place))
        self.assert_error(result, 3, place, "Not a directory")


class Circumstances(programtest.ProgramTest):
    """What the caller of a program can do to it."""

    def test_children_are_ignored(self):
        result = self.run_program("run", "scenario:high-uid-file", preexec_fn=lambda:
                                  signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        self.assert_refused(result, images.BAD_MESSAGE)

    def test_signals_are_blocked(self):
        result = self.run_program("run", "scenario:high-uid-file", preexec_fn=lambda:
                                  signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32)))
        self.assert_refused(result, images.BAD_MESSAGE)

    def test_limits(self):
        for kind, number in ((resource.RLIMIT_NOFILE, 4), (resource.RLIMIT_NOFILE, 6)):
            with self.subTest(number):
                result = self.run_program("run", self.write("a", b"x"), preexec_fn=lambda
                                          kind=kind, number=number:
                                          resource.setrlimit(kind, (number, number)))
                self.assert_error(result, 3)

    def test_no_environment(self):
        path = self.write("app.tar", images.old_archive(images.bad_image()))
        self.assert_refused(self.run_program("run", path, env={}), images.BAD_MESSAGE)

    def test_the_working_directory_is_gone(self):
        path = self.write("app.tar", images.old_archive(images.bad_image()))
        gone = self.path("gone")
        os.mkdir(gone)
        with contextlib.ExitStack() as stack:
            stack.callback(os.chdir, os.getcwd())
            os.chdir(gone)
            os.rmdir(gone)
            self.assert_refused(self.run_program("run", path), images.BAD_MESSAGE)

    def test_umask(self):
        path = self.write("app.tar", images.old_archive(images.good_image()))
        self.assert_loads(self.run_program("run", path, preexec_fn=lambda: os.umask(0o777)))


if __name__ == "__main__":
    programtest.main()
