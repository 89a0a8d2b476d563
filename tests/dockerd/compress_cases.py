# SPDX-License-Identifier: MIT
"""Cases for compressed layers: each kind of damage that a decompressor tells apart."""

import bz2
import lzma
import struct
import zlib

from cases import INVALID, LOADS, SHORT, WHOLE, add, add_layer, unmapped
from layers import END, Item, entry, layer
from wrappings import lzma_crc32

FEED = WHOLE + "Error processing tar file(%s): "
BZIP2 = FEED % "bzip2 data invalid: %s"
XZ = FEED % "exit status 1: xz: (stdin): %s\n"
CORRUPT, CUT = "Compressed data is corrupt", "Unexpected end of input"

BLOCK_MAGIC, FINAL_MAGIC = 0x314159265359, 0x177245385090


def _bits(*fields):
    """Bytes of (value, width) pairs, the highest bit first."""
    value = width = 0
    for part, size in fields:
        value, width = value << size | part, width + size
    return (value << -width % 8).to_bytes((width + 7) // 8, "big")


# Code lengths 1, 2, 2 of one tree, each told as the difference to the one before.
_TREE = ((1, 5), (0, 1), (0b10, 2), (0, 1), (0, 1))


def _block(randomised=0, start=0, maps=((0x8000, 16), (0x8000, 16)), trees=(2, 3),
           selectors=((1, 15), (0, 1)), tree=_TREE + _TREE, symbols=((0b11, 2),)):
    """A stream with one block, of which only byte 0 is a symbol."""
    return _bits((0x425a6839, 32), (BLOCK_MAGIC, 48), (0, 32), (randomised, 1), (start, 24), *maps,
                 trees, *selectors, *tree, *symbols, (FINAL_MAGIC, 48), (0, 32), (0, 64))


# In _TREE a 0 is a repeat count's digit A, 10 its digit B, 11 the end.
_RUN_B = (0b10, 2)
# The same for bytes 0 and 1, two bits each: A, B, "the other byte", the end.
_TWO = {"maps": ((0x8000, 16), (0xc000, 16)), "tree": ((2, 5), (0, 4)) * 2}


def _repeat(count):
    """@count in digits worth one or two, the lowest first, as codes of _TWO."""
    digits = []
    while count > 0:
        digit = 2 - count % 2
        digits.append((digit - 1, 2))
        count = (count - digit) // 2
    return tuple(digits)


_BAD_BLOCKS = {
    "deprecated randomized files": _block(randomised=1),
    "no symbols in input": _block(maps=((0, 16),)),
    "invalid number of Huffman trees": _block(trees=(1, 3)),
    "tree index too large": _block(selectors=((1, 15), (0b110, 3))),
    "Huffman length out of range": _block(tree=((0, 5),)),
    "equal symbols in Huffman tree": _block(tree=((1, 5), (0, 1), (0, 1), (0, 1)) + _TREE),
    "no tree selectors given": _block(selectors=((0, 15),)),
    "insufficient selector indices for number of symbols": _block(
        symbols=((0b10, 2),) * 51, **_TWO),
    "repeat count too large": _block(symbols=(_RUN_B,) * 21),
    "repeats past end of block": _block(symbols=(_RUN_B,) * 19 + ((0b11, 2),)),
    "data exceeds block size": _block(symbols=_repeat(900000) + ((0b10, 2), (0b11, 2)), **_TWO),
    "origPtr out of bounds": _block(start=5, symbols=((0, 1), (0b11, 2))),
}


def _flipped(data, bit):
    """@data with a bit changed; counted from the end if negative."""
    changed = bytearray(data)
    changed[bit // 8] ^= 0x80 >> bit % 8
    return bytes(changed)


def _add(words, message, blob):
    """A layer that is these bytes; its diffID would be wrong, but nothing is to come so far."""
    add(words, message, Item(words, blob), end=False)


def _bzip2():
    whole = bz2.compress(END)
    for words, blob in _BAD_BLOCKS.items():
        _add("bzip2: " + words, BZIP2 % words, blob)
    for words, blob in {
            "bad magic value found": b"BZh9" + b"x" * 600,
            "block checksum mismatch": _flipped(whole, 80),
            "file checksum mismatch": _flipped(whole, -16),
            "invalid compression level": b"BZh0" + whole[4:],
            "bad magic value in continuation file": whole + b"Bz",
            "non-Huffman entropy encoding": whole + b"BZH9"}.items():
        _add("bzip2: " + words, BZIP2 % words, blob)
    for words, blob in {"three bytes": b"BZh", "half a header": whole[:12],
                        "half a block": whole[:-12], "no checksum": whole[:-1],
                        "a byte behind": whole + b"B", "half a header behind": whole + b"BZ"}.items():
        _add("bzip2 cut: " + words, FEED % SHORT, blob)
    _add("bzip2: repeats past end of a small block", BZIP2 % "repeats past end of block",
         b"BZh1" + _block(symbols=(_RUN_B,) * 16 + ((0b11, 2),))[4:])


def _xz():
    whole = lzma.compress(END)
    for words, message, blob in (
            ("magic alone", CUT, whole[:6]), ("header alone", CUT, whole[:12]),
            ("no footer", CUT, whole[:-12]), ("half a footer", CUT, whole[:-1]),
            ("header checksum", CORRUPT, _flipped(whole, 70)),
            ("block header", CORRUPT, _flipped(whole, 110)),
            ("footer", CORRUPT, _flipped(whole, -1)),
            ("garbage behind", CORRUPT, whole + b"garbage! and more"),
            ("less than a header of garbage behind", CUT, whole + b"abc"),
            ("two zeros behind", CORRUPT, whole + b"\0\0"),
            ("zeros and half a header behind", CUT, whole + b"\0" * 4 + whole[:4])):
        _add("xz: " + words, XZ % message, blob)
    flags = bytearray(whole[:12])
    flags[6] = 1
    flags[8:12] = lzma_crc32(bytes(flags[6:8]))
    _add("xz: reserved flags", XZ % "Unsupported options", bytes(flags) + whole[12:])


def _gzip():
    # Codes that are not complete, under the right checksum of what they would give.
    for words, at, data in (
            ("literals", 15, "05e18108000000c030b0fefe10df30"),
            ("distances", 15, "05e28108000000c030b0fef777f87f1c"),
            ("a distance", 15, "05e08108000000c030b0fef777f871"),
            ("code lengths", 10, "05e10109000000c030686debdf43131c")):
        _add("gzip: incomplete code of " + words,
             FEED % ("flate: corrupt input before offset %d" % at),
             b"\x1f\x8b\x08" + bytes(6) + b"\xff" + bytes.fromhex(data) +
             struct.pack("<II", zlib.crc32(b"ab"), 2))


def _wrapped():
    """What loads, and what was unpacked before the damage counts."""
    items = [entry(b"f%d" % at, content=b"%d" % at * 400) for at in range(5)]
    bad = [entry(b"f", uid=70000)] + items
    tree = {b"f1": {"size": 400}}
    for name, message in {
            "bzip2": LOADS, "bzip2-fast": LOADS, "bzip2-members": LOADS, "xz": LOADS,
            "xz-members": LOADS, "xz-padding": LOADS, "xz-no-check": LOADS, "xz-crc32": LOADS,
            "xz-sha256": LOADS, "xz-unknown-check": FEED % "exit status 2: ",
            "bzip2-zeros-after": BZIP2 % "bad magic value in continuation file",
            "bzip2-other-after": BZIP2 % "bad magic value in continuation file",
            "xz-other-after": XZ % CORRUPT, "gzip-other-after": FEED % "gzip: invalid header",
            "xz-zeros-after": XZ % CORRUPT, "xz-garbage-after": XZ % CORRUPT,
            "xz-cut-tail": XZ % CUT, "bzip2-cut-tail": FEED % SHORT,
            "gzip-member-cut": FEED % SHORT}.items():
        argument = 700 if name != "xz-members" else 512
        add_layer(name, message, layer(*items, wrapping=name, argument=argument),
                  tree=tree if message == LOADS else None)
        add_layer(name + ", unmapped owner", unmapped(70000),
                  layer(*bad, wrapping=name, argument=argument))
    for words, magic in (("bzip2", b"BZ"), ("xz", b"\xfd7zXZ")):
        _add(words + ", magic cut", SHORT, magic)
        _add(words + ", magic wrong", INVALID, magic + b"?" * 600)


TABLES = (_bzip2, _xz, _gzip, _wrapped)
