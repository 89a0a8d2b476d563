# SPDX-License-Identifier: MIT
"""vagrant/kernels/run: which kernels it boots, of what a mirror has."""
import contextlib
import importlib.machinery
import importlib.util
import io
import os
import sys
import tempfile
import types
import unittest

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import unrtest

FOLDER = os.path.join(unrtest.SOURCE_DIR, "vagrant", "kernels")
# In front: others have modules of these names.
sys.path.insert(0, FOLDER)
import archive


def load():
    """The command, which has no ending."""
    loader = importlib.machinery.SourceFileLoader("kernels_run", os.path.join(FOLDER, "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("kernels_run", loader))
    loader.exec_module(module)
    return module


class Choice(unittest.TestCase):
    """With a mirror that has these releases, the newest first."""

    def setUp(self):
        self.run_module = load()
        self.run_module.kernel = types.SimpleNamespace(
            obtain=lambda _source, release, _cache: types.SimpleNamespace(release=release))

    def choose(self, has, asked=None, ends=False):
        """Names of the kernels, or the exit status."""
        releases = [archive.Release(name, name, "suite") for name in has]
        self.run_module.open_archive = lambda _cache: types.SimpleNamespace(
            releases=lambda _flavour: releases)
        with tempfile.TemporaryDirectory() as cache, \
                contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            arguments = types.SimpleNamespace(cache=cache, flavour="any", list=False, kernel=asked,
                                              ends=ends)
            try:
                return [one.release.name for one in self.run_module.kernels(arguments)]
            except SystemExit as error:
                return error.code

    MISSING = 1 if unrtest.is_strict() else unrtest.SKIPPED

    def test_one_of_each_line(self):
        has = ["7.3.4", "6.12.9", "6.12.8", "6.1.7", "5.10.6"]
        self.assertEqual(self.choose(has), ["5.10.6", "6.1.7", "6.12.9", "7.3.4"])
        self.assertEqual(self.choose(has, ends=True), ["5.10.6", "7.3.4"])

    def test_two_lines_are_enough(self):
        self.assertEqual(self.choose(["6.12.9", "6.1.7"]), ["6.1.7", "6.12.9"])
        self.assertEqual(self.choose(["7.3.4", "6.1.7"]), ["6.1.7", "7.3.4"])

    def test_one_line_is_no_matrix(self):
        """The newest of its line is the newest of all, too: that is one kernel, not two."""
        self.assertEqual(self.choose(["6.12.9", "6.12.8"]), self.MISSING)
        self.assertEqual(self.choose([]), self.MISSING)

    def test_what_is_asked_for_must_be_there(self):
        has = ["6.18.1", "6.12.9"]
        self.assertEqual(self.choose(has, ["6.12.*"]), ["6.12.9"])
        self.assertEqual(self.choose(has, ["6.*", "6.18.*"]), ["6.18.1"])
        self.assertEqual(self.choose(has, ["6.12.*", "5.10.*"]), self.MISSING)


if __name__ == "__main__":
    unrtest.main()
