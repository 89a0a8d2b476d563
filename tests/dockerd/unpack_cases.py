# SPDX-License-Identifier: MIT
"""Cases for what dockerd does with an entry: owners, names, types, attributes, times, layers."""

import struct

from cases import (DUPLICATE, INVALID, LOADS, NOW, SHORT, WARNING, add, add_image, unmapped)
from layers import GNU, V7, Image, Item, base256, entry, layer, long_name, pax

CAPABILITY = struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0)


def _duplicates():
    """What the second reader of the stream refuses."""
    a, b = entry(b"a", content=b"1"), entry(b"a", content=b"2")
    add("duplicate file", DUPLICATE, a, b)
    add("duplicate by ./", DUPLICATE, entry(b"./a"), a)
    add("duplicate by double slash", DUPLICATE, entry(b"d//a"), entry(b"d/./a"))
    add("duplicate directory", DUPLICATE, entry(b"d/", b"5"), entry(b"d", b"5"))
    add("duplicate file and directory", DUPLICATE, a, entry(b"a/", b"5"))
    add("no duplicate: leading slash", LOADS, a, entry(b"/a", content=b"22"),
        tree={b"a": {"size": 2}})
    add("no duplicate: leading dots", LOADS, a, entry(b"../a", content=b"22"),
        tree={b"a": {"size": 2}})
    add("duplicate: leading dots twice", DUPLICATE, entry(b"../a"), entry(b"../b/../a"))
    add("duplicate global headers", DUPLICATE, Item("g", pax({}, b"g", b"g")),
        Item("g", pax({}, b"g", b"g")))
    add("no duplicate: two global headers", LOADS, Item("g", pax({}, b"g", b"g")),
        Item("g", pax({}, b"g", b"h")))
    add("duplicate of a path record in a global header", DUPLICATE,
        Item("g", pax({b"path": b"s/q"}, b"g", b"g")), entry(b"s/q"))
    add("duplicate of a global header's name", DUPLICATE, Item("g", pax({}, b"g", b"g")),
        entry(b"g"))
    add("duplicate, its owner unmapped", unmapped(70000), a, entry(b"a", uid=70000))
    add("duplicate, its parent is a file", "open /f/g: not a directory", entry(b"f"),
        entry(b"f/g", uid=1), entry(b"f/g"))
    add("duplicate, then an unmapped owner", DUPLICATE, a, b, entry(b"c", uid=70000))
    add("unmapped owner, then a duplicate", unmapped(70000), entry(b"c", uid=70000), a, b)
    add("duplicate, then a broken header", DUPLICATE, a, b, Item("junk", b"j" * 512))
    add("duplicate of an unknown type", "unhandled tar header type 55", a, entry(b"a", b"7"))
    add("duplicate after a directory that vanished", "chtimes /d: no such file or directory",
        entry(b"d", b"5"), entry(b"/d", b"2", link=b"nowhere"), a, b)
    add("duplicate whose content is short", SHORT, a, entry(b"a", size=1000, body=b"x" * 9),
        end=False)
    add("duplicate whiteout", "failed to mknod(\"/a\", S_IFCHR, 0): file exists",
        entry(b".wh.a"), entry(b".wh.a"))
    add("duplicate root", DUPLICATE, entry(b"./", b"5"), entry(b".", b"5"))
    add("duplicate after a hard link", DUPLICATE, a, entry(b"h", b"1", link=b"a"),
        entry(b"./h", b"1", link=b"a"))


def _ids():
    """Owners in every way a header can name them."""
    for key in ("uid", "gid"):
        for value in (0, 1, 65534, 65535, 100000):
            host = 100000 if value == 100000 else 100000 + value
            add("%s %d" % (key, value), LOADS, entry(b"f", **{key: value}),
                tree={b"f": {key: host}})
        for value in (65536, 99999, 100001, 165535, 165536, 1000000, 2097151, 2097152,
                      1516583083, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32,
                      2 ** 40 + 5, -1, -65536, -2 ** 31, 2 ** 62 - 1):
            add("%s %d" % (key, value), unmapped(value), entry(b"f", **{key: value}))
        raw = {
            "octal with spaces": (b"    17 \0", LOADS), "octal cut at NUL": (b"17\x0099", LOADS),
            "leading NULs": (b"\0\0\00017\0\0", LOADS), "empty": (b"", LOADS),
            "eight octal digits": (b"00000017", LOADS), "all spaces": (b" " * 8, LOADS),
            "blank inside": (b"17 99", INVALID), "letters": (b"abc", INVALID),
            "digit nine": (b"0000009\0", INVALID), "minus": (b"-1\0", INVALID),
            "tab": (b"\t17\0", INVALID), "plus": (b"+17\0", INVALID),
            "base-256 zero": (b"\x80" + b"\0" * 7, LOADS),
            "base-256 largest": (b"\xbf" + b"\xff" * 7, unmapped(2 ** 62 - 1)),
            "base-256 smallest": (b"\xc0" + b"\0" * 7, unmapped(-2 ** 62)),
            "base-256 all ones": (b"\xff" * 8, unmapped(-1)),
            "base-256 cut by NULs": (b"\x80", LOADS),
        }
        for words, (value, message) in raw.items():
            add("%s field: %s" % (key, words), message, entry(b"f", **{key: value}))
        records = {
            b"5": LOADS, b"+5": LOADS, b"-0": LOADS, b"007": LOADS, b"": LOADS,
            b"65535": LOADS, b"100000": LOADS, b"65536": unmapped(65536), b"-5": unmapped(-5),
            b"9223372036854775807": unmapped(2 ** 63 - 1), b"9223372036854775808": INVALID,
            b"-9223372036854775808": unmapped(-2 ** 63), b"-9223372036854775809": INVALID,
            b" 5": INVALID, b"5 ": INVALID, b"abc": INVALID, b"1e3": INVALID, b"0x5": INVALID,
            b"1_0": INVALID, b"5\0": INVALID, b"5.0": INVALID,
        }
        for value, message in records.items():
            add("%s record %r" % (key, value.decode()), message,
                entry(b"f", before=pax({key.encode(): value}), **{key: 7}))
        add("%s record does not rescue a broken field" % key, INVALID,
            entry(b"f", before=pax({key.encode(): b"5"}), **{key: b"9x"}))
        add("%s record over an unmapped field" % key, LOADS,
            entry(b"f", before=pax({key.encode(): b"5"}), **{key: 70000}))


def _id_order():
    """When the owner is looked at, and when it is not."""
    add("uid before gid", unmapped(70000), entry(b"f", uid=70000, gid=80000))
    add("uid 100000, gid 100001", unmapped(100001), entry(b"f", uid=100000, gid=100001))
    for words, item in {
            "root as ./": entry(b"./", b"5", uid=70000), "root as .": entry(b".", b"5", uid=70000),
            "empty name": entry(b"", b"5", uid=70000), "a file named .": entry(b".", uid=70000),
            "d/..": entry(b"d/..", b"5", uid=70000),
            "a global header": Item("g", pax({b"uid": b"70000"}, b"g", b"g", uid=70000))}.items():
        add("unmapped and ignored: " + words, LOADS, item)
    for words, item in {
            "root as /": entry(b"/", b"5", uid=70000),
            "root as ../": entry(b"../", b"5", uid=70000),
            "root as ..": entry(b"..", b"5", gid=70000),
            "whiteout": entry(b".wh.a", uid=70000),
            "opaque marker": entry(b"d/.wh..wh..opq", uid=70000),
            "aufs metadata": entry(b".wh..wh.plnk", b"5", uid=70000),
            "a symlink": entry(b"l", b"2", link=b"x", uid=70000),
            "a device": entry(b"c", b"3", uid=70000),
            "a fifo": entry(b"p", b"6", uid=70000)}.items():
        add("unmapped: " + words, unmapped(70000), item)
    add("unmapped before a missing link target", unmapped(70000),
        entry(b"h", b"1", link=b"gone", uid=70000))
    add("unmapped before an unknown type", unmapped(70000), entry(b"u", b"7", uid=70000))
    add("unmapped before short content", unmapped(70000),
        entry(b"f", size=1000, body=b"x", uid=70000), end=False)
    add("unmapped before a name too long", unmapped(70000),
        entry(b"f", before=long_name(b"n" * 300), uid=70000))
    add("unmapped before a bad attribute", unmapped(70000),
        entry(b"f", before=pax({b"SCHILY.xattr.security.capability": b"x"}), uid=70000))
    add("unmapped after a parent that cannot be made", "mkdir /l: file exists",
        entry(b"l", b"2", link=b"nowhere"), entry(b"l/a/b", uid=70000))
    add("unmapped after a root that cannot be removed",
        "unlinkat .//: device or resource busy", entry(b"/", uid=70000))


def _names():
    """Cleaned names, parents, what is in the way."""
    add("name cleaned", LOADS, entry(b"a//b/./c"), tree={b"a/b/c": {"type": "file"}})
    add("leading slash", LOADS, entry(b"/a/b"), tree={b"a/b": {"type": "file"}})
    add("climbing out", LOADS, entry(b"../../x/../e"), tree={b"e": {"type": "file"}})
    add("implied parents", LOADS, entry(b"p/q/f", uid=5, mode=0o600),
        tree={b"p": {"mode": 0o755, "uid": 100000, "gid": 100000, "mtime_ns": NOW},
              b"p/q": {"mode": 0o755, "uid": 100000, "mtime_ns": NOW}})
    add("parent of . dirs is not implied", LOADS, entry(b"./", b"5", mode=0o700),
        tree={b".": {"mode": 0o755}})
    add("root as / takes the mode", LOADS, entry(b"/", b"5", mode=0o700, uid=5),
        tree={b".": {"mode": 0o700, "uid": 100005}})
    add("parent is a file", "open /f/g: not a directory", entry(b"f"), entry(b"f/g"))
    add("grandparent is a file", "open /f/g/h: not a directory", entry(b"f"), entry(b"f/g/h"))
    add("directory below a file", "mkdir /f/g: not a directory", entry(b"f"), entry(b"f/g", b"5"))
    add("symlink below a file", "symlink x /f/g: not a directory", entry(b"f"),
        entry(b"f/g", b"2", link=b"x"))
    add("hard link below a file", "link /f /f/g: not a directory", entry(b"f"),
        entry(b"f/g", b"1", link=b"f"))
    add("fifo below a file", "not a directory", entry(b"f"), entry(b"f/g", b"6"))
    add("whiteout below a file", 'failed to mknod("/f/g", S_IFCHR, 0): not a directory',
        entry(b"f"), entry(b"f/.wh.g"))
    add("opaque below a file", LOADS, entry(b"f"), entry(b"f/.wh..wh..opq"),
        tree={b"f": {"type": "file", "xattrs": {"trusted.overlay.opaque": b"y"}}})
    add("parent is a symlink to a directory", LOADS, entry(b"d", b"5"),
        entry(b"l", b"2", link=b"d"), entry(b"l/f"), tree={b"d/f": {"type": "file"}})
    add("parent is an absolute symlink", LOADS, entry(b"d", b"5"),
        entry(b"l", b"2", link=b"/d"), entry(b"l/f"), tree={b"d/f": {"type": "file"}})
    add("parent is a climbing symlink", LOADS, entry(b"d", b"5"),
        entry(b"l", b"2", link=b"../../../d"), entry(b"l/f"), tree={b"d/f": {"type": "file"}})
    add("parent is a dangling symlink", "open /l/f: no such file or directory",
        entry(b"l", b"2", link=b"x"), entry(b"l/f"))
    add("dangling symlink in the middle", "mkdir /l: file exists",
        entry(b"l", b"2", link=b"x"), entry(b"l/d/f"))
    add("parent is a loop", "open /l/f: too many levels of symbolic links",
        entry(b"l", b"2", link=b"l"), entry(b"l/f"))
    add("replaces through a symlinked parent", LOADS, entry(b"d/f", content=b"1"),
        entry(b"l", b"2", link=b"d"), entry(b"l/f", content=b"22"), tree={b"d/f": {"size": 2}})
    add("file replaces a directory", LOADS, entry(b"d/f"), entry(b"/d"),
        tree={b"d": {"type": "file"}})
    add("directory replaces a file", LOADS, entry(b"d"), entry(b"/d", b"5"),
        tree={b"d": {"type": "directory"}})
    add("directory again keeps its content", LOADS, entry(b"d", b"5", uid=1), entry(b"d/f"),
        entry(b"/d", b"5", uid=2, mode=0o700),
        tree={b"d": {"uid": 100002, "mode": 0o700}, b"d/f": {"type": "file"}})
    add("a file named /", "unlinkat .//: device or resource busy", entry(b"a"), entry(b"/"))
    add("a file named ..", "unlinkat .//: device or resource busy", entry(b".."))
    add("a file named .", LOADS, entry(b"."), tree={b".": {"type": "directory"}})
    add("an empty name", LOADS, entry(b""))
    add("name of 255 bytes", LOADS, entry(b"x", before=long_name(b"n" * 255)))
    add("name of 256 bytes", "open /%s: file name too long" % ("n" * 256),
        entry(b"x", before=long_name(b"n" * 256)))
    path = b"p" * 200 + b"/"
    add("path of more than 4096 bytes", "open /%s: file name too long"
        % (path * 20 + b"p" * 200).decode(), entry(b"x", before=long_name(path * 20 + b"p" * 200)))
    add("names are raw bytes", LOADS, entry(b"\xff\xfe"), entry(b"a\nb"), entry(b"\x01"),
        tree={b"\xff\xfe": {"type": "file"}, b"a\nb": {"type": "file"}})
    add("bytes that are not UTF-8 in a message", "open /\ufffd/g: not a directory",
        entry(b"\xff"), entry(b"\xff/g"))
    add("HTML in a message", "open /<&>/g: not a directory", entry(b"<&>"), entry(b"<&>/g"))


def _whiteouts():
    """By base name, whatever the type."""
    device = {"type": "char", "rdev": (0, 0), "mode": 0, "uid": 100005}
    for type_flag in b"023456":
        add("whiteout as type %c" % type_flag, LOADS,
            entry(b"d/.wh.a", b"%c" % type_flag, uid=5, mode=0o644, link=b"z"),
            tree={b"d/a": device, b"d": {"mode": 0o755}})
    exists = 'failed to mknod("%s", S_IFCHR, 0): file exists'
    add("whiteout of an entry of this layer", exists % "/a", entry(b"a"), entry(b".wh.a"))
    add("whiteout, then the entry", LOADS, entry(b".wh.a"), entry(b"a"),
        tree={b"a": {"type": "file"}})
    add("whiteout, then something below", "open /d/x: not a directory", entry(b".wh.d"),
        entry(b"d/x"))
    for name, path in ((b"d/.wh.", "/d"), (b"d/.wh..", "/d"), (b"d/.wh...", "/"), (b".wh.", "/")):
        add("whiteout named %s" % name.decode(), exists % path, entry(name))
    add("whiteout of a whiteout name", LOADS, entry(b".wh..wh.foo"),
        tree={b".wh.foo": {"type": "char"}})
    add("aufs metadata", LOADS, entry(b".wh..wh.plnk", b"5"), entry(b".wh..wh.aufs"),
        tree={b".wh.plnk": {"type": "char"}, b".wh.aufs": {"type": "char"}})
    add("a parent with the prefix", LOADS, entry(b".wh.dir/f"),
        tree={b".wh.dir": {"type": "directory"}})
    add("whiteout of an unknown type", LOADS, entry(b".wh.a", b"7"))
    add("opaque directory", LOADS, entry(b"d", b"5"), entry(b"d/.wh..wh..opq"),
        tree={b"d": {"xattrs": {"trusted.overlay.opaque": b"y"}}})
    add("opaque implied directory", LOADS, entry(b"d/.wh..wh..opq"),
        tree={b"d": {"xattrs": {"trusted.overlay.opaque": b"y"}, "mode": 0o755}})
    add("opaque root", LOADS, entry(b".wh..wh..opq"),
        tree={b".": {"xattrs": {"trusted.overlay.opaque": b"y"}}})
    add("opaque of a dangling symlink",
        'setxattr("/l", trusted.overlay.opaque=y): no such file or directory',
        entry(b"l", b"2", link=b"x"), entry(b"l/.wh..wh..opq"))
    add("opaque twice by two names", LOADS, entry(b"d/.wh..wh..opq"), entry(b"/d/.wh..wh..opq"))


def _types():
    """What each type flag makes."""
    add("old regular file", LOADS, entry(b"f", b"\0", b"abc"), tree={b"f": {"size": 3}})
    add("old directory", LOADS, entry(b"d/", b"\0"), tree={b"d": {"type": "directory"}})
    add("type 0 with a trailing slash", LOADS, entry(b"f/", b"0", b"abc"),
        tree={b"f": {"type": "file", "size": 3}})
    for letter in b"7VXADMN89Zz ?\x80\xff":
        add("type %d" % letter, "unhandled tar header type %d" % letter,
            entry(b"u", b"%c" % letter))
    add("character device", LOADS, entry(b"c", b"3", devmajor=5, devminor=1, mode=0o4666),
        tree={b"c": {"type": "char", "rdev": (5, 1), "mode": 0o4666}})
    add("block device", LOADS, entry(b"b", b"4", devmajor=8, devminor=300),
        tree={b"b": {"type": "block", "rdev": (8, 300)}})
    add("character device 0:0", LOADS, entry(b"c", b"3", mode=0o640),
        tree={b"c": {"type": "char", "rdev": (0, 0), "mode": 0o640}})
    add("device numbers from a V7 header", LOADS,
        entry(b"c", b"3", magic=V7, devmajor=5, devminor=1), tree={b"c": {"rdev": (0, 0)}})
    add("negative device number", LOADS, entry(b"c", b"3", devmajor=-1, devminor=-1),
        tree={b"c": {"rdev": (4095, 1048575)}})
    add("fifo", LOADS, entry(b"p", b"6", mode=0o622), tree={b"p": {"type": "fifo", "mode": 0o622}})
    add("modes", LOADS, entry(b"f", mode=0o7777, uid=5), entry(b"d", b"5", mode=0o7000, gid=6),
        entry(b"z", mode=0), entry(b"m", mode=0o100644),
        tree={b"f": {"mode": 0o7777}, b"d": {"mode": 0o7000}, b"z": {"mode": 0},
              b"m": {"mode": 0o644}})
    add("symlink as it is", LOADS, entry(b"l", b"2", link=b"../../etc//x/"),
        tree={b"l": {"target": b"../../etc//x/"}})
    add("symlink to nothing", "symlink  /s: no such file or directory", entry(b"s", b"2"))
    f = entry(b"f", content=b"abc", uid=1, mode=0o600)
    add("hard link re-owns", LOADS, f, entry(b"h", b"1", link=b"f", uid=2, mode=0o4755, mtime=99),
        tree={b"f": {"uid": 100002, "mode": 0o4755, "nlink": 2, "mtime_ns": 99 * 10 ** 9}})
    add("hard link, climbing target", LOADS, f, entry(b"h", b"1", link=b"../../f"),
        tree={b"h": {"same_as": b"f"}})
    add("hard link, absolute target", LOADS, f, entry(b"h", b"1", link=b"/f"),
        tree={b"h": {"same_as": b"f"}})
    add("hard link to nothing", "link /f /h: no such file or directory",
        entry(b"h", b"1", link=b"f"))
    add("hard link without a target", "link / /h: operation not permitted", entry(b"h", b"1"))
    add("hard link to a directory", "link /d /h: operation not permitted", entry(b"d", b"5"),
        entry(b"h", b"1", link=b"d"))
    add("hard link to itself", "link /f /f: no such file or directory", f,
        entry(b"/f", b"1", link=b"f"))
    add("hard link to a symlink", LOADS, entry(b"s", b"2", link=b"x", mode=0o777),
        entry(b"h", b"1", link=b"s", mode=0o600, uid=3),
        tree={b"h": {"type": "symlink", "uid": 100003}})
    add("hard link through a symlink", LOADS, entry(b"d/f"), entry(b"s", b"2", link=b"d"),
        entry(b"h", b"1", link=b"s/f"), tree={b"h": {"same_as": b"d/f"}})
    add("a directory replaced by a symlink to nothing", "chtimes /d: no such file or directory",
        entry(b"d", b"5"), entry(b"/d", b"2", link=b"x"))
    add("a directory replaced by a file takes its times", LOADS, entry(b"d", b"5", mtime=5),
        entry(b"/d", mtime=9), tree={b"d": {"mtime_ns": 5 * 10 ** 9}})
    add("a vanished directory before a later unmapped owner", unmapped(70000),
        entry(b"d", b"5"), entry(b"/d", b"2", link=b"x"), entry(b"f", uid=70000))


def _xattr(name, value):
    return pax({b"SCHILY.xattr." + name: value})


def _xattrs():
    """Extended attributes: stored, ignored, fatal."""
    for name, value in ((b"user.a", b"1"), (b"user.n", b"x\0y"), (b"trusted.t", b"t"),
                        (b"security.other", b"s"), (b"security.capability", CAPABILITY),
                        (b"trusted.overlay.opaque", b"y"), (b"user." + b"n" * 250, b"1")):
        add("attribute %s" % name.decode()[:30], LOADS, entry(b"f", before=_xattr(name, value)),
            tree={b"f": {"xattrs": {name.decode(): value}}})
    add("attribute with = in its name", LOADS, entry(b"f", before=_xattr(b"user.a=b", b"v")),
        tree={b"f": {"xattrs": {"user.a": b"b=v"}}})
    add("empty attribute", LOADS, entry(b"f", before=_xattr(b"user.a", b"")),
        tree={b"f": {"xattrs": {}}})
    for key in (b"LIBARCHIVE.xattr.user.a", b"SCHILY.acl.access", b"SCHILY.fflags", b"GNU.x"):
        add("record %s is ignored" % key.decode(), LOADS, entry(b"f", before=pax({key: b"x"})),
            tree={b"f": {"xattrs": {}}})
    add("attribute on a directory that exists", LOADS, entry(b"d", b"5"),
        entry(b"/d", b"5", before=_xattr(b"user.a", b"1")),
        tree={b"d": {"xattrs": {"user.a": b"1"}}})
    add("attribute on a hard link", LOADS, entry(b"f"),
        entry(b"h", b"1", link=b"f", before=_xattr(b"user.a", b"1")),
        tree={b"f": {"xattrs": {"user.a": b"1"}}})
    fatal = {
        "bad capability": (b"security.capability", b"junk", "invalid argument"),
        "bad ACL": (b"system.posix_acl_access", struct.pack("<I", 2) + b"junk", "invalid argument"),
        "name too long": (b"user." + b"n" * 251, b"1", "numerical result out of range"),
        "no name": (b"", b"1", "numerical result out of range"),
        "only a namespace": (b"user.", b"1", "invalid argument"),
        "value too long": (b"user.a", b"v" * 65537, "argument list too long"),
    }
    for words, (name, value, message) in fatal.items():
        add("attribute: " + words, message, entry(b"f", before=_xattr(name, value)))
    bad, odd_acl = entry(b"z", uid=70000), _xattr(b"system.posix_acl_access", b"junk")
    ignored = {
        "unknown namespace": (entry(b"f", before=_xattr(b"nothing.a", b"1")),
                              "operation not supported"),
        "ACL of an unknown version": (entry(b"f", before=odd_acl), "operation not supported"),
        "user.* on a symlink": (entry(b"l", b"2", link=b"x", before=_xattr(b"user.a", b"1")),
                                "operation not permitted"),
        "user.* on a fifo": (entry(b"p", b"6", before=_xattr(b"user.a", b"1")),
                             "operation not permitted"),
    }
    for words, (item, reason) in ignored.items():
        add("ignored attribute: " + words, LOADS, item)
        add("ignored attribute before an error: " + words, WARNING % reason + unmapped(70000),
            item, bad)
    item = ignored["unknown namespace"][0]
    add("two ignored attributes of two entries",
        WARNING % "operation not supported" * 2 + unmapped(70000), item,
        entry(b"g", before=_xattr(b"nothing.a", b"1")), bad)
    add("ignored attribute, then its duplicate", DUPLICATE
        + WARNING % "operation not supported" * 2, item, item)


def _times():
    """Kept, cut, wrapped."""
    def stamp(seconds, nanoseconds=0):
        return {"mtime_ns": seconds * 10 ** 9 + nanoseconds}

    largest = 9223372036
    for words, seconds, kept in (("1970", 0, 0), ("before 1970", -5, 0), ("2001", 10 ** 9, 10 ** 9),
                                 ("the last second", largest, largest),
                                 ("after the last second", largest + 1, 0), ("2^34", 2 ** 34, 0)):
        for name, type_flag in (("file", b"0"), ("directory", b"5"), ("fifo", b"6")):
            add("time of a %s: %s" % (name, words), LOADS, entry(b"f", type_flag, mtime=seconds),
                tree={b"f": stamp(kept)})
    add("nanoseconds", LOADS, entry(b"f", before=pax({b"mtime": b"1000000000.123456789"})),
        tree={b"f": stamp(10 ** 9, 123456789)})
    add("more digits than nanoseconds", LOADS,
        entry(b"f", before=pax({b"mtime": b"1000000000.1234567899"})),
        tree={b"f": stamp(10 ** 9, 123456789)})
    add("negative time of a symlink", LOADS, entry(b"l", b"2", link=b"x", mtime=-5),
        tree={b"l": stamp(-5)})
    add("time of a symlink wraps", LOADS, entry(b"l", b"2", link=b"x", mtime=2 ** 34),
        tree={b"l": {"mtime_ns": (2 ** 34 * 10 ** 9 + 2 ** 63) % 2 ** 64 - 2 ** 63}})
    for value, message in ((b"12.", LOADS), (b"-1.5", LOADS), (b".5", INVALID), (b"1e5", INVALID),
                           (b"12 ", INVALID), (b" 12", INVALID), (b"abc", INVALID),
                           (b"", LOADS), (b"1.2.3", INVALID), (b"-", INVALID)):
        for key in (b"mtime", b"atime", b"ctime"):
            add("%s record %r" % (key.decode(), value.decode()), message,
                entry(b"f", before=pax({key: value})))
    add("directory time after its content", LOADS, entry(b"d", b"5", mtime=7), entry(b"d/f"),
        tree={b"d": stamp(7)})
    add("access time of a GNU header", LOADS, entry(b"f", magic=GNU, gnu_atime=99, mtime=5))
    add("access time of a star header", LOADS,
        entry(b"f", star_atime=99, star_trailer=b"tar\0", mtime=5))
    add("base-256 time of 2^63", INVALID, entry(b"f", mtime=base256(2 ** 63, 12)))
    add("base-256 size of 2^63", INVALID, entry(b"f", size=base256(2 ** 63, 12)))


def _corners():
    """What the rules come down to in places where one would not look."""
    f = entry(b"f", content=b"abc", uid=1, mode=0o600, mtime=5)
    for target in (b"f/", b"f/.", b"x/../f"):
        add("hard link whose target, taken literally, is not there: %s" % target.decode(), LOADS, f,
            entry(b"h", b"1", link=target, uid=2, mode=0o755, mtime=99),
            tree={b"f": {"uid": 100002, "mode": 0o600, "mtime_ns": 5 * 10 ** 9, "nlink": 2}})
    add("hard link takes a file capability away", LOADS,
        entry(b"f", before=_xattr(b"security.capability", CAPABILITY)),
        entry(b"h", b"1", link=b"f"), tree={b"f": {"xattrs": {}}})
    add("hard link below what it replaces", "link /d/f /d: no such file or directory",
        entry(b"d/f"), entry(b"/d", b"1", link=b"d/f"))
    add("file capability on a symlink", LOADS,
        entry(b"l", b"2", link=b"x", before=_xattr(b"security.capability", CAPABILITY)),
        tree={b"l": {"xattrs": {"security.capability": CAPABILITY}}})
    acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", tag, bits, 2 ** 32 - 1)
                                          for tag, bits in ((1, 6), (4, 4), (32, 4)))
    add("default ACL on a file", "permission denied",
        entry(b"f", before=_xattr(b"system.posix_acl_default", acl)))
    add("directory time below what became a file", "chtimes /d/y: not a directory",
        entry(b"d/y", b"5"), entry(b"/d"))
    add("directory time of what became a loop", "chtimes /d: too many levels of symbolic links",
        entry(b"d", b"5"), entry(b"/d", b"2", link=b"d"))
    add("directory time of what became a symlink", LOADS, entry(b"d", b"5", mtime=7),
        entry(b"e", b"5", mtime=8), entry(b"/d", b"2", link=b"e", mtime=9),
        tree={b"d": {"mtime_ns": 9 * 10 ** 9}, b"e": {"mtime_ns": 8 * 10 ** 9}})
    below = "%s /l/p: no such file or directory"
    for words, item, message in (
            ("directory", entry(b"l/p", b"5"), below % "mkdir"),
            ("hard link", entry(b"l/p", b"1", link=b"l"), below % "link /l"),
            ("symlink", entry(b"l/p", b"2", link=b"t"), below % "symlink t"),
            ("fifo", entry(b"l/p", b"6"), "no such file or directory"),
            ("whiteout", entry(b"l/.wh.p"),
             'failed to mknod("/l/p", S_IFCHR, 0): no such file or directory')):
        add("below a dangling symlink: " + words, message, entry(b"l", b"2", link=b"x"), item)
    long = "n" * 256
    for words, type_flag, message in (("directory", b"5", "mkdir /%s: " % long),
                                      ("symlink", b"2", "symlink t /%s: " % long),
                                      ("hard link", b"1", "link /f /%s: " % long),
                                      ("fifo", b"6", "")):
        add("name of 256 bytes: " + words, message + "file name too long", f,
            entry(b"x", type_flag, before=long_name(long.encode()),
                  link=b"t" if type_flag == b"2" else b"f"))
    add("opaque marker quoted", 'setxattr("/l\\"\\n", trusted.overlay.opaque=y): '
        "no such file or directory", entry(b'l"\n', b"2", link=b"x"),
        entry(b'l"\n/.wh..wh..opq'))
    name = b'a"\xc3\xa9\x01\xff'
    add("whiteout quoted", 'failed to mknod("/a\\"\u00e9\\x01\\xff", S_IFCHR, 0): file exists',
        entry(name), entry(b".wh." + name))
    name = "\u00ad\u00e9\u0378\u2028\ufeff\ue000\U0001f600\U000e0001\u4e00".encode()
    add("whiteout of characters that cannot be shown", 'failed to mknod("/\\u00ad\u00e9\\u0378\\u2028'
        '\\ufeff\\ue000\U0001f600\\U000e0001\u4e00", S_IFCHR, 0): file exists', entry(name),
        entry(b".wh." + name))
    add("opaque marker below something below a file",
        'setxattr("/f/g", trusted.overlay.opaque=y): not a directory', f,
        entry(b"f/g/.wh..wh..opq"))
    add("attributes of a whiteout are not looked at", LOADS,
        entry(b".wh.a", before=_xattr(b"security.capability", b"junk")))
    add("names that differ only as text", LOADS, entry(b"\xff"), entry(b"\xfe"),
        entry("\ufffd".encode()))
    add("duplicate that is not UTF-8", DUPLICATE, entry(b"\xff"), entry(b"./\xff"))
    add("negative mode", LOADS, entry(b"f", mode=-1), tree={b"f": {"mode": 0o7777}})
    add("symlink target of 4096 bytes", "symlink %s /s: file name too long" % ("t" * 4096),
        entry(b"s", b"2", before=long_name(b"t" * 4096, b"K")))


def _images():
    """Several layers, and what the config promises."""
    good, other = layer(entry(b"f", content=b"1")), layer(entry(b"g"))
    bad, worse = layer(entry(b"h", uid=70000)), layer(entry(b"i", uid=80000))
    wrong = "sha256:" + "0" * 64
    processing = "Error processing tar file(exit status 1): "
    add_image("two layers", LOADS, Image([good, other]), tree={b"f": {"size": 1}})
    add_image("no layer", LOADS, Image([]))
    add_image("the lowest failing layer", processing + unmapped(70000), Image([good, bad, worse]))
    add_image("hard link to a lower layer", processing + "link /f /k: no such file or directory",
              Image([good, layer(entry(b"k", b"1", link=b"f"))]))
    add_image("whiteout of a lower file", LOADS, Image([good, layer(entry(b".wh.f"))]))
    add_image("child of a lower file", LOADS, Image([good, layer(entry(b"f/x"))]))
    add_image("the same layer twice", LOADS, Image([good, good]))
    add_image("wrong diffID", 'invalid diffID for layer 0: expected "%s", got "%s"'
              % (wrong, good.diff_id()), Image([good], diff_ids=[wrong]))
    add_image("wrong diffID above", 'invalid diffID for layer 1: expected "%s", got "%s"'
              % (wrong, other.diff_id()), Image([good, other], diff_ids=[good.diff_id(), wrong]))
    add_image("wrong diffID of a failing layer", processing + unmapped(70000),
              Image([bad], diff_ids=[wrong]))
    add_image("more diffIDs than layers", "invalid manifest, layers length mismatch: "
              "expected 1, got 2", Image([good], diff_ids=[good.diff_id(), wrong]))


TABLES = (_duplicates, _ids, _id_order, _names, _whiteouts, _types, _xattrs, _times, _corners,
          _images)
