# SPDX-License-Identifier: MIT
"""Ways to compress a layer, whole and damaged.

Each takes the bytes of a tar and a number, which says where the damage is.
This file knows the containers of the compressed formats and nothing of tar.
"""

import bz2
import functools
import gzip
import io
import lzma


def _gzip(data):
    return gzip.compress(data, mtime=0)


_WHOLE = {
    "gzip": _gzip,
    "bzip2": bz2.compress,
    "bzip2-fast": functools.partial(bz2.compress, compresslevel=1),
    "xz": lzma.compress,
}
# By how many bytes an engine knows each; what is damaged keeps them.
_MAGIC = {"gzip": 3, "bzip2": 3, "bzip2-fast": 3, "xz": 6}


def _cut(compress, _, data, argument):
    whole = compress(data)
    return whole[:argument % len(whole)]


def _flip(compress, magic, data, argument):
    whole = bytearray(compress(data))
    # The position in the low bits, the bit above.
    at = magic + (argument >> 3) % (len(whole) - magic)
    whole[at] ^= 1 << (argument & 7)
    return bytes(whole)


def _poke(compress, magic, data, argument):
    """A byte changed as a whole."""
    whole = bytearray(compress(data))
    whole[magic + (argument >> 8) % (len(whole) - magic)] = argument & 255
    return bytes(whole)


def _drop(compress, magic, data, argument):
    """A byte taken out."""
    whole = compress(data)
    at = magic + argument % (len(whole) - magic)
    return whole[:at] + whole[at + 1:]


def _head(compress, magic, data, argument):
    """A bit of what follows the magic."""
    whole = bytearray(compress(data))
    whole[magic + argument % 7] ^= 1 << (argument // 7 % 8)
    return bytes(whole)


def _tail(compress, _, data, argument):
    """A bit of the last bytes: checksums, sizes, indexes."""
    whole = bytearray(compress(data))
    whole[-1 - argument % min(28, len(whole))] ^= 1 << (argument // 28 % 8)
    return bytes(whole)


def _cut_tail(compress, _, data, argument):
    return compress(data)[:-1 - argument % 12]


def _members(compress, _, data, argument):
    at = argument % (len(data) + 1)
    return compress(data[:at]) + compress(data[at:])


def _member_cut(compress, _, data, argument):
    """A second member of which a little is there."""
    return compress(data) + compress(b"")[:1 + argument % 9]


def _other_after(compress, _, data, argument):
    """Another format's member behind."""
    others = [other for other in _WHOLE.values() if other(b"")[:2] != compress(b"")[:2]]
    return compress(data) + others[argument % len(others)](b"")


def _garbage_after(compress, _, data, argument):
    return compress(data) + b"garbage!" * (1 + argument % 9)


def _zeros_after(compress, _, data, argument):
    return compress(data) + b"\0" * (1 + argument % 1024)


def _padding(compress, _, data, argument):
    """Zeros in fours, which xz takes for padding, and perhaps another member."""
    return compress(data) + b"\0" * (4 + argument % 7 * 4) + compress(b"") * (argument & 1)


_DAMAGES = {
    "cut": _cut, "flip": _flip, "poke": _poke, "drop": _drop, "head": _head, "tail": _tail,
    "cut-tail": _cut_tail, "members": _members, "member-cut": _member_cut,
    "other-after": _other_after, "garbage-after": _garbage_after, "zeros-after": _zeros_after,
    "padding": _padding,
}


def _named(data):
    buffer = io.BytesIO()
    with gzip.GzipFile("layer.tar", "wb", fileobj=buffer, mtime=1) as file:
        file.write(data)
    return buffer.getvalue()


def _with_check(check):
    return lambda data, _: lzma.compress(data, check=check)


def _unknown_check(data):
    """xz with a check of an id that no decoder knows, and so 64 bytes of it."""
    plain = lzma.compress(data, check=lzma.CHECK_NONE)
    head, tail = bytearray(plain[:12]), bytearray(plain[-12:])
    for part, flags, crc, span in ((head, 7, 8, slice(6, 8)), (tail, 9, 0, slice(4, 10))):
        part[flags] = 15
        part[crc:crc + 4] = lzma_crc32(bytes(part[span]))
    # Between them stand a block and the index, which names the block's size with its check.
    block_size = len(plain) - 12 - 12 - _index_size(plain)
    block, index = plain[12:12 + block_size], plain[12 + block_size:-12]
    return bytes(head) + block + b"c" * 64 + _grown_index(index, 64) + bytes(tail)


def lzma_crc32(data):
    """The checksum in xz's headers."""
    return (gzip.zlib.crc32(data) & 0xffffffff).to_bytes(4, "little")


def _index_size(plain):
    return (int.from_bytes(plain[-8:-4], "little") + 1) * 4


def _number(data, at):
    value, shift = 0, 0
    while True:
        value |= (data[at] & 0x7f) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


def _encode(value):
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7f | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _grown_index(index, more):
    """An index of one block, with @more bytes in it; its size must stay the same."""
    unpadded, at = _number(index, 2)
    size, at = _number(index, at)
    made = index[:2] + _encode(unpadded + more) + _encode(size)
    made += b"\0" * (-len(made) % 4)
    made += lzma_crc32(made)
    assert len(made) == len(index)
    return made


def _table():
    table = {"plain": lambda data, _: data}
    for name, compress in _WHOLE.items():
        table[name] = lambda data, _, compress=compress: compress(data)
        for words, damage in _DAMAGES.items():
            table["%s-%s" % (name, words)] = functools.partial(damage, compress, _MAGIC[name])
    table.update({
        "gzip-named": lambda data, _: _named(data),
        "gzip-no-trailer": lambda data, _: _gzip(data)[:-8],
        "gzip-half-trailer": lambda data, _: _gzip(data)[:-4],
        "gzip-bad-crc": lambda data, _: _gzip(data)[:-8] + b"\1\2\3\4" + _gzip(data)[-4:],
        "gzip-bad-size": lambda data, _: _gzip(data)[:-4] + b"\1\2\3\4",
        "xz-no-check": _with_check(lzma.CHECK_NONE),
        "xz-crc32": _with_check(lzma.CHECK_CRC32),
        "xz-sha256": _with_check(lzma.CHECK_SHA256),
        "xz-unknown-check": lambda data, _: _unknown_check(data),
    })
    return table


WRAPPINGS = _table()
