# SPDX-License-Identifier: MIT
"""Layers and images, byte by byte.

A layer is a list of items; an item is a few tar blocks (a header with its
extension headers and its content) and the words that describe it.  Every field
of a header can be given as a number or as the raw bytes to stand there, so that
headers no tar program would write can be written.  This file knows the tar
format and the docker-archive layout; it knows nothing of what dockerd does.
"""

import hashlib
import io
import itertools
import json
import tarfile
from dataclasses import dataclass, field, replace
from typing import Callable, List, Optional, Tuple

from wrappings import WRAPPINGS

BLOCK = 512
END = b"\0" * (2 * BLOCK)

USTAR, GNU, V7 = b"ustar\00000", b"ustar  \0", b"\0" * 8

# Offset and width of the fields of a header, POSIX ustar.
FIELDS = {
    "name": (0, 100), "mode": (100, 8), "uid": (108, 8), "gid": (116, 8),
    "size": (124, 12), "mtime": (136, 12), "checksum": (148, 8), "type": (156, 1),
    "link": (157, 100), "magic": (257, 8), "uname": (265, 32), "gname": (297, 32),
    "devmajor": (329, 8), "devminor": (337, 8), "prefix": (345, 155),
    # GNU and star put times where ustar has the prefix.
    "gnu_atime": (345, 12), "gnu_ctime": (357, 12), "sparse_map": (386, 96), "sparse_size": (483, 12),
    "star_prefix": (345, 131), "star_atime": (476, 12), "star_ctime": (488, 12),
    "star_trailer": (508, 4),
}


def base256(value, width):
    """@value in GNU's binary form, two's complement under a set first bit."""
    raw = bytearray((value & ((1 << (8 * width)) - 1)).to_bytes(width, "big"))
    if value >= 0:
        raw[0] |= 0x80
    return bytes(raw)


def octal(value, width):
    """@value as tar programs write it: zero-padded, one NUL at the end."""
    return b"%0*o\0" % (width - 1, value)


def number(value, width):
    """Bytes as they are; a number in octal where it fits and in base-256 where not."""
    if isinstance(value, bytes):
        return value
    if 0 <= value < 8 ** (width - 1):
        return octal(value, width)
    return base256(value, width)


_NUMBERS = ("mode", "uid", "gid", "size", "mtime", "devmajor", "devminor", "gnu_atime",
            "gnu_ctime", "sparse_size", "star_atime", "star_ctime")


def header(name=b"", checksum="unsigned", **fields):
    """One header block.

    @fields: names of FIELDS; bytes are put in as they are (cut at the width), numbers
    as number() writes them.  @checksum: "unsigned", "signed", or the bytes to stand there.
    """
    values = {"mode": 0o644, "uid": 0, "gid": 0, "size": 0, "mtime": 0, "type": b"0",
              "magic": USTAR, "devmajor": 0, "devminor": 0}
    if fields.get("magic", USTAR) != USTAR:
        values.update(devmajor=b"", devminor=b"")
    values.update(fields, name=name)
    block = bytearray(BLOCK)
    for key, value in values.items():
        offset, width = FIELDS[key]
        raw = number(value, width)[:width] if key in _NUMBERS else value[:width]
        block[offset:offset + len(raw)] = raw
    offset, width = FIELDS["checksum"]
    if isinstance(checksum, str):
        block[offset:offset + width] = b" " * width
        total = sum(b - 256 if checksum == "signed" and b > 127 else b for b in block)
        checksum = b"%06o\0 " % (total & 0o777777)
    block[offset:offset + width] = checksum.ljust(width, b"\0")[:width]
    return bytes(block)


def padded(data):
    """@data filled up with NULs to whole blocks."""
    return data + b"\0" * (-len(data) % BLOCK)


def record(key, value):
    """One pax record with its own length in front."""
    body = b" %s=%s\n" % (key, value)
    length = len(body)
    while length != len(b"%d" % length) + len(body):
        length = len(b"%d" % length) + len(body)
    return b"%d" % length + body


def pax(records, type=b"x", name=b"PaxHeaders/x", **fields):
    """An extension header; @records: {key: value}, a list of pairs, or the raw body."""
    if isinstance(records, dict):
        records = list(records.items())
    body = records if isinstance(records, bytes) else b"".join(
        record(key, value) for key, value in records)
    fields.setdefault("size", len(body))
    return header(name, type=type, **fields) + padded(body)


def long_name(name, type=b"L", end=b"\0"):
    """GNU's extension for long names (L) and link names (K)."""
    return header(b"././@LongLink", type=type, size=len(name) + len(end),
                  magic=GNU) + padded(name + end)


def sparse(name, version, parts, real_size, data=None, **fields):
    """A pax sparse file; @parts: (offset, length) pairs, @data: what is stored."""
    if data is None:
        data = b"".join(b"%c" % (65 + at % 26) * length for at, length in parts)
    flat = [b"%d" % value for part in parts for value in part]
    if version == "0.0":
        records = [(b"GNU.sparse.size", b"%d" % real_size),
                   (b"GNU.sparse.numblocks", b"%d" % len(parts))]
        for offset, length in parts:
            records += [(b"GNU.sparse.offset", b"%d" % offset),
                        (b"GNU.sparse.numbytes", b"%d" % length)]
    elif version == "0.1":
        records = [(b"GNU.sparse.size", b"%d" % real_size),
                   (b"GNU.sparse.numblocks", b"%d" % len(parts)),
                   (b"GNU.sparse.map", b",".join(flat)), (b"GNU.sparse.name", name)]
    else:
        records = [(b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"),
                   (b"GNU.sparse.name", name), (b"GNU.sparse.realsize", b"%d" % real_size)]
        data = padded(b"\n".join([b"%d" % len(parts)] + flat) + b"\n") + data
    inner = name if version == "0.0" else b"GNUSparseFile.0/x"
    return (pax(records) + header(inner, size=len(data), **fields) + padded(data))


@dataclass(frozen=True)
class Item:
    """A piece of a layer that is left in or taken out as a whole."""

    words: str
    data: bytes


def entry(name, type=b"0", content=b"", before=b"", body=None, **fields):
    """An item with one header; @before: extension headers, @body: bytes behind it as is.

    The size defaults to the content's.
    """
    fields.setdefault("size", len(content))
    data = before + header(name, type=type, **fields)
    data += padded(content) if body is None else body
    shown = ", ".join("%s=%s" % (key, _shown(key, value))
                      for key, value in sorted(fields.items()) if key != "size")
    words = "%r type %r" % (name, type)
    if content or fields["size"] != len(content):
        words += " size %r (%d bytes)" % (fields["size"], len(content))
    if before:
        words += " after " + describe_blocks(before)
    return Item(words + (" " + shown if shown else ""), data)


def _shown(key, value):
    return "0%o" % value if key == "mode" and isinstance(value, int) else repr(value)


def describe_blocks(blocks):
    """Extension headers in words, as far as they can be followed."""
    found, at = [], 0
    while at + BLOCK <= len(blocks):
        try:
            size = int(blocks[at + 124:at + 136].strip(b"\0 ") or b"0", 8)
        except ValueError:
            size = 0
        body = blocks[at + BLOCK:at + BLOCK + size]
        found.append("%s%r" % (chr(blocks[at + 156]),
                               body if len(body) < 300 else body[:300] + b"..."))
        at += BLOCK + len(padded(body))
    return " ".join(found)


END_ITEM = Item("end marker", END)


@dataclass(frozen=True)
class Layer:
    """Items in order and the name of the wrapping; see WRAPPINGS."""

    items: Tuple[Item, ...]
    wrapping: str = "plain"
    argument: int = 0
    name: str = ""

    def plain(self):
        """The bytes of the tar."""
        return b"".join(item.data for item in self.items)

    def blob(self):
        """The bytes as they stand in the image."""
        return WRAPPINGS[self.wrapping](self.plain(), self.argument)

    def diff_id(self):
        """The digest that the image's config promises."""
        return "sha256:" + hashlib.sha256(self.plain()).hexdigest()

    def with_items(self, items):
        """The same layer with other items."""
        return replace(self, items=tuple(items))

    def describe(self):
        """Lines for people."""
        lines = ["  %2d %s" % pair for pair in enumerate(item.words for item in self.items)]
        if self.wrapping != "plain":
            lines.append("  wrapped: %s %d" % (self.wrapping, self.argument))
        return "\n".join(lines)


def layer(*items, end=True, **fields):
    """A layer of @items and, unless @end is false, an end marker."""
    return Layer(tuple(items) + ((END_ITEM,) if end else ()), **fields)


# -- images ------------------------------------------------------------------

@dataclass
class Image:
    """A docker-archive and the id under which a daemon will know it."""

    layers: List[Layer]
    config: dict = field(default_factory=dict)
    tag: Optional[str] = None
    diff_ids: Optional[List[str]] = None  # when the config is to promise something else
    more: dict = field(default_factory=dict)  # what else stands in the config
    edit: Callable[[bytes], bytes] = bytes  # the config as it is to stand there
    edit_manifest: Callable[[bytes], bytes] = bytes  # of an archive
    members: bytes = b""  # what stands in an archive in front of the image's own
    served: dict = field(default_factory=dict)  # layer's index: what a registry sends for its blob
    platform: dict = field(default_factory=lambda: {"architecture": "amd64", "os": "linux"})
    # Makes each image one of its own: equal ones would be removed under one another's feet.
    serial: int = field(default_factory=itertools.count().__next__)

    def config_bytes(self):
        """The image's config, whose digest is its id."""
        diff_ids = self.diff_ids
        if diff_ids is None:
            diff_ids = [layer.diff_id() for layer in self.layers]
        config = {**self.platform, "config": self.config,
                  "comment": "image %d" % self.serial,
                  "rootfs": {"type": "layers", "diff_ids": diff_ids}, **self.more}
        return self.edit(json.dumps(config, sort_keys=True).encode())

    def id(self):
        """The image id."""
        return "sha256:" + hashlib.sha256(self.config_bytes()).hexdigest()

    def blob_digest(self, index):
        """What a manifest calls the blob of a layer."""
        return "sha256:" + hashlib.sha256(self.layers[index].blob()).hexdigest()

    def archive(self):
        """The bytes of the docker-archive."""
        config = self.config_bytes()
        names = ["%d/layer.tar" % index for index in range(len(self.layers))]
        manifest = [{"Config": "config.json", "Layers": names,
                     "RepoTags": None if self.tag is None else [self.tag]}]
        files = [("config.json", config)]
        files += zip(names, (layer.blob() for layer in self.layers))
        files.append(("manifest.json", self.edit_manifest(json.dumps(manifest).encode())))
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for name, data in files:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        return self.members + buffer.getvalue()
