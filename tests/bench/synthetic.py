# SPDX-License-Identifier: MIT
"""Layers of any number of entries: empty files, a hundred to a folder, all quickly written.

With `failing`, every tenth entry has an owner that no map of 65536 ids knows.
"""

PER_FOLDER = 100
EVERY = 10
UNMAPPED = 70000
BLOCK = 512
MTIME = 1656547200
AT_ONCE = 1000


def header(name, kind, mode, owner):
    """One ustar header."""
    block = bytearray(BLOCK)
    block[0:len(name)] = name
    numbers = b"%07o\0%07o\0%07o\0%011o\0%011o\0" % (mode, owner, owner, 0, MTIME)
    block[100:100 + len(numbers)] = numbers
    block[148:156] = b" " * 8
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def entry(index, failing):
    """The entry of that number: each hundredth is the folder of those that follow."""
    owner = UNMAPPED + index if failing and index % EVERY == EVERY - 1 else 0
    if index % PER_FOLDER == 0:
        return header(b"d%07d/" % index, b"5", 0o755, owner)
    return header(b"d%07d/f%02d" % (index - index % PER_FOLDER, index % PER_FOLDER), b"0", 0o644,
                  owner)


def write_layer(path, first, count, failing):
    """The entries @first and on, @count of them, as a layer; @first begins a folder."""
    with open(path, "wb") as file:
        for start in range(first, first + count, AT_ONCE):
            end = min(start + AT_ONCE, first + count)
            file.write(b"".join(entry(index, failing) for index in range(start, end)))
        file.write(bytes(2 * BLOCK))
