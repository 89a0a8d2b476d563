# SPDX-License-Identifier: MIT
"""Layers that mean harm, as far as dockerd can be asked: it would fill its disk with the rest.

tests/cli/test_hostile.py has all of them for the program alone.
"""

from cases import LOADS, add
from layers import entry, long_name, pax

TOO_LONG = "archive/tar: header field too long"
# The longest name of a file, and with "/" in front and a NUL behind the longest path.
NAME_MAX, PATH_MAX = 255, 4096


def _long(name, **fields):
    return entry(b"f", before=long_name(name), **fields)


def _names():
    """Longer and deeper than a kernel takes."""
    for length in (NAME_MAX + 1, PATH_MAX - 1, PATH_MAX, 3 * PATH_MAX):
        add("hostile: name of %d bytes" % length, "open /%s: file name too long" % ("n" * length),
            _long(b"n" * length))
    # Deeper ones load and are too long where the engine measures them, below its own directory.
    deep = b"d/" * 1900 + b"d"
    add("directories 1,901 deep", LOADS, _long(deep, type=b"5"), tree={deep: {"uid": 100000}})
    add("directories 10,000 deep", "open /%sf: file name too long" % ("d/" * 10000),
        _long(b"d/" * 10000 + b"f"))
    add("directories 10,000 deep by way of ..", LOADS, _long(b"d/../" * 10000 + b"f"),
        tree={b"f": {"uid": 100000}})


def _ways_out():
    """Names and links that lead out of the layer, one after the other."""
    out = b"../" * 20 + b"etc/passwd"
    add("absolute name", LOADS, entry(b"/etc/passwd", content=b"x"),
        tree={b"etc/passwd": {"size": 1}})
    add("name above the root", LOADS, entry(out, content=b"x"), tree={b"etc/passwd": {"size": 1}})
    add("hard link to a file outside", "link /etc/passwd /h: no such file or directory",
        entry(b"h", b"1", link=out))
    add("file through a symlink to outside", "open /l/passwd: no such file or directory",
        entry(b"l", b"2", link=b"/nowhere"), entry(b"l/passwd", content=b"x"))
    add("directory, swapped for a symlink, then a file in it", LOADS,
        entry(b"a/", b"5"), entry(b"d/", b"5"), entry(b"/d", b"2", link=b"a"),
        entry(b"d/f", content=b"x"), tree={b"a/f": {"size": 1}})


def _headers():
    """Headers of a size that nobody needs."""
    mebibyte = 1 << 20
    for name, type_flag in (("PAX records", b"x"), ("global PAX records", b"g")):
        add("%s above 1 MiB" % name, TOO_LONG,
            entry(b"f", before=pax({b"comment": b"c" * mebibyte}, type_flag)))
    add("long name above 1 MiB", TOO_LONG, _long(b"n" * mebibyte))


def _attributes():
    """More than a kernel takes; how many there may be is a matter of the file system."""
    add("attribute above 64 KiB", "argument list too long", entry(b"f", before=pax(
        {b"SCHILY.xattr.user.a": b"v" * 65537})))
    add("attribute with a name above 255 bytes", "numerical result out of range",
        entry(b"f", before=pax({b"SCHILY.xattr.user." + b"a" * 251: b"v"})))


def _nodes():
    """What gives power where it is used."""
    for mode in (0o4755, 0o2755, 0o6777, 0o7777):
        add("file of mode %o" % mode, LOADS, entry(b"f", mode=mode),
            tree={b"f": {"mode": mode}})


def _very_many():
    add("5,000 files", LOADS, *(entry(b"%d/%d" % (at // 1000, at)) for at in range(5000)),
        tree={b"4/4999": {"uid": 100000}})


TABLES = (_names, _ways_out, _headers, _attributes, _nodes, _very_many)
