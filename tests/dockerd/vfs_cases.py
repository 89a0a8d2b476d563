# SPDX-License-Identifier: MIT
"""Cases in which the two drivers differ: on vfs a layer is unpacked over what lies below.

Each is a layer over another one (or over none), with the answer and the merged
tree on vfs, and what overlay2 says where that is not the same.
"""

from cases import (DUPLICATE, INVALID, LOADS, NOW, SHORT, WHOLE, add_over, unmapped)
from layers import Item, entry, pax

HOST_ROOT, ROOT = 0, 100000
BUSY = "unlinkat .//: device or resource busy"


def gone(*paths):
    """Claims that nothing of these names is there."""
    return {path: None for path in paths}


def there(*paths):
    """Claims that there is something of these names."""
    return {path: {} for path in paths}


LOWER = (entry(b"d", b"5", mode=0o750, uid=7), entry(b"d/a", content=b"below"), entry(b"d/b"),
         entry(b"d/s/x"), entry(b"f", content=b"below", uid=3), entry(b"l", b"2", link=b"d"),
         entry(b"etc/passwd", content=b"root"))


def _whiteouts():
    """Executed, by base name, without a look at the owner."""
    taken = 'failed to mknod("%s", S_IFCHR, 0): file exists'

    def over(words, *arguments, **more):
        add_over("whiteout " + words, *arguments, **more)

    over("of a file", LOADS, LOWER, entry(b".wh.f"), tree=gone(b"f", b".wh.f"))
    over("of a directory", LOADS, LOWER, entry(b".wh.d"), tree={**gone(b"d", b"d/a"), **there(b"l")})
    over("of a file in a directory", LOADS, LOWER, entry(b"d/.wh.a"),
         tree={**gone(b"d/a"), b"d/b": {}, b"d": {"mode": 0o750, "uid": 100007}})
    over("of nothing", LOADS, LOWER, entry(b"d/.wh.none"), tree=there(b"d/a"))
    over("below what is not there makes its parents", LOADS, (), entry(b"p/q/.wh.x"),
         tree={b"p/q": {"mode": 0o600, "uid": HOST_ROOT}})
    over("of a symlink, not what it leads to", LOADS, LOWER, entry(b".wh.l"),
         tree={**gone(b"l"), **there(b"d/a")})
    over("through a lower symlink", LOADS, LOWER, entry(b"l/.wh.a"), tree=gone(b"d/a"))
    over("of what this layer made", LOADS, LOWER, entry(b"n"), entry(b".wh.n"), tree=gone(b"n"),
         overlay=taken % "/n")
    over("then the entry", LOADS, LOWER, entry(b".wh.f"), entry(b"f", content=b"n"),
         tree={b"f": {"size": 1}})
    over("then something below", LOADS, LOWER, entry(b".wh.d"), entry(b"d/n"),
         tree={**gone(b"d/a"), b"d/n": {}, b"d": {"mode": 0o600, "uid": HOST_ROOT}},
         overlay="open /d/n: not a directory")
    over("named .wh. removes its directory", LOADS, LOWER, entry(b"d/.wh."), tree=gone(b"d"),
         overlay=taken % "/d")
    over("named .wh.. removes its directory", LOADS, LOWER, entry(b"d/.wh.."), tree=gone(b"d"),
         overlay=taken % "/d")
    over("named .wh... removes its directory's parent", LOADS, LOWER, entry(b"d/s/.wh..."),
         tree={**gone(b"d"), **there(b"f")}, overlay=taken % "/d")
    for name in (b".wh.", b".wh..", b".wh...", b"d/.wh..."):
        over("of the root, as %s" % name.decode(), BUSY, LOWER, entry(name),
             overlay=taken % "/")
    over("below a lower file", "unlinkat /f/x: not a directory", LOWER, entry(b"f/.wh.x"),
         overlay=LOADS)
    for type_flag in b"12345":
        over("as type %c" % type_flag, LOADS, LOWER, entry(b".wh.f", b"%c" % type_flag, link=b"d"),
             tree=gone(b"f"))
    over("of an unknown type", LOADS, LOWER, entry(b".wh.f", b"7"), tree=gone(b"f"))
    over("of an unmapped owner", LOADS, LOWER, entry(b".wh.f", uid=70000, gid=80000),
         tree=gone(b"f"), overlay=unmapped(70000))
    over("twice under two names", LOADS, LOWER, entry(b".wh.f"), entry(b"/.wh.f"), tree=gone(b"f"),
         overlay=taken % "/f")
    over("then an unmapped owner", unmapped(70000), LOWER, entry(b".wh.f"), entry(b"n", uid=70000))


def _opaque():
    """What lies below goes, what this layer made stays."""
    over = add_over
    marker = b".wh..wh..opq"
    over("opaque root", LOADS, LOWER, entry(marker),
         tree={**gone(b"d", b"f", b"l", b"etc", marker), **there(b".")})
    over("opaque directory", LOADS, LOWER, entry(b"d/" + marker),
         tree={**gone(b"d/a", b"d/b", b"d/s"), b"d": {"mode": 0o750}, b"f": {}})
    over("opaque keeps what came before it", LOADS, LOWER, entry(b"d/n"), entry(b"d/s", b"5"),
         entry(b"d/s/m"), entry(b"d/" + marker),
         tree={**there(b"d/n", b"d/s/m"), **gone(b"d/a", b"d/s/x")})
    over("opaque takes what came before it, but below a parent without an entry", LOADS, LOWER,
         entry(b"d/s/m"), entry(b"d/" + marker), tree=gone(b"d/s"))
    over("opaque keeps what replaced a lower file", LOADS, LOWER, entry(b"d/a", content=b"n"),
         entry(b"d/" + marker), tree={b"d/a": {"size": 1}, **gone(b"d/b")})
    over("opaque keeps what comes after it", LOADS, LOWER, entry(b"d/" + marker), entry(b"d/n"),
         tree={**there(b"d/n"), **gone(b"d/a")})
    over("opaque root keeps what this layer made", LOADS, LOWER, entry(b"n", b"5"),
         entry(b"n/m"), entry(b"o/m"), entry(marker),
         tree={**there(b"n/m"), **gone(b"d", b"f", b"o")})
    over("opaque of what is not there", LOADS, (), entry(b"n/" + marker),
         tree={b"n": {"mode": 0o600, "uid": HOST_ROOT}})
    over("opaque through a lower symlink", LOADS, LOWER, entry(b"l/" + marker),
         tree={**there(b"d/a")})
    over("opaque of a lower file", LOADS, LOWER, entry(b"f/" + marker), tree=there(b"f"))
    over("opaque of an unmapped owner", LOADS, LOWER, entry(b"d/" + marker, uid=70000),
         tree=gone(b"d/a"), overlay=unmapped(70000))
    over("opaque of the root of an unmapped owner", LOADS, LOWER, entry(marker, gid=-1),
         tree=gone(b"d"), overlay=unmapped(-1))


def _aufs():
    """Names that begin with .wh..wh. at the top."""
    over = add_over
    plnk = b".wh..wh.plnk"
    saved = entry(plnk + b"/1.2", content=b"saved", uid=9, mode=0o640, mtime=77)
    over("plnk alone", LOADS, (), entry(plnk, b"5"), tree=gone(plnk, b".wh.plnk"))
    over("plnk, a copy", LOADS, (), entry(plnk, b"5"), saved,
         entry(b"h", b"1", link=plnk + b"/1.2", uid=70000, mode=0o777),
         tree={b"h": {"type": "file", "size": 5, "uid": 100009, "mode": 0o640, "nlink": 1,
                      "mtime_ns": 77 * 10 ** 9},
               plnk: {"mode": 0o600, "uid": HOST_ROOT}},
         overlay=unmapped(70000))
    # The saved header keeps the mapped owner, which is then mapped once more.
    over("plnk, two copies", unmapped(100009), (), saved, entry(b"h", b"1", link=plnk + b"/1.2"),
         entry(b"i", b"1", link=plnk + b"/1.2"), overlay=LOADS)
    over("plnk, unknown name", "Invalid aufs hardlink", (), saved,
         entry(b"h", b"1", link=plnk + b"/none"),
         overlay="link /.wh..wh.plnk/none /h: no such file or directory")
    over("plnk, nothing saved", "Invalid aufs hardlink", (), entry(b"h", b"1", link=plnk + b"/1"),
         overlay="link /.wh..wh.plnk/1 /h: no such file or directory")
    over("plnk, the saved owner is unmapped", unmapped(70000), (),
         entry(plnk + b"/1", content=b"s", uid=70000), entry(b"h", b"1", link=plnk + b"/1"))
    over("plnk, the saved owner does not matter", LOADS, (), entry(plnk + b"/1", uid=70000),
         overlay=unmapped(70000))
    over("plnk, a symlink to a saved name", LOADS, (), saved,
         entry(b"s", b"2", link=plnk + b"/1.2"), tree={b"s": {"type": "symlink"}})
    over("plnk, short", SHORT, (), entry(plnk + b"/1", size=900, body=b"x"), end=False)
    over("other metadata", LOADS, (), entry(b".wh..wh.aufs", uid=70000), entry(b".wh..wh.orph", b"5"),
         entry(b".wh..wh.foo", b"7"), tree=gone(b".wh..wh.aufs", b".wh.aufs", b".wh..wh.orph"),
         overlay=unmapped(70000))
    over("metadata further down is a whiteout", LOADS, (), entry(b"n/.wh..wh.foo"),
         tree=gone(b"n/.wh.foo", b"n/.wh..wh.foo"))


def _parents():
    """Parents that no entry names, and the root."""
    over = add_over
    over("implied parents", LOADS, (), entry(b"p/q/f", uid=5),
         tree={b"p": {"mode": 0o600, "uid": HOST_ROOT, "gid": HOST_ROOT, "mtime_ns": NOW},
               b"p/q": {"mode": 0o600, "uid": HOST_ROOT}, b"p/q/f": {"uid": 100005}})
    over("implied parents, then their own entry", LOADS, (), entry(b"p/q/f"),
         entry(b"p", b"5", mode=0o711, uid=4), tree={b"p": {"mode": 0o711, "uid": 100004}})
    over("lower parents stay", LOADS, LOWER, entry(b"d/n"),
         tree={b"d": {"mode": 0o750, "uid": 100007}, b"d/n": {}})
    over("root as ./", LOADS, LOWER, entry(b"./", b"5", mode=0o711, uid=6),
         tree={b".": {"mode": 0o711, "uid": 100006}, b"d/a": {}})
    over("root as .", LOADS, (), entry(b".", b"5", mode=0o711), tree={b".": {"mode": 0o711}})
    timed = (entry(b"./", b"5", mtime=1000000000), entry(b"d", b"5", mtime=5))
    for words, above in (("nothing", ()), ("a file in a directory", (entry(b"d/f"),)),
                         ("its directory", (entry(b"d", b"5", mtime=6),))):
        over("time of the root below a layer of %s" % words, LOADS, timed, *above,
             tree={b".": {"mtime_ns": NOW}})
    over("time of the root, set again", LOADS, timed, entry(b"./", b"5", mtime=7), tree={b".": {}})
    over("unmapped root as ./", unmapped(70000), (), entry(b"./", b"5", uid=70000), overlay=LOADS)
    over("unmapped root with an empty name", unmapped(70000), (), entry(b"", b"5", gid=70000),
         overlay=LOADS)
    for name in (b".", b"", b"./"):
        over("a file named %r" % name.decode(), "unlinkat .//: device or resource busy", (),
             entry(name), overlay=LOADS)
    over("quirk: the host's number of root", LOADS, (), entry(b"n", uid=100000, gid=100000),
         tree={b"n": {"uid": ROOT, "gid": ROOT}})
    over("quirk: one more", unmapped(100001), (), entry(b"n", uid=100000, gid=100001))
    over("unmapped owner", unmapped(65536), LOWER, entry(b"n", uid=65536))
    over("duplicate", DUPLICATE, (), entry(b"a", content=b"1"), entry(b"./a"),
         vfs=WHOLE + 'ApplyLayer duplicates of file paths not supported stdout: {"layerSize":1}\n'
         " stderr: ")
    over("broken header", INVALID, LOWER, Item("junk", b"j" * 512))


def _lower():
    """What lies below is in the way, or is led through."""
    over = add_over
    over("global header removes by its name", LOADS, LOWER,
         Item("g", pax({b"comment": b"x"}, b"g", b"f")), tree={**gone(b"f"), **there(b"d")})
    over("global header removes by its path record", LOADS, LOWER,
         Item("g", pax({b"path": b"etc/passwd"}, b"g", b"g")),
         tree={**gone(b"etc/passwd", b"g"), **there(b"etc")})
    over("global header removes a directory", LOADS, LOWER, Item("g", pax({}, b"g", b"d")),
         tree=gone(b"d"))
    over("global header makes parents", LOADS, (), Item("g", pax({}, b"g", b"p/g")),
         tree={b"p": {"mode": 0o600, "uid": HOST_ROOT}, **gone(b"p/g")})
    over("global header of an unmapped owner", LOADS, (),
         Item("g", pax({}, b"g", b"g", uid=70000)))
    over("hard link to a lower file", LOADS, LOWER,
         entry(b"h", b"1", link=b"f", uid=8, mode=0o4711),
         tree={b"h": {"same_as": b"f"}, b"f": {"nlink": 2, "uid": 100008, "mode": 0o4711}},
         overlay="link /f /h: no such file or directory")
    over("hard link through a lower symlink", LOADS, LOWER, entry(b"h", b"1", link=b"l/a"),
         tree={b"h": {"same_as": b"d/a"}}, overlay="link /l/a /h: no such file or directory")
    over("hard link to a lower directory", "link /d /h: operation not permitted", LOWER,
         entry(b"h", b"1", link=b"d"), overlay="link /d /h: no such file or directory")
    over("file through a lower symlink", LOADS, LOWER, entry(b"l/n"), tree=there(b"d/n"))
    over("below a lower file", "open /f/n: not a directory", LOWER, entry(b"f/n"), overlay=LOADS)
    over("directory below a lower file", "mkdir /f/n: not a directory", LOWER, entry(b"f/n", b"5"),
         overlay=LOADS)
    over("file over a lower directory", LOADS, LOWER, entry(b"d", content=b"n"),
         tree={b"d": {"type": "file"}, **gone(b"d/a")})
    over("directory over a lower file", LOADS, LOWER, entry(b"f", b"5"),
         tree={b"f": {"type": "directory"}})
    over("directory over a lower directory", LOADS, LOWER, entry(b"d", b"5", mode=0o711, uid=9),
         tree={b"d": {"mode": 0o711, "uid": 100009}, b"d/a": {}})
    over("symlink over a lower directory", LOADS, LOWER, entry(b"d", b"2", link=b"etc"),
         tree={b"d": {"type": "symlink"}})
    over("file over a lower symlink", LOADS, LOWER, entry(b"l"), tree={b"l": {"type": "file"}})
    over("unmapped over a lower file", unmapped(70000), LOWER, entry(b"f", uid=70000))


TABLES = (_whiteouts, _opaque, _aufs, _parents, _lower)
