# SPDX-License-Identifier: MIT
"""Hand-made layers, one for each rule, with the answer that dockerd 20.10 gives.

A case is a name, an image and the message; LOADS where there is none.  A case
may also say what is true of the tree afterwards: of the bottom layer on overlay2,
of the whole image on vfs.  A case is asked of the drivers that it has an answer
for.  The tables are in the files of TABLES; here is what they are written in.
"""

import importlib
from dataclasses import dataclass, field

from layers import Image, layer

TABLES = ("unpack_cases", "tar_cases", "compress_cases", "zstd_cases", "vfs_cases",
          "pull_cases", "platform_cases", "hostile_cases", "image_cases", "archive_cases",
          "config_cases")

LOADS = ""
INVALID = "archive/tar: invalid tar header"
SHORT = "unexpected EOF"
# In front of a message that is not the extractor's.
WHOLE = "!"
DUPLICATE = WHOLE + "Error processing tar file(duplicates of file paths not supported): "
WARNING = ('time="..." level=warning msg="ignored xattrs in archive: underlying filesystem '
           'doesn\'t support them" errors="[%s]"\n')
WRAPPERS = {"overlay2": "Error processing tar file(exit status 1): %s",
            "vfs": "ApplyLayer exit status 1 stdout:  stderr: %s"}
# As the value of a time: not 1970.
NOW = None


@dataclass
class Case:
    """@tree: {path: {key of a record of engine.walk(): value}}, None for no such path."""

    name: str
    image: Image
    message: str
    tree: dict = field(default_factory=dict)
    driver: str = "overlay2"
    way: str = "load"


_CASES = []


def unmapped(value):
    """What dockerd says of an owner outside the map."""
    return "Container ID %d cannot be mapped to a host ID" % value


def add(name, message, *items, tree=None, **how):
    """A case of one layer of @items and an end marker."""
    add_layer(name, message, layer(*items, **how), tree)


def add_layer(name, message, made, tree=None):
    """A case of one layer; @message is the extractor's unless it begins with WHOLE."""
    if message.startswith(WHOLE):
        message = message[len(WHOLE):]
    elif message:
        message = WRAPPERS["overlay2"] % message
    add_image(name, message, Image([made]), tree)


def add_image(name, message, image, tree=None, driver="overlay2"):
    """A case of several layers; @message is the whole one."""
    assert name not in (case.name for case in _CASES), name
    _CASES.append(Case(name, image, message, tree or {}, driver))


def add_over(name, message, lower, *items, tree=None, overlay=None, vfs=None, end=True):
    """A layer over another one of @lower, asked of both drivers.

    @message: the extractor's, on both; @overlay, @vfs: where the driver says something else.
    @tree: on vfs.
    """
    below = [layer(*lower)] if lower else []
    image = Image(below + [layer(*items, end=end)])
    for driver, other in (("overlay2", overlay), ("vfs", vfs)):
        said = message if other is None else other
        if said.startswith(WHOLE):
            said = said[len(WHOLE):]
        elif said:
            said = WRAPPERS[driver] % said
        case = Case("%s: %s" % (driver, name), image, said,
                    (tree or {}) if driver == "vfs" and not said else {}, driver)
        assert case.name not in (known.name for known in _CASES), case.name
        _CASES.append(case)


def add_pull(name, message, image):
    """A case of `docker pull`, asked of both drivers; @message is the whole one, or one for each."""
    for driver in ("overlay2", "vfs"):
        said = message if isinstance(message, str) else message[driver]
        case = Case("pull, %s: %s" % (driver, name), image, said, {}, driver, "pull")
        assert case.name not in (known.name for known in _CASES), case.name
        _CASES.append(case)


def add_both(name, message, image, pulled=None):
    """A case of both ways in; @pulled: the words of a pull, where they are others."""
    add_image(name, message, image)
    add_pull(name, message if pulled is None else pulled, image)


def every():
    """All cases, in the order of the tables."""
    if not _CASES:
        for name in TABLES:
            for table in importlib.import_module(name).TABLES:
                table()
    return list(_CASES)
