# SPDX-License-Identifier: MIT
"""Cases of whole images: how many layers, and what is refused once all of them are there."""

from cases import LOADS, WRAPPERS, add_image, add_pull, unmapped
from layers import Image, entry, layer

REGISTER = "failed to register layer: "
DEEPEST = 125
DEEP = "max depth exceeded"


def _add_both(name, message, image, pulled=None):
    """A case of both ways in; @pulled: the words of a pull, where they are others."""
    add_image(name, message, image)
    add_pull(name, message if pulled is None else pulled, image)


def _layers(words, count):
    return [layer(entry(b"%d" % at, content=words.encode())) for at in range(count)]


def _depth():
    """dockerd registers no more than 125 layers."""
    _add_both("as many layers as there may be", LOADS, Image(_layers("most", DEEPEST)))
    _add_both("one layer more", DEEP, Image(_layers("more", DEEPEST + 1)), REGISTER + DEEP)
    words = "the topmost would fail"
    made = _layers(words, DEEPEST) + [layer(entry(b"h", content=words.encode(), uid=70000))]
    _add_both("one layer more: " + words, DEEP, Image(made), REGISTER + DEEP)
    words = "a lower one fails"
    made = _layers(words, DEEPEST + 1)
    made[1] = layer(entry(b"h", content=words.encode(), uid=70000))
    add_image("one layer more: " + words, WRAPPERS["overlay2"] % unmapped(70000), Image(made))


TABLES = [_depth]
