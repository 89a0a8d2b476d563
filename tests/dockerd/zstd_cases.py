# SPDX-License-Identifier: MIT
"""Cases for zstd: frames of blocks as they are, so that no compressor is needed.

docker 20.10 takes them for a tar; the versions from 23.0 read them, and are asked.
"""

import struct

from cases import INVALID, SHORT, add_image
from layers import Image, Item, entry, layer
from wrappings import WRAPPINGS

MAGIC = b"\x28\xb5\x2f\xfd"
RAW, RLE, COMPRESSED, RESERVED = range(4)
WINDOW = b"\x58"  # 2 MiB


def _plain(number):
    """A layer of its own for each case: dockerd does not extract again what it has."""
    return layer(entry(b"a", content=b"hello %d" % number), entry(b"b", uid=5)).plain()


def _block(data, type_code=RAW, last=True, size=None):
    size = len(data) if size is None else size
    return struct.pack("<I", last | type_code << 1 | size << 3)[:3] + data


def _frame(*blocks, flags=0, header=WINDOW):
    return MAGIC + bytes([flags]) + header + b"".join(blocks)


def _skippable(data, kind=0):
    return struct.pack("<II", 0x184d2a50 + kind, len(data)) + data


def _raw(data, last=True):
    return _block(data, last=last)


def _good(plain):
    half = len(plain) // 2
    yield "whole", _frame(_raw(plain)), plain
    yield "in blocks", _frame(*[_raw(plain[at:at + 700], at + 700 >= len(plain))
                                for at in range(0, len(plain), 700)]), plain
    yield "two frames", _frame(_raw(plain[:half])) + _frame(_raw(plain[half:])), plain
    yield "single segment", _frame(_raw(plain), flags=0x60,
                                   header=struct.pack("<H", len(plain) - 256)), plain
    yield "content size of 8 bytes", _frame(_raw(plain), flags=0xc0,
                                            header=WINDOW + struct.pack("<Q", len(plain))), plain
    yield "one byte repeated", _frame(_raw(plain, last=False), _block(b"\0", RLE, size=1000)), \
        plain + b"\0" * 1000
    for kind in (0, 15):
        yield "skippable frame %d first" % kind, _skippable(b"xyz", kind) + _frame(_raw(plain)), plain
    yield "skippable frame between", _frame(_raw(plain[:half])) + _skippable(b"") + \
        _frame(_raw(plain[half:])), plain
    yield "skippable frame last", _frame(_raw(plain)) + _skippable(b"xyz"), plain
    yield "nothing but a skippable frame", _skippable(b"xyz"), b""
    yield "empty frame", _frame(_raw(b"")), b""
    yield "the bit without a meaning", _frame(_raw(plain), flags=0x10), plain
    yield "window of 512 MiB", _frame(_raw(plain), header=b"\x98"), plain
    yield "dictionary 0", _frame(_raw(plain), flags=1, header=WINDOW + b"\0"), plain


def _behind_the_end(plain):
    yield "garbage after", _frame(_raw(plain)) + b"garbage!"
    yield "one byte after", _frame(_raw(plain)) + b"x"
    yield "cut behind the tar's end", _frame(_raw(plain, last=False))
    yield "reserved block behind the tar's end", _frame(_raw(plain, last=False), _block(b"x", RESERVED))
    yield "content size too large", _frame(_raw(plain), flags=0x40,
                                           header=WINDOW + struct.pack("<H", len(plain)))
    yield "content size too small", _frame(_raw(plain), flags=0x40,
                                           header=WINDOW + struct.pack("<H", 100))
    yield "checksum cut", _frame(_raw(plain), flags=4) + b"ab"
    yield "bad checksum", _frame(_raw(plain), flags=4) + b"abcd"


def _damaged(plain):
    begun = _raw(plain[:515], last=False)
    yield "magic alone", MAGIC
    for size in range(5, 9):
        yield "%d bytes" % size, _frame(_raw(plain))[:size]
    yield "skippable frame cut", _skippable(b"xyz")[:-1]
    yield "skippable frame's header cut", _skippable(b"xyz")[:7]
    yield "reserved bit", _frame(_raw(plain), flags=8)
    yield "dictionary 7", _frame(_raw(plain), flags=1, header=WINDOW + b"\7")
    yield "window of 1 GiB", _frame(_raw(plain), header=b"\xa0")
    yield "single segment of 1 TiB", _frame(_raw(plain), flags=0xe0, header=struct.pack("<Q", 1 << 40))
    yield "block larger than the window", _frame(_raw(plain), header=b"\0")
    yield "block larger than 128 KiB", _frame(_block(b"x" * 140000))
    yield "compressed block larger than the window", _frame(_block(b"x" * 1100, COMPRESSED),
                                                            header=b"\0")
    yield "compressed block of one byte", _frame(_block(b"x", COMPRESSED))
    yield "reserved block in the data", _frame(begun, _block(b"x", RESERVED))
    yield "cut in the data", _frame(begun)
    yield "cut at a header", _frame(_raw(plain[:1024], last=False))
    yield "reserved block at a header", _frame(_raw(plain[:1024], last=False),
                                               _block(b"x", RESERVED))
    yield "block cut", _frame(_raw(plain))[:1000]
    yield "garbage in the data", _frame(_raw(plain[:515])) + b"garbage!"
    yield "bad checksum in the data", _frame(_raw(plain[:515]), flags=4) + b"abcd"
    yield "content size too small in the data", _frame(
        begun, _raw(plain[515:]), flags=0x40, header=WINDOW + struct.pack("<H", 100))


def _add(words, blob, plain):
    name = "zstd: " + words
    WRAPPINGS[name] = lambda data, argument: blob
    made = layer(Item("what it holds", plain), end=False, wrapping=name)
    message = SHORT if len(blob) < 512 else INVALID
    add_image(name, "Error processing tar file(exit status 1): " + message, Image([made]))


def _all():
    number = 0
    for table in (_good, _behind_the_end, _damaged):
        for at in range(len(list(table(_plain(0))))):
            number += 1
            plain = _plain(number)
            words, blob, *holds = list(table(plain))[at]
            _add(words, blob, holds[0] if holds else plain)


TABLES = (_all,)
