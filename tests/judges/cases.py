# SPDX-License-Identifier: MIT
"""Layers about owners: one for each rule in which engines can differ."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dockerd"))
from layers import Image, Item, entry, layer, pax  # noqa: E402

HIGH = 900000


def directory(name, **fields):
    """An entry for a directory."""
    return entry(name, type=b"5", mode=0o755, **fields)


# Each is the upper layer of two; the lower one has the file `base`.
LAYERS = {
    "ok": [entry(b"f")],
    "65535": [entry(b"f", uid=65535, gid=65535)],
    "65536": [entry(b"f", uid=65536, gid=65536)],
    "65537-uid": [entry(b"f", uid=65537)],
    "65537-gid": [entry(b"f", uid=65536, gid=65537)],
    "uid-and-gid": [directory(b"d"), entry(b"d/f", uid=HIGH, gid=HIGH + 1)],
    "outside-id-of-root": [entry(b"f", uid=54321, gid=54321)],
    "outside-id-of-a-range": [entry(b"f", uid=300000, gid=300000)],
    "100000": [entry(b"f", uid=100000, gid=100000)],
    "minus-one": [entry(b"f", uid=-1, gid=-1)],
    "4294967295": [entry(b"f", uid=4294967295)],
    "4294967295-and-high": [entry(b"f", uid=4294967295, gid=HIGH)],
    "2-to-32": [entry(b"f", uid=4294967296)],
    "2-to-32-and-high": [entry(b"f", uid=4294967296 + 65537)],
    "minus-five": [entry(b"f", uid=-5)],
    "pax-over-ustar": [entry(b"f", before=pax({b"uid": b"1000000"}))],
    "whiteout": [entry(b".wh.base", uid=HIGH)],
    "whiteout-of-nothing": [directory(b"d"), entry(b"d/.wh.x", gid=HIGH)],
    "opaque": [directory(b"d"), entry(b"d/.wh..wh..opq", uid=HIGH)],
    "character-device": [entry(b"n", type=b"3", uid=HIGH, devmajor=1, devminor=3)],
    "block-device": [entry(b"n", type=b"4", gid=HIGH, devmajor=8)],
    "overlay-whiteout-device": [entry(b"n", type=b"3", uid=HIGH)],
    "device-with-a-good-owner": [entry(b"n", type=b"3", devmajor=1, devminor=3)],
    "device-then-file": [entry(b"n", type=b"3", uid=HIGH, devmajor=1, devminor=3),
                         entry(b"f", uid=HIGH)],
    "fifo": [entry(b"p", type=b"6", uid=HIGH)],
    "symlink": [entry(b"s", type=b"2", link=b"t", uid=HIGH)],
    "hardlink": [entry(b"f"), entry(b"h", type=b"1", link=b"f", uid=HIGH)],
    "directory": [directory(b"d", gid=HIGH)],
    "dot": [directory(b"./", uid=HIGH)],
    "slash": [directory(b"/", uid=HIGH)],
    "absolute": [entry(b"/x//y", uid=HIGH)],
    "upwards": [entry(b"../../x", uid=HIGH)],
    "quoted": [entry(b"a \"b\" \\c\n", uid=HIGH)],
    "utf-8": [entry("\u00e4".encode(), uid=HIGH)],
    "global-header": [Item("global", pax({b"comment": b"x"}, type=b"g", uid=HIGH)),
                      entry(b"f", uid=HIGH)],
    "attribute-that-is-passed-over": [entry(b"a", before=pax({b"SCHILY.xattr.trusted.x": b"y"})),
                                      entry(b"f", uid=HIGH)],
    "second-of-a-name": [entry(b"a"), entry(b"a", uid=HIGH)],
    "same-name-twice": [entry(b"a"), entry(b"a")],
    "cut": [entry(b"f", uid=HIGH), entry(b"g", size=5000, body=b"x")],
    "the-first-of-several": [entry(b"a"), entry(b"b", gid=HIGH), entry(b"c", uid=HIGH)],
}


def images():
    """{name: bytes of a docker-archive}."""
    return {name: Image([layer(entry(b"base")), layer(*items)],
                        tag="judge/%s:latest" % name.lower()).archive()
            for name, items in LAYERS.items()}
