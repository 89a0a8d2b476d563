#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Layers from a seed: valid, odd and damaged ones, small enough to run by thousands.

The same seed gives the same layer in every run and on every machine.  Most
entries are valid, since the first error ends an extraction and what stands
behind it is never looked at; each layer has a mood that says how much of it is
odd.  Nothing here knows what the right answer is.

What is left out on purpose: two extended attributes that both fail on one entry
(dockerd sets them in random order), and attributes or contents so large that
the file system under the tree decides.

    random_layers.py SEED [FILE]    describe a layer, and write it as a docker-archive
"""

import random
import struct
import sys

import layers
from layers import END, GNU, V7, Item, entry, header, long_name, pax, sparse

MOODS = (("clean", 40), ("odd", 30), ("very odd", 8), ("damaged", 22))

# A few places, so that entries meet: parents, replacements, links to one another.
DIRECTORIES = (b"d", b"d/e", b"d/e/f", b"usr", b"usr/lib", b"o")
LEAVES = (b"a", b"b", b"c", b"x", b"y", b"z", b"l", b"m")
# Spellings of one place; tar-split takes only equal cleaned names for duplicates.
SPELLINGS = (b"/%s", b"./%s", b"../%s", b"../../%s", b".//%s", b"q/../%s", b"/../%s", b"/./%s")

GOOD_IDS = (0, 1, 20, 100, 501, 999, 1000, 33333, 65534, 65535)
EDGE_IDS = (100000, 100000, 100000, 65535)
BAD_IDS = (65536, 65537, 70000, 99999, 100001, 165535, 165536, 1000000, 1516583083, 2097151,
           2097152, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 5,
           2 ** 62, 2 ** 63 - 1, 2 ** 63, 2 ** 64, -1, -2, -65536)
MODES = (0o644, 0o755, 0o600, 0o400, 0, 0o777, 0o4755, 0o2755, 0o1777, 0o6711, 0o7777,
         0o100644, 0o40755, 0o200000, 0o777777)
TIMES = (0, 1, 1000000000, 1700000000, 2 ** 31, 2 ** 32 - 1, 2 ** 33 - 1, 2 ** 34, -1, -1000000,
         9223372036, 9223372037, -2 ** 40)
PAX_TIMES = (b"1.5", b"1700000000.123456789", b"1700000000.1234567891234", b"-1.5", b"0",
             b"-0.000000001", b"9223372036.854775807", b"9223372036.854775808",
             b"17179869184.5", b"5.", b"-5.25", b"1000000000000")
BAD_PAX_TIMES = (b".5", b"1e5", b"12 ", b"+", b"-", b"abc", b"1.2.3", b"1.x", b" 1", b"+5",
                 b"99999999999999999999")
PAX_IDS = (b"0", b"5", b"65535", b"+5", b"007", b"", b"-0", b"100000")
BAD_PAX_IDS = (b"65536", b"-5", b"9223372036854775807", b"9223372036854775808", b" 5", b"5 ",
               b"abc", b"1e3", b"0x5", b"4294967296", b"--1", b"1_000")
BAD_NUMBERS = (b"12x4\0", b"999\0", b"-1\0", b"17\x0099", b"17 99", b"\x80", b"\xff" * 7 + b"x",
               b"       ", b"\0\0\0005", b" 5 \0", b"abc", b"0o17\0", b"\xbf" + b"\xff" * 7,
               b"\x80\0\0\0\0\0\0\5", b"0000005x", b"+5\0", b"\xc0\0\0\0\0\0\0\0", b"\t5\0")
ODD_TYPES = b"7SVXADMN89 Zz%\x01\xff"

CAPABILITY_V2 = struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0)
CAPABILITY_V3 = struct.pack("<IIIIII", 0x03000001, 1 << 10, 0, 0, 0, 100000)
CAPABILITY_V1 = struct.pack("<III", 0x01000001, 1 << 10, 0)
ACL = struct.pack("<I", 2) + b"".join(
    struct.pack("<HHI", tag, bits, who) for tag, bits, who in
    ((1, 6, 2 ** 32 - 1), (4, 4, 2 ** 32 - 1), (32, 4, 2 ** 32 - 1)))

GOOD_XATTRS = ((b"user.a", b"1"), (b"user.b", b"x\0y"), (b"user.long", b"v" * 200),
               (b"user.eq", b"k=v"), (b"trusted.t", b"t"), (b"security.other", b"s"),
               (b"user.empty", b""), (b"user.nl", b"a\nb"),
               (b"trusted.overlay.opaque", b"y"), (b"user.overlay.opaque", b"y"))
SINGLE_XATTRS = ((b"security.capability", CAPABILITY_V2), (b"security.capability", CAPABILITY_V3),
                 (b"security.capability", CAPABILITY_V1), (b"security.capability", b"junk"),
                 (b"security.capability", CAPABILITY_V2 + b"\0"), (b"nothing.a", b"1"),
                 (b"", b"1"), (b"user.", b"1"), (b"user", b"1"), (b"user." + b"n" * 251, b"1"),
                 (b"user." + b"n" * 250, b"1"), (b"system.posix_acl_access", ACL),
                 (b"system.posix_acl_access", b"junk"), (b"system.posix_acl_default", ACL),
                 (b"system.nothing", b"1"), (b"trusted.", b"1"), (b"trusted.overlay.redirect",
                                                                  b"/d"),
                 (b"security.selinux", b"u:r:t:s0\0"), (b"User.a", b"1"), (b"\xff.a", b"1"))

ODD_RECORDS = ((b"comment", b"c"), (b"charset", b"ISO-IR 8859 1"), (b"hdrcharset", b"BINARY"),
               (b"LIBARCHIVE.xattr.user.l", b"MQ=="), (b"SCHILY.acl.access", b"user::rwx"),
               (b"SCHILY.fflags", b"nodump"), (b"SCHILY.devmajor", b"9"), (b"uname", b"root"),
               (b"gname", b"\xff"), (b"ctime", b"1"), (b"atime", b"1600000000"),
               (b"GNU.sparse.name", b"sp"), (b"uid", b"7"),
               (b"mtime", b""), (b"path", b""), (b"linkpath", b""), (b"size", b""))
BAD_BODIES = (b"9 uid=5\n", b"7 uid=5\n", b"8 uid=5", b"8 uid=5\n\0", b"6 =ab\n", b"4 a\n",
              b"x uid=5\n", b"08 uid=5\n", b"+8 uid=5\n", b" 8 uid=5\n", b"10 uid\0=5\n",
              b"11 path=a\0b\n"[:-1] + b"\n", b"999 path=x\n", b"-8 uid=5\n", b"8uid=5 \n", b"\0",
              b"5 a=\n", b"3 a\n", b"99999999999999999999 a=b\n", b"12 path=a\0b\n",
              b"16 linkpath=a\0b\n", b"13 uname=a\0b\n", b"15 comment=a\0b\n")


def _weighted(rng, pairs):
    return rng.choices([value for value, _ in pairs], [weight for _, weight in pairs])[0]


class _Maker:
    """One layer in the making: what exists so far, and how odd the next entry may be."""

    def __init__(self, rng, odd):
        self.rng = rng
        self.odd = odd
        self.used = []
        self.files = []

    def chance(self, part):
        """True in @part of the cases, if this layer may be odd at all."""
        return self.rng.random() < part * self.odd

    # -- fields ---------------------------------------------------------

    def name(self):
        """A place: mostly new, sometimes one that exists under another spelling."""
        rng = self.rng
        if self.used and rng.random() < 0.12:
            name = rng.choice(SPELLINGS) % rng.choice(self.used).lstrip(b"./")
        elif self.chance(0.05):
            return rng.choice((b"", b".", b"./", b"/", b"..", b"../", b"//", b"a/", b"./.", b"/.",
                               b"\xff\xfe", b"caf\xc3\xa9", b"a b", b"a\nb", b'q"q', b"<&>",
                               b"n" * 100, b"w/" * 40 + b"w", b"d/.wh.dir/x"))
        else:
            parent = rng.choice(DIRECTORIES + (b"",) * 4)
            leaf = rng.choice(LEAVES) + (b"%d" % rng.randrange(9) if rng.random() < 0.6 else b"")
            name = parent + b"/" + leaf if parent else leaf
            # What was a file or a link before is now and then used as a directory.
            if self.used and rng.random() < 0.06:
                name = rng.choice(self.used).rstrip(b"/") + b"/" + leaf
        if self.rng.random() < 0.1:
            name = b"./" + name
        self.used.append(name)
        return name

    def target(self, symbolic):
        """Where a link points: something that exists, or nearly."""
        rng = self.rng
        if not symbolic and not self.chance(0.3):
            # Of a name that exists for sure, or dockerd would stop here in most layers.
            return rng.choice(self.files) if self.files else None
        if self.used and rng.random() < 0.8:
            target = rng.choice(self.used)
            if symbolic and rng.random() < 0.3:
                target = rng.choice((b"", b"/", b"../")) + rng.choice(DIRECTORIES)
        else:
            target = rng.choice((b"a", b"/a", b"../a", b"nowhere", b"/etc/passwd", b"d", b"/d/e",
                                 b".", b"..", b"/", b"l", b"x/y", b"" if self.odd else b"a"))
        return target

    def id(self):
        """An owner for the header field."""
        rng = self.rng
        if rng.random() < 0.03:
            return rng.choice(EDGE_IDS)
        if self.chance(0.03):
            return self.clamped(rng.choice(BAD_IDS), 8)
        if self.chance(0.006):
            return rng.choice(BAD_NUMBERS)
        value = rng.choice(GOOD_IDS)
        if rng.random() < 0.05:
            return layers.base256(value, 8)
        return value

    @staticmethod
    def clamped(value, width):
        """Numbers that base-256 of this width cannot hold, as the nearest that it can."""
        limit = 1 << (8 * width - 2)
        return min(value, 2 * limit - 1) if value >= 0 else max(value, -limit)

    def fields(self, type_flag):
        """Header fields that every type has."""
        rng = self.rng
        fields = {"uid": self.id(), "gid": self.id(), "mode": rng.choice(MODES[:11]),
                  "mtime": rng.choice(TIMES[:4])}
        if rng.random() < 0.15:
            fields["mtime"] = rng.choice(TIMES)
        if self.chance(0.05):
            fields["mode"] = rng.choice(MODES)
        if type_flag in b"34" or self.chance(0.02):
            fields["devmajor"] = rng.choice((0, 1, 5, 8, 255, 4095))
            fields["devminor"] = rng.choice((0, 1, 3, 255, 256, 65535, 1048575))
            if self.chance(0.05):
                fields["devminor"] = rng.choice((-1, 2 ** 32 + 1, 2 ** 21))
        if self.chance(0.008):
            fields[rng.choice(("mode", "mtime", "devmajor", "devminor", "size"))] = \
                rng.choice(BAD_NUMBERS)
        if self.chance(0.01):
            fields["checksum"] = rng.choice(("signed", b"000000\0 ", b"", b"7777777\0"))
        self.dialect(fields)
        return fields

    def dialect(self, fields):
        """Another magic and what goes with it."""
        rng, draw = self.rng, self.rng.random()
        if draw < 0.06:
            fields["magic"] = GNU
            if rng.random() < 0.4:
                fields["gnu_atime"] = rng.choice((0, 1, 1600000000, 1800000000, -5))
            elif self.chance(0.3):
                fields["prefix"] = rng.choice((b"pre", b"pre/fix", b"\xffpre", b"123456789abc"))
        elif draw < 0.09:
            fields["magic"] = V7
        elif draw < 0.12:
            fields["star_atime"] = rng.choice((0, 1, 1600000000, 1800000000))
            fields["star_trailer"] = b"tar\0"
            if rng.random() < 0.3:
                fields["star_prefix"] = b"star"
        elif draw < 0.16:
            fields["prefix"] = rng.choice((b"pre", b"d", b"/", b"pre/fix", b"d/e/"))
        elif self.chance(0.02):
            fields["magic"] = rng.choice((b"ustar 00", b"ustar\0  ", b"ustar\0\xff\xff",
                                          b"USTAR\00000", b"ustar  x"))

    # -- extension headers ----------------------------------------------

    def extensions(self, name, content):
        """What stands before the header: mostly nothing."""
        rng, found = self.rng, b""
        if rng.random() < 0.25 or self.chance(0.1):
            found += self.pax_header(name, content)
        if rng.random() < 0.04:
            found += long_name(self.long(name))
        if self.chance(0.03):
            found += rng.choice((long_name(b""), long_name(b"\0x"), long_name(b"k", b"K"),
                                 long_name(b"n" * 256), long_name(b"p/" * 1700 + b"p"), long_name(b"p/" * 2060 + b"p"),
                                 long_name(b"n\0m"), pax({b"path": b"two"}),
                                 pax(b""), long_name(b"noend", end=b"")))
        if self.chance(0.04):
            found = rng.choice((found + self.global_header(), self.global_header() + found))
        return found

    def long(self, name):
        """@name made longer than a header holds."""
        return self.rng.choice((name, name + b"0" * 120, b"long/" * 30 + name))

    def pax_header(self, name, content):
        """A pax header with some records, good ones unless this layer is odd."""
        rng, records = self.rng, []
        if self.chance(0.04):
            return pax(rng.choice(BAD_BODIES))
        if rng.random() < 0.3:
            records += rng.sample(GOOD_XATTRS[:8 if rng.random() < 0.8 else None], 2)
            records = [(b"SCHILY.xattr." + key, value) for key, value in records]
        elif self.chance(0.25):
            key, value = rng.choice(SINGLE_XATTRS)
            records.append((b"SCHILY.xattr." + key, value))
        if rng.random() < 0.3:
            value = rng.choice(PAX_TIMES if not self.chance(0.1) else BAD_PAX_TIMES)
            records.append((rng.choice((b"mtime", b"atime", b"ctime")), value))
        if rng.random() < 0.2:
            value = rng.choice(PAX_IDS if not self.chance(0.4) else BAD_PAX_IDS)
            records.append((rng.choice((b"uid", b"gid")), value))
        if rng.random() < 0.15:
            records.append((b"path", self.long(name)))
        if self.chance(0.05):
            records.append((b"size", rng.choice((b"%d" % len(content), b"0", b"-1", b"3", b"x"))))
        if self.chance(0.2) or not records:
            records.append(rng.choice(ODD_RECORDS))
        rng.shuffle(records)
        return pax(records, **({"uid": self.id()} if self.chance(0.1) else {}))

    def global_header(self):
        """A `g` header; its records count for nothing, its name for tar-split."""
        rng = self.rng
        body = rng.choice(({b"comment": b"%d" % rng.randrange(9)}, {b"uid": b"70000"}, {},
                           {b"path": rng.choice(LEAVES)}, {b"size": b"x"}, {b"mtime": b"x"},
                           {b"uid": b""}, BAD_BODIES[rng.randrange(len(BAD_BODIES))]
                           if self.chance(0.1) else {b"gid": b"-1"}))
        return pax(body, b"g", b"g%d" % rng.randrange(30), uid=self.id())

    # -- entries ---------------------------------------------------------

    def entry(self):
        """One item."""
        kind = _weighted(self.rng, (
            ("file", 34), ("directory", 22), ("symlink", 11), ("hard link", 10), ("device", 6),
            ("fifo", 2), ("whiteout", 6), ("opaque", 3), ("sparse", 2),
            ("alone", 3), ("odd type", 3 * self.odd)))
        return getattr(self, "make_" + kind.replace(" ", "_"))()

    def make(self, name, type_flag, content=b"", **more):
        """An item of type @type_flag with random fields and extension headers."""
        fields = self.fields(type_flag)
        fields.update(more)
        if self.chance(0.01):
            fields["size"] = self.rng.choice((1, 511, 513, 5000, 2 ** 33, 2 ** 63 - 1, -1))
        before = self.extensions(name, content)
        return entry(name, type_flag, content, before, **fields)

    def make_file(self):
        """A regular file, with the old type flag at times."""
        content = bytes(self.rng.choice(b"abc\0\xff") for _ in range(
            self.rng.choice((0, 0, 1, 5, 511, 512, 513, 1025))))
        name = self.name()
        # Most make good targets; those under odd parents or extension headers may not exist.
        if name.count(b"/") == 0 or name.startswith(DIRECTORIES):
            self.files.append(name)
        return self.make(name, self.rng.choice((b"0",) * 12 + (b"\0",)), content)

    def make_directory(self):
        """A directory; now and then the old way, by name alone."""
        name = self.rng.choice(DIRECTORIES) if self.rng.random() < 0.4 else self.name()
        if self.rng.random() < 0.08:
            name = self.rng.choice((b"./", b".", b"./."))
        elif self.rng.random() < 0.5:
            name += b"/"
        self.used.append(name)
        old = name.endswith(b"/") and self.rng.random() < 0.05
        return self.make(name, b"\0" if old else b"5")

    def make_symlink(self):
        """A symlink, often to a directory, so that later parents lead through it."""
        name, target = self.name(), self.target(True)
        if self.rng.random() < 0.06:
            return entry(name, b"2", before=long_name(target + b"0" * 101, b"K"),
                         **self.fields(b"2"))
        return self.make(name, b"2", link=target)

    def make_hard_link(self):
        """A hard link."""
        target = self.target(False)
        if target is None:
            return self.make_file()
        more = {"size": self.rng.choice((1, 512, 1000))} if self.chance(0.05) else {}
        return self.make(self.name(), b"1", link=target, **more)

    def make_device(self):
        """A device node."""
        return self.make(self.name(), self.rng.choice((b"3", b"4")))

    def make_fifo(self):
        """A fifo."""
        return self.make(self.name(), b"6")

    def make_whiteout(self):
        """A whiteout, mostly of a name that this layer does not have."""
        rng = self.rng
        rest = rng.choice((b"gone", b"gone%d" % rng.randrange(99), rng.choice(LEAVES)))
        if self.chance(0.2):
            rest = rng.choice((b"", b".", b"..", b".wh.foo", b".wh.plnk", b".wh.orph", b".wh.aufs"))
        parent = rng.choice(DIRECTORIES + (b"",) * 4)
        name = (parent + b"/" if parent else b"") + b".wh." + rest
        return self.make(name, rng.choice((b"0",) * 6 + (b"5", b"2", b"3")))

    def make_opaque(self):
        """An opaque marker."""
        parent = self.rng.choice(DIRECTORIES + (b"",))
        return self.make((parent + b"/" if parent else b"") + b".wh..wh..opq", b"0")

    def make_sparse(self):
        """A sparse file in one of pax's three ways."""
        rng = self.rng
        name, version = self.name(), rng.choice(("0.0", "0.1", "1.0"))
        parts, size, data = [(0, 5), (1000, 7)], 2000, None
        if self.chance(0.4):
            parts, size, data = rng.choice((
                ([(5, 3), (4, 2)], 100, None), ([(0, 50)], 20, None), ([], 10, None), ([], 0, None),
                ([(0, 5)], 10, b"abc"), ([(0, 5)], 10, b"abcdefgh"), ([(10, 0)], 10, None),
                ([(0, 0), (3, 4)], 30, None), ([(2, 3)], -1, None), ([(-1, 3)], 10, b"abc")))
        return Item("sparse %s %r %r of %d" % (version, name, parts, size),
                    sparse(name, version, parts, size, data, uid=self.id(), gid=self.id()))

    def make_alone(self):
        """An extension header that may end up at the end or before another."""
        blocks = self.rng.choice((self.global_header(), self.global_header(),
                                  long_name(b"alone"), pax({b"uid": b"3"})))
        return Item("alone " + layers.describe_blocks(blocks), blocks)

    def make_odd_type(self):
        """A type flag that no unpacker of dockerd's knows."""
        if self.rng.random() < 0.5:
            return self.make_file()
        return self.make(self.name(), bytes((self.rng.choice(ODD_TYPES),)))


# -- damage ------------------------------------------------------------------

def _ending(rng, odd):
    """The last item: nearly always a good end marker."""
    if rng.random() > 0.1 * odd + 0.02:
        return [layers.END_ITEM]
    words, data = rng.choice((
        ("no end", b""), ("one zero block", END[:512]), ("half a zero block", END[:100]),
        ("zero block and a bit", END[:612]), ("zero block and junk", END[:512] + b"x" * 512),
        ("padded end", END * 9),
        ("end and junk", END + b"junk" * 300), ("a byte", b"\0"), ("junk", b"j" * 512),
        ("zero block and an entry", END[:512] + header(b"late")),
        ("end and an entry", END + header(b"late", uid=70000))))
    return [Item("end: " + words, data)] if data else []


def _damage(rng, items):
    """Cuts or flips inside the items."""
    items = list(items)
    at = rng.randrange(len(items))
    item = items[at]
    offset = rng.randrange(len(item.data))
    if rng.random() < 0.4:
        if rng.random() < 0.3:
            offset -= offset % 512
        items[at:] = [Item("%s | cut to %d bytes" % (item.words, offset), item.data[:offset])]
        return [item for item in items if item.data]
    data = bytearray(item.data)
    if rng.random() < 0.2:
        data[offset] ^= 1 << rng.randrange(8)
        words = "%s | bit flipped at %d" % (item.words, offset)
    else:
        words = item.words + " | " + _poke(rng, data)
    items[at] = Item(words, bytes(data))
    return items


def _poke(rng, data):
    """Changes a field of one header in @data and mends the checksum; says what it did."""
    block = rng.randrange(len(data) // 512) * 512 if len(data) >= 512 else 0
    field = rng.choice([key for key in layers.FIELDS if key != "checksum"])
    offset, width = layers.FIELDS[field]
    value = bytes(rng.choice(b"\0 05789\x80\xff/.ag") for _ in range(rng.randrange(1, width + 1)))
    if block + 512 > len(data):
        return "nothing"
    data[block + offset:block + offset + len(value)] = value
    data[block + 148:block + 156] = b" " * 8
    data[block + 148:block + 156] = b"%06o\0 " % sum(data[block:block + 512])
    return "block at %d: %s is %r" % (block, field, value)


_WRAPPINGS = (("plain", 70), ("gzip", 10), ("gzip-named", 1), ("gzip-members", 2), ("bzip2", 2),
              ("bzip2-members", 1), ("bzip2-fast", 1), ("xz", 2), ("xz-members", 1),
              ("xz-padding", 1), ("xz-no-check", 1), ("xz-sha256", 1))
_BAD_WRAPPINGS = tuple(name for name in layers.WRAPPINGS if name != "plain")


def layer(seed):
    """The layer of a seed; its describe() says what is in it."""
    rng = random.Random("layer %d" % seed)
    mood = _weighted(rng, MOODS)
    odd = {"clean": 0, "odd": 1, "very odd": 4, "damaged": 0.5}[mood]
    maker = _Maker(rng, odd)
    items = [maker.entry() for _ in range(rng.choice((0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15)))]
    items += _ending(rng, odd)
    wrapping = _weighted(rng, _WRAPPINGS)
    if mood == "damaged":
        if rng.random() < 0.3:
            wrapping = rng.choice(_BAD_WRAPPINGS)
        elif items:
            items = _damage(rng, items)
    name = "seed %d, %s" % (seed, mood)
    return layers.Layer(tuple(items), wrapping, rng.randrange(2 ** 20), name)


def main():
    """Shows or writes the layer of one seed."""
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__.rpartition("\n\n")[2].strip())
    made = layer(int(sys.argv[1]))
    print(made.name)
    print(made.describe())
    if len(sys.argv) == 3:
        with open(sys.argv[2], "wb") as file:
            file.write(layers.Image([made]).archive())


if __name__ == "__main__":
    main()
