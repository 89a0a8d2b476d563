#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The judge itself: what differs is seen, and shrunk to the entries that matter.

Two made-up askers stand in for dockerd and the program, so that this runs everywhere.
"""

import contextlib
import io
import os
import sys
import unittest

import compare
import judge
import layers
import random_layers

RECORD = dict.fromkeys(judge._COMPARED) | {"type": "file", "mode": 0o644, "mtime_ns": 5,
                                           "xattrs": {}}


class Asker:
    """Answers by what the image holds: @answer of the names in its topmost layer."""

    def __init__(self, answer):
        self._answer = answer

    def outcome(self, image):
        """As the askers of judge.py."""
        return self._answer({item.words.split()[0]: item for item in image.layers[-1].items})


def loads(trees=None):
    """An outcome."""
    return judge.Outcome(True, "", trees)


class Judge(unittest.TestCase):
    """Differences and their shrinking."""

    def shown(self, real, ours, with_lower=False):
        """What a comparison prints of one layer of nine entries."""
        made = layers.layer(*(layers.entry(b"%d" % at) for at in range(9)), wrapping="gzip")
        old = random_layers.layer
        random_layers.layer = lambda seed: made
        self.addCleanup(setattr, random_layers, "layer", old)
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            agreed = compare.Comparison(Asker(real), Asker(ours),
                                        with_lower=with_lower).compare(7)
        self.assertEqual(agreed, printed.getvalue() == "")
        return printed.getvalue()

    def test_agreement_is_silent(self):
        self.assertEqual(self.shown(lambda names: loads(), lambda names: loads()), "")

    def test_one_entry_is_left(self):
        text = self.shown(lambda names: loads(), lambda names: judge.Outcome(
            "b'4'" not in names, "words" if "b'4'" in names else ""))
        self.assertIn("shrunk from 10 to 1 items", text)
        self.assertIn("b'4' type b'0'", text)
        self.assertIn("dockerd      loads\n", text)
        self.assertIn("userns-repro words\n", text)
        self.assertNotIn("wrapped", text)

    def test_two_entries_are_left(self):
        def ours(names):
            both = "b'1'" in names and "b'7'" in names
            return judge.Outcome(not both, "words" if both else "")

        text = self.shown(lambda names: loads(), ours)
        self.assertIn("shrunk from 10 to 2 items", text)

    def test_lower_layer_is_shrunk_to_nothing(self):
        text = self.shown(lambda names: loads(), lambda names: judge.Outcome(
            "b'4'" not in names, "words" if "b'4'" in names else ""), with_lower=True)
        self.assertTrue(text.split("  over\n")[1].lstrip().startswith("dockerd"), text)

    def test_a_difference_in_the_tree(self):
        def tree(mode):
            return lambda names: loads([{name.encode(): RECORD | {"mode": mode}
                                         for name in names if name == "b'3'"}])

        text = self.shown(tree(0o644), tree(0o640))
        self.assertIn("shrunk from 10 to 1 items", text)
        self.assertIn("mode is 0644 with dockerd, 0640 with userns-repro", text)

    def test_every_key_of_a_tree_counts(self):
        for key in judge._COMPARED:
            one, other = {b"f": RECORD}, {b"f": RECORD | {key: 12345}}
            with self.subTest(key):
                self.assertEqual(len(judge.differences(loads([one]), loads([other]))), 1)
        self.assertEqual(len(judge.differences(loads([{}]), loads([{b"f": RECORD}]))), 1)
        self.assertEqual(judge.differences(loads([{b"f": RECORD}]), loads([{b"f": RECORD}])), [])

    def test_time_of_day_does_not_count(self):
        one = judge._message('time="2020-01-01T00:00:00Z" level=warning')
        self.assertEqual(one, judge._message('time="2021-02-02T00:00:00Z" level=warning'))


if __name__ == "__main__":
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    sys.exit(unittest.main())
