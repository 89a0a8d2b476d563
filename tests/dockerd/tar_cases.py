# SPDX-License-Identifier: MIT
"""Cases for what is a tar and what is not: ends, headers, extensions, sparse files, gzip."""

from cases import INVALID, LOADS, SHORT, WHOLE, add, add_layer, unmapped
from layers import END, GNU, V7, Item, base256, entry, layer, long_name, pax, record, sparse


def _blocks():
    """Ends, checksums, magics."""
    f, late = entry(b"f", content=b"abc"), entry(b"late", uid=70000)
    zero = Item("zero block", END[:512])
    ends = {
        "nothing at all": (LOADS, ()), "no end marker": (LOADS, (f,)),
        "one zero block": (LOADS, (f, zero)), "two zero blocks": (LOADS, (f, zero, zero)),
        "entries behind the end": (LOADS, (f, zero, zero, late)),
        "junk behind the end": (LOADS, (f, zero, zero, Item("junk", b"j" * 700))),
        "zero block, then an entry": (INVALID, (f, zero, late)),
        "zero block and a bit": (SHORT, (f, zero, Item("bit", b"\0" * 100))),
        "one byte": (SHORT, (Item("byte", b"x"),)), "511 bytes": (SHORT, (Item("b", b"x" * 511),)),
        "a block of junk": (INVALID, (Item("junk", b"j" * 512),)),
        "junk in the middle": (INVALID, (f, Item("junk", b"j" * 512), late)),
        "last padding missing": (LOADS, (entry(b"f", size=3, body=b"abc"),)),
        "last padding in part": (LOADS, (entry(b"f", size=3, body=b"abc" + b"\0" * 99),)),
        "content short": (SHORT, (entry(b"f", size=1000, body=b"x" * 999),)),
        "content absent": (SHORT, (entry(b"f", size=1),)),
        "content of the 10 GB that a header claims": (SHORT, (entry(b"f", size=10 ** 10),)),
    }
    for words, (message, items) in ends.items():
        add(words, message, *items, end=False)
    add("signed checksum", LOADS, entry(b"\xff\xfef", checksum="signed"))
    add("wrong checksum", INVALID, entry(b"f", checksum=b"000001\0 "))
    add("empty checksum", INVALID, entry(b"f", checksum=b""))
    for words, magic, path in (
            ("ustar, any version", b"ustar\0\xffx", b"p/f"), ("GNU", GNU, b"p/f"), ("V7", V7, b"f"),
            ("ustar 00", b"ustar 00", b"f"), ("USTAR", b"USTAR\x0000", b"f")):
        add("prefix under magic " + words, LOADS, entry(b"f", prefix=b"p", magic=magic),
            tree={path: {"type": "file"}})
    add("prefix area of GNU that is text", LOADS,
        entry(b"f", prefix=b"text", magic=GNU, gnu_atime=b"text", mtime=1),
        tree={b"text/f": {"type": "file"}})
    add("prefix area of GNU that is not ASCII", LOADS, entry(b"f", prefix=b"\xe9t\xe9", magic=GNU),
        tree={b"f": {"type": "file"}})
    add("star prefix", LOADS, entry(b"f", star_prefix=b"s", star_trailer=b"tar\0"),
        tree={b"s/f": {"type": "file"}})
    add("star trailer, bad time", INVALID,
        entry(b"f", star_atime=b"x", star_trailer=b"tar\0"))
    add("prefix with an empty name", LOADS, entry(b"", prefix=b"pre"),
        tree={b"pre": {"type": "file"}})
    for key in ("mode", "size", "mtime", "devmajor", "devminor"):
        add("garbage in %s of a regular file" % key, INVALID, entry(b"f", **{key: b"9z"}))
        add("garbage in %s of an x header" % key, INVALID,
            entry(b"f", before=pax({b"uid": b"5"}, **{key: b"9z"})))
        add("garbage in %s of a g header" % key, INVALID,
            Item("g", pax({b"comment": b"c"}, b"g", **{key: b"9z"})))
    add("garbage in devmajor of a V7 header", LOADS, entry(b"f", magic=V7, devmajor=b"9z"))
    add("negative size", INVALID, entry(b"f", size=-1))
    for type_flag in b"123456":
        add("negative size of type %c" % type_flag, LOADS, f,
            entry(b"t", b"%c" % type_flag, link=b"f", size=-1), entry(b"z"))
        item = entry(b"t", b"%c" % type_flag, link=b"f", size=700)
        add("size without body, type %c" % type_flag, LOADS, f, item, entry(b"z"))
        add("body of type %c" % type_flag, INVALID, f,
            entry(b"t", b"%c" % type_flag, link=b"f", size=700, body=b"x" * 1024), entry(b"z"))


def _extensions():
    """x, g, L and K headers."""
    f, ok = {b"path": b"p"}, entry(b"z")
    bodies = {
        "good": (record(b"uid", b"5"), LOADS), "empty": (b"", LOADS),
        "length too small": (b"7 uid=5\n", INVALID), "length too large": (b"9 uid=5\n", INVALID),
        "no newline": (b"8 uid=5x", INVALID), "NUL at the end": (b"8 uid=5\n\0", INVALID),
        "no key": (b"6 =ab\n", INVALID), "no equals sign": (b"6 abc\n", INVALID),
        "length zero-padded": (b"09 uid=5\n", LOADS),
        "no length": (b"uid=5\n", INVALID), "NUL in the key": (b"9 u\0d=5\n", INVALID),
        "NUL in path": (b"12 path=a\0b\n", INVALID),
        "NUL in linkpath": (b"16 linkpath=a\0b\n", INVALID),
        "NUL in uname": (b"13 uname=a\0b\n", INVALID),
        "NUL in gname": (b"13 gname=a\0b\n", INVALID),
        "NUL in comment": (b"15 comment=a\0b\n", LOADS),
        "shortest record": (b"5 a=\n", LOADS), "huge length": (b"9" * 30 + b" a=b\n", INVALID),
        "negative length": (b"-8 uid=5\n", INVALID),
    }
    for words, (body, message) in bodies.items():
        add("record: " + words, message, entry(b"f", before=pax(body)))
        if b"path=" not in body or message == LOADS:
            add("record in a global header: " + words, message, Item("g", pax(body, b"g", b"g")),
                ok)
    add("last of two equal records counts", unmapped(70000),
        entry(b"f", before=pax([(b"uid", b"5"), (b"uid", b"70000")])))
    add("values of a global header are not checked", LOADS,
        Item("g", pax({b"uid": b"abc", b"size": b"-1", b"mtime": b"x"}, b"g", b"g")), ok)
    add("values of a global header are not applied", LOADS,
        Item("g", pax({b"uid": b"70000"}, b"g", b"g")), ok)
    add("only the last x counts", LOADS,
        entry(b"f", before=pax({b"uid": b"70000"}) + pax({b"gid": b"5"})),
        tree={b"f": {"gid": 100005}})
    add("g between x and the entry drops x", LOADS,
        entry(b"f", before=pax({b"uid": b"70000"}) + pax({}, b"g", b"g")))
    add("g between L and the entry drops L", LOADS,
        entry(b"f", before=long_name(b"long") + pax({}, b"g", b"g")), tree={b"f": {"type": "file"}})
    for words, before, path in (
            ("L after x", pax(f) + long_name(b"l"), b"l"),
            ("L before x", long_name(b"l") + pax(f), b"l"),
            ("two L", long_name(b"k") + long_name(b"l"), b"l"),
            ("empty L", long_name(b""), b"f"),
            ("empty L after x", pax(f) + long_name(b""), b"p"),
            ("L with NUL", long_name(b"l\0x"), b"l"),
            ("L without NUL", long_name(b"l", end=b""), b"l"),
            ("empty path record", pax({b"path": b""}), b"f"),
            ("hdrcharset", pax({b"hdrcharset": b"BINARY", b"path": b"\xff"}), b"\xff")):
        add("name: " + words, LOADS, entry(b"f", before=before), tree={path: {"type": "file"}})


def _long_links_and_ends():
    """Link names, extension headers with nothing behind them, sizes and devices in records."""
    ok = entry(b"z")
    add("K for a symlink", LOADS, entry(b"s", b"2", before=long_name(b"t" * 200, b"K"), link=b"x"),
        tree={b"s": {"target": b"t" * 200}})
    add("linkpath record", LOADS, entry(b"s", b"2", before=pax({b"linkpath": b"t"})),
        tree={b"s": {"target": b"t"}})
    for words, blocks in (("x", pax({b"uid": b"70000"})), ("L", long_name(b"l")),
                          ("g", pax({}, b"g"))):
        add("%s at the end" % words, LOADS, ok, Item(words, blocks))
        add("%s at the end without marker" % words, LOADS, ok, Item(words, blocks), end=False)
    for words, blocks in (("x", pax({b"uid": b"5"})), ("L", long_name(b"l")),
                          ("g", pax({b"uid": b"5"}, b"g"))):
        add("%s cut short" % words, SHORT, ok, Item(words, blocks[:513]), end=False)
    for words, blocks in (("x", pax(record(b"comment", b"c" * (1 << 20)))),
                          ("g", pax(record(b"comment", b"c" * (1 << 20)), b"g", b"g")),
                          ("L", long_name(b"n" * (1 << 20)))):
        add("%s of more than a mebibyte" % words, "archive/tar: header field too long",
            entry(b"f", before=blocks))
    add("size record", LOADS,
        entry(b"f", before=pax({b"size": b"3"}), size=0, body=b"abc" + b"\0" * 509),
        tree={b"f": {"size": 3}})
    add("negative size record", INVALID, entry(b"f", before=pax({b"size": b"-1"})))
    add("size record of a directory", LOADS, entry(b"d", b"5", before=pax({b"size": b"700"})), ok)
    add("device records are ignored", LOADS,
        entry(b"c", b"3", before=pax({b"SCHILY.devmajor": b"9"}), devmajor=5),
        tree={b"c": {"rdev": (5, 0)}})


def _sparse_item(version, parts, size, data=None, name=b"s"):
    return Item("sparse %s %r of %r, %r" % (version, parts, size, name),
                sparse(name, version, parts, size, data))


def _sparse_unread():
    """Contents that the extractor passes over: tar-split reads them all the same."""
    missing = WHOLE + ("Error processing tar file(archive/tar: sparse file references non-existent "
                       "data): ")
    late = entry(b"late", uid=70000)
    for name in (b".", b".wh.x"):
        add("unread %r: data missing" % name, missing,
            _sparse_item("0.1", [(0, 5)], 9, b"abc", name), late)
        add("unread %r: data left over" % name, SHORT,
            _sparse_item("0.1", [(0, 5)], 9, b"abcdefgh", name), late)
        add("unread %r: data as it should be" % name, unmapped(70000),
            _sparse_item("0.1", [(0, 5)], 9, b"abcde", name), late)
    # Of a type that is not known, too; old sparse files have their map in the header.
    for words, data in (("missing", b"abc"), ("left over", b"abcdefgh"), ("as it should be", b"abcde")):
        message = {"missing": missing, "left over": SHORT}.get(words, unmapped(70000))
        add("unread, of type 7: data " + words, message, Item("sparse of type 7", sparse(
            b".wh.x", "0.0", [(0, 5)], 9, data, type=b"7")), late)
        numbers = b"".join(base256(value, 12) for value in (0, 5))
        add("unread, of type S: data " + words, message, entry(
            b".wh.x", b"S", data, magic=GNU, sparse_map=numbers, sparse_size=base256(9, 12)), late)
    add("unread, of type S: data left over of an empty one", unmapped(70000), entry(
        b".wh.x", b"S", b"x", magic=GNU, sparse_size=0), late)
    add("unread: the last pass comes first", "chtimes /d: no such file or directory",
        entry(b"d", b"5"), entry(b"/d", b"2", link=b"x"),
        _sparse_item("0.1", [(0, 5)], 9, b"abc", b"."))


def _sparse_files():
    """Pax sparse files; old GNU ones are an unknown type."""
    for version in ("0.0", "0.1", "1.0"):
        good = {"two parts": ([(0, 5), (1000, 7)], 2000), "empty part": ([(0, 0), (3, 4)], 30),
                "all data": ([(0, 9)], 9)}
        for words, (parts, size) in good.items():
            add("sparse %s: %s" % (version, words), LOADS, _sparse_item(version, parts, size),
                tree={b"s": {"size": size}})
        bad = {"parts overlap": ([(0, 5), (3, 5)], 20), "parts in disorder": ([(9, 2), (1, 2)], 20),
               "part past the end": ([(0, 50)], 20), "negative size": ([(0, 1)], -1)}
        for words, (parts, size) in bad.items():
            add("sparse %s: %s" % (version, words), INVALID, _sparse_item(version, parts, size))
        add("sparse %s: data missing" % version,
            "archive/tar: sparse file references non-existent data",
            _sparse_item(version, [(0, 5)], 9, b"abc"))
        add("sparse %s: data left over" % version,
            "archive/tar: sparse file contains unreferenced data",
            _sparse_item(version, [(0, 5)], 9, b"abcdefgh"))
    # The older two are known by their map alone, and an empty one is no map.
    for version, name, size in (("0.0", b"s", 0), ("0.1", b"GNUSparseFile.0/x", 0),
                                ("1.0", b"s", 10)):
        add("sparse %s: no part" % version, LOADS, _sparse_item(version, [], 10),
            tree={name: {"size": size}})
    add("sparse name alone", LOADS, entry(b"f", before=pax({b"GNU.sparse.name": b"s"})),
        tree={b"f": {"type": "file"}})
    add("unknown sparse version", LOADS, entry(b"f", content=b"x", before=pax(
        {b"GNU.sparse.major": b"2", b"GNU.sparse.minor": b"0", b"GNU.sparse.name": b"s"})),
         tree={b"f": {"size": 1}})
    add("old sparse file", "unhandled tar header type 83", entry(b"f", b"S", magic=GNU))
    add("old sparse file, bad map", INVALID,
        entry(b"f", b"S", magic=GNU, sparse_map=b"x"))
    add("old sparse file under magic ustar", INVALID, entry(b"f", b"S"))


def _compressed():
    """gzip, whole and damaged."""
    items = [entry(b"f%d" % at, content=b"%d" % at * 400) for at in range(5)]
    bad = [entry(b"f", uid=70000)] + items
    processing = WHOLE + "Error processing tar file(%s): "
    for words, message in {
            "gzip": LOADS, "gzip-named": LOADS, "gzip-members": LOADS,
            "gzip-no-trailer": processing % SHORT, "gzip-half-trailer": processing % SHORT,
            "gzip-bad-crc": processing % "gzip: invalid checksum",
            "gzip-bad-size": processing % "gzip: invalid checksum",
            "gzip-garbage-after": processing % "gzip: invalid header",
            "gzip-zeros-after": processing % "gzip: invalid header"}.items():
        argument = 700
        add_layer(words, message, layer(*items, wrapping=words, argument=argument))
        add_layer(words + ", unmapped owner", unmapped(70000),
                  layer(*bad, wrapping=words, argument=argument))
    add_layer("gzip-cut inside", SHORT, layer(*items, wrapping="gzip-cut", argument=100))
    add_layer("gzip-cut in the header", WHOLE + SHORT,
              layer(*items, wrapping="gzip-cut", argument=9))
    add_layer("gzip of nothing", LOADS, layer(end=False, wrapping="gzip"))
    zstd = Item("zstd magic", b"\x28\xb5\x2f\xfd" + b"z" * 600)
    add("zstd is not known", INVALID, zstd, end=False)
    add("short zstd is not known", SHORT, Item("zstd", zstd.data[:90]), end=False)


TABLES = (_blocks, _extensions, _long_links_and_ends, _sparse_files, _sparse_unread, _compressed)
